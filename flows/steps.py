"""Steps: what the tasks of the annual flow do, each by calling the module named for what it makes.

The values that travel between steps are plain classes on purpose: Prefect looks into every list, tuple and dataclass
that a task is given, which for 400,000 sources costs more than the work.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows import batches, evaluating, heap, reconciliation, sources
from flows.copied import copied_texts
from flows.corrected import Corrected, correct
from flows.fetching import Fetcher, Journal, Policy
from flows.home import Home
from flows.migration import migrate
from flows.parameters import Outcome, Parameters
from flows.reconciliation import Reconciled, known_sources, pending, readable
from transforms.dictionary import Dictionary
from transforms.forms.ocr import is_available
from transforms.registry import Registry
from transforms.rules import rules_digest
from warehouse import releases
from warehouse.contracts import (
    CORRECTION_OUTCOMES,
    CORRECTIONS,
    FINDINGS,
    INDICATORS,
    MENTIONS,
    OBSERVATIONS,
    REPORTS,
    RUNS,
    TOWNSHIPS,
    Refusal,
    Run,
    Source,
)
from warehouse.holding import Holding
from warehouse.lake import ROW_GROUP, Lake, scan
from warehouse.schema import name as quoted_name
from warehouse.snapshots import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

    from expectations.checking import CheckContext
    from expectations.gate import Validation
    from warehouse.releases import Release


class Acquired:
    """What is known after the first step: every snapshot and where it was found, and the digest of all inputs."""

    def __init__(
        self, run_id: str, found: Sequence[Source], unfetched: Sequence[Refusal], parameters: Parameters
    ) -> None:
        self.run_id, self.sources, self.unfetched, self.parameters = run_id, found, unfetched, parameters


class Tables:
    """The lake after this run has joined it, where it lies, and what the joining decided."""

    def __init__(self, reconciled: Reconciled, holding: Holding, corrected: Corrected, failures: Sequence[str]) -> None:
        self.reconciled, self.holding, self.corrected, self.failures = reconciled, holding, corrected, failures


class Checked:
    """What the checks found, whether anything may be published, and the last release, which it is compared with."""

    def __init__(self, validation: Validation, context: CheckContext, run: Run, previous: Previous) -> None:
        self.validation, self.context, self.run, self.previous = validation, context, run, previous


class Previous(NamedTuple):
    """The last release's file and run; empty before the first."""

    path: Path | None = None
    run: Run | None = None


def versions() -> dict[str, str]:
    """Versions of the code, the rules, the dictionary and the registry that decide what is read and published."""
    return {
        "version": version("nianbao"),
        "rules": rules_digest(),
        "dictionary": Dictionary.load().digest(),
        "registry": Registry.load().digest,
    }


def acquire(home: Home, parameters: Parameters) -> Acquired:
    """Step 1: bytes into the snapshot store; before it, a lake of an older version becomes one of this."""
    for migrated in migrate(home):
        print(f"{migrated.table}: {migrated.what}", file=sys.stderr)
    store = home.store()
    policy = Policy(allow_private=parameters.allow_private)
    fetcher = Fetcher(store, Journal(home.snapshots / "fetches.jsonl"), policy)
    try:
        places = sources.expand(sources.specs(home, parameters), Registry.load())
        acquired = sources.acquire(sources.within(places, parameters.years), store, fetcher)
    finally:
        fetcher.close()
    home.storage.save()
    known = known_sources(Lake(home.lake), acquired.sources)
    run_id = _run_id(home, known, acquired.refusals, parameters)
    return Acquired(run_id, known, [row._replace(run_id=run_id) for row in acquired.refusals], parameters)


def _run_id(home: Home, found: Sequence[Source], unfetched: Sequence[Refusal], parameters: Parameters) -> str:
    """Digest of everything that decides the release: the same inputs are the same run."""
    corrections = home.corrections.read_bytes() if home.corrections.exists() else b""
    inputs = (
        [(row.sha256, row.source_uri, row.township_code, row.report_year) for row in found],
        [(row.source_uri, row.reason) for row in unfetched],
        versions(),
        hashlib.sha256(corrections).hexdigest(),
        home.evaluation.read_text(encoding="ascii") if home.evaluation.exists() else "",
        (parameters.scope, parameters.years, parameters.accept),
        *(["ocr"] if is_available() else []),
    )
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:12]


def is_done(home: Home, acquired: Acquired) -> bool:
    """Whether this very run has already published its release and written its report."""
    page = home.storage.bring(home.runs / acquired.run_id / "report.html")
    done = page.exists() and releases.current_run(home.root) == acquired.run_id
    # A lake of which a part was put aside (flows/migration.py) is filled again, though the release says nothing new.
    return done and not pending(Lake(home.lake), acquired.sources, rules_digest())


def jobs(home: Home, acquired: Acquired) -> list[batches.Job]:
    """Steps 2 to 4, cut into batches: the snapshots that these rules have not read, or taken figures from."""
    rules = rules_digest()
    lake = Lake(home.lake)
    waiting = pending(lake, acquired.sources, rules)
    held = batches.Held(home.lake, readable(lake, rules) if waiting else {})
    unread = (source.sha256 for source in waiting if source.sha256 not in held.places)
    home.storage.bring_missing(home.store().path(digest) for digest in unread)
    return batches.jobs(waiting, home.snapshots, home.work, rules, acquired.run_id, acquired.parameters.batch, held)


