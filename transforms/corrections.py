"""Corrections: people's decisions about single cells, applied to what the machine chose.

A correction is tied to what it was made against, twice: ``expected`` is the machine's value then, ``evidence`` the
digest of that value and its sentence. Where the machine reads something else today, or nothing any more, the
correction is not applied; it is reported as stale or unmatched until a person looks again. It never disappears: it
stays in its file.

    set      the cell gets ``value`` (also a cell in which the machine read nothing, if its report is there)
    drop     the cell has no value: the figure is not this indicator
    confirm  the machine's value is right: nothing changes, and that it was looked at is on record
    remap    the figure belongs to ``remap_to``: that cell gets it, this one has no value

The machine's value stays in ``machine_value`` of the corrected cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from warehouse.contracts import Correction, CorrectionAction, CorrectionOutcome, Finding, Observation, Outcome

Cell = tuple[str, int, str]
"""Township code, report year, indicator."""


class Applied(NamedTuple):
    """The cells that corrections changed, as they are now, and what became of every correction."""

    cells: dict[Cell, Observation]
    outcomes: tuple[CorrectionOutcome, ...]


class Grounds(NamedTuple):
    """What corrections are judged by.

    ``cells`` are the machine's observations of at least the cells that corrections name (``remap_to`` included);
    ``sentences`` gives the sentence of (report_id, ordinal); ``reports`` the published report of (township, year);
    ``units`` the unit of each indicator of the dictionary.
    """

    cells: Mapping[Cell, Observation]
    sentences: Mapping[tuple[str, int], str]
    reports: Mapping[tuple[str, int], str]
    units: Mapping[str, str]


class Decision(NamedTuple):
    """What a person decides about a cell; ``value`` belongs to ``set`` and ``remap_to`` to ``remap``."""

    action: CorrectionAction
    value: Decimal | None
    remap_to: str | None
    reason: str
    author: str
    decided_on: date


def evidence_digest(observation: Observation | None, sentence: str) -> str:
    """Digest of what a person who decides about a cell sees: its value, its sentence, and a conflict's rivals."""
    value = None if observation is None else observation.value
    rivals = observation.rivals if observation is not None and value is None else ()
    seen = "\n".join((_text(value), *rivals, sentence))
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def decide(cell: Cell, decision: Decision, grounds: Grounds) -> Correction:
    """The correction of a cell as it stands, tied to its present value and evidence.

    Raises:
        ValueError: The decision lacks what its action needs, or the dictionary has no such indicator.
    """
    action, value, remap_to, reason, author, decided_on = decision
    for indicator in (cell[2], remap_to):
        if indicator is not None and indicator not in grounds.units:
            raise ValueError(f"no indicator {indicator!r}: 'nianbao query \"from indicators\"' lists them")
    if problem := incomplete(action, value, remap_to):
        raise ValueError(problem)
    now = grounds.cells.get(cell)
    evidence = evidence_digest(now, _sentence(now, grounds))
    expected = None if now is None else now.value
    return Correction(*cell, action, value, remap_to, expected, evidence, reason, author, decided_on)


def incomplete(action: CorrectionAction, value: Decimal | None, remap_to: str | None) -> str:
    """What a correction lacks or has too much for its action; empty if it is complete."""
    if (action == "set") != (value is not None):
        return "set needs a value" if action == "set" else f"{action} takes no value: only set does"
    if (action == "remap") != (remap_to is not None):
        return "remap needs remap_to" if action == "remap" else f"{action} takes no remap_to: only remap does"
    return ""


def apply(corrections: Iterable[Correction], grounds: Grounds) -> Applied:
    """Apply corrections, one a cell; all are judged against what the machine read.

    What a person dropped or set goes first, so that a figure can be moved into a cell that another line empties.

    Returns:
        The changed cells and one outcome for each correction, in the order of their cells.
    """
    cells: dict[Cell, Observation] = {}
    outcomes: list[CorrectionOutcome] = []
    for one in sorted(corrections, key=lambda one: (_TURN.index(one.action), one[:3])):
        cell = (one.township_code, one.report_year, one.indicator)
        changed, outcome, detail = _apply(one, cell, {**grounds.cells, **cells}, grounds)
        cells |= changed
        before = grounds.cells.get(cell)
        after = cells.get(cell, before)
        outcomes.append(
            CorrectionOutcome(
                *cell,
                one.action,
                outcome,
                None if before is None else before.value,
                None if after is None else after.value,
                detail,
                one.reason,
                one.author,
                one.decided_on,
            )
        )
    return Applied(cells, tuple(sorted(outcomes, key=lambda outcome: outcome[:3])))


