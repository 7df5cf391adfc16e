"""What `nianbao extract` prints: the figures of files, without a home, a server or a release."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from transforms.dictionary import Dictionary
from transforms.document import Document, Refused
from transforms.extraction import extract
from transforms.forms.archive import is_archive, members
from transforms.limits import DEFAULT
from transforms.reading import read
from warehouse.contracts import Mention

COLUMNS = (
    "file", "ordinal", "surface", "value", "value_high", "unit", "unit_surface", "qualifier", "kind", "scope",
    "indicators", "section", "sentence", "start", "end",
)  # fmt: skip

FLOAT_DIGITS = 15
"""Significant digits that every decimal keeps on its way through a binary double and back."""


def extract_files(files: Iterable[Path], form: str) -> bool:
    """Print the mentions of every file as ``table``, ``jsonl`` or ``csv``; return whether any file was refused."""
    dictionary = Dictionary.load()
    write = {"table": _table, "jsonl": _jsonl, "csv": _csv}[form]
    refused = False

    def mentions() -> Iterator[tuple[str, Document, Mention]]:
        nonlocal refused
        for file in files:
            try:
                for name, data in _contents(file):
                    document = read(data)
                    found = extract(document.text, dictionary, document.offsets, document.damage)
                    yield from ((name, document, mention) for mention in found)
            except Refused as refusal:
                refused = True
                print(f"{file}: {refusal.reason}: {refusal.detail}", file=sys.stderr)

    write(record(name, mention) for name, _, mention in mentions())
    return refused


def _contents(file: Path) -> Iterator[tuple[str, bytes]]:
    data = file.read_bytes()
    if is_archive(data):
        yield from ((f"{file}!/{member.name}", member.data) for member in members(data, DEFAULT))
    else:
        yield str(file), data


def record(file: str, mention: Mention) -> dict[str, Any]:
    """One mention as a JSON object, in the columns of the command."""
    values = {**mention._asdict(), "file": file, "indicators": list(mention.indicators)}
    return {column: number(values[column]) for column in COLUMNS}


def number(value: Any) -> Any:
    """A Decimal as the JSON number that prints as the same decimal, or as text where no double holds it."""
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return int(value)
    return float(value) if len(value.as_tuple().digits) <= FLOAT_DIGITS else format(value, "f")


def _jsonl(records: Iterable[dict[str, Any]]) -> None:
    for one in records:
        print(json.dumps(one, ensure_ascii=False))


def _csv(records: Iterable[dict[str, Any]]) -> None:
    from warehouse.neutral import csv_cell

    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for one in records:
        cells = {**one, "indicators": ";".join(one["indicators"])}
        writer.writerow([csv_cell(cells[column]) for column in COLUMNS])


def _table(records: Iterable[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from warehouse.neutral import printable

    shown: Sequence[str] = (
        "ordinal",
        "surface",
        "value",
        "unit",
        "qualifier",
        "kind",
        "scope",
        "indicators",
        "sentence",
    )
    table = Table(*shown, title="提及 mentions", header_style="bold", show_lines=False)
    for one in records:
        cells = {**one, "indicators": " ".join(one["indicators"])}
        table.add_row(*(printable("" if cells[name] is None else str(cells[name])) for name in shown))
    Console().print(table)
