"""A Prefect server of our own for the life of one command.

Prefect's built-in ephemeral server loses most of the history when the command ends, because it is stopped before it has
recorded its backlog. A server process of our own, started before the slow imports and stopped after the
event queue is drained, keeps the history whole and starts while Great Expectations is still being imported.
"""

from __future__ import annotations

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

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}
"""No telemetry, nothing on the network, no prompts: set for us and for every process that we start."""

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
    """Start a server unless ``PREFECT_API_URL`` names one; yield a function that waits until it answers.

    Raises:
        ServerError: from the function, if the server ends or does not answer in time.
    """
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    home.mkdir(parents=True, exist_ok=True)
    log = home / "server.log"
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--no-ui",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    os.environ["PREFECT_API_URL"] = url
    try:
        yield lambda: _wait(url, process, log)
    finally:
        _drain()
        os.environ.pop("PREFECT_API_URL", None)
        _stop(process)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import httpx

    deadline = time.monotonic() + PATIENCE
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerError(f"the Prefect server ended with code {process.returncode}; its log is {log}")
            try:
                if client.get(f"{url}/health").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise ServerError(f"the Prefect server did not answer within {PATIENCE:.0f} s; its log is {log}")


def _drain() -> None:
    """Let the client's workers send the events and logs that they still hold, so that the history is whole."""
    if "prefect" in sys.modules:
        from prefect.events.worker import EventsWorker
        from prefect.logging.handlers import APILogWorker

        EventsWorker.drain_all(timeout=10)
        APILogWorker.drain_all(timeout=10)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
