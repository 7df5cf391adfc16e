"""Batches: snapshots from the store, transformed by worker processes and staged on disk until the lake takes them in.

A staged batch is named by the digests in it and the rules that read it, and appears whole or not at all, so that a run
that was killed finds what it had finished.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from transforms.dictionary import Dictionary
from transforms.registry import Registry
from transforms.reports import Snapshot, transform
from warehouse.contracts import MENTIONS, OBSERVATIONS, REFUSALS, REPORTS, TEXTS, Source
from warehouse.lake import Lake
from warehouse.snapshots import SnapshotStore

BATCH = 500
"""Snapshots in a batch: a second or two of work, against a few milliseconds of orchestration."""


class Job(NamedTuple):
    """One batch to do: everything that a worker process needs, small enough to send."""

    sources: tuple[Source, ...]
    snapshots: Path
    stage: Path
    run_id: str


def jobs(waiting: Sequence[Source], snapshots: Path, work: Path, rules: str, run_id: str) -> list[Job]:
    """Cut the waiting snapshots into batches, in their order."""
    batches = [tuple(waiting[at : at + BATCH]) for at in range(0, len(waiting), BATCH)]
    return [Job(batch, snapshots, work / f"{rules}-{_digest(batch)}", run_id) for batch in batches]


def _digest(batch: Sequence[Source]) -> str:
    return hashlib.sha256("\n".join(source.sha256 for source in batch).encode()).hexdigest()[:16]


@cache
def _seeds() -> tuple[Registry, Dictionary]:
    """The registry and the dictionary, loaded once a process."""
    return Registry.load(), Dictionary.load()


def do(job: Job) -> Path:
    """Transform one batch and stage it, unless it is staged already; return its folder."""
    if job.stage.exists():
        return job.stage
    registry, dictionary = _seeds()
    batch = transform(_snapshots(job), registry, dictionary, job.run_id)
    beside = job.stage.with_suffix(".tmp")
    shutil.rmtree(beside, ignore_errors=True)
    stage = Lake(beside)
    stage.write(REPORTS, batch.reports)
    stage.write(TEXTS, batch.texts)
    stage.write(MENTIONS, batch.mentions)
    stage.write(OBSERVATIONS, batch.observations)
    stage.write(REFUSALS, batch.refusals)
    beside.mkdir(parents=True, exist_ok=True)
    (beside / "failures.log").write_text("\n".join(batch.failures), encoding="utf-8")
    beside.rename(job.stage)
    return job.stage


def _snapshots(job: Job) -> Iterator[Snapshot]:
    store = SnapshotStore(job.snapshots)
    for source in job.sources:
        yield Snapshot(
            partial(store.get, source.sha256),
            source.sha256,
            source.source_uri,
            source.retrieved_at.astimezone(UTC),
            source.township_code,
            source.report_year,
        )
