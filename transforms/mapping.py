"""Mapping: from a quantity to the indicators that it states, by counted noun, verb, classifier, neighbours and section.

The words around each quantity vote for the ways of saying of the dictionary (``transforms/votes.py``); the best way
wins. Then the rules that need more than one figure or noun decide (``transforms/neighbours.py``): one figure for
several nouns, zeros, parts, splits, volumes. At last labelled examples have their say (``transforms/opinions.py``):
they know wordings that the dictionary lacks, and when a figure is only a part. What both lead to is a claim; it holds
where all that the report tells beside speaks for it (``transforms/credence.py``), else the figure is left unmapped.
What was done on one occasion is a part, however far back that is told (``transforms/occasions.py``). Of figures that
differ and claim one indicator by different nouns, the surest keeps it (``transforms/contested.py``). A change or last
year's figure without a noun speaks of the figure before it (``transforms/compared.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from transforms.claims import matrix
from transforms.compared import compared
from transforms.contested import contested
from transforms.credence import Credence
from transforms.dictionary import Dictionary
from transforms.neighbours import settle
from transforms.occasions import occasions
from transforms.opinions import FAR_BEHIND, HIGHER, PART, Opinion, Opinions
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.totals import Settled
from transforms.votes import Reader, Vote
from warehouse.contracts import Scope

THRESHOLD = 0.5
"""Confidence below which a figure stays unmapped."""

_CERTAIN = 15.0
"""Score of a noun of four characters right before the figure with its verb, which is taken as certain."""

_SECOND = 0.5
"""Lead from which the next best indicator is stated too (排查化解纠纷36件)."""
_CLOSE = 0.02
"""Distance of the best two indicators within which that of the rules is taken."""
_SETTLED = frozenset(
    ("one campaign", "one theme", "several years", "each", "average", "the rest", "a sample", "several objects")
)
"""Rules that found in the words what a figure is or why it is no total; examples do not overrule them."""


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
    ruled = by_rules(text, structure, quantities, dictionary)
    fitting = [allowed(one, dictionary) for one in quantities]
    opinions = Opinions.load().of(text, structure, quantities, ruled, fitting)
    spoken = occasions(text, quantities)
    claimed = [claim(*one, dictionary) for one in zip(quantities, ruled, opinions, spoken, strict=True)]
    weighed = _judged(text, quantities, ruled, opinions, claimed)
    stated, sure = [one.indicators for one in weighed], [one.confidence for one in weighed]
    lost = contested(quantities, stated, sure, [one.head for one in weighed])
    for index, names in lost.items():
        weighed[index] = _outdone(weighed[index], names, text, quantities)
    weighed = [_in_its_total(*one) for one in zip(weighed, quantities, strict=True)]
    about = compared(text, quantities, [one.indicators for one in weighed], [one.about for one in weighed])
    return [one if names == one.about else one._replace(about=names) for one, names in zip(weighed, about, strict=True)]


def by_rules(text: str, structure: Structure, quantities: list[Quantity], dictionary: Dictionary) -> list[Mapping]:
    """Map every quantity of a text by the dictionary and the rules alone."""
    reader = Reader(text, structure, quantities, dictionary.lexicon)
    return [_mapping(reader, index, settled) for index, settled in enumerate(settle(reader, reader.read()))]


def allowed(quantity: Quantity, dictionary: Dictionary) -> frozenset[str] | None:
    """The indicators that take a quantity's unit; None for one without, and for cells, whose labels decide."""
    if quantity.kind not in {"actual", "zero"} or quantity.scope == "higher" or quantity.labels:
        return None
    return dictionary.lexicon.taking(quantity.unit)


def claim(
    quantity: Quantity, ruled: Mapping, opinion: Opinion | None, occasion: str, dictionary: Dictionary
) -> Mapping:
    """What a figure seems to state by the rules and the examples, before anybody looks about."""
    claimed = ruled if opinion is None else _claimed(ruled, opinion, dictionary)
    if occasion and claimed.indicators and not quantity.labels:
        return _of_occasion(claimed, occasion, dictionary)
    return claimed


