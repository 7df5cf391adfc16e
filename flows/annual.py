"""The annual flow: the path of every report from its source to the release and the run report.

    source -> snapshot -> document -> report -> mentions -> observations -> findings -> release -> run report
      acquire     read      identify   extract     reconcile    validate     publish      report

Read, identify and extract work on one report at a time and run together, a batch to a task, in worker processes
(``transforms/reports.py``). The other steps work on tables.
"""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

from flows import steps
from flows.home import Home
from flows.parameters import Outcome, Parameters
from flows.progress import Progress


@flow(name="nianbao", flow_run_name="年报 {parameters.label}", task_runner=ThreadPoolTaskRunner(max_workers=8))
def annual(parameters: Parameters) -> Outcome:
    """Run the eight steps once over the sources of ``parameters``, in the home that it names."""
    home = Home(Path(parameters.home))
    with Progress() as progress:
        progress.step("acquire")
        acquired = acquire(home, parameters)
        if steps.is_done(home, acquired):
            return steps.unchanged(home, acquired)
        progress.step("read", "identify", "extract")
        staged = read_identify_extract(home, acquired, parameters, progress)
        progress.step("reconcile")
        tables = reconcile(home, acquired, staged)
        progress.step("validate")
        validation = validate(home, acquired, tables)
        progress.step("publish")
        release = publish(home, acquired, tables, validation)
        progress.step("report")
        return report(home, acquired, tables, validation, release)
