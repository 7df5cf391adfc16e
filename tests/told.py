"""What a text tells, in the short form that the tests of the extraction compare."""

from decimal import Decimal

from transforms.dictionary import Dictionary
from transforms.extraction import quantities
from transforms.mapping import Mapping, map_quantities
from transforms.quantity import Quantity

Told = tuple[str, str, str, str, str]


def told(text: str) -> list[Told]:
    """Surface, value (low~high for a range), unit as written, qualifier and kind of every quantity."""
    return [
        (text[one.start : one.end], number(one), one.unit_surface, one.qualifier, one.kind)
        for one in quantities(text)[1]
    ]


def kinds(text: str) -> list[tuple[str, str, str]]:
    """Surface, value and kind of every quantity."""
    return [(surface, value, kind) for surface, value, _, _, kind in told(text)]


def number(one: Quantity) -> str:
    """The value as plain digits, or both ends of a range."""
    ends = [one.value] if one.value_high is None else [one.value, one.value_high]
    return "~".join(plain(end) for end in ends)


def plain(value: Decimal | None) -> str:
    """A decimal without exponent."""
    return "" if value is None else format(value, "f")


def actual(text: str) -> list[str]:
    """Surfaces of the quantities that are told as counts, levels or changes, names left out."""
    return [text[one.start : one.end] for one in quantities(text)[1] if one.kind != "name"]


def mapped(text: str) -> list[tuple[Quantity, Mapping]]:
    """Every quantity of a text with what it states."""
    structure, found = quantities(text)
    return list(zip(found, map_quantities(text, structure, found, Dictionary.load()), strict=True))
