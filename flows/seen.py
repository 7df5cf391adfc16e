"""Seen: what files held when they were last read, so that a file that has not changed since is not opened.

A file is the one that was read if its path, size, times of change and inode are the same (``flows.walk.Status``).
Whoever writes to a file, puts another in its place or gives it an older time changes one of them: ``ctime`` is the
kernel's own. Two changes within one tick of a file system's clock may look alike, so that a file is remembered only
if its last change lay more than ``TICK`` before it was read; one that is younger is read again by the next run.

The memory is a file of the home, and no truth: if it is lost, torn, or of other rules for archives, files are read
again. It is believed only as far as the snapshots that it names are in the store. It knows the files of one machine;
a home in a bucket does not share it. What is gone stays in it, as it stays among the sources of the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.walk import STATUS, Status
from transforms.document import Refused
from transforms.forms import archive
from transforms.limits import Limits
from transforms.rules import digest_files
from warehouse.files import swap

TICK = 10 * 1_000_000_000
"""Nanoseconds: the coarsest file systems tell times in steps of two seconds, and a server's clock may be behind."""
TOGETHER = 10_000
"""Rows that are held as Python objects at once."""
SCHEMA = pa.schema(
    [
        ("path", pa.binary()),
        *STATUS,
        ("sha256", pa.string()),
        ("source_uri", pa.string()),
        ("length", pa.int64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)
"""A row for each snapshot that a file gave (an archive gives many), or one for the reason why it gave none."""
GIVEN = ["sha256", "source_uri", "length", "reason", "detail"]
"""The columns that say what it gave."""


class Part(NamedTuple):
    """A snapshot that a file gave: its digest, its address, its length in bytes."""

    sha256: str
    source_uri: str
    length: int


class Unchanged(NamedTuple):
    """What is known of files that have not changed: ``rows`` with the columns of ``GIVEN``, and whose they are.

    ``at`` is the place of each row's file among the files that were asked for, ``files`` the truth for each of these.
    """

    rows: pa.Table
    at: Any
    files: Any


class Seen:
    """The memory of a home, at ``path``; ``limits`` are those by which archives are unpacked."""

    def __init__(self, path: Path, limits: Limits, tick: int = TICK) -> None:
        self._path, self._tick = path, tick
        self._basis = f"{digest_files((Path(archive.__file__),))}\n{limits}\n{SCHEMA}".encode()
        self._rows: list[tuple[Any, ...]] = []
        self._new: list[pa.Table] = []

    def _read(self, columns: Sequence[str]) -> pa.Table:
        try:
            with pq.ParquetFile(self._path) as file:
                if (file.schema_arrow.metadata or {}).get(b"basis") == self._basis:
                    return file.read(columns=list(columns)).combine_chunks()
        except (OSError, pa.ArrowException):
            pass  # there is none, or it was torn
        return SCHEMA.empty_table().select(list(columns))

    def unchanged(self, files: pa.Table, stored: Any) -> Unchanged:
        """What is known of files, each once, with ``path`` and status; ``stored`` are the digests in the store.

        A few columns are held at a time.
        """
        known: Any = self._read(["path"])["path"]
        at: Any = pc.index_in(known, value_set=files["path"].combine_chunks()).combine_chunks()
        del known
        same: Any = pc.is_valid(at)
        for name in Status._fields:
            equal: Any = pc.equal(self._read([name])[name], files[name].take(at))
            same = pc.and_(same, pc.fill_null(equal, False))
        gave = self._read(["sha256", "reason"])
        there: Any = pc.or_(pc.is_valid(gave["reason"]), pc.is_in(gave["sha256"], value_set=stored))
        del gave
        lost = pc.unique(at.filter(pc.and_(same, pc.invert(there)).combine_chunks()))
        kept = pc.and_(same, pc.invert(pc.is_in(at, value_set=lost)))
        rows = self._read(GIVEN)
        if not pc.all(kept).as_py():  # else nothing has to be copied
            rows, at = rows.filter(kept), at.filter(kept.combine_chunks())
        which = np.zeros(files.num_rows, bool)
        which[at.to_numpy(zero_copy_only=False)] = True
        return Unchanged(rows, at, pa.array(which))

    def is_settled(self, before: Status, after: Status, now: int) -> bool:
        """Whether a file that was read after a moment (``time.time_ns``) can be told from all that it may become."""
        return before == after and max(before.mtime, before.ctime) < now - self._tick

    def note(self, path: bytes, status: Status, parts: Iterable[Part]) -> None:
        """A file gave these snapshots."""
        self._add((path, *status, *part, None, None) for part in parts)

    def note_refusal(self, path: bytes, status: Status, source_uri: str, refused: Refused) -> None:
        """A file gave none, for a reason that lies in its bytes."""
        self._add([(path, *status, None, source_uri, None, refused.reason, refused.detail)])

    def _add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows += rows
        if len(self._rows) >= TOGETHER:
            self._flush()

    def _flush(self) -> None:
        columns = zip(*self._rows, strict=True)
        self._new.append(pa.table(list(map(pa.array, columns, SCHEMA.types)), schema=SCHEMA))
        self._rows = []

    def save(self) -> None:
        """Write down what was noted, once the snapshots are in the store."""
        if self._rows:
            self._flush()
        if not self._new:
            return
        new = pa.concat_tables(self._new).combine_chunks()
        known = self._read(SCHEMA.names)
        stale = pc.is_in(known["path"], value_set=new["path"].combine_chunks())
        known = pa.concat_tables([known.filter(pc.invert(stale)), new]).replace_schema_metadata({"basis": self._basis})
        self._new = []
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.tmp")
        pq.write_table(known, beside, compression="zstd", use_dictionary=["reason", "detail"])  # type: ignore[arg-type]
        swap(beside, self._path)
