"""Workers: the processes that do batches of snapshots, shared by the tasks that wait for them.

A task is a thread that waits for a process of this pool: that costs Prefect 4 ms a batch, where its own process task
runner costs 44 ms and starts a process for each task.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from flows.batches import Job, do


class Workers:
    """``count`` processes (0: one a core); a run of one batch alone is done in this process, without a pool."""

    def __init__(self, count: int, batches: int) -> None:
        many = min(count or os.cpu_count() or 1, batches)
        # forkserver: a fork of this process would carry over Prefect's threads and their locks.
        self._pool = ProcessPoolExecutor(many, mp_context=get_context("forkserver")) if many > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def do(self, job: Job) -> Path:
        """Do a batch; return the folder where it is staged. Called by many threads at once."""
        return self._pool.submit(do, job).result() if self._pool else do(job)
