"""Copied figures: a report whose numbers are last year's, or another township's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from expectations.wide import LEAST, SHARE, TELLING
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

SHOWN = 6


def _telling(frames: Frames) -> pd.DataFrame:
    """Exact counts of things done in the year, large enough to tell something by being equal."""
    flows = [row.indicator for row in frames.indicators.values() if row.aggregation == "flow"]
    rows = frames.observations
    rows = rows[rows["indicator"].isin(flows) & (rows["qualifier"] == "exact") & (rows["value"] >= TELLING)]
    return rows[["report_id", "township_code", "report_year", "indicator", "value"]]


def _finding(frames: Frames, row: dict[str, Any], equal: pd.DataFrame, zh: str, en: str) -> Finding:
    figures = [f"{frames.name(item['indicator'])[0]} {number(item['value'])}" for item in records(equal.head(SHOWN))]
    rest = len(equal) - len(figures)
    share = f"{int(row['equal'])}/{int(row['common'])}"
    return frames.finding(
        "copied_figures",
        "warning",
        f"{zh}有{share}项数字完全相同，疑似照抄；请向该单位核实。",
        f"{share} telling figures equal those of {en}; possibly copied.",
        "；".join(figures) + (f"；另有{rest}项" if rest > 0 else ""),
        report_id=row["report_id"],
    )


def copied_from_last_year(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports whose counts are those of the same township's report of the year before."""
    rows = _telling(frames)
    last = rows.assign(report_year=rows["report_year"] + 1)
    both = rows.merge(last, on=["township_code", "report_year", "indicator"], suffixes=("", "_last"))
    both["same"] = both["value"] == both["value_last"]
    counts = both.groupby("report_id")["same"].agg(["sum", "size"])
    copied = counts[(counts["sum"] >= LEAST) & (counts["sum"] >= SHARE * counts["size"])]
    for row in records(copied.reset_index()):
        report_id = row["report_id"]
        equal = both[(both["report_id"] == report_id) & both["same"]]
        year = int(equal.iloc[0]["report_year"]) - 1
        place = {"report_id": report_id, "equal": row["sum"], "common": row["size"]}
        yield _finding(frames, place, equal, f"与本单位{year}年报告", f"the township's own report of {year}")


def copied_from_another(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports of one year whose counts are those of another township (``expectations/wide.py``).

    One finding a report, against the report that it shares most with.
    """
    places = frames.townships.set_index("township_code")
    for row in records(frames.wide.alike):
        code = row["township_other"]
        where = f"{places.loc[code, 'county']}{places.loc[code, 'township']}" if code in places.index else ""
        equal = pd.DataFrame({"indicator": list(row["indicators"]), "value": list(row["figures"])})
        yield _finding(frames, row, equal, f"与{where}（{code}）同年报告", f"{where} ({code}), same year")


CHECKS: tuple[Check, ...] = (
    Check(
        "copied_figures",
        "warning",
        "数字疑似照抄",
        "figures that look copied",
        "Exact counts of 13 or more against the same township's report of the year before: at least six equal, and "
        "three fifths of those "
        "that both report.",
        "Rates, stocks and small counts, which stay equal without copying.",
        copied_from_last_year,
    ),
    Check(
        "copied_figures",
        "warning",
        "数字疑似照抄",
        "figures that look copied",
        "The same against other townships of the same year, for reports that share at least four runs of three "
        "figures.",
        "Runs that more than 40 reports share.",
        copied_from_another,
    ),
)
