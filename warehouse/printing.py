"""Printing: the answer to a query as a table, CSV, JSON or JSON lines, safe for a terminal and for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from warehouse.neutral import csv_cell, printable
from warehouse.result import Result

Format = Literal["table", "csv", "json", "jsonl"]
FORMATS: tuple[Format, ...] = ("table", "csv", "json", "jsonl")
TABLE_ROWS = 500
"""Rows that a table prints: more do not fit in anyone's head; the last line says how many there are."""
CELL_WIDTH = 48
"""Columns of a terminal that a cell of a table takes at most; a Chinese character takes two."""
UPRIGHT_COLUMNS = 10
"""A single row with more columns than this is printed upright, one column to a line."""
_NOT_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def render(result: Result, form: Format = "table") -> Iterator[str]:
    """The answer as lines of text without their line ends, safe for a terminal and for a spreadsheet."""
    if form == "csv":
        return _csv(result)
    if form == "json":
        return _json(result)
    if form == "jsonl":
        return (to_json(record) for record in result.records())
    upright = len(result.rows) == 1 and len(result.columns) > UPRIGHT_COLUMNS
    return _upright(result) if upright else _table(result)


def plain(value: Any) -> str:
    """A value as text: decimals without their trailing zeros, dates as ISO 8601, lists separated by ``; ``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list | tuple):
        return "; ".join(plain(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {plain(one)}" for key, one in value.items())
    return str(value)


def to_json(value: Any) -> str:
    """A value as JSON: decimals as exact numbers, dates as text; what a terminal would obey is escaped.

    Numbers that JSON does not have (NaN, infinities) become null.
    """
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else "null"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{to_json(str(key))}: {to_json(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(to_json, value)) + "]"
    if isinstance(value, date | datetime | time):
        return json.dumps(value.isoformat())
    if isinstance(value, float) and value - value != 0:  # NaN or infinite
        return "null"
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    text = value.hex() if isinstance(value, bytes) else str(value)
    return _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def _json(result: Result) -> Iterator[str]:
    yield "["
    last = len(result.rows) - 1
    for at, record in enumerate(result.records()):
        yield f" {to_json(record)}{'' if at == last else ','}"
    yield "]"


def _csv(result: Result) -> Iterator[str]:
    yield _csv_line(result.columns)
    for row in result.rows:
        yield _csv_line(row)


def _csv_line(row: Sequence[Any]) -> str:
    line = io.StringIO()
    texts = (csv_cell(plain(value)) if isinstance(value, str | list | dict) else plain(value) for value in row)
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue()


def _table(result: Result) -> Iterator[str]:
    shown = [[_cell(value) for value in row] for row in result.rows[:TABLE_ROWS]]
    heads = [printable(column) for column in result.columns]
    widths = [max([width(head), *(width(row[at]) for row in shown)]) for at, head in enumerate(heads)]
    right = [all(_is_number(row[at]) for row in result.rows[:TABLE_ROWS]) for at in range(len(heads))]
    yield _line(heads, widths, right)
    yield "  ".join("─" * size for size in widths)
    for row in shown:
        yield _line(row, widths, right)
    rest = len(result.rows) - len(shown)
    if rest:
        yield f"… and {rest:,} more of {len(result.rows):,} rows: --format csv prints them all"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (_pad(cell, size, at_right=side) for cell, size, side in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()


def _upright(result: Result) -> Iterator[str]:
    heads = [printable(column) for column in result.columns]
    size = max(map(width, heads))
    for head, value in zip(heads, result.rows[0], strict=True):
        if value not in (None, [], ()):
            yield f"{_pad(head, size, at_right=False)}  {printable(plain(value))}"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    text = printable(plain(value))
    if width(text) <= CELL_WIDTH:
        return text
    while width(text) > CELL_WIDTH - 1:
        text = text[: min(len(text) - 1, CELL_WIDTH - 1)]
    return text + "…"


def width(text: str) -> int:
    """Columns of a terminal that a text takes: two for a wide character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _pad(text: str, size: int, *, at_right: bool) -> str:
    space = " " * (size - width(text))
    return space + text if at_right else text + space
