"""Serving: the service of a home, which keeps a Prefect server, runs the schedule, and makes up for what was missed.

One process: the server as its child (unless ``PREFECT_API_URL`` names one), Prefect's runner, which begins the runs of
the crons as processes of their own, and a watchman, who restarts the server, registers a changed schedule, and begins
what is due though no cron will: a run missed while the machine was off, and one that came to no end.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from flows import journal
from flows.home import Home, HomeError, is_held
from flows.notify import Message, notify
from flows.schedule import TRIES, Schedule
from flows.server import Keeper, ServerError, announce, answers, prepare

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

HOST, PORT = "127.0.0.1", 4200
"""Prefect's own port; nobody but this machine reaches it unless --host says so, for its API asks for no password."""
ROUND = 15.0
"""Seconds between two looks of the watchman."""
GRACE = timedelta(minutes=5)
"""How long after its time a run may still be begun by Prefect, and a failure may take to pass."""
RELEASE = 15.0
"""Seconds that the port of a service which was killed may stay taken: its server ends within ten."""


def name_of(home: Home) -> str:
    """The name of a home's deployment: its folder, told apart from others of that name by a digest of its path."""
    import hashlib

    return f"{home.root.name}-{hashlib.sha256(str(home.root).encode()).hexdigest()[:6]}"


def deployment(home: Home, schedule: Schedule) -> RunnerDeployment:
    """The deployment of a home: one, with both crons, so that Prefect's limit of one run holds for both."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments.runner import EntrypointType  # type: ignore[attr-defined]
    from prefect.schedules import Cron

    from flows.annual import annual

    def parameters(occasion: str) -> dict[str, Any]:
        return {"parameters": schedule.parameters.model_copy(update={"occasion": occasion}).model_dump(mode="json")}

    made: Any = annual.to_deployment(
        name=name_of(home),
        schedules=[
            Cron(cron, timezone=schedule.zone, slug=occasion, parameters=parameters(occasion))
            for occasion, cron in schedule.crons.items()
        ],
        parameters=parameters("by hand"),
        tags=["nianbao", "年报", home.root.name],
        # A run that would overlap is cancelled, not queued: queued ones are executed out of order (measured).
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    return cast("RunnerDeployment", made)


def serve(home: Home, *, host: str = HOST, port: int = PORT, verbose: bool = False) -> None:
    """Run the schedule of a home until the process is told to end.

    Raises:
        HomeError: if it has no schedule, or is served already.
        ServerError: if the Prefect server does not start.
    """
    home.open()
    schedule = Schedule.load(home)
    if schedule is None:
        raise HomeError(f"{home.root} has no schedule: run nianbao schedule first")
    prepare(home.prefect, verbose=verbose)
    with _alone(home), Server(home, host, port) as server:
        from prefect.runner import Runner

        made = deployment(home, schedule)
        # Paused at the end, the deployment would lose its runs; nothing may be lost when a machine is switched off.
        runner = Runner(name=made.name, pause_on_shutdown=False, limit=None, query_seconds=5)
        identity = UUID(str(runner.add_deployment(made)))
        forsaken(home, identity, everything=server.own)
        watchman = Watchman(home, schedule, identity, server)
        say(f"年报服务 serving {home.root}; {server.url.removesuffix('/api')}")
        say(next_line(schedule))
        watchman.start()
        try:
            _run(runner)
        finally:
            watchman.end()
            forsaken(home, identity, everything=server.own, ending=True)


def _run(runner: Any) -> None:
    import asyncio

    # Prefect's own handler calls, inside its event loop, what must be awaited: nothing would be stopped in order.
    runner.handle_sigterm = _interrupt
    try:
        asyncio.run(runner.start())
    except KeyboardInterrupt:
        say("服务结束 the service ends")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def next_line(schedule: Schedule) -> str:
    """When the next run is, in a line."""
    upcoming = schedule.next(datetime.now(UTC))
    return (
        f"下次运行 next run: {upcoming[0]:%Y-%m-%d %H:%M %Z} ({upcoming[1]})" if upcoming else "无下次运行 no next run"
    )


def say(line: str) -> None:
    """A line of the service's log."""
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ} {line}", file=sys.stderr, flush=True)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the home's service: two runners on one SQLite database lock each other out."""
    with (home.root / ".service.lock").open("ab", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeError(f"{home.root} is served already: see nianbao status") from error
        yield


def served(home: Home) -> bool:
    """Whether a service runs in the home."""
    return is_held(home.root / ".service.lock")


class Server:
    """The Prefect server of a service: its own, kept alive, or the one at ``PREFECT_API_URL``."""

    def __init__(self, home: Home, host: str, port: int) -> None:
        self.home, self.host, self.port = home, host, port
        given = os.environ.get("PREFECT_API_URL")
        self.own = not given
        local = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
        self.url = given or f"http://{local}:{port}/api"
        self._keeper: Keeper | None = None

    def __enter__(self) -> Server:
        if not self.own:
            if not answers(self.url):
                raise ServerError(f"no Prefect server answers at PREFECT_API_URL={self.url}: start it, or unset it")
            return self
        self._await_port()
        self._keeper = Keeper(self.home.prefect, self.host, self.port)
        try:
            self._keeper.ready()
        except BaseException:
            self._keeper.end()
            raise
        os.environ["PREFECT_API_URL"] = self.url
        announce(self.home.prefect, self.url)
        return self

    def __exit__(self, *_: object) -> None:
        if self._keeper:
            announce(self.home.prefect, None)
            self._keeper.end()

    def mend(self) -> None:
        """Keep the server again, should it have died so often that it was given up for a while."""
        if self._keeper and not self._keeper.lives and not answers(self.url):
            say("Prefect 服务器已终止，重新启动 the Prefect server ended: starting it again")
            self._keeper.end()
            self._keeper = Keeper(self.home.prefect, self.host, self.port)
            self._keeper.ready()

    def _await_port(self) -> None:
        deadline = time.monotonic() + RELEASE
        while True:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.host, self.port))
                    return
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise ServerError(
                            f"{self.host}:{self.port} cannot be had ({error.strerror}): "
                            "end what uses it, or choose another with --port"
                        ) from error
            time.sleep(0.5)


