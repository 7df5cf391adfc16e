"""A Prefect server of our own for the life of one command.

Prefect's built-in ephemeral server loses most of the history when the command ends, because it is stopped before it has
recorded its backlog. A server process of our own, started before the slow imports and stopped after the
event queue is drained, keeps the history whole and starts while Great Expectations is still being imported. Where
`nianbao serve` runs in the home, its server is used: two servers on one SQLite database would lock each other out.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from warehouse.snapshots import write_atomically

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # How long the slot of a run whose process is gone stays taken (by default 300 s: measured, 19 runs turned away).
    "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "60",
}
"""No telemetry, nothing on the network, no prompts: set for us and for every process that we start."""

_UNNEEDED = ("SCHEDULER", "LATE_RUNS", "PAUSE_EXPIRATIONS", "CANCELLATION_CLEANUP", "FOREMAN", "CLEANUP_RECONCILER")
UNSCHEDULED = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _UNNEEDED}
"""What the server of one command goes without: it looks after schedules, pauses and pools, which `nianbao serve` alone
has, every few seconds for as long as the run lasts. What keeps the history, and automations, stay."""
DEATHS = 5
"""Times that a server is started again: one that dies more often will not live."""
LOG = 10_000_000
"""Bytes after which a log is begun anew."""
_NONE: Mapping[str, str] = MappingProxyType({})
PATIENCE = 180.0
"""Seconds to wait for the server: a slow machine's first start migrates its database."""


class ServerError(Exception):
    """The Prefect server did not start; its log says why."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(home: Path, *, verbose: bool) -> None:
    """Set the environment that Prefect reads when it is imported; call before any import of Prefect."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("PREFECT_HOME", str(home))
    level = "INFO" if verbose else "CRITICAL"
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", level)
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", level)
    logging.getLogger("great_expectations").setLevel(logging.INFO if verbose else logging.WARNING)


@contextmanager
def prefect_server(home: Path) -> Iterator[Callable[[], None]]:
    """Start a server unless ``PREFECT_API_URL`` names one or one stands; yield a function that waits until it answers.

    Raises:
        ServerError: from the function, if the server ends or does not answer in time.
    """
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    if url := standing(home):
        os.environ["PREFECT_API_URL"] = url
        try:
            yield lambda: None
        finally:
            drain()
            os.environ.pop("PREFECT_API_URL", None)
        return
    keeper = Keeper(home, "127.0.0.1", _free_port(), "--no-ui", settings=UNSCHEDULED)
    os.environ["PREFECT_API_URL"] = keeper.url
    try:
        yield keeper.ready
    finally:
        if keeper.lives:
            drain()
        os.environ.pop("PREFECT_API_URL", None)
        keeper.end()


class Keeper:
    """Keeps a server: started at once and, should it be killed, started again at its address.

    Prefect's client tries for a minute to reach its server, so that a run outlives the death of the server.
    """

    def __init__(self, home: Path, host: str, port: int, *options: str, settings: Mapping[str, str] = _NONE) -> None:
        self._home, self._start = home, partial(start, home, host, port, *options, settings=settings)
        self._process, self.url = self._start()
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True, name="keeper")

    @property
    def lives(self) -> bool:
        """Whether the server's process is there."""
        return self._process.poll() is None

    def ready(self) -> None:
        """Wait until the server answers; from then on it is watched.

        Raises:
            ServerError: if it ends or does not answer in time.
        """
        wait_for(self.url, self._process, self._home)
        self._watch.start()

    def _look(self) -> None:
        for _ in range(DEATHS):
            while self.lives:
                if self._over.wait(1):
                    return
            if self._over.is_set():
                return
            self._process, _ = self._start()

    def end(self) -> None:
        """End the server."""
        self._over.set()
        if self._watch.is_alive():
            self._watch.join()
        stop(self._process)


def start(
    home: Path, host: str, port: int, *options: str, settings: Mapping[str, str] = _NONE
) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server that ends with this process; return it and the address of its API. Its log is ``server.log``.

    Of ``settings`` the environment's own come first.
    """
    home.mkdir(parents=True, exist_ok=True)
    options = ("server", "start", "--host", host, "--port", str(port), *options)
    # A server has no API to call but its own.
    environment = {**settings, **os.environ}
    environment.pop("PREFECT_API_URL", None)
    with log_of(home).open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.attended", *options],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    return process, f"http://{host}:{port}/api"


def log_of(home: Path) -> Path:
    """The log of the servers of a home; begun anew when it has grown large."""
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LOG:
        log.replace(log.with_suffix(".log.1"))
    return log


def announce(home: Path, url: str | None) -> None:
    """Let runs begun by hand know of the server that stands at ``url`` (None: of none any more)."""
    mark = home / "standing.json"
    if url is None:
        mark.unlink(missing_ok=True)
    else:
        write_atomically(mark, json.dumps({"url": url, "pid": os.getpid()}).encode())


def standing(home: Path) -> str | None:
    """The address of the API of the server that `nianbao serve` keeps in this home, if it answers."""
    try:
        url = str(json.loads((home / "standing.json").read_bytes())["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url if answers(url) else None


def answers(url: str) -> bool:
    """Whether a Prefect server answers at this address of an API, and is well.

    Asked by the standard library: while a server starts it is asked time and again, and a client of httpx takes longer
    to make (40 ms of a core that the server could use) than to answer.
    """
    try:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with closing(kind(parts.hostname or "", parts.port, timeout=2)) as connection:
            connection.request("GET", f"{parts.path}/health")
            return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException, ValueError):
        return False


def wait_for(url: str, process: subprocess.Popen[bytes], home: Path) -> None:
    """Wait until a server that was started answers.

    Raises:
        ServerError: if it ends or does not answer in time.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"the Prefect server ended with code {process.returncode}; its log is {log_of(home)}")
        if answers(url):
            return
        time.sleep(0.05)
    raise ServerError(f"the Prefect server did not answer within {PATIENCE:.0f} s; its log is {log_of(home)}")


def drain() -> None:
    """Let the client's workers send the events and logs that they still hold, so that the history is whole."""
    if "prefect" in sys.modules:
        from prefect.events.worker import EventsWorker
        from prefect.logging.handlers import APILogWorker

        EventsWorker.drain_all(timeout=10)
        APILogWorker.drain_all(timeout=10)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, gently at first; nothing if it has ended."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
