"""Who is told of a run, of what: people by a real webhook, Prefect by events and artifacts; never at a run's cost."""

import json
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import prefect_api
import pytest
from click.testing import CliRunner
from conftest import SAMPLE, Command
from faults import write_reports

from flows import notify
from flows.command import main
from flows.home import Home
from flows.journal import Result
from flows.parameters import Outcome
from flows.watching import tell
from warehouse.contracts import RUNS
from warehouse.lake import Lake


class Hook(ThreadingHTTPServer):
    """A webhook that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receive)
        self.told: list[dict[str, Any]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/hook"


class _Receive(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def outcome(**changes: Any) -> Outcome:
    plain: dict[str, Any] = {
        "run_id": "abc123",
        "published": False,
        "unchanged": False,
        "gate_closed": False,
        "reports": 12,
        "refusals": 3,
        "mentions": 600,
        "observations": 480,
        "criticals": 0,
        "warnings": 2,
        "release": None,
        "page": "runs/abc123/report.html",
    }
    return Outcome(**{**plain, **changes})


@pytest.mark.parametrize(
    ("result", "ended", "grave", "says"),
    [
        ("published", outcome(published=True), "success", "refused 3"),
        ("published", outcome(published=True, criticals=1, quarantined=("r1",)), "warning", "1 份报告被隔离"),
        ("gate_closed", outcome(gate_closed=True), "warning", "the last release stays"),
        ("failed", None, "failure", "nianbao doctor"),
        ("unable", None, "failure", "No space left"),
    ],
)
def test_what_people_are_told(result: Result, ended: Outcome | None, grave: str, says: str, tmp_path: Path) -> None:
    message = tell(Home(tmp_path), result, ended, "OSError: No space left on device")
    assert message is not None
    assert message.grave == grave
    assert says in message.body
    assert str(tmp_path) in message.body
    assert ended is None or "runs/abc123/report.html" in message.body


@pytest.mark.parametrize(
    ("result", "ended"), [("unchanged", outcome(unchanged=True)), ("current", outcome()), ("crashed", None)]
)
def test_what_needs_nobody_is_told_to_nobody(result: Result, ended: Outcome | None, tmp_path: Path) -> None:
    assert tell(Home(tmp_path), result, ended, "") is None


def test_runs_tell_of_a_release_and_of_trouble_once_each(nianbao: Command, hook: Hook, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert nianbao("run", SAMPLE, "--home", home, NIANBAO_NOTIFY=hook.url).returncode == 0
    assert [(one["title"], one["type"]) for one in hook.told] == [("年报：已发布 published", "success")]
    assert nianbao("run", SAMPLE, "--home", home, NIANBAO_NOTIFY=hook.url).returncode == 0
    assert len(hook.told) == 1  # unchanged: nobody needs to know

    # Sources spoilt between two runs of a service: what it cannot even begin, it tells, and once.
    (home / "lake" / "sources" / "part.parquet").write_bytes(b"spoilt")
    for _ in range(2):
        assert nianbao("run", SAMPLE, "--home", home, NIANBAO_NOTIFY=hook.url).returncode == 2
    assert [one["type"] for one in hook.told] == ["success", "failure"]
    assert "sources" in hook.told[1]["message"]


def test_a_message_that_cannot_be_delivered_is_noted_without_its_secret(hook: Hook, tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    hook.status = 500
    notify.keep(home, [hook.url.replace("127.0.0.1", "user:secret@127.0.0.1")])
    assert notify.notify(home, notify.Message("info", "title", "body")) is False
    noted = (tmp_path / "notify.log").read_text(encoding="utf-8")
    assert "not delivered to json://127...: title" in noted
    assert "secret" not in noted


def test_addresses_are_kept_for_their_owner_alone_and_checked(tmp_path: Path) -> None:
    arguments = ["schedule", str(SAMPLE), "--home", str(tmp_path)]
    done = CliRunner().invoke(
        main, [*arguments, "--notify", "json://localhost/a", "--notify", "dingtalk://" + "a" * 40]
    )
    assert done.exit_code == 0, done.output
    kept = tmp_path / "notify.txt"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert notify.addresses(Home(tmp_path)) == ["json://localhost/a", "dingtalk://" + "a" * 40]
    wrong = CliRunner().invoke(main, [*arguments, "--notify", "pigeon://loft"])
    assert (wrong.exit_code, "pigeon://lof" in wrong.output, len(notify.addresses(Home(tmp_path)))) == (2, True, 2)


def listed(folder: Path, count: int, wrong: str) -> Path:
    """A list of synthetic reports, the first of which, by the list, is the report of another township."""
    files = write_reports(folder / "in", count)
    rows = [f"{path.stem},2023,{path}" for path in files]
    rows[0] = f"{wrong},2023,{files[0]}"
    (folder / "list.csv").write_text("\n".join(["township_code,report_year,url", *rows]), encoding="utf-8")
    return folder / "list.csv"


def asked(environment: dict[str, str], what: str, **question: Any) -> list[dict[str, Any]]:
    found = prefect_api.ask(f"{environment['PREFECT_API_URL']}/{what}/filter", **question)
    return list(found["events"] if what == "events" else found)


def events(environment: dict[str, str], home: Path, count: int) -> list[str]:
    """Names of our events about a home, once there are so many: they arrive some time after the run."""
    resource = {"labels": {"nianbao.home": str(home)}}
    deadline = time.monotonic() + 400
    while True:
        found = asked(environment, "events", filter={"resource": resource, "order": "ASC"})
        if len(found) >= count or time.monotonic() > deadline:
            return sorted(one["event"] for one in found)
        time.sleep(0.5)


def test_a_report_kept_out_and_a_gate_that_closes_are_told_to_people_and_to_prefect(
    nianbao: Command, prefect_environment: dict[str, str], hook: Hook, tmp_path: Path
) -> None:
    most, all_wrong = tmp_path / "most", tmp_path / "all"
    sources = [listed(most, 6, "445103107"), tmp_path / "empty.txt"]
    sources[1].write_bytes(b"")
    done = nianbao("run", *sources, "--home", most / "home", NIANBAO_NOTIFY=hook.url)
    assert done.returncode == 1, done.stderr
    assert [(one["type"], "1 份报告被隔离" in one["message"]) for one in hook.told] == [("warning", True)]
    assert events(prefect_environment, most / "home", 2) == ["nianbao.release.published", "nianbao.report.quarantined"]

    pages = asked(prefect_environment, "artifacts", artifacts={"key": {"any_": ["run-report"]}})
    (page,) = [one for one in pages if str(most) in one["data"]]
    of_run = {"flow_run_id": {"any_": [page["flow_run_id"]]}}
    left = {one["key"]: one["data"] for one in asked(prefect_environment, "artifacts", artifacts=of_run)}
    assert set(left) - {"reading"} == {"run-report", "findings", "refusals"}
    assert f"(file://{next((most / 'home' / 'runs').iterdir())}/report.html)" in left["run-report"]
    ((refused,), (critical,)) = (
        json.loads(left["refusals"]),
        [row for row in json.loads(left["findings"]) if row["severity"] == "critical"],
    )
    assert (refused["source"], refused["reason"]) == (sources[1].as_uri(), "empty")
    assert critical["check"]

    done = nianbao("run", listed(all_wrong, 1, "445103107"), "--home", all_wrong / "home", NIANBAO_NOTIFY=hook.url)
    assert done.returncode == 1, done.stderr
    assert [("关口关闭" in one["title"], one["type"]) for one in hook.told[1:]] == [(True, "warning")]
    assert events(prefect_environment, all_wrong / "home", 2) == ["nianbao.gate.closed", "nianbao.report.quarantined"]
    assert not (all_wrong / "home" / "nianbao.duckdb").exists()
    assert len(list(Lake(all_wrong / "home" / "lake").rows(RUNS))) == 1  # part of the history all the same


def test_the_progress_of_a_long_reading_stands_on_prefects_page(prefect_environment: dict[str, str]) -> None:
    script = (
        "from flows import artifacts\nfrom flows.progress import Progress\nartifacts.EVERY = 0.0\n"
        "with Progress() as progress:\n    reading = artifacts.Reading(progress, 2)\n"
        "    reading.advance()\n    reading.advance()\n"
    )
    subprocess.run([sys.executable, "-c", script], env=prefect_environment, check=True)
    wanted = {"key": {"any_": ["reading"]}}
    # Runs of other tests that were slow left one too.
    (shown,) = [one for one in asked(prefect_environment, "artifacts", artifacts=wanted) if not one["flow_run_id"]]
    assert (shown["type"], shown["data"], "2/2" in shown["description"]) == ("progress", 100.0, True)
