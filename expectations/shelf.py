"""Shelf: the tables of a run in DuckDB, from memory or from parquet files, and read a part at a time.

What may grow with the number of reports is asked in SQL, or taken in parts: some townships with all that their reports
say in all years. No check of rows, of a report or of a township's own past needs more than that to be at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa

from expectations.frames import as_arrow
from expectations.years import EveryYear, Years
from warehouse.contracts import Contract

OF_REPORTS = ("reports", "mentions", "observations", "texts")
"""Tables that are taken in parts; the others are seeds, and small."""
ORDERS = {
    "reports": "report_year, report_id",
    "mentions": "report_year, report_id, ordinal",
    "observations": "report_year, township_code, indicator",
    "texts": "report_year, report_id",
}
SHOWN = {
    "mentions": [
        "report_id",
        "report_year",
        "ordinal",
        "value",
        "value_high",
        "qualifier",
        "part_of_ordinal",
        "start",
        "end",
    ],
    "texts": ["report_id", "report_year", "text"],
}
"""The columns that show a figure in its text."""
LOOSE = 20
"""Reports that lie between two of a part's, as many for each of these, from which on only theirs are looked for."""
PREVIOUS = "previous_"
"""What the names of the last release's tables begin with."""


Find = Callable[[str, Collection[str], Sequence[str]], pa.Table]


class Shelf:
    """Tables by name, as views or tables of a DuckDB connection; ``names`` are those that there are.

    ``find`` gives the rows of some reports (a table's name, their ids, columns) where the tables lie in files: for
    reports that are far apart, for which DuckDB would unpack all that lies between them. ``years`` tell which years
    have to be looked at.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, find: Find | None = None, years: Years | None = None
    ) -> None:
        self.connection, self._find = connection, find
        self.years: Years = years or EveryYear()
        own = "table_catalog IN ('memory', 'temp')"  # and not those of an attached release
        found = connection.execute(f"SELECT table_name FROM information_schema.tables WHERE {own}").fetchall()
        self.names = frozenset(str(row[0]) for row in found)

    @classmethod
    def of(cls, tables: Mapping[str, Any], previous: Mapping[str, Any] | None = None) -> Shelf:
        """Tables that are held in memory anyhow."""
        connection = duckdb.connect(":memory:")
        for name, table in tables.items():
            connection.register(name, as_arrow(table))
        for name, table in (previous or {}).items():
            connection.register(PREVIOUS + name, as_arrow(table))
        return cls(connection)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def query(self, sql: str) -> pa.Table:
        """The rows of a query."""
        table: pa.Table = self.connection.sql(sql).to_arrow_table()
        return table

    def value(self, sql: str) -> Any:
        """The first column of the first row of a query."""
        rows = self.connection.execute(sql).fetchall()
        return rows[0][0] if rows else None

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table."""
        return self.query(f"FROM {name} LIMIT 0").schema

    def put(self, name: str, table: Any) -> None:
        """Keep an arrow table, or a data set, under a name."""
        self.connection.unregister(name)
        self.connection.register("putting", table)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM putting")
        self.connection.unregister("putting")

    def seeds(self) -> dict[str, pa.Table]:
        """The tables that are not taken in parts and that the checks read."""
        return {name: self.query(f"FROM {name}") for name in ("townships", "indicators") if name in self}

    def parts(self, size: int, but: str = "") -> Iterator[dict[str, pa.Table]]:
        """The tables of all reports, of whole townships at a time, about ``size`` reports in each part.

        Rows that belong to no report are a part of their own. ``but`` names a table of townships to leave out.
        """
        others = f"WHERE township_code NOT IN (FROM {but})" if but else ""
        counted = f"SELECT township_code, count(*) FROM reports {others} GROUP BY township_code ORDER BY township_code"
        together: list[str] = []
        reports = 0
        for township_code, count in self.connection.execute(counted).fetchall():
            if together and reports + count > size:
                yield self.part(together)
                together, reports = [], 0
            together.append(township_code)
            reports += count
        if together:
            yield self.part(together)
        stray = {
            "mentions": "report_id NOT IN (SELECT report_id FROM reports)",
            "observations": "township_code NOT IN (SELECT township_code FROM reports)",
        }
        if any(self.value(f"SELECT true FROM {name} WHERE {where} LIMIT 1") for name, where in stray.items()):
            yield self._tables({name: stray.get(name, "false") for name in OF_REPORTS})

    def part(self, townships: Sequence[str]) -> dict[str, pa.Table]:
        """The tables of the reports of some townships, in the order of year and key."""
        self.put("part_townships", pa.table({"township_code": pa.array(sorted(townships), type=pa.string())}))
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE part_reports AS "
            "SELECT report_id FROM reports WHERE township_code IN (FROM part_townships)"
        )
        own = _within("township_code", min(townships), max(townships), "part_townships")
        return {
            **self._tables({"reports": own, "observations": own}),
            **self._of_part_reports("mentions", "texts"),
        }

    def of_reports(self, reports: Collection[str]) -> dict[str, pa.Table]:
        """The reports, mentions and texts of some reports, with the columns that show a figure in its text."""
        self.put("part_reports", pa.table({"report_id": pa.array(sorted(reports), type=pa.string())}))
        return {
            **self._tables({"reports": "report_id IN (FROM part_reports)", "observations": "false"}),
            **self._of_part_reports("mentions", "texts", columns=SHOWN),
        }

    def _of_part_reports(
        self, *names: str, columns: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> dict[str, pa.Table]:
        first, last, count = self.connection.execute(
            "SELECT min(report_id), max(report_id), count(*) FROM part_reports"
        ).fetchall()[0]
        where = _within("report_id", first, last, "part_reports") if first is not None else "false"
        if self._find is None or not self._lie_apart(first, last, count):
            return self._tables(dict.fromkeys(names, where), columns)
        reports = [row[0] for row in self.connection.execute("FROM part_reports").fetchall()]
        found = {}
        for name in names:
            schema = self.schema(name)
            wanted = columns.get(name, schema.names)
            table = self._find(name, reports, wanted).cast(pa.schema([schema.field(one) for one in wanted]))
            found[name] = table.sort_by([(key, "ascending") for key in ORDERS[name].split(", ")])
        return found

    def _lie_apart(self, first: str | None, last: str | None, count: int) -> bool:
        """Whether so few of the reports from one to another are asked for that theirs have to be looked for."""
        between = "SELECT count(*) FROM reports WHERE report_id BETWEEN $1 AND $2"
        return first is not None and self.connection.execute(between, [first, last]).fetchall()[0][0] > LOOSE * count

    def _tables(
        self, wheres: Mapping[str, str], columns: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> dict[str, pa.Table]:
        chosen = {name: ", ".join(f'"{one}"' for one in columns.get(name, ())) or "*" for name in wheres}
        return {
            name: self.query(f"SELECT {chosen[name]} FROM {name} WHERE {where} ORDER BY {ORDERS[name]}")
            for name, where in wheres.items()
            if name in self
        }


def _within(column: str, first: str, last: str, table: str) -> str:
    """A condition on ids; the bounds, which follow from it, let whole row groups of a parquet file be passed over."""
    low, high = (value.replace("'", "''") for value in (first, last))
    return f"{column} BETWEEN '{low}' AND '{high}' AND {column} IN (FROM {table})"


def quoted(path: Path) -> str:
    """A path as it stands between the quotes of a query."""
    return str(path).replace("'", "''")


def arrow_of(contract: Contract, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows of findings as an arrow table."""
    types = {"integer": pa.int64()}
    schema = pa.schema([(field.name, types.get(field.type, pa.string())) for field in contract])
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
