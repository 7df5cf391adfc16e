"""A home in object storage: what is brought and kept, in which order, who may work in it; against a real S3 server."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from object_store import ObjectStore
from warehouse_rows import JIA, RUN, report, tables

from flows.bucket import Bucket
from flows.home import Home, HomeError
from flows.lease import Lease, is_leased
from warehouse import releases
from warehouse.objects import Conflict, Objects
from warehouse.release import publish
from warehouse.snapshots import CorruptSnapshot

NUMBERS = count()
FIGURES = [(report(JIA, 2023), "admin_penalty_cases", "92")]


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    made = ObjectStore()
    yield made
    made.close()


@pytest.fixture
def url(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A home's address in a bucket of its own; this machine's cache is empty."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NIANBAO_CACHE", str(tmp_path / "cache"))
    yield store.bucket(f"test-{next(NUMBERS)}") + "/towns"
    store.asked = lambda _method, _key: None


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this is another machine: its cache is another."""
    monkeypatch.setenv("NIANBAO_CACHE", str(tmp_path / "elsewhere"))


def under(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(url: str) -> list[str]:
    return sorted(name for name in Objects(url).list() if not name.startswith("."))


def published(home: Home, run_id: str) -> None:
    """A release of this run in the folder that a run works in."""
    publish(home.root, tables([FIGURES[0][0]], FIGURES), RUN._replace(run_id=run_id))


class TestObjects:
    def test_an_object_is_put_on_conditions(self, url: str) -> None:
        objects = Objects(url)
        first = objects.put("a", b"1", None)
        with pytest.raises(Conflict):
            objects.put("a", b"2", None)
        second = objects.put("a", b"2", first)
        with pytest.raises(Conflict):
            objects.put("a", b"3", first)
        with pytest.raises(Conflict):
            objects.put("b", b"3", first)
        found = objects.get("a")
        assert found
        assert (found[0], found[1].etag, objects.get("b")) == (b"2", second, None)

    def test_a_put_that_meets_its_own_bytes_went_through(self, url: str) -> None:
        """The answer to a request may be lost; the client tries again, and finds that the object stands."""
        objects = Objects(url)
        assert objects.put("a", b"1", None) == objects.put("a", b"1", None)

    def test_what_lies_under_a_prefix(self, url: str) -> None:
        objects = Objects(url)
        for name in ("a", "lake/x", "lake/y/z", "lakes/w"):
            objects.put(name, b"")
        assert sorted(objects.list("lake/")) == ["lake/x", "lake/y/z"]
        assert sorted(objects.top()) == ["a"]
        objects.delete(["a", "lake/x", "none"])
        assert sorted(objects.list()) == ["lake/y/z", "lakes/w"]


class TestLease:
    def test_one_at_a_time(self, url: str) -> None:
        objects = Objects(url)
        with Lease(objects, "here", 0), pytest.raises(HomeError, match=r"another run .* is working in s3://"):
            Lease(objects, "there", 0).__enter__()
        with Lease(objects, "there", 0) as lease:
            assert (lease.holds, is_leased(objects)) == (True, True)
        assert not is_leased(objects)

    def test_a_dead_run_of_another_machine_is_waited_for(self, url: str) -> None:
        objects = Objects(url)
        dead = Lease(objects, "there", 0, seconds=5)
        assert dead._take()  # and never renewed
        with pytest.raises(HomeError):
            Lease(objects, "here", 0, seconds=5).__enter__()
        with Lease(objects, "here", 300, seconds=5) as lease:
            lease.check()
            assert not dead.holds

    def test_a_dead_run_of_this_folder_is_not(self, url: str) -> None:
        objects = Objects(url)
        assert Lease(objects, "here", 0)._take()
        with Lease(objects, "here", 0) as lease:
            lease.check()

    def test_it_is_renewed_while_the_run_lasts(self, url: str) -> None:
        objects = Objects(url)
        with Lease(objects, "here", 0, seconds=5) as lease:
            time.sleep(6)
            lease.check()
            with pytest.raises(HomeError):
                Lease(objects, "there", 0, seconds=5).__enter__()

    def test_one_that_was_taken_over_is_lost(self, url: str) -> None:
        objects = Objects(url)
        with Lease(objects, "here", 0, seconds=1) as lease:
            objects.put(".lease", b'{"free": false, "folder": "there"}')
            while lease.holds:
                time.sleep(0.05)
            with pytest.raises(HomeError, match=r"lost its hold of s3://.* run again"):
                lease.check()


class TestHome:
    def test_what_a_run_made_is_here_on_every_machine(self, url: str, request: pytest.FixtureRequest) -> None:
        with Home.find(url).open().lock() as home:
            sha256 = home.store().put("原件".encode(), {"url": "https://town.example.test/"})
            published(home, "0123456789ab")
            (home.lake / "reports" / "report_year=2023").mkdir(parents=True)
            (home.lake / "reports" / "report_year=2023" / "part.parquet").write_bytes(b"rows")
            home.journal.write_text("{}\n", encoding="utf-8")
            home.storage.save()
            before = under(home.root)
        request.getfixturevalue("elsewhere")
        with Home.find(url).lock() as home:
            here = under(home.root)
            assert home.store().get(sha256) == "原件".encode()
            release = releases.find(home.root, "0123")
            assert release.current
            assert home.storage.bring(release.path).read_bytes() == before["releases/0123456789ab.duckdb"]
        kept = {"FORMAT", "runs.jsonl", "lake/reports/report_year=2023/part.parquet", "releases/0123456789ab.json"}
        assert {name: here[name] for name in kept} == {name: before[name] for name in kept}

    def test_the_order_of_what_is_put(self, url: str, store: ObjectStore) -> None:
        """What names something goes after it, as a home in a folder is written: any prefix of this is a home."""
        with Home.find(url).open().lock() as home:
            home.store().put(b"a snapshot")
            for name in ("lake/reports/part.parquet", "lake/mentions/part.parquet", "runs/0123456789ab/report.json"):
                (home.root / name).parent.mkdir(parents=True, exist_ok=True)
                (home.root / name).write_bytes(b"rows")
            published(home, "0123456789ab")
            store.puts.clear()
            home.storage.save()
            assert [re.sub("[0-9a-f]{64}", "(a digest)", name) for name in store.puts] == [
                "towns/snapshots/4f/(a digest)",
                "towns/FORMAT",
                "towns/lake/mentions/part.parquet",
                "towns/lake/reports/part.parquet",
                "towns/releases/0123456789ab.duckdb",
                "towns/releases/0123456789ab.json",
                "towns/current.json",
                "towns/runs/0123456789ab/report.json",
            ]

    def test_a_second_save_puts_nothing(self, url: str, store: ObjectStore) -> None:
        with Home.find(url).open().lock() as home:
            home.store().put(b"a snapshot")
            published(home, "0123456789ab")
            home.storage.save()
            store.puts.clear()
            home.storage.save()
            assert store.puts == []

    def test_whatever_a_run_keeps_is_there_for_the_next(self, url: str) -> None:
        """Also in parts of a home that are not named in the code of buckets."""
        for content in (b"first", b"second"):
            with Home.find(url).open().lock() as home:
                path = home.root / "memory" / "findings.parquet"
                assert not path.exists() or path.read_bytes() == b"first"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                home.storage.save()
        found = Objects(url).get("memory/findings.parquet")
        assert found
        assert found[0] == b"second"

    def test_what_a_killed_run_left_in_its_folder_does_not_count(self, url: str) -> None:
        with Home.find(url).open().lock() as home:
            (home.root / "corrections.csv").write_bytes(b"kept")
            home.storage.save()
            (home.root / "corrections.csv").write_bytes(b"half")
            (home.lake / "reports").mkdir(parents=True)
            (home.lake / "reports" / "part.parquet").write_bytes(b"half")
            sha256 = home.store().put(b"a snapshot is what its name says")
            (home.work / "batch").mkdir(parents=True)
            published(home, "0123456789ab")
        with Home.find(url).lock() as home:
            assert home.corrections.read_bytes() == b"kept"
            assert not (home.lake / "reports" / "part.parquet").exists()
            assert (releases.releases(home.root), releases.current_run(home.root)) == ((), None)
            assert (home.work / "batch").exists()
            home.storage.save()
        assert names(url) == ["FORMAT", "corrections.csv", f"snapshots/{sha256[:2]}/{sha256}"]

    def test_what_vanishes_here_vanishes_there_and_elsewhere(self, url: str, request: pytest.FixtureRequest) -> None:
        cache = os.environ["NIANBAO_CACHE"]
        with Home.find(url).open().lock() as home:
            for run_id in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
                published(home, run_id)
            (home.lake / "texts").mkdir(parents=True)
            (home.lake / "texts" / "part.parquet").write_bytes(b"rows")
            home.storage.save()
        request.getfixturevalue("elsewhere")
        with Home.find(url).lock() as home:
            (home.lake / "texts" / "part.parquet").unlink()
            assert releases.prune(home.root, keep=1) == ("aaaaaaaaaaaa",)
            home.storage.save()
        assert names(url) == ["FORMAT", "current.json", "releases/bbbbbbbbbbbb.duckdb", "releases/bbbbbbbbbbbb.json"]
        os.environ["NIANBAO_CACHE"] = cache
        with Home.find(url).lock() as home:
            assert not (home.lake / "texts" / "part.parquet").exists()
            assert [release.run_id for release in releases.releases(home.root)] == ["bbbbbbbbbbbb"]

    def test_a_run_that_lost_the_home_writes_over_nothing(self, url: str, request: pytest.FixtureRequest) -> None:
        """It may not know it yet: the machine slept, another took over. Its puts are on conditions."""
        with Home.find(url).open().lock() as home:
            home.corrections.write_bytes(b"first")
            home.storage.save()
            request.getfixturevalue("elsewhere")
            objects = Objects(url)
            objects.put("corrections.csv", b"another run's")
            home.corrections.write_bytes(b"mine")
            with pytest.raises(HomeError, match="written by somebody else"):
                home.storage.save()
        found = objects.get("corrections.csv")
        assert found
        assert found[0] == b"another run's"

    def test_a_reader_sees_the_old_release_or_the_new_one(self, url: str) -> None:
        reader = Home.find(url)
        with pytest.raises(HomeError, match=r"there is no release at s3://.*: 'nianbao run --home s3://.*' makes one"):
            reader.storage.bring(reader.current)
        with reader.open().lock() as home:
            published(home, "aaaaaaaaaaaa")
            home.storage.save()
            old = reader.storage.bring(reader.current)
            published(home, "bbbbbbbbbbbb")
            assert reader.storage.bring(reader.current) == old  # not kept yet
            home.storage.save()
            new = reader.storage.bring(reader.current)
        assert (releases.run_of(old), releases.run_of(new)) == ("aaaaaaaaaaaa", "bbbbbbbbbbbb")

    def test_a_release_is_fetched_once_and_by_its_checksum(self, url: str, store: ObjectStore) -> None:
        reader = Home.find(url)
        with reader.open().lock() as home:
            published(home, "aaaaaaaaaaaa")
            home.storage.save()
        gets: list[str] = []
        store.asked = lambda method, key: gets.append(key) if method == "GET" else None
        path = Home.find(url).storage.bring(reader.current)
        assert gets == ["towns/current.json", "towns/releases/aaaaaaaaaaaa.duckdb"]
        gets.clear()
        assert Home.find(url).storage.bring(reader.current) == path
        assert gets == ["towns/current.json"]
        path.unlink()
        Objects(url).put("releases/aaaaaaaaaaaa.duckdb", b"not this")
        with pytest.raises(HomeError, match="not what its manifest says"):
            reader.storage.bring(reader.current)
        assert not path.exists()

    def test_an_earlier_release_becomes_the_current_one_again(self, url: str, request: pytest.FixtureRequest) -> None:
        with Home.find(url).open().lock() as home:
            for run_id in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
                published(home, run_id)
            home.storage.save()
        request.getfixturevalue("elsewhere")
        with Home.find(url).edit() as home:
            home.storage.bring(releases.find(home.root, "aaaa").path)
            releases.rollback(home.root, "aaaa")
        reader = Home.find(url)
        assert releases.run_of(reader.storage.bring(reader.current)) == "aaaaaaaaaaaa"

    def test_many_snapshots_are_put_once(self, url: str, store: ObjectStore, request: pytest.FixtureRequest) -> None:
        contents = [f"报告{at}".encode() for at in range(60)]
        with Home.find(url).open().lock() as home:
            digests = [home.store().put(data) for data in contents]
            home.storage.save()
        request.getfixturevalue("elsewhere")
        with Home.find(url).lock() as home:
            found = home.store()
            home.storage.bring_missing(found.path(sha256) for sha256 in digests[:30])
            assert all(found.path(sha256).exists() for sha256 in digests[:30])
            for data in contents:
                found.put(data)
            store.puts.clear()
            home.storage.save()
            assert store.puts == []
            assert found.has(digests[40])
            with pytest.raises(CorruptSnapshot, match="is missing"):
                found.get("0" * 64)


def test_a_bucket_that_does_not_answer_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    home = Home.find(url)
    with pytest.raises(HomeError, match=r"cannot be used: .*; see the bucket's name, AWS_ENDPOINT_URL, AWS_REGION and"):
        home.storage.bring(home.current)


def test_a_bucket_that_is_not_there_is_said(url: str) -> None:
    home = Home.find("s3://no-such-bucket/towns")
    with pytest.raises(HomeError, match="there is no bucket at s3://no-such-bucket/towns: make it"):
        home.open().lock().__enter__()


@pytest.mark.parametrize("command", [["schedule", "--show"], ["serve"], ["doctor"], ["prune"], ["backup", "x"]])
def test_commands_that_look_after_a_folder_say_so(url: str, command: list[str]) -> None:
    from click.testing import CliRunner

    from flows.command import main

    done = CliRunner().invoke(main, [*command, "--home", url])
    assert done.exit_code == 2
    assert "is not a folder: for a home in object storage, a timer of the machine begins 'nianbao run'" in done.output


def test_without_the_extra_it_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['obstore.store'] = None\n"
        "sys.argv = ['nianbao', 'query', 'select 1', '--home', 's3://a-bucket/towns']\n"
        "from flows.command import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "Error: s3://a-bucket/towns needs obstore, which is not installed: pip install 'nianbao[s3]'\n"
    )


def test_a_home_in_a_folder_needs_nothing_of_this(tmp_path: Path) -> None:
    """Neither the library nor a socket: what could wait for a network cannot."""
    script = (
        "import socket, sys\n"
        "def no(*_): raise AssertionError('the network')\n"
        "socket.socket.connect = no\n"
        f"sys.argv = ['nianbao', 'status', '--home', {str(tmp_path)!r}]\n"
        "from flows.home import Home\n"
        f"with Home.find({str(tmp_path)!r}).open().lock() as home: home.storage.save()\n"
        "from flows.command import main\n"
        "try:\n main()\n"
        "except SystemExit as done:\n print(done.code, sorted({'obstore', 'distributed'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stderr


def test_the_folder_in_the_cache_is_of_this_address_and_endpoint(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Bucket.at(url).root
    assert Bucket.at(f"{url}/").root == here
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://other.example.test")
    assert Bucket.at(url).root != here