_TURN: tuple[CorrectionAction, ...] = ("drop", "set", "confirm", "remap")
_Result = tuple[dict[Cell, Observation], Outcome, str]


def _apply(one: Correction, cell: Cell, cells: Mapping[Cell, Observation], grounds: Grounds) -> _Result:
    machine = grounds.cells.get(cell)
    if refused := _refuse(one, machine, grounds):
        return refused
    if one.action == "confirm":
        return {}, "applied", "machine value confirmed"
    if one.action == "remap":
        return _remap(one, cell, cells, grounds)
    report = grounds.reports[one.township_code, one.report_year]
    unit = grounds.units[one.indicator]
    now = machine or Observation(*cell, None, None, unit, "exact", "corrected", report, None, (), None)
    then = now._replace(
        value=one.value, value_high=None, unit=unit, qualifier="exact", status="corrected", machine_value=now.value
    )
    return {cell: then}, "applied", f"{_text(now.value) or 'no value'} became {_text(one.value) or 'no value'}"


def _refuse(one: Correction, machine: Observation | None, grounds: Grounds) -> _Result | None:
    """Why a correction is not applied, if it is not."""
    for indicator in filter(None, (one.indicator, one.remap_to)):
        if indicator not in grounds.units:
            return {}, "unknown_indicator", f"the dictionary has no indicator {indicator}: mend or remove the line"
    if (one.township_code, one.report_year) not in grounds.reports:
        return {}, "unmatched", "no published report of this township and year: fetch it, or correct the line"
    if machine is None and one.action != "set":
        return {}, "unmatched", f"nothing was read for this cell, so there is nothing to {one.action}"
    value = None if machine is None else machine.value
    if value != one.expected:
        now, then = _text(value) or "nothing", _text(one.expected) or "nothing"
        return {}, "stale", f"made against {then}, but the report now gives {now}: decide again with 'nianbao correct'"
    if one.evidence and one.evidence != evidence_digest(machine, _sentence(machine, grounds)):
        return {}, "stale", "the sentence that it was made against has changed: decide again with 'nianbao correct'"
    return None


def _remap(one: Correction, cell: Cell, cells: Mapping[Cell, Observation], grounds: Grounds) -> _Result:
    machine = grounds.cells[cell]
    target = (one.township_code, one.report_year, one.remap_to or "")
    there = cells.get(target)
    unit = grounds.units[target[2]]
    if unit != machine.unit:
        return {}, "unit_differs", f"{target[2]} is counted in {unit}, this figure in {machine.unit}"
    if there is not None and there.value is not None:
        return {}, "target_taken", f"{target[2]} already has {_text(there.value)}: drop that first"
    moved = machine._replace(
        indicator=target[2], status="corrected", machine_value=None if there is None else there.machine_value
    )
    left = machine._replace(value=None, value_high=None, status="corrected", machine_value=machine.value)
    return {cell: left, target: moved}, "applied", f"{_text(machine.value)} moved to {target[2]}"


def findings(
    outcomes: Iterable[CorrectionOutcome], run_id: str, reports: Mapping[tuple[str, int], str]
) -> list[Finding]:
    """A warning for each correction that was not applied: a person must look at it again."""
    return [
        Finding(
            run_id,
            "warning",
            "correction_not_applied",
            reports.get((one.township_code, one.report_year)),
            one.township_code,
            one.report_year,
            one.indicator,
            None,
            f"人工更正（{one.action}，{one.author}，{one.decided_on}）未执行：{_ZH[one.outcome]}。请重新核对后再更正。",
            f"correction ({one.action}, {one.author}, {one.decided_on}) was not applied: {one.detail}",
            f"reason given: {one.reason}",
        )
        for one in outcomes
        if one.outcome != "applied"
    ]


_ZH: Mapping[Outcome, str] = {
    "stale": "报告现有数值或句子与更正时不同",
    "unmatched": "找不到对应的报告或数值",
    "unknown_indicator": "指标字典中没有该指标",
    "target_taken": "改归的指标已有数值",
    "unit_differs": "改归的指标单位不同",
}


def _sentence(observation: Observation | None, grounds: Grounds) -> str:
    if observation is None or observation.ordinal is None:
        return ""
    return grounds.sentences.get((observation.report_id, observation.ordinal), "")


def _text(value: Decimal | None) -> str:
    """A value without trailing zeros, since storage adds them; empty for none."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
