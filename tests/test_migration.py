"""A home of another version: opened, brought up to date, or refused with what to do; never misread."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import SAMPLE, Command
from faults import tables

from flows.home import FORMAT, Home, HomeError
from flows.migration import migrate
from warehouse.contracts import FINDINGS, MENTIONS, REPORTS, SOURCES, Contract, Finding
from warehouse.lake import Lake
from warehouse.schema import to_arrow


def rewrite(home: Home, contract: Contract, change: Any) -> None:
    """Change the stored files of a table, as another version would have written them."""
    for file in Lake(home.lake).files(contract):
        pq.write_table(change(pq.ParquetFile(file).read()), file)


@pytest.fixture
def home(home: Path, tmp_path: Path) -> Home:
    """A home of this version after one run on the sample, which a test may change."""
    return Home(Path(shutil.copytree(home, tmp_path / "home", symlinks=True)))


def test_a_home_of_this_version_is_left_alone(home: Home) -> None:
    assert (home.root / "FORMAT").read_text(encoding="ascii") == f"{FORMAT}\n"
    before = {path: path.stat().st_mtime_ns for path in home.lake.rglob("*")}
    assert migrate(home) == []
    assert {path: path.stat().st_mtime_ns for path in home.lake.rglob("*")} == before


def test_a_home_of_a_newer_version_is_refused(home: Home) -> None:
    (home.root / "FORMAT").write_text(f"{FORMAT + 1}\n", encoding="ascii")
    with pytest.raises(HomeError, match="upgrade nianbao"):
        home.open()


def test_columns_that_were_not_yet_there_come_in_empty_and_old_ones_go(home: Home) -> None:
    def older(table: pa.Table) -> pa.Table:
        return table.drop_columns(["township_code"]).append_column("colour", pa.array(["red"] * table.num_rows))

    rewrite(home, SOURCES, older)
    (done,) = migrate(home)
    assert (done.table, "colour, township_code" in done.what) == ("sources", True)
    (row,) = Lake(home.lake).read(SOURCES).to_pylist()
    assert (row["township_code"], row["source_uri"]) == (None, SAMPLE.as_uri())
    assert migrate(home) == []


def test_a_table_that_cannot_be_carried_over_is_read_anew_from_the_snapshots(home: Home, nianbao: Command) -> None:
    before = tables(home.root)
    rewrite(home, MENTIONS, lambda table: table.drop_columns(["surface"]))
    done = nianbao("run", SAMPLE, "--home", home.root)
    assert done.returncode == 0, done.stderr
    assert "mentions" in done.stderr
    assert "put aside" in done.stderr
    assert tables(home.root) == before
    assert (home.lake / "aside" / "mentions").is_dir()
    assert (home.lake / "aside" / "reports").is_dir()


def test_sources_that_cannot_be_carried_over_stop_the_run_and_change_nothing(home: Home, nianbao: Command) -> None:
    rewrite(home, REPORTS, lambda table: table.drop_columns(["title"]))
    rewrite(home, SOURCES, lambda table: table.drop_columns(["sha256"]))
    done = nianbao("run", SAMPLE, "--home", home.root)
    assert done.returncode == 2, done.stderr
    assert "snapshots stay" in done.stderr
    assert not (home.lake / "aside").exists()
    last = [json.loads(line) for line in home.journal.read_text(encoding="utf-8").splitlines()][-1]
    assert (last["result"], last["needs_person"]) == ("unable", True)


def test_findings_that_stood_in_one_file_are_parted_by_their_runs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    rows = [
        Finding(run, "info", "stated_twice", None, None, 2023, None, None, "两次", "twice", "制作短视频9条。")
        for run in ("aaa", "bbb")
    ]
    (home.lake / "findings").mkdir(parents=True)
    pq.write_table(to_arrow(FINDINGS, rows), home.lake / "findings" / "part.parquet")
    assert [done.table for done in migrate(home)] == ["findings"]
    files = [str(path.relative_to(home.lake)) for path in sorted(home.lake.rglob("*.parquet"))]
    assert files == ["findings/run_id=aaa/part.parquet", "findings/run_id=bbb/part.parquet"]
    assert list(Lake(home.lake).rows(FINDINGS)) == rows
    assert migrate(home) == []
