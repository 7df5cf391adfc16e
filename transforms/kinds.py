"""Kinds: whether a quantity is what was done this year, or a plan, a norm, last year's level, a change.

The rules read cues (``cues``) that stand before a quantity in its sentence. The first kind that fits is given, in the
order of the conventions: plan, norm, change, prior, actual; names and verbal zeros are told before.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from transforms.figures import Candidate
from transforms.cues import Cues
from transforms.quantity import Quantity
from transforms.structure import Structure, breaks
from transforms.years import Years
from warehouse.contracts import Kind, Qualifier

_UP = "增长|上升|提高|提升|增加|上涨|扩大|前进|多出|增幅|增速|增长率|增"
_DOWN = "下降|减少|降低|回落|下滑|压缩|缩短|压减|缩减|下跌|减幅|降幅|精简|后退|少了|降"
_MOVE = re.compile(
    f"(?:(?P<less>{_DOWN})|{_UP})(?:幅度|率|比例|额)?(?:分别)?(?:了|为|达到?|约|近|超过?|[都均]?在|：|:)?$"
)
_MORE = re.compile("(?:多|高(?:出|于[^，。；,;]{0,10})?|(?P<less>少|低(?:于[^，。；,;]{0,10})?))(?:出|了)?$")
_NET = re.compile("净(?:增|(?P<less>减))(?:加|少|长)?[^，。；,;0-9]{0,6}$")
_FROM = re.compile("(?:由|从)(?:(?:去年|上年|原来|原先|以前|过去|最初|年初|20[0-9]{2}年)(?:同期|底)?的?)?$")
_TO = re.compile(
    f"[^，。；,;0-9]{{0,6}}(?:{_UP}|{_DOWN}|变|调整|优化|拓展|扩)[^，。；,;0-9]{{0,4}}[至到为成]"
    "|[^，。；,;0-9]{0,3}[增降升减提涨缩压][至到为]"
)
_THAN = re.compile("(?:较|比|与|同)[^，。；,;]{0,8}(?:年|期|底|末)的?$")
_REACHED_BEFORE = frozenset("降升增减高低少加长变整化提压缩大展成")
_REACHED = frozenset("到至为成")
_AIM_AFTER = re.compile("(?:以上|左右|以内)?的?(?:(?P<aim>(?:年度|工作|总|奋斗|预期)?目标)|(?:要求|标准))")
_AIM_FIRST = frozenset("以左的年工总奋预目要标")
_FREQUENCY_AFTER = re.compile("[/／](?:年|月|季|周|天|日|人|村)")
_FREQUENCY_BEFORE = re.compile("(?:(?:[一半每两]个?(?:年|月|周|天|日|季度?|学期))|一季度)(?:至少|不少于)?$")
_PERIODS = frozenset("年月季周日天期度少于")
_LARGEST_FREQUENCY = 31
"""A rhythm told as a rule stays below the days of a month; a greater count after 每 is a result (每周三学习，共50次)."""
_JOINTS = frozenset(("、", "和", "及", "与"))
_STATED_AIM = frozenset(("下达的", "分解的", "确定的"))
_STATED_RULE = frozenset(("规定的", "要求的", "规定为", "标准是"))
_AT_MOST = frozenset(("不超过", "不得超过", "不得高于", "不大于", "不多于", "至多", "最多"))
_COMPARED_BEFORE = frozenset("由从的年期来先初底末")
_NEAR = 8
_RECENT = 6
"""Years before the report that are told for comparison; an older one dates a foundation, not a level."""
_DATING = frozenset(("prior", "versus", "done", "now", "own"))


class Setting:
    """What is known of the text around the candidates, which come in order: sentence, section and cues move along."""

    __slots__ = (
        "bracketed", "breaks", "clause", "found", "high", "known", "low", "named", "net", "outlook", "parted", "section",
        "sentence", "structure", "text", "village",
    )  # fmt: skip

    def __init__(self, text: str, structure: Structure, known: Cues, named: Years) -> None:
        self.text, self.structure, self.known, self.named = text, structure, known, named
        self.found: list[Quantity] = []
        self.sentence = (0, -1)
        self.clause = (0, 0)
        self.breaks: list[int] = []
        self.section = self.low = self.high = 0
        self.outlook = self.parted = self.bracketed = self.village = False
        self.net = "净" in text

    def move(self, offset: int) -> None:
        """Set sentence, clause, section and the cues before ``offset`` in its sentence."""
        known, structure = self.known, self.structure
        if offset >= self.sentence[1]:
            self.sentence = structure.sentence(offset)
            self.section = structure.section(offset)
            self.outlook = structure.sections[self.section].kind == "outlook"
            self.low = bisect_left(known.starts, self.sentence[0], self.low)
            start, stop = self.sentence
            text = self.text
            self.breaks = breaks(text, start, stop)
            self.parted = text.find("；", start, stop) >= 0 or text.find(";", start, stop) >= 0
            self.bracketed = text.find("（", start, stop) >= 0 or text.find("(", start, stop) >= 0
            self.village = text.find("村", start, stop) >= 0 or text.find("社区", start, stop) >= 0
            self.clause = (self.sentence[0], self.breaks[0])
        if offset >= self.clause[1]:
            i = bisect_right(self.breaks, offset)
            self.clause = (self.breaks[i - 1], self.breaks[i])
        self.high = bisect_left(known.starts, offset, self.low)


class Judged(NamedTuple):
    """A kind, whether it is a decrease (told as a negative value), and how exact the number is."""

    kind: Kind
    less: bool
    qualifier: Qualifier


class _Window(NamedTuple):
    """The last cue of each sort before a quantity, in its sentence as far as the last semicolon; -1 where there is none."""

    plan: int
    done: int
    """Last word of completion or of this year, after ``plan``."""
    norm: int
    """Last 每, 至少 or 应当 of the clause."""
    finished: int
    """Last word of completion or own body in the clause."""
    level: int
    """Last word that dates or compares: last year, this year, the township, a comparison."""
    versus: int
    """Last comparison or last year."""


_NO_CUES = _Window(-1, -1, -1, -1, -1, -1)


def judge(one: Candidate, setting: Setting) -> Judged:
    """The kind of a candidate that is no name, where ``setting`` has moved to it."""
    if setting.outlook:
        return Judged("plan", False, one.qualifier)
    text, known, start, qualifier = setting.text, setting.known, one.start, one.qualifier
    before, after = text[start - 1 : start], text[one.end : one.end + 1]
    part = setting.sentence[0]
    window = _NO_CUES
    if setting.low < setting.high:
        if setting.parted:
            part = max(text.rfind("；", part, start), text.rfind(";", part, start)) + 1 or part
        window = _look_back(setting, part)
    year = _year(part, start, setting) if setting.named.foreign else None
    if year == "plan" or window.plan > window.done or (before == "的" and text[start - 3 : start] in _STATED_AIM):
        return Judged("plan", False, qualifier)
    if after in _AIM_FIRST and after:
        aim = _AIM_AFTER.match(text, one.end)
        if aim is not None:
            return Judged("plan" if aim["aim"] else "norm", False, qualifier)
    if window.norm >= 0:
        norm = _norm(one, window, setting)
        if norm is not None:
            return Judged("norm", False, norm)
        qualifier = _bound(text, one, window.norm, known)
    if _is_frequency(text, one, before, after):
        return Judged("norm", False, qualifier)
    rate = one.unit is not None and one.unit.dimension == "比率"
    if rate and qualifier == "exact" and text.find("约占", setting.clause[0], start) >= 0:
        qualifier = "about"
    if before in _COMPARED_BEFORE and before and _is_compared_with(text, one):
        return Judged("prior", False, qualifier)
    listed = bool(setting.found) and setting.found[-1].kind == "change"
    change = _change(one, window, rate, setting) if rate or window.versus >= 0 or listed or setting.net else None
    if change is not None:
        return Judged("change", change, qualifier)
    if year == "prior" or (window.level >= 0 and _is_prior(one, window, setting)):
        return Judged("prior", False, qualifier)
    return Judged("actual", False, qualifier)


def _look_back(setting: Setting, part: int) -> _Window:
    """Sort the cues before a quantity."""
    known, clause = setting.known, setting.clause[0]
    plan = done = norm = finished = level = versus = -1
    for i in range(setting.low, setting.high):
        if known.starts[i] < part:
            continue
        kind = known.kinds[i]
        if kind == "plan":
            plan = i
        elif kind in _DATING:
            level = i
            if kind in ("done", "now"):
                done = i
            elif kind != "own":
                versus = i
            if kind in ("done", "own") and known.starts[i] >= clause:
                finished = i
        elif kind in ("each", "least", "rule") and known.starts[i] >= clause:
            norm = i
    return _Window(plan, done, norm, finished, level, versus)


def _year(part: int, start: int, setting: Setting) -> Kind | None:
    """Plan or prior, where another year than the report's is named last before the quantity: in its clause or at the head."""
    named = setting.named
    if named.report is None:
        return None
    at = named.last(part, start)
    if at is None:
        return None
    place, value = named.starts[at], named.values[at]
    if not value or value == named.report or (place < setting.clause[0] and place > part + 3):
        return None
    known = setting.known
    if any(known.kinds[i] in ("now", "done") and known.starts[i] > place for i in range(setting.low, setting.high)):
        return None
    return "plan" if value > named.report else "prior" if value > named.report - _RECENT else None


