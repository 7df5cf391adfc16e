"""Rates against their numerator and denominator: 办结率100% beside 31 received and 22 settled.

A rate is right if the quotient, at the precision as written, rounds to it or is cut off to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from expectations.bounds import SLACK
from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames


def decimals(surface: str) -> int:
    """Digits after the point as written: 98.9% has one, 98.90% two.

    >>> decimals("98.9%"), decimals("九成"), decimals("100%")
    (1, 0, 0)
    """
    found = re.search(r"[.．](\d+)", surface)
    return len(found.group(1)) if found else 0


def agrees(rate: float, places: int, quotient: float, qualifier: str) -> bool:
    """Whether a stated percentage fits a quotient (in percent).

    Args:
        rate: As stated, in percent.
        places: Digits after the point as written.
        quotient: Numerator over denominator, in percent.
        qualifier: Of the rate; 98%以上 fits any quotient that is at least 98.
    """
    step = 10.0**-places
    if qualifier in {"over", "at_least"}:
        return quotient >= rate - step / 2 - SLACK
    if qualifier in {"at_most", "nearly"}:
        return quotient <= rate + step / 2 + SLACK
    if qualifier == "about":
        return abs(rate - quotient) <= max(step, 2.0)
    # Half a step for rounding; a whole step above for cutting off (98.96 written as 98.9).
    return rate - step / 2 - SLACK <= quotient < rate + step - SLACK or abs(rate - quotient) <= step / 2 + SLACK


def rate_mismatch(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """A stated rate that its numerator and denominator in the same report contradict."""
    parts = {
        row.indicator: tuple(row.ratio_of.split("/", 1))
        for row in frames.indicators.values()
        if row.ratio_of and "/" in row.ratio_of
    }
    units = {row.indicator: row.unit for row in frames.indicators.values()}
    # Sides in different units (times in court, lawsuits) are no part and whole: the true denominator is untold.
    whole = {rate: pair for rate, pair in parts.items() if all(pair) and units.get(pair[0]) == units.get(pair[1])}
    tops = frames.paired((rate, pair[0]) for rate, pair in whole.items())
    keys = ["report_id", "indicator_a"]
    taken = {f"{name}_b": f"{name}_base" for name in ("indicator", "value", "qualifier", "sentence")}
    bases = frames.paired((rate, pair[1]) for rate, pair in whole.items())[[*keys, *taken]].rename(columns=taken)
    both = tops.merge(bases, on=keys)
    exact = (both["qualifier_b"] == "exact") & (both["qualifier_base"] == "exact") & (both["value_base"] > 0)
    for row in records(both[exact]):
        quotient = 100.0 * row["value_b"] / row["value_base"]
        if agrees(row["value_a"], decimals(str(row["surface_a"])), quotient, row["qualifier_a"]):
            continue
        (zh, en), (zh_n, en_n) = frames.name(row["indicator_a"]), frames.name(row["indicator_b"])
        zh_d, en_d = frames.name(row["indicator_base"])
        top, base, stated = number(row["value_b"]), number(row["value_base"]), number(row["value_a"])
        shown = number(round(quotient, 2))
        yield frames.finding(
            "rate_mismatch",
            "warning",
            f"“{zh}”写作{stated}%，而“{zh_n}”{top}÷“{zh_d}”{base}={shown}%；请核对比率或两个数字的口径。",
            f"“{en}” is stated as {stated} %, but {en_n} {top} / {en_d} {base} = {shown} %; check the rate or its "
            f"scope.",
            row["sentence_a"],
            row["sentence_b"],
            row["sentence_base"],
            report_id=row["report_id"],
            indicator=row["indicator_a"],
            ordinal=row["ordinal_a"],
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "rate_mismatch",
        "warning",
        "比率与分子分母不符",
        "a rate contradicts its numerator and denominator",
        "Each rate for which the dictionary names both sides (ratio_of), against the quotient of the two in the "
        "same report.",
        "Rounding and cutting off at the precision as written; bounds (98%以上); inexact sides; sides in different "
        "units (负责人出庭次数 of 诉讼案件), whose true denominator is untold.",
        rate_mismatch,
    ),
)
