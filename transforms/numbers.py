"""Numbers: how a number is written where it stands in a text, without its unit.

Digits with separators or spaces (33 939), full-width digits, decimals; multipliers 万 亿 千 百, 余/多/来/几 before or
after them; Chinese numerals; fractions (百分之五, 三分之一, 1/4, 过半数 is none); a sign (负, -).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from transforms.numerals import (
    HAN_DIGITS,
    HAN_MULTIPLIERS,
    HAN_NUMERALS,
    PLACES,
    SECTIONS,
    Reading,
    arabic,
    han,
    multiplier,
)
from transforms.units import Unit, units
from warehouse.contracts import Qualifier

D = "0-9０-９"
_M = HAN_MULTIPLIERS
_GROUPED = rf"[{D}]{{1,3}}(?:[,，][{D}]{{3}})+(?![{D}])(?:[.．][{D}]+)?"
_SPACED = "[0-9]{1,3}(?:[ \u00a0\u2009][0-9]{3})+(?![0-9])(?:\\.[0-9]+)?"
_REST = rf"(?:[ ]?[{D}]+[ ]?[千百万]|零[{D}]+(?![{D}])|(?<=万)[{D}]{{4}}(?![{D}]))+"
"""What follows 万 or 千 in mixed numbers: 5万4千6百, 1千零20, 3万4000."""
CASUAL_LETTERS = frozenset("wWｗＷ")
CASUAL = "[wWｗＷ](?=[余多]?(?:元|人|份|件|条|户|张|次|平方|亩|册))"
"""万 as people type it (3.6w元, 2w余人次), before a measure word alone: elsewhere the letter is a code or a watt."""
_ARABIC = re.compile(
    rf"(?P<number>{_GROUPED}|{_SPACED}|[{D}]+(?:[.．][{D}]+)?)"
    rf"(?:(?P<inner>[余多来几]?)[ \u3000]{{0,2}}(?P<places>[{_M}]+|{CASUAL})(?P<rest>{_REST})?|(?P<alone>[余多来几]?))"
    r"(?P<outer>[余多来]?)(?P<above>(?<=[十百千][余多来])[万亿])?"
)
_HAN = re.compile(
    rf"(?P<number>[{HAN_NUMERALS}]+(?:点[{HAN_DIGITS}]+[{_M}]*)?)(?P<inner>[余多来几]?)(?P<places>[{_M}]*)(?P<outer>[余多来]?)"
)
_METRIC = re.compile("千(?:米|克|瓦|伏|卡|帕)")
_HAN_FRACTION = re.compile(rf"(?P<whole>[{HAN_NUMERALS}{D}]+又)?(?P<below>[{HAN_NUMERALS}{D}]+)分之")
_SLASH = re.compile(r"(?P<above>[0-9０-９]{1,4})[/／](?P<below>[1-9１-９][0-9０-９]{0,2})(?![0-9０-９/／年月])")
_SLASH_SAYS = frozenset("近约达占为超有过的 ")
_SIGNED = frozenset("比长为降达至是减速幅跌（(，,、：: \n\t|")
_NOT_MINUS = frozenset("担肩承抱辜胜自欺背亏由")


class Number(NamedTuple):
    """A number that begins where it was asked for; ``scale`` is the multiplier written after it in its own right.

    ``section`` is the 万 or 亿 that its last digits stand under, which the lower end of a range shares; ``bare`` is
    False where 余 or a multiplier in between shows that a number is meant; ``unit`` is set by 百分之 and the like.
    """

    value: Decimal
    high: Decimal | None
    scale: int
    section: int
    over: Qualifier | None
    end: int
    bare: bool
    sign_start: int
    unit: Unit | None = None


def number_at(text: str, start: int) -> Number | None:
    """The number that begins at ``start``, or None where the numerals form none."""
    return _han_number(text, start) if text[start] in HAN_NUMERALS else _arabic_number(text, start)


def _arabic_number(text: str, start: int) -> Number | None:
    match = _ARABIC.match(text, start)
    if match is None:
        return None
    number, inner, places, rest, alone, outer = match.group("number", "inner", "places", "rest", "alone", "outer")
    value, end = arabic(number), match.end()
    if match["above"]:
        places += match["above"]  # 1千余万
    more = inner or alone or outer
    if places:
        if _METRIC.match(text, match.end("places") - 1) and not rest:
            places, end = places[:-1], match.end("places") - 1
            more = inner
        scale = multiplier("万" if places in CASUAL_LETTERS else places) if places else 1
        value = whole(value * scale)
        if rest:
            tail = _mixed(rest)
            if tail is None or tail >= scale:
                return None
            value += tail
            scale = 1
    else:
        scale = 1
    if more == "几":
        # 二十几: the tens are told, the ones are not.
        more = "多"
    return Number(value, None, scale, scale, _over(more), end, not more, _sign(text, start))


def whole(value: Decimal) -> Decimal:
    """3.2万 is 32000, not 32000.0: places after the point that the multiplier has used up are dropped."""
    whole = value.to_integral_value()
    return whole if whole == value else value


def _mixed(rest: str) -> Decimal | None:
    """5千4百 after 7万: digits and places in turn."""
    total = Decimal(0)
    for digits, place in re.findall(rf"([{D}]+)[ ]?([千百万]?)", rest):
        total += arabic(digits) * (multiplier(place) if place else 1)
    return total


def _han_number(text: str, start: int) -> Number | None:
    match = _HAN.match(text, start)
    if match is None:
        return None
    number, inner, places, outer = match.group("number", "inner", "places", "outer")
    if not inner and places:
        return None
    if inner == "几":
        if number[-1] not in HAN_MULTIPLIERS and number[-1] not in "零〇":
            return None
        inner = "多"
    reading: Reading | None = han(number.rstrip("零〇")) if inner == "多" and number[-1] in "零〇" else han(number)
    if reading is None:
        return None
    value, high = reading
    scale = multiplier(places) if places else 1
    if places:
        value, high = value * scale, None if high is None else high * scale
    section = scale if places else _section(number)
    more = inner or outer
    bare = not more and len(number) == 1
    return Number(value, high, scale, section, _over(more), match.end(), bare, _sign(text, start))


def _section(number: str) -> int:
    """The 万 or 亿 that ends a numeral, or the 百 of 三百: what 两到三百 says of both."""
    last = number[-1]
    if last in SECTIONS:
        return SECTIONS[last]
    return PLACES.get(last, 1) if len(number) == 2 else 1


def _over(more: str) -> Qualifier | None:
    if not more:
        return None
    return "about" if more == "来" else "over"


def _sign(text: str, start: int) -> int:
    """Where a minus before ``start`` begins, else ``start``: 负 unless 担负, a hyphen unless it joins."""
    previous = text[start - 1 : start]
    if previous == "负":
        return start if text[start - 2 : start - 1] in _NOT_MINUS and start > 1 else start - 1
    if previous in ("-", "－", "﹣", "−") and previous and (start == 1 or text[start - 2] in _SIGNED):
        return start - 1
    return start


def fraction_at(text: str, start: int) -> Number | None:
    """A fraction that begins at ``start``: 百分之五十 (50 %), 千分之三 (3 ‰), 三分之一, 1/4; else None."""
    if text[start] in "0123456789０１２３４５６７８９":
        slash = _SLASH.match(text, start)
        if slash is not None and (
            text[start - 1 : start] in _SLASH_SAYS or start == 0 or text[slash.end() : slash.end() + 1] in "的，。"
        ):
            value = arabic(slash["above"]) / arabic(slash["below"])
            return Number(value, None, 1, 1, None, slash.end(), False, _sign(text, start))
    match = _HAN_FRACTION.match(text, start)
    if match is None:
        return _whole_percent(text, start)
    position = match.end()
    negative = text[position : position + 1] == "负"
    position += negative
    if text[position : position + 1] == "点":
        above = _point(text, position)
    else:
        above = number_at(text, position) if position < len(text) and _begins_number(text[position]) else None
    below = number_at(match["below"], 0)
    if above is None or below is None or not below.value:
        return None
    sign = _sign(text, start) if not negative else start - 1
    unit = _PER.get(match["below"])
    if unit is not None:
        return above._replace(unit=unit, bare=False, sign_start=sign)
    whole = number_at(match["whole"][:-1], 0) if match["whole"] else None
    value = above.value / below.value + (whole.value if whole else 0)
    return Number(value, None, 1, 1, above.over, above.end, False, sign)


def _begins_number(char: str) -> bool:
    return char in HAN_NUMERALS or char in "0123456789０１２３４５６７８９"


def _point(text: str, position: int) -> Number | None:
    """百分之点二八: a fraction that begins with its point."""
    match = re.compile(f"点[{HAN_DIGITS}]+").match(text, position)
    reading = han("零" + match.group()) if match else None
    return Number(reading.value, None, 1, 1, None, match.end(), False, position) if match and reading else None


def _whole_percent(text: str, start: int) -> Number | None:
    if text.startswith("百分百", start):
        return Number(Decimal(100), None, 1, 1, None, start + 3, False, start, units()["%"])
    return None


_PER = {"百": units()["%"], "佰": units()["%"], "千": units()["‰"], "仟": units()["‰"], "100": units()["%"]}
