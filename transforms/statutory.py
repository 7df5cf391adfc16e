"""Statutory tables: the forms of the disclosure reports, the same nationwide, however their cells were flattened.

The form of 2021 (国办公开办函〔2021〕30号) and that of 2019 before it have three tables: what was issued, decided and
charged (《条例》第二十条), requests by applicant and answer, reconsiderations and suits by outcome. Pages lose their
grid: a cell a line, bars behind each cell, a row a line with spaces, digits fused to the label. The heads are words
that little else uses, and tell how many numbers a row has; rows with another count are left to
``transforms/tables.py``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from transforms.figures import Candidate

Span = tuple[int, int]

_COUNTS = "|".join(
    (
        "(?:本年)?制发件数?|(?:本年)?废止件数?|现行有效件数?",
        "本年新?(?:制作|公开)数量|对外公开总数量|上一年项目数量|本年增[/／]减|(?:本年)?处理决定数量",
        "(?:本年)?收费金额(?:[（(]单位[：:]?万?元[）)])?|采购项目数量|采购总金额(?:[（(]单位[：:]?万?元[）)])?",
    )
)
_COUNT_HEAD = re.compile(_COUNTS)
_APPLICANTS = (
    "商业企业",
    "科研机构",
    "社会公益组织",
    "法律服务机构",
    "其他(?!组织|处理|结果)",
)
_ORGANISATIONS = ("法人[或和及]者?其他组织",)
"""The only column between in forms that do not tell the sorts of organisations apart."""
_OUTCOME = re.compile("结果维持|结果纠正|其他结果|尚未审结|总计")
_OPENING = re.compile("信息内容|自然人|制发件|处理决定数量|收费金额|制作数量|结果维持|行政复议[\\s|｜]*行政诉讼")
"""Where a table's heads may begin; a text without any of these words has none of the tables."""
_COUNT_ROW = re.compile(
    "(?:规章|(?:行政)?规范性文件|行政许可|行政处罚|行政强制|行政事业性收费|政府集中采购|其他对外管理服务事项)$"
)
_DECIDED = re.compile("(?:行政许可|行政处罚|行政强制|行政事业性收费)$")
_REQUEST_ROW = re.compile(
    "(?P<received>本年新收(?:政府信息公开)?申请(?:数量)?)$"
    "|(?:上年结转(?:政府信息公开)?申请(?:数量)?|予以公开|部分公开(?:[（(][^（）()]*[）)])?|不予公开|无法提供|不予处理"
    "|其他处理|结转下年度(?:继续办理)?)$"
)
_MARKS = ("信息内容", "自然人", "结果维持", "制发件", "处理决定数量", "收费金额", "制作数量")
"""Each of the tables, or the first rows of the one of counts, has one of these words in its heads."""
_TOKEN = re.compile("[^\\s|｜]{1,200}")
_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
_BLANK_CELL = re.compile("[-—－/／]+")
_FUSED = re.compile(r".*[^0-9.．、，,]([0-9]+(?:\.[0-9]+)?)")
_LONGEST_RUN = 400
"""Characters without a number within a table; the longest heads and sub-rows take some 150."""


class FormCell(NamedTuple):
    """A number of a form: its place, the labels of its row and column, and whether it is a part of a total."""

    start: int
    end: int
    labels: tuple[Span, ...]
    part: bool


