"""The dictionary's words compiled for one pass over a text: an automaton, and what each word stands for, by unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Generic, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

from transforms.terms import Reach, Way

if TYPE_CHECKING:
    from transforms.dictionary import Entry as Row
    from transforms.dictionary import Words

Serving = tuple[int, int, bool, int]
"""A group that a word serves: its way, its place in the way, whether that is the way's head, and the way's groups."""
Places = dict[int, tuple[tuple[int, int], ...]]
"""The groups that a word serves, by way, each with its place in the way and its reach."""
Entry = tuple[tuple[Serving, ...], tuple[int, ...], tuple[int, ...], int, bool, Places]
"""What a word means next to a figure in one unit: the groups that make a way a candidate where the word stands there,
the indicators that it speaks against next to the figure and anywhere between the semicolons, its length, whether it is
a light verb, and the further groups that it serves."""
Context = tuple[tuple[int, ...], tuple[int, ...], bool, int, Places]
"""What a word means further off: the indicators that it speaks against anywhere between the semicolons and earlier in
the clause, whether it is a light verb, its length, and the groups that it serves and that reach so far."""
Near = Mapping[int, Entry | None]
"""By word: what it means next to a figure, None for nothing."""
Far = Mapping[int, Context | None]
"""By word: what it means further off, None for nothing."""
Table = tuple[Near, Far]
Meaning = TypeVar("Meaning")
Hit = tuple[int, int, int]
"""A word's number, and where it starts and ends in the text."""


def _vocabulary(entries: tuple[Row, ...], words: Words) -> tuple[str, ...]:
    """Every word that means something for some figure, each once, in the order of the dictionary."""
    excluded = (sorted(entry.excludes | entry.clause_excludes | entry.far_excludes) for entry in entries)
    served = (word for entry in entries for way in entry.ways for group in way.groups for word in group.words)
    others = (*words.boundary.values(), *words.domain.values())
    return tuple(dict.fromkeys(chain(served, chain.from_iterable(excluded), chain.from_iterable(others))))


def _function_words(words: Words) -> re.Pattern[str]:
    """What explains characters between a word and a figure: function words, brackets, and all that is no character."""
    longest_first = sorted(map(re.escape, chain.from_iterable(words.function.values())), key=len, reverse=True)
    return re.compile("|".join(longest_first) + r"|（[^）]*）|[^\u4e00-\u9fff]+")


class _Entries(dict[int, Meaning], Generic[Meaning]):
    """What the words mean for the figures of one table, worked out for each word when it is first met.

    A text has a few hundred words of the vocabulary and a dozen tables; all words for all tables would take a second.
    """

    def __init__(self, mean: Callable[[int], Meaning]) -> None:
        super().__init__()
        self._mean = mean

    def __missing__(self, word: int) -> Meaning:
        meaning = self[word] = self._mean(word)
        return meaning


