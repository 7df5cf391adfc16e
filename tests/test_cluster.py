"""`nianbao run --dask`: a real scheduler and worker processes over TCP; workers that die; what is said in trouble."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from click.testing import CliRunner
from conftest import SAMPLE, Command
from synthetic_reports import plain_unique
from synthetic_texts import Maker
from test_run import bytes_under

from flows import acquisition, steps
from flows.cluster import Cluster, ClusterError, reach
from flows.command import main
from flows.home import Home
from flows.parameters import Parameters
from flows.workers import Workers
from transforms.registry import Registry

FORMS = Path(__file__).parent / "forms"
DASK = str(Path(sys.executable).with_name("dask"))
NOBODY = "tcp://127.0.0.1:9"


@contextmanager
def dask(arguments: list[str], ready: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A process of Dask, once it says that it is ready; and what it says there."""
    with NamedTemporaryFile() as log:
        process = subprocess.Popen([DASK, *arguments, "--no-dashboard"], stderr=log)
        try:
            while not (found := re.search(ready, Path(log.name).read_text())):
                assert process.poll() is None, "it ended before it was ready"
                time.sleep(0.1)
            yield process, found[1]
        finally:
            process.kill()
            process.wait()


@contextmanager
def scheduler() -> Iterator[str]:
    with dask(["scheduler", "--host", "127.0.0.1", "--port", "0"], r"Scheduler at: +(tcp://\S+)") as (_, address):
        yield address


@contextmanager
def worker(address: str) -> Iterator[subprocess.Popen[bytes]]:
    with dask(["worker", address, "--nthreads", "1", "--no-nanny"], r"(Registered to)") as (process, _):
        yield process


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten synthetic (合成) reports, a Word document, a web page about the weather, an empty file."""
    made = tmp_path_factory.mktemp("reports")
    maker = Maker(Registry.load(), 9)
    for at in range(10):
        (made / f"{at}.txt").write_text(plain_unique(maker).document.text, encoding="utf-8")
    (made / "word.docx").write_bytes((FORMS / "tables.docx").read_bytes())
    (made / "weather.html").write_text("<p>天气预报：明天晴。</p>", encoding="utf-8")
    (made / "empty.txt").write_bytes(b"")
    return made


class Joined:
    """A run up to the lake, its batches done by whoever ``staff`` is."""

    def __init__(self, home: Path, folder: Path, batch: int = 2) -> None:
        self.home = Home(home).open()
        self.acquired = acquisition.acquire(self.home, Parameters(home=str(home), sources=(str(folder),), batch=batch))
        self.jobs = steps.jobs(self.home, self.acquired)

    def by(self, staff: Workers | Cluster, meanwhile: Callable[[], object] = lambda: None) -> dict[str, str]:
        """The lake's files with their digests."""
        with ThreadPoolExecutor() as threads:
            staged = [threads.submit(staff.do, job) for job in self.jobs]
            meanwhile()
            steps.reconcile(self.home, self.acquired, [one.result() for one in staged])
        return bytes_under(self.home.lake)


@pytest.fixture(scope="module")
def here(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The lake after the same on this machine's own processes."""
    joined = Joined(tmp_path_factory.mktemp("here"), folder)
    with Workers(2, joined.jobs) as workers:
        lake = joined.by(workers)
    assert len(lake) > 5
    return lake


class Observer:
    """What the scheduler tells of the batches it was given."""

    def __init__(self, address: str) -> None:
        from distributed import Client  # here: whoever shares the test files imports them all

        self._client = Client(address, set_as_default=False)

    def __enter__(self) -> "Observer":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def transitions(self) -> list[tuple[str, str]]:
        """What became of them, in order."""

        def log(dask_scheduler: object) -> list[tuple[str, str]]:
            entries = dask_scheduler.transition_log  # type: ignore[attr-defined]
            return [(entry[1], entry[2]) for entry in entries if str(entry[0]).startswith("work-")]

        found: list[tuple[str, str]] = self._client.run_on_scheduler(log)
        return found

    def busy(self) -> bool:
        """Whether a worker has batches in hand."""
        return any(self._client.processing().values())


def until(so: Callable[[], object]) -> None:
    while not so():
        time.sleep(0.02)


def test_two_workers_over_tcp_give_the_lake_of_this_machine_to_the_byte(
    folder: Path, here: dict[str, str], tmp_path: Path
) -> None:
    joined = Joined(tmp_path, folder)
    with scheduler() as address, worker(address), worker(address):
        with Cluster(address) as cluster:
            assert joined.by(cluster) == here
        with Observer(address) as seen:
            assert seen.transitions().count(("processing", "memory")) == len(joined.jobs) == 7


def test_a_worker_killed_with_batches_in_hand_costs_nothing(folder: Path, here: dict[str, str], tmp_path: Path) -> None:
    joined = Joined(tmp_path, folder)
    with (
        scheduler() as address,
        worker(address),
        worker(address) as victim,
        Cluster(address) as cluster,
        Observer(address) as seen,
    ):
        victim.send_signal(signal.SIGSTOP)  # it is given batches and does none of them

        def kill() -> None:
            until(lambda: ("processing", "memory") in seen.transitions() and seen.busy())
            victim.kill()

        assert joined.by(cluster, kill) == here
        assert ("processing", "released") in seen.transitions()


def test_a_batch_over_which_workers_die_is_done_here(
    folder: Path, here: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")  # the first death is the last
    joined = Joined(tmp_path, folder, batch=5000)
    with scheduler() as address, worker(address) as victim, Cluster(address) as cluster, Observer(address) as seen:
        victim.send_signal(signal.SIGSTOP)

        def kill() -> None:
            until(seen.busy)
            victim.kill()

        assert joined.by(cluster, kill) == here
        assert ("processing", "erred") in seen.transitions()
        assert ("processing", "memory") not in seen.transitions()


def test_the_command_on_a_cluster_of_its_own(
    nianbao: Command, folder: Path, here: dict[str, str], tmp_path: Path
) -> None:
    """The figures and the texts; what the run itself adds to the lake (its checks' findings) is not in ``here``."""
    done = nianbao("run", folder, "--home", tmp_path, "--batch", 2, "--dask", "local", "--workers", 2)
    assert done.returncode == 0, done.stderr
    lake = bytes_under(tmp_path / "lake")
    assert {name: lake[name] for name in here} == here


def test_a_scheduler_that_cannot_be_reached_is_said_before_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("flows.cluster.PATIENCE", 1)
    done = CliRunner().invoke(main, ["run", str(SAMPLE), "--home", str(tmp_path), "--dask", NOBODY])
    assert done.exit_code == 2
    assert f"no Dask scheduler answers at {NOBODY}: start one with 'dask scheduler'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scheduler_without_workers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.cluster.PATIENCE", 5)
    with scheduler() as address, pytest.raises(ClusterError, match="has no workers: start some with 'dask worker tcp"):
        reach(address)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['distributed'] = None\n"
        f"sys.argv = ['nianbao', 'run', {str(SAMPLE)!r}, '--home', {str(tmp_path)!r}, '--dask', 'local']\n"
        "from flows.command import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: --dask needs Dask, which is not installed: pip install 'nianbao[dask]'\n"
