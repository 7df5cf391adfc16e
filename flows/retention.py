"""Retention: what a home keeps. Snapshots, the lake and the journal for ever; releases and run reports by policy.

A run report, with the lists beside it, is kept as long as its release, and the newest ones besides; of the others the
run's row and its findings stay in the lake, so that `nianbao report --history` tells of every run. The user's own files
are never touched.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import NamedTuple

from flows.download import SUFFIX
from flows.home import Home
from warehouse import releases

RUN_REPORTS = 24
"""Run reports kept beside those of releases: half a year of weekly runs."""
PARTS = 30
"""Days after which the part of a download that broke off is let go, if no run went on with it."""


class Surplus(NamedTuple):
    """Something that the policy lets go."""

    path: Path
    bytes: int
    why: str


def surplus(home: Home, keep: int = releases.KEEP, run_reports: int = RUN_REPORTS) -> list[Surplus]:
    """What would go: releases beyond the newest ``keep``, run reports that belong to none that stays, old parts."""
    known = releases.releases(home.root)
    gone = [release for release in known[keep:] if not release.current]
    kept = {release.run_id for release in known} - {release.run_id for release in gone}
    found = [
        Surplus(path, path.stat().st_size, f"release beyond the newest {keep}")
        for release in gone
        for path in (release.path.with_suffix(".json"), release.path)
    ]
    folders = sorted((path for path in home.runs.glob("*") if path.is_dir()), key=_age, reverse=True)
    for at, folder in enumerate(folders):
        if at >= run_reports and folder.name not in kept:
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            found.append(Surplus(folder, size, f"run report beyond the newest {run_reports}, without a release"))
    for part in sorted(home.snapshots.glob(f"*{SUFFIX}")):
        status = part.stat()
        if time.time() - status.st_mtime > PARTS * 24 * 3600:
            found.append(Surplus(part, status.st_size, f"part of a download that no run finished in {PARTS} days"))
    return found


def _age(folder: Path) -> tuple[float, str]:
    return folder.stat().st_mtime, folder.name


def prune(home: Home, keep: int = releases.KEEP, run_reports: int = RUN_REPORTS) -> list[Surplus]:
    """Let it go; return what went. A manifest goes before its release: what a crash leaves of it is none any more.

    Raises:
        HomeError: if a run is at work in the home.
    """
    with home.lock():
        found = surplus(home, keep, run_reports)
        for one in found:
            if one.path.is_dir():
                shutil.rmtree(one.path)
            else:
                one.path.unlink()
    return found
