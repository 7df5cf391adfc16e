"""Sources: files, folders, globs and archives, each turned into snapshots in the store, or into a refusal.

A folder is read through, in the order of names; hidden files, and links that lead out of it, are passed over. An
archive is unpacked: each member is a snapshot of its own, at ``archive.zip!/member``. What cannot be fetched is refused
with its reason and tried again at the next run.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from transforms.document import Refused
from transforms.forms.archive import is_archive, members
from transforms.limits import DEFAULT, Limits
from transforms.rules import rules_digest
from warehouse.contracts import Refusal, Source
from warehouse.snapshots import SnapshotStore


class Acquired(NamedTuple):
    """What a look at all sources gave: where each snapshot was found, and what could not be fetched."""

    sources: list[Source]
    refusals: list[Refusal]


class SourceError(Exception):
    """A source as given cannot be meant: the run does not start."""


def expand(specs: Sequence[str]) -> list[Path]:
    """The files that paths, folders and globs name, sorted within each, without repeats.

    Raises:
        SourceError: if one of them names nothing.
    """
    found: dict[Path, None] = {}
    for spec in specs:
        path = Path(spec)
        if path.is_dir():
            found |= dict.fromkeys(_walk(path))
        elif path.is_file():
            found[path.absolute()] = None
        else:
            matches = [Path(name) for name in sorted(glob.glob(spec, recursive=True))]
            if not matches:
                raise SourceError(f"{spec}: no such file or folder, and no file matches it as a pattern")
            found |= dict.fromkeys(match.absolute() for match in matches if match.is_file())
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    inside = folder.resolve()
    for path in sorted(folder.absolute().rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder.absolute()).parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(inside):
            yield path


def acquire(paths: Sequence[Path], store: SnapshotStore, limits: Limits = DEFAULT) -> Acquired:
    """Read every file into the store; its time is the file's modification time, so that the same file gives the same row."""
    acquired = Acquired([], [])
    for path in paths:
        uri = path.as_uri()
        try:
            _acquire_file(path, uri, store, limits, acquired)
        except Refused as refusal:
            acquired.refusals.append(Refusal(None, uri, refusal.reason, refusal.detail, rules_digest(), ""))
    return acquired


def _acquire_file(path: Path, uri: str, store: SnapshotStore, limits: Limits, acquired: Acquired) -> None:
    try:
        status = path.stat()
        if status.st_size > limits.bytes:
            size, most = status.st_size, limits.bytes
            raise Refused(
                "too_large", f"文件 {size} 字节，超过上限 {most}；请拆分或提高上限 / larger than the limit: split it"
            )
        data = path.read_bytes()
    except OSError as error:
        raise Refused(
            "fetch_failed", f"无法读取（{error.strerror}），请检查文件权限 / cannot be read: check it"
        ) from error
    retrieved_at = datetime.fromtimestamp(int(status.st_mtime), UTC)
    parts = [(uri, data)]
    if is_archive(data):
        parts = [(f"{uri}!/{member.name}", member.data) for member in members(data, limits)]
    for name, content in parts:
        acquired.sources.append(Source(store.put(content), name, retrieved_at, len(content), None, None))
