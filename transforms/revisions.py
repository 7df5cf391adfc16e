"""Revisions: opinions on the figures of a text looked at again beside one another.

Opinions (``transforms/opinions.py``) read the words around one figure. What the figures beside it seem to state says as
much: behind a total stand its parts, lists go on as they began, of two figures that claim one indicator one is a part,
and a figure as large as the one before was dealt with in full. So when every figure has an opinion, each is held
against those around, and the scores of its labels are corrected. The corrections were learned from passages whose
opinions had not learned from them (``seeds/build_revisions.py``) and are a table: for every feature and label a small
whole number.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.quantity import Quantity, lines
from transforms.weights import column_of

TABLE = SEEDS / "revisions.parquet"
SCALE = 0.002
"""What one unit of the table is worth."""

Column = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_KINDS = ("name", "plan", "norm", "prior", "change", "zero", "actual")
"""What stands for the label of a figure on which there is no opinion."""
_SENTENCE, _PARAGRAPH, _FAR, _END = range(4)
"""Where a figure beside stands: in the same sentence, in the same paragraph, elsewhere; or there is none."""
_LESS, _EQUAL, _MORE = range(3)
_ALONE, _AHEAD, _OUTDONE = range(3)
"""Whether other figures of the text speak for the same indicator most, and with a greater lead."""
_QUARTERS = 4
"""Steps of a lead, and how many of them are told apart on either side of none."""
_WIDEST_GAP = 4
"""Characters of the longest text between two figures that is read (、其中)."""
_TOLD = 4
"""Figures before and behind, in the sentence, whose labels are read wherever they stand."""
_LARGEST, _AS_LARGE, _SMALLER = range(3)
"""How a figure's value compares with those that claim the same indicator in the same unit."""
_EARLIEST, _BETWEEN, _LATEST = range(3)
_FEWEST_PARTS, _MOST_PARTS, _LEAST = 2, 7, 3
"""How many parts of a sum are looked for, and from which value on a figure may be a sum."""
_ABSENT = -1
_FIRST, _SECOND = 4096, 1024
"""More than there are first and second parts of a feature."""


class First(NamedTuple):
    """Opinions before they are revised, by judged figure, as numbers of labels.

    ``label`` is what the examples speak for most, ``best`` the best indicator that takes the unit (-1 where none does)
    and ``lead`` its distance from the best of the labels that are no indicators.
    """

    label: Ints
    best: Ints
    lead: Column


class Stating(Protocol):
    """What the rules state of one figure."""

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that it states by the rules."""


class Revisions:
    """The table: features in ascending order, and for each a row of corrections, one per label."""

    def __init__(self, labels: Sequence[str], gaps: Sequence[str], features: Ints, rows: npt.NDArray[np.int16]) -> None:
        self._number = {label: number for number, label in enumerate(labels)}
        self._gaps = {gap: number for number, gap in enumerate(gaps)}
        # What is not in the table has a row of zeros, the last.
        self._features = np.append(features, np.iinfo(np.int64).max)
        self._rows = np.vstack((rows, np.zeros((1, len(labels)), np.int16)))

    @classmethod
    @cache
    def load(cls) -> Revisions:
        """The corrections of this project."""
        table = pq.ParquetFile(TABLE).read(use_threads=False)
        about = json.loads(table.schema.metadata[b"revisions"])
        columns = (column_of(table, name).astype(np.int64) for name in ("feature", "label", "weight"))
        return cls.of_weights(about["labels"], about["gaps"], *columns)

    @classmethod
    def of_weights(
        cls, labels: Sequence[str], gaps: Sequence[str], features: Ints, owners: Ints, weights: Ints
    ) -> Revisions:
        """From the table's columns: a correction each."""
        known, place = np.unique(features, return_inverse=True)
        rows = np.zeros((len(known), len(labels)), np.int16)
        rows[place, owners] = weights
        return cls(labels, gaps, known, rows)

    def of(
        self, text: str, quantities: Sequence[Quantity], ruled: Sequence[Stating], judged: Sequence[int], first: First
    ) -> Column:
        """By judged figure and label: what is to be added to the score.

        Args:
            text: The cleaned text.
            quantities: Its quantities in order.
            ruled: What the rules say of each.
            judged: Indices of the figures on which there are opinions, in order.
            first: These opinions.
        """
        found = features(text, quantities, ruled, judged, first, self._number, self._gaps)
        places = np.searchsorted(self._features, found)
        places[self._features[places] != found] = len(self._features) - 1
        summed = np.zeros((len(judged), self._rows.shape[1]), np.int32)
        for column in places.T:
            summed += self._rows[column]
        return (summed * SCALE).astype(np.float64)


