"""Kinds: whether a quantity is what was done this year, or a plan, a norm, last year's level, a change.

The rules read cues (``cues``) that stand before a quantity in its sentence. The first kind that fits is given, in the
order of the conventions: plan, norm, change, prior, actual; names and verbal zeros are told before.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.aims import is_aim
from transforms.figures import Candidate
from transforms.norms import bound, norm
from transforms.quantity import Quantity
from transforms.setting import NO_CUES, Setting, Window
from warehouse.contracts import Kind, Qualifier

_UP = "增长|上升|提高|提升|增加|上涨|扩大|前进|多出|增幅|增速|增长率|增|涨幅|涨|升"
_DOWN = "下降|减少|降低|回落|下滑|压缩|缩短|压减|缩减|下跌|减幅|降幅|精简|删减|后退|少了|降|跌"
_MOVE = re.compile(
    f"(?:(?P<less>{_DOWN})|(?P<new>新)?(?<!自然)(?:{_UP}))(?:幅度|率|比例|额)?(?:分别)?(?:了|(?P<level>(?<![幅率例额速别])为)|为|达到?|约|近|超过?|[都均]?在|：|:)?$"
)
_MOVE_OF = re.compile(f"(?:(?P<less>{_DOWN})|{_UP})[\u4e00-\u9fff]{{0,6}}(?<![至到为成])$")
"""A rate of change with what has changed between verb and figure, after a comparison: 较上年减少入企检查31%."""
_LESSENED = re.compile(
    "(?:(?P<less>精简|压减|压缩|缩减|减少|缩短|降低)|平均提速|提速)(?:了|约|近|超过?)?"
    "(?:[\u4e00-\u9fff]{0,10}(?<![至到为成后率量]))?(?:了|约|近|超过?)?$"
)
"""A rate behind a verb of lessening is one of change without a comparison too: 精简会议31%, 办理时限压缩超60%."""
_CLOSING = re.compile("[）)]")
_BEFORE_THEN = re.compile(
    "(?:改革|改制|整合|组建|调整|赋权)(?:之?前|以前)|(?<![年月日号])以前|过去(?!的?[一两三四五几0-9]*年)|从前"
)
"""A state of before: 改革前仅2名, 以前每年发生5起; but 过去一年 is the year told of."""
_NAMED = 6
"""Characters that may name whose state of before it is (机构改革前)."""
_LESS_OF = re.compile("(?:(?P<less>减少|下降)|增加|新增|上升|增长)[\u4e00-\u9fff]{1,8}(?<![至到为成后])$")
"""A difference with what has changed between, behind a comparison: 较上年减少事故2起."""
_FEWER = re.compile(
    "(?<!不)减少(?:了|各类)?[\u4e00-\u9fff]{0,8}(?:案件|事故|事件|纠纷|投诉|举报|信访|上访|访件|诉讼|复议|应诉|警情|发案|火灾|检查|入企|处罚)(?:约|近)?$"
)
"""Fewer of what happens or is done, told without a comparison (减少行政复议案件3件): never how many there were."""
_FEWER_REACH = 16
_GAINED = re.compile("(?:增[收产]|(?P<less>减[收产]))(?:达到?|约|近|超过?|了)?$")
_GAINS = frozenset(("金额", "重量"))
"""What is gained is money or crops; 带动增收300户 counts households."""
_CARRIED = re.compile("(?:结转|转结|遗留|旧存|未办结)")
"""What is left over from last year is work of this year (上年遗留的复议1件)."""
_INCLUDED = frozenset("含括")
_MORE = re.compile(
    "(?:多|高(?:出|于[^，。；,;]{0,10})?|(?P<less>少|低(?:于[^，。；,;]{0,10})?))(?:出|了)?"
    "(?:发生?|收到?|接|公开|发布|受理|办理|办结|调解|化解|排查|检查|开展|培训|处罚|接访|审查)?$"
)
"""A difference, with what was done between (较上年多公开31条)."""
_MORE_BY = frozenset("多高少低")
_BREAKS = frozenset("，,；;（(")
"""收入3512万元，多12%: behind a comma the one word says that a rate is one of change."""
_BRACKETED_BEFORE = re.compile("(?:同比|环比|同期)[（(][^（()）。；\\n]*$")
"""同比（事故11起、死亡1人）分别上升…: what a bracket behind the comparison holds are the levels compared with."""
_SUM = "共"
_SIGNS = frozenset("+＋-－（(")
_NET = re.compile("净(?:增|(?P<less>减))(?:加|少|长)?[^，。；,;0-9]{0,6}$")
_FROM = re.compile(
    "(?:由|从)(?:(?:“?[一二三四五六七八九十]+五”?时期|去年|上年|原来|原先|以前|过去|最初|年初|20[0-9]{2}年|最高年份|最高峰|高峰时|[年月日人户]均|平均|现在|目前|现有|原有)(?:同期|底)?的?)?$"
)
_TO = re.compile(
    f"[，,]?[^，。；,;0-9]{{0,6}}(?:{_UP}|{_DOWN}|变|调整|优化|拓展|扩|壮大|发展|充实|整合|合并|归并|重组|撤并)[^，。；,;0-9]{{0,4}}[至到为成]"
    "|[^，。；,;0-9]{0,3}[增降升减提涨缩压清跌扩补][至到为]|到[0-9]+(?![^，。；,;]{0,6}(?:不等|之间|以?内))"
)
_INTO = re.compile(
    "[^，。；,;0-9]{0,12}(?:整合|合并|归并|撤并|精简|压缩|压减|缩减|缩短|优化)[^，。；,;0-9]{0,6}[至到为成](?:约|近|了)?[0-9一二两三四五六七八九十]"
)
_OBJECT = re.compile("[将把][^，。；,;0-9]{0,12}$")
_ORIGINAL = re.compile("(?:原有|原来|原先)[^，。；、,;0-9新增建设修]{0,8}$")
_SINCE_THEN = re.compile(
    "[^。；;]{0,20}(?:增|达到?|扩|现[有已在行]|收回|减|降|变|提|如今|今(?!年)|升|整合|合并|到|保留|仅?剩|后为)"
)
"""What says that 原有9人 is the level of before: what became of it (达到21人, 现有21人)."""
_FELL = ("减少", "减少了", "下降", "下降了", "降低了", "回落", "下滑")
_FELL_LAST = frozenset("少了降落滑")
_DONE_WITH = re.compile("已经?[^，。；,;0-9]{1,8}的$")
"""已排查的6000条: a relative clause tells what was done, whatever is to become of it."""
_BEFORE_ESTIMATE = frozenset("，,。；;：:\n（(、 \u3000年度月底末内季镇乡道村办，初今后")
"""What stands before a 预计 that opens its sentence or is dated."""
_OF_THIS_YEAR = re.compile("全年[^，。；,;]{0,2}$")
_OF_THIS_YEAR_AFTER = re.compile("（下同）|\\(下同\\)|[，,：:]?全年")
_AGAINST_LAST_YEAR = re.compile("同比|[比较](?:上|去)年(?:同期)?(?:增|提|上升|下降|减)")
_STILL_OPEN = re.compile("[^，。；,;]{0,6}(?:[明来下]年|下一年|年底|年末|20[0-9]{2}年|将|可(?!支配)|能(?![源力])|有望)")
_HALF_WAY = re.compile("上半年|半年来|季度|[至到-][3-9]月")
"""What a report that is made before the year is over tells beside: what it expects of the year is still to come."""
_COMPARED_WITHIN = 40
_BESIDE = 8
_STANDS = ("实际", "目前", "现有", "现已", "已", "截至", "截止", "今年以来")
_THAN = re.compile("(?:较|比|与|同)[^，。；,;]{0,8}(?:年|期|底|末)的?$")
_TAKEN_IN = frozenset(("收到", "接到", "受到", "得到"))
_REACHED_BEFORE = frozenset("简并合降升增减高低少加长变整化提压缩大展成")
_REACHED = frozenset("到至为成")
_JOINTS = frozenset(("、", "和", "及", "与"))
_COMPARED_BEFORE = frozenset("由从的年期来先初底末均在前有比")
_THAN_THIS = re.compile("[^，。；,;0-9]{0,4}(?:少|多|减|增|下降|上升|降低|提高)")
_BY = re.compile("[^，。；,;0-9]{0,4}(?:(?P<less>少|减少?|下降|降低?)|多|增加?|上升|提高)了?(?:近|约|超)?$")
"""纠纷305件，比342件少了37件: the level compared with, and the difference."""
_MORE_OF_IT = re.compile("[，,（(](?:同比|比上年|较上年|比去年|较去年)?增加了?$")
"""法律明白人176名，增加141名: behind a level of the same unit the difference follows."""
_CHANGE_LABEL = re.compile("增[/／]?减|同比|环比|增幅|降幅|增长率?|变化")
_YEAR_LABEL = re.compile("(20[0-9]{2})年?(?:度|数)?$")
_PLAN_LABEL = re.compile("(?:年度|全年|考核|工作)?(?:目标|计划|任务)(?:任务|指标|值|数|量)?(?:[（(].{1,6}[）)])?$")
_PRIOR_LABEL = re.compile("(?:上年|去年|上一年)(?!.*结转)|(?<!本年)同期")
_RECENT = 6
"""Years before the report that are told for comparison; an older one dates a foundation, not a level."""


class Judged(NamedTuple):
    """A kind, whether it is a decrease (told as a negative value), and how exact the number is."""

    kind: Kind
    less: bool
    qualifier: Qualifier


def judge(one: Candidate, setting: Setting) -> Judged:
    """The kind of a candidate that is no name, where ``setting`` has moved to it."""
    text = setting.text
    told = (
        text[one.start - 1 : one.start] == "的"
        and _DONE_WITH.search(text, max(0, one.start - 12), one.start) is not None
    )
    if setting.outlook and not told and not _is_stated(one.start, setting):
        return Judged("plan", False, one.qualifier)
    part, window = setting.part, NO_CUES
    if setting.low < setting.high:
        part = setting.part_at(one.start)
        window = setting.look_back(part)
        while window.plan >= 0 and (_is_over(window.plan, setting) or _is_estimate(window.plan, setting)):
            window = window._replace(plan=setting.plan_before(window.plan, part))
    year = _year(part, one.start, setting) if setting.named.foreign else None
    if (year == "plan" or window.plan > window.done) and not told:
        return Judged("plan", False, one.qualifier)
    if is_aim(one, text):
        return Judged("plan", False, one.qualifier)
    if setting.former and _is_former(one.start, setting):
        return Judged("prior", False, one.qualifier)
    ruled = norm(one, window, setting)
    if ruled is not None:
        return Judged("norm", False, ruled)
    return _compare(one, window, year, setting)


def judge_cell(labels: tuple[tuple[int, int], ...], setting: Setting) -> Kind:
    """The kind that the labels of a table cell give: 上年同期 is a past level, 增减 a change, 目标 a plan."""
    report = setting.named.report
    for label in labels:
        surface = setting.text[slice(*label)]
        if _CHANGE_LABEL.search(surface) is not None:
            return "change"
        year = _YEAR_LABEL.match(surface)
        if _PRIOR_LABEL.search(surface) is not None or (year and report and int(year[1]) < report):
            return "prior"
        if _PLAN_LABEL.match(surface.strip()) is not None:
            return "plan"
    return "actual"


def _is_over(plan: int, setting: Setting) -> bool:
    """粮食产量预计超9000吨，落实油菜1200亩: 预计 behind its subject speaks for its own clause only."""
    start, text = setting.known.starts[plan], setting.text
    return start < setting.clause[0] and text[start] == "预" and text[start - 1] not in _BEFORE_ESTIMATE


def _is_estimate(plan: int, setting: Setting) -> bool:
    """全年预计实现产值3亿元，较上年增长9%: what a report of December expects of its own year is told as its result."""
    text, start, end = setting.text, setting.known.starts[plan], setting.known.ends[plan]
    if text[start:end] != "预计" or _STILL_OPEN.match(text, end) or _HALF_WAY.search(text, setting.part, start):
        return False
    if _OF_THIS_YEAR.search(text, max(setting.part, start - 6), start) or _OF_THIS_YEAR_AFTER.match(text, end):
        return True
    return _AGAINST_LAST_YEAR.search(text, end, min(setting.sentence[1], end + _COMPARED_WITHIN)) is not None


def _is_former(start: int, setting: Setting) -> bool:
    """改革前仅2名, 以前每年发生5起: the clause opens with a state of before."""
    match = _BEFORE_THEN.search(setting.text, setting.clause[0], start)
    if match is None or setting.text[match.end() : match.end() + 1] == "的":
        return False
    return match.start() - setting.clause[0] <= (_NAMED if match.group().endswith("前") else 0)


def _is_stated(start: int, setting: Setting) -> bool:
    """目前已有网格员30名 tells what is, in an outlook too; a plan behind it tells what is to come."""
    known = setting.known
    for i in range(setting.high - 1, setting.low - 1, -1):
        if known.starts[i] < setting.clause[0] or known.kinds[i] in ("plan", "each", "least", "rule"):
            return False
        if setting.text.startswith(_STANDS, known.starts[i]):
            return True
    return False


def judge_zero(start: int, setting: Setting) -> Kind:
    """Of a verbal zero at ``start``, moved to: plan (力争纠错为零), prior (改革前没有一名) or zero."""
    if setting.outlook:
        return "plan"
    if setting.low < setting.high:
        window = setting.look_back(setting.part_at(start))
        if window.plan > window.done:
            return "plan"
    return "prior" if _BEFORE_THEN.search(setting.text, setting.clause[0], start) is not None else "zero"


def _compare(one: Candidate, window: Window, year: Kind | None, setting: Setting) -> Judged:
    """Change, last year's level or this year's."""
    text, start, qualifier = setting.text, one.start, one.qualifier
    if window.norm >= 0:
        qualifier = bound(text, one, window.norm, setting.known)
    rate = one.unit is not None and one.unit.dimension == "比率"
    if rate and qualifier == "exact" and text.find("约占", max(setting.clause[0], start - 40), start) >= 0:
        qualifier = "about"
    if setting.earlier.starts and setting.earlier.holds(start):
        return Judged("prior", False, qualifier)
    if start and text[start - 1] in _COMPARED_BEFORE and _is_compared_with(text, one):
        return Judged("prior", False, qualifier)
    if setting.bracketed and _is_bracketed_level(text, max(setting.sentence[0], start - 60), start):
        return Judged("prior", False, qualifier)
    listed = bool(setting.found) and setting.found[-1].kind == "change"
    change = _change(one, window, rate, setting) if rate or window.versus >= 0 or listed or setting.net else None
    if change is None:
        change = _told_alone(one, setting, rate)
    if change is not None:
        return Judged("change", change, qualifier)
    if setting.became and _became(text, one):
        return Judged("prior", False, qualifier)
    if year == "prior" or (window.level >= 0 and _is_prior(one, window, setting)):
        return Judged("prior", False, qualifier)
    return Judged("actual", False, qualifier)


def _is_bracketed_level(text: str, low: int, start: int) -> bool:
    return text[start - 1 : start] not in _SIGNS and _BRACKETED_BEFORE.search(text, low, start) is not None


def _told_alone(one: Candidate, setting: Setting, rate: bool) -> bool | None:
    """减少3件; 减少复议案件3件; 户均增收2000元: whether a difference told without a comparison is a decrease."""
    text, start, clause = setting.text, one.start, setting.clause[0]
    beside = _told_beside(one, text, setting.found[-1]) if setting.found else None
    if rate or beside is not None:
        return beside
    if text[start - 1 : start] in _FELL_LAST and text.endswith(_FELL, 0, start):
        return True
    low = max(clause, start - _FEWER_REACH)
    if text.find("减少", low, start) >= 0 and _FEWER.search(text, low, start) is not None:
        return True
    measured = one.unit is not None and one.unit.dimension in _GAINS
    gained = _GAINED.search(text, max(clause, start - 6), start) if measured else None
    return None if gained is None else gained["less"] is not None


def _told_beside(one: Candidate, text: str, level: Quantity) -> bool | None:
    """176名，增加141名; 比342件少了37件: whether a difference told right behind a level is a decrease."""
    if one.unit is None or level.unit != one.unit.unit or one.start - level.end > _BESIDE:
        return None
    if level.kind == "prior" and text[level.start - 1 : level.start] == "比":
        by = _BY.fullmatch(text, level.end, one.start)
        return None if by is None else by["less"] is not None
    told = level.kind == "actual" and _MORE_OF_IT.fullmatch(text, level.end, one.start) is not None
    return False if told else None


def _year(part: int, start: int, setting: Setting) -> Kind | None:
    """Plan or prior, where another year than the report's is named last: in the clause or at the sentence's head."""
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
    if any(
        known.kinds[i] in ("now", "done", "span") and known.starts[i] > place for i in range(setting.low, setting.high)
    ):
        return None
    return "plan" if value > named.report else "prior" if value > named.report - _RECENT else None


def _change(one: Candidate, window: Window, rate: bool, setting: Setting) -> bool | None:
    """Whether a change is a decrease; None where the number is a level."""
    text, start, found = setting.text, one.start, setting.found
    if found and found[-1].kind == "change" and text[found[-1].end : start] in _JOINTS:
        return (found[-1].value or 0) < 0
    low = max(setting.clause[0], start - 14)
    if rate or window.versus >= 0:
        compared = window.versus >= 0 and setting.known.kinds[window.versus] == "versus"
        move = _moved(text, low, start, rate, compared)
        if move is not None:
            return None if _is_level(move, compared) else move["less"] is not None
        if rate and (text[start - 1 : start] in ("+", "＋") or (compared and one.value < 0)):
            return one.value < 0
        if rate and text[start - 1 : start] in _MORE_BY and text[start - 2 : start - 1] in _BREAKS:
            return text[start - 1] in "少低"
        points = one.unit is not None and one.unit.unit == "个百分点"
        more = _MORE.search(text, low, start) if compared or points else None
        if more is not None:
            return more["less"] is not None
        if points or (compared and setting.known.ends[window.versus] == start):
            return False
    net = _NET.search(text, low, start) if setting.net else None
    return None if net is None else net["less"] is not None


def _moved(text: str, low: int, start: int, rate: bool, compared: bool) -> re.Match[str] | None:
    """The verb of change before a figure, with what has changed between where that is clear."""
    move = _MOVE.search(text, low, start)
    if move is None and rate:
        move = (_MOVE_OF.search(text, low, start) if compared else None) or _LESSENED.search(text, low, start)
    elif move is None and compared:
        move = _LESS_OF.search(text, low, start)
    return move


def _is_level(move: re.Match[str], compared: bool) -> bool:
    """今年降为3件 tells what was reached; 今年新增5人, told beside last year's, is no change of it."""
    groups = move.groupdict()
    return bool(groups.get("level")) or (bool(groups.get("new")) and not compared)


