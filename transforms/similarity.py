"""Similarity: reports that repeat one another under two townships or two years (copied reports), found in linear time.

A report is taken as the set of its sentences, with names and figures masked: a copy in which somebody has replaced
the township, the year and some figures is still a copy. Candidates come from MinHash signatures in bands (Broder 1997;
Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3); each candidate pair is then compared exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple
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
FEWEST = 6
"""A report of fewer sentences is not compared: what little it says may well be said elsewhere."""

_SENTENCE = re.compile(r"[^。；;！!？?\n\t|]+")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_SPACE = re.compile(r"[\s\u3000，、：“”（）()《》]+")
_RANDOM = np.random.Generator(np.random.PCG64(20231231))
_MULTIPLIERS = _RANDOM.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_ADDENDS = _RANDOM.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)

Hashes = NDArray[np.uint32]


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
    signatures = np.stack([report.signature for report in usable]) if usable else np.empty((0, BANDS * ROWS), np.uint32)
    pairs = candidates(signatures, [(report.township_code, report.report_year) for report in usable])
    return near(((usable[i], usable[j]) for i, j in pairs), least)


def near(pairs: Iterable[tuple[Fingerprint, Fingerprint]], least: float = LEAST) -> list[Copy]:
    """Those pairs that are near-identical, compared exactly, the greatest agreement first."""
    return ranked(pair for one, other in pairs if (pair := compare(one, other)).sentences >= least)


def ranked(pairs: Iterable[Copy]) -> list[Copy]:
    """Pairs, the greatest agreement first."""
    return sorted(pairs, key=lambda pair: (-pair.sentences, -(pair.figures or 0.0), pair.report_id, pair.other_id))


def compare(one: Fingerprint, other: Fingerprint) -> Copy:
    """How much of two reports agrees, counted exactly."""
    common, here, there = np.intersect1d(one.masked, other.masked, assume_unique=True, return_indices=True)
    counts = one.figures[here].astype(int)
    same = counts[one.exact[here] == other.exact[there]].sum()
    total = int(counts.sum())
    of = max(1, min(len(one.masked), len(other.masked)))
    first, second = sorted((one.report_id, other.report_id))
    return Copy(first, second, len(common) / of, int(same) / total if total else None, len(common), of)


def candidates(signatures: Hashes, places: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Pairs (as positions) that agree in a band and are not of the same township and year, two versions of one report.

    Args:
        signatures: One row a report of at least ``FEWEST`` sentences.
        places: Township and year of each.
    """
    if len(places) < 2:
        return []
    pairs: set[tuple[int, int]] = set()
    for band in range(BANDS):
        rows = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        keys = rows.view([("", rows.dtype)] * ROWS).ravel()
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]])
        sizes = np.diff(np.r_[starts, len(order)])
        for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            pairs.update(_within(order[start : start + size].tolist()))
    return sorted((i, j) for i, j in pairs if places[i] != places[j])


def _within(run: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of a run of ascending positions."""
    if len(run) <= RUN:
        yield from combinations(run, 2)
        return
    for earlier, later in pairwise(run):
        yield earlier, later
        yield run[0], later
