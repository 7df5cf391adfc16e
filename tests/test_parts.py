"""Checked a part at a time: what is found does not depend on how many reports are at hand at once."""

import shutil
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from planted import Corpus, corpus

from expectations.checking import CheckContext, order
from expectations.gate import Found, Validation, validate_shelf
from expectations.shelf import OF_REPORTS, Shelf
from flows.found import remembered, store
from warehouse.contracts import FINDINGS, MENTIONS, OBSERVATIONS, REPORTS, TEXTS, Finding
from warehouse.holding import Holding
from warehouse.lake import Lake
from warehouse.schema import arrow_schema

FOUND = ("alike", "outliers")
ALL = {f"{code}" for code in corpus(count=30, years=3, seed=11, every=2).tables["reports"]["township_code"].to_pylist()}


@pytest.fixture(scope="module")
def made() -> Corpus:
    """30 townships and three years, a fault of some kind in every second one's last year."""
    return corpus(count=30, years=3, seed=11, every=2)


def in_parts(made: Corpus, part: int) -> tuple[list[Finding], Validation]:
    found = Found()
    result = validate_shelf(Shelf.of(made.tables), CheckContext("run"), found, part)
    return sorted(found.kept, key=order), result


@pytest.fixture(scope="module")
def at_once(made: Corpus) -> tuple[list[Finding], Validation]:
    """What is found of all together."""
    return in_parts(made, 1000)


def test_parts_find_what_is_found_at_once(made: Corpus, at_once: tuple[list[Finding], Validation]) -> None:
    whole, result = at_once
    pieces, bit_by_bit = in_parts(made, 40)
    assert {finding.check for finding in whole} > {"sum_of_parts", "unlike_neighbours"}
    assert pieces == whole
    assert bit_by_bit == result


def kept_in(folder: Path, tables: dict[str, pa.Table], *more: Any) -> tuple[list[Finding], set[str]]:
    """What a run finds that keeps findings in a folder, and the townships that it looks at."""
    findings, looked, _ = kept_and_told_in(folder, tables, *more)
    return findings, looked


def kept_and_told_in(
    folder: Path, tables: dict[str, pa.Table], run_id: str = "run", beside: Sequence[Finding] = ()
) -> tuple[list[Finding], set[str], dict[str, tuple[int, int]]]:
    """The same, and for each table of reports the rows that were validated, and those that were not again."""
    lake, path = Lake(folder / "lake"), folder / "kept.parquet"
    for contract in (REPORTS, MENTIONS, OBSERVATIONS, TEXTS):
        lake.write(contract, tables[contract.name])
    seeds = {name: table for name, table in tables.items() if name not in OF_REPORTS}
    holding = Holding(lake, arrow_schema(OBSERVATIONS).empty_table(), seeds, run_id, memory=folder / "years")
    found = Found(folder / "made.parquet")
    with holding.open() as connection:
        shelf = Shelf(connection, holding.of_reports, holding.years())
        result = validate_shelf(shelf, CheckContext(run_id), found, memory=remembered(lake, path))
        found.add(beside)
        store(lake, shelf, found, [folder / "made.parquet"], run_id, path)
        looked = "SELECT township_code FROM states WHERE township_code NOT IN (FROM unchanged)"
        townships = {row[0] for row in connection.execute(looked).fetchall()}
    (file,) = lake.files(FINDINGS, run_id)
    rows = [Finding(*row.values()) for row in pq.read_table(file).to_pylist()]
    assert Counter((row.check, row.severity) for row in rows) == found.counts
    told = {one.table: (one.rows, one.unchanged) for one in result.gx_results if one.table in OF_REPORTS}
    return sorted(rows, key=order), townships, told


