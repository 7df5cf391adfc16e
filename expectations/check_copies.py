"""Copied figures: a report whose numbers are last year's, or another township's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

TELLING = 13.0
"""Exact counts from here on tell something by being equal; small counts and rates coincide everywhere."""
LEAST = 6
"""Equal figures that make a copy likely ..."""
SHARE = 0.6
"""... if they are at least this share of the telling figures that the two have in common."""
RUN = 3
"""Figures in a row (by indicator) that two townships must share before they are compared at all."""
CROWD = 40
"""A run of figures that more reports share is a common one (a county that fills in the same form), not a copy."""
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
    """Reports of one year whose counts are those of another township.

    Every run of three figures (in the order of the indicators) is a key; two reports that share several keys are
    compared. Equal runs are
    rare, so the pairs to compare grow with the number of reports, not with its square.
    """
    rows = _telling(frames).sort_values(["report_id", "indicator"]).reset_index(drop=True)
    keys = ["report_year"]
    for step in range(RUN):
        shifted = rows.groupby("report_id")[["indicator", "value"]].shift(-step)
        rows[[f"indicator{step}", f"value{step}"]] = shifted
        keys += [f"indicator{step}", f"value{step}"]
    runs = rows.dropna(subset=keys)
    size = runs.groupby(keys)["report_id"].transform("size")
    runs = runs[(size > 1) & (size <= CROWD)][[*keys, "report_id"]]
    pairs = runs.merge(runs, on=keys, suffixes=("", "_other"))
    pairs = pairs[pairs["report_id"] != pairs["report_id_other"]]
    counts = pairs.groupby(["report_id", "report_id_other"]).size()
    likely = counts[counts >= LEAST - RUN].reset_index()[["report_id", "report_id_other"]]
    both = likely.merge(rows[["report_id", "indicator", "value"]], on="report_id")
    other = rows[["report_id", "township_code", "indicator", "value"]].rename(
        columns={"report_id": "report_id_other", "township_code": "township_other"}
    )
    both = both.merge(other, on=["report_id_other", "indicator"], suffixes=("", "_other"))
    both["same"] = both["value"] == both["value_other"]
    totals = both.groupby(["report_id", "report_id_other", "township_other"])["same"].agg(["sum", "size"]).reset_index()
    totals = totals[(totals["sum"] >= LEAST) & (totals["sum"] >= SHARE * totals["size"])]
    # One finding a report, against the report that it shares most with.
    totals = totals.sort_values(["sum", "report_id_other"], ascending=[False, True]).drop_duplicates("report_id")
    places = frames.townships.set_index("township_code")
    for row in records(totals):
        equal = both[(both["report_id"] == row["report_id"]) & (both["report_id_other"] == row["report_id_other"])]
        code = row["township_other"]
        where = f"{places.loc[code, 'county']}{places.loc[code, 'township']}" if code in places.index else ""
        place = {"report_id": row["report_id"], "equal": row["sum"], "common": row["size"]}
        yield _finding(
            frames, place, equal[equal["same"]], f"与{where}（{code}）同年报告", f"{where} ({code}), same year"
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "copied_figures",
        "warning",
        "数字疑似照抄上年",
        "figures copied from last year",
        "Exact counts of 13 or more against the same township's report of the year before: at least six equal, and "
        "three fifths of those "
        "that both report.",
        "Rates, stocks and small counts, which stay equal without copying.",
        copied_from_last_year,
    ),
    Check(
        "copied_figures",
        "warning",
        "数字疑似照抄外单位",
        "figures copied from another township",
        "The same against other townships of the same year, for reports that share at least four runs of three "
        "figures.",
        "Runs that more than 40 reports share.",
        copied_from_another,
    ),
)
