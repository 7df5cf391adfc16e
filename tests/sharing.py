"""The Prefect server of a session of tests, and what they share when ``pytest -n`` shares the files among processes.

Then one server serves them all, and one process forks their runs: each that has its own takes some ten seconds of a
core. The process that shares the files out keeps both, and begins them before the others have collected the tests.
"""

import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from tempfile import TemporaryDirectory

from warm import Mother

from flows.server import UNSCHEDULED, Keeper, answers, prepare


@contextmanager
def prefect(home: Path) -> Iterator[dict[str, str]]:
    """A server with its data in ``home``; the environment of a command that finds it once it answers."""
    before = dict(os.environ)
    try:
        os.environ.pop("PREFECT_HOME", None)
        prepare(home, verbose=False)
        keeper = Keeper(home, "127.0.0.1", free_port(), "--no-ui", settings=UNSCHEDULED)
        environment = {**os.environ, "PREFECT_API_URL": keeper.url}
    finally:
        os.environ.clear()
        os.environ.update(before)
    try:
        yield environment
    finally:
        keeper.end()


def wait_for(environment: dict[str, str]) -> None:
    """Wait until the server answers; who comes first keeps a copy of its database while there is no run in it."""
    while not answers(environment["PREFECT_API_URL"]):
        time.sleep(0.1)
    home = Path(environment["PREFECT_HOME"])
    with (home / "lock").open("w") as lock, closing(sqlite3.connect(home / "prefect.db")) as database:
        flock(lock, LOCK_EX)
        if not (home / "empty.db").exists():
            with closing(sqlite3.connect(home / "empty.db")) as copy:
                database.backup(copy)


def give_database(environment: dict[str, str], home: Path) -> None:
    """An empty database for another server: making it would take that some seconds."""
    home.mkdir(parents=True)
    shutil.copy(Path(environment["PREFECT_HOME"], "empty.db"), home / "prefect.db")


@contextmanager
def shared() -> Iterator[tuple[dict[str, str], str]]:
    """The environment with the server, and the socket of the process that forks."""
    with (
        TemporaryDirectory(prefix="nianbao", ignore_cleanup_errors=True) as folder,
        prefect(Path(folder, "prefect")) as environment,
    ):
        mother = Mother(environment, Path(folder, "warm"))
        try:
            yield environment, str(mother.path)
        finally:
            mother.end()


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
