"""Batches: snapshots from the store, transformed by worker processes and staged on disk until the lake takes them in.

A staged batch is named by the digests in it and the rules that read it, and appears whole or not at all, so that a run
that was killed finds what it had finished. Beside it stands, while it is worked on, the digest of the document at hand
(``.at``): a process that dies leaves it behind, and a document that has cost two processes is set aside.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from expectations import heap
from flows.waiting import Waiting
from transforms.dictionary import Dictionary
from transforms.document import Refused
from transforms.opinions import Opinions
from transforms.registry import Registry
from transforms.reports import Batch, Reading, Snapshot, transform
from warehouse.contracts import (
    MENTIONS,
    OBSERVATIONS,
    REFUSALS,
    REPORTS,
    SOURCES,
    TEXTS,
    Contract,
    Observation,
    Report,
    Source,
    Text,
)
from warehouse.lake import Lake
from warehouse.snapshots import SnapshotStore, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

POISON = 2
"""Processes that a document may cost before it is set aside."""


CHOSEN = Contract(
    OBSERVATIONS.name,
    Observation,
    key=("report_id", "indicator"),
    zh=OBSERVATIONS.zh,
    en=OBSERVATIONS.en,
    partition=OBSERVATIONS.partition,
)
"""Observations as staged: two reports of a batch may be of one township and year, until it is settled which stands."""


class Held(NamedTuple):
    """A lake, and the reports of which it holds the text as it would be read: their digests, ids and years."""

    lake: Path
    reports: pa.Table


HELD = ("held_year", "held_report")
"""Columns of a job's rows beside those of sources: the year and the report under which the lake holds the text."""


class Job(NamedTuple):
    """One batch to do: everything that a worker process needs, small enough to send."""

    waiting: Waiting
    """Its sources, and where the lake holds the text of each (``HELD``), empty where it must be read."""
    snapshots: Path
    stage: Path
    run_id: str
    lake: Path | None = None

    @property
    def sources(self) -> list[Source]:
        """Its sources, one by one."""
        from warehouse.schema import to_rows

        return [Source(*row) for row in to_rows(SOURCES, self.waiting.rows)]

    @property
    def unread(self) -> list[str]:
        """The digests of those that must be read."""
        digests, reports = self.waiting.column("sha256"), self.waiting.column(HELD[1])
        return [str(digest) for digest in digests.filter(reports.is_null()).to_pylist()]


def jobs(
    waiting: Waiting,
    snapshots: Path,
    work: Path,
    rules: str,
    run_id: str,
    size: int,
    held: Held | None = None,
) -> list[Job]:
    """Cut the waiting sources into batches of ``size``, in their order; those whose texts are held before the others.

    500, the default of a run, was chosen by measurement: docs/performance.md, 'Batch size'.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from warehouse.schema import arrow_schema

    held = held or Held(work, arrow_schema(REPORTS).empty_table())
    table, places = waiting.table, []
    known = pc.index_in(table["sha256"], value_set=held.reports["sha256"].combine_chunks())
    for name, column in zip(HELD, ("report_year", "report_id"), strict=True):
        table = table.append_column(name, held.reports[column].take(known))
        places.append(Waiting(table, waiting.at).column(name))
    # In the order of the lake, so that each batch reads few of its row groups; the others behind them, in their order.
    order = pc.sort_indices(pa.table(places, names=list(HELD)), sort_keys=[(name, "ascending") for name in HELD])
    at = order if waiting.at is None else waiting.at.take(order)
    found = []
    for first in range(0, len(at), size):
        some = Waiting(table, at.slice(first, size))
        found.append(Job(some, snapshots, work / f"{rules}-{_digest(some)}", run_id, held.lake))
    return found


def _digest(waiting: Waiting) -> str:
    return hashlib.sha256("\n".join(map(str, waiting.column("sha256").to_pylist())).encode()).hexdigest()[:16]


@cache
def seeds() -> tuple[Registry, Dictionary]:
    """The registry and the dictionary, loaded once a process.

    So is the table of the examples, before the first document needs it: what it leaves free, 0.1 GB in each worker, is
    given back while there is nothing else.
    """
    registry, dictionary = Registry.load(), Dictionary.load()
    Opinions.load()
    heap.give_back()
    return registry, dictionary


def do(job: Job) -> Path:
    """Transform one batch and stage it, unless it is staged already; return its folder."""
    if job.stage.exists():
        return job.stage
    blame(job, worker=False)  # what a run that was killed left behind
    registry, dictionary = seeds()
    batch = transform(_snapshots(job), registry, dictionary, job.run_id)
    with _beside(job) as beside:
        write(batch, beside)
    return job.stage


def staged(job: Job, files: Mapping[str, bytes]) -> Path:
    """Stage a batch that was done elsewhere: the files that ``write`` made there, by name; return its folder."""
    with _beside(job) as beside:
        for name, data in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return job.stage


@contextmanager
def _beside(job: Job) -> Iterator[Path]:
    """A folder that becomes the job's stage once all is in it."""
    beside = job.stage.with_suffix(".tmp")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    yield beside
    beside.rename(job.stage)


