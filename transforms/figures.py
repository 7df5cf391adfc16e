"""Figures: a number as it stands in a text with its sign, unit, second number of a range and qualifier.

The number itself is read by ``numbers``; here the words around it are added: the measure word, 起（场） in brackets,
左右 and 以上, 约 and 近, the smaller coins of 123元1角, and what a line break has torn apart.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from transforms.numbers import D, Number, fraction_at, number_at
from transforms.numerals import HAN_NUMERALS
from transforms.units import Unit, unit_at, units
from warehouse.contracts import Qualifier

_SPACES = frozenset(" \u00a0\u3000")
_RANGE = re.compile(rf"[ \u3000]?(?:[-—–－~～至到]|——|--)[ \u3000]?(?=[{D}{HAN_NUMERALS}])")
_COINS = re.compile(rf"(?:([{D}{HAN_NUMERALS}]+)[角毛])?(?:([{D}{HAN_NUMERALS}]+)分)?")
_COIN_DIGITS = frozenset("0123456789" + HAN_NUMERALS)
_HALF_AFTER = frozenset("个成倍斤里亩")
_OWN_WORDS = {"约": frozenset("民公签合条契节预邀缔"), "近": frozenset("附邻最就靠远亲临")}
_AFTER_WRAP = ("以上", "以下", "以内", "左右")
_GOES_ON = frozenset("0123456789.,余多" + HAN_NUMERALS)
_YUAN = ("¥", "￥")
_LONGEST_NUMBER = 24
_SHORTEST_WRAPPED_LINE = 16

_BEFORE: dict[str, Qualifier] = {
    "约": "about", "大约": "about", "约为": "about", "大概": "about", "约有": "about",
    "近": "nearly", "接近": "nearly", "将近": "nearly", "不到": "at_most", "不足": "at_most",
    "超": "over", "超过": "over", "超出": "over", "突破": "over", "逾": "over", "多于": "over",
    "大于": "over", "高于": "over",
    "不少于": "at_least", "不低于": "at_least", "不下": "at_least", "至少": "at_least",
    "最少": "at_least", "不小于": "at_least",
    "不超过": "at_most", "不高于": "at_most", "不多于": "at_most", "至多": "at_most",
    "最多": "at_most", "不大于": "at_most",
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


BEFORE_BY_LAST = _by_character(_BEFORE, -1)
AFTER_BY_FIRST = _by_character(_AFTER, 0)
_LOOSE = frozenset("上近超约逾过破")
"""What may stand before a bare 百, 千 or 万 that counts (上千人, 近百名); else it belongs to a word (百姓, 万众)."""


class Candidate(NamedTuple):
    """A number with its unit; ``start`` includes a qualifier directly before it, ``number`` is where it begins."""

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


def read(text: str, start: int, is_han: bool) -> Candidate | None:
    """The candidate that begins at ``start``: sign, number, unit, range and qualifiers."""
    number = fraction_at(text, start) or number_at(text, start)
    if number is None or (is_han and text[start] in "百千万亿" and not _loose(text, start, number)):
        return None
    cut = number.end + (text[number.end : number.end + 1] in (".", ","))
    if text[cut : cut + 1] == "\n" and text[cut + 1 : cut + 2] in _GOES_ON:
        number = _joined(text, start, cut, number)
    value, unit, end = number.value, number.unit, number.end
    if unit is None:
        unit, end = _unit(text, start, end)
        if is_han and unit is not None and not unit.han and (number.bare or number.high is not None):
            return None
    high, over = number.high, number.over
    if high is None:
        value, high, unit, end, over = _range(text, number._replace(value=value), unit, end)
    factor = Decimal(number.scale)
    if unit is not None and number.unit is None:
        if unit.factor != 1:
            value, factor = value * unit.factor, factor * unit.factor
            high = None if high is None else high * unit.factor
        value, end = _remainder(text, value, unit, end)
    begin = number.sign_start
    if begin < start:
        value = -value
    if unit is None and text[start - 1 : start] in _YUAN:
        unit, begin = units()["元"], start - 1
    qualifier, begin, end = _qualifier(text, begin, end, over)
    return Candidate(begin, start, end, value, high, unit, factor, qualifier, is_han)


def _unit(text: str, start: int, end: int) -> tuple[Unit | None, int]:
    """The measure word behind a number, with its end: on the same line or, if that was wrapped, on the next."""
    position = end + 1 if text[end : end + 1] in _SPACES else end
    unit = unit_at(text, position)
    if unit is None and text[end : end + 1] == "\n":
        unit, position = _wrapped_unit(text, start, end)
    return (None, end) if unit is None else _bracketed_unit(text, unit, position + len(unit.surface))


def _remainder(text: str, value: Decimal, unit: Unit, end: int) -> tuple[Decimal, int]:
    """What a unit is followed by as part of the value: 123元1角1分, 三成半."""
    following = text[end : end + 1]
    if following == "半" and unit.surface in _HALF_AFTER:
        return value + unit.factor / 2, end + 1
    if following in _COIN_DIGITS and following and unit.surface in ("元", "块", "块钱"):
        return _coins(text, value, end)
    return value, end


def _loose(text: str, start: int, number: Number) -> bool:
    """Whether a numeral that begins with 百, 千 or 万 counts: after 近 or 上, before 余 or 分之."""
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


def _joined(text: str, start: int, end: int, number: Number) -> Number:
    """A number that was broken over two lines: a full line, numerals on both sides, and a measure word behind."""
    if end - text.rfind("\n", 0, start) <= _SHORTEST_WRAPPED_LINE:
        return number
    stop = text.find("\n", end + 1, end + _LONGEST_NUMBER)
    rest = text[end + 1 : stop if stop >= 0 else end + _LONGEST_NUMBER]
    written = text[start:end] + rest
    whole = number_at(written, 0)
    if whole is None or whole.end <= end - start or unit_at(written, whole.end) is None:
        return number
    return whole._replace(end=start + whole.end + 1, sign_start=number.sign_start)


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


def qualified(text: str, start: int, over: Qualifier | None) -> tuple[int, Qualifier]:
    """Where a figure begins with the word of nearness before it (约, 超过), and how exact it is said to be.

    ``over`` is what 余 or 来 inside the figure said already. The end of a noun or verb is no such word (村规民约14部).
    """
    for word, meaning in BEFORE_BY_LAST.get(text[start - 1 : start], ()):
        begin = start - len(word)
        if begin >= 0 and text.startswith(word, begin):
            if begin and text[begin - 1] in _OWN_WORDS.get(word, ()):
                break
            return begin, over or meaning
    return start, over or "exact"


def _qualifier(text: str, start: int, end: int, over: Qualifier | None) -> tuple[Qualifier, int, int]:
    """How exact the number is said to be, with the span that includes the words which say so."""
    begin, qualifier = qualified(text, start, over)
    if begin == start and over is None and start and text[start - 1] in "上过破" and text[start] in "十百千万亿":
        return "over", start - 1, end
    behind = end + 1 if text[end : end + 1] == "\n" and text.startswith(_AFTER_WRAP, end + 1) else end
    for word, meaning in AFTER_BY_FIRST.get(text[behind : behind + 1], ()):
        if text.startswith(word, behind):
            return (meaning if qualifier == "exact" else qualifier), begin, behind + len(word)
    if text[end : end + 1] in ("余", "多") and qualifier == "exact" and not text[end - 1].isdigit():
        return "over", begin, end + 1
    return qualifier, begin, end
