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
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.contexts import SIZE, Contexts, Ints, contexts, level, named, spelled
from transforms.quantity import Quantity
from transforms.structure import Structure

TABLE = SEEDS / "opinions.parquet"
NOTHING, PART, HIGHER = "-", "part", "higher"
"""Labels beside the indicators: a figure of the township without indicator, a part, a higher body's figure."""
UNLABELLED = (NOTHING, PART, HIGHER)
RULED = 0.3
"""Weight of what the rules found, beside the sequences, whose weights are shared out over their number."""
_WORDS = 3
"""Sequences that are named as the reason for an opinion."""


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
    """The model: for every number of a sequence, the labels that it speaks for or against, and how much."""

    def __init__(
        self,
        labels: Sequence[str],
        pairs: Sequence[Sequence[str]],
        scale: float,
        features: Ints,
        owners: Ints,
        weights: Ints,
    ) -> None:
        self.labels = tuple(labels)
        self._fitting: dict[frozenset[str], Ints] = {}
        self._pairs = frozenset(map(frozenset, pairs))
        self.number = {label: number for number, label in enumerate(self.labels)}
        self._scale, self._owners, self._weights = scale, owners, weights
        self._first = np.concatenate(([0], np.cumsum(np.bincount(features, minlength=SIZE))))
        self._unlabelled = [self.number[label] for label in UNLABELLED if label in self.number]

    @classmethod
    @cache
    def load(cls) -> Opinions:
        """The model of this project."""
        table = pq.ParquetFile(TABLE).read()
        about = json.loads(table.schema.metadata[b"opinions"])
        features, owners, weights = (_numbers(table, name) for name in ("feature", "label", "weight"))
        return cls(about["labels"], about["pairs"], about["scale"], np.cumsum(features), owners, weights)

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
        chosen = [index for index, fitting in enumerate(allowed) if fitting is not None]
        told: list[Opinion | None] = [None] * len(quantities)
        if not chosen:
            return told
        near, ruling = features(text, structure, quantities, ruled, chosen)
        share = 1 / np.sqrt(np.maximum(1, np.bincount(near.rows, minlength=len(chosen))))
        scores = self._sums(near, len(chosen)) * share[:, None] + RULED * self._sums(ruling, len(chosen))
        for row, index in enumerate(chosen):
            opinion = self._opinion(scores[row] * self._scale, allowed[index] or frozenset())
            if _differs(opinion, ruled[index]):
                opinion = opinion._replace(words=self._words(text, near, row, self.number[opinion.label]))
            told[index] = opinion
        return told

    def _entries(self, found: Contexts) -> tuple[Ints, Ints]:
        """For every weight that the features of some figures meet: the feature's place, and the weight's."""
        low = self._first[found.features]
        many = self._first[found.features + 1] - low
        places = np.repeat(np.arange(len(many)), many)
        return places, np.arange(len(places)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)

    def _sums(self, found: Contexts, figures: int) -> Scores:
        """By figure and label: the sum of the weights; whole numbers, in whatever order they are added."""
        size = len(self.labels)
        places, entries = self._entries(found)
        keys = found.rows[places] * size + self._owners[entries]
        summed = np.bincount(keys, self._weights[entries], minlength=figures * size)
        return summed.astype(np.float64).reshape(figures, size)

    def _opinion(self, scores: Scores, allowed: frozenset[str]) -> Opinion:
        """The best label and the second among those that take the unit; of equals, the first of the table."""
        none = max(self._unlabelled, key=scores.__getitem__)
        fitting = self._fitting.get(allowed)
        if fitting is None:
            fitting = np.array(sorted(self.number[label] for label in allowed if label in self.number), dtype=np.int64)
            self._fitting[allowed] = fitting
        if not len(fitting):
            return Opinion(self.labels[none], -1.0, "", -1.0)
        own = scores[fitting] - scores[none]
        best = int(own.argmax())
        lead, own[best] = float(own[best]), -np.inf
        second = int(own.argmax())
        label = fitting[best] if lead > 0 else none
        return Opinion(self.labels[label], lead, self.labels[fitting[second]], float(own[second]))

    def _words(self, text: str, near: Contexts, row: int, label: int) -> tuple[str, ...]:
        """The sequences around a figure that speak for a label most, none of them inside another."""
        own = np.flatnonzero((near.rows == row) & (near.lengths > 1))
        places, entries = self._entries(Contexts(*(column[own] for column in near)))
        worth: dict[tuple[int, int], int] = {}
        for place, entry in zip(
            places[self._owners[entries] == label], entries[self._owners[entries] == label], strict=True
        ):
            span = int(near.spots[own[place]]), int(near.lengths[own[place]])
            worth[span] = worth.get(span, 0) + int(self._weights[entry])
        found: list[tuple[int, int]] = []
        for spot, length in sorted(worth, key=lambda span: (-worth[span], span)):
            if len(found) == _WORDS or worth[spot, length] <= 0:
                break
            if all(spot >= other + size or other >= spot + length for other, size in found):
                found.append((spot, length))
        plain = level(text).places
        return tuple(spelled(text, plain, *span) for span in found)


def _numbers(table: pa.Table, name: str) -> Ints:
    """A column as numbers, without pandas, which pyarrow's own conversion imports."""
    column = table.column(name)
    dtype = np.dtype(str(column.type))
    parts = [np.frombuffer(memoryview(one.buffers()[1] or b""), dtype)[: len(one)] for one in column.chunks]
    return np.concatenate(parts).astype(np.int64)


def _differs(opinion: Opinion, ruled: Ruled) -> bool:
    return opinion.label not in ruled.indicators and (opinion.lead > 0 or bool(ruled.indicators))


def features(
    text: str, structure: Structure, quantities: Sequence[Quantity], ruled: Sequence[Ruled], chosen: Sequence[int]
) -> tuple[Contexts, Contexts]:
    """What a model reads of some figures: the sequences around them, and what the rules said of them and before."""
    rows: list[int] = []
    numbers: list[int] = []
    for row, index in enumerate(chosen):
        one = ruled[index]
        told = [named("rule", name) for name in one.indicators]
        told += [named("about", name) for name in one.about]
        told += [named("earlier", name) for name in ruled[index - 1].indicators] if index else []
        told += [named("states", str(bool(one.indicators))), named("why", one.rule.partition(":")[0])]
        rows.extend([row] * len(told))
        numbers.extend(told)
    empty = np.zeros(len(rows), dtype=np.int64)
    ruling = Contexts(np.array(rows, dtype=np.int64), np.array(numbers, dtype=np.int64), empty, empty)
    return contexts(text, structure, quantities, chosen), ruling
