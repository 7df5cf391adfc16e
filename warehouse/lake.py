"""The lake: parquet tables whose bytes depend on their rows alone.

``<root>/<table>/report_year=2023/part.parquet`` for tables with a partition (``findings/run_id=.../part.parquet``),
``<root>/<table>/part.parquet`` for the others. Rows are sorted by the table's key, a partition is rewritten whole
beside the old one and moved over it, and a file whose bytes would not change is not touched. A crash leaves each
partition old or new, and a ``*.tmp`` that the next write of that partition replaces. The rows of a few reports that
``join`` a large year lie in a file beside it (``warehouse/late.py``), where the bytes depend on what came late, too.
"""

from __future__ import annotations

import filecmp
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse import late
from warehouse.contracts import Contract, Field
from warehouse.files import swap
from warehouse.merging import merged
from warehouse.row_groups import BLANK, groups, having, in_order, only, read, regrouped, rows_of, without
from warehouse.schema import ContractError, arrow_schema, arrow_type, duckdb_type, quote, to_arrow, to_rows
from warehouse.schema import name as name_of

PART = late.PART
COMPRESSION_LEVEL = 3
"""zstd's own default: level 9 takes three times as long for about a twentieth of the size."""


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
            return _put(self._file(contract), contract, in_order(contract, table))
        parts = _split(contract, table)
        if years is not None and (outside := sorted(set(parts) - set(years))):
            raise ContractError(f"{contract.name}: rows of {outside} were given, but only {sorted(years)} are replaced")
        changed: list[Path] = []
        for year in sorted(set(self._partitions(contract)) | set(parts) if years is None else set(years)):
            part = parts.get(year)
            if part is None:
                changed += _drop(self._file(contract, year))
            else:
                changed += _put(self._file(contract, year), contract, in_order(contract, part))
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

        part = self._file(contract, year)
        with connect(self.root, threads=1) as connection:
            connection.execute(f"CREATE VIEW new AS {scan(contract, files)} WHERE report_year = {year}")
            come = connection.sql("SELECT report_id, count(*) FROM new GROUP BY ALL").fetchall()
            gone = pa.array(sorted({*drop, *(report_id for report_id, _ in come)}), pa.string())
            stay = None if keep is None else pa.array(sorted(keep), pa.string())
            rows = connection.sql(f"FROM new ORDER BY {', '.join(map(name_of, contract.key))}")
            read = rows.to_arrow_reader(rows_of(contract))
            new = (to_arrow(contract, pa.Table.from_batches([batch])) for batch in read)
            if late.is_for(part, sum(count for _, count in come), gone, stay):
                path, old, told = late.path_of(part), late.files(part)[1:], late.belonging_to(part)
            else:
                path, old, told = part, late.files(part), {}
            whole: Iterator[pa.Table] = new
            for file in old:
                kept = (without(group, gone) for group in groups(file, arrow_schema(contract)))
                whole = merged(contract.key, kept, whole)
            ordered = regrouped(contract, (batch for some in whole for batch in only(some, stay).to_batches()))
            first = next(ordered, None)
            return _drop(path) if first is None else _put(path, contract, chain([first], ordered), told)

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
        ordered = regrouped(contract, batches)
        first = next(ordered, arrow_schema(contract).empty_table())
        return _put(self._file(contract, part), contract, chain([first], ordered))

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
                changed += _put(self._file(contract, year), contract, in_order(contract, whole))
            else:
                changed += _drop(self._file(contract, year))
        return tuple(changed)

    def read(self, contract: Contract, year: int | None = None, columns: Sequence[str] = ()) -> pa.Table:
        """The rows of a table, or of one year of it, sorted by year and key; empty where nothing was written.

        ``columns`` are the only ones that are read, in that order; all if empty. A column that the contract gained
        since a file was written is empty in its rows (false or 0 where it may not be): new rules read those documents
        again.
        """
        names = list(columns or contract.names)
        parts = [arrow_schema(contract).empty_table().select(names)]
        for at in self._partitions(contract, year):
            files = late.files(self._file(contract, at))
            wanted = list(dict.fromkeys([*names, *contract.key])) if len(files) > 1 else names
            schema = pa.schema([arrow_schema(contract).field(name) for name in wanted])
            part = pa.concat_tables([read(file, schema) for file in files])
            if len(files) > 1:
                part = part.sort_by([(key, "ascending") for key in contract.key])
            parts.append(part.select(names))
        return pa.concat_tables(parts)

    def find(
        self, contract: Contract, year: int | None, column: str, values: Collection[Any], columns: Sequence[str] = ()
    ) -> pa.Table:
        """The rows of one year (of all, if None) whose ``column`` is one of ``values``, without holding the others.

        They are in the order of the files, and in each in that of the key.
        """
        names = list(columns or contract.names)
        schema = pa.schema([arrow_schema(contract).field(name) for name in names])
        wanted = pa.array(sorted(values), type=arrow_schema(contract).field(column).type)
        files = self.files(contract, year) if len(wanted) else ()
        return pa.concat_tables(
            [schema.empty_table(), *(part for file in files for part in having(file, column, wanted, schema))]
        )

    def rows(self, contract: Contract, year: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows as plain tuples in the contract's order; ``Report(*row)`` makes a row type of one."""
        return to_rows(contract, self.read(contract, year))

    def texts(self, contract: Contract, column: str, reports: Collection[str], year: int) -> Iterator[tuple[str, str]]:
        """A long column of some reports of a year, by ``report_id``, a row group at a time."""
        wanted = pa.array(sorted(reports), type=pa.string())
        for file in self.files(contract, year):
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
        """The parquet files of a table, or of one partition (a year, a run) of it, in the order of partitions.

        The rows of each are in the order of the key; a partition that has a second file has late rows there.
        """
        return tuple(file for at in self._partitions(contract, part) for file in late.files(self._file(contract, at)))

    def has_late(self, contract: Contract) -> bool:
        """Whether any partition has late rows in a file of their own."""
        return len(self.files(contract)) > len(self._partitions(contract))

    def _partitions(self, contract: Contract, part: int | str | None = None) -> list[Any]:
        """The years, or runs, that a table has rows of (that one, if it is asked for), ascending.

        A table without partitions has one of no name.
        """
        if not contract.partition:
            return [None] if self._file(contract).exists() else []
        kind = int if contract.partition == "report_year" else str
        prefix = f"{contract.partition}="
        found = (self.root / contract.name).glob(f"{prefix}*/{PART}")
        years = sorted(kind(file.parent.name.removeprefix(prefix)) for file in found)
        return [year for year in years if part in {None, year}]

    def _file(self, contract: Contract, year: int | str | None = None) -> Path:
        folder = self.root / contract.name
        return folder / PART if year is None else folder / f"{contract.partition}={year}" / PART


def _put(
    path: Path, contract: Contract, row_groups: Iterable[pa.Table], told: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Write row groups, given in order, and ``told`` about them; return the file if its bytes are new.

    What lay late beside a file that is written is among its rows, or replaced.
    """
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
            for group in row_groups:
                writer.write_table(group, row_group_size=max(1, group.num_rows))
            if told:
                writer.add_key_value_metadata(dict(told))
    except ContractError:
        beside.unlink()
        raise
    same = path.exists() and filecmp.cmp(beside, path, shallow=False)
    if same:
        beside.unlink()
    else:
        swap(beside, path)
    if path.name == PART:
        late.path_of(path).unlink(missing_ok=True)
    return () if same else (path,)


def _drop(path: Path) -> tuple[Path, ...]:
    """Remove a file, and where it is a partition's own all that is left of the partition."""
    if not path.exists():
        return ()
    path.unlink()
    if path.name == PART:
        for rest in (*path.parent.glob("*.tmp"), *path.parent.glob(late.LATE)):
            rest.unlink()
        path.parent.rmdir()
    return (path,)


def scan(contract: Contract, files: Sequence[Path]) -> str:
    """The query for the rows of parquet files of a table, one that gives none where there are no files.

    A column that the contract gained since a file was written is filled in as ``Lake.read`` does.
    """
    columns = ", ".join(map(name_of, contract.names))
    if not files:
        empty = ", ".join(f"NULL::{duckdb_type(field)} AS {name_of(field.name)}" for field in contract)
        return f"SELECT {columns} FROM (SELECT {empty} LIMIT 0)"
    listed = ", ".join(quote(str(file)) for file in files)
    had = [set(pq.read_schema(file).names) for file in files]
    # By name only where columns differ: DuckDB then keeps every file open, 0.4 MB each, until the end.
    differ = any(names != had[0] for names in had)
    source = f"read_parquet([{listed}], hive_partitioning = false, union_by_name = {str(differ).lower()})"
    chosen = [_column(field, had) for field in contract]
    return f"SELECT {', '.join(chosen)} FROM {source}"


def _column(field: Field, had: Sequence[Collection[str]]) -> str:
    """A column of files of which some may lack it; ``had`` are the columns of each."""
    name = name_of(field.name)
    if all(field.name in names for names in had):
        return name
    value = BLANK.get(arrow_type(field).id, "")
    blank = "NULL" if field.nullable else "[]" if value == [] else quote(str(value))
    told = f"coalesce({name}, {blank})" if any(field.name in names for names in had) else blank
    return f"({told})::{duckdb_type(field)} AS {name}"


def _split(contract: Contract, table: pa.Table) -> dict[Any, pa.Table]:
    """The rows of each partition, order kept."""
    column: Any = table.column(contract.partition)
    years = sorted(column.unique().to_pylist())
    if len(years) == 1:
        return {years[0]: table}
    return {year: table.filter(pc.equal(column, year)) for year in years}
