"""History: quality over runs, and what each check found in them.

A run's ``report.json`` tells how it went; of runs whose report is gone the lake's row tells the counts. The findings
of every run are the lake's (``findings/run_id=...``), whether or not the report is still there. A report that cannot be
read (an older schema) is left out and counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import Markup

from expectations.charts import lines
from expectations.checking import RANK
from expectations.page import render
from expectations.report_rows import check_titles
from warehouse.contracts import Run, Severity

MEASURES = {
    "published": ("已发布报告", "reports"),
    "mapped": ("数字归入指标 %", "figures mapped"),
    "warnings_per_report": ("每份报告的警告", "warnings per report"),
    "critical": ("严重问题", "critical findings"),
    "indicator_recall": ("指标召回率 %", "recall on labelled reports"),
    "indicator_precision": ("指标准确率 %", "precision on labelled reports"),
}
"""What is drawn over the runs."""
RECENT = 8
"""Runs whose findings are told by check: what fits beside one another."""


class RunSummary(NamedTuple):
    """One run in a line; shares in percent, None where not measured."""

    run_id: str
    finished_at: str
    outcome: str
    published: int
    refused: int
    observations: int
    critical: int
    warning: int
    quarantined: int | None = None
    mapped: float | None = None
    indicator_precision: float | None = None
    indicator_recall: float | None = None

    @property
    def warnings_per_report(self) -> float | None:
        """Warnings for each published report; None where nothing was published."""
        return self.warning / self.published if self.published else None


class CheckCounts(NamedTuple):
    """How many findings one check gave in each of some runs."""

    zh: str
    en: str
    severity: Severity
    numbers: tuple[int, ...]


class History(NamedTuple):
    """The runs in the order in which they finished, how many reports could not be read, and the findings by check."""

    runs: tuple[RunSummary, ...]
    unread: int
    recent: tuple[RunSummary, ...] = ()
    """The last runs whose findings there are; ``checks`` are counted in these."""
    checks: tuple[CheckCounts, ...] = ()


def read_history(
    runs: Path, others: Iterable[RunSummary] = (), findings: Mapping[str, Path] = MappingProxyType({})
) -> History:
    """Read what is kept of runs.

    Args:
        runs: The folder (``data/runs``) with ``<run_id>/report.json``.
        others: Runs as far as they are known otherwise; those that have a report are left out.
        findings: The lake's parquet file of each run's findings.
    """
    found, unread = [], 0
    for path in sorted(runs.glob("*/report.json")):
        try:
            found.append(_summary(json.loads(path.read_text(encoding="utf-8"))))
        except (KeyError, TypeError, ValueError):
            unread += 1
    known = {run.run_id for run in found}
    found += [run for run in others if run.run_id not in known]
    ordered = tuple(sorted(found, key=lambda run: (run.finished_at, run.run_id)))
    recent = tuple(run for run in ordered if run.run_id in findings)[-RECENT:]
    return History(ordered, unread, recent, _checks([findings[run.run_id] for run in recent]))


def _checks(files: Sequence[Path]) -> tuple[CheckCounts, ...]:
    """The findings in some files, counted by check and severity: the worst first, then the most."""
    import duckdb

    sql = """SELECT "check", severity, count(*) FROM read_parquet(?) GROUP BY ALL"""
    with duckdb.connect(":memory:") as connection:
        counts = [connection.execute(sql, [str(file)]).fetchall() for file in files]
    tables = [{(check, severity): number for check, severity, number in rows} for rows in counts]
    titles, found = check_titles(), []
    for check, severity in {key for table in tables for key in table}:
        zh, en = titles.get(check, (f"数据结构（{check}）", check.replace("_", " ")))
        numbers = tuple(table.get((check, severity), 0) for table in tables)
        found.append(CheckCounts(zh, en, severity, numbers))
    return tuple(sorted(found, key=lambda row: (RANK[row.severity], -sum(row.numbers), row.en)))


def of_row(run: Run, finished_at: str, outcome: str) -> RunSummary:
    """A run whose report is gone, as far as the lake's row tells."""
    counts = (run.reports, run.refusals, run.observations, run.criticals, run.warnings)
    return RunSummary(run.run_id, finished_at, outcome, *counts)


def _summary(report: dict[str, Any]) -> RunSummary:
    counts, run = report["counts"], report["run"]
    scores = {row["name"]: row["now"] for row in report["evaluation"]}
    same = ("published", "refused", "observations", "critical", "warning", "quarantined")
    return RunSummary(
        run["run_id"],
        run["finished_at"] or "",
        run["outcome"],
        **{name: counts[name] for name in same},
        mapped=_percent(counts["mapped"], counts["figures"]),
        indicator_precision=_percent(scores.get("indicator_precision"), 1),
        indicator_recall=_percent(scores.get("indicator_recall"), 1),
    )


def _percent(part: float | None, whole: float) -> float | None:
    return None if part is None or not whole else round(100 * part / whole, 2)


def render_history(history: History) -> str:
    """The history as one self-contained HTML page with charts (of two runs or more) and tables."""
    return render("history.html.j2", history=history, charts=list(_charts(history.runs)))


def _charts(runs: Sequence[RunSummary]) -> Iterator[tuple[str, str, Markup]]:
    """Each measure of which two runs or more know something: what it is in Chinese and English, and its line."""
    for name, (zh, en) in MEASURES.items():
        points = [(place, value) for place, run in enumerate(runs, 1) if (value := getattr(run, name)) is not None]
        if len(points) > 1:
            yield zh, en, lines(points, f"{zh}：{points[0][1]:g} → {points[-1][1]:g}")
