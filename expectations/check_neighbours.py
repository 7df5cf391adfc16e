"""Values against others of their sort: townships of the same kind in the same year, and the unit's own earlier years.

Counts of this genre are roughly log-normal: a town may do ten times as much as the next and be right. So distances
are taken on
a log scale, with robust centres and scales, and a value must lie far off by both measures, in scales and in times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from expectations.checking import Check, CheckContext, number
from expectations.frames import records
from expectations.panel import panel, past_scores
from expectations.wide import SCORE, SLIP, SLIP_SCORE, SLIP_WIDTH, SPREAD, TIMES
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

PAST_SCORE, PAST_TIMES, PAST_YEARS = 6.0, 8.0, 3
SMALL = 5.0
"""Added to counts before taking logs of a unit's own past, so that 1 after 0 and 9 after 1 are no jumps."""


def _past_scores(frames: Frames) -> pd.DataFrame:
    """Cells with earlier values: their number and median (``usual``), and the distance in logs and in scales."""
    years = panel(frames)
    counted = {row.indicator for row in frames.indicators.values() if row.aggregation != "rate"}
    chosen = years.keys["indicator"].isin(counted).to_numpy()
    found = []
    for at in range(1, len(years.years)):
        scores = past_scores(years.values[chosen], at, SMALL, SPREAD)
        known = np.isfinite(scores.score)
        columns = {"usual": scores.usual, "off": scores.distance, "score": scores.score, "years": scores.years}
        frame = pd.DataFrame({name: column[known] for name, column in columns.items()})
        found.append(frame.assign(place=years.rows[chosen, at][known]))
    empty = pd.DataFrame({"usual": 0.0, "off": 0.0, "score": 0.0, "years": 0, "place": 0}, index=[])
    rows = pd.concat(found or [empty], ignore_index=True)
    cells = frames.cells.reset_index(drop=True)
    return rows.join(cells[["report_id", "indicator", "ordinal", "value"]], on="place")


def _slips(rows: pd.DataFrame) -> pd.Series[bool]:
    """Which values are about 10,000 times, or a 10,000th of, what is usual."""
    times = rows["value"] / rows["usual"].where(rows["usual"] > 0)
    return times.between(SLIP / SLIP_WIDTH, SLIP * SLIP_WIDTH) | times.between(
        1 / (SLIP * SLIP_WIDTH), SLIP_WIDTH / SLIP
    )


class _Scores:
    """The scores of one run, computed once for the three checks that read them."""

    def __init__(self, frames: Frames) -> None:

        peers, past = frames.wide.outliers, _past_scores(frames)
        peers = peers.assign(usual=np.exp(peers["centre"].astype(float)))
        keys = ["report_id", "indicator"]
        columns = [*keys, "ordinal", "value", "usual"]
        by_past = past[_slips(past)][columns].assign(whom="past")
        by_peers = peers[_slips(peers) & (peers["score"] > SLIP_SCORE)][columns].assign(whom="peers")
        self.slips = pd.concat([by_past, by_peers]).drop_duplicates(keys)
        slipped = pd.MultiIndex.from_frame(self.slips[keys])
        self.peers = peers[~pd.MultiIndex.from_frame(peers[keys]).isin(slipped)]
        self.past = past[~pd.MultiIndex.from_frame(past[keys]).isin(slipped) & (past["years"] >= PAST_YEARS)]


_SCORES: WeakKeyDictionary[Frames, _Scores] = WeakKeyDictionary()


def _scores(frames: Frames) -> _Scores:
    if frames not in _SCORES:
        _SCORES[frames] = _Scores(frames)
    return _SCORES[frames]


def _rows(frames: Frames, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with the sentence that states their value."""
    told = frames.observations[["report_id", "indicator", "sentence"]]
    return records(rows.merge(told, on=["report_id", "indicator"], how="left", suffixes=("_", "")))


def _say(frames: Frames, check: str, row: dict[str, Any], zh: str, en: str) -> Finding:
    name_zh, name_en = frames.name(row["indicator"])
    return frames.finding(
        check,
        "warning",
        f"“{name_zh}”{number(row['value'])}，{zh}",
        f"“{name_en}” is {number(row['value'])}, {en}",
        row["sentence"],
        report_id=row["report_id"],
        indicator=row["indicator"],
        ordinal=row["ordinal"],
    )


def unit_slip(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Values about 10,000 times, or a 10,000th of, their neighbours or their own past."""
    for row in _rows(frames, _scores(frames).slips):
        usual = number(round(row["usual"], 1))
        whom = ("本单位往年", "its own past") if row["whom"] == "past" else ("同类单位", "its neighbours")
        bigger = row["value"] > row["usual"]
        times = ("约为其一万倍", "about 10,000 times as much") if bigger else ("约为其万分之一", "about a 10,000th")
        yield _say(
            frames,
            "unit_slip",
            row,
            f"{whom[0]}一般为{usual}，{times[0]}；请核对单位（元还是万元）。",
            f"{times[1]} of {whom[1]} ({usual}); check the unit (元 or 万元).",
        )


def unlike_neighbours(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Values far above those of townships of the same kind in the same year."""
    rows = _scores(frames).peers
    for row in _rows(frames, rows[(rows["score"] > SCORE) & (rows["off"] > np.log(TIMES))]):
        usual, times = number(round(row["usual"], 1)), number(round(row["value"] / row["usual"]))
        yield _say(
            frames,
            "unlike_neighbours",
            row,
            f"是同年{row['peers']}个{row['kind']}中位数{usual}的{times}倍；请核对单位和口径（是否为上级或多年累计）。",
            f"{times} times the median ({usual}) of {row['peers']} units of its kind that year; check unit and scope.",
        )


def unlike_own_past(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Values far from what the same township reported in earlier years."""
    rows = _scores(frames).past
    far = (rows["score"] > PAST_SCORE) & (rows["off"].abs() > np.log(PAST_TIMES))
    for row in _rows(frames, rows[far]):
        usual = number(round(row["usual"], 1))
        yield _say(
            frames,
            "unlike_own_past",
            row,
            f"而本单位往年一般为{usual}；请核对数字、单位和口径。",
            f"while the township's own earlier years centre on {usual}; check figure, unit and scope.",
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "unit_slip",
        "warning",
        "疑似单位错误（元与万元）",
        "a likely unit slip",
        "Each value against the median of the township's own earlier years, else of its kind and year: about 10,000 "
        "times or a "
        "10,000th.",
        "Values that are merely large; fewer than 12 neighbours.",
        unit_slip,
    ),
    Check(
        "unlike_neighbours",
        "warning",
        "远高于同类单位",
        "far above units of its kind",
        "Positive counts against the median of units of the same kind in the same year, on a log scale with a "
        "robust scale: more "
        "than 6 scales and 10 times away.",
        "Low values (a township may do little), rates, fewer than 12 neighbours, unit slips (which are named as such).",
        unlike_neighbours,
    ),
    Check(
        "unlike_own_past",
        "warning",
        "与本单位往年悬殊",
        "far from the township's own past",
        "Counts against the median of at least three of the six years before, with the median pairwise distance as "
        "scale: more than "
        "6 scales and 8 times away.",
        "Small counts (five is added to each before taking logs), rates.",
        unlike_own_past,
    ),
)
