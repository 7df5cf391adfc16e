"""Credence: how far to believe that a figure states what it claims, by all that the report tells.

Decision trees in a row, each of which corrects those before it (gradient boosting), grown on labelled passages that
the opinions had not learned from (``seeds/build_credence.py``). Each tree asks four questions of a row of
``transforms/claims.py`` and adds a whole number; the sum is the logarithm of the odds, in thousandths.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.claims import Column

TABLE = SEEDS / "credence.parquet"
DEPTH = 4
SPLITS = 2**DEPTH - 1
"""Questions of a tree: the children of question i are 2i + 1 (no) and 2i + 2 (yes); from here on, leaves."""
SCALE = 1000
"""What one of the log odds is in a leaf."""


class Credence:
    """The trees: for each, the column and the bound of every question, and what every leaf adds."""

    def __init__(
        self, columns: npt.NDArray[np.integer], bounds: npt.NDArray[np.floating], leaves: npt.NDArray[np.integer]
    ) -> None:
        """Columns and bounds by tree and question, leaves by tree and leaf."""
        trees = len(columns)
        self._columns, self._bounds, self._leaves = columns.ravel(), bounds.ravel(), leaves.ravel()
        self._first, self._first_leaf = np.arange(trees) * SPLITS, np.arange(trees) * (SPLITS + 1)

    @classmethod
    @cache
    def load(cls) -> Credence:
        """The trees of this project."""
        table = pq.ParquetFile(TABLE).read(use_threads=False)
        columns, bounds, leaves = (np.array(table.column(name).to_pylist()) for name in ("columns", "bounds", "leaves"))
        return cls(columns, bounds, leaves)

    def of(self, rows: Column) -> list[float]:
        """By row of a matrix of claims: the probability that the figure states what it claims, to the hundredth."""
        told, begin = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        at = np.zeros((len(rows), len(self._first)), dtype=np.int64)
        for _ in range(DEPTH):
            question = self._first + at
            asked = told[self._columns[question] + begin]
            at = 2 * at + 1 + (asked > self._bounds[question])
        odds = self._leaves[self._first_leaf + at - SPLITS].sum(axis=1) / SCALE
        return [round(one, 2) for one in (1 / (1 + np.exp(-odds))).tolist()]