def write(batch: Batch, folder: Path) -> None:
    """Write what a batch gave as parquet tables, and its tracebacks beside them."""
    stage = Lake(folder)
    stage.write(REPORTS, batch.reports)
    stage.write(TEXTS, batch.texts)
    stage.write(MENTIONS, batch.mentions)
    stage.write(CHOSEN, batch.observations)
    stage.write(REFUSALS, batch.refusals)
    (folder / "failures.log").write_text("\n".join(batch.failures), encoding="utf-8")


def _snapshots(job: Job) -> Iterator[Snapshot]:
    store = SnapshotStore(job.snapshots)
    deaths = suspects(job)
    texts = readings(job)
    job.stage.parent.mkdir(parents=True, exist_ok=True)
    for source in job.sources:
        _at(job).write_text(json.dumps({"sha256": source.sha256, "pid": os.getpid()}), encoding="ascii")
        poisoned = deaths.get(source.sha256, 0) >= POISON
        reading = texts.get(source.sha256)
        data = partial(store.get, source.sha256) if reading is None else partial(_same, reading)
        yield snapshot(source, _set_aside if poisoned else data)
    _at(job).unlink(missing_ok=True)


def _same(reading: Reading) -> Reading:
    return reading


def readings(job: Job) -> dict[str, Reading]:
    """What the lake holds of a batch, by the digest of the snapshot: texts that need not be read again."""
    years: dict[int, set[str]] = {}
    for year, report_id in zip(*(job.waiting.column(name).to_pylist() for name in HELD), strict=True):
        if report_id is not None:
            years.setdefault(year, set()).add(report_id)
    if job.lake is None or not years:
        return {}
    lake = Lake(job.lake)
    found: dict[str, Reading] = {}
    for year, wanted in years.items():
        reports = {row.report_id: row for row in (Report(*values) for values in _rows(lake, REPORTS, year, wanted))}
        for text in (Text(*values) for values in _rows(lake, TEXTS, year, wanted)):
            reading = Reading.kept(reports[text.report_id], text) if text.report_id in reports else None
            if reading:
                found[reading.report.sha256] = reading
    return found


def _rows(lake: Lake, contract: Contract, year: int, wanted: set[str]) -> Iterator[tuple[Any, ...]]:
    from warehouse.schema import to_rows

    return to_rows(contract, lake.find(contract, year, "report_id", wanted))


def snapshot(source: Source, data: Callable[[], bytes | Reading]) -> Snapshot:
    """A source with a way to its bytes, or to what was read of them, as the transforms take it."""
    at = source.retrieved_at
    return Snapshot(
        data,
        source.sha256,
        source.source_uri,
        at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),  # tables tell UTC, without a zone
        source.township_code,
        source.report_year,
    )


def _set_aside() -> bytes:
    detail = (
        f"处理该文件时进程 {POISON} 次异常终止，已搁置；请另存为纯文本再提交，并报告此问题 / "
        f"{POISON} processes died over this document: save it as plain text, and please report it"
    )
    raise Refused("failed", detail)


def suspects(job: Job) -> dict[str, int]:
    """Documents of a batch over which processes died, and how many."""
    deaths = _counted(job)
    if at := _left(job):
        deaths.setdefault(at, 1)
    return deaths


def blame(job: Job, *, worker: bool = True) -> None:
    """Count the death of the last process that did this batch against the document that it was at.

    A run may be killed for any reason (a person, the machine): that makes its document suspect and no more, however
    often. Only the death of a worker while its run lives on weighs a second time.
    """
    at = _left(job)
    if at is None:
        return
    deaths = _counted(job)
    deaths[at] = deaths.get(at, 0) + 1 if worker else max(deaths.get(at, 0), 1)
    write_atomically(_deaths(job), json.dumps(deaths).encode())
    _at(job).unlink(missing_ok=True)


def _counted(job: Job) -> dict[str, int]:
    with suppress(OSError, ValueError):
        return dict(json.loads(_deaths(job).read_text(encoding="ascii")))
    return {}


def _left(job: Job) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(_at(job).read_text(encoding="ascii"))["sha256"])
    return None


def _at(job: Job) -> Path:
    return job.stage.with_suffix(".at")


def _deaths(job: Job) -> Path:
    return job.stage.with_suffix(".deaths")
