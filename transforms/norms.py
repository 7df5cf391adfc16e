"""Norms: whether a figure is a rule, a rhythm or a share per head, and no result (每季度一次, 不少于40学时, 每村1名).

The rules read the last word of rhythm, bound or duty before the figure in its clause (``cues``), and what stands
right beside it.
"""

from __future__ import annotations

import re

from transforms.cues import Cues
from transforms.figures import Candidate
from transforms.setting import Setting, Window
from warehouse.contracts import Qualifier

_RULE_AFTER = re.compile("的?(?:要求|标准(?!化)|(?:[^，。；,;0-9]{0,4}(?:培训|学习))(?:任务|要求))")
_RULE_FIRST = frozenset(("/", "／", "的", "要", "标", "培", "学"))
_OF_A_RHYTHM = ("发布", "召开", "编发", "刊发", "报送", "推送", "印发")
"""Verbs whose object a rhythm belongs to (发布每周动态29条): what was sent out is counted."""
_FREQUENCY_AFTER = re.compile("[/／](?:年|月|季|周|天|日|人|村)")
_INCOME = re.compile("(?:收入|产值|增收)[^，。；,;0-9]{0,6}$")
"""人均收入达到9500元/年 is a result."""
_FREQUENCY_BEFORE = re.compile("(?:[一每两]个?(?:年|月|周|天|日|季度?|学期)|(?<![上下])半[年月])(?:至少|不少于)?$")
_QUARTER = "一季度"
"""The first quarter of the year as often as a rhythm (一季度一次)."""
_WEEKDAY = re.compile("每(?:周[一二三四五六日天末]|月[0-9]{1,2}[日号])")
_RULE_TOLD = re.compile(
    "[0-9一二三四五六七八九十两][^，。；、0-9]{0,6}(?:频次|频率|节奏|标准|要求|原则|比例|机制|制度|模式)"
)
"""A rule with its figure, after which the clause tells what was done: 以每两月1次的频次学法5次."""
_PERIODS = frozenset("年月季周日天期度少于")
_RULE_LAST = _PERIODS | frozenset("的为是")
_LARGEST_FREQUENCY = 31
"""A rhythm told as a rule stays below the days of a month; a greater count after 每 is a result."""
_FELL_SHORT = ("不足", "不到")
_SHARERS = re.compile("每(?:[名村户人组支所家位]|个(?![月季星]))")
"""Whose share may be greater than a rhythm (每名网格员包229户)."""
_STATED_RULE = frozenset(("规定的", "要求的", "规定为", "标准是"))
_COUNTED_AS = re.compile("(?:(?<![共合总累统预])计[为作]|算作|视为|记为)$")
"""同一信息计为1条: a rule of counting; 共计为 and 合计为 are sums."""
_AT_MOST = frozenset(("不超过", "不得超过", "不得高于", "不大于", "不多于", "至多", "最多"))
_HEADS = frozenset(("人", "户"))
_PER_SOME = re.compile("(?:有|配有?|配备|设立?|设置|确定|推选|选出|明确)?")
"""每10户有1个: so many to so many."""
_SIZES, _HERDS = frozenset(("金额", "面积", "长度")), frozenset("头只羽")
_SIZED = re.compile(
    "的?(?!用|[\u4e00-\u9fff]{0,8}(?:修|购|改造|开展|完成|发放|慰问|新建|建成|惠及|资助|救助|帮助|支持|覆盖|受益|带动|奖励))(?:有|[\u4e00-\u9fff]{2,12}?(?:达|共|有)?)[0-9]"
)
_BOUNDS = ("以上", "以下", "以内")
_COUNTED = re.compile("的?(?:共|有)?[0-9]+[^0-9.,，。元]")
_NEAR = 8
_MEMBERS = 4
"""Parts that a rule's figure may have (基本工资, 绩效工资, 补贴)."""
_ONE_FOR = re.compile("[\u4e00-\u9fff]{2,5}(?:包联?|联系|结对|挂钩|挂包)(?=[0-9一二两三四五六七八九十])")
_FOR_EACH = re.compile("[\u4e00-\u9fff]{0,6}、?(?:包联?|联系|结对|挂钩|挂包)")
_ADDED = re.compile("[\u4e00-\u9fff]{2,8}[+＋]")
_ADDED_BEFORE = re.compile("[0-9一二两三]名[\u4e00-\u9fff]{2,8}[+＋]$")
_SENT = frozenset("由派有排已共为")
_LARGEST_SHARE = 10
_GIVEN = re.compile("[补奖]")
_SPENT = re.compile("(?:支付|拨付|投入|安排|落实|列支|支出|筹措|划拨|预算)[^，。；,;补奖每]*$")
"""What a township spends each year is this year's too (每年投入经费20万元), unless it is so much for each of some."""
_GOES_ON = re.compile("(?:并)?(?:配备|配齐|选聘|聘请|培养|培育|设立|设置|选派)")
"""Verbs by which a share per head goes on in the next clause (每村配备顾问1名，培养明白人3名)."""


