"""Votes: for each quantity, the ways of the dictionary that the words around it fill, and how well.

The words of a text are found once. A word next to a quantity counts the less the more characters between the two
nothing explains, so that the noun before the figure wins over one further off; words of its clause, of earlier clauses
and of the sentence count less still (``transforms/windows.py`` tells where these begin).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import NamedTuple

from transforms.columns import is_group, is_total
from transforms.lexicon import Far, Lexicon, Near
from transforms.polls import Beside, Poll, Slots, complete, link, lowest, object_of, open_ways, worth
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.terms import Reach
from transforms.windows import Place, Windows

_NEXT, _, _CARRIED, _SENTENCE, _ANYWHERE = (int(reach) for reach in Reach)

_LEFT_COST, _RIGHT_COST = 1.8, 0.8
"""What an unexplained character between word and figure costs: before the figure it may be the counted noun itself."""
_PERSONS = frozenset({"人", "名", "位", "人次"})
"""Units whose figures take a predicate behind them although their noun stands before (公职人员90人注册学法账号)."""
_DOMAIN = 0.8
"""What it is worth that the heading speaks of the indicator's domain: enough to decide between equals, no more."""
_NAMED = 0.1
"""What it is worth that a heading has a word of the way itself: it decides between equals."""
_TITLE = 60
"""Characters of the text's first sentence that are read as its title."""
_ABOVE = 120
"""Characters above a table cell's labels that are read as the table's caption."""


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


