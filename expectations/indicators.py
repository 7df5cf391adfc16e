"""What is expected of the dictionary: known parents, known sides of a rate, and ranges the right way up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from expectations.rows import RowRule, Suite
from warehouse.contracts import INDICATORS

if TYPE_CHECKING:
    from expectations.frames import Frames


def _batch(frames: Frames) -> pd.DataFrame:

    known = frames.indicators
    rows = [
        (
            row.indicator,
            row.aggregation,
            row.part_of or "",
            row.ratio_of or "",
            row.plausible_min,
            row.plausible_max,
            not row.part_of or row.part_of in known,
            all(side in known for side in (row.ratio_of or "").split("/") if side),
        )
        for row in known.values()
    ]
    columns = ["indicator", "aggregation", "part_of", "ratio_of", "least", "most", "parent_known", "sides_known"]
    return pd.DataFrame(rows, columns=columns).astype({"least": float, "most": float})


RULES = (
    RowRule(
        "parent_unknown",
        "ExpectIndicatorParentsToBeKnown",
        "critical",
        ("part_of", "parent_known"),
        lambda frame: frame["parent_known"],
        "所属总数指标“{part_of}”不在字典中；请改正seeds/indicators.csv。",
        "its part_of “{part_of}” is not in the dictionary; correct seeds/indicators.csv.",
    ),
    RowRule(
        "ratio_unknown",
        "ExpectIndicatorRatiosToBeKnown",
        "critical",
        ("ratio_of", "sides_known"),
        lambda frame: frame["sides_known"],
        "比率“{ratio_of}”的分子或分母不在字典中；请改正seeds/indicators.csv。",
        "a side of its ratio_of “{ratio_of}” is not in the dictionary; correct seeds/indicators.csv.",
    ),
    RowRule(
        "bounds_upside_down",
        "ExpectPlausibleRangesToAscend",
        "critical",
        ("least", "most"),
        lambda frame: ~(frame["most"] < frame["least"]),
        "合理范围颠倒（{least}，{most}）；请改正seeds/indicators.csv。",
        "its plausible range is upside down ({least}, {most}); correct seeds/indicators.csv.",
    ),
)

SUITE = Suite(INDICATORS, _batch, RULES, domains=("aggregation",))
