"""Units: the measure words of this genre, as data in ``seeds/units.csv``, and the longest one that stands at a place.

A unit's surface is what is written (人次, ％, 平米); the unit is its normal form (人次, %, 平方米); the factor is what
a value in the surface is multiplied by (六成 is 60 %); the dimension groups what may be compared; ``numerals`` tells
whether a Chinese numeral counts with it too, or whether the two together are mostly another word (四方, 三分, 一面). A
multiplier before the unit (万元) belongs to the number. Sources: the classifiers seen in reports of 136 townships, and
the measure words (量词) of the grammar of the modern language.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seeds import SEEDS


class Unit(NamedTuple):
    """One row of ``seeds/units.csv``; ``han`` is whether Chinese numerals count with it."""

    surface: str
    unit: str
    factor: Decimal
    dimension: str
    han: bool


class UnitsError(ValueError):
    """A row of the units file is wrong; the message names file, line and remedy."""


@cache
def units() -> dict[str, Unit]:
    """All units of ``seeds/units.csv`` by surface."""
    return load(SEEDS / "units.csv")


def load(path: Path) -> dict[str, Unit]:
    """Read and check a units file.

    Raises:
        UnitsError: a cell is empty or unknown, a surface is told twice, or a factor is not a positive whole number.
    """
    table: dict[str, Unit] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            unit = _unit(row, f"{path.name}, line {line}")
            if unit.surface in table:
                raise UnitsError(f"{path.name}, line {line}: {unit.surface} is told twice; keep one row")
            table[unit.surface] = unit
    return table


def _unit(row: dict[str, str], place: str) -> Unit:
    if not (row["surface"] and row["unit"] and row["dimension"]):
        raise UnitsError(f"{place}: surface, unit and dimension must be filled in")
    if not row["factor"].isdecimal() or int(row["factor"]) == 0:
        raise UnitsError(f"{place}: the factor {row['factor']!r} is not a positive whole number; write 1 for none")
    if row["numerals"] not in ("all", "arabic"):
        raise UnitsError(f"{place}: numerals is {row['numerals']!r}; write all or arabic")
    return Unit(row["surface"], row["unit"], Decimal(row["factor"]), row["dimension"], row["numerals"] == "all")


class _Group(NamedTuple):
    """The units that begin with one character: that character alone, and the longer ones by their second character."""

    single: Unit | None
    longer: dict[str, tuple[Unit, ...]]


def _by_first() -> dict[str, _Group]:
    """Units by their first character; of the longer ones the longest comes first, so that 场次 is found before 场."""
    table = units()
    longer: dict[str, dict[str, list[Unit]]] = {surface[0]: defaultdict(list) for surface in table}
    for surface in sorted(table, key=len, reverse=True):
        if len(surface) > 1:
            longer[surface[0]][surface[1]].append(table[surface])
    return {
        first: _Group(table.get(first), {second: tuple(group) for second, group in groups.items()})
        for first, groups in longer.items()
    }


def unit_at(text: str, position: int) -> Unit | None:
    """The longest unit that stands at ``position``, or None."""
    group = UNITS_BY_FIRST.get(text[position : position + 1])
    if group is None:
        return None
    for unit in group.longer.get(text[position + 1 : position + 2], ()):
        if text.startswith(unit.surface, position):
            return unit
    return group.single


UNITS_BY_FIRST = _by_first()
"""The groups of units by first character."""
