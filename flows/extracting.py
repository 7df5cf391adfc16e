"""What `nianbao extract` prints: the figures of files, without a home, a server or a release."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from transforms.dictionary import Dictionary
from transforms.document import Refused
from transforms.extraction import extract
from transforms.forms.archive import is_archive, members
from transforms.guarded import ReadingFailedError, read_safely
from transforms.identity import Hint, identify
from transforms.limits import DEFAULT
from transforms.registry import Registry
from warehouse.contracts import Mention
from warehouse.neutral import printable
from warehouse.printing import Format, render
from warehouse.result import Result

COLUMNS = (
    "file", "ordinal", "surface", "value", "value_high", "unit", "unit_surface", "qualifier", "kind", "scope",
    "indicators", "section", "sentence", "start", "end",
)  # fmt: skip
SHOWN = ("ordinal", "surface", "value", "unit", "qualifier", "kind", "scope", "indicators", "sentence")
"""The columns of a table for people: the others are for programs."""


def extract_files(files: Iterable[Path], form: Format) -> bool:
    """Print the mentions of every file; say on stderr what was refused. Return whether anything was."""
    dictionary = Dictionary.load()
    troubles: list[str] = []
    found = (
        [_row(name, mention) for mention in _mentions(name, data, dictionary, troubles)]
        for file in files
        for name, data in _contents(file, troubles)
    )
    if form == "jsonl":  # a stream: any number of files in the memory of one
        for rows in found:
            _print(Result(COLUMNS, rows), form)
    elif form == "table":
        rows = list(chain.from_iterable(found))
        picked = [COLUMNS.index(name) for name in SHOWN]
        _print(Result(SHOWN, [tuple(row[at] for at in picked) for row in rows]), form)
    else:
        _print(Result(COLUMNS, list(chain.from_iterable(found))), form)
    return bool(troubles)


def _print(result: Result, form: Format) -> None:
    for line in render(result, form):
        print(line)


def _contents(file: Path, troubles: list[str]) -> Iterator[tuple[str, bytes]]:
    try:
        data = _read(file)
        if not is_archive(data):
            yield str(file), data
            return
        yield from ((f"{file}!/{member.name}", member.data) for member in members(data, DEFAULT))
    except Refused as refused:
        _tell(str(file), refused, troubles)


def _read(file: Path) -> bytes:
    """The bytes of a file, or of what the shell pipes in; a pipe that lies in a folder may have nobody at its end."""
    try:
        if not file.is_file() and Path("/dev") not in file.absolute().parents:
            raise Refused("fetch_failed", "不是普通文件，未读取；请核对 / not a regular file, not read: check it")
        with file.open("rb") as opened:
            return opened.read(DEFAULT.size + 1)  # one more than is read tells that it is too large
    except OSError as error:
        detail = f"无法读取（{error.strerror}），请检查文件权限 / cannot be read: check its permissions"
        raise Refused("fetch_failed", detail) from error


def _mentions(name: str, data: bytes, dictionary: Dictionary, troubles: list[str]) -> tuple[Mention, ...]:
    try:
        document = read_safely(data)
    except Refused as refused:
        _tell(name, refused, troubles)
        return ()
    except ReadingFailedError as bug:
        print(bug, file=sys.stderr)
        _tell(name, Refused("failed", "程序错误，请报告 / a bug: please report it with the lines above"), troubles)
        return ()
    try:
        identify(document, Registry.load(), Hint(source_uri=name))
    except Refused as unknown:
        # Any text may be looked at; only a run must know whose figures they are.
        print(f"{printable(name)}: note: {printable(unknown.detail)} ({unknown.reason})", file=sys.stderr)
    return extract(document.text, dictionary, document.offsets, document.damage)


def _tell(name: str, refused: Refused, troubles: list[str]) -> None:
    troubles.append(name)
    print(f"{printable(name)}: {refused.reason}: {printable(refused.detail)}", file=sys.stderr)


def _row(name: str, mention: Mention) -> tuple[Any, ...]:
    values = {**mention._asdict(), "file": name, "indicators": list(mention.indicators)}
    return tuple(values[column] for column in COLUMNS)
