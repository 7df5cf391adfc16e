"""Releases: the published files of a home, which of them is current, going back, and how many are kept.

``releases/<run_id>.duckdb`` is never changed once its manifest ``releases/<run_id>.json`` stands beside it; the
manifest is written last and is what makes a release. ``nianbao.duckdb`` is a copy of one release, moved into place
whole.

Where a folder stands for a home that lasts elsewhere, ``current.json`` (a copy of the manifest) names the current
release until this folder has made one, and a release is known by its manifest before its file is here.

A copy, and not a link: people open ``nianbao.duckdb`` with tools that write by default (the DuckDB shell, DBeaver).
Through a hard link that would change the release itself, and a symbolic link is not followed over many Windows shares.

Nor do such tools write into it: where DuckDB would make its write-ahead log stands a link that leads nowhere. Reading
sees no log, in whatever mode the file is opened; a commit cannot make one and fails, also in a shell that has been
open since an earlier release, whose log would else be replayed into this one. Taking the right to write from the file
itself would not do: DuckDB then refuses to open it unless it is told ``-readonly``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.files import swap

CURRENT = "nianbao.duckdb"
POINTER = "current.json"
LOG = f"{CURRENT}.wal"
NO_LOG = "nowhere/read-only, copy the file to write into it"
"""Where the link in the log's place leads; whoever lists the folder sees the reason."""
KEEP = 12
"""Releases kept: a year of monthly runs. The current one is kept however old it is."""
MANIFEST_VERSION = 1
BLOCK = 1 << 18
"""Bytes that are copied at once: they are still in the processor's own memory when they are digested. With four times
as many the kernel took three times as long to find room for each (ext4, 1.2 GB: 0.8 and 2.6 s of CPU)."""


class ReleaseError(Exception):
    """A release cannot be built, found or used: what is wrong and what to do."""


@dataclass(frozen=True)
class Manifest:
    """What a release is: its run, the versions that made it, and the size and digest of every table.

    ``tables`` maps a table to its ``rows`` and ``digest``, an order-free digest of their content; ``content`` is the
    digest over them and is equal for two releases that say the same. ``sha256`` is of the file's bytes, which DuckDB
    does not make reproducible (its string compression is trained on random samples). Only ``published_at`` (UTC) is
    not decided by the run's inputs.
    """

    run_id: str
    published_at: str
    version: str
    rules: str
    dictionary: str
    registry: str
    tables: Mapping[str, Mapping[str, Any]]
    content: str
    sha256: str
    bytes: int
    storage: str
    manifest_version: int = MANIFEST_VERSION

    def to_json(self) -> str:
        """The manifest as the JSON text that is stored."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True)
class Release:
    """A release of a home. ``published`` tells whether this call made it the current one (else it already was)."""

    path: Path
    manifest: Manifest
    published: bool = False
    current: bool = False

    @property
    def run_id(self) -> str:
        """The run whose result this is."""
        return self.manifest.run_id


def folder(home: Path) -> Path:
    """Where a home keeps its releases."""
    return home / "releases"


def find(home: Path, run_id: str) -> Release:
    """A release by its run, or by the beginning of its run's id if that is unmistakable.

    Raises:
        ReleaseError: There is no such release, or several begin like this.
    """
    found = [release for release in releases(home) if release.run_id.startswith(run_id)]
    exact = [release for release in found if release.run_id == run_id]
    if len(exact or found) == 1:
        return (exact or found)[0]
    known = ", ".join(release.run_id for release in found or releases(home)) or "none yet: 'nianbao run' makes one"
    state = f"several releases begin with {run_id!r}" if found else f"no release {run_id!r}"
    raise ReleaseError(f"{state} in {folder(home)}; there are: {known}")


def releases(home: Path) -> tuple[Release, ...]:
    """The releases of a home, newest first; a file without its manifest was never published and is not listed."""
    now = current_run(home)
    found = []
    for path in folder(home).glob("*.json"):
        file = path.with_suffix(".duckdb")
        if file.exists() or pointed(home):
            manifest = _manifest(path)
            found.append(Release(file, manifest, current=manifest.run_id == now))
    return tuple(sorted(found, key=lambda release: (release.manifest.published_at, release.run_id), reverse=True))


def _manifest(path: Path) -> Manifest:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.get("manifest_version") != MANIFEST_VERSION:
            raise ReleaseError(f"{path} is of another version of nianbao: upgrade, or move it and its release away")
        return Manifest(**values)
    except (ValueError, TypeError) as error:
        raise ReleaseError(f"{path} is damaged ({error}): move it and its release away, then 'nianbao run'") from error


def current_run(home: Path) -> str | None:
    """The run of the current release, as the file itself says; None if there is none or it cannot be read.

    A file that a person holds open for writing cannot be read by others: then its bytes are compared with the
    manifests.
    """
    path = home / CURRENT
    if not path.exists():
        return pointed(home)
    try:
        return run_of(path)
    except duckdb.Error:
        digest, size = file_digest(path), path.stat().st_size
        for manifest in map(_manifest, folder(home).glob("*.json")):
            if (manifest.sha256, manifest.bytes) == (digest, size):
                return manifest.run_id
        return None


def pointed(home: Path) -> str | None:
    """The run that the pointer names, in a folder that stands for a home elsewhere; None in every other."""
    path = home / POINTER
    return _manifest(path).run_id if path.exists() else None


def run_of(path: Path) -> str | None:
    """The run that a release file says it is of.

    Attached rather than connected to: a process that still holds an older file of this path would be given that one.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS release (READ_ONLY)")
        rows = connection.execute("SELECT run_id FROM release.runs").fetchall()
    return rows[0][0] if rows else None