class Reader:
    """One text: its words, its quantities, and the votes for each."""

    def __init__(self, text: str, structure: Structure, quantities: list[Quantity], lexicon: Lexicon) -> None:
        self.text, self.structure, self.quantities, self.lexicon = text, structure, quantities, lexicon
        self.windows = Windows(text, quantities, lexicon)
        found = lexicon.find(text)
        self._by_end = found
        self._ends = list(map(itemgetter(2), found))
        self._by_start = sorted(found, key=itemgetter(1))
        self._starts = list(map(itemgetter(1), self._by_start))
        self._headings: dict[int, tuple[frozenset[str], frozenset[int]]] = {}
        self._lines: dict[str, frozenset[int]] = {}
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
        poll, lexicon = Poll(), self.lexicon
        slots, linked = poll.slots, lexicon.linked
        table, context = lexicon.table(place.unit)
        before, index, boundary = self._next_before(place, table, poll)
        known = list(slots)
        if known:
            if before:
                link(before, poll.pick(known, linked))
            self._before(place, context, poll, index, boundary, known)
        named = bool(poll.heads) and poll.names(lexicon.needs_before)
        first = bisect_left(self._starts, place.start)
        at_once = self._counted_at(place.end, table)
        if not named or at_once or place.zero or place.unit in _PERSONS:
            base = 11.0 if at_once else 7.0 if named and not place.zero else 9.0
            behind, first = self._next_after(place, table, poll, first, base)
            new = list(slots)[len(known) :]
            # Words told first keep their slot where a later one is worth as much.
            shared = [way for way in new if any(way in serves for serves, _, _, _ in before)] if before else []
            if shared:
                link(before, poll.pick(shared, linked))
                self._before(place, context, poll, index, boundary, shared)
            if behind:
                link(behind, poll.pick(slots, linked))
            self._after(place, context, poll, named, first)
            if len(new) > len(shared):
                self._before(place, context, poll, index, boundary, [way for way in new if way not in shared])
        elif slots:
            self._after(place, context, poll, named, first)
        return (self._standing(poll, place.section) if slots else []), named

    def _next_before(self, place: Place, table: Near, poll: Poll) -> tuple[list[Beside], int, int]:
        """The words right before the figure, nearest first; also the next index and where a light verb ends."""
        hits, text, content, vetoed = self._by_end, self.text, self.lexicon.content, poll.vetoed
        start, left = place.start, place.left
        edge, unexplained, boundary, verb = start, 0, -1, -1
        found: list[Beside] = []
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
            edge = hit_start if hit_start < edge else edge
            index -= 1
            if entry is None:
                continue
            opens, near, far, length, _, serves = entry
            if near and (hit_start >= boundary or hit_end == verb or hit_start >= object_of(text, left, start)):
                vetoed.update(near)
            vetoed.update(far)
            if opens or serves:
                value = 10 - _LEFT_COST * unexplained - 0.1 * (start - hit_end) + 0.3 * length
                if serves:
                    found.append((serves, value, hit_start, hit_end))
                if opens:
                    open_ways(poll, opens, value, hit_start, hit_end)
        return found, index, boundary

    def _before(self, place: Place, context: Far, poll: Poll, index: int, boundary: int, ways: list[int]) -> None:
        """The words before those, nearest first: of the clause, of the topic, of the sentence; for some ways alone."""
        lexicon = self.lexicon
        wanting = poll.pick(ways, lexicon.beyond)
        if not wanting:
            return
        hits, vetoed, clause, floor, wanted = self._by_end, poll.vetoed, place.clause, place.floor, wanting.keys()
        low = lowest(place, any(map(lexicon.around.__getitem__, wanting)))
        while index >= 0:
            word, hit_start, hit_end = hits[index]
            index -= 1
            if hit_end <= low:
                break
            meant = context[word]
            if meant is None or hit_start < low:
                continue
            far, against, verb, length, serves = meant
            if far:
                vetoed.update(far)
            if against and hit_start >= floor and (hit_start < clause or hit_start >= boundary):
                vetoed.update(against)
            if verb and boundary < 0 and hit_start >= clause and not self._inside(index + 1):
                boundary = hit_end
            if serves and not wanted.isdisjoint(serves):
                value, zone = worth(place, hit_start, hit_end, length)
                complete(wanting, serves, (value, hit_start, hit_end, zone))

    def _after(self, place: Place, context: Far, poll: Poll, named: bool, index: int) -> None:
        """The words after the figure that are further off: of its own clauses, else context only."""
        lexicon, starts, free = self.lexicon, self._starts, place.free
        open_until = 0 if named else free
        own = index < len(starts) and starts[index] < open_until
        wanting = poll.pick(poll.slots, lexicon.beyond if own else lexicon.around)
        if not wanting:
            return
        vetoed, hits, wanted = poll.vetoed, self._by_start, wanting.keys()
        for at in range(index, bisect_left(starts, place.highest, index)):
            word, start, end = hits[at]
            meant = context[word]
            if meant is None:
                continue
            far, _, _, length, serves = meant
            if far:
                vetoed.update(far)
            if serves and not wanted.isdisjoint(serves):
                value, zone = (3.0 + 0.1 * length, _CARRIED) if start < open_until else (1.5, _SENTENCE)
                complete(wanting, serves, (value, start, end, zone))

    def _next_after(self, place: Place, table: Near, poll: Poll, first: int, base: float) -> tuple[list[Beside], int]:
        """The words right after the figure, nearest first; also the next word's index."""
        hits, text, content, vetoed = self._by_start, self.text, self.lexicon.content, poll.vetoed
        end, right = place.end, place.right
        edge, unexplained = end, 0
        found: list[Beside] = []
        for index in range(first, len(hits)):
            word, hit_start, hit_end = hits[index]
            if hit_start >= right:
                break
            if hit_start > edge:
                unexplained += content(text[edge:hit_start])
            edge = hit_end if hit_end > edge else edge
            first = index + 1
            entry = table[word]
            if entry is None:
                continue
            opens, near, far, length, _, serves = entry
            if near:
                vetoed.update(near)
            if far:
                vetoed.update(far)
            if opens or serves:
                value = max(3.0, base - _RIGHT_COST * unexplained - 0.1 * (hit_start - end)) + 0.3 * length
                if serves:
                    found.append((serves, value, hit_start, hit_end))
                if opens:
                    open_ways(poll, opens, value, hit_start, hit_end)
        return found, first

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

    def _counted_at(self, end: int, table: Near) -> bool:
        """Whether a counted noun follows the measure word at once (大厅5个窗口), whatever stands before the figure."""
        starts = self._starts
        for index in range(bisect_left(starts, end), len(starts)):
            if starts[index] > end:
                return False
            entry = table[self._by_start[index][0]]
            if entry is not None and any(head for _, _, head, _ in entry[0]):
                return True
        return False

    def _standing(self, poll: Poll, section: int, above: frozenset[int] = frozenset()) -> list[Vote]:
        """The ways all of whose groups were found, and one of them next to the figure, best first."""
        owners, open_ended, vetoed = self.lexicon.owners, self.lexicon.open_ended, poll.vetoed
        found: list[Vote] = []
        for way, slots in poll.slots.items():
            if owners[way] in vetoed or (None in slots and not open_ended[way]):
                continue
            vote = self._vote_of(way, slots, section, above)
            if vote is not None:
                found.append(vote)
        if len(found) > 1:
            found.sort(key=_best_first)
        return found

    def _vote_of(self, way: int, slots: Slots, section: int, above: frozenset[int]) -> Vote | None:
        lexicon = self.lexicon
        domains, headings = self._headings.get(section) or self._heading(section)
        domain = _DOMAIN if lexicon.domains[lexicon.owners[way]] in domains else 0.0
        if len(slots) == 1 and slots[0] is not None and slots[0][0] > 0:
            value, start, end, _ = slots[0]
            return Vote(0.6 * value + 0.4 * value + domain, way, ((start, end),), start, False)
        nearest, total, anchor, carried = 0.0, 0.0, 0, False
        spans: list[tuple[int, int]] = []
        reaches = lexicon.reaches[way]
        for number, slot in enumerate(slots):
            reach = reaches[number]
            if slot is None:
                if reach == _ANYWHERE and lexicon.any_of(way, number, above or headings):
                    total += _NAMED
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
        return Vote(0.6 * nearest + total + domain, way, tuple(spans), anchor, carried)

    def _heading(self, section: int) -> tuple[frozenset[str], frozenset[int]]:
        """The domains that a section's own heading speaks of, and the words of all headings above it and the title."""
        known = self._headings.get(section)
        if known is None:
            lexicon, path = self.lexicon, self.structure.sections[section].path
            words = self._line(self.text[: self.structure.sentence(0)[1]][:_TITLE]).union(*map(self._line, path))
            own = self._line(path[-1]) if path else frozenset[int]()
            known = (frozenset([lexicon.hints[word] for word in own if word in lexicon.hints]), words)
            self._headings[section] = known
        return known

    def _line(self, line: str) -> frozenset[int]:
        """The words of a heading; sections share those above them."""
        known = self._lines.get(line)
        if known is None:
            known = self._lines[line] = frozenset([word for word, _, _ in self.lexicon.find(line)])
        return known

    def _cell(self, quantity: Quantity) -> list[Vote]:
        """A table cell: the labels of its row and column speak for it, and nothing else.

        Under a column that is not the total's and says nothing to the indicator, the figure is a part; so is what the
        statutory tables tell as one (``transforms/statutory.py``). A group's heading (一、主动公开情况) stands where a
        column's would and need not say anything.
        """
        if quantity.scope == "part":
            return []
        column = self.text[slice(*quantity.labels[1])].strip() if len(quantity.labels) > 1 else ""
        votes = self._labelled(quantity, is_total(column))
        return votes if votes or not is_group(column) else self._labelled(quantity, True)

    def _labelled(self, quantity: Quantity, total: bool) -> list[Vote]:
        """What the labels of a cell speak for; only that of its row where the column is a total's."""
        poll, lexicon = Poll(), self.lexicon
        table, _ = lexicon.table(quantity.unit)
        top = quantity.labels[0][0]
        above = self._heading(quantity.section)[1].union(self._words(max(0, top - _ABOVE), top))
        for word in above:
            poll.vetoed.update(lexicon.far_vetoes[word] or ())
        found: list[Beside] = []
        for low, high in quantity.labels[:1] if total else quantity.labels:
            for index in range(bisect_left(self._starts, low), bisect_left(self._starts, high)):
                word, start, end = self._by_start[index]
                entry = table[word]
                if end <= high and entry is not None:
                    poll.vetoed.update(entry[1])
                    value = 9 + 0.3 * entry[3]
                    found.append((entry[5], value, start, end))
                    open_ways(poll, entry[0], value, start, end)
        link(found, poll.pick(poll.slots, lexicon.linked))
        votes = self._standing(poll, quantity.section, above)
        if len(quantity.labels) < 2 or total:
            return votes
        spoken = {
            lexicon.owners[way]
            for word in self._words(*quantity.labels[1])
            if (entry := table[word]) is not None
            for way in (*(serving[0] for serving in entry[0]), *entry[5])
        }
        return [vote for vote in votes if lexicon.owners[vote.way] in spoken]

    def _words(self, low: int, high: int) -> list[int]:
        """The words that begin between two places."""
        return [hit[0] for hit in self._by_start[bisect_left(self._starts, low) : bisect_left(self._starts, high)]]


def _best_first(vote: Vote) -> tuple[float, int]:
    return -vote.score, vote.way
