"""Building: from the tables and findings of a run to its run report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations import report_rows as rows
from expectations import tallies
from expectations.checking import RANK, CheckContext
from expectations.coverage import coverage_frame, coverage_maps, coverage_rows, list_missing, missing_rows, overdue
from expectations.frames import Frames
from expectations.gate import Validation
from expectations.listings import SPREADSHEET
from expectations.lists import change_counts, head, make_lists, worst
from expectations.ratchets import METRICS
from expectations.run_report import (
    ChangeCount,
    Counts,
    Listing,
    MetricRow,
    Outcome,
    RunFacts,
    RunReport,
    SuiteRow,
    Timing,
)
from expectations.shelf import Shelf
from expectations.suites import make_readable
from expectations.verdict import verdict
from warehouse.contracts import Run, Severity

CAPS = {
    "coverage": 500,
    "missing": 500,
    "reports": 500,
    "refusals": 500,
    "findings": 1000,
    "values": 1000,
    "changes": 300,
    "unmapped": 200,
}
"""Rows of each list in the report itself: with all of them full, the page stays under 10 MB and opens in under two
seconds."""


@dataclass(frozen=True)
class RunInputs:
    """What a run report is made from.

    Attributes:
        run: The run's row.
        outcome: Whether it published.
        shelf: The tables of the run: ``reports``, ``mentions``, ``observations``, ``texts``, ``townships``,
            ``indicators``, ``findings``, and if there are any ``refusals`` and ``sources``; those of the last release,
            against which the changes are told, as ``previous_reports`` and ``previous_observations``.
        validation: What the checks found.
        context: What the checks were given.
        coverage: The rows of the views ``coverage`` and ``report_status`` for these tables.
        previous_run: The run of the last release, None before the first.
        timings: Seconds by step, in the order of the steps.
        finished_at: When, in UTC.
    """

    run: Run
    outcome: Outcome
    shelf: Shelf
    validation: Validation
    context: CheckContext
    coverage: tuple[pa.Table, Any]
    previous_run: Run | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    finished_at: datetime | None = None


def build_report(inputs: RunInputs) -> RunReport:
    """Build the report of a run; every list capped, the longer ones kept on the shelf for ``write_report``."""
    shelf, validation = inputs.shelf, inputs.validation
    make_readable(shelf)
    totals = make_lists(shelf, inputs.run, inputs.previous_run, validation.quarantined)
    coverage = coverage_frame(inputs.coverage[0])
    shelf.put("coverage_list", pa.Table.from_pandas(coverage, preserve_index=False))
    list_missing(shelf, inputs.coverage[1])
    shown = {name: head(shelf, f"{name}_list", cap) for name, cap in CAPS.items()}
    shown["findings"] = worst(shelf, CAPS["findings"])
    frames = _frames_of(shelf, inputs.run.run_id, shown)
    values = shelf.query(f"FROM values_list LIMIT {CAPS['values']}")  # exact, as frames are not
    counts = _counts(inputs)
    report = RunReport(
        run=_facts(inputs),
        verdict=verdict(inputs.outcome, counts, validation, overdue(shelf, inputs.finished_at)),
        counts=counts,
        coverage=_listing(shelf, "coverage", coverage_rows(coverage.head(CAPS["coverage"]))),
        maps=coverage_maps(coverage),
        missing=_listing(shelf, "missing", missing_rows(shown["missing"])),
        reports=_listing(shelf, "reports", rows.report_rows(shown["reports"]), totals["reports"]),
        refusals=_listing(shelf, "refusals", rows.refusal_rows(shown["refusals"])),
        findings=_listing(shelf, "findings", rows.finding_rows(frames, shown["findings"]), totals["findings"]),
        finding_counts=_finding_counts(validation),
        values=_listing(shelf, "values", rows.value_rows(frames, values), totals["values"]),
        change_counts=tuple(ChangeCount(**row) for row in change_counts(shelf)),
        changes=_listing(shelf, "changes", rows.change_rows(frames, shown["changes"]), totals["changes"]),
        unmapped=_listing(shelf, "unmapped", rows.unmapped_rows(frames, shown["unmapped"])),
        evaluation=_metrics(inputs.context),
        evaluated_reports=inputs.context.evaluation.reports if inputs.context.evaluation else 0,
        suites=_suites(validation),
        timings=tuple(Timing(step=step, seconds=round(spent, 3)) for step, spent in inputs.timings.items()),
    )
    report._lists = {
        name: shelf.connection.table(f"{name}_list") for name in CAPS if name != "refusals" or name in shelf
    }
    return report


def _listing(shelf: Shelf, name: str, models: Iterable[Any], total: int | None = None) -> Any:
    listed = int(shelf.value(f"SELECT count(*) FROM {name}_list"))
    total = listed if total is None else total
    in_file = min(listed, SPREADSHEET)
    return Listing(total=total, rows=tuple(models), file=name, listed=in_file if in_file < total else None)


def _frames_of(shelf: Shelf, run_id: str, shown: Mapping[str, pd.DataFrame]) -> Frames:
    """The reports from which something is shown, as frames."""
    lists = ("findings", "values", "unmapped")
    reports = {report_id for name in lists for report_id in shown[name]["report_id"].dropna().tolist()}
    return Frames({**shelf.seeds(), **shelf.of_reports(reports)}, run_id)


def _facts(inputs: RunInputs) -> RunFacts:
    run = inputs.run
    years = inputs.shelf.connection.execute("SELECT DISTINCT report_year FROM standings ORDER BY ALL").fetchall()
    return RunFacts(
        run_id=run.run_id,
        outcome=inputs.outcome,
        version=run.version,
        rules=run.rules,
        dictionary=run.dictionary,
        registry=run.registry,
        previous_run=inputs.previous_run.run_id if inputs.previous_run else None,
        scope=inputs.context.scope,
        years=tuple(year for (year,) in years),
        finished_at=inputs.finished_at,
    )


def _counts(inputs: RunInputs) -> Counts:
    shelf = inputs.shelf

    def count(table: str, where: str = "TRUE") -> int:
        return int(shelf.value(f"SELECT count(*) FROM {table} WHERE {where}")) if table in shelf else 0

    figures = tallies.figures(shelf, shelf.years) if "mentions" in shelf else tallies.Figures(0, 0)
    statuses = dict(shelf.connection.execute("SELECT status, count(*) FROM standings GROUP BY ALL").fetchall())
    severities: Counter[str] = Counter()
    for (_, severity), found in inputs.validation.counts.items():
        severities[severity] += found
    return Counts(
        sources=count("sources") if "sources" in shelf else inputs.run.snapshots,
        snapshots=inputs.run.snapshots,
        reports=sum(statuses.values()) - statuses.get("superseded", 0),
        published=statuses.get("published", 0),
        quarantined=statuses.get("quarantined", 0),
        superseded=statuses.get("superseded", 0),
        refused=count("refusals", "reason <> 'failed'"),
        failed=count("refusals", "reason = 'failed'"),
        mentions=count("mentions"),
        figures=figures.all,
        mapped=figures.mapped,
        observations=count("observations"),
        critical=severities["critical"],
        warning=severities["warning"],
        info=severities["info"],
    )


def _metrics(context: CheckContext) -> tuple[MetricRow, ...]:
    now, before = context.evaluation, context.previous_evaluation
    if now is None:
        return ()
    return tuple(
        MetricRow(name=name, zh=zh, now=getattr(now, name), before=getattr(before, name) if before else None)
        for name, zh in METRICS.items()
    )


def _finding_counts(validation: Validation) -> tuple[tuple[str, Severity, int], ...]:
    """The worst first, then the most: the checks as a reader takes them up."""
    counts = [(check, severity, count) for (check, severity), count in validation.counts.items()]
    return tuple(sorted(counts, key=lambda row: (RANK[row[1]], -row[2], row[0])))


def _suites(validation: Validation) -> tuple[SuiteRow, ...]:
    return tuple(
        SuiteRow(
            table=result.table,
            rows=result.rows,
            unchanged=result.unchanged,
            expectations=result.expectations,
            failed=tuple(f"{failure.expectation}: {failure.rows}" for failure in result.failures),
            page=f"{result.page.parent.name}/{result.page.name}" if result.page else None,
        )
        for result in validation.gx_results
    )
