"""The home: where a user's data lives, by the names that the code uses."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flows.storage import Folder, HomeError, Storage, is_held
from warehouse.snapshots import SnapshotStore, write_atomically

__all__ = ["FORMAT", "PATIENCE", "Home", "HomeError", "is_held"]

PATIENCE = 1.0
"""Seconds to wait for the lock: `nianbao status` holds it for an instant to see whether a run does."""
FORMAT = 1
"""Version of the layout under a home; a home of a newer format is never touched."""


class Home:
    """Paths under a home's folder; see section 5 of the design for what each holds. ``storage`` is where they last."""

    def __init__(self, root: Path, storage: Storage | None = None) -> None:
        self.root = root
        self.storage = storage or Folder(root)
        self.snapshots = root / "snapshots"
        self.lake = root / "lake"
        self.releases = root / "releases"
        self.runs = root / "runs"
        self.work = root / "work"
        self.memory = root / "memory"  # what follows from the lake and takes long to make again
        self.seen = self.memory / "seen.parquet"
        self.prefect = root / "prefect"
        self.current = root / "nianbao.duckdb"
        self.corrections = root / "corrections.csv"
        self.sources = root / "sources.csv"
        self.evaluation = root / "evaluation.json"
        self.journal = root / "runs.jsonl"

    @classmethod
    def find(cls, given: str | os.PathLike[str] | None = None) -> Home:
        """The home given, else ``NIANBAO_HOME``, else ``./data``: a folder, or ``s3://bucket/prefix``.

        Raises:
            HomeError: if it is in object storage, and that cannot be used as it is set up.
        """
        named = given or os.environ.get("NIANBAO_HOME") or "data"
        if str(named).startswith("s3://"):
            from flows.bucket import Bucket

            return cls.kept(Bucket.at(str(named)))
        return cls(Path(named).absolute())

    @classmethod
    def kept(cls, storage: Storage) -> Home:
        """The home that lasts in a storage."""
        return cls(storage.root, storage)

    def open(self) -> Home:
        """Make the home if it is new and check its format version.

        Raises:
            HomeError: if it was made by a newer nianbao or cannot be written.
        """
        mark = self.root / "FORMAT"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not self.storage.bring(mark).exists():
                write_atomically(mark, f"{FORMAT}\n".encode())
            found = int(mark.read_text(encoding="ascii"))
        except OSError as error:
            raise HomeError(f"cannot write in {self.root}: {error.strerror}; choose another with --home") from error
        except ValueError as error:
            raise HomeError(f"{mark} is not a format number; restore it from a backup") from error
        if found > FORMAT:
            raise HomeError(f"{self.address} has format {found}, this nianbao knows {FORMAT}: upgrade nianbao")
        return self

    @property
    def address(self) -> str:
        """What names this home anywhere: its path, or its address in object storage."""
        return self.storage.address

    @contextmanager
    def lock(self, patience: float = PATIENCE) -> Iterator[Home]:
        """Hold the home for one run, and work in the one that is given: whole and up to date.

        Args:
            patience: Seconds to wait for a run that holds it.

        Raises:
            HomeError: if another run holds it still; the message names its process.
        """
        with self.storage.lock(patience) as held:
            yield self._in(held)

    @contextmanager
    def edit(self) -> Iterator[Home]:
        """Change a file or two, in the home that is given.

        Raises:
            HomeError: if the home is in object storage, and a run is at work in it.
        """
        with self.storage.edit() as held:
            yield self._in(held)

    def clear(self) -> None:
        """Remove unfinished work, of a run that is done with it."""
        shutil.rmtree(self.work, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a run left that was stopped between its report and its end.

        Batches that another run has staged stay: they need not be read again.
        """
        with suppress(OSError):  # as long as a batch is there, or nothing at all
            for rest in self.work.glob("*.parquet"):
                rest.unlink()
            self.work.rmdir()

    def _in(self, held: Storage) -> Home:
        return self if held is self.storage else Home.kept(held).open()

    def store(self) -> SnapshotStore:
        """The store of the home's snapshots."""
        return SnapshotStore(self.snapshots, self.storage.bring)

    def shelf(self) -> Path:
        """The folder in which ``warehouse.releases`` finds the home's releases as they are now."""
        from warehouse.releases import POINTER  # with DuckDB, which `nianbao --help` does without

        self.storage.bring_all(self.releases, "*.json")
        self.storage.bring(self.root / POINTER)
        return self.root
