"""Learn ``seeds/revisions.parquet``: how opinions on figures are corrected by those on the figures around.

An opinion on a passage that it learned from is too good to learn from again. So the passages are dealt into three
parts, and the figures of each are scored by opinions that had learned from the other two (``judged``). The corrections
are learned as the weights of the opinions are (``seeds/build_opinions.py``): where a wrong label outdoes the right one,
the features of the figure move a little from the one to the other, and the average over all steps counts.
``seeds/build_credence.py`` runs it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from seeds.build_opinions import SCALE, Passage, Read, digest, examples, labels_of, read, weigh
from transforms.contexts import Reading
from transforms.dictionary import Dictionary
from transforms.mapping import allowed
from transforms.opinions import UNLABELLED, Opinions, Scores
from transforms.revisions import SCALE as UNIT
from transforms.revisions import TABLE, Ints, Revisions, features, gap_before, table
from transforms.weights import Weights

PARTS = 3
"""Into how many parts the passages are dealt."""
_ROUNDS, _AGGRESSIVE, _DROPPED, _VALUE, _MARGIN = 6, 0.05, 0.2, 0.3, 0.5
"""Rounds over the figures, the most that one may move the weights, the share of its features that is kept from the
learner each time, what each of them is worth, and by how much the right label should lead."""
_RARE, _SMALL = 3, 5
"""Features of fewer figures, and weights of fewer units, are left out."""
_OFTEN = 20
"""How often a text must stand between two figures to be told apart."""


class Judged(NamedTuple):
    """A passage as it was read, and the scores of the figures on which there are opinions that knew nothing of it."""

    read: Read
    chosen: list[int]
    scores: Scores
    fits: npt.NDArray[np.bool_]
    part: int


class _Figure(NamedTuple):
    features: Ints
    scores: npt.NDArray[np.float32]
    fits: npt.NDArray[np.bool_]
    gold: Ints


def judged(passages: Sequence[Passage], dictionary: Dictionary) -> tuple[list[Opinions], list[Judged]]:
    """Opinions that each lack one part of the passages, and what they say of the passages of that part.

    Passages that the rules were made on are learned from but not judged: their rules prove nothing.
    """
    learned = [list(examples(passage, dictionary)) for passage in passages]
    known = labels_of([one for many in learned for one in many])
    lacking, found = [], []
    for part in range(PARTS):
        others = [one for number, many in enumerate(learned) if number % PARTS != part for one in many]
        opinions = Opinions(known, (), SCALE, Weights(len(known), *weigh(others, known)))
        lacking.append(opinions)
        for passage in passages[part::PARTS]:
            if not passage.unruled:
                found.append(_judge(read(passage, dictionary), opinions, dictionary, part))
    return lacking, found


def _judge(one: Read, opinions: Opinions, dictionary: Dictionary, part: int) -> Judged:
    fitting = [allowed(quantity, dictionary) for quantity in one.found]
    chosen = [index for index, fit in enumerate(fitting) if fit is not None]
    fits = opinions.fits([fit for fit in fitting if fit is not None])
    reading = Reading(one.text, one.structure, one.found)
    scores = opinions.scores(reading, one.ruled, chosen) if chosen else np.empty((0, len(opinions.labels)))
    return Judged(one, chosen, scores, fits, part)


def learn(found: Sequence[Judged], opinions: Opinions, gaps: Sequence[str]) -> tuple[Ints, Ints, Ints]:
    """The columns feature, label and weight of the table, one row for each correction, in the features' order."""
    figures = [figure for one in found for figure in _figures(one, opinions, gaps)]
    every, times = np.unique(np.concatenate([one.features for one in figures]), return_counts=True)
    kept = every[times >= _RARE]
    weights = _averaged(figures, kept, len(opinions.labels))
    small = np.rint(weights * _VALUE / UNIT).astype(np.int64)
    small[np.abs(small) < _SMALL] = 0
    rows, owners = np.nonzero(small)
    return kept[rows], owners, small[rows, owners]


def _figures(one: Judged, opinions: Opinions, gaps: Sequence[str]) -> Iterable[_Figure]:
    if not one.chosen:
        return
    text, _, found, ruled, gold = one.read
    number = {gap: place for place, gap in enumerate(gaps)}
    first = opinions.first(one.scores, one.fits)
    told = features(text, found, ruled, one.chosen, first, opinions.number, number)
    for row, index in enumerate(one.chosen):
        if index in gold:
            own = np.unique(told[row][told[row] >= 0])
            fits = one.fits[row].copy()
            fits[[opinions.number[label] for label in UNLABELLED]] = True
            right = np.array([opinions.number[label] for label in gold[index]])
            if fits[right].any():
                yield _Figure(own, one.scores[row].astype(np.float32), fits, right[fits[right]])


def _averaged(figures: Sequence[_Figure], kept: Ints, labels: int) -> npt.NDArray[np.float32]:
    weights = np.zeros((len(kept), labels), np.float32)
    moved = np.zeros_like(weights)
    random, step = np.random.default_rng(0), 1
    last = np.append(kept, np.iinfo(np.int64).max)
    found = [(one.features, np.searchsorted(kept, one.features)) for one in figures]
    places = [at[last[at] == told] for told, at in found]
    for _ in range(_ROUNDS):
        for at in random.permutation(len(figures)):
            one, rows = figures[at], places[at]
            rows = rows[random.random(len(rows)) >= _DROPPED]
            if not len(rows):
                continue
            step += 1
            scores = np.where(one.fits, one.scores + _VALUE / (1 - _DROPPED) * weights[rows].sum(axis=0), -np.inf)
            worst = one.gold[scores[one.gold].argmin()]
            others = scores.copy()
            others[one.gold] = -np.inf
            rival = others.argmax()
            loss = _MARGIN - scores[worst] + scores[rival]
            if loss > 0:
                change = _VALUE * min(_AGGRESSIVE, loss / (2 * len(rows) * _VALUE**2))
                weights[rows, worst] += change
                weights[rows, rival] -= change
                moved[rows, worst] += step * change
                moved[rows, rival] -= step * change
    return weights - moved / np.float32(step)


def gaps_of(found: Sequence[Judged]) -> list[str]:
    """The short texts that stand between two figures often."""
    between = (gap_before(one.read.text, one.read.found, at) for one in found for at in range(len(one.read.found)))
    return sorted(gap for gap, times in Counter(between).items() if gap and times >= _OFTEN)


def revisions_of(found: Sequence[Judged], opinions: Opinions, gaps: Sequence[str]) -> Revisions:
    """The corrections that some judged passages teach."""
    return Revisions.of_weights(opinions.labels, gaps, *learn(found, opinions, gaps))


def build(found: Sequence[Judged], opinions: Opinions, gaps: Sequence[str]) -> None:
    """Learn from all judged passages, and write the table."""
    columns = learn(found, opinions, gaps)
    made = table(opinions.labels, gaps, columns, {"learned_from": digest()})
    pq.write_table(made, TABLE, compression="zstd", compression_level=19, write_statistics=False)
    print(f"{len(columns[0])} corrections, {TABLE.stat().st_size / 1e3:.0f} kB", flush=True)
