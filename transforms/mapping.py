"""Mapping: from a quantity to the indicators that it states, by counted noun, verb, classifier, neighbours and section.

The words around each quantity vote for the ways of saying of the dictionary (``transforms/votes.py``); the best way
wins. Then the rules that need more than one figure or noun decide (``transforms/neighbours.py``): one figure for
several nouns, zeros, parts, splits, volumes. What scores below ``THRESHOLD`` is left unmapped: precision goes first.
"""

from __future__ import annotations

from typing import NamedTuple

from transforms.dictionary import Dictionary
from transforms.neighbours import settle
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.totals import Settled
from transforms.votes import Reader, Vote
from warehouse.contracts import Scope

THRESHOLD = 0.5
"""Confidence below which a figure stays unmapped."""

_CERTAIN = 15.0
"""Score of a noun of four characters right before the figure with its verb, which is taken as certain."""


class Mapping(NamedTuple):
    """What one quantity states.

    ``about`` names the indicators that a change, prior, plan, norm or part speaks of without stating them; ``head`` is
    the counted noun as well as the rules can tell; ``rule`` names the rule and its words; ``scope`` is the quantity's
    own or, where the words show a part, ``part``.
    """

    indicators: tuple[str, ...]
    about: tuple[str, ...]
    head: str
    rule: str
    confidence: float
    scope: Scope


def map_quantities(
    text: str, structure: Structure, quantities: list[Quantity], dictionary: Dictionary
) -> list[Mapping]:
    """Map every quantity of a text.

    Args:
        text: The cleaned text.
        structure: Its sections, sentences and clauses.
        quantities: Its quantities in order.
        dictionary: The indicators.

    Returns:
        One mapping per quantity, in their order.
    """
    reader = Reader(text, structure, quantities, dictionary.lexicon)
    return [_mapping(reader, index, settled) for index, settled in enumerate(settle(reader, reader.read()))]


def _mapping(reader: Reader, index: int, settled: Settled) -> Mapping:
    quantity, lexicon = reader.quantities[index], reader.lexicon
    if not settled.votes:
        return Mapping((), (), _noun(reader, index), settled.rule, 0.0, settled.scope)
    best = settled.votes[0]
    confidence = min(1.0, max(0.0, best.score / _CERTAIN))
    names = tuple(dict.fromkeys([lexicon.names[lexicon.owners[vote.way]] for vote in settled.votes]))
    low, high = best.spans[0] if best.spans else (quantity.start, quantity.start)
    states = settled.states and quantity.kind in {"actual", "zero"} and confidence >= THRESHOLD
    rule = _rule(reader, settled.rule or ("left" if best.anchor < quantity.start else "right"), best)
    return Mapping(
        names if states else (),
        () if states or confidence < THRESHOLD else names,
        reader.text[low:high],
        rule,
        round(confidence, 2),
        # A part with an indicator of its own is that indicator's total for the township (docs/conventions.md).
        "township" if states and settled.scope == "part" else settled.scope,
    )


def _rule(reader: Reader, name: str, vote: Vote) -> str:
    """The rule's name and the words that filled the way, the counted noun first."""
    return f"{name}: {' + '.join([reader.text[low:high] for low, high in vote.spans])}"


def _noun(reader: Reader, index: int) -> str:
    """What is counted where the dictionary has no word for it: the characters next to the figure."""
    quantity = reader.quantities[index]
    if quantity.kind == "name" or quantity.labels:
        return ""
    before = reader.text[reader.windows.lefts[index] : quantity.start].rstrip("“”《》：: 共计达约为是有了的近超")
    behind = reader.text[quantity.end : min(quantity.clause[1], quantity.end + 8)].strip("，。；、： 的\n")
    return before[-8:] if len(before) > 1 else behind
