"""Exports: the values of a release as XLSX, CSV, parquet or JSON, streamed from the file.

XLSX is laid out as Chinese offices expect: Chinese names, units in the header, frozen header and filters, notes at
values that are not exact, and sheets of the single values with their sentences, of sources, of findings and of what
the columns mean (``warehouse/workbook.py``). CSV is UTF-8 with a BOM, which Excel needs to show Chinese. Rows are
read and written in batches, so that memory does not grow with them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from warehouse.neutral import csv_cell
from warehouse.printing import plain, to_json
from warehouse.query import connect

SUFFIXES = (".xlsx", ".csv", ".parquet", ".json", ".jsonl")
BATCH = 5_000
"""Rows read and written at a time."""
SHEET_ROWS = 1_048_576
"""Rows of an XLSX sheet, by the file format."""
VALUES = """
    SELECT v.township_code, v.township, v.county, v.city, v.province, v.report_year, v.indicator, v.name_zh, v.name_en,
           v.value, v.value_high, v.unit, v.qualifier, v.status, e.surface, e.sentence, e.section, e.source_uri,
           e.published_on, v.machine_value, v.report_id, v.ordinal
    FROM indicator_values v
    JOIN evidence e ON e.township_code = v.township_code AND e.report_year = v.report_year AND e.indicator = v.indicator
"""


class ExportError(Exception):
    """An export cannot be made: what is wrong and what to do."""


class Selection(NamedTuple):
    """Which values: townships by code prefix or name, indicators by code or Chinese name, years; empty means all."""

    townships: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    def where(self, table: str) -> tuple[str, list[Any]]:
        """The condition on a relation that has township_code, township, indicator, name_zh and report_year."""
        conditions = [
            _any(f"starts_with({table}.township_code, ?) OR {table}.township = ?", self.townships),
            self.measures(table),
            _any(f"{table}.report_year = ?", self.years),
        ]
        return " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]

    def measures(self, table: str) -> tuple[str, list[Any]]:
        """The condition on a relation that has indicator and name_zh only."""
        return _any(f"{table}.indicator = ? OR {table}.name_zh = ?", self.indicators)


def _any(condition: str, wanted: Sequence[Any]) -> tuple[str, list[Any]]:
    """A condition that holds for any of the wanted, each standing for every ``?`` in it; none wanted means all."""
    if not wanted:
        return "TRUE", []
    values = [one for one in wanted for _ in range(condition.count("?"))]
    return "(" + " OR ".join([condition] * len(wanted)) + ")", values


EVERYTHING = Selection()


def export(release: Path, target: Path, selection: Selection = EVERYTHING) -> int:
    """Write the selected values of a release to a file whose suffix names the form; return their number.

    The file is written beside its place and moved there when it is whole.

    Raises:
        ExportError: The suffix is unknown, nothing matches, or it does not fit the form.
        QueryError: The release cannot be read.
    """
    form = target.suffix.lower()
    if form not in SUFFIXES:
        raise ExportError(f"{target.name}: the file's ending says the form; it may be {', '.join(SUFFIXES)}")
    beside = target.with_name(f".{target.name}.tmp")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with connect(release) as connection:
            count = _count(connection, selection)
            _WRITERS[form](connection, beside, selection, count)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return count


def _count(connection: duckdb.DuckDBPyConnection, selection: Selection) -> int:
    where, values = selection.where("v")
    counted = connection.execute(f"SELECT count(*) FROM indicator_values v WHERE {where}", values).fetchall()
    count: int = counted[0][0]
    if not count:
        hint = "'nianbao townships NAME' and 'nianbao query \"FROM indicators\"' show what there is"
        raise ExportError(f"nothing matches: {hint}")
    return count


class Stream:
    """The columns and batches of a query's answer, read as they are written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> None:
        self._cursor = connection.execute(sql, values)
        self.columns = [column[0] for column in self._cursor.description or ()]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while rows := self._cursor.fetchmany(BATCH):
            yield from rows


def values_of(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Stream:
    """The selected values with their evidence, by year, township and indicator."""
    where, values = selection.where("v")
    return Stream(connection, f"{VALUES} WHERE {where} ORDER BY v.report_year, v.township_code, v.indicator", values)


def _write_csv(connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection, _count: int) -> None:
    stream = values_of(connection, selection)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(stream.columns)
        # Only text can pass for a formula: a negative number must stay a number.
        writer.writerows(
            [plain(cell) if isinstance(cell, Decimal) else csv_cell(plain(cell)) for cell in row] for row in stream
        )


def _write_json(connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection, _count: int) -> None:
    stream = values_of(connection, selection)
    with path.open("w", encoding="utf-8") as file:
        for at, row in enumerate(stream):
            file.write(("[\n " if at == 0 else ",\n ") + to_json(dict(zip(stream.columns, row, strict=True))))
        file.write("\n]\n")


def _write_jsonl(connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection, _count: int) -> None:
    stream = values_of(connection, selection)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(to_json(dict(zip(stream.columns, row, strict=True))) + "\n" for row in stream)


def _write_parquet(connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection, _count: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    where, values = selection.where("v")
    sql = f"{VALUES} WHERE {where} ORDER BY v.report_year, v.township_code, v.indicator"
    reader: pa.RecordBatchReader = connection.sql(sql, params=values).to_arrow_reader(BATCH)
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def _write_xlsx(connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection, count: int) -> None:
    import xlsxwriter

    if count >= SHEET_ROWS:
        raise ExportError(f"{count:,} values do not fit on a sheet of {SHEET_ROWS:,} rows: choose fewer, or .csv")
    from warehouse.workbook import write_workbook

    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_formulas": False,
               "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as workbook:
        write_workbook(workbook, connection, selection)


_WRITERS = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
