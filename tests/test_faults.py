"""Faults, a round of each kind (`bench/faults.py` does as many as asked): nothing lost, doubled, torn or hanging."""

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faults import KINDS, World, can_mount, disturb, serving, write_reports
from sharing import give_database
from warm import Warm

from flows import batches
from flows.batches import Job
from flows.waiting import Waiting
from flows.workers import Workers
from warehouse.contracts import REFUSALS, REPORTS, SOURCES, Refusal, Source
from warehouse.lake import Lake
from warehouse.schema import to_arrow
from warehouse.snapshots import SnapshotStore


@pytest.fixture(scope="module")
def world(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("faults")
    (root / "site").mkdir()
    with serving(root / "site") as site:
        yield World(root, warm, site, count=6, batch=2)


@pytest.mark.timeout(2000)  # two runs, each of which may take its patience
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_disturbed_is_healed_by_the_next(
    world: World, prefect_environment: dict[str, str], kind: str
) -> None:
    if kind in {"disk", "read-only"} and not can_mount():
        pytest.skip("a disk that fills up or turns read-only needs a tmpfs of its own: run as root")
    alone = {}
    if kind == "server":  # a server of its own, whose database need not be made anew
        give_database(prefect_environment, world.root / "own")
        alone = {"PREFECT_API_URL": "", "PREFECT_HOME": str(world.root / "own")}
    disturb(world, kind, random.Random(kind).uniform(0.2, 0.9), alone)


def a_job(root: Path, count: int, run_id: str = "run", lines: int = 0) -> Job:
    """A batch of synthetic reports, as a run would cut it, the one in the middle with some lines more."""
    files = write_reports(root / "in", count)
    middle = files[count // 2]
    head, _, tail = middle.read_text(encoding="utf-8").partition("一、")
    filler = "".join(f"第{at}组开展普法宣传{at}场次，发放资料{at * 3}份。\n" for at in range(1, lines + 1))
    middle.write_text(f"{head}{filler}一、{tail}", encoding="utf-8")
    store = SnapshotStore(root / "snapshots")
    sources = [
        Source(store.put(path.read_bytes()), path.as_uri(), datetime(2026, 1, 1, tzinfo=UTC), 1, None, None)
        for path in files
    ]
    (job,) = batches.jobs(Waiting(to_arrow(SOURCES, sources)), root / "snapshots", root / "work", "rules", run_id, 500)
    return job


def killer(job: Job, victim: str, times: int) -> list[int]:
    """A thread that kills whatever process is at the document ``victim``, some times; the processes killed."""
    killed: list[int] = []

    def hunt() -> None:
        while len(killed) < times:
            with suppress(OSError, ValueError):
                at = json.loads(job.stage.with_suffix(".at").read_text(encoding="ascii"))
                if at["sha256"] == victim and at["pid"] not in {os.getpid(), *killed}:
                    os.kill(at["pid"], signal.SIGKILL)
                    killed.append(at["pid"])
            time.sleep(0.001)

    thread = threading.Thread(target=hunt, daemon=True)
    thread.start()
    return killed


@pytest.mark.parametrize(("deaths", "set_aside"), [(1, False), (2, True)])
def test_a_document_that_kills_its_worker_twice_is_set_aside_and_the_others_are_read(
    tmp_path: Path, deaths: int, set_aside: bool
) -> None:
    job = a_job(tmp_path, 5, lines=600)  # long enough to be caught reading
    other = a_job(tmp_path / "other", 2, "other")
    victim = job.sources[2].sha256
    killed = killer(job, victim, deaths)
    with Workers(2, [job, other]) as workers:
        stage = Lake(workers.do(job))
        assert Lake(workers.do(other)).read(REPORTS).num_rows == 2
    assert len(killed) == deaths
    refused = {row.sha256: row for row in (Refusal(*row) for row in stage.rows(REFUSALS))}
    assert (victim in refused) == set_aside
    assert stage.read(REPORTS).num_rows == (4 if set_aside else 5)
    if set_aside:
        assert (refused[victim].reason, "2 processes died" in refused[victim].detail) == ("failed", True)


def test_runs_that_are_killed_again_and_again_make_a_document_suspect_and_no_more(tmp_path: Path) -> None:
    job = a_job(tmp_path, 3)
    victim = job.sources[1].sha256
    for _ in range(4):  # what a run leaves behind that was killed, say by the machine going down
        job.stage.parent.mkdir(parents=True, exist_ok=True)
        job.stage.with_suffix(".at").write_text(f'{{"sha256": "{victim}", "pid": 1}}', encoding="ascii")
        batches.blame(job, worker=False)
    assert batches.suspects(job) == {victim: 1}
    with Workers(1, [job]) as workers:  # a worker of its own, since this one may die of it
        stage = Lake(workers.do(job))
    assert stage.read(REPORTS).num_rows == 3


def test_workers_end_with_the_run_that_is_killed(tmp_path: Path) -> None:
    job = a_job(tmp_path, 3)
    script = f"""
import pickle, sys
from flows.workers import Workers
if __name__ == "__main__":
    job = pickle.loads({pickle.dumps(job)!r})
    with Workers(2, [job, job]) as workers:
        workers.do(job)
        print([p for hand in [workers._idle.get(), workers._idle.get()] for p in (hand._processes or {{}})], flush=True)
        sys.stdin.read()
"""
    (tmp_path / "run.py").write_text(script, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "run.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = json.loads(process.stdout.readline())
    assert pids
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 200
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, "a worker outlives its run"
        time.sleep(0.1)
