"""Kept: what was found of townships of which nothing has changed since; they are not checked again.

All that a check can see of a township has a digest, its state: its reports as they stand (of which mentions and texts
follow by the snapshot and the rules that each names), its corrected cells, its row of the registry, and what it looks
like beside all others (``expectations/wide.py``). The file holds every township's state and findings, and the digest of
what is the same for all: the checks' own code and the dictionary. Where one of these is another, it counts for nothing.

Millions of findings are not written anew for a few townships: what became of those since the file was written lies in
a file beside it, until they are more than a twentieth of all. That file names the states that the other was written
with; beside a file of other states it is what a run left that was killed between the two, and is not looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.shelf import Shelf, quoted
from warehouse.contracts import FINDINGS

COLUMNS = ", ".join(f'"{name}"' for name in FINDINGS.names)
STATES = """
CREATE OR REPLACE TEMP TABLE states AS
WITH told AS (
    SELECT township_code, hash(r) AS digest FROM (SELECT * EXCLUDE (run_id) FROM reports) r
    UNION ALL SELECT township_code, hash(o) FROM (FROM observations WHERE status = 'corrected') o
    UNION ALL SELECT township_code, hash(t) FROM townships t
    UNION ALL SELECT r.township_code, hash('outlier', w) FROM outliers w JOIN reports r USING (report_id)
    UNION ALL SELECT r.township_code, hash('alike', w) FROM alike w JOIN reports r USING (report_id)
    UNION ALL SELECT r.township_code, hash('refused', w) FROM refused w JOIN reports r USING (report_id)
)
SELECT township_code, concat_ws(' ', count(*), sum(digest::HUGEINT)) AS state FROM told
WHERE township_code IN (SELECT township_code FROM reports) GROUP BY township_code
"""
"""Summed, and not XORed: equal changes in two rows would cancel. The library's hash is part of what is the same for
all (``basis``); an MD5 of each row's text took five times as long."""
STATED_AS = "SELECT concat_ws(' ', count(*), sum(hash(township_code, state)::HUGEINT)) FROM states"
BASIS, STATED, OF = "basis", "stated", "of"
"""What a file says of itself: what its findings depend on, and the states that it has; or those it lies beside."""
MOST = 0.05
"""Share of all townships that may lie beside the file, as in ``warehouse/late.py``."""


def basis(shelf: Shelf) -> str:
    """Digest of what the findings of every township depend on."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in code))
    digest.update(duckdb.__version__.encode())
    digest.update(str(shelf.value("SELECT bit_xor(md5_number(i::VARCHAR)) FROM indicators i")).encode())
    return digest.hexdigest()


def find_unchanged(shelf: Shelf, path: Path | None) -> None:
    """Leave on the shelf ``states``, the state of each township, and ``unchanged``, the townships that have theirs."""
    shelf.connection.execute(STATES)
    known = "SELECT NULL::VARCHAR AS township_code WHERE FALSE"
    if path is not None and _is_of(path, basis(shelf)):
        source = f"SELECT DISTINCT owner AS township_code, state FROM ({_rows(path)})"
        known = f"SELECT township_code FROM states JOIN ({source}) USING (township_code, state)"
    shelf.connection.execute(f"CREATE OR REPLACE TEMP TABLE unchanged AS {known}")


def findings(shelf: Shelf, path: Path | None, run_id: str) -> Iterator[pa.Table]:
    """The findings of the unchanged townships, as of this run."""
    if path is None or not shelf.value("SELECT count(*) FROM unchanged"):
        return
    columns = COLUMNS.replace('"run_id"', f"'{run_id}' AS run_id")
    sql = f"""SELECT {columns} FROM ({_rows(path)})
        WHERE "check" IS NOT NULL AND owner IN (FROM unchanged)"""
    for batch in shelf.connection.sql(sql).to_arrow_reader(50_000):
        yield pa.Table.from_batches([batch])


def rows(shelf: Shelf) -> dict[str, int]:
    """How many rows of each table belong to the unchanged townships; empty where there are none."""
    if not shelf.value("SELECT count(*) FROM unchanged"):
        return {}
    own = "township_code IN (FROM unchanged)"
    wheres = {
        "reports": own,
        "observations": own,
        "mentions": f"report_id IN (SELECT report_id FROM reports WHERE {own})",
    }
    return {name: shelf.value(f"SELECT count(*) FROM {name} WHERE {where}") for name, where in wheres.items()}


def keep(shelf: Shelf, made: Path, path: Path) -> None:
    """Keep the findings of a file, which are those of all townships, with the states that they belong to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {BASIS: basis(shelf), STATED: shelf.value(STATED_AS)}
    if _is_of(path, told[BASIS]):
        written = f"SELECT DISTINCT owner AS township_code, state FROM read_parquet('{quoted(path)}')"
        shelf.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE others AS FROM states ANTI JOIN ({written}) USING (township_code, state)"
        )
        if shelf.value(f"SELECT count(*) <= {MOST} * (SELECT count(*) FROM states) FROM others"):
            _write(shelf, "others", made, _late(path), {OF: _metadata(path).get(STATED, "")})
            return
    _write(shelf, "states", made, path, told)
    _late(path).unlink(missing_ok=True)


def _write(shelf: Shelf, states: str, made: Path, path: Path, told: Mapping[str, str]) -> None:
    """Write the findings of the townships of a table, and a row without one for each township that has none."""
    beside = path.with_name(path.name + ".tmp")
    own = f"f.township_code IN (SELECT township_code FROM {states}) OR f.township_code IS NULL"
    metadata = ", ".join(f"{name}: '{value}'" for name, value in told.items())
    shelf.connection.execute(f"""
        COPY (
            WITH owned AS (
                SELECT coalesce(f.township_code, r.township_code) AS owner, f.*
                FROM read_parquet('{quoted(made)}') f LEFT JOIN reports r ON r.report_id = f.report_id WHERE {own}
            )
            SELECT o.* EXCLUDE (owner), s.township_code AS owner, s.state
            FROM {states} s LEFT JOIN owned o ON o.owner = s.township_code
        ) TO '{quoted(beside)}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})
    """)
    beside.replace(path)


def _rows(path: Path) -> str:
    """The query for what is kept of every township."""
    late = _late(path)
    if not late.exists() or _metadata(late).get(OF) != _metadata(path).get(STATED):
        return f"FROM read_parquet('{quoted(path)}')"
    beside = f"FROM read_parquet('{quoted(late)}')"
    return f"FROM read_parquet('{quoted(path)}') ANTI JOIN ({beside}) USING (owner) UNION ALL BY NAME {beside}"


def _late(path: Path) -> Path:
    """Where that lies which is of other states than what lies at ``path``."""
    return path.with_name(f"{path.stem}-late{path.suffix}")


def _is_of(path: Path, told: str) -> bool:
    return path.exists() and _metadata(path).get(BASIS) == told


def _metadata(path: Path) -> dict[str, str]:
    import pyarrow.parquet as pq

    return {
        name.decode(): value.decode()
        for name, value in (pq.read_metadata(path).metadata or {}).items()
        if name.decode() in {BASIS, STATED, OF}
    }