class Lexicon:
    """Words numbered from 0, and what finding one of them means.

    ``ways`` are all ways of all indicators; ``owners[way]`` is the number of the indicator that it states. Indicators
    are numbered in the order of the dictionary.
    """

    def __init__(self, entries: tuple[Row, ...], words: Words) -> None:
        self.names = tuple(entry.row.indicator for entry in entries)
        self.parents = tuple(self._number(entry.row.part_of) for entry in entries)
        self.ancestors = tuple(self._ancestors(number) for number in range(len(entries)))
        """By indicator: those that it is part of, near and far."""
        self.domains = tuple(entry.row.domain for entry in entries)
        self.enforcing = tuple(domain == "enforcement" for domain in self.domains)
        self.rates = tuple(entry.row.aggregation == "rate" for entry in entries)
        self.ways: tuple[Way, ...] = tuple(way for entry in entries for way in entry.ways)
        self.owners = tuple(number for number, entry in enumerate(entries) for _ in entry.ways)
        self.deniable = tuple(entry.row.unit in {"case", "item"} for entry in entries)
        """By indicator: whether 未发生 or 没有 with its noun says that it is 0."""
        self.copies = tuple(entry.row.unit == "copy" for entry in entries)
        self.handled = tuple(entry.row.unit in {"case", "item"} and entry.row.part_of is not None for entry in entries)
        self.stocks = tuple(entry.row.aggregation == "stock" for entry in entries)
        self.levels = frozenset(name for name, stock in zip(self.names, self.stocks, strict=True) if stock)
        """Indicators of what there is at a time, not of what is done in the year."""
        self.persons = tuple(entry.row.unit == "person" for entry in entries)
        self.money = tuple(entry.row.unit == "CNY" for entry in entries)
        self.first_way = {owner: way for way, owner in reversed(list(enumerate(self.owners)))}
        self._classifiers = tuple(entry.classifiers for entry in entries)
        self.vocabulary = _vocabulary(entries, words)
        self.number = {word: number for number, word in enumerate(self.vocabulary)}
        self.lengths = tuple(len(word) for word in self.vocabulary)
        self.boundaries = frozenset(self.number[word] for word in chain.from_iterable(words.boundary.values()))
        self.hints: dict[int, str] = {
            self.number[word]: domain for domain, members in words.domain.items() for word in members
        }
        self.near_vetoes = self._vetoes([entry.excludes | entry.clause_excludes for entry in entries])
        self.clause_vetoes = self._vetoes([entry.clause_excludes for entry in entries])
        self.far_vetoes = self._vetoes([entry.far_excludes for entry in entries])
        self.fields = re.compile("|".join(map(re.escape, words.words.get("执法领域", ("$^",)))))
        """Fields of enforcement: a paragraph labelled with one tells a part."""
        self._function = _function_words(words)
        self._content: dict[str, int] = {"": 0}
        self._tables: dict[str, Table] = {}
        self._compiled: dict[tuple[bool, ...], Table] = {}
        self.reaches = tuple(tuple(int(group.reach) for group in way.groups) for way in self.ways)
        self._served = self._groups_by_word()
        self.heads = {
            word: {self.owners[way] for way, place in groups if not place} for word, groups in enumerate(self._served)
        }
        """By word: the indicators whose counted noun it is."""
        self.linked = tuple(len(reaches) > 1 for reaches in self.reaches)
        """By way: whether it has more groups than its head."""
        self.open_ended = tuple(max(reaches) == Reach.ANYWHERE for reaches in self.reaches)
        """By way: whether a group of it may also stand in a heading."""
        distant = {owner for owners in self.far_vetoes for owner in owners or ()}
        self.around = tuple(
            owner in distant or max(reaches) >= Reach.SENTENCE
            for owner, reaches in zip(self.owners, self.reaches, strict=True)
        )
        """By way: whether words of the whole sentence matter to it, and not only those of its topic."""
        vetoed_in_clause = {owner for owners in self.clause_vetoes for owner in owners or ()}
        self.beyond = tuple(
            around or owner in vetoed_in_clause or max(reaches) > Reach.NEXT
            for owner, reaches, around in zip(self.owners, self.reaches, self.around, strict=True)
        )
        """By way: whether any word matters to it that does not stand next to the figure."""
        self.needs_before = tuple(sum(reach < Reach.SENTENCE for reach in reaches) for reaches in self.reaches)
        """By way: groups that must be found before the figure for its noun to be named there."""

    def _groups_by_word(self) -> list[list[tuple[int, int]]]:
        """By word: the ways and the places in them of the groups that it belongs to."""
        served: list[list[tuple[int, int]]] = [[] for _ in self.vocabulary]
        for way, found in enumerate(self.ways):
            for place, group in enumerate(found.groups):
                for word in group.words:
                    served[self.number[word]].append((way, place))
        return served

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def _number(self, name: str | None) -> int:
        return self.names.index(name) if name else -1

    def _ancestors(self, number: int) -> frozenset[int]:
        found: set[int] = set()
        parent = self.parents[number]
        while parent >= 0:
            found.add(parent)
            parent = self.parents[parent]
        return frozenset(found)

    def _vetoes(self, excludes: list[frozenset[str]]) -> list[tuple[int, ...] | None]:
        table: list[list[int]] = [[] for _ in self.vocabulary]
        for owner, words in enumerate(excludes):
            for word in words:
                table[self.number[word]].append(owner)
        return [tuple(owners) or None for owners in table]

    @cached_property
    def _taking(self) -> Callable[[str], frozenset[str]]:
        """The indicators of a unit, found once for each."""

        @cache
        def taking(unit: str) -> frozenset[str]:
            fits = (unit in units if unit else "%" not in units for units in self._classifiers)
            return frozenset(name for name, fit in zip(self.names, fits, strict=True) if fit)

        return taking

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(self.vocabulary, matchkind=MatchKind.Standard)

    def find(self, text: str) -> list[Hit]:
        """Every word of the vocabulary in ``text``, overlapping ones included, in the order of their ends."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True)

    def any_of(self, way: int, group: int, words: frozenset[int]) -> bool:
        """Whether one of ``words`` belongs to a group of a way."""
        return any(self.number[word] in words for word in self.ways[way].groups[group].words)

    def holds(self, whole: str, parts: Iterable[str]) -> bool:
        """Whether one of some indicators is a part of another, at whatever remove."""
        number = self._index[whole]
        return any(number in self.ancestors[self._index[part]] for part in parts)

    def taking(self, unit: str) -> frozenset[str]:
        """The indicators whose figures may be in ``unit``; no unit stands for all but rates."""
        return self._taking(unit)

    def table(self, unit: str) -> Table:
        """What the words mean for a figure in ``unit``; no unit stands for all but rates."""
        table = self._tables.get(unit)
        if table is None:
            fits = tuple(unit in known if unit else "%" not in known for known in self._classifiers)
            table = self._compiled.get(fits)
            if table is None:
                table = self._compiled[fits] = self._compile(fits)
            self._tables[unit] = table
        return table

    def _compile(self, fits: tuple[bool, ...]) -> Table:
        """The table of all units that the same indicators take."""

        def near(word: int) -> Entry | None:
            return self._near(word, fits)

        def far(word: int) -> Context | None:
            return self._far(word, fits)

        return _Entries[Entry | None](near), _Entries[Context | None](far)

    def _near(self, word: int, fits: tuple[bool, ...]) -> Entry | None:
        """What a word means next to a figure that the indicators that ``fits`` tells take.

        A way whose head must stand next to the figure is a candidate only where it does, so that verbs, which serve
        many ways, are asked only about the candidates.
        """
        opens: list[Serving] = []
        further: Places = {}
        for way, place in self._served[word]:
            if not fits[self.owners[way]]:
                continue
            reaches = self.reaches[way]
            if not place or reaches[0] > Reach.NEXT:
                opens.append((way, place, not place, len(reaches)))
            else:
                further[way] = (*further.get(way, ()), (place, reaches[place]))
        beside = self._fitting(self.near_vetoes[word], fits)
        far = self._fitting(self.far_vetoes[word], fits)
        verb = word in self.boundaries
        known = opens or further or beside or far or verb
        return (tuple(opens), beside, far, self.lengths[word], verb, further) if known else None

    def _far(self, word: int, fits: tuple[bool, ...]) -> Context | None:
        """What a word means further off."""
        distant: Places = {}
        for way, place in self._served[word]:
            reach = self.reaches[way][place]
            if fits[self.owners[way]] and reach > Reach.NEXT:
                distant[way] = (*distant.get(way, ()), (place, reach))
        far = self._fitting(self.far_vetoes[word], fits)
        clause = self._fitting(self.clause_vetoes[word], fits)
        verb = word in self.boundaries
        return (far, clause, verb, self.lengths[word], distant) if far or clause or verb or distant else None

    @staticmethod
    def _fitting(owners: tuple[int, ...] | None, fits: tuple[bool, ...]) -> tuple[int, ...]:
        return tuple(owner for owner in owners or () if fits[owner])

    def content(self, gap: str) -> int:
        """Characters of a short stretch that no function word (已、共计) explains; remembered, as stretches recur."""
        known = self._content.get(gap)
        if known is None:
            if len(self._content) > 100_000:
                self._content.clear()
            known = self._content[gap] = len(self._function.sub("", gap))
        return known
