"""The dictionary's words compiled for one pass over a text: an automaton, and what each word stands for, by unit."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from transforms.terms import Reach, Way

if TYPE_CHECKING:
    from transforms.dictionary import Entry, Words

Posting = tuple[int, int, int]
"""Way, group within the way, and the group's reach."""


class Hits(NamedTuple):
    """The words of one text, ordered by where they start; ``words`` are the lexicon's numbers of them."""

    words: list[int]
    starts: list[int]
    ends: list[int]


class Lexicon:
    """Words numbered from 0, and what finding one of them means.

    ``ways`` are all ways of all indicators; ``owners[way]`` is the number of the indicator that it states. Indicators are
    numbered in the order of the dictionary.
    """

    def __init__(self, entries: tuple[Entry, ...], words: Words) -> None:
        self.names = tuple(entry.row.indicator for entry in entries)
        self.parents = tuple(self._number(entry.row.part_of) for entry in entries)
        self.domains = tuple(entry.row.domain for entry in entries)
        self.rates = tuple(entry.row.aggregation == "rate" for entry in entries)
        self.ways: tuple[Way, ...] = tuple(way for entry in entries for way in entry.ways)
        self.owners = tuple(number for number, entry in enumerate(entries) for _ in entry.ways)
        self._classifiers = tuple(entry.classifiers for entry in entries)
        vocabulary = dict.fromkeys(
            chain(
                (word for way in self.ways for group in way.groups for word in group.words),
                (word for entry in entries for word in sorted(entry.excludes | entry.far_excludes)),
                chain.from_iterable(words.boundary.values()),
                chain.from_iterable(words.domain.values()),
            )
        )
        self.vocabulary = tuple(vocabulary)
        self.number = {word: number for number, word in enumerate(self.vocabulary)}
        self.lengths = tuple(len(word) for word in self.vocabulary)
        self.boundaries = frozenset(self.number[word] for word in chain.from_iterable(words.boundary.values()))
        self.hints: dict[int, str] = {
            self.number[word]: domain for domain, members in words.domain.items() for word in members
        }
        self.near_vetoes = self._vetoes([entry.excludes for entry in entries])
        self.far_vetoes = self._vetoes([entry.far_excludes for entry in entries])
        self._function = re.compile(
            "|".join(sorted(map(re.escape, chain.from_iterable(words.function.values())), key=len, reverse=True))
            + r"|[^\u4e00-\u9fff]+"
        )
        self._content: dict[str, int] = {"": 0}
        self._postings: dict[str, list[tuple[Posting, ...] | None]] = {}

    def _number(self, name: str | None) -> int:
        return self.names.index(name) if name else -1

    def _vetoes(self, excludes: list[frozenset[str]]) -> list[tuple[int, ...] | None]:
        table: list[list[int]] = [[] for _ in self.vocabulary]
        for owner, words in enumerate(excludes):
            for word in words:
                table[self.number[word]].append(owner)
        return [tuple(owners) or None for owners in table]

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(self.vocabulary, matchkind=MatchKind.Standard)

    def find(self, text: str) -> Hits:
        """Every word of the vocabulary in ``text``, overlapping ones included."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        found.sort(key=itemgetter(1))
        if not found:
            return Hits([], [], [])
        words, starts, ends = zip(*found, strict=True)
        return Hits(list(words), list(starts), list(ends))

    def postings(self, unit: str) -> list[tuple[Posting, ...] | None]:
        """By word: the ways and groups that it serves for a figure in ``unit``; a figure without unit serves all but rates."""
        table = self._postings.get(unit)
        if table is None:
            table = self._postings[unit] = self._compile(unit)
        return table

    def _compile(self, unit: str) -> list[tuple[Posting, ...] | None]:
        table: list[list[Posting]] = [[] for _ in self.vocabulary]
        for number, (way, owner) in enumerate(zip(self.ways, self.owners, strict=True)):
            if unit not in self._classifiers[owner] if unit else "%" in self._classifiers[owner]:
                continue
            for place, group in enumerate(way.groups):
                for word in group.words:
                    table[self.number[word]].append((number, place, int(group.reach)))
        return [tuple(postings) or None for postings in table]

    def content(self, gap: str) -> int:
        """Characters of a short stretch that no function word explains (已、均、共计、“”); remembered, as stretches recur."""
        known = self._content.get(gap)
        if known is None:
            if len(self._content) > 100_000:
                self._content.clear()
            known = self._content[gap] = len(self._function.sub("", gap))
        return known


FREE_REACH = int(Reach.SENTENCE)
"""Groups from this reach on are context: they support a way but cannot anchor it."""
