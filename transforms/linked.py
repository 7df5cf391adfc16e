"""Linked: figures tied to another, as an amount to its cases, a sum to its parts, all of a stock to a second stock.

The conventions (``docs/conventions.md``): a figure inside a part is a part too; ``18人全部持证`` tells two stocks.
"""

from __future__ import annotations

import re

from transforms.quantity import Quantity
from transforms.totals import Settled
from transforms.votes import Reader, Vote

_COUNTED = frozenset("件宗起例户家处")
"""Units of the cases that an amount may be of."""
_AND = frozenset("和及与、")
_NO_NOUN = ("及时", "与会")
_NOUN = 2
"""Characters of the shortest noun."""
_BETWEEN = re.compile("[，、]?[^，。；、0-9]{0,8}")
"""What stands between cases and their amount: 查处滥伐林木4起，罚款1.16万元."""
_ALL = re.compile("(?:（[^）]{0,12}）)?[，,]?(?:已|现)?(?:全部|均|都|全员|全体)")
"""What follows a number of persons all of whom are also something else."""
_NEAR = 14
"""Characters behind 全部 in which the second stock is named."""


def link(reader: Reader, settled: list[Settled]) -> None:
    """Decide the figures that are tied to another one, from what that one states."""
    for index, one in enumerate(settled):
        quantity = reader.quantities[index]
        if quantity.kind != "actual" or not one.votes:
            continue
        if one.rule == "pooled":
            settled[index] = _pooled(reader, one)
        elif one.states and _with_another(reader, one.votes[0], quantity):
            settled[index] = one._replace(states=False, rule="with another", scope="part")
        elif one.states and len(one.votes) == 1:
            owner = reader.lexicon.owners[one.votes[0].way]
            if reader.lexicon.money[owner]:
                settled[index] = _amount(reader, settled, index)
            elif reader.lexicon.stocks[owner] and reader.lexicon.persons[owner]:
                settled[index] = _two_stocks(reader, one, index, owner)


def _pooled(reader: Reader, one: Settled) -> Settled:
    """审查合同、文件、执法决定共291件: one figure for several parts of one thing is that thing's."""
    lexicon = reader.lexicon
    owners = [lexicon.owners[vote.way] for vote in one.votes]
    parents = {lexicon.parents[owner] for owner in owners if lexicon.parents[owner] not in owners}
    if len(parents) != 1 or -1 in parents:
        return one
    (parent,) = parents
    return Settled((one.votes[0]._replace(way=lexicon.first_way[parent]),), True, "sum of parts", "township")


def _with_another(reader: Reader, vote: Vote, quantity: Quantity) -> bool:
    """行政协议及征迁方案18件: a noun that a further one, which the dictionary lacks, follows before the figure."""
    if not vote.spans or quantity.unit == "%" or vote.spans[0][0] >= quantity.start:
        return False
    end = vote.spans[0][1]
    if reader.text[end : end + 1] not in _AND or reader.text.startswith(_NO_NOUN, end):
        return False
    if reader.lexicon.content(reader.text[end + 1 : quantity.start]) < _NOUN:
        return False
    owner, heads = reader.lexicon.owners[vote.way], reader.lexicon.heads
    if reader.lexicon.copies[owner]:
        # What is handed out together is told together (宣传单、扇子3000份).
        return False
    return not any(owner in heads.get(word, ()) for word, _, _ in reader.words_between(end + 1, quantity.start))


def _amount(reader: Reader, settled: list[Settled], index: int) -> Settled:
    """查处滥伐林木4起，罚款1.16万元: the amount of cases that state nothing is no total."""
    one, quantities = settled[index], reader.quantities
    if not index:
        return one
    before, own = quantities[index - 1], quantities[index]
    if before.unit not in _COUNTED or before.kind != "actual" or settled[index - 1].states:
        return one
    between = _BETWEEN.fullmatch(reader.text, before.end, own.start)
    if (
        between is None
        or "合计" in between.group()
        or (before.part_of is not None and own.part_of is None and "，" in between.group())
    ):
        return one
    return one._replace(states=False, rule="amount of a part", scope="part")


def _two_stocks(reader: Reader, one: Settled, index: int, owner: int) -> Settled:
    """执法人员18名，全部取得行政执法证件: the stock, and the part of it that all of them are."""
    quantity, lexicon, vote = reader.quantities[index], reader.lexicon, one.votes[0]
    everyone = _ALL.match(reader.text, quantity.end)
    if everyone is None:
        return one
    parent = lexicon.parents[owner]
    if parent >= 0 and lexicon.persons[parent] and vote.spans and vote.spans[0][0] >= quantity.end:
        for word, start, end in reader.beside(index):
            if end == quantity.start and parent in lexicon.heads.get(word, ()):
                second = Vote(vote.score, lexicon.first_way[parent], ((start, end),), start, False)
                return Settled((second, vote), True, "all of them", one.scope)
    for word, start, end in reader.words_between(everyone.end(), everyone.end() + _NEAR):
        for child in sorted(lexicon.heads.get(word, ())):
            if lexicon.parents[child] == owner and lexicon.persons[child] and lexicon.stocks[child]:
                second = Vote(vote.score, lexicon.first_way[child], ((start, end),), start, False)
                return Settled((vote, second), True, "all of them", one.scope)
    return one
