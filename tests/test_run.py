"""The main job end to end: what a run leaves, that a second one changes nothing, and that a killed one heals."""

import hashlib
import json
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from conftest import SAMPLE, Command
from warm import Warm

from flows import journal
from flows.home import Home
from warehouse.contracts import FINDINGS, RUNS
from warehouse.lake import Lake
from warehouse.releases import releases


def bytes_under(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder, by its relative name."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def times_under(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def result(home: Path) -> dict[str, Any]:
    """What a home ends in: the lake to the byte, the snapshots, and the content of the current release."""
    (release,) = releases(home)
    return {
        "lake": bytes_under(home / "lake"),
        "snapshots": bytes_under(home / "snapshots"),
        "run_id": release.run_id,
        "content": release.manifest.content,
        "current": release.current,
    }


def left_behind(home: Path) -> None:
    """What a run leaves that is stopped between its report and its end."""
    (home / "work").mkdir()
    (home / "work" / "expected.parquet").write_bytes(b"unfinished")


def ask(nianbao: Command, home: Path, sql: str) -> list[dict[str, Any]]:
    done = nianbao("query", sql, "--home", home, "--format", "json")
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_the_indicators_of_the_sample(nianbao: Command, home: Path) -> None:
    rows = ask(
        nianbao,
        home,
        "select indicator, value, unit, status from indicator_values "
        "where township_code='445103107' and report_year=2023",
    )
    values = {row["indicator"]: (row["value"], row["unit"], row["status"]) for row in rows}
    assert len(values) >= 44
    assert values["penalty_fine_amount"] == (3550000, "CNY", "reported")
    assert values["admin_litigation_cases"] == (0, "case", "stated_zero")
    assert values["admin_reconsideration_cases"] == (0, "case", "stated_zero")


def test_every_number_leads_to_its_sentence(nianbao: Command, home: Path) -> None:
    (row,) = ask(nianbao, home, "select * from evidence where indicator='penalty_fine_amount'")
    assert "共计罚款355万元" in row["sentence"]
    assert row["source_uri"] == SAMPLE.as_uri()


def test_the_findings_of_a_careful_reader(nianbao: Command, home: Path) -> None:
    rows = ask(nianbao, home, "select severity, indicator, message, evidence from findings")
    (parts,) = [row for row in rows if row["indicator"] == "admin_penalty_cases" and row["severity"] == "warning"]
    assert "91" in parts["message"]
    assert "92" in parts["message"]
    assert "其中71宗已办结" in parts["evidence"]
    assert [row["severity"] for row in rows if "9" in row["message"] and "31" in row["message"]] == ["info"]
    assert not [row for row in rows if row["indicator"] == "village_mediation_committees"]
    assert not [row for row in rows if row["severity"] == "critical"]


def test_a_second_run_on_the_same_input_changes_nothing_and_says_so(nianbao: Command, home: Path) -> None:
    before = result(home), times_under(home / "lake"), times_under(home / "releases"), times_under(home / "runs")
    left_behind(home)
    done = nianbao("run", SAMPLE, "--home", home)
    assert done.returncode == 0
    assert "unchanged" in done.stdout
    assert (
        result(home),
        times_under(home / "lake"),
        times_under(home / "releases"),
        times_under(home / "runs"),
    ) == before
    assert not (home / "work").exists()


def test_where_nothing_is_new_no_server_is_started_and_the_journal_has_the_run(nianbao: Command, home: Path) -> None:
    before = result(home), times_under(home / "lake"), bytes_under(home / "memory")
    left_behind(home)
    staged = home / "work" / "rules-batch"  # by another run, which goes on with it
    staged.mkdir()
    done = nianbao("run", SAMPLE, "--home", home, PREFECT_API_URL="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "unchanged" in done.stdout
    memory = bytes_under(home / "memory")
    memory.pop("still.json", "")  # made once the store is old enough to tell its changes apart
    assert (result(home), times_under(home / "lake"), memory) == before
    assert not (home / "prefect").exists()
    assert list((home / "work").iterdir()) == [staged]
    staged.rmdir()
    last = journal.past(Home(home))[-1]
    assert (last.result, last.run_id, last.occasion) == ("unchanged", before[0]["run_id"], "by hand")


def test_two_runs_in_one_home_do_not_overlap(nianbao: Command, home: Path) -> None:
    with Home(home).lock():
        done = nianbao("run", SAMPLE, "--home", home)
    assert done.returncode == 2
    assert "another run" in done.stderr


def test_a_source_that_is_not_there_stops_the_run_before_it_starts(nianbao: Command, tmp_path: Path) -> None:
    done = nianbao("run", tmp_path / "none.pdf", "--home", tmp_path / "home")
    assert done.returncode == 2
    assert "no such file" in done.stderr


def test_one_bad_file_does_not_stop_the_others(nianbao: Command, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(SAMPLE.read_bytes())
    (folder / "b.txt").write_text("天气预报：明天晴。", encoding="utf-8")
    (folder / "c.bin").write_bytes(bytes(range(256)) * 20)
    (folder / "d.txt").write_bytes(b"")
    done = nianbao("run", folder, "--home", tmp_path / "home")
    assert done.returncode == 0, done.stderr
    rows = ask(
        nianbao, tmp_path / "home", "select parse_filename(source_uri) as name, reason from refusals order by all"
    )
    assert [row["name"] for row in rows] == ["b.txt", "c.bin", "d.txt"]
    assert [row["reason"] for row in rows][2] == "empty"
    assert len(ask(nianbao, tmp_path / "home", "from reports")) == 1


def test_what_earlier_runs_found_stays_beside_what_a_later_one_finds(
    nianbao: Command, home: Path, tmp_path: Path
) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home", symlinks=True))
    lake = Lake(mine / "lake")
    first = lake.read(FINDINGS)
    (file,) = lake.files(FINDINGS)
    before = file.stat().st_mtime_ns
    other = tmp_path / "b.txt"
    other.write_text("天气预报：明天晴。", encoding="utf-8")
    done = nianbao("run", SAMPLE, other, "--home", mine)
    assert done.returncode == 0, done.stderr
    second, runs = ask(nianbao, mine, "from findings"), [row[0] for row in lake.rows(RUNS)]
    (newer,) = {row["run_id"] for row in second}
    (older,) = set(first.column("run_id").to_pylist())
    assert sorted(runs) == sorted([older, newer])
    kept = lake.read(FINDINGS)
    assert kept.num_rows == first.num_rows + len(second)
    assert kept.filter(pc.field("run_id") == older) == first
    assert file.stat().st_mtime_ns == before
    told = nianbao("report", "--history", "--home", mine)
    page = Path(told.stdout.splitlines()[-1]).read_text(encoding="utf-8")
    assert [run for run in (older, newer) if run not in page] == []


STEPS = ("1/8", "2-4/8", "5/8", "7/8", "8/8")


def test_runs_killed_at_one_step_after_another_end_in_the_same_bytes_when_run_again(
    warm: Warm, nianbao: Command, home: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each goes on from what the one killed before it left, one step further."""
    log = tmp_path_factory.mktemp("log") / "log"
    for step in STEPS:
        run = warm.start(["run", str(SAMPLE), "--home", str(tmp_path)], log)
        while not any(line.startswith(step) for line in log.read_text(encoding="utf-8").splitlines()):
            assert run.poll() is None, f"the run never said {step}"
            time.sleep(0.01)
        time.sleep(random.Random(step).uniform(0, 0.15))
        run.kill()
        assert run.wait(800) in {-signal.SIGKILL, 0}, step
    done = nianbao("run", SAMPLE, "--home", tmp_path)
    assert done.returncode == 0, done.stderr
    assert result(tmp_path) == result(home)
    assert bytes_under(tmp_path / "runs").keys() == bytes_under(home / "runs").keys()
    assert not (tmp_path / "work").exists()


def test_a_run_that_nobody_waits_for_leaves_the_next_its_own_end(warm: Warm, tmp_path: Path) -> None:
    warm.start(["townships", "没有这个地方"], tmp_path / "log")
    assert warm.start(["townships", "沙溪"], tmp_path / "log").wait(800) == 0
    assert warm.start(["townships", "没有这个地方"], tmp_path / "log").wait(800) == 1
