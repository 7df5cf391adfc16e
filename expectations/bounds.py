"""Bounds: what a figure can be, given how exact the report says it is.

A check compares intervals, never bare values: 500余 is not less than 512, and 近2000 is not more than 1990. Intervals
are wide on purpose, since a wrong warning costs more trust than a missed one saves.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

ABOUT = 0.15
"""约 and 近 are taken to mean within 15 %: officials round to one or two leading digits (8.7万 becomes 约9万)."""
SLACK = 1e-9
"""Decimals travel through float64 in the checks (never in the tables): exact to 15 digits."""


def low_high(frame: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Lower and upper bounds of rows with ``value``, ``value_high`` and ``qualifier``; same index as the rows."""
    value = frame["value"]
    top = frame["value_high"].fillna(value)
    qualifier = frame["qualifier"]
    low = value.where(~qualifier.isin(["nearly", "about"]), value * (1 - ABOUT))
    low = low.where(qualifier != "at_most", 0.0)
    high = top.where(qualifier != "about", top * (1 + ABOUT))
    high = high.where(~qualifier.isin(["over", "at_least"]), float("inf"))
    return low, high
