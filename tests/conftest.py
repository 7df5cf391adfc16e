"""What several tests share: one Prefect server for the session, and a way to run the command as a user does."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from warm import Warm

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "seeds" / "reports" / "000_f00fdd0833fa869e.txt"
NIANBAO = str(Path(sys.executable).with_name("nianbao"))

settings.register_profile("house", deadline=None)  # tests say what is right, never how long it may take
settings.load_profile("house")

Command = Callable[..., subprocess.CompletedProcess[str]]

LONGEST = (
    *("service", "faults", "release", "renewal", "hostile", "cluster", "bucket_run", "run", "retention", "notify"),
    *("cookbook", "command", "gate", "views", "export", "parts", "reconciliation", "run_report", "diff"),
)
"""Files that take longest, which begin first: two processes share the files, and one that comes last is waited for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {f"test_{name}.py": at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(scope="session")
def prefect_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a command that finds a Prefect server already running."""
    from flows.server import prefect_server, prepare

    before = dict(os.environ)
    home = tmp_path_factory.mktemp("prefect")
    prepare(home, verbose=False)
    with prefect_server(home) as wait:
        wait()
        yield {**os.environ, "PYTHONWARNINGS": "default"}
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def warm(prefect_environment: dict[str, str]) -> Iterator[Warm]:
    """A process in which all that a run imports is imported already."""
    warm = Warm(prefect_environment)
    yield warm
    warm.end()


@pytest.fixture(scope="session")
def nianbao(
    prefect_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Command:
    """Run ``nianbao`` with arguments, as a user would; the completed process, its output as text.

    Importing takes most of what a command on the sample takes; where nothing but that differs, it is forked from
    ``warm``. What a command imports is held by ``test_house.py``.
    """
    folder = tmp_path_factory.mktemp("output")

    def forked(command: list[str], changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
        run = request.getfixturevalue("warm").start(command, folder / "output", folder / "errors", changes)
        code = run.wait(800)
        output, errors = ((folder / name).read_text(encoding="utf-8") for name in ("output", "errors"))
        return subprocess.CompletedProcess([NIANBAO, *command], code, output, errors)

    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        command, changes = [*map(str, arguments)], {"COLUMNS": "200", **environment}
        if not any(name.startswith(("PREFECT_", "PYTHON")) for name in changes):
            return forked(command, changes)
        env = {**prefect_environment, **changes}
        return subprocess.run([NIANBAO, *command], capture_output=True, text=True, env=env, check=False, timeout=800)

    return call


@pytest.fixture(scope="session")
def home(nianbao: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one undisturbed run on the sample report; a test that changes a home takes a copy."""
    folder = tmp_path_factory.mktemp("home")
    done = nianbao("run", SAMPLE, "--home", folder)
    assert done.returncode == 0, done.stderr
    assert "published" in done.stdout
    return folder
