"""Snapshots: the bytes of each source as fetched, stored once under their SHA-256 and never changed."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from warehouse.files import swap

TOGETHER = 5000
"""Snapshots that wait for the disk together."""


class CorruptSnapshot(Exception):
    """A stored snapshot whose bytes no longer match its name; the disk or a person changed it."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` so that ``path`` holds either all of it or what it held before, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")  # always the same name: what a killed run left is written over
    beside.write_bytes(data)
    swap(beside, path)


class SnapshotStore:
    """A folder ``ab/abcd...`` of immutable files, each named by the SHA-256 of its bytes, with ``.json`` beside it.

    ``bring`` is asked for a file that is not there: it may lie elsewhere, and be brought to this path.
    """

    def __init__(self, root: Path, bring: Callable[[Path], object] | None = None) -> None:
        self.root = root
        self._bring = bring or (lambda path: path)
        self._waiting: dict[Path, Path] = {}
        self._one = threading.Lock()  # of two threads with the same bytes, who comes second finds them stored

    def path(self, sha256: str) -> Path:
        """Where the snapshot of that digest is, or would be."""
        return self.root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether there is such a snapshot."""
        path = self.path(sha256)
        if not path.exists():
            self._bring(path)
        return path.exists()

    def digests(self) -> Iterator[list[str]]:
        """The snapshots that are here, some at a time."""
        if self.root.exists():
            for part in self.root.iterdir():
                if part.is_dir():
                    names = os.listdir(part)  # noqa: PTH208 (a path object for each is slow)
                    yield [name for name in names if "." not in name]

    def put(self, data: bytes, metadata: dict[str, Any] | None = None) -> str:
        """Store ``data`` if it is new; return its SHA-256. ``metadata`` (headers, say) is kept from the first time.

        By as many threads as like: pages of the same bytes may arrive at once.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        with self._one:
            if metadata and not path.with_suffix(".json").exists():
                text = json.dumps(metadata, ensure_ascii=False, indent=1, sort_keys=True)
                write_atomically(path.with_suffix(".json"), text.encode())
            if not path.exists():
                write_atomically(path, data)
        return sha256

    def put_soon(self, data: bytes) -> str:
        """Store ``data`` as ``put`` does, in its place only after the next ``settle``; return its SHA-256.

        To wait for the disk twice a file takes longer than to read what is in it (12 ms a file on the machine it was
        measured on), to wait once for thousands does not. One thread at a time.
        """
        if sys.platform != "linux":  # elsewhere a sync may return before all is on the disk
            return self.put(data)
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if path not in self._waiting and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.tmp")
            beside.write_bytes(data)
            self._waiting[path] = beside
            if len(self._waiting) >= TOGETHER:
                self.settle()
        return sha256

    def settle(self) -> None:
        """Put what ``put_soon`` was given in its place, once its bytes are on the disk: whole or not at all."""
        if self._waiting:
            os.sync()
        for path, beside in self._waiting.items():
            beside.replace(path)
        self._waiting.clear()

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a snapshot.

        Raises:
            CorruptSnapshot: if they are missing or no longer match their digest.
        """
        path = self.path(sha256)
        self.has(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise CorruptSnapshot(f"snapshot {sha256} is missing at {path}: restore it from a backup") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise CorruptSnapshot(f"snapshot {path} does not match its name: restore it from a backup")
        return data

    def metadata(self, sha256: str) -> dict[str, Any]:
        """What was noted when the snapshot was first stored (HTTP headers, say); empty if nothing was."""
        path = self.path(sha256).with_suffix(".json")
        return dict(json.loads(path.read_bytes())) if path.exists() else {}
