"""Digests: what a release says, told by one number for each table and one over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse.schema import name

Digest = Mapping[str, Any]
"""``rows`` of a table and the ``digest`` of their content, of all columns or all ``but`` some; ``appended``, how many
of the rows stand out of order."""
BUT = {"findings": ("run_id",)}
"""Columns that are no part of a table's digest: all rows have the same there, which ``runs`` says as well."""


def digest(connection: duckdb.DuckDBPyConnection, table: str, where: str = "true", of: str | None = None) -> Digest:
    """Row count and content digest of a table, independent of the order of its rows and of how they are stored.

    ``of`` is the table whose rows they are, where that is another.

    The XOR of the MD5 of every row's text: keys are unique, so that no row can cancel another.
    """
    told, but = name(table), BUT.get(of or table, ())
    if but:
        told = f"(SELECT * EXCLUDE ({', '.join(map(name, but))}) FROM {told})"
    found = connection.execute(
        f"SELECT count(*), coalesce(bit_xor(md5_number(t::VARCHAR)), 0) FROM {told} t WHERE {where}"
    ).fetchall()
    rows, number = found[0]
    return {"rows": rows, "digest": f"{number:032x}"} | ({"but": list(but)} if but else {})


def over(digests: Mapping[str, Digest]) -> str:
    """The digest over those of all tables."""
    lines = "".join(f"{table} {digests[table]['rows']} {digests[table]['digest']}\n" for table in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
