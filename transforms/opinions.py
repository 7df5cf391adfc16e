"""Opinions: what labelled examples say of a figure: which indicator it states, or that it is only a part, or neither.

The rules of the dictionary know the words that somebody wrote down; reports put the same fact in ever other words, and
say in as many that a figure is only a part. A linear model reads the characters around each figure
(``transforms/contexts.py``) and what the rules found, and weighs both. It was made from labelled passages of our own
(``seeds/examples/``, ``seeds/build_opinions.py``) and is a table: for every sequence and label a small whole number.
Sums of whole numbers are the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from math import inf
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.contexts import Contexts, Reading, Told, named
from transforms.levelled import spelled
from transforms.quantity import Quantity
from transforms.structure import Structure
from transforms.weights import Weights

TABLE = SEEDS / "opinions.parquet"
NOTHING, PART, HIGHER = "-", "part", "higher"
"""Labels beside the indicators: a figure of the township without indicator, a part, a higher body's figure."""
UNLABELLED = (NOTHING, PART, HIGHER)
RULED = 0.3
"""Weight of what the rules found, beside the sequences, whose weights are shared out over their number."""
_WORDS = 3
"""Sequences that are named as the reason for an opinion."""
_AT_ONCE = 128
"""Figures that are judged together: enough to share the work, few enough for the processor's cache."""


Scores = npt.NDArray[np.float64]


class Ruled(Protocol):
    """What the rules say of one figure (``transforms/mapping.py``)."""

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that it states by the rules."""

    @property
    def about(self) -> tuple[str, ...]:
        """Those that it speaks of without stating them."""

    @property
    def rule(self) -> str:
        """The name of the rule, and its words behind a colon."""


class Opinion(NamedTuple):
    """The label that the examples speak for most, the next best pair, and how sure they are.

    ``lead`` is the distance of the best indicator from the best of ``UNLABELLED``; below 0, none is stated. ``second``
    is the indicator that comes next, with its own distance. ``words`` are the sequences that spoke for the label most,
    where the rules did not say the same.
    """

    label: str
    lead: float
    second: str
    second_lead: float
    words: tuple[str, ...] = ()


class Opinions:
    """The model and its labels."""

    def __init__(self, labels: Sequence[str], pairs: Sequence[Sequence[str]], scale: float, weights: Weights) -> None:
        self.labels = tuple(labels)
        self._fitting: dict[frozenset[str], npt.NDArray[np.bool_]] = {}
        self._pairs = frozenset(map(frozenset, pairs))
        self.number = {label: number for number, label in enumerate(self.labels)}
        self._scale, self._weights = scale, weights
        self._unlabelled = np.array([self.number[label] for label in UNLABELLED if label in self.number])

    @classmethod
    @cache
    def load(cls) -> Opinions:
        """The model of this project."""
        table = pq.ParquetFile(TABLE).read(use_threads=False)
        about = json.loads(table.schema.metadata[b"opinions"])
        features, owners, weights = (_numbers(table, name) for name in ("feature", "label", "weight"))
        weighed = Weights(len(about["labels"]), np.cumsum(features, dtype=np.int32), owners, weights)
        return cls(about["labels"], about["pairs"], about["scale"], weighed)

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
        reading = Reading(text, structure, quantities)
        for first in range(0, len(judged), _AT_ONCE):
            some = judged[first : first + _AT_ONCE]
            chosen = [index for index, _ in some]
            near = reading.of(chosen)
            scores = self._scores(near, rulings(ruled, chosen))
            for row, best in enumerate(self._best(scores, [fitting for _, fitting in some])):
                told[chosen[row]] = best
                if _differs(best, ruled[chosen[row]]):
                    words = self._words(text, reading, near, row, self.number[best.label])
                    told[chosen[row]] = best._replace(words=words)
        return told

    def _scores(self, near: Contexts, ruling: list[tuple[Told, ...]]) -> Scores:
        """By figure and label: what all features say; the sequences' say is shared out over their number."""
        many = np.diff(near.bounds) + [sum(map(len, told)) for told in near.told]
        sums = self._weights.sums(near.features, near.bounds) + self._weights.told_sums(near.told)
        share = 1 / np.sqrt(np.maximum(1, many))
        scores: Scores = (sums * share[:, None] + RULED * self._weights.told_sums(ruling)) * self._scale
        return scores

    def _best(self, scores: Scores, allowed: Sequence[frozenset[str]]) -> list[Opinion]:
        """The best label and the second among those that take the unit; of equals, the first of the table."""
        rows = np.arange(len(scores))
        none = self._unlabelled[scores[:, self._unlabelled].argmax(axis=1)]
        own = scores - scores[rows, none][:, None]
        own[~np.array([self._fits(fitting) for fitting in allowed])] = -np.inf
        best = own.argmax(axis=1)
        leads = own[rows, best]
        own[rows, best] = -np.inf
        second = own.argmax(axis=1)
        return [
            self._opinion(*one)
            for one in zip(*(column.tolist() for column in (none, best, leads, second, own[rows, second])), strict=True)
        ]

    def _opinion(self, none: int, best: int, lead: float, second: int, second_lead: float) -> Opinion:
        labels = self.labels
        if lead == -inf:
            return Opinion(labels[none], -1.0, "", -1.0)
        return Opinion(labels[best if lead > 0 else none], lead, labels[second], second_lead)

    def _fits(self, allowed: frozenset[str]) -> npt.NDArray[np.bool_]:
        """By label, whether it is one of the indicators of a unit."""
        fitting = self._fitting.get(allowed)
        if fitting is None:
            fitting = self._fitting[allowed] = np.array([label in allowed for label in self.labels])
        return fitting

    def _words(self, text: str, reading: Reading, near: Contexts, row: int, label: int) -> tuple[str, ...]:
        """The sequences around a figure that speak for a label most, none of them inside another."""
        weights = self._weights.for_label(near.features[near.bounds[row] : near.bounds[row + 1]], label)
        telling = np.flatnonzero(weights)
        columns = (column[telling].tolist() for column in (*near.spans_of(row), weights))
        worth: dict[tuple[int, int], int] = {}
        for spot, length, weight in zip(*columns, strict=True):
            if length > 1:
                worth[spot, length] = worth.get((spot, length), 0) + weight
        found: list[tuple[int, int]] = []
        for spot, length in sorted(worth, key=lambda span: (-worth[span], span)):
            if len(found) == _WORDS or worth[spot, length] <= 0:
                break
            if all(spot >= other + size or other >= spot + length for other, size in found):
                found.append((spot, length))
        return tuple(spelled(text, reading.plain.places, *span) for span in found)


def _numbers(table: pa.Table, name: str) -> npt.NDArray[np.integer]:
    """A column as numbers of its own width, without pandas, which pyarrow's own conversion imports."""
    column = table.column(name)
    dtype = np.dtype(str(column.type))
    parts = [np.frombuffer(memoryview(one.buffers()[1] or b""), dtype)[: len(one)] for one in column.chunks]
    return np.concatenate(parts)


def _differs(opinion: Opinion, ruled: Ruled) -> bool:
    return opinion.label not in ruled.indicators and (opinion.lead > 0 or bool(ruled.indicators))


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
