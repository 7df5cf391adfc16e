"""Bare numbers: which numbers without a unit are quantities (公职人员47) and which are codes, years and labels.

Chinese counts with a measure word; a number without one is a figure only in a table, at the end of a phrase that names
what it counts, or where a multiplier, decimals or separators show that it is an amount.
"""

from __future__ import annotations

import re

from transforms.figures import Candidate
from transforms.numbers import whole
from transforms.numerals import HAN_DIGITS, HAN_MULTIPLIERS, multiplier
from transforms.traps import HOTLINES
from transforms.units import units

_CODE_WORDS = re.compile(
    "(?:电话|热线|编号|邮编|编码|代码|网址|密码|传真|手机|房间|型号|公众号|备案|索引|浏览|点击|阅读|访问|下载|字号|字体|编辑|来源|时间|日期|令|版|楼|室"
    "|座|路|页|第|号|表|图|附件|之|(?<![降升增减提])至|平台|通过|拨打|约定|账号|证|文|日|节)[^，。；,;]{0,3}$"
)
_TITLED = re.compile(
    "(?:^|\n)(?![^\n]*(?:撰写|提交|上报|报送|形成|完成|编制|出具))[^\n，。；：]*"
    "(?:总结|报告|汇报|材料|讲话|发言|范文)稿?篇?[ \u3000]?$"
)
_TITLE = 40
"""A line that is a title with its number (工作总结篇2), as collections of texts have it."""
_LEADS = frozenset("达为是共计到至约近超过于有了数均各仅即名员：:")
_CLOSES_UNIT = frozenset("）)为达共计：:")
_FOLLOWS = frozenset('，。；：、,;:.!?！？）)]】\n\t| 　”"') | {""}
_HAN_FOLLOWS = _FOLLOWS | frozenset("的和到比与及以左上下或是加减乘个")
_COUNTED = frozenset("数人员计共为达：:")
"""What shows that the digits of a service number are a count after all (应到人数120)."""
_AMOUNT_BEFORE = re.compile("[数量][为达共有：:]?$")
"""What shows that four digits are no year (发现隐患数2015)."""
_BRACKET = re.compile(
    f"[（(](?:单位[：:])?(?P<places>[{HAN_MULTIPLIERS}]?)(?P<unit>[^（）()]{{1,4}})[）)][为达共计：:]?$"
)
_EVENT_BEFORE = re.compile(
    "(?:复议|诉讼|应诉|申请|投诉|举报|处罚|检查|许可|强制|案件|纠纷|信访|数|量|额|[合共总]计|为|共|达)(?:（[^）]{1,4}）)?$"
)
"""Nouns of what is counted, and words before a sum, behind which a number without unit may be followed by a bracket."""
_PERSONS = re.compile(
    "[名位]?(?:(?:行政|综合|在[编职岗]|公职|执法|工作|专职|兼职|辅助|村居?|社区|机关|专业|持证|特殊|参会|参训|与会|应急|网格){0,2}人员"
    "|党员|干部|村民|居民|群众|职工|网格员|调解员|志愿者|代表|学生|师生|民警|辅警|律师|法律明白人|法律顾问|调解主任)(?![+＋联])"
)
"""Nouns of persons, which a count may stand before without a measure word (47公职人员)."""
_TIMES = frozenset("年月日号时天")
_PLAN = re.compile("十?[一二三四五六七八九]五")
_LARGEST_ITEM = 20
_DIGITS_OF_A_FIGURE = 4
"""A figure of five digits and more without separator, multiplier or unit is a code more often than an amount."""


def is_number(text: str, one: Candidate) -> bool:
    """Whether a candidate without unit that stands in running text is a quantity."""
    surface = text[one.number : one.end]
    alone = _alone(text, one.start, one.end)
    if one.han:
        return _han_is_number(text, one, surface, alone)
    if one.high is not None or alone:
        return alone
    loose = one.qualifier in ("over", "about", "nearly") and one.value >= 10
    if one.factor > 1 or "," in surface or "/" in surface or loose:
        return not _touches_quotation(text, one)
    if _is_item(text, one):
        return False
    ends = _ends_phrase(text, one) or _counts_persons(text, one) or text[one.start - 2 : one.start] == "数量"
    return ends and not _is_code(text, one, surface) and _noun_before(text, one.start)


