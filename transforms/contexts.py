"""Contexts: what stands around each figure of a text, as numbers of short character sequences for a linear model.

Every sequence of one to four characters before and behind a figure counts, told apart by where it stands: next to the
figure, in its clause, in the clause before, with another figure between, in an earlier sentence of the paragraph, in
the heading. A sequence and its place are hashed to a number below ``SIZE``; no vocabulary is needed and the cost of a
figure does not grow with the document.

All figures are read at once in a grid: a row for each, a column for each sequence that can count (``_Grid``). What
stands around a figure tells which columns are filled, and in which place each of them stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.levelled import CLAUSE, FIGURE, LINE, LONGEST, SENTENCE, Hashes, Ints, Levelled, level, level_line
from transforms.quantity import Quantity
from transforms.structure import Structure

BITS = 22
SIZE = 1 << BITS
"""How many numbers there are for sequences: several for each that examples have, so that few share one; the table of a
model's weights has as many entries."""

_BEFORE, _BEHIND = 72, 18
"""Characters before and behind a figure that are looked at: about four clauses, and one."""
_NEAR = 3

# Places of a sequence, nearest first.
_TOUCHING, _NEXT, _CLAUSE, _PAST, _EARLIER, _EARLIER_PAST, _SENTENCE, _PARAGRAPH = range(8)
_AFTER, _AFTER_NEAR, _AFTER_CLAUSE, _AFTER_NEXT = range(8, 12)
_ANYWHERE, _HEADING, _TITLE, _LABEL = range(12, 16)
_WITH_UNIT = 32
"""Added to a place's number where the sequence is told apart by the figure's unit too."""
_OTHERS = 96
"""From here on, numbers of features that are no sequences: units, kinds, neighbours."""
_BOUNDS = np.array((FIGURE, CLAUSE, CLAUSE + FIGURE, 2 * CLAUSE, SENTENCE, LINE), dtype=np.int64)
"""What lies between a figure and a character before it, from ``_CLAUSE`` to ``_PARAGRAPH``; from the last on, nothing
counts."""
_STOPS = _BEHIND + LONGEST - 1
"""Places behind a figure where a sequence may end."""
_TAIL = 60
"""Characters of a heading or label that are read."""

_MIX, _SALT, _PEPPER = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_FOLD, _SHIFT = np.uint64(29), np.uint64(64 - BITS)

Told = tuple[int, ...]
"""Numbers of features that belong together and recur: those of a heading, of a unit and kind."""


class _Grid(NamedTuple):
    """The columns: sequences by their place alone, wherever they stand, and by place and unit.

    A column takes its place from the state of one character before the figure (0 to ``_BEFORE`` - 1, the nearest
    first) or of one stop behind it (from ``_BEFORE`` on): ``sources`` says which. It is filled where that state is at
    most its ``limits``; ``salts`` has what its sequence is mixed with, by column and state.
    """

    sources: Ints
    limits: npt.NDArray[np.uint8]
    salts: Hashes
    lengths: Ints
    offsets: Ints
    """From where the figure begins, or from where it ends if ``behind``, to where the sequence begins."""
    behind: npt.NDArray[np.bool_]
    with_unit: int
    """The first of the columns that are told apart by the unit."""


_STATES = len(_BOUNDS) + 1


class _Column(NamedTuple):
    source: int
    limit: int
    places: tuple[int, ...]
    length: int
    offset: int
    behind: bool


def _columns_before(length: int, back: int) -> tuple[_Column | None, _Column | None, _Column | None]:
    """The columns of the sequence that begins some characters before a figure: by place, anywhere, by unit."""
    gap = back - length
    own = _TOUCHING if gap == 0 else _NEXT if gap <= _NEAR else _CLAUSE
    places = (own, *range(_PAST, _PARAGRAPH + 1))
    near = own <= _NEXT
    state = {1: _CLAUSE, LONGEST: _EARLIER}.get(length, _PARAGRAPH) - _CLAUSE
    by_place = _Column(back - 1, state, places, length, -back, False)
    if length == 1:
        return (by_place if near else None), None, None
    anywhere = by_place._replace(limit=min(state, _EARLIER_PAST - _CLAUSE), places=(_ANYWHERE,) * len(places))
    if length == LONGEST:
        return by_place, anywhere, None
    unit = (_WITH_UNIT, *(_WITH_UNIT + 1 for _ in places[1:]))
    return by_place, anywhere, by_place._replace(places=unit)


