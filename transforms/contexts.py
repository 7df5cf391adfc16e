"""Contexts: what stands around each figure of a text, as numbers of short character sequences for a linear model.

Every sequence of one to four characters before and behind a figure counts, told apart by where it stands: next to the
figure, in its clause, in the clause before, with another figure between, in an earlier sentence of the paragraph, in
the heading. Digits, width of punctuation and quotation marks are levelled first, so that 宣传活动32场 and 宣传活动 8 场
are alike. A sequence and its place are hashed to a number below ``SIZE``; no vocabulary is needed and the cost of a
figure does not grow with the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.quantity import Quantity
from transforms.structure import Structure

BITS = 20
SIZE = 1 << BITS
"""How many numbers there are for sequences; the table of a model's weights has as many entries."""

_BEFORE, _BEHIND = 72, 18
"""Characters before and behind a figure that are looked at: about four clauses, and one."""
_NEAR = 3
_LONGEST = 4
_DIGIT, _FIGURE = ord("0"), ord("#")
_BREAKS = tuple(map(ord, ",;:。!?|\t\n"))
_ENDS = tuple(map(ord, "。!?\n"))
_LEVEL = dict(zip("，；：！？（）【】〔〕", ",;:!?()[][]", strict=True))
_DROPPED = frozenset("“”\"'‘’《》 \u3000\xa0　\u200b")

# Places of a sequence, nearest first.
_TOUCHING, _NEXT, _CLAUSE, _PAST, _EARLIER, _EARLIER_PAST, _SENTENCE, _PARAGRAPH = range(8)
_AFTER, _AFTER_NEAR, _AFTER_CLAUSE, _AFTER_NEXT = range(8, 12)
_ANYWHERE, _HEADING, _TITLE, _LABEL = range(12, 16)
_WITH_UNIT = 32
"""Added to a place's number where the sequence is told apart by the figure's unit too."""
_OTHERS = 96
"""From here on, numbers of features that are no sequences: units, kinds, neighbours."""

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
_PRIME, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - BITS)


class Contexts(NamedTuple):
    """The features of some figures: ``features[i]`` belongs to the figure at ``rows[i]`` of the list that was given.

    ``spots[i]`` is where its sequence begins in the levelled text and ``lengths[i]`` how long that is; 0 characters for
    what is no sequence of the text before or behind the figure.
    """

    rows: Ints
    features: Ints
    spots: Ints
    lengths: Ints


class Levelled(NamedTuple):
    """A text made plain: its characters, where each character of the text went, and running counts."""

    codes: Hashes
    places: Ints
    breaks: Ints
    ends: Ints
    lines: Ints


@cache
def _codes() -> npt.NDArray[np.uint32]:
    """By code point: the one it is levelled to, 0 where it is dropped."""
    table = np.arange(0x110000, dtype=np.uint32)
    for character, plain in _LEVEL.items():
        table[ord(character)] = ord(plain)
    for character in _DROPPED:
        table[ord(character)] = 0
    table[ord("0") : ord("9") + 1] = _DIGIT
    return table


@cache
def _marks() -> npt.NDArray[np.uint8]:
    """By code point: 1 for what ends a clause, 3 for what ends a sentence too, 7 for the end of a line."""
    table = np.zeros(0x110000, dtype=np.uint8)
    table[list(_BREAKS)] = 1
    table[list(_ENDS)] = 3
    table[ord("\n")] = 7
    return table


def level(text: str) -> Levelled:
    """Make a text plain."""
    raw = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    codes = _codes()[raw]
    kept = codes != 0
    digit = codes == _DIGIT
    kept[1:] &= ~(digit[1:] & digit[:-1])
    places = _running(kept)
    plain = codes[kept]
    marks = _marks()[plain]
    return Levelled(plain.astype(np.uint64), places, *(_running(marks & bit != 0) for bit in (1, 2, 4)))


def _running(flags: npt.NDArray[np.bool_]) -> Ints:
    """How many of the flags before each place are set."""
    counts = np.zeros(len(flags) + 1, dtype=np.int64)
    np.cumsum(flags, out=counts[1:])
    return counts


