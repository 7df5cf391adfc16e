"""Tables: numbers that stand alone in a cell, with the labels of their row and column and the unit these give.

Tables reach us flattened in two ways: a row a line with tabs or bars between the cells, and a cell a line. A bare
number in a cell is a quantity; its unit is written in the column's head, in the row's label or above the table
(单位：万元, 本年制发件数, 罚没金额（万元）). Serial numbers and years that head columns are none.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from transforms.numerals import HAN_MULTIPLIERS, multiplier
from transforms.units import Unit, units

_NUMERIC = re.compile("[-－—]?[0-9０-９,，.．%％ ]*")
_BAR = re.compile("[\\t|｜]")
_EDGES = frozenset("\t|｜\n")
_BLANK = " \u3000\u00a0"
_UNIT_WORDS = "|".join(sorted((re.escape(surface) for surface in units()), key=len, reverse=True))
_UNIT = re.compile(
    rf"[（(\[](?:单位)?[：:]?(?P<places>[{HAN_MULTIPLIERS}]?)(?P<bracket>{_UNIT_WORDS})[）)\]]"
    rf"|单位[：:] ?(?P<scale>[{HAN_MULTIPLIERS}]?)(?P<caption>{_UNIT_WORDS})(?![一-鿿])"
    r"|(?P<counted>件次|人次|场次|件|人|次|户|份|条|宗)数$"
)
_TOTAL = frozenset(("总计", "合计", "总数"))
_LONGEST_LABEL = 60
_ROWS_UP = 40
Span = tuple[int, int]


class Cell(NamedTuple):
    """A number's cell: the spans of its row's and its column's label, and the unit they give with its multiplier."""

    labels: tuple[Span, ...]
    unit: Unit | None
    scale: Decimal
    counts: bool
    """False for a serial number or a year that heads a column."""


def cell_at(text: str, start: int, end: int) -> Cell | None:
    """The cell that holds ``text[start:end]`` and nothing else; None where it stands in running text."""
    left, right = start, end
    while left and text[left - 1] in _BLANK:
        left -= 1
    while right < len(text) and text[right] in _BLANK:
        right += 1
    if (left and text[left - 1] not in _EDGES) or (right < len(text) and text[right] not in _EDGES):
        return None
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    if left == line and right == stop:
        return _stacked(text, line, stop)
    return _in_row(text, line, stop, start)


def _cells(text: str, line: int, stop: int) -> list[Span]:
    """Spans of the cells of a row, stripped; a bar at the end of the row opens no further cell."""
    spans = []
    at = line
    for match in re.finditer(r"[\t|｜]|$", text[line:stop]):
        spans.append(_strip(text, at, line + match.start()))
        at = line + match.end()
    if len(spans) > 1 and spans[-1][0] == spans[-1][1]:
        spans.pop()
    if len(spans) > 1 and text[line : line + 1] in ("|", "｜"):
        del spans[0]
    return spans


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _BLANK:
        start += 1
    while end > start and text[end - 1] in _BLANK:
        end -= 1
    return start, end


def _is_numeric(text: str, span: Span) -> bool:
    return _NUMERIC.fullmatch(text, *span) is not None


def _in_row(text: str, line: int, stop: int, start: int) -> Cell | None:
    cells = _cells(text, line, stop)
    column = next((i for i, span in enumerate(cells) if span[0] <= start < span[1]), None)
    if column is None:
        return None
    row = next((cells[i] for i in range(column - 1, -1, -1) if not _is_numeric(text, cells[i])), None)
    head, caption = _above(text, line, column, cells)
    if row is None:
        following = cells[column + 1] if column + 1 < len(cells) else None
        if column == 0 and following is not None and not _is_numeric(text, following):
            return Cell((), None, Decimal(1), False)
        if head is None and _is_year(text, cells[column]):
            return Cell((), None, Decimal(1), False)
    labels = tuple(span for span in (row, head) if span is not None)
    unit, scale = _unit(text, (head, row, caption))
    return Cell(labels, unit, scale, True)