def make_current(home: Path, release: Release) -> None:
    """Put a copy of a release in the current one's place, whole: readers see the old file or the new one.

    Readers that have the old file open keep it until they close it. No write-ahead log of the old file may stand beside
    the new one: DuckDB would replay it there.

    Raises:
        ReleaseError: The release's bytes are not those that its manifest names.
    """
    if copy(release.path, beside(home)) != release.manifest.sha256:
        beside(home).unlink()
        raise ReleaseError(f"{release.path} is not what its manifest says (bytes changed): use another release")
    take_its_place(home)


def take_its_place(home: Path) -> None:
    """Make the copy of a release that stands beside the current one the current one; see ``make_current``."""
    _bar_log(home / LOG)
    swap(beside(home), home / CURRENT)


def beside(home: Path) -> Path:
    """Where a copy is made that is to become the current release."""
    return home / f".{CURRENT}.tmp"


def copy(path: Path, to: Path) -> str:
    """Copy a file; the SHA-256 of the bytes that were copied: read once, they are those that were digested."""
    digest = hashlib.sha256()
    block = memoryview(bytearray(BLOCK))
    with path.open("rb", buffering=0) as source, to.open("wb") as target:
        while count := source.readinto(block):
            digest.update(block[:count])
            target.write(block[:count])
    return digest.hexdigest()


def _bar_log(log: Path) -> None:
    """Put a link that leads nowhere in the place of a log, over what an earlier version let a shell leave there."""
    if log.is_symlink():
        return
    beside = log.with_name(f".{log.name}.tmp")
    beside.unlink(missing_ok=True)
    try:
        beside.symlink_to(NO_LOG)
        beside.replace(log)
    except OSError:  # a file system without links
        log.unlink(missing_ok=True)


def rollback(home: Path, run_id: str) -> Release:
    """Make an earlier release the current one; nothing is removed, and the next run with new inputs publishes again.

    Raises:
        ReleaseError: There is no such release, or its bytes have changed.
    """
    release = find(home, run_id)
    if release.current:
        return release
    make_current(home, release)
    return Release(release.path, release.manifest, published=True, current=True)


def prune(home: Path, keep: int = KEEP) -> tuple[str, ...]:
    """Remove all but the newest ``keep`` releases, never the current one; return the runs whose releases went.

    The manifest goes first: what is left of a removal that was cut short is no release any more.
    """
    if len(list(folder(home).glob("*.json"))) <= keep:
        return ()
    gone = [release for release in releases(home)[keep:] if not release.current]
    for release in gone:
        release.path.with_suffix(".json").unlink()
        release.path.unlink(missing_ok=True)
        release.path.with_name(release.path.name + ".wal").unlink(missing_ok=True)
    return tuple(release.run_id for release in gone)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
