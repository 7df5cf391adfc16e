"""What is expected of the mentions: evidence by construction, proved again on every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from expectations.rows import REQUIRED, RowRule, Suite, missing
from warehouse.contracts import MENTIONS

if TYPE_CHECKING:
    from expectations.frames import Frames

UNIT_CLASS = {
    "%": "percent",
    "‰": "percent",
    "元": "money",
    "平方米": "area",
    "平方公里": "area",
    "亩": "area",
    "公顷": "area",
}
"""Units that measure; every other classifier counts. An indicator in percent, yuan or square metres takes no count
and no other."""
INDICATOR_CLASS = {"percent": "percent", "CNY": "money", "m2": "area"}


def _batch(frames: Frames) -> pd.DataFrame:
    rows = frames.mentions
    batch = rows[
        ["report_id", "ordinal", "surface", "start", "end", "value", "value_high", "factor", "qualifier"]
    ].copy()
    batch[["kind", "scope", "part_of_ordinal"]] = rows[["kind", "scope", "part_of_ordinal"]]
    batch["known"] = rows["report_id"].isin(frames.known_reports)
    batch["found"] = found(frames)
    batch["measure"] = measures(frames)
    batch["missing"] = missing(frames, MENTIONS)
    return batch


def found(frames: Frames) -> list[str]:
    """``text[start:end]`` of every mention, in order; the surface itself where the run has no text of the report."""
    rows = frames.mentions
    said: list[str] = []
    report, text = "", ""
    known = False
    for report_id, start, end, surface in zip(
        rows["report_id"].tolist(), rows["start"].tolist(), rows["end"].tolist(), rows["surface"].tolist(), strict=True
    ):
        if report_id != report:
            report, known = report_id, report_id in frames.texts
            text = frames.texts[report_id] if known else ""
        said.append(text[start:end] if known else surface)
    return said


def measures(frames: Frames) -> list[str]:
    """``unit → indicator`` of mentions whose unit is of another dimension than an indicator they state; else empty."""
    stating = frames.stating
    units = stating["indicator"].map({row.indicator: row.unit for row in frames.indicators.values()})
    has = stating["unit"].map(UNIT_CLASS).fillna("count")
    wants = units.map(INDICATOR_CLASS).fillna("count")
    wrong = stating[(has != wants) & (stating["kind"] != "zero")]
    named = (wrong["unit"] + " → " + wrong["indicator"]).to_numpy()
    first = dict(zip(zip(wrong["report_id"], wrong["ordinal"], strict=True), named, strict=True))
    rows = frames.mentions
    if not first:
        return [""] * len(rows)
    return [first.get(key, "") for key in zip(rows["report_id"], rows["ordinal"], strict=True)]


RULES = (
    REQUIRED,
    RowRule(
        "surface_not_in_text",
        "ExpectMentionSurfacesToStandInTheText",
        "critical",
        ("surface", "found"),
        lambda frame: frame["surface"] == frame["found"],
        "原文位置上的文字是“{found}”，而不是“{surface}”；证据不成立，该报告不予发布。",
        "the text at its place reads “{found}”, not “{surface}”; the evidence does not hold.",
    ),
    RowRule(
        "report_unknown",
        "ExpectMentionReportsToBeKnown",
        "critical",
        ("known", "report_id"),
        lambda frame: frame["known"],
        "提及所属的报告不在报告表中。",
        "it belongs to a report that the table of reports does not have.",
    ),
    RowRule(
        "unit_of_another_dimension",
        "ExpectMentionUnitsToFitTheirIndicators",
        "critical",
        ("measure", "surface"),
        lambda frame: frame["measure"] == "",
        "单位与指标的量纲不符（{measure}）。",
        "its unit is of another dimension than its indicator ({measure}).",
    ),
    RowRule(
        "range_upside_down",
        "ExpectMentionRangesToAscend",
        "critical",
        ("value", "value_high"),
        lambda frame: ~(frame["value_high"] < frame["value"]),
        "区间的上限小于下限（{value}，{value_high}）。",
        "the range ends below its start ({value}, {value_high}).",
    ),
    RowRule(
        "part_of_itself",
        "ExpectMentionPartsToHaveAnotherTotal",
        "critical",
        ("ordinal", "part_of_ordinal"),
        lambda frame: frame["ordinal"] != frame["part_of_ordinal"],
        "提及被列为自身的一部分。",
        "it is given as a part of itself.",
    ),
    RowRule(
        "zero_with_value",
        "ExpectVerbalZerosToBeZero",
        "critical",
        ("kind", "value"),
        lambda frame: (frame["kind"] != "zero") | (frame["value"] == 0),
        "文字表述的“零”却有数值{value}。",
        "a verbal zero has the value {value}.",
    ),
    RowRule(
        "factor_not_positive",
        "ExpectUnitFactorsToBePositive",
        "critical",
        ("factor", "surface"),
        lambda frame: frame["factor"] > 0,
        "换算系数{factor}不是正数。",
        "its unit factor {factor} is not positive.",
    ),
)

SUITE = Suite(MENTIONS, _batch, RULES, domains=("qualifier", "kind", "scope"))
