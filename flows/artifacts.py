"""Artifacts: what Prefect's own page shows of a run, each leading to the run report."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.parameters import Outcome
from flows.progress import Progress

if TYPE_CHECKING:
    from expectations.run_report import RunReport

EVERY = 5.0
"""Seconds between two updates of the progress on Prefect's page: each costs a request."""
ROWS = 200
"""Rows of a table artifact: Prefect's page shows them all at once."""


class Reading:
    """Progress of the reading of batches: on the terminal, and on Prefect's page where it takes long enough to look."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._artifact: UUID | None = None
        progress.total(total)

    def advance(self) -> None:
        """One more batch is done. Called by many threads."""
        self._progress.advance()
        with self._lock:
            self._done += 1
            late = time.monotonic() - self._last >= EVERY
            if late or (self._artifact and self._done == self._total):
                self._last = time.monotonic()
                with suppress(Exception):  # a page that cannot be updated must not fail the work that it shows
                    self._show(100 * self._done / self._total)

    def _show(self, percent: float) -> None:
        description = f"读取 reading: {self._done}/{self._total} 批 batches"
        if self._artifact is None:
            self._artifact = UUID(str(create_progress_artifact(percent, key="reading", description=description)))
        else:
            update_progress_artifact(self._artifact, percent, description=description)


def leave_artifacts(report: RunReport, outcome: Outcome) -> None:
    """A markdown page with the verdict, and tables of findings and refusals."""
    verdict, counts = report.verdict, report.counts
    unread = counts.refused + counts.failed
    lines = [
        f"## {verdict.zh}",
        verdict.en,
        "",
        "| 报告 reports | 发布 published | 未读 refused | 提及 mentions | 观测 observations |",
        "|---|---|---|---|---|",
        f"| {counts.reports} | {counts.published} | {unread} | {counts.mentions} | {counts.observations} |",
        "",
        *(f"- {action}" for action in verdict.actions_zh),
        "",
        f"运行报告 run report: [{outcome.page}](file://{outcome.page})",
    ]
    create_markdown_artifact("\n".join(lines), key="run-report", description=verdict.zh)
    findings = [
        {"severity": row.severity, "check": row.check, "township": row.township_code or "", "message": row.message}
        for row in report.findings.rows[:ROWS]
    ]
    create_table_artifact(findings, key="findings", description=f"检查发现 findings: {report.findings.total}")
    refusals = [
        {"source": row.source_uri, "reason": row.reason, "detail": row.detail} for row in report.refusals.rows[:ROWS]
    ]
    if refusals:
        create_table_artifact(refusals, key="refusals", description=f"未读来源 refused: {report.refusals.total}")
