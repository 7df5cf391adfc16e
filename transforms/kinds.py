"""Kinds: whether a quantity is what was done this year, or a plan, a norm, last year's level, a change.

The rules read cues, terms that stand before a quantity in its sentence, found once for the whole text. The first kind
that fits is given, in the order of the conventions: name, plan, norm, prior, change, zero, actual.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from transforms.candidates import Candidate
from warehouse.contracts import Kind

CueKind = Literal["plan", "each", "least", "rule", "prior", "versus", "done", "higher", "own", "part", "fresh"]

_TERMS: dict[CueKind, str] = {
    "plan": """力争 争取实现 争取达到 争取在 争取到20 争取完成 争取建成 争取年 预计 拟建 拟新建 拟投 拟开展 拟于 拟在 拟组织 拟投资 拟实施 拟新增 拟引进
        计划开展 计划组织 计划投入 计划投资 计划总投资 计划新建 计划建设 计划完成 计划实施 计划用 计划培训 计划举办 计划召开 计划于 计划在 计划安排
        计划新增 计划培育 计划打造 计划争取 计划年 计划全年 计划利用 计划通过 计划引进 计划对 计划创建 计划再 计划每
        将开展 将组织 将投入 将新建 将达 将于 将在 将继续 将进一步 将建成 将实现 将举办 将完成 将新增 将通过 将重点 将全面 将持续 将力争 将按
        将不断 将着力 将围绕 将对 将以 将从 明年 来年 下一年 下一步 下步 今后 未来 下阶段 下一阶段 接下来 目标任务 目标为 目标是 工作目标 奋斗目标""",
    "each": """每年 每月 每季度 每季 每半年 每周 每日 每天 每村 每个 每名 每户 每人 每两月 每两个 每学期 每次 每镇 每支 每所 每组 每位 每村(社区)
        每村（社区） 每社区 每网格 每家 每场 每期 每旬 每年度 每人每年 每件 每万 按季度 按月 按季 按年 逐月 按周 每班 每单位 每校 每季至 每两周 每两年 每三年""",
    "least": "不少于 不低于 不得少于 不得低于 至少 最少 不超过 不得超过 不得高于 不大于 不小于 不多于 至多 最多",
    "rule": "应当 必须 原则上 规定为 标准为 须达 应达 需达 要达到 须由 应由 要确保 要求不 满分 总分 法定",
    "prior": "上年 去年 上一年 上年度 前年 上一年度 往年 原来的 原有的 此前的",
    "versus": "同比 环比 较上年 较去年 比上年 比去年 较上一年 比上一年 较同期 比同期 与上年 与去年 同上年 同去年 较年初 比年初 相比 较往年 比往年 较前年 比前年 较2 比2 净增 净减 相较 对比",
    "done": "共 累计 合计 已 全年 年内 今年以来 实际 总计 本年 截至 截止 目前 平均",
    "higher": "全市 全县 全区 全省 全国 全州 全旗 全盟 我市 我县 我区 我省 全自治区 全市共 全县共 全区共 市级共 县级共",
    "own": "全镇 我镇 本镇 全乡 我乡 本乡 全街道 我街道 本街道 辖区 镇党委 镇政府 乡党委 乡政府 街道党工委 街道办 镇综合 镇司法所 辖内 镇域 乡域 该镇 该乡 全苏木",
    "part": "其中 包括 包含 内含 分别为",
    "fresh": "此外 另外 同时 全年 共 累计 另有",
}
_FUTURE = ("plan",)
_PATTERNS: list[str] = []
_KINDS: list[CueKind] = []
for _kind, _words in _TERMS.items():
    for _word in _words.split():
        _PATTERNS.append(_word)
        _KINDS.append(_kind)
_AUTOMATON = AhoCorasick(_PATTERNS, matchkind=MatchKind.LeftmostLongest)

_UP = "增长|上升|提高|提升|增加|上涨|扩大|增"
_DOWN = "下降|减少|降低|回落|下滑|压缩|缩短|压减|缩减|下跌|减幅|降幅|精简|降"
_MOVE = re.compile(f"(?:(?P<down>{_DOWN})|(?P<up>{_UP}|增幅|增速|增长率))(?:幅度|率|比例)?(?:了|为|达到?|约|近|超|超过|：|:)?$")
_MORE = re.compile("(?:多|高(?:出|于[^，。；]{0,10})?|(?P<less>少|低(?:于[^，。；]{0,10})?))(?:出|了)?$")
_NET = re.compile("净(?:增|(?P<less>减))(?:加|少|长)?(?:[^，。；0-9]{0,6})$")
_FROM = re.compile("(?:由|从)(?:(?:去年|上年|原来|原先|以前|过去|最初|年初|20[0-9]{2}年)(?:同期)?的?)?$")
_TO = re.compile(f"[^，。；0-9]{{0,6}}(?:{_UP}|{_DOWN}|变|调整|优化|拓展|扩)[^，。；0-9]{{0,4}}[至到为成]|[^，。；0-9]{{0,3}}[增降升减提涨][至到]")
_LEVEL = re.compile("[至到成为]$")
_GOAL_AFTER = re.compile("(?:以上|左右|以内)?的?(?:年度|工作|总|奋斗)?目标|的?要求|的?标准|的?计划")
_FREQUENCY_AFTER = re.compile("[/／](?:年|月|季|周|天|日|人|村)|(?:一|每)(?:年|月|季)")
_FREQUENCY_BEFORE = re.compile("(?:[一半每两]个?(?:年|月|周|天|日|季度?|学期)|一季度)(?:至少|不少于)?$")
_LARGEST_FREQUENCY = 31
_PERIODS = frozenset("年月季周日天旬期度")


class Cues(NamedTuple):
    """The cues of a text in order: where each begins and ends, and its kind."""

    starts: list[int]
    ends: list[int]
    kinds: list[CueKind]

    def before(self, start: int, number: int) -> range:
        """Indices of the cues that begin at or after ``start`` and before ``number``."""
        low = bisect_left(self.starts, start)
        return range(low, bisect_left(self.starts, number, low))


def cues(text: str) -> Cues:
    """Find the cues of a text; where terms overlap, the longest counts."""
    found = _AUTOMATON.find_matches_as_indexes(text)
    return Cues([start for _, start, _ in found], [end for _, _, end in found], [_KINDS[i] for i, _, _ in found])


def judge(
    text: str, one: Candidate, sentence: int, clause: int, known: Cues, outlook: bool, years: tuple[int | None, int | None]
) -> tuple[Kind, bool]:
    """The kind of a candidate that is no name, and whether it is a decrease, whose value is told as negative.

    ``sentence`` and ``clause`` are where its sentence and clause begin; ``years`` the latest year named before it in the
    sentence and the year of the report, where known.
    """
    if outlook:
        return "plan", False
    number = one.number
    in_sentence = known.before(sentence, number)
    kinds = known.kinds
    in_clause = [i for i in in_sentence if known.starts[i] >= clause]
    if in_sentence and any(kinds[i] == "plan" for i in in_sentence) and not _done_since(known, in_sentence, "plan"):
        return "plan", False
    named, reported = years
    if named is not None and reported is not None and named > reported:
        return "plan", False
    if _is_norm(text, one, known, in_clause):
        return "norm", False
    moved = _change(text, one, clause, known, in_sentence)
    if moved is not None:
        return moved
    if _is_prior(text, one, known, in_clause) or (named is not None and reported is not None and reported - 6 < named < reported):
        return "prior", False
    return "actual", False


def _done_since(known: Cues, indices: range, kind: CueKind) -> bool:
    """Whether a word of completion (已, 累计) stands after the last cue of ``kind``: 计划安装20台，已安装15台."""
    last = max(i for i in indices if known.kinds[i] == kind)
    return any(known.kinds[i] == "done" for i in indices if i > last)


def _is_norm(text: str, one: Candidate, known: Cues, in_clause: list[int]) -> bool:
    if _FREQUENCY_AFTER.match(text, one.end) is not None:
        return True
    if text[one.start - 1 : one.start] in _PERIODS and one.start and _FREQUENCY_BEFORE.search(text, max(0, one.start - 8), one.start):
        return True
    limit = known.starts
    if text[one.start : one.number] and one.qualifier in ("at_least", "at_most") and one.start < one.number:
        return not any(known.kinds[i] == "done" for i in in_clause)
    each = [i for i in in_clause if known.kinds[i] in ("each", "least", "rule")]
    if not each:
        return False
    last = each[-1]
    if any(known.kinds[i] in ("done", "own") and limit[i] > limit[last] for i in in_clause):
        return False
    if known.kinds[last] == "each":
        return one.value <= _LARGEST_FREQUENCY and one.qualifier not in ("over", "nearly") or one.unit is not None and one.unit.dimension == "金额"
    return True


def _change(text: str, one: Candidate, clause: int, known: Cues, in_sentence: range) -> tuple[Kind, bool] | None:
    """A difference or rate of change, with its direction; None where the number is a level."""
    start = one.start
    low = max(clause, start - 14)
    move = _MOVE.search(text, low, start)
    rate = one.unit is not None and one.unit.surface in ("%", "％", "﹪", "‰", "个百分点", "百分点", "倍", "成")
    compared = [i for i in in_sentence if known.kinds[i] == "versus"]
    if move is not None and (rate or any(known.starts[i] >= clause for i in compared)):
        return "change", move["down"] is not None
    net = _NET.search(text, low, start)
    if net is not None:
        return "change", net["less"] is not None
    if compared and known.starts[compared[-1]] >= clause and _LEVEL.search(text, low, start) is None:
        more = _MORE.search(text, low, start)
        if more is not None:
            return "change", more["less"] is not None
        if rate or known.ends[compared[-1]] == start:
            return "change", _MOVE.search(text, low, start) is not None and "降" in text[low:start]
    if one.unit is not None and one.unit.unit == "个百分点":
        more = _MORE.search(text, low, start)
        return "change", (more is not None and more["less"] is not None) or (move is not None and move["down"] is not None)
    return None


def _is_prior(text: str, one: Candidate, known: Cues, in_clause: list[int]) -> bool:
    if _FROM.search(text, max(0, one.start - 12), one.start) is not None and _TO.match(text, one.end) is not None:
        return True
    if not in_clause:
        return False
    last = next((i for i in reversed(in_clause) if known.kinds[i] in ("prior", "done", "versus", "own")), None)
    if last is None or known.kinds[last] != "prior":
        return False
    # 去年的25件下降到12件: the level that was reached is this year's.
    return _LEVEL.search(text, max(0, one.start - 1), one.start) is None or text[one.start - 2 : one.start] not in ("降到", "降至", "升到", "升至", "增至", "增到", "高到", "高至", "少到", "少至", "加到", "加至", "长到", "长至", "升为", "降为")
