"""A release: one DuckDB file built aside from the tables, checked, given a manifest, and moved into place.

The file has the tables of the contracts, sorted by year, township and indicator, the views and macros of
``views.sql``, a comment in Chinese and English on everything, and ``data_dictionary``. It is written in DuckDB's
storage version v1.2.0: every client from 1.2 on can open it and use its views and macros (tried with 1.2.0, 1.2.2,
1.3.2 and 1.4.5; 1.1.3 cannot open it), where the library's own default can be opened by 2.0 alone.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import releases, renewal
from warehouse.bounded import bound
from warehouse.catalog import blocks, create, dictionary, view_comments
from warehouse.checks import check
from warehouse.contracts import (
    CORRECTION_OUTCOMES,
    CORRECTIONS,
    EXPECTED,
    FINDINGS,
    LAKE_TABLES,
    MENTIONS,
    OBSERVATIONS,
    RELEASE_TABLES,
    RUNS,
    SOURCES,
    Column,
    Contract,
    Run,
)
from warehouse.coverage import expect
from warehouse.digests import Digest, digest, over
from warehouse.files import swap
from warehouse.holding import Holding
from warehouse.lake import Lake
from warehouse.releases import Manifest, Release, ReleaseError
from warehouse.schema import DATA_DICTIONARY, by_name, comments, ddl, name, quote, to_arrow

STORAGE = "v1.2.0"
Rows = Iterable[tuple[Any, ...]] | pa.Table

_ORDER = {"reports": ("report_year", "township_code", "report_id"), "mentions": ("report_year", "report_id", "ordinal")}
"""Sort orders other than the key's: year first, since most questions are about one."""
IN_ORDER = (MENTIONS, OBSERVATIONS, FINDINGS, SOURCES)
"""Large tables whose order in the lake is that of a release."""
_OPTIONAL = {table.name for table in (CORRECTIONS, CORRECTION_OUTCOMES, FINDINGS, RUNS, EXPECTED)}
"""Tables that may be left out: there may be no corrections, and who is expected can be told from the others."""


def publish(
    home: Path,
    tables: Mapping[str, Rows],
    run: Run,
    *,
    scope: Collection[str] = (),
    years: Collection[int] = (),
    keep: int = releases.KEEP,
    holding: Holding | None = None,
) -> Release:
    """Build the release of a run, check it and make it the current one. Readers are never blocked or torn.

    If the current release is already this run's, nothing is changed. If this run's release exists but is not the
    current one (after a rollback), it is made current again without being built anew.

    Args:
        home: The home; the release goes to ``releases/<run_id>.duckdb`` and, as a copy, to ``nianbao.duckdb``.
        tables: Rows or arrow tables by table name. Tables of the lake that are not given are read from ``home/lake``;
            mentions and observations of reports that are not published are left out.
        run: The run; its ``run_id`` names the release.
        scope: Code prefixes whose ordinary townships are all expected to report, in every year that any report has.
        years: Years in which the townships of the scope are expected to report even if no report has them.
        keep: How many releases to keep.
        holding: Where the lake and the seeds are to be read; the lake of the home alone if none is given.

    Returns:
        The release; ``published`` is False where it was the current one already.

    Raises:
        ReleaseError: A table is missing or does not fit, or a check fails; the last release stays as it was.
    """
    folder = releases.folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    with _one_publisher(folder):
        _sweep(home)
        known = {release.run_id: release for release in releases.releases(home)}
        release = known.get(run.run_id)
        if release and release.current:
            return release
        if release is None:
            holding = holding or Holding(Lake(home / "lake"), to_arrow(OBSERVATIONS, []), {}, run.run_id)
            last = next((one for one in known.values() if one.current and one.manifest.version == run.version), None)
            release = _build(home, tables, run, scope, years, holding, last)
            releases.take_its_place(home)
        else:
            releases.make_current(home, release)
        releases.prune(home, keep)
        return Release(release.path, release.manifest, published=True, current=True)


