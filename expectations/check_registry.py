"""Counts of villages against the registry: 18 village mediation committees in a town of 18 villages and communities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

COUNTED = "villages_communities"
"""The indicator that is the registry's own count; those that are part of it count villages that have something."""
ONE_A_VILLAGE = ("village_mediation_committees",)
"""The law sets one in every village and community (人民调解法 art. 8: 村民委员会、居民委员会设立人民调解委员会)."""
DRIFT, DRIFT_SHARE = 2, 0.1
"""Villages merge and communities are founded between the registry's date and the report's: two, or a tenth, are let
pass."""


def registry_mismatch(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Counts of villages that the registry contradicts."""
    parts = {row.indicator for row in frames.indicators.values() if row.part_of == COUNTED}
    rows = frames.observations
    rows = rows[rows["indicator"].isin({COUNTED, *ONE_A_VILLAGE, *parts})]
    counts = frames.reports[["report_id", "village_count"]].reset_index(drop=True)
    rows = rows.merge(counts, on="report_id")
    rows = rows[rows["village_count"] > 0]
    slack = (rows["village_count"] * DRIFT_SHARE).clip(lower=DRIFT)
    over = rows["low"] > rows["village_count"] + slack
    whole = rows["indicator"].isin({COUNTED, *ONE_A_VILLAGE})
    under = whole & (rows["high"] < rows["village_count"] - slack)
    for row in records(rows[over | under]):
        zh, en = frames.name(row["indicator"])
        told, known = number(row["value"]), number(row["village_count"])
        yield frames.finding(
            "registry_mismatch",
            "warning",
            f"“{zh}”{told}，而登记册中该单位有{known}个村（社区）；请核对是否为本单位的数字，或登记册需更新。",
            f"“{en}” is {told}, but the registry has {known} villages and communities; a foreign figure, or a "
            f"registry to update?",
            row["sentence"],
            report_id=row["report_id"],
            indicator=row["indicator"],
            ordinal=row["ordinal"],
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "registry_mismatch",
        "warning",
        "村（社区）数与登记册不符",
        "a count of villages contradicts the registry",
        "The number of villages, village mediation committees and villages that have something, against the "
        "registry's villages and "
        "communities of the township.",
        "Two villages or a tenth more or less, since villages merge; coverage that is not complete.",
        registry_mismatch,
    ),
)
