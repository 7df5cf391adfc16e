"""Extraction: from the cleaned text to its quantities, and from these to mentions with their indicators."""

from __future__ import annotations

from transforms.candidates import candidates
from transforms.quantity import Quantity
from transforms.structure import Structure, parse


def quantities(text: str) -> tuple[Structure, list[Quantity]]:
    """Every quantity and verbal zero of a cleaned text, in order, with the structure that places them."""
    structure = parse(text)
    found: list[Quantity] = []
    for one in candidates(text):
        unit = one.unit
        found.append(
            Quantity(
                one.start,
                one.end,
                one.value,
                one.high,
                unit.unit if unit else "",
                unit.surface if unit else "",
                one.factor,
                one.qualifier,
                "actual",
                "township",
                None,
                structure.section(one.start),
                structure.sentence(one.start),
                structure.clause(one.start),
                unit.dimension if unit else "",
            )
        )
    return structure, found
