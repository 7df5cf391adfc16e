"""Places: where files, folders, patterns, addresses and source lists say that reports are.

A folder is read through in the order of names without hidden files, a pattern in the order of what matches it. Links
that lead out of the folder (of a pattern: out of the part of it before the first wildcard) are refused: whoever may
write in a folder of reports could have any file of this machine read and published by one. A link that the user names
is the user's own.

A country's places are hundreds of thousands, so that they are kept in columns, and one is made of a row when its turn
comes.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.home import Home
from flows.parameters import Parameters
from flows.source_list import read_source_list
from flows.walk import STATUS, Status, walk
from seeds import SEEDS
from transforms.registry import Registry


class SourceError(Exception):
    """A source as given cannot be meant: the run does not start."""


class Place(NamedTuple):
    """One address where a report is said to be, and whose and which year's, where a source list says so."""

    uri: str
    path: Path | None = None
    township_code: str | None = None
    report_year: int | None = None
    is_behind_cover: bool = False
    leads_to: str | None = None
    """Of a link that leads out of the folder that was given: where to; it is refused."""


COLUMNS = pa.schema(
    [
        ("path", pa.binary()),
        *STATUS,
        ("leads_to", pa.string()),
        ("uri", pa.string()),
        ("township_code", pa.string()),
        ("report_year", pa.int64()),
    ]
)
"""A file has a ``path`` and its status, unless it could not be asked for; anything else its ``uri``."""


class Places:
    """Places in columns, see ``COLUMNS``; iterating makes them one by one."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def of(cls, places: Iterable[Place]) -> Places:
        """Places told one by one; files are asked for their status."""
        return cls(pa.Table.from_pylist([_row(place) for place in places], COLUMNS))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Place]:
        told = self.table.select(["path", "uri", "township_code", "report_year", "leads_to"])
        for batch in told.to_batches(max_chunksize=1000):
            for path, uri, township_code, report_year, leads_to in zip(*batch.to_pydict().values(), strict=True):
                file = None if path is None else Path(os.fsdecode(path))
                yield Place(file.as_uri() if file else uri, file, township_code, report_year, leads_to=leads_to)

    def where(self, mask: Any) -> Places:
        """Those for which the mask, one truth for each, says so; all of them without a copy."""
        return Places(self.table.filter(mask)) if pc.any(pc.invert(mask)).as_py() else self

    @property
    def local(self) -> Any:
        """Whether each is a file."""
        return pc.is_valid(self.table.column("path"))


def _row(place: Place) -> dict[str, Any]:
    if place.path is None:
        return {**place._asdict(), "path": None}
    try:
        status = Status.of(place.path.stat())._asdict()
    except OSError:
        status = {}
    return {**place._asdict(), **status, "path": os.fsencode(place.path), "uri": None}


def specs(home: Home, parameters: Parameters) -> tuple[str, ...]:
    """What a run reads: what it was given, else the home's own source list, else the sample report."""
    return parameters.sources or (str(home.sources if home.sources.exists() else SEEDS / "reports"),)


def expand(specs: Sequence[str], registry: Registry) -> Places:
    """The places that paths, folders, patterns, addresses and source lists name, in order, each once.

    Raises:
        SourceError: if one of them names nothing.
        SourceListError: if a source list has a wrong row.
    """
    parts = [part for spec in specs for part in _expand(spec, registry)]
    table = pa.concat_tables([COLUMNS.empty_table(), *parts])
    if len(specs) == 1 and Path(specs[0]).is_dir():
        return Places(table)  # nothing in it twice
    names = pc.coalesce(table.column("path"), table.column("uri").cast(pa.binary()))
    codes = names.combine_chunks().dictionary_encode().indices
    first = np.unique(codes.to_numpy(), return_index=True)[1]
    return Places(table if len(first) == len(codes) else table.take(np.sort(first)))


def check(specs: Sequence[str], registry: Registry) -> None:
    """See whether each of them names something, without walking through folders.

    Raises:
        SourceError, SourceListError: as ``expand``.
    """
    for spec in specs:
        next(_expand(spec, registry), None)


def within(places: Places, years: Collection[int]) -> Places:
    """The places to read for these report years (all if empty): those that a source list does not give another year."""
    if not years:
        return places
    year = places.table.column("report_year")
    wanted = pc.is_in(year, value_set=pa.array(sorted(years), pa.int64()))
    return places.where(pc.or_(pc.is_null(year), wanted))


def _expand(spec: str, registry: Registry) -> Iterator[pa.Table]:
    path = Path(spec)
    if spec.startswith(("http://", "https://")):
        yield Places.of([Place(spec)]).table
    elif path.is_dir():
        yield from map(_whole, walk(path.absolute()))
    elif path.is_file() and path.suffix.lower() == ".csv":
        rows = read_source_list(path, registry)
        yield Places.of(Place(row.url, row.path, row.township_code, row.report_year) for row in rows).table
    elif path.is_file():
        yield Places.of([_file(path.absolute())]).table
    else:
        matches = list(_matches(spec))
        if not matches:
            raise SourceError(f"{spec}: no such file or folder, and no file matches it as a pattern")
        yield Places.of(matches).table


def _whole(files: pa.Table) -> pa.Table:
    """Files as ``walk`` gives them, with the columns that they lack empty."""
    for name in COLUMNS.names[files.num_columns :]:
        files = files.append_column(COLUMNS.field(name), pa.nulls(files.num_rows, COLUMNS.field(name).type))
    return files


def _file(path: Path) -> Place:
    return Place(path.as_uri(), path)


def _file_in(path: Path, inside: Path) -> Place:
    """A file found in a folder; a link that leads out of it says so."""
    target = path.resolve()
    return Place(path.as_uri(), path, leads_to=None if target.is_relative_to(inside) else str(target))


def _matches(pattern: str) -> Iterator[Place]:
    """The files that match a pattern, as in a shell: hidden ones only where it says so, linked folders not below **."""
    parts = Path(pattern).parts
    plain = next((at for at, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    if plain == len(parts):
        return
    folder, wanted = Path(*parts[:plain]).absolute(), Path(*parts[plain:])
    if wanted.name == "**":
        wanted /= "*"
    inside, hidden = folder.resolve(), any(part.startswith(".") for part in wanted.parts)
    try:
        found = sorted(folder.glob(str(wanted)))
    except ValueError as error:
        raise SourceError(
            f"{pattern}: not a pattern ({error}): ** stands for folders and must be alone between /"
        ) from error
    for path in found:
        if path.is_file() and (hidden or not any(part.startswith(".") for part in path.relative_to(folder).parts)):
            yield _file_in(path, inside)