def table(
    labels: Sequence[str], gaps: Sequence[str], columns: tuple[Ints, Ints, Ints], about: dict[str, str]
) -> pa.Table:
    """The table as it is kept: features, labels and weights, and what it was made from."""
    names = ("feature", "label", "weight")
    kept = pa.table(dict(zip(names, (pa.array(column) for column in columns), strict=True)))
    return kept.replace_schema_metadata({"revisions": json.dumps({"labels": labels, "gaps": gaps, **about})})


class _Beside(NamedTuple):
    """All figures of a text, by number: what each seems to be, and where it stands."""

    labels: Ints
    sentences: Ints
    lines: Ints
    units: Ints
    values: Column
    none: int
    """The number that stands for no figure, and no indicator."""


def features(
    text: str,
    quantities: Sequence[Quantity],
    ruled: Sequence[Stating],
    judged: Sequence[int],
    first: First,
    number: dict[str, int],
    gaps: dict[str, int],
) -> Ints:
    """The features of the judged figures, a row for each; -1 where there is none in a column.

    Args:
        text: The cleaned text.
        quantities: Its quantities in order.
        ruled: What the rules say of each.
        judged: Indices of the figures on which there are opinions.
        first: These opinions.
        number: The numbers of the labels.
        gaps: The numbers of the texts that may stand between two figures.
    """
    rows = np.array(judged, np.int64)
    all_of_them = _all(text, quantities, ruled, rows, first, number)
    best = np.where(first.best < 0, all_of_them.none, first.best)
    rank = _rank(first)
    size, turn = _among_rivals(all_of_them, rows, first)
    near = _around(all_of_them, rows)
    columns = [
        (first.label, 0),
        (best, np.clip(np.floor(first.lead * _QUARTERS), -_QUARTERS, _QUARTERS).astype(np.int64) + _QUARTERS),
        *((near.labels[step], near.places[step]) for step in (-1, 1, -2)),
        (np.where((near.places[-1] == _END) | (near.places[1] == _END), _ABSENT, near.labels[-1]), near.labels[1]),
        (rank, 0),
        (best, rank),
        *_compared(all_of_them, rows, near, -1),
        *_compared(all_of_them, rows, near, 1),
        (_gap(text, quantities, judged, gaps), near.labels[-1]),
        (size, rank),
        (np.where(size < 0, _ABSENT, best), np.maximum(size, 0)),
        (turn, rank),
        *_sums(all_of_them, rows),
    ]
    coded = [
        np.where(one < 0, _ABSENT, (kind * _FIRST + one) * _SECOND + other) for kind, (one, other) in enumerate(columns)
    ]
    return np.column_stack((*coded, *_told(near, len(columns))))


def _all(
    text: str,
    quantities: Sequence[Quantity],
    ruled: Sequence[Stating],
    rows: Ints,
    first: First,
    number: dict[str, int],
) -> _Beside:
    after = len(number)
    labels = np.array(
        [
            number.get(rule.indicators[0] if rule.indicators else "", after + _KINDS.index(one.kind))
            for one, rule in zip(quantities, ruled, strict=True)
        ],
        np.int64,
    )
    labels[rows] = first.label
    units: dict[str, int] = {}
    return _Beside(
        labels,
        np.array([one.sentence[0] for one in quantities], np.int64),
        np.array(lines(text, quantities), np.int64),
        np.array([units.setdefault(one.unit, len(units)) for one in quantities], np.int64),
        np.array([np.nan if one.value is None else float(one.value) for one in quantities]),
        after + len(_KINDS),
    )


def _rank(first: First) -> Ints:
    """By figure: whether others speak for the same indicator most, and whether one does with a greater lead."""
    leads: dict[int, list[float]] = defaultdict(list)
    told = list(zip(first.best.tolist(), first.lead.tolist(), strict=True))
    for best, lead in told:
        leads[best].append(lead)
    most = {best: max(many) for best, many in leads.items() if best >= 0 and len(many) > 1}
    ranks = [_ALONE if best not in most else _AHEAD if lead == most[best] else _OUTDONE for best, lead in told]
    return np.array(ranks, np.int64)


