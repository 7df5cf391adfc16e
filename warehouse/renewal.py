"""Renewal: a release made from the last one. Its file is copied, and only reports that differ are written anew.

Fifty late reports must not cost the writing of four hundred thousand. What is large, reports, mentions, observations
and findings, stays where the copied file has it; the rows of reports that came, went or were read anew leave it, and
their new rows stand at its end. Everything else is dropped and made as in a whole build: the other tables have few
rows, or rows of a few numbers. Digests are XORs over rows: those of the rows that left and came turn the last release's
into this one's.

A report's rows follow from its row in ``reports`` (snapshot, rules, status) and from corrections, which is how the
differing ones are found. That this held is seen in the end: the places and values of every mention and observation are
compared with the lake's. Where they are not the same, or too much differs, the release is built whole. Years of which
the lake's files, the corrections and the reports kept out are those that the last release was made from
(``warehouse/years.py``) are as they were found then, and are not compared again.

Findings follow from all reports, and each names its run. Those of each report are compared whole with the lake's, but
for the run, which is written into all of them; where too many differ they alone are made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import duckdb

from warehouse import releases
from warehouse.catalog import blocks
from warehouse.contracts import CORRECTIONS, FINDINGS, MENTIONS, OBSERVATIONS, RELEASE_TABLES, REPORTS, Contract
from warehouse.digests import BUT, Digest, digest
from warehouse.holding import Holding
from warehouse.releases import Release
from warehouse.schema import duckdb_type, name
from warehouse.years import Years, states_in

LARGE = (REPORTS, MENTIONS, OBSERVATIONS)
"""The tables that stay in the copied file, and the findings with them."""
LARGE_NAMES = frozenset(contract.name for contract in (*LARGE, FINDINGS))
MOST = 0.05
"""Share of a large table's rows that may stand at its end, out of order: whoever asks for a year reads them, too."""
_PUBLISHED = dict.fromkeys(
    (MENTIONS.name, OBSERVATIONS.name),
    "report_id IN (SELECT report_id FROM memory.main.reports WHERE status = 'published')",
)
"""Which of the lake's rows are published."""
_VALUES = {
    MENTIONS.name: "report_id, ordinal, value",
    OBSERVATIONS.name: "township_code, report_year, indicator, value",
}
"""The columns by which a large table is compared with the lake's; those of reports are all compared."""


class Renewed(NamedTuple):
    """What a copied release has kept.

    Attributes:
        digests: Rows, digest and ``appended`` (rows out of order) of each large table.
        years: The condition for the years of which stored views have to be made anew.
        stored: Those views, and where their rows of the other years are.
    """

    digests: Mapping[str, Digest] = MappingProxyType({})
    years: str = "TRUE"
    stored: Mapping[str, str] = MappingProxyType({})


def copy(last: Release | None, path: Path) -> bool:
    """Put a copy of the last release at ``path``; False where there is none, or its bytes are not what it says."""
    if last is None or not last.path.exists() or last.manifest.tables.keys() != {one.name for one in RELEASE_TABLES}:
        return False
    if releases.copy(last.path, path) == last.manifest.sha256:
        return True
    path.unlink()
    return False


def renew(connection: duckdb.DuckDBPyConnection, holding: Holding, last: Release) -> Renewed | None:
    """Bring the large tables of a copied release up to what the lake says, and drop everything else.

    Args:
        connection: The copy is its current catalog; the tables to publish are views of ``memory.main``.
        holding: Where these tables lie.
        last: The release that was copied.

    Returns:
        What stays as it was, or was brought up to date; None where the release has to be built whole.
    """
    if not all(_is_of(connection, contract) for contract in (*LARGE, CORRECTIONS)):
        return None
    years = holding.years(states_in(holding.memory, last.run_id))
    _find_changes(connection, years)
    before = last.manifest.tables
    told = {contract.name: _renewed(connection, holding, contract, before[contract.name]) for contract in LARGE}
    renewed = {table: digest for table, digest in told.items() if digest is not None}
    if len(renewed) < len(LARGE) or not all(_is_the_lakes(connection, table, years) for table in _VALUES):
        return None
    findings = _renewed_findings(connection, holding, before[FINDINGS.name])
    if findings is not None:
        renewed[FINDINGS.name] = findings
    stored = _kept_of(connection, years)
    _drop_the_rest(connection, renewed)
    connection.execute("CHECKPOINT")  # the room of what was dropped is used again
    return Renewed(renewed, years.changed, stored)


