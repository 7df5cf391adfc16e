"""The lake: parquet tables whose bytes depend on their rows alone.

``<root>/<table>/report_year=2023/part.parquet`` for tables with a partition, ``<root>/<table>/part.parquet`` for the
others. Rows are sorted by the table's key, a partition is rewritten whole beside the old one and moved over it, and a
file whose bytes would not change is not touched. A crash leaves each partition old or new, and a ``*.tmp`` that the
next write of that partition replaces.
"""

from __future__ import annotations

import filecmp
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts import Contract
from warehouse.files import swap
from warehouse.schema import ContractError, arrow_schema, to_arrow, to_rows

PART = "part.parquet"
COMPRESSION_LEVEL = 3
"""zstd's own default: level 9 takes three times as long for about a twentieth of the size."""
ROW_GROUP = 131_072
"""Rows in a row group: small enough for a reader to skip most of a year by township, large enough to compress well."""
_BLANK = {pa.bool_().id: False, pa.int64().id: 0, pa.float64().id: 0.0, pa.list_(pa.string()).id: []}


class Lake:
    """The parquet tables under one folder. One writer at a time; readers at any time."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"Lake({str(self.root)!r})"

    def write(
        self, contract: Contract, rows: Iterable[tuple[Any, ...]] | pa.Table, *, years: Collection[int] | None = None
    ) -> tuple[Path, ...]:
        """Replace a table, or some years of it, by ``rows``.

        Args:
            contract: The table.
            rows: Its rows, in any order; see ``warehouse.schema.to_arrow``.
            years: Only these partitions are replaced (and emptied where no row belongs to them); None replaces the
                whole table, partitions without rows included.

        Returns:
            The files whose bytes changed, removed ones included; empty if the lake already held exactly these rows.

        Raises:
            ContractError: A row does not fit, two rows have one key, or a row lies outside ``years``.
        """
        table = to_arrow(contract, rows)
        if not contract.partition:
            return self._put(self._file(contract), contract, table)
        parts = _split(contract, table)
        if years is not None and (outside := sorted(set(parts) - set(years))):
            raise ContractError(f"{contract.name}: rows of {outside} were given, but only {sorted(years)} are replaced")
        changed: list[Path] = []
        for year in sorted(set(self.years(contract)) | set(parts) if years is None else set(years)):
            part = parts.get(year)
            if part is None:
                changed += self._drop(contract, year)
            else:
                changed += self._put(self._file(contract, year), contract, part)
        return tuple(changed)

    def merge(
        self,
        contract: Contract,
        rows: Iterable[tuple[Any, ...]] | pa.Table,
        *,
        by: str = "report_id",
        drop: Collection[str] = (),
        years: Collection[int] | None = None,
    ) -> tuple[Path, ...]:
        """Put new reports' rows beside the old: all old rows whose ``by`` is among the new rows' or in ``drop`` go.

        Only the partitions that lose or gain rows are rewritten. All are read to know which, unless ``years`` names
        them.

        Returns:
            The files whose bytes changed.
        """
        new = to_arrow(contract, rows)
        names: set[Any] = {*new.column(by).unique().to_pylist(), *drop}
        gone = pa.array(sorted(names), type=pa.string())
        parts = _split(contract, new) if contract.partition else {None: new}
        changed: list[Path] = []
        places = sorted({*self.years(contract), *parts} if years is None else {*years, *parts})
        for year in places if contract.partition else [None]:
            old = self.read(contract, year)
            mask = pc.is_in(old.column(by), value_set=gone)
            part = parts.get(year)
            loses = pc.any(mask).as_py()
            if part is None and not loses:
                continue
            kept = old.filter(pc.invert(mask)) if loses else old
            whole = kept if part is None else pa.concat_tables([kept, part])
            if whole.num_rows or year is None:
                changed += self._put(self._file(contract, year), contract, whole)
            else:
                changed += self._drop(contract, year)
        return tuple(changed)

    def read(self, contract: Contract, year: int | None = None, columns: Sequence[str] = ()) -> pa.Table:
        """The rows of a table, or of one year of it, sorted by year and key; empty where nothing was written.

        ``columns`` are the only ones that are read, in that order; all if empty. A column that the contract gained
        since a file was written is empty in its rows (false or 0 where it may not be): new rules read those documents
        again.
        """
        names = list(columns or contract.names)
        empty = arrow_schema(contract).empty_table().select(names)
        return pa.concat_tables([empty, *(_read(file, empty.schema) for file in self.files(contract, year))])

    def rows(self, contract: Contract, year: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows as plain tuples in the contract's order; ``Report(*row)`` makes a row type of one."""
        return to_rows(contract, self.read(contract, year))

    def years(self, contract: Contract) -> tuple[int, ...]:
        """The years that a partitioned table has rows of, ascending."""
        prefix = f"{contract.partition}="
        folder = self.root / contract.name
        found = folder.glob(f"{prefix}*/{PART}") if contract.partition else ()
        return tuple(sorted(int(file.parent.name.removeprefix(prefix)) for file in found))

    def files(self, contract: Contract, year: int | None = None) -> tuple[Path, ...]:
        """The parquet files of a table, or of one year of it, in the order of years."""
        if not contract.partition:
            file = self._file(contract)
            return (file,) if file.exists() else ()
        return tuple(self._file(contract, at) for at in self.years(contract) if year in {None, at})

    def _file(self, contract: Contract, year: int | None = None) -> Path:
        folder = self.root / contract.name
        return folder / PART if year is None else folder / f"{contract.partition}={year}" / PART

    def _put(self, path: Path, contract: Contract, table: pa.Table) -> tuple[Path, ...]:
        order = _order(contract, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        with pq.ParquetWriter(
            beside,
            table.schema,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            version="2.6",
            store_schema=False,
            write_statistics=True,
        ) as writer:
            # A row group at a time is put in order: a second, sorted copy of a year of the country would be a gigabyte.
            for at in range(0, max(1, len(order)), ROW_GROUP):
                group = table.take(order.slice(at, ROW_GROUP)).combine_chunks()
                writer.write_table(group, row_group_size=ROW_GROUP)
        if path.exists() and filecmp.cmp(beside, path, shallow=False):
            beside.unlink()
            return ()
        swap(beside, path)
        return (path,)

    def _drop(self, contract: Contract, year: int) -> tuple[Path, ...]:
        path = self._file(contract, year)
        if not path.exists():
            return ()
        path.unlink()
        for rest in path.parent.glob("*.tmp"):
            rest.unlink()
        path.parent.rmdir()
        return (path,)


def _read(file: Path, schema: pa.Schema) -> pa.Table:
    """The columns of ``schema`` of a file, those that it lacks filled in."""
    table = pq.ParquetFile(file).read(columns=schema.names)
    for field in schema:
        if field.name not in table.column_names:
            value = None if field.nullable else _BLANK.get(field.type.id, "")
            table = table.append_column(field, pa.repeat(pa.scalar(value, field.type), table.num_rows))
    return table.select(schema.names)


def _order(contract: Contract, table: pa.Table) -> Any:
    """The places of the rows in the order of the key, so that the bytes do not depend on how the rows were batched.

    Raises:
        ContractError: Two rows have one key.
    """
    order = pc.sort_indices(table, sort_keys=[(key, "ascending") for key in contract.key])
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


def _split(contract: Contract, table: pa.Table) -> dict[Any, pa.Table]:
    """The rows of each partition, order kept."""
    column: Any = table.column(contract.partition)
    years = sorted(column.unique().to_pylist())
    if len(years) == 1:
        return {years[0]: table}
    return {year: table.filter(pc.equal(column, year)) for year in years}
