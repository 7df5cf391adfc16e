"""Years: what is asked of each year is asked again where the year is another, and what is compared is what differs."""

import os
from collections.abc import Collection
from pathlib import Path

import pytest
from warehouse_rows import JIA, YI, mention, observation, report, tables

from warehouse.catalog import blocks
from warehouse.contracts import MENTIONS, OBSERVATIONS, REPORTS, Observation, Report
from warehouse.holding import Holding
from warehouse.lake import Lake
from warehouse.schema import to_arrow
from warehouse.years import Years, states_in

REPORTED = [report(code, year) for year in (2021, 2022, 2023) for code in (JIA, YI)]
COUNTED = "SELECT report_year, count(*) AS number FROM mentions WHERE {where} GROUP BY report_year"


@pytest.fixture(autouse=True)
def every_year_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.years.SMALL", 0)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three years of two townships, two figures in each report."""
    lake = Lake(tmp_path / "lake")
    fill(lake, *REPORTED)
    return lake


def fill(lake: Lake, *reports: Report, value: str = "8") -> None:
    told = tables(
        list(reports), [(one, code, value) for one in reports for code in ("admin_penalty_cases", "people_mediators")]
    )
    for contract in (REPORTS, MENTIONS, OBSERVATIONS):
        lake.write(contract, told[contract.name])


def holding(lake: Lake, cells: Collection[Observation] = (), held: Collection[str] = ()) -> Holding:
    return Holding(lake, to_arrow(OBSERVATIONS, list(cells)), {}, "run", held, lake.root.parent / "years")


def asked(of: Holding) -> tuple[list[tuple[int, int]], set[int]]:
    """The mentions of each year, and the years that were counted for it."""
    folder = of.lake.root.parent / "years"
    before = {path.name: path.stat().st_ino for path in folder.glob("*-counted.parquet")}
    with of.open() as connection:
        rows = connection.execute(of.years().ask(connection, "counted", COUNTED)).fetchall()
        assert sorted(rows) == connection.execute(f"{COUNTED} ORDER BY 1".format(where="TRUE")).fetchall()
    after = {path.name: path.stat().st_ino for path in folder.glob("*-counted.parquet")}
    return sorted(rows), {int(name.split("-")[0]) for name in after if after[name] != before.get(name)}


def test_a_year_is_counted_again_where_its_rows_its_corrections_or_what_is_kept_out_are_others(lake: Lake) -> None:
    assert asked(holding(lake)) == ([(2021, 4), (2022, 4), (2023, 4)], {2021, 2022, 2023})
    assert asked(holding(lake)) == ([(2021, 4), (2022, 4), (2023, 4)], set())
    fill(lake, *REPORTED[:-1])
    assert asked(holding(lake)) == ([(2021, 4), (2022, 4), (2023, 2)], {2023})
    corrected = [observation(REPORTED[0], 1, "admin_penalty_cases", "7", status="corrected")]
    assert asked(holding(lake, corrected))[1] == {2021}
    assert asked(holding(lake, corrected, {REPORTED[2].report_id}))[1] == {2022}
    assert asked(holding(lake, corrected, {REPORTED[3].report_id}))[1] == {2022}
    assert asked(holding(lake))[1] == {2021, 2022}


def test_another_question_and_a_lost_answer_are_asked_again(lake: Lake, tmp_path: Path) -> None:
    asked(holding(lake))
    (tmp_path / "years/2022-counted.parquet").unlink()
    assert asked(holding(lake)) == ([(2021, 4), (2022, 4), (2023, 4)], {2022})
    other = COUNTED.replace("count(*)", "count(DISTINCT report_id)")
    with holding(lake).open() as connection:
        rows = connection.execute(holding(lake).years().ask(connection, "counted", other)).fetchall()
    assert sorted(rows) == [(2021, 2), (2022, 2), (2023, 2)]


def test_rows_that_lie_late_are_the_years(lake: Lake) -> None:
    asked(holding(lake))
    many = Lake(lake.root.parent / "many")
    staged = Lake(lake.root.parent / "staged")
    many.write(MENTIONS, [mention(REPORTED[4], at, "5", "people_mediators") for at in range(1, 41)])
    lake.join(MENTIONS, 2023, many.files(MENTIONS))
    late = staged.write(MENTIONS, [mention(report("990101009", 2023), 1, "5", "people_mediators")])
    lake.join(MENTIONS, 2023, late)
    assert lake.has_late(MENTIONS)
    assert asked(holding(lake)) == ([(2021, 4), (2022, 4), (2023, 43)], {2023})


def test_small_years_are_asked_each_time(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = sorted(sum(file.stat().st_size for file in holding(lake).lake.files(one)) for one in (MENTIONS, REPORTS))
    monkeypatch.setattr("warehouse.years.SMALL", 100 * sizes[-1])
    assert asked(holding(lake)) == ([(2021, 4), (2022, 4), (2023, 4)], set())
    assert not (tmp_path / "years").exists()


def test_the_years_that_differ_from_the_last_release_are_those_that_changed_since(lake: Lake, tmp_path: Path) -> None:
    def since(of: Holding, run_id: str) -> tuple[str, str]:
        years = of.years(states_in(tmp_path / "years", run_id))
        return years.changed, years.unchanged

    assert since(holding(lake), "first") == ("TRUE", "NOT (TRUE)")
    holding(lake, held={REPORTED[0].report_id}).years().keep("first")
    assert since(holding(lake, held={REPORTED[0].report_id}), "first") == ("FALSE", "NOT (FALSE)")
    assert since(holding(lake), "first")[0] == "report_year IN (2021)"
    assert since(holding(lake), "another")[0] == "TRUE"  # the last release is not the one whose years are known
    fill(lake, *REPORTED[2:4], report(JIA, 2024))
    assert since(holding(lake), "first")[0] == "report_year IN (2021, 2023, 2024)"


def test_where_a_view_that_is_stored_by_year_says_something_else_every_year_differs(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding(lake).years().keep("first")
    assert holding(lake).years(states_in(tmp_path / "years", "first")).changed == "FALSE"
    others = [one._replace(sql=f"{one.sql} -- another") if one.by_year else one for one in blocks()]
    monkeypatch.setattr("warehouse.years.blocks", lambda: others)
    assert holding(lake).years(states_in(tmp_path / "years", "first")).changed == "report_year IN (2021, 2022, 2023)"


def test_a_year_written_anew_with_the_same_rows_is_the_same(lake: Lake) -> None:
    before = holding(lake).years().states
    fill(lake, *REPORTED)
    assert holding(lake).years().states == before
    for file in lake.files(MENTIONS, 2023):  # a value as long as the other: neither size nor bounds tell
        told = file.stat().st_mtime_ns
        fill(lake, *REPORTED, value="9")
        os.utime(file, ns=(told, told))
    after = holding(lake).years().states
    assert {year for year in before if before[year] != after[year]} == {2021, 2022, 2023}


def test_of_tables_that_are_not_kept_all_is_looked_at() -> None:
    assert Years().changed == "TRUE"
    assert states_in(None, "run") is None
