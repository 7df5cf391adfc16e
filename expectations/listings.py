"""Listings: the whole lists beside the run report, as parquet and as CSV that no spreadsheet obeys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.neutral import csv_cell

if TYPE_CHECKING:
    import pyarrow as pa

WILD = (
    "^[=+\\-@\\t\\r＝＋－＠]|"
    "[\\x00-\\x1f\\x7f-\\x{9f}\\x{61c}\\x{200b}-\\x{200f}\\x{2028}-\\x{202e}\\x{2060}-\\x{2069}\\x{feff}\\x{fff9}-\\x{fffb}]"
)
"""Texts that ``csv_cell`` may change (RE2): only these are looked at one by one, in a million cells perhaps none."""


def write_lists(lists: Mapping[str, pa.Table], folder: Path) -> None:
    """Write each list as ``NAME.parquet`` and ``NAME.csv`` (UTF-8 with a byte order mark, as Excel wants it)."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    for name, table in lists.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        with (folder / f"{name}.csv").open("wb") as file:
            file.write(b"\xef\xbb\xbf")
            pyarrow.csv.write_csv(tame(table), file)


def tame(table: pa.Table) -> pa.Table:
    """The table as texts and numbers for CSV: lists joined with a semicolon, wild texts made harmless."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        column: Any = table.column(place)
        if pa.types.is_list(field.type):
            column = pc.binary_join(column, ";")
        elif not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
            continue
        if pc.any(pc.match_substring_regex(column, WILD)).as_py():
            column = pa.array([csv_cell(value) for value in column.to_pylist()], type=pa.string())
        table = table.set_column(place, field.name, column)
    return table
