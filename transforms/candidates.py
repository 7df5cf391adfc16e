"""Candidates: every number of a text that could be a quantity, with its unit and qualifier, before its kind is asked.

One pass finds the runs of numerals. At each run either a trap is recognised (``traps``) or the figure is read
(``figures``) and asked whether it counts or names (``naming``). Most figures are plain digits with a measure word on
their right and a Chinese character on their left: these take a short way that reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from transforms.bare import bracketed
from transforms.enclosures import LONGEST_NAME, Enclosures
from transforms.figures import AFTER_BY_FIRST, BEFORE_BY_LAST, Candidate, qualified, read
from transforms.naming import COUNTED_IN_SETS, judge_name
from transforms.numbers import D, whole
from transforms.numerals import HAN_NUMERALS, LONGEST
from transforms.traps import HAN_FOLLOWERS, HOTLINES, skip_arabic, skip_han
from transforms.units import unit_at
from warehouse.contracts import Qualifier

_ANCHOR = re.compile(f"[{D}{HAN_NUMERALS}](?:(?<=[{D}])[{D}]*(?:\\.[0-9]+)?|[{HAN_NUMERALS}]*)")
"""A run of digits or of Chinese numerals; it begins with a class because the engine skips fast to one."""
_SHARED = re.compile(r"[ \u3000]?[、和及与][ \u3000]?")
_PLAIN_NOT_AFTER = frozenset("第前负图表略村区")
_PUNCTUATION = frozenset("、，。；“”（")
_PLAIN_NOT_BEFORE = frozenset("\n-—–－~～至到（(半余多钟之月年小工星季世自0123456789" + HAN_NUMERALS) | frozenset(
    AFTER_BY_FIRST
)
_SCALES = {"万": Decimal(10**4), "亿": Decimal(10**8)}
_MORE = frozenset(("余", "多"))
_DATES = frozenset(("年", "月", "日"))
_TIME = "时间"
_PLACES = frozenset("市县区镇省乡字版天小分")
"""Measure words that make other words with what follows (12345市民热线) or count the page itself (全文共2002字)."""
_HAN = frozenset(HAN_NUMERALS)
_ONE = Decimal(1)


def candidates(text: str, enclosed: Enclosures) -> list[Candidate]:
    """All candidates of ``text`` in order; those without unit are still to be judged by their surroundings."""
    found: list[Candidate] = []
    resume, shared = 0, False
    for begin, end, is_han, quoted in _runs(text, enclosed):
        if end <= resume or end - begin > LONGEST:
            continue
        start = max(begin, resume)
        one = None if is_han else _plain(text, start, end)
        if one is _DATE:
            resume = end
            continue
        if one is None:
            resume = (skip_han if is_han else skip_arabic)(text, start, end)
            if resume:
                continue
            one = read(text, start, is_han)
            if one is None:
                resume = end
                continue
        resume = one.end
        if quoted or is_han or one.unit is None or one.unit.surface in COUNTED_IN_SETS:
            one = judge_name(text, one, quoted)
        if one is not None:
            found.append(one)
            shared = shared or one.unit is None
    if shared:
        _share_units(text, found)
    return found


def _runs(text: str, enclosed: Enclosures) -> Iterator[tuple[int, int, bool, bool]]:
    """Start and end of every run of numerals outside titles, whether it is Chinese, and whether it is quoted as a name.

    A single Chinese numeral that no measure word can follow (统一, 一般) is most of what there is, and left out here.
    """
    spans = iter(zip(*enclosed, strict=True))
    length = len(text)
    opened, closed, title = next(spans, (length, length + 1, False))
    for match in _ANCHOR.finditer(text):
        start, end = match.span()
        is_han = text[start] in _HAN
        if is_han and end - start == 1 and end < length and text[end] not in HAN_FOLLOWERS:
            continue
        while closed <= start:
            opened, closed, title = next(spans, (length, length + 1, False))
        if opened > start:
            yield start, end, is_han, False
        elif not title:
            yield start, end, is_han, closed - opened <= LONGEST_NAME


_DATE = Candidate(0, 0, 0, _ONE, None, None, _ONE, "exact", False)
"""Stands for a year, month or day, which is skipped."""


def _plain(text: str, start: int, end: int) -> Candidate | None:
    """Digits, 万 or 亿, 余 or 多 and a measure word behind a Chinese character; None where there is more to see."""
    before = text[start - 1 : start]
    if not ("一" <= before <= "鿿" or before in _PUNCTUATION) or before in _PLAIN_NOT_AFTER or text[start] > "9":
        return None
    position, following = end, text[end : end + 1]
    if following in _DATES:
        return _DATE
    scale = _SCALES.get(following)
    if scale is not None:
        position += 1
        following = text[position : position + 1]
    over: Qualifier | None = None
    if following in _MORE:
        position, over = position + 1, "over"
        following = text[position : position + 1]
    unit = unit_at(text, position)
    if unit is None or unit.factor != 1 or following in _PLACES or unit.dimension == _TIME:
        return None
    stop = position + len(unit.surface)
    if text[stop : stop + 1] in _PLAIN_NOT_BEFORE:
        return None
    value = Decimal(text[start:end])
    if scale is not None:
        value = whole(value * scale)
    begin, qualifier = qualified(text, start, over) if before in BEFORE_BY_LAST else (start, over or "exact")
    return Candidate(begin, start, stop, value, None, unit, scale or _ONE, qualifier, False)


def _share_units(text: str, found: list[Candidate]) -> None:
    """15、22个百分点 and 3、4份: a number without unit takes the unit of the number that follows it in the list.

    One behind a bracket takes the unit in it: 罚款金额（元）36500.
    """
    following = found[-1]
    for i in range(len(found) - 1, -1, -1):
        one = found[i]
        if one.unit is None:
            one = found[i] = bracketed(text, one)
        if one.unit is None and following.unit is not None and not one.han and one.qualifier == "exact":
            link = _SHARED.match(text, one.end)
            if link is not None and link.end() == following.start and str(one.value) not in HOTLINES:
                unit = following.unit
                one = found[i] = one._replace(unit=unit, value=one.value * unit.factor, factor=one.factor * unit.factor)
        following = one
