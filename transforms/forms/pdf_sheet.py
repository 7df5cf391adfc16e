"""The sheet of one PDF page: its lines with their places, however the page is turned; ruled tables in rows.

A page's lines come from pdfium with the places of their first and last characters; cells of ruled tables are found by
pdfplumber, which is slow, and their text is pdfium's again.
"""

from __future__ import annotations

import re
from collections import Counter
from math import pi
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.forms.layout import Line, Sheet

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

RULED = 3
"""Lines across and lines down that make a table likely."""
SLANT = 1.5
"""Heights of a character by which the ends of a line may stand above one another; a watermark's differ by more."""
DRAWN = 200
"""Shapes on a page without text that make it likely that its characters are drawn as outlines."""
COVERED = 0.5
"""Share of a page that a picture covers if it is a scan of the page."""
_PATH, _IMAGE, _TEXT = 2, 3, 1
"""pdfium's kinds of page objects."""
_INVISIBLE = 3
"""The text render mode of a layer of recognised text that lies unseen over a scan."""
_MOST_PATHS = 3_000
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class Turn(NamedTuple):
    """How a page's coordinates are turned so that its lines run from left to right; quarters clockwise."""

    quarters: int
    width: float
    height: float
    """Of the page before it is turned."""

    def turned(self, box: Box) -> Box:
        """The place of a box on the turned page."""
        return _turned(box, self.quarters, self.width, self.height)

    def back(self, box: Box) -> Box:
        """The place on the page of a box of the turned page."""
        wide, high = (self.height, self.width) if self.quarters % 2 else (self.width, self.height)
        return _turned(box, -self.quarters % 4, wide, high)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the turned page."""
        return (self.height, self.width) if self.quarters % 2 else (self.width, self.height)


def _turned(box: Box, quarters: int, width: float, height: float) -> Box:
    left, bottom, right, top = box
    if quarters == 1:
        return bottom, width - right, top, width - left
    if quarters == 2:
        return width - right, height - top, width - left, height - bottom
    if quarters == 3:
        return height - top, left, height - bottom, right
    return box


def sheet_of(page: PdfPage, data: bytes, number: int) -> Sheet:
    """The sheet of page ``number`` of the PDF in ``data``."""
    width, height = page.get_size()
    rotation = page.get_rotation() // 90
    if rotation % 2:
        width, height = height, width
    textpage = page.get_textpage()
    count = textpage.count_chars()
    text = textpage.get_text_range() if count else ""
    if len(text) != count:
        # A character that pdfium counts and does not give: places and text no longer agree.
        return Sheet([Line(line.strip(), 0, 0, 0, 0) for line in text.split("\r\n") if line.strip()], width, height)
    found = list(_placed(textpage, text))
    turn = Turn(_quarters(found), width, height)
    lines: list[Line] = []
    for begin, end, first, last in found:
        head, tail = turn.turned(first), turn.turned(last)
        if _is_level(head, tail):
            lines.append(_line(text[begin:end], head, tail))
        else:
            lines.extend(_level_parts(textpage, text, begin, end, turn))
    if lines and turn.quarters == rotation and _is_ruled(page):
        lines = _with_tables(lines, textpage, turn, data, number)
    return Sheet(lines, *turn.size)


def _placed(textpage: PdfTextPage, text: str) -> list[tuple[int, int, Box, Box]]:
    """Begin, end, and the boxes of the first and the last character of every line that is not blank."""
    lines, at = [], 0
    for piece in text.split("\r\n"):
        stripped = piece.strip()
        if stripped:
            begin = at + len(piece) - len(piece.lstrip())
            end = begin + len(stripped)
            lines.append((begin, end, textpage.get_charbox(begin), textpage.get_charbox(end - 1)))
        at += len(piece) + 2
    return lines


def _quarters(lines: list[tuple[int, int, Box, Box]]) -> int:
    """How often a page has to be turned so that most of its text runs from left to right.

    By the text and not by what the page says of its rotation: landscape pages are stored in every way.
    """
    ways: Counter[int] = Counter()
    for begin, end, first, last in lines:
        across, up = last[0] - first[0], last[1] - first[1]
        if end - begin > 1:
            ways[(0 if across >= 0 else 2) if abs(across) >= abs(up) else (1 if up > 0 else 3)] += end - begin
    return ways.most_common(1)[0][0] if ways else 0


def _line(text: str, first: Box, last: Box) -> Line:
    return Line(text, first[0], last[2], min(first[1], last[1]), max(first[3], last[3]))


def _is_level(first: Box, last: Box) -> bool:
    return abs(first[1] - last[1]) <= SLANT * max(first[3] - first[1], last[3] - last[1], 4)


def _level_parts(textpage: PdfTextPage, text: str, begin: int, end: int, turn: Turn) -> list[Line]:
    """The level parts of a line whose characters climb: what is slanted is a watermark and no text of the page."""
    parts: list[Line] = []
    run: list[tuple[int, Box]] = []
    for i in range(begin, end):
        if text[i].isspace():
            continue
        box = turn.turned(textpage.get_charbox(i))
        slanted = _is_slanted(textpage, i)
        if run and (slanted or not _is_level(run[-1][1], box)):
            parts.append(_line(text[run[0][0] : run[-1][0] + 1], run[0][1], run[-1][1]))
            run = []
        if not slanted:
            run.append((i, box))
    return [*parts, _line(text[run[0][0] : run[-1][0] + 1], run[0][1], run[-1][1])] if run else parts


def _is_slanted(textpage: PdfTextPage, index: int) -> bool:
    from pypdfium2 import raw

    angle: float = raw.FPDFText_GetCharAngle(textpage.raw, index)  # type: ignore[attr-defined]
    return abs(angle / (pi / 2) - round(angle / (pi / 2))) > 0.05


def shows_picture(page: PdfPage) -> bool:
    """Whether a page shows what only recognition can read: a picture of a page's size, or outlines of characters."""
    width, height = page.get_size()
    shapes = 0
    for shape in page.get_objects(filter=(_PATH, _IMAGE), max_depth=3):
        if shape.type == _IMAGE and _area(shape.get_bounds()) >= COVERED * width * height:
            return True
        shapes += shape.type == _PATH
        if shapes >= DRAWN:
            return True
    covered = sum(_area(image.get_bounds()) for image in page.get_objects(filter=(_IMAGE,), max_depth=3))
    return bool(covered >= COVERED * width * height)  # a scan may be stored in strips


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def is_recognised(page: PdfPage) -> bool:
    """Whether a page's text lies unseen over a picture of it: what a scanner's program recognised."""
    from pypdfium2 import raw

    text = next(iter(page.get_objects(filter=(_TEXT,), max_depth=3)), None)
    if text is None:
        return False
    mode: int = raw.FPDFTextObj_GetTextRenderMode(text.raw)  # type: ignore[attr-defined]
    return mode == _INVISIBLE and shows_picture(page)


