"""Sources: the bytes of files, archives and addresses, each made into snapshots or refusals.

An archive is unpacked: each member is a snapshot of its own, at ``archive.zip!/member``. A place that cannot be fetched
is refused with its reason and tried again at the next run; the others go on. Of a page that is only the cover of
documents, the documents are the snapshots. A file that has not changed since it was read is not opened
(``flows/seen.py``), if its snapshots are in the store.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.places import Place, Places
from flows.seen import Part, Seen
from flows.walk import Status
from transforms.document import Refused
from transforms.forms.archive import is_archive, members
from transforms.limits import DEFAULT, Limits
from transforms.rules import rules_digest
from warehouse.contracts import SOURCES, Refusal, Source
from warehouse.schema import to_arrow
from warehouse.snapshots import SnapshotStore

if TYPE_CHECKING:
    from flows.fetching import Fetcher

FETCHERS = 16
"""Threads that fetch: they mostly wait; each host still gets its own few connections and pauses."""
TOGETHER = 10_000
"""Sources that are held as Python objects at once."""
_SECOND = 1_000_000_000
_LATEST = 253_402_300_799
"""The last second that has a date."""


class Acquired(NamedTuple):
    """What a look at all places gave: where each snapshot was found (the table ``sources``), and what has none."""

    sources: pa.Table
    refusals: list[Refusal]


class Looked(NamedTuple):
    """What is known of places without opening a file or asking for a page, and the places of which nothing is."""

    known: Acquired
    rest: Places


def acquire(
    places: Places, store: SnapshotStore, fetcher: Fetcher | None, seen: Seen, limits: Limits = DEFAULT
) -> Acquired:
    """Bring the bytes of every place into the store; ``fetcher`` may be None where all are files.

    A file's time is its modification time, so that the same file gives the same row; a page's is when it was fetched.
    """
    (sources, refusals), rest = look(places, store, seen, limits)
    parts, waiting = [sources], list[Source]()
    for found, refusal in _brought(rest, store, fetcher, seen, limits):
        refusals += [refusal] if refusal else []
        waiting += found
        if len(waiting) >= TOGETHER:
            parts.append(to_arrow(SOURCES, waiting))
            waiting = []
    store.settle()
    seen.save()
    return Acquired(pa.concat_tables([*parts, to_arrow(SOURCES, waiting)]), refusals)


def look(places: Places, store: SnapshotStore, seen: Seen, limits: Limits = DEFAULT) -> Looked:
    """What can be told of places by their status alone."""
    leads = pc.is_valid(places.table["leads_to"])
    refusals = [_refusal(place, _outside(place)) for place in places.where(leads)]
    places = places.where(pc.invert(leads))
    size: Any = places.table["size"]
    over: Any = pc.greater(size, pa.scalar(limits.size))
    large = pc.fill_null(over, False)
    found_large = zip(places.where(large), size.filter(large).to_pylist(), strict=True)
    refusals += [_refusal(place, _too_large(size, limits)) for place, size in found_large]
    places = places.where(pc.invert(large))
    files, pages = places.where(places.local), places.where(pc.invert(places.local))
    del places  # they may be many: what is not needed any more should not be held
    stored = pa.chunked_array([pa.array(names, pa.string()) for names in store.digests()], pa.string())
    rows, at, known = seen.unchanged(files.table, stored.combine_chunks())
    told = files.table.select(["mtime", "township_code", "report_year"]).take(at)
    rest = Places(pa.concat_tables([pages.table, files.where(pc.invert(known)).table]))
    refused = pc.is_valid(rows["reason"])
    if pc.any(refused).as_py():
        refusals += map(_refusal_again, rows.filter(refused).to_pylist(), told.filter(refused).to_pylist())
        rows, told = rows.filter(pc.invert(refused)), told.filter(pc.invert(refused))
    return Looked(Acquired(_sources_again(rows, told), refusals), rest)


def _sources_again(rows: pa.Table, files: pa.Table) -> pa.Table:
    """The sources that unchanged files gave."""
    seconds = np.clip(files["mtime"].to_numpy() // _SECOND, 0, _LATEST)
    columns = {
        "sha256": rows["sha256"],
        "source_uri": rows["source_uri"],
        "retrieved_at": pa.array(seconds * 1_000_000).cast(pa.timestamp("us")),
        "size": rows["length"],
        "township_code": files["township_code"],
        "report_year": files["report_year"],
    }
    return to_arrow(SOURCES, pa.table(columns))


def _refusal_again(row: dict[str, Any], file: dict[str, Any]) -> Refusal:
    """The refusal of an unchanged file."""
    place = Place(row["source_uri"], None, file["township_code"], file["report_year"])
    return _refusal(place, Refused(row["reason"], row["detail"]))


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


def _outside(place: Place) -> Refused:
    detail = (
        f"链接指向文件夹之外（{place.leads_to}），未读取；确需读取请单独写出它的路径 / "
        "a link out of the folder is not followed: name it by itself if it is meant"
    )
    return Refused("fetch_failed", detail)


def _too_large(size: int, limits: Limits) -> Refused:
    return Refused("too_large", f"文件 {size} 字节，超过上限 {limits.size}；请拆分 / larger than the limit: split it")


def _brought(
    places: Places, store: SnapshotStore, fetcher: Fetcher | None, seen: Seen, limits: Limits
) -> Iterator[tuple[list[Source], Refusal | None]]:
    """The snapshots of places that must be fetched or read, or why there are none."""

    def one(place: Place) -> tuple[list[Source], Refusal | None]:
        try:
            if place.path is not None:
                return _from_file(place, place.path, store, seen, limits), None
            assert fetcher
            return list(_from_page(place, store, fetcher, limits)), None
        except Refused as refused:
            return [], _refusal(place, refused)

    with ThreadPoolExecutor(max_workers=FETCHERS) as pool:
        yield from pool.map(one, places.where(pc.invert(places.local)))
    yield from map(one, places.where(places.local))


def _from_page(place: Place, store: SnapshotStore, fetcher: Fetcher, limits: Limits) -> Iterator[Source]:
    from flows.covers import documents_behind

    visit = fetcher.fetch(place.uri)
    data, retrieved_at = store.get(visit.sha256), datetime.fromisoformat(visit.retrieved_at)
    final = str(store.metadata(visit.sha256).get("final_url", place.uri))
    documents = [] if place.is_behind_cover else documents_behind(data, final, limits)
    for address in documents:
        yield from _from_page(place._replace(uri=address, is_behind_cover=True), store, fetcher, limits)
    if not documents:
        for uri, content in _parts(place.uri, data, limits):
            yield _source(Part(store.put(content), uri, len(content)), retrieved_at, place)


def _from_file(place: Place, path: Path, store: SnapshotStore, seen: Seen, limits: Limits) -> list[Source]:
    """The snapshots of a file; whoever reads it again may find out that it is the same."""
    now = time.time_ns()
    data, before, after = _read(path, limits)
    is_settled, name, parts = seen.is_settled(before, after, now), os.fsencode(path), list[Part]()
    try:
        for uri, content in _parts(place.uri, data, limits):
            # what was fetched must stay, what lies in a folder is there to be read again
            parts.append(Part(store.put_soon(content), uri, len(content)))
    except Refused as refused:
        if is_settled:
            seen.note_refusal(name, after, place.uri, refused)
        raise
    if is_settled:
        seen.note(name, after, parts)
    retrieved_at = datetime.fromtimestamp(max(0, min(after.mtime // _SECOND, _LATEST)), UTC)
    return [_source(part, retrieved_at, place) for part in parts]


def _read(path: Path, limits: Limits) -> tuple[bytes, Status, Status]:
    """The bytes of a file, with its status before and after they were read."""
    try:
        with path.open("rb", buffering=0) as file:
            before = Status.of(os.fstat(file.fileno()))
            if before.size > limits.size:
                raise _too_large(before.size, limits)
            return file.readall(), before, Status.of(os.fstat(file.fileno()))
    except OSError as error:
        detail = f"无法读取（{error.strerror}），请检查文件权限 / cannot be read: check its permissions"
        raise Refused("fetch_failed", detail) from error


def _parts(uri: str, data: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """What is a snapshot of its own in the bytes of a place: each member of an archive, else all of it."""
    if is_archive(data):
        yield from ((f"{uri}!/{member.name}", member.data) for member in members(data, limits))
    else:
        yield uri, data


def _source(part: Part, retrieved_at: datetime, place: Place) -> Source:
    return Source(part.sha256, part.source_uri, retrieved_at, part.length, place.township_code, place.report_year)
