"""The gate: every check over the tables about to be published, and what follows from what they found.

``critical`` on a report keeps that report out of the release (quarantine); ``critical`` on a table, or too many
quarantined
reports at once, closes the gate: the last release stays. Warnings and notes travel with the release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from expectations.checking import CheckContext, order, run_checks
from expectations.frames import Frames
from expectations.ratchets import ratchets
from expectations.suites import SuiteResult, run_suites
from warehouse.contracts import Finding

QUARANTINE_LIMIT = 0.2
"""More than a fifth of the reports failing at once is a fault of ours (or of the source), not of the reports."""
FEW = 5
"""Below this many reports a share says nothing; the gate closes only when none is left."""


class Validation(NamedTuple):
    """What the checks found and what follows.

    Attributes:
        findings: All of them, the worst first.
        quarantined: Reports that must not be published.
        gate_closed: Whether nothing may be published.
        gate_reasons: Why, in Chinese, one sentence each; empty while the gate is open.
        gx_results: Great Expectations' results, one a table.
    """

    findings: list[Finding]
    quarantined: frozenset[str]
    gate_closed: bool
    gate_reasons: tuple[str, ...]
    gx_results: list[SuiteResult]


def validate(tables: Mapping[str, Any], context: CheckContext) -> Validation:
    """Check the tables about to be published.

    Args:
        tables: Arrow tables (or pandas frames) by name: ``reports``, ``mentions``, ``observations``, ``texts``,
        ``townships``, ``indicators``;
            the observations of earlier years among them, for the checks that compare with the past.
        context: What else the checks need.

    Returns:
        Findings in a stable order, the reports to quarantine, and whether the gate is closed.

    Raises:
        RuntimeError: A rule could not be evaluated.
    """
    frames = Frames(tables, context.run_id)
    findings, results = run_suites(frames, context)
    if not any(finding.check == "schema_mismatch" for finding in findings):
        findings += run_checks(frames, context)
    quarantined = frozenset(f.report_id for f in findings if f.severity == "critical" and f.report_id)
    findings += ratchets(frames, context, quarantined)
    reasons = gate_reasons(findings, quarantined, len(set(_published(frames))))
    return Validation(sorted(findings, key=order), quarantined, bool(reasons), reasons, results)


def _published(frames: Frames) -> Iterable[str]:
    return [] if "reports" not in frames.tables else frames.reports["report_id"].tolist()


def gate_reasons(findings: Iterable[Finding], quarantined: frozenset[str], reports: int) -> tuple[str, ...]:
    """Why nothing may be published; empty where it may.

    Args:
        findings: All findings.
        quarantined: Reports with a critical finding.
        reports: Reports that would be published if there were none.
    """
    reasons = [f.message for f in findings if f.severity == "critical" and not f.report_id]
    count = len(quarantined)
    if count and (count >= reports or (reports >= FEW and count > QUARANTINE_LIMIT * reports)):
        reasons.append(f"{reports}份报告中有{count}份存在严重问题，多半是程序或来源的问题，故保留上一版本。")
    return tuple(dict.fromkeys(reasons))