def test_townships_of_which_nothing_changed_are_not_checked_again(
    made: Corpus, at_once: tuple[list[Finding], Validation], tmp_path: Path
) -> None:
    whole, _ = at_once
    found, looked = kept_in(tmp_path, made.tables)
    assert (found, len(looked)) == (whole, 30)
    rows = {name: made.tables[name].num_rows for name in ("reports", "mentions", "observations")}
    assert kept_and_told_in(tmp_path, made.tables) == (whole, set(), {name: (0, rows[name]) for name in rows})

    reports = made.tables["reports"]
    changed, place = reports.to_pylist(), reports.schema.get_field_index("damage")
    damage = pa.array([3, *(row["damage"] for row in changed[1:])], type=pa.int64())
    tables = {**made.tables, "reports": reports.set_column(place, reports.schema.field("damage"), damage)}
    found, looked, told = kept_and_told_in(tmp_path, tables)
    assert looked == {changed[0]["township_code"]}
    assert told["reports"] == (3, 87)  # a township's three years
    assert {name: sum(told[name]) for name in told} == rows
    assert [row.check for row in found if row not in whole] == ["text_damaged"]
    assert kept_in(tmp_path, made.tables)[0] == whole


def damaged(tables: dict[str, pa.Table], reports: int) -> dict[str, pa.Table]:
    """The tables with so many of the first reports damaged; each township has three."""
    told = tables["reports"]
    damage = [3] * reports + told["damage"].to_pylist()[reports:]
    place = told.schema.get_field_index("damage")
    return {**tables, "reports": told.set_column(place, told.schema.field(place), pa.array(damage, pa.int64()))}


def test_what_stands_is_told_again_by_each_run_and_what_is_no_townships_is_found_anew(
    made: Corpus, at_once: tuple[list[Finding], Validation], tmp_path: Path
) -> None:
    whole, _ = at_once
    (code, *_) = made.tables["reports"]["township_code"].to_pylist()
    copy, place = Finding("", "warning", "copied_text", None, code, 2023, None, None, "a", "a", ""), whole[0]._replace
    beside = [copy, copy._replace(check="correction_not_applied"), copy._replace(check="z", township_code=None)]
    for run_id, some in (("first", beside), ("second", beside[1:]), ("third", [])):
        wanted = sorted([place(**row._asdict()) for row in (*whole, *some)], key=order)
        wanted = [row._replace(run_id=run_id) for row in wanted]
        told = [row._replace(run_id=run_id) for row in some]
        assert kept_in(tmp_path, made.tables, run_id, told) == (wanted, set() if run_id != "first" else ALL)


def test_of_findings_that_were_written_by_another_run_or_lost_nothing_stands(made: Corpus, tmp_path: Path) -> None:
    few = damaged(made.tables, 1)
    kept_in(tmp_path, made.tables)
    told = (tmp_path / "kept.parquet").read_bytes()
    whole = kept_in(tmp_path, few)
    assert len(whole[1]) == 1
    (tmp_path / "kept.parquet").write_bytes(told)  # as a run leaves it that was killed before it kept its states
    assert kept_in(tmp_path, few) == (whole[0], ALL)
    shutil.rmtree(tmp_path / "lake")
    assert kept_in(tmp_path, few) == (whole[0], ALL)


def test_where_the_seeds_are_broken_nothing_stands_in_the_next_run(made: Corpus, tmp_path: Path) -> None:
    towns = made.tables["townships"]
    twice = {**made.tables, "townships": pa.concat_tables([towns, towns.slice(0, 1)])}
    first = kept_in(tmp_path, twice)
    assert {row.check for row in first[0]} >= {"key_duplicate"}
    assert kept_in(tmp_path, twice) == first
    assert not (tmp_path / "kept.parquet").exists()


