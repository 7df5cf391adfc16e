"""Whole runs in a home in object storage: the same as in a folder, wherever they are killed; and the commands on it."""

import json
import os
import re
import shlex
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLE, Command
from object_store import ObjectStore
from warm import Warm

from warehouse.objects import Objects
from warehouse.releases import Manifest

LIST = f"township_code,report_year,url\n445103107,2023,{SAMPLE}\n"


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    made = ObjectStore()
    yield made
    made.close()


@pytest.fixture(scope="module")
def aws(store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine that may use the store."""
    return {**store.environment, "NIANBAO_CACHE": str(tmp_path_factory.mktemp("cache"))}


def documented() -> list[list[str]]:
    """The commands of the page on operations, as their reader would type them."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.split("## A home in object storage\n")[1].split("\n## ")[0]
    lines = (line.strip() for line in section.splitlines() if line.startswith("    nianbao "))
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.fixture(scope="module")
def url(
    store: ObjectStore,
    aws: dict[str, str],
    warm: Warm,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The home of the page on operations, after the run that is shown there, on a list of the sample report."""
    run = documented()[0]
    address = run[-1]
    assert run == ["run", "sources.csv", "--home", "s3://reports/guangdong"]
    assert store.bucket("reports") == "s3://reports"
    folder = tmp_path_factory.mktemp("list")
    (folder / "sources.csv").write_text(LIST, encoding="utf-8")
    code = warm.start(run, folder / "log", changes={"COLUMNS": "200", **aws}, folder=folder).wait(800)
    said = (folder / "log").read_text(encoding="utf-8")
    assert code == 0, said
    assert f"{address}/releases/" in said
    return address


@contextmanager
def used(environment: dict[str, str]) -> Iterator[None]:
    """This process, too, with that environment."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def objects(url: str, aws: dict[str, str]) -> dict[str, bytes]:
    """Every object of a home by its name, but the lease."""
    with used(aws):
        home = Objects(url)
        found = {name: home.get(name) for name in home.list() if not name.startswith(".")}
    return {name: data[0] for name, data in found.items() if data}


def result(url: str, aws: dict[str, str]) -> dict[str, object]:
    """What a home ends in: lake and snapshots to the byte, the content of the release, the names of all objects."""
    found = objects(url, aws)
    manifest = Manifest(**json.loads(found["current.json"]))
    return {
        "kept": {name: data for name, data in found.items() if name.startswith(("lake/", "snapshots/"))},
        "names": sorted(found),
        "run_id": manifest.run_id,
        "content": manifest.content,
    }


def test_it_is_moved_into_a_folder_and_is_a_home_there(
    url: str, aws: dict[str, str], home: Path, nianbao: Command, tmp_path: Path
) -> None:
    """And a home made in a folder has the same files but for the run's own, figures and names, and the machine's."""
    there = objects(url, aws)
    for name, data in there.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    run_id = json.loads(there["current.json"])["run_id"]
    shutil.copy(tmp_path / "releases" / f"{run_id}.duckdb", tmp_path / "nianbao.duckdb")
    assert run_id in nianbao("releases", "--home", tmp_path).stdout
    sql = "select * exclude (report_id) from observations order by all"
    here, made = (nianbao("query", sql, "--home", one).stdout for one in (tmp_path, home))
    assert here == made

    def names(folder: Path) -> set[str]:
        files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        own = re.compile(r"prefect/|(.*/)?\.lock|current\.json|memory/(seen\.parquet|still\.json)")
        return {
            re.sub(r"(releases/|runs/|run_id=)[0-9a-f]{12}", r"\1(run)", name) for name in files if not own.match(name)
        }

    assert names(tmp_path) == names(home)


def test_the_commands_read_it(url: str, aws: dict[str, str], nianbao: Command, tmp_path: Path) -> None:
    def said(*arguments: str | Path, code: int = 0) -> str:
        done = nianbao(*arguments, "--home", url, **aws)
        assert done.returncode == code, done.stderr
        return done.stdout

    for command in documented()[1:]:
        assert said(*command[: command.index("--home")])
    run_id = json.loads(objects(url, aws)["current.json"])["run_id"]
    sql = "select value from indicator_values where indicator = 'penalty_fine_amount'"
    assert said("query", sql, "--format", "csv") == "value\n3550000\n"
    assert run_id in said("releases")
    assert "共计罚款355万元" in said("explain", "445103107", "2023", "penalty_fine_amount")
    assert said("export", tmp_path / "values.csv").startswith(f"{tmp_path / 'values.csv'}: ")
    told = json.loads(said("status", "--json"))
    assert (told["home"], told["release"], [run["result"] for run in told["runs"]]) == (url, run_id, ["published"])
    page = Path(said("report").splitlines()[-1])
    assert page.read_bytes() == objects(url, aws)[f"runs/{run_id}/report.html"]
    assert run_id in said("rollback", run_id[:6])


def copied(url: str, aws: dict[str, str], name: str) -> str:
    """A copy of a home, to be changed."""
    address = f"s3://reports/{name}"
    with used(aws):
        for object_name, data in objects(url, aws).items():
            Objects(address).put(object_name, data)
    return address


def test_a_second_run_changes_nothing_on_another_machine_either(
    url: str, aws: dict[str, str], nianbao: Command, tmp_path: Path
) -> None:
    address = copied(url, aws, "second")
    before = objects(address, aws)
    (tmp_path / "sources.csv").write_text(LIST, encoding="utf-8")
    there = {**aws, "NIANBAO_CACHE": str(tmp_path / "elsewhere")}
    done = nianbao("run", tmp_path / "sources.csv", "--home", address, **there)
    assert done.returncode == 0, done.stderr
    assert "unchanged" in done.stdout
    after = objects(address, aws)
    assert before.pop("runs.jsonl") != after.pop("runs.jsonl")
    assert after == before
    cell = ("445103107", "2023", "penalty_fine_amount")
    done = nianbao(
        "correct", *cell, "--confirm", "--reason", "核对无误", "--author", "某某", "--home", address, **there
    )
    assert done.returncode == 0, done.stderr
    assert "核对无误" in objects(address, aws)["corrections.csv"].decode()


def test_another_machine_goes_on_where_the_last_run_ended(
    url: str, aws: dict[str, str], nianbao: Command, tmp_path: Path
) -> None:
    address = copied(url, aws, "further")
    other = tmp_path / "other.txt"
    other.write_text(SAMPLE.read_text(encoding="utf-8").replace("2023年", "2022年"), encoding="utf-8")
    done = nianbao("run", other, "--home", address, **{**aws, "NIANBAO_CACHE": str(tmp_path / "elsewhere")})
    assert done.returncode in {0, 1}, done.stderr
    assert "published" in done.stdout
    years = nianbao("query", "select distinct report_year from observations order by 1", "--home", address, **aws)
    assert years.stdout.split()[-2:] == ["2022", "2023"]
    done = nianbao("diff", "--home", address, **aws)
    assert done.returncode == 1, done.stderr
    assert "appeared" in done.stdout
    earlier = json.loads(objects(url, aws)["current.json"])["run_id"]
    assert nianbao("rollback", earlier, "--home", address, **aws).returncode == 0
    assert json.loads(objects(address, aws)["current.json"])["run_id"] == earlier


STEPS = ("lake/reports/", "releases/", "current.json")


@pytest.mark.parametrize("at", STEPS)
def test_a_run_killed_at_a_put_ends_in_the_same_when_run_again(
    at: str,
    store: ObjectStore,
    url: str,
    aws: dict[str, str],
    warm: Warm,
    nianbao: Command,
    tmp_path: Path,
) -> None:
    prefix = f"killed-{STEPS.index(at)}"
    address = f"s3://reports/{prefix}"
    there = {**aws, "NIANBAO_CACHE": str(tmp_path / "cache")}
    (tmp_path / "sources.csv").write_text(LIST, encoding="utf-8")
    command = ["run", tmp_path / "sources.csv", "--home", address]
    run = warm.start(list(map(str, command)), tmp_path / "log", changes=there)

    def kill(method: str, key: str) -> None:
        if method == "PUT" and key.startswith(f"{prefix}/{at}"):
            run.kill()

    store.asked = kill
    code = run.wait(800)
    store.asked = lambda _method, _key: None
    assert code == -signal.SIGKILL, (tmp_path / "log").read_text(encoding="utf-8")
    done = nianbao(*command, **there)
    assert done.returncode == 0, done.stderr
    assert result(address, aws) == result(url, aws)