def _columns_behind(length: int, ahead: int) -> tuple[_Column | None, _Column | None, _Column | None]:
    """The same for the sequence that begins some characters behind a figure."""
    own = _AFTER if ahead == 0 else _AFTER_NEAR if ahead <= _NEAR else _AFTER_CLAUSE
    source = _BEFORE + ahead + length - 1
    by_place = _Column(source, 0 if length == 1 else 1, (own, _AFTER_NEXT), length, ahead, True)
    if length == 1:
        return (by_place if own <= _AFTER_NEAR else None), None, None
    anywhere = by_place._replace(limit=0, places=(_ANYWHERE, _ANYWHERE))
    unit = by_place._replace(places=(_WITH_UNIT + 2,) * 2) if length == 2 else None
    return by_place, anywhere, unit


@cache
def _grid() -> _Grid:
    sorts = [
        *(_columns_before(length, back) for length in range(1, LONGEST + 1) for back in range(length, _BEFORE + 1)),
        *(_columns_behind(length, ahead) for length in range(1, LONGEST + 1) for ahead in range(_BEHIND)),
    ]
    groups = [[one for one in group if one is not None] for group in zip(*sorts, strict=True)]
    columns = [one for group in groups for one in group]
    places = np.zeros((len(columns), _STATES), dtype=np.uint64)
    for row, one in zip(places, columns, strict=True):
        row[: len(one.places)] = one.places
    sources, lengths, offsets = (np.array([one[at] for one in columns], dtype=np.int64) for at in (0, 3, 4))
    return _Grid(
        sources, np.array([one.limit for one in columns], dtype=np.uint8), (places + np.uint64(1)) * _SALT,
        lengths, offsets, np.array([one.behind for one in columns]), len(columns) - len(groups[2]),
    )  # fmt: skip


def _numbers(mixed: Hashes) -> Ints:
    """Numbers below ``SIZE`` for hashes that their salt was mixed into; the array given is used up."""
    mixed *= _MIX
    mixed ^= mixed >> _FOLD
    mixed *= _MIX
    mixed >>= _SHIFT
    return mixed.view(np.int64)