def _is_of(connection: duckdb.DuckDBPyConnection, contract: Contract) -> bool:
    """Whether the copy's table has the columns of the contract."""
    described = connection.execute(f"DESCRIBE {contract.name}").fetchall()
    return [(row[0], row[1]) for row in described] == [(field.name, duckdb_type(field)) for field in contract]


def _find_changes(connection: duckdb.DuckDBPyConnection, years: Years) -> None:
    """``changed`` reports, and the ``changed_places`` (township and year) whose observations may be others."""
    columns, places = ", ".join(name(column) for column in REPORTS.names), "report_id, township_code, report_year"
    cells = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory' AND table_name = 'corrected_cells'"
    corrected = "UNION SELECT township_code, report_year FROM memory.main.corrected_cells"
    connection.execute(f"""
        CREATE TEMP TABLE differing AS
        WITH before AS (
            SELECT {places}, hash(r) AS row FROM (SELECT {columns} FROM reports WHERE {years.changed}) r
        ), after AS (
            SELECT {places}, hash(r) AS row FROM (SELECT {columns} FROM memory.main.reports WHERE {years.changed}) r
        )
        (FROM before EXCEPT FROM after) UNION ALL (FROM after EXCEPT FROM before);
        CREATE TEMP TABLE changed AS SELECT DISTINCT report_id, report_year FROM differing;
        CREATE TEMP TABLE changed_places AS
        SELECT township_code, report_year FROM differing UNION SELECT township_code, report_year FROM corrections
        {corrected if connection.execute(cells).fetchall() else ""}
    """)


CHANGED = {
    REPORTS.name: "report_id IN (SELECT report_id FROM changed)",
    MENTIONS.name: "report_year IN (SELECT report_year FROM changed) AND report_id IN (SELECT report_id FROM changed)",
    OBSERVATIONS.name: "report_year IN (SELECT report_year FROM changed_places)"
    " AND (township_code, report_year) IN (SELECT (township_code, report_year) FROM changed_places)",
    FINDINGS.name: "(report_id IS NULL OR report_id IN (SELECT report_id FROM changed_findings))",
}
"""Conditions for the rows of each large table that may be others than in the last release."""


def _renewed(
    connection: duckdb.DuckDBPyConnection, holding: Holding, contract: Contract, last: Digest
) -> Digest | None:
    """Take the changed rows out of a table and put the lake's in; None where they are too many."""
    table, changed = contract.name, CHANGED[contract.name]
    after = f"FROM memory.main.{table} WHERE {changed} AND {_PUBLISHED.get(table, 'true')}"
    appended = last.get("appended", 0) + connection.execute(f"SELECT count(*) {after}").fetchall()[0][0]
    if appended > MOST * last["rows"]:
        return None
    left: Digest = {"rows": 0, "digest": "0"}
    if connection.execute(
        f"SELECT 1 FROM {table} WHERE {changed} LIMIT 1"
    ).fetchall():  # of a late report there is none
        left = digest(connection, table, changed)
        connection.execute(f"DELETE FROM {table} WHERE {changed}")
    _bring(connection, holding, contract, after)
    came = digest(connection, "coming", of=table)
    number = int(last["digest"], 16) ^ int(left["digest"], 16) ^ int(came["digest"], 16)
    rows = last["rows"] - left["rows"] + came["rows"]
    return {"rows": rows, "digest": f"{number:032x}", "appended": appended}


