"""Units: the measure words of this genre, as data in ``seeds/units.csv``, and the longest one that stands at a place.

A unit's surface is what is written (人次, ％, 平米); the unit is its normal form (人次, %, 平方米); the factor is what a value in
the surface is multiplied by (六成 is 60 %); the dimension groups what may be compared. A multiplier before the unit
(万元) belongs to the number. Sources: the classifiers seen in reports of 136 townships, and the list of Chinese measure
words in the grammar of the modern language (量词).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from seeds import SEEDS


class Unit(NamedTuple):
    """One row of ``seeds/units.csv``."""

    surface: str
    unit: str
    factor: Decimal
    dimension: str


class UnitsError(ValueError):
    """A row of the units file is wrong; the message names file, line and remedy."""


@cache
def units() -> dict[str, Unit]:
    """All units by surface.

    Raises:
        UnitsError: a surface is empty or told twice, or a factor is not a positive number.
    """
    table: dict[str, Unit] = {}
    path = SEEDS / "units.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            surface = row["surface"]
            factor = _factor(row["factor"])
            if not surface or not row["unit"] or not row["dimension"] or factor is None:
                raise UnitsError(f"{path.name}, line {line}: surface, unit, dimension and a positive factor are needed")
            if surface in table:
                raise UnitsError(f"{path.name}, line {line}: {surface} is told twice; keep one row")
            table[surface] = Unit(surface, row["unit"], factor, row["dimension"])
    return table


def _factor(text: str) -> Decimal | None:
    return Decimal(text) if text.isdecimal() and int(text) > 0 else None


@cache
def _by_first() -> dict[str, tuple[tuple[str, Unit], ...]]:
    """Units by first character, the longest first, so that 人次 is found before 人."""
    groups: dict[str, list[tuple[str, Unit]]] = defaultdict(list)
    for surface, unit in units().items():
        groups[surface[0]].append((surface, unit))
    return {first: tuple(sorted(group, key=lambda item: -len(item[0]))) for first, group in groups.items()}


def unit_at(text: str, position: int) -> Unit | None:
    """The longest unit that stands at ``position``, or None."""
    group = UNITS_BY_FIRST.get(text[position : position + 1])
    if group is not None:
        for surface, unit in group:
            if text.startswith(surface, position):
                return unit
    return None


UNITS_BY_FIRST = _by_first()