def _among_rivals(beside: _Beside, rows: Ints, first: First) -> tuple[Ints, Ints]:
    """By figure: how large it is among those of its unit that speak for the same indicator, and whether it is first."""
    size, turn = np.full(len(rows), _ABSENT), np.full(len(rows), _ABSENT)
    claims: dict[int, list[int]] = defaultdict(list)
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    units = beside.units[rows].tolist()
    for at, (best, unit, value) in enumerate(zip(first.best.tolist(), units, beside.values[rows], strict=True)):
        if best >= 0:
            claims[best].append(at)
            if not np.isnan(value):
                alike[best, unit].append(at)
    for rivals in claims.values():
        if len(rivals) > 1:
            turn[rivals] = _BETWEEN
            turn[rivals[0]], turn[rivals[-1]] = _EARLIEST, _LATEST
    for rivals in alike.values():
        if len(rivals) > 1:
            values = beside.values[rows[rivals]]
            largest = values == values.max()
            size[rivals] = np.where(largest, _LARGEST if largest.sum() == 1 else _AS_LARGE, _SMALLER)
    return size, turn


def _sums(beside: _Beside, rows: Ints) -> list[tuple[Ints, int]]:
    """Whether a figure is the sum of those of its unit behind or before it, and whether it is a part of such a sum."""
    marks = np.full((4, len(beside.values)), _ABSENT, np.int64)
    told = np.bincount(beside.units[~np.isnan(beside.values)], minlength=1)
    for unit in np.flatnonzero(told > _FEWEST_PARTS).tolist():
        places = np.flatnonzero((beside.units == unit) & ~np.isnan(beside.values))
        values = np.round(beside.values[places], 6)
        running = np.concatenate(([0.0], np.cumsum(values)))
        for parts in range(_FEWEST_PARTS, min(_MOST_PARTS, len(values) - 1) + 1):
            summed = np.round(running[parts:] - running[:-parts], 6)
            for before, totals, starts in (
                (True, values[: len(values) - parts], np.arange(1, len(values) - parts + 1)),
                (False, values[parts:], np.arange(len(values) - parts)),
            ):
                for at in np.flatnonzero((summed[starts] == totals) & (totals >= _LEAST)).tolist():
                    start = int(starts[at])
                    total = start - 1 if before else start + parts
                    marks[0 if before else 1, places[total]] = 0
                    marks[2 if before else 3, places[start : start + parts]] = 0
    return [(column[rows], 0) for column in marks]


class _Near(NamedTuple):
    """The figures some steps from each judged one, by step: which they are, what they seem to be, where they stand."""

    at: dict[int, Ints]
    labels: dict[int, Ints]
    places: dict[int, Ints]


def _around(beside: _Beside, rows: Ints) -> _Near:
    """The figures up to ``_TOLD`` steps before and behind."""
    steps = [*range(-_TOLD, 0), *range(1, _TOLD + 1)]
    there = np.array(steps)[:, None] + rows
    at = np.clip(there, 0, len(beside.labels) - 1)
    places = np.where(beside.lines[at] == beside.lines[rows], _PARAGRAPH, _FAR)
    places[beside.sentences[at] == beside.sentences[rows]] = _SENTENCE
    places[at != there] = _END
    labels = np.where(places == _END, beside.none, beside.labels[at])
    return _Near(*(dict(zip(steps, table, strict=True)) for table in (at, labels, places)))


def _compared(beside: _Beside, rows: Ints, near: _Near, step: int) -> tuple[tuple[Ints, int], tuple[Ints, Ints]]:
    """Whether a figure is less than, as large as or larger than one beside it of its unit; and that one's label."""
    at = near.at[step]
    own, other = beside.values[rows], beside.values[at]
    known = (near.places[step] != _END) & (beside.units[at] == beside.units[rows]) & ~np.isnan(own) & ~np.isnan(other)
    order = np.where(known, np.where(own < other, _LESS, np.where(own == other, _EQUAL, _MORE)), _ABSENT)
    return (order, 0), (order, beside.labels[at])


def _gap(text: str, quantities: Sequence[Quantity], judged: Sequence[int], gaps: dict[str, int]) -> Ints:
    """The number of the text between the figure before and this, where it is short and known."""
    return np.array([gaps.get(gap_before(text, quantities, index), _ABSENT) for index in judged], np.int64)


def gap_before(text: str, quantities: Sequence[Quantity], index: int) -> str:
    """The text between the figure before and one, empty where it is long or there is none."""
    if not index or quantities[index].start - quantities[index - 1].end > _WIDEST_GAP:
        return ""
    return text[quantities[index - 1].end : quantities[index].start]


def _told(near: _Near, kind: int) -> list[Ints]:
    """The labels of the figures around in the sentence, each once."""
    around = [np.where(place == _SENTENCE, near.labels[step], _ABSENT) for step, place in near.places.items()]
    ordered = np.sort(np.column_stack(around), axis=1)
    again = np.zeros(ordered.shape, np.bool_)
    again[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    coded = np.where(again | (ordered < 0), _ABSENT, (kind * _FIRST + ordered) * _SECOND)
    return list(coded.T)
