"""What was settled against what came in: 办结 of 受理, 化解 of 排查, and every part that the dictionary knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from expectations.bounds import SLACK
from expectations.checking import Check, CheckContext, number
from expectations.frames import RESOLVED, records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames


def resolves(frames: Frames, indicator: str) -> bool:
    """Whether an indicator counts what was settled of the cases that its ``part_of`` counts."""
    row = frames.indicators.get(indicator)
    parent = frames.indicators.get(row.part_of) if row and row.part_of else None
    return bool(
        row
        and parent
        and (row.unit, row.aggregation) == (parent.unit, parent.aggregation) == (row.unit, "flow")
        and re.search(RESOLVED, row.name_zh)
    )


def resolved_exceeds_received(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """More settled than came in."""
    yield from _above(frames, settled=True)


def part_above_whole(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Any other indicator above the one that it is part of."""
    yield from _above(frames, settled=False)


def _above(frames: Frames, *, settled: bool) -> Iterator[Finding]:
    rows = [row for row in frames.indicators.values() if row.part_of and resolves(frames, row.indicator) == settled]
    pairs = frames.paired((row.indicator, row.part_of or "") for row in rows)
    carried = _carried_in(frames)
    if not settled:  # within one sentence its own words decide, which part_exceeds_total reads
        pairs = pairs[pairs["sentence_a"] != pairs["sentence_b"]]
    for row in records(pairs[pairs["low_a"] > pairs["high_b"] + SLACK]):
        brought = carried.get((row["report_id"], str(row["indicator_b"]).removesuffix("_received")), 0.0)
        if row["low_a"] > row["high_b"] + brought + SLACK:
            yield _exceeds(frames, row, settled=settled)


def _exceeds(frames: Frames, row: dict[str, Any], *, settled: bool) -> Finding:
    # Figures of different sentences may be of different bodies, only what is settled is surely a part of what came, and
    # what is told before it was settled of something else (立案416起，结案402起；作出行政处罚397起).
    sure = settled and row["sentence_a"] == row["sentence_b"] and row["ordinal_a"] > row["ordinal_b"]
    (zh, en), (zh_b, en_b) = frames.name(row["indicator_a"]), frames.name(row["indicator_b"])
    a, b = number(row["value_a"]), number(row["value_b"])
    return frames.finding(
        "resolved_exceeds_received" if settled else "part_above_whole",
        "warning" if sure else "info",
        f"“{zh}”{a}大于“{zh_b}”{b}，前者应是后者的一部分；请核对口径（例如是否含上年结转）。",
        f"“{en}” ({a}) is larger than “{en_b}” ({b}), of which it should be a part; check the scope (carry-over?).",
        row["sentence_a"],
        row["sentence_b"],
        report_id=row["report_id"],
        indicator=row["indicator_a"],
        ordinal=row["ordinal_a"],
    )


def _carried_in(frames: Frames) -> dict[tuple[str, str], float]:
    """Cases brought over from last year, by report and the stem of their indicator's name."""
    rows = frames.observations
    rows = rows[rows["indicator"].str.endswith("_carried_in")]
    stems = rows["indicator"].str.removesuffix("_carried_in")
    return dict(zip(zip(rows["report_id"], stems, strict=True), rows["value"], strict=True))


def cases_open(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Cases that came in and were not settled by the year's end: worth knowing, not an error."""
    children = [row for row in frames.indicators.values() if resolves(frames, row.indicator)]
    pairs = frames.paired((row.indicator, row.part_of or "") for row in children)
    exact = (pairs["qualifier_a"] == "exact") & (pairs["qualifier_b"] == "exact")
    for row in records(pairs[exact & (pairs["value_a"] < pairs["value_b"])]):
        (zh, en), (zh_b, en_b) = frames.name(row["indicator_a"]), frames.name(row["indicator_b"])
        a, b, left = (number(row["value_a"]), number(row["value_b"]), number(row["value_b"] - row["value_a"]))
        yield frames.finding(
            "cases_open",
            "info",
            f"“{zh_b}”{b}，“{zh}”{a}：{b}件中有{left}件尚未办结。",
            f"{left} of {b} are open: “{en_b}” {b}, “{en}” {a}.",
            row["sentence_b"],
            row["sentence_a"],
            report_id=row["report_id"],
            indicator=row["indicator_a"],
            ordinal=row["ordinal_a"],
        )


CHECKS: tuple[Check, ...] = (
    Check(
        "resolved_exceeds_received",
        "warning",
        "办结数大于受理数",
        "more settled than came in",
        "What was settled against what came in, for every such pair of the dictionary; a note where the two stand in "
        "different sentences, which may speak of different bodies, or what was settled is told first.",
        "Cases carried over from last year, where the report counts them; inexact figures whose bounds allow it.",
        resolved_exceeds_received,
    ),
    Check(
        "part_above_whole",
        "info",
        "分项大于总项",
        "a part above its whole",
        "Every other indicator that the dictionary makes part of another, against that one, anywhere in the report.",
        "The same as above; only a note, since reports draw such lines differently (立案 may exceed 处罚).",
        part_above_whole,
    ),
    Check(
        "cases_open",
        "info",
        "尚未办结",
        "cases still open",
        "What was settled against what came in, for every pair of the dictionary.",
        "Inexact figures.",
        cases_open,
    ),
)
