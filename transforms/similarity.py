"""Similarity: reports that repeat one another under two townships or two years (copied reports), found in linear time.

A report is taken as the set of its sentences, with names and figures masked: a copy in which somebody has replaced
the township, the year and some figures is still a copy. Candidates come from MinHash signatures in bands (Broder 1997;
Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3); each candidate pair is then compared exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BANDS, ROWS = 24, 4
"""Of pairs of which 60 % of the sentences agree 56 % are found, of 70 % 88 %, of 80 % 99.5 %, of 90 % all."""
LEAST = 0.6
"""Share of common sentences from which two reports are near-identical; a shared template reaches about a third."""
RUN = 12
"""Up to so many reports that agree in a band are compared with one another; of more, each with the first and last."""
SHORTEST = 8
"""Shorter sentences (headings, greetings) are the same everywhere."""
MOST = 4_000_000
"""Pairs that wait to be told apart, 8 bytes each."""
MIXED = np.uint64(0x9E3779B97F4A7C15)
"""An odd number (2**64 over the golden ratio) by which products keep apart what they multiply."""
FEWEST = 6
"""A report of fewer sentences is not compared: what little it says may well be said elsewhere."""

_SENTENCE = re.compile(r"[^。；;！!？?\n\t|]+")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_SPACE = re.compile(r"[\s\u3000，、：“”（）()《》]+")
_RANDOM = np.random.Generator(np.random.PCG64(20231231))
_MULTIPLIERS = _RANDOM.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_ADDENDS = _RANDOM.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)

Hashes = NDArray[np.uint32]
Numbers = NDArray[np.int64]


class Fingerprint(NamedTuple):
    """A report as far as comparison needs it: 9 bytes a sentence, and 96 numbers.

    ``masked`` are the hashes of its sentences without names and figures, sorted and each once; ``exact`` those of the
    same sentences with their figures; ``figures`` how many each has; ``signature`` the MinHash values.
    """

    report_id: str
    township_code: str
    report_year: int
    masked: Hashes
    exact: Hashes
    figures: NDArray[np.uint8]
    signature: Hashes


class Copy(NamedTuple):
    """Two reports that repeat one another.

    ``sentences`` is the share of the shorter one's sentences that the other has too (names and figures aside), that is
    ``common`` / ``of``; ``figures`` is the share of those sentences' figures that are the same, None if they hold none.
    """

    report_id: str
    other_id: str
    sentences: float
    figures: float | None
    common: int
    of: int


class Sentences(NamedTuple):
    """The sentences of many reports one after the other: as in ``Fingerprint``, without an object for each report.

    Those of report ``i`` lie from ``bounds[i]`` to ``bounds[i + 1]``.
    """

    bounds: Numbers
    masked: Hashes
    exact: Hashes
    figures: NDArray[np.uint8]

    @classmethod
    def of(cls, reports: Sequence[Fingerprint]) -> Sentences:
        """Those of some fingerprints."""
        sizes = [len(report.masked) for report in reports]
        parts = ((report.masked, report.exact, report.figures) for report in reports)
        masked, exact, figures = (np.concatenate(part) for part in zip(*parts, strict=True))
        return cls(np.cumsum([0, *sizes]), masked, exact, figures)

    def at(self, reports: Numbers) -> tuple[Numbers, Numbers]:
        """Where the sentences of these reports lie, and for each which one's it is, as a place in ``reports``."""
        sizes = self.bounds[reports + 1] - self.bounds[reports]
        whose = np.repeat(np.arange(len(reports)), sizes)
        first = self.bounds[reports] - (np.cumsum(sizes) - sizes)
        return np.arange(len(whose)) + first[whose], whose


class Agreement(NamedTuple):
    """What each of some pairs of reports has in common, counted exactly.

    ``common`` are the sentences that both have, ``of`` those that the shorter one has; ``figures`` are the figures in
    the common ones, ``same`` those of them that are the same.
    """

    common: Numbers
    of: Numbers
    same: Numbers
    figures: Numbers


def fingerprint(
    report_id: str, township_code: str, report_year: int, text: str, names: Sequence[str] = ()
) -> Fingerprint:
    """Reduce a text to its fingerprint; ``names`` (of the township and its parents) and the year are masked."""
    for name in names:
        text = text.replace(name, "")
    masked: dict[int, tuple[int, int]] = {}
    for sentence in _SENTENCE.findall(text.replace(f"{report_year}年", "")):
        bare = _SPACE.sub("", sentence)
        if len(bare) >= SHORTEST:
            hidden, count = _FIGURE.subn("#", bare)
            masked.setdefault(crc32(hidden.encode()), (crc32(bare.encode()), count))
    order = sorted(masked)
    keys = np.array(order, np.uint32)
    exact = np.array([masked[key][0] for key in order], np.uint32)
    counts = np.array([min(masked[key][1], 255) for key in order], np.uint8)
    return Fingerprint(report_id, township_code, report_year, keys, exact, counts, _signature(keys))


def _signature(keys: Hashes) -> Hashes:
    """MinHash values by multiply-shift hashing of the sentence hashes."""
    if not len(keys):
        return np.full(BANDS * ROWS, 2**32 - 1, np.uint32)
    mixed = keys.astype(np.uint64)[None, :] * _MULTIPLIERS[:, None] + _ADDENDS[:, None]
    return np.asarray((mixed >> np.uint64(32)).min(axis=1), np.uint32)


