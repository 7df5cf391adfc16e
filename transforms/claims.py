"""Claims: what a report tells beside the words around a figure of whether that figure states what it seems to state.

A reader who doubts a figure looks about: does the figure before it count as well, are its neighbours in the sentence
and the paragraph totals or parts, does another figure claim the same indicator, with better words or a larger number?
These are put into numbers, a row for each figure on which the examples have an opinion, for the trees of
``transforms/credence.py``. Only figures of the same text are looked at, so a row does not depend on other reports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from transforms.opinions import Opinion, Ruled
from transforms.quantity import Quantity, lines

Column = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS: Final = (
    *("lead", "second lead", "score", "part", "nothing", "higher"),
    *("same as ruled", "other than ruled", "about", "ruled surely", "zero", "inexact", "value", "scope part"),
    *("own best", "two"),
    *("rival's lead", "rivals", "rival before", "larger rival"),
    *(f"{which} {what}" for which in ("before:", "behind:") for what in
      ("lead", "part", "higher", "same sentence", "same unit", "same label", "larger")),
    *(f"{which} {what}" for which in ("sentence:", "paragraph:") for what in
      ("figures", "lead", "part", "nothing", "best lead")),
    *("place in sentence", "length of sentence"),
)  # fmt: skip
"""What each column of a matrix tells; distances are those of opinions, places and lengths are in characters."""

_ALONE, _OUTDONE = -1.5, -1.0
"""Leads where there is no neighbour, and no rival."""
_RULED = 0.1
"""Worth of the rules' agreement where rivals are held against one another."""
_APART = -0.5
"""Mean distance of unlabelled from best where a figure is alone."""


def matrix(
    text: str,
    quantities: Sequence[Quantity],
    ruled: Sequence[Ruled],
    opinions: Sequence[Opinion | None],
    names: Sequence[tuple[str, ...]],
) -> tuple[list[int], Column]:
    """The figures on which there is an opinion with an indicator that fits, and their rows.

    Args:
        text: The cleaned text.
        quantities: Its quantities in order.
        ruled: What the rules say of each.
        opinions: What the examples say of each.
        names: The indicators that each claims, empty for none.

    Returns:
        Indices into ``quantities``, and a matrix with as many rows and the columns of ``COLUMNS``.
    """
    judged = [(index, one) for index, one in enumerate(opinions) if one is not None and one.best]
    chosen = [index for index, _ in judged]
    if not chosen:
        return [], np.empty((0, len(COLUMNS)))
    told = [one for _, one in judged]
    figures = [quantities[index] for index in chosen]
    values = np.array([-1.0 if one.value is None else float(one.value) for one in figures])
    lead = np.array([one.lead for one in told])
    against = np.array([one.against for one in told]).T
    paragraphs = np.array(lines(text, figures))
    sentences = np.array([one.sentence[0] for one in figures])
    own = [
        *_own(told, [ruled[index] for index in chosen], figures, [names[index] for index in chosen], values),
        *_rivals(told, [ruled[index] for index in chosen], [names[index] for index in chosen], values),
    ]
    around = [
        *_neighbours(np.array(chosen), told, figures, values, 1),
        *_neighbours(np.array(chosen), told, figures, values, -1),
        *_among(sentences, lead, against),
        *_among(paragraphs, lead, against),
    ]
    places = [
        np.array([one.start - one.sentence[0] for one in figures], dtype=np.float64),
        np.array([one.sentence[1] - one.sentence[0] for one in figures], dtype=np.float64),
    ]
    return chosen, np.column_stack((*own, *around, *places))


def _own(
    told: Sequence[Opinion],
    ruled: Sequence[Ruled],
    figures: Sequence[Quantity],
    names: Sequence[tuple[str, ...]],
    values: Column,
) -> list[Column]:
    """The figure's own opinion, rules and kind."""
    rows = [
        (
            opinion.lead, max(opinion.second_lead, -3.0), opinion.score, *opinion.against,
            opinion.best in rule.indicators, bool(rule.indicators) and opinion.best not in rule.indicators,
            opinion.best in rule.about, rule.confidence,
            figure.kind == "zero", figure.qualifier != "exact", value, figure.scope == "part",
            claimed[:1] == (opinion.best,), len(claimed) > 1,
        )
        for opinion, rule, figure, claimed, value in zip(told, ruled, figures, names, values.tolist(), strict=True)
    ]  # fmt: skip
    return list(np.array(rows, dtype=np.float64).T)


def _rivals(
    told: Sequence[Opinion], ruled: Sequence[Ruled], names: Sequence[tuple[str, ...]], values: Column
) -> list[Column]:
    """Other figures with another value that claim the same: how far ahead the best is, how many, earlier, larger."""
    worth = [one.lead + _RULED * (one.best in rule.indicators) for one, rule in zip(told, ruled, strict=True)]
    claims: dict[str, list[int]] = defaultdict(list)
    for row, claimed in enumerate(names):
        for name in claimed:
            claims[name].append(row)
    found = np.zeros((len(told), 4))
    found[:, 0] = _OUTDONE
    for row, claimed in enumerate(names):
        others = [one for one in claims[claimed[0]] if values[one] != values[row]] if claimed else []
        if others:
            ahead = [one for one in others if told[one].lead > 0]
            found[row] = (
                max(_OUTDONE, max(worth[one] for one in others) - worth[row]),
                len(ahead),
                any(one < row for one in ahead),
                any(values[one] > values[row] for one in ahead),
            )
    return list(found.T)


def _neighbours(
    chosen: Ints, told: Sequence[Opinion], figures: Sequence[Quantity], values: Column, step: int
) -> list[Column]:
    """The figure right before (``step`` 1) or behind (-1): what it is, and what it shares."""
    found = np.zeros((len(chosen), 7))
    found[:, 0] = _ALONE
    for row in range(len(chosen)):
        other = row - step
        if 0 <= other < len(chosen) and chosen[other] == chosen[row] - step:
            same = figures[other].unit == figures[row].unit
            found[row] = (
                told[other].lead, told[other].against[0], told[other].against[2],
                figures[other].sentence == figures[row].sentence, same, told[other].best == told[row].best,
                same and values[other] > values[row],
            )  # fmt: skip
    return list(found.T)


def _among(groups: Ints, lead: Column, against: Column) -> list[Column]:
    """The other figures of the same group: how many, their mean lead, part and nothing, and the best lead."""
    _, group, many = np.unique(groups, return_inverse=True, return_counts=True)
    others = many[group] - 1.0
    alone = others == 0

    def mean(column: Column, empty: float) -> Column:
        summed = np.bincount(group, column)[group] - column
        return np.where(alone, empty, summed / np.maximum(others, 1))

    # By group, the best lead first; of the best, the second is the best of the others.
    order = np.lexsort((-lead, group))
    first = np.cumsum(many) - many
    best = np.where(alone, _ALONE, lead[order[first]][group])
    several = many > 1
    best[order[first[several]]] = lead[order[first[several] + 1]]
    return [others, mean(np.clip(lead, -1, 1), 0.0), mean(against[0], _APART), mean(against[1], _APART), best]