class Forms:
    """The cells of the statutory tables of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        tables = list(_tables(text))
        self._cells = [cell for table in tables for cell in table.cells]
        self._starts = [cell.start for cell in self._cells]
        self._names = [name for table in tables for name in table.names]

    def at(self, start: int) -> FormCell | None:
        """The cell whose number begins at a place."""
        place = bisect_left(self._starts, start)
        return self._cells[place] if place < len(self._starts) and self._starts[place] == start else None

    def split(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """The candidates, each that holds cells of a form given as one number per cell (规章000 has three).

        Those within the label of a row are left out: 三类内部事务信息 and 三安全一稳定 name what the form asks for.
        """
        if not self._cells:
            yield from candidates
            return
        for one in candidates:
            place = bisect_left(self._starts, one.start)
            if place == len(self._starts) or self._starts[place] >= one.end:
                if not self._is_named(one.start):
                    yield one
                continue
            while place < len(self._starts) and self._starts[place] < one.end:
                cell = self._cells[place]
                value = Decimal(self.text[cell.start : cell.end].replace(",", ""))
                yield one._replace(
                    start=cell.start, number=cell.start, end=cell.end, value=value, high=None, unit=None,
                    factor=Decimal(1), qualifier="exact", han=False,
                )  # fmt: skip
                place += 1

    def _is_named(self, start: int) -> bool:
        place = bisect_right(self._names, (start, len(self.text)))
        return place > 0 and start < self._names[place - 1][1]


def _tables(text: str) -> Iterator[_Table]:
    """Each stretch of heads and rows, read; a stretch ends where running text begins."""
    if not any(mark in text for mark in _MARKS):
        return
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        begin = max(text.rfind("\n", at, opening.start()) + 1, at, opening.start() - _LONGEST_RUN)
        table = _Table(text, begin)
        at = max(table.read(), opening.end())
        yield table


class _Table:
    """A reader of one stretch: labels and numbers in turn."""

    def __init__(self, text: str, begin: int) -> None:
        self.text, self.begin = text, begin
        self.cells: list[FormCell] = []
        self.names: list[Span] = []
        self._heads: list[Span] = []
        self._kind = ""
        self._results: Span | None = None
        self._bodies: list[Span] = []

    def read(self) -> int:
        """Read on until running text begins; returns where."""
        text, run = self.text, self.begin
        numbers: list[Span | None] = []
        for token in _TOKEN.finditer(text, self.begin):
            start, end = token.span()
            fused = None
            if _NUMBER.fullmatch(text, start, end) is None:
                if numbers and _BLANK_CELL.fullmatch(text, start, end) is not None:
                    numbers.append(None)
                    continue
                if numbers:
                    self._row(run, numbers)
                    run, numbers = start, []
                if "。" in token[0] or end - run > _LONGEST_RUN:
                    return start
                fused = _FUSED.fullmatch(text, start, end)
                if fused is None:
                    continue
                start = fused.start(1)
            numbers.append((start, end))
        if numbers:
            self._row(run, numbers)
        return len(text)

    def _row(self, run: int, numbers: list[Span | None]) -> None:
        """A row's labels and numbers; heads among the labels are those of the rows that follow."""
        first = next(span for span in numbers if span is not None)
        compact, places = _compact(self.text, run, first[0])
        after = self._read_heads(compact, places)
        if not self._heads:
            return
        row = _RowLabel(compact[after:], places[after:])
        cells = numbers if self._is_foreign(row) else self._apart(numbers)
        told = len(self.cells)
        if self._kind == "counts":
            self._count_row(row, cells)
        elif self._kind == "requests":
            self._request_row(row, cells)
        elif self._kind == "bodies":
            self._body_row(row, cells)
        elif len(cells) == len(self._heads):
            self._outcomes(cells)
        if row.compact and len(self.cells) > told:
            self.names.append(row.span((0, len(row.compact))))

    def _is_foreign(self, row: _RowLabel) -> bool:
        """Whether a row of decisions or charges stands under the heads of documents, its own having been lost."""
        return _DECIDED.search(row.compact) is not None and "件" in self.text[slice(*self._heads[0])]

    def _apart(self, numbers: list[Span | None]) -> list[Span | None]:
        """The numbers of a row; digits that stand as close as the row has columns are one each."""
        width = len(self._heads)
        one = numbers[0]
        close = len(numbers) == 1 and one is not None and width > 1 and one[1] - one[0] == width
        if close and one is not None and self.text[slice(*one)].isdigit():
            return [(place, place + 1) for place in range(*one)]
        return numbers

    def _read_heads(self, compact: str, places: list[int]) -> int:
        """Take the heads among some labels; returns where the row's own label begins."""
        if "自然人" in compact and "总计" in compact:
            middle = _APPLICANTS if "商业企业" in compact else _ORGANISATIONS
            spans = [re.search(word, compact) for word in ("自然人", *middle, "总计")]
            found = [match for match in spans if match is not None]
            kind = "requests"
            if len(found) != len(spans):
                return 0
        elif "结果维持" in compact and "未经复议" in compact:
            found, kind = list(_OUTCOME.finditer(compact)), "outcomes"
            self._bodies = [
                (places[match.start()], places[match.end() - 1] + 1)
                for match in re.finditer("行政复议|行政诉讼", compact[: found[0].start()])
            ][-2:]
        elif "结果维持" in compact:
            found, kind = list(_OUTCOME.finditer(compact)), "bodies"
        else:
            found, kind = list(_COUNT_HEAD.finditer(compact)), "counts"
        if not found:
            return 0
        self._kind = kind
        self._heads = [(places[match.start()], places[match.end() - 1] + 1) for match in found]
        return max(match.end() for match in found)

    def _count_row(self, row: _RowLabel, cells: list[Span | None]) -> None:
        """规章 0 0 0: each number has its column's meaning."""
        match = _COUNT_ROW.search(row.compact)
        if match is None or len(cells) != len(self._heads):
            return
        label = row.span(match.span())
        self._add(FormCell(*cell, (label, head), False) for cell, head in zip(cells, self._heads, strict=True) if cell)

    def _request_row(self, row: _RowLabel, cells: list[Span | None]) -> None:
        """本年新收 1 0 0 0 0 0 1: the last is the total; a row that is none of the form's answers is a part of one."""
        results = row.compact.find("本年度办理结果")
        if results >= 0:
            self._results = row.span((results, results + 7))
        if len(cells) != len(self._heads) or not row.compact:
            return
        match = _REQUEST_ROW.search(row.compact)
        label = row.span(match.span() if match is not None else (0, len(row.compact)))
        whole = match is not None
        if match is None and row.compact.endswith("总计") and self._results is not None:
            label, whole = self._results, True
        received = match is not None and match["received"] is not None
        applicants = (0, 1) if len(cells) == 3 else (0,)
        last = len(cells) - 1
        self._add(
            FormCell(*cell, (label, head), not (whole and (place == last or (received and place in applicants))))
            for place, (cell, head) in enumerate(zip(cells, self._heads, strict=True))
            if cell
        )

    def _body_row(self, row: _RowLabel, cells: list[Span | None]) -> None:
        """行政复议 1 0 1: the outcomes of one body are parts of its total."""
        match = re.search("行政(?:复议|诉讼)(?:案件)?$", row.compact)
        if match is None or len(cells) != len(self._heads):
            return
        label = row.span(match.span())
        self._add(
            FormCell(*cell, (label, head), self.text[slice(*head)] != "总计")
            for cell, head in zip(cells, self._heads, strict=True)
            if cell
        )

    def _outcomes(self, cells: list[Span | None]) -> None:
        """Reconsiderations, suits brought at once, suits after a reconsideration: the totals of each.

        The form has no sum of both kinds of suits: where one is zero the other is the sum, else both are parts.
        """
        totals = [place for place, head in enumerate(self._heads) if self.text[slice(*head)] == "总计"]
        if len(totals) != 3 or len(self._bodies) != 2:
            return
        whole = {totals[0]}
        suits = [place for place in totals[1:] if cells[place] is not None]
        counted = [place for place in suits if self.text[slice(*(cells[place] or (0, 0)))] != "0"]
        if len(counted) < 2:
            whole.update(counted or suits)
        self._add(
            FormCell(*cell, (self._bodies[place > totals[0]], head), place not in whole)
            for place, (cell, head) in enumerate(zip(cells, self._heads, strict=True))
            if cell
        )

    def _add(self, cells: Iterable[FormCell]) -> None:
        self.cells.extend(cells)


class _RowLabel(NamedTuple):
    """A row's label without the blanks and bars within it, and where each of its characters stands in the text."""

    compact: str
    places: list[int]

    def span(self, within: Span) -> Span:
        """The place in the text of a stretch of the label."""
        return self.places[within[0]], self.places[within[1] - 1] + 1


def _compact(text: str, start: int, end: int) -> tuple[str, list[int]]:
    places = [at for at in range(start, end) if not text[at].isspace() and text[at] not in "|｜"]
    return "".join([text[at] for at in places]), places
