"""What `deploy/` and `prefect.yaml` hold: command lines that the command takes, settings that exist, crons as ours."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from conftest import ROOT

from flows.command import main
from flows.home import Home
from flows.notify import VARIABLE
from flows.parameters import Parameters
from flows.schedule import ANNUAL, CATCH_UP, ZONE

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
OURS = {"NIANBAO_HOME", VARIABLE}


def unit(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(path, encoding="utf-8")
    return found


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found["services"]  # type: ignore[no-any-return]


def dockerfile() -> dict[str, str]:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return {name: rest for name, _, rest in (line.partition(" ") for line in lines) if rest}


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every command line of ours, with the file that holds it."""
    for path in DEPLOY.glob("*.service"):
        yield path.name, shlex.split(unit(path)["Service"]["ExecStart"])
    yield "Dockerfile", json.loads(dockerfile()["CMD"])
    yield from (("compose.yaml", service["command"]) for service in compose().values() if "command" in service)
    for name in ("docs/operations.md", "README.md"):
        page = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"^ {4}(.*\bnianbao .*)$", page, re.MULTILINE):
            yield from ((name, shlex.split(part, comments=True)) for part in line.split("&&") if "nianbao " in part)


OWN = [(name, words) for name, words in command_lines() if words and Path(words[0]).name == "nianbao"]


@pytest.mark.parametrize(
    ("where", "words"), OWN, ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_every_command_line_is_one_that_the_command_takes(
    where: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.docx").touch()
    words = words[: words.index("|")] if "|" in words else words
    # With the command's own settings: click keeps the option for help as it was first asked for.
    with click.Context(main, **main.context_settings) as context:
        name, command, rest = main.resolve_command(context, words[1:])
        assert command is not None, f"{where}: no command {name}"
        rest = [word.strip("[]") for word in rest if word != "..."]
        command.make_context(name, rest, parent=context)  # raises a usage error for what it does not take


def test_the_command_lines_looked_at_are_those_of_the_units_the_containers_and_the_pages() -> None:
    assert {where for where, _ in OWN} == {
        "nianbao.service", "nianbao-backup.service", "Dockerfile", "compose.yaml",
        "docs/operations.md", "README.md",
    }  # fmt: skip
    with pytest.raises(click.UsageError):
        main.commands["serve"].make_context("serve", ["--no-such-option"], **main.context_settings)


def test_the_units_set_what_the_command_reads() -> None:
    for path in DEPLOY.glob("*.service"):
        service = unit(path)["Service"]
        assert service["Environment"].partition("=")[0] in OURS
    service = unit(DEPLOY / "nianbao.service")["Service"]
    assert service["Environment"] == f"NIANBAO_HOME={service['ReadWritePaths']}"
    assert (service["Restart"], service["KillMode"]) == ("always", "control-group")
    # A backup writes in its target, reads in the home, and must not begin beside a half-made installation of another.
    assert unit(DEPLOY / "nianbao-backup.timer")["Timer"]["Persistent"] == "true"


def test_containers_set_what_the_command_and_prefect_read() -> None:
    from prefect.settings import Settings

    known = {name.upper() for name in _variables(Settings)}
    for name, service in compose().items():
        if name != "database":
            unknown = set(service["environment"]) - OURS - known - {"TZ"}
            assert not unknown, f"{name}: {unknown}"
    assert compose()["nianbao"]["environment"]["TZ"] == ZONE
    # The home of the container is the volume, in the image as in the service.
    assert re.findall(r"NIANBAO_HOME=(\S+)", dockerfile()["ENV"]) == ["/data"]
    assert compose()["nianbao"]["volumes"][0].endswith(":/data")


def _variables(model: Any) -> Iterator[str]:
    """Names of the environment variables that Prefect's settings read."""
    prefix = model.model_config.get("env_prefix", "")
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_config") and "env_prefix" in inner.model_config:
            yield from _variables(inner)
        alias = field.validation_alias
        yield from (str(one) for one in getattr(alias, "choices", [alias] if alias else []))
        yield prefix + name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs Debian's systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = tmp_path / "nianbao"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/nianbao/.venv/bin/nianbao", str(program))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / path.name) for path in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_prefect_yaml_asks_for_our_flow_with_our_crons_and_parameters(tmp_path: Path) -> None:
    text = (ROOT / "prefect.yaml").read_text(encoding="utf-8").replace("{{ $NIANBAO_HOME }}", str(tmp_path))
    (found,) = yaml.safe_load(text)["deployments"]
    path, _, flow = found["entrypoint"].partition(":")
    assert f"def {flow}(parameters: Parameters)" in (ROOT / path).read_text(encoding="utf-8")
    assert Parameters(**found["parameters"]["parameters"]).home == str(Home(tmp_path).root)
    assert found["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    crons = {one["slug"]: (one["cron"], one["timezone"]) for one in found["schedules"]}
    assert crons == {"annual": (ANNUAL, ZONE), "catch-up": (CATCH_UP, ZONE)}
    for one in found["schedules"]:
        assert Parameters(**one["parameters"]["parameters"]).occasion == one["slug"]
