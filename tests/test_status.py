"""Status, the list of work, and the journal behind them."""

import csv
import fcntl
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import SAMPLE, Command

from flows import journal
from flows.home import Home
from flows.schedule import Schedule
from flows.status import missing


@pytest.fixture(scope="module")
def home(nianbao: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after a run over a list: the sample, a page that is not there, an empty file, a year not asked for."""
    folder = tmp_path_factory.mktemp("status")
    (folder / "empty.txt").write_bytes(b"")
    rows = [
        "township_code,report_year,url",
        f"445103107,2023,{SAMPLE}",
        "445103107,2022,http://127.0.0.1:9/report.html",
        "445103103,2023,empty.txt",
        "445103101,2019,empty.txt",
    ]
    (folder / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    done = nianbao("run", folder / "list.csv", "--year", "2022:2023", "--scope", "4451031", "--home", folder / "home")
    assert done.returncode == 0, done.stderr
    assert nianbao("schedule", folder / "list.csv", "--home", folder / "home").returncode == 0
    return folder / "home"


def status(nianbao: Command, home: Path) -> dict[str, Any]:
    done = nianbao("status", "--json", "--home", home)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_years_asked_for_and_no_others_are_read(nianbao: Command, home: Path) -> None:
    waiting = status(nianbao, home)["waiting"]
    assert {(one["township_code"], one["report_year"], one["reason"]) for one in waiting if one["report_year"]} == {
        ("445103107", 2022, "fetch_failed"),
        ("445103103", 2023, "empty"),
    }
    assert [one["reason"] for one in waiting].count("empty") == 1


def test_status_tells_release_run_schedule_and_disk(nianbao: Command, home: Path) -> None:
    found = status(nianbao, home)
    (run,) = found["runs"]
    assert (run["result"], run["occasion"], run["run_id"]) == ("published", "by hand", found["release"])
    assert (found["served"], found["due"], found["occasion"] in {"annual", "catch-up"}) == (False, None, True)
    assert datetime.fromisoformat(found["next_run"]) > datetime.now(UTC)
    assert 0 <= found["age_days"] < 1
    assert found["disk"]["used"]["snapshots"] >= SAMPLE.stat().st_size
    assert found["disk"]["free"] > 0


def test_status_for_people_names_place_and_next_step(nianbao: Command, home: Path) -> None:
    text = nianbao("status", "--home", home).stdout
    assert "已发布 published" in text
    assert "fetch_failed" in text
    assert "次运行" in text or "服务未运行" in text


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_list_of_work(nianbao: Command, home: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"work{suffix}"
    done = nianbao("status", "--missing", path, "--home", home)
    assert done.returncode == 0, done.stderr
    if suffix == ".csv":
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    else:
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    head, *lines = rows
    assert head[:7] == ["province", "city", "county", "township", "township_code", "report_year", "reason"]
    assert [line[4:7] for line in lines if line[4] == "445103107"] == [["445103107", "2022", "fetch_failed"]]
    assert all(line[0] == "广东省" and line[7] for line in lines if line[4])


def test_who_is_missing_is_reminded_once_it_is_due(home: Path) -> None:
    """Sixteen ordinary townships in 潮安区, two years asked for: of the first there is no report at all."""

    def not_found(today: date) -> Counter[int | None]:
        return Counter(row.report_year for row in missing(Home(home), today) if row.reason == "not_published")

    assert not_found(date(2023, 4, 1)) == {}
    assert not_found(date(2023, 4, 2)) == {2022: 15}
    assert not_found(date(2024, 4, 2)) == {2022: 15, 2023: 14}


def test_a_list_of_another_form_is_refused(nianbao: Command, home: Path, tmp_path: Path) -> None:
    done = nianbao("status", "--missing", tmp_path / "work.doc", "--home", home)
    assert (done.returncode, ".csv or .xlsx" in done.stderr) == (2, True)


def test_a_run_that_is_due_and_that_no_service_will_begin_needs_a_person(nianbao: Command, tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    assert nianbao("schedule", SAMPLE, "--annual", "0 3 2 4 *", "--catch-up", "", "--home", tmp_path).returncode == 0
    schedule = Schedule.load(home)
    assert schedule is not None
    assert status(nianbao, tmp_path)["needs_person"] is False
    schedule.model_copy(update={"registered": datetime(2020, 1, 1, tzinfo=UTC)}).save(home)
    done = nianbao("status", "--json", "--home", tmp_path)
    told = json.loads(done.stdout)
    assert (done.returncode, told["needs_person"], told["due"][:6], told["runs"]) == (1, True, "missed", [])
    with (tmp_path / ".service.lock").open("ab") as lock:  # the service runs, and will begin it
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert status(nianbao, tmp_path)["needs_person"] is False


def test_where_there_is_no_home_status_says_so_and_makes_none(nianbao: Command, tmp_path: Path) -> None:
    done = nianbao("status", "--home", tmp_path / "none")
    assert (done.returncode, "nianbao run" in done.stderr, (tmp_path / "none").exists()) == (2, True, False)


def test_status_needs_neither_prefect_nor_great_expectations(home: Path) -> None:
    script = (
        "import sys\nfrom flows.command import main\n"
        f"try:\n    main(['status', '--home', {str(home)!r}])\nexcept SystemExit:\n    pass\n"
        "heavy = {'prefect', 'great_expectations'}\n"
        "print('HEAVY', sorted({name.split('.')[0] for name in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stderr


def test_the_journal_outlives_a_line_that_was_torn(tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    journal.begin(home, "one", "annual")
    journal.end(home, "one", "published", run_id="r1")
    journal.begin(home, "two", "annual")
    with home.journal.open("a", encoding="utf-8") as file:
        file.write('{"attempt": "two", "ended": "2026-')  # the process was killed while it wrote
    journal.begin(home, "three", "catch-up")
    with home.lock():
        assert [(one.attempt, one.result) for one in journal.past(home)] == [
            ("one", "published"),
            ("two", "crashed"),
            ("three", "running"),
        ]
    assert journal.past(home)[-1].result == "crashed"