class Watchman(threading.Thread):
    """Looks after the server and the schedule while the runner waits."""

    def __init__(self, home: Home, schedule: Schedule, identity: UUID, server: Server) -> None:
        super().__init__(daemon=True, name="watchman")
        self.home, self.schedule, self.identity, self.server = home, schedule, identity, server
        self._over = threading.Event()
        self._begun: datetime | None = None
        self._told: set[str] = set()
        self._first = True

    def run(self) -> None:
        """Look every few seconds; whatever goes wrong is said and tried again at the next look."""
        while True:
            try:
                self.look()
            except Exception as error:
                say(f"{type(error).__name__}: {error}")
            if self._over.wait(ROUND):
                return

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join(timeout=ROUND)

    def look(self) -> None:
        """One look: the server, the schedule, what is due."""
        self.server.mend()
        self._reload()
        past, now = journal.past(self.home), datetime.now(UTC)
        if self._begun and now - self._begun < GRACE:
            if past and past[-1].begun >= self._begun - timedelta(seconds=1):
                self._begun = None
            return
        # What was missed before the service started, Prefect will never begin; later it is given its time.
        reason = self.schedule.due(now, past, grace=timedelta(0) if self._first else GRACE)
        self._first = False
        if reason:
            say(f"补跑 begins a run: {reason}")
            self._begun = now
            begin(self.identity, self.schedule)
        self._tell(past)

    def _reload(self) -> None:
        found = Schedule.load(self.home)
        if found and found != self.schedule:
            self.schedule = found
            deployment(self.home, found).apply()
            say(f"计划已更新 schedule changed; {next_line(found)}")

    def _tell(self, past: list[journal.Past]) -> None:
        """Tell people of runs that crash again and again: those could not tell themselves."""
        last = past[-TRIES:]
        crashed = len(last) == TRIES and all(one.result == "crashed" and one.occasion != "by hand" for one in last)
        if crashed and last[-1].attempt not in self._told:
            self._told.add(last[-1].attempt)
            body = (
                f"连续 {TRIES} 次运行异常终止，不再重试 / {TRIES} runs crashed one after another\n"
                f"请在该机运行 nianbao doctor / run nianbao doctor there\n{socket.gethostname()} {self.home.root}"
            )
            notify(self.home, Message("failure", "年报：运行异常终止 runs crash", body))


def begin(identity: UUID, schedule: Schedule) -> None:
    """Ask Prefect for a run now."""
    from prefect.client.orchestration import get_client

    asked = schedule.parameters.model_copy(update={"occasion": "missed"})
    with get_client(sync_client=True) as client:
        client.create_flow_run_from_deployment(identity, parameters={"parameters": asked.model_dump(mode="json")})


def forsaken(home: Home, identity: UUID, *, everything: bool, ending: bool = False) -> int:
    """Mark as crashed the runs that Prefect believes to be at work and that are not; return how many.

    A runner that is killed cannot say so itself, and its run would hold the only slot for ever.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.states import Crashed

    filters: dict[str, Any] = {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}
    if not everything:
        filters["deployment_id"] = {"any_": [str(identity)]}
    working = {one.attempt for one in journal.past(home) if one.running}
    why = "its service ended" if ending else "its process was gone when the service started"
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(filters))
        gone = [run for run in runs if str(run.id) not in working]
        for run in gone:
            client.set_flow_run_state(run.id, Crashed(message=f"nianbao: {why}"))
    return len(gone)
