"""Coverage: who is expected to report, and what became of each expected report; also before there is a release.

The views ``report_status`` and ``coverage`` of ``views.sql`` say it in every release. Here the same statements run over
the tables of a run, so that its report says the same also where nothing was published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.catalog import blocks
from warehouse.contracts import EXPECTED, REFUSALS, REPORTS, SOURCES, TOWNSHIPS
from warehouse.schema import arrow_schema, ddl, quote, to_arrow

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa
    import pyarrow.dataset as ds

VIEWS = ("report_status", "coverage")


class Coverage(NamedTuple):
    """Counts by area and year, and one row for each expected report (a table, or a data set of one on the disk).

    The columns are those of the views.
    """

    areas: pa.Table
    reports: pa.Table | ds.Dataset


def expect(connection: duckdb.DuckDBPyConnection, scope: Collection[str], years: Iterable[int] = ()) -> None:
    """Fill the table ``expected``: the scope, what source lists name, and those that reported in some year.

    A township is expected in every year that any report or source list has, and in ``years``, which the run asked for;
    one that a source list names, in that year.
    """
    inside = " OR ".join(f"starts_with(t.township_code, {quote(prefix)})" for prefix in sorted(scope)) or "FALSE"
    asked = "".join(f" UNION SELECT {int(year)}" for year in years if scope)
    connection.execute(f"""
        INSERT INTO expected
        WITH years AS (SELECT DISTINCT report_year FROM reports
                       UNION SELECT report_year FROM sources WHERE report_year IS NOT NULL{asked}),
        grounds AS (
            SELECT t.township_code, y.report_year, 'scope' AS ground, 1 AS first FROM townships t, years y
            WHERE t.ordinary AND ({inside})
            UNION ALL
            SELECT s.township_code, s.report_year, 'source', 2 FROM sources s
            WHERE s.report_year IS NOT NULL AND s.township_code IN (SELECT township_code FROM townships)
            UNION ALL
            SELECT x.township_code, x.report_year, 'source', 2 FROM refusals x
            WHERE x.report_year IS NOT NULL AND x.township_code IN (SELECT township_code FROM townships)
            UNION ALL
            SELECT r.township_code, y.report_year, 'report', 3
            FROM (SELECT DISTINCT township_code FROM reports) r, years y
        )
        SELECT township_code, report_year, arg_min(ground, first) FROM grounds
        GROUP BY township_code, report_year ORDER BY report_year, township_code
    """)


def coverage(tables: Mapping[str, Any], scope: Collection[str], years: Iterable[int] = ()) -> Coverage:
    """What a release of these tables would say in ``coverage`` and ``report_status``.

    Args:
        tables: Arrow tables or rows by name: ``townships``, ``reports``, and if there are any ``refusals`` and
            ``sources``; further ones are not looked at.
        scope: Code prefixes whose ordinary townships are all expected to report.
        years: Years in which they are expected even if no report has them.
    """
    import duckdb

    with duckdb.connect(":memory:") as connection:
        for contract in (TOWNSHIPS, REPORTS, REFUSALS, SOURCES):
            rows = tables.get(contract.name)
            table = arrow_schema(contract).empty_table() if rows is None else to_arrow(contract, rows)
            connection.register(contract.name, table)
        return Coverage(_areas(connection, scope, years), connection.sql(_REPORTS).to_arrow_table())


def coverage_of(
    connection: duckdb.DuckDBPyConnection, file: Path, scope: Collection[str], years: Iterable[int] = ()
) -> Coverage:
    """The same of the tables that a connection has; the expected reports, which may be many, go to a parquet file."""
    return Coverage(_areas(connection, scope, years), _kept(connection, file))


def coverage_in(release: Path, file: Path) -> Coverage:
    """What a release says there, which stores both: so that its run report need not find it out once more."""
    from warehouse.bounded import connect

    with connect(file.parent) as connection:
        connection.execute(f"ATTACH {quote(str(release))} AS release (READ_ONLY)")
        connection.execute("USE release")
        found = Coverage(connection.sql(_AREAS).to_arrow_table(), _kept(connection, file))
        connection.execute("USE memory")
        return found


_REPORTS = "SELECT * FROM report_status ORDER BY report_year, township_code"
_AREAS = "SELECT * FROM coverage ORDER BY report_year, area_code, level"


def _kept(connection: duckdb.DuckDBPyConnection, file: Path) -> ds.Dataset:
    """The expected reports, on the disk."""
    import pyarrow.dataset as ds

    connection.execute(f"COPY ({_REPORTS}) TO {quote(str(file))} (FORMAT parquet)")
    return ds.dataset(file, format="parquet")


def _areas(connection: duckdb.DuckDBPyConnection, scope: Collection[str], years: Iterable[int]) -> pa.Table:
    """Make both views, and read that of the areas."""
    connection.execute(ddl(EXPECTED))
    expect(connection, scope, years)
    for block in blocks():
        if block.name in VIEWS:
            connection.execute(block.sql)
    areas: pa.Table = connection.sql(_AREAS).to_arrow_table()
    return areas
