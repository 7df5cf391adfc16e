"""Kept: what was found of townships of which nothing has changed since; they are not checked again.

All that a check can see of a township has a digest, its state: its reports as they stand (of which mentions and texts
follow by the snapshot and the rules that each names), its corrected cells, its row of the registry, and what it looks
like beside all others (``expectations/wide.py``). The file holds every township's state, and of what is the same for
all, the checks' own code and the dictionary, the digest. Where one of these is another, it counts for nothing.

The findings themselves are those that the run left which found the states, in the order of their key, so that they need
not be sorted again: the file names the run, and what its file of findings is known by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa

from expectations.report_rows import OTHER_TITLES
from expectations.shelf import Shelf, quoted

if TYPE_CHECKING:
    import pyarrow.parquet as pq

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
WHERE township_code IN (SELECT township_code FROM reports) GROUP BY township_code ORDER BY township_code
"""
"""Summed, and not XORed: equal changes in two rows would cancel. The library's hash is part of what is the same for
all (``basis``); an MD5 of each row's text took five times as long."""
TOGETHER = 16
"""Row groups of findings of which is seen at once what still stands: half a million rows."""
ELSEWHERE = tuple(sorted(OTHER_TITLES))
"""Findings of townships that no check of a township makes: they are found anew in every run."""


class Told(NamedTuple):
    """What the file says of itself: what its states depend on, and whose findings they have."""

    basis: str
    run_id: str
    mark: str
    """What the run's file of findings is known by."""


class Memory(NamedTuple):
    """The file with the states, and the file with the findings that belong to them; None where that is not there."""

    path: Path
    findings: Path | None


class Standing(NamedTuple):
    """The findings of an earlier run that still stand: those of the unchanged townships."""

    findings: Path
    townships: pa.ChunkedArray[Any]
    run_id: str
    """The run that they are told by now."""

    def tables(self, columns: Sequence[str] = ()) -> Iterator[pa.Table]:
        """The findings in the order of their key; of these columns."""
        import pyarrow.parquet as pq

        file = pq.ParquetFile(self.findings)
        for group, stays in self._groups(file):
            table = file.read_row_group(group, columns=list(columns) or None).filter(stays)
            if "run_id" in table.column_names:
                place = table.schema.get_field_index("run_id")
                run_id: Any = pa.repeat(pa.scalar(self.run_id), table.num_rows)
                table = table.set_column(place, table.schema.field(place), run_id)
            yield table

    def _groups(self, file: pq.ParquetFile) -> Iterator[tuple[int, Any]]:
        """The row groups of the file, and which of the rows of each still stand.

        Of many groups at once: to look for townships among all of them is dear to prepare, and cheap to do.
        """
        import pyarrow.compute as pc

        townships, elsewhere = self.townships.combine_chunks(), pa.array(ELSEWHERE)
        for first in range(0, file.num_row_groups, TOGETHER):
            groups = range(first, min(first + TOGETHER, file.num_row_groups))
            table = file.read_row_groups(list(groups), columns=["township_code", "check"])
            own = pc.is_in(table["township_code"], value_set=townships)
            stays: Any = pc.and_not(own, pc.is_in(table["check"], value_set=elsewhere))
            at = 0
            for group in groups:
                rows = file.metadata.row_group(group).num_rows
                yield group, stays.slice(at, rows)
                at += rows


def basis(shelf: Shelf) -> str:
    """Digest of what the findings of every township depend on."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in code))
    digest.update(duckdb.__version__.encode())
    digest.update(str(shelf.value("SELECT bit_xor(md5_number(i::VARCHAR)) FROM indicators i")).encode())
    return digest.hexdigest()


def told(path: Path) -> Told | None:
    """What a file says of itself; None where there is none, or one of another kind."""
    import pyarrow.parquet as pq

    if not path.exists():
        return None
    names = {name.decode(): value.decode() for name, value in (pq.read_metadata(path).metadata or {}).items()}
    return Told(*(names[name] for name in Told._fields)) if names.keys() >= set(Told._fields) else None


def find_unchanged(shelf: Shelf, memory: Memory | None) -> None:
    """Leave on the shelf ``states``, the state of each township, and ``unchanged``, the townships that have theirs."""
    shelf.connection.execute(STATES)
    known = "SELECT NULL::VARCHAR AS township_code WHERE FALSE"
    if memory is not None and memory.findings is not None:
        said = told(memory.path)
        if said is not None and said.basis == basis(shelf):
            source = f"read_parquet('{quoted(memory.path)}')"
            known = f"SELECT township_code FROM states JOIN {source} USING (township_code, state)"
    shelf.connection.execute(f"CREATE OR REPLACE TEMP TABLE unchanged AS {known}")


def standing(shelf: Shelf, memory: Memory | None, run_id: str) -> Standing | None:
    """The findings of the unchanged townships, as of this run; None where there are no such townships."""
    townships = shelf.query("FROM unchanged")["township_code"]
    if memory is None or memory.findings is None or not len(townships):
        return None
    return Standing(memory.findings, townships, run_id)


def keep(shelf: Shelf, path: Path, run_id: str, mark: str) -> None:
    """Keep the states that this run found, once its findings are where they stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    said = Told(basis(shelf), run_id, mark)._asdict().items()
    metadata = ", ".join(f"{name}: '{value}'" for name, value in said)
    to = f"'{quoted(beside)}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
    shelf.connection.execute(f"COPY (FROM states) TO {to}")
    beside.replace(path)
