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
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from flows import batches, evaluating, reconciliation, sources
from flows.copied import copied_texts
from flows.corrected import Corrected, correct
from flows.fetching import Fetcher, Journal, Policy
from flows.home import Home
from flows.migration import migrate
from flows.parameters import Outcome, Parameters
from flows.reconciliation import Reconciled, known_sources, pending
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
    REFUSALS,
    REPORTS,
    RUNS,
    SOURCES,
    TEXTS,
    TOWNSHIPS,
    Refusal,
    Report,
    Run,
    Source,
)
from warehouse.lake import Lake
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
    """The lake after this run has joined it, as arrow tables by name, and what the joining decided."""

    def __init__(
        self, reconciled: Reconciled, tables: Mapping[str, pa.Table], corrected: Corrected, failures: Sequence[str]
    ) -> None:
        self.reconciled, self.tables, self.corrected, self.failures = reconciled, tables, corrected, failures


class Checked:
    """What the checks found, and whether anything may be published."""

    def __init__(self, validation: Validation, context: CheckContext, previous_run: Run | None) -> None:
        self.validation, self.context, self.previous_run = validation, context, previous_run


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
    """Steps 2 to 4, cut into batches: the snapshots that these rules have not read."""
    rules = rules_digest()
    waiting = pending(Lake(home.lake), acquired.sources, rules)
    home.storage.bring_missing(home.store().path(source.sha256) for source in waiting)
    return batches.jobs(waiting, home.snapshots, home.work, rules, acquired.run_id, acquired.parameters.batch)


def reconcile(home: Home, acquired: Acquired, staged: Sequence[Path]) -> Tables:
    """Step 5: into the lake, one report for each township and year."""
    lake = Lake(home.lake)
    dictionary = Dictionary.load()
    stages = [Lake(stage) for stage in staged]
    reconciled = reconciliation.reconcile(lake, stages, acquired.sources, acquired.unfetched, dictionary.units())
    failures = [(stage / "failures.log").read_text(encoding="utf-8") for stage in staged]
    home.storage.save()
    shutil.rmtree(home.work, ignore_errors=True)
    tables = {contract.name: lake.read(contract) for contract in (MENTIONS, REFUSALS, SOURCES, TEXTS)}
    tables[REPORTS.name] = reconciled.reports
    corrected = correct(home.corrections, lake, reconciled.reports, dictionary.units(), acquired.run_id)
    tables[OBSERVATIONS.name] = corrected.observations
    return Tables(reconciled, {**tables, **_seeds(dictionary)}, corrected, [text for text in failures if text])


def _seeds(dictionary: Dictionary) -> dict[str, pa.Table]:
    from warehouse.schema import to_arrow

    return {
        TOWNSHIPS.name: to_arrow(TOWNSHIPS, list(Registry.load().rows())),
        INDICATORS.name: to_arrow(INDICATORS, dictionary.rows()),
    }


def validate(home: Home, acquired: Acquired, tables: Tables) -> Checked:
    """Step 6: Great Expectations and our own checks over what is about to be published."""
    from expectations.checking import CheckContext, order
    from expectations.gate import validate
    from warehouse.schema import to_rows

    previous, previous_run = _previous(home, acquired.run_id)
    context = CheckContext(
        run_id=acquired.run_id,
        scope=acquired.parameters.scope,
        previous=previous,
        evaluation=evaluating.last(home),
        previous_evaluation=evaluating.of_run(home, previous_run.run_id) if previous_run else None,
        accepted=frozenset(acquired.parameters.accept),
        docs_folder=home.runs / acquired.run_id / "data_docs",
    )
    validation = validate(tables.tables, context)
    lake = Lake(home.lake)
    reports = (Report(*row) for row in to_rows(REPORTS, tables.reconciled.reports))
    copied = copied_texts(lake, reports, acquired.run_id)
    findings = sorted([*validation.findings, *tables.corrected.findings, *copied], key=order)
    lake.merge(FINDINGS, findings, by="run_id")
    return Checked(validation._replace(findings=findings), context, previous_run)


