"""Ratchets: what the last release had, this one should have too.

Each compares one number with the last release's: reports and observations, in all and by county, the share of figures
with an indicator, and the result on the labelled reports. A fall beyond the tolerance is a warning, beyond the stated
bound critical (which closes the gate), unless a person accepted it (``--accept NAME``); then it is kept as a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import fields
from typing import NamedTuple

from expectations import tallies
from expectations.checking import CheckContext, Evaluation, number
from expectations.frames import Frames, records
from expectations.shelf import Shelf
from expectations.years import Years
from warehouse.contracts import Finding, Severity


class Ratchet(NamedTuple):
    """One number that should not fall.

    ``tolerance`` is the fall that is let pass and ``bound`` the one that closes the gate, both as a share of the
    last value, or in
    points (of 1) where ``points`` is set.
    """

    name: str
    zh: str
    en: str
    tolerance: float
    bound: float
    points: bool = False


REPORTS = Ratchet("ratchet_reports", "已发布报告数", "published reports", 0.0, 0.1)
COUNTY = Ratchet("ratchet_county", "县（区）报告数", "a county's reports", 0.0, 0.5)
OBSERVATIONS = Ratchet("ratchet_observations", "指标观测数", "observations", 0.02, 0.2)
COUNTY_VALUES = Ratchet("ratchet_county_values", "县（区）指标观测数", "a county's observations", 0.05, 0.5)
MAPPED = Ratchet("ratchet_mapped", "有指标的数字占比", "share of figures with an indicator", 0.01, 0.1, points=True)
EVALUATION = Ratchet(
    "ratchet_evaluation", "标注报告上的准确率或召回率", "precision or recall on gold", 0.005, 0.03, points=True
)
RATCHETS = (REPORTS, COUNTY, OBSERVATIONS, COUNTY_VALUES, MAPPED, EVALUATION)
METRICS = {
    "mention_precision": "数量识别准确率",
    "mention_recall": "数量识别召回率",
    "indicator_precision": "指标归类准确率",
    "indicator_recall": "指标归类召回率",
}
"""What is measured on the labelled reports, in Chinese."""
FEW_REPORTS = 10
"""A county with fewer reports than this never closes the gate alone: one withdrawn report would be a tenth."""


def judge(ratchet: Ratchet, last: float, now: float) -> Severity | None:
    """How bad a fall from ``last`` to ``now`` is; None where it is none, or within the tolerance."""
    fall = last - now
    unit = 1.0 if ratchet.points else last
    if fall <= ratchet.tolerance * unit + 1e-12:
        return None
    return "critical" if fall > ratchet.bound * unit else "warning"


BY_COUNTY = """
WITH was AS (
    SELECT left(township_code, 6) AS county_code, report_year, count(*) AS number
    FROM previous_{table} WHERE {changed} AND {was} GROUP BY ALL
), now AS (
    SELECT left(township_code, 6) AS county_code, report_year, count(*) AS number FROM {table}
    WHERE {changed} AND {now} GROUP BY ALL
)
SELECT county_code, report_year, was.number, coalesce(now.number, 0)
FROM was LEFT JOIN now USING (county_code, report_year) ORDER BY county_code, report_year
"""


def ratchets(shelf: Shelf, frames: Frames, context: CheckContext, quarantined: frozenset[str]) -> Iterator[Finding]:
    """Compare the tables about to be published with the last release's."""
    if "previous_reports" not in shelf or "reports" not in shelf:
        return
    years = tallies.hold(shelf, quarantined)
    was = shelf.value("SELECT count(*) FROM previous_reports WHERE status = 'published'")
    free = "report_id NOT IN (FROM held)"
    now = shelf.value(f"SELECT count(*) FROM reports WHERE status <> 'superseded' AND {free}")
    yield from _tell(frames, context, REPORTS, was, now)
    counties = _by_county(shelf, years, "reports", "status = 'published'", f"status <> 'superseded' AND {free}")
    fallen = {place for place, (was, now) in counties.items() if was > now}
    large = {place for place, (was, _) in counties.items() if was >= FEW_REPORTS}
    yield from _counties(frames, context, COUNTY, counties, large)
    if "previous_observations" in shelf:
        yield from _tell(frames, context, OBSERVATIONS, *tallies.values(shelf, years))
        values = _by_county(shelf, years, "observations", "TRUE", free)
        # A county that lost reports lost their values with them, and is told already.
        kept = {place: numbers for place, numbers in values.items() if place not in fallen}
        yield from _counties(frames, context, COUNTY_VALUES, kept, large)
    if "previous_mentions" in shelf and "mentions" in shelf:
        was, now = (figures.share for figures in tallies.published_figures(shelf, years))
        if was is not None and now is not None:
            yield from _tell(frames, context, MAPPED, was, now)
    if context.evaluation and context.previous_evaluation:
        yield from _evaluations(frames, context, context.previous_evaluation, context.evaluation)


