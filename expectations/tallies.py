"""Tallies: how many values and figures the tables of a run have, counted a year at a time (``warehouse/years.py``).

The shelf has the reports that are kept out as ``held``.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from expectations.shelf import PREVIOUS, Shelf
from expectations.years import Years

VALUES = """
SELECT report_year, count(*) AS number FROM observations WHERE {where} AND report_id NOT IN (FROM held)
GROUP BY report_year
"""
FIGURES = """
SELECT report_year, count(*) AS figures, count_if(mapped) AS mapped, count_if(stands) AS own,
       count_if(stands AND mapped) AS own_mapped
FROM (
    SELECT report_year, len(indicators) > 0 AS mapped,
           report_id IN (SELECT report_id FROM reports WHERE status <> 'superseded' AND report_id NOT IN (FROM held))
               AS stands
    FROM $mentions WHERE {where} AND kind IN ('actual', 'zero') AND scope = 'township'
) GROUP BY report_year
"""


class Figures(NamedTuple):
    """The township's own figures (actual or zero), and how many of them have an indicator."""

    all: int
    mapped: int

    @property
    def share(self) -> float | None:
        """Share of the figures that have an indicator; None where there is no figure."""
        return self.mapped / self.all if self.all else None


def hold(shelf: Shelf, held: frozenset[str]) -> Years:
    """Leave on the shelf which reports are kept out; the years without them."""
    shelf.put("held", pa.table({"report_id": pa.array(sorted(held), type=pa.string())}))
    rows = "SELECT report_year, report_id FROM reports WHERE report_id IN (FROM held)"
    return shelf.years.without(shelf.connection.execute(rows).fetchall() if held else ())


def values(shelf: Shelf, years: Years) -> tuple[int, int]:
    """Values of the last release, and of the tables about to be published."""
    kept = years.ask(shelf.connection, "values", VALUES)
    now = _sums(shelf, kept, "number")
    same = _sums(shelf, kept, "number", where=years.unchanged)
    before = shelf.value(f"SELECT count(*) FROM {PREVIOUS}observations WHERE {years.changed}")
    return same[0] + before, now[0]


def figures(shelf: Shelf, years: Years) -> Figures:
    """The figures of all mentions."""
    return Figures(*_sums(shelf, _kept_figures(shelf, years), "figures", "mapped"))


def published_figures(shelf: Shelf, years: Years) -> tuple[Figures, Figures]:
    """The figures of the last release, and of the reports about to be published."""
    kept = _kept_figures(shelf, years)
    now = _sums(shelf, kept, "own", "own_mapped")
    same = _sums(shelf, kept, "own", "own_mapped", where=years.unchanged)
    differing = _figures_of(f"{PREVIOUS}mentions").format(where=years.changed)
    before = _sums(shelf, differing, "figures", "mapped")
    return Figures(*(one + other for one, other in zip(same, before, strict=True))), Figures(*now)


def _kept_figures(shelf: Shelf, years: Years) -> str:
    return years.ask(shelf.connection, "figures", _figures_of("mentions"))


def _figures_of(table: str) -> str:
    return FIGURES.replace("$mentions", table)


def _sums(shelf: Shelf, source: str, *columns: str, where: str = "TRUE") -> list[int]:
    told = ", ".join(f"coalesce(sum({column}), 0)::BIGINT" for column in columns)
    return list(shelf.connection.execute(f"SELECT {told} FROM ({source}) WHERE {where}").fetchall()[0])