def _grams(codes: Hashes) -> list[Hashes]:
    """For 1 to 4 characters: the hash of the sequence that begins at each place; shorter where it meets the end."""
    found = [codes * _PRIME]
    for length in range(2, _LONGEST + 1):
        longer = found[-1].copy()
        stop = len(codes) - length + 1
        if stop > 0:
            longer[:stop] = (found[-1][:stop] ^ codes[length - 1 :]) * _PRIME
        found.append(longer)
    return found


def _numbered(hashes: Hashes, places: Ints | int, extra: Hashes | int = 0) -> Ints:
    """Numbers below ``SIZE`` for sequences at places, told apart by ``extra`` where it is not 0."""
    salt = (np.atleast_1d(np.asarray(places, dtype=np.uint64)) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
    salt = salt ^ (np.atleast_1d(np.asarray(extra, dtype=np.uint64)) * np.uint64(0x165667B19E3779F9))
    mixed = (hashes ^ salt) * _MIX
    mixed ^= mixed >> np.uint64(29)
    return ((mixed * _MIX) >> _SHIFT).astype(np.int64)


@cache
def _word(text: str) -> int:
    """A number for a name (a unit, a kind, an indicator), the same in every process."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


@cache
def named(kind: str, value: str) -> int:
    """The number of a feature that is no sequence: ``kind`` says which, ``value`` what it is."""
    return int(_numbered(np.array([_word(value)], dtype=np.uint64), _OTHERS + _word(kind) % 1000)[0])


def contexts(text: str, structure: Structure, quantities: Sequence[Quantity], chosen: Sequence[int]) -> Contexts:
    """The features of the figures at ``chosen`` of ``quantities``, in no particular order within a figure."""
    if not chosen:
        empty = np.zeros(0, dtype=np.int64)
        return Contexts(empty, empty, empty, empty)
    plain = level(text)
    grams = _grams(plain.codes)
    starts = plain.places[[one.start for one in quantities]]
    figures = np.zeros(len(plain.codes) + 2, dtype=np.int64)
    np.add.at(figures, starts + 1, 1)
    figures = np.cumsum(figures)
    units = np.array([_word(quantities[index].unit) for index in chosen], dtype=np.uint64)
    begin = plain.places[[quantities[index].start for index in chosen]]
    end = plain.places[[quantities[index].end for index in chosen]]
    parts = [*_before(plain, grams, figures, begin, units), *_behind(plain, grams, figures, begin, end, units)]
    parts.append(_told(text, structure, quantities, chosen))
    return Contexts(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def spelled(text: str, places: Ints, spot: int, length: int) -> str:
    """The characters of a text that a sequence stands for, given where its characters went (``Levelled.places``)."""
    return text[int(np.searchsorted(places, spot, "right")) - 1 : int(np.searchsorted(places, spot + length))]


def _sequences(rows: Ints, features: Ints, spots: Ints, length: int) -> Contexts:
    return Contexts(rows, features, spots, np.full(len(rows), length, dtype=np.int64))


def _before(plain: Levelled, grams: list[Hashes], figures: Ints, begin: Ints, units: Hashes) -> list[Contexts]:
    back = np.arange(1, _BEFORE + 1)
    at = begin[:, None] - back[None, :]
    rows = np.broadcast_to(np.arange(len(begin))[:, None], at.shape)
    inside = at >= 0
    at = np.where(inside, at, 0)
    inside &= plain.lines[at] == plain.lines[begin][:, None]
    clauses = plain.breaks[begin][:, None] - plain.breaks[at]
    between = figures[begin][:, None] - figures[at]
    sentences = plain.ends[begin][:, None] - plain.ends[at]
    place = np.where(
        sentences > 0,
        _PARAGRAPH,
        np.where(
            clauses == 0,
            np.where(between == 0, _CLAUSE, _PAST),
            np.where(clauses == 1, np.where(between == 0, _EARLIER, _EARLIER_PAST), _SENTENCE),
        ),
    )
    found: list[Contexts] = []
    for length in range(1, _LONGEST + 1):
        gap = back[None, :] - length
        here = np.where(
            (place == _CLAUSE) & (gap == 0), _TOUCHING, np.where((place == _CLAUSE) & (gap <= _NEAR), _NEXT, place)
        )
        good = inside & (gap >= 0)
        if length == 1:
            good &= here <= _NEXT
        elif length == _LONGEST:
            good &= here <= _EARLIER
        spots = at[good]
        hashes, where, owner = grams[length - 1][spots], here[good], rows[good]
        found.append(_sequences(owner, _numbered(hashes, where), spots, length))
        if length >= 2:
            close = where <= _EARLIER_PAST
            found.append(_sequences(owner[close], _numbered(hashes[close], _ANYWHERE), spots[close], length))
        if length in {2, 3}:
            far = np.where(where <= _CLAUSE, 0, 1)
            found.append(_sequences(owner, _numbered(hashes, _WITH_UNIT + far, units[owner]), spots, length))
    return found


def _behind(
    plain: Levelled, grams: list[Hashes], figures: Ints, begin: Ints, end: Ints, units: Hashes
) -> list[Contexts]:
    ahead = np.arange(_BEHIND)
    at = end[:, None] + ahead[None, :]
    rows = np.broadcast_to(np.arange(len(end))[:, None], at.shape)
    last = len(plain.codes)
    found: list[Contexts] = []
    for length in range(1, _LONGEST + 1):
        stop = at + length
        good = stop <= last
        safe, ending = np.where(good, at, 0), np.where(good, stop, 0)
        good &= (figures[ending] - figures[begin + 1][:, None] <= 0) & (plain.ends[ending] == plain.ends[end][:, None])
        clauses = plain.breaks[ending] - plain.breaks[end][:, None]
        here = np.where(
            clauses > 0,
            _AFTER_NEXT,
            np.where(ahead[None, :] == 0, _AFTER, np.where(ahead[None, :] <= _NEAR, _AFTER_NEAR, _AFTER_CLAUSE)),
        )
        if length == 1:
            good &= here <= _AFTER_NEAR
        spots = safe[good]
        hashes, where, owner = grams[length - 1][spots], here[good], rows[good]
        found.append(_sequences(owner, _numbered(hashes, where), spots, length))
        if length == 2:
            found.append(_sequences(owner, _numbered(hashes, _WITH_UNIT + 2, units[owner]), spots, length))
        if length >= 2:
            close = where < _AFTER_NEXT
            found.append(_sequences(owner[close], _numbered(hashes[close], _ANYWHERE), spots[close], length))
    return found


@cache
def _line(text: str, place: int) -> tuple[int, ...]:
    """The features of a short line that stands for itself: a heading, a label of a table."""
    codes = _codes()[np.frombuffer(text[:60].encode("utf-32-le"), dtype=np.uint32)]
    grams = _grams(codes[codes != 0].astype(np.uint64))
    found: list[int] = []
    for length in (2, 3) if place == _LABEL else (2,):
        hashes = grams[length - 1][: max(0, len(grams[0]) - length + 1)]
        found.extend(_numbered(hashes, place).tolist())
    return tuple(dict.fromkeys(found))


def _told(text: str, structure: Structure, quantities: Sequence[Quantity], chosen: Sequence[int]) -> Contexts:
    """What a figure and the lines above it tell: unit, kind, the figure before, headings, labels of its cell."""
    rows: list[int] = []
    features: list[int] = []
    for row, index in enumerate(chosen):
        one = quantities[index]
        told = [named("unit", one.unit), named("kind", f"{one.kind} {one.scope}")]
        if one.part_of is not None:
            told.append(named("part", one.unit))
        if index:
            before = quantities[index - 1]
            gap = min(4, (one.start - before.end) // 4) if before.sentence == one.sentence else 5
            told.append(named("before", f"{before.unit} {one.unit} {gap}"))
        section = structure.sections[one.section]
        if section.path:
            told.extend(_line(section.path[-1], _HEADING))
            if len(section.path) > 1:
                told.extend(_line(section.path[-2], _TITLE))
        for low, high in one.labels:
            told.extend(_line(text[low:high], _LABEL))
        rows.extend([row] * len(told))
        features.extend(told)
    return _sequences(
        np.array(rows, dtype=np.int64), np.array(features, dtype=np.int64), np.zeros(len(rows), np.int64), 0
    )