@contextmanager
def _one_publisher(folder: Path) -> Iterator[None]:
    """Let one process publish at a time; others wait. The kernel drops the lock with its process."""
    with (folder / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(home: Path) -> None:
    """Remove what a publisher that was killed left behind; nobody else writes here while the lock is held."""
    folder = releases.folder(home)
    for rest in (*folder.glob("*.tmp"), *folder.glob("*.tmp.wal"), releases.beside(home)):
        rest.unlink(missing_ok=True)
    for spilled in folder.glob("*.tmp.spill"):
        shutil.rmtree(spilled)


def _build(
    home: Path,
    tables: Mapping[str, Rows],
    run: Run,
    scope: Collection[str],
    years: Collection[int],
    holding: Holding,
    last: Release | None,
) -> Release:
    """Build a release and, beside the current one, the copy that is to take its place."""
    path = releases.folder(home) / f"{run.run_id}.duckdb"
    beside = path.with_name(path.name + ".tmp")
    digests = write(beside, holding, tables, run, scope, years, last)
    manifest = Manifest(
        run_id=run.run_id,
        published_at=datetime.now(tz=timezone.utc).isoformat(timespec="microseconds"),  # noqa: UP017
        version=run.version,
        rules=run.rules,
        dictionary=run.dictionary,
        registry=run.registry,
        tables=digests,
        content=over(digests),
        sha256=releases.copy(beside, releases.beside(home)),
        bytes=beside.stat().st_size,
        storage=STORAGE,
    )
    swap(beside, path)
    path.chmod(0o444)  # a shell that opens it to write is told at once
    described = path.with_suffix(".json.tmp")
    described.write_text(manifest.to_json(), encoding="utf-8")
    swap(described, path.with_suffix(".json"))
    return Release(path, manifest)


def write(
    path: Path,
    holding: Holding,
    tables: Mapping[str, Rows],
    run: Run,
    scope: Collection[str] = (),
    years: Collection[int] = (),
    last: Release | None = None,
) -> dict[str, Digest]:
    """Write and check a release file; return each table's row count and digest.

    The rows go from the lake's files into the release without being held in memory. Where most of them are in the
    ``last`` release, its file is copied and brought up to date (``warehouse/renewal.py``).

    Raises:
        ReleaseError: A table is missing, does not fit or fails a check; the unfinished file is removed.
    """
    path.unlink(missing_ok=True)
    contracts = by_name(RELEASE_TABLES)
    if unknown := sorted(set(tables) - set(contracts)):
        raise ReleaseError(f"no such table: {', '.join(unknown)}; the tables are {', '.join(contracts)}")
    given: dict[str, Rows] = {RUNS.name: [run], **tables}
    if last is not None and not renewal.LARGE_NAMES & given.keys() and renewal.copy(last, path):
        with _opened(path, holding) as connection:
            renewed = renewal.renew(connection, holding, last)
            if renewed is not None:
                return _filled(connection, holding, given, scope, years, renewed)
        path.unlink()
    with _opened(path, holding) as connection:
        return _filled(connection, holding, given, scope, years, renewal.Renewed())


@contextmanager
def _opened(path: Path, holding: Holding) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release file as the current catalog of a connection that has the tables to publish in ``memory.main``."""
    connection = duckdb.connect(":memory:")
    spill = path.with_name(path.name + ".spill")
    bound(connection, spill)
    try:
        holding.show(connection)
        connection.execute(f"ATTACH {quote(str(path))} AS release (STORAGE_VERSION {quote(STORAGE)})")
        connection.execute("USE release")
        yield connection
        connection.execute("USE memory")
        connection.execute("DETACH release")
    except (duckdb.Error, ReleaseError, ValueError) as error:
        connection.close()
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        if isinstance(error, ReleaseError):
            raise
        raise ReleaseError(f"the release was not published: {error}") from error
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _filled(
    connection: duckdb.DuckDBPyConnection,
    holding: Holding,
    given: Mapping[str, Rows],
    scope: Collection[str],
    years: Collection[int],
    renewed: renewal.Renewed,
) -> dict[str, Digest]:
    """Fill and check all tables but the ``renewed`` ones, which are filled; return all digests."""
    connection.execute("BEGIN")
    known = renewed.digests
    for contract in RELEASE_TABLES:
        if contract.name in known:
            continue
        connection.execute(ddl(contract))
        if contract is not EXPECTED or EXPECTED.name in given:
            _load(connection, contract, given.get(contract.name), holding)
    if EXPECTED.name not in given:
        expect(connection, scope, years)
    _describe(connection, renewed)
    if broken := check(connection, {table: renewal.CHANGED[table] for table in known}):
        raise ReleaseError("the release was not published: " + " | ".join(map(str, broken)))
    digests = {
        contract.name: known.get(contract.name) or digest(connection, contract.name) for contract in RELEASE_TABLES
    }
    connection.execute("COMMIT")
    return digests


def _load(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Rows | None, holding: Holding) -> None:
    if rows is not None:
        _insert(connection, contract, rows)
    elif contract in LAKE_TABLES or contract.name in holding.seeds:
        # The lake's files come in the order of years and hold their rows in the order of the key, but for late ones.
        mixed = holding.lake.has_late(contract) or (contract is OBSERVATIONS and holding.cells.num_rows)
        ordered = contract in IN_ORDER and not mixed
        _insert_from(connection, contract, f"memory.main.{contract.name}", ordered=ordered)
    elif contract.name not in _OPTIONAL:
        raise ReleaseError(f"the table {contract.name} was not given, and the lake does not keep it")


def _insert(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Rows) -> None:
    connection.register("given_rows", to_arrow(contract, rows))
    _insert_from(connection, contract, "given_rows")
    connection.unregister("given_rows")


def _insert_from(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, *, ordered: bool = False
) -> None:
    columns = ", ".join(name(column) for column in contract.names)
    order = ", ".join(name(column) for column in _ORDER.get(contract.name, _sorted_key(contract)))
    kept = ""
    if contract.name in {"mentions", "observations"}:
        kept = " WHERE report_id IN (SELECT report_id FROM reports WHERE status = 'published')"
    rows = f"SELECT {columns} FROM {source}{kept}"
    if ordered:
        connection.execute(f"INSERT INTO {contract.name} {rows}")
        return
    for where in _years(connection, contract, source):
        connection.execute(f"INSERT INTO {contract.name} FROM ({rows}) WHERE {where} ORDER BY {order}")


def _years(connection: duckdb.DuckDBPyConnection, contract: Contract, source: str) -> list[str]:
    """Conditions for the rows that are sorted at once, in their order: a year's, where the table has years.

    All 400,000 reports at once were more than DuckDB sorts in its memory.
    """
    if "report_year" not in contract.names or _ORDER.get(contract.name, _sorted_key(contract))[0] != "report_year":
        return ["true"]
    found = connection.execute(f"SELECT DISTINCT report_year FROM {source} ORDER BY ALL").fetchall()
    return ["report_year IS NULL" if year is None else f"report_year = {year}" for (year,) in found]


def _sorted_key(contract: Contract) -> tuple[str, ...]:
    """The key with the year first, where it has one."""
    return tuple(sorted(contract.key, key=lambda column: column != "report_year"))


def _describe(connection: duckdb.DuckDBPyConnection, renewed: renewal.Renewed) -> None:
    """Views, macros, comments and the data dictionary."""
    named = connection.execute("SELECT indicator, name_zh, name_en, unit FROM indicators ORDER BY indicator").fetchall()
    indicators = {indicator: Column(zh, en, unit) for indicator, zh, en, unit in named}
    columns: dict[str, list[tuple[str, str]]] = {}
    for block in blocks():
        kept = renewed.stored.get(block.name)
        connection.execute(create(block, indicators, "TRUE" if kept is None else renewed.years))
        if kept is not None:
            connection.execute(f"INSERT INTO {block.name} FROM {kept}")
        if block.kind != "macro":
            described = connection.execute(f"DESCRIBE {block.name}").fetchall()
            columns[block.name] = [(row[0], row[1]) for row in described]
    connection.execute(ddl(DATA_DICTIONARY))
    _insert(connection, DATA_DICTIONARY, list(dictionary(columns, indicators)))
    for contract in (*RELEASE_TABLES, DATA_DICTIONARY):
        for statement in comments(contract):
            connection.execute(statement)
    for block in blocks():
        for statement in view_comments(block, [column for column, _ in columns.get(block.name, ())], indicators):
            connection.execute(statement)


def content_digest(path: Path) -> str:
    """Digest of what a release file says: equal for two files built from the same tables, whatever their bytes."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {quote(str(path))} AS release (READ_ONLY)")
        connection.execute("USE release")
        return over({contract.name: digest(connection, contract.name) for contract in RELEASE_TABLES})
