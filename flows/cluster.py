"""Cluster: the workers of a Dask scheduler, which do batches in place of processes of this machine.

A task of Prefect stays a thread of the run that waits, as for ``Workers``: only the transform moves. prefect-dask moves
whole tasks: every worker would import Prefect and have to reach the run's own server, which listens on this machine
alone. So the run talks to the scheduler itself.

Snapshots go to the workers as bytes and the staged tables come back as bytes. A shared path would ask for one file
system on all machines, mounted at one place, and of a home in object storage for its keys on every worker. A text of
9 KB is 0.1 ms of a gigabit line and 10 ms of a core. Workers need nothing but the same nianbao.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Self

from flows import batches
from flows.batches import Job
from flows.workers import Workers
from transforms.reports import Reading, Snapshot, transform
from transforms.rules import rules_digest
from warehouse.contracts import Source
from warehouse.snapshots import CorruptSnapshot, SnapshotStore

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
"""The address that means: a scheduler and workers of the run's own, on this machine."""
PATIENCE = 15
"""Seconds to wait for the scheduler, and for its first worker."""
IN_HAND = 2
"""Batches sent for each thread of the workers: one that it does and one that waits there for it."""


class ClusterError(Exception):
    """The cluster cannot be used: what is wrong and what to do."""


class Parcel(NamedTuple):
    """One batch as it travels: its sources, the bytes of each or what was read of them, and the rules to read it by."""

    sources: tuple[Source, ...]
    contents: tuple[bytes | Reading | CorruptSnapshot, ...]
    run_id: str
    rules: tuple[str, str, str]


class Cluster:
    """The workers of the scheduler at ``address``, ``tcp://host:8786``; or ``local``: ``count`` here (0: one a core).

    A worker that dies costs nothing: Dask gives its batch to another. A batch over which several died is done on this
    machine, by a process of its own that finds the document to blame (``Workers``).
    """

    def __init__(self, address: str, count: int = 0) -> None:
        self.address, self._count = address, count
        self._open = ExitStack()
        self._seeds = _rules()

    def __enter__(self) -> Self:
        """Connect, and wait for the first worker.

        Raises:
            ClusterError: nobody answers there, or nobody works there.
        """
        with ExitStack() as opened:
            self._client = opened.enter_context(_connected(self.address, self._count))
            threads = _threads(self._client, self.address)
            self._slots = threading.BoundedSemaphore(IN_HAND * threads)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def do(self, job: Job) -> Path:
        """Do a batch on some worker; return the folder where it is staged. Called by many threads at once.

        Raises:
            ClusterError: the scheduler is gone, or its workers are not of this nianbao.
        """
        from distributed import KilledWorker

        if job.stage.exists():
            return job.stage
        with self._slots:
            try:
                if not batches.suspects(job):
                    return batches.staged(job, self._sent(_parcel(job, self._seeds)))
            except KilledWorker:
                pass  # Dask has tried it on several workers
        with Workers(1, [job], alone=False) as here:
            return here.do(job)

    def _sent(self, parcel: Parcel) -> dict[str, bytes]:
        from distributed import KilledWorker

        try:
            # A batch is its own key: what two runs send is never mixed up, and nothing is kept once it was given back.
            answer: dict[str, bytes] = self._client.submit(work, parcel, pure=False).result()
            return answer
        except (KilledWorker, ClusterError):
            raise
        except Exception as error:
            _explain(error, self.address)


def work(parcel: Parcel) -> dict[str, bytes]:
    """What a worker does: transform a parcel and return the files of the staged batch by name.

    Raises:
        ClusterError: this worker has other rules than the run.
    """
    if parcel.rules != _rules():
        raise ClusterError("a worker has another nianbao than this machine: install the same one there, restart it")
    batch = transform(_snapshots(parcel), *batches.seeds(), parcel.run_id)
    with TemporaryDirectory(prefix="nianbao-") as folder:
        batches.write(batch, Path(folder))
        files = (path for path in sorted(Path(folder).rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def reach(address: str) -> None:
    """See whether a cluster can be used, before a run begins.

    Raises:
        ClusterError: it cannot: nianbao's extra is not installed, nothing answers there, or nobody works there.
    """
    if address == LOCAL:
        _distributed()
    else:
        with _connected(address, 0) as client:
            _threads(client, address)


def _rules() -> tuple[str, str, str]:
    registry, dictionary = batches.seeds()
    return rules_digest(), dictionary.digest(), registry.digest


def _parcel(job: Job, rules: tuple[str, str, str]) -> Parcel:
    store, texts = SnapshotStore(job.snapshots), batches.readings(job)
    sources = tuple(job.sources)
    contents = tuple(texts.get(source.sha256) or _content(store, source.sha256) for source in sources)
    return Parcel(sources, contents, job.run_id, rules)


def _content(store: SnapshotStore, sha256: str) -> bytes | CorruptSnapshot:
    try:
        return store.get(sha256)
    except CorruptSnapshot as error:  # to fail where it would fail on this machine: as one document of the batch
        return error


def _snapshots(parcel: Parcel) -> Iterator[Snapshot]:
    for source, content in zip(parcel.sources, parcel.contents, strict=True):
        yield batches.snapshot(source, partial(_given, content))


def _given(content: bytes | Reading | CorruptSnapshot) -> bytes | Reading:
    if isinstance(content, CorruptSnapshot):
        raise content
    return content


def _distributed() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ClusterError("--dask needs Dask, which is not installed: pip install 'nianbao[dask]'") from error


def _connected(address: str, count: int) -> Client:
    """A client of the scheduler; closing it ends a cluster of its own."""
    _distributed()
    import dask
    from distributed import Client

    # Parcels of scans are large by nature; what Dask warns of are large graphs by mistake.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "2GB"})
    try:
        if address == LOCAL:
            options = {"n_workers": count or None, "threads_per_worker": 1, "dashboard_address": None}
            return Client(**options, set_as_default=False)  # type: ignore[no-untyped-call]
        return Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:  # a timeout is an OSError
        raise ClusterError(
            f"no Dask scheduler answers at {address}: start one with 'dask scheduler', and give its address "
            f"(tcp://host:8786), or --dask {LOCAL}"
        ) from error


def _threads(client: Client, address: str) -> int:
    """Threads of all workers, once there is one."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise ClusterError(
            f"the Dask scheduler at {address} has no workers: start some with 'dask worker {address} --nthreads 1'"
        ) from error
    threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call]
    return sum(threads.values())


def _explain(error: Exception, address: str) -> NoReturn:
    """Raise what a person can act on, where the cluster is at fault and not the batch."""
    from distributed import CancelledError

    if isinstance(error, CancelledError | OSError):
        raise ClusterError(
            f"the Dask scheduler at {address} is gone: what was finished is kept; start it and run again"
        ) from error
    if isinstance(error, ImportError | AttributeError) or "deserializ" in str(error):
        raise ClusterError(
            f"the scheduler or a worker at {address} cannot load nianbao ({error}): install the same nianbao, Python "
            "and Dask there, restart them"
        ) from error
    raise error
