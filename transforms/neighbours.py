"""The rules of the mapping that need more than one figure or noun: shared nouns, zeros, parts, splits, volumes."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from transforms.lexicon import Lexicon
from transforms.linked import link
from transforms.partial import each, partial
from transforms.totals import Settled, keep_results, sum_up
from transforms.votes import Reader, Vote
from transforms.windows import Place

_AND = "、和及与"
_CASES = frozenset("件宗起例")
_ALSO = ("均", "都", "各", "分别", "皆", "全部")
_AGAIN = 10.0
"""Score of a stock told again: its noun touches the figure and its value agrees."""
_AMONG = ("其中", "当中")
_CAUSE = re.compile("(?:一[起件宗])?[因由][^，。；]{1,20}?(?:引发|引起|导致|造成|产生|不及时|不当)")
"""What a denied thing would have come from is not denied itself: 没有因信息公开引发的行政复议."""
_TOTAL = re.compile("总数|总量|累计|合计|共计|现有|共有|达到?$")
_OBJECT = 12
"""Characters of the longest noun in a list of objects."""
_LONG = 3
"""Characters of a noun that is specific enough to tell a stock again."""
_OPINION = ("意见", "建议")
"""合同、决策合法性审查意见40条: what is counted are the opinions, not the reviews of both objects."""
_PERIODS = frozenset(("several years", "one campaign"))
_CLOSE = 0.72
"""Share of the best score that a second way must reach to state the figure too (pooled verbs)."""


def settle(reader: Reader, votes: list[list[Vote]]) -> list[Settled]:
    """Decide what every quantity states, from the votes of all."""
    settled = [_single(reader, index, found) for index, found in enumerate(votes)]
    _respectively(reader, settled)
    sum_up(reader, settled)
    _split(reader, settled)
    link(reader, settled)
    _told_again(reader, settled)
    _of_its_total(reader, settled)
    keep_results(reader, settled)
    _volume(reader, settled)
    return settled


def _of_its_total(reader: Reader, settled: list[Settled]) -> None:
    """近三年共调解823起，其中达成协议210起: a part is of no other time than its total."""
    for index, quantity in enumerate(reader.quantities):
        one, whole = settled[index], quantity.part_of
        if whole is not None and one.states and not settled[whole].states and settled[whole].rule in _PERIODS:
            settled[index] = one._replace(states=False, rule=settled[whole].rule, scope="part")


def _single(reader: Reader, index: int, votes: list[Vote]) -> Settled:
    quantity = reader.quantities[index]
    if quantity.kind == "zero" and votes:
        return Settled(_denied(reader, index, votes), True, "zero", quantity.scope)
    listed = _listed(reader, index, votes[0] if votes else None)
    if not votes and not listed:
        return Settled((), False, "", quantity.scope)
    if votes and (quantity.part_of is not None or quantity.scope == "part"):
        return _part(reader, index, votes)
    return _whole(reader, index, votes, listed)


def _whole(reader: Reader, index: int, votes: list[Vote], listed: list[Vote]) -> Settled:
    """A figure that nothing announces as a part: it states its nouns, unless it proves partial or a sum of several."""
    quantity, lexicon = reader.quantities[index], reader.lexicon
    chosen = (*listed, *votes[:1], *_pooled_verbs(reader, votes))
    owners = {_owner(reader, vote) for vote in (*listed, *votes[:1])}
    own = reader.windows.lefts[index]
    reason = partial(reader.text, quantity, own, lexicon, owners)
    if not reason and len(owners) == 1 and each(reader.text[own : quantity.start]):
        reason = "each"
    if reason:
        return Settled(chosen, False, reason, "part")
    opinions = votes and any(reader.text.startswith(_OPINION, end) for _, end in votes[0].spans)
    if not listed and votes and not opinions and (common := _one_of_several(reader, index, votes[0])) is not None:
        return Settled((votes[0]._replace(way=lexicon.first_way[common]),), True, "several objects", quantity.scope)
    if len(owners) == 1 or _applies_to_each(reader, index, votes):
        return Settled(chosen, True, "shared" if len(owners) > 1 else "", quantity.scope)
    if all(lexicon.copies[owner] for owner in owners):
        # Several kinds of copies in one figure are material at large, the first of the indicators of copies.
        whole = chosen[0]._replace(way=lexicon.first_way[lexicon.copies.index(True)])
        return Settled((whole,), True, "pooled copies", quantity.scope)
    return Settled(chosen, False, "pooled", quantity.scope)


def _one_of_several(reader: Reader, index: int, vote: Vote) -> int | None:
    """合同、行政决策合法性审查31件: the indicator that both objects are kinds of, where the noun ends a list of two."""
    text, lexicon = reader.text, reader.lexicon
    if len(vote.spans) < 2 or _applies_to_each(reader, index, [vote]):
        return None
    own = lexicon.owners[vote.way]
    start = vote.spans[0][0]
    stop = start - 1
    if stop < 1 or text[stop] not in _AND:
        return None
    stop -= text.endswith(("等", "以"), 0, stop)
    for word, _, end in reader.words_between(max(reader.quantities[index].sentence[0], stop - _OBJECT), stop):
        for other in sorted(lexicon.heads[word]) if end == stop else ():
            wider = lexicon.ancestors[own] & ({other} | lexicon.ancestors[other])
            if other != own and wider:
                return max(wider, key=lambda one: len(lexicon.ancestors[one]))
    return None


def _applies_to_each(reader: Reader, index: int, votes: list[Vote]) -> bool:
    """Whether a figure behind several nouns is each one's and not their sum: rates, zeros, figures with 均 or 各."""
    quantity = reader.quantities[index]
    if quantity.unit == "%" or quantity.value == 0:
        return True
    low = votes[0].spans[0][1] if votes and votes[0].spans else reader.windows.lefts[index]
    return any(word in reader.text[low : quantity.start] for word in _ALSO)


