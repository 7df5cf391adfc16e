"""Coverage: who was expected to report, who did, who is missing, refused or late, by area and year.

Pure functions over the registry and the rows of reports and refusals; the release's views ``report_status`` and
``coverage`` say the same in SQL. Reports are to be public by 1 April of the following year
(中共中央办公厅、国务院办公厅, 法治政府建设与责任落实督察工作规定, 2019).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from transforms.registry import Registry

Outcome = Literal["received", "quarantined", "unreadable", "refused", "not_published"]
Level = Literal["county", "city", "province"]
CODE_LENGTHS: dict[Level, int] = {"county": 6, "city": 4, "province": 2}
UNREADABLE = frozenset(
    ["unsupported_format", "too_large", "encrypted", "no_text_layer", "undecodable", "empty", "fetch_failed", "failed"]
)
"""Reasons of refusal that speak of the file; the others speak of what it is."""


class Received(NamedTuple):
    """What coverage needs of a report: status is published, quarantined or superseded."""

    township_code: str
    report_year: int
    status: str
    published_on: date | None


class Turned(NamedTuple):
    """What coverage needs of a refusal whose township and year a source list names."""

    township_code: str
    report_year: int
    reason: str


class Standing(NamedTuple):
    """What became of one expected report; ``on_time`` is None where nothing was received or no date is known."""

    township_code: str
    report_year: int
    outcome: Outcome
    published_on: date | None
    on_time: bool | None


class Coverage(NamedTuple):
    """Counts for one area and year; received, quarantined, unreadable, refused and not_published add up to expected."""

    area_code: str
    area: str
    report_year: int
    expected: int
    received: int
    quarantined: int
    unreadable: int
    refused: int
    not_published: int
    on_time: int
    late: int
    undated: int


def expected(
    registry: Registry, scope: Iterable[str], years: Iterable[int], *, every_unit: bool = False
) -> list[tuple[str, int]]:
    """Township codes and years that ought to report: the ordinary townships under any of the code prefixes.

    With ``every_unit`` farms, zones and the like are expected too.
    """
    codes = [code for code in registry.under(*scope) if every_unit or registry.township(code).ordinary]
    return [(code, year) for code in codes for year in sorted(set(years))]


def due(year: int) -> date:
    """The last day on which the report for a year is on time."""
    return date(year + 1, 4, 1)


def standings(
    wanted: Iterable[tuple[str, int]], reports: Iterable[Received], refusals: Iterable[Turned]
) -> list[Standing]:
    """What became of every expected report, in the order of ``wanted``; published goes before quarantined."""
    received: dict[tuple[str, int], Received] = {}
    for report in reports:
        key = (report.township_code, report.report_year)
        known = received.get(key)
        if report.status != "superseded" and (known is None or report.status < known.status):
            received[key] = report
    turned: dict[tuple[str, int], bool] = {}
    for refusal in refusals:
        key = (refusal.township_code, refusal.report_year)
        if refusal.reason != "duplicate":
            turned[key] = turned.get(key, False) or refusal.reason in UNREADABLE
    return [_standing(code, year, received.get((code, year)), turned.get((code, year))) for code, year in wanted]


def _standing(code: str, year: int, report: Received | None, unreadable: bool | None) -> Standing:
    if report is not None and report.status == "published":
        on_time = None if report.published_on is None else report.published_on <= due(year)
        return Standing(code, year, "received", report.published_on, on_time)
    if report is not None:
        return Standing(code, year, "quarantined", report.published_on, None)
    if unreadable is None:
        return Standing(code, year, "not_published", None, None)
    return Standing(code, year, "unreadable" if unreadable else "refused", None, None)


def coverage(found: Iterable[Standing], registry: Registry, level: Level = "county") -> list[Coverage]:
    """Counts by area and year, in the order of the areas' codes and years."""
    length = CODE_LENGTHS[level]
    counts: dict[tuple[str, int], Counter[str]] = {}
    for standing in found:
        tally = counts.setdefault((standing.township_code[:length], standing.report_year), Counter())
        timing = {True: "on_time", False: "late", None: "undated"}[standing.on_time]
        tally.update(["expected", standing.outcome, *([timing] if standing.outcome == "received" else [])])
    return [
        Coverage(area, registry.places[area].name, year, *(counts[area, year][name] for name in Coverage._fields[3:]))
        for area, year in sorted(counts)
    ]


def missing(found: Iterable[Standing], today: date) -> list[Standing]:
    """Whom to remind: expected, due, and nothing usable received."""
    return [s for s in found if s.outcome != "received" and due(s.report_year) < today]
