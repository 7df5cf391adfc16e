"""Enclosures: titles in 《 》 and quotations, found once for a text.

Numbers in titles count nothing; a quotation of a few characters is a name (“三项制度”), a longer one is speech, whose
numbers count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_ENCLOSED = re.compile('《[^《》\n]{1,100}》|“[^“”\n]{1,200}”|"[^"\n]{1,200}"|‘[^‘’\n]{1,40}’|「[^「」\n]{1,40}」')
LONGEST_NAME = 24
"""A quotation of more characters, its marks included, is no name."""


class Enclosures(NamedTuple):
    """Where titles and quotations open and close, in order."""

    starts: list[int]
    ends: list[int]
    titles: list[bool]

    def holds(self, offset: int) -> int | None:
        """Index of the enclosure around ``offset``, or None."""
        at = bisect_right(self.starts, offset) - 1
        return at if at >= 0 and self.ends[at] > offset else None

    def in_title(self, offset: int) -> bool:
        """Whether ``offset`` lies in a title."""
        at = self.holds(offset)
        return at is not None and self.titles[at]

    def in_name(self, offset: int) -> bool:
        """Whether ``offset`` lies in a quotation short enough to be a name."""
        at = self.holds(offset)
        return at is not None and not self.titles[at] and self.ends[at] - self.starts[at] <= LONGEST_NAME


def enclosures(text: str) -> Enclosures:
    """Find the titles and quotations of a text."""
    spans = [match.span() for match in _ENCLOSED.finditer(text)]
    return Enclosures(
        [start for start, _ in spans], [end for _, end in spans], [text[start] == "《" for start, _ in spans]
    )
