"""The lake: parquet tables whose bytes depend on their rows alone.

``<root>/<table>/report_year=2023/part.parquet`` for tables with a partition (``findings/run_id=.../part.parquet``),
``<root>/<table>/part.parquet`` for the others. Rows are sorted by the table's key, a partition is rewritten whole
beside the old one and moved over it, and a file whose bytes would not change is not touched. A crash leaves each
partition old or new, and a ``*.tmp`` that the next write of that partition replaces.
"""

from __future__ import annotations

import filecmp
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts import Contract, Field
from warehouse.files import swap
from warehouse.merging import merged
from warehouse.schema import ContractError, arrow_schema, arrow_type, duckdb_type, quote, to_arrow, to_rows
from warehouse.schema import name as name_of

PART = "part.parquet"
COMPRESSION_LEVEL = 3
"""zstd's own default: level 9 takes three times as long for about a twentieth of the size."""
ROW_GROUP = 32_768
"""Rows in a row group: some 500 reports' mentions. Whoever looks at a few townships reads little more than theirs."""
LONG_ROWS = {"texts": 1024}
"""The same for tables whose rows are long: 10 MB of texts."""
_BLANK = {pa.bool_().id: False, pa.int64().id: 0, pa.float64().id: 0.0, pa.list_(pa.string()).id: []}


