"""Seen: a file that has not changed is not opened, and whatever happens to a folder is found as if all were read."""

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.places import Places, expand
from flows.seen import Seen
from flows.sources import Acquired, acquire, look
from transforms.limits import DEFAULT
from transforms.registry import Registry
from warehouse.contracts import SOURCES, Refusal, Source
from warehouse.schema import to_rows
from warehouse.snapshots import SnapshotStore

TICK = 20_000_000
"""Nanoseconds: the clocks of the file systems that tests run on tick at least every ten milliseconds."""
ONE, OTHER = "合成：甲".encode(), "合成：乙".encode()


class World:
    """A folder of reports, and a home that has a store and a memory."""

    def __init__(self, root: Path) -> None:
        self.folder, self.store = root / "in", SnapshotStore(root / "store")
        self.memory = root / "seen.parquet"
        (self.folder / "b").mkdir(parents=True)

    def run(self, **limits: int) -> tuple[list[Source], list[Refusal]]:
        """What a run finds."""
        changed = DEFAULT._replace(**limits)
        return told(acquire(self.places(), self.store, None, Seen(self.memory, changed, TICK), changed))

    def places(self) -> Places:
        return expand([str(self.folder)], Registry.load())

    def rest(self, **limits: int) -> list[str]:
        """The names of the files that a run would open."""
        changed = DEFAULT._replace(**limits)
        rest = look(self.places(), self.store, Seen(self.memory, changed, TICK), changed).rest
        return [place.path.name for place in rest if place.path]


def told(found: Acquired) -> tuple[list[Source], list[Refusal]]:
    return sorted(Source(*row) for row in to_rows(SOURCES, found.sources)), sorted(found.refusals)


def zipped(path: Path, *contents: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.txt", content)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    (made.folder / "a.txt").write_bytes(ONE)
    (made.folder / "b" / "b.txt").write_bytes(OTHER)
    zipped(made.folder / "c.zip", ONE, b"more")
    (made.folder / "d.zip").write_bytes(b"PK\x03\x04 broken")
    (made.folder / "e.txt").write_bytes(b"0" * 5000)
    time.sleep(TICK / 1e9)
    return made


def test_a_second_run_opens_nothing_and_finds_the_same(world: World) -> None:
    first = world.run(size=4000)
    assert len(first[0]) == 4
    assert [row.reason for row in first[1]] == ["unsupported_format", "too_large"]
    assert world.rest(size=4000) == []
    assert world.run(size=4000) == first


def test_what_changed_alone_is_opened(world: World) -> None:
    world.run()
    (world.folder / "b" / "b.txt").write_bytes(ONE)
    (world.folder / "new.txt").write_bytes(OTHER)
    assert world.rest() == ["b.txt", "new.txt"]
    sources, _ = world.run()
    assert {Path(row.source_uri).name for row in sources if row.size == len(ONE)} == {
        "0.txt",
        "a.txt",
        "b.txt",
        "new.txt",
    }


def test_a_file_that_changed_just_now_is_read_again(world: World) -> None:
    (world.folder / "a.txt").write_bytes(OTHER)
    seen = Seen(world.memory, DEFAULT, 3600 * 10**9)
    acquire(world.places(), world.store, None, seen)
    assert world.rest() == ["a.txt", "b.txt", "c.zip", "d.zip", "e.txt"]


def test_other_limits_and_a_torn_memory_mean_that_all_is_read(world: World) -> None:
    first = world.run()
    assert world.rest() == []
    assert len(world.rest(depth=2)) == 5
    world.memory.write_bytes(world.memory.read_bytes()[:-100])
    assert len(world.rest()) == 5
    assert world.run() == first
    assert world.rest() == []


def test_a_snapshot_that_is_gone_is_made_again(world: World) -> None:
    first = world.run()
    shutil.rmtree(world.store.path(next(row.sha256 for row in first[0] if row.size == 4)).parent)
    assert world.rest() == ["c.zip"]
    assert world.run() == first
    assert {row.sha256 for row in first[0]} <= {name for names in world.store.digests() for name in names}


def test_two_homes_over_one_folder_know_nothing_of_each_other(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    other.folder = world.folder
    first = world.run()
    assert len(other.rest()) == 5
    assert other.run() == first
    assert other.rest() == world.rest() == []


NAMES = ("a.txt", "b/b.txt", "c.zip", "l.txt")
Act = Callable[[World], object]


def written(name: str, content: bytes) -> Act:
    return lambda world: (world.folder / name).write_bytes(content)


def put_in_place(name: str, content: bytes) -> Act:
    return lambda world: put_in_place_of(world.folder / name, content)


def put_in_place_of(path: Path, content: bytes) -> None:
    """As ``rsync -t`` does: another file of the same time under the same name."""
    beside = path.with_name(".beside")
    beside.write_bytes(content)
    if path.exists():
        os.utime(beside, ns=(path.stat().st_mtime_ns,) * 2)
    beside.replace(path)


def changed_with_its_time_put_back(name: str, content: bytes) -> Act:
    def act(world: World) -> None:
        path = world.folder / name
        if path.exists():
            time_of = path.stat().st_mtime_ns
            path.write_bytes(content)
            os.utime(path, ns=(time_of, time_of))

    return act


def swapped(name: str, other: str) -> Act:
    def act(world: World) -> None:
        one, two, aside = world.folder / name, world.folder / other, world.folder / ".aside"
        if one != two and one.exists() and two.exists():
            one.replace(aside)
            two.replace(one)
            aside.replace(two)

    return act


def linked(target: str) -> Act:
    def act(world: World) -> None:
        (world.folder / "l.txt").unlink(missing_ok=True)
        (world.folder / "l.txt").symlink_to(world.folder / target)

    return act


def gone(name: str) -> Act:
    return lambda world: (world.folder / name).unlink(missing_ok=True)


def packed(*contents: bytes) -> Act:
    return lambda world: zipped(world.folder / "c.zip", *contents)


def without_a_snapshot(content: int) -> Act:
    def act(world: World) -> None:
        found = sorted(name for names in world.store.digests() for name in names)
        if found:
            world.store.path(found[content % len(found)]).unlink()

    return act


def later(world: World) -> None:
    time.sleep(TICK / 1e9)


def looked(world: World) -> None:
    world.run()


CONTENTS = st.sampled_from((ONE, OTHER))
PLACES = st.sampled_from(NAMES[:3])
ACTS = st.one_of(
    st.just(later),
    st.just(looked),
    st.builds(written, PLACES, CONTENTS),
    st.builds(put_in_place, PLACES, CONTENTS),
    st.builds(changed_with_its_time_put_back, PLACES, CONTENTS),
    st.builds(swapped, PLACES, PLACES),
    st.builds(linked, PLACES),
    st.builds(gone, st.sampled_from(NAMES)),
    st.builds(packed, CONTENTS, CONTENTS),
    st.builds(without_a_snapshot, st.integers(0, 3)),
)


@settings(max_examples=25)
@given(st.lists(ACTS, min_size=3, max_size=12))
def test_whatever_happens_is_found_as_if_all_were_read(acts: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for name, content in zip(NAMES[:3], (ONE, OTHER, ONE), strict=True):
            (world.folder / name).write_bytes(content)
        later(world)
        world.run()
        for act in acts:
            act(world)
        found = world.run()
        anew = SnapshotStore(Path(folder) / "anew")
        assert found == told(acquire(world.places(), anew, None, Seen(Path(folder) / "none", DEFAULT)))
        stored = {name for names in world.store.digests() for name in names}
        assert {row.sha256 for row in found[0]} <= stored
        assert world.run() == found
