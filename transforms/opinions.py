"""Opinions: what labelled examples say of a figure: which indicator it states, or that it is only a part, or neither.

The rules of the dictionary know the words that somebody wrote down; reports put the same fact in ever other words, and
say in as many that a figure is only a part. A linear model reads the characters around each figure
(``transforms/contexts.py``) and what the rules found, and weighs both; then the opinions on all figures of a text are
held against one another (``transforms/revisions.py``). The model was made from labelled passages of our own
(``seeds/examples/``, ``seeds/build_opinions.py``) and is a table: for every sequence and label a small whole number.
Sums of whole numbers are the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from math import inf
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.contexts import Contexts, Reading, Told, named
from transforms.levelled import Ints, spelled
from transforms.quantity import Quantity
from transforms.revisions import First, Revisions, Stating
from transforms.structure import Structure
from transforms.weights import Weights, column_of

TABLE = SEEDS / "opinions.parquet"
NOTHING, PART, HIGHER = "-", "part", "higher"
"""Labels beside the indicators: a figure of the township without indicator, a part, a higher body's figure."""
UNLABELLED = (NOTHING, PART, HIGHER)
RULED = 0.3
"""Weight of what the rules found, beside the sequences, whose weights are shared out over their number."""
FAR_BEHIND = -0.35
"""Lead from which an indicator is a claim, though the examples have more for none: one in four of these is right."""
_WORDS = 3
"""Sequences that are named as the reason for an opinion."""
_FIGURE_BITS, _LENGTH_BITS = 40, 3
"""Bits of a number that stands for a sequence: above the first which figure's, below the second how long it is."""
_AT_ONCE = 128
"""Figures that are judged together: enough to share the work, few enough for the processor's cache."""


_FAR_OFF = -9.0
"""Lead of a figure whose unit no indicator takes."""

Scores = npt.NDArray[np.float64]


class Ruled(Stating, Protocol):
    """What the rules say of one figure (``transforms/mapping.py``)."""

    @property
    def about(self) -> tuple[str, ...]:
        """Those that it speaks of without stating them."""

    @property
    def rule(self) -> str:
        """The name of the rule, and its words behind a colon."""

    @property
    def confidence(self) -> float:
        """How sure the rules are."""


class Opinion(NamedTuple):
    """The label that the examples speak for most, the next best pair, and how sure they are.

    ``best`` is the indicator that they speak for most, empty where none takes the unit; ``lead`` its distance from the
    best of ``UNLABELLED``, below 0 where that is the label. ``second`` is the indicator that comes next, with its own
    distance. ``score`` is what speaks for ``best`` in all, ``against`` by how much part, nothing and higher outdo it.
    ``words`` are the sequences that spoke for the label most, where the rules did not say the same.
    """

    label: str
    lead: float
    second: str
    second_lead: float
    best: str = ""
    score: float = 0.0
    against: tuple[float, float, float] = (0.0, 0.0, 0.0)
    words: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """The label that reasons are given for: the best indicator unless it is far behind."""
        return self.best if self.best and self.lead > FAR_BEHIND else self.label


