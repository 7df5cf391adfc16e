"""Layout: the lines of pages, with their places, become paragraphs.

A line that reached the right margin and is followed by one without an indent goes on in it; nothing else does. What
stands in the margin of most pages is no part of the text, nor are page numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

MARGIN = 0.12
"""Share of a page's height, at its top and bottom, in which headers, footers and page numbers stand."""
LONGEST_NUMBER = 30
"""Characters of a line that may be a page number."""
RAGGED = 5
"""Han characters that a full line may lack where the text is not justified: a number or name moves to the next."""
FEWEST_RUNNING = 6
"""Characters of a line of running text."""
FEWEST_LINES = 5
"""Running lines that a column has."""
GUTTERS = range(42, 59, 2)
"""Where the strip between two columns is looked for, in hundredths of a page's width."""
_PAGE_NUMBER = re.compile(
    r"[-—–―－_~·\s]*(?:第\s*)?(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[ivxIVX]{1,6})(?:\s*页)?"
    r"(?:\s*[/,，]?\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–―－_~·\s]*"
)
_WIDE_MARKS = "，。、；：！？”’》」』）】〕…"
_FIRST_WORD = re.compile(rf"(?:[“‘《（〔【]*(?:[A-Za-z0-9.%/+-]+|.))[{_WIDE_MARKS}]*")
_GAP = re.compile("(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
"""A gap of a justified line, which pdfium takes for a space."""
_CLOSED = re.compile(r"[。！？；：][”’』」）)》]*$")


class Line(NamedTuple):
    """One line of a page: where it stands, in points from the page's lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    is_row: bool = False

    def scaled(self, by: float) -> Line:
        """The line on a page that is ``by`` times as large."""
        return self._replace(left=self.left * by, right=self.right * by, bottom=self.bottom * by, top=self.top * by)


class Sheet(NamedTuple):
    """One page: its lines in reading order, and its size."""

    lines: list[Line]
    width: float
    height: float

    def scaled(self, width: float) -> Sheet:
        """The page brought to another width."""
        by = width / self.width if self.width else 1.0
        return Sheet([line.scaled(by) for line in self.lines], width, self.height * by)


def columns(sheet: Sheet) -> list[Sheet]:
    """The columns of a page as pages of their own, each where the first is; a page set in one is left as it is.

    Two columns have a strip down the middle that no line crosses, and running lines on both sides of it. Headers across
    the page stay with the first column.
    """
    running = [line for line in sheet.lines if len(line.text) >= FEWEST_RUNNING and not line.is_row]
    for gutter in (sheet.width * share / 100 for share in GUTTERS):
        left = [line for line in running if line.right < gutter]
        right = [line for line in running if line.left > gutter]
        if min(len(left), len(right)) < FEWEST_LINES or len(running) - len(left) - len(right) > len(running) // 20:
            continue
        by = min(line.left for line in right) - min(line.left for line in left)
        second = [line for line in sheet.lines if line.left > gutter and not _is_number(line, sheet)]
        moved = [line._replace(left=line.left - by, right=line.right - by) for line in second]
        taken = set(map(id, second))
        first = [line for line in sheet.lines if id(line) not in taken]
        return [sheet._replace(lines=first), sheet._replace(lines=moved)]
    return [sheet]


def _is_number(line: Line, sheet: Sheet) -> bool:
    return (
        _in_margin(line, sheet) and len(line.text) <= LONGEST_NUMBER and _PAGE_NUMBER.fullmatch(line.text) is not None
    )


def without_margins(sheets: list[Sheet]) -> list[Sheet]:
    """The pages without the lines that stand in the margin of most of them, and without page numbers."""
    seen = Counter(
        shape for sheet in sheets for shape in {_shape(line) for line in sheet.lines if _in_margin(line, sheet)}
    )
    often = max(2, (len(sheets) + 1) // 2)

    def is_margin(line: Line, sheet: Sheet) -> bool:
        if line.is_row or not _in_margin(line, sheet):
            return False
        if seen[_shape(line)] >= often:
            return True
        return _is_number(line, sheet)

    return [sheet._replace(lines=[line for line in sheet.lines if not is_margin(line, sheet)]) for sheet in sheets]


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", "".join(line.text.split()))


def _in_margin(line: Line, sheet: Sheet) -> bool:
    return line.top > 0 and (line.bottom > sheet.height * (1 - MARGIN) or line.top < sheet.height * MARGIN)


class _Measure(NamedTuple):
    """The type area of a document, in points: its left and right edges and the width of a Han character."""

    left: float
    right: float
    em: float
    indented: bool
    """Whether paragraphs begin with an indent, so that a line without one goes on."""


def _measure(sheets: list[Sheet]) -> _Measure | None:
    lines = [line for sheet in sheets for line in sheet.lines if not line.is_row and len(line.text) >= 10]
    if len(lines) < 3:
        return None
    ems = sorted((line.right - line.left) / _columns(line.text) * 2 for line in lines)
    em = ems[len(ems) // 2]
    # The left edge that at least a tenth of the lines reach: most may be indented, where paragraphs are short.
    left = sorted(line.left for line in lines)[len(lines) // 10]
    rights = sorted(_right(line, em) for line in lines)
    indents = sum(1.2 * em < line.left - left < 4 * em for line in lines)
    return _Measure(left, rights[len(rights) * 9 // 10], em, indents >= max(3, len(lines) // 20))


def _columns(text: str) -> int:
    return max(1, sum(2 if character > "\u2000" else 1 for character in text))


def _right(line: Line, em: float) -> float:
    """The right edge of a line; the box of a mark is smaller than its place."""
    return line.right + (em / 2 if line.text[-1] in _WIDE_MARKS else 0)


def paragraphs_of(sheets: list[Sheet]) -> list[str]:
    """The paragraphs and rows of pages, in order; a paragraph may go on over the end of a page."""
    measure = _measure(sheets)
    lines = [line for sheet in sheets for line in sheet.lines]
    paragraphs: list[str] = []
    last: Line | None = None
    for line in lines:
        if measure and last and _goes_on(last, line, measure):
            glue = " " if last.text[-1].isascii() and last.text[-1].isalpha() and line.text[:1].isalpha() else ""
            paragraphs[-1] += (glue if line.text[0].isascii() else "") + line.text
        else:
            paragraphs.append(line.text)
        last = line
    return [_GAP.sub("", paragraph) if len(paragraph) > 40 else paragraph for paragraph in paragraphs]


def _goes_on(last: Line, line: Line, measure: _Measure) -> bool:
    """Whether a line goes on in the next: it is full and the next has no indent, or both are parts of a title."""
    if last.is_row or line.is_row:
        return False
    em = measure.em
    if _is_centred(last, measure) and _is_centred(line, measure):
        taller = last.top - last.bottom > 1.1 * em and line.top - line.bottom > 1.1 * em
        return taller and not _CLOSED.search(last.text)
    if line.left > measure.left + 1.2 * em:
        return False
    if measure.indented:
        return _right(last, em) > measure.right - RAGGED * em
    word = _FIRST_WORD.match(line.text)
    needed = _columns(word[0]) / 2 * em if word else em
    return _right(last, em) + needed > measure.right - 0.3 * em and not _CLOSED.search(last.text)


def _is_centred(line: Line, measure: _Measure) -> bool:
    before, after = line.left - measure.left, measure.right - line.right
    return before > 2 * measure.em and abs(before - after) < 2 * measure.em
