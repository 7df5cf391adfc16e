"""Bare numbers: which numbers without a unit are quantities (公职人员47) and which are codes, years and labels.

Chinese counts with a measure word; a number without one is a figure only in a table, at the end of a phrase that names
what it counts, or where a multiplier, decimals or separators show that it is an amount.
"""

from __future__ import annotations

import re

from transforms.figures import Candidate
from transforms.numerals import HAN_DIGITS, HAN_MULTIPLIERS
from transforms.traps import HOTLINES

_CODE_WORDS = re.compile(
    "(?:电话|热线|编号|邮编|编码|代码|网址|密码|传真|手机|房间|型号|公众号|备案|索引|浏览|点击|阅读|访问|下载|字号|字体|编辑|来源|时间|日期|令|版|楼|室"
    "|座|路|页|第|号|表|图|附件|之|至|平台|通过|拨打|约定|账号|证|文|日|节)[^，。；,;]{0,3}$"
)
_LEADS = frozenset("达为是共计到至约近超过于有了数均各仅即名员：:")
_FOLLOWS = frozenset('，。；：、,;:.!?！？）)]】\n\t| 　”"') | {""}
_HAN_FOLLOWS = _FOLLOWS | frozenset("的和到比与及以左上下或是加减乘个")
_COUNTED = frozenset("数人员计共为达：:")
"""What shows that the digits of a service number are a count after all (应到人数120)."""
_TIMES = frozenset("年月日号时天")
_PLAN = re.compile("十?[一二三四五六七八九]五")
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
    return _ends_phrase(text, one) and not _is_code(text, one, surface) and _noun_before(text, one.start)


def _ends_phrase(text: str, one: Candidate) -> bool:
    """Whether nothing follows that the number could belong to: punctuation, or 左右 and 以上 after 达 and 为."""
    following = text[one.end : one.end + 1]
    if following == "\n":
        return text[one.end + 1 : one.end + 2] not in _TIMES
    return following in _FOLLOWS or (one.start > 0 and text[one.start - 1] in "达为共计超" and following in "左以分")


def _is_code(text: str, one: Candidate, surface: str) -> bool:
    """Whether the digits are a service number, a year, a code with a zero in front, or follow a word for codes."""
    digits = sum(char.isdigit() for char in surface)
    if (
        digits > _DIGITS_OF_A_FIGURE
        or (surface in HOTLINES and text[one.start - 1 : one.start] not in _COUNTED)
        or (digits == 4 and surface[:2] in ("19", "20"))
    ):
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