def _is_compared_with(text: str, one: Candidate) -> bool:
    """由18.7%降到, 较去年同期62件下降: the level that the year's own is compared with."""
    start = one.start
    if start == 0 or text[start - 1] not in _COMPARED_BEFORE:
        return False
    if text.startswith("年初", start - 2) and text[start - 3 : start - 2] not in ("较", "比"):
        return True
    if text[start - 1] == "比" and _THAN_THIS.match(text, one.end) is not None:
        return True
    if _FROM.search(text, max(0, start - 12), start) is not None and _TO.match(text, one.end) is not None:
        return True
    return _THAN.search(text, max(0, start - 16), start) is not None


def _became(text: str, one: Candidate) -> bool:
    """将30个窗口整合为15个, 原有9人，现达21人: the level that something started from."""
    start = one.start
    low = max(0, start - 14)
    before = text[low:start]
    if "原" in before and _ORIGINAL.search(before):
        return _SINCE_THEN.match(text, one.end) is not None
    if "将" not in before and "把" not in before:
        return False
    return _OBJECT.search(text, low, start) is not None and _INTO.match(text, one.end) is not None


def _is_prior(one: Candidate, window: Window, setting: Setting) -> bool:
    """去年为25件, but 去年下降到12件 and 去年受理25件，今年受理12件 tell this year's level last."""
    text, start, known, last = setting.text, one.start, setting.known, window.level
    while last > setting.low and text.startswith(_SUM, known.starts[last]):  # 去年，我们共调处115起
        last -= 1
    if known.kinds[last] == "own" and last > setting.low and known.starts[last] - known.ends[last - 1] <= 1:
        last -= 1
    if known.kinds[last] != "prior":
        return False
    begin = known.starts[last]
    if text[begin - 1 : begin] in _INCLUDED or _CARRIED.search(text, begin, start) or _CARRIED.match(text, one.end):
        return False
    if text[begin - 1 : begin] in ("（", "(") and _CLOSING.search(text, begin, start) is not None:
        return False
    if known.starts[last] < setting.clause[0] and not _at_head(text, known.starts[last]):
        return False
    if text[start - 2 : start] in _TAKEN_IN:
        return True
    reached = text[start - 1]
    return reached not in "到至" and not (reached in _REACHED and text[start - 2 : start - 1] in _REACHED_BEFORE)


def _at_head(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] in "，,。；;：:\n（(“"
