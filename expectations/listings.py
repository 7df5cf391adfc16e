"""Listings: the whole lists beside the run report, as parquet and as CSV that no spreadsheet obeys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.neutral import csv_cell

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 20_000
"""Rows that are written at once."""
SPREADSHEET = 1_048_575
"""Rows that a sheet holds below its header."""
WILD = (
    "^[=+\\-@\\t\\r＝＋－＠]|"
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x{9f}\\x{61c}\\x{200b}-\\x{200f}\\x{2028}-\\x{202e}\\x{2060}-\\x{2069}\\x{feff}\\x{fff9}-\\x{fffb}]"
)
"""Texts that ``csv_cell`` may change (RE2): columns with none are not looked at one by one. It leaves a line feed,
which the evidence of several sentences has."""


def write_lists(lists: Mapping[str, Any], folder: Path) -> None:
    """Write each list as ``NAME.parquet`` and ``NAME.csv`` (UTF-8 with a byte order mark, as Excel wants it).

    ``lists`` are DuckDB's relations; they are written a batch at a time. Both end where a spreadsheet would.
    """
    import pyarrow.csv
    import pyarrow.parquet as pq

    for name, relation in lists.items():
        reader = relation.limit(SPREADSHEET).to_arrow_reader(ROWS)
        with (folder / f"{name}.csv").open("wb") as file:
            file.write(b"\xef\xbb\xbf")
            tables = _tables(reader)
            first = next(tables)
            with (
                pq.ParquetWriter(folder / f"{name}.parquet", first.schema, compression="zstd") as parquet,
                pyarrow.csv.CSVWriter(file, tame(first).schema) as written,
            ):
                for table in chain([first], tables):
                    parquet.write_table(table)
                    written.write_table(tame(table))


def _tables(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The batches as tables, with one that is empty at the front: the files have their columns however many come."""
    import pyarrow as pa

    yield reader.schema.empty_table()
    for batch in reader:
        yield pa.Table.from_batches([batch])


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
