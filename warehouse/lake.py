"""The lake: parquet tables whose bytes depend on their rows alone.

``<root>/<table>/report_year=2023/part.parquet`` for tables with a partition, ``<root>/<table>/part.parquet`` for the
others. Rows are sorted by the table's key, a partition is rewritten whole beside the old one and moved over it, and a
file whose bytes would not change is not touched. A crash leaves each partition old or new, and a ``*.tmp`` that the
next write of that partition replaces.
"""

from __future__ import annotations

import filecmp
from collections.abc import Collection, Iterable, Iterator
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
        table = _sorted(contract, to_arrow(contract, rows))
        if not contract.partition:
            return self._put(self._file(contract), table)
        parts = _split(contract, table)
        if years is not None and (outside := sorted(set(parts) - set(years))):
            raise ContractError(f"{contract.name}: rows of {outside} were given, but only {sorted(years)} are replaced")
        changed: list[Path] = []
        for year in sorted(set(self.years(contract)) | set(parts) if years is None else set(years)):
            part = parts.get(year)
            changed += self._put(self._file(contract, year), part) if part is not None else self._drop(contract, year)
        return tuple(changed)

    def merge(
        self,
        contract: Contract,
        rows: Iterable[tuple[Any, ...]] | pa.Table,
        *,
        by: str = "report_id",
        drop: Collection[str] = (),
    ) -> tuple[Path, ...]:
        """Put new reports' rows beside the old: all old rows whose ``by`` is among the new rows' or in ``drop`` go.

        Only the partitions that lose or gain rows are read and rewritten.

        Returns:
            The files whose bytes changed.
        """
        new = to_arrow(contract, rows)
        names: set[Any] = {*new.column(by).unique().to_pylist(), *drop}
        gone = pa.array(sorted(names), type=pa.string())
        parts = _split(contract, new) if contract.partition else {None: new}
        changed: list[Path] = []
        for year in sorted({*self.years(contract), *parts}) if contract.partition else [None]:
            old = self.read(contract, year)
            mask = pc.is_in(old.column(by), value_set=gone)
            part = parts.get(year)
            if part is None and not pc.any(mask).as_py():
                continue
            kept = old.filter(pc.invert(mask))
            whole = kept if part is None else pa.concat_tables([kept, part])
            if whole.num_rows or year is None:
                changed += self._put(self._file(contract, year), _sorted(contract, whole))
            else:
                changed += self._drop(contract, year)
        return tuple(changed)

    def read(self, contract: Contract, year: int | None = None) -> pa.Table:
        """The rows of a table, or of one year of it, sorted by year and key; empty where nothing was written."""
        schema = arrow_schema(contract)
        tables = [pq.ParquetFile(file).read() for file in self.files(contract, year)]
        return pa.concat_tables([schema.empty_table(), *tables])

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

    def _put(self, path: Path, table: pa.Table) -> tuple[Path, ...]:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        pq.write_table(
            table,
            beside,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            row_group_size=ROW_GROUP,
            version="2.6",
            store_schema=False,
            write_statistics=True,
        )
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


def _sorted(contract: Contract, table: pa.Table) -> pa.Table:
    """Sorted by key, in one chunk a column (the bytes must not depend on how the rows were batched), keys unique."""
    table = table.sort_by([(key, "ascending") for key in contract.key]).combine_chunks()
    if table.num_rows < 2:
        return table
    same = _equal_to_next(table.column(contract.key[0]))
    for key in contract.key[1:]:
        same = pc.and_(same, _equal_to_next(table.column(key)))
    if pc.any(same).as_py():
        at = pc.index(same, True).as_py()
        keys = {key: table.column(key)[at].as_py() for key in contract.key}
        raise ContractError(f"{contract.name}: two rows have the key {keys}; a key may stand once")
    return table


def _equal_to_next(column: pa.ChunkedArray[Any]) -> Any:
    """For every row but the last, whether the next row has the same value; two empty ones are the same."""
    here: Any = column.slice(0, len(column) - 1)
    there: Any = column.slice(1)
    return pc.or_(pc.fill_null(pc.equal(here, there), False), pc.and_(pc.is_null(here), pc.is_null(there)))


def _split(contract: Contract, table: pa.Table) -> dict[Any, pa.Table]:
    """The rows of each partition, order kept."""
    column: Any = table.column(contract.partition)
    years = sorted(column.unique().to_pylist())
    return {year: table.filter(pc.equal(column, year)).combine_chunks() for year in years}
