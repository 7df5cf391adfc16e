"""Occasions: figures of one day, month or campaign, by the last words before them that date what is told.

A report dates as it goes: 全年 or 今年以来 opens what was done in the year, 11月5日, 此次行动 or 活动现场 what was done
on one occasion, and the last of them holds for every figure that follows, over sentences, until the next one or the end
of the paragraph. 截至目前 and 累计 say nothing by themselves: they count from wherever the last dating word began; 截至
with a date ends a day (10月20日，…。截止10月19日，工单126件). What speaks of the whole township in a later sentence
(全镇, 辖区) ends an occasion too.

The words are data, ``seeds/occasions.csv`` (kind, term); where terms overlap, the longest counts, and one of the kind
``none`` takes the sense of a shorter one away; one of the kind ``clause`` speaks of its own clause only (当日化解201件,
最终化解298件). The terms 年, 月 and 日 count behind digits only.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from seeds import SEEDS
from transforms.quantity import Quantity

_DATE = re.compile("(?:20[0-9]{2}年)?(?:[0-9]{1,2}月)?[0-9]{1,4}$")
_LONGEST = len("2025年12月31")
_LONGER = re.compile("[0-9]{1,2}[月日号]")
_UNTIL = ("截至", "截止", "截止到", "截至到")
_FROM_TO = frozenset("至到-—~～－")
"""What between two dates makes them a longer period."""
_LIMIT_BEHIND = ("内", "以内", "之内", "办结")
"""What makes a number of days a limit (15日内报备)."""
_DAY_ALONE = re.compile("(?:^|[，,。；;：:、（(\\s“”于在自从至到截]|以来|[0-9]月)$")
"""What stands before a day of no month; elsewhere the number is one of days (法定20日压到3.5日, 出动15日)."""
_UNTIL_THEN = ("为止", "止")
_SINCE = re.compile("[^，,。；;\n]{0,12}以来")
"""5月试运行以来: from a day on is a year's."""
_SUM = re.compile("[合总共]计")
"""3月…11场、12月…9场，合计33场: the sum of several occasions is none of them."""
_END = frozenset("起止前底末") | _FROM_TO
_MEETING, _MANY = re.compile("会(?!场|员|计)"), 5
_BESIDE = 8
"""As many meetings (19次党工委会) are not of the one day that an earlier sentence tells of; many lectures may be."""
_SPELLS = frozenset(("day", "spell"))
_REACH = 400
"""Characters over which a dating word holds, where paragraphs are lost."""


class _Words(NamedTuple):
    automaton: AhoCorasick
    kinds: list[str]


class _Dating(NamedTuple):
    start: int
    end: int
    kind: str


@cache
def _words() -> _Words:
    with (SEEDS / "occasions.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(row["kind"], row["term"]) for row in csv.DictReader(lines)]
    terms = [term for _, term in rows]
    return _Words(AhoCorasick(terms, matchkind=MatchKind.LeftmostLongest), [kind for kind, _ in rows])


def occasions(text: str, quantities: Sequence[Quantity]) -> list[str]:
    """By quantity: the words that make it one occasion's, empty where none do."""
    words = _words()
    found: list[_Dating] = []
    for term, start, end in words.automaton.find_matches_as_indexes(text):
        kind = words.kinds[term]
        if end - start == 1 or (text[start] == "日" and text[start - 1 : start].isdecimal()):  # 12月4日前后
            _add_date(text, start, start + 1, kind, found)
        elif kind != "none":
            found.append(_Dating(start, end, kind))
    starts = [one.start for one in found]
    return [_governing(text, quantity, found, bisect_left(starts, quantity.start)) for quantity in quantities]


def _add_date(text: str, mark: int, end: int, kind: str, found: list[_Dating]) -> None:
    """Add the date that ends with 年, 月 or 日, unless it only begins a longer one or says until when or how soon."""
    behind = text[end : end + 1]
    digits = _DATE.search(text, max(0, mark - _LONGEST), mark)
    if digits is None or (text[mark] != "日" and _LONGER.match(text, end)) or text.startswith(_LIMIT_BEHIND, end):
        return
    start = digits.start()
    if text[mark] == "年":
        if len(digits[0]) == len("2025"):
            found.append(_Dating(start, end, kind))
    elif text[mark] == "日" and "月" not in digits[0] and _DAY_ALONE.search(text, max(0, start - 2), start) is None:
        return
    elif text.endswith(_UNTIL, 0, start) or text.startswith(_UNTIL_THEN, end):
        found.append(_Dating(start, end, "until"))
    else:
        ends = behind in _END or text[start - 1 : start] in _FROM_TO or _SINCE.match(text, end) is not None
        found.append(_Dating(start, end, "year" if ends else kind))


def _governing(text: str, quantity: Quantity, found: list[_Dating], before: int) -> str:
    """The words of the occasion that a figure belongs to: the last dating word before it, unless that is a year's."""
    owned = until = False
    earlier = found[max(0, before - 8) : before]
    for one in reversed(earlier):
        if one.kind == "own":
            owned = True
            continue
        if one.kind == "until":
            until = True
            continue
        if one.kind == "clause" and one.start < quantity.clause[0]:
            continue
        if one.kind == "year" or quantity.start - one.start > _REACH:
            return ""
        if one.start >= quantity.sentence[0]:
            return "" if _summed(text, quantity, earlier, one) else text[one.start : one.end]
        if one.kind == "day" and (until or _many_meetings(text, quantity)):
            return ""
        if owned or one.kind == "spell" or text.find("\n", one.end, quantity.start) >= 0:
            return ""
        return text[one.start : one.end]
    return ""


def _many_meetings(text: str, quantity: Quantity) -> bool:
    low, high = max(quantity.clause[0], quantity.start - _BESIDE), quantity.end + _BESIDE
    told = quantity.unit == "次" and quantity.value is not None and quantity.value >= _MANY
    return told and _MEETING.search(text, low, high) is not None


def _summed(text: str, quantity: Quantity, earlier: Sequence[_Dating], last: _Dating) -> bool:
    """Whether a figure follows the sum of several occasions that its sentence tells."""
    dated = [one for one in earlier if one.kind in _SPELLS and one.start >= quantity.sentence[0]]
    return len(dated) > 1 and _SUM.search(text, last.end, quantity.start) is not None
