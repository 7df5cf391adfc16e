"""Parts and totals: 其中71宗已办结，12宗……另有7宗 must make up the 92 cases, where the prose says that they do.

Most lists of parts are not complete (其中, 包括, 如, 等), so a sum that falls short is no error by itself. The prose
claims a whole in five ways, each a rule of the language:

- a remainder: 其余, 剩余, 其他 ... closes the list;
- opposite states: what is done (已办结) stands beside what is not (待处理, 正在办理), and a case is one or the other;
- opposite kinds: 简易程序 and 普通程序, 男 and 女, 书面 and 口头 ...;
- a split: 分别, 分为, a colon or a bracket straight after the total, with no 其中, 包括 or 等;
- a sum: 合计 or 共计 after the parts.

另有 may add to the total or name a further part, so alone it counts only where the parts nearly reach the total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from expectations.bounds import SLACK
from expectations.checking import Check, CheckContext, number
from expectations.frames import RESOLVED, records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

Claim = Literal["remainder", "states", "kinds", "split", "sum", "further"]
CLAIMS_ZH: dict[Claim, str] = {
    "remainder": "文中以“其余”等词收尾",
    "states": "文中并列了已办结与未办结",
    "kinds": "文中并列了互补的类别",
    "split": "文中逐项列出",
    "sum": "文中写明合计",
    "further": "文中以“另有”补足",
}
CLAIMS_EN: dict[Claim, str] = {
    "remainder": "the list closes with a remainder",
    "states": "settled and open cases stand side by side",
    "kinds": "opposite kinds stand side by side",
    "split": "the total is split into items",
    "sum": "the prose calls it the sum",
    "further": "a further part completes the list",
}

CASE_UNITS = frozenset("件宗起例案")
"""Classifiers for cases that writers of this genre exchange freely."""
REMAINDER = re.compile(r"其余|剩余|余下|剩下|其他|其它")
DONE = re.compile(
    r"(?<![未待])(?:办结|结案|化解|处理完毕|调解成功|整改完成|完成整改|整改到位|销号|履行完毕|已处理|已整改|已完成)(?!率)"
)
NOT_DONE = re.compile(
    r"未办结|未结|未化解|未处理|未完成|未整改|未履行|正在|尚在|尚未|在办|办理中|处理中|调处中|整改中|跟进|(?<![接对期招虐优看善])待[^遇]"
)
OPPOSITES = (
    ("简易程序", "普通程序|一般程序"),
    ("书面", "口头"),
    ("男", "女"),
    ("线上", "线下"),
    ("成功", "不成功|未成功|失败"),
    ("自然人", "法人|组织"),
    ("镇级", "村级"),
)
"""Kinds that together are everything of their sort."""
OPEN_LIST = re.compile(r"其中|包括|包含|含|例如|比如|主要|等(?=[^待级于])|等$")
"""Words after which a list need not be complete."""
SPLIT = re.compile(r"^[，,]?[^，。；]{0,6}(?:分别|分为|分成|[：:（(])")
NEARLY = 0.9
"""With 另有 alone, parts that reach this share of the total are taken to be meant as all of it."""
MOST_PARTS = 8


def claim(after: str, before: str = "") -> Claim | None:
    """How the prose says that parts are the whole, if it does.

    Args:
        after: The text from the end of the total to the end of the clause that holds the last part.
        before: Where the total comes after its parts, the text from the last part to the end of the total.
    """
    if before:
        return "sum" if re.search(r"合计|共计|总计|一共", before) else None
    if REMAINDER.search(after):
        return "remainder"
    if DONE.search(after) and NOT_DONE.search(after):
        return "states"
    if any(re.search(first, after) and re.search(second, after) for first, second in OPPOSITES):
        return "kinds"
    if SPLIT.match(after) and not OPEN_LIST.search(after):
        return "split"
    return "further" if re.search(r"另有|另外|还有", after) else None


def adds_up(total: tuple[float, float], parts: list[tuple[float, float]]) -> bool:
    """Whether two or more of the parts can make up the total; one list may hold two ways of splitting it.

    Args:
        total: Lower and upper bound of the total.
        parts: The same for each part.
    """
    for size in range(len(parts), 1, -1):
        for chosen in combinations(parts, size):
            low, high = sum(part[0] for part in chosen), sum(part[1] for part in chosen)
            if low <= total[1] + SLACK and high >= total[0] - SLACK:
                return True
    return False


def families(frames: Frames) -> pd.DataFrame:
    """Parts beside their totals: one row a part, the total's columns ending in ``_t``.

    A part belongs to the total that the extraction names, else to the nearest mention before it in its sentence that
    states the indicator it is part of (dictionary, ``part_of``).
    """
    mentions = frames.mentions
    told = mentions[mentions["kind"].isin(["actual", "zero"]) & mentions["value"].notna()]
    named = told[told["part_of_ordinal"] > 0].copy()
    parents = {row.indicator: row.part_of for row in frames.indicators.values() if row.part_of}
    stated = frames.stated
    loose = stated[(stated["part_of_ordinal"] == 0) & stated["indicator"].isin(list(parents))].copy()
    loose["indicator"] = loose["indicator"].map(parents)
    near = loose.merge(
        stated[["report_id", "sentence", "indicator", "ordinal"]],
        on=["report_id", "sentence", "indicator"],
        suffixes=("", "_of"),
    )
    near = near[near["ordinal_of"] < near["ordinal"]].sort_values("ordinal_of")
    near = near.drop_duplicates(["report_id", "ordinal"], keep="last")
    near["part_of_ordinal"] = near["ordinal_of"]
    keys = ["report_id", "ordinal", "part_of_ordinal"]
    columns = [*keys, "surface", "value", "unit", "low", "high", "start", "end", "sentence"]
    parts = pd.concat([named[columns], near[columns]]).drop_duplicates(["report_id", "ordinal"])
    totals = told[["report_id", "ordinal", "surface", "value", "unit", "low", "high", "start", "end", "sentence"]]
    joined = parts.merge(
        totals, left_on=["report_id", "part_of_ordinal"], right_on=["report_id", "ordinal"], suffixes=("", "_t")
    )
    same = (joined["unit"] == joined["unit_t"]) | (joined["unit"].isin(CASE_UNITS) & joined["unit_t"].isin(CASE_UNITS))
    return joined[same].sort_values(["report_id", "ordinal_t", "ordinal"])


def _stretch(text: str, total_end: int, parts: pd.DataFrame) -> tuple[str, str]:
    """``after`` and ``before`` of ``claim`` for one family, from the cleaned text."""
    last = int(parts["end"].max())
    if last <= total_end:
        return "", text[last:total_end]
    stop = re.compile(r"[。；;！？\n]").search(text, last)
    clause = text[total_end : stop.start() if stop else len(text)]
    # The clause that holds the last part ends at the next comma; its state (待申请……) may follow the figure.
    comma = re.compile(r"[，,、）)]").search(text, last)
    return (text[total_end : comma.start()] if comma and (not stop or comma.start() < stop.start()) else clause), ""


def sum_of_parts(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Parts that are said to make up a total and do not."""
    rows = families(frames)
    sums = rows.groupby(["report_id", "ordinal_t"])["value"].transform("sum")
    counts = rows.groupby(["report_id", "ordinal_t"])["value"].transform("size")
    suspect = rows[(counts >= 2) & (counts <= MOST_PARTS) & ((sums - rows["value_t"]).abs() > SLACK)]
    stating = frames.stating.drop_duplicates(["report_id", "ordinal"]).set_index(["report_id", "ordinal"])["indicator"]
    for _, parts in suspect.groupby(["report_id", "ordinal_t"], sort=True):
        total: dict[Any, Any] = parts.iloc[0].to_dict()
        report_id, ordinal = str(total["report_id"]), total["ordinal_t"]
        text = frames.texts[report_id]
        why = claim(*_stretch(text, int(total["end_t"]), parts))
        bounds = list(zip(parts["low"], parts["high"], strict=True))
        if why is None or adds_up((total["low_t"], total["high_t"]), bounds):
            continue
        if why == "further" and not NEARLY <= parts["value"].sum() / total["value_t"] <= 2 - NEARLY:
            continue
        yield _finding(frames, why, parts, stating.get((report_id, ordinal)))


