"""Candidates: every number of a text that could be a quantity, with its unit, before its kind is asked.

One pass finds the runs of numerals; at each run either a trap is recognised (``traps``) or the number is read with its
余/多, multiplier, unit, qualifier and, for a range, its second number. The cost is one look per run.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from transforms.numerals import HAN_DIGITS, HAN_MULTIPLIERS, HAN_NUMERALS, Reading, arabic, han, multiplier
from transforms.traps import bare_is_number, is_trap
from transforms.units import Unit, unit_at
from warehouse.contracts import Qualifier

_D = "0-9０-９"
ANCHOR = re.compile(f"[{_D}{HAN_NUMERALS}][{_D}{HAN_NUMERALS}]*")
"""A run of numerals; written as one class twice because the engine skips fast to a class that begins a pattern."""

_SPACE = "[ \u00a0\u3000]?"
_ARABIC = re.compile(
    rf"(?P<number>[{_D}]{{1,3}}(?:[,，][{_D}]{{3}})+(?![{_D}])(?:[.．][{_D}]+)?|[0-9]{{1,3}}(?: [0-9]{{3}})+(?![0-9])"
    rf"|[{_D}]+(?:[.．][{_D}]+)?)"
    rf"{_SPACE}(?P<inner>[余多来几]?)(?P<places>[{HAN_MULTIPLIERS}]*)(?P<rest>(?<=[千万亿百])[{_D}]+[千百万](?![{_D}]))?(?P<outer>[余多来]?)"
)
_HAN = re.compile(
    rf"(?P<number>[{HAN_NUMERALS}]+(?:点[{HAN_DIGITS}]+)?)(?P<inner>[余多来几]?)(?P<places>[{HAN_MULTIPLIERS}]*)(?P<outer>[余多来]?)"
)
_METRIC = re.compile("千(?:米|克|瓦|伏|卡|字节|帕)")
_RANGE = re.compile(rf"{_SPACE}(?:[-—–－~～至到]|——|--){_SPACE}(?=[{_D}{HAN_NUMERALS}])")
_SHARED = re.compile(rf"{_SPACE}[、和及与]{_SPACE}(?=[{_D}])")

_BEFORE: tuple[tuple[str, Qualifier], ...] = (
    ("不少于", "at_least"), ("不低于", "at_least"), ("不下于", "at_least"), ("至少", "at_least"), ("最少", "at_least"),
    ("不超过", "at_most"), ("不高于", "at_most"), ("不多于", "at_most"), ("不到", "nearly"), ("不足", "nearly"), ("至多", "at_most"), ("最多", "at_most"),
    ("大约", "about"), ("约为", "about"), ("大概", "about"), ("约", "about"),
    ("接近", "nearly"), ("将近", "nearly"), ("近", "nearly"), ("超过", "over"), ("超出", "over"), ("突破", "over"), ("超", "over"),
    ("逾", "over"), ("多于", "over"), ("大于", "over"), ("小于", "at_most"),
)  # fmt: skip
_BEFORE_BY_LAST: dict[str, tuple[tuple[str, Qualifier], ...]] = {}
for _word, _qualifier in _BEFORE:
    _BEFORE_BY_LAST[_word[-1]] = (*_BEFORE_BY_LAST.get(_word[-1], ()), (_word, _qualifier))
_AFTER: tuple[tuple[str, Qualifier], ...] = (
    ("（含）以上", "at_least"), ("(含)以上", "at_least"), ("及以上", "at_least"), ("以上", "at_least"), ("之上", "at_least"),
    ("及以下", "at_most"), ("以下", "at_most"), ("以内", "at_most"), ("之内", "at_most"), ("之下", "at_most"),
    ("左右", "about"), ("上下", "about"),
)  # fmt: skip
_AFTER_FIRST = frozenset(word[0] for word, _ in _AFTER)


class Candidate(NamedTuple):
    """A number with its unit; ``start`` includes a qualifier that stands directly before, ``number`` is where it begins."""

    start: int
    number: int
    end: int
    value: Decimal
    high: Decimal | None
    unit: Unit | None
    factor: Decimal
    qualifier: Qualifier
    han: bool


class _Number(NamedTuple):
    value: Decimal
    high: Decimal | None
    scale: int
    """The multiplier written after the number, which the lower end of a range shares."""
    over: Qualifier | None
    end: int
    han: bool


def candidates(text: str) -> list[Candidate]:
    """All candidates of ``text`` in order."""
    found: list[Candidate] = []
    resume = 0
    for match in ANCHOR.finditer(text):
        start, end = match.span()
        if start < resume:
            continue
        trap = is_trap(text, start, end)
        if trap:
            resume = trap
            continue
        candidate = _read(text, start)
        if candidate is None:
            continue
        found.append(candidate)
        resume = candidate.end
    _share_units(text, found)
    return [c for c in found if c.unit is not None or bare_is_number(text, c.number, c.end, c.value, c.han)]


def _number(text: str, start: int) -> _Number | None:
    """The number that begins at ``start``, with 余/多 inside and its multiplier."""
    over: Qualifier | None = None
    if text[start] in HAN_NUMERALS:
        match = _HAN.match(text, start)
        if match is None:
            return None
        number, inner, places, outer = match.group("number", "inner", "places", "outer")
        if places and not inner:
            return None
        reading = han(number)
        end = match.end()
        is_han = True
    else:
        match = _ARABIC.match(text, start)
        if match is None:
            return None
        number, inner, places, rest, outer = match.group("number", "inner", "places", "rest", "outer")
        reading = Reading(arabic(number))
        end = match.end()
        is_han = False
        if places and _METRIC.match(text, match.end("places") - 1):
            places, outer, end = places[:-1], "", match.end("places") - 1
        if rest:
            tail = arabic(rest[:-1]) * multiplier(rest[-1])
            scale = multiplier(places)
            return _Number(reading.value * scale + tail, None, 1, None, end, False)
    if reading is None:
        return None
    scale = multiplier(places) if places else 1
    if inner or outer:
        over = "about" if "来" in (inner, outer) else "over"
    high = reading.high * scale if reading.high is not None else None
    return _Number(reading.value * scale, high, scale, over, end, is_han)


def _read(text: str, start: int) -> Candidate | None:
    """The candidate that begins at ``start``: number, unit, range and qualifiers."""
    number = _number(text, start)
    if number is None:
        return None
    value, high, scale, over, end, is_han = number
    position = end + 1 if text[end : end + 1] in (" ", "\u3000", "\u00a0") else end
    unit = unit_at(text, position)
    if unit is not None:
        end = position + len(unit.surface)
    if high is None:
        ranged = _RANGE.match(text, end)
        if ranged is not None:
            second = _number(text, ranged.end())
            if second is not None and second.high is None:
                other_end = second.end + 1 if text[second.end : second.end + 1] == " " else second.end
                other = unit_at(text, other_end)
                top = second.value
                low = value * second.scale if unit is None and scale == 1 and value < top else value
                if low < top and (other is not None or unit is not None):
                    value, high, over = low, top, over or second.over
                    unit = other or unit
                    end = other_end + len(other.surface) if other is not None else second.end
    factor = unit.factor if unit is not None else Decimal(1)
    if factor != 1:
        value, high = value * factor, None if high is None else high * factor
    qualifier, begin, end = _qualifier(text, start, end, over)
    return Candidate(begin, start, end, value, high, unit, factor * scale, qualifier, is_han)


def _qualifier(text: str, start: int, end: int, over: Qualifier | None) -> tuple[Qualifier, int, int]:
    """How exact the number is said to be, with the span that includes the words which say so."""
    qualifier: Qualifier = over or "exact"
    begin = start
    before = _BEFORE_BY_LAST.get(text[start - 1 : start])
    if before is not None:
        for word, meaning in before:
            if text.startswith(word, start - len(word)):
                begin = start - len(word)
                qualifier = meaning if over is None else qualifier
                break
    if text[end : end + 1] in _AFTER_FIRST:
        for word, meaning in _AFTER:
            if text.startswith(word, end):
                return (meaning if qualifier == "exact" else qualifier), begin, end + len(word)
    return qualifier, begin, end


def _share_units(text: str, found: list[Candidate]) -> None:
    """15、22个百分点 and 3、4份: a number without unit takes the unit of the number that follows it in the list."""
    for i in range(len(found) - 2, -1, -1):
        one, following = found[i], found[i + 1]
        if one.unit is None and following.unit is not None and not one.han and one.qualifier == "exact":
            link = _SHARED.match(text, one.end)
            if link is not None and link.end() == following.number:
                unit = following.unit
                found[i] = one._replace(unit=unit, value=one.value * unit.factor, factor=one.factor * unit.factor)
