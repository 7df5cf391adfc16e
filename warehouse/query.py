"""Queries: reading a release without being able to write, to reach files or to reach the network.

Three locks, each enough by itself for most of it: the release is attached read-only to an empty database in memory;
DuckDB's external access is switched off after that and its settings are frozen; and only one statement that reads is
let through. Nothing but ``duckdb`` and the standard library is imported, so that an answer takes tens of
milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.result import Result


class QueryError(Exception):
    """A query cannot be answered: what is wrong and what to do."""


def connect(path: Path, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open a release for reading only, locked: no file, no network, no setting can be reached from its SQL.

    Args:
        path: The release file.
        memory: DuckDB's bound, such as ``256MB``; its own default is most of the machine's.

    Raises:
        QueryError: There is no such file, or it is not a release, or someone holds it open for writing.
    """
    if not path.exists():
        raise QueryError(f"there is no release at {path}: 'nianbao run' makes one, --home names another place")
    connection = duckdb.connect(":memory:")
    try:
        # Without a folder for temporary files nothing is ever written, not even by a sort larger than the memory.
        connection.execute("SET temp_directory = ''")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_progress_bar = false")  # it would stand among the answers
        if memory:
            connection.execute(f"SET memory_limit = '{memory}'")
        connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS nianbao (READ_ONLY)")
        connection.execute("USE nianbao")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise QueryError(f"{path} cannot be opened: {_first_line(error)}; close programs that write to it") from error
    return connection


def query(path: Path, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Result:
    """Answer one reading statement (SELECT, FROM, SHOW, DESCRIBE, SUMMARIZE, EXPLAIN, PIVOT) on a release.

    Args:
        path: The release file.
        sql: One statement; ``?`` or ``$name`` stand for parameters.
        parameters: Their values.

    Raises:
        QueryError: The statement is wrong, not the only one, or would do anything but read.
    """
    connection = connect(path)
    try:
        answer = connection.execute(_reading(connection, sql), parameters)
        columns = tuple(column[0] for column in answer.description or ())
        return Result(columns, answer.fetchall())
    except duckdb.Error as error:
        hint = "SHOW ALL TABLES lists tables and views, DESCRIBE name their columns"
        raise QueryError(f"{error}\n({hint})") from error
    finally:
        connection.close()


def _reading(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of ``sql``, which reads.

    A PIVOT whose columns come from the data is several statements to DuckDB (``MULTI``), as would be a COPY or CREATE
    of one; the first word tells them apart.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"one statement at a time, please: this has {len(statements)}")
    # tokenize tells offsets in bytes
    starts = [sql.encode()[at:] for at, of in duckdb.tokenize(sql) if of == duckdb.token_type.keyword]
    first = (re.match(rb"\w*", starts[0]) or [b""])[0].decode().upper() if starts else ""
    try:
        kind = statements[0].type.name
    except ValueError:  # a kind that DuckDB's Python binding has no name for, such as UPDATE EXTENSIONS
        kind = first
    if kind not in {"SELECT", "EXPLAIN"} and not (kind == "MULTI" and first in {"PIVOT", "FROM", "SELECT", "WITH"}):
        named = first if kind == "MULTI" else kind
        raise QueryError(f"{named} is not a query: a release can only be read (SELECT, SHOW, DESCRIBE, PIVOT)")
    return statements[0]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
