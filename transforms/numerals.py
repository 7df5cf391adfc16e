"""Numerals: the exact value of a number as it is written, in Arabic digits or in Chinese characters.

Chinese numerals are read after the grammar of the spoken language: digits before 十 百 千, sections before 万 亿, 零
for skipped places, a final digit without its place taking the next one down (三千五 is 3500, 两百五 is 250), and digits
alone read place by place (二〇二三 is 2023). The formal characters of cheques (壹贰叁) and 廿 卅 are the same numerals.
Two neighbouring digits in one place are an estimate (八九 is 8 to 9, 二三十 is 20 to 30), which is a range.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

FORMAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
"""The characters of cheques and seals; most are words of their own too (队伍, 大陆), so that one alone is no number."""
DIGITS = {
    **{char: value for value, char in enumerate("零一二三四五六七八九")},
    **{char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0, "○": 0, "两": 2, "俩": 2, "貮": 2, "弍": 2, "幺": 1, "仨": 3,
}  # fmt: skip
PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
SECTIONS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_SECTIONS_DOWN = sorted(SECTIONS.items(), key=lambda item: -item[1])
_TENS = {"廿": 20, "卄": 20, "卅": 30}
HAN_DIGITS = "".join(DIGITS)
HAN_MULTIPLIERS = "".join(PLACES) + "".join(SECTIONS)
HAN_NUMERALS = HAN_DIGITS + HAN_MULTIPLIERS + "".join(_TENS)
"""Every character that a Chinese integer is written with."""

LONGEST = 40
"""Characters of the longest numeral that is read; what is longer is damage, and reading it would cost time."""
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_SEPARATORS = str.maketrans("", "", ", \u00a0\u2009\u3000'\n\t")


class Reading(NamedTuple):
    """What a numeral says: its value, and for an estimate such as 八九 the upper end."""

    value: Decimal
    high: Decimal | None = None


def arabic(surface: str) -> Decimal:
    """The value of ``surface``: Arabic digits, full-width or not, with separators, spaces and a decimal point."""
    if surface.isascii() and surface.isdigit():
        return Decimal(surface)
    return Decimal(surface.translate(_HALF_WIDTH).translate(_SEPARATORS))


def multiplier(surface: str) -> int:
    """The product of the places in ``surface`` (万亿 is 10**12), 1 for none."""
    factor = 1
    for char in surface:
        factor *= PLACES.get(char) or SECTIONS[char]
    return factor


@lru_cache(maxsize=4096)
def han(surface: str) -> Reading | None:
    """The value of a Chinese numeral without unit, sign or 余; None where the characters form no number.

    ``surface`` may hold a decimal part after 点. Examples: 一千二百三十四万 12340000, 十五六 15 to 16, 百千万 None.
    """
    if len(surface) > LONGEST:
        return None
    if "点" in surface:
        return _decimal(surface)
    if len(surface) > 1 and all(char in DIGITS for char in surface):
        return _pair(surface) or Reading(Decimal("".join(str(DIGITS[char]) for char in surface)))
    estimate = _estimate(surface)
    if estimate is not None:
        return estimate
    value = _integer(surface)
    return None if value is None else Reading(Decimal(value))


def _decimal(surface: str) -> Reading | None:
    """三点一四, 一点五亿: a whole part, if any, the digits after 点, and a multiplier for all of it."""
    written, _, fraction = surface.partition("点")
    digits = fraction.rstrip(HAN_MULTIPLIERS)
    if not digits or any(char not in DIGITS for char in digits):
        return None
    reading = han(written) if written else Reading(Decimal(0))
    if reading is None or reading.high is not None:
        return None
    value = reading.value + Decimal("0." + "".join(str(DIGITS[char]) for char in digits))
    value *= multiplier(fraction[len(digits) :])
    return Reading(value.to_integral_value() if digits != fraction and value == value.to_integral_value() else value)


def _pair(surface: str) -> Reading | None:
    """八九 and the like: two digits of which the second is one more; 一二 is no estimate but a count-off."""
    if len(surface) == 2 and surface not in {"一二", "零一", "〇一"} and _neighbours(surface):
        return Reading(Decimal(DIGITS[surface[0]]), Decimal(DIGITS[surface[1]]))
    return None


def _neighbours(pair: str) -> bool:
    """Whether two digits are said together as an estimate: 七八, 一两, and 三五."""
    low, high = DIGITS.get(pair[0]), DIGITS.get(pair[1])
    return bool(low) and high is not None and (high - (low or 0) == 1 or (low, high) == (3, 5))


def _estimate(surface: str) -> Reading | None:
    """十五六, 二三十, 三四百万: the place where two digits stand in a row, each reading taken on its own."""
    for i in range(len(surface) - 1):
        if DIGITS.get(surface[i]) and DIGITS.get(surface[i + 1]):
            if not _neighbours(surface[i : i + 2]):
                return None
            low, high = _integer(surface[: i + 1] + surface[i + 2 :]), _integer(surface[:i] + surface[i + 1 :])
            return None if low is None or high is None else Reading(Decimal(low), Decimal(high))
    return None


def _integer(surface: str) -> int | None:
    """An integer after the place grammar; None where a place stands out of order or a digit has no place."""
    for char, size in _SECTIONS_DOWN:
        at = surface.rfind(char)
        if at < 0:
            continue
        head = _integer(surface[:at]) if at else 1
        rest = surface[at + 1 :]
        if head is None:
            return None
        if len(rest) == 1 and rest in DIGITS:
            # 三万二 leaves out the next place down; 三万零二 would name it.
            return head * size + DIGITS[rest] * size // 10
        tail = _integer(rest) if rest else 0
        return None if tail is None or tail >= size else head * size + tail
    return _below_ten_thousand(surface)


def _below_ten_thousand(surface: str) -> int | None:
    """Four places and the zeros between them; a last digit without its place takes the next one down."""
    total, last_place, position = 0, 10_000, 0
    while position < len(surface):
        char = surface[position]
        if char in _TENS:
            total, last_place, position = total + _TENS[char], 10, position + 1
            continue
        digit = DIGITS.get(char)
        if digit == 0 and position + 1 < len(surface):
            # 零 says that places were skipped: what follows stands where it says, units if it says nothing.
            position += 1
            if position + 1 == len(surface) and surface[position] in DIGITS:
                return total + DIGITS[surface[position]]
            continue
        position += digit is not None
        if position == len(surface):
            return total + (digit or 0) * max(last_place // 10, 1) if last_place < 10_000 else digit
        place = PLACES.get(surface[position])
        if place is None or place >= last_place:
            return None
        total, last_place, position = total + (1 if digit is None else digit) * place, place, position + 1
    return total
