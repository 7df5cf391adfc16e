"""The doctor: whether this machine and this home can do a run, and if not, what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement

from flows.home import FORMAT, Home, HomeError
from flows.schedule import ZONE, Schedule

ENOUGH = 2_000_000_000
"""Bytes of free disk below which a large run may not end: a release of 20 million values takes 300 MB, built aside."""
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock before this program existed is wrong."""


class Diagnosis(NamedTuple):
    """One thing looked at: how it is, and what to do about it."""

    name: str
    state: Literal["ok", "warning", "error"]
    found: str
    todo: str = ""


def examine(home: Home) -> list[Diagnosis]:
    """Look at everything; each look by itself, so that one that fails hides no other."""
    looks: tuple[tuple[str, Callable[[Home], Iterator[Diagnosis]]], ...] = (
        ("python", _python),
        ("packages", _packages),
        ("home", _home),
        ("disk", _disk),
        ("registry", _registry),
        ("clock", _clock),
        ("schedule", _schedule),
        ("prefect", _prefect),
        ("lake", _lake),
        ("release", _release),
    )
    found: list[Diagnosis] = []
    for name, look in looks:
        try:
            found += look(home)
        except Exception as error:
            found.append(Diagnosis(name, "error", f"{type(error).__name__}: {error}", "please report this"))
    return found


def _python(_home: Home) -> Iterator[Diagnosis]:
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Diagnosis("python", "ok", f"Python {found}")
    else:
        yield Diagnosis("python", "error", f"Python {found}", "install nianbao with Python 3.11 to 3.13")


def _packages(_home: Home) -> Iterator[Diagnosis]:
    """Versions against our own bounds: a newer SQLAlchemy, say, lets Prefect run and silently never schedule."""
    wrong = []
    for line in requires("nianbao") or ():
        need = Requirement(line)
        if need.marker and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(need.name)
        except PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
            continue
        if not need.specifier.contains(found, prereleases=True):
            wrong.append(f"{need.name} {found} is not {need.specifier}")
    if wrong:
        yield Diagnosis("packages", "error", "; ".join(wrong), "install anew from requirements.lock: make run")
    else:
        yield Diagnosis("packages", "ok", f"nianbao {version('nianbao')}, Prefect {version('prefect')}")