class Opinions:
    """The model and its labels."""

    def __init__(
        self,
        labels: Sequence[str],
        pairs: Sequence[Sequence[str]],
        scale: float,
        weights: Weights,
        revisions: Revisions | None = None,
    ) -> None:
        self.labels = tuple(labels)
        self._fitting: dict[frozenset[str], npt.NDArray[np.bool_]] = {}
        self._pairs = frozenset(map(frozenset, pairs))
        self.number = {label: number for number, label in enumerate(self.labels)}
        self._scale, self._weights, self._revisions = scale, weights, revisions
        self._unlabelled = np.array([self.number[label] for label in UNLABELLED])

    @classmethod
    @cache
    def load(cls) -> Opinions:
        """The model of this project."""
        table = pq.ParquetFile(TABLE).read(use_threads=False)
        about = json.loads(table.schema.metadata[b"opinions"])
        features, owners, weights = (column_of(table, name) for name in ("feature", "label", "weight"))
        weighed = Weights(len(about["labels"]), np.cumsum(features, dtype=np.int32), owners, weights)
        return cls(about["labels"], about["pairs"], about["scale"], weighed, Revisions.load())

    def revised(self, revisions: Revisions) -> Opinions:
        """The same opinions, looked at again beside one another."""
        pairs = [tuple(pair) for pair in self._pairs]
        return Opinions(self.labels, pairs, self._scale, self._weights, revisions)

    def know(self, names: Iterable[str]) -> bool:
        """Whether some example states each of some indicators."""
        return all(name in self.number for name in names)

    def pooled(self, one: str, other: str) -> bool:
        """Whether some example states two indicators by one figure."""
        return frozenset((one, other)) in self._pairs

    def of(
        self,
        text: str,
        structure: Structure,
        quantities: Sequence[Quantity],
        ruled: Sequence[Ruled],
        allowed: Sequence[frozenset[str] | None],
    ) -> list[Opinion | None]:
        """An opinion on every figure that may state an indicator, None for the others.

        Args:
            text: The cleaned text.
            structure: Its sections and sentences.
            quantities: Its quantities.
            ruled: What the rules say of each.
            allowed: The indicators that take each one's unit; None where it is not to be judged.
        """
        judged = [(index, fitting) for index, fitting in enumerate(allowed) if fitting is not None]
        told: list[Opinion | None] = [None] * len(quantities)
        if not judged:
            return told
        chosen = [index for index, _ in judged]
        fits = self.fits([fitting for _, fitting in judged])
        reading = Reading(text, structure, quantities)
        scores = self.scores(reading, ruled, chosen)
        if self._revisions is not None:
            scores += self._revisions.of(text, quantities, ruled, chosen, self.first(scores, fits))
        bests = self._best(scores, fits)
        differing = [row for row, best in enumerate(bests) if _differs(best, ruled[chosen[row]])]
        for row, best in enumerate(bests):
            told[chosen[row]] = best
        for first in range(0, len(differing), _AT_ONCE):
            rows = differing[first : first + _AT_ONCE]
            near = reading.of([chosen[row] for row in rows])
            reasons = self._reasons(near, [self.number[bests[row].spoken] for row in rows])
            for row, spans in zip(rows, reasons, strict=True):
                words = tuple([spelled(text, reading.plain.places, *span) for span in spans])
                told[chosen[row]] = bests[row]._replace(words=words)
        return told

    def scores(self, reading: Reading, ruled: Sequence[Ruled], chosen: Sequence[int]) -> Scores:
        """By figure and label, before any revision: what speaks for the label."""
        parts = [chosen[first : first + _AT_ONCE] for first in range(0, len(chosen), _AT_ONCE)]
        return np.concatenate([self._scores(reading.of(part), rulings(ruled, part)) for part in parts])

    def first(self, scores: Scores, fits: npt.NDArray[np.bool_]) -> First:
        """The labels that scores speak for, as numbers."""
        none, best, lead = self._lead(scores, fits)
        return First(np.where(lead > 0, best, none), np.where(np.isinf(lead), -1, best), np.maximum(lead, _FAR_OFF))

    def _scores(self, near: Contexts, ruling: list[tuple[Told, ...]]) -> Scores:
        """By figure and label: what all features say; the sequences' say is shared out over their number."""
        many = np.diff(near.bounds) + [sum(map(len, told)) for told in near.told]
        sums = self._weights.sums(near.features, near.bounds) + self._weights.told_sums(near.told)
        share = 1 / np.sqrt(np.maximum(1, many))
        scores: Scores = (sums * share[:, None] + RULED * self._weights.told_sums(ruling)) * self._scale
        return scores

    def _lead(self, scores: Scores, fits: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Scores]:
        """By figure: the best of ``UNLABELLED``, the best indicator that takes the unit, and its distance from that."""
        none = self._unlabelled[scores[:, self._unlabelled].argmax(axis=1)]
        own = np.where(fits, scores, -np.inf)
        best = own.argmax(axis=1)
        rows = np.arange(len(scores))
        return none, best, own[rows, best] - scores[rows, none]

    def _best(self, scores: Scores, fits: npt.NDArray[np.bool_]) -> list[Opinion]:
        """The best label and the second among those that take the unit; of equals, the first of the table."""
        rows = np.arange(len(scores))
        none, best, leads = self._lead(scores, fits)
        own = np.where(fits, scores - scores[rows, none][:, None], -np.inf)
        own[rows, best] = -np.inf
        second = own.argmax(axis=1)
        score = scores[rows, best]
        against = scores[:, self._unlabelled] - score[:, None]
        columns = (none, best, leads, second, own[rows, second], score, against)
        return [self._opinion(*one) for one in zip(*(column.tolist() for column in columns), strict=True)]

    def _opinion(
        self, none: int, best: int, lead: float, second: int, second_lead: float, score: float, against: list[float]
    ) -> Opinion:
        labels = self.labels
        if lead == -inf:
            return Opinion(labels[none], -1.0, "", -1.0)
        label, nothing = labels[best if lead > 0 else none], dict(zip(UNLABELLED, against, strict=True))
        outdone = nothing[PART], nothing[NOTHING], nothing[HIGHER]
        return Opinion(label, lead, labels[second], second_lead, labels[best], score, outdone)

    def fits(self, allowed: Sequence[frozenset[str]]) -> npt.NDArray[np.bool_]:
        """By figure and label: whether it is one of the indicators that take the figure's unit."""
        return np.array([self._fits(fitting) for fitting in allowed])

    def _fits(self, allowed: frozenset[str]) -> npt.NDArray[np.bool_]:
        """By label, whether it is one of the indicators of a unit."""
        fitting = self._fitting.get(allowed)
        if fitting is None:
            fitting = self._fitting[allowed] = np.array([label in allowed for label in self.labels])
        return fitting

    def _reasons(self, near: Contexts, labels: list[int]) -> list[list[tuple[int, int]]]:
        """The sequences around some figures that speak for a label of each most, none of them inside another."""
        figures = np.repeat(np.arange(len(labels)), np.diff(near.bounds))
        weights = self._weights.for_labels(near.features, np.array(labels)[figures])
        telling = np.flatnonzero((weights != 0) & (near.lengths > 1))
        # Each sequence is one number, by figure, place and length, under which its features are added up.
        keys = (figures[telling] << _FIGURE_BITS) | (near.spots[telling] << _LENGTH_BITS) | near.lengths[telling]
        spans, features = np.unique(keys, return_inverse=True)
        worth = np.bincount(features, weights[telling])
        most = np.lexsort((spans, -worth, spans >> _FIGURE_BITS))
        most = most[worth[most] > 0]
        spans = spans[most]
        edges = np.searchsorted(spans >> _FIGURE_BITS, np.arange(len(labels) + 1)).tolist()
        spots, lengths = (spans & ((1 << _FIGURE_BITS) - 1)) >> _LENGTH_BITS, spans & ((1 << _LENGTH_BITS) - 1)
        each = list(zip(spots.tolist(), lengths.tolist(), strict=True))
        return [_apart(each[start:stop]) for start, stop in pairwise(edges)]


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first few of some stretches, each given by its place and its length, that lie apart from one another."""
    found: list[tuple[int, int]] = []
    for spot, length in spans:
        if all(spot >= other + size or spot + length <= other for other, size in found):
            found.append((spot, length))
            if len(found) == _WORDS:
                break
    return found


def _differs(opinion: Opinion, ruled: Ruled) -> bool:
    return opinion.spoken not in ruled.indicators and (opinion.lead > FAR_BEHIND or bool(ruled.indicators))


def rulings(ruled: Sequence[Ruled], chosen: Sequence[int]) -> list[tuple[Told, ...]]:
    """What a model reads of what the rules said of some figures, and of the figure before each."""
    return [
        (
            _ruling(ruled[index].indicators, ruled[index].about, ruled[index].rule.partition(":")[0]),
            _earlier(ruled[index - 1].indicators if index else ()),
        )
        for index in chosen
    ]


@lru_cache(maxsize=4096)
def _ruling(indicators: tuple[str, ...], about: tuple[str, ...], rule: str) -> Told:
    return (
        *(named("rule", name) for name in indicators),
        *(named("about", name) for name in about),
        named("states", str(bool(indicators))),
        named("why", rule),
    )


@lru_cache(maxsize=4096)
def _earlier(indicators: tuple[str, ...]) -> Told:
    return tuple(named("earlier", name) for name in indicators)
