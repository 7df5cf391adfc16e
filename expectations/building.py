"""Building: from the tables and findings of a run to its run report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations import report_rows as rows
from expectations.changes import compare
from expectations.checking import CheckContext
from expectations.coverage import coverage_frame, coverage_maps, coverage_rows, missing_frame, missing_rows, overdue
from expectations.frames import Frames, as_arrow, as_frame, records
from expectations.gate import Validation
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
from expectations.suites import readable
from expectations.verdict import verdict
from warehouse.contracts import FINDINGS, Run, Severity

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
        tables: Tables by name: ``reports``, ``mentions``, ``observations``, ``texts``, ``townships``,
        ``indicators``, and if there are any
            ``refusals`` and ``sources``.
        validation: What the checks found.
        context: What the checks were given; its ``previous`` tables are what the changes are told against.
        coverage: The rows of the views ``coverage`` and ``report_status`` for these tables.
        previous_run: The run of the last release, None before the first.
        timings: Seconds by step, in the order of the steps.
        finished_at: When, in UTC.
    """

    run: Run
    outcome: Outcome
    tables: Mapping[str, Any]
    validation: Validation
    context: CheckContext
    coverage: tuple[pa.Table, pa.Table]
    previous_run: Run | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    finished_at: datetime | None = None


def build_report(inputs: RunInputs) -> RunReport:
    """Build the report of a run; every list capped, the whole lists kept for ``write_report``."""
    inputs = replace(inputs, tables=readable(inputs.tables))
    frames = Frames(inputs.tables, inputs.run.run_id)
    held = inputs.validation.quarantined
    reports = rows.reports_frame(frames, inputs.validation)
    refusals = as_arrow(inputs.tables["refusals"]) if "refusals" in inputs.tables else None
    kept = {**inputs.tables, "observations": _without(inputs.tables["observations"], held)}
    kept["reports"] = _held(inputs.tables["reports"], held)
    changed = compare(inputs.context.previous, kept, inputs.previous_run, inputs.run)
    coverage, missing = coverage_frame(inputs.coverage[0]), missing_frame(inputs.coverage[1])
    unmapped = rows.unmapped_frame(frames, inputs.tables)
    values = rows.values_table(frames, kept["observations"], inputs.run.run_id)
    counts = _counts(inputs, reports, refusals)
    report = RunReport(
        run=_facts(inputs, reports),
        verdict=verdict(inputs.outcome, counts, inputs.validation, overdue(missing, inputs.finished_at)),
        counts=counts,
        coverage=_listing("coverage", coverage, coverage_rows),
        maps=coverage_maps(coverage),
        missing=_listing("missing", missing, missing_rows),
        reports=_listing("reports", reports, rows.report_rows),
        refusals=_listing("refusals", _frame(refusals), rows.refusal_rows),
        findings=Listing(
            total=len(inputs.validation.findings),
            rows=rows.finding_rows(frames, inputs.validation.findings[: CAPS["findings"]]),
            file="findings",
        ),
        finding_counts=_finding_counts(inputs.validation),
        values=Listing(total=len(values), rows=rows.value_rows(frames, values, CAPS["values"]), file="values"),
        change_counts=tuple(
            ChangeCount(kind=row["kind"], cause=row["cause"], cells=row["size"])
            for row in records(changed.groupby(["kind", "cause"], sort=True)[["size"]].count().reset_index())
        ),
        changes=_listing("changes", changed, lambda frame: rows.change_rows(frames, frame)),
        unmapped=_listing("unmapped", unmapped, lambda frame: rows.unmapped_rows(frames, frame)),
        evaluation=_metrics(inputs.context),
        evaluated_reports=inputs.context.evaluation.reports if inputs.context.evaluation else 0,
        suites=_suites(inputs.validation),
        timings=tuple(Timing(step=step, seconds=round(spent, 3)) for step, spent in inputs.timings.items()),
    )
    whole = {"coverage": coverage, "missing": missing, "reports": reports, "changes": changed, "unmapped": unmapped}
    lists = {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in whole.items()}
    lists["findings"] = _findings_table(inputs.validation)
    lists["values"] = values
    if refusals is not None:
        lists["refusals"] = refusals
    report._lists = lists
    return report


def _listing(name: str, frame: pd.DataFrame, make: Any) -> Any:
    return Listing(total=len(frame), rows=tuple(make(frame.head(CAPS[name]))), file=name)


