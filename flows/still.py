"""Still: a home and its sources that are as they were when a run was told that nothing was new have nothing new again.

What such a run looked at is kept as one digest: every place with its file's status (``flows.walk.Status``), the status
of every file of the lake and of the release, of each folder of the store, which changes when a snapshot comes or goes,
and whatever else decides a run. Where the digest is another, or cannot be told, the run looks for itself. To walk
through the folders is what remains: nothing but a file's own status tells that it has not changed.

As in ``flows.seen``, two changes within one tick of a file system's clock may look alike: nothing is kept while a
folder of the store is that young.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from flows.acquisition import decisive
from flows.home import Home
from flows.parameters import Parameters
from flows.places import Places
from flows.seen import TICK
from flows.walk import Status
from transforms.limits import DEFAULT
from transforms.rules import digest_files
from warehouse.snapshots import write_atomically


class Still(NamedTuple):
    """All that a run looks at, in one digest; ``is_settled`` tells whether another change would give another."""

    digest: str
    is_settled: bool


def taken(home: Home, parameters: Parameters, places: Places, tick: int = TICK) -> Still | None:
    """How home and sources stand now; None where they do not lie on this machine alone."""
    if home.address != str(home.root) or not pc.all(places.local).as_py():
        return None
    now = time.time_ns()
    told = hashlib.blake2b(digest_size=16)
    house = Path(__file__).parent.parent
    code = [path for room in ("flows", "warehouse") for path in sorted((house / room).glob("*.py"))]
    told.update(json.dumps([digest_files(tuple(code)), *DEFAULT]).encode())
    told.update(json.dumps(decisive(home, parameters)).encode())
    files = [home.root / "FORMAT", home.current, home.seen, *sorted(home.lake.rglob("*.parquet"))]
    folders = list(_folders(home.snapshots))
    for path, status in (*_statuses(files), *folders):
        told.update(json.dumps([path, *status]).encode())
    _take(told, places.table)
    newest = max((max(status.mtime, status.ctime) for _, status in folders), default=0)
    return Still(told.hexdigest(), newest < now - tick)


def known(home: Home, still: Still | None) -> str | None:
    """The run that had nothing to do when all was as it is now, if its report stands."""
    if still is None:
        return None
    try:
        kept = json.loads(_path(home).read_text(encoding="ascii"))
        run_id = str(kept["run_id"])
        return run_id if kept["of"] == still.digest and (home.runs / run_id / "report.html").exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(home: Home, still: Still | None, run_id: str) -> None:
    """A run looked at all this, and had nothing to do."""
    if still is not None and still.is_settled:
        write_atomically(_path(home), json.dumps({"of": still.digest, "run_id": run_id}).encode())


def _path(home: Home) -> Path:
    return home.memory / "still.json"


def _statuses(paths: list[Path]) -> Iterator[tuple[str, Status]]:
    for path in paths:
        if path.exists():
            yield str(path), Status.of(path.stat())


def _folders(store: Path) -> Iterator[tuple[str, Status]]:
    """The folders of the store, itself among them, in order."""
    yield from _statuses([store, *sorted(path for path in store.glob("*") if path.is_dir())])


class _Digested(io.RawIOBase):
    """A file whose bytes are digested as they are written, and not kept."""

    def __init__(self, told: Any) -> None:
        self._told = told

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; how many there were."""
        self._told.update(data)
        return len(data)


def _take(told: Any, table: pa.Table) -> None:
    """Take the rows of a table into a digest."""
    with pa.PythonFile(_Digested(told), mode="w") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
