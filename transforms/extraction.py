"""Extraction: from the cleaned text to its quantities, and from these to mentions with their indicators.

The steps, each a module: structure (sections, sentences), candidates (numbers with units), bare numbers and tables,
kinds and scope, then the mapping to indicators. Every pass is linear in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from transforms.bare import is_number
from transforms.candidates import candidates
from transforms.cues import cues
from transforms.dictionary import Dictionary
from transforms.enclosures import enclosures
from transforms.figures import Candidate
from transforms.kinds import judge, judge_cell, judge_zero
from transforms.mapping import map_quantities
from transforms.offsets import Offsets
from transforms.quantity import Quantity
from transforms.scope import WHOLE, place
from transforms.series import earlier
from transforms.setting import Setting, counts_views
from transforms.statutory import Forms
from transforms.structure import Structure, parse
from transforms.subjects import reigns
from transforms.tables import Span, Tables, labelled
from transforms.years import years
from transforms.zeros import Zero, zeros
from warehouse.contracts import Kind, Mention, Scope

ZERO, ONE = Decimal(0), Decimal(1)
_LONGEST_SIDE = 500
_PLACED = frozenset(("actual", "zero", "prior"))


def quantities(text: str) -> tuple[Structure, list[Quantity]]:
    """Every quantity and verbal zero of a cleaned text, in order, with the structure that places them."""
    structure = parse(text)
    enclosed = enclosures(text)
    setting = Setting(text, structure, cues(text), years(text), earlier(text), reigns(text))
    tables, forms = Tables(text), Forms(text)
    told = iter(zeros(text, enclosed))
    zero = next(told, None)
    for one in forms.split(candidates(text, enclosed)):
        while zero is not None and zero.start <= one.start:
            _add(setting, _zero(zero, setting))
            zero = next(told, None)
        if not setting.found or setting.found[-1].end <= one.start:
            quantity = _quantity(one, setting, tables, forms)
            if quantity is not None:
                _add(setting, quantity)
    while zero is not None:
        _add(setting, _zero(zero, setting))
        zero = next(told, None)
    return structure, setting.found


def _add(setting: Setting, quantity: Quantity) -> None:
    """Append a quantity with its scope; a zero that a longer quantity holds already is left out."""
    found = setting.found
    if found and found[-1].end > quantity.start:
        return
    if quantity.kind in _PLACED and not quantity.labels:
        placed = place(quantity, setting)
        if placed is not WHOLE:
            quantity = quantity._replace(scope=placed.scope, part_of=placed.part_of)
    found.append(quantity)


def _quantity(one: Candidate, setting: Setting, tables: Tables, forms: Forms) -> Quantity | None:
    """The quantity that a candidate is, or None where it is a number without unit that counts nothing."""
    value, high, factor, unit = one.value, one.high, one.factor, one.unit
    labels: tuple[Span, ...] = ()
    part = False
    setting.move(one.number)
    if counts_views(one.start, setting):
        return None
    if unit is None:
        form = forms.at(one.start)
        cell = (
            tables.cell_at(one.start, one.end) if form is None else labelled(setting.text, form.labels, part=form.part)
        )
        if cell is not None:
            if not cell.counts:
                return None
            labels, unit, part = cell.labels, cell.unit, cell.part
            scale = cell.scale * unit.factor if unit is not None else cell.scale
            if scale != 1:
                value, high, factor = value * scale, None if high is None else high * scale, factor * scale
            # The tables that follow the outlook at the end of a report are of the year.
            setting.outlook = False
        elif not is_number(setting.text, one):
            return None
    kind: Kind = "name"
    qualifier = one.qualifier
    if labels:
        kind = judge_cell(labels, setting)
    elif not one.name:
        kind, less, qualifier = judge(one, setting)
        if less and value > 0:
            value = -value
    surface, name, dimension = (unit.surface, unit.unit, unit.dimension) if unit is not None else ("", "", "")
    scope: Scope = "part" if part else "township"
    return Quantity(
        one.start, one.end, value, high, name, surface, factor, qualifier, kind, scope, None,
        setting.section, setting.sentence, setting.clause, dimension, labels,
    )  # fmt: skip


def _zero(zero: Zero, setting: Setting) -> Quantity:
    setting.move(zero.start)
    unit, kind = zero.unit, judge_zero(zero.start, setting)
    surface, name, dimension = (unit.surface, unit.unit, unit.dimension) if unit is not None else ("", "", "")
    return Quantity(
        zero.start, zero.end, ZERO, None, name, surface, ONE, "exact", kind,
        "township", None, setting.section, setting.sentence, setting.clause, dimension,
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
            paths[one.section], _evidence(text, one), one.start, one.end, *source,
        )
        for ordinal, (one, mapping, source) in enumerate(zip(found, mapped, sources, strict=True), start=1)
    )  # fmt: skip


def _evidence(text: str, one: Quantity) -> str:
    """The sentence of a quantity; of one without end, as much as a person reads."""
    start, end = one.sentence
    return text[max(start, one.start - _LONGEST_SIDE) : min(end, one.end + _LONGEST_SIDE)].strip()


def _touches(damage: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a damaged span overlaps ``start`` to ``end`` or stands right beside it."""
    at = bisect_left(damage, (start,)) - 1
    return any(low <= end and high >= start for low, high in damage[max(at, 0) : at + 3])