@cache
def _word(text: str) -> int:
    """A number for a name (a unit, a kind, an indicator), the same in every process."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def _salted(place: int) -> np.uint64:
    return np.uint64((place + 1) * int(_SALT) & 0xFFFFFFFFFFFFFFFF)


@cache
def named(kind: str, value: str) -> int:
    """The number of a feature that is no sequence: ``kind`` says which, ``value`` what it is."""
    hashes = np.array([_word(value)], dtype=np.uint64)
    return int(_numbers(hashes ^ _salted(_OTHERS + _word(kind) % 1000))[0])


class Contexts(NamedTuple):
    """The features of some figures: ``features[bounds[i]:bounds[i + 1]]`` are the sequences around the i-th of them.

    ``spots`` and ``lengths`` tell where each sequence begins in the levelled text and how long it is; ``told[i]`` has
    what else is known of a figure: unit and kind, the figure before, headings and labels.
    """

    features: Ints
    bounds: Ints
    spots: Ints
    lengths: Ints
    told: list[tuple[Told, ...]]

    def all_of(self, row: int) -> Ints:
        """Every feature of a figure."""
        own = self.features[self.bounds[row] : self.bounds[row + 1]]
        return np.concatenate((own, *(np.array(told, dtype=np.int64) for told in self.told[row])))


class Reading:
    """A text whose figures are read."""

    def __init__(self, text: str, structure: Structure, quantities: Sequence[Quantity]) -> None:
        self._text, self._structure, self._quantities = text, structure, quantities
        self.plain = level(text, [one.start for one in quantities])
        self._above: dict[int, Told] = {}

    def of(self, chosen: Sequence[int]) -> Contexts:
        """The contexts of the figures at ``chosen`` of all quantities."""
        plain, figures = self.plain, [self._quantities[index] for index in chosen]
        begin = plain.places[[one.start for one in figures]]
        end = plain.places[[one.end for one in figures]]
        units = np.array([_word(one.unit) for one in figures], dtype=np.uint64)
        told = [self._told(index) for index in chosen]
        grid = _grid()
        width = len(grid.limits)
        states = _states(plain, begin, end)[:, grid.sources]
        cells = np.flatnonzero(states <= grid.limits)
        edges = np.arange(len(figures))[:, None] * width + (0, grid.with_unit)
        edges = np.append(np.searchsorted(cells, edges.ravel()), len(cells))
        bounds = edges[::2]
        rows = np.repeat(np.arange(len(figures)), np.diff(bounds))
        columns = cells - rows * width
        lengths = grid.lengths[columns]
        spots = np.column_stack((begin, end)).ravel()[2 * rows + grid.behind[columns]] + grid.offsets[columns]
        mixed = plain.grams.ravel()[(lengths - 1) * plain.grams.shape[1] + spots]
        mixed ^= grid.salts.ravel()[columns * _STATES + states.ravel()[cells]]
        mixed ^= np.repeat(np.column_stack((np.zeros_like(units), units * _PEPPER)).ravel(), np.diff(edges))
        return Contexts(_numbers(mixed), bounds, spots, lengths, told)

    def _told(self, index: int) -> tuple[Told, ...]:
        """What a figure and the lines above it tell: unit, kind, the figure before, headings, labels of its cell."""
        one = self._quantities[index]
        above = self._above.get(one.section)
        if above is None:
            above = self._above[one.section] = _headings(self._structure.sections[one.section].path)
        for low, high in one.labels:
            above += _line(self._text[low:high], _LABEL)
        own = _own(one.unit, one.kind, one.scope, one.part_of is not None)
        if not index:
            return own, above, ()
        before = self._quantities[index - 1]
        gap = min(4, (one.start - before.end) // 4) if before.sentence == one.sentence else 5
        return own, above, _earlier(before.unit, one.unit, gap)


def _states(plain: Levelled, begin: Ints, end: Ints) -> npt.NDArray[np.uint8]:
    """By figure: what lies between it and each character before it, and each place behind it where a sequence may end.

    Before it the states are the places from ``_CLAUSE`` on, 0 for the first. Behind it 0 is its own clause, 1 a later
    one of its sentence, 2 what is no more of it.
    """
    counts, last = plain.counts, plain.grams.shape[1]
    states = np.empty((len(begin), _BEFORE + _STOPS), dtype=np.uint8)
    at = begin[:, None] - np.arange(1, _BEFORE + 1)
    before = np.searchsorted(_BOUNDS, counts[begin][:, None] - counts[np.maximum(at, 0)], "right")
    before[at < 0] = len(_BOUNDS)
    states[:, :_BEFORE] = before
    stop = end[:, None] + np.arange(1, _STOPS + 1)
    behind = counts[np.minimum(stop, last)] - counts[end][:, None]
    figures = (counts[begin + 1] - counts[end]) & (CLAUSE - 1)
    closed = (stop > last) | (behind >= SENTENCE) | ((behind & (CLAUSE - 1)) > figures[:, None])
    states[:, _BEFORE:] = np.where(closed, 2, behind >= CLAUSE)
    return states


@lru_cache(maxsize=4096)
def _line(text: str, place: int) -> Told:
    """The features of a short line that stands for itself: a heading, a label of a table."""
    grams = level_line(text[:_TAIL])
    found: list[int] = []
    for length in (2, 3) if place == _LABEL else (2,):
        hashes = grams[length - 1, : max(0, grams.shape[1] - length + 1)]
        found.extend(_numbers(hashes ^ _salted(place)).tolist())
    return tuple(dict.fromkeys(found))


def _headings(path: tuple[str, ...]) -> Told:
    told = _line(path[-1], _HEADING) if path else ()
    return told + _line(path[-2], _TITLE) if len(path) > 1 else told


@cache
def _own(unit: str, kind: str, scope: str, part: bool) -> Told:
    told = named("unit", unit), named("kind", f"{kind} {scope}")
    return (*told, named("part", unit)) if part else told


@cache
def _earlier(before: str, unit: str, gap: int) -> Told:
    return (named("before", f"{before} {unit} {gap}"),)