def test_findings_in_many_row_groups_stand_as_those_in_one(
    made: Corpus, at_once: tuple[list[Finding], Validation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.row_groups.ROW_GROUP", 7)
    monkeypatch.setattr("expectations.kept.TOGETHER", 3)
    kept_in(tmp_path, damaged(made.tables, 1))
    (file,) = Lake(tmp_path / "lake").files(FINDINGS, "run")
    assert pq.ParquetFile(file).num_row_groups > 3
    first = made.tables["reports"]["township_code"][0].as_py()
    assert kept_in(tmp_path, made.tables) == (at_once[0], {first})


def without(made: Corpus, township: str, year: int) -> dict[str, pa.Table]:
    """The tables without a report."""
    reports = made.tables["reports"]
    place = (pc.field("township_code") == township) & (pc.field("report_year") == year)
    (gone,) = reports.filter(place)["report_id"].to_pylist()
    tables = {name: made.tables[name].filter(pc.field("report_id") != gone) for name in OF_REPORTS}
    return {**made.tables, **tables}


def test_a_late_report_is_compared_with_all_of_its_year_and_no_other_year_is_compared_again(
    made: Corpus, at_once: tuple[list[Finding], Validation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.years.SMALL", 0)
    places = (made.tables["reports"][name].to_pylist() for name in ("township_code", "report_year"))
    last, year = max(zip(*places, strict=True))
    found, _ = kept_in(tmp_path, without(made, last, year))
    before = {path.name: path.stat().st_ino for path in (tmp_path / "years").iterdir()}
    assert sorted(before) == [f"{one}-{name}.parquet" for one in range(year - 2, year + 1) for name in FOUND]
    late, _ = kept_in(tmp_path, made.tables)
    after = {path.name: path.stat().st_ino for path in (tmp_path / "years").iterdir()}
    assert {name for name in after if after[name] != before[name]} == {f"{year}-{name}.parquet" for name in FOUND}
    assert late == at_once[0]
    assert {row.report_year for row in late if row not in found} == {year}


def test_parts_are_whole_townships_with_all_their_years(made: Corpus) -> None:
    parts = list(Shelf.of(made.tables).parts(10))
    codes = [set(part["reports"].column("township_code").to_pylist()) for part in parts]
    assert [len(part) for part in codes] == [3] * 10
    assert len(set.union(*codes)) == 30
    rows = {
        name: sum(part[name].num_rows for part in parts) for name in ("reports", "mentions", "observations", "texts")
    }
    assert rows == {name: made.tables[name].num_rows for name in rows}


def test_reports_that_lie_apart_are_looked_for_in_the_lake_and_are_the_same(
    made: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path / "lake")
    for contract in (REPORTS, MENTIONS, OBSERVATIONS, TEXTS):
        lake.write(contract, made.tables[contract.name])
    holding = Holding(lake, arrow_schema(OBSERVATIONS).empty_table(), {}, "run")
    codes = sorted(set(made.tables["reports"]["township_code"].to_pylist()))
    reports = made.tables["reports"]["report_id"].to_pylist()[::7]
    asked: list[str] = []

    def find(table: str, ids: Collection[str], columns: Sequence[str]) -> pa.Table:
        asked.append(table)
        return holding.of_reports(table, ids, columns)

    monkeypatch.setattr("expectations.shelf.LOOSE", 1)
    with holding.open() as connection:
        joined, found = Shelf(connection), Shelf(connection, find)
        assert found.part(codes[:3]) == joined.part(codes[:3])
        assert not asked
        assert found.part([codes[0], codes[-1]]) == joined.part([codes[0], codes[-1]])
        assert found.of_reports(reports) == joined.of_reports(reports)
    assert asked == ["mentions", "texts"] * 2


def test_rows_of_no_report_are_a_part_of_their_own(made: Corpus) -> None:
    mentions = made.tables["mentions"]
    first = mentions.column("report_id")[0].as_py()
    lost = {**made.tables, "reports": made.tables["reports"].slice(1)}
    *_, stray = Shelf.of(lost).parts(1000)
    assert set(stray["mentions"].column("report_id").to_pylist()) == {first}
    assert stray["reports"].num_rows == 0
