"""Steps: what the tasks of the annual flow do, each by calling the module named for what it makes.

The values that travel between steps are plain classes on purpose: Prefect looks into every list, tuple and dataclass
that a task is given, which for 400,000 sources costs more than the work.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from expectations import heap
from flows import batches, evaluating, reconciliation
from flows.acquisition import Acquired, pending, versions
from flows.copied import copied_texts
from flows.corrected import Corrected, correct
from flows.home import Home
from flows.outcomes import outcome_of
from flows.parameters import Outcome, Parameters
from flows.reconciliation import Reconciled, readable
from transforms.dictionary import Dictionary
from transforms.registry import Registry
from transforms.rules import rules_digest
from warehouse import releases
from warehouse.contracts import (
    CORRECTION_OUTCOMES,
    CORRECTIONS,
    INDICATORS,
    MENTIONS,
    OBSERVATIONS,
    REPORTS,
    RUNS,
    TOWNSHIPS,
    Run,
)
from warehouse.holding import Holding
from warehouse.lake import Lake
from warehouse.snapshots import write_atomically
from warehouse.years import states_in

if TYPE_CHECKING:
    import pyarrow as pa

    from expectations.checking import CheckContext
    from expectations.gate import Validation
    from warehouse.coverage import Coverage
    from warehouse.releases import Release


class Tables:
    """The lake after this run has joined it, where it lies, and what the joining decided."""

    def __init__(
        self, reconciled: Reconciled, holding: Holding, corrected: Corrected, failures: Sequence[str], snapshots: int
    ) -> None:
        self.reconciled, self.holding, self.corrected, self.failures = reconciled, holding, corrected, failures
        self.snapshots = snapshots


class Checked:
    """What the checks found, whether anything may be published, and the last release, which it is compared with."""

    def __init__(self, validation: Validation, context: CheckContext, run: Run, previous: Previous) -> None:
        self.validation, self.context, self.run, self.previous = validation, context, run, previous


class Previous(NamedTuple):
    """The last release's file, its run, and the states of its years where they are known; empty before the first."""

    path: Path | None = None
    run: Run | None = None
    states: Mapping[int, str] | None = None


def jobs(home: Home, acquired: Acquired) -> list[batches.Job]:
    """Steps 2 to 4, cut into batches: the snapshots that these rules have not read, or taken figures from."""
    rules = rules_digest()
    lake = Lake(home.lake)
    waiting = pending(lake, acquired.sources, rules)
    if not len(waiting):
        return []
    held = batches.Held(home.lake, readable(lake, rules))
    found = batches.jobs(waiting, home.snapshots, home.work, rules, acquired.run_id, acquired.parameters.batch, held)
    store = home.store()
    home.storage.bring_missing(store.path(digest) for job in found for digest in job.unread)
    heap.give_back()
    return found


def reconcile(home: Home, acquired: Acquired, staged: Sequence[Path]) -> Tables:
    """Step 5: into the lake, one report for each township and year."""
    lake = Lake(home.lake)
    dictionary = Dictionary.load()
    stages = [Lake(stage) for stage in staged]
    reconciled = reconciliation.reconcile(lake, stages, acquired.sources, acquired.unfetched, dictionary.units())
    failures = [(stage / "failures.log").read_text(encoding="utf-8") for stage in staged]
    snapshots: int = pc.count_distinct(acquired.sources["sha256"]).as_py()
    acquired.let_go()
    home.storage.save()
    home.clear()
    corrected = correct(home.corrections, lake, dictionary.units(), acquired.run_id)
    holding = Holding(lake, corrected.cells, _seeds(dictionary), acquired.run_id, memory=home.memory / "years")
    return Tables(reconciled, holding, corrected, [text for text in failures if text], snapshots)


def _seeds(dictionary: Dictionary) -> dict[str, pa.Table]:
    from warehouse.schema import to_arrow

    return {
        TOWNSHIPS.name: to_arrow(TOWNSHIPS, list(Registry.load().rows())),
        INDICATORS.name: to_arrow(INDICATORS, dictionary.rows()),
    }


def validate(home: Home, acquired: Acquired, tables: Tables) -> Checked:
    """Step 6: Great Expectations and our own checks over what is about to be published.

    The findings are written as they are made, and put in order as they join the lake, which keeps those of every run.
    """
    from expectations.checking import CheckContext
    from expectations.gate import Found, validate_shelf
    from expectations.shelf import Shelf
    from flows.found import remembered, store

    heap.hold()
    heap.give_back()
    previous = last_release(home, acquired.run_id)
    context = CheckContext(
        run_id=acquired.run_id,
        scope=acquired.parameters.scope,
        evaluation=evaluating.last(home),
        previous_evaluation=evaluating.of_run(home, previous.run.run_id) if previous.run else None,
        accepted=frozenset(acquired.parameters.accept),
        docs_folder=home.runs / acquired.run_id / "data_docs",
    )
    home.work.mkdir(parents=True, exist_ok=True)
    lake = Lake(home.lake)
    copied, found = Found(home.work / "copied.parquet"), Found(home.work / "findings.parquet")
    # Texts are compared before the database has anything: all signatures and pairs are held at once.
    for findings in copied_texts(lake, home.memory / "fingerprints.parquet", context.run_id):
        copied.add_part(findings)
    copied.close()
    heap.give_back()
    memory = remembered(lake, home.memory / "findings.parquet")
    with tables.holding.open(previous.path) as connection:
        shelf = Shelf(connection, tables.holding.of_reports, tables.holding.years(previous.states))
        validation = validate_shelf(shelf, context, found, memory=memory)
        found.add(tables.corrected.findings)
        made = [home.work / "findings.parquet", home.work / "copied.parquet"]
        store(lake, shelf, found, made, context.run_id, memory.path)
        sizes = {name: connection.table(name).shape[0] for name in (REPORTS.name, MENTIONS.name, OBSERVATIONS.name)}
    home.clear()
    validation = validation._replace(counts=dict(found.counts + copied.counts))
    return Checked(validation, context, _run(acquired, tables, validation, sizes), previous)


