"""Chinese and Arabic numerals read as their exact values."""

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.numerals import arabic, han

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_SECTIONS = ("", "万", "亿", "万亿")


def spoken(number: int) -> str:
    """An integer below 10**16 as it is said: written here from the grammar, apart from the code under test."""
    if number == 0:
        return "零"
    parts: list[str] = []
    gap = False
    sections = [number // 10 ** (4 * i) % 10_000 for i in range(4)]
    for i in range(3, -1, -1):
        section = sections[i]
        if section == 0:
            gap = bool(parts)
            continue
        name = _SECTIONS[i] if i != 3 or sections[2] == 0 else "万"
        if parts and (gap or section < 1000):
            parts.append("零")
        parts.append(_section(section) + name)
        gap = False
    return "".join(parts)


def _section(section: int) -> str:
    text = ""
    for place in range(3, -1, -1):
        digit = section // 10**place % 10
        if digit:
            text += _DIGITS[digit] + _PLACES[place]
        elif text and section % 10**place and not text.endswith("零"):
            text += "零"
    return text


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_every_integer_as_spoken_reads_back_as_itself(number: int) -> None:
    reading = han(spoken(number))
    assert reading is not None
    assert (reading.value, reading.high) == (Decimal(number), None)


@given(st.integers(min_value=0, max_value=10**15), st.sampled_from(["low", "up"]))
def test_every_integer_as_another_library_writes_it_reads_back(number: int, style: str) -> None:
    reading = han(cn2an.an2cn(number, style))
    assert reading is not None
    assert (reading.value, reading.high) == (Decimal(number), None)


@given(st.decimals(min_value=0, max_value=99_999, places=3))
def test_decimals_read_back(number: Decimal) -> None:
    reading = han(cn2an.an2cn(f"{number:f}"))
    assert reading is not None
    assert reading.value == number


@pytest.mark.parametrize(
    ("surface", "value"),
    [
        ("十", "10"),
        ("十二", "12"),
        ("廿五", "25"),
        ("两百五", "250"),
        ("三千五", "3500"),
        ("三万二", "32000"),
        ("一万零五", "10005"),
        ("一百零八", "108"),
        ("一千二百三十四万", "12340000"),
        ("四十五亿零四百零四万", "4504040000"),
        ("三百五十一万亿", "351000000000000"),
        ("壹仟贰佰", "1200"),
        ("玖佰玖拾玖", "999"),
        ("二〇二三", "2023"),
        ("三点一四", "3.14"),
        ("一点五亿", "150000000"),
        ("零点零三八", "0.038"),
    ],
)
def test_forms_of_chinese_numerals(surface: str, value: str) -> None:
    reading = han(surface)
    assert reading is not None
    assert (format(reading.value, "f"), reading.high) == (value, None)


@pytest.mark.parametrize(
    ("surface", "low", "high"),
    [("八九", 8, 9), ("十五六", 15, 16), ("二三十", 20, 30), ("三四百", 300, 400), ("五六千", 5000, 6000)],
)
def test_two_neighbouring_digits_are_an_estimate(surface: str, low: int, high: int) -> None:
    reading = han(surface)
    assert reading is not None
    assert (reading.value, reading.high) == (low, high)


@pytest.mark.parametrize("surface", ["百千万", "十百", "三百四千", "一点", "三五四十"])
def test_what_breaks_the_grammar_is_no_number(surface: str) -> None:
    assert han(surface) is None


@pytest.mark.parametrize(
    ("surface", "value"),
    [
        ("0", "0"),
        ("007", "7"),
        ("1,234,567.5", "1234567.5"),
        ("33 939", "33939"),
        ("１２．５", "12.5"),
        ("1，234", "1234"),
        ("3.10", "3.10"),
    ],
)
def test_forms_of_digits(surface: str, value: str) -> None:
    assert format(arabic(surface), "f") == value