def _norm(one: Candidate, window: _Window, setting: Setting) -> Qualifier | None:
    """The qualifier of a norm, or None where the quantity is none: 每季度一次, 不少于40学时, but 每周三学习，共50次."""
    text, known, last = setting.text, setting.known, window.norm
    kind = known.kinds[last]
    if window.finished >= 0 and (kind == "least" or window.finished > last):
        return None
    if kind == "each":
        begin = known.starts[last]
        if text[begin - 2 : begin] == "平均":
            return None
        small = one.value <= _LARGEST_FREQUENCY and one.qualifier not in ("over", "nearly")
        money = one.unit is not None and one.unit.dimension == "金额"
        if money != (text[begin + 1 : begin + 2] in "年月季") and (money or not small):
            return None
    return _bound(text, one, last, known)


def _bound(text: str, one: Candidate, cue: int, known: Cues) -> Qualifier:
    """at_least or at_most, where 至少 or 不超过 stands a few words before an exact number."""
    if one.qualifier != "exact" or known.kinds[cue] != "least" or one.start - known.ends[cue] > _NEAR:
        return one.qualifier
    return "at_most" if text[known.starts[cue] : known.ends[cue]] in _AT_MOST else "at_least"


def _is_frequency(text: str, one: Candidate, before: str, after: str) -> bool:
    """一年两次, 2次/月, 规定的40学时."""
    if after in ("/", "／") and _FREQUENCY_AFTER.match(text, one.end) is not None:
        return True
    if before in ("的", "为", "是") and text[one.start - 3 : one.start] in _STATED_RULE:
        return True
    return before in _PERIODS and _FREQUENCY_BEFORE.search(text, max(0, one.start - 8), one.start) is not None


