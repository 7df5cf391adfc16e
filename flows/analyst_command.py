"""The commands of those who use a release: export, explain, correct, diff, report, evaluate."""

from __future__ import annotations

import getpass
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from flows.home import Home
from flows.options import DONE, FINDINGS, Failure, format_option, home_option


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
@click.option("--township", "townships", multiple=True, metavar="CODE|NAME", help="A township, or a code prefix.")
@click.option("--indicator", "indicators", multiple=True, metavar="NAME", help="An indicator, by code or Chinese name.")
@click.option("--year", "years", multiple=True, type=int, metavar="YEAR")
def export(file: Path, home: Home, **selection: Any) -> None:
    """Write values of the current release to FILE: .xlsx, .csv, .parquet, .json or .jsonl by its name."""
    from warehouse.export import ExportError, Selection
    from warehouse.export import export as write
    from warehouse.query import QueryError

    try:
        count = write(home.storage.bring(home.current), file, Selection(**selection))
    except (ExportError, QueryError) as error:
        raise Failure(str(error)) from error
    click.echo(f"{file}: {count}")
    sys.exit(DONE if count else FINDINGS)


@click.command()
@click.argument("township")
@click.argument("year", type=int)
@click.argument("indicator")
@home_option
@format_option("table", "json")
def explain(township: str, year: int, indicator: str, home: Home, form: Any) -> None:
    """Show where one value comes from: sentence, source, rivals, correction, findings."""
    from flows.deciding import township_code
    from warehouse.printing import render
    from warehouse.query import QueryError, query

    try:
        result = query(
            home.storage.bring(home.current), "FROM explain(?, ?, ?)", (township_code(township, home), year, indicator)
        )
    except (QueryError, ValueError) as error:
        raise Failure(str(error)) from error
    for line in render(result, form):
        click.echo(line)
    sys.exit(DONE if result.rows else FINDINGS)


@click.command()
@click.argument("township")
@click.argument("year", type=int)
@click.argument("indicator")
@click.argument("value", required=False)
@home_option
@click.option("--drop", "action", flag_value="drop", help="The figure is not this indicator's: the cell has no value.")
@click.option("--confirm", "action", flag_value="confirm", help="The machine read it rightly.")
@click.option("--remap-to", metavar="INDICATOR", help="The figure belongs to INDICATOR.")
@click.option("--reason", required=True, help="Why; it stays with the value.")
@click.option("--author", default=getpass.getuser, show_default="the user's name", help="Who decides.")
def correct(township: str, year: int, indicator: str, home: Home, **given: Any) -> None:
    """Correct one cell: set it to VALUE, or drop, confirm or remap what was read. The next run applies it."""
    from flows.deciding import correct_cell, today, township_code
    from transforms.corrections import Decision
    from warehouse.contracts import CorrectionAction
    from warehouse.corrections import CorrectionsError
    from warehouse.printing import plain

    action: CorrectionAction = given["action"] or ("remap" if given["remap_to"] else "set")
    try:
        value = Decimal(given["value"]) if given["value"] is not None else None
        decision = Decision(action, value, given["remap_to"], given["reason"], given["author"], today())
        with home.edit() as held:
            made = correct_cell(held, (township_code(township, held), year, indicator), decision)
    except InvalidOperation as error:
        raise Failure(f"{given['value']!r} is not a number") from error
    except (ValueError, CorrectionsError) as error:
        raise Failure(str(error)) from error
    change = f"{plain(made.expected) or '-'} -> {plain(made.value) or '-'}"
    click.echo(f"{made.action} {indicator}: {change}; nianbao run 后生效 the next run applies it")


@click.command()
@click.argument("run", required=False)
@home_option
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
@click.option("--history", is_flag=True, help="Show quality over all runs, and write a page of it.")
def report(run: str | None, home: Home, *, as_json: bool, history: bool) -> None:
    """Show the verdict of the last run, or of RUN, and where its page is."""
    from flows.reporting import ReportError, show_history, show_report

    try:
        if history:
            show_history(home)
        else:
            show_report(home, run, as_json=as_json)
    except ReportError as error:
        raise Failure(str(error)) from error


@click.command()
@click.argument("gold", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@home_option
@click.option("--errors/--no-errors", default=None, help="List every error, too; by default those of GOLD.")
def evaluate(gold: Path | None, home: Home, *, errors: bool | None) -> None:
    """Measure the extraction against labelled reports: those of GOLD, or the project's own."""
    from flows.evaluating import folders, keep, measure, show
    from transforms.evaluation import GoldError

    try:
        measured = {folder: measure(folder) for folder in folders(gold)}
    except (FileNotFoundError, GoldError) as error:
        raise Failure(str(error)) from error
    for folder, one in measured.items():
        # The held reports stay unseen by whoever writes the rules, so that they go on measuring.
        show(folder, one, errors=errors if errors is not None else gold is not None or folder.name != "held")
    with home.open().edit() as held:
        keep(held, list(measured.values()))


@click.command()
@click.argument("before", required=False)
@click.argument("after", required=False)
@home_option
@format_option("table", "json")
@click.option("--limit", type=click.IntRange(1), default=40, show_default=True, help="Rows shown, largest first.")
def diff(before: str | None, after: str | None, home: Home, form: Any, limit: int) -> None:
    """Show what changed between two releases, with the cause; the last two by default. Exit 0 same, 1 different."""
    from flows.differing import show_diff
    from warehouse.query import QueryError
    from warehouse.releases import ReleaseError

    try:
        same = show_diff(home, before, after, form, limit)
    except (ReleaseError, QueryError) as error:
        raise Failure(str(error)) from error
    sys.exit(DONE if same else FINDINGS)


COMMANDS = (export, explain, correct, report, evaluate, diff)
