"""Sources: files, folders, patterns, archives, addresses and source lists, each made into snapshots or refusals.

A folder is read through in the order of names without hidden files, a pattern in the order of what matches it. Links
that lead out of the folder (of a pattern: out of the part of it before the first wildcard) are refused: whoever may
write in a folder of reports could have any file of this machine read and published by one. A link that the user names
is the user's own.

An archive is unpacked: each member is a snapshot of its own, at ``archive.zip!/member``. A place that cannot be fetched
is refused with its reason and tried again at the next run; the others go on. Of a page that is only the cover of
documents, the documents are the snapshots.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flows.covers import documents_behind
from flows.fetching import Fetcher
from flows.home import Home
from flows.parameters import Parameters
from flows.source_list import read_source_list
from seeds import SEEDS
from transforms.document import Refused
from transforms.forms.archive import is_archive, members
from transforms.limits import DEFAULT, Limits
from transforms.registry import Registry
from transforms.rules import rules_digest
from warehouse.contracts import Refusal, Source
from warehouse.snapshots import SnapshotStore

FETCHERS = 16
"""Threads that fetch: they mostly wait; each host still gets its own few connections and pauses."""


class SourceError(Exception):
    """A source as given cannot be meant: the run does not start."""


class Place(NamedTuple):
    """One address where a report is said to be, and whose and which year's, where a source list says so."""

    uri: str
    path: Path | None = None
    township_code: str | None = None
    report_year: int | None = None
    is_behind_cover: bool = False
    leads_to: Path | None = None
    """Of a link that leads out of the folder that was given: where to; it is refused."""


class Acquired(NamedTuple):
    """What a look at all places gave: where each snapshot was found, and what could not be fetched."""

    sources: list[Source]
    refusals: list[Refusal]


def specs(home: Home, parameters: Parameters) -> tuple[str, ...]:
    """What a run reads: what it was given, else the home's own source list, else the sample report."""
    return parameters.sources or (str(home.sources if home.sources.exists() else SEEDS / "reports"),)


def expand(specs: Sequence[str], registry: Registry) -> list[Place]:
    """The places that paths, folders, patterns, addresses and source lists name, in order, each once.

    Raises:
        SourceError: if one of them names nothing.
        SourceListError: if a source list has a wrong row.
    """
    places: dict[str, Place] = {}
    for spec in specs:
        for place in _expand(spec, registry):
            places.setdefault(place.uri, place)
    return list(places.values())


def within(places: Sequence[Place], years: Collection[int]) -> list[Place]:
    """The places to read for these report years (all if empty): those that a source list does not give another year."""
    return [place for place in places if not years or place.report_year is None or place.report_year in years]


def _expand(spec: str, registry: Registry) -> Iterator[Place]:
    path = Path(spec)
    if spec.startswith(("http://", "https://")):
        yield Place(spec)
    elif path.is_dir():
        yield from _walk(path.absolute())
    elif path.is_file() and path.suffix.lower() == ".csv":
        for wanted in read_source_list(path, registry):
            yield Place(wanted.url, wanted.path, wanted.township_code, wanted.report_year)
    elif path.is_file():
        yield _file(path.absolute())
    else:
        matches = list(_matches(spec))
        if not matches:
            raise SourceError(f"{spec}: no such file or folder, and no file matches it as a pattern")
        yield from matches


def _file(path: Path) -> Place:
    return Place(path.as_uri(), path)


def _file_in(path: Path, inside: Path) -> Place:
    """A file found in a folder; a link that leads out of it says so."""
    target = path.resolve()
    return Place(path.as_uri(), path, leads_to=None if target.is_relative_to(inside) else target)


def _walk(folder: Path) -> Iterator[Place]:
    inside = folder.resolve()
    found: list[Path] = []
    for at, folders, files in os.walk(folder):  # linked folders are not entered
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(at, name) for name in files if not name.startswith(".")]
    for path in sorted(found):
        if path.is_file():
            # only a link can lead out; to resolve every path takes as long as to read its file
            yield _file_in(path, inside) if path.is_symlink() else _file(path)


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


def acquire(places: Sequence[Place], store: SnapshotStore, fetcher: Fetcher, limits: Limits = DEFAULT) -> Acquired:
    """Bring the bytes of every place into the store.

    A file's time is its modification time, so that the same file gives the same row; a page's is when it was fetched.
    """

    def one(place: Place) -> tuple[list[Source], Refusal | None]:
        try:
            return list(_sources(place, store, fetcher, limits)), None
        except Refused as refused:
            return [], _refusal(place, refused)

    remote = [place for place in places if place.path is None]
    with ThreadPoolExecutor(max_workers=FETCHERS) as pool:
        fetched = dict(zip(remote, pool.map(one, remote), strict=True))
    results = [fetched[place] if place in fetched else one(place) for place in places]
    store.settle()
    return Acquired(
        [source for found, _ in results for source in found], [refusal for _, refusal in results if refusal]
    )


def _refusal(place: Place, refused: Refused) -> Refusal:
    return Refusal(
        sha256=None,
        source_uri=place.uri,
        reason=refused.reason,
        detail=refused.detail,
        rules=rules_digest(),
        run_id="",
        township_code=place.township_code,
        report_year=place.report_year,
    )


def _sources(place: Place, store: SnapshotStore, fetcher: Fetcher, limits: Limits) -> Iterator[Source]:
    if place.leads_to is not None:
        detail = (
            f"链接指向文件夹之外（{place.leads_to}），未读取；确需读取请单独写出它的路径 / "
            "a link out of the folder is not followed: name it by itself if it is meant"
        )
        raise Refused("fetch_failed", detail)
    if place.path is None:
        visit = fetcher.fetch(place.uri)
        data, retrieved_at = store.get(visit.sha256), datetime.fromisoformat(visit.retrieved_at)
        final = str(store.metadata(visit.sha256).get("final_url", place.uri))
        documents = [] if place.is_behind_cover else documents_behind(data, final, limits)
        for address in documents:
            yield from _sources(place._replace(uri=address, is_behind_cover=True), store, fetcher, limits)
        if documents:
            return
    else:
        data, retrieved_at = _read(place.path, limits)
    parts = [(place.uri, data)]
    if is_archive(data):
        parts = [(f"{place.uri}!/{member.name}", member.data) for member in members(data, limits)]
    for uri, content in parts:
        # what was fetched must stay, what lies in a folder is there to be read again
        sha256 = store.put(content) if place.path is None else store.put_soon(content)
        yield Source(sha256, uri, retrieved_at, len(content), place.township_code, place.report_year)


def _read(path: Path, limits: Limits) -> tuple[bytes, datetime]:
    try:
        status = path.stat()
        if status.st_size > limits.size:
            detail = f"文件 {status.st_size} 字节，超过上限 {limits.size}；请拆分 / larger than the limit: split it"
            raise Refused("too_large", detail)
        return path.read_bytes(), datetime.fromtimestamp(int(status.st_mtime), UTC)
    except OSError as error:
        detail = f"无法读取（{error.strerror}），请检查文件权限 / cannot be read: check its permissions"
        raise Refused("fetch_failed", detail) from error
