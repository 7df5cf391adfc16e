"""Renewal: a release made from the last one says what one built whole says, and writes only what differs."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse_rows import BING, INDICATORS, JIA, RUN, TOWNSHIPS, YI, mention, observation, report, tables, township

from warehouse.contracts import (
    CORRECTIONS,
    FINDINGS,
    MENTIONS,
    OBSERVATIONS,
    REPORTS,
    Contract,
    Correction,
    Finding,
    Report,
    Run,
)
from warehouse.contracts import (
    INDICATORS as INDICATORS_TABLE,
)
from warehouse.contracts import (
    TOWNSHIPS as TOWNSHIPS_TABLE,
)
from warehouse.holding import Holding
from warehouse.lake import Lake
from warehouse.query import query
from warehouse.release import publish
from warehouse.releases import Release
from warehouse.schema import to_arrow

MORE = [township(f"990101{at}", f"第{at}镇") for at in range(301, 321)]
ALL = [report(code, year) for year in range(2020, 2024) for code in (JIA, YI, *(one.township_code for one in MORE))]
LATE = report(BING, 2023, sha256="cd" * 32)
JIA_2021, JIA_2022, YI_2022 = (
    next(one for one in ALL if (one.township_code, one.report_year) == place)
    for place in ((JIA, 2021), (JIA, 2022), (YI, 2022))
)
SEEDS: dict[Contract, list[tuple[object, ...]]] = {
    TOWNSHIPS_TABLE: [*TOWNSHIPS, *MORE],
    INDICATORS_TABLE: [*INDICATORS],
}


def run(number: int) -> Run:
    return RUN._replace(run_id=f"{number:012x}")


def own_number(of: Report) -> int:
    """A number of this report's own."""
    return int(of.township_code) % 1000 * 10_000 + of.report_year


def fill(lake: Lake, reports: list[Report], value: int = 8, *, unmapped: bool = False) -> None:
    """A lake in which every report states two figures; the first is ``value`` more than its own number.

    And, if wanted, one that has no indicator.
    """
    figures = [(one, "admin_penalty_cases", str(value + own_number(one))) for one in reports]
    figures += [(one, "people_mediators", "5") for one in reports]
    told = tables(reports, sorted(figures))
    if unmapped:
        told["mentions"] += [mention(one, 3, str(one.characters), head=f"{own_number(one) % 3}类") for one in reports]
    for contract in (REPORTS, MENTIONS, OBSERVATIONS):
        lake.write(contract, told[contract.name])


def find(lake: Lake, run_id: str, said: str) -> None:
    """A finding about each report, of what its row says, one about the cells, and one about all."""
    reports = [Report(*row) for row in lake.rows(REPORTS)]
    told = [(one, f"{said}{one.characters} {one.status}") for one in reports]
    about = [Finding(run_id, "info", "a", *one[:3], None, None, message, "", "句") for one, message in told]
    about += [row._replace(check="b", ordinal=1) for row in about]
    about.append(Finding(run_id, "warning", "c", None, None, None, None, None, f"{len(reports)}", "", ""))
    lake.write(FINDINGS, about, years=[run_id])


