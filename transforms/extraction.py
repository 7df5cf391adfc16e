"""Extraction: from the cleaned text to its quantities, and from these to mentions with their indicators."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from transforms.bare import is_number
from transforms.candidates import Candidate, candidates
from transforms.kinds import Cues, cues, judge
from transforms.quantity import Quantity
from transforms.structure import Structure, parse
from transforms.tables import cell_at
from transforms.zeros import Zero, zeros
from warehouse.contracts import Kind


def quantities(text: str) -> tuple[Structure, list[Quantity]]:
    """Every quantity and verbal zero of a cleaned text, in order, with the structure that places them."""
    structure = parse(text)
    known = cues(text)
    years = report_years(text)
    denied = zeros(text)
    found: list[Quantity] = []
    zero_at = 0
    for one in candidates(text):
        while zero_at < len(denied) and denied[zero_at].start <= one.start:
            found.append(_zero(denied[zero_at], structure))
            zero_at += 1
        if found and found[-1].end > one.start:
            continue
        quantity = _quantity(text, one, structure, known, years)
        if quantity is not None:
            found.append(quantity)
    found.extend(_zero(zero, structure) for zero in denied[zero_at:])
    return structure, found


_YEAR = re.compile("(20[0-9]{2})(?: ?年)")


def report_years(text: str) -> tuple[list[int], list[int], int | None]:
    return [], [], None


def _quantity(text: str, one: Candidate, structure: Structure, known: Cues, years: Any) -> Quantity | None:
    value, high, factor, unit = one.value, one.high, one.factor, one.unit
    labels: tuple[tuple[int, int], ...] = ()
    if unit is None:
        cell = cell_at(text, one.start, one.end)
        if cell is not None:
            if not cell.counts:
                return None
            labels, unit = cell.labels, cell.unit
            if cell.scale != 1 or (unit is not None and unit.factor != 1):
                scale = cell.scale * (unit.factor if unit is not None else 1)
                value, high, factor = value * scale, None if high is None else high * scale, factor * scale
        elif not is_number(text, one):
            return None
    section = bisect_right(structure.section_starts, one.number) - 1
    sentence = structure.sentence(one.number)
    clause = structure.clause(one.number)
    kind: Kind = "name"
    if not one.name:
        outlook = structure.sections[section].kind == "outlook"
        kind, less = judge(text, one, sentence[0], clause[0], known, outlook, (None, None))
        if less and value > 0:
            value = -value
    return Quantity(
        one.start,
        one.end,
        value,
        high,
        unit.unit if unit is not None else "",
        unit.surface if unit is not None else "",
        factor,
        one.qualifier,
        kind,
        "township",
        None,
        section,
        sentence,
        clause,
        unit.dimension if unit is not None else "",
        labels,
    )


def _zero(zero: Zero, structure: Structure) -> Quantity:
    section = structure.section(zero.start)
    unit = zero.unit
    return Quantity(
        zero.start,
        zero.end,
        Decimal(0),
        None,
        unit.unit if unit is not None else "",
        unit.surface if unit is not None else "",
        Decimal(1),
        "exact",
        "plan" if structure.sections[section].kind == "outlook" else "zero",
        "township",
        None,
        section,
        structure.sentence(zero.start),
        structure.clause(zero.start),
        unit.dimension if unit is not None else "",
    )
