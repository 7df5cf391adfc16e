"""Merging: rows that come in order put among rows that lie in order, a part of each at a time.

What lies in the lake is sorted already. To sort it again with the fifty reports that came late takes the time of a
whole year, and more memory than a year of the country's texts was given (400 MB).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def merged(keys: Sequence[str], one: Iterator[pa.Table], other: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Two tables that come in parts, each in the order of ``keys``, empty ones last, as one in that order."""
    here, there = _next(one), _next(other)
    while here is not None and there is not None:
        bound = min(_last(keys, here), _last(keys, there))
        first, second = _count(keys, here, bound), _count(keys, there, bound)
        both = pa.concat_tables([here.slice(0, first), there.slice(0, second)])
        yield both.take(pc.sort_indices(both, sort_keys=[(key, "ascending") for key in keys]))
        here = here.slice(first) if first < here.num_rows else _next(one)
        there = there.slice(second) if second < there.num_rows else _next(other)
    yield from chain([] if here is None else [here], one, [] if there is None else [there], other)


def _next(parts: Iterator[pa.Table]) -> pa.Table | None:
    """The next part that has rows."""
    return next((part for part in parts if part.num_rows), None)


def _last(keys: Sequence[str], part: pa.Table) -> tuple[Any, ...]:
    """The key of the last row: of each column whether it is empty, and its value.

    Texts are bytes, which are in the order of arrow and DuckDB.
    """
    values = (part.column(key)[-1].as_py() for key in keys)
    told = (value.encode() if isinstance(value, str) else value for value in values)
    return tuple((value is None, value) for value in told)


def _count(keys: Sequence[str], part: pa.Table, bound: tuple[Any, ...]) -> int:
    """How many rows, from the first on, have a key that is not beyond ``bound``."""
    within: Any = None
    for key, (empty, value) in reversed(list(zip(keys, bound, strict=True))):
        column: Any = part.column(key)
        least: Any = value.decode() if isinstance(value, bytes) else value
        equal = pc.is_null(column) if empty else pc.fill_null(pc.equal(column, least), False)
        less = pc.is_valid(column) if empty else pc.fill_null(pc.less(column, least), False)
        tie = equal if within is None else pc.and_(equal, within)
        within = pc.or_(less, tie)
    count: int = pc.sum(within).as_py()
    return count