def last_release(home: Home, run_id: str) -> Previous:
    """The last release, which the checks compare with; nothing before the first.

    That is the current one: after a rollback the newest is one that a person did not want. After a crash between
    publishing and reporting this run is the current release already; it is not its own past.
    """
    others = [one for one in releases.releases(home.root) if one.run_id != run_id]
    earlier = next((one for one in others if one.current), others[0] if others else None)
    if earlier is None:
        return Previous()
    runs = {row.run_id: row for row in (Run(*row) for row in Lake(home.lake).rows(RUNS))}
    states = states_in(home.memory / "years", earlier.run_id)
    return Previous(home.storage.bring(earlier.path), runs.get(earlier.run_id), states)


def publish(home: Home, acquired: Acquired, tables: Tables, checked: Checked) -> Release | None:
    """Step 7: build the release aside, check it, swap it in."""
    from warehouse.release import Rows, publish

    heap.give_back()
    validation = checked.validation
    Lake(home.lake).merge(RUNS, [checked.run], by="run_id")  # also of a run that may not publish: it is history, too
    if validation.gate_closed:
        return None
    corrected = tables.corrected
    given: dict[str, Rows] = {
        CORRECTIONS.name: corrected.corrections,
        CORRECTION_OUTCOMES.name: corrected.outcomes,
    }
    home.storage.bring(home.releases / f"{checked.run.run_id}.duckdb")  # after a rollback it is there already
    holding = tables.holding.without(validation.quarantined)
    release = publish(
        home.root,
        given,
        checked.run,
        scope=acquired.parameters.scope,
        years=acquired.parameters.years,
        holding=holding,
    )
    holding.years().keep(checked.run.run_id)
    home.storage.save()
    return release


def _run(acquired: Acquired, tables: Tables, validation: Validation, sizes: Mapping[str, int]) -> Run:
    severities: Counter[str] = Counter()
    for (_, severity), count in validation.counts.items():
        severities[severity] += count
    return Run(
        run_id=acquired.run_id,
        **versions(),
        snapshots=tables.snapshots,
        reports=sizes[REPORTS.name],
        refusals=len(tables.reconciled.refusals),
        mentions=sizes[MENTIONS.name],
        observations=sizes[OBSERVATIONS.name],
        criticals=severities["critical"],
        warnings=severities["warning"],
    )


def report(
    home: Home,
    acquired: Acquired,
    tables: Tables,
    checked: Checked,
    release: Release | None,
    timings: Mapping[str, float],
) -> Outcome:
    """Step 8: the run report, and Prefect's artifacts that lead to it."""
    from expectations.building import RunInputs, build_report
    from expectations.shelf import Shelf
    from expectations.writing import write_report
    from flows.artifacts import leave_artifacts

    heap.give_back()
    outcome = outcome_of(
        home,
        checked.run,
        published=bool(release and release.published),
        gate_closed=release is None,
        quarantined=tuple(sorted(checked.validation.quarantined)),
    )
    folder = home.runs / acquired.run_id
    if tables.failures:
        write_atomically(folder / "failures.log", "\n".join(tables.failures).encode())
    holding = tables.holding.without(checked.validation.quarantined)
    coverage = _covered(home, acquired.parameters, holding, release)
    with tables.holding.open(checked.previous.path) as connection:
        inputs = RunInputs(
            run=checked.run,
            outcome="gate_closed" if release is None else "published",
            shelf=Shelf(connection, tables.holding.of_reports, holding.years(checked.previous.states)),
            validation=checked.validation,
            context=checked.context,
            coverage=coverage,
            previous_run=checked.previous.run,
            timings=timings,
            finished_at=datetime.now(UTC).replace(microsecond=0),
        )
        built = build_report(inputs)
        write_report(built, folder)
    home.clear()
    home.storage.save()
    try:
        leave_artifacts(built, outcome)
    except Exception as error:  # what was published must not fail because Prefect's page cannot be reached
        print(f"Prefect: {type(error).__name__}: {error}", file=sys.stderr)
    return outcome


def _covered(home: Home, parameters: Parameters, holding: Holding, release: Release | None) -> Coverage:
    """Who is expected and what became of each: as the release says; found out where nothing was published."""
    from warehouse.coverage import coverage_in, coverage_of

    home.work.mkdir(parents=True, exist_ok=True)
    expected = home.work / "expected.parquet"
    if release is not None:
        return coverage_in(release.path, expected)
    with holding.open() as connection:
        return coverage_of(connection, expected, parameters.scope, parameters.years)
