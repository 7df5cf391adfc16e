"""Extraction: from the cleaned text to its quantities, and from these to mentions with their indicators.

The steps, each a module: structure (sections, sentences), candidates (numbers with units), bare numbers and tables,
kinds and scope, then the mapping to indicators. Every pass is linear in the text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal

from transforms.bare import is_number
from transforms.candidates import Candidate, candidates
from transforms.dictionary import Dictionary
from transforms.cues import Cues, cues
from transforms.kinds import Setting, judge
from transforms.mapping import map_quantities
from transforms.offsets import Offsets
from transforms.quantity import Quantity
from transforms.scope import place
from transforms.structure import Structure, parse
from transforms.tables import Span, cell_at
from transforms.years import years
from transforms.zeros import Zero, zeros
from warehouse.contracts import Kind, Mention

ZERO, ONE = Decimal(0), Decimal(1)


def quantities(text: str) -> tuple[Structure, list[Quantity]]:
    """Every quantity and verbal zero of a cleaned text, in order, with the structure that places them."""
    structure = parse(text)
    known = cues(text)
    named = years(text)
    denied = zeros(text)
    found: list[Quantity] = []
    told = iter(denied)
    zero = next(told, None)
    for one in candidates(text):
        while zero is not None and zero.start <= one.start:
            _add(found, _zero(text, zero, structure, known), text, known)
            zero = next(told, None)
        if found and found[-1].end > one.start:
            continue
        quantity = _quantity(text, one, Setting(structure, known, named, found))
        if quantity is not None:
            _add(found, quantity, text, known)
    while zero is not None:
        _add(found, _zero(text, zero, structure, known), text, known)
        zero = next(told, None)
    return structure, found


def _add(found: list[Quantity], quantity: Quantity, text: str, known: Cues) -> None:
    """Append a quantity with its scope; a zero that a longer quantity holds already is left out."""
    if found and found[-1].end > quantity.start:
        return
    if quantity.kind in ("actual", "zero", "prior") and found and not quantity.labels:
        placed = place(text, quantity, found, known)
        if placed.scope != "township":
            quantity = quantity._replace(scope=placed.scope, part_of=placed.part_of)
    found.append(quantity)


def _quantity(text: str, one: Candidate, setting: Setting) -> Quantity | None:
    """The quantity that a candidate is, or None where it is a number without unit that counts nothing."""
    value, high, factor, unit = one.value, one.high, one.factor, one.unit
    labels: tuple[Span, ...] = ()
    if unit is None:
        cell = cell_at(text, one.start, one.end)
        if cell is not None:
            if not cell.counts:
                return None
            labels, unit = cell.labels, cell.unit
            scale = cell.scale * unit.factor if unit is not None else cell.scale
            if scale != 1:
                value, high, factor = value * scale, None if high is None else high * scale, factor * scale
        elif not is_number(text, one):
            return None
    structure = setting.structure
    section = bisect_right(structure.section_starts, one.number) - 1
    sentence, clause = structure.sentence(one.number), structure.clause(one.number)
    qualifier = one.qualifier
    kind: Kind = "name"
    if not one.name:
        judged = judge(text, one, sentence[0], clause[0], _outlook(structure, section, labels), setting)
        kind, qualifier = judged.kind, judged.qualifier
        if judged.less and value > 0:
            value = -value
    surface, name, dimension = (unit.surface, unit.unit, unit.dimension) if unit is not None else ("", "", "")
    return Quantity(
        one.start, one.end, value, high, name, surface, factor, qualifier, kind, "township", None,
        section, sentence, clause, dimension, labels,
    )  # fmt: skip


def _outlook(structure: Structure, section: int, labels: tuple[Span, ...]) -> bool:
    """Whether a quantity stands in the outlook; the tables that follow it at the end of a report are of the year."""
    return not labels and structure.sections[section].kind == "outlook"


def _zero(text: str, zero: Zero, structure: Structure, known: Cues) -> Quantity:
    section = structure.section(zero.start)
    unit = zero.unit
    surface, name, dimension = (unit.surface, unit.unit, unit.dimension) if unit is not None else ("", "", "")
    kind: Kind = "plan" if structure.sections[section].kind == "outlook" else "zero"
    sentence, clause = structure.sentence(zero.start), structure.clause(zero.start)
    return Quantity(
        zero.start, zero.end, ZERO, None, name, surface, ONE, "exact", kind, "township", None,
        section, sentence, clause, dimension,
    )  # fmt: skip


def extract(
    text: str,
    dictionary: Dictionary | None = None,
    offsets: Offsets | None = None,
    damage: Sequence[tuple[int, int]] = (),
) -> tuple[Mention, ...]:
    """Every mention of a cleaned text, with the indicators that it states.

    Args:
        text: The cleaned text.
        dictionary: The indicators; the project's own by default.
        offsets: The map from the cleaned text to the snapshot's own; without one, both are the same.
        damage: Spans of ``text`` that are damaged, ascending; a mention that touches one is marked.
    """
    structure, found = quantities(text)
    mapped = map_quantities(text, structure, found, dictionary or Dictionary.load())
    paths = [" > ".join(section.path) for section in structure.sections]
    sources = [offsets.span(one.start, one.end) if offsets is not None else (one.start, one.end) for one in found]
    return tuple(
        Mention(
            ordinal, text[one.start : one.end], one.value, one.value_high, one.unit, one.unit_surface, one.factor,
            one.qualifier, one.kind, mapping.scope, None if one.part_of is None else one.part_of + 1,
            mapping.indicators, mapping.about, mapping.head, mapping.rule, mapping.confidence,
            bool(damage) and _touches(damage, one.start, one.end),
            paths[one.section], text[slice(*one.sentence)].strip(), one.start, one.end, *source,
        )
        for ordinal, (one, mapping, source) in enumerate(zip(found, mapped, sources, strict=True), start=1)
    )  # fmt: skip


def _touches(damage: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a damaged span overlaps ``start`` to ``end`` or stands right beside it."""
    at = bisect_left(damage, (start,)) - 1
    return any(low <= end and high >= start for low, high in damage[max(at, 0) : at + 3])
