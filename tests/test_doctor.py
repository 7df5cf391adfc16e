"""The doctor: well homes are well, and each planted trouble is found, with what to do."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import NIANBAO, SAMPLE, Command
from warm import mortal

from flows.doctor import Diagnosis, examine
from flows.home import Home
from warehouse.contracts import TEXTS
from warehouse.lake import Lake


@pytest.fixture
def home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A well home, which a test may spoil."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return Home(Path(shutil.copytree(home, tmp_path / "home", symlinks=True)))


def troubles(home: Home) -> dict[str, Diagnosis]:
    return {one.name: one for one in examine(home) if one.state != "ok" and one.name not in {"disk", "temporary files"}}


def test_a_well_home(home: Home, nianbao: Command) -> None:
    assert troubles(home) == {}
    done = nianbao("doctor", "--json", "--home", home.root)
    assert done.returncode == 0
    assert {"python", "packages", "home", "registry", "clock", "lake", "release"} <= {
        one["name"] for one in json.loads(done.stdout)
    }


def test_a_home_that_is_not_yet_there_is_no_trouble_and_is_not_made(tmp_path: Path) -> None:
    assert troubles(Home(tmp_path / "new")) == {}
    assert not (tmp_path / "new").exists()


def test_a_snapshot_that_is_gone(home: Home) -> None:
    next(path for path in home.snapshots.rglob("*") if path.is_file()).unlink()
    found = troubles(home)["snapshots"]
    assert (found.state, "backup" in found.todo) == ("error", True)


def test_a_lake_copied_while_a_run_wrote(home: Home) -> None:
    for file in Lake(home.lake).files(TEXTS):
        pq.write_table(pa.table(pq.read_table(file)).slice(0, 0), file)
    found = troubles(home)["lake"]
    assert (found.state, "read anew" in found.todo) == ("error", True)


def test_a_release_that_somebody_changed(home: Home) -> None:
    with duckdb.connect(str(home.root / "mine.duckdb")) as connection:
        connection.execute("CREATE TABLE runs AS SELECT 'mine' AS run_id")
    (home.root / "mine.duckdb").replace(home.current)
    found = troubles(home)["release"]
    assert (found.state, "rollback" in found.todo) == ("error", True)


def test_a_damaged_database_of_prefect(home: Home) -> None:
    home.prefect.mkdir(exist_ok=True)
    (home.prefect / "prefect.db").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    assert troubles(home)["prefect"].state == "error"


def test_a_schedule_that_nobody_runs(home: Home, nianbao: Command) -> None:
    assert nianbao("schedule", SAMPLE, "--home", home.root).returncode == 0
    found = troubles(home)["service"]
    assert (found.state, "nianbao serve" in found.todo) == ("warning", True)


def test_a_clock_that_went_back(home: Home) -> None:
    os.utime(home.root / "FORMAT", (4e9, 4e9))
    assert troubles(home)["clock"].state == "warning"


def test_a_server_that_does_not_answer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert troubles(home)["prefect"].state == "error"


def test_a_folder_that_may_not_be_written(home: Home) -> None:
    home.lake.chmod(0o555)
    command = [*mortal(), NIANBAO, "doctor", "--json", "--home", str(home.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    home.lake.chmod(0o755)
    (found,) = [one for one in json.loads(done.stdout) if one["name"] == "permissions"]
    assert (found["state"], str(home.lake) in found["found"], "chown" in found["todo"]) == ("error", True, True)
