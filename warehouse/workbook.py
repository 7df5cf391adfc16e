"""The workbook: a selection of a release as XLSX sheets, laid out as Chinese offices expect.

- 指标表: one row per township and year, one column per indicator with its unit; notes at inexact values
- 明细: one row per value, with its sentence, source and status
- 来源: the reports behind them
- 检查发现: what the checks found about them
- 说明: what the columns and words mean, and which release this is
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.export import CELLS, VALUES, Chosen, Stream
from warehouse.neutral import csv_cell
from warehouse.printing import plain
from warehouse.schema import quote
from warehouse.wording import QUALIFIER_NAMES, STATUS_NAMES, UNIT_NAMES

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

NOTES = 20_000
"""Notes on a sheet at most: xlsxwriter keeps them in memory. Beyond these, 明细 has every qualifier."""
EXCEL_DIGITS = 15
"""Digits that a number in Excel keeps; what has more is written as text."""
CELL_CHARACTERS = 32_767
"""Characters that a cell may have, by the file format."""
FIXED = (("年度", 6), ("省", 8), ("市", 10), ("县（市、区）", 12), ("乡镇街道", 14), ("代码", 11))


class _Formats(NamedTuple):
    header: Format
    whole: Format
    fraction: Format
    date: Format
    time: Format


def write_workbook(workbook: Workbook, chosen: Chosen) -> None:
    """Write all sheets; the workbook is closed by its caller."""
    workbook.set_properties({"title": "乡镇年度报告指标", "comments": "nianbao"})
    formats = _formats(workbook)
    _wide(workbook.add_worksheet("指标表"), chosen, formats, doubted=_formats(workbook, italic=True))
    _listed(workbook.add_worksheet("明细"), [chosen.rows(VALUES)], _DETAIL, formats)
    _listed(workbook.add_worksheet("来源"), [chosen.rows(_SOURCES)], _SOURCE, formats)
    severities = [chosen.rows(_FINDINGS.format(severity=quote(one), where="{where}")) for one in SEVERITIES]
    _listed(workbook.add_worksheet("检查发现"), severities, _FINDING, formats)
    _explained(workbook.add_worksheet("说明"), chosen, formats)


def _formats(workbook: Workbook, *, italic: bool = False) -> _Formats:
    shared = {"italic": italic}
    return _Formats(
        workbook.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center",
                             "bg_color": "#D9E1F2", "border": 1, "font_name": "宋体"}),
        workbook.add_format({**shared, "num_format": "#,##0"}),
        workbook.add_format({**shared, "num_format": "#,##0.00####"}),
        workbook.add_format({**shared, "num_format": "yyyy-mm-dd"}),
        workbook.add_format({**shared, "num_format": "yyyy-mm-dd hh:mm"}),
    )  # fmt: skip


_DETAIL = {
    "report_year": ("年度", 6), "province": ("省", 8), "city": ("市", 10), "county": ("县（市、区）", 12),
    "township": ("乡镇街道", 14), "township_code": ("代码", 11), "name_zh": ("指标", 22), "value": ("数值", 12),
    "value_high": ("区间上限", 10), "unit": ("单位", 6), "qualifier": ("限定", 8), "status": ("状态", 10),
    "machine_value": ("机器读数", 10), "surface": ("原文", 12), "sentence": ("句子", 60), "section": ("章节", 24),
    "published_on": ("发布日期", 11), "source_uri": ("来源", 40), "indicator": ("指标代码", 24),
}  # fmt: skip
_SOURCE = {
    "report_year": ("年度", 6), "county": ("县（市、区）", 12), "township": ("乡镇街道", 14), "title": ("标题", 40),
    "publisher": ("发布单位", 16), "published_on": ("发布日期", 11), "source_uri": ("来源", 60),
    "retrieved_at": ("获取时间（UTC）", 18), "partial": ("不足一年", 8), "damage": ("未修复损坏", 8),
    "sha256": ("原件摘要", 20),
}  # fmt: skip
_CHOSEN = "SELECT v.report_id, v.report_year FROM indicator_values v WHERE {where} GROUP BY ALL"
_SOURCES = f"""
    SELECT r.report_year, t.county, t.township, r.title, r.publisher, r.published_on, r.source_uri, r.retrieved_at,
           r.partial, r.damage, r.sha256
    FROM reports r
    JOIN ({_CHOSEN}) c ON c.report_id = r.report_id AND c.report_year = r.report_year
    JOIN townships t ON t.township_code = r.township_code
    ORDER BY r.report_year, r.township_code
"""
_FINDING = {
    "report_year": ("年度", 6), "severity": ("严重程度", 9), "township": ("乡镇街道", 14), "name_zh": ("指标", 22),
    "message": ("说明", 60), "evidence": ("证据", 60), "check": ("检查项", 24),
}  # fmt: skip
_FINDINGS = f"""
    SELECT f.report_year, f.severity, t.township, i.name_zh, f.message, f.evidence, f."check"
    FROM findings f
    JOIN ({_CHOSEN}) c ON c.report_id = f.report_id
    LEFT JOIN townships t ON t.township_code = f.township_code LEFT JOIN indicators i ON i.indicator = f.indicator
    WHERE f.severity = {{severity}} ORDER BY f.report_year, f.township_code, f."check", f.message
