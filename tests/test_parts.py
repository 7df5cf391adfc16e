"""Checked a part at a time: what is found does not depend on how many reports are at hand at once."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planted import Corpus, corpus

from expectations.checking import CheckContext, order
from expectations.gate import Found, Validation, validate_shelf
from expectations.shelf import OF_REPORTS, Shelf
from warehouse.contracts import Finding


@pytest.fixture(scope="module")
def made() -> Corpus:
    """30 townships and three years, a fault of some kind in every second one's last year."""
    return corpus(count=30, years=3, seed=11, every=2)


def in_parts(made: Corpus, part: int) -> tuple[list[Finding], Validation]:
    found = Found()
    result = validate_shelf(Shelf.of(made.tables), CheckContext("run"), found, part)
    return sorted(found.kept, key=order), result


def test_parts_find_what_is_found_at_once(made: Corpus) -> None:
    whole, at_once = in_parts(made, 1000)
    pieces, bit_by_bit = in_parts(made, 40)
    assert {finding.check for finding in whole} > {"sum_of_parts", "unlike_neighbours"}
    assert pieces == whole
    assert bit_by_bit == at_once


def kept_in(folder: Path, tables: dict[str, pa.Table]) -> tuple[list[Finding], set[str]]:
    """What a run finds that keeps findings in a folder, and the townships that it looks at."""
    findings, looked, _ = kept_and_told_in(folder, tables)
    return findings, looked


def kept_and_told_in(
    folder: Path, tables: dict[str, pa.Table]
) -> tuple[list[Finding], set[str], dict[str, tuple[int, int]]]:
    """The same, and for each table of reports the rows that were validated, and those that were not again."""
    shelf, found = Shelf.of(tables), Found(folder / "made.parquet")
    result = validate_shelf(shelf, CheckContext("run"), found, memory=folder / "kept.parquet")
    rows = [Finding(*row.values()) for row in pq.read_table(folder / "made.parquet").to_pylist()]
    looked = "SELECT township_code FROM states WHERE township_code NOT IN (FROM unchanged)"
    told = {one.table: (one.rows, one.unchanged) for one in result.gx_results if one.table in OF_REPORTS}
    return (
        sorted([*rows, *found.kept], key=order),
        {row[0] for row in shelf.connection.execute(looked).fetchall()},
        told,
    )


def test_townships_of_which_nothing_changed_are_not_checked_again(made: Corpus, tmp_path: Path) -> None:
    whole, _ = in_parts(made, 1000)
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


def test_parts_are_whole_townships_with_all_their_years(made: Corpus) -> None:
    parts = list(Shelf.of(made.tables).parts(10))
    codes = [set(part["reports"].column("township_code").to_pylist()) for part in parts]
    assert [len(part) for part in codes] == [3] * 10
    assert len(set.union(*codes)) == 30
    rows = {
        name: sum(part[name].num_rows for part in parts) for name in ("reports", "mentions", "observations", "texts")
    }
    assert rows == {name: made.tables[name].num_rows for name in rows}


def test_rows_of_no_report_are_a_part_of_their_own(made: Corpus) -> None:
    mentions = made.tables["mentions"]
    first = mentions.column("report_id")[0].as_py()
    lost = {**made.tables, "reports": made.tables["reports"].slice(1)}
    *_, stray = Shelf.of(lost).parts(1000)
    assert set(stray["mentions"].column("report_id").to_pylist()) == {first}
    assert stray["reports"].num_rows == 0
