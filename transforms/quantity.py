"""A quantity: a number with its unit as it stands in the text, before anyone asks which indicator it states."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from warehouse.contracts import Kind, Qualifier, Scope


class Quantity(NamedTuple):
    """One quantity or verbal zero of a text; offsets are into the cleaned text.

    ``clause`` is the comma-separated stretch that holds it, ``sentence`` the sentence; ``section`` is the index of its
    section in the structure; ``part_of`` the index (in the list of quantities) of the total that it is part of.
    ``labels`` are the spans of the row and column labels of a table cell, the row's first; empty in running text.
    ``dimension`` is the unit's dimension in ``seeds/units.csv``, empty without a unit. A verbal zero (``kind`` zero)
    spans its words (无一起, 未发生); what it denies follows it, or precedes it where it reads 为零.
    """

    start: int
    end: int
    value: Decimal | None
    value_high: Decimal | None
    unit: str
    unit_surface: str
    factor: Decimal
    qualifier: Qualifier
    kind: Kind
    scope: Scope
    part_of: int | None
    section: int
    sentence: tuple[int, int]
    clause: tuple[int, int]
    dimension: str = ""
    labels: tuple[tuple[int, int], ...] = ()


def lines(text: str, quantities: Sequence[Quantity]) -> list[int]:
    """The number of the line in which each of some quantities, in their order, stands."""
    line, at, found = 0, 0, []
    for one in quantities:
        line += text.count("\n", at, one.start)
        at = one.start
        found.append(line)
    return found