def _claimed(ruled: Mapping, opinion: Opinion, dictionary: Dictionary) -> Mapping:
    """What the rules and the examples say together.

    The examples know what the rules said and decide. The rules decide alone about indicators that no example has, and
    where they found words for a part of what the examples would have.
    """
    opinions = Opinions.load()
    if not opinions.know(ruled.indicators) or _settled(ruled):
        return ruled
    if opinion.lead <= FAR_BEHIND or not opinion.best:
        return _unstated(ruled, opinion, _sure(opinion.lead))
    close = opinion.second in ruled.indicators and opinion.lead - opinion.second_lead < _CLOSE
    same = opinion.best in ruled.indicators or dictionary.lexicon.holds(opinion.best, ruled.indicators)
    if opinion.lead > 0 and (close or same):
        return ruled
    names = (
        (opinion.best, opinion.second)
        if opinion.second_lead > _SECOND and opinions.pooled(opinion.best, opinion.second)
        else (opinion.best,)
    )
    rule = ruled.rule if opinion.best in ruled.indicators else _because("examples", opinion)
    return Mapping(names, (), ruled.head, rule, _sure(opinion.lead), "township")


def _settled(mapped: Mapping) -> bool:
    return _name(mapped) in _SETTLED


def _name(mapped: Mapping) -> str:
    """The name of the rule that made a mapping, without its words."""
    return mapped.rule.partition(":")[0]


def _unstated(ruled: Mapping, opinion: Opinion, sure: float) -> Mapping:
    """A figure that states nothing, as part or higher body's where the examples say so."""
    scope: Scope = "part" if opinion.label == PART else "higher" if opinion.label == HIGHER else ruled.scope
    rule = _because("examples: no total", opinion) if ruled.indicators else ruled.rule
    return Mapping((), ruled.about or ruled.indicators, ruled.head, rule, sure, scope)


def _judged(
    text: str,
    quantities: Sequence[Quantity],
    ruled: Sequence[Mapping],
    opinions: Sequence[Opinion | None],
    claimed: Sequence[Mapping],
) -> list[Mapping]:
    """The claims that hold, with their probability, and what is left of the others."""
    chosen, rows = matrix(text, quantities, ruled, opinions, [one.indicators for one in claimed])
    judged, known = list(claimed), Opinions.load().know
    made_by = [_name(claimed[index]) for index in chosen]
    for index, sure in zip(chosen, Credence.load().of(rows, made_by), strict=True):
        opinion, names = opinions[index], claimed[index].indicators
        if opinion is not None and names and known(names) and not _settled(claimed[index]):
            judged[index] = (
                claimed[index]._replace(confidence=sure)
                if sure >= THRESHOLD
                else _unstated(ruled[index], opinion, sure)._replace(rule=f"doubted: {claimed[index].rule}")
            )
    return judged


def _of_occasion(mapped: Mapping, words: str, dictionary: Dictionary) -> Mapping:
    """What a figure states that the words before it give to one occasion: only what there is at that time."""
    stated = tuple(name for name in mapped.indicators if name in dictionary.lexicon.levels)
    if stated:
        return mapped
    about = (*mapped.indicators, *mapped.about)
    return Mapping((), about, mapped.head, f"one occasion: {words}", mapped.confidence, "part")


def _outdone(mapped: Mapping, lost: dict[str, int], text: str, quantities: list[Quantity]) -> Mapping:
    """What a figure states beside the indicators of which other figures are the totals."""
    winners = sorted({text[quantities[at].start : quantities[at].end] for at in lost.values()})
    return mapped._replace(
        indicators=tuple(name for name in mapped.indicators if name not in lost),
        about=(*lost, *mapped.about),
        rule=f"another total: {' + '.join(winners)}",
    )


def _in_its_total(mapped: Mapping, quantity: Quantity) -> Mapping:
    """What states nothing in the end, and was told as a part of its total (其中主动公开14条), is that part."""
    told = not mapped.indicators and mapped.scope == "township" and quantity.scope != "township"
    return mapped._replace(scope=quantity.scope) if told else mapped


def _sure(lead: float) -> float:
    """The confidence of a lead: a half where both are even, one from a whole lead on."""
    return round(min(1.0, max(0.0, (1 + lead) / 2)), 2)


def _because(name: str, opinion: Opinion) -> str:
    return f"{name}: {' + '.join(opinion.words)}"


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
