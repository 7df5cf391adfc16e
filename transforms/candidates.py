"""Candidates: every number of a text that could be a quantity, with its unit and qualifier, before its kind is asked.

One pass finds the runs of numerals. At each run either a trap is recognised (``traps``) or the number is read together
with its sign, 余/多, multiplier, unit, second number of a range and qualifier. The cost is one look per run.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from transforms.numbers import D, Number, fraction_at, number_at
from transforms.numerals import HAN_NUMERALS
from transforms.phrases import begins_phrase, counts_abstractions, in_title, quoted
from transforms.traps import HOTLINES, skip_arabic, skip_han
from transforms.units import Unit, unit_at, units
from warehouse.contracts import Qualifier

ANCHOR = re.compile(f"[{D}{HAN_NUMERALS}](?:(?<=[{D}])[{D}]*|[{HAN_NUMERALS}]*)")
"""A run of digits or of Chinese numerals; it begins with a class because the engine skips fast to one."""

_SPACES = frozenset(" \u00a0\u3000")
_RANGE = re.compile(rf"[ \u3000]?(?:[-—–－~～至到]|——|--)[ \u3000]?(?=[{D}{HAN_NUMERALS}])")
_SHARED = re.compile(r"[ \u3000]?[、和及与][ \u3000]?")
_COINS = re.compile(rf"(?:([{D}{HAN_NUMERALS}]+)[角毛])?(?:([{D}{HAN_NUMERALS}]+)分)?")
_HALF_AFTER = frozenset("个成倍年天斤里亩")

_BEFORE: dict[str, Qualifier] = {
    "约": "about", "大约": "about", "约为": "about", "大概": "about", "约有": "about",
    "近": "nearly", "接近": "nearly", "将近": "nearly", "不到": "at_most", "不足": "at_most",
    "超": "over", "超过": "over", "超出": "over", "突破": "over", "逾": "over", "多于": "over", "大于": "over", "高于": "over",
    "不少于": "at_least", "不低于": "at_least", "不下": "at_least", "至少": "at_least", "最少": "at_least", "不小于": "at_least",
    "不超过": "at_most", "不高于": "at_most", "不多于": "at_most", "至多": "at_most", "最多": "at_most", "不大于": "at_most",
    "小于": "at_most", "低于": "at_most", "少于": "at_most",
}  # fmt: skip
_AFTER: dict[str, Qualifier] = {
    "（含）以上": "at_least", "(含)以上": "at_least", "及以上": "at_least", "以上": "at_least", "之上": "at_least",
    "及以下": "at_most", "以下": "at_most", "以内": "at_most", "之内": "at_most", "左右": "about", "上下": "about",
}  # fmt: skip


def _by_character(words: dict[str, Qualifier], index: int) -> dict[str, tuple[tuple[str, Qualifier], ...]]:
    groups: dict[str, list[tuple[str, Qualifier]]] = {}
    for word in sorted(words, key=len, reverse=True):
        groups.setdefault(word[index], []).append((word, words[word]))
    return {char: tuple(group) for char, group in groups.items()}


_BEFORE_BY_LAST = _by_character(_BEFORE, -1)
_AFTER_BY_FIRST = _by_character(_AFTER, 0)
_LOOSE = frozenset("上近超约逾过破")
"""What may stand before a bare 百, 千 or 万 that counts (上千人, 近百名); else it is part of a word (百姓, 千家万户)."""
_ONE_BEFORE = frozenset("任某上下这那同再又哪首另最进统唯专何手家")
_REPEATED = re.compile("[、，,]?[\u4e00-\u9fff]{2,3}一起")
_REPEATED_BEFORE = re.compile("一起[、，,]?[\u4e00-\u9fff]{2,3}$")
_CASE_BEFORE = re.compile(
    "(?:发生|引发|查处|化解|调处|调解|发现|处理|受理|处置|办理|没有|共|仅|有|成功|阻止|制止|破获|侦破|立案|查获|案件|纠纷|事件|事故|[0-9]宗)了?$"
)
_CASE_AFTER = re.compile("(?:案|事故|纠纷|信访|诉讼|行政|复议|因|涉|民事|刑|积怨|交通|火灾|以上|典型|重大|较大|山林|土地|违)")
_ONE_UNITS = frozenset(
    "次 场 期 件 起 宗 例 名 人 份 家 户 处 所 场次 人次 篇 部 辆 座 台 间 册 幅 轮 批次 案 亩".split()
)
_ONE_MADE = re.compile(
    "(?:成立|组建|设立|建立|建成|新建|建有|配备|聘请|聘用|选聘|获得|荣获|创建|增设|新增|共有|拥有|设有|现有|辖|制定|印发|出台|建设|打造|编制|共|各|仅|达|有|为|计)了?$"
)
_LAST_CLAUSE = re.compile("[^，。；：,;:\\n]*$")
_SETS = frozenset(("个", "项", "条", "大"))
_GENERIC_RANK = frozenset("大级届")
_KINDS_OF = frozenset("类种")


class Candidate(NamedTuple):
    """A number with its unit; ``start`` includes a qualifier directly before it, ``number`` is where it itself begins."""

    start: int
    number: int
    end: int
    value: Decimal
    high: Decimal | None
    unit: Unit | None
    factor: Decimal
    qualifier: Qualifier
    han: bool
    name: bool = False


def candidates(text: str) -> list[Candidate]:
    """All candidates of ``text`` in order; those without unit are still to be judged by their surroundings."""
    found: list[Candidate] = []
    resume = 0
    titles, quotes = "《" in text, ("“" in text or '"' in text or "‘" in text or "「" in text)
    for match in ANCHOR.finditer(text):
        start, end = match.span()
        if start < resume:
            if end <= resume:
                continue
            start = resume
        is_han = text[start] in HAN_NUMERALS
        skip = (skip_han if is_han else skip_arabic)(text, start, end)
        if skip:
            resume = skip
            continue
        candidate = _read(text, start, is_han)
        if candidate is None or (titles and in_title(text, start)):
            resume = end if candidate is None else candidate.end
            continue
        candidate = _judge_name(text, candidate, quotes)
        if candidate is not None:
            found.append(candidate)
            resume = candidate.end
    _share_units(text, found)
    return found


def _judge_name(text: str, one: Candidate, quotes: bool) -> Candidate | None:
    """The candidate as it is, marked as a name, or None where neither is meant (一 as article, 百 as part of a word)."""
    unit = one.unit
    if unit is None:
        return None if quotes and quoted(text, one.number, one.end) else one
    surface = unit.surface
    if surface in _GENERIC_RANK:
        return one if surface not in ("级", "届") and _members_listed(text, one.start) else one._replace(name=True)
    if quotes and quoted(text, one.number, one.end):
        return one._replace(name=True)
    if one.han:
        if begins_phrase(text, one.number):
            return one._replace(name=True)
        if text[one.number] == "一" and one.value == 1 and not _counts_one(text, one):
            return None
    if surface in _SETS and counts_abstractions(text, one.end, one.han) and not _members_listed(text, one.start):
        return one._replace(name=True)
    if one.han and surface in _KINDS_OF and not _members_listed(text, one.start):
        return one._replace(name=True)
    return one._replace(name=True) if one.han and _is_doubled(text, one) else one


def _is_doubled(text: str, one: Candidate) -> bool:
    """七站八所: two single numerals with a noun each are an idiom, and so is 发现一起、查处一起."""
    following, unit = text[one.end : one.end + 2], text[one.number + 1 : one.end]
    if len(following) == 2 and following[0] in HAN_NUMERALS and following[1] not in "个名件次万千百十" and len(unit) == 1:
        return True
    if one.number > 2 and text[one.number - 2] in HAN_NUMERALS and text[one.number - 1] not in "是、，个":
        return text[one.number - 1] not in HAN_NUMERALS and len(unit) == 1 and unit not in "个名件次"
    return False


def _members_listed(text: str, start: int) -> bool:
    """N大X and N个方面 are counts when their members are listed just before (甲、乙、丙等6大体系)."""
    clause = _LAST_CLAUSE.search(text, max(0, start - 40), start)
    return clause is not None and "、" in clause.group()


def _counts_one(text: str, one: Candidate) -> bool:
    """Whether 一 counts: not as article (建立一个平台) nor in 同一, 任何一, 上一; things are counted where one was made or had."""
    before = text[max(0, one.number - 6) : one.number]
    if one.qualifier != "exact":
        return True
    if before[-1:] in _ONE_BEFORE and before[-1:]:
        return False
    if one.unit is not None and one.unit.surface == "起":
        return _one_case(text, one, before)
    if one.unit is not None and one.unit.surface in _ONE_UNITS:
        return True
    if _ONE_MADE.search(before) is not None:
        return True
    following = text[one.end : one.end + 1]
    return following in "，。；、,;）)\n" and (before[-1:] > "一" or not before)


def _one_case(text: str, one: Candidate, before: str) -> bool:
    """一起 is one case where it happened or was dealt with or is named; else it is the adverb (一起上门)."""
    if _REPEATED.match(text, one.end) is not None or _REPEATED_BEFORE.search(text, max(0, one.number - 8), one.number):
        return False
    return _CASE_BEFORE.search(before) is not None or _CASE_AFTER.match(text, one.end) is not None


def _read(text: str, start: int, is_han: bool) -> Candidate | None:
    """The candidate that begins at ``start``: sign, number, unit, range and qualifiers."""
    number = fraction_at(text, start) or number_at(text, start)
    if number is None:
        return None
    if is_han and text[start] in "百千万亿" and not _loose(text, start, number):
        return None
    value, high, end, unit, over = number.value, number.high, number.end, number.unit, number.over
    if unit is None:
        position = end + 1 if text[end : end + 1] in _SPACES else end
        unit = unit_at(text, position)
        if unit is None and text[end : end + 1] == "\n":
            unit, position = _wrapped_unit(text, start, end)
            wrapped = _wrapped_digits(text, start, end) if unit is None else None
            if wrapped is not None:
                value, unit, position = wrapped
        if unit is not None and is_han and not unit.han and number.bare:
            unit = None
            if end - start == 1:
                return None
        if unit is not None:
            end = position + len(unit.surface)
            unit, end = _bracketed_unit(text, unit, end)
    if high is None:
        value, high, unit, end, over = _range(text, number._replace(value=value), unit, end)
    factor = Decimal(number.scale)
    if unit is not None and unit.factor != 1 and number.unit is None:
        value, high, factor = value * unit.factor, None if high is None else high * unit.factor, factor * unit.factor
    if unit is not None and unit.surface in ("元", "块", "块钱") and text[end : end + 1] in _COIN_DIGITS:
        value, end = _coins(text, value, end)
    if unit is not None and text[end : end + 1] == "半" and unit.surface in _HALF_AFTER:
        value, end = value + unit.factor / 2, end + 1
    if number.sign_start < start:
        value, start_at = -value, number.sign_start
    else:
        start_at = start
    qualifier, begin, end = _qualifier(text, start_at, end, over)
    return Candidate(begin, start, end, value, high, unit, factor, qualifier, is_han)


_COIN_DIGITS = frozenset("0123456789" + HAN_NUMERALS)


def _loose(text: str, start: int, number: Number) -> bool:
    """Whether a numeral that begins with 百, 千, 万 counts: after 近 or 上, before 余 or 分之, or with further digits (百三)."""
    if number.over is not None or "分" in text[start : number.end]:
        return True
    return text[start - 1 : start] in _LOOSE and start > 0


def _bracketed_unit(text: str, unit: Unit, end: int) -> tuple[Unit, int]:
    """起（场）: a second measure word in brackets belongs to the unit as it is written."""
    if text[end : end + 1] not in ("（", "("):
        return unit, end
    second = unit_at(text, end + 1)
    if second is None or text[end + 1 + len(second.surface) : end + 2 + len(second.surface)] not in ("）", ")"):
        return unit, end
    stop = end + 2 + len(second.surface)
    return unit._replace(surface=unit.surface + text[end:stop]), stop


def _wrapped_unit(text: str, start: int, end: int) -> tuple[Unit | None, int]:
    """The unit at the beginning of the next line, where a line that holds more than the number was wrapped after it."""
    line = text.rfind("\n", 0, start) + 1
    if start - line < 8:
        return None, end
    return unit_at(text, end + 1), end + 1


_DIGITS_AFTER_WRAP = re.compile("([0-9]{1,4})(?![0-9.．、])")
_SHORTEST_WRAPPED_LINE = 16


def _wrapped_digits(text: str, start: int, end: int) -> tuple[Decimal, Unit, int] | None:
    """The value of a number that was broken over two lines, with the unit behind it: a full line, and digits on both sides."""
    line = text.rfind("\n", 0, start) + 1
    match = _DIGITS_AFTER_WRAP.match(text, end + 1)
    if match is None or end - line < _SHORTEST_WRAPPED_LINE or not text[start:end].isdigit():
        return None
    unit = unit_at(text, match.end())
    return (Decimal(text[start:end] + match[1]), unit, match.end()) if unit is not None else None


def _range(
    text: str, number: Number, unit: Unit | None, end: int
) -> tuple[Decimal, Decimal | None, Unit | None, int, Qualifier | None]:
    """A second number after 至, 到 or a dash, if it makes a range with the first: same or later unit, greater value."""
    value, over = number.value, number.over
    match = _RANGE.match(text, end)
    if match is None:
        return value, None, unit, end, over
    second = number_at(text, match.end())
    if second is None or second.high is not None:
        return value, None, unit, end, over
    position = second.end + 1 if text[second.end : second.end + 1] in _SPACES else second.end
    other = unit_at(text, position)
    low = value
    if unit is None and number.scale == 1 and second.section > 1 and value * second.section < second.value:
        low = value * second.section
    if low >= second.value or (other is None and unit is None and second.section == 1):
        return value, None, unit, end, over
    if unit is not None and other is not None and unit.unit != other.unit:
        return value, None, unit, end, over
    stop = second.end if other is None else position + len(other.surface)
    return low, second.value, other or unit, stop, over or second.over


def _coins(text: str, value: Decimal, end: int) -> tuple[Decimal, int]:
    """123元1角1分: the smaller coins after 元."""
    match = _COINS.match(text, end)
    if match is None or match.end() == end:
        return value, end
    for digits, part in zip(match.groups(), (Decimal("0.1"), Decimal("0.01")), strict=True):
        if digits is not None:
            number = number_at(digits, 0)
            if number is not None:
                value += number.value * part
    return value, match.end()


def _qualifier(text: str, start: int, end: int, over: Qualifier | None) -> tuple[Qualifier, int, int]:
    """How exact the number is said to be, with the span that includes the words which say so."""
    qualifier: Qualifier = over or "exact"
    begin = start
    for word, meaning in _BEFORE_BY_LAST.get(text[start - 1 : start], ()):
        if text.startswith(word, start - len(word)) and start >= len(word):
            begin = start - len(word)
            qualifier = over or meaning
            break
    else:
        if text[start - 1 : start] in ("上", "过", "破") and over is None and start and text[start] in "百千万亿":
            return "over", start - 1, end
    for word, meaning in _AFTER_BY_FIRST.get(text[end : end + 1], ()):
        if text.startswith(word, end):
            return (meaning if qualifier == "exact" else qualifier), begin, end + len(word)
    if text[end : end + 1] in ("余", "多") and qualifier == "exact" and end > start and not text[end - 1].isdigit():
        return "over", begin, end + 1
    return qualifier, begin, end


def _share_units(text: str, found: list[Candidate]) -> None:
    """15、22个百分点 and 3、4份: a number without unit takes the unit of the number that follows it in the list."""
    for i in range(len(found) - 2, -1, -1):
        one, following = found[i], found[i + 1]
        if one.unit is None and following.unit is not None and not one.han and one.qualifier == "exact":
            link = _SHARED.match(text, one.end)
            if link is not None and link.end() == following.start and str(one.value) not in HOTLINES:
                unit = following.unit
                found[i] = one._replace(unit=unit, value=one.value * unit.factor, factor=one.factor * unit.factor)


UNITS = units()
