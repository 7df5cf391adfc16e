"""Agreement: whether two figures can be the same, given how exact each claims to be (500余件 and 538件)."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from warehouse.contracts import Qualifier

ROUNDING = Decimal("0.02")
"""Relative distance within which an approximate figure (约, 近, 余) can be the same as an exact one."""

_LOWER_BOUNDS = {"over", "at_least"}
_UPPER_BOUNDS = {"nearly", "at_most"}


class Figure(Protocol):
    """What is compared: a quantity of a text or a stored mention."""

    @property
    def value(self) -> Decimal | None:
        """The number, expanded."""

    @property
    def value_high(self) -> Decimal | None:
        """The upper end of a range."""

    @property
    def qualifier(self) -> Qualifier:
        """How exact it is."""


def agree(pick: Figure, other: Figure) -> bool:
    """Whether ``other`` can be the same figure as ``pick``, given how exact both claim to be."""
    if pick.value is None or other.value is None:
        return False
    if (pick.value, pick.value_high) == (other.value, other.value_high):
        return True
    if other.qualifier in _LOWER_BOUNDS:
        return other.value <= pick.value <= _next_step(other.value)
    close = abs(pick.value - other.value) <= ROUNDING * abs(pick.value)
    if other.qualifier in _UPPER_BOUNDS:
        return close and pick.value <= other.value
    return other.qualifier == "about" and close


def _next_step(value: Decimal) -> Decimal:
    """The next value at the precision a writer of 500余 or 3万余 had in mind: 600, 4万."""
    digits = value.normalize().as_tuple()
    exponent = digits.exponent if isinstance(digits.exponent, int) else 0
    return value + Decimal(1).scaleb(exponent)
