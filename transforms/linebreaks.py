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
    | \d{1,2}(?:\.\d{1,2})*[.．](?!\d) | [①-⑳㈠-㈩❶-❿●■◆★▲•※] | [·-](?!\d) |
    第[一二三四五六七八九十百\d]{1,4}[章节条部编]
    | [一二三四五六七八九十]是 | 附件?\s*\d*[:：] | 表\s*\d""",
    re.VERBOSE,
)
"""How a heading or list item begins."""
_INDENTS = (" ", "\u3000", "\xa0")
_WORD = re.compile(r"[A-Za-z0-9.%％/+-]+|.")


_LONGEST = 120
"""Characters; a longer line is a paragraph, not a line of one."""


class _Line(NamedTuple):
    start: int
    text: str


def soft_breaks(text: str) -> list[Edit]:
    """The edits that join wrapped lines: each deletes a line end with the blanks around it."""
    lines, start = [], 0
    for written in text.split("\n"):
        lines.append(_Line(start, written))
        start += len(written) + 1
    wrap = _wrap_width([line.text.rstrip() for line in lines])
    indented = sum(line.text[:1] in _INDENTS for line in lines if line.text) >= FEWEST
    edits = []
    for line, following in pairwise(lines):
        if _is_soft(line.text, following.text, wrap, indented=indented):
            end = line.start + len(line.text.rstrip())
            begin = following.start + len(following.text) - len(following.text.lstrip())
            glue = " " if _is_latin(text[end - 1]) and _is_latin(text[begin]) else ""
            edits.append(Edit(end, begin, glue))
    return edits


def _columns(line: str) -> int:
    return sum(2 if character > "\u2000" else 1 for character in line)


def _wrap_width(lines: list[str]) -> int:
    """The width at which a text is wrapped, in columns; 0 if it is not."""
    shown = [line for line in lines if line]
    if sum(len(line) > _LONGEST for line in shown) > len(shown) // 20:
        return 0
    # A mark may hang over the margin: only lines that end in a word show where it is.
    ends = [line for line in shown if "\t" not in line and not _is_closed(line) and not _GOES_ON.search(line)]
    open_widths = Counter(map(_columns, ends))
    open_widths = Counter({width: count for width, count in open_widths.items() if width >= NARROWEST})
    if open_widths.total() < FEWEST:
        return 0

    width = max(open_widths, key=lambda width: (open_widths[width], width))
    near = sum(open_widths[other] for other in range(width - 3, width + 3))
    wider = sum(_columns(line) > width + 2 for line in shown)
    if near < FEWEST or wider > len(shown) // 20 or near * 3 < open_widths.total():
        return 0
    return width


def _is_closed(line: str) -> bool:
    return _ENDS.search(line) is not None


def _is_soft(line: str, following: str, wrap: int, *, indented: bool) -> bool:
    first, second = line.rstrip(), following.strip()
    if not first or not second or "\t" in first.strip() or "\t" in second or HEADING.match(second):
        return False
    if _GOES_ON.search(first) or _CONTINUES.match(second):
        return True
    if not wrap or (indented and following[:1] in _INDENTS):
        return False
    width = _columns(first)
    if width > wrap + 2:
        return False
    word = _WORD.match(second)
    full = width + (_columns(word[0]) if word else 2) > wrap
    # Without indents nothing tells a sentence that ends at the margin from the end of a paragraph.
    return full and (indented or not _is_closed(first))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
