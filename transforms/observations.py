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

from transforms.agreement import agree
from warehouse.contracts import Mention, Observation

MARGIN = 0.25
"""Probability by which one mapping must lead to win alone; nearer, it is for a person to say which total holds."""


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
    return pick if all(agree(pick, other) for other in rest) else None


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