def _respectively(reader: Reader, settled: list[Settled]) -> None:
    """受理率、办结率、满意率分别为100%、100%和96.9%: the first figure is the first noun's, and so on."""
    quantities, text = reader.quantities, reader.text
    first = text.find("分别")
    for index, quantity in enumerate(quantities):
        if first < 0 or quantity.start <= first:
            continue
        low = max(quantity.clause[0], quantities[index - 1].end if index else 0)
        at = text.rfind("分别", low, quantity.start)
        if at < 0 or quantity.kind == "change":
            continue
        run = [index]
        while (
            run[-1] + 1 < len(quantities)
            and quantities[run[-1] + 1].unit == quantity.unit
            and not text[quantities[run[-1]].end : quantities[run[-1] + 1].start].strip("、，和及与")
        ):
            run.append(run[-1] + 1)
        nouns = _nouns(text, low, at)
        if len(run) < 2 or len(nouns) != len(run):
            continue
        for member, (start, stop) in zip(run, nouns, strict=True):
            votes, named = reader.vote(_at(reader, member, start, stop))
            states = named and settled[member].scope == "township"
            settled[member] = Settled(tuple(votes[:1]), states, "respectively", settled[member].scope)


def _nouns(text: str, low: int, high: int) -> list[tuple[int, int]]:
    """The members of a list of nouns."""
    found: list[tuple[int, int]] = []
    start = low
    for at in range(low, high + 1):
        if at == high or text[at] in _AND:
            if at > start:
                found.append((start, at))
            start = at + 1
    return found


def _at(reader: Reader, index: int, left: int, stop: int) -> Place:
    """The place of a figure as if it stood right behind a noun of a list before it."""
    quantity = reader.quantities[index]
    low, high = quantity.sentence
    topic = low if quantity.unit == "%" else left
    clause = min(left, quantity.clause[0])
    return Place(quantity.unit, stop, stop, left, stop, clause, topic, low, high, stop, quantity.section, left)


def _owner(reader: Reader, vote: Vote) -> int:
    return reader.lexicon.owners[vote.way]


def _part(reader: Reader, index: int, votes: list[Vote]) -> Settled:
    """A part never states its total's indicator; it states one that is part of that, or of the same total.

    Any may fit where the total itself has none or another unit, or where the part's own words and the total's make it
    up (清理文件16件，其中保留9件). What follows a semicolon is no part any more, whatever the cue said.
    """
    quantity, lexicon = reader.quantities[index], reader.lexicon
    if quantity.part_of is None:
        return Settled((votes[0],), False, "part", quantity.scope)
    total = reader.stated.get(quantity.part_of, set())
    whole = reader.quantities[quantity.part_of]
    _, mark, last = reader.text[whole.end : quantity.start].rpartition("；")
    if mark and not any(cue in last for cue in _AMONG):
        return Settled((votes[0],), True, "after the parts", quantity.scope)
    free = not total or whole.unit != quantity.unit or quantity.unit not in _CASES
    own = [vote for vote in votes if _owner(reader, vote) not in total]
    if not own or own[0].score < _CLOSE * votes[0].score:
        return Settled((votes[0],), False, "part", quantity.scope)
    if any(_owner(reader, own[0]) in lexicon.ancestors[owner] for owner in total):
        return Settled((own[0],), True, "wider than the total", quantity.scope)
    family = {
        vote.way
        for vote in own
        if free
        or vote.carried
        or total & lexicon.ancestors[_owner(reader, vote)]
        or _siblings(lexicon, total, _owner(reader, vote))
    }
    fitting = [vote for vote in own if vote.way in family]
    if fitting and fitting[0].score >= _CLOSE * own[0].score:
        return Settled((fitting[0],), True, "part", quantity.scope)
    return Settled((own[0],), False, "part", quantity.scope)


