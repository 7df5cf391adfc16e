"""Years: which year a report is about, as its own text says, and which year is named last before a place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import NamedTuple

_YEAR = re.compile("(20[0-9]{2}) ?年")
_SINCE = re.compile("(?:度)?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:以来|以后|之后|起|至今|开始|后|至|到|[-—–~～])")
_BESIDE = frozenset("较比与同于从由占原转-—–~～至到")
"""What stands before a year that is compared with, that ends a span or that work is left to (转2025年办理): it does
not date the figure."""
_LISTED = frozenset("、和及")
"""What stands before a document that a list names (通知公告8条、2021年信息公开年报1条): not the report's own title."""
_OF_WORK = re.compile(
    "度?(?:年?[末底])?(?:未办结)?(?:结转|转结|遗留)|度?(?:政府)?(?:信息公开|法治政府建设|依法行政)(?:工作)?年度?(?:工作)?报告?(?=[0-9一两])"
)
"""A year that work was left from (2023年结转1件) or that a document is of (2021年信息公开年报1条)."""
_LENGTH = len("2024年")
_AHEAD = re.compile("度?[^，。；,;]{0,10}(?:打算|计划|安排|思路|目标|将|拟)")
_HEAD = 400
_ABOUT = re.compile(
    "(20[0-9]{2}) ?年(?![、和及至到—~-]{1,2}20[0-9]{2})(?:度|上半年|全年)?[^，。,\n]{0,14}"
    "(?:报告|总结|汇报|情况|法治|依法|公开(?![^，。,\n]{0,6}[0-9])|自评)"
)
"""What names the report's year: a title, not what was published in some year (2021年主动公开96条)."""


class Years(NamedTuple):
    """The years named in a text in order (0 where one only begins a period), and the year of the report."""

    starts: list[int]
    values: list[int]
    report: int | None
    foreign: bool
    """Whether another year than the report's is named."""

    def last(self, start: int, number: int) -> int | None:
        """Index of the last year named between ``start`` and ``number``, or None."""
        at = bisect_left(self.starts, number) - 1
        return at if at >= 0 and self.starts[at] >= start else None


def years(text: str) -> Years:
    """Find the years named in a cleaned text; titles in 《 》 name none."""
    starts, values = [], []
    for match in _YEAR.finditer(text):
        start, end = match.span()
        opened = text.rfind("《", max(0, start - 60), start)
        if opened >= 0 and text.find("》", opened, start) < 0:
            continue
        if text[start - 1 : start] in _BESIDE and start:
            continue
        if _OF_WORK.match(text, end) is not None:
            continue
        starts.append(start)
        values.append(0 if _SINCE.match(text, end) else int(match[1]))
    named = (
        match for match in _ABOUT.finditer(text, 0, _HEAD) if text[match.start() - 1 : match.start()] not in _LISTED
    )
    about = next(named, None)
    if about is not None:
        report = int(about[1])
        return Years(starts, values, report, any(value not in (0, report) for value in values))
    report = _most_named(text, starts, values)
    return Years(starts, values, report or None, any(value not in (0, report) for value in values))


def _most_named(text: str, starts: list[int], values: list[int]) -> int:
    """The year that is named most often, of those named alike the last one; 0 where none is.

    A year that is looked ahead to does not count; a report tells the years before its own for comparison
    (2022年146件、2023年121件、2024年98件).
    """
    named = [(start, value) for start, value in zip(starts, values, strict=True) if value]
    told = [value for start, value in named if _AHEAD.match(text, start + _LENGTH) is None]
    counted = Counter(told or [value for _, value in named])
    most = max(counted.values(), default=0)
    return max((value for value, number in counted.items() if number == most), default=0)
