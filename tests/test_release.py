"""Releases: built aside, checked, swapped in; neither readers nor crashes nor reruns ever see less than a whole one."""

import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from warehouse_rows import BING, JIA, RUN, YI, mention, observation, report, tables

from warehouse.contracts import LAKE_TABLES, MENTIONS, OBSERVATIONS, REPORTS, Expected, Source
from warehouse.lake import Lake
from warehouse.query import query
from warehouse.release import content_digest, publish
from warehouse.releases import ReleaseError, current_run, find, releases, rollback

A, B, C = report(JIA, 2022), report(JIA, 2023), report(YI, 2023)
FIGURES = [(A, "admin_penalty_cases", "5"), (B, "admin_penalty_cases", "8"), (C, "people_mediators", "12.5")]
TABLES = tables([A, B, C], FIGURES)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one release, of ``TABLES``."""
    home = tmp_path_factory.mktemp("first")
    release = publish(home, TABLES, RUN)
    assert (release.published, release.current) == (True, True)
    return home


@pytest.fixture
def home(first: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(first, tmp_path / "home", symlinks=True))


def state(home: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in sorted(home.rglob("*")) if path.is_file())
    return {str(path.relative_to(home)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_a_release_says_what_it_is(first: Path) -> None:
    path = first / "releases/0123456789ab.duckdb"
    assert find(first, "0123456789ab").path == path
    manifest = json.loads((first / "releases/0123456789ab.json").read_text(encoding="utf-8"))
    rows = {table: described["rows"] for table, described in manifest["tables"].items()}
    assert rows == {
        "townships": 5, "indicators": 5, "reports": 3, "refusals": 0, "mentions": 3, "observations": 3,
        "corrections": 0, "correction_outcomes": 0, "findings": 0, "runs": 1, "sources": 0, "expected": 4,
    }  # fmt: skip
    assert {name: manifest[name] for name in ("run_id", "version", "rules", "dictionary", "registry", "storage")} == {
        "run_id": "0123456789ab", "version": "0.1.0", "rules": "rules", "dictionary": "dictionary",
        "registry": "registry", "storage": "v1.2.0",
    }  # fmt: skip
    assert manifest["content"] == content_digest(path) == content_digest(first / "nianbao.duckdb")
    assert (first / "nianbao.duckdb").read_bytes() == path.read_bytes()


def test_older_clients_can_open_the_file(first: Path) -> None:
    path = find(first, RUN.run_id).path
    with duckdb.connect(str(path), read_only=True) as connection:
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert tags == [({"storage_version": "v1.2.0+"},)]
    # DuckDB's main header: magic at 8, then the version number; 65 is what 1.2 writes, 2.0's own is 69.
    header = path.read_bytes()[:20]
    assert (header[8:12], int.from_bytes(header[12:20], "little")) == (b"DUCK", 65)


def test_the_same_run_again_changes_nothing(home: Path) -> None:
    before = state(home)
    again = publish(home, TABLES, RUN)
    assert (again.published, again.run_id) == (False, RUN.run_id)
    assert state(home) == before


def test_the_same_tables_say_the_same_in_whatever_order_they_come(first: Path, tmp_path: Path) -> None:
    one = find(first, RUN.run_id).manifest
    turned = {name: rows[::-1] for name, rows in TABLES.items()}
    other = publish(tmp_path / "other", turned, RUN).manifest
    assert one.content == other.content
    changed = tables([A, B, C], [*FIGURES[:-1], (C, "people_mediators", "12.6")])
    assert publish(tmp_path / "third", changed, RUN).manifest.content != one.content


def test_tables_of_the_lake_need_not_be_given(first: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    for contract in (REPORTS, MENTIONS, OBSERVATIONS):
        lake.write(contract, TABLES[contract.name])
    given = {name: rows for name, rows in TABLES.items() if name not in {table.name for table in LAKE_TABLES}}
    assert publish(tmp_path, given, RUN).manifest.content == find(first, RUN.run_id).manifest.content


def test_a_report_that_is_not_published_is_listed_without_its_figures(tmp_path: Path) -> None:
    quarantined, superseded = B._replace(status="quarantined"), C._replace(status="superseded")
    publish(tmp_path, {**TABLES, "reports": [A, quarantined, superseded]}, RUN)
    path = tmp_path / "nianbao.duckdb"
    assert query(path, "SELECT report_id FROM mentions").rows == [(A.report_id,)]
    assert query(path, "SELECT report_year, value FROM observations").rows == [(2022, 5)]
    assert query(path, "SELECT report_id, status FROM reports ORDER BY 1, 2").rows == [
        (A.report_id, "published"), (B.report_id, "quarantined"), (C.report_id, "superseded"),
    ]  # fmt: skip


def test_who_is_expected_follows_from_scope_sources_and_reports(tmp_path: Path) -> None:
    listed = Source("cd" * 32, "file:///list", A.retrieved_at, 9, BING, 2021)
    publish(tmp_path, {**TABLES, "sources": [listed]}, RUN, scope=["990102"])
    rows = query(tmp_path / "nianbao.duckdb", "SELECT * FROM expected ORDER BY ALL").rows
    assert [Expected(*row) for row in rows] == [
        *(Expected(JIA, year, "report") for year in (2021, 2022, 2023)),
        *(Expected(YI, year, "report") for year in (2021, 2022, 2023)),
        Expected(BING, 2021, "source"),
        *(Expected("990102101", year, "scope") for year in (2021, 2022, 2023)),
    ]


CELL = observation(B, 1, "admin_penalty_cases", "8")


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("observations", CELL, r'observations has one row for each "township_code", "report_year", "indicator"'),
        ("observations", CELL._replace(indicator="none"), r"observations\(indicator\) is in indicators"),
        (
            "observations",
            CELL._replace(indicator="people_mediators", ordinal=9),
            r"observations\(.*ordinal\) is in mentions",
        ),
        ("observations", CELL._replace(indicator="people_mediators", unit="case"), "has its indicator's unit"),
        (
            "observations",
            CELL._replace(indicator="people_mediators", unit="person", value=None),
            "an observation has a value, unless",
        ),
        (
            "observations",
            CELL._replace(indicator="people_mediators", unit="person", status="stated_zero"),
            "a stated zero is zero",
        ),
        (
            "observations",
            CELL._replace(indicator="people_mediators", unit="person", qualifier="ca."),
            "qualifier is one of",
        ),
        ("mentions", mention(B, 1, "8"), 'mentions has one row for each "report_id", "ordinal"'),
        ("mentions", mention(report(JIA, 2020), 1, "8"), None),
        ("reports", report("110000000", 2023), r"reports\(township_code\) is in townships.*'110000000'"),
        ("reports", B._replace(report_id="other"), "one report is published for a township and year"),
        ("townships", ("990101101", *TABLES["townships"][0][1:]), "townships has one row for each"),
    ],
)
def test_a_failed_check_names_the_rows_and_leaves_the_last_release(
    home: Path, table: str, row: tuple[object, ...], message: str | None
) -> None:
    before = state(home)
    wrong = {**TABLES, table: [*TABLES[table], row]}
    if message is None:  # a mention of a report that is not there is not loaded at all
        assert publish(home, wrong, RUN._replace(run_id="next")).manifest.tables["mentions"]["rows"] == 3
        return
    with pytest.raises(ReleaseError, match=message):
        publish(home, wrong, RUN._replace(run_id="next"))
    assert state(home) == before


def test_an_observation_may_not_rest_on_a_plan_or_a_part(tmp_path: Path) -> None:
    mentions = [mention(A, 1, "5", kind="plan"), mention(B, 1, "8", scope="part"), TABLES["mentions"][2]]
    with pytest.raises(ReleaseError, match="mention is actual or zero and speaks of the township: 2 rows break this"):
        publish(tmp_path, {**TABLES, "mentions": mentions}, RUN)


def test_a_table_too_few_or_too_many_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="the table townships was not given"):
        publish(tmp_path, {name: rows for name, rows in TABLES.items() if name != "townships"}, RUN)
    with pytest.raises(ReleaseError, match="no such table: towns; the tables are townships, "):
        publish(tmp_path, {**TABLES, "towns": []}, RUN)


def test_going_back_and_on_again(tmp_path: Path) -> None:
    for name in ("aaa1", "aab2", "ccc3"):
        publish(tmp_path, TABLES, RUN._replace(run_id=name))
    assert [(one.run_id, one.current) for one in releases(tmp_path)] == [
        ("ccc3", True),
        ("aab2", False),
        ("aaa1", False),
    ]
    back = rollback(tmp_path, "aaa")
    assert (back.run_id, back.published, current_run(tmp_path)) == ("aaa1", True, "aaa1")
    assert rollback(tmp_path, "aaa1").published is False
    before = state(tmp_path / "releases")
    on = publish(tmp_path, TABLES, RUN._replace(run_id="ccc3"))
    assert (on.published, current_run(tmp_path)) == (True, "ccc3")
    assert state(tmp_path / "releases") | {".lock": ()} == before | {".lock": ()}
    with pytest.raises(ReleaseError, match=r"several releases begin with 'aa' .* aab2, aaa1"):
        find(tmp_path, "aa")
    with pytest.raises(ReleaseError, match=r"no release 'x' .* ccc3, aab2, aaa1"):
        rollback(tmp_path, "x")


def test_a_release_whose_bytes_have_changed_is_not_gone_back_to(home: Path) -> None:
    path = find(home, RUN.run_id).path
    publish(home, TABLES, RUN._replace(run_id="new"))
    assert path.stat().st_mode & 0o222 == 0  # whoever may write all the same is found out
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ReleaseError, match=rf"{RUN.run_id}.duckdb is not what its manifest says \(bytes changed\)"):
        rollback(home, RUN.run_id)
    assert current_run(home) == "new"


def test_the_oldest_releases_go_but_never_the_current_one(tmp_path: Path) -> None:
    for at in range(4):
        publish(tmp_path, TABLES, RUN._replace(run_id=f"r{at}"), keep=9)
    rollback(tmp_path, "r0")
    publish(tmp_path, TABLES, RUN._replace(run_id="r4"), keep=2)
    assert [one.run_id for one in releases(tmp_path)] == ["r4", "r3"]
    rollback(tmp_path, "r3")
    assert sorted(path.name for path in (tmp_path / "releases").glob("r*")) == [
        "r3.duckdb", "r3.json", "r4.duckdb", "r4.json",
    ]  # fmt: skip


def test_the_current_release_opens_in_every_mode_and_takes_no_writing(home: Path) -> None:
    current = home / "nianbao.duckdb"
    for read_only in (True, False):
        with duckdb.connect(str(current), read_only=read_only) as connection:
            assert connection.execute("SELECT count(*) FROM observations").fetchall() == [(3,)]
            connection.execute("CREATE TEMP TABLE mine AS FROM observations")
            assert current_run(home) == RUN.run_id  # though it is held open
    with (
        duckdb.connect(str(current)) as connection,
        pytest.raises(duckdb.Error, match=r"nianbao\.duckdb\.wal"),
    ):
        connection.execute("DELETE FROM observations")
    assert content_digest(current) == find(home, RUN.run_id).manifest.content
    mine = shutil.copy(current, home / "mine.duckdb")
    with duckdb.connect(str(mine)) as connection:
        assert connection.execute("DELETE FROM observations").fetchall() == [(3,)]


SHELL = """
import os, sys
import duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
for word in map(str.strip, sys.stdin):
    if word == "die":
        os._exit(9)
    try:
        connection.execute("UPDATE observations SET value = 999")
        print("written", flush=True)
    except duckdb.Error:
        print("refused", flush=True)
