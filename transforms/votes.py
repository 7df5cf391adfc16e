"""Votes: for each quantity, the ways of the dictionary that the words around it fill, and how well.

The words of a text are found once. Around a quantity they fall into zones, nearest first: next to it (between the
neighbouring quantities, list marks and brackets), the rest of its clause, the earlier clauses back to where its topic
began, the rest of the sentence, the headings above. A word next to the quantity counts the less the more characters
between the two nothing explains, so that the noun before the figure wins over one further off.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import NamedTuple

from transforms.lexicon import Lexicon, Posting
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.terms import Reach

_NEXT, _CLAUSE, _CARRIED, _SENTENCE = (int(reach) for reach in Reach if reach is not Reach.ANYWHERE)

NAMED = 8.5
"""Value from which a counted noun before the figure is its own, so that words after it belong to the next figure."""
_TOTALS = frozenset(("总计", "合计", "总数", "数量", "总量", "小计"))
_ABOVE = 120
"""Characters above a table cell's labels that are read as the table's caption."""
_TITLE = 60
"""Characters of the text's first sentence that are read as its title."""
_AHEAD = 25
"""Characters behind a figure that opens its clause in which the next clause may tell what it counts."""
_LEFT_COST, _RIGHT_COST = 1.8, 0.8
"""What one unexplained character between word and figure costs: before the figure it is likely the counted noun itself."""
_AND = frozenset("和及与")
_GROWN = re.compile("[^，。；]{0,4}(?:到|至|为)[了约近]?")
"""What stands between last year's figure and this year's: 由111人充实到148人."""
_PERSONS = frozenset("人名位") | {"人次"}
_DOMAIN = 0.8
"""What it is worth that the heading speaks of the indicator's domain: enough to decide between equals, no more."""


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


class Place(NamedTuple):
    """Where the words of one figure may stand."""

    unit: str
    start: int
    end: int
    left: int
    right: int
    clause: int
    topic: int
    sentence: tuple[int, int]
    free: int
    """Where the text behind the figure becomes another's."""
    section: int
    floor: int = 0
    """Where the clause's words since the last quantity begin; what speaks against an indicator counts from there."""
    total: tuple[int, int] = (0, 0)
    """Where the words of the total stand, if the figure is a part of one."""
    zero: bool = False
    """Whether it is a verbal zero, which denies what follows it."""


class _Slot(NamedTuple):
    """The best word for one group of a way."""

    value: float
    start: int
    end: int
    zone: int


