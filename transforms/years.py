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
_HEAD = 400
_ABOUT = re.compile("(20[0-9]{2}) ?年(?:度|上半年|全年)?[^，。,\n]{0,14}(?:报告|总结|汇报|情况|法治|依法|公开|自评)")


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
        starts.append(start)
        values.append(0 if _SINCE.match(text, end) else int(match[1]))
    named = (
        match for match in _ABOUT.finditer(text, 0, _HEAD) if text[match.start() - 1 : match.start()] not in _LISTED
    )
    about = next(named, None)
    if about is not None:
        report = int(about[1])
        return Years(starts, values, report, any(value not in (0, report) for value in values))
    common = Counter(value for value in values if value).most_common(1)
    report = common[0][0] if common else 0
    return Years(starts, values, report or None, any(value not in (0, report) for value in values))
