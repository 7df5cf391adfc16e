"""Mapping: from a quantity to the indicators that it states, by counted noun, verb, classifier, neighbours and section.

The words of the dictionary are found once per text. For each quantity the words around it vote: a way of the dictionary
stands when all its groups are found within their reach and at least one stands next to the figure. Its score falls with
the characters between word and figure that nothing explains, so that the noun next to the figure wins over one further
off, and grows with the number and length of the words found. What an indicator excludes, a higher body's figure, a
total's own indicator for its part, and scores below ``THRESHOLD`` are left unmapped.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from transforms.dictionary import Dictionary
from transforms.lexicon import Hits, Lexicon
from transforms.quantity import Quantity
from transforms.structure import Structure
from warehouse.contracts import Scope

THRESHOLD = 0.5
"""Confidence below which a figure stays unmapped."""


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


class Vote(NamedTuple):
    """One way that stands for a quantity, with its score and the hits (indices into the text's hits) of its groups."""

    score: float
    way: int
    hits: tuple[int, ...]
    side: str


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
    from transforms.neighbours import settle  # the rules that need more than one figure

    lexicon = dictionary.lexicon
    reader = Reader(text, structure, quantities, lexicon)
    votes = [reader.votes(place) for place in range(len(quantities))]
    return settle(reader, votes)


_LEFT, _RIGHT, _OFF = 0, 1, 2
_MAX_RIGHT = 30
_SEPARATORS = "、；;"


class Reader:
    """One text under mapping: its hits, and for each quantity the votes of the words around it."""

    def __init__(self, text: str, structure: Structure, quantities: list[Quantity], lexicon: Lexicon) -> None:
        self.text, self.structure, self.quantities, self.lexicon = text, structure, quantities, lexicon
        self.hits: Hits = lexicon.find(text)
        self._section_hints: dict[int, tuple[frozenset[str], frozenset[int]]] = {}

    def votes(self, place: int) -> list[Vote]:
        """The ways that stand for a quantity, best first; none for names and for a higher body's figures."""
        quantity = self.quantities[place]
        if quantity.kind == "name" or quantity.scope == "higher":
            return []
        if quantity.labels:
            return self._cell(quantity)
        return self._running(place, quantity)

    def _running(self, place: int, quantity: Quantity) -> list[Vote]:
        left, right = self.window(place)
        return self.vote(quantity.unit, quantity.start, quantity.end, left, right, quantity.clause, quantity.sentence, self._free(place), quantity.section)

    def window(self, place: int) -> tuple[int, int]:
        """Where the words next to a quantity begin and end: between its neighbours, list marks and unmatched brackets."""
        text, quantity = self.text, self.quantities[place]
        left, right = quantity.clause
        if place and self.quantities[place - 1].end > left:
            left = self.quantities[place - 1].end
        if place + 1 < len(self.quantities) and self.quantities[place + 1].start < right:
            right = self.quantities[place + 1].start
        start, end = quantity.start, quantity.end
        left = max(left, text.rfind("、", left, start) + 1)
        opened = text.rfind("（", left, start)
        if opened > text.rfind("）", left, start):
            left = opened + 1
        stop = text.find("、", end, right)
        if stop >= 0:
            right = stop
        stop = text.find("）", end, right)
        if stop >= 0 and not 0 <= text.find("（", end, right) < stop:
            right = stop
        return left, right

    def _free(self, place: int) -> int:
        """Where the text after a quantity becomes another's: the next quantity or the end of the sentence."""
        end = self.quantities[place].sentence[1]
        if place + 1 < len(self.quantities):
            end = min(end, self.quantities[place + 1].start)
        return end

    def vote(
        self,
        unit: str,
        start: int,
        end: int,
        left: int,
        right: int,
        clause: tuple[int, int],
        sentence: tuple[int, int],
        free: int,
        section: int,
    ) -> list[Vote]:
        """Score all ways for a figure at ``start`` to ``end``."""
        lexicon, hits = self.lexicon, self.hits
        postings = lexicon.postings(unit)
        words, starts, ends = hits
        best: dict[tuple[int, int], tuple[float, int, int]] = {}
        vetoed: set[int] = set()
        lengths = lexicon.lengths
        first = bisect_left(starts, sentence[0])
        middle = bisect_left(starts, start, first)
        # The words before the figure, nearest first, as far as the beginning of the sentence.
        edge, unexplained, named, boundary = start, 0, False, left
        clause_start = clause[0]
        text = self.text
        for index in sorted(range(first, middle), key=lambda i: (-ends[i], starts[i])) if middle > first else ():
            hit_end = ends[index]
            if hit_end > start:
                continue
            word, hit_start = words[index], starts[index]
            distance = start - hit_end
            if hit_start >= left:
                if hit_end < edge:
                    unexplained += lexicon.content(text[hit_end:edge])
                    edge = hit_start
                elif hit_start < edge:
                    edge = hit_start
                value = 10 - 1.2 * unexplained - 0.1 * distance
                side = _LEFT
                if word in lexicon.boundaries and boundary == left:
                    boundary = hit_end
                if hit_start >= boundary or boundary == left:
                    veto = lexicon.near_vetoes[word]
                    if veto is not None and hit_start >= boundary:
                        vetoed.update(veto)
            elif hit_start >= clause_start:
                value, side = 6 - 0.05 * distance, _OFF
            else:
                value, side = max(0.5, 4.5 - 0.03 * distance), _OFF + 1
            veto = lexicon.far_vetoes[word]
            if veto is not None:
                vetoed.update(veto)
            served = postings[word]
            if served is None:
                continue
            value += 0.3 * lengths[word] if side <= _RIGHT else 0.1 * lengths[word]
            for way, group, reach in served:
                if side == _OFF and reach == 0:
                    continue
                if side > _OFF and reach < 2:
                    continue
                if side == _LEFT and group == 0 and value >= 8:
                    named = True
                key = (way, group)
                known = best.get(key)
                if known is None or known[0] < value:
                    best[key] = (value, index, side)
        # The words after it: its own where nothing counted stands before it.
        bare = not named
        index = middle
        edge, unexplained = end, 0
        person = unit in {"人", "名", "位"}
        while index < len(starts) and starts[index] < sentence[1]:
            word, hit_start, hit_end = words[index], starts[index], ends[index]
            if hit_start < start:
                index += 1
                continue
            if hit_start < right and (bare or person):
                if hit_start > edge:
                    unexplained += lexicon.content(text[edge:hit_start])
                edge = max(edge, hit_end)
                distance = max(0, hit_start - end)
                value, side = (9 if bare else 7) - 0.8 * unexplained - 0.1 * distance, _RIGHT
                veto = lexicon.near_vetoes[word]
                if veto is not None:
                    vetoed.update(veto)
            elif hit_start < free and bare:
                value, side = 3.0, _OFF
            else:
                value, side = 1.5, _OFF + 2
            veto = lexicon.far_vetoes[word]
            if veto is not None:
                vetoed.update(veto)
            index += 1
            served = postings[word]
            if served is None:
                continue
            value += 0.3 * lengths[word] if side <= _RIGHT else 0.1 * lengths[word]
            for way, group, reach in served:
                if (side == _OFF and reach == 0) or (side > _OFF and reach < 3):
                    continue
                key = (way, group)
                known = best.get(key)
                if known is None or known[0] < value:
                    best[key] = (value, index - 1, side)
        return self._standing(best, vetoed, section, sentence)

    def _standing(self, best: dict[tuple[int, int], tuple[float, int, int]], vetoed: set[int], section: int, sentence: tuple[int, int]) -> list[Vote]:
        lexicon = self.lexicon
        found: list[Vote] = []
        done: set[int] = set()
        domains, words = self.hints(section, sentence)
        for way, _ in list(best):
            if way in done:
                continue
            done.add(way)
            owner = lexicon.owners[way]
            if owner in vetoed:
                continue
            groups = lexicon.ways[way].groups
            anchor = 0.0
            total = 0.0
            used: list[int] = []
            side = ""
            for number, group in enumerate(groups):
                entry = best.get((way, number))
                if entry is None:
                    if group.reach == 4 and any(lexicon.number[word] in words for word in group.words):
                        total += 0.3
                        continue
                    break
                value, index, zone = entry
                used.append(index)
                if group.reach >= 3:
                    total += 0.15 * value
                else:
                    total += 0.4 * value
                    if zone <= _RIGHT and value > anchor:
                        anchor = value
                        side = "left" if zone == _LEFT else "right"
            else:
                if not anchor:
                    continue
                score = 0.6 * anchor + total + (0.8 if lexicon.domains[owner] in domains else 0.0)
                found.append(Vote(score, way, tuple(used), side))
        found.sort(key=lambda vote: (-vote.score, vote.way))
        return found

    def hints(self, section: int, sentence: tuple[int, int]) -> tuple[frozenset[str], frozenset[int]]:
        """The domains that a section's heading speaks of, and the words of its heading."""
        known = self._section_hints.get(section)
        if known is None:
            words, starts, _ = self.hits
            found = self.structure.sections[section]
            limit = self.structure.sentence(found.start)[1]
            low, high = bisect_left(starts, found.start), bisect_left(starts, min(limit, found.start + 60))
            heading = frozenset(words[low:high])
            known = (frozenset(self.lexicon.hints[word] for word in heading if word in self.lexicon.hints), heading)
            self._section_hints[section] = known
        return known

    def _cell(self, quantity: Quantity) -> list[Vote]:
        """A table cell: its row and column labels speak for it, and nothing else."""
        best: dict[tuple[int, int], tuple[float, int, int]] = {}
        words, starts, ends = self.hits
        postings = self.lexicon.postings(quantity.unit)
        for low, high in quantity.labels:
            for index in range(bisect_left(starts, low), bisect_left(starts, high)):
                served = postings[words[index]]
                if served is None or ends[index] > high:
                    continue
                value = 9 + 0.3 * self.lexicon.lengths[words[index]]
                for way, group, _ in served:
                    known = best.get((way, group))
                    if known is None or known[0] < value:
                        best[way, group] = (value, index, _LEFT)
        return self._standing(best, set(), quantity.section, quantity.sentence)
