"""Artifacts: what Prefect's own page shows of a run, each leading to the run report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.parameters import Outcome

if TYPE_CHECKING:
    from expectations.run_report import RunReport

ROWS = 200
"""Rows of a table artifact: Prefect's page shows them all at once."""


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