def _frame(table: pa.Table | None) -> pd.DataFrame:
    return pd.DataFrame() if table is None else table.to_pandas()


def _without(observations: Any, held: frozenset[str]) -> pa.Table:
    table = as_arrow(observations)
    return table.filter(pc.invert(pc.is_in(table.column("report_id"), value_set=pa.array(sorted(held), pa.string()))))


def _held(reports: Any, held: frozenset[str]) -> pd.DataFrame:
    frame = as_frame(reports, ["report_id", "township_code", "report_year", "rules", "status"])
    frame.loc[frame["report_id"].isin(held), "status"] = "quarantined"
    return frame


def _facts(inputs: RunInputs, reports: pd.DataFrame) -> RunFacts:
    run = inputs.run
    return RunFacts(
        run_id=run.run_id,
        outcome=inputs.outcome,
        version=run.version,
        rules=run.rules,
        dictionary=run.dictionary,
        registry=run.registry,
        previous_run=inputs.previous_run.run_id if inputs.previous_run else None,
        scope=inputs.context.scope,
        years=tuple(sorted(int(year) for year in reports["report_year"].unique())),
        finished_at=inputs.finished_at,
    )


def _counts(inputs: RunInputs, reports: pd.DataFrame, refusals: pa.Table | None) -> Counts:
    mentions = as_arrow(inputs.tables["mentions"])
    own = mentions.filter(
        pc.and_(
            pc.is_in(mentions.column("kind"), value_set=pa.array(["actual", "zero"])),
            pc.is_in(mentions.column("scope"), value_set=pa.array(["township"])),
        )
    )
    lengths = pc.list_value_length(own.column("indicators"))
    severities = [finding.severity for finding in inputs.validation.findings]
    reasons = [] if refusals is None else refusals.column("reason").to_pylist()
    statuses = reports["status"].value_counts()
    sources = inputs.tables.get("sources")
    return Counts(
        sources=as_arrow(sources).num_rows if sources is not None else inputs.run.snapshots,
        snapshots=inputs.run.snapshots,
        reports=len(reports) - int(statuses.get("superseded", 0)),
        published=int(statuses.get("published", 0)),
        quarantined=int(statuses.get("quarantined", 0)),
        superseded=int(statuses.get("superseded", 0)),
        refused=sum(reason != "failed" for reason in reasons),
        failed=sum(reason == "failed" for reason in reasons),
        mentions=mentions.num_rows,
        figures=own.num_rows,
        mapped=int((lengths.to_numpy(zero_copy_only=False) > 0).sum()) if own.num_rows else 0,
        observations=as_arrow(inputs.tables["observations"]).num_rows,
        critical=severities.count("critical"),
        warning=severities.count("warning"),
        info=severities.count("info"),
    )


def _finding_counts(validation: Validation) -> tuple[tuple[str, Severity, int], ...]:
    counts: dict[tuple[str, Severity], int] = {}
    for finding in validation.findings:
        counts[finding.check, finding.severity] = counts.get((finding.check, finding.severity), 0) + 1
    return tuple((check, severity, count) for (check, severity), count in counts.items())


def _findings_table(validation: Validation) -> pa.Table:
    types = {"integer": pa.int64()}
    schema = pa.schema([(field.name, types.get(field.type, pa.string())) for field in FINDINGS])
    return pa.Table.from_pylist([finding._asdict() for finding in validation.findings], schema=schema)


METRICS = {
    "mention_precision": "数量识别准确率",
    "mention_recall": "数量识别召回率",
    "indicator_precision": "指标归类准确率",
    "indicator_recall": "指标归类召回率",
}


def _metrics(context: CheckContext) -> tuple[MetricRow, ...]:
    now, before = context.evaluation, context.previous_evaluation
    if now is None:
        return ()
    return tuple(
        MetricRow(name=name, zh=zh, now=getattr(now, name), before=getattr(before, name) if before else None)
        for name, zh in METRICS.items()
    )


def _suites(validation: Validation) -> tuple[SuiteRow, ...]:
    return tuple(
        SuiteRow(
            table=result.table,
            rows=result.rows,
            expectations=result.expectations,
            failed=tuple(f"{failure.expectation}: {failure.rows}" for failure in result.failures),
            page=f"{result.page.parent.name}/{result.page.name}" if result.page else None,
        )
        for result in validation.gx_results
    )