connection.close()
"""


@pytest.mark.parametrize(
    ("log", "before", "after"),
    [
        ("barred", "refused", "refused"),  # the link is in the log's place
        ("open", "written", "written"),  # a home of an earlier version: the shell has a log of its own
        ("open", "written", "die"),
        ("open", None, "refused"),
    ],
)
def test_what_a_shell_writes_does_not_reach_the_next_release(
    home: Path, log: str, before: str | None, after: str
) -> None:
    current = home / "nianbao.duckdb"
    if log == "open":
        current.with_name("nianbao.duckdb.wal").unlink()
    command = [sys.executable, "-c", SHELL, str(current)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None

        def write(word: str) -> str:
            shell.stdin.write(word + "\n")
            shell.stdin.flush()
            return shell.stdout.readline().strip()

        assert shell.stdout.readline() == "open\n"
        assert before is None or write("write") == before
        new = publish(home, TABLES, RUN._replace(run_id="new"))
        assert content_digest(current) == new.manifest.content
        assert write("die") == "" if after == "die" else write("write") == after
        assert content_digest(current) == new.manifest.content
        shell.communicate()
    assert content_digest(current) == new.manifest.content


READER = """
import os, pathlib, sys, time
import duckdb
path, stop = sys.argv[1:]
held, reads, parent = [], 0, os.getppid()
while not pathlib.Path(stop).exists() and os.getppid() == parent:  # a test that is killed cannot say stop
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{path}' AS r (READ_ONLY)")
    run, number = connection.execute("SELECT run_id, reports FROM r.runs").fetchall()[0]
    values = {row[0] for row in connection.execute("SELECT value FROM r.observations").fetchall()}
    assert run == f"run{number:04}", run
    assert values == {number}, (number, values)
    held.append((connection, number))
    reads += 1
    if len(held) > 5:
        old, number = held.pop(0)
        assert {row[0] for row in old.execute("SELECT value FROM r.observations").fetchall()} == {number}
        old.close()
    time.sleep(0.4)  # so that four readers leave the publisher a core
