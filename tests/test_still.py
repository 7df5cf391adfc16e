"""Still: where nothing has changed since a run had nothing to do, the next one knows it; whatever changes, it looks."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_seen import ONE, OTHER, TICK, put_in_place_of

from flows import acquisition, still
from flows.home import Home
from flows.parameters import Parameters
from flows.places import Places
from warehouse.contracts import SOURCES
from warehouse.lake import Lake


class World:
    """A home whose sources are a folder, as they are after a run."""

    def __init__(self, root: Path) -> None:
        self.home, self.folder = Home(root / "home").open(), root / "in"
        (self.folder / "b").mkdir(parents=True)
        (self.folder / "a.txt").write_bytes(ONE)
        (self.folder / "b" / "b.txt").write_bytes(OTHER)
        self.parameters = Parameters(home=str(self.home.root), sources=(str(self.folder),))
        found = acquisition.acquire(self.home, self.parameters)
        Lake(self.home.lake).write(SOURCES, found.sources)
        (self.home.runs / "one").mkdir(parents=True)
        (self.home.runs / "one" / "report.html").touch()
        time.sleep(2 * TICK / 1e9)
        still.keep(self.home, self.taken(), "one")

    def taken(self, tick: int = TICK) -> still.Still | None:
        return still.taken(self.home, self.parameters, self.places(), tick)

    def places(self) -> Places:
        return acquisition.places_of(self.home, self.parameters)

    @property
    def known(self) -> str | None:
        return still.known(self.home, self.taken())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_where_nothing_has_changed_the_run_is_known(world: World) -> None:
    assert world.known == "one"
    shutil.rmtree(world.home.memory)
    assert world.known is None


def _a_snapshot_goes(world: World) -> None:
    next(path for path in world.home.snapshots.rglob("*") if path.is_file()).unlink()


def _the_lake_changes(world: World) -> None:
    lake = Lake(world.home.lake)
    lake.write(SOURCES, lake.read(SOURCES).slice(0, 1))


def _asked_otherwise(world: World) -> None:
    world.parameters = world.parameters.model_copy(update={"scope": ("44",)})


CHANGES: dict[str, Callable[[World], object]] = {
    "a file is written to": lambda world: (world.folder / "a.txt").write_bytes(OTHER),
    "another stands in its place, of its time and size": lambda world: put_in_place_of(world.folder / "a.txt", OTHER),
    "one comes": lambda world: (world.folder / "b" / "c.txt").write_bytes(ONE),
    "one goes": lambda world: (world.folder / "b" / "b.txt").unlink(),
    "one has another name": lambda world: (world.folder / "a.txt").rename(world.folder / "z.txt"),
    "a snapshot goes": _a_snapshot_goes,
    "the lake changes": _the_lake_changes,
    "a correction": lambda world: world.home.corrections.write_text("township_code\n", encoding="utf-8"),
    "another release": lambda world: world.home.current.write_bytes(b"another"),
    "the run report goes": lambda world: (world.home.runs / "one" / "report.html").unlink(),
    "the memory is torn": lambda world: (world.home.memory / "still.json").write_text("{", encoding="ascii"),
    "asked for another scope": _asked_otherwise,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_the_run_looks_for_itself(world: World, change: Callable[[World], object]) -> None:
    change(world)
    assert world.known is None


def test_nothing_is_kept_while_the_store_is_too_young_to_tell_two_changes_apart(world: World) -> None:
    shutil.rmtree(world.home.memory)
    still.keep(world.home, world.taken(3600 * 10**9), "one")
    assert world.known is None


def test_pages_are_asked_for_each_time(world: World) -> None:
    world.parameters = world.parameters.model_copy(update={"sources": ("https://town.example/report.html",)})
    assert world.taken() is None