class Reader:
    """One text: its words, its quantities, and where each quantity's topic began."""

    def __init__(self, text: str, structure: Structure, quantities: list[Quantity], lexicon: Lexicon) -> None:
        self.text, self.structure, self.quantities, self.lexicon = text, structure, quantities, lexicon
        found = lexicon.find(text)
        self._by_end = found
        self._ends = [hit[2] for hit in found]
        self._by_start = sorted(found, key=itemgetter(1))
        self._starts = [hit[1] for hit in self._by_start]
        self._headings: dict[int, tuple[frozenset[str], frozenset[int]]] = {}
        self.lefts: list[int] = []
        self.named: list[bool] = []
        self.taken: list[int] = []
        """By quantity: where the noun behind it that it took ends; the words before that are not its neighbour's."""
        self.stated: dict[int, set[int]] = {}
        """By quantity: the indicators of its best way, which its parts cannot state."""

    def read(self) -> list[list[Vote]]:
        """The votes of every quantity, best first."""
        return [self._votes(index) for index in range(len(self.quantities))]

    def _votes(self, index: int) -> list[Vote]:
        quantity = self.quantities[index]
        left, right = self._window(index)
        self.lefts.append(left)
        self.named.append(False)
        self.taken.append(quantity.end)
        if quantity.kind == "name" or quantity.scope == "higher":
            return []
        if quantity.labels:
            return self._cell(quantity)
        sentence = self._segment(index)
        place = Place(
            quantity.unit,
            quantity.start,
            quantity.end,
            left,
            right,
            min(left, quantity.clause[0]),
            self._topic(index, sentence[0]),
            sentence,
            self._free(index, sentence[1], left),
            quantity.section,
            max(quantity.clause[0], self.quantities[index - 1].end if index else 0),
            self._total(quantity),
            quantity.kind == "zero",
        )
        votes, self.named[index] = self.vote(place)
        if not votes and sentence != quantity.sentence:
            wider = place._replace(sentence=quantity.sentence, topic=self._topic(index, quantity.sentence[0]))
            votes, self.named[index] = self.vote(wider)
        if not votes and not quantity.labels:
            votes = self._wide(index, place)
        if votes:
            if votes[0].spans and quantity.end <= votes[0].spans[0][0] < right:
                self.taken[index] = votes[0].spans[0][1]
            self.stated[index] = {self.lexicon.owners[votes[0].way]}
        return votes

    def _wide(self, index: int, place: Place) -> list[Vote]:
        """Where nothing next to the figure speaks for it: its whole list (参训机关干部、村干部、网格员近600人次)."""
        left = place.clause
        if index and self.quantities[index - 1].end > left:
            left = self.quantities[index - 1].end
        if left >= place.left or place.unit == "%":
            return []
        votes, self.named[index] = self.vote(place._replace(left=left))
        return votes

    def _window(self, index: int) -> tuple[int, int]:
        """Where the words next to a quantity begin and end.

        A figure that follows another at once (12场次、480余人次; 58处9430平方米) shares the words before that one.
        """
        text, quantity = self.text, self.quantities[index]
        start, end = quantity.start, quantity.end
        left, right = quantity.clause
        if quantity.kind == "zero" and quantity.unit != "%":
            return left, right
        if index and self.quantities[index - 1].end > left:
            before = self.quantities[index - 1]
            left = max(before.end, min(self.taken[index - 1], start))
            if before.kind == "prior" and _GROWN.fullmatch(text, before.end, start):
                return self.lefts[index - 1], self._right(index, end, right)
            if start - before.end <= 2 and not text[before.end:start].strip("、 和及") and before.unit != quantity.unit:
                left = self.lefts[index - 1]
                return left, self._right(index, end, right)
        left = max(left, text.rfind("、", left, start) + 1)
        if text[start - 1 : start] in _AND:
            left = start
        opened = _last(text, "（(", left, start)
        if opened > _last(text, "）)", left, start):
            left = opened + 1
        return left, self._right(index, end, right)

    def _right(self, index: int, end: int, right: int) -> int:
        text = self.text
        if index + 1 < len(self.quantities) and self.quantities[index + 1].start < right:
            right = max(end, self.quantities[index + 1].start)
            opened = _last(text, "（(", end, right)
            if opened > _last(text, "）)", end, right):
                right = opened
        stop = text.find("、", end, right)
        if stop >= 0:
            right = stop
        stop = _first(text, "）)", end, right)
        if stop < right and not _first(text, "（(", end, right) < stop:
            right = stop
        return right

    def _segment(self, index: int) -> tuple[int, int]:
        """The stretch of the sentence between semicolons: a topic rarely outlives one, but for rates that open theirs."""
        quantity = self.quantities[index]
        low, high = quantity.sentence
        if quantity.unit == "%" and not self._volume_before(index):
            return low, high
        return max(low, _last(self.text, "；;", low, quantity.start) + 1), _first(self.text, "；;", quantity.end, high)

    def _volume_before(self, index: int) -> bool:
        """Whether a figure that is no rate stands before a quantity between the same semicolons."""
        low = _last(self.text, "；;", self.quantities[index].sentence[0], self.quantities[index].start)
        for other in range(index - 1, -1, -1):
            before = self.quantities[other]
            if before.start < max(low, self.quantities[index].sentence[0]):
                return False
            if before.unit != "%":
                return True
        return False

    def _topic(self, index: int, sentence: int) -> int:
        """Where the words begin that may be carried over to a quantity: at the last quantity with a noun of its own."""
        for other in range(index - 1, -1, -1):
            if self.quantities[other].start < sentence:
                break
            if self.named[other]:
                if self._sibling(other) and index == other + 1:
                    return self.quantities[index].clause[0]
                return max(sentence, min(self.lefts[other], self.quantities[other].clause[0]))
        return sentence

    def _sibling(self, index: int) -> bool:
        """Whether a quantity is the last of a list: what follows the list speaks of its whole, not of its last member."""
        one, before = self.quantities[index], self.quantities[index - 1] if index else None
        if before is None or not self.named[index - 1] or before.unit != one.unit:
            return False
        return before.clause == one.clause or (one.part_of is not None and one.part_of == before.part_of)

    def _total(self, quantity: Quantity) -> tuple[int, int]:
        """Where the words of a part's total stand; they carry over to the part."""
        index = quantity.part_of
        while index is not None and self.quantities[index].kind in {"change", "prior"}:
            index = index - 1 if index else None
        if index is None:
            return (0, 0)
        total = self.quantities[index]
        return max(quantity.sentence[0], min(self.lefts[index], total.clause[0])), total.end

    def _free(self, index: int, end: int, left: int) -> int:
        """Where the text behind a quantity becomes another's; words further on count only where it opens its clause."""
        quantity = self.quantities[index]
        if self.lexicon.content(self.text[left : quantity.start]) > 2:
            return quantity.end
        end = min(end, quantity.end + _AHEAD)
        if index + 1 < len(self.quantities):
            return min(end, self.quantities[index + 1].start)
        return end

    def vote(self, place: Place) -> tuple[list[Vote], bool]:
        """Score all ways for a figure; also whether a counted noun stands right before it."""
        slots: dict[tuple[int, int], _Slot] = {}
        vetoed: set[int] = set()
        named = self._before(place, slots, vetoed)
        self._after(place, slots, vetoed, named)
        votes = self._standing(slots, vetoed, place.section)
        return votes, named

    def _before(self, place: Place, slots: dict[tuple[int, int], _Slot], vetoed: set[int]) -> bool:
        """The words before the figure, nearest first, back to the beginning of the sentence."""
        lexicon, text, ends, hits = self.lexicon, self.text, self._ends, self._by_end
        postings, lengths, near, far = (
            lexicon.postings(place.unit),
            lexicon.lengths,
            lexicon.near_vetoes,
            lexicon.far_vetoes,
        )
        start, left, clause, topic, total = place.start, place.left, place.clause, place.topic, place.total
        lowest = min(place.sentence[0], total[0]) if total[1] else place.sentence[0]
        edge, unexplained, boundary, rate = start, 0, -1, place.unit == "%" or place.zero
        heads: list[int] = []
        boundaries = lexicon.boundaries
        for index in range(bisect_right(ends, start) - 1, -1, -1):
            word, hit_start, hit_end = hits[index]
            if hit_end <= lowest:
                break
            if hit_start < lowest:
                continue
            if hit_end > left:
                if boundary < 0 and word in boundaries and hit_start < edge and not self._inside(index):
                    boundary = hit_end
                if hit_end < edge:
                    unexplained += lexicon.content(text[hit_end:edge])
                if hit_start < edge:
                    edge = hit_start
                value, zone = 10 - _LEFT_COST * unexplained - 0.1 * (start - hit_end) + 0.3 * lengths[word], _NEXT
                if near[word] is not None and hit_start >= boundary:
                    vetoed.update(near[word] or ())
            elif hit_start >= clause:
                if boundary < 0 and word in boundaries and not self._inside(index):
                    boundary = hit_end
                if near[word] is not None and hit_start >= max(boundary, place.floor):
                    vetoed.update(near[word] or ())
                value, zone = 6 - 0.05 * (start - hit_end) + 0.1 * lengths[word], _CLAUSE
            elif hit_start >= topic or rate or total[0] <= hit_start < total[1]:
                value, zone = max(0.5, 4.5 - 0.03 * (start - hit_end)) + 0.1 * lengths[word], _CARRIED
            else:
                value, zone = max(0.3, 2.5 - 0.03 * (start - hit_end)), _SENTENCE
            if far[word] is not None:
                vetoed.update(far[word] or ())
            served = postings[word]
            if served is None:
                continue
            for way, group, reach in served:
                if zone > reach:
                    continue
                if zone == _NEXT and group == 0 and value >= NAMED:
                    heads.append(way)
                known = slots.get((way, group))
                if known is None or known.value < value:
                    slots[way, group] = _Slot(value, hit_start, hit_end, zone)
        return any(self._complete(way, slots) for way in heads)

    def _inside(self, index: int) -> bool:
        """Whether a word is the end of a longer one (组织 in 调解组织)."""
        _, start, end = self._by_end[index]
        return any(
            self._by_end[other][2] == end and self._by_end[other][1] < start
            for other in range(max(0, index - 3), min(len(self._by_end), index + 4))
        )

    def _complete(self, way: int, slots: dict[tuple[int, int], _Slot]) -> bool:
        """Whether the words before the figure fill a way, its context apart."""
        return all(
            group.reach >= Reach.SENTENCE or (way, number) in slots
            for number, group in enumerate(self.lexicon.ways[way].groups)
        )

    def _after(self, place: Place, slots: dict[tuple[int, int], _Slot], vetoed: set[int], named: bool) -> None:
        """The words after the figure: its own where no counted noun stands before it, else context only."""
        lexicon, text, starts, hits = self.lexicon, self.text, self._starts, self._by_start
        postings, lengths, near, far = (
            lexicon.postings(place.unit),
            lexicon.lengths,
            lexicon.near_vetoes,
            lexicon.far_vetoes,
        )
        end, right, free, highest = place.end, place.right, place.free, place.sentence[1]
        first = bisect_left(starts, place.start)
        at_once = self._counted_at(end, first, postings)
        own = not named or at_once or place.zero or place.unit in _PERSONS
        base = 11.0 if at_once else 7.0 if named and not place.zero else 9.0
        edge, unexplained = end, 0
        for index in range(first, len(starts)):
            word, hit_start, hit_end = hits[index]
            if hit_start >= highest:
                break
            if own and hit_start < right:
                if hit_start > edge:
                    unexplained += lexicon.content(text[edge:hit_start])
                if hit_end > edge:
                    edge = hit_end
                value = base - _RIGHT_COST * unexplained - 0.1 * max(0, hit_start - end)
                value, zone = max(3.0, value) + 0.3 * lengths[word], _NEXT
                if near[word] is not None:
                    vetoed.update(near[word] or ())
            elif not named and hit_start < free:
                value, zone = 3.0 + 0.1 * lengths[word], _CARRIED
            else:
                value, zone = 1.5, _SENTENCE
            if far[word] is not None:
                vetoed.update(far[word] or ())
            served = postings[word]
            if served is None:
                continue
            for way, group, reach in served:
                if zone > reach:
                    continue
                known = slots.get((way, group))
                if known is None or known.value < value:
                    slots[way, group] = _Slot(value, hit_start, hit_end, zone)

    def _counted_at(self, end: int, first: int, postings: list[tuple[Posting, ...] | None]) -> bool:
        """Whether a counted noun follows the measure word at once (大厅5个窗口): it is what is counted, whatever precedes."""
        for index in range(first, len(self._starts)):
            word, start, _ = self._by_start[index]
            if start > end:
                return False
            if start == end and any(group == 0 for _, group, _ in postings[word] or ()):
                return True
        return False

    def _standing(self, slots: dict[tuple[int, int], _Slot], vetoed: set[int], section: int) -> list[Vote]:
        """The ways all of whose groups were found, and one of them next to the figure, best first."""
        lexicon = self.lexicon
        domains, heading = self._heading(section)
        found: list[Vote] = []
        for way in dict.fromkeys(way for way, _ in slots):
            owner = lexicon.owners[way]
            if owner in vetoed:
                continue
            nearest, total, anchor, carried = 0.0, 0.0, 0, False
            spans: list[tuple[int, int]] = []
            for number, group in enumerate(lexicon.ways[way].groups):
                slot = slots.get((way, number))
                if slot is None:
                    if group.reach is Reach.ANYWHERE and lexicon.any_of(way, number, heading):
                        continue
                    break
                spans.append((slot.start, slot.end))
                if group.reach >= Reach.SENTENCE:
                    total += 0.15 * slot.value
                    continue
                total += (0.2 if slot.zone == _CARRIED else 0.4) * slot.value
                carried = carried or slot.zone == _CARRIED
                if slot.zone == _NEXT and slot.value > nearest:
                    nearest, anchor = slot.value, slot.start
            else:
                if nearest:
                    score = 0.6 * nearest + total + (_DOMAIN if lexicon.domains[owner] in domains else 0.0)
                    found.append(Vote(score, way, tuple(spans), anchor, carried))
        found.sort(key=_best_first)
        return found

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
        slots: dict[tuple[int, int], _Slot] = {}
        lexicon, text = self.lexicon, self.text
        postings, lengths = lexicon.postings(quantity.unit), lexicon.lengths
        vetoed: set[int] = set()
        heading = self._heading(quantity.section)[1]
        top = quantity.labels[0][0]
        above = range(bisect_left(self._starts, max(0, top - _ABOVE)), bisect_left(self._starts, top))
        for word in heading.union(self._by_start[index][0] for index in above):
            vetoed.update(lexicon.far_vetoes[word] or ())
        for low, high in quantity.labels:
            for index in range(bisect_left(self._starts, low), bisect_left(self._starts, high)):
                word, start, end = self._by_start[index]
                if end > high:
                    continue
                vetoed.update(lexicon.near_vetoes[word] or ())
                value = 9 + 0.3 * lengths[word]
                for way, group, _ in postings[word] or ():
                    known = slots.get((way, group))
                    if known is None or known.value < value:
                        slots[way, group] = _Slot(value, start, end, _NEXT)
        votes = self._standing(slots, vetoed, quantity.section)
        if len(quantity.labels) < 2:
            return votes
        low, high = quantity.labels[1]
        if text[low:high].strip() in _TOTALS:
            return votes
        spoken = {
            lexicon.owners[way]
            for index in range(bisect_left(self._starts, low), bisect_left(self._starts, high))
            for way, _, _ in postings[self._by_start[index][0]] or ()
        }
        return [vote for vote in votes if lexicon.owners[vote.way] in spoken]


def _last(text: str, marks: str, low: int, high: int) -> int:
    """Where the last of some marks stands, -1 without one."""
    return max(text.rfind(mark, low, high) for mark in marks)


def _first(text: str, marks: str, low: int, high: int) -> int:
    """Where the first of some marks stands, ``high`` without one."""
    return min((found for mark in marks if (found := text.find(mark, low, high)) >= 0), default=high)


def _best_first(vote: Vote) -> tuple[float, int]:
    return -vote.score, vote.way
