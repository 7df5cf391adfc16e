"""Changes and last year's figures: 同比增长8% and 上年100件, against last year's report and against each other.

Last year's value is the one in the tables, else the one that the same report states (kind ``prior``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.bounds import SLACK
from expectations.check_rates import decimals
from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

POINTS = ("个百分点", "百分点")


def _last_year(frames: Frames) -> pd.DataFrame:
    """The observations, moved on by a year: what a report of the next year can be held against."""
    last = frames.observations[
        ["township_code", "report_year", "indicator", "value", "qualifier", "sentence", "report_id"]
    ]
    last = last.assign(report_year=last["report_year"] + 1)
    return last.rename(columns={name: f"{name}_last" for name in ("value", "qualifier", "sentence", "report_id")})


def _spoken(frames: Frames, kind: str) -> pd.DataFrame:
    """Mentions of a kind (``change`` or ``prior``) with the township of their report, for the township's own totals."""
    rows = frames.about
    rows = rows[(rows["kind"] == kind) & (rows["scope"] == "township") & rows["value"].notna()]
    places = frames.reports[["report_id", "township_code"]].reset_index(drop=True)
    return rows.merge(places, on="report_id")


def prior_mismatch(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Last year's figure as this report tells it, against last year's report."""
    rows = _spoken(frames, "prior").merge(_last_year(frames), on=["township_code", "report_year", "indicator"])
    exact = (rows["qualifier"] == "exact") & (rows["qualifier_last"] == "exact")
    for row in records(rows[exact & ((rows["value"] - rows["value_last"]).abs() > SLACK)]):
        zh, en = frames.name(row["indicator"])
        told, was, year = number(row["value"]), number(row["value_last"]), row["report_year"] - 1
        yield frames.finding(
            "prior_mismatch",
            "warning",
            f"本报告称上年“{zh}”为{told}，而{year}年报告为{was}；请核对哪一份有误或口径是否变化。",
            f"This report gives last year's “{en}” as {told}; the {year} report itself says {was}.",
            row["sentence"],
            row["sentence_last"],
            report_id=row["report_id"],
            indicator=row["indicator"],
            ordinal=row["ordinal"],
        )


def expected_change(unit: str, now: float, last: float) -> float | None:
    """The change from ``last`` to ``now`` in the unit of a stated change; None where it cannot be told.

    >>> expected_change("%", 108, 100), expected_change("件", 108, 100), expected_change("%", 5, 0)
    (8.0, 8, None)
    """
    if unit == "%":
        return None if last == 0 else 100.0 * (now - last) / last
    return now - last


def fits(row: dict[str, Any], expected: float) -> bool:
    """Whether a stated change fits the computed one, at the precision as written.

    The sign is compared only where the extraction gave one: writers say 下降8% for a change of -8.
    """
    step = 10.0 ** -decimals(str(row["surface"]))
    slack = step + SLACK if row["unit"] == "%" or row["unit"] in POINTS else SLACK
    if row["qualifier"] in {"over", "at_least"}:
        return bool(abs(expected) >= abs(row["value"]) - slack)
    if row["qualifier"] != "exact":
        return bool(abs(abs(expected) - abs(row["value"])) <= max(slack, 0.2 * abs(row["value"])))
    return bool(abs(expected - row["value"]) <= slack)


def change_mismatch(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """A stated change against this year's value and last year's."""
    now = frames.observations[["report_id", "indicator", "value", "qualifier", "sentence", "unit"]]
    now = now.rename(columns={name: f"{name}_now" for name in ("value", "qualifier", "sentence", "unit")})
    rows = _spoken(frames, "change").merge(now, on=["report_id", "indicator"])
    # Two changes of one indicator in one sentence are two comparisons (with last year and with the year before).
    rows = rows[~rows.duplicated(["report_id", "indicator", "sentence", "unit"], keep=False)]
    prior = _spoken(frames, "prior")[["report_id", "indicator", "value", "qualifier", "sentence"]]
    prior = prior.drop_duplicates(["report_id", "indicator"])
    prior = prior.rename(columns={name: f"{name}_told" for name in ("value", "qualifier", "sentence")})
    rows = rows.merge(prior, on=["report_id", "indicator"], how="left")
    rows = rows.merge(_last_year(frames), on=["township_code", "report_year", "indicator"], how="left")
    for row in records(rows[rows["qualifier_now"] == "exact"]):
        found = _compare(row)
        if found is None:
            continue
        last, whose, expected = found
        zh, en = frames.name(row["indicator"])
        unit = row["unit"]
        told, right = number(row["value"]) + unit, number(round(expected, 2)) + unit
        yield frames.finding(
            "change_mismatch",
            "warning",
            f"“{zh}”写作较上年变化{told}，而上年{number(last)}、本年{number(row['value_now'])}，应为{right}；请核对。",
            f"“{en}” is said to change by {told}, but {number(last)} last year and {number(row['value_now'])} this "
            f"year "
            f"make {right}.",
            row["sentence"],
            row["sentence_now"],
            row[f"sentence_{whose}"],
            report_id=row["report_id"],
            indicator=row["indicator"],
            ordinal=row["ordinal"],
        )


def _compare(row: dict[str, Any]) -> tuple[float, str, float] | None:
    """Last year's value, whose it is (``last`` or ``told``) and the true change, if no known last value fits."""
    misfit = None
    for whose in ("told", "last"):
        if row[f"qualifier_{whose}"] != "exact":
            continue
        expected = expected_change(row["unit"], row["value_now"], row[f"value_{whose}"])
        if expected is None or fits(row, expected):
            return None
        misfit = (row[f"value_{whose}"], whose, expected)
    return misfit


CHECKS: tuple[Check, ...] = (
    Check(
        "prior_mismatch",
        "warning",
        "所述上年数与上年报告不符",
        "last year's figure differs from last year's report",
        "Figures of kind prior against the observation of the year before.",
        "Inexact figures; years whose report is not in the tables.",
        prior_mismatch,
    ),
    Check(
        "change_mismatch",
        "warning",
        "所述增减与数值不符",
        "a stated change does not follow from the figures",
        "Stated changes (percent, percentage points, counts) against this year's value and last year's, from last "
        "year's report "
        "or as this report tells it.",
        "A change that fits either of the two; two changes of one indicator in one sentence; rounding as written.",
        change_mismatch,
    ),
)