def norm(one: Candidate, window: Window, setting: Setting) -> Qualifier | None:
    """How exact a rule is that a figure tells, or None where it tells none."""
    text = setting.text
    before, after = text[one.start - 1 : one.start], text[one.end : one.end + 1]
    if window.norm >= 0 and _RULE_TOLD.search(text, setting.known.starts[window.norm] + 2, one.start) is not None:
        window = window._replace(norm=-1)
    if before == "每" and one.unit is not None and one.unit.dimension in _HEADS:
        return one.qualifier
    if window.norm >= 0 and _is_required(one, window, setting):
        return bound(text, one, window.norm, setting.known)
    if setting.found and setting.found[-1].kind == "norm" and _goes_on(one, setting):
        return one.qualifier
    if (after in _RULE_FIRST or before in _RULE_LAST) and _is_rule(text, one, before):
        return one.qualifier
    if (one.qualifier in ("at_least", "at_most") or one.high is not None) and _is_threshold(text, one):
        return one.qualifier
    if one.value <= _LARGEST_SHARE and one.unit is not None and one.unit.unit == "名" and _is_pattern(text, one):
        return one.qualifier
    return None


def _is_required(one: Candidate, window: Window, setting: Setting) -> bool:
    """每季度一次, 不少于40学时; but 每周三学习，共50次 and 平均每村3名 are results."""
    text, known, last = setting.text, setting.known, window.norm
    kind = known.kinds[last]
    if kind == "rule" and (text[one.start - 1] == "占" or text.find("的", known.ends[last], one.start) >= 0):
        return False
    demanded = kind == "least" and text.find("要求", setting.clause[0], one.start) >= 0
    own = window.finished >= 0 and known.kinds[window.finished] == "own" and one.han and one.value == 1
    if window.finished >= 0 and not demanded and (kind == "least" or (window.finished > last and not own)):
        return False
    return kind != "each" or _is_share(one, last, setting)


def _is_share(one: Candidate, last: int, setting: Setting) -> bool:
    """每名网格员包20户, 每件补50元; but 发布每周动态29条 and 每人罚款200元 are results."""
    text, known = setting.text, setting.known
    begin = known.starts[last]
    sent = text.endswith(_OF_A_RHYTHM, 0, begin) and one.start > known.ends[last] + 1
    if sent or text[begin - 2 : begin] == "平均" or text.startswith(_FELL_SHORT, one.start):
        return False
    rhythm = text[begin + 1 : begin + 2] in _PERIODS
    if one.unit is not None and one.unit.dimension == "金额":
        if text.startswith("每年", begin) and _SPENT.search(text, begin, one.start) is not None:
            return False
        return rhythm or one.start == known.ends[last] or _GIVEN.search(text, begin, one.start) is not None
    if one.value > 1 and _WEEKDAY.match(text, begin) is not None:
        return False
    if (one.value > 1 or not one.han) and _has_its_figure(one, last, setting):
        return False
    return one.qualifier not in ("over", "nearly") and (
        one.value <= _LARGEST_FREQUENCY or _SHARERS.match(text, begin) is not None
    )


