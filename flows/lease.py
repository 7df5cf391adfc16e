"""Lease: who may work in a home in object storage. An object ``.lease``, put on conditions and renewed while it lasts.

Nothing in a bucket is dropped with its process. So a lease counts for ``SECONDS`` after it was last put, by the clock
of the store, and its holder puts it again every quarter of that. Whoever finds one that has run out takes it over, by a
put on the condition that it is still that one: of two who try, one does. A run that lost its lease writes nothing more;
and should one wake up that does not know it yet, its writes are on conditions, too (``flows/bucket.py``).
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from types import TracebackType
from typing import Any, Self

from flows.storage import HomeError
from warehouse.objects import Conflict, Objects, ObjectsError

NAME = ".lease"
PROBE = ".clock"
"""An object put to learn the time by the store's clock."""
SECONDS = 60.0


class Lease:
    """The right to work in a home, for a ``with``; ``folder`` is the id of the folder on this machine that works.

    Whoever holds the kernel's lock of that folder knows that a lease in its name is of a process that is gone.

    Raises:
        HomeError: on entry, if another holds it still after ``patience`` seconds.
    """

    def __init__(self, objects: Objects, folder: str, patience: float, seconds: float = SECONDS) -> None:
        self._objects, self._folder, self._patience, self._seconds = objects, folder, patience, seconds
        self._token = uuid.uuid4().hex
        self._etag: str | None = None
        self._renewed = 0.0
        self._count = 0
        self._over = threading.Event()
        self._beat = threading.Thread(target=self._renew, daemon=True, name="lease")

    def __enter__(self) -> Self:
        deadline = time.monotonic() + self._patience
        while not self._take():
            if time.monotonic() > deadline:
                raise HomeError(self._held())
            time.sleep(min(1.0, self._seconds / 10))
        self._beat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._beat.join()
        if self.holds:
            try:  # freed rather than deleted: a delete has no condition
                self._put(free=True)
            except (Conflict, ObjectsError):
                return  # then it runs out

    @property
    def holds(self) -> bool:
        """Whether the lease is certainly still this one's."""
        return self._etag is not None and _now() - self._renewed < self._seconds

    def check(self) -> None:
        """Raise unless the lease is held.

        Raises:
            HomeError: it was lost; what was not written yet is done again by the next run.
        """
        if not self.holds:
            raise HomeError(
                f"this run lost its hold of {self._objects.url} (no answer for {self._seconds:.0f} s, or another run "
                "took over): nothing more was written; run again"
            )

    def _take(self) -> bool:
        there = self._objects.get(NAME)
        if there is not None:
            told = _read(there[0])
            if not (told.get("free") or told.get("folder") == self._folder or self._expired()):
                return False
        try:
            self._etag = there[1].etag if there else None
            self._put(free=False)
        except Conflict:
            self._etag = None
            return False
        return True

    def _expired(self) -> bool:
        """Whether the lease that stands has run out, by the store's clock alone: machines' clocks differ."""
        self._objects.put(PROBE, self._token.encode())
        now, lease = self._objects.head(PROBE), self._objects.head(NAME)
        return bool(now and lease and (now.modified - lease.modified).total_seconds() > self._seconds)

    def _put(self, *, free: bool) -> None:
        self._count += 1
        told = {
            "free": free,
            "folder": self._folder,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "token": f"{self._token}-{self._count}",
        }
        begun = _now()
        self._etag = self._objects.put(NAME, json.dumps(told).encode(), self._etag)
        self._renewed = begun

    def _renew(self) -> None:
        while not self._over.wait(self._seconds / 4):
            try:
                self._put(free=False)
            except Conflict:
                self._etag = None
                return
            except ObjectsError:
                continue  # as long as it has not run out, the next one may go through

    def _held(self) -> str:
        there = self._objects.get(NAME)
        told = _read(there[0]) if there else {}
        return (
            f"another run (process {told.get('process', 'unknown')} on {told.get('host', 'unknown')}) is working in "
            f"{self._objects.url}: wait for it to end; should it be dead, its hold ends in {self._seconds:.0f} s"
        )


def is_leased(objects: Objects, seconds: float = SECONDS) -> bool:
    """Whether a run works in a home now, as far as the clock of this machine can tell."""
    there = objects.get(NAME)
    return bool(there and not _read(there[0]).get("free") and time.time() - there[1].modified.timestamp() < seconds)


def _read(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _now() -> float:
    """Seconds that go on while the machine sleeps, where it can tell them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
