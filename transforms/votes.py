"""Votes: for each quantity, the ways of the dictionary that the words around it fill, and how well.

The words of a text are found once. A word next to a quantity counts the less the more characters between the two
nothing explains, so that the noun before the figure wins over one further off; words of its clause, of earlier clauses
and of the sentence count less still (``transforms/windows.py`` tells where these begin).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container
from operator import itemgetter
from typing import NamedTuple

from transforms.lexicon import Entry, Lexicon, Serving
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.terms import Reach
from transforms.windows import Place, Windows

_NEXT, _CLAUSE, _CARRIED, _SENTENCE, _ANYWHERE = (int(reach) for reach in Reach)

NAMED = 8.5
"""Value from which a counted noun before the figure is its own, so that words after it belong to the next figure."""
_LEFT_COST, _RIGHT_COST = 1.8, 0.8
"""What an unexplained character between word and figure costs: before the figure it may be the counted noun itself."""
_PERSONS = frozenset({"人", "名", "位", "人次"})
"""Units whose figures take a predicate behind them although their noun stands before (公职人员90人注册学法账号)."""
_DOMAIN = 0.8
"""What it is worth that the heading speaks of the indicator's domain: enough to decide between equals, no more."""
_TOTALS = frozenset(
    (
        "总计",
        "合计",
        "总数",
        "数量",
        "总量",
        "小计",
        "数值",
        "数据",
        "本年度办理结果",
        "办理结果",
        "本年",
        "本年度",
        "全年",
        "件数",
    )
)
_YEAR = re.compile(r"20\d\d年度?")
_TITLE = 60
"""Characters of the text's first sentence that are read as its title."""
_ABOVE = 120
"""Characters above a table cell's labels that are read as the table's caption."""

Slot = tuple[float, int, int, int]
"""The best word for one group of a way: its value, where it starts and ends, and its zone."""


class Vote(NamedTuple):
    """One way that stands for a quantity: its score, and where the words of its groups stand in the text."""

    score: float
    way: int
    spans: tuple[tuple[int, int], ...]
    """Start and end of the word of each group that was found in the text, the head's first."""
    anchor: int
    """Where the word next to the figure begins."""
    carried: bool
    """Whether a word of it was carried over from an earlier clause."""


Found = tuple[tuple[Serving, ...], float, int, int, int]
"""A word further off: the groups that it serves, its value, where it starts and ends, its zone."""


class _Poll:
    """What the words around one figure say: the slots they fill, how many of each way, and what they speak against."""

    __slots__ = ("filled", "heads", "slots", "vetoed")

    def __init__(self) -> None:
        self.slots: dict[int, Slot] = {}
        self.filled: dict[int, int] = {}
        self.vetoed: set[int] = set()
        self.heads: list[int] = []