def _is_ruled(page: PdfPage) -> bool:
    """Whether a page has the lines of a table, drawn as lines, thin boxes or framed cells."""
    across = down = 0
    for count, shape in enumerate(page.get_objects(filter=(_PATH,), max_depth=2)):
        left, bottom, right, top = shape.get_bounds()
        wide, high = right - left, top - bottom
        across += wide > 20
        down += high > 8
        if (across >= RULED and down >= RULED) or count > _MOST_PATHS:
            break
    return across >= RULED and down >= RULED


def _with_tables(lines: list[Line], textpage: PdfTextPage, turn: Turn, data: bytes, number: int) -> list[Line]:
    """The lines of a page with those inside ruled tables replaced by rows; cells are found by pdfplumber."""
    import logging
    from io import BytesIO

    import pdfplumber  # slow, for ruled pages only

    logging.getLogger("pdfminer").setLevel(logging.ERROR)

    try:
        with pdfplumber.open(BytesIO(data), pages=[number + 1]) as pdf:
            tables = [(table.bbox, [row.cells for row in table.rows]) for table in pdf.pages[0].find_tables()]
    except Exception:
        # pdfminer raises whatever it stumbles over in a damaged file; its text, as lines, is there all the same.
        return lines
    height = turn.size[1]
    for (left, top, right, bottom), rows in tables:
        if len(rows) < 2 or max(map(len, rows)) < 2:
            continue
        inside = [
            line
            for line in lines
            if left - 2 <= line.left <= right + 2 and top - 2 <= height - (line.top + line.bottom) / 2 <= bottom + 2
        ]
        if not inside:
            continue
        written = [_row(cells, textpage, turn) for cells in rows]
        place = lines.index(inside[0])
        taken = set(map(id, inside))
        lines = [
            *(line for line in lines[:place] if id(line) not in taken),
            *(Line(row, left, right, height - bottom, height - top, is_row=True) for row in written if row.strip()),
            *(line for line in lines[place:] if id(line) not in taken),
        ]
    return lines


def _row(cells: list[Box | None], textpage: Any, turn: Turn) -> str:
    texts = []
    for cell in cells:
        if cell is None:
            texts.append("")
            continue
        left, top, right, bottom = cell
        height = turn.size[1]
        text: str = textpage.get_text_bounded(*turn.back((left, height - bottom, right, height - top)))
        texts.append(re.sub(r"\s*[\r\n]+\s*", "", text).strip().replace("\t", " "))
    return "\t".join(texts).rstrip("\t")
