"""Sources: what files, folders, patterns and archives are taken for, and what is passed over or refused."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.fetching import Fetcher, Journal, Policy
from flows.places import SourceError, expand
from flows.seen import Seen
from flows.sources import acquire
from transforms.limits import DEFAULT
from transforms.registry import Registry
from warehouse.contracts import SOURCES, Refusal, Source
from warehouse.schema import to_rows
from warehouse.snapshots import CorruptSnapshot, SnapshotStore


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    made = Fetcher(SnapshotStore(tmp_path / "store"), Journal(tmp_path / "fetches.jsonl"), Policy(allow_private=True))
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "报告"
    (inside / "b").mkdir(parents=True)
    (inside / "b" / "二.txt").write_text("合成：二", encoding="utf-8")
    (inside / "一.txt").write_text("合成：一", encoding="utf-8")
    (inside / ".hidden.txt").write_text("no", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("no", encoding="utf-8")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    return inside


def names(specs: list[str], registry: Registry) -> list[str]:
    return [place.path.name for place in expand(specs, registry) if place.path]


def test_a_folder_is_read_through_without_hidden_files(folder: Path, registry: Registry) -> None:
    assert names([str(folder)], registry) == ["二.txt", "link.txt", "一.txt"]


def test_a_pattern_and_a_repeat(folder: Path, registry: Registry) -> None:
    again = [str(folder / "**" / "*.txt"), str(folder / "一.txt"), str(folder / "**"), str(folder / "[一二].*")]
    assert names(again, registry) == ["二.txt", "link.txt", "一.txt"]
    assert names([str(folder / ".h*")], registry) == [".hidden.txt"]


@pytest.mark.parametrize("spec", ["", "**/*.txt", "*", "*.txt"])
def test_a_link_out_of_the_folder_is_refused_and_the_rest_is_read(
    folder: Path, registry: Registry, fetcher: Fetcher, spec: str
) -> None:
    (folder / "inside.txt").symlink_to(folder / "b" / "二.txt")
    sources, (refusal,) = got([str(folder / spec)], registry, fetcher)
    read = {fetcher.store.get(source.sha256).decode() for source in sources}
    assert read == {"合成：一", "合成：二"}
    assert (refusal.reason, refusal.source_uri) == ("fetch_failed", (folder / "link.txt").as_uri())
    assert "链接指向文件夹之外" in refusal.detail


def test_a_link_that_is_named_is_read(folder: Path, registry: Registry, fetcher: Fetcher) -> None:
    ((source,), refusals) = got([str(folder / "link.txt")], registry, fetcher)
    assert (fetcher.store.get(source.sha256), refusals) == (b"no", [])


def test_a_pattern_does_not_go_round_in_linked_folders(folder: Path, registry: Registry) -> None:
    for name in "xyz":
        (folder / name).symlink_to(folder)
    assert names([str(folder / "**" / "*.txt")], registry) == ["二.txt", "link.txt", "一.txt"]


def test_what_names_nothing_is_an_error(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        expand([str(tmp_path / "*.pdf")], registry)
    with pytest.raises(SourceError, match="no such file or folder"):
        expand([str(tmp_path / "a.pdf")], registry)


def got(specs: list[str], registry: Registry, fetcher: Fetcher, **changed: int) -> tuple[list[Source], list[Refusal]]:
    limits = DEFAULT._replace(**changed)
    seen = Seen(fetcher.store.root.parent / "seen.parquet", limits)
    found = acquire(expand(specs, registry), fetcher.store, fetcher, seen, limits)
    return [Source(*row) for row in to_rows(SOURCES, found.sources)], sorted(found.refusals)


def test_a_file_becomes_a_snapshot_with_its_modification_time(
    folder: Path, registry: Registry, fetcher: Fetcher
) -> None:
    os.utime(folder / "一.txt", (1_700_000_000, 1_700_000_000))
    ((source,), refusals) = got([str(folder / "一.txt")], registry, fetcher)
    assert refusals == []
    assert fetcher.store.get(source.sha256).decode() == "合成：一"
    assert source.source_uri == (folder / "一.txt").as_uri()
    assert source.retrieved_at.isoformat() == "2023-11-14T22:13:20"


def test_a_file_whose_time_has_no_date_is_read(folder: Path, registry: Registry, fetcher: Fetcher) -> None:
    for times in ((10**12, 10**12), (-10, -10)):
        os.utime(folder / "一.txt", times)
        ((source,), refusals) = got([str(folder / "一.txt")], registry, fetcher)
        assert (fetcher.store.get(source.sha256).decode(), refusals) == ("合成：一", [])


def test_names_are_in_the_order_that_people_see_and_may_be_no_text(tmp_path: Path, registry: Registry) -> None:
    for name in (b"b/z.txt", b"b-a.txt", b"b.txt", b"a/\xff.txt", b"a/a/a.txt", b".git/x.txt", b"c/.x.txt"):
        path = tmp_path / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name)
    places = [place.uri.removeprefix(f"{tmp_path.as_uri()}/") for place in expand([str(tmp_path)], registry)]
    assert places == ["a/a/a.txt", "a/%FF.txt", "b/z.txt", "b-a.txt", "b.txt"]


def test_the_members_of_an_archive_are_snapshots_of_their_own(
    folder: Path, registry: Registry, fetcher: Fetcher
) -> None:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / "一.txt", "x/一.txt")
        archive.write(folder / "b" / "二.txt", "../../二.txt")
    sources, _ = got([str(path)], registry, fetcher)
    assert [fetcher.store.get(source.sha256).decode() for source in sources] == ["合成：一", "合成：二"]
    assert all(
        source.source_uri.startswith(f"{path.as_uri()}!/") and ".." not in source.source_uri for source in sources
    )


def test_a_file_that_is_too_large_or_cannot_be_read_is_refused_and_the_rest_goes_on(
    folder: Path, registry: Registry, fetcher: Fetcher
) -> None:
    (folder / "big.txt").write_bytes(b"0" * 1000)
    sources, refusals = got([str(folder)], registry, fetcher, size=100)
    assert len(sources) == 2
    assert [(row.reason, row.source_uri.rsplit("/", 1)[-1]) for row in refusals] == [
        ("too_large", "big.txt"),
        ("fetch_failed", "link.txt"),
    ]


def test_a_snapshot_that_changed_on_disk_is_not_believed(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    sha256 = store.put("合成".encode())
    assert store.get(sha256) == "合成".encode()
    store.path(sha256).write_bytes(b"changed")
    with pytest.raises(CorruptSnapshot, match="does not match its name"):
        store.get(sha256)
    with pytest.raises(CorruptSnapshot, match="missing"):
        store.get("0" * 64)
