"""Workers: how batches are handed to those who do them. What happens when one dies: ``test_faults.py``."""

import pickle
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from flows.parameters import Parameters
from flows.waiting import Waiting
from flows.workers import AHEAD, ahead, in_turn


@given(count=st.integers(0, 30), ahead=st.integers(1, 8))
def test_batches_are_submitted_some_ahead_and_come_in_their_order(count: int, ahead: int) -> None:
    submitted: list[Future[Path]] = []
    undone: list[int] = []

    with ThreadPoolExecutor(4) as pool:

        def submit(job: Any) -> Future[Path]:
            undone.append(sum(not one.done() for one in submitted))
            submitted.append(pool.submit(Path, str(job)))
            return submitted[-1]

        jobs: Any = range(count)
        assert in_turn(jobs, submit, ahead) == [Path(str(job)) for job in range(count)]
    assert max(undone, default=0) < ahead


@given(at=st.lists(st.integers(0, 999), max_size=20))
def test_of_what_waits_a_worker_is_sent_its_own_rows_alone(at: list[int]) -> None:
    table = pa.table({"sha256": [f"{number:064d}" for number in range(1000)]})
    waiting = Waiting(table, pa.array(at, pa.int64()))
    sent = pickle.dumps(waiting)
    there = pickle.loads(sent)
    assert (len(waiting), len(there)) == (len(at), len(at))
    assert there.rows.equals(waiting.rows)
    assert there.column("sha256").to_pylist() == [f"{number:064d}" for number in at]
    assert len(sent) < 3000 + 100 * len(at)
    assert len(pickle.loads(pickle.dumps(Waiting(table)))) == 1000


def test_no_worker_waits_for_a_batch_that_was_not_submitted() -> None:
    for workers in (1, 2, 64, 256):
        assert ahead(Parameters(home="data", workers=workers)) >= 2 * workers
    assert ahead(Parameters(home="data", dask="local")) == AHEAD