def _siblings(lexicon: Lexicon, total: set[int], owner: int) -> bool:
    """Whether an indicator is part of the same one as the total's, at whatever remove."""
    return any(lexicon.ancestors[owner] & lexicon.ancestors[other] for other in total)


def _pooled_verbs(reader: Reader, votes: list[Vote]) -> list[Vote]:
    """排查化解矛盾纠纷36件: the second verb's indicator too, where one is part of the other and the verbs touch."""
    if not votes or len(votes[0].spans) < 2:
        return []
    best, lexicon = votes[0], reader.lexicon
    first = _owner(reader, best)
    for other in votes[1:]:
        second = _owner(reader, other)
        if second == first or other.score < _CLOSE * best.score:
            continue
        if first not in (lexicon.parents[second],) and second not in (lexicon.parents[first],):
            continue
        if len(other.spans) < 2 or other.spans[0][1] != best.spans[0][1]:
            continue
        low, high = sorted((best.spans[1], other.spans[1]))
        if low[1] <= high[0] and reader.text[low[1] : high[0]].strip("、并和及") == "" and low != high:
            return [other]
    return []


def _listed(reader: Reader, index: int, vote: Vote | None) -> list[Vote]:
    """参考率、合格率均达100%: the votes of the nouns listed before the figure's own noun, in text order."""
    quantity, text = reader.quantities[index], reader.text
    if vote is not None and (not vote.spans or vote.anchor >= quantity.start):
        return []
    floor = quantity.clause[0]
    if index:
        # What the figure before took behind it (8个行政村、67个村民组) is no noun of this one.
        floor = max(floor, reader.windows.taken[index - 1])
    found: list[Vote] = []
    at = vote.spans[0][0] if vote is not None else max(floor, reader.windows.lefts[index])
    while at > floor:
        stop = at
        while stop > floor and text[stop - 1] in "“”":
            stop -= 1
        if stop <= floor or text[stop - 1] not in _AND:
            break
        stop -= 1
        left = max(floor, text.rfind("、", floor, stop) + 1)
        others, named = reader.vote(_at(reader, index, left, stop))
        if named and others and others[0].spans[0][1] >= stop - 1:
            found.append(others[0])
            at = others[0].spans[0][0]
        elif quantity.unit == "%" and left < at:
            at = left
        else:
            break
    return found[::-1]


def _denied(reader: Reader, index: int, votes: list[Vote]) -> tuple[Vote, ...]:
    """未发生行政复议和行政诉讼案件: one vote for each noun that a zero denies, the best for each, in text order."""
    lexicon = reader.lexicon
    taken: list[tuple[int, int]] = []
    chosen: list[Vote] = []
    quantity = reader.quantities[index]
    behind = any(vote.spans and vote.spans[0][0] >= quantity.end for vote in votes)
    cause = _CAUSE.match(reader.text, quantity.end, quantity.clause[1])
    denied_from = cause.end() if cause is not None else quantity.start
    for vote in votes:
        if not lexicon.deniable[_owner(reader, vote)] or not vote.spans:
            continue
        head = vote.spans[0]
        if behind and (head[0] < quantity.start or quantity.end <= head[0] < denied_from):
            continue
        if any(head[0] < high and low < head[1] for low, high in taken):
            continue
        if any(_owner(reader, vote) == _owner(reader, other) for other in chosen):
            continue
        taken.append(head)
        chosen.append(vote)
    return tuple(sorted(chosen, key=lambda vote: vote.spans[0]))


