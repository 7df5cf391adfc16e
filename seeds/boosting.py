"""Boosting: decision trees that each correct those before them, for two classes.

Friedman, Greedy Function Approximation, Annals of Statistics 2001; leaves and gains by second derivatives as in Chen
and Guestrin, XGBoost, KDD 2016. Small and plain: trees of a fixed depth whose bounds are quantiles of their column. The
same rows give the same trees.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.credence import DEPTH, SCALE, SPLITS

Column = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BINS = 64
_RATE, _RIDGE = 0.06, 3.0
"""Share of its correction that a tree is given, and what is added to a node's second derivatives."""
_LEAST = 40
"""Rows that each side of a question must have."""


class Trees(NamedTuple):
    """By tree: the columns and bounds of its questions, and what its leaves add, in units of ``1 / SCALE``."""

    columns: Ints
    bounds: Column
    leaves: Ints


class _Split(NamedTuple):
    column: int
    bin: int


def grow(rows: Column, right: npt.NDArray[np.bool_], trees: int) -> Trees:
    """Grow trees that tell the rows that are ``right`` from the others."""
    edges = [np.unique(np.quantile(column, np.linspace(0, 1, _BINS)[1:-1], method="lower")) for column in rows.T]
    binned = np.column_stack([np.searchsorted(edge, column) for edge, column in zip(edges, rows.T, strict=True)])
    odds = np.zeros(len(rows))
    grown = Trees(
        np.zeros((trees, SPLITS), np.int64), np.full((trees, SPLITS), np.inf), np.zeros((trees, SPLITS + 1), np.int64)
    )
    for tree in range(trees):
        sure = 1 / (1 + np.exp(-odds))
        slope, bend = right - sure, sure * (1 - sure)
        at = np.zeros(len(rows), np.int64)
        for level in range(DEPTH):
            first = 2**level - 1
            for node, split in enumerate(_splits(binned, at - first, 2**level, slope, bend), start=first):
                if split is not None:
                    grown.columns[tree, node] = split.column
                    grown.bounds[tree, node] = edges[split.column][split.bin]
            asked = np.take_along_axis(rows, grown.columns[tree, at][:, None], axis=1)[:, 0]
            at = 2 * at + 1 + (asked > grown.bounds[tree, at])
        leaf = at - SPLITS
        steps = np.bincount(leaf, slope, SPLITS + 1) / (np.bincount(leaf, bend, SPLITS + 1) + _RIDGE)
        grown.leaves[tree] = np.rint(_RATE * SCALE * steps)
        odds += grown.leaves[tree, leaf] / SCALE
    return grown


def _splits(binned: Ints, node: Ints, nodes: int, slope: Column, bend: Column) -> list[_Split | None]:
    """The best question of each node of a level, None where none helps."""
    columns = binned.shape[1]
    keys = (node[:, None] * columns + np.arange(columns)) * _BINS + binned
    shape = (nodes, columns, _BINS)

    def until(weights: Column) -> Column:
        """By node, column and bin: the sum over the rows up to that bin."""
        summed = np.bincount(keys.ravel(), np.repeat(weights, columns), nodes * columns * _BINS)
        return np.cumsum(summed.reshape(shape), axis=2)

    slopes, bends, many = until(slope), until(bend), until(np.ones(len(node)))

    def gain(slopes: Column, bends: Column) -> Column:
        worth: Column = slopes**2 / (bends + _RIDGE)
        return worth

    gains = gain(slopes, bends) + gain(slopes[:, :, -1:] - slopes, bends[:, :, -1:] - bends)
    gains -= gain(slopes[:, :, -1:], bends[:, :, -1:])
    gains[(many < _LEAST) | (many[:, :, -1:] - many < _LEAST)] = 0
    best = gains.reshape(nodes, -1).argmax(axis=1)
    return [
        _Split(int(one // _BINS), int(one % _BINS)) if gains[number].max() > 0 else None
        for number, one in enumerate(best)
    ]