class Reader:
    """One text: its words, its quantities, and the votes for each."""

    def __init__(self, text: str, structure: Structure, quantities: list[Quantity], lexicon: Lexicon) -> None:
        self.text, self.structure, self.quantities, self.lexicon = text, structure, quantities, lexicon
        self.windows = Windows(text, quantities, lexicon)
        found = lexicon.find(text)
        self._by_end = found
        self._ends = [hit[2] for hit in found]
        self._by_start = sorted(found, key=itemgetter(1))
        self._starts = [hit[1] for hit in self._by_start]
        self._headings: dict[int, tuple[frozenset[str], frozenset[int]]] = {}
        self.stated: dict[int, set[int]] = {}
        """By quantity: the indicators of its best way, which its parts cannot state."""

    def read(self) -> list[list[Vote]]:
        """The votes of every quantity, best first."""
        return [self._votes(index) for index in range(len(self.quantities))]

    def _votes(self, index: int) -> list[Vote]:
        quantity, windows = self.quantities[index], self.windows
        left, right = windows.open(index)
        if quantity.kind == "name" or quantity.scope == "higher":
            return []
        if quantity.labels:
            votes = self._cell(quantity)
        else:
            place = windows.place(index, left, right)
            votes, windows.named[index] = self.vote(place)
            if not votes and (wider := windows.wider(index, place)) is not None:
                votes, windows.named[index] = self.vote(wider)
            if not votes and (bare := windows.bare(index, place)) is not None:
                votes, windows.named[index] = self.vote(bare)
            if not votes and (running := windows.running(index, place)) is not None:
                votes, windows.named[index] = self.vote(running)
            if not votes and (listed := windows.listed(index, place)) is not None:
                votes, windows.named[index] = self.vote(listed)
        if votes:
            best = votes[0]
            if best.spans and quantity.start < best.spans[0][0] < right and best.spans[0][1] > quantity.end:
                windows.taken[index] = best.spans[0][1]
            self.stated[index] = {self.lexicon.owners[best.way]}
        return votes

    def vote(self, place: Place) -> tuple[list[Vote], bool]:
        """Score all ways for a figure; also whether a counted noun stands right before it.

        Only ways that a word next to the figure serves can stand, so that words further off are read for those alone.
        """
        poll = _Poll()
        table = self.lexicon.table(place.unit)
        around, needs = self.lexicon.around, self.lexicon.needs_before
        index, boundary = self._next_before(place, table, poll)
        known = set(poll.filled)
        wide = not known or place.anywhere or place.total[1] > 0 or any(around[way] for way in known)
        lowest = place.lowest if wide else max(place.lowest, min(place.topic, place.clause))
        far = self._before(place, table, poll, index, boundary, lowest)
        _complete(poll, far, known)
        named = any(poll.filled[way] >= needs[way] for way in poll.heads)
        self._after(place, table, poll, named)
        new = poll.filled.keys() - known if len(poll.filled) > len(known) else ()
        if new:
            if not wide and any(around[way] for way in new):
                far = self._before(place, table, poll, index, boundary, place.lowest)
            _complete(poll, far, new)
        return (self._standing(poll, place.section) if poll.filled else []), named

    def _next_before(self, place: Place, table: list[Entry | None], poll: _Poll) -> tuple[int, int]:
        """The words right before the figure, nearest first; returns the next index and where a light verb ends."""
        hits, text, content, vetoed = self._by_end, self.text, self.lexicon.content, poll.vetoed
        start, left = place.start, place.left
        edge, unexplained, boundary, verb = start, 0, -1, -1
        target = text.rfind("对", left, start)
        if target < 0 or text.find("，", target, start) >= 0:
            target = start
        index = bisect_right(self._ends, start) - 1
        while index >= 0:
            word, hit_start, hit_end = hits[index]
            if hit_end <= left:
                break
            entry = table[word]
            if entry is not None and entry[4] and boundary < 0 and hit_start < edge and not self._inside(index):
                boundary, verb = hit_end, hit_start
            if hit_end < edge:
                unexplained += content(text[hit_end:edge])
            edge = min(edge, hit_start)
            index -= 1
            if entry is None:
                continue
            if entry[1] and (hit_start >= boundary or hit_start >= target or hit_end == verb):
                vetoed.update(entry[1])
            if entry[2]:
                vetoed.update(entry[2])
            if entry[0]:
                value = 10 - _LEFT_COST * unexplained - 0.1 * (start - hit_end) + 0.3 * entry[3]
                _fill(poll, entry[0], value, hit_start, hit_end)
        return index, boundary

    def _before(
        self, place: Place, table: list[Entry | None], poll: _Poll, index: int, boundary: int, lowest: int
    ) -> list[Found]:
        """The words before those down to ``lowest``, nearest first: of the clause, of the topic, of the sentence."""
        hits, vetoed, start = self._by_end, poll.vetoed, place.start
        clause, topic, floor, anywhere = place.clause, place.topic, place.floor, place.anywhere
        total, total_end = place.total
        found: list[Found] = []
        for at in range(index, -1, -1):
            word, hit_start, hit_end = hits[at]
            if hit_end <= lowest:
                break
            entry = table[word]
            if entry is None or hit_start < lowest:
                continue
            if entry[5] and hit_start >= floor and (hit_start < clause or hit_start >= boundary):
                vetoed.update(entry[5])
            if hit_start >= clause:
                if entry[4] and boundary < 0 and not self._inside(at):
                    boundary = hit_end
                value, zone = 6 - 0.05 * (start - hit_end) + 0.1 * entry[3], _CLAUSE
            elif hit_start >= topic or anywhere or total <= hit_start < total_end:
                value, zone = 4.5 - 0.03 * (start - hit_end) + 0.1 * entry[3], _CARRIED
            else:
                value, zone = 2.5 - 0.03 * (start - hit_end), _SENTENCE
            if entry[2]:
                vetoed.update(entry[2])
            if entry[0]:
                found.append((entry[0], value, hit_start, hit_end, zone))
        return found

    def _after(self, place: Place, table: list[Entry | None], poll: _Poll, named: bool) -> None:
        """The words after the figure: its own where no counted noun stands before it, else context only."""
        hits, vetoed, free, highest = self._by_start, poll.vetoed, place.free, place.highest
        index = bisect_left(self._starts, place.start)
        at_once = self._counted_at(place.end, index, table)
        if not named or at_once or place.zero or place.unit in _PERSONS:
            base = 11.0 if at_once else 7.0 if named and not place.zero else 9.0
            index = self._next_after(place, table, poll, index, base)
        found: list[Found] = []
        if named and not any(self.lexicon.around[way] for way in poll.filled):
            return
        while index < len(hits):
            word, start, end = hits[index]
            if start >= highest:
                break
            index += 1
            entry = table[word]
            if entry is None:
                continue
            if entry[2]:
                vetoed.update(entry[2])
            if entry[0] and not named and start < free:
                found.append((entry[0], 3.0 + 0.1 * entry[3], start, end, _CARRIED))
            elif entry[0]:
                found.append((entry[0], 1.5, start, end, _SENTENCE))
        if found:
            _complete(poll, found, poll.filled.keys())

    def _next_after(self, place: Place, table: list[Entry | None], poll: _Poll, index: int, base: float) -> int:
        """The words right after the figure, nearest first; returns the next word's index."""
        hits, text, content, vetoed = self._by_start, self.text, self.lexicon.content, poll.vetoed
        end, right = place.end, place.right
        edge, unexplained = end, 0
        while index < len(hits):
            word, hit_start, hit_end = hits[index]
            if hit_start >= right:
                break
            if hit_start > edge:
                unexplained += content(text[edge:hit_start])
            edge = max(edge, hit_end)
            index += 1
            entry = table[word]
            if entry is None:
                continue
            if entry[1]:
                vetoed.update(entry[1])
            if entry[2]:
                vetoed.update(entry[2])
            if entry[0]:
                value = max(3.0, base - _RIGHT_COST * unexplained - 0.1 * (hit_start - end))
                _fill(poll, entry[0], value + 0.3 * entry[3], hit_start, hit_end)
        return index

    def beside(self, index: int) -> list[tuple[int, int, int]]:
        """The words that touch a quantity: those that end where it begins and those that begin at its measure word."""
        quantity = self.quantities[index]
        low, high = bisect_left(self._ends, quantity.start), bisect_right(self._ends, quantity.start)
        first = bisect_left(self._starts, quantity.start + 1)
        return self._by_end[low:high] + self._by_start[first : bisect_right(self._starts, quantity.end)]

    def words_between(self, low: int, high: int) -> list[tuple[int, int, int]]:
        """The words that stand wholly between two places."""
        first, last = bisect_left(self._starts, low), bisect_left(self._starts, high)
        return [hit for hit in self._by_start[first:last] if hit[2] <= high]

    def _inside(self, index: int) -> bool:
        """Whether a word is the end of a longer one (组织 in 调解组织)."""
        hits = self._by_end
        _, start, end = hits[index]
        return any(
            hits[other][2] == end and hits[other][1] < start
            for other in range(max(0, index - 3), min(len(hits), index + 4))
        )

    def _counted_at(self, end: int, low: int, table: list[Entry | None]) -> bool:
        """Whether a counted noun follows the measure word at once (大厅5个窗口), whatever stands before the figure."""
        for index in range(low, len(self._starts)):
            word, start, _ = self._by_start[index]
            if start > end:
                return False
            entry = table[word]
            if start == end and entry is not None and any(head for _, _, _, head in entry[0]):
                return True
        return False

    def _standing(self, poll: _Poll, section: int, above: frozenset[int] = frozenset()) -> list[Vote]:
        """The ways all of whose groups were found, and one of them next to the figure, best first."""
        lexicon, slots = self.lexicon, poll.slots
        needs, owners = lexicon.needs, lexicon.owners
        found: list[Vote] = []
        for way, count in poll.filled.items():
            if count < needs[way] or owners[way] in poll.vetoed:
                continue
            vote = self._vote_of(way, slots, section, above)
            if vote is not None:
                found.append(vote)
        if len(found) > 1:
            found.sort(key=_best_first)
        return found

    def _vote_of(self, way: int, slots: dict[int, Slot], section: int, above: frozenset[int]) -> Vote | None:
        lexicon = self.lexicon
        nearest, total, anchor, carried = 0.0, 0.0, 0, False
        spans: list[tuple[int, int]] = []
        for number, reach in enumerate(lexicon.reaches[way]):
            slot = slots.get(way * 8 + number)
            if slot is None:
                if reach == _ANYWHERE and lexicon.any_of(way, number, above or self._heading(section)[1]):
                    continue
                return None
            value, start, end, zone = slot
            if (start, end) in spans:
                return None
            spans.append((start, end))
            if reach >= _SENTENCE:
                total += 0.15 * value
            elif zone == _CARRIED:
                total += 0.2 * value
                carried = True
            else:
                total += 0.4 * value
                if zone == _NEXT and value > nearest:
                    nearest, anchor = value, start
        if not nearest:
            return None
        score = 0.6 * nearest + total
        if lexicon.domains[lexicon.owners[way]] in self._heading(section)[0]:
            score += _DOMAIN
        return Vote(score, way, tuple(spans), anchor, carried)

    def _heading(self, section: int) -> tuple[frozenset[str], frozenset[int]]:
        """The domains that a section's own heading speaks of, and the words of all headings above it and the title."""
        known = self._headings.get(section)
        if known is None:
            sections, lexicon = self.structure.sections, self.lexicon
            path = sections[section].path
            own = frozenset(word for word, _, _ in lexicon.find(path[-1])) if path else frozenset()
            above = "\n".join((self.text[: self.structure.sentence(0)[1]][:_TITLE], *path))
            words = frozenset(word for word, _, _ in lexicon.find(above))
            known = (frozenset(lexicon.hints[word] for word in own if word in lexicon.hints), words)
            self._headings[section] = known
        return known

    def _cell(self, quantity: Quantity) -> list[Vote]:
        """A table cell: the labels of its row and column speak for it, and nothing else.

        Under a column that is not the total's and says nothing to the indicator, the figure is a part.
        """
        poll, lexicon = _Poll(), self.lexicon
        table = lexicon.table(quantity.unit)
        top = quantity.labels[0][0]
        above = self._heading(quantity.section)[1].union(self._words(max(0, top - _ABOVE), top))
        for word in above:
            poll.vetoed.update(lexicon.far_vetoes[word] or ())
        for low, high in quantity.labels:
            for index in range(bisect_left(self._starts, low), bisect_left(self._starts, high)):
                word, start, end = self._by_start[index]
                entry = table[word]
                if end <= high and entry is not None:
                    poll.vetoed.update(entry[1])
                    _fill(poll, entry[0], 9 + 0.3 * entry[3], start, end)
        votes = self._standing(poll, quantity.section, above)
        if len(quantity.labels) < 2:
            return votes
        column = self.text[slice(*quantity.labels[1])].strip()
        if column in _TOTALS or _YEAR.fullmatch(column):
            return votes
        spoken = {
            lexicon.owners[way]
            for word in self._words(*quantity.labels[1])
            for _, way, _, _ in (table[word] or ((),))[0]
        }
        return [vote for vote in votes if lexicon.owners[vote.way] in spoken]

    def _words(self, low: int, high: int) -> list[int]:
        """The words that begin between two places."""
        return [hit[0] for hit in self._by_start[bisect_left(self._starts, low) : bisect_left(self._starts, high)]]


def _fill(poll: _Poll, serves: tuple[Serving, ...], value: float, start: int, end: int) -> None:
    """Let a word next to the figure fill the groups that it serves."""
    slots, filled = poll.slots, poll.filled
    for key, way, _, head in serves:
        known = slots.get(key)
        if known is None:
            slots[key] = (value, start, end, _NEXT)
            filled[way] = filled.get(way, 0) + 1
        elif known[0] < value:
            slots[key] = (value, start, end, _NEXT)
        if head and value >= NAMED:
            poll.heads.append(way)


def _complete(poll: _Poll, found: list[Found], ways: Container[int]) -> None:
    """Let words further off fill the groups of some ways, as far as these reach."""
    slots, filled = poll.slots, poll.filled
    for serves, value, start, end, zone in found:
        for key, way, reach, _ in serves:
            if zone > reach or way not in ways:
                continue
            known = slots.get(key)
            if known is None:
                filled[way] += 1
            elif known[0] >= value:
                continue
            slots[key] = (value, start, end, zone)


def _best_first(vote: Vote) -> tuple[float, int]:
    return -vote.score, vote.way
