"""Options that several commands share, and how a command ends: 0 done, 1 findings to act on, 2 could not run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from flows.home import Home, HomeError

DONE, FINDINGS, FAILED = 0, 1, 2
Command = TypeVar("Command", bound=Callable[..., Any])


class Failure(click.ClickException):
    """What stopped a command, told in a sentence; the exit code says that it could not run."""

    exit_code = FAILED


def home_option(command: Command) -> Command:
    """``--home DIR``, given to the command as a ``Home``."""
    return click.option(
        "--home",
        callback=lambda _context, _option, value: _found(value),
        metavar="DIR",
        help="Where the data lives: a folder or s3://bucket/prefix; else NIANBAO_HOME, else ./data.",
    )(command)


def folder_option(command: Command) -> Command:
    """``--home DIR`` of a command that looks after a folder of this machine; one in object storage is not meant."""

    def read(_context: click.Context, _option: click.Parameter, value: str | None) -> Home:
        home = _found(value)
        if home.address != str(home.root):
            raise Failure(f"{home.address} is not a folder: {_INSTEAD}")
        return home

    text = "Where the data lives, a folder; else NIANBAO_HOME, else ./data."
    return click.option("--home", callback=read, metavar="DIR", help=text)(command)


_INSTEAD = (
    "for a home in object storage, a timer of the machine begins 'nianbao run', and the bucket's versions are the "
    "backup (docs/operations.md)"
)


def _found(value: str | None) -> Home:
    try:
        return Home.find(value)
    except HomeError as error:
        raise Failure(str(error)) from error


def format_option(*forms: str) -> Callable[[Command], Command]:
    """``--format``, one of ``forms``, the first by default."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)


def scope_option(command: Command) -> Command:
    """``--scope 4451``, checked against the registry: a prefix that expects nobody would count nobody as missing."""

    def read(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
        from transforms.registry import Registry

        for prefix in value:
            if not (prefix.isascii() and prefix.isdigit() and Registry.load().under(prefix)):
                raise click.BadParameter(
                    f"no township's code begins with {prefix!r}: give two to nine digits such as 4451 (潮州市); "
                    "nianbao townships NAME shows the codes"
                )
        return value

    return click.option(
        "--scope",
        multiple=True,
        callback=read,
        metavar="CODE",
        help="Code prefix of the townships expected; may be repeated.",
    )(command)


def year_option(command: Command) -> Command:
    """``--year 2023`` or ``--year 2019:2024``, given to the command as ``years``."""

    def read(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> tuple[int, ...]:
        try:
            return years_of(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return click.option(
        "--year",
        "years",
        multiple=True,
        callback=read,
        metavar="YEAR[:YEAR]",
        help="Of source lists read the rows of these report years, and expect them of the scope; may be repeated.",
    )(command)


def years_of(texts: Iterable[str]) -> tuple[int, ...]:
    """The years that ``2023`` or ``2019:2024`` (both included) name, ascending.

    Raises:
        ValueError: if one is no year from 2000 to 2100, or a span runs backwards.
    """
    years: set[int] = set()
    for text in texts:
        first, _, last = text.partition(":")
        if not (first.isdigit() and (last or first).isdigit() and 2000 <= int(first) <= int(last or first) <= 2100):
            raise ValueError(f"{text!r} is no year: give one such as 2023, or a span such as 2019:2024")
        years |= set(range(int(first), int(last or first) + 1))
    return tuple(sorted(years))
