"""The annual flow as a DAG of Airflow, task by task as ``flows/annual.py`` has them; for bench/orchestrated.py.

Imported where Airflow is installed, which is for that benchmark only. Its values between tasks (XCom) are JSON rows of
its database, which ours are not: ``airflow dags test`` runs all tasks in one process, which keeps them here instead.
"""

from datetime import datetime
from typing import Any

from airflow.sdk import dag, task
from orchestrated import Waiting, given, without_prefect

KEPT: dict[str, Any] = {}


@dag(dag_id="nianbao", schedule=None, start_date=datetime(2023, 1, 1), catchup=False)  # noqa: DTZ001
def annual() -> None:
    without_prefect()
    from flows import acquisition, steps
    from flows.home import Home

    home = Home.find(given().home)

    @task
    def acquire() -> None:
        KEPT["acquired"] = acquisition.acquire(home, given())

    @task
    def numbers() -> list[int]:
        jobs = steps.jobs(home, KEPT["acquired"])
        KEPT["waiting"] = Waiting(jobs)
        return list(range(len(jobs)))

    @task
    def read_identify_extract(number: int) -> str:
        return str(KEPT["waiting"].result(number))

    @task
    def reconcile(staged: list[str]) -> None:
        from pathlib import Path

        KEPT["waiting"].end()
        KEPT["tables"] = steps.reconcile(home, KEPT["acquired"], [Path(stage) for stage in staged])

    @task
    def validate() -> None:
        KEPT["checked"] = steps.validate(home, KEPT["acquired"], KEPT["tables"])

    @task
    def publish() -> None:
        KEPT["release"] = steps.publish(home, KEPT["acquired"], KEPT["tables"], KEPT["checked"])

    @task
    def report() -> None:
        steps.report(home, KEPT["acquired"], KEPT["tables"], KEPT["checked"], KEPT["release"], {})

    cut = numbers()
    joined = reconcile(read_identify_extract.expand(number=cut))
    acquire() >> cut
    joined >> validate() >> publish() >> report()