def bracketed(text: str, one: Candidate) -> Candidate:
    """A number without unit, with the one that a bracket before it gives: 罚款金额（万元）9.65."""
    before = text[one.start - 1 : one.start]
    if before not in _CLOSES_UNIT or not before or text[one.end : one.end + 1] not in _FOLLOWS:
        return one
    match = _BRACKET.search(text, max(0, one.start - 12), one.start)
    unit = units().get(match["unit"]) if match is not None else None
    if match is None or unit is None or match.start() == 0 or text[match.start() - 1] < "一":
        return one
    scale = multiplier(match["places"]) * unit.factor
    high = None if one.high is None else whole(one.high * scale)
    return one._replace(unit=unit, value=whole(one.value * scale), high=high, factor=one.factor * scale)


def _counts_persons(text: str, one: Candidate) -> bool:
    """47公职人员: a number before a noun of persons; 1党员 is a slogan's."""
    return one.value > 1 and one.factor == 1 and _PERSONS.match(text, one.end) is not None


def _is_item(text: str, one: Candidate) -> bool:
    """主动公开方面 1.行政法规: the number of an item whose line break was lost."""
    if one.value > _LARGEST_ITEM or text[one.end : one.end + 1] not in (".", "．"):
        return False
    return "一" <= text[one.end + 1 : one.end + 2] <= "鿿" and text[one.start - 1 : one.start] not in _LEADS


def _ends_phrase(text: str, one: Candidate) -> bool:
    """Whether nothing follows that the number could belong to: punctuation, or 左右 and 以上 after 达 and 为."""
    following = text[one.end : one.end + 1]
    if following == "\n":
        return text[one.end + 1 : one.end + 2] not in _TIMES
    if following in ("（", "(") and following:
        return _EVENT_BEFORE.search(text, max(0, one.start - 10), one.start) is not None
    return following in _FOLLOWS or (one.start > 0 and text[one.start - 1] in "达为共计超" and following in "左以分")


def _is_code(text: str, one: Candidate, surface: str) -> bool:
    """Whether the digits are a service number, a year, a code with a zero in front, or follow a word for codes."""
    digits = sum(char.isdigit() for char in surface)
    year = digits == 4 and surface[:2] in ("19", "20")
    if (
        digits > _DIGITS_OF_A_FIGURE
        or (surface in HOTLINES and text[one.start - 1 : one.start] not in _COUNTED)
        or (year and _AMOUNT_BEFORE.search(text, max(0, one.start - 2), one.start) is None)
    ):
        return True
    if text[one.end : one.end + 1] == "\n" and _TITLED.search(text, max(0, one.start - _TITLE), one.start):
        return True
    if surface[0] == "0" and digits > 1 and "." not in surface:
        return True
    return _CODE_WORDS.search(text, max(0, one.start - 8), one.start) is not None


def _alone(text: str, start: int, end: int) -> bool:
    """Whether the text holds nothing but the number."""
    return (
        not text[:start].strip() and not text[end:].strip(" \n。．.")
        if end - start <= len(text) <= end - start + 8
        else False
    )


def _touches_quotation(text: str, one: Candidate) -> bool:
    """千 and 万 in names: a quotation mark touches the number."""
    return text[one.end : one.end + 1] in ("”", '"') or (one.start > 0 and text[one.start - 1] in '“"')


def _noun_before(text: str, start: int) -> bool:
    """Whether a Chinese word, a closing bracket or a colon stands before the number."""
    at = start
    while at and text[at - 1] in " \u3000：:为达是共计有":
        at -= 1
    if at == 0:
        return text[start - 1 : start] not in (" ", "\u3000", "")
    return text[at - 1] >= "一" or text[at - 1] in "）)”"


def _han_is_number(text: str, one: Candidate, surface: str, alone: bool) -> bool:
    if alone or "分" in surface:
        return True
    if _PLAN.fullmatch(surface) is not None or all(char in HAN_DIGITS for char in surface):
        return False
    if text[one.end : one.end + 1] not in _HAN_FOLLOWS:
        return False
    before = text[one.number - 1 : one.number]
    if one.start == one.number and before and before >= "一" and before not in _LEADS:
        return len(surface) >= 3 and any(char in HAN_MULTIPLIERS for char in surface)
    return True