def _above(text: str, line: int, column: int, cells: list[Span]) -> tuple[Span | None, Span | None]:
    """The head of a column, looked for upwards in the table, and the line above the table, which may tell the unit."""
    head: Span | None = None
    stop = line - 1
    for _ in range(_ROWS_UP):
        if stop < 0:
            break
        above = text.rfind("\n", 0, stop) + 1
        if not _BAR.search(text, above, stop):
            return head, (above, stop)
        row = _cells(text, above, stop)
        if head is None and row:
            if len(row) == len(cells) and row[column][0] < row[column][1] and not _is_numeric(text, row[column]):
                head = row[column]
            elif column == len(cells) - 1 and text[slice(*row[-1])] in _TOTAL:
                head = row[-1]
        stop = above - 1
    return head, None


def _stacked(text: str, line: int, stop: int) -> Cell | None:
    """A number alone on its line: the last label above it, and the head that has its place among the heads."""
    block: list[Span] = []
    at = line
    while at > 0 and len(block) < _ROWS_UP * 4:
        above = text.rfind("\n", 0, at - 1) + 1
        span = _strip(text, above, at - 1)
        if span[1] - span[0] > _LONGEST_LABEL or text[span[1] - 1 : span[1]] in ("。", "；", "，"):
            break
        if span[0] < span[1]:
            block.append(span)
        at = above
    if not block:
        return Cell((), None, Decimal(1), True) if line == 0 and stop == len(text) else None
    numbers_before = next((i for i, span in enumerate(block) if not _is_numeric(text, span)), len(block))
    if numbers_before == len(block):
        return None
    row = block[numbers_before]
    block.reverse()
    if _is_serial(text, block, line, stop, numbers_before):
        return Cell((), None, Decimal(1), False)
    head = _stacked_head(text, block, stop, numbers_before)
    captions = (span for span in block if text.startswith(("单位：", "单位:", "（单位", "(单位"), span[0]))
    unit, scale = _unit(text, (head, row, next(captions, None)))
    return Cell((row, head) if head is not None else (row,), unit, scale, True)


def _stacked_head(text: str, block: list[Span], stop: int, place: int) -> Span | None:
    """With n numbers to a row, the heads are the n labels before the first row's own label.

    ``block`` are the lines above, ``place`` how many numbers of the row stand before this one. Rows above of one
    label and n numbers belong to the same table; a longer run of labels is its head, a shorter one ends the
    search.
    """
    count = place + 1 + _numbers_after(text, stop)
    at = len(block) - place
    while at > 0:
        first = at
        while first and not _is_numeric(text, block[first - 1]):
            first -= 1
        labels = at - first
        if labels >= count + 1 + (count > 1):
            return block[at - 1 - count + place]
        numbers = first
        while numbers and _is_numeric(text, block[numbers - 1]):
            numbers -= 1
        if labels != 1 or first - numbers != count:
            return None
        at = numbers
    return None


def _numbers_after(text: str, stop: int) -> int:
    """How many lines of numbers follow the line that ends at ``stop``."""
    count = 0
    while stop < len(text):
        following = text.find("\n", stop + 1)
        following = len(text) if following < 0 else following
        span = _strip(text, stop + 1, following)
        if span[0] == span[1] or not _is_numeric(text, span):
            break
        count, stop = count + 1, following
    return count


def _is_serial(text: str, block: list[Span], line: int, stop: int, place: int) -> bool:
    """A number under the head 序号 that goes on counting rows and is followed by its row's label."""
    if place or not any(text[slice(*span)] == "序号" for span in block):
        return False
    following = text[stop + 1 : stop + 1 + _LONGEST_LABEL].split("\n", maxsplit=1)[0]
    return bool(following) and _NUMERIC.fullmatch(following) is None and text[line:stop].strip().isdigit()


def _is_year(text: str, span: Span) -> bool:
    surface = text[slice(*span)]
    return len(surface) == 4 and surface.isdigit() and surface[:2] in ("19", "20")


def _unit(text: str, places: tuple[Span | None, ...]) -> tuple[Unit | None, Decimal]:
    """The unit that the first of some labels tells, with its multiplier (万元)."""
    for span in places:
        match = _UNIT.search(text, *span) if span is not None else None
        if match is not None:
            surface = match["bracket"] or match["caption"] or match["counted"]
            return units()[surface], Decimal(multiplier(match["places"] or match["scale"] or ""))
    return None, Decimal(1)
