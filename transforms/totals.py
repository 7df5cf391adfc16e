"""Totals: sums told behind their parts, and figures told again where the report names its shortcomings."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from transforms.votes import Reader, Vote
from warehouse.contracts import Scope

_SUM = re.compile("[，、；,]?[^，。；、0-9]{0,4}(?:共|合计|总计|累计|计)[^，。；、0-9]{0,2}")
"""What stands between the last part and its sum."""
_MOST = 6
"""Parts of one sum that are looked for."""
_SCORE = 11.0
"""Score of a sum: its parts' nouns and its value agree."""


class Settled(NamedTuple):
    """What a quantity states after all rules: a vote for each indicator, whether it states them, why, its scope."""

    votes: tuple[Vote, ...]
    states: bool
    rule: str
    scope: Scope


def sum_up(reader: Reader, settled: list[Settled]) -> None:
    """简易案件189件，普通案件57件，共246件: a sum that its parts make up states what they are parts of."""
    for index, quantity in enumerate(reader.quantities):
        if index < 2 or quantity.kind != "actual" or quantity.value is None or quantity.unit == "%":
            continue
        before = reader.quantities[index - 1]
        if before.unit != quantity.unit or not _SUM.fullmatch(reader.text, before.end, quantity.start):
            continue
        whole = _whole_of(reader, settled, index)
        if whole is not None:
            vote = Vote(_SCORE, reader.lexicon.first_way[whole], (), quantity.start, True)
            settled[index] = Settled((vote,), True, "sum", "township")


def _whole_of(reader: Reader, settled: list[Settled], index: int) -> int | None:
    """The indicator that the parts before a sum state or are parts of; None where they do not add up."""
    quantities, lexicon = reader.quantities, reader.lexicon
    total, owners = Decimal(0), set[int]()
    for part in range(index - 1, max(-1, index - 1 - _MOST), -1):
        one, value = settled[part], quantities[part].value
        if quantities[part].unit != quantities[index].unit or value is None or not one.votes:
            return None
        total += value
        owners.add(lexicon.owners[one.votes[0].way])
        if total >= (quantities[index].value or 0):
            break
    if total != quantities[index].value or part == index - 1:
        return None
    parents = {lexicon.parents[owner] for owner in owners}
    if len(owners) == 1:
        return next(iter(owners))
    return next(iter(parents)) if len(parents) == 1 and -1 not in parents else None


def keep_results(reader: Reader, settled: list[Settled]) -> None:
    """Among the shortcomings a stock is one, and a flow only if it was told before; others measure what is lacking."""
    told: set[tuple[int, Decimal | None]] = set()
    sections = reader.structure.sections
    for index, one in enumerate(settled):
        quantity = reader.quantities[index]
        if not one.states:
            continue
        figures = {(reader.lexicon.owners[vote.way], quantity.value) for vote in one.votes}
        if sections[quantity.section].kind != "shortcomings":
            told |= figures
        elif not figures <= told and not all(reader.lexicon.stocks[owner] for owner, _ in figures):
            settled[index] = one._replace(states=False, rule="shortcomings")
