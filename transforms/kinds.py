"""Kinds: whether a quantity is what was done this year, or a plan, a norm, last year's level, a change.

The rules read cues (``cues``) that stand before a quantity in its sentence. The first kind that fits is given, in the
order of the conventions: plan, norm, change, prior, actual; names and verbal zeros are told before.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.candidates import Candidate
from transforms.cues import Cues
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.years import Years
from warehouse.contracts import Kind, Qualifier

_UP = "增长|上升|提高|提升|增加|上涨|扩大|前进|多出|增幅|增速|增长率|增"
_DOWN = "下降|减少|降低|回落|下滑|压缩|缩短|压减|缩减|下跌|减幅|降幅|精简|后退|少了|降"
_MOVE = re.compile(f"(?:(?P<less>{_DOWN})|{_UP})(?:幅度|率|比例|额)?(?:分别)?(?:了|为|达到?|约|近|超过?|：|:)?$")
_MORE = re.compile("(?:多|高(?:出|于[^，。；,;]{0,10})?|(?P<less>少|低(?:于[^，。；,;]{0,10})?))(?:出|了)?$")
_NET = re.compile("净(?:增|(?P<less>减))(?:加|少|长)?[^，。；,;0-9]{0,6}$")
_FROM = re.compile("(?:由|从)(?:(?:去年|上年|原来|原先|以前|过去|最初|年初|20[0-9]{2}年)(?:同期|底)?的?)?$")
_TO = re.compile(
    f"[^，。；,;0-9]{{0,6}}(?:{_UP}|{_DOWN}|变|调整|优化|拓展|扩)[^，。；,;0-9]{{0,4}}[至到为成]"
    "|[^，。；,;0-9]{0,3}[增降升减提涨缩压][至到为]"
)
_THAN = re.compile("(?:较|比|与|同)[^，。；,;]{0,8}(?:年|期|底|末|月)(?:份)?的$")
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
_NEAR = 8


class Setting(NamedTuple):
    """What the text around a candidate is known to say."""

    structure: Structure
    known: Cues
    named: Years
    found: list[Quantity]


class Judged(NamedTuple):
    """A kind, whether it is a decrease (told as a negative value), and how exact the number is."""

    kind: Kind
    less: bool
    qualifier: Qualifier


def judge(text: str, one: Candidate, sentence: int, clause: int, outlook: bool, setting: Setting) -> Judged:
    """The kind of a candidate that is no name; ``sentence`` and ``clause`` are where its sentence and clause begin."""
    if outlook:
        return Judged("plan", False, one.qualifier)
    known, start = setting.known, one.start
    part = max(text.rfind("；", sentence, start), text.rfind(";", sentence, start)) + 1 or sentence
    window = known.before(part, one.number)
    year = _year(text, one, part, clause, setting)
    if year == "plan" or _is_plan(text, one, window, known):
        return Judged("plan", False, one.qualifier)
    qualifier = one.qualifier
    if window:
        norm = _norm(text, one, clause, window, known)
        if norm is not None:
            return Judged("norm", False, norm)
    qualifier = _loose_bound(text, one, clause, window, known)
    if _is_frequency(text, one):
        return Judged("norm", False, qualifier)
    change = _change(text, one, clause, window, setting)
    if change is not None:
        return Judged("change", change, qualifier)
    if year == "prior" or _is_prior(text, one, clause, window, known):
        return Judged("prior", False, qualifier)
    return Judged("actual", False, qualifier)


def _year(text: str, one: Candidate, part: int, clause: int, setting: Setting) -> Kind | None:
    """Plan or prior, where another year than the report's is named last before the quantity: in its clause or at the head."""
    named = setting.named
    if named.report is None:
        return None
    at = named.last(part, one.start)
    if at is None:
        return None
    place, value = named.starts[at], named.values[at]
    if not value or value == named.report or (place < clause and place > part + 3):
        return None
    if any(setting.known.kinds[i] in ("now", "done") for i in setting.known.before(place, one.start)):
        return None
    return "plan" if value > named.report else "prior" if value > named.report - 6 else None


def _is_plan(text: str, one: Candidate, window: range, known: Cues) -> bool:
    if text[one.end : one.end + 1] in _AIM_FIRST:
        aim = _AIM_AFTER.match(text, one.end)
        if aim is not None and aim["aim"]:
            return True
    if text[one.start - 3 : one.start] in _STATED_AIM:
        return True
    last = next((i for i in reversed(window) if known.kinds[i] == "plan"), None)
    return last is not None and not any(known.kinds[i] in ("done", "now") for i in range(last + 1, window.stop))


