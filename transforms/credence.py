"""Credence: how far to believe that a figure states what it claims, by all that the report tells.

Decision trees in a row, each of which corrects those before it (gradient boosting), grown on labelled passages that
the opinions had not learned from (``seeds/build_credence.py``). Each tree asks four questions of a row of
``transforms/claims.py`` and adds a whole number; the sum is the logarithm of the odds, in thousandths.

Passages are written to be hard, and every one of them is short: what holds of them holds of real pages a little
differently. What 1,319 claims of real pages showed of that is added to the odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.claims import COLUMNS, Column

TABLE = SEEDS / "credence.parquet"
DEPTH = 4
SPLITS = 2**DEPTH - 1
"""Questions of a tree: the children of question i are 2i + 1 (no) and 2i + 2 (yes); from here on, leaves."""
SCALE = 1000
"""What one of the log odds is in a leaf."""

MADE_BY = {"examples": -0.45, "right": 0.4}
_ALONE = 0.3
"""What is added to the log odds of a claim by the rule that made it, and of one alone in its sentence.

On real pages claims of examples alone held less often than the trees believed (44 of 100 where they said 55, of those
between 20 and 90), claims by words behind the figure and of figures alone more often (77 for 64, 68 for 63). From a
logistic regression over the trees' log odds; of the claims on pages that it had not seen one in a hundred more was
right, and as many were found."""
_OTHERS = COLUMNS.index("sentence: figures")


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

    def of(self, rows: Column, made_by: Sequence[str]) -> list[float]:
        """The probability that a figure states what it claims, to the hundredth.

        Args:
            rows: The matrix of claims.
            made_by: The name of the rule that made each claim (``examples``, ``left``, ...).

        Returns:
            One for each row, in their order.
        """
        odds = self.grown(rows) + np.array([MADE_BY.get(name, 0.0) for name in made_by])
        odds += np.where(rows[:, _OTHERS] == 0, _ALONE, 0.0)
        return [round(one, 2) for one in (1 / (1 + np.exp(-odds))).tolist()]

    def grown(self, rows: Column) -> Column:
        """By row, the logarithm of the odds by the trees alone."""
        told, begin = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        at = np.zeros((len(rows), len(self._first)), dtype=np.int64)
        for _ in range(DEPTH):
            question = self._first + at
            asked = told[self._columns[question] + begin]
            at = 2 * at + 1 + (asked > self._bounds[question])
        odds: Column = self._leaves[self._first_leaf + at - SPLITS].sum(axis=1) / SCALE
        return odds
