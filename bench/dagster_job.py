"""The annual flow as a job of Dagster, op by op as ``flows/annual.py`` has its tasks; for bench/orchestrated.py.

Imported where Dagster is installed, which is for that benchmark only.
"""

from collections.abc import Iterator
from pathlib import Path

from dagster import (
    DynamicOut,
    DynamicOutput,
    MetadataValue,
    OpExecutionContext,
    Out,
    fs_io_manager,
    in_process_executor,
    job,
    mem_io_manager,
    multiprocess_executor,
    op,
)
from orchestrated import TOLD, Waiting, given, without_prefect

from flows import acquisition, batches, steps
from flows.acquisition import Acquired
from flows.batches import Job
from flows.home import Home
from flows.parameters import Outcome
from warehouse.releases import Release

without_prefect()  # also in the processes that Dagster starts
WAITING: list[Waiting] = []


def home() -> Home:
    return Home.find(given().home)


@op
def acquire() -> Acquired:
    return acquisition.acquire(home(), given())


@op(out=DynamicOut(int))
def numbers(acquired: Acquired) -> Iterator[DynamicOutput[int]]:
    """The batches by number; they are with our workers from now on."""
    jobs = steps.jobs(home(), acquired)
    WAITING.append(Waiting(jobs))
    for number in range(len(jobs)):
        yield DynamicOutput(number, mapping_key=str(number))


@op
def waited(number: int) -> Path:
    return WAITING[-1].result(number)


@op(out=DynamicOut(Job))
def jobs(acquired: Acquired) -> Iterator[DynamicOutput[Job]]:
    for number, batch in enumerate(steps.jobs(home(), acquired)):
        yield DynamicOutput(batch, mapping_key=str(number))


@op
def done(batch: Job) -> Path:
    return batches.do(batch)


@op
def reconcile(acquired: Acquired, staged: list[Path]) -> steps.Tables:
    while WAITING:
        WAITING.pop().end()
    return steps.reconcile(home(), acquired, staged)


@op
def validate(acquired: Acquired, tables: steps.Tables) -> steps.Checked:
    return steps.validate(home(), acquired, tables)


@op(out=Out(is_required=True))
def publish(acquired: Acquired, tables: steps.Tables, checked: steps.Checked) -> Release | None:
    return steps.publish(home(), acquired, tables, checked)


@op
def report(
    context: OpExecutionContext,
    acquired: Acquired,
    tables: steps.Tables,
    checked: steps.Checked,
    release: Release | None,
) -> Outcome:
    outcome = steps.report(home(), acquired, tables, checked, release, {})
    built = TOLD[-1]
    rows = [f"- {row.severity} {row.check}: {row.message}" for row in built.findings.rows[:200]]
    context.add_output_metadata({"run report": MetadataValue.md("\n".join([built.verdict.zh, *rows]))})
    return outcome


@job(executor_def=in_process_executor, resource_defs={"io_manager": mem_io_manager})
def in_process() -> None:
    acquired = acquire()
    tables = reconcile(acquired, numbers(acquired).map(waited).collect())
    checked = validate(acquired, tables)
    report(acquired, tables, checked, publish(acquired, tables, checked))


_FORKED = {"forkserver": {"preload_modules": ["dagster_job", "expectations.gate", "warehouse.release"]}}


@job(
    executor_def=multiprocess_executor.configured({"max_concurrent": 2, "start_method": _FORKED}),
    resource_defs={"io_manager": fs_io_manager},
)
def in_processes() -> None:
    acquired = acquire()
    tables = reconcile(acquired, jobs(acquired).map(done).collect())
    checked = validate(acquired, tables)
    report(acquired, tables, checked, publish(acquired, tables, checked))