def _renewed_findings(connection: duckdb.DuckDBPyConnection, holding: Holding, last: Digest) -> Digest | None:
    """The same of the findings, all of which are this run's then; None where they have to be made anew."""
    if not _is_of(connection, FINDINGS) or last.get("but") != list(BUT[FINDINGS.name]):
        return None
    told = ", ".join(name(column) for column in FINDINGS.names if column not in BUT[FINDINGS.name])
    counted = f"SELECT report_id, count(*) AS rows, sum(hash({told})::HUGEINT) AS said FROM"
    connection.execute(f"""
        CREATE TEMP TABLE changed_findings AS
        WITH before AS ({counted} findings WHERE report_id IS NOT NULL GROUP BY ALL),
        after AS ({counted} memory.main.findings WHERE report_id IS NOT NULL GROUP BY ALL)
        SELECT report_id FROM before FULL JOIN after USING (report_id)
        WHERE before.rows IS DISTINCT FROM after.rows OR before.said IS DISTINCT FROM after.said
    """)
    renewed = _renewed(connection, holding, FINDINGS, last)
    if renewed is not None:
        connection.execute("UPDATE findings SET run_id = $1", [holding.run_id])
        return {**renewed, "but": list(BUT[FINDINGS.name])}
    return None


def _bring(connection: duckdb.DuckDBPyConnection, holding: Holding, contract: Contract, after: str) -> None:
    """Put the changed rows of the lake, which are few, at the end of a table, and by themselves into ``coming``."""
    table = contract.name
    columns, key = (", ".join(map(name, names)) for names in (contract.names, contract.key))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE coming AS SELECT {columns} FROM {table} LIMIT 0")
    if contract is MENTIONS:  # what a join selects, DuckDB unpacks all of
        ids = connection.execute(f"SELECT DISTINCT report_id {after}").fetchall()
        connection.register("found_rows", holding.of_reports(table, [report_id for (report_id,) in ids]))
        after = "FROM found_rows"
    order = key if contract is FINDINGS else f"report_year, {key}"
    connection.execute(f"INSERT INTO coming SELECT {columns} {after} ORDER BY {order}")
    connection.execute(f"INSERT INTO {table} FROM coming")
    if contract is MENTIONS:
        connection.unregister("found_rows")


def _is_the_lakes(connection: duckdb.DuckDBPyConnection, table: str, years: Years) -> bool:
    """Whether the table's places and values are those of the lake's published reports.

    Summed, since DuckDB's hash of several columns is an XOR with that of the last: XORed, equal changes would cancel.
    """
    columns = _VALUES[table]
    here, there = (
        connection.execute(f"SELECT count(*), sum(hash({columns})::HUGEINT) FROM {source}").fetchall()
        for source in (
            f"{table} WHERE {years.changed}",
            f"memory.main.{table} WHERE {years.changed} AND {_PUBLISHED[table]}",
        )
    )
    return here == there


def _kept_of(connection: duckdb.DuckDBPyConnection, years: Years) -> dict[str, str]:
    """The rows of the years that are as they were, of each view that is stored by year."""
    if years.before is None:
        return {}
    own = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    there = {table for (table,) in connection.execute(own).fetchall()}
    stored = {block.name: f"temp.kept_{block.name}" for block in blocks() if block.by_year and block.name in there}
    for table, kept in stored.items():
        connection.execute(f"CREATE TEMP TABLE {kept} AS FROM {table} WHERE {years.unchanged}")
    return stored


def _drop_the_rest(connection: duckdb.DuckDBPyConnection, renewed: Collection[str]) -> None:
    """Drop all but the tables that are renewed: views and macros first."""
    own = "database_name = current_database() AND NOT internal"
    for kind, query in (
        ("VIEW", f"SELECT view_name FROM duckdb_views() WHERE {own}"),
        ("MACRO TABLE", f"SELECT DISTINCT function_name FROM duckdb_functions() WHERE {own}"),
        ("TABLE", f"SELECT table_name FROM duckdb_tables() WHERE {own}"),
    ):
        for (named,) in connection.execute(query).fetchall():
            if named not in renewed:
                connection.execute(f"DROP {kind} {name(named)}")