def released(home: Path, number: int, said: str = "", **more: object) -> Release:
    """Publish what lies in the home's lake as a run of this number."""
    find(Lake(home / "lake"), run(number).run_id, said)
    seeds = {contract.name: to_arrow(contract, rows) for contract, rows in SEEDS.items()}
    cells = to_arrow(OBSERVATIONS, more.get("cells", []))
    held = more.get("held", ())
    given = {CORRECTIONS.name: more["corrections"]} if "corrections" in more else {}
    holding = Holding(Lake(home / "lake"), cells, seeds, run(number).run_id, held, home / "years")  # type: ignore[arg-type]
    release = publish(home, given, run(number), scope=["9901"], holding=holding)  # type: ignore[arg-type]
    holding.years().keep(release.run_id)
    return release


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a release of all reports."""
    home = tmp_path_factory.mktemp("first")
    fill(Lake(home / "lake"), ALL)
    assert not is_renewed(released(home, 1))
    return home


@pytest.fixture
def lake(tmp_path: Path, first: Path) -> Lake:
    """The lake of a copy of that home."""
    shutil.copytree(first, tmp_path, dirs_exist_ok=True, symlinks=True)
    return Lake(tmp_path / "lake")


def is_renewed(release: Release) -> bool:
    return "appended" in release.manifest.tables[MENTIONS.name]


def renewed_and_whole(tmp_path: Path, number: int = 2, **more: object) -> tuple[Release, Release]:
    """The next release of a home, and the same tables released in a home of their own."""
    one = released(tmp_path, number, **more)
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole/lake").symlink_to(tmp_path / "lake")
    return one, released(tmp_path / "whole", number, **more)


def test_a_late_report_is_written_behind_the_others(tmp_path: Path, lake: Lake) -> None:
    fill(lake, [*ALL, LATE])
    second, whole = renewed_and_whole(tmp_path)
    assert second.manifest.tables["mentions"] == {**whole.manifest.tables["mentions"], "appended": 2}
    assert second.manifest.content == whole.manifest.content
    for table in ("mentions", "findings"):
        sql = f"SELECT report_id FROM {table} WHERE report_id IS NOT NULL ORDER BY rowid DESC LIMIT 2"
        rows = query(tmp_path / "nianbao.duckdb", sql).rows
        assert rows == [(LATE.report_id,)] * 2  # out of order: the others stayed where they were
    whole_findings = whole.manifest.tables["findings"]
    assert second.manifest.tables["findings"] == {**whole_findings, "rows": 179, "appended": 3, "but": ["run_id"]}
    assert query(second.path, "SELECT run_id, count(*) FROM findings GROUP BY 1").rows == [(run(2).run_id, 179)]
    assert catalog(second.path) == catalog(whole.path)


def catalog(path: Path) -> list[tuple[object, ...]]:
    """Every table, view and macro with its comment, and every column."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("""
            SELECT 'table', table_name, comment FROM duckdb_tables() UNION ALL
            SELECT 'view', view_name, comment FROM duckdb_views() WHERE NOT internal UNION ALL
            SELECT 'macro', function_name, comment FROM duckdb_functions() WHERE NOT internal UNION ALL
            SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal
            ORDER BY ALL""").fetchall()


@pytest.mark.parametrize(
    ("reports", "more"),
    [
        ([one for one in ALL if one is not JIA_2021], {}),
        ([one._replace(sha256="ef" * 32, characters=9) if one is JIA_2021 else one for one in ALL], {}),
        ([one._replace(status="superseded") if one is YI_2022 else one for one in ALL], {}),
        (ALL, {"held": {JIA_2022.report_id}}),
        (ALL, {"cells": [observation(JIA_2022, 1, "admin_penalty_cases", "7", status="corrected")]}),
    ],
    ids=["taken away", "read anew", "beaten", "quarantined", "corrected"],
)
def test_whatever_became_of_a_report_the_release_is_that_of_a_whole_build(
    tmp_path: Path, lake: Lake, reports: list[Report], more: dict[str, object]
) -> None:
    fill(lake, reports)
    second, whole = renewed_and_whole(tmp_path, **more)
    assert is_renewed(second)
    assert second.manifest.content == whole.manifest.content


def test_a_correction_that_was_taken_back_leaves_the_machines_value(tmp_path: Path, lake: Lake) -> None:
    cell = observation(JIA_2022, 1, "admin_penalty_cases", "7", status="corrected")
    told = Correction(
        JIA, 2022, "admin_penalty_cases", "set", cell.value, None, None, "", "核对", "甲", date(2024, 5, 1)
    )
    released(tmp_path, 2, cells=[cell], corrections=[told])
    second, whole = renewed_and_whole(tmp_path, number=3)
    assert is_renewed(second)
    assert second.manifest.content == whole.manifest.content
    sql = "SELECT value FROM observations WHERE report_id = $1 AND indicator = 'admin_penalty_cases'"
    assert query(second.path, sql, [JIA_2022.report_id]).rows == [(8 + own_number(JIA_2022),)]


def test_what_changed_behind_the_reports_rows_is_seen_and_the_release_built_whole(tmp_path: Path, lake: Lake) -> None:
    fill(lake, ALL, value=9)  # no row of reports tells of it
    second, whole = renewed_and_whole(tmp_path)
    assert not is_renewed(second)
    assert second.manifest.content == whole.manifest.content


def test_where_most_findings_are_others_they_alone_are_made_anew(tmp_path: Path, lake: Lake) -> None:
    second, whole = renewed_and_whole(tmp_path, said="改")
    assert is_renewed(second)
    assert second.manifest.tables["findings"] == whole.manifest.tables["findings"]
    assert second.manifest.content == whole.manifest.content


def test_findings_of_which_the_last_release_told_another_digest_are_made_anew(tmp_path: Path, lake: Lake) -> None:
    (described,) = (tmp_path / "releases").glob("*.json")
    described.write_text(described.read_text(encoding="utf-8").replace('"but"', '"without"'), encoding="utf-8")
    second, whole = renewed_and_whole(tmp_path)
    assert is_renewed(second)
    assert second.manifest.tables["findings"] == whole.manifest.tables["findings"]


def test_much_that_is_new_a_damaged_file_and_another_version_are_built_whole(tmp_path: Path, lake: Lake) -> None:
    fill(lake, ALL[:-9])
    taken_away = released(tmp_path, 2)
    fill(lake, ALL)
    second = released(tmp_path, 3)
    assert is_renewed(taken_away)
    assert not is_renewed(second)  # nine of 88 that come are more than a twentieth
    second.path.chmod(0o644)
    second.path.write_bytes(taken_away.path.read_bytes())
    fill(lake, [*ALL, LATE])
    assert not is_renewed(released(tmp_path, 4))
    newer = run(5)._replace(version="0.2.0")
    seeds = {contract.name: to_arrow(contract, rows) for contract, rows in SEEDS.items()}
    fill(lake, ALL)
    holding = Holding(lake, to_arrow(OBSERVATIONS, []), seeds, newer.run_id)
    assert not is_renewed(publish(tmp_path, {}, newer, holding=holding))


def test_rows_at_the_end_add_up_until_a_whole_build_puts_them_in_order(tmp_path: Path, lake: Lake) -> None:
    appended = []
    for at in range(1, 5):  # in each run two more reports are read anew
        fill(lake, [*(one._replace(characters=9) for one in ALL[: 2 * at]), *ALL[2 * at :]])
        appended.append(released(tmp_path, at + 1).manifest.tables["mentions"].get("appended"))
    assert appended == [4, 8, None, 4]  # 12 of 176 would be more than a twentieth


def test_a_whole_build_puts_rows_that_lie_late_in_the_lake_in_their_places(tmp_path: Path) -> None:
    lake, staged = Lake(tmp_path / "lake"), Lake(tmp_path / "staged")
    first, second = report(JIA, 2023), report(YI, 2023)
    lake.write(REPORTS, [first, second])
    lake.write(MENTIONS, [mention(second, at, "5", "people_mediators") for at in range(1, 41)])
    late = staged.write(MENTIONS, [mention(first, 1, "5", "people_mediators")])
    lake.join(MENTIONS, 2023, late)
    assert lake.has_late(MENTIONS)
    released(tmp_path, 1)
    rows = query(tmp_path / "nianbao.duckdb", "SELECT report_id FROM mentions ORDER BY rowid LIMIT 2").rows
    assert rows == [(first.report_id,), (second.report_id,)]


STEP = st.fixed_dictionaries(
    {
        "gone": st.sets(st.sampled_from(range(len(ALL))), max_size=1),
        "anew": st.sets(st.sampled_from(range(len(ALL))), max_size=2),
        "beaten": st.sets(st.sampled_from(range(len(ALL))), max_size=1),
        "held": st.sets(st.sampled_from(range(len(ALL))), max_size=1),
        "corrected": st.none() | st.sampled_from(range(len(ALL))),
        "late": st.booleans(),
    }
)


@settings(max_examples=3)
@given(steps=st.lists(STEP, min_size=2, max_size=2))
def test_whatever_happens_from_run_to_run_the_release_is_that_of_a_whole_build(
    tmp_path_factory: pytest.TempPathFactory, first: Path, steps: list[dict[str, Any]]
) -> None:
    home = tmp_path_factory.mktemp("steps")
    shutil.copytree(first, home, dirs_exist_ok=True, symlinks=True)
    for number, step in enumerate(steps, start=2):
        reports = [LATE] if step["late"] else []
        for at, one in enumerate(ALL):
            told = one._replace(characters=number) if at in step["anew"] else one
            told = told._replace(status="superseded") if at in step["beaten"] else told
            reports += [] if at in step["gone"] else [told]
        fill(Lake(home / "lake"), reports, unmapped=True)
        at = step["corrected"]
        there = at is not None and ALL[at] in reports and at not in step["held"]
        cells = [observation(ALL[at], 1, "admin_penalty_cases", "7", status="corrected")] if there else []
        more = {"cells": cells, "held": {ALL[one].report_id for one in step["held"]}}
        last = released(home, number, **more)
    (home / "whole").mkdir()
    (home / "whole/lake").symlink_to(home / "lake")
    whole = released(home / "whole", len(steps) + 1, **more)
    assert last.manifest.content == whole.manifest.content
    for stored in ("report_status", "coverage", "unmapped_by_year", "unmapped_mentions"):
        one, other = (query(release.path, f"FROM {stored} ORDER BY ALL").rows for release in (last, whole))
        assert one == other, stored
        assert one
