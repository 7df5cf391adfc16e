"""What is expected of the observations: a known cell, a value of the right sort, and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.rows import REQUIRED, RowRule, Suite, missing
from warehouse.contracts import OBSERVATIONS

if TYPE_CHECKING:
    from expectations.frames import Frames


def _batch(frames: Frames) -> pd.DataFrame:
    cells = frames.cells
    batch = cells[["township_code", "report_year", "indicator", "report_id", "ordinal", "value", "unit"]].copy()
    batch[["qualifier", "status"]] = cells[["qualifier", "status"]]
    batch["place"] = frames.registered(batch["township_code"])
    batch["wanted"] = batch["indicator"].map({row.indicator: row.unit for row in frames.indicators.values()}).fillna("")
    batch["evidence"] = evidence(frames)
    batch["missing"] = missing(frames, OBSERVATIONS)
    return batch


def evidence(frames: Frames) -> npt.NDArray[Any]:
    """``stated`` where a cell's mention states its indicator, ``told`` where it merely exists, else empty; in order."""
    cells = frames.cells[["report_id", "ordinal", "indicator"]]
    keys = ["report_id", "ordinal"]
    told = frames.mentions[keys].assign(told=True)
    stated = frames.stating[[*keys, "indicator"]].drop_duplicates().assign(stated=True)
    rows = cells.merge(told, on=keys, how="left").merge(stated, on=[*keys, "indicator"], how="left")
    return np.select([rows["stated"].notna(), rows["told"].notna()], ["stated", "told"], "")


DECIDED = ("corrected", "derived")
"""A person's decision and a derived value need no mention of their own; what they rest on is in the corrections and
rivals."""

RULES = (
    REQUIRED,
    RowRule(
        "township_unknown",
        "ExpectObservationTownshipsToBeRegistered",
        "critical",
        ("township_code", "place"),
        lambda frame: frame["place"] != "",
        "登记册中没有乡级代码{township_code}。",
        "the registry has no township {township_code}.",
    ),
    RowRule(
        "indicator_unknown",
        "ExpectObservationIndicatorsToBeInTheDictionary",
        "critical",
        ("indicator", "wanted"),
        lambda frame: frame["wanted"] != "",
        "指标字典中没有“{indicator}”。",
        "the dictionary has no indicator “{indicator}”.",
    ),
    RowRule(
        "unit_not_the_indicators",
        "ExpectObservationUnitsToBeTheIndicators",
        "critical",
        ("unit", "wanted"),
        lambda frame: (frame["unit"] == frame["wanted"]) | (frame["wanted"] == ""),
        "单位{unit}不是该指标的标准单位{wanted}。",
        "its unit {unit} is not the indicator's own, {wanted}.",
    ),
    RowRule(
        "no_evidence",
        "ExpectObservationsToHaveEvidence",
        "critical",
        ("status", "ordinal", "evidence"),
        lambda frame: (frame["evidence"] == "stated") | frame["status"].isin([*DECIDED, "conflict"]),
        "没有陈述该指标的提及作为证据（提及序号{ordinal}）。",
        "no mention that states the indicator stands behind it (ordinal {ordinal}).",
    ),
    RowRule(
        "value_against_status",
        "ExpectObservationValuesToFitTheirStatus",
        "critical",
        ("value", "status"),
        lambda frame: (
            (frame["value"].isna() == (frame["status"] == "conflict"))
            & ((frame["status"] != "stated_zero") | (frame["value"] == 0))
        ),
        "数值{value}与状态{status}不符。",
        "its value {value} does not fit its status {status}.",
    ),
    RowRule(
        "value_negative",
        "ExpectObservationValuesNotToBeNegative",
        "critical",
        ("value", "indicator"),
        lambda frame: ~(frame["value"] < 0),
        "数值{value}为负；本字典的指标没有负数。",
        "its value {value} is negative; no indicator of the dictionary can be.",
    ),
)

SUITE = Suite(OBSERVATIONS, _batch, RULES, domains=("qualifier", "status"))