"""
SEVERITIES = ("critical", "warning", "info")
"""In this order on their sheet: one after the other, since sorting all of them would hold all of them."""
_WORDS: dict[str, str] = {
    "critical": "严重", "warning": "警告", "info": "提示", "true": "是", "false": "否", "exact": "",
}  # fmt: skip
_WORDS |= dict(QUALIFIER_NAMES.items())
_WORDS |= dict(STATUS_NAMES.items())
_WORDED = {"severity", "partial", "qualifier", "status"}


def _wide(sheet: Worksheet, chosen: Chosen, formats: _Formats, doubted: _Formats) -> None:
    where, values = chosen.selection.where("v")
    named = chosen.ask(
        "SELECT v.indicator, any_value(v.name_zh), any_value(v.unit) FROM indicator_values v"
        f" WHERE {where} GROUP BY v.indicator ORDER BY any_value(v.domain), v.indicator", values,
    )  # fmt: skip
    columns = {indicator: at for at, (indicator, _, _) in enumerate(named, start=len(FIXED))}
    heads = [*FIXED, *((f"{zh}（{UNIT_NAMES.get(unit, unit)}）", 12) for _, zh, unit in named)]
    _header(sheet, heads, formats)
    sheet.freeze_panes(1, len(FIXED))
    stream = chosen.rows(CELLS)
    at = {name: index for index, name in enumerate(stream.columns)}
    place = [at[name] for name in ("report_year", "province", "city", "county", "township", "township_code")]
    notes = row = 0
    for row, (key, cells) in enumerate(groupby(stream, key=lambda cell: [cell[index] for index in place]), start=1):
        for column, value in enumerate(key):
            _write(sheet, row, column, value, formats)
        for cell in sorted(cells, key=lambda cell: columns[cell[at["indicator"]]]):
            column = columns[cell[at["indicator"]]]
            note = _note(*(cell[at[name]] for name in ("qualifier", "status", "value_high", "machine_value")))
            _write(sheet, row, column, cell[at["value"]], doubted if note else formats)
            if note and notes < NOTES:
                sheet.write_comment(row, column, note)
                notes += 1
    sheet.autofilter(0, 0, row, len(heads) - 1)


def _note(qualifier: str, status: str, high: Decimal | None, machine: Decimal | None) -> str:
    """What a reader of the bare number must know; empty for an exact value as reported."""
    parts = [_WORDS.get(qualifier, qualifier)]
    if high is not None:
        parts.append(f"区间上限 {plain(high)}")
    if status != "reported":
        parts.append(_WORDS.get(status, status))
    if status == "corrected":
        parts.append(f"机器读数 {plain(machine) or '无'}")
    return "；".join(part for part in parts if part)


def _listed(
    sheet: Worksheet, streams: Sequence[Stream], columns: dict[str, tuple[str, int]], formats: _Formats
) -> None:
    _header(sheet, columns.values(), formats)
    sheet.freeze_panes(1, 0)
    at = [(name, streams[0].columns.index(name)) for name in columns]
    row = 0
    for row, cells in enumerate(chain.from_iterable(streams), start=1):
        for column, (name, index) in enumerate(at):
            value = cells[index]
            if value is not None:
                _write(sheet, row, column, _worded(name, value), formats)
    sheet.autofilter(0, 0, row, len(columns) - 1)


def _worded(name: str, value: Any) -> Any:
    if name == "unit":
        return UNIT_NAMES.get(value, value)
    return _WORDS.get(plain(value), value) if name in _WORDED else value


@lru_cache(maxsize=10_000)
def _text(value: str) -> str:
    """A text as a cell may have it; most stand in many rows."""
    return str(csv_cell(value))[:CELL_CHARACTERS]


def _explained(sheet: Worksheet, chosen: Chosen, formats: _Formats) -> None:
    _header(sheet, [("项目", 24), ("说明", 90), ("English", 90)], formats)
    for row, cells in enumerate(_explanations(chosen), start=1):
        for column, value in enumerate(cells):
            _write(sheet, row, column, value, formats)


def _explanations(chosen: Chosen) -> Iterator[Sequence[Any]]:
    run = chosen.ask("SELECT run_id, version, rules, dictionary FROM runs")[0]
    yield (
        "发布版本",
        f"运行 {run[0]}，nianbao {run[1]}，规则 {run[2]}，指标字典 {run[3]}",
        "release, code, rules, dictionary",
    )
    yield (
        "空白",
        "报告未提及、未公开、无法读取或数值矛盾；空白不等于零",
        "empty is never zero: SELECT * FROM absences says why",
    )
    yield (
        "批注",
        f"带批注（斜体）的数值不是报告所载的确数，批注说明原因；批注至多 {NOTES} 条，其余只用斜体，原因见“明细”",
        "a note (and italics) marks a value that is not exact or not as reported",
    )
    for code, zh in QUALIFIER_NAMES.items():
        yield f"限定：{zh}", f"报告以“{zh}”一类的词限定该数值", code
    where, values = chosen.selection.measures("i")
    yield from chosen.ask(f"SELECT name_zh, definition, name_en FROM indicators i WHERE {where} ORDER BY 1", values)


def _header(sheet: Worksheet, heads: Iterable[tuple[str, int]], formats: _Formats) -> None:
    sheet.set_row(0, 45)
    for column, (head, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, formats.header)


def _write(sheet: Worksheet, row: int, column: int, value: Any, formats: _Formats) -> None:
    """Write a value by its type; text never as a formula or a link."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, _text(value))
    elif isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        _write_number(sheet, row, column, value, formats)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value, formats.time)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats.date)  # noqa: DTZ001
    else:
        sheet.write_string(row, column, _text(plain(value)))


def _write_number(sheet: Worksheet, row: int, column: int, value: int | Decimal, formats: _Formats) -> None:
    digits = plain(value)
    if len(digits.strip("-").replace(".", "")) > EXCEL_DIGITS:
        sheet.write_string(row, column, digits)
    elif column == 0:  # the year, which takes no separator
        sheet.write_number(row, column, int(value))
    else:
        # float() only for the file's sake: up to 15 digits Excel shows exactly the decimal that was reported.
        sheet.write_number(row, column, float(value), formats.fraction if "." in digits else formats.whole)
