"""The annual flow: the path of every report from its source to the release and the run report.

    source -> snapshot -> document -> report -> mentions -> observations -> findings -> release -> run report
      acquire     read      identify   extract     reconcile    validate     publish      report

Read, identify and extract work on one report at a time and run together, a batch to a task
(``transforms/reports.py``); the other steps work on tables (``flows/steps.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows import acquisition, steps
from flows.acquisition import Acquired
from flows.artifacts import Reading
from flows.batches import Job
from flows.home import Home
from flows.outcomes import unchanged
from flows.parameters import Outcome, Parameters
from flows.places import SourceError
from flows.progress import Progress
from flows.watching import Watch
from flows.workers import Executor, ahead, executor, in_turn
from warehouse.releases import Release

DESCRIPTION = (
    "乡镇年报 → 指标、检验、发布与运行报告。Yearly reports of townships into a checked release and its run report."
)


def _may_pass(_task: object, _run: object, state: State[Any]) -> bool:
    """Whether it is a file or folder that is away; what is damaged or written wrong does not heal by itself."""
    return isinstance(state.data, OSError | SourceError)


@task(cache_policy=NO_CACHE, persist_result=False, retries=1, retry_delay_seconds=10, retry_condition_fn=_may_pass)
def acquire(home: Home, parameters: Parameters) -> Acquired:
    """Bytes into the snapshot store; once more after a moment, should a mounted folder be away."""
    return acquisition.acquire(home, parameters)


@task(cache_policy=NO_CACHE, persist_result=False)
def read_identify_extract(workers: Executor, job: Job, reading: Reading) -> Path:
    """A batch of snapshots to reports with their mentions and observations, staged on disk."""
    stage = workers.do(job)
    reading.advance()
    return stage


@task(cache_policy=NO_CACHE, persist_result=False)
def reconcile(home: Home, acquired: Acquired, staged: list[Path]) -> steps.Tables:
    """One report for each township and year, one value for each cell, corrections last."""
    return steps.reconcile(home, acquired, staged)


@task(cache_policy=NO_CACHE, persist_result=False)
def validate(home: Home, acquired: Acquired, tables: steps.Tables) -> steps.Checked:
    """Great Expectations and our own checks over what is about to be published."""
    return steps.validate(home, acquired, tables)


@task(cache_policy=NO_CACHE, persist_result=False)
def publish(home: Home, acquired: Acquired, tables: steps.Tables, checked: steps.Checked) -> Release | None:
    """The release built aside, checked, swapped in; None where the gate is closed and the last release stays."""
    return steps.publish(home, acquired, tables, checked)


@task(cache_policy=NO_CACHE, persist_result=False)
def report(
    home: Home,
    acquired: Acquired,
    tables: steps.Tables,
    checked: steps.Checked,
    release: Release | None,
    timings: dict[str, float],
) -> Outcome:
    """The run report, and Prefect's artifacts that lead to it."""
    return steps.report(home, acquired, tables, checked, release, timings)


@flow(name="nianbao", flow_run_name="年报 {parameters.label}", description=DESCRIPTION)
def annual(parameters: Parameters) -> Outcome:
    """Run the eight steps once over the sources of ``parameters``, in the home that it names."""
    place = Home.find(parameters.home).open()
    with place.lock(parameters.patience) as home, Watch(home, parameters) as watch, Progress() as progress:
        progress.step("acquire")
        acquired = acquire(home, parameters)
        if acquisition.is_done(home, acquired):
            return watch.ended(unchanged(home, acquired.run_id))

        progress.step("read", "identify", "extract")
        jobs = steps.jobs(home, acquired)
        reading = Reading(progress, len(jobs))
        with executor(parameters, jobs) as workers:
            staged = in_turn(jobs, lambda job: read_identify_extract.submit(workers, job, reading), ahead(parameters))

        progress.step("reconcile")
        tables = reconcile(home, acquired, staged)

        progress.step("validate")
        checked = validate(home, acquired, tables)

        progress.step("publish")
        release = publish(home, acquired, tables, checked)

        progress.step("report")
        return watch.ended(report(home, acquired, tables, checked, release, progress.timings))
