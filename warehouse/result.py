"""The answer to a query: column names and rows, apart from what asks for them, so that printing needs no database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class Result(NamedTuple):
    """The answer: column names, and rows whose values are Python's (``Decimal`` for every reported number)."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)
