"""What several tests share: one Prefect server for all of them, and a way to run the command as a user does."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sharing
from hypothesis import settings
from warm import Warm

from flows.server import drain

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "seeds" / "reports" / "000_f00fdd0833fa869e.txt"
NIANBAO = str(Path(sys.executable).with_name("nianbao"))

settings.register_profile("house", deadline=None)  # tests say what is right, never how long it may take
settings.load_profile("house")

Command = Callable[..., subprocess.CompletedProcess[str]]

LONGEST = (
    *("service", "faults", "cluster", "bucket_run", "hostile", "release", "retention", "notify", "run", "cookbook"),
    *("command", "renewal", "parts", "run_report", "gate", "page_browser", "views", "reconciliation", "export"),
    *("bucket", "suites", "diff", "status", "doctor", "determinism"),
)
"""Files that take longest, which begin first: few processes share the files, and one that comes last is waited for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {f"test_{name}.py": at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


SHARED = pytest.StashKey[tuple[dict[str, str], str]]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of the process that shares the files out: tell another of them what they all share."""
    stash = node.config.stash
    if SHARED not in stash:
        stack = ExitStack()
        node.config.add_cleanup(stack.close)
        stash[SHARED] = stack.enter_context(sharing.shared())
    node.workerinput["shared"] = stash[SHARED]


@pytest.fixture(scope="session")
def prefect_environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of a command that finds a Prefect server already running."""
    before = dict(os.environ)
    with ExitStack() as stack:
        if given := getattr(request.config, "workerinput", {}).get("shared"):
            environment, _ = given
        else:
            environment = stack.enter_context(sharing.prefect(tmp_path_factory.mktemp("prefect")))
        sharing.wait_for(environment)
        os.environ.update(environment)
        yield {**environment, "PYTHONWARNINGS": "default"}
        drain()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def warm(prefect_environment: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Warm]:
    """A process in which all that a run imports is imported already."""
    _, mother = getattr(request.config, "workerinput", {}).get("shared") or (None, None)
    warm = Warm(prefect_environment, mother)
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
