"""Contested: one cell, one total: of figures of a report that differ and claim one indicator, at most one is its total.

主动公开政府信息566条 and, further down, 公开栏公开政务信息38条: the second is a share or something else, whatever
its own words say. The figure that states an indicator less surely than another one, and cannot be the same, states it
no more and speaks of it only. Where both are as sure, or count the same noun (人民调解员91人 here, 人民调解员128人
there), both stand: the report contradicts itself, and the observation is a conflict for a person to decide
(``transforms/observations.py``). Zeros are left alone: they beat no figure there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from transforms.agreement import agree
from transforms.quantity import Quantity

MARGIN = 0.05
"""Confidence by which a figure must state an indicator more surely: on real texts four of five that were behind by as
much were wrong."""


def contested(
    quantities: Sequence[Quantity], stated: Sequence[tuple[str, ...]], sure: Sequence[float], heads: Sequence[str]
) -> dict[int, dict[str, int]]:
    """By figure: the indicators that it loses, and to which figure.

    Args:
        quantities: The quantities of a text in order.
        stated: The indicators that each states.
        sure: With which confidence.
        heads: The noun that each counts.
    """
    claims: dict[str, list[int]] = defaultdict(list)
    for index, names in enumerate(stated):
        if quantities[index].kind == "actual":
            for name in names:
                claims[name].append(index)
    lost: dict[int, dict[str, int]] = defaultdict(dict)
    for name, rivals in claims.items():
        if len(rivals) > 1:
            best = max(rivals, key=lambda index: sure[index])
            for index in rivals:
                behind = round(sure[best] - sure[index], 2) >= MARGIN and heads[best] != heads[index]
                if behind and not _same(quantities[best], quantities[index]):
                    lost[index][name] = best
    return dict(lost)


def _same(one: Quantity, other: Quantity) -> bool:
    return agree(one, other) or agree(other, one)