def _previous(home: Home, run_id: str) -> tuple[dict[str, pa.Table], Run | None]:
    """The tables of the last release that the checks compare with, and its run; nothing before the first."""
    import duckdb

    # After a crash between publishing and reporting this run is the current release already; it is not its own past.
    earlier = next((one for one in releases.releases(home.root) if one.run_id != run_id), None)
    if earlier is None:
        return {}, None
    runs = {row.run_id: row for row in (Run(*row) for row in Lake(home.lake).rows(RUNS))}
    with duckdb.connect(str(home.storage.bring(earlier.path)), read_only=True) as connection:
        wanted = {REPORTS.name: "*", MENTIONS.name: "kind, scope, indicators, confidence", OBSERVATIONS.name: "*"}
        tables = {name: connection.sql(f"SELECT {what} FROM {name}").to_arrow_table() for name, what in wanted.items()}
    return tables, runs.get(earlier.run_id)


def publish(home: Home, acquired: Acquired, tables: Tables, checked: Checked) -> Release | None:
    """Step 7: build the release aside, check it, swap it in."""
    from warehouse.release import Rows, publish

    validation = checked.validation
    if validation.gate_closed:
        return None
    run = _run(acquired, tables, validation)
    Lake(home.lake).merge(RUNS, [run], by="run_id")
    corrected = tables.corrected
    given: dict[str, Rows] = {
        REPORTS.name: _held(tables.reconciled.reports, validation.quarantined),
        OBSERVATIONS.name: corrected.observations,
        FINDINGS.name: validation.findings,
        CORRECTIONS.name: corrected.corrections,
        CORRECTION_OUTCOMES.name: corrected.outcomes,
    }
    given |= {name: tables.tables[name] for name in (TOWNSHIPS.name, INDICATORS.name)}
    home.storage.bring(home.releases / f"{run.run_id}.duckdb")  # after a rollback it is there already
    release = publish(home.root, given, run, scope=acquired.parameters.scope, years=acquired.parameters.years)
    home.storage.save()
    return release


def _held(reports: pa.Table, quarantined: Collection[str]) -> pa.Table:
    """The reports, those that failed a check marked so."""
    import pyarrow as pa
    import pyarrow.compute as pc

    held = pc.is_in(reports.column("report_id"), value_set=pa.array(sorted(quarantined), type=pa.string()))
    status = pc.if_else(held, "quarantined", reports.column("status"))
    return reports.set_column(reports.schema.get_field_index("status"), "status", status)


def _run(acquired: Acquired, tables: Tables, validation: Validation) -> Run:
    severities = Counter(finding.severity for finding in validation.findings)
    return Run(
        run_id=acquired.run_id,
        **versions(),
        snapshots=len({source.sha256 for source in acquired.sources}),
        reports=tables.reconciled.reports.num_rows,
        refusals=len(tables.reconciled.refusals),
        mentions=tables.tables[MENTIONS.name].num_rows,
        observations=tables.tables[OBSERVATIONS.name].num_rows,
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
    from expectations.writing import write_report
    from flows.artifacts import leave_artifacts
    from warehouse.coverage import coverage

    run = _run(acquired, tables, checked.validation)
    outcome = _outcome(
        home,
        run,
        published=bool(release and release.published),
        gate_closed=release is None,
        quarantined=tuple(sorted(checked.validation.quarantined)),
    )
    standing = {**tables.tables, REPORTS.name: _held(tables.reconciled.reports, checked.validation.quarantined)}
    inputs = RunInputs(
        run=run,
        outcome="gate_closed" if release is None else "published",
        tables=tables.tables,
        validation=checked.validation,
        context=checked.context,
        coverage=coverage(standing, acquired.parameters.scope, acquired.parameters.years),
        previous_run=checked.previous_run,
        timings=timings,
        finished_at=datetime.now(UTC).replace(microsecond=0),
    )
    folder = home.runs / acquired.run_id
    if tables.failures:
        write_atomically(folder / "failures.log", "\n".join(tables.failures).encode())
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
