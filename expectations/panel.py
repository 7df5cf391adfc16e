"""Panel: the values of each township and indicator side by side, one column a year.

Most checks against a unit's own past need all its years at once; as a matrix, 41,000 townships x 50 indicators x 10
years are
160 MB and each question is one operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from expectations.frames import Frames

PAST = 6
"""Earlier years that a value is held against: older ones belong to another term of office and other duties."""


class Panel(NamedTuple):
    """Values by (township, indicator) and year.

    ``keys`` has the columns township_code and indicator; ``years`` are consecutive; ``values`` has a row for each
    key and a column for
    each year, NaN where there is no value; ``rows`` the place of the cell among ``Frames.cells``, -1 where there is
    none.
    """

    keys: pd.DataFrame
    years: tuple[int, ...]
    values: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64]


def panel(frames: Frames) -> Panel:
    """The panel of all observations of a run."""
    cells = frames.cells
    if cells.empty:
        return Panel(cells[["township_code", "indicator"]], (), np.empty((0, 0)), np.empty((0, 0), dtype=np.int64))
    groups = cells.groupby(["township_code", "indicator"], sort=True)
    place = groups.ngroup().to_numpy()
    keys = cells[["township_code", "indicator"]].drop_duplicates().sort_values(["township_code", "indicator"])
    first, last = int(cells["report_year"].min()), int(cells["report_year"].max())
    years = tuple(range(first, last + 1))
    column = cells["report_year"].to_numpy() - first
    values = np.full((len(keys), len(years)), np.nan)
    values[place, column] = cells["value"].to_numpy()
    rows = np.full(values.shape, -1, dtype=np.int64)
    rows[place, column] = np.arange(len(cells))
    return Panel(keys.reset_index(drop=True), years, values, rows)


class PastScores(NamedTuple):
    """How far one year's values lie from the same units' earlier ones; one entry a unit, NaN where either is missing.

    ``usual`` is the median of the earlier values (untransformed), ``distance`` the signed distance from it on the
    log scale, ``score`` that
    distance in scales, ``years`` how many earlier values there are.
    """

    usual: npt.NDArray[np.float64]
    distance: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]
    years: npt.NDArray[np.int64]


def past_scores(values: npt.NDArray[np.float64], at: int, added: float, floor: float) -> PastScores:
    """Hold the values of one year against the same units' earlier ones, robustly for few points.

    The centre is the median of the earlier values, the scale the median of their pairwise distances (as in Rousseeuw
    and
    Croux's estimators, which need no centre and stand half of the points being wrong).

    Args:
        values: Counts by unit (rows) and year (columns), NaN where missing.
        at: The column of the year in question.
        added: Added to counts before the logarithm.
        floor: Smallest scale, so that a unit that always reports the same is not at infinite distance from any change.
    """
    past, now = values[:, max(0, at - PAST) : at], values[:, at]
    count = np.isfinite(past).sum(axis=1)
    known = (count > 0) & np.isfinite(now)
    usual, distance, score = (np.full(len(values), np.nan) for _ in range(3))
    if known.any():
        chosen = past[known]
        usual[known] = np.nanmedian(chosen, axis=1)
        logs = np.log(chosen + added)
        gaps = [np.abs(logs[:, i] - logs[:, j]) for i in range(logs.shape[1]) for j in range(i)]
        scale = np.full(len(chosen), floor)
        several = count[known] > 1
        if several.any():
            scale[several] = np.maximum(np.nanmedian(np.stack(gaps, axis=1)[several], axis=1), floor)
        distance[known] = np.log(now[known] + added) - np.nanmedian(logs, axis=1)
        score[known] = np.abs(distance[known]) / scale
    return PastScores(usual, distance, score, count)
