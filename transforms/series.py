"""Series: figures of several years told in a row, of which all but the last are of the years before.

``2022年至2024年，诉讼分别为9件、6件和4件``; ``近三年处罚62件、91件、118件``; ``由180篇、266篇增至415篇``; and what
the year is held against: ``与上年的402次、9件相比``. A list is of the years where it has as many members as years.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_YEARS = re.compile(
    "(?P<first>20[0-9]{2})年?度?[ ]?(?:(?:至|到|[-—–~～]{1,2})[ ]?(?P<last>20[0-9]{2})年|(?:[、和及]20[0-9]{2}年?度?)+)"
    "|近(?P<near>[两二三四五])年"
)
_NEAR = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}
_FIGURE = "(?:约|近|超)?[0-9][0-9.]*[万亿]?[余多]?"
_LIST = re.compile(f"{_FIGURE}(?P<unit>[^0-9、，。；,;和及与（(\n]{{1,3}})(?:[、和及与]{_FIGURE}(?P=unit))+(?![0-9])")
_MEMBER = re.compile("[、和及与](?=[约近超0-9])")
_ROSE = re.compile(
    f"[由从](?:20[0-9]{{2}}年的?)?(?P<list>{_FIGURE}(?P<unit>[^0-9、，。；,;和及与（(\n]{{1,3}})"
    f"(?:[、和及与](?:20[0-9]{{2}}年的?)?{_FIGURE}(?P=unit))+)[^0-9，。；,;\n]{{0,6}}[至到为]"
)
_AGAINST = re.compile("(?:与|同|和|对比)(?:20[0-9]{2}年|去年|上年|上一年)度?(?:(?!相比)[^。；;\n])+$")
_OPPOSED = re.compile("对比(?:20[0-9]{2}年|去年|上年|上一年)[^，。；,;\n]*")
_SENTENCE = 240
"""Characters of a sentence that a series is looked for in."""
_END = re.compile("[。\n]")


class Earlier(NamedTuple):
    """Where figures of years before stand in a text, in order."""

    starts: list[int]
    ends: list[int]

    def holds(self, offset: int) -> bool:
        """Whether the figure that begins at ``offset`` is of a year before."""
        at = bisect_right(self.starts, offset) - 1
        return at >= 0 and offset < self.ends[at]


def earlier(text: str) -> Earlier:
    """Find the figures of the years before in the series and comparisons of a text."""
    spans = [*_by_year(text), *_risen(text), *_compared(text)]
    spans.sort()
    return Earlier([start for start, _ in spans], [end for _, end in spans])


def _by_year(text: str) -> list[tuple[int, int]]:
    spans = []
    matches = list(_YEARS.finditer(text))
    stops = [*(match.start() for match in matches[1:]), len(text)]
    for match, stop in zip(matches, stops, strict=False):
        begin, number, limit = match.end(), _number(match), min(match.end() + _SENTENCE, stop)
        end = _END.search(text, begin, limit)
        for told in _LIST.finditer(text, begin, end.start() if end is not None else limit):
            members = list(_MEMBER.finditer(text, *told.span()))
            if len(members) == number - 1 and not _names_as_many(text, begin, told.start()):
                spans.append((told.start(), members[-1].start()))
    return spans


def _number(match: re.Match[str]) -> int:
    """How many years are named."""
    if match["near"]:
        return _NEAR[match["near"]]
    return int(match["last"]) - int(match["first"]) + 1 if match["last"] else match.group().count("20")


def _names_as_many(text: str, begin: int, start: int) -> bool:
    """复议、诉讼分别为3件、2件: the list is of nouns that stand in a row before it, not of years."""
    low = max(begin, *(text.rfind(mark, begin, start) + 1 for mark in "，；,;"))
    return "、" in text[low:start] or "和" in text[low:start]


def _risen(text: str) -> list[tuple[int, int]]:
    return [match.span("list") for match in _ROSE.finditer(text)]


def _compared(text: str) -> list[tuple[int, int]]:
    """与上年的402次、9件相比: from the year to 相比; 对比去年同期的热线1830件: to the end of the clause."""
    spans = []
    at = text.find("相比")
    while at >= 0:
        low = max(0, at - _SENTENCE // 2)
        match = _AGAINST.search(text, low, at)
        if match is not None:
            spans.append((match.start(), at))
        at = text.find("相比", at + 2)
    if "对比" in text:
        spans += [match.span() for match in _OPPOSED.finditer(text)]
    return spans
