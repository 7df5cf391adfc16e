"""The `nianbao` command: a thin shell over the library. Exit codes: 0 done, 1 findings to act on, 2 could not run.

Prefect (a second to import) and Great Expectations (two and a half) are imported only by the commands that use them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flows.home import Home, HomeError

DONE, FINDINGS, FAILED = 0, 1, 2

home_option = click.option(
    "--home", "home", type=Home.find, default=None, callback=lambda _c, _p, value: value or Home.find(), metavar="DIR",
    help="Where the data lives; else NIANBAO_HOME, else ./data.",
)  # fmt: skip


class Failure(click.ClickException):
    """What stopped a command, told on one line; the exit code says that it could not run."""

    exit_code = FAILED


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nianbao")
def main() -> None:
    """年报: yearly reports of Chinese townships into comparable, traceable indicators."""


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
@home_option
@click.option("--verbose", is_flag=True, help="Show Prefect's own log.")
def run(sources: tuple[str, ...], home: Home, *, verbose: bool) -> None:
    """Read SOURCEs (files, folders, patterns, archives) into a new release; the sample report if none is named."""
    from flows.running import run_once
    from flows.server import ServerError
    from flows.sources import SourceError

    try:
        outcome = run_once(home, sources, verbose=verbose)
    except (HomeError, SourceError, ServerError) as error:
        raise Failure(str(error)) from error
    sys.exit(FINDINGS if outcome.needs_person else DONE)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True)
def extract(files: tuple[Path, ...], form: str) -> None:
    """Print what would be read from each FILE: every figure, with its sentence. Needs no home."""
    from flows.extracting import extract_files

    sys.exit(FINDINGS if extract_files(files, form) else DONE)


if __name__ == "__main__":
    main()