def _home(home: Home) -> Iterator[Diagnosis]:
    if not home.root.exists():
        parent = next(path for path in home.root.parents if path.exists())
        able = os.access(parent, os.W_OK)
        todo = "" if able else f"let {_user()} write in {parent}, or choose another home with --home"
        yield Diagnosis("home", "ok" if able else "error", f"{home.root} will be made by the first run", todo)
        return
    try:
        home.open()
    except HomeError as error:
        yield Diagnosis("home", "error", str(error), "see the message")
        return
    yield Diagnosis("home", "ok", f"{home.root}, format {FORMAT}")
    for folder in (home.root, home.snapshots, home.lake, home.releases, home.runs, home.prefect):
        if folder.exists() and (trouble := _unwritable(folder)):
            todo = f"let {_user()} write there (chown -R), or mount the disk for writing"
            yield Diagnosis("permissions", "error", f"{folder}: {trouble}", todo)


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _unwritable(folder: Path) -> str | None:
    """Why nothing can be written in a folder, found by writing; None if it can."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".tmp-") as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return None


def _disk(home: Home) -> Iterator[Diagnosis]:
    place = next(path for path in (home.root, *home.root.parents) if path.exists())
    for name, path in (("disk", place), ("temporary files", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(path).free
        told = f"{free / 1e9:.1f} GB free at {path}"
        if free < ENOUGH:
            todo = "nianbao prune --dry-run shows what may go; or move the home to a larger disk"
            yield Diagnosis(name, "error" if free < ENOUGH / 20 else "warning", told, todo)
        else:
            yield Diagnosis(name, "ok", told)


def _registry(_home: Home) -> Iterator[Diagnosis]:
    from transforms.dictionary import Dictionary
    from transforms.registry import Registry

    registry, dictionary = Registry.load(), Dictionary.load()
    units, indicators = len(list(registry.rows())), len(dictionary.rows())
    yield Diagnosis("registry", "ok", f"{units} townships, {indicators} indicators")


def _clock(home: Home) -> Iterator[Diagnosis]:
    now = datetime.now(UTC)
    zone = now.astimezone()
    told = f"{zone:%Y-%m-%d %H:%M} {zone.tzname()}"
    if now < EARLIEST:
        yield Diagnosis("clock", "error", told, "set the clock: timedatectl set-ntp true")
        return
    newest = max((path.stat().st_mtime for path in home.root.glob("*") if path.is_file()), default=0.0)
    if newest > now.timestamp() + 3600:
        todo = "the clock went back since the last run: timedatectl set-ntp true"
        yield Diagnosis("clock", "warning", f"{told}; files of the home are newer", todo)
    else:
        yield Diagnosis("clock", "ok", told)


def _schedule(home: Home) -> Iterator[Diagnosis]:
    from flows import journal
    from flows.serving import served

    schedule = Schedule.load(home)
    if schedule is None:
        yield Diagnosis("schedule", "ok", "none: runs are begun by hand (nianbao schedule sets one)")
        return
    now = datetime.now(UTC)
    upcoming = schedule.next(now)
    told = f"next {upcoming[0]:%Y-%m-%d %H:%M %Z} ({upcoming[1]})" if upcoming else "never again"
    due = schedule.due(now, journal.past(home))
    if not served(home) and not os.environ.get("PREFECT_API_URL"):
        todo = "start it: nianbao serve, best by systemd (docs/operations.md)"
        yield Diagnosis("service", "error" if due else "warning", f"not running; {due or told}", todo)
    elif upcoming is None:
        yield Diagnosis("schedule", "warning", told, f"set one that fires, in {ZONE}: nianbao schedule --annual ...")
    else:
        yield Diagnosis("schedule", "ok", told)


def _prefect(home: Home) -> Iterator[Diagnosis]:
    from flows.server import answers, log_of, standing

    given = os.environ.get("PREFECT_API_URL")
    if given:
        well = answers(given)
        todo = "" if well else "start that server, or unset PREFECT_API_URL to use our own"
        yield Diagnosis(
            "prefect", "ok" if well else "error", f"server at {given} {'answers' if well else 'fails'}", todo
        )
    elif url := standing(home.prefect):
        yield Diagnosis("prefect", "ok", f"server of the service answers at {url}")
    database = home.prefect / "prefect.db"
    if not database.exists():
        return
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    connection.close()
    size = f"{database.stat().st_size / 1e6:.0f} MB"
    if verdict == "ok":
        yield Diagnosis("prefect", "ok", f"database sound, {size}")
    else:
        todo = f"end the service and move {database} away: only the history of runs in Prefect's pages is lost"
        yield Diagnosis("prefect", "error", f"database damaged ({verdict}); log: {log_of(home.prefect)}", todo)


def _lake(home: Home) -> Iterator[Diagnosis]:
    """Whether every report in the lake has its text, and every snapshot of the lake is there."""
    from warehouse.contracts import REPORTS, SOURCES, TEXTS, Source
    from warehouse.lake import Lake
    from warehouse.snapshots import SnapshotStore

    lake, store = Lake(home.lake), SnapshotStore(home.snapshots)
    reports = set(lake.read(REPORTS).column("report_id").to_pylist())
    bare = reports - set(lake.read(TEXTS).column("report_id").to_pylist())
    known = sorted({Source(*row).sha256 for row in lake.rows(SOURCES)})
    gone = [digest for digest in known if not store.path(digest).exists()]
    if gone:
        todo = "restore snapshots/ from a backup; the next run names each that it misses"
        yield Diagnosis("snapshots", "error", f"{len(gone)} of the lake's snapshots are missing", todo)
    if bare:
        todo = f"move {home.lake / REPORTS.name} away and run again: everything is read anew from the snapshots"
        yield Diagnosis("lake", "error", f"{len(bare)} reports without text: a copy made while a run wrote", todo)
    if not gone and not bare:
        yield Diagnosis("lake", "ok", f"{len(reports)} reports")


def _release(home: Home) -> Iterator[Diagnosis]:
    from warehouse import releases

    known = releases.releases(home.root)
    current = next((one for one in known if one.current), None)
    if current:
        yield Diagnosis("release", "ok", f"{current.run_id}, one of {len(known)}")
    elif home.current.exists():
        todo = "nianbao rollback RELEASE puts a whole one in its place (nianbao releases lists them)"
        yield Diagnosis("release", "error", f"{home.current} is not one of the releases", todo)
    elif known:
        yield Diagnosis("release", "error", "no current release", f"nianbao rollback {known[0].run_id}")
    else:
        yield Diagnosis("release", "ok", "none yet: nianbao run makes one")