print(reads)
"""
BUILT, PUBLISHED = 10, 200
"""Releases built, and publications in all: later ones put earlier releases back, the same swap for a reader."""


def test_four_readers_read_and_hold_while_two_hundred_releases_are_published(tmp_path: Path) -> None:
    def numbered(number: int) -> None:
        run = RUN._replace(run_id=f"run{number:04}", reports=number)
        figures = [(of, "admin_penalty_cases", str(number)) for of in (A, B, C)]
        assert publish(tmp_path, tables([A, B, C], figures), run, keep=BUILT).published

    numbered(0)
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(tmp_path / "nianbao.duckdb"), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    try:
        for number in range(1, PUBLISHED + 1):
            numbered(number % BUILT)
    finally:
        stop.touch()
        told = [reader.communicate(timeout=800) for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * 4, told
    assert all(int(out) > 0 for out, _ in told)
    assert current_run(tmp_path) == f"run{PUBLISHED % BUILT:04}"


PUBLISHER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from warehouse_rows import JIA, RUN, YI, report, tables
from warehouse.release import publish
reports = [report(JIA, 2022), report(JIA, 2023), report(YI, 2023)]
figures = [(of, "admin_penalty_cases", "2") for of in reports]
print("go", flush=True)
publish(Path(sys.argv[1]), tables(reports, figures), RUN._replace(run_id="new"))
print("done", flush=True)
"""


