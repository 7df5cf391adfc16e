"""Tables: numbers that stand alone in a cell, with the labels of their row and column and the unit these give.

Tables reach us flattened in two ways: a row a line with tabs or bars between the cells, and a cell a line. A bare
number in a cell is a quantity; its unit is written in the column's head, in the row's label or above the table
(单位：万元, 本年制发件数, 罚没金额（万元）). Serial numbers and years that head columns are none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from transforms.numerals import HAN_MULTIPLIERS, multiplier
from transforms.units import Unit, units

_NUMERIC = re.compile("[-－—]?[0-9０-９,，.．%％ ]*")
_BAR = re.compile("[\\t|｜]")
_EDGES = frozenset("\t|｜\n")
_BLANK = " \u3000\u00a0"
_EDGE = frozenset(_BLANK + "|｜")
_CLOSED = ("。", "；", "，")


def _any(surfaces: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, surfaces), key=len, reverse=True))


_UNIT_WORDS = _any(units())
_NO_PLACES = _any(surface for surface, unit in units().items() if unit.dimension not in {"处", "组织"})
_SCALE = f"[{HAN_MULTIPLIERS}]?"
_MEASURE = re.compile(rf"(?P<scale>{_SCALE})(?P<unit>{_UNIT_WORDS})")
_UNIT = re.compile(
    rf"[（(\[](?:单位)?[：:]?(?P<places>{_SCALE})(?P<bracket>{_UNIT_WORDS})数?[）)\]]"
    rf"|单位[：:] ?(?P<scale>{_SCALE})(?P<caption>{_UNIT_WORDS})(?![一-鿿]| ?[、,，/／])"
    rf"|[/／](?P<shares>{_SCALE})(?P<slash>{_NO_PLACES})$"
    r"|(?P<counted>[件人场户家批]次|[课学]时|[件人次户份条宗起篇辆笔]"
    r"|(?<![审报获])批|(?<!注)册|(?<!条)例|(?<![周学])期|(?<![市农卖商林现广])场|(?<![专国])家)数$"
)
"""How a label tells a unit. A caption of several (单位：件、次) tells none, approvals (审批数) are no 批, and behind
the stroke of a place's label (村/社区) stands no measure."""
_MEASURES = frozenset(("单位", "计量单位", "计数单位", "量词"))
"""Heads of the column that has each row's unit."""
_NUMBERED = frozenset(("代码", "指标代码", "编码", "编号", "行次"))
"""Heads of columns whose numbers count nothing."""
_TOTAL = frozenset(("总计", "合计", "总数"))
_TOTAL_HEAD = re.compile("(?:总计|合计|总数)(?:[（(].{1,4}[）)])?")
_HEAD = re.compile(".*(?:[（(\\[].{1,6}[）)\\]]|数量|金额|[件次人宗户份条场]数|比?率)")
"""What the last head of a table looks like, where the numbers follow without a row's own label."""
_OWN_MEASURE = re.compile(".*(?:金额|额|率)")
_TIME_HEAD = re.compile("(?:本|上|去|当|今)年.*|20[0-9]{2}年?.*|同比.*|增减.*")
_LONGEST_LABEL = 60
_EXPLAINED = re.compile("[^（(\n]{1,60}[（(][^\n]{0,200}[）)]")
"""A label whose bracket says what it is may be longer: 规范性文件（…字样的公文，一般情况下属于规范性文件）."""
_WIDEST = 40
"""Cells between a number and the label of its row."""
_CAPTIONS = ("单位：", "单位:", "（单位", "(单位")
Span = tuple[int, int]


class Cell(NamedTuple):
    """A number's cell: the spans of its row's and its column's label, and the unit they give with its multiplier."""

    labels: tuple[Span, ...]
    unit: Unit | None
    scale: Decimal
    counts: bool
    """False for a serial number or a year that heads a column."""
    part: bool = False
    """Whether the cell is a part of a total in its row or form."""


_UNCOUNTED = Cell((), None, Decimal(1), False)


