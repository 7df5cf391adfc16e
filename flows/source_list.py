"""The source list: a CSV file that says where each township's report of each year may be found.

Columns, in any order, UTF-8 (with or without a byte order mark):

- ``township_code``: 9 digits; or ``township`` with as many of ``county``, ``city``, ``province`` as make it one place;
- ``report_year``: the year reported on, 2000 to 2100;
- ``url``: http or https, or the path of a file, relative to the list;
- ``note``: free text, optional; any other column is refused, so that a misspelt heading does not pass unseen.

Every wrong row is named with file and line, all of them at once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from transforms.registry import Registry

COLUMNS = ("township_code", "township", "county", "city", "province", "report_year", "url", "note")


class SourceListError(Exception):
    """A source list that cannot be used; every problem on a line of its own, with file and line."""


class Wanted(NamedTuple):
    """One row: the report of a township for a year, and where it is said to be."""

    township_code: str
    report_year: int
    url: str
    line: int
    path: Path | None = None


def read_source_list(path: Path, registry: Registry) -> list[Wanted]:
    """Read and check a source list.

    Raises:
        SourceListError: naming every wrong row by file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceListError(f"{path}: not UTF-8 (byte {error.start}): save it as CSV UTF-8") from error
    rows = csv.DictReader(text.splitlines())
    strange = [name for name in rows.fieldnames or () if name not in COLUMNS]
    if strange or "url" not in (rows.fieldnames or ()):
        raise SourceListError(
            f"{path}:1: unknown columns {strange}; the columns are {', '.join(COLUMNS)}; url is needed"
        )
    wanted, problems = [], []
    for line, row in enumerate(rows, start=2):
        try:
            wanted.append(_wanted(row, line, path, registry))
        except ValueError as error:
            problems.append(f"{path}:{line}: {error}")
    problems += _repeats(wanted, path)
    if problems:
        raise SourceListError("\n".join(problems))
    return wanted


def _wanted(row: Mapping[str, str | None], line: int, path: Path, registry: Registry) -> Wanted:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    year = cells["report_year"]
    if not (year.isascii() and year.isdigit() and 2000 <= int(year) <= 2100):
        raise ValueError(f"report_year {year!r} is not a year from 2000 to 2100")
    if not cells["url"]:
        raise ValueError("url is empty: give an http(s) address or the path of a file")
    url, file = cells["url"], None
    if "://" not in url:
        file = (path.parent / url).absolute()
        if not file.is_file():
            raise ValueError(f"url {url!r} is neither an address nor a file beside the list")
        url = file.as_uri()
    return Wanted(_township(cells, registry), int(year), url, line, file)


def _township(cells: Mapping[str, str], registry: Registry) -> str:
    code = cells["township_code"]
    if code:
        if code not in registry:
            raise ValueError(f"township_code {code!r} is not in the registry: look it up with nianbao townships NAME")
        return code
    name = cells["township"]
    if not name:
        raise ValueError("neither township_code nor township is given")
    parents = {level: cells[level] for level in ("county", "city", "province") if cells[level]}
    found = [
        place for place in registry.named(name) if all(getattr(place, level) == parents[level] for level in parents)
    ]
    if len(found) != 1:
        choices = ", ".join(f"{place.township_code} {place.province}{place.city}{place.county}" for place in found[:5])
        raise ValueError(f"{name!r} is {len(found)} places in the registry ({choices}): give township_code")
    return found[0].township_code


def _repeats(wanted: list[Wanted], path: Path) -> Iterator[str]:
    first: dict[tuple[str, int, str], int] = {}
    for row in wanted:
        key = (row.township_code, row.report_year, row.url)
        if key in first:
            yield f"{path}:{row.line}: the same as line {first[key]}: remove one"
        first.setdefault(key, row.line)