def _norm(text: str, one: Candidate, clause: int, window: range, known: Cues) -> Qualifier | None:
    """The qualifier of a norm, or None where the quantity is none: 每季度一次, 不少于40学时, 规定的40学时."""
    last = next((i for i in reversed(window) if known.starts[i] >= clause and known.kinds[i] in ("each", "least", "rule")), None)
    if last is None:
        return one.qualifier if text[one.start - 3 : one.start] in _STATED_RULE else None
    if any(known.kinds[i] in ("done", "own") and (known.kinds[last] == "least" or i > last) for i in window if known.starts[i] >= clause):
        return None
    if known.kinds[last] == "each":
        if text[known.starts[last] - 2 : known.starts[last]] == "平均":
            return None
        small = one.value <= _LARGEST_FREQUENCY and one.qualifier not in ("over", "nearly")
        return _bound(text, one, last, known) if small or (one.unit is not None and one.unit.dimension == "金额") else None
    return _bound(text, one, last, known)


def _bound(text: str, one: Candidate, cue: int, known: Cues) -> Qualifier:
    """at_least or at_most, where 至少 or 不超过 stands a few words before an exact number."""
    if one.qualifier != "exact" or known.kinds[cue] != "least" or one.start - known.ends[cue] > _NEAR:
        return one.qualifier
    return "at_most" if text[known.starts[cue] : known.ends[cue]] in _AT_MOST else "at_least"


def _loose_bound(text: str, one: Candidate, clause: int, window: range, known: Cues) -> Qualifier:
    if one.qualifier == "exact" and one.unit is not None and one.unit.dimension == "比率" and text.find("约占", clause, one.start) >= 0:
        return "about"
    last = window.stop - 1
    return _bound(text, one, last, known) if window and known.starts[last] >= clause else one.qualifier


def _is_frequency(text: str, one: Candidate) -> bool:
    """一年两次, 2次/月, 达到40学时的要求."""
    following = text[one.end : one.end + 1]
    if following in ("/", "／") and _FREQUENCY_AFTER.match(text, one.end) is not None:
        return True
    if following in _AIM_FIRST and following:
        aim = _AIM_AFTER.match(text, one.end)
        if aim is not None:
            return True
    return text[one.start - 1 : one.start] in _PERIODS and (
        _FREQUENCY_BEFORE.search(text, max(0, one.start - 8), one.start) is not None
    )


def _change(text: str, one: Candidate, clause: int, window: range, setting: Setting) -> bool | None:
    """Whether a change is a decrease; None where the number is a level."""
    known, start, found = setting.known, one.start, setting.found
    if found and found[-1].kind == "change" and text[found[-1].end : start] in _JOINTS:
        return (found[-1].value or 0) < 0
    low = max(clause, start - 14)
    rate = one.unit is not None and one.unit.dimension == "比率"
    versus = next((i for i in reversed(window) if known.kinds[i] in ("versus", "prior")), None)
    if rate or versus is not None:
        move = _MOVE.search(text, low, start)
        if move is not None:
            return move["less"] is not None
        compared = versus is not None and known.kinds[versus] == "versus"
        more = _MORE.search(text, low, start) if compared or (one.unit is not None and one.unit.unit == "个百分点") else None
        if more is not None:
            return more["less"] is not None
        if (compared and versus is not None and known.ends[versus] == start) or (one.unit is not None and one.unit.unit == "个百分点"):
            return False
    if "净" in text[low:start]:
        net = _NET.search(text, low, start)
        if net is not None:
            return net["less"] is not None
    return None


def _is_prior(text: str, one: Candidate, clause: int, window: range, known: Cues) -> bool:
    start = one.start
    if text[start - 1 : start] in ("由", "从", "的", "年", "期", "来", "先", "初", "底") and start:
        if _FROM.search(text, max(0, start - 12), start) is not None and _TO.match(text, one.end) is not None:
            return True
        if _THAN.search(text, max(0, start - 16), start) is not None:
            return True
    last = next((i for i in reversed(window) if known.kinds[i] in ("prior", "done", "now", "versus", "own")), None)
    if last is None or known.kinds[last] != "prior":
        return False
    if known.starts[last] < clause and not _at_head(text, known.starts[last]):
        return False
    return text[start - 1] not in "到至" and not (text[start - 1] in _REACHED and text[start - 2 : start - 1] in _REACHED_BEFORE)


def _at_head(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] in "，,。；;：:\n（("