def _finding(frames: Frames, why: Claim, parts: pd.DataFrame, indicator: str | None) -> Finding:
    total = parts.iloc[0]
    shown = "+".join(number(value) for value in parts["value"])
    added, whole = parts["value"].sum(), total["value_t"]
    zh, en = frames.name(indicator)
    zh, en = zh or total["surface_t"], en or "the total"
    gap = number(abs(added - whole))
    return frames.finding(
        "sum_of_parts",
        "warning",
        f"“{zh}”的各部分{shown}={number(added)}，与所述总数{number(whole)}{total['unit_t']}相差{gap}"
        f"（{CLAIMS_ZH[why]}）；请向该单位核实，或更正其中一个数字。",
        f"The parts of “{en}”, {shown} = {number(added)}, do not add up to the stated {number(whole)} "
        f"(difference {gap}; {CLAIMS_EN[why]}). Ask the township, or correct one figure.",
        *parts["sentence"],
        total["sentence_t"],
        report_id=total["report_id"],
        indicator=indicator,
        ordinal=total["ordinal_t"],
    )


def part_exceeds_total(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """One part that is larger than its total, in one sentence."""
    rows = families(frames)
    worse = rows[rows["low"] > rows["high_t"] + SLACK]
    stating = frames.stating.drop_duplicates(["report_id", "ordinal"]).set_index(["report_id", "ordinal"])["indicator"]
    for row in records(worse):
        indicator = stating.get((row["report_id"], row["ordinal"]))
        zh, en = frames.name(indicator)
        part, whole = number(row["value"]) + row["unit"], number(row["value_t"]) + row["unit_t"]
        yield frames.finding(
            "part_exceeds_total",
            "warning",
            f"部分“{zh or row['surface']}”{part}大于其所属总数{whole}；请向该单位核实。",
            f"The part “{en or row['surface']}” ({part}) is larger than the total it belongs to ({whole}).",
            row["sentence"],
            row["sentence_t"],
            report_id=row["report_id"],
            indicator=indicator,
            ordinal=row["ordinal"],
        )


def child_exceeds_parent(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """An indicator that is part of another (办结 of 受理) and is larger, anywhere in the report."""
    parents = {row.indicator: row.part_of for row in frames.indicators.values() if row.part_of}
    pairs = frames.paired((child, parent) for child, parent in parents.items())
    worse = pairs[(pairs["low_a"] > pairs["high_b"] + SLACK)]
    rows = families(frames)
    told = set(zip(rows["report_id"], rows["ordinal"], strict=True))
    carried = _carried_in(frames)
    for row in records(worse):
        if (row["report_id"], row["ordinal_a"]) in told:
            continue  # part_exceeds_total says it, with the total that the sentence names
        brought = carried.get((row["report_id"], str(row["indicator_b"]).removesuffix("_received")), 0.0)
        if row["low_a"] <= row["high_b"] + brought + SLACK:
            continue
        (zh, en), (zh_b, en_b) = frames.name(row["indicator_a"]), frames.name(row["indicator_b"])
        a, b = number(row["value_a"]), number(row["value_b"])
        near = resolves(frames, row["indicator_a"]) or row["sentence_a"] == row["sentence_b"]
        yield frames.finding(
            "resolved_exceeds_received" if resolves(frames, row["indicator_a"]) else "part_exceeds_total",
            "warning" if near else "info",
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
        "sum_of_parts",
        "warning",
        "部分之和与总数不符",
        "parts do not make up their total",
        "The parts of a total within one sentence, where the wording claims that they are all of it, against the "
        "total.",
        "Lists that need not be complete (其中, 包括, 等), inexact figures whose bounds allow the total, and lists "
        "that split a total in two ways if either adds up.",
        sum_of_parts,
    ),
    Check(
        "part_exceeds_total",
        "warning",
        "部分大于总数",
        "a part is larger than its total",
        "Each part against the total that its own sentence names.",
        "Different units (件 of 人), and inexact figures whose bounds allow it.",
        part_exceeds_total,
    ),
    Check(
        "resolved_exceeds_received",
        "warning",
        "办结数大于受理数",
        "more settled than came in",
        "Each indicator against the one that the dictionary says it is part of, anywhere in the report; a note "
        "(info) where the "
        "two stand in different sentences and are no pair of received and settled.",
        "Cases carried over from last year, where the report counts them.",
        child_exceeds_parent,
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