def _change(one: Candidate, window: _Window, rate: bool, setting: Setting) -> bool | None:
    """Whether a change is a decrease; None where the number is a level."""
    text, start, found = setting.text, one.start, setting.found
    if found and found[-1].kind == "change" and text[found[-1].end : start] in _JOINTS:
        return (found[-1].value or 0) < 0
    low = max(setting.clause[0], start - 14)
    if rate or window.versus >= 0:
        move = _MOVE.search(text, low, start)
        if move is not None:
            return move["less"] is not None
        points = one.unit is not None and one.unit.unit == "个百分点"
        compared = window.versus >= 0 and setting.known.kinds[window.versus] == "versus"
        more = _MORE.search(text, low, start) if compared or points else None
        if more is not None:
            return more["less"] is not None
        if points or (compared and setting.known.ends[window.versus] == start):
            return False
    if setting.net:
        net = _NET.search(text, low, start)
        if net is not None:
            return net["less"] is not None
    return None


def _is_compared_with(text: str, one: Candidate) -> bool:
    """由18.7%降到, 较去年同期62件下降: the level that the year's own is compared with."""
    start = one.start
    if start == 0 or text[start - 1] not in _COMPARED_BEFORE:
        return False
    if _FROM.search(text, max(0, start - 12), start) is not None and _TO.match(text, one.end) is not None:
        return True
    return _THAN.search(text, max(0, start - 16), start) is not None


def _is_prior(one: Candidate, window: _Window, setting: Setting) -> bool:
    """去年为25件, but 去年下降到12件 and 去年受理25件，今年受理12件 tell this year's level last."""
    text, start, known, last = setting.text, one.start, setting.known, window.level
    if known.kinds[last] != "prior":
        return False
    if known.starts[last] < setting.clause[0] and not _at_head(text, known.starts[last]):
        return False
    reached = text[start - 1]
    return reached not in "到至" and not (reached in _REACHED and text[start - 2 : start - 1] in _REACHED_BEFORE)


def _at_head(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] in "，,。；;：:\n（("