class Lake:
    """The parquet tables under one folder. One writer at a time; readers at any time."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"Lake({str(self.root)!r})"

    def write(
        self,
        contract: Contract,
        rows: Iterable[tuple[Any, ...]] | pa.Table,
        *,
        years: Collection[int | str] | None = None,
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
            return self._put(self._file(contract), contract, _in_order(contract, table))
        parts = _split(contract, table)
        if years is not None and (outside := sorted(set(parts) - set(years))):
            raise ContractError(f"{contract.name}: rows of {outside} were given, but only {sorted(years)} are replaced")
        changed: list[Path] = []
        for year in sorted(set(self._partitions(contract)) | set(parts) if years is None else set(years)):
            part = parts.get(year)
            if part is None:
                changed += self._drop(contract, year)
            else:
                changed += self._put(self._file(contract, year), contract, _in_order(contract, part))
        return tuple(changed)

    def join(
        self,
        contract: Contract,
        year: int,
        files: Sequence[Path],
        *,
        drop: Collection[str] = (),
        keep: Collection[str] | None = None,
    ) -> tuple[Path, ...]:
        """Put the rows of parquet files, sorted or not, into one year of a table, in bounded memory.

        Args:
            contract: A partitioned table whose rows have a ``report_id``.
            year: The partition; rows of the files that are of other years are left out.
            files: Parquet files with the contract's columns, such as those of staged batches.
            drop: Reports whose old rows go; those of reports that the files bring go anyhow.
            keep: The only reports whose rows, old or new, stay; all if None.

        Returns:
            The files whose bytes changed.
        """
        from warehouse.bounded import connect  # a worker, which stages batches, does without DuckDB

        path, schema = self._file(contract, year), arrow_schema(contract)
        with connect(self.root) as connection:
            connection.execute(f"CREATE VIEW new AS {scan(contract, files)} WHERE report_year = {year}")
            come = connection.sql("SELECT DISTINCT report_id FROM new").fetchall()
            gone = pa.array(sorted({*drop, *(row[0] for row in come)}), pa.string())
            stay = None if keep is None else pa.array(sorted(keep), pa.string())
            rows = connection.sql(f"FROM new ORDER BY {', '.join(map(name_of, contract.key))}")
            new = (to_arrow(contract, pa.Table.from_batches([part])) for part in rows.to_arrow_reader(_rows(contract)))
            old = (_without(part, gone) for part in (_groups(path, schema) if path.exists() else ()))
            parts = (_only(part, stay) for part in merged(contract.key, old, new))
            groups = _regrouped(contract, (batch for part in parts for batch in part.to_batches()))
            first = next(groups, None)
            if first is None:
                return self._drop(contract, year)
            return self._put(path, contract, chain([first], groups))

    def take(self, contract: Contract, batches: Iterable[pa.RecordBatch], part: str | None = None) -> tuple[Path, ...]:
        """Replace a table by rows that come in the order of its key, a batch at a time.

        Args:
            contract: A table without partitions, or one whose partition is a text.
            batches: The rows.
            part: The one partition that is replaced, to which all rows belong; the others are not looked at.

        Returns:
            The file, if its bytes changed.

        Raises:
            ContractError: A row does not fit, or stands out of order, or two rows have one key.
        """
        groups = _regrouped(contract, batches)
        first = next(groups, arrow_schema(contract).empty_table())
        return self._put(self._file(contract, part), contract, chain([first], groups))

    def merge(
        self,
        contract: Contract,
        rows: Iterable[tuple[Any, ...]] | pa.Table,
        *,
        by: str = "report_id",
        drop: Collection[str] = (),
        years: Collection[int | str] | None = None,
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
        places = sorted({*self._partitions(contract), *parts} if years is None else {*years, *parts})
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
                changed += self._put(self._file(contract, year), contract, _in_order(contract, whole))
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

    def find(
        self, contract: Contract, year: int, column: str, values: Collection[Any], columns: Sequence[str] = ()
    ) -> pa.Table:
        """The rows of one year whose ``column`` is one of ``values``, without holding the others."""
        names = list(columns or contract.names)
        wanted = pa.array(sorted(values), type=arrow_schema(contract).field(column).type)
        found = [arrow_schema(contract).empty_table().select(names)]
        for file in self.files(contract, year) if len(wanted) else ():
            parquet = pq.ParquetFile(file)
            for group in range(parquet.num_row_groups):
                here = pc.is_in(parquet.read_row_group(group, columns=[column]).column(column), value_set=wanted)
                if pc.any(here).as_py():
                    found.append(parquet.read_row_group(group, columns=names).filter(here).select(names))
        return pa.concat_tables(found)

    def rows(self, contract: Contract, year: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows as plain tuples in the contract's order; ``Report(*row)`` makes a row type of one."""
        return to_rows(contract, self.read(contract, year))

    def texts(self, contract: Contract, column: str, reports: Collection[str]) -> Iterator[tuple[str, str]]:
        """A long column of some reports, by ``report_id``, a row group at a time."""
        wanted = pa.array(sorted(reports), type=pa.string())
        for file in self.files(contract):
            parquet = pq.ParquetFile(file)
            for group in range(parquet.num_row_groups):
                ids = parquet.read_row_group(group, columns=["report_id"]).column("report_id")
                here = pc.is_in(ids, value_set=wanted)
                if pc.any(here).as_py():
                    rows = parquet.read_row_group(group, columns=["report_id", column]).filter(here)
                    yield from zip(rows.column("report_id").to_pylist(), rows.column(column).to_pylist(), strict=True)

    def years(self, contract: Contract) -> tuple[int, ...]:
        """The years that a partitioned table has rows of, ascending."""
        return tuple(self._partitions(contract))

    def files(self, contract: Contract, part: int | str | None = None) -> tuple[Path, ...]:
        """The parquet files of a table, or of one partition (a year, a run) of it, in the order of partitions."""
        if not contract.partition:
            file = self._file(contract)
            return (file,) if file.exists() else ()
        return tuple(self._file(contract, at) for at in self._partitions(contract) if part in {None, at})

    def _partitions(self, contract: Contract) -> list[Any]:
        """The years, or runs, that a table has rows of, ascending."""
        kind = int if contract.partition == "report_year" else str
        prefix = f"{contract.partition}="
        found = (self.root / contract.name).glob(f"{prefix}*/{PART}") if contract.partition else ()
        return sorted(kind(file.parent.name.removeprefix(prefix)) for file in found)

    def _file(self, contract: Contract, year: int | str | None = None) -> Path:
        folder = self.root / contract.name
        return folder / PART if year is None else folder / f"{contract.partition}={year}" / PART

    def _put(self, path: Path, contract: Contract, groups: Iterable[pa.Table]) -> tuple[Path, ...]:
        """Write row groups, given in order; return the file if its bytes are new."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        try:
            with pq.ParquetWriter(
                beside,
                arrow_schema(contract),
                compression="zstd",
                compression_level=COMPRESSION_LEVEL,
                version="2.6",
                store_schema=False,
                write_statistics=True,
            ) as writer:
                for group in groups:
                    writer.write_table(group, row_group_size=max(1, group.num_rows))
        except ContractError:
            beside.unlink()
            raise
        if path.exists() and filecmp.cmp(beside, path, shallow=False):
            beside.unlink()
            return ()
        swap(beside, path)
        return (path,)

    def _drop(self, contract: Contract, year: int | str) -> tuple[Path, ...]:
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
    return _filled(pq.ParquetFile(file).read(columns=schema.names), schema)


def _groups(file: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """The same a row group at a time."""
    parquet = pq.ParquetFile(file)
    for group in range(parquet.num_row_groups):
        yield _filled(parquet.read_row_group(group, columns=schema.names), schema)


def _filled(table: pa.Table, schema: pa.Schema) -> pa.Table:
    for field in schema:
        if field.name not in table.column_names:
            value = None if field.nullable else _BLANK.get(field.type.id, "")
            table = table.append_column(field, pa.repeat(pa.scalar(value, field.type), table.num_rows))
    return table.select(schema.names)


def scan(contract: Contract, files: Sequence[Path]) -> str:
    """The query for the rows of parquet files of a table, one that gives none where there are no files.

    A column that the contract gained since a file was written is filled in as ``Lake.read`` does.
    """
    columns = ", ".join(map(name_of, contract.names))
    if not files:
        empty = ", ".join(f"NULL::{duckdb_type(field)} AS {name_of(field.name)}" for field in contract)
        return f"SELECT {columns} FROM (SELECT {empty} LIMIT 0)"
    listed = ", ".join(quote(str(file)) for file in files)
    source = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    had = [set(pq.read_schema(file).names) for file in files]
    chosen = [_column(field, had) for field in contract]
    return f"SELECT {', '.join(chosen)} FROM {source}"


def _column(field: Field, had: Sequence[Collection[str]]) -> str:
    """A column of files of which some may lack it; ``had`` are the columns of each."""
    name = name_of(field.name)
    if all(field.name in names for names in had):
        return name
    value = _BLANK.get(arrow_type(field).id, "")
    blank = "NULL" if field.nullable else "[]" if value == [] else quote(str(value))
    told = f"coalesce({name}, {blank})" if any(field.name in names for names in had) else blank
    return f"({told})::{duckdb_type(field)} AS {name}"


def _without(part: pa.Table, reports: Any) -> pa.Table:
    """The rows of other reports than these."""
    return part.filter(pc.invert(pc.is_in(part.column("report_id"), value_set=reports)))


def _only(part: pa.Table, reports: Any | None) -> pa.Table:
    """The rows of these reports alone; all if None."""
    return part if reports is None else part.filter(pc.is_in(part.column("report_id"), value_set=reports))


def _rows(contract: Contract) -> int:
    return LONG_ROWS.get(contract.name, ROW_GROUP)


def _in_order(contract: Contract, table: pa.Table) -> Iterator[pa.Table]:
    """The row groups of a table in the order of its key, sorted one at a time: there is no second whole copy."""
    order, size = _order(contract, table), _rows(contract)
    return (table.take(order.slice(at, size)).combine_chunks() for at in range(0, max(1, len(order)), size))


def _regrouped(contract: Contract, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches in the order of the key as whole row groups.

    Raises:
        ContractError: They are not in that order, or two rows have one key.
    """
    schema, size = arrow_schema(contract), _rows(contract)
    last, waiting = schema.empty_table(), schema.empty_table()
    for batch in batches:
        table = to_arrow(contract, pa.Table.from_batches([batch]))
        if last.num_rows + table.num_rows > 1:
            _order(contract, pa.concat_tables([last, table]), sorted_already=True)
        last = table.slice(max(0, table.num_rows - 1))
        waiting = pa.concat_tables([waiting, table])
        while waiting.num_rows >= size:
            yield waiting.slice(0, size).combine_chunks()
            waiting = waiting.slice(size)
    if waiting.num_rows:
        yield waiting.combine_chunks()


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


def _split(contract: Contract, table: pa.Table) -> dict[Any, pa.Table]:
    """The rows of each partition, order kept."""
    column: Any = table.column(contract.partition)
    years = sorted(column.unique().to_pylist())
    if len(years) == 1:
        return {years[0]: table}
    return {year: table.filter(pc.equal(column, year)) for year in years}
