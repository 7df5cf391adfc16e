"""Row groups: the pieces in which a table's rows are read, put in order and written, so that none is held whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts import Contract
from warehouse.schema import ContractError, arrow_schema, to_arrow

ROW_GROUP = 32_768
"""Rows in a row group: some 500 reports' mentions. Whoever looks at a few townships reads little more than theirs."""
LONG_ROWS = {"texts": 1024}
"""The same for tables whose rows are long: 10 MB of texts."""
BLANK = {pa.bool_().id: False, pa.int64().id: 0, pa.float64().id: 0.0, pa.list_(pa.string()).id: []}
"""What stands in a column that may not be empty and that a file lacks."""


def read(file: Path, schema: pa.Schema) -> pa.Table:
    """The columns of ``schema`` of a file, those that it lacks filled in."""
    return filled(pq.ParquetFile(file).read(columns=schema.names), schema)


def groups(file: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """The same a row group at a time."""
    parquet = pq.ParquetFile(file)
    for group in range(parquet.num_row_groups):
        yield filled(parquet.read_row_group(group, columns=schema.names), schema)


def having(file: Path, column: str, wanted: pa.Array[Any], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a file whose ``column`` is one of ``wanted`` (in ascending order), a row group at a time.

    The other columns are read of the groups alone that have one of them: DuckDB unpacks them all for a join.
    """
    parquet = pq.ParquetFile(file)
    values = wanted.to_pylist()
    for group in range(parquet.num_row_groups):
        if _may_have(parquet.metadata.row_group(group), column, values):
            here: Any = pc.is_in(parquet.read_row_group(group, columns=[column]).column(column), value_set=wanted)
            if pc.any(here).as_py():
                yield filled(parquet.read_row_group(group, columns=schema.names), schema).filter(here)


def _may_have(group: pq.RowGroupMetaData, column: str, values: Sequence[Any]) -> bool:
    """Whether one of some values, in ascending order, lies within what a row group says of the bounds of a column."""
    columns = (group.column(at) for at in range(group.num_columns))
    told = next((one.statistics for one in columns if one.path_in_schema == column), None)
    if told is None or not told.has_min_max:
        return True
    return bisect_left(values, told.min) < bisect_right(values, told.max)


def filled(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with the columns of ``schema``, those that it lacks filled in."""
    for field in schema:
        if field.name not in table.column_names:
            value = None if field.nullable else BLANK.get(field.type.id, "")
            table = table.append_column(field, pa.repeat(pa.scalar(value, field.type), table.num_rows))
    return table.select(schema.names)


def without(part: pa.Table, reports: Any) -> pa.Table:
    """The rows of other reports than these."""
    return part.filter(pc.invert(pc.is_in(part.column("report_id"), value_set=reports)))


def only(part: pa.Table, reports: Any | None) -> pa.Table:
    """The rows of these reports alone; all if None."""
    return part if reports is None else part.filter(pc.is_in(part.column("report_id"), value_set=reports))


def rows_of(contract: Contract) -> int:
    """How many rows of a table a row group has."""
    return LONG_ROWS.get(contract.name, ROW_GROUP)


def in_order(contract: Contract, table: pa.Table) -> Iterator[pa.Table]:
    """The row groups of a table in the order of its key, sorted one at a time: there is no second whole copy."""
    order, size = _order(contract, table), rows_of(contract)
    return (table.take(order.slice(at, size)).combine_chunks() for at in range(0, max(1, len(order)), size))


def regrouped(contract: Contract, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches in the order of the key as whole row groups.

    Raises:
        ContractError: They are not in that order, or two rows have one key.
    """
    schema, size = arrow_schema(contract), rows_of(contract)
    last, waiting = schema.empty_table(), schema.empty_table()
    for batch in batches:
        table = to_arrow(contract, pa.Table.from_batches([batch]))
        both = pa.concat_tables([last, table])
        if both.num_rows > 1 and not _ascends(both, contract.key):
            _order(contract, both, sorted_already=True)  # tells what is wrong
        last = table.slice(max(0, table.num_rows - 1))
        waiting = pa.concat_tables([waiting, table])
        while waiting.num_rows >= size:
            yield waiting.slice(0, size).combine_chunks()
            waiting = waiting.slice(size)
    if waiting.num_rows:
        yield waiting.combine_chunks()


def _ascends(table: pa.Table, keys: Sequence[str]) -> bool:
    """Whether each row's key is beyond that of the row before, empty ones last: a look, and no sorting."""
    ascends: Any = None
    for key in reversed(keys):
        column = table.column(key)
        here: Any = column.slice(0, len(column) - 1)
        there: Any = column.slice(1)
        beyond = pc.or_(pc.fill_null(pc.less(here, there), False), pc.and_(pc.is_valid(here), pc.is_null(there)))
        ascends = beyond if ascends is None else pc.or_(beyond, pc.and_(_equal_to_next(column), ascends))
    found: bool = pc.all(ascends).as_py()
    return found


def _order(contract: Contract, table: pa.Table, *, sorted_already: bool = False) -> Any:
    """The places of the rows in the order of the key, so that the bytes do not depend on how the rows were batched.

    Raises:
        ContractError: Two rows have one key, or rows that should be sorted already are not.
    """
    order = pc.sort_indices(table, sort_keys=[(key, "ascending") for key in contract.key])
    if sorted_already and not order.equals(pa.array(np.arange(table.num_rows), type=order.type)):
        raise ContractError(f"{contract.name}: rows do not come in the order of {', '.join(contract.key)}")
    if table.num_rows < 2:
        return order
    keys = table.select(list(contract.key)).take(order)
    same = _equal_to_next(keys.column(0))
    for column in keys.columns[1:]:
        same = pc.and_(same, _equal_to_next(column))
    if pc.any(same).as_py():
        at = pc.index(same, True).as_py()
        row = {key: keys.column(key)[at].as_py() for key in contract.key}
        raise ContractError(f"{contract.name}: two rows have the key {row}; a key may stand once")
    return order


def _equal_to_next(column: pa.ChunkedArray[Any]) -> Any:
    """For every row but the last, whether the next row has the same value; two empty ones are the same."""
    here: Any = column.slice(0, len(column) - 1)
    there: Any = column.slice(1)
    return pc.or_(pc.fill_null(pc.equal(here, there), False), pc.and_(pc.is_null(here), pc.is_null(there)))
