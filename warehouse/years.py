"""Years: which years of the lake are as the last release has them, and what was asked of each year.

Late reports are of a year or two, and a home has ten. What is counted over all of them is counted a year at a time and
kept in a file of the home; it is counted again where the year's own files, its corrected cells or its reports that are
kept out are others than those of which it was told. What is compared with the last release is compared in the years
that are others than when that release was made. All of it can be lost: then every year is looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from warehouse import late
from warehouse.catalog import blocks
from warehouse.contracts import MENTIONS, OBSERVATIONS, REPORTS
from warehouse.files import swap
from warehouse.schema import quote

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from warehouse.lake import Lake

TABLES = (REPORTS, MENTIONS, OBSERVATIONS)
"""Whose rows of a year its state tells."""
SMALL = 5_000_000
"""Bytes of a year below which it is asked each time: to read so few costs less than to keep what they say."""
PUBLISHED = "published.json"


class Years(NamedTuple):
    """The years of the tables about to be published.

    Attributes:
        rows: What a year's rows in ``reports``, ``mentions`` and ``observations`` follow from, as a digest.
        folder: Where answers are kept; None keeps none.
        large: The years of which they are kept.
        held: The reports of each year that are kept out.
        before: The states in the last release; None where they are not known.
    """

    rows: Mapping[int, str] = MappingProxyType({})
    folder: Path | None = None
    large: frozenset[int] = frozenset()
    held: Mapping[int, Collection[str]] = MappingProxyType({})
    before: Mapping[int, str] | None = None

    @property
    def states(self) -> dict[int, str]:
        """What tells each year: its rows, and the reports that are kept out."""
        return {year: digest(rows, *sorted(self.held.get(year, ()))) for year, rows in self.rows.items()}

    def without(self, held: Iterable[tuple[int, str]]) -> Years:
        """The same with these reports (the year and the id of each) kept out, and no others."""
        found: dict[int, list[str]] = {}
        for year, report_id in held:
            found.setdefault(year, []).append(report_id)
        return self._replace(held=found)

    def keep(self, run_id: str) -> None:
        """These are the states in the release of this run."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f"{PUBLISHED}.tmp"
        beside.write_text(json.dumps({"run_id": run_id, "states": self.states}), encoding="ascii")
        swap(beside, self.folder / PUBLISHED)

    @property
    def changed(self) -> str:
        """The condition for rows of years that are others than in the last release."""
        if self.before is None:
            return "TRUE"
        states = self.states
        years = sorted(states.keys() | self.before.keys())
        return _among([year for year in years if states.get(year) != self.before.get(year)])

    @property
    def unchanged(self) -> str:
        """The condition for rows of the others."""
        return f"NOT ({self.changed})"

    def ask(self, connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> str:
        """The query for what ``sql`` says of every year.

        Args:
            connection: Where the tables are.
            name: What the answers are kept by.
            sql: A query whose rows are each of one year, with ``{where}`` for the condition on ``report_year``.
        """
        large = sorted(self.large) if self.folder is not None else []
        if not large:
            return sql.format(where="TRUE")
        kept = [self.kept(connection, name, year, (sql.format(where=_among([year])),)) for year in large]
        rest = sql.format(where=f"NOT ({_among(large)})")
        return " UNION ALL ".join([f"({rest})", *(f"({one})" for one in kept)])

    def kept(
        self, connection: duckdb.DuckDBPyConnection, name: str, year: int, queries: Sequence[str], also: str = ""
    ) -> str:
        """The query for what the last of some queries says of a year, asked where the year's state is another.

        Args:
            connection: Where the tables are.
            name: What the answer is kept by.
            year: The year.
            queries: They are made one after the other; the last one's rows are kept.
            also: What else the answer follows from.
        """
        import pyarrow.parquet as pq

        *before, last = queries
        path = None if self.folder is None or year not in self.large else self.folder / f"{year}-{name}.parquet"
        told = digest(*queries, self.states.get(year, ""), also, _version())
        if path is not None and path.exists() and (pq.read_metadata(path).metadata or {}).get(b"of") == told.encode():
            return f"FROM read_parquet({quote(str(path))})"
        for query in before:
            connection.execute(query)
        if path is None:
            return last
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        how = f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{of: {quote(told)}}})"
        connection.execute(f"COPY ({last}) TO {quote(str(beside))} {how}")
        beside.replace(path)
        return f"FROM read_parquet({quote(str(path))})"


def states_in(folder: Path | None, run_id: str | None) -> dict[int, str] | None:
    """The states of the years in the release of a run; None where they were not kept, or are another release's."""
    path = None if folder is None else folder / PUBLISHED
    if path is None or not path.exists():
        return None
    told = json.loads(path.read_text(encoding="ascii"))
    return {int(year): state for year, state in told["states"].items()} if told["run_id"] == run_id else None


def years_of(lake: Lake, cells: pa.Table, folder: Path | None) -> Years:
    """The years of a lake with corrected ``cells`` in the place of its observations."""
    corrected: dict[int, list[str]] = {}
    for row in cells.to_pylist():
        corrected.setdefault(row["report_year"], []).append(repr(row))
    years = sorted({*corrected, *(year for table in TABLES for year in lake.years(table))})
    files = {year: [file for table in TABLES for file in lake.files(table, year)] for year in years}
    stored = [block.sql for block in blocks() if block.by_year]  # a release's rows of them are taken over by year, too
    rows = {year: digest(*stored, *map(_file, files[year]), *sorted(corrected.get(year, ()))) for year in years}
    sizes = {year: sum(file.stat().st_size for file in files[year]) for year in years}
    return Years(rows, folder, frozenset(year for year in years if sizes[year] >= SMALL))


def _file(path: Path) -> str:
    """What tells a file of the lake: it is never written into, another takes its place."""
    status = path.stat()
    told = (status.st_ino, status.st_size, status.st_mtime_ns, late.footer(path))
    return " ".join(map(str, (path.parent.parent.name, path.name, *told)))


def digest(*parts: str) -> str:
    """One for several texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _version() -> str:
    """Of the library, since its hash may be another in one."""
    import duckdb

    return duckdb.__version__


def _among(years: Iterable[int]) -> str:
    listed = ", ".join(map(str, years))
    return f"report_year IN ({listed})" if listed else "FALSE"
