"""Workers: the processes that do batches of snapshots, shared by the tasks that wait for them.

A task is a thread that waits for a process of this pool; Prefect's own process task runner starts a process for each
task, and costs ten times as much by itself. What either adds to a run: docs/performance.md.

Each worker is a pool of one process, so that when a process dies (a document crashes a library or eats all memory) it
is certain which batch it was doing: the others go on, and the batch is begun again with the culprit marked.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol, Self

from flows import batches
from flows.batches import Job
from flows.parameters import Parameters

AHEAD = 512
"""Batches submitted ahead of the first that is not done, at most: two for each worker that a run may ask for."""
DEATHS = 20
"""Workers that one batch may cost: ten poisoned documents. More of them is a fault of the machine (no memory, say)."""


class WorkerError(Exception):
    """A batch costs one worker after another: what to do."""


class Executor(Protocol):
    """What does batches for a run: a context that many threads ask at once, each for one batch.

    A batch done is a folder of parquet files at ``job.stage``, whole or not there at all; doing it twice does no harm.
    """

    def __enter__(self) -> Self:
        """Make ready: start what does the work."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; whoever still waits for a batch must not wait for ever."""

    def do(self, job: Job) -> Path:
        """Do one batch; return the folder where it is staged, readable by this process."""


class Workers:
    """``count`` processes (0: one a core).

    A run of one batch is done in this process where it may be (``alone``), unless the batch killed one already.
    """

    def __init__(self, count: int, jobs: list[Job], *, alone: bool = True) -> None:
        many = min(count or os.cpu_count() or 1, len(jobs))
        alone = alone and len(jobs) == 1 and not batches.suspects(jobs[0])
        self._closed = False
        self._idle: SimpleQueue[ProcessPoolExecutor | None] = SimpleQueue()
        for _ in range(many):
            self._idle.put(None if alone else _worker())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        while not self._idle.empty():
            if worker := self._idle.get():
                worker.shutdown(cancel_futures=True)
        self._idle.put(None)  # for whoever still waits: a run that fails must not hang

    def do(self, job: Job) -> Path:
        """Do a batch; return the folder where it is staged. Called by many threads at once.

        Raises:
            WorkerError: if one worker after another dies of it.
        """
        worker = self._idle.get()
        try:
            if self._closed:
                raise WorkerError("the run has ended")
            if worker is None:
                return batches.do(job)
            for _ in range(DEATHS):
                try:
                    return worker.submit(batches.do, job).result()
                except BrokenProcessPool:
                    batches.blame(job)
                    worker.shutdown()
                    worker = _worker()
        finally:
            self._idle.put(worker)
        raise WorkerError(
            f"{DEATHS} worker processes died over one batch of {len(job.sources)} documents: see whether the machine "
            "has memory left (dmesg shows what was killed), run with fewer --workers, then run again"
        )


def _worker() -> ProcessPoolExecutor:
    # forkserver: a fork of this process would carry over Prefect's threads and their locks.
    return ProcessPoolExecutor(1, mp_context=get_context("forkserver"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """End this worker when the run is gone: otherwise one that was killed would leave its workers waiting for ever."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class Waited(Protocol):
    """Something that will have a result."""

    def result(self) -> Path:
        """Wait for it."""


def in_turn(jobs: Iterable[Job], submit: Callable[[Job], Waited], ahead: int) -> list[Path]:
    """Submit jobs in their order, ``ahead`` of the first that is not done; their results.

    Whoever waits for a batch is a thread: of 400,000 documents those of all batches at once took 0.1 GB.
    """
    waiting: deque[Waited] = deque()
    done: list[Path] = []
    for job in jobs:
        if len(waiting) == ahead:
            done.append(waiting.popleft().result())
        waiting.append(submit(job))
    return done + [one.result() for one in waiting]


def ahead(parameters: Parameters) -> int:
    """How many batches are submitted ahead of the first that is not done: enough that no worker is idle for it."""
    return AHEAD if parameters.dask else min(AHEAD, 16 * (parameters.workers or os.cpu_count() or 1))


def executor(parameters: Parameters, jobs: list[Job]) -> Executor:
    """What does the batches of this run: the workers of a Dask scheduler where it names one, else processes here."""
    if parameters.dask and jobs:
        from flows.cluster import Cluster

        return Cluster(parameters.dask, parameters.workers)
    return Workers(parameters.workers, jobs)
