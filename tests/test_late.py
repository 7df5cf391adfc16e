"""Late rows: a few reports that join a large year lie beside it, and all that reads the year reads them with it."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse_rows import JIA, mention, report

from flows.home import Home
from flows.migration import migrate
from warehouse.contracts import MENTIONS
from warehouse.lake import Lake, scan
from warehouse.schema import to_arrow

YEAR = 2023
REPORTS = [report(f"{int(JIA) + at}", YEAR) for at in range(40)]
COUNT = 3
"""Figures of each report: 20 reports have 60, of which a twentieth are those of one report."""


def rows(places: set[int], value: str = "5") -> list[tuple[object, ...]]:
    return [mention(REPORTS[at], ordinal, value, "people_mediators") for at in sorted(places) for ordinal in (1, 2, 3)]


def join(lake: Lake, beside: Path, come: set[int], value: str = "5", **more: object) -> list[str]:
    """Join reports to the year; the names of the files whose bytes changed."""
    beside.mkdir(exist_ok=True)
    pq.write_table(to_arrow(MENTIONS, rows(come, value)), beside / "new.parquet")
    changed = lake.join(MENTIONS, YEAR, [beside / "new.parquet"] if come else [], **more)  # type: ignore[arg-type]
    return [path.name for path in changed]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with every other of the reports."""
    lake = Lake(tmp_path / "lake")
    lake.write(MENTIONS, rows(set(range(0, 40, 2))))
    return lake


def contents(lake: Lake) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(lake.root.rglob("*")) if path.is_file()}


def test_one_late_report_leaves_the_years_file_and_the_next_makes_one_file_of_both(tmp_path: Path, lake: Lake) -> None:
    before = contents(lake)["part.parquet"]
    assert join(lake, tmp_path / "new", {5}) == ["late.parquet"]
    assert contents(lake)["part.parquet"] == before
    assert list(lake.rows(MENTIONS)) == rows({*range(0, 40, 2), 5})
    assert lake.read(MENTIONS, YEAR, columns=("value",)).num_rows == 21 * COUNT
    assert [path.name for path in lake.files(MENTIONS)] == ["part.parquet", "late.parquet"]
    assert lake.find(MENTIONS, YEAR, "report_id", {REPORTS[5].report_id}).num_rows == COUNT
    assert len(list(lake.texts(MENTIONS, "surface", {REPORTS[4].report_id, REPORTS[5].report_id}, YEAR))) == 2 * COUNT
    assert join(lake, tmp_path / "new", {5}) == []  # a run that was killed and is done again
    assert join(lake, tmp_path / "new", {7}) == ["part.parquet"]  # six of 60 rows are more than a twentieth
    whole = Lake(tmp_path / "whole")
    whole.write(MENTIONS, rows({*range(0, 40, 2), 5, 7}))
    assert contents(lake) == contents(whole)


def test_a_late_report_that_is_read_anew_or_goes_leaves_the_years_file(tmp_path: Path, lake: Lake) -> None:
    before = contents(lake)
    join(lake, tmp_path / "new", {5})
    assert join(lake, tmp_path / "new", {5}, "6") == ["late.parquet"]
    assert list(lake.rows(MENTIONS))[9:12] == rows({5}, "6")
    assert join(lake, tmp_path / "new", set(), drop={REPORTS[5].report_id}) == ["late.parquet"]
    assert contents(lake) == before


def test_rows_that_have_to_leave_the_years_file_make_one_file_of_both(tmp_path: Path, lake: Lake) -> None:
    join(lake, tmp_path / "new", {5})
    assert join(lake, tmp_path / "new", set(), drop={REPORTS[4].report_id}) == ["part.parquet"]
    assert list(contents(lake)) == ["part.parquet"]
    assert list(lake.rows(MENTIONS)) == rows({*range(0, 40, 2), 5} - {4})


def test_what_a_writer_left_that_was_killed_between_the_year_and_its_late_file_is_not_looked_at(
    tmp_path: Path, lake: Lake
) -> None:
    join(lake, tmp_path / "new", {5})
    (late,) = lake.root.rglob("late.parquet")
    left = late.read_bytes()
    lake.write(MENTIONS, rows({*range(0, 40, 2), 5}), years={YEAR})
    assert not late.exists()
    late.write_bytes(left)
    assert list(lake.rows(MENTIONS)) == rows({*range(0, 40, 2), 5})
    assert [path.name for path in lake.files(MENTIONS)] == ["part.parquet"]
    lake.write(MENTIONS, [])
    assert contents(lake) == {}


def test_migration_carries_late_rows_over(tmp_path: Path) -> None:
    home = Home(tmp_path)
    lake = Lake(home.lake)
    lake.write(MENTIONS, rows(set(range(0, 40, 2))))
    join(lake, tmp_path / "new", {5})
    (part,) = lake.root.rglob("part.parquet")
    old = pq.ParquetFile(part).read()
    pq.write_table(old.append_column("gone", old.column("head")), part)
    join(lake, tmp_path / "new", {5})
    assert [path.name for path in lake.files(MENTIONS)] == ["part.parquet", "late.parquet"]
    assert [done.table for done in migrate(home)] == ["mentions"]
    assert [path.name for path in lake.files(MENTIONS)] == ["part.parquet"]
    assert list(lake.rows(MENTIONS)) == rows({*range(0, 40, 2), 5})
    assert migrate(home) == []


CHANGES = st.tuples(
    st.sets(st.integers(0, 39), max_size=2),
    st.sets(st.integers(0, 39), max_size=1),
    st.none() | st.sets(st.integers(0, 39), min_size=36),
    st.sampled_from("56"),
)


@settings(max_examples=15)
@given(changes=st.lists(CHANGES, min_size=1, max_size=4))
def test_whatever_comes_and_goes_a_year_has_the_rows_that_it_should(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[set[int], set[int], set[int] | None, str]]
) -> None:
    folder = tmp_path_factory.mktemp("year")
    lake, wanted = Lake(folder / "lake"), dict.fromkeys(range(0, 40, 2), "5")
    lake.write(MENTIONS, rows(set(wanted)))
    for come, drop, keep, value in changes:
        stay = None if keep is None else {REPORTS[at].report_id for at in keep}
        join(lake, folder / "new", come, value, drop={REPORTS[at].report_id for at in drop}, keep=stay)
        wanted = {at: told for at, told in wanted.items() if at not in drop} | dict.fromkeys(come, value)
        wanted = {at: told for at, told in wanted.items() if keep is None or at in keep}
        told = [row for at in sorted(wanted) for row in rows({at}, wanted[at])]
        assert list(lake.rows(MENTIONS)) == told
        query = f"SELECT report_id, ordinal, value FROM ({scan(MENTIONS, lake.files(MENTIONS))}) ORDER BY ALL"
        assert duckdb.sql(query).fetchall() == [(row[0], row[2], row[4]) for row in told]
