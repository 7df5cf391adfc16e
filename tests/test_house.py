"""The house rules that a machine can keep: who imports whom, what answers without the heavy parts, sizes."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("flows", "transforms", "expectations", "warehouse", "seeds")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
HEAVY = ("prefect", "great_expectations")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_whom_they_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    allowed = {
        "flows": {"prefect", "great_expectations", "flows", "transforms", "expectations", "warehouse", "seeds"},
        "expectations": {
            "great_expectations",
            "expectations",
            "warehouse.contracts",
            "warehouse.neutral",
            "warehouse.wording",
            "seeds",
        },
        "transforms": {"transforms", "warehouse.contracts", "seeds"},
        "warehouse": {"warehouse", "seeds"},
        "seeds": {"seeds", "transforms", "warehouse"},  # the scripts that made the seed tables
    }[room]
    watched = {*ROOMS, *HEAVY}
    strange = {
        name
        for name in imports(path)
        if name.split(".")[0] in watched and not any(name == ok or name.startswith(f"{ok}.") for ok in allowed)
        and name not in {"warehouse"}
    }  # fmt: skip
    assert not strange, f"{path.name} may not import {sorted(strange)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_functions_fit_a_screen(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 420, "perhaps two nouns live here"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            assert length <= 60, f"{node.name} has {length} lines"


HEAVY_ON_PATH = """
import sys, runpy
sys.argv = {argv!r}
try:
    runpy.run_module("flows.command", run_name="__main__")
except SystemExit as done:
    code = done.code
loaded = {{name.split(".")[0] for name in sys.modules}}
heavy = sorted(loaded & {{"prefect", "great_expectations", "pandas", "altair", "sqlalchemy", "distributed", "obstore"}})
print("HEAVY", heavy, "CODE", code)
"""


@pytest.mark.parametrize(
    "argv",
    [
        ["nianbao", "--help"],
        ["nianbao", "extract", "--help"],
        ["nianbao", "run", "--help"],
        ["nianbao", "extract", str(next((ROOT / "seeds" / "reports").glob("*.txt"))), "--format", "jsonl"],
    ],
    ids=["help", "extract-help", "run-help", "extract"],
)
def test_what_must_answer_at_once_imports_nothing_heavy(argv: list[str]) -> None:
    script = HEAVY_ON_PATH.format(argv=argv)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "HEAVY [] CODE 0", done.stderr


def test_nothing_in_the_repository_names_a_registry_or_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    hosts = ("python" + "hosted.org", "pypi" + ".org", "npm" + "js.")
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".toml", ".md", ".lock", ".csv", ".sql", ".yaml", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not any(host in text for host in hosts), f"{name} names a package registry"
