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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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

LOG = 10_000_000
"""Bytes after which a log is begun anew."""
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
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO" if verbose else "CRITICAL")
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
            _drain()
            os.environ.pop("PREFECT_API_URL", None)
        return
    process, url = start(home, "127.0.0.1", _free_port(), "--no-ui")
    os.environ["PREFECT_API_URL"] = url
    try:
        yield lambda: wait_for(url, process, home)
    finally:
        if process.poll() is None:
            _drain()
        os.environ.pop("PREFECT_API_URL", None)
        stop(process)


def start(home: Path, host: str, port: int, *options: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server that ends with this process; return it and the address of its API. Its log is ``server.log``."""
    home.mkdir(parents=True, exist_ok=True)
    options = ("server", "start", "--host", host, "--port", str(port), *options)
    # A server has no API to call but its own.
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
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
    """Whether a Prefect server answers at this address of an API, and is well."""
    import httpx

    try:
        with httpx.Client(trust_env=False, timeout=2) as client:
            return bool(client.get(f"{url}/health").status_code == httpx.codes.OK)
    except (httpx.TransportError, httpx.InvalidURL):
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


def _drain() -> None:
    """Let the client's workers send the events and logs that they still hold, so that the history is whole."""
    if "prefect" in sys.modules:
        from prefect.events.worker import EventsWorker
        from prefect.logging.handlers import APILogWorker

        EventsWorker.drain_all(timeout=10)
        APILogWorker.drain_all(timeout=10)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, gently at first."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
