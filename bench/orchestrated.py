"""Orchestrated: the steps of the annual flow under something else than Prefect, for bench/versus.py.

    python bench/orchestrated.py loop|dagster|dagster-processes|airflow FOLDER HOME --batch N

``loop`` calls ``flows.steps`` one after the other and lets threads wait for our worker processes. ``dagster`` and
``airflow`` do the same as tasks, one for each batch, all in one process as ``nianbao run`` has them, with the same
workers: a task that does a batch waits for it, and all batches have been given to the workers when the first waits.
``dagster-processes`` is the way Dagster itself spreads work: its multiprocess executor, a process for each step, values
pickled between them. All take the home's lock, write its journal and look at the inputs first, as a run does; Prefect's
page is not there, so that the artifacts for it are left out, or given to Dagster as metadata.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from flows import acquisition, journal, running, steps
from flows.batches import Job
from flows.home import Home
from flows.outcomes import unchanged
from flows.parameters import Outcome, Parameters
from flows.workers import Workers

TOLD: list[Any] = []
"""The run report that the last step made, for whoever has a page of its own to show it on."""
GIVEN = "NIANBAO_BENCH_PARAMETERS"
"""Variable of the environment that holds the parameters, for processes that others start."""


def without_prefect() -> None:
    """Put what leaves artifacts at Prefect aside, with its import."""
    stub: Any = ModuleType("flows.artifacts")
    stub.leave_artifacts = lambda report, outcome: TOLD.append(report)
    sys.modules["flows.artifacts"] = stub


def given() -> Parameters:
    """The parameters of this run."""
    return Parameters.model_validate_json(os.environ[GIVEN])


@contextmanager
def held(parameters: Parameters) -> Iterator[Home]:
    """The home of a run, locked, with the run's beginning and end in its journal."""
    place = Home.find(parameters.home)
    running.foreseen(place, parameters)  # as a run looks, before it starts a server, for what would stop it
    with place.lock(parameters.patience) as home:
        journal.begin(home, "bench", parameters.occasion)
        yield home
        journal.end(home, "bench", "published", run_id=None, message="", needs_person=False)


class Waiting:
    """Batches that our workers do, each waited for by whoever asks for its result."""

    def __init__(self, jobs: list[Job]) -> None:
        self.workers = Workers(0, jobs)
        self.threads = ThreadPoolExecutor(max(1, len(jobs)))
        self.futures: list[Future[Path]] = [self.threads.submit(self.workers.do, job) for job in jobs]

    def result(self, number: int) -> Path:
        return self.futures[number].result()

    def end(self) -> None:
        self.threads.shutdown()
        self.workers.__exit__(None, None, None)


def loop() -> Outcome:
    """The steps, with nothing around them."""
    parameters = given()
    with held(parameters) as home:
        acquired = acquisition.acquire(home, parameters)
        if acquisition.is_done(home, acquired):
            return unchanged(home, acquired.run_id)
        jobs = steps.jobs(home, acquired)
        waiting = Waiting(jobs)
        staged = [waiting.result(number) for number in range(len(jobs))]
        waiting.end()
        tables = steps.reconcile(home, acquired, staged)
        checked = steps.validate(home, acquired, tables)
        release = steps.publish(home, acquired, tables, checked)
        return steps.report(home, acquired, tables, checked, release, {})


def dagster(where: Path, *, processes: bool) -> None:
    """The steps as ops of a Dagster job; its runs and events are kept in SQLite below ``where``."""
    where.mkdir(parents=True, exist_ok=True)
    settings = where / "dagster.yaml"
    settings.write_text("telemetry:\n  enabled: false\n", encoding="ascii")
    os.environ |= {"DAGSTER_HOME": str(where), "PYTHONPATH": str(Path(__file__).parent)}
    import dagster_job
    from dagster import DagsterInstance, execute_job, reconstructable

    with DagsterInstance.get() as instance, held(given()):
        if processes:
            job = reconstructable(dagster_job.in_processes)
            done = execute_job(job, instance=instance)
        else:
            done = dagster_job.in_process.execute_in_process(instance=instance)
    if not done.success:
        raise SystemExit("the Dagster job failed")


def airflow(where: Path) -> None:
    """The steps as tasks of an Airflow DAG, by ``airflow dags test``; its database is SQLite below ``where``."""
    folder = where / "dags"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nianbao_dag.py").write_text("from airflow_dag import annual\n\ndag = annual()\n", encoding="ascii")
    settings = {
        "AIRFLOW_HOME": str(where),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONPATH": str(Path(__file__).parent),
    }
    os.environ.update(settings)
    command = str(Path(sys.executable).with_name("airflow"))
    if not (where / "airflow.db").exists():
        subprocess.run([command, "db", "migrate"], check=True, stdout=subprocess.DEVNULL)
    with held(given()):
        subprocess.run([command, "dags", "test", "nianbao"], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("how", choices=("loop", "dagster", "dagster-processes", "airflow"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--batch", type=int, default=500)
    arguments = parser.parse_args()
    asked = {"home": str(arguments.home), "sources": [str(arguments.folder)], "batch": arguments.batch}
    os.environ[GIVEN] = json.dumps(asked)
    without_prefect()
    match arguments.how:
        case "loop":
            loop()
        case "airflow":
            airflow(arguments.home / "airflow")
        case how:
            dagster(arguments.home / "dagster", processes=how == "dagster-processes")


if __name__ == "__main__":
    main()