class Tables:
    """The tables of one text, read as its figures ask for them and each row once: asking again costs a look-up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._rows: dict[int, list[Span]] = {}
        self._above: dict[tuple[int, int, int], tuple[Span | None, Span | None]] = {}
        self._stacked: dict[int, Cell | None] = {}
        self._measures: dict[int, Span | None] = {}

    def cell_at(self, start: int, end: int) -> Cell | None:
        """The cell that holds ``text[start:end]`` and nothing else; None where it stands in running text."""
        text = self.text
        left, right = start, end
        while left and text[left - 1] in _BLANK:
            left -= 1
        while right < len(text) and text[right] in _BLANK:
            right += 1
        if (left and text[left - 1] not in _EDGES) or (right < len(text) and text[right] not in _EDGES):
            return None
        line = text.rfind("\n", 0, start) + 1
        if left != line or (right < len(text) and text[right] != "\n"):
            stop = text.find("\n", right)
            if _alone(text, line, stop if stop >= 0 else len(text)) != (start, end):
                return self._in_row(line, start)
        if line not in self._stacked:
            self._read_stack(line)
        return self._stacked[line]

    def _cells(self, line: int) -> list[Span]:
        """Spans of the cells of the row that begins at ``line``; empty where the line is none.

        A bar at the edge of the row opens no further cell.
        """
        spans = self._rows.get(line)
        if spans is None:
            text = self.text
            stop = text.find("\n", line)
            stop = len(text) if stop < 0 else stop
            spans, at = [], line
            for match in _BAR.finditer(text, line, stop):
                spans.append(_strip(text, at, match.start()))
                at = match.end()
            if spans:
                last = _strip(text, at, stop)
                spans.extend([last] if last[0] < last[1] else [])
                if text[line] in "|｜":
                    del spans[0]
            self._rows[line] = spans
        return spans

    def _in_row(self, line: int, start: int) -> Cell | None:
        text, cells = self.text, self._cells(line)
        column = bisect_right(cells, start, key=lambda span: span[0]) - 1
        if column < 0:
            return None
        head, caption = self._over(line, column, len(cells))
        stop = text.find("\n", start)
        if head is None and _BAR.fullmatch(text[stop - 1] if stop > 0 else text[-1]):
            # Its last cell is empty; that of the head's row need not be.
            head, caption = self._over(line, column, len(cells) + 1)
        if head is not None and text[slice(*head)] in _NUMBERED:
            return _UNCOUNTED
        measure = self._measure(line, cells)
        before = reversed(cells[max(0, column - _WIDEST) : column])
        row = next((span for span in before if not _is_numeric(text, span) and span != measure), None)
        if row is None:
            following = cells[column + 1] if column + 1 < len(cells) else None
            serial = column == 0 and following is not None and not _is_numeric(text, following)
            if serial or (head is None and _is_year(text, cells[column])):
                return _UNCOUNTED
        heads = self._cells(text.rfind("\n", 0, head[0]) + 1) if head is not None else []
        aligned = len(heads) == len(cells)
        if row is None and aligned:
            return _under(text, column, heads, self._group(heads), caption)
        labels = tuple(span for span in (row, head) if span is not None)
        unit, scale = _unit(text, (head, row, caption), measure)
        return Cell(labels, unit, scale, True, aligned and unit is None and _adds_up(text, column, heads))

    def _measure(self, line: int, cells: list[Span]) -> Span | None:
        """The cell of a row that tells its unit, in the column that is headed so."""
        text = self.text
        if line not in self._measures:
            fitting = [column for column, span in enumerate(cells) if _MEASURE.fullmatch(text, *span)]
            told = [cells[column] for column in fitting if self._is_measure(line, column, len(cells))]
            self._measures[line] = told[0] if told else None
        return self._measures[line]

    def _is_measure(self, line: int, column: int, width: int) -> bool:
        """Whether a column is headed as that of units; the units of rows above are passed over."""
        text = self.text
        head = self._over(line, column, width)[0]
        while head is not None and _MEASURE.fullmatch(text, *head):
            above = text.rfind("\n", 0, head[0]) + 1
            if above in self._measures:
                return self._measures[above] == head
            head = self._over(above, column, width)[0]
        return head is not None and text[slice(*head)] in _MEASURES

    def _group(self, heads: list[Span]) -> Span | None:
        """What stands over the first heads together: the first cell of a shorter row above, if it names a measure."""
        line = self.text.rfind("\n", 0, heads[0][0]) + 1
        above = self._cells(self.text.rfind("\n", 0, line - 1) + 1) if line else []
        told = bool(above) and len(above) < len(heads) and _HEAD.fullmatch(self.text, *above[0]) is not None
        return above[0] if told else None

    def _over(self, line: int, column: int, width: int) -> tuple[Span | None, Span | None]:
        """The head of a column and the line above the table, which may tell the unit; looked for once."""
        text, passed, blank = self.text, [], False
        found: tuple[Span | None, Span | None] | None = None
        while found is None:
            key = (line, column, width)
            found = self._above.get(key)
            if found is not None:
                break
            passed.append(key)
            if line == 0:
                found = (None, None)
                break
            above = text.rfind("\n", 0, line - 1) + 1
            row = self._cells(above)
            if not row:
                found = (None, (above, line - 1))
            elif len(row) == width and row[column][0] < row[column][1] and not _is_numeric(text, row[column]):
                found = (row[column], self._over(above, column, width)[1])
            elif column == width - 1 and (text[slice(*row[-1])] in _TOTAL or blank) and not _is_numeric(text, row[-1]):
                found = (row[-1], None)
            blank = len(row) == width and row[column][0] == row[column][1]
            line = above
        for key in passed:
            self._above[key] = found
        return found

    def _read_stack(self, line: int) -> None:
        """Read the stack of lines around the number alone on its line at ``line``: labels and numbers in turn.

        With n numbers to a row, the heads are the n labels before the first row's own label; the rows of one label and
        n numbers that follow have the same heads.
        """
        text = self.text
        block = _block(text, line)
        serials = _serials(text, block)
        caption = next((span for span in block if text.startswith(_CAPTIONS, span[0])), None)
        measured = any(text[slice(*span)] in _MEASURES for span in block)
        labels: list[Span] = []
        heads: list[Span] = []
        at = 0
        while at < len(block):
            if at in serials:
                self._stacked[block[at][0]] = _UNCOUNTED
                at += 1
                continue
            if not _is_numeric(text, block[at]):
                labels.append(block[at])
                at += 1
                continue
            stop = at
            while stop < len(block) and stop not in serials and _is_numeric(text, block[stop]):
                stop += 1
            numbers = block[at:stop]
            measure = labels.pop() if measured and labels and _MEASURE.fullmatch(text, *labels[-1]) else None
            if self._heads_only(labels, numbers, heads, block[stop : stop + 2]):
                self._fill_under(numbers, labels, caption)
                labels, heads, at = [], [], stop
                continue
            if len(labels) > len(numbers) + (len(numbers) > 1):
                heads = labels[-1 - len(numbers) : -1]
            elif len(labels) != 1 or len(heads) != len(numbers):
                heads = []
            self._fill(numbers, labels, heads, caption, measure)
            labels, at = [], stop
        self._stacked.setdefault(line, None)

    def _heads_only(self, labels: list[Span], numbers: list[Span], heads: list[Span], after: list[Span]) -> bool:
        """Whether the last labels are the heads of the numbers, one each: no row's own label stands between them."""
        text, width = self.text, len(numbers)
        if width < 2 or len(labels) < width or (len(labels) == 1 and heads):
            return False
        last = text[slice(*labels[-1])]
        if len(after) == 2 and not _is_numeric(text, after[0]) and _is_numeric(text, after[1]):
            # A further row of one label and numbers: the first has its own label too.
            return False
        if all(_TIME_HEAD.fullmatch(text, *span) for span in labels[-1 - width : -1]):
            return False
        if _TOTAL_HEAD.fullmatch(last):
            values = [text[slice(*span)] for span in numbers]
            summed = width > 2 and all(value.isdigit() for value in values)
            return summed and sum(map(int, values[:-1])) == int(values[-1])
        return _HEAD.fullmatch(last) is not None or len(labels) == width > 2

    def _fill_under(self, numbers: list[Span], labels: list[Span], caption: Span | None) -> None:
        """Keep the cells of a row without label of its own; what stands above all heads tells what a total is of."""
        text, width = self.text, len(numbers)
        group, heads = labels[-width - 1] if len(labels) > width else None, labels[-width:]
        for place, number in enumerate(numbers):
            self._stacked[text.rfind("\n", 0, number[0]) + 1] = _under(text, place, heads, group, caption)

    def _fill(
        self, numbers: list[Span], labels: list[Span], heads: list[Span], caption: Span | None, measure: Span | None
    ) -> None:
        """Keep the cells of one row of a stack; numbers without any label above them are none."""
        for place, number in enumerate(numbers):
            cell = None
            if labels:
                head = heads[place] if heads else None
                names = (labels[-1],) if head is None else (labels[-1], head)
                unit, scale = _unit(self.text, (head, labels[-1], caption), measure)
                cell = Cell(names, unit, scale, True, unit is None and _adds_up(self.text, place, heads))
            elif len(numbers) == 1 and not self.text[: number[0]].strip() and not self.text[number[1] :].strip():
                cell = Cell((), None, Decimal(1), True)
            self._stacked[self.text.rfind("\n", 0, number[0]) + 1] = cell


