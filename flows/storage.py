"""Storage: where a home's files last, and how they come to the folder of this machine in which the code works.

The code knows paths and nothing else. A home in a folder is worked on in place: nothing is brought and nothing is
kept, so that each of these calls is free. A home in object storage (``flows/bucket.py``) has a folder on this machine,
to which what is asked for is brought, and from which what a run has made is kept.
"""

from __future__ import annotations

import fcntl
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Self


class HomeError(Exception):
    """The home cannot be used: what is wrong and what to do."""


class Storage(ABC):
    """Where one home lasts. ``root`` is its folder on this machine."""

    root: Path

    @property
    @abstractmethod
    def address(self) -> str:
        """What names this home anywhere: give it to ``--home``."""

    @abstractmethod
    def lock(self, patience: float) -> AbstractContextManager[Storage]:
        """Hold the home for one run, and work in the storage that is given.

        Raises:
            HomeError: if another run holds it still after ``patience`` seconds.
        """

    @abstractmethod
    def edit(self) -> AbstractContextManager[Storage]:
        """Change a file or two of the home in the storage that is given; they are kept at the end."""

    @abstractmethod
    def is_held(self) -> bool:
        """Whether a run holds the home."""

    @abstractmethod
    def bring(self, path: Path) -> Path:
        """Bring a file of the home here as it is now, if it exists; return where it can be read."""

    @abstractmethod
    def bring_all(self, folder: Path, only: str = "*") -> Path:
        """Bring the files below a folder whose names match ``only``; return where it can be read."""

    @abstractmethod
    def bring_missing(self, paths: Iterable[Path]) -> None:
        """Bring those of these files that are not here: files that never change."""

    @abstractmethod
    def save(self) -> None:
        """Keep what was made here since: after this the work is not lost with the machine. Only while it is held.

        Raises:
            HomeError: it could not be kept.
        """

    @abstractmethod
    def told(self, path: Path) -> str:
        """How people are told of a file of the home."""


class Folder(Storage):
    """A home in a folder: the files last where they are."""

    def __init__(self, root: Path, address: str = "") -> None:
        self.root = root
        self._address = address or str(root)

    @property
    def address(self) -> str:
        """The folder's path, unless it stands for something else."""
        return self._address

    @contextmanager
    def lock(self, patience: float) -> Iterator[Self]:
        """The lock is the kernel's: it ends with its process, however that ends."""
        deadline = time.monotonic() + patience
        lock = self.root / ".lock"
        try:
            lock.open("ab").close()
        except OSError as error:
            raise HomeError(f"cannot write in {self.root}: {error.strerror}; choose another with --home") from error
        # Held by a file open for reading: one open for writing would keep a failing disk from turning read-only.
        with lock.open("rb") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > deadline:
                        holder = lock.read_text(encoding="ascii").strip() or "unknown"
                        raise HomeError(
                            f"another run (process {holder}) is working in {self.address}: wait for it to end"
                        ) from error
                    time.sleep(0.1)
            with suppress(OSError):  # the number is for people; on a full disk the lock holds without it
                lock.write_text(str(os.getpid()), encoding="ascii")
            yield self

    @contextmanager
    def edit(self) -> Iterator[Self]:
        """Files are replaced whole: nobody has to be kept out."""
        yield self

    def is_held(self) -> bool:
        """See ``is_held`` below."""
        return is_held(self.root / ".lock")

    def bring(self, path: Path) -> Path:
        """It is here."""
        return path

    def bring_all(self, folder: Path, only: str = "*") -> Path:
        """They are here."""
        return folder

    def bring_missing(self, paths: Iterable[Path]) -> None:
        """They are here."""

    def save(self) -> None:
        """It is kept."""

    def told(self, path: Path) -> str:
        """Its path."""
        return str(path)


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
