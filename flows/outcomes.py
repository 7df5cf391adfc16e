"""Outcomes: how a run ended, from what its home holds."""

from __future__ import annotations

from flows.home import Home
from flows.parameters import Outcome
from warehouse import releases
from warehouse.contracts import RUNS, Run
from warehouse.lake import Lake


def unchanged(home: Home, run_id: str) -> Outcome:
    """The outcome of a run whose inputs are those of the current release: nothing is done, nothing changes.

    But for what a run leaves behind that is stopped between its report and its end: no other run would remove it.
    """
    home.sweep()
    row = next(Run(*row) for row in Lake(home.lake).rows(RUNS) if row[0] == run_id)
    return outcome_of(home, row, unchanged=True)


def outcome_of(
    home: Home,
    row: Run,
    *,
    published: bool = False,
    unchanged: bool = False,
    gate_closed: bool = False,
    quarantined: tuple[str, ...] = (),
) -> Outcome:
    """The outcome of a run of which the lake tells the counts."""
    folder = home.runs / row.run_id
    return Outcome(
        run_id=row.run_id,
        published=published,
        unchanged=unchanged,
        gate_closed=gate_closed,
        quarantined=quarantined,
        reports=row.reports,
        refusals=row.refusals,
        mentions=row.mentions,
        observations=row.observations,
        criticals=row.criticals,
        warnings=row.warnings,
        release=home.storage.told(home.current) if releases.current_run(home.root) else None,
        page=home.storage.told(folder / "report.html"),
    )
