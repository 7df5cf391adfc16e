"""Soft line breaks: a paragraph wrapped into lines becomes one line; headings, list items and cells keep theirs.

Two things prove that a break is soft. The lines on both sides cannot stand alone: the first ends in a comma or an
opening bracket, or the second begins with closing punctuation. Or the whole text is wrapped at one width, and the first
word of the second line did not fit on the first.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple
from unicodedata import east_asian_width

from transforms.offsets import Edit

NARROWEST = 24
"""Columns (a Han character has two); below this, lines of one width are the cells of a table column."""
FEWEST = 3
"""Lines broken at the width of a text before it counts as wrapped."""
_ENDS = re.compile(r"[。！？；：!?;:…][”’』」）)》\"']*$")
_GOES_ON = re.compile(r"[，、,“‘《〈（(【〔『「]$")
_CONTINUES = re.compile(r"[，。、；：！？”’』」》〉）】〕,;%％]")
HEADING = re.compile(
    r"""[（(][一二三四五六七八九十]{1,3}[）)] | [一二三四五六七八九十]{1,3}[、.．] | [（(]?\d{1,2}[）)、]
    | \d{1,2}(?:\.\d{1,2})*[.．](?!\d) | [①-⑳㈠-㈩❶-❿●■◆★▲•·※-] | 第[一二三四五六七八九十百\d]{1,4}[章节条部编]
    | [一二三四五六七八九十]是 | 附件?\s*\d*[:：] | 表\s*\d""",
    re.VERBOSE,
)
"""How a heading or list item begins."""
_WORD = re.compile(r"[A-Za-z0-9.%％/+-]+|.")


class _Line(NamedTuple):
    start: int
    text: str
    width: int


def soft_breaks(text: str) -> list[Edit]:
    """The edits that join wrapped lines: each deletes a line end with the blanks around it."""
    lines = _lines(text)
    wrap = _wrap_width(lines)
    indented = sum(line.text[:1] in " \u3000" for line in lines) >= FEWEST
    edits = []
    for line, following in pairwise(lines):
        if _is_soft(line, following, wrap, indented=indented):
            end = line.start + len(line.text.rstrip())
            begin = following.start + len(following.text) - len(following.text.lstrip())
            glue = " " if _is_latin(text[end - 1]) and _is_latin(text[begin]) else ""
            edits.append(Edit(end, begin, glue))
    return edits


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append(_Line(start, line, 0 if len(line) > _LONGEST else _columns(line.rstrip())))
        start += len(line) + 1
    return lines


_LONGEST = 120
"""Characters; a longer line is a paragraph, not a line of one."""


def _columns(line: str) -> int:
    return sum(2 if ord(character) > 0x2000 or east_asian_width(character) in "WF" else 1 for character in line)


def _wrap_width(lines: list[_Line]) -> int:
    """The width at which a text is wrapped, in columns; 0 if it is not."""
    shown = [line for line in lines if line.text.strip()]
    open_widths = Counter(
        line.width for line in shown if line.width >= NARROWEST and "\t" not in line.text and not _is_closed(line.text)
    )
    if open_widths.total() < FEWEST:
        return 0
    width = max(open_widths, key=lambda w: (sum(open_widths[near] for near in range(w - 3, w + 1)), w))
    at_width = sum(open_widths[near] for near in range(width - 3, width + 1))
    wider = sum(line.width > width + 2 or len(line.text) > _LONGEST for line in shown)
    if at_width < FEWEST or wider > len(shown) // 20 or at_width * 3 < open_widths.total():
        return 0
    return width


def _is_closed(line: str) -> bool:
    return _ENDS.search(line.rstrip()) is not None


def _is_soft(line: _Line, following: _Line, wrap: int, *, indented: bool) -> bool:
    first, second = line.text.rstrip(), following.text.strip()
    if not first or not second or "\t" in first.strip() or "\t" in second or HEADING.match(second):
        return False
    if _GOES_ON.search(first) or _CONTINUES.match(second):
        return True
    if not wrap or line.width > wrap + 2:
        return False
    if indented and following.text[:1] in " \u3000":
        return False
    word = _WORD.match(second)
    full = line.width + (_columns(word[0]) if word else 2) > wrap
    # Without indents nothing tells a sentence that ends at the margin from the end of a paragraph.
    return full and (indented or not _is_closed(first))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
