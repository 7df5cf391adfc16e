"""Years: what a run has to look at of tables that have many, and what it need not ask again.

The tables of a home give this (``warehouse/years.py``); of tables that are held in memory anyhow all is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import duckdb


class Years(Protocol):
    """The years of the tables about to be published, beside the last release."""

    @property
    def changed(self) -> str:
        """The condition for rows of years that are others than in the last release."""
        ...

    @property
    def unchanged(self) -> str:
        """The condition for rows of the others."""
        ...

    def without(self, held: Iterable[tuple[int, str]]) -> Years:
        """The same with these reports (the year and the id of each) kept out, and no others."""
        ...

    def ask(self, connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> str:
        """The query for what ``sql`` says of every year: its rows are each of one, and ``{where}`` is for which."""
        ...

    def kept(
        self, connection: duckdb.DuckDBPyConnection, name: str, year: int, queries: Sequence[str], also: str = ""
    ) -> str:
        """The query for what the last of some queries, made one after the other, says of a year."""
        ...


class EveryYear:
    """All of them, each time."""

    changed, unchanged = "TRUE", "FALSE"

    def without(self, held: Iterable[tuple[int, str]]) -> EveryYear:
        """Whatever is kept out, all are looked at."""
        del held
        return self

    def ask(self, connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> str:
        """The query for all years at once."""
        del connection, name
        return sql.format(where="TRUE")

    def kept(
        self, connection: duckdb.DuckDBPyConnection, name: str, year: int, queries: Sequence[str], also: str = ""
    ) -> str:
        """The last query, when the others are made."""
        del name, year, also
        *before, last = queries
        for query in before:
            connection.execute(query)
        return last
