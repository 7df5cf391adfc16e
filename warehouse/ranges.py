"""Ranges: rows sorted a range of their keys at a time.

DuckDB sorts what is larger than its memory on the disk, but not without end: the 9 million findings of 400,000 reports
(7 GB) ended in its out of memory with the 400 MB that a year of the country is sorted in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from warehouse.row_groups import ROW_GROUP
from warehouse.schema import name, quote

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MOST = 200_000
"""Rows that are sorted at once: some 150 MB of findings."""
PREFIX = 6
"""Characters of the second key by which ranges are told apart: of a report's id, its county's code."""
LAST = "\U0010ffff"


def in_order(
    connection: duckdb.DuckDBPyConnection, source: str, keys: Sequence[str], most: int = MOST
) -> Iterator[pa.RecordBatch]:
    """The rows of a query in the order of its keys, empty ones last.

    Args:
        connection: Where it is asked.
        source: The query.
        keys: At least two, of which the first has a few texts and no empty ones, the second many texts.
        most: About how many rows are sorted at once.
    """
    order = ", ".join(map(name, keys))
    for where in _ranges(connection, source, keys, most):
        yield from connection.sql(f"FROM ({source}) WHERE {where} ORDER BY {order}").to_arrow_reader(ROW_GROUP)


def _ranges(connection: duckdb.DuckDBPyConnection, source: str, keys: Sequence[str], most: int) -> Iterator[str]:
    """Conditions that part the rows into ranges, in the order of the keys."""
    first, second = map(name, keys[:2])
    grouped = f"SELECT {first}, left({second}, {PREFIX}) AS prefix, count(*) FROM ({source}) GROUP BY ALL ORDER BY ALL"
    counted = connection.execute(grouped).fetchall()
    if sum(count for _, _, count in counted) <= most:
        yield "TRUE"
        return
    for value, rows in groupby(counted, key=lambda row: row[0]):
        for low, high in _parted([(prefix, count) for _, prefix, count in rows], most):
            own = f"{second} IS NULL"
            if low is not None:  # the second condition follows, and lets row groups of a file be passed over
                own = f"left({second}, {PREFIX}) BETWEEN {quote(low)} AND {quote(high)}"
                own += f" AND {second} BETWEEN {quote(low)} AND {quote(high + LAST)}"
            yield f"{first} = {quote(value)} AND {own}"


def _parted(counted: Sequence[tuple[Any, int]], most: int) -> Iterator[tuple[Any, Any]]:
    """The first and the last prefix of each range of about ``most`` rows; the empty one alone."""
    together: list[str] = []
    rows = 0
    for prefix, count in counted:
        if together and (prefix is None or rows + count > most):
            yield together[0], together[-1]
            together, rows = [], 0
        if prefix is None:
            yield None, None
        else:
            together.append(prefix)
            rows += count
    if together:
        yield together[0], together[-1]
