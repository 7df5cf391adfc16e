"""The corrections file: ``corrections.csv`` in the home, the user's own; lines are added to it and never changed.

One line a decision, the columns of ``Correction`` by name, in any order:

    township_code  9 digits                  expected    the machine's value that it was made against; empty: none
    report_year    the year reported on      evidence    digest of value and sentence; empty: not compared
    indicator      its code                  reason      why; may not be empty
    action         set drop confirm remap    author      who; may not be empty
    value          for set                   decided_on  2024-01-31 or 2024/1/31
    remap_to       for remap

UTF-8 with or without BOM, or GB18030, as Excel saves it. Numbers may have thousands separators. Of several lines
about one cell the last holds; the earlier ones are its history. ``transforms/corrections.py`` says what the actions
do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import get_args

from warehouse.contracts import CORRECTIONS, Correction, CorrectionAction
from warehouse.files import swap

_BOM = "\ufeff"


class CorrectionsError(Exception):
    """The corrections file has mistakes: one line for each, with file and line."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read(path: Path) -> tuple[Correction, ...]:
    """The corrections in force, one a cell, in the order of their cells; none if there is no file.

    Raises:
        CorrectionsError: A line is wrong. No correction is taken from a file with a mistake, since it might be the
            very one that another line relies on.
    """
    latest = {one[:3]: one for one in history(path)}
    return tuple(latest[cell] for cell in sorted(latest))


def history(path: Path) -> tuple[Correction, ...]:
    """Every line of the file as it stands, superseded ones included."""
    if not path.exists():
        return ()
    text, _ = _decode(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
    missing = [name for name in CORRECTIONS.names if name not in (reader.fieldnames or ())]
    if missing:
        raise CorrectionsError(
            [f"{path}:1: columns {', '.join(missing)} are missing; the first line names the columns"]
        )
    found: list[Correction] = []
    mistakes: list[str] = []
    for row in reader:
        if not any(value for value in row.values() if isinstance(value, str) and value.strip()):
            continue
        cells = {name: (row[name] or "").strip() for name in CORRECTIONS.names}
        problems = list(_problems(cells))
        mistakes += [f"{path}:{reader.line_num}: {problem}" for problem in problems]
        if not problems:
            found.append(_correction(cells))
    if mistakes:
        raise CorrectionsError(mistakes)
    return tuple(found)


def _decode(path: Path) -> tuple[str, str]:
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise CorrectionsError([f"{path}: neither UTF-8 nor GB18030; save it as 'CSV UTF-8'"])


def _problems(cells: dict[str, str]) -> Iterator[str]:
    code, year, action = cells["township_code"], cells["report_year"], cells["action"]
    if not (len(code) == 9 and code.isascii() and code.isdigit()):
        yield f"township_code is {code!r}, not 9 digits"
    if not (len(year) == 4 and year.isascii() and year.isdigit()):
        yield f"report_year is {year!r}, not a year"
    if action not in get_args(CorrectionAction):
        yield f"action is {action!r}, not one of {', '.join(get_args(CorrectionAction))}"
    for column in ("indicator", "reason", "author"):
        if not cells[column]:
            yield f"{column} is empty"
    for column in ("value", "expected"):
        if cells[column] and _number(cells[column]) is None:
            yield f"{column} is {cells[column]!r}, not a number"
    if _day(cells["decided_on"]) is None:
        yield f"decided_on is {cells['decided_on']!r}, not a date such as 2024-01-31"
    yield from _of_action(action, cells)


def _of_action(action: str, cells: dict[str, str]) -> Iterator[str]:
    if (action == "set") != bool(cells["value"]):
        yield "set needs a value" if action == "set" else f"{action} takes no value: only set does"
    if (action == "remap") != bool(cells["remap_to"]):
        yield "remap needs remap_to" if action == "remap" else f"{action} takes no remap_to: only remap does"


def _correction(cells: dict[str, str]) -> Correction:
    action: CorrectionAction = next(one for one in get_args(CorrectionAction) if one == cells["action"])
    return Correction(
        cells["township_code"],
        int(cells["report_year"]),
        cells["indicator"],
        action,
        _number(cells["value"]),
        cells["remap_to"] or None,
        _number(cells["expected"]),
        cells["evidence"],
        cells["reason"],
        cells["author"],
        _day(cells["decided_on"]) or date.min,
    )


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _day(text: str) -> date | None:
    try:
        year, month, day = (int(part) for part in text.replace("/", "-").split("-"))
        return date(year, month, day)
    except ValueError:
        return None


def append(path: Path, correction: Correction) -> None:
    """Add a decision to the file, in the file's own encoding and column order; what is there stays byte for byte.

    A new file is UTF-8 with a BOM, so that Excel shows its Chinese. The file is replaced whole: a crash leaves it as it
    was or with the line.

    Raises:
        CorrectionsError: The file has mistakes; they are to be mended first.
    """
    history(path)
    content, encoding, columns = b"", "utf-8", list(CORRECTIONS.names)
    if path.exists():
        text, encoding = _decode(path)
        columns = next(csv.reader(io.StringIO(text, newline="")))
        content = path.read_bytes()
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    line = io.StringIO()
    writer = csv.DictWriter(line, columns, restval="", lineterminator="\r\n")
    if not content:
        line.write(_BOM)
        writer.writeheader()
    elif not content.endswith((b"\n", b"\r")):
        line.write("\r\n")
    writer.writerow({name: _field(value) for name, value in correction._asdict().items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    beside.write_bytes(content + line.getvalue().encode(encoding))
    swap(beside, path)


def _field(value: object) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