def _under(text: str, place: int, heads: list[Span], group: Span | None, caption: Span | None) -> Cell:
    """A cell of a row without label of its own: a total is of what stands over the heads, those before it are parts."""
    head = heads[place]
    own = _OWN_MEASURE.match(text, *head) is not None
    total = _TOTAL_HEAD.fullmatch(text, *head) is not None
    names = (group, head) if total and group is not None else (head,)
    part = not own and not total and _adds_up(text, place, heads)
    return Cell(names, *_unit(text, (head, None if own else group, caption)), True, part)


def _adds_up(text: str, place: int, heads: list[Span]) -> bool:
    """Whether a column of the total stands behind this one: its numbers are parts."""
    return any(_TOTAL_HEAD.fullmatch(text, *span) is not None for span in heads[place + 1 : place + 1 + _WIDEST])


def labelled(text: str, labels: tuple[Span, ...], *, part: bool) -> Cell:
    """A cell whose labels are known, the row's first: its unit is the column's or, failing that, the row's."""
    return Cell(labels, *_unit(text, labels[::-1]), True, part)


def _block(text: str, line: int) -> list[Span]:
    """The stripped lines of the stack that holds ``line``: short ones without the mark of a sentence's end."""
    first = line
    while first:
        above = text.rfind("\n", 0, first - 1) + 1
        if not _is_short(text, _alone(text, above, first - 1)):
            break
        first = above
    block: list[Span] = []
    at = first
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        span = _alone(text, at, stop)
        if not _is_short(text, span):
            break
        if span[0] < span[1]:
            block.append(span)
        at = stop + 1
    return block


