"""The `nianbao` command: a thin shell over the library. Exit codes: 0 done, 1 findings to act on, 2 could not run.

Every command imports what it needs when it is called: Prefect takes a second to import and Great Expectations two and
a half, and `nianbao --help`, `extract` and `query` must answer at once.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

import click

from flows.analyst_command import COMMANDS as ANALYST
from flows.home import Home, HomeError
from flows.options import DONE, FAILED, FINDINGS, Failure, format_option, home_option, scope_option, year_option
from flows.service_command import COMMANDS as SERVICE


class House(click.Group):
    """The commands; what is wrong with a home ends any of them in a sentence."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that is called."""
        try:
            return super().invoke(context)
        except HomeError as error:
            raise Failure(str(error)) from error


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nianbao")
def main() -> None:
    """年报: yearly reports of Chinese townships into comparable, traceable indicators."""


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
@home_option
@scope_option
@year_option
@click.option("--workers", type=click.IntRange(0, 256), default=0, help="Processes that read; 0 (default): one a core.")
@click.option("--dask", default="", metavar="ADDRESS", help="Read on the workers of this Dask scheduler, or 'local'.")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, help="Documents to a task; fewer for slow scans.")
@click.option("--allow-private", is_flag=True, help="Fetch from private addresses too.")
@click.option("--accept", multiple=True, metavar="CHECK", help="Accept this once that a ratchet goes back.")
@click.option("--verbose", is_flag=True, help="Show Prefect's own log.")
def run(home: Home, *, verbose: bool, **options: Any) -> None:
    """Read SOURCEs into a new release.

    A SOURCE is a file, a folder, a pattern, an archive, an http(s) address, or a source list (.csv). Without any, the
    home's sources.csv is read, or the sample report where there is none.
    """
    from flows.cluster import ClusterError
    from flows.parameters import Parameters
    from flows.places import SourceError
    from flows.running import run_once
    from flows.server import ServerError
    from flows.source_list import SourceListError
    from transforms.dictionary import DictionaryError
    from warehouse.corrections import CorrectionsError

    try:
        outcome = run_once(home, Parameters(home=home.address, **options), verbose=verbose)
    except (
        HomeError,
        SourceError,
        SourceListError,
        DictionaryError,
        CorrectionsError,
        ServerError,
        ClusterError,
    ) as error:
        raise Failure(str(error)) from error
    except OSError as error:  # a disk that is full or read-only, a folder that may not be written
        raise Failure(f"{error}; the last release stays: see nianbao doctor --home {home.address}") from error
    except Exception:  # a bug of ours: its traceback, and not the exit code that says that there are findings
        traceback.print_exc()
        sys.exit(FAILED)
    sys.exit(FINDINGS if outcome.needs_person else DONE)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option("table", "jsonl", "csv")
def extract(files: tuple[Path, ...], form: Any) -> None:
    """Print every figure of each FILE with its sentence: what would be read. Needs no home."""
    from flows.extracting import extract_files

    sys.exit(FINDINGS if extract_files(files, form) else DONE)


@main.command()
@click.argument("sql")
@home_option
@format_option("table", "csv", "json", "jsonl")
def query(sql: str, home: Home, form: Any) -> None:
    """Answer SQL on the current release, reading only."""
    from warehouse.printing import render
    from warehouse.query import QueryError
    from warehouse.query import query as ask

    try:
        result = ask(home.storage.bring(home.current), sql)
    except QueryError as error:
        raise Failure(str(error)) from error
    for line in render(result, form):
        click.echo(line)


@main.command()
@home_option
def releases(home: Home) -> None:
    """List the releases, newest first."""
    from warehouse.printing import render
    from warehouse.releases import releases as list_releases
    from warehouse.result import Result

    columns = ("release", "published_at", "current", "reports", "observations", "bytes", "content")
    rows = [_release_row(release) for release in list_releases(home.shelf())]
    for line in render(Result(columns, rows)):
        click.echo(line)


def _release_row(release: Any) -> tuple[Any, ...]:
    manifest = release.manifest
    counts = (manifest.tables[name]["rows"] for name in ("reports", "observations"))
    current = "*" if release.current else ""
    return manifest.run_id, manifest.published_at, current, *counts, manifest.bytes, manifest.content[:12]


@main.command()
@click.argument("release")
@home_option
def rollback(release: str, home: Home) -> None:
    """Make an earlier RELEASE (its run, or the beginning of it) the current one."""
    from warehouse import releases as store

    try:
        with home.edit() as held:
            held.storage.bring(store.find(held.root, release).path)
            chosen = store.rollback(held.root, release)
    except store.ReleaseError as error:
        raise Failure(str(error)) from error
    click.echo(f"当前版本 current release: {chosen.run_id}")


@main.command()
@click.argument("name", nargs=-1, required=True)
def townships(name: tuple[str, ...]) -> None:
    """Look up townships by NAME, a part of it, pinyin or code, alone or beside its county (潮安 沙溪)."""
    from transforms.registry import Registry
    from warehouse.printing import render
    from warehouse.result import Result

    columns = ("township_code", "township", "kind", "county", "city", "province", "village_count")
    found = Registry.load().search(" ".join(name))
    if not found:
        click.echo(
            f"登记册（2023年6月）中没有“{' '.join(name)}”：试试名称的一部分、拼音，或去掉上级名称"
            " / none in the registry: try a part of the name, pinyin, or the name without its county",
            err=True,
        )
        sys.exit(FINDINGS)
    for line in render(Result(columns, [tuple(getattr(row, column) for column in columns) for row in found])):
        click.echo(line)


for command in (*ANALYST, *SERVICE):
    main.add_command(command)

if __name__ == "__main__":
    main()
