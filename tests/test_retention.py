"""What a home keeps, what it lets go, and that a backup taken while a run goes on can be restored."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import duckdb
import pytest
from conftest import Command
from faults import published, tables, write_reports
from warm import Warm

from flows.backup import backup
from flows.home import Home, HomeError
from flows.retention import prune, surplus
from flows.steps import Previous, last_release
from warehouse.contracts import RUNS, Run
from warehouse.lake import Lake
from warehouse.releases import releases
from warehouse.years import Years


def a_home(root: Path) -> Home:
    """A home with five releases, the second oldest current, and seven run reports, two of them without a release."""
    home = Home(root).open()
    home.releases.mkdir()
    manifest = (
        '{"run_id": "%s", "published_at": "2026-0%d-01T00:00:00+00:00", "version": "", "rules": "", "dictionary": "", '
        '"registry": "", "tables": {}, "content": "", "sha256": "", "bytes": 1, "storage": "", "manifest_version": 1}'
    )
    for at in range(1, 6):
        with duckdb.connect(str(home.releases / f"run{at}.duckdb")) as connection:
            connection.execute(f"CREATE TABLE runs AS SELECT 'run{at}' AS run_id")
        (home.releases / f"run{at}.json").write_text(manifest % (f"run{at}", at), encoding="utf-8")
    shutil.copy(home.releases / "run2.duckdb", home.current)
    for at in range(7):
        folder = home.runs / f"run{at}"
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("x" * 10, encoding="utf-8")
        os.utime(folder, (1e9 + at, 1e9 + at))
    (home.snapshots / "ab").mkdir(parents=True)
    (home.snapshots / "ab" / "abcd").write_bytes(b"kept for ever")
    home.corrections.write_text("mine", encoding="utf-8")
    return home


def test_a_part_of_a_download_goes_after_a_month(tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    home.snapshots.mkdir()
    fresh, old = home.snapshots / "fresh.part", home.snapshots / "old.part"
    for part in (fresh, old):
        part.write_bytes(b"{}\nhalf")
    os.utime(old, (1e9, 1e9))
    (gone,) = prune(home)
    assert (gone.path, gone.bytes, old.exists(), fresh.exists()) == (old, 7, False, True)


def names(home: Home) -> set[str]:
    return {
        str(path.relative_to(home.root)) for path in home.root.rglob("*") if path.is_file() and path.name != ".lock"
    }


def test_old_releases_and_their_run_reports_go_the_current_one_and_all_else_stay(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    before = names(home)
    planned = surplus(home, keep=2, run_reports=2)
    assert names(home) == before
    assert prune(home, keep=2, run_reports=2) == planned
    assert before - names(home) == {
        "releases/run1.json",
        "releases/run1.duckdb",
        "releases/run3.json",
        "releases/run3.duckdb",
        "runs/run0/report.html",
        "runs/run1/report.html",
        "runs/run3/report.html",
    }
    assert [(release.run_id, release.current) for release in releases(tmp_path)] == [
        ("run5", False),
        ("run4", False),
        ("run2", True),
    ]
    assert prune(home, keep=2, run_reports=2) == []


def test_after_a_rollback_a_run_is_compared_with_the_release_that_a_person_chose(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    runs = [Run(f"run{at}", "", "", "", "", 0, 0, 0, 0, 0, 0, 0) for at in range(1, 6)]
    Lake(home.lake).write(RUNS, runs)
    Years({2023: "rows"}, home.memory / "years").keep("run5")
    found = last_release(home, "run6")
    assert found == Previous(home.releases / "run2.duckdb", runs[1])  # not run5, the newest, nor its years
    found = last_release(home, "run2")
    assert found == Previous(home.releases / "run5.duckdb", runs[4], found.states)  # run again: not its own past
    assert list(found.states or ()) == [2023]


def test_nothing_goes_while_a_run_is_at_work(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    with home.lock(), pytest.raises(HomeError, match="another run"):
        prune(home, keep=1, run_reports=1)
    assert len(releases(tmp_path)) == 5


def test_a_backup_copies_what_changed_and_drops_what_is_gone(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home")
    first = backup(home, tmp_path / "copy")
    assert names(Home(tmp_path / "copy")) == names(home)
    again = backup(home, tmp_path / "copy")
    assert (again.files, again.same) == (0, first.files)
    prune(home, keep=1, run_reports=1)
    (home.snapshots / "ab" / "abcd").unlink()  # never by us; then least of all from a backup
    assert backup(home, tmp_path / "copy").files == 0
    assert names(Home(tmp_path / "copy")) == names(home) | {"snapshots/ab/abcd"}


def test_a_backup_into_the_home_or_of_none_is_refused(tmp_path: Path) -> None:
    home = a_home(tmp_path / "home")
    with pytest.raises(HomeError, match="inside the home"):
        backup(home, home.root / "copy")
    with pytest.raises(HomeError, match="no home"):
        backup(Home(tmp_path), tmp_path / "copy")


def test_backups_taken_all_through_a_run_restore_to_a_whole_release_and_the_next_run_completes_them(
    nianbao: Command, warm: Warm, tmp_path: Path
) -> None:
    files = write_reports(tmp_path / "all", 8)
    (tmp_path / "half").mkdir()
    for path in files[:4]:
        shutil.copy2(path, tmp_path / "half" / path.name)
    home, copies = tmp_path / "home", []
    assert nianbao("run", tmp_path / "half", "--home", home).returncode in {0, 1}
    run = warm.start(["run", str(tmp_path / "all"), "--home", str(home)], tmp_path / "log")
    while run.poll() is None:
        time.sleep(0.1)  # or the copies take what the run needs
        copies.append(tmp_path / f"copy{len(copies)}")
        backup(Home(home), copies[-1])
        # A plain copy may lack part of the lake, and files may go while it copies; its release is whole all the same.
        if len(copies) % 5 == 0:
            plain = tmp_path / "plain"
            subprocess.run(["cp", "-a", str(home), str(plain)], stderr=subprocess.DEVNULL, check=False)
            assert published(plain) in {4, 8}
            shutil.rmtree(plain)
    assert run.poll() in {0, 1}
    wanted = tables(home)
    assert {published(copy) for copy in copies} <= {4, 8}
    # The copies whose lake lies between the two states are those that matter; one of each lake is enough.
    lakes = {
        str(
            [(path.relative_to(copy), path.stat().st_size) for path in sorted((copy / "lake").rglob("*.parquet"))]
        ): copy
        for copy in copies
    }
    for copy in list(lakes.values())[-2:]:
        assert nianbao("run", tmp_path / "all", "--home", copy).returncode in {0, 1}
        assert tables(copy) == wanted
        assert published(copy) == 8
