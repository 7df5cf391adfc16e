"""The lake: the same rows give the same bytes, what did not change is not touched, and a year is replaced whole."""

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse_rows import BING, JIA, YI, mention, observation, report

from warehouse.contracts import FINDINGS, MENTIONS, OBSERVATIONS, REFUSALS, REPORTS, Finding, Refusal, Report
from warehouse.lake import Lake
from warehouse.schema import ContractError, to_arrow

A, B, C = report(JIA, 2022), report(JIA, 2023), report(YI, 2023)
ROWS = [mention(of, ordinal, str(ordinal), "admin_penalty_cases") for of in (A, B, C) for ordinal in (1, 2, 3)]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_rows_come_back_sorted_by_year_and_key(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(MENTIONS, random.Random(1).sample(ROWS, len(ROWS)))
    assert list(lake.rows(MENTIONS)) == ROWS
    assert list(lake.rows(MENTIONS, 2022)) == ROWS[:3]
    assert lake.years(MENTIONS) == (2022, 2023)
    assert sorted(contents(tmp_path)) == [
        "mentions/report_year=2022/part.parquet",
        "mentions/report_year=2023/part.parquet",
    ]


@settings(max_examples=40)
@given(st.permutations(ROWS), st.integers(1, len(ROWS)))
def test_bytes_depend_on_the_rows_alone(tmp_path_factory: pytest.TempPathFactory, rows: list, cut: int) -> None:
    once, parts = tmp_path_factory.mktemp("once"), tmp_path_factory.mktemp("parts")
    Lake(once).write(MENTIONS, rows)
    Lake(parts).merge(MENTIONS, [row for row in rows if row[0] in {other[0] for other in rows[:cut]}])
    Lake(parts).merge(MENTIONS, [row for row in rows if row[0] in {other[0] for other in rows[cut:]}])
    assert contents(once) == contents(parts)


def test_what_did_not_change_is_not_touched(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first = lake.write(MENTIONS, ROWS)
    assert [path.parent.name for path in first] == ["report_year=2022", "report_year=2023"]
    before = {path: path.stat().st_mtime_ns for path in first}
    assert lake.write(MENTIONS, ROWS[::-1]) == ()
    assert {path: path.stat().st_mtime_ns for path in first} == before
    changed = lake.write(MENTIONS, [*ROWS[:-1], mention(C, 3, "4", "admin_penalty_cases")])
    assert [path.parent.name for path in changed] == ["report_year=2023"]


def test_writing_some_years_leaves_the_others_and_the_whole_removes_what_is_gone(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(MENTIONS, ROWS)
    lake.write(MENTIONS, ROWS[3:6], years={2023})
    assert list(lake.rows(MENTIONS)) == ROWS[:6]
    lake.write(MENTIONS, [], years={2022})
    assert (list(lake.rows(MENTIONS)), lake.years(MENTIONS)) == (ROWS[3:6], (2023,))
    with pytest.raises(ContractError, match=r"rows of \[2022\] were given, but only \[2023\] are replaced"):
        lake.write(MENTIONS, ROWS, years={2023})
    lake.write(MENTIONS, ROWS[:3])
    assert lake.years(MENTIONS) == (2022,)
    lake.write(MENTIONS, [])
    assert (list(lake.rows(MENTIONS)), contents(tmp_path)) == ([], {})


def test_merging_replaces_a_reports_rows_and_drops_what_it_is_told(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(MENTIONS, ROWS)
    again = mention(B, 1, "77", "admin_penalty_cases")
    changed = lake.merge(MENTIONS, [again], drop={A.report_id})
    assert [path.parent.name for path in changed] == ["report_year=2022", "report_year=2023"]
    assert list(lake.rows(MENTIONS)) == [again, *ROWS[6:]]
    assert lake.merge(MENTIONS, [], drop={"no such report"}) == ()


def test_a_report_that_turns_out_to_be_of_another_year_leaves_the_old_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(REPORTS, [B, C])
    lake.merge(REPORTS, [B._replace(report_year=2021)])
    found = [(row[0], row[2]) for row in lake.rows(REPORTS)]
    assert found == [(B.report_id, 2021), (C.report_id, 2023)]


def test_a_table_without_years_is_one_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    rows = [Refusal(None, f"file:///{name}", "empty", "空文件", "rules", "run", BING, 2023) for name in "cab"]
    lake.write(REFUSALS, rows)
    assert list(contents(tmp_path)) == ["refusals/part.parquet"]
    assert [row[1] for row in lake.rows(REFUSALS)] == ["file:///a", "file:///b", "file:///c"]
    assert list(Lake(tmp_path / "none").rows(REFUSALS)) == []


def test_a_key_stands_once(tmp_path: Path) -> None:
    cell = observation(B, 1, "people_mediators", "5")
    with pytest.raises(ContractError, match=r"two rows have the key .*'indicator': 'people_mediators'"):
        Lake(tmp_path).write(OBSERVATIONS, [cell, cell])
    assert contents(tmp_path) == {}


def test_what_a_killed_writer_left_is_replaced(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(MENTIONS, ROWS)
    (tmp_path / "mentions/report_year=2023/part.parquet.tmp").write_bytes(b"half a file")
    assert list(lake.rows(MENTIONS)) == ROWS
    lake.write(MENTIONS, ROWS)
    assert sorted(contents(tmp_path)) == [
        "mentions/report_year=2022/part.parquet",
        "mentions/report_year=2023/part.parquet",
    ]


def test_a_file_from_before_a_column_was_added_is_read_with_that_column_empty(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    (file,) = lake.write(REPORTS, [A])
    (before,) = lake.rows(REPORTS)
    pq.write_table(pq.ParquetFile(file).read().drop_columns(["partial", "publisher", "media_type"]), file)
    (row,) = lake.rows(REPORTS)
    assert Report(*row) == Report(*before)._replace(partial=False, publisher=None, media_type="")


def test_files_join_a_year_in_the_bytes_of_rows_written_at_once(tmp_path: Path) -> None:
    old, first, second, whole = (Lake(tmp_path / name) for name in ("old", "first", "second", "whole"))
    stale = mention(B, 4, "9", "admin_penalty_cases")  # B is read anew and loses it
    old.write(MENTIONS, [*(row for row in ROWS if row[0] == A.report_id), stale])
    files = first.write(MENTIONS, [row for row in ROWS if row[0] == C.report_id])
    files += second.write(MENTIONS, [row for row in ROWS if row[0] == B.report_id][::-1])
    changed = old.join(MENTIONS, 2023, files)
    assert [path.parent.name for path in changed] == ["report_year=2023"]
    whole.write(MENTIONS, ROWS)
    assert contents(old.root) == contents(whole.root)
    assert old.join(MENTIONS, 2023, files) == ()


def test_joining_drops_reports_and_keeps_only_those_named(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(MENTIONS, ROWS)
    lake.join(MENTIONS, 2023, (), drop={B.report_id})
    assert {row[0] for row in lake.rows(MENTIONS, 2023)} == {C.report_id}
    lake.join(MENTIONS, 2023, (), keep={A.report_id})
    assert lake.years(MENTIONS) == (2022,)


def test_two_files_with_one_key_are_an_error_and_leave_the_year_as_it_was(tmp_path: Path) -> None:
    lake, other = Lake(tmp_path / "lake"), Lake(tmp_path / "other")
    lake.write(MENTIONS, ROWS)
    before = contents(lake.root)
    files = other.write(MENTIONS, ROWS[3:6])
    with pytest.raises(ContractError, match="may stand once"):
        lake.join(MENTIONS, 2023, [*files, *files])
    assert contents(lake.root) == before


def test_some_reports_rows_are_found_without_the_others(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(MENTIONS, ROWS)
    found = lake.find(MENTIONS, 2023, "report_id", {C.report_id}, ("ordinal", "report_id"))
    assert found.to_pydict() == {"ordinal": [1, 2, 3], "report_id": [C.report_id] * 3}
    assert lake.find(MENTIONS, 2023, "report_id", set()).num_rows == 0
    both = lake.find(MENTIONS, None, "report_id", {A.report_id, C.report_id, "another"})
    assert both.equals(to_arrow(MENTIONS, [*ROWS[:3], *ROWS[6:]]))
    assert list(lake.texts(MENTIONS, "surface", {B.report_id}, B.report_year)) == [
        (B.report_id, f"{n}件") for n in (1, 2, 3)
    ]


def finding(run_id: str, message: str) -> Finding:
    return Finding(run_id, "info", "stated_twice", A.report_id, JIA, 2022, None, 1, message, message, "制作短视频9条。")


def test_a_runs_rows_stand_beside_those_of_other_runs_and_replace_its_own(tmp_path: Path) -> None:
    lake = Lake(tmp_path)

    def take(run_id: str, *messages: str) -> tuple[Path, ...]:
        table = to_arrow(FINDINGS, [finding(run_id, message) for message in sorted(messages)])
        return lake.take(FINDINGS, table.to_batches(), run_id)

    take("b", "甲", "乙")
    (first,) = lake.files(FINDINGS, "b")
    before = first.stat().st_mtime_ns
    take("a", "甲")
    take("c")
    assert [file.parent.name for file in lake.files(FINDINGS)] == ["run_id=a", "run_id=b", "run_id=c"]
    assert [(row[0], row[8]) for row in lake.rows(FINDINGS)] == [("a", "甲"), ("b", "乙"), ("b", "甲")]
    assert take("b", "甲", "乙") == ()
    assert first.stat().st_mtime_ns == before
    take("a", "丙")
    assert [(row[0], row[8]) for row in lake.rows(FINDINGS)] == [("a", "丙"), ("b", "乙"), ("b", "甲")]
