"""Copied: findings about reports that repeat one another under two townships or two years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from transforms.registry import Registry
from transforms.similarity import Copy, Fingerprint, copies, fingerprint
from warehouse.contracts import TEXTS, Finding, Report

if TYPE_CHECKING:
    from warehouse.lake import Lake


def copied_texts(lake: Lake, reports: Iterable[Report], run_id: str) -> list[Finding]:
    """A warning for each pair of near-identical published reports, with what share of them agrees."""
    standing = {report.report_id: report for report in reports if report.status == "published"}
    pairs = copies(list(_fingerprints(lake, standing)))
    return [_finding(pair, standing, run_id) for pair in pairs]


def _fingerprints(lake: Lake, standing: dict[str, Report]) -> Iterator[Fingerprint]:
    registry = Registry.load()
    for year in lake.years(TEXTS):
        for report_id, _, text in lake.rows(TEXTS, year):
            if report := standing.get(report_id):
                place = registry.township(report.township_code)
                names = (place.township, place.county, place.city, place.province)
                yield fingerprint(report_id, report.township_code, report.report_year, text, names)


def _finding(pair: Copy, standing: dict[str, Report], run_id: str) -> Finding:
    later, earlier = sorted(
        (standing[pair.report_id], standing[pair.other_id]), key=lambda report: (report.report_year, report.report_id)
    )[::-1]
    figures = "" if pair.figures is None else f"，其中的数字{pair.figures:.0%}相同"
    figures_en = "" if pair.figures is None else f", {pair.figures:.0%} of their figures"
    return Finding(
        run_id=run_id,
        severity="warning",
        check="copied_text",
        report_id=later.report_id,
        township_code=later.township_code,
        report_year=later.report_year,
        indicator=None,
        ordinal=None,
        message=f"{pair.sentences:.0%}的句子与报告 {earlier.report_id} 相同{figures}；请核对是否抄用。",
        message_en=f"{pair.sentences:.0%} of the sentences{figures_en} are those of {earlier.report_id}: copied?",
        evidence=f"{later.title}\n{earlier.report_id}: {earlier.title}",
    )
