"""Settlement: when several texts claim one township and year, which of them is the report, and which are superseded.

The better text by these rules, in order: it came from the same address later (a corrected page replaces the page);
it covers the whole year; it has less damage; it states more figures; it is longer. What is left is decided by digest,
so that the same inputs always give the same winner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from warehouse.contracts import Report


class Superseded(NamedTuple):
    """A report that another one beat, and why."""

    loser: Report
    winner: Report
    reason: str


def settle(reports: Iterable[Report], figures: Mapping[str, int]) -> tuple[list[Report], list[Superseded]]:
    """Mark all but the best report of each township and year as superseded.

    Args:
        reports: reports of any township and year, each ``report_id`` once.
        figures: number of mentions of each report, by ``report_id``.

    Returns:
        All reports in the order of their ids, and what beat each loser.
    """
    cells: dict[tuple[str, int], list[Report]] = defaultdict(list)
    for report in reports:
        cells[report.township_code, report.report_year].append(report)
    settled: list[Report] = []
    beaten: list[Superseded] = []
    for rivals in cells.values():
        latest = _latest_of_each_address(rivals)
        winner = max(latest, key=lambda report: _merit(report, figures))
        settled.append(winner._replace(status="published"))
        for loser in rivals:
            if loser is not winner:
                settled.append(loser._replace(status="superseded"))
                beaten.append(Superseded(loser, winner, _reason(loser, winner, figures)))
    return sorted(settled), sorted(beaten)


def _latest_of_each_address(rivals: Iterable[Report]) -> list[Report]:
    latest: dict[str, Report] = {}
    for report in sorted(rivals, key=lambda report: (report.retrieved_at, report.sha256)):
        latest[report.source_uri] = report
    return list(latest.values())


def _merit(report: Report, figures: Mapping[str, int]) -> tuple[bool, int, int, int, str]:
    return (
        not report.partial,
        -report.damage,
        figures.get(report.report_id, 0),
        report.characters,
        report.sha256,
    )


def _reason(loser: Report, winner: Report, figures: Mapping[str, int]) -> str:
    if loser.source_uri == winner.source_uri:
        return "replaced at the same address"
    names = ("covers the whole year", "is less damaged", "states more figures", "is longer", "was preferred by digest")
    pairs = zip(names, _merit(winner, figures), _merit(loser, figures), strict=True)
    return next(name for name, better, worse in pairs if better != worse)
