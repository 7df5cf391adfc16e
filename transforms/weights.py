"""Weights: the table of a linear model: for every feature, the labels that it speaks for or against, and how much.

Weights are small whole numbers, so that their sums are the same in whatever order they are added. A few features speak
about many labels each and make up most of what is added; these have a row of their own with all labels, the others a
run of entries. Both are kept small, since most of the time goes into fetching them from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.contexts import SIZE, Told
from transforms.levelled import Ints

Codes = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.integer]
_FEW = 7
"""Labels of a feature that are told one by one: as many as the last three bits of a code can count."""
_BITS = 3
_MOST = 8192
"""Sums of features that recur which are remembered."""


class Weights:
    """The weights by feature and label.

    ``_codes`` tells where a feature's weights are: 0 for none, for a run of few the place of its first and how many,
    for many, below 0, the number of the row.
    """

    def __init__(self, labels: int, features: Numbers, owners: Numbers, weights: Numbers) -> None:
        """The table's columns, one row for each weight, in the order of the features."""
        self._labels = labels
        starts = np.flatnonzero(np.concatenate((features[:1] >= 0, features[1:] != features[:-1])))
        many = np.diff(starts, append=len(features))
        wide = many > _FEW
        rows: Ints = np.cumsum(wide)
        in_row = np.repeat(wide, many)
        self._rows = np.zeros((int(rows[-1]), labels), dtype=np.int16)
        self._rows[np.repeat(rows[wide] - 1, many[wide]), owners[in_row]] = weights[in_row]
        self._most = np.abs(self._rows).max(axis=1, initial=0).astype(np.int64)
        self._bits = labels.bit_length()
        self._entries = (weights[~in_row].astype(np.int32) << self._bits) | owners[~in_row]
        few = np.where(wide, 0, many)
        self._codes = np.zeros(SIZE, dtype=np.int32)
        self._codes[features[starts]] = np.where(wide, -rows, (np.cumsum(few) - few) << _BITS | few)
        self._remembered: dict[Told, int] = {}
        self._sums = np.zeros((_MOST, labels), dtype=np.int32)

    def sums(self, features: Ints, bounds: Ints) -> Ints:
        """By group of features and label: the sum of the weights; group ``i`` is ``bounds[i]`` to ``bounds[i + 1]``."""
        codes = self._codes[features]
        return self._sums_of_rows(codes, bounds) + self._sums_of_runs(codes, bounds)

    def _sums_of_rows(self, codes: Codes, bounds: Ints) -> Ints:
        """The sums of whole rows, one group at a time, which fits the processor's cache.

        They are added in the rows' own half-words, which is faster, where the greatest weights of a group's rows show
        that they cannot overflow.
        """
        wide = np.flatnonzero(codes < 0)
        rows = -1 - codes[wide].astype(np.int64)
        stops = np.searchsorted(wide, bounds)
        most = np.concatenate(([0], np.cumsum(self._most[rows])))[stops]
        fits = np.diff(most) <= np.iinfo(np.int16).max
        summed = np.empty((len(fits), self._labels), dtype=np.int64)
        room = np.empty((max(np.diff(stops)), self._labels), dtype=np.int16)
        for group, ((start, stop), short) in enumerate(zip(pairwise(stops.tolist()), fits.tolist(), strict=True)):
            # "clip", since every row is there: the rows need not be looked through first.
            taken = self._rows.take(rows[start:stop], axis=0, out=room[: stop - start], mode="clip")
            summed[group] = np.add.reduce(taken, axis=0, dtype=np.int16 if short else np.int32)
        return summed

    def _sums_of_runs(self, codes: Codes, bounds: Ints) -> Ints:
        told, stops, entries = self._entries_of(codes)
        groups = len(bounds) - 1
        keys = np.repeat(np.arange(groups) * self._labels, np.diff(stops[np.searchsorted(told, bounds)]))
        keys += entries & ((1 << self._bits) - 1)
        summed = np.bincount(keys, entries >> self._bits, minlength=groups * self._labels)
        return summed.astype(np.int64).reshape(groups, self._labels)

    def _entries_of(self, codes: Codes) -> tuple[Ints, Ints, Codes]:
        """Which codes stand for runs, where the entries of each end and of the next begin, and these entries."""
        told = np.flatnonzero(codes > 0)
        runs = codes[told]
        many = runs & ((1 << _BITS) - 1)
        stops = np.concatenate(([0], np.cumsum(many)))
        places = np.arange(stops[-1])
        places += np.repeat((runs >> _BITS) - stops[:-1], many)
        return told, stops, self._entries[places]

    def told_sums(self, told: Sequence[tuple[Told, ...]]) -> Ints:
        """By figure and label: the sum of the weights of features that recur, which is worked out once for each."""
        known = self._remembered
        missing = list({one for many in told for one in many if one not in known})
        if len(known) + len(missing) > len(self._sums):
            known.clear()
            missing = list({one for many in told for one in many})
            if len(missing) > len(self._sums):
                self._sums = np.zeros((2 * len(missing), self._labels), dtype=np.int32)
        if missing:
            features = np.array([feature for one in missing for feature in one], dtype=np.int64)
            bounds = np.cumsum([0, *map(len, missing)])
            self._sums[len(known) : len(known) + len(missing)] = self.sums(features, bounds)
            known.update(zip(missing, range(len(known), len(known) + len(missing)), strict=True))
        places = np.array([[known[one] for one in many] for many in told])
        summed: Ints = self._sums[places[:, 0]]
        for column in places[:, 1:].T:
            summed += self._sums[column]
        return summed

    def for_labels(self, features: Ints, labels: Ints) -> Ints:
        """The weight of each of some features for a label of its own."""
        codes = self._codes[features]
        found = np.zeros(len(codes), dtype=np.int64)
        wide = np.flatnonzero(codes < 0)
        found[wide] = self._rows[-1 - codes[wide], labels[wide]]
        told, stops, entries = self._entries_of(codes)
        of = np.repeat(told, np.diff(stops))
        own = np.flatnonzero(entries & ((1 << self._bits) - 1) == labels[of])
        found[of[own]] = entries[own] >> self._bits
        return found


def column_of(table: pa.Table, name: str) -> npt.NDArray[np.integer]:
    """A column as numbers of its own width, without pandas, which pyarrow's own conversion imports."""
    column = table.column(name)
    dtype = np.dtype(str(column.type))
    parts = [np.frombuffer(memoryview(one.buffers()[1] or b""), dtype)[: len(one)] for one in column.chunks]
    return np.concatenate(parts)