def _by_county(shelf: Shelf, years: Years, table: str, was: str, now: str) -> dict[tuple[str, int], tuple[int, int]]:
    """Rows of a table in the last release and now, by county and year of the last release, of years that are others.

    By the code itself, so that a county that a newer registry lacks is not lost without a word.
    """
    found = shelf.connection.execute(BY_COUNTY.format(table=table, was=was, now=now, changed=years.changed)).fetchall()
    return {(code, year): (before, after) for code, year, before, after in found}


def _counties(
    frames: Frames,
    context: CheckContext,
    ratchet: Ratchet,
    numbers: Mapping[tuple[str, int], tuple[int, int]],
    large: Set[tuple[str, int]],
) -> Iterator[Finding]:
    """Counties and years that lost rows, the county's name in the finding; only ``large`` ones may close the gate."""
    rows = records(frames.townships.drop_duplicates("county_code"))
    names = {row["county_code"]: f"{row['city']}{row['county']}" for row in rows}
    for (code, year), (was, now) in numbers.items():
        place = f"{names[code]}{year}年" if code in names else code
        yield from _tell(frames, context, ratchet, was, now, place=place, year=year, mild=(code, year) not in large)


def _evaluations(frames: Frames, context: CheckContext, was: Evaluation, now: Evaluation) -> Iterator[Finding]:
    for item in fields(Evaluation):
        old, new = getattr(was, item.name), getattr(now, item.name)
        if item.name != "reports" and old is not None and new is not None:
            place, place_en = f"{METRICS[item.name]}：", f"{item.name.replace('_', ' ')}:"
            yield from _tell(frames, context, EVALUATION, old, new, place=place, place_en=place_en)


def _tell(  # noqa: PLR0913 - one fall, all its particulars
    frames: Frames,
    context: CheckContext,
    ratchet: Ratchet,
    last: float,
    now: float,
    *,
    place: str = "",
    place_en: str = "",
    year: int | None = None,
    mild: bool = False,
) -> Iterator[Finding]:
    severity = judge(ratchet, last, now)
    if severity is None:
        return
    if severity == "critical" and mild:
        severity = "warning"
    accepted = bool({ratchet.name, "all"} & context.accepted)
    shown = tuple(f"{100 * value:.1f}%" if ratchet.points else number(value) for value in (last, now))
    end = f"确属实情可用 --accept {ratchet.name} 放行。"
    end_en = f"If it is right, pass --accept {ratchet.name}."
    if accepted:
        severity, end, end_en = "info", "已由人工放行（--accept）。", "Accepted by a person (--accept)."
    yield frames.finding(
        ratchet.name,
        severity,
        f"{place}{ratchet.zh}由上一版本的{shown[0]}降为{shown[1]}；{end}",
        f"{place_en or place} {ratchet.en} fell from {shown[0]} in the last release to {shown[1]}. {end_en}".strip(),
        report_year=year,
    )
