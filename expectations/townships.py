"""What is expected of the registry: codes that nest in their parents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from expectations.rows import RowRule, Suite
from warehouse.contracts import TOWNSHIPS

if TYPE_CHECKING:
    from expectations.frames import Frames


def _batch(frames: Frames) -> pd.DataFrame:
    return frames.townships[["township_code", "county_code", "city_code", "province_code", "village_count"]]


RULES = (
    RowRule(
        "code_malformed",
        "ExpectTownshipCodesToNestInTheirParents",
        "critical",
        ("township_code", "county_code", "city_code", "province_code"),
        lambda frame: (
            frame["township_code"].str.fullmatch("[0-9]{9}").fillna(False).astype(bool)
            & (frame["township_code"].str[:6] == frame["county_code"])
            & (frame["township_code"].str[:4] == frame["city_code"])
            & (frame["township_code"].str[:2] == frame["province_code"])
        ),
        "代码{township_code}不是9位数字，或与上级代码{county_code}、{city_code}、{province_code}不相接。",
        "the code {township_code} is not of 9 digits, or does not nest in {county_code}, {city_code}, {province_code}.",
    ),
    RowRule(
        "village_count_negative",
        "ExpectVillageCountsNotToBeNegative",
        "critical",
        ("village_count", "township_code"),
        lambda frame: frame["village_count"] >= 0,
        "村（社区）数{village_count}为负。",
        "the count of villages {village_count} is negative.",
    ),
)

SUITE = Suite(TOWNSHIPS, _batch, RULES)
