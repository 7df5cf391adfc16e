"""The same figure told twice in one report, and differently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from expectations.bounds import SLACK
from expectations.checking import Check, CheckContext, number
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames


MARGIN = 0.25
"""A mapping that is surer by this much stands alone; the other figure is taken to be of something else. The same margin
chooses between mentions when cells are filled, so that what is told here is what makes a cell a conflict."""


def stated_twice(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Two totals of one indicator in one report that cannot both be right."""
    rows = frames.stated
    rows = rows[rows["kind"] == "actual"]  # a verbal zero often speaks of a subset of the cases only
    keys = ["report_id", "indicator"]
    best = rows.groupby(keys)["confidence"].transform("max")
    rows = rows[rows["confidence"] > best - MARGIN]
    groups = rows.groupby(keys)
    # All intervals share a point exactly if the largest lower bound does not pass the smallest upper bound.
    apart = groups["low"].transform("max") > groups["high"].transform("min") + SLACK
    for _, told in rows[apart].groupby(keys, sort=True):
        report_id, indicator = str(told.iloc[0]["report_id"]), str(told.iloc[0]["indicator"])
        zh, en = frames.name(indicator)
        shown = "、".join(dict.fromkeys(told["surface"]))
        # Only the same words make it the same figure; else the two may be a total and something narrower.
        same = told["value"].nunique() == 2 and told["head"].nunique() == 1 and told["unit"].nunique() == 1
        apart_in_text = told["sentence"].nunique() > 1
        yield frames.finding(
            "stated_twice",
            "warning" if same and apart_in_text else "info",
            f"“{zh}”在同一报告中有不同的数：{shown}；请核对哪一个是全年总数。",
            f"“{en}” is stated differently in one report: {', '.join(number(v) for v in told['value'].unique())}.",
            *told["sentence"],
            report_id=report_id,
            indicator=indicator,
            ordinal=told.iloc[0]["ordinal"],
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "stated_twice",
        "warning",
        "同一指标前后不一",
        "the same figure stated twice, differently",
        "All totals of one indicator in one report against one another; a warning where two sentences give two figures "
        "for the same words, else a note.",
        "Parts of a total, verbal zeros (which may speak of a subset), inexact figures whose bounds meet (500余, 512).",
        stated_twice,
    ),
)