def test_a_publisher_killed_at_any_instant_leaves_the_old_or_the_new_release(
    first: Path, home: Path, tmp_path: Path
) -> None:
    told, span = _kill_after(home, None)
    assert told == ["go", "done"]
    content = find(home, "new").manifest.content
    changed = tables([A, B, C], [(of, "admin_penalty_cases", "2") for of in (A, B, C)])
    outcomes = set()
    for step in range(8):
        again = tmp_path / f"killed{step}"
        shutil.copytree(first, again, symlinks=True)
        _kill_after(again, span * step / 7)
        now = current_run(again)
        outcomes.add(now)
        assert now in {RUN.run_id, "new"}
        assert content_digest(again / "nianbao.duckdb") == find(again, now).manifest.content
        assert publish(again, changed, RUN._replace(run_id="new")).current
        assert content_digest(again / "nianbao.duckdb") == find(again, "new").manifest.content == content
        assert sorted(path.name for path in again.rglob("*.tmp*")) == []
    assert RUN.run_id in outcomes


def _kill_after(home: Path, seconds: float | None) -> tuple[list[str], float]:
    command = [sys.executable, "-c", PUBLISHER, str(home), str(Path(__file__).parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline().strip()
    began = time.monotonic()
    if seconds is not None:
        threading.Event().wait(seconds)
        process.kill()
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    return [first, *rest], time.monotonic() - began
