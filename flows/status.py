"""Status: how a home stands, in a second and without Prefect: last runs, release, schedule, refusals, disk."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from flows import journal
from flows.home import Home
from flows.journal import Past
from flows.migration import difference
from flows.schedule import Schedule
from transforms.registry import Registry
from warehouse import releases
from warehouse.contracts import REFUSALS, Refusal
from warehouse.lake import Lake
from warehouse.query import query
from warehouse.snapshots import write_atomically

RUNS = 5
"""Last runs shown."""


class Waiting(NamedTuple):
    """A source that was not read, or a report that was not found: one line of the list of work."""

    province: str
    city: str
    county: str
    township: str
    township_code: str | None
    report_year: int | None
    reason: str
    detail: str
    source_uri: str


class Status(NamedTuple):
    """How a home stands."""

    home: str
    runs: list[Past]
    current: releases.Release | None
    age_days: float | None
    next_run: datetime | None
    occasion: str | None
    served: bool
    due: str | None
    waiting: list[Waiting]
    used: dict[str, int]
    """Bytes by part of the home."""
    free: int

    def as_json(self) -> dict[str, Any]:
        """For machines; times are ISO 8601 with their zone, sizes are bytes."""
        return {
            "home": self.home,
            "runs": [_json(one) for one in self.runs],
            "release": self.current.run_id if self.current else None,
            "published_at": self.current.manifest.published_at if self.current else None,
            "age_days": self.age_days,
            "next_run": self.next_run.isoformat() if self.next_run else None,
            "occasion": self.occasion,
            "served": self.served,
            "due": self.due,
            "waiting": [one._asdict() for one in self.waiting],
            "disk": {"used": self.used, "free": self.free},
            "needs_person": self.needs_person,
        }

    @property
    def needs_person(self) -> bool:
        """Whether the last run asks for one, or a run is due that no service will begin."""
        last = self.runs[0] if self.runs else None
        waits = self.due is not None and not self.served
        return waits or (last is not None and (last.needs_person or last.result == "crashed"))


def _json(one: Past) -> dict[str, Any]:
    times = {"begun": one.begun.isoformat(), "ended": one.ended.isoformat() if one.ended else None}
    return {**one._asdict(), **times}


def status(home: Home, now: datetime | None = None) -> Status:
    """How a home stands at ``now`` (the present by default).

    Raises:
        HomeError: if its schedule was changed by hand into something that cannot be meant.
    """
    from flows.serving import served

    now = now or datetime.now(UTC)
    home.storage.bring_all(home.lake / REFUSALS.name)
    schedule = Schedule.load(home)
    past = journal.past(home)
    current = next((one for one in releases.releases(home.shelf()) if one.current), None)
    upcoming = schedule.next(now) if schedule else None
    return Status(
        home=home.address,
        runs=past[::-1][:RUNS],
        current=current,
        age_days=_age(current, now) if current else None,
        next_run=upcoming[0] if upcoming else None,
        occasion=upcoming[1] if upcoming else None,
        served=served(home),
        due=schedule.due(now, past) if schedule else None,
        waiting=waiting(home),
        used=_used(home),
        free=shutil.disk_usage(_existing(home.root)).free,
    )


def _age(release: releases.Release, now: datetime) -> float:
    published = datetime.fromisoformat(release.manifest.published_at)
    return round((now - published).total_seconds() / 86400, 2)


def _existing(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())


def _used(home: Home) -> dict[str, int]:
    parts = {path.name: path for path in (home.snapshots, home.lake, home.releases, home.runs, home.work, home.prefect)}
    return {name: sum(_sizes(path)) for name, path in parts.items() if path.exists()}


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path.stat().st_size
        except FileNotFoundError:  # a run is at work
            continue


def waiting(home: Home) -> list[Waiting]:
    """Sources that were not read, by township where it is known, else by address."""
    if difference(REFUSALS, Lake(home.lake)):
        return []  # of an older version, which the next run brings up to date
    registry = Registry.load()
    rows = (Refusal(*row) for row in Lake(home.lake).rows(REFUSALS))
    return sorted((_waiting(row, registry) for row in rows), key=_order)


def _waiting(row: Refusal, registry: Registry) -> Waiting:
    code = row.township_code
    place = registry.township(code) if code and code in registry else None
    names = (place.province, place.city, place.county, place.township) if place else ("", "", "", "")
    return Waiting(*names, code, row.report_year, row.reason, row.detail, row.source_uri)


def _order(row: Waiting) -> tuple[bool, str, int, str]:
    return row.township_code is None, row.township_code or "", row.report_year or 0, row.source_uri


def missing(home: Home, today: date) -> list[Waiting]:
    """Every report that ought to exist and is not in the current release, with why, and every source that was not read.

    Nobody is reminded of a report of which nothing was found before the day by which it has to be public has passed.

    Raises:
        QueryError: if there is no release yet.
    """
    sql = f"""
        SELECT province, city, county, township, township_code, report_year, outcome AS reason
        FROM report_status
        WHERE outcome <> 'received' AND (outcome <> 'not_published' OR due_on < DATE '{today.isoformat()}')
    """
    refused = waiting(home)
    known = {(row.township_code, row.report_year) for row in refused}
    absent = [_absent(*row) for row in query(home.storage.bring(home.current), sql).rows]
    return sorted([*refused, *(row for row in absent if (row.township_code, row.report_year) not in known)], key=_order)


def _absent(province: str, city: str, county: str, township: str, code: str, year: int, reason: str) -> Waiting:
    return Waiting(province, city, county, township, code, year, reason, _NEXT.get(reason, ""), "")


_NEXT = {
    "not_published": "未找到该年度报告：请将其网址或文件加入 sources.csv / not found: add its address to sources.csv",
    "quarantined": "报告被隔离：按运行报告核对 / kept out by a critical finding: see the run report",
    "unreadable": "无法读取：换一种格式重新下载 / could not be read: get it in another form",
    "refused": "未被采用：见未读原因 / refused: see the reason",
}


def write_missing(rows: Iterable[Waiting], path: Path) -> None:
    """Write the list of work as CSV (UTF-8 with a mark, which Excel needs) or, by its name, as an Excel file.

    Raises:
        ValueError: if the name ends neither in .csv nor in .xlsx.
    """
    if path.suffix.lower() == ".xlsx":
        _write_workbook(rows, path)
    elif path.suffix.lower() == ".csv":
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(Waiting._fields)
        writer.writerows([_safe(cell) for cell in row] for row in rows)
        write_atomically(path.absolute(), text.getvalue().encode("utf-8-sig"))
    else:
        raise ValueError(f"{path}: give a name that ends in .csv or .xlsx")


def _safe(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula, made plain: addresses come from strangers."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _write_workbook(rows: Iterable[Waiting], path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("待办 waiting")
        sheet.write_row(0, 0, Waiting._fields, book.add_format({"bold": True}))
        for at, row in enumerate(rows, start=1):
            sheet.write_row(at, 0, ["" if cell is None else cell for cell in row])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 3, 12)
        sheet.set_column(4, 6, 14)
        sheet.set_column(7, 8, 60)
