"""Ratchets: what the last release had, this one should have too.

Each compares one number with the last release's: reports, counties' reports, the share of figures with an indicator,
and the result on the
labelled reports. A fall beyond the tolerance is a warning, beyond the stated bound critical (which closes the gate),
unless a
person accepted it (``--accept NAME``); then it is kept as a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

import pyarrow as pa

from expectations.checking import CheckContext, Evaluation, number
from expectations.frames import Frames
from expectations.shelf import Shelf
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
MAPPED = Ratchet("ratchet_mapped", "有指标的数字占比", "share of figures with an indicator", 0.01, 0.1, points=True)
EVALUATION = Ratchet(
    "ratchet_evaluation", "标注报告上的准确率或召回率", "precision or recall on gold", 0.005, 0.03, points=True
)
RATCHETS = (REPORTS, COUNTY, OBSERVATIONS, MAPPED, EVALUATION)
FEW_REPORTS = 10
"""A county with fewer reports than this never closes the gate alone: one withdrawn report would be a tenth."""


def judge(ratchet: Ratchet, last: float, now: float) -> Severity | None:
    """How bad a fall from ``last`` to ``now`` is; None where it is none, or within the tolerance."""
    fall = last - now
    unit = 1.0 if ratchet.points else last
    if fall <= ratchet.tolerance * unit + 1e-12:
        return None
    return "critical" if fall > ratchet.bound * unit else "warning"


MAPPED_SHARE = """SELECT avg((len(indicators) > 0)::INTEGER) FROM {table}
WHERE kind IN ('actual', 'zero') AND scope = 'township'"""
"""Share of the township's own figures (actual or zero) that have an indicator; NULL where there is no figure."""
COUNTY_REPORTS = """
WITH was AS (
    SELECT left(township_code, 6) AS county_code, report_year, count(*) AS reports
    FROM previous_reports WHERE status = 'published' GROUP BY ALL
), now AS (
    SELECT left(township_code, 6) AS county_code, report_year, count(*) AS reports
    FROM reports WHERE status <> 'superseded' AND report_id NOT IN (FROM held) GROUP BY ALL
)
SELECT county_code, report_year, was.reports, coalesce(now.reports, 0)
FROM was LEFT JOIN now USING (county_code, report_year)
WHERE was.reports > coalesce(now.reports, 0) ORDER BY county_code, report_year
"""
"""Counties and years that lost reports; by the code itself, so that a county that a newer registry lacks is not lost
without a word."""


def ratchets(shelf: Shelf, frames: Frames, context: CheckContext, quarantined: frozenset[str]) -> Iterator[Finding]:
    """Compare the tables about to be published with the last release's."""
    if "previous_reports" not in shelf or "reports" not in shelf:
        return
    shelf.put("held", pa.table({"report_id": pa.array(sorted(quarantined), type=pa.string())}))
    was = shelf.value("SELECT count(*) FROM previous_reports WHERE status = 'published'")
    free = "report_id NOT IN (FROM held)"
    now = shelf.value(f"SELECT count(*) FROM reports WHERE status <> 'superseded' AND {free}")
    yield from _tell(frames, context, REPORTS, was, now)
    yield from _counties(shelf, frames, context)
    if "previous_observations" in shelf:
        was = shelf.value("SELECT count(*) FROM previous_observations")
        now = shelf.value(f"SELECT count(*) FROM observations WHERE {free}")
        yield from _tell(frames, context, OBSERVATIONS, was, now)
    if "previous_mentions" in shelf and "mentions" in shelf:
        was, now = (shelf.value(MAPPED_SHARE.format(table=name)) for name in ("previous_mentions", "mentions"))
        if was is not None and now is not None:
            yield from _tell(frames, context, MAPPED, was, now)
    if context.evaluation and context.previous_evaluation:
        yield from _evaluations(frames, context, context.previous_evaluation, context.evaluation)


def _counties(shelf: Shelf, frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Counties and years that lost reports, the county's name in the finding."""
    names = frames.townships.drop_duplicates("county_code").set_index("county_code")
    for code, year, was, now in shelf.connection.execute(COUNTY_REPORTS).fetchall():
        place = f"{names.loc[code, 'city']}{names.loc[code, 'county']}{year}年" if code in names.index else f"{code}"
        yield from _tell(frames, context, COUNTY, was, now, place=place, year=year, mild=was < FEW_REPORTS)


def _evaluations(frames: Frames, context: CheckContext, was: Evaluation, now: Evaluation) -> Iterator[Finding]:
    for item in fields(Evaluation):
        old, new = getattr(was, item.name), getattr(now, item.name)
        if item.name != "reports" and old is not None and new is not None:
            yield from _tell(frames, context, EVALUATION, old, new, place=item.name)


def _tell(  # noqa: PLR0913 - one fall, all its particulars
    frames: Frames,
    context: CheckContext,
    ratchet: Ratchet,
    last: float,
    now: float,
    *,
    place: str = "",
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
        f"{place} {ratchet.en} fell from {shown[0]} in the last release to {shown[1]}. {end_en}".strip(),
        report_year=year,
    )
