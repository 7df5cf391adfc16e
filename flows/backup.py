"""Backup: a copy of a home that can be restored, taken while runs go on.

The order makes it safe. A run writes the lake's ``reports`` last; copied first, they never name what the copy lacks,
and at worst the next run in the restored home does again what was being done. Snapshots are copied last: they only
grow. A release counts by its manifest, written last and copied first; files are replaced whole, not changed in place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.download import SUFFIX
from flows.home import Home, HomeError
from warehouse.contracts import REPORTS

SKIPPED = {".lock", ".service.lock", "work", "prefect"}
"""Locks, unfinished work, and Prefect's own database, of which nothing depends."""


class Copied(NamedTuple):
    """What a backup did."""

    files: int
    bytes: int
    same: int
    """Files that the backup already had."""


def backup(home: Home, target: Path) -> Copied:
    """Bring ``target`` to the state of the home; files that it already has (size and time) are not copied again.

    Raises:
        HomeError: if the home does not exist, or ``target`` lies in it.
    """
    if not (home.root / "FORMAT").exists():
        raise HomeError(f"{home.root} is no home: give it with --home")
    if target.resolve().is_relative_to(home.root.resolve()):
        raise HomeError(f"{target} lies inside the home: give a folder elsewhere, best on another disk")
    kept: set[Path] = set()
    files = size = same = 0
    for path in _in_order(home):
        name = path.relative_to(home.root)
        kept.add(name)
        try:
            if _same(path, target / name):
                same += 1
                continue
            _copy(path, target / name)
        except FileNotFoundError:  # a run replaced or removed it just now
            continue
        files, size = files + 1, size + (target / name).stat().st_size
    _remove_others(target, kept)
    return Copied(files, size, same)


def _in_order(home: Home) -> Iterator[Path]:
    first = home.lake / REPORTS.name
    yield from _walk(first)
    yield from (path for path in _walk(home.lake) if not path.is_relative_to(first))
    manifests = sorted(home.releases.glob("*.json"))
    yield from manifests
    for path in sorted(home.root.iterdir()):
        if path.name not in SKIPPED and path not in {home.lake, home.snapshots}:
            yield from (one for one in _walk(path) if one not in manifests)
    yield from _walk(home.snapshots)


def _walk(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (
                Path(folder) / name for name in sorted(names) if ".tmp" not in name and not name.endswith(SUFFIX)
            )


def _same(path: Path, copy: Path) -> bool:
    if not copy.exists():
        return False
    one, other = path.stat(), copy.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _copy(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    beside = copy.with_name(f".tmp-{copy.name}")
    beside.unlink(missing_ok=True)  # of a copy that was cut short; a release's may not be written over
    shutil.copy2(path, beside)
    beside.replace(copy)


def _remove_others(target: Path, kept: set[Path]) -> None:
    """What the home has no more (an old release, a partition that emptied) must not come back with a restore."""
    for path in sorted(target.rglob("*"), reverse=True):
        name = path.relative_to(target)
        if path.is_file() and name not in kept and name.parts[0] != "snapshots":
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
