"""Exports: the values of a release as XLSX, CSV, parquet or JSON, streamed from the file.

XLSX is laid out as Chinese offices expect: Chinese names, units in the header, frozen header and filters, notes at
values that are not exact, and sheets of the single values with their sentences, of sources, of findings and of what
the columns mean (``warehouse/workbook.py``). CSV is UTF-8 with a BOM, which Excel needs to show Chinese. Values are
joined, sorted and written a part at a time, so that memory does not grow with them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from warehouse.neutral import csv_cell
from warehouse.printing import plain, to_json
from warehouse.query import connect

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".xlsx", ".csv", ".parquet", ".json", ".jsonl")
PART = 20_000
"""Values of a part, at least: what DuckDB joins and sorts at a time. Whole townships of one year make up a part."""
BATCH = 2_000
"""Rows that are Python's at a time."""
MEMORY = "256MB"
"""DuckDB's share: it would keep whatever of the release it has read, up to most of the machine's memory."""
SHEET_ROWS = 1_048_576
"""Rows of an XLSX sheet, by the file format."""
CELLS = "FROM indicator_values v WHERE {where} ORDER BY v.report_year, v.township_code, v.indicator"
"""The selected values of a part; ``where`` is a condition on ``v``."""
VALUES = """
    SELECT v.township_code, v.township, v.county, v.city, v.province, v.report_year, v.indicator, v.name_zh, v.name_en,
           v.value, v.value_high, v.unit, v.qualifier, v.status, m.surface, m.sentence, m.section, r.source_uri,
           v.published_on, v.machine_value, v.report_id, v.ordinal
    FROM indicator_values v
    JOIN reports r ON r.township_code = v.township_code AND r.report_year = v.report_year AND r.status = 'published'
    LEFT JOIN mentions m ON m.report_id = v.report_id AND m.ordinal = v.ordinal AND m.report_year = v.report_year
    WHERE {where} ORDER BY v.report_year, v.township_code, v.indicator
"""
"""The same with their evidence."""
PARTS = """
    SELECT report_year, min(township_code), max(township_code)
    FROM (SELECT v.report_year, v.township_code,
                 sum(count(*)) OVER (PARTITION BY v.report_year ORDER BY v.township_code) // {part} AS part
          FROM indicator_values v WHERE {where} GROUP BY v.report_year, v.township_code)
    GROUP BY report_year, part ORDER BY report_year, part
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
        with connect(release, MEMORY) as connection:
            count = _count(connection, selection)
            _WRITERS[form](Chosen(connection, selection), beside, count)
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


class Chosen:
    """The selected values of a release, to be read a part at a time in the order of years and townships."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, selection: Selection) -> None:
        self.connection, self.selection = connection, selection
        where, values = selection.where("v")
        self._parts = connection.execute(PARTS.format(part=PART, where=where), values).fetchall()

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of an answer that is small whatever was selected."""
        return self.connection.execute(sql, values).fetchall()

    def rows(self, sql: str) -> Stream:
        """The answer to a query that has ``{where}``, a condition on the values ``v``, asked for every part in turn."""
        return Stream(self.connection, sql, self._conditions())

    def tables(self, sql: str) -> Iterator[pa.Table]:
        """The same as arrow tables, one for each part."""
        for where, values in self._conditions():
            yield self.connection.sql(sql.format(where=where), params=values).to_arrow_table()

    def _conditions(self) -> list[tuple[str, list[Any]]]:
        where, values = self.selection.where("v")
        inside = "v.report_year = ? AND v.township_code BETWEEN ? AND ?"
        return [(f"{inside} AND {where}", [*part, *values]) for part in self._parts]


class Stream:
    """The columns and rows of a query's answers, part after part, read as they are written."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, sql: str, conditions: Sequence[tuple[str, Sequence[Any]]]
    ) -> None:
        self._connection, self._sql, self._conditions = connection, sql, conditions
        where, values = conditions[0]
        described = connection.execute(f"DESCRIBE {sql.format(where=where)}", values).fetchall()
        self.columns = [column[0] for column in described]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for where, values in self._conditions:
            answer = self._connection.execute(self._sql.format(where=where), values)
            while rows := answer.fetchmany(BATCH):
                yield from rows


def _write_csv(chosen: Chosen, path: Path, _count: int) -> None:
    stream = chosen.rows(VALUES)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(stream.columns)
        # Only text can pass for a formula: a negative number must stay a number.
        writer.writerows(
            [plain(cell) if isinstance(cell, Decimal) else csv_cell(plain(cell)) for cell in row] for row in stream
        )


def _write_json(chosen: Chosen, path: Path, _count: int) -> None:
    stream = chosen.rows(VALUES)
    with path.open("w", encoding="utf-8") as file:
        for at, row in enumerate(stream):
            file.write(("[\n " if at == 0 else ",\n ") + to_json(dict(zip(stream.columns, row, strict=True))))
        file.write("\n]\n")


def _write_jsonl(chosen: Chosen, path: Path, _count: int) -> None:
    stream = chosen.rows(VALUES)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(to_json(dict(zip(stream.columns, row, strict=True))) + "\n" for row in stream)


def _write_parquet(chosen: Chosen, path: Path, _count: int) -> None:
    import pyarrow.parquet as pq

    tables = chosen.tables(VALUES)
    first = next(tables)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        for table in chain([first], tables):
            writer.write_table(table)


def _write_xlsx(chosen: Chosen, path: Path, count: int) -> None:
    import xlsxwriter

    if count >= SHEET_ROWS:
        raise ExportError(f"{count:,} values do not fit on a sheet of {SHEET_ROWS:,} rows: choose fewer, or .csv")
    from warehouse.workbook import write_workbook

    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_formulas": False,
               "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as workbook:
        write_workbook(workbook, chosen)


_WRITERS = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
