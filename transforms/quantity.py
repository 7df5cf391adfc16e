"""A quantity: a number with its unit as it stands in the text, before anyone asks which indicator it states."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from warehouse.contracts import Kind, Qualifier, Scope


class Quantity(NamedTuple):
    """One quantity or verbal zero of a text; offsets are into the cleaned text.

    ``clause`` is the comma-separated stretch that holds it, ``sentence`` the sentence; ``section`` is the index of its
    section in the structure; ``part_of`` the index (in the list of quantities) of the total that it is part of.
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
