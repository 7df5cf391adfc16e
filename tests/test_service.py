"""The service with a real Prefect server: missed runs made up for, no overlap, kills healed, a cron seconds away."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import prefect_api
import pytest
from conftest import NIANBAO, SAMPLE
from sharing import free_port, give_database

from flows import journal
from flows.home import Home
from flows.schedule import Schedule, path_of

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(1500)]


def until(what: str, true: Callable[[], Any], seconds: float = 400) -> Any:
    """Wait until something is so; what it is. Long enough for a machine that many share: two cores had a load of 19."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.2)
    raise AssertionError(f"never happened: {what}")


class Site(ThreadingHTTPServer):
    """A web site with the sample report, which it gives only when ``open`` is set: a run lasts as long as we like."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.open = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/report.txt"


class Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        found = self.path == "/report.txt"
        if found:
            self.server.open.wait()
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            with suppress(OSError):  # whoever asked was killed
                self.wfile.write(SAMPLE.read_bytes())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.open.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def environment(prefect_environment: dict[str, str]) -> dict[str, str]:
    """As on a fresh machine: no server named, Prefect's data in the home."""
    ours = {"PREFECT_API_URL", "PREFECT_HOME", "NIANBAO_HOME", "PYTHONWARNINGS"}
    return {name: value for name, value in prefect_environment.items() if name not in ours}


class Service:
    """`nianbao serve` on a home, as a user starts it; ended at the end of the test, however that ends."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home, self.environment, self.port = home, environment, free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [NIANBAO, "serve", "--home", str(self.home), "--port", str(self.port)]
        with (self.home / "service.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        begun = self.log().count("下次运行")
        until(f"serving: {self.log()}", lambda: self.log().count("下次运行") > begun or self.process.poll() is not None)  # type: ignore[union-attr]
        assert self.process.poll() is None, self.log()

    def log(self) -> str:
        return (self.home / "service.log").read_text(encoding="utf-8")

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=400)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [NIANBAO, *arguments, "--home", str(self.home)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=400)

    def states(self) -> dict[str, str]:
        """Prefect's states of the runs that are or were more than planned, by their ids."""
        runs = prefect_api.ask(f"{self.api}/flow_runs/filter")
        return {run["id"]: run["state_type"] for run in runs if run["state_type"] != "SCHEDULED"}

    def past(self) -> list[journal.Past]:
        return journal.past(Home(self.home))

    def running(self) -> journal.Past | None:
        """The run at work, once Prefect too knows that it is."""
        now = next((one for one in self.past() if one.running), None)
        return now if now and self.states().get(now.attempt) == "RUNNING" else None


@pytest.fixture
def service(tmp_path: Path, prefect_environment: dict[str, str], environment: dict[str, str]) -> Iterator[Service]:
    home = tmp_path / "home"
    give_database(prefect_environment, home / "prefect")
    service = Service(home, environment)
    yield service
    for entry in [json.loads(line) for line in (home / "runs.jsonl").read_text("utf-8").splitlines() if "pid" in line]:
        with suppress(ProcessLookupError, FileNotFoundError):
            if b"prefect" in Path(f"/proc/{entry['pid']}/cmdline").read_bytes():
                os.kill(entry["pid"], signal.SIGKILL)
    if service.process and service.process.poll() is None:
        service.end(signal.SIGKILL)


def set_back(home: Path, days: int) -> None:
    """Make a schedule look as if it had been made some days ago, and the machine switched off since."""
    schedule = Schedule.load(Home(home))
    assert schedule
    early = schedule.model_copy(update={"registered": datetime.now(UTC) - timedelta(days=days)})
    path_of(Home(home)).write_text(early.model_dump_json(), encoding="utf-8")


def pid_of(service: Service, attempt: str) -> int:
    lines = (service.home / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    return next(int(entry["pid"]) for entry in map(json.loads, lines) if entry["attempt"] == attempt and "pid" in entry)


def test_a_missed_run_is_made_up_for_survives_kills_and_never_overlaps(service: Service, site: Site) -> None:
    done = service.command("schedule", site.url, "--allow-private", "--annual", "0 3 2 4 *")
    assert done.returncode == 0, done.stderr
    set_back(service.home, 400)

    service.start()
    first = until("the missed run begins", service.running)
    assert first.occasion == "missed"

    # The machine goes down in the middle of it.
    service.end(signal.SIGKILL)
    os.kill(pid_of(service, first.attempt), signal.SIGKILL)
    assert until("the lock is free", lambda: service.past()[-1].result == "crashed")

    service.start()
    second = until("the run is begun again", service.running)
    assert (second.occasion, second.attempt != first.attempt) == ("missed", True)
    assert service.states()[first.attempt] == "CRASHED"

    # Neither Prefect nor a person can begin another beside it.
    (planned,) = prefect_api.ask(f"{service.api}/deployments/filter")
    asked = prefect_api.ask(f"{service.api}/deployments/{planned['id']}/create_flow_run")
    _what_prefects_page_shows(service, planned, asked, second.attempt)
    by_hand = service.command("run", str(SAMPLE))
    assert (by_hand.returncode, "another run" in by_hand.stderr) == (2, True)
    assert until("it is cancelled", lambda: service.states().get(asked["id"])) == "CANCELLED"
    told = json.loads(service.command("status", "--json").stdout)
    assert (told["served"], told["runs"][0]["result"], told["due"]) == (True, "running", None)

    site.open.set()
    until("it publishes", lambda: service.past()[-1].result == "published")
    assert [one.result for one in service.past()] == ["crashed", "published"]
    rows = json.loads(service.command("query", "select count(*) as n from reports", "--format", "json").stdout)
    assert rows == [{"n": 1}]
    until("Prefect knows", lambda: service.states()[second.attempt] == "COMPLETED")

    # A clean end and start: nothing is due, nothing is done twice.
    assert service.end(signal.SIGTERM) == 0
    assert not (service.home / "prefect" / "standing.json").exists()
    assert json.loads(service.command("status", "--json").stdout)["due"] is None
    service.start()

    # A schedule seconds away, changed while the service runs.
    assert service.command("schedule", site.url, "--allow-private", "--annual", "* * * * *").returncode == 0
    until("the cron fires", lambda: len(service.past()) > 2 and service.past()[-1].well)
    assert [(one.occasion, one.result) for one in service.past()[2:3]] == [("annual", "unchanged")]
    assert service.end(signal.SIGTERM) == 0


def _what_prefects_page_shows(service: Service, planned: dict[str, Any], asked: dict[str, Any], attempt: str) -> None:
    """Parameters with their meaning, checked; runs with a name that tells their occasion, and tags."""
    parameters = planned["parameter_openapi_schema"]["definitions"]["Parameters"]["properties"]
    assert all(one["title"] and one["description"] for one in parameters.values())
    wrong = {"parameters": {"parameters": {**asked["parameters"]["parameters"], "workers": "many"}}}
    url = f"{service.api}/deployments/{planned['id']}/create_flow_run"
    refused = prefect_api.put(url, wrong)
    assert (refused.status_code, "workers" in refused.text) == (409, True), refused.text
    run = prefect_api.read(f"{service.api}/flow_runs/{attempt}")
    assert (run["name"], {"nianbao", "年报"} <= set(run["tags"])) == ("年报 report.txt · missed", True)


def test_a_service_without_a_schedule_says_what_to_do(tmp_path: Path, environment: dict[str, str]) -> None:
    command = [NIANBAO, "serve", "--home", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=400)
    assert (done.returncode, "nianbao schedule" in done.stderr) == (2, True)