def _has_its_figure(one: Candidate, cue: int, setting: Setting) -> bool:
    """每季一次中心组学法4次: the rhythm has its own figure right behind it, and the greater one counts."""
    found = setting.found
    if not found or found[-1].start != setting.known.ends[cue] or found[-1].value != 1 or one.unit is None:
        return False
    listed = any(mark in setting.text[found[-1].end : one.start] for mark in "、和及")
    return found[-1].unit == one.unit.unit and not listed


def _goes_on(one: Candidate, setting: Setting) -> bool:
    """每半年听取一次汇报，召开一次会议; 每村配备顾问1名，培养明白人3名: the next clause has the same rule."""
    last, text, clause = setting.found[-1], setting.text, setting.clause
    if text[last.start - 1 : last.start] == "每" and _PER_SOME.fullmatch(text, last.end, one.start) is not None:
        return True
    if _FOR_EACH.fullmatch(text, last.end, one.start) is not None or _is_part_of_norm(one, setting):
        return True
    if one.unit is None or clause[0] not in (last.clause[0], last.clause[1]):
        return False
    if one.han and one.value == 1 and clause[0] == last.clause[1]:
        same = one.unit.dimension == "次" and last.unit == one.unit.unit
        return same and text.find("了", clause[0], one.start) < 0
    shared = one.unit.unit == "名" and last.unit == "名" and one.value <= _LARGEST_SHARE
    return shared and one.qualifier == "exact" and _GOES_ON.match(text, clause[0]) is not None


def _is_part_of_norm(one: Candidate, setting: Setting) -> bool:
    """每人每月补贴900元，其中基本300元、绩效600元: what a rule's figure is made of is of the rule."""
    if one.unit is None or one.unit.dimension != "金额":
        return False
    for whole in reversed(setting.found[-_MEMBERS:]):
        if (whole.kind, whole.dimension, whole.sentence) != ("norm", "金额", setting.sentence):
            return False
        if setting.text.startswith("其中", whole.clause[1]):
            return whole.value is not None and one.value < whole.value
    return False


def _is_threshold(text: str, one: Candidate) -> bool:
    """出栏50头以上养殖大户23户, 10万元以上的有3个村, 1万元至5万元的7件: a bound that says which ones are counted."""
    sized = one.unit is not None and (one.unit.dimension in _SIZES or one.unit.unit in _HERDS)
    if not sized:
        return False
    if (one.high is not None or text.endswith(_BOUNDS, one.number, one.end)) and _COUNTED.match(text, one.end):
        return True
    return text.endswith("以上", one.number, one.end) and _SIZED.match(text, one.end) is not None


def _is_pattern(text: str, one: Candidate) -> bool:
    """1名党员包1个网格, 1名专职网格员+1名民警: how many there are to each."""
    if _ADDED.match(text, one.end) or _ADDED_BEFORE.search(text, max(0, one.start - 12), one.start):
        return True
    return one.value == 1 and text[one.start - 1 : one.start] not in _SENT and _ONE_FOR.match(text, one.end) is not None


def bound(text: str, one: Candidate, cue: int, known: Cues) -> Qualifier:
    """at_least or at_most, where 至少 or 不超过 stands a few words before an exact number."""
    if one.qualifier != "exact" or known.kinds[cue] != "least" or one.start - known.ends[cue] > _NEAR:
        return one.qualifier
    return "at_most" if text[known.starts[cue] : known.ends[cue]] in _AT_MOST else "at_least"


def _is_rule(text: str, one: Candidate, before: str) -> bool:
    """一年两次, 2次/月, 规定的40学时, 40学时的要求."""
    if _FREQUENCY_AFTER.match(text, one.end) is not None:
        return _INCOME.search(text, max(0, one.start - 12), one.start) is None
    if _RULE_AFTER.match(text, one.end) is not None:
        return True
    if text[one.start - 3 : one.start] in _STATED_RULE or _COUNTED_AS.search(text, max(0, one.start - 3), one.start):
        return True
    if before not in _PERIODS or _FREQUENCY_BEFORE.search(text, max(0, one.start - 8), one.start) is None:
        return False
    return one.value == 1 or not text.endswith(_QUARTER, 0, one.start)
