"""Observations: the one value of each cell, chosen among the mentions that state it.

The rules, in order (design.md, step 5: a part never replaces a total; two totals that differ are a conflict, never
an average):

1. Only mentions of kind ``actual`` or ``zero`` and scope ``township``, in the indicator's own unit, are candidates.
2. A told figure beats a verbal zero: a zero such as 无一起 often speaks of a subset of the cases only.
3. A candidate mapped with clearly more confidence (``MARGIN``) beats the others.
4. Figures that agree, within what their qualifiers allow, are one value: the exact one, and of equals the first.
5. What is left and differs is a conflict: the cell has no value and names its rivals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from warehouse.contracts import Mention, Observation

MARGIN = 0.15
"""Confidence by which one mapping must lead to win alone: about the distance between two rules of the mapping."""

ROUNDING = Decimal("0.02")
"""Relative distance within which an approximate figure (约, 近, 余) can be the same as an exact one."""

_LOWER_BOUNDS = {"over", "at_least"}
_UPPER_BOUNDS = {"nearly", "at_most"}


def observe(
    township_code: str, report_year: int, report_id: str, mentions: Sequence[Mention], units: Mapping[str, str]
) -> tuple[Observation, ...]:
    """Choose one value for each indicator that ``mentions`` state; ``units`` gives each indicator's unit.

    Returns observations in the order of their indicators' names.
    """
    candidates: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.indicators and mention.kind in {"actual", "zero"} and mention.scope == "township":
            for indicator in mention.indicators:
                candidates[indicator].append(mention)
    chosen = ((indicator, _choose(candidates[indicator])) for indicator in sorted(candidates))
    return tuple(
        _observation(township_code, report_year, report_id, indicator, units[indicator], pick, candidates[indicator])
        for indicator, pick in chosen
    )


def _choose(mentions: Sequence[Mention]) -> Mention | None:
    """The winning mention, or None where totals differ."""
    told = [mention for mention in mentions if mention.kind == "actual"] or mentions
    best = max(mention.confidence for mention in told)
    rest = [mention for mention in told if mention.confidence > best - MARGIN]
    pick = min(rest, key=lambda mention: (mention.damaged, mention.qualifier != "exact", mention.ordinal))
    return pick if all(_agree(pick, other) for other in rest) else None


def _agree(pick: Mention, other: Mention) -> bool:
    """Whether ``other`` can be the same figure as ``pick``, given how exact both claim to be."""
    if pick.value is None or other.value is None:
        return False
    if (pick.value, pick.value_high) == (other.value, other.value_high):
        return True
    if other.qualifier in _LOWER_BOUNDS:
        return other.value <= pick.value <= _next_step(other.value)
    close = abs(pick.value - other.value) <= ROUNDING * abs(pick.value)
    if other.qualifier in _UPPER_BOUNDS:
        return close and pick.value <= other.value
    return other.qualifier == "about" and close


def _next_step(value: Decimal) -> Decimal:
    """The next value at the precision a writer of 500余 or 3万余 had in mind: 600, 4万."""
    digits = value.normalize().as_tuple()
    exponent = digits.exponent if isinstance(digits.exponent, int) else 0
    return value + Decimal(1).scaleb(exponent)


def _observation(
    township_code: str,
    report_year: int,
    report_id: str,
    indicator: str,
    unit: str,
    pick: Mention | None,
    candidates: Iterable[Mention],
) -> Observation:
    rivals = tuple(f"{other.ordinal}={other.value}" for other in candidates if other is not pick)
    return Observation(
        township_code=township_code,
        report_year=report_year,
        indicator=indicator,
        value=pick.value if pick else None,
        value_high=pick.value_high if pick else None,
        unit=unit,
        qualifier=pick.qualifier if pick else "exact",
        status="conflict" if pick is None else "stated_zero" if pick.kind == "zero" else "reported",
        report_id=report_id,
        ordinal=pick.ordinal if pick else None,
        rivals=rivals,
        machine_value=pick.value if pick else None,
    )