def _split(reader: Reader, settled: list[Settled]) -> None:
    """代表建议9件、政协提案3件: figures of one indicator in a list, or with several nouns, are parts."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, one in enumerate(settled):
        quantity = reader.quantities[index]
        if not one.states or not one.votes or one.scope != "township" or quantity.kind != "actual":
            continue
        if quantity.labels or quantity.unit == "%" or not one.votes[0].spans:
            continue
        owner = _owner(reader, one.votes[0])
        if reader.lexicon.domains[owner] == "organisation" and reader.lexicon.persons[owner]:
            continue
        groups.setdefault((quantity.sentence[0], owner), []).append(index)
    for group in groups.values():
        if len(group) > 1:
            _apart(reader, settled, group)


def _apart(reader: Reader, settled: list[Settled], group: list[int]) -> None:
    """The figures of one indicator in one sentence: which of them is told before, which are parts of which."""
    if _ends_in_total(reader, group):
        for index in group[:-1]:
            settled[index] = settled[index]._replace(states=False, rule="split", scope="part")
        return
    own = [index for index in group if not settled[index].votes[0].carried]
    for index in group:
        if own and index not in own and index > own[0]:
            settled[index] = settled[index]._replace(states=False, rule="told before")
    members = own or group
    heads = {reader.text[slice(*settled[index].votes[0].spans[0])] for index in members}
    listed = all(_next_in_list(reader, one, two) for one, two in pairwise(members))
    if len(members) > 1 and (listed or len(heads) == len(members)):
        for index in members:
            settled[index] = settled[index]._replace(states=False, rule="split", scope="part")


def _ends_in_total(reader: Reader, group: list[int]) -> bool:
    """法治公园1处、法治长廊2处，现有阵地12处: whether the last of several figures is announced as their total."""
    quantities, last = reader.quantities, group[-1]
    values = [quantities[index].value for index in group if quantities[index].unit == quantities[last].unit]
    if len(group) < 2 or len(values) < len(group) or None in values:
        return False
    low = max(quantities[last].clause[0], quantities[group[-2]].end)
    if _TOTAL.search(reader.text, low, quantities[last].start) is None:
        return False
    return sum(value for value in values[:-1] if value is not None) <= (values[-1] or 0)


def _told_again(reader: Reader, settled: list[Settled]) -> None:
    """执法人员18名 … 18名执法人员中: a number of persons told again with its value and its noun is the same figure."""
    lexicon = reader.lexicon
    known: dict[int, set[Decimal | None]] = {}
    for index, one in enumerate(settled):
        for vote in one.votes if one.states and reader.quantities[index].kind == "actual" else ():
            if lexicon.stocks[_owner(reader, vote)] and lexicon.persons[_owner(reader, vote)]:
                known.setdefault(_owner(reader, vote), set()).add(reader.quantities[index].value)
    for index, one in enumerate(settled):
        quantity = reader.quantities[index]
        if one.votes or quantity.kind != "actual" or quantity.scope != "township" or quantity.labels:
            continue
        for word, start, end in reader.beside(index) if known else ():
            if end - start < _LONG:
                continue
            for owner in sorted(lexicon.heads.get(word, ())):
                if quantity.value in known.get(owner, ()):
                    vote = Vote(_AGAIN, lexicon.first_way[owner], ((start, end),), start, False)
                    settled[index] = Settled((vote,), True, "told again", quantity.scope)


def _next_in_list(reader: Reader, one: int, two: int) -> bool:
    first, second = reader.quantities[one], reader.quantities[two]
    return first.clause == second.clause and two == one + 1 and first.unit == second.unit


_HANDLED = ("办理", "处理", "处置")


def _volume(reader: Reader, settled: list[Settled]) -> None:
    """A figure written 办理 or 处理 is the volume where the report tells no other; 办结 says how many are closed."""
    lexicon = reader.lexicon
    stated = {_owner(reader, vote) for one in settled if one.states for vote in one.votes}
    for index, one in enumerate(settled):
        if not one.states or len(one.votes) != 1 or reader.quantities[index].kind != "actual":
            continue
        vote = one.votes[0]
        parent = lexicon.parents[_owner(reader, vote)]
        if parent < 0 or parent in stated or not lexicon.handled[_owner(reader, vote)]:
            continue
        words = {reader.text[low:high] for low, high in vote.spans[1:]}
        if any(word.endswith(_HANDLED) for word in words):
            settled[index] = one._replace(votes=(vote._replace(way=lexicon.first_way[parent]),), rule="volume")
