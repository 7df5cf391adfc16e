"""History: quality over runs, from the run reports that are kept.

Each run's ``report.json`` has what is needed; nothing is stored twice. A report that cannot be read (an older
schema) is left out and counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from expectations.charts import history_chart
from expectations.page import render

MEASURES = {
    "published": "已发布报告 reports",
    "mapped": "数字归入指标 % mapped",
    "warnings_per_report": "每份报告警告 warnings per report",
    "critical": "严重 critical",
    "indicator_recall": "指标召回率 % indicator recall",
    "indicator_precision": "指标准确率 % indicator precision",
}


class RunSummary(NamedTuple):
    """One run in a line; shares in percent, None where not measured."""

    run_id: str
    finished_at: str
    outcome: str
    published: int
    quarantined: int
    refused: int
    observations: int
    mapped: float | None
    critical: int
    warning: int
    warnings_per_report: float | None
    indicator_precision: float | None
    indicator_recall: float | None


class History(NamedTuple):
    """The runs in the order in which they finished, and how many reports could not be read."""

    runs: tuple[RunSummary, ...]
    unread: int


def read_history(runs: Path) -> History:
    """Read the run reports under a folder (``data/runs``): ``<run_id>/report.json``."""
    found, unread = [], 0
    for path in sorted(runs.glob("*/report.json")):
        try:
            found.append(_summary(json.loads(path.read_text(encoding="utf-8"))))
        except (KeyError, TypeError, ValueError):
            unread += 1
    return History(tuple(sorted(found, key=lambda run: (run.finished_at, run.run_id))), unread)


def _summary(report: dict[str, Any]) -> RunSummary:
    counts, run = report["counts"], report["run"]
    scores = {row["name"]: row["now"] for row in report["evaluation"]}
    return RunSummary(
        run_id=run["run_id"],
        finished_at=run["finished_at"] or "",
        outcome=run["outcome"],
        published=counts["published"],
        quarantined=counts["quarantined"],
        refused=counts["refused"],
        observations=counts["observations"],
        mapped=_percent(counts["mapped"], counts["figures"]),
        critical=counts["critical"],
        warning=counts["warning"],
        warnings_per_report=counts["warning"] / counts["published"] if counts["published"] else None,
        indicator_precision=_percent(scores.get("indicator_precision"), 1),
        indicator_recall=_percent(scores.get("indicator_recall"), 1),
    )


def _percent(part: float | None, whole: float) -> float | None:
    return None if part is None or not whole else round(100 * part / whole, 2)


def render_history(history: History) -> str:
    """The history as one self-contained HTML page with a chart (two runs or more) and a table."""
    return render("history.html.j2", history=history, chart=_chart(history.runs))


def _chart(runs: Sequence[RunSummary]) -> str:
    if len(runs) < 2:
        return ""
    rows = [
        {"run": place, "measure": label, "value": value}
        for place, run in enumerate(runs, 1)
        for name, label in MEASURES.items()
        if (value := getattr(run, name)) is not None
    ]
    return history_chart(rows)
