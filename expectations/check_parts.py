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
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from expectations.bounds import SLACK
from expectations.checking import Check, CheckContext, number
from expectations.frames import records
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
BREAK = re.compile(r"[。；;！？]")
"""Marks that end a list: what follows belongs to another thing."""
CLAUSE_END = re.compile(r"[。；;！？\n，,、）)]")
OPENER = re.compile(r"其中|包括|包含|[（(]")
"""Words that make what follows a part of what stands before."""
OTHER_TIME = re.compile(r"前|原|上年|去年|往年|累计")
"""A bracket may also hold an earlier level (合并前29个), which is no part."""
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


Part = dict[str, Any]
"""A row of ``families``."""


def listed(text: str, rows: list[Part]) -> list[Part]:
    """Those parts of one family that stand in one list with their total: nothing stronger than a comma lies between."""
    start, end = rows[0]["start_t"], rows[0]["end_t"]
    return [
        row
        for row in rows
        if not BREAK.search(text[end : row["start"]] if row["start"] >= end else text[row["end"] : start])
    ]


def _stretch(text: str, total_end: int, parts: list[Part]) -> tuple[str, str]:
    """``after`` and ``before`` of ``claim`` for one family, from the cleaned text."""
    last = max(part["end"] for part in parts)
    if last <= total_end:
        return "", text[last:total_end]
    # The clause that holds the last part ends at the next comma; its state (待申请……) may follow the figure.
    stop = CLAUSE_END.search(text, last)
    return text[total_end : stop.start() if stop else len(text)], ""


def sum_of_parts(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Parts that are said to make up a total and do not."""
    rows = families(frames)
    keys = ["report_id", "ordinal_t"]
    sums, counts = (rows.groupby(keys)["value"].transform(how) for how in ("sum", "size"))
    suspect = rows[(counts >= 2) & ((sums - rows["value_t"]).abs() > SLACK)]
    found: list[tuple[Claim, list[Part]]] = []
    for (report_id, _), family in groupby(records(suspect), key=lambda row: (row["report_id"], row["ordinal_t"])):
        text = frames.texts[report_id]
        parts = listed(text, list(family))
        if 2 <= len(parts) <= MOST_PARTS:
            why = claim(*_stretch(text, parts[0]["end_t"], parts))
            if why and not _covered(why, (parts[0]["low_t"], parts[0]["high_t"]), parts):
                found.append((why, parts))
    others = _others(frames, {parts[0]["report_id"] for _, parts in found})
    named = _names(frames)
    for why, parts in found:
        bounds = [(part["low"], part["high"]) for part in parts]
        total = parts[0]
        if not any(adds_up(other, bounds) for other in others(parts)):
            yield _finding(frames, why, parts, named.get((total["report_id"], total["ordinal_t"])))


def _covered(why: Claim, total: tuple[float, float], parts: list[Part]) -> bool:
    """Whether the parts make up the total, or are not meant to after all."""
    if adds_up(total, [(part["low"], part["high"]) for part in parts]):
        return True
    share = sum(part["value"] for part in parts) / parts[0]["value_t"] if parts[0]["value_t"] else 1.0
    return why == "further" and not NEARLY <= share <= 2 - NEARLY


def _names(frames: Frames) -> dict[tuple[str, int], str]:
    """The first indicator of each mention that states one, by report and ordinal."""
    rows = frames.stating.drop_duplicates(["report_id", "ordinal"])
    keys = zip(rows["report_id"].tolist(), rows["ordinal"].tolist(), strict=True)
    return dict(zip(keys, rows["indicator"].tolist(), strict=True))


def _others(frames: Frames, reports: set[str]) -> Callable[[list[Part]], list[tuple[float, float]]]:
    """A function that gives the other figures of a family's sentence that its parts may belong to instead.

    In 排查118起，化解115起，其中…… only the figures themselves tell which of the two is split.
    """
    mentions = frames.mentions
    chosen = mentions[mentions["report_id"].isin(reports)]
    by_sentence: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for row in records(chosen[["report_id", "sentence", "unit", "ordinal", "low", "high"]]):
        by_sentence[row["report_id"], row["sentence"]].append(row)

    def others(parts: list[Part]) -> list[tuple[float, float]]:
        total = parts[0]
        units = CASE_UNITS if total["unit_t"] in CASE_UNITS else {total["unit_t"]}
        own = {part["ordinal"] for part in parts}
        near = by_sentence[total["report_id"], total["sentence_t"]]
        return [(row["low"], row["high"]) for row in near if row["unit"] in units and row["ordinal"] not in own]

    return others


def _finding(frames: Frames, why: Claim, parts: list[Part], indicator: str | None) -> Finding:
    total = parts[0]
    shown = "+".join(number(part["value"]) for part in parts)
    added, whole = sum(part["value"] for part in parts), total["value_t"]
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
        *(part["sentence"] for part in parts),
        total["sentence_t"],
        report_id=total["report_id"],
        indicator=indicator,
        ordinal=total["ordinal_t"],
    )


def part_exceeds_total(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """One part that is larger than its total, where the prose itself says that it is a part."""
    rows = families(frames)
    worse = rows[(rows["low"] > rows["high_t"] + SLACK) & (rows["start"] >= rows["end_t"])]
    named = _names(frames) if len(worse) else {}
    for row in records(worse):
        between = frames.texts[row["report_id"]][int(row["end_t"]) : int(row["start"])]
        if BREAK.search(between) or not OPENER.search(between) or OTHER_TIME.search(between):
            continue
        indicator = named.get((row["report_id"], row["ordinal"]))
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


CHECKS: tuple[Check, ...] = (
    Check(
        "sum_of_parts",
        "warning",
        "部分之和与总数不符",
        "parts do not make up their total",
        "The parts of a total within one sentence, where the wording claims that they are all of it, against the "
        "total.",
        "Lists that need not be complete (其中, 包括, 等), inexact figures whose bounds allow the total, lists that "
        "split a total in two ways if either adds up, and parts that make up another figure of the sentence.",
        sum_of_parts,
    ),
    Check(
        "part_exceeds_total",
        "warning",
        "部分大于总数",
        "a part is larger than its total",
        "Each part against the total that its own sentence names with 其中, 包括 or a bracket.",
        "Different units (件 of 人), inexact figures whose bounds allow it, earlier levels in brackets (合并前29个).",
        part_exceeds_total,
    ),
)
