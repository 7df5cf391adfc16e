"""Index: which files of a folder are those of a bucket, told by an etag and by the file's size and time.

It is a memory and no truth: an entry that is lost, or does not fit its file, costs that the file is brought once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from warehouse.snapshots import write_atomically

NAME = ".index.json"


class Index:
    """The index of a folder. Many threads may note; it is written down by ``save``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries: dict[str, tuple[str, int, int]] = {}
        self._changed = False
        try:
            told = json.loads((root / NAME).read_bytes())
            self._entries = {name: (str(etag), int(size), int(time)) for name, (etag, size, time) in told.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return  # there is none, or it was torn

    def note(self, name: str, etag: str) -> None:
        """The file is, as it is now, the object of this etag."""
        status = (self.root / name).stat()
        self._entries[name] = (etag, status.st_size, status.st_mtime_ns)
        self._changed = True

    def forget(self, names: Iterable[str]) -> None:
        """Nothing is known of these any more."""
        for name in names:
            self._changed |= self._entries.pop(name, None) is not None

    def etag(self, name: str) -> str | None:
        """The etag of the object that the file is, or was before it was changed; None if it is none that is known."""
        entry = self._entries.get(name)
        return entry[0] if entry else None

    def fits(self, name: str) -> bool:
        """Whether the file is as it was noted."""
        entry = self._entries.get(name)
        try:
            status = (self.root / name).stat()
        except FileNotFoundError:
            return False
        return entry is not None and entry[1:] == (status.st_size, status.st_mtime_ns)

    def has(self, name: str, etag: str) -> bool:
        """Whether the file is the object of this etag."""
        return self.etag(name) == etag and self.fits(name)

    def gone(self) -> list[str]:
        """What was noted and is no file any more."""
        return [name for name in sorted(self._entries) if not (self.root / name).exists()]

    def save(self) -> None:
        """Write it down, if it changed."""
        if self._changed:
            write_atomically(self.root / NAME, json.dumps(self._entries).encode())
            self._changed = False