def copies(reports: Sequence[Fingerprint], least: float = LEAST) -> list[Copy]:
    """Near-identical reports of different townships or years, the greatest agreement first.

    Time grows about linearly with the number of reports: where more than ``RUN`` agree in a band, each is compared
    with the first and the one before only: a text copied a thousand times gives thousands of pairs, not half a million.
    """
    usable = [report for report in reports if len(report.masked) >= FEWEST]
    if len(usable) < 2:
        return []
    numbers: dict[tuple[str, int], int] = {}
    places = [numbers.setdefault((one.township_code, one.report_year), len(numbers)) for one in usable]
    pairs = candidates(np.stack([report.signature for report in usable]), np.array(places))
    found = _copies(usable, pairs)
    return sorted(
        (pair for pair in found if pair.sentences >= least),
        key=lambda pair: (-pair.sentences, -(pair.figures or 0.0), pair.report_id, pair.other_id),
    )


def compare(one: Fingerprint, other: Fingerprint) -> Copy:
    """How much of two reports agrees, counted exactly."""
    return _copies([one, other], np.array([[0, 1]]))[0]


def _copies(reports: Sequence[Fingerprint], pairs: Numbers) -> list[Copy]:
    found: list[Copy] = []
    rows = zip(pairs.tolist(), *(part.tolist() for part in agreement(Sentences.of(reports), pairs)), strict=True)
    for pair, common, of, same, figures in rows:
        first, second = sorted(reports[place].report_id for place in pair)
        found.append(Copy(first, second, common / of, same / figures if figures else None, common, of))
    return found


def agreement(reports: Sentences, pairs: Numbers) -> Agreement:
    """Compare pairs of reports exactly, all at once.

    Args:
        reports: The sentences of all of them.
        pairs: Two places among the reports in each row.
    """
    one, other = pairs[:, 0], pairs[:, 1]
    (here, whose), (there, others) = reports.at(one), reports.at(other)
    # A sentence of a pair: the pair's number before the sentence's hash.
    left = whose << 32 | reports.masked[here]
    right = others << 32 | reports.masked[there]
    both, at, to = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    pair = both >> 32
    figures = reports.figures[here[at]].astype(np.int64)
    same = figures * (reports.exact[here[at]] == reports.exact[there[to]])
    sizes = np.diff(reports.bounds)
    return Agreement(
        np.bincount(pair, minlength=len(pairs)),
        np.maximum(1, np.minimum(sizes[one], sizes[other])),
        np.bincount(pair, same, len(pairs)).astype(np.int64),
        np.bincount(pair, figures, len(pairs)).astype(np.int64),
    )


def candidates(signatures: Hashes, places: NDArray[np.integer[Any]]) -> Numbers:
    """Pairs (as positions) that agree in a band and are not of the same township and year, two versions of one report.

    Args:
        signatures: One row a report of at least ``FEWEST`` sentences.
        places: A number for the township and year of each.

    Returns:
        Two ascending positions in each row, each pair once, in their order.
    """
    count = len(places)
    found: list[Numbers] = []
    for band in range(BANDS):
        rows = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS]).view(np.uint64)
        some = _repeated(rows)  # few, so that not all have to be put in order
        rows = rows[some]
        order = np.lexsort(rows.T)  # stable: positions ascend in a run
        agree = np.r_[(rows[order][1:] == rows[order][:-1]).all(axis=1), False][: len(order)]
        one, other = _within(some[order], agree)
        apart = places[one] != places[other]
        found.append(one[apart] * count + other[apart])
        if sum(map(len, found)) > MOST:
            found = [_once(found)]
    return np.stack(np.divmod(_once(found), max(1, count)), axis=1)


def _repeated(rows: NDArray[np.uint64]) -> Numbers:
    """The positions of all rows that are equal to another, and perhaps of a few more, ascending.

    Each row is told by one number: to sort numbers takes a tenth of the time of putting the rows in order.
    """
    told = np.zeros(len(rows), np.uint64)
    for column in rows.T:
        told = (told ^ column) * MIXED
    ordered = np.sort(told)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(twice):
        return np.empty(0, np.int64)
    at = np.minimum(np.searchsorted(twice, told), len(twice) - 1)
    return np.flatnonzero(twice[at] == told)


def _once(parts: Sequence[Numbers]) -> Numbers:
    """All numbers of some arrays, each once, in order: sorted, in a third of the time of NumPy's hash table."""
    found: Numbers = np.sort(np.concatenate(parts))
    first: NDArray[np.bool_] = np.r_[True, found[1:] != found[:-1]][: len(found)]
    return np.compress(first, found)


def _within(order: Numbers, agree: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Pairs of the runs in which each position agrees with the next: ``order`` without its runs of one."""
    starts = np.flatnonzero(np.r_[True, ~agree[:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    at = np.arange(len(order))
    ones, others = [], []
    for step in range(1, RUN):  # all of a short run with one another; of a longer one, each with the next
        early = np.flatnonzero((at + step < start + size) & ((size <= RUN) | (step == 1)))
        ones.append(order[early])
        others.append(order[early + step])
    later = np.flatnonzero((size > RUN) & (at > start))
    return np.concatenate([*ones, order[start[later]]]), np.concatenate([*others, order[later]])