def reconcile(home: Home, acquired: Acquired, staged: Sequence[Path]) -> Tables:
    """Step 5: into the lake, one report for each township and year."""
    lake = Lake(home.lake)
    dictionary = Dictionary.load()
    stages = [Lake(stage) for stage in staged]
    reconciled = reconciliation.reconcile(lake, stages, acquired.sources, acquired.unfetched, dictionary.units())
    failures = [(stage / "failures.log").read_text(encoding="utf-8") for stage in staged]
    home.storage.save()
    shutil.rmtree(home.work, ignore_errors=True)
    corrected = correct(home.corrections, lake, dictionary.units(), acquired.run_id)
    holding = Holding(lake, corrected.cells, _seeds(dictionary), acquired.run_id)
    return Tables(reconciled, holding, corrected, [text for text in failures if text])


def _seeds(dictionary: Dictionary) -> dict[str, pa.Table]:
    from warehouse.schema import to_arrow

    return {
        TOWNSHIPS.name: to_arrow(TOWNSHIPS, list(Registry.load().rows())),
        INDICATORS.name: to_arrow(INDICATORS, dictionary.rows()),
    }


def validate(home: Home, acquired: Acquired, tables: Tables) -> Checked:
    """Step 6: Great Expectations and our own checks over what is about to be published.

    The findings are written as they are made, and put in order by the database; the lake keeps those of earlier runs.
    """
    from expectations.checking import CheckContext
    from expectations.gate import Found, validate_shelf
    from expectations.shelf import Shelf, arrow_of

    heap.hold()
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
    found = Found(home.work / "findings.parquet")
    with tables.holding.open(previous.path) as connection:
        validation = validate_shelf(Shelf(connection), context, found, memory=home.memory / "findings.parquet")
        found.add(
            [*tables.corrected.findings, *copied_texts(lake, home.memory / "fingerprints.parquet", context.run_id)]
        )
        connection.register("few", arrow_of(FINDINGS, found.kept))
        parts = scan(FINDINGS, [home.work / "findings.parquet"])
        order = ", ".join(map(quoted_name, FINDINGS.key))
        rows = connection.sql(f"FROM ({parts} UNION ALL FROM few) ORDER BY {order}")
        lake.take(FINDINGS, rows.to_arrow_reader(ROW_GROUP), context.run_id)
        sizes = {name: connection.table(name).shape[0] for name in (REPORTS.name, MENTIONS.name, OBSERVATIONS.name)}
    shutil.rmtree(home.work, ignore_errors=True)
    validation = validation._replace(counts=dict(found.counts))
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
    return Previous(home.storage.bring(earlier.path), runs.get(earlier.run_id))


def publish(home: Home, acquired: Acquired, tables: Tables, checked: Checked) -> Release | None:
    """Step 7: build the release aside, check it, swap it in."""
    from warehouse.release import Rows, publish

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
    release = publish(
        home.root,
        given,
        checked.run,
        scope=acquired.parameters.scope,
        years=acquired.parameters.years,
        holding=tables.holding.without(validation.quarantined),
    )
    home.storage.save()
    return release


def _run(acquired: Acquired, tables: Tables, validation: Validation, sizes: Mapping[str, int]) -> Run:
    severities: Counter[str] = Counter()
    for (_, severity), count in validation.counts.items():
        severities[severity] += count
    return Run(
        run_id=acquired.run_id,
        **versions(),
        snapshots=len({source.sha256 for source in acquired.sources}),
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
    from warehouse.coverage import coverage_of

    outcome = _outcome(
        home,
        checked.run,
        published=bool(release and release.published),
        gate_closed=release is None,
        quarantined=tuple(sorted(checked.validation.quarantined)),
    )
    folder = home.runs / acquired.run_id
    if tables.failures:
        write_atomically(folder / "failures.log", "\n".join(tables.failures).encode())
    with tables.holding.without(checked.validation.quarantined).open() as connection:
        coverage = coverage_of(connection, acquired.parameters.scope, acquired.parameters.years)
    with tables.holding.open(checked.previous.path) as connection:
        inputs = RunInputs(
            run=checked.run,
            outcome="gate_closed" if release is None else "published",
            shelf=Shelf(connection),
            validation=checked.validation,
            context=checked.context,
            coverage=coverage,
            previous_run=checked.previous.run,
            timings=timings,
            finished_at=datetime.now(UTC).replace(microsecond=0),
        )
        built = build_report(inputs)
        write_report(built, folder)
    home.storage.save()
    try:
        leave_artifacts(built, outcome)
    except Exception as error:  # what was published must not fail because Prefect's page cannot be reached
        print(f"Prefect: {type(error).__name__}: {error}", file=sys.stderr)
    return outcome


def unchanged(home: Home, acquired: Acquired) -> Outcome:
    """The outcome of a run whose inputs are those of the current release: nothing is done, nothing changes."""
    row = next(Run(*row) for row in Lake(home.lake).rows(RUNS) if row[0] == acquired.run_id)
    return _outcome(home, row, unchanged=True)


def _outcome(
    home: Home,
    row: Run,
    *,
    published: bool = False,
    unchanged: bool = False,
    gate_closed: bool = False,
    quarantined: tuple[str, ...] = (),
) -> Outcome:
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