def _is_short(text: str, span: Span) -> bool:
    if text[span[1] - 1 : span[1]] in _CLOSED:
        return False
    if span[1] - span[0] > _LONGEST_LABEL and _EXPLAINED.fullmatch(text, *span) is None:
        return False
    return _BAR.search(text, *span) is None


def _alone(text: str, start: int, end: int) -> Span:
    """What a line holds between its edges; a bar at the edge of a lone cell (警告 |) is none of it."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end


def _serials(text: str, block: list[Span]) -> set[int]:
    """Places of the numbers under the head 序号: they count the rows from 1, each followed by its row's label."""
    serials: set[int] = set()
    if not any(text[slice(*span)] == "序号" for span in block):
        return serials
    for place, span in enumerate(block[:-1]):
        if text[slice(*span)] == str(len(serials) + 1) and not _is_numeric(text, block[place + 1]):
            serials.add(place)
    return serials


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _BLANK:
        start += 1
    while end > start and text[end - 1] in _BLANK:
        end -= 1
    return start, end


def _is_numeric(text: str, span: Span) -> bool:
    return _NUMERIC.fullmatch(text, *span) is not None


def _is_year(text: str, span: Span) -> bool:
    surface = text[slice(*span)]
    return len(surface) == 4 and surface.isdigit() and surface[:2] in ("19", "20")


def _unit(text: str, places: tuple[Span | None, ...], measure: Span | None = None) -> tuple[Unit | None, Decimal]:
    """The unit that a cell of its own or else the first of some labels tells, with its multiplier (万元)."""
    alone = _MEASURE.fullmatch(text, *measure) if measure is not None else None
    if alone is not None:
        return units()[alone["unit"]], Decimal(multiplier(alone["scale"]))
    for span in places:
        match = _UNIT.search(text, *span) if span is not None else None
        if match is not None:
            surface = match["bracket"] or match["caption"] or match["slash"] or match["counted"]
            return units()[surface], Decimal(multiplier(match["places"] or match["scale"] or match["shares"] or ""))
    return None, Decimal(1)
