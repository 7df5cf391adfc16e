"""The home: the folder in which a user's data lives, and the lock that keeps two runs from working in it at once."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warehouse.snapshots import write_atomically

PATIENCE = 1.0
"""Seconds to wait for the lock: `nianbao status` holds it for an instant to see whether a run does."""
FORMAT = 1
"""Version of the layout under a home; a home of a newer format is never touched."""


class HomeError(Exception):
    """The home cannot be used: what is wrong and what to do."""


class Home:
    """Paths under a home folder; see section 5 of the design for what each holds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.snapshots = root / "snapshots"
        self.lake = root / "lake"
        self.releases = root / "releases"
        self.runs = root / "runs"
        self.work = root / "work"
        self.prefect = root / "prefect"
        self.current = root / "nianbao.duckdb"
        self.corrections = root / "corrections.csv"
        self.sources = root / "sources.csv"
        self.evaluation = root / "evaluation.json"
        self.journal = root / "runs.jsonl"

    @classmethod
    def find(cls, given: str | os.PathLike[str] | None = None) -> Home:
        """The home given, else ``NIANBAO_HOME``, else ``./data``."""
        return cls(Path(given or os.environ.get("NIANBAO_HOME") or "data").absolute())

    def open(self) -> Home:
        """Make the home if it is new and check its format version.

        Raises:
            HomeError: if it was made by a newer nianbao or cannot be written.
        """
        mark = self.root / "FORMAT"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not mark.exists():
                write_atomically(mark, f"{FORMAT}\n".encode())
            found = int(mark.read_text(encoding="ascii"))
        except OSError as error:
            raise HomeError(f"cannot write in {self.root}: {error.strerror}; choose another with --home") from error
        except ValueError as error:
            raise HomeError(f"{mark} is not a format number; restore it from a backup") from error
        if found > FORMAT:
            raise HomeError(f"{self.root} has format {found}, this nianbao knows {FORMAT}: upgrade nianbao")
        return self

    @contextmanager
    def lock(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the home for one run. The lock is the kernel's: it ends with its process, however that ends.

        Args:
            patience: Seconds to wait for a run that holds it.

        Raises:
            HomeError: if another run holds it still; the message names its process.
        """
        deadline = time.monotonic() + patience
        try:
            file = (self.root / ".lock").open("ab+", buffering=0)
        except OSError as error:
            raise HomeError(f"cannot write in {self.root}: {error.strerror}; choose another with --home") from error
        with file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > deadline:
                        file.seek(0)
                        holder = file.read().decode("ascii").strip() or "unknown"
                        raise HomeError(
                            f"another run (process {holder}) is working in {self.root}: wait for it to end"
                        ) from error
                    time.sleep(0.1)
            with suppress(OSError):  # the number is for people; on a full disk the lock holds without it
                file.truncate(0)
                file.write(str(os.getpid()).encode())
            yield


def is_held(lock: Path) -> bool:
    """Whether some process holds the lock on a file; one that does not exist is nobody's."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
