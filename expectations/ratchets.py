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
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.checking import CheckContext, Evaluation, number
from expectations.frames import Frames, as_arrow, records
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


def mapped_share(tables: Any) -> float | None:
    """Share of the township's own figures (actual or zero) that have an indicator; None where there is no figure."""
    if "mentions" not in tables:
        return None
    mentions = as_arrow(tables["mentions"])
    own = pc.and_(
        pc.is_in(mentions.column("kind"), value_set=_values("actual", "zero")),
        pc.is_in(mentions.column("scope"), value_set=_values("township")),
    )
    chosen = mentions.filter(own).column("indicators")
    return (
        None
        if not len(chosen)
        else float(pc.mean(pc.not_equal(pc.list_value_length(chosen), pa.scalar(0, type=pa.int32()))).as_py())
    )


def _values(*items: str) -> Any:

    return pa.array(items, type=pa.string())


def ratchets(frames: Frames, context: CheckContext, quarantined: frozenset[str]) -> Iterator[Finding]:
    """Compare the tables about to be published with the last release's."""
    if not context.previous or "reports" not in context.previous or "reports" not in frames.tables:
        return
    last = Frames({**context.previous, "townships": frames.tables["townships"]})
    now_reports = frames.reports[~frames.reports["report_id"].isin(quarantined)]
    last_reports = last.reports[last.reports["status"] == "published"]
    yield from _tell(frames, context, REPORTS, len(last_reports), len(now_reports))
    yield from _counties(frames, context, last_reports, now_reports)
    if "observations" in context.previous:
        now = int((~frames.cells["report_id"].isin(quarantined)).sum())
        yield from _tell(frames, context, OBSERVATIONS, len(last.cells), now)
    was, now_share = mapped_share(context.previous), mapped_share(frames.tables)
    if was is not None and now_share is not None:
        yield from _tell(frames, context, MAPPED, was, now_share)
    if context.evaluation and context.previous_evaluation:
        yield from _evaluations(frames, context, context.previous_evaluation, context.evaluation)


def _counties(frames: Frames, context: CheckContext, last: pd.DataFrame, now: pd.DataFrame) -> Iterator[Finding]:
    """Counties and years that lost reports, the county's name in the finding."""

    def count(rows: pd.DataFrame) -> pd.Series[int]:
        # By the code itself, so that a county that a newer registry lacks is not lost without a word.
        return rows.groupby([rows["township_code"].str[:6].rename("county_code"), "report_year"]).size()

    counts = count(last).to_frame("was").join(count(now).rename("now")).fillna(0)
    names = frames.townships.drop_duplicates("county_code").set_index("county_code")
    for row in records(counts[counts["was"] > counts["now"]].reset_index()):
        code, year = row["county_code"], row["report_year"]
        place = f"{names.loc[code, 'city']}{names.loc[code, 'county']}{year}年" if code in names.index else f"{code}"
        few = row["was"] < FEW_REPORTS
        yield from _tell(frames, context, COUNTY, row["was"], row["now"], place=place, year=int(year), mild=bool(few))


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
