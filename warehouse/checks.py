"""Checks of a release before anyone sees it: keys, references, closed domains and what the analysts' views rest on.

Each check is a query that returns the rows that break it. They run in SQL over the finished file, because a primary
key on the fact tables would cost six times the space (measured) and says nothing about references between runs.

Where a release was made from the last one, the checks of a large table that can see no more than a report or a place
and what belongs to it are held to the rows that changed: the others passed in the last release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import duckdb

from warehouse.contracts import RELEASE_TABLES, Contract
from warehouse.schema import name, quote

SHOWN = 5
"""Breaking rows that an error message shows."""


class Check(NamedTuple):
    """What must hold, and the query for the rows that break it; ``{mentions}`` and the like are the rows to look at."""

    what: str
    sql: str


class Broken(NamedTuple):
    """A check that failed: how many rows break it, and the first of them."""

    what: str
    broken: int
    rows: tuple[tuple[object, ...], ...]

    def __str__(self) -> str:
        return f"{self.what}: {self.broken} rows break this, such as {'; '.join(map(str, self.rows))}"


def _references(child: str, columns: str, parent: str, parent_columns: str = "", where: str = "TRUE") -> Check:
    to = parent_columns or columns
    what = f"{child}({columns}) is in {parent}({to})" + ("" if where == "TRUE" else f" where {where}")
    sql = f"SELECT {columns} FROM {child} WHERE {where} AND ({columns}) NOT IN (SELECT {to} FROM {parent})"
    if "," in columns:  # of a report, so that it is enough to look at those that changed
        on = " AND ".join(
            f"c.{a.strip()} = p.{b.strip()}" for a, b in zip(columns.split(","), to.split(","), strict=True)
        )
        sql = f"SELECT {columns} FROM {{{child}}} c WHERE {where} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {on})"
    return Check(what, sql)


RULES: tuple[Check, ...] = (
    _references("reports", "township_code", "townships"),
    _references("mentions", "report_id, report_year", "reports"),
    _references("observations", "township_code", "townships"),
    _references("observations", "indicator", "indicators"),
    _references("observations", "report_id, report_year, township_code", "reports"),
    _references("observations", "report_id, report_year, ordinal", "mentions", where="ordinal IS NOT NULL"),
    _references("expected", "township_code", "townships"),
    _references("indicators", "part_of", "indicators", "indicator", where="part_of IS NOT NULL"),
    Check(
        "one report is published for a township and year",
        "SELECT township_code, report_year FROM reports WHERE status = 'published' GROUP BY ALL HAVING count(*) > 1",
    ),
    Check(
        "mentions and observations come from published reports only",
        "SELECT report_id, status FROM reports WHERE status <> 'published'"
        " AND (report_id IN (SELECT report_id FROM {observations}) OR report_id IN (SELECT report_id FROM {mentions}))",
    ),
    Check(
        "an observation has a value, unless its totals conflict or a correction dropped it",
        "SELECT township_code, report_year, indicator, status FROM observations"
        " WHERE (value IS NULL) <> (status = 'conflict') AND status <> 'corrected'",
    ),
    Check(
        "a stated zero is zero, and nothing else stands without a mention, a correction or a derivation",
        "SELECT township_code, report_year, indicator, value, status FROM observations"
        " WHERE (status = 'stated_zero' AND value <> 0) OR (ordinal IS NULL AND status IN ('reported', 'stated_zero'))",
    ),
    Check(
        "an observation has its indicator's unit",
        "SELECT o.township_code, o.report_year, o.indicator, o.unit, i.unit FROM observations o"
        " JOIN indicators i ON i.indicator = o.indicator WHERE o.unit <> i.unit",
    ),
    Check(
        "an observation's mention is actual or zero and speaks of the township",
        "SELECT o.report_id, o.ordinal, o.indicator, m.kind, m.scope FROM {observations} o"
        " JOIN {mentions} m ON m.report_id = o.report_id AND m.ordinal = o.ordinal AND m.report_year = o.report_year"
        " WHERE o.status IN ('reported', 'stated_zero')"
        " AND (m.kind NOT IN ('actual', 'zero') OR m.scope <> 'township')",
    ),
)


def of_contract(contract: Contract) -> Iterator[Check]:
    """What a contract promises of its table: a unique key, and the closed domains of its columns."""
    keys = ", ".join(name(key) for key in contract.key)
    yield Check(
        f"{contract.name} has one row for each {keys}",
        f"SELECT {keys}, count(*) FROM {{{contract.name}}} GROUP BY {keys} HAVING count(*) > 1",
    )
    for field in contract:
        if field.values:
            allowed = ", ".join(quote(value) for value in field.values)
            column = name(field.name)
            yield Check(
                f"{contract.name}.{field.name} is one of {', '.join(field.values)}",
                f"SELECT DISTINCT {column} FROM {{{contract.name}}} WHERE {column} NOT IN ({allowed})",
            )


def check(
    connection: duckdb.DuckDBPyConnection, changed: Mapping[str, str] = MappingProxyType({})
) -> tuple[Broken, ...]:
    """Run every check on the current catalog of a connection; return those that fail.

    ``changed`` are conditions for the rows of tables whose other rows, with all that they refer to, passed before.
    """
    checks = [*(one for contract in RELEASE_TABLES for one in of_contract(contract)), *RULES]
    tables = {contract.name: contract.name for contract in RELEASE_TABLES}
    tables |= {table: f"(SELECT * FROM {table} WHERE {where})" for table, where in changed.items()}
    told = (Check(one.what, one.sql.format(**tables)) for one in checks)
    return tuple(broken for one in told if (broken := _run(connection, one)))


def _run(connection: duckdb.DuckDBPyConnection, one: Check) -> Broken | None:
    rows = connection.execute(f"{one.sql} LIMIT {SHOWN}").fetchall()
    if not rows:
        return None
    counted = connection.execute(f"SELECT count(*) FROM ({one.sql})").fetchall()
    return Broken(one.what, counted[0][0], tuple(rows))
