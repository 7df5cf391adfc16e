"""Plausible ranges, per-capita oddities and damaged figures: what one report's value says on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from expectations.bounds import SLACK
from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

POPULATION = "resident_population"
VISITS_PER_HEAD = 20
"""Attendances (人次) per resident and year beyond which a figure is more likely a slip than a very busy town."""


def implausible(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Values outside the bounds that the dictionary gives for any township."""
    bounds = pd.DataFrame(
        [(row.indicator, row.plausible_min, row.plausible_max) for row in frames.indicators.values()],
        columns=["indicator", "least", "most"],
    )
    rows = frames.observations.merge(bounds.astype({"least": float, "most": float}), on="indicator")
    outside = (rows["high"] < rows["least"] - SLACK) | (rows["low"] > rows["most"] + SLACK)
    for row in records(rows[outside]):
        zh, en = frames.name(row["indicator"])
        unit, told = row["unit"], number(row["value"])
        span = f"{number(row['least'])}–{number(row['most'])}"
        yield frames.finding(
            "implausible",
            "warning",
            f"“{zh}”{told}超出乡镇一级的合理范围{span}；请核对单位（元、万元）以及是否为上级的数字。",
            f"“{en}” {told} {unit} lies outside the plausible range {span} for a township; check unit and scope.",
            row["sentence"],
            report_id=row["report_id"],
            indicator=row["indicator"],
            ordinal=row["ordinal"],
        )


def per_capita(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """More people than there are residents, or more attendances than residents could make."""
    heads = {"person": 1.0, "person-time": float(VISITS_PER_HEAD)}
    limits = {row.indicator: heads[row.unit] for row in frames.indicators.values() if row.unit in heads}
    rows = frames.paired((code, POPULATION) for code in limits if code != POPULATION)
    limit = rows["indicator_a"].map(limits).astype(float)
    for row in records(rows[rows["low_a"] > rows["high_b"] * limit]):
        zh, en = frames.name(row["indicator_a"])
        told, people = number(row["value_a"]), number(row["value_b"])
        yield frames.finding(
            "per_capita",
            "warning",
            f"“{zh}”{told}与人口{people}不相称；请核对是人数还是人次，以及是否为上级的数字。",
            f"“{en}” {told} does not fit a population of {people}: persons or attendances, own or a higher body's?",
            row["sentence_a"],
            row["sentence_b"],
            report_id=row["report_id"],
            indicator=row["indicator_a"],
            ordinal=row["ordinal_a"],
        )


def damaged_figure(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Figures beside damage that could not be repaired: a digit may be missing."""
    rows = frames.stating[frames.stating["damaged"].astype(bool)]
    for row in records(rows.drop_duplicates(["report_id", "ordinal"])):
        zh, en = frames.name(row["indicator"])
        yield frames.finding(
            "damaged_figure",
            "warning",
            f"“{zh}”的数字{row['surface']}紧邻文字损坏处，可能缺位；请对照原件后更正。",
            f"The figure for “{en}” stands beside damaged characters and may lack a digit; compare the original.",
            row["sentence"],
            report_id=row["report_id"],
            indicator=row["indicator"],
            ordinal=row["ordinal"],
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "implausible",
        "warning",
        "超出合理范围",
        "outside the plausible range",
        "Each value against plausible_min and plausible_max of the dictionary.",
        "Inexact figures that touch the range.",
        implausible,
    ),
    Check(
        "per_capita",
        "warning",
        "与人口不相称",
        "out of proportion to the population",
        "Counts of persons against the population that the same report gives, and attendances against twenty times "
        "that.",
        "Reports that give no population.",
        per_capita,
    ),
    Check(
        "damaged_figure",
        "warning",
        "数字邻近损坏处",
        "a figure beside damage",
        "Figures with an indicator whose neighbouring characters could not be repaired.",
        "Damage elsewhere in the text.",
        damaged_figure,
    ),
)
