"""Views and macros: literal tables in, the analyst's answers out; every column of every view says what it means."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from warehouse_rows import (
    BING,
    FETCHED,
    INDICATORS,
    JIA,
    RUN,
    YI,
    mention,
    observation,
    report,
    tables,
)  # fmt: skip

from warehouse.catalog import blocks
from warehouse.contracts import (
    RELEASE_TABLES,
    Correction,
    CorrectionOutcome,
    Finding,
    Mention,
    Observation,
    Refusal,
    Source,
)  # fmt: skip
from warehouse.query import query
from warehouse.release import publish

D = Decimal
DING = "990102101"
PENALTIES, MEDIATORS, PASS = "admin_penalty_cases", "people_mediators", "law_exam_pass_rate"


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    """Publish tables and ask one question of them."""

    def answer(given: dict[str, Any], sql: str, **options: Any) -> list[tuple[Any, ...]]:
        publish(tmp_path, given, RUN, **options)
        return query(tmp_path / "nianbao.duckdb", sql).rows

    return answer


A22, A23, B23, C23 = report(JIA, 2022), report(JIA, 2023), report(YI, 2023), report(BING, 2023)


def test_indicator_values_has_the_names(ask: Any) -> None:
    rows = ask(
        tables([A23], [(A23, PENALTIES, "92")]),
        "SELECT township_code, township, county, city, province, report_year, indicator, name_zh, domain, value, unit,"
        " qualifier, status, partial, published_on FROM indicator_values",
    )
    assert rows == [
        (JIA, "甲镇", "合成县", "合成市", "合成省", 2023, PENALTIES, "行政处罚案件数", "合成", D(92), "case", "exact",
         "reported", False, date(2024, 1, 20)),
    ]  # fmt: skip


def two_years(before: dict[str, Any], now: dict[str, Any], then: Any = A22, this: Any = A23) -> dict[str, Any]:
    """One cell of 甲镇 in 2022 and 2023, with what is unusual about each."""
    cells = [
        observation(then, 1, PENALTIES, "80")._replace(**before),
        observation(this, 1, PENALTIES, "92")._replace(**now),
    ]
    return tables([then, this], [(then, PENALTIES, "80"), (this, PENALTIES, "92")], observations=cells)


YEAR_OVER_YEAR = (
    "SELECT report_year, previous_value, change, percent, comparable, reasons FROM year_over_year ORDER BY report_year"
)


def test_two_full_exact_years_are_compared(ask: Any) -> None:
    assert ask(two_years({}, {}), YEAR_OVER_YEAR) == [
        (2022, None, None, None, False, ["no_previous"]),
        (2023, D(80), D(12), D("15.00"), True, []),
    ]


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (two_years({"qualifier": "about"}, {}), ["qualifier"]),
        (two_years({}, {"value_high": D(99)}), ["range"]),
        (two_years({"value": None, "status": "conflict", "ordinal": None}, {}), ["conflict"]),
        (two_years({}, {"status": "corrected", "machine_value": D(90)}), ["correction"]),
        (two_years({"value": None, "status": "corrected", "machine_value": D(80)}, {}), ["no_value", "correction"]),
        (two_years({}, {}, this=A23._replace(partial=True)), ["partial_year"]),
        (two_years({}, {}, then=A22._replace(rules="older")), ["rules"]),
        (two_years({}, {}, then=report(JIA, 2021)), ["no_previous"]),
    ],
    ids=lambda given: given[-1] if isinstance(given, list) else "",
)
def test_why_two_years_are_not_comparable(ask: Any, given: dict[str, Any], reasons: list[str]) -> None:
    assert ask(given, YEAR_OVER_YEAR)[-1][4:] == (False, reasons)


def test_a_change_from_zero_has_no_percentage(ask: Any) -> None:
    given = two_years({"value": D(0), "status": "stated_zero"}, {})
    assert ask(given, YEAR_OVER_YEAR)[-1] == (2023, D(0), D(92), None, True, [])


def county(**values: str) -> dict[str, Any]:
    reports = [report({"jia": JIA, "yi": YI, "bing": BING, "ding": DING}[name], 2023) for name in values]
    return tables(reports, [(of, PENALTIES, value) for of, value in zip(reports, values.values(), strict=True)])


def test_rank_percentile_and_z_within_county_city_and_kind(ask: Any) -> None:
    rows = ask(
        county(jia="10", yi="20", bing="20", ding="40"),
        "SELECT township, rank_in_county, of_county, percentile_in_county, z_in_county, rank_in_city, of_city,"
        " percentile_in_city, rank_in_kind, of_kind FROM township_comparison ORDER BY value, township_code",
    )
    assert rows == [
        ("甲镇", 3, 3, 0.0, -1.155, 4, 4, 0.0, 3, 3),
        ("乙镇", 1, 3, 50.0, 0.577, 2, 4, 33.33, 2, 3),
        ("丙乡", 1, 3, 50.0, 0.577, 2, 4, 33.33, 1, 1),
        ("丁镇", 1, 1, 0.0, None, 1, 4, 100.0, 1, 3),
    ]


def test_part_years_and_cells_without_a_value_are_not_ranked(ask: Any) -> None:
    given = county(jia="10", yi="20", bing="30")
    given["reports"] = [given["reports"][0], given["reports"][1]._replace(partial=True), given["reports"][2]]
    given["observations"][2] = given["observations"][2]._replace(value=None, status="conflict", ordinal=None)
    assert ask(given, "SELECT township, rank_in_county, of_county FROM township_comparison") == [("甲镇", 1, 1)]


def test_standing_agrees_with_the_comparison(ask: Any) -> None:
    given = county(jia="10", yi="20", bing="20", ding="40")
    columns = "township_code, rank_in_county, of_county, rank_in_city, of_city, rank_in_province, of_province"
    ranks = ask(given, f"SELECT {columns} FROM township_comparison ORDER BY 1")
    codes = sorted((JIA, YI, BING, DING))
    assert [ask(given, f"SELECT {columns} FROM standing('{code}', 2023)")[0] for code in codes] == ranks


TOTALS = "SELECT county, indicator, total, counted, units, complete, inexact, partial_years, smallest, middle, largest"


def test_a_county_total_says_how_many_units_are_in_it(ask: Any) -> None:
    given = county(jia="10", yi="20", bing="40", ding="7")
    given["observations"][1] = given["observations"][1]._replace(qualifier="about")
    assert ask(given, f"{TOTALS} FROM county_totals ORDER BY county_code") == [
        ("合成县", PENALTIES, D(70), 3, 4, False, 1, 0, D(10), D(20), D(40)),
        ("邻县", PENALTIES, D(7), 1, 1, True, 0, 0, D(7), D(7), D(7)),
    ]


def test_rates_are_never_added_and_conflicts_are_not_in_the_sum(ask: Any) -> None:
    cells = [observation(A23, 1, PASS, "98"), observation(B23, 1, PASS, "100"),
             observation(A23, None, PENALTIES, None, status="conflict", rivals=("2=9", "3=8")),
             observation(B23, 2, PENALTIES, "5")]  # fmt: skip
    mentions = [mention(of, at, "1") for of in (A23, B23) for at in (1, 2)]
    given = tables([A23, B23], [], mentions=mentions, observations=cells)
    assert ask(given, "SELECT indicator, total, counted, middle FROM county_totals ORDER BY indicator") == [
        (PENALTIES, D(5), 1, D(5)),
        (PASS, None, 2, D(99)),
    ]


def test_rates_per_person_and_village_have_a_base_or_are_empty(ask: Any) -> None:
    figures = [(A23, PENALTIES, "30"), (A23, "resident_population", "60000"), (A23, "villages_communities", "12"),
               (B23, PENALTIES, "30"), (C23, PENALTIES, "30")]  # fmt: skip
    rows = ask(
        tables([A23, B23, C23], figures),
        "SELECT township, people, per_10000_people, villages, villages_from, per_village FROM rates ORDER BY 1",
    )
    assert rows == [
        ("丙乡", None, None, None, None, None),
        ("乙镇", None, None, D(5), "registry", D(6)),
        ("甲镇", D(60000), D(5), D(12), "report", D("2.5")),
    ]


def test_wide_has_a_row_for_every_report_and_a_column_for_every_indicator(ask: Any) -> None:
    given = tables([A23, B23, C23], [(A23, PENALTIES, "92"), (A23, MEDIATORS, "133"), (B23, PENALTIES, "0")])
    columns = ", ".join(sorted(row.indicator for row in INDICATORS))
    assert ask(given, f"SELECT township, {columns} FROM wide ORDER BY township_code") == [
        ("甲镇", D(92), None, D(133), None, None),
        ("乙镇", D(0), None, None, None, None),
        ("丙乡", None, None, None, None, None),
    ]


def test_evidence_leads_from_the_value_to_its_sentence_and_source(ask: Any) -> None:
    rows = ask(
        tables([A23], [(A23, PENALTIES, "92")]),
        'SELECT value, surface, sentence, section, source_uri, published_on, sha256, "start", "end" FROM evidence',
    )
    assert rows == [
        (D(92), "92件", "合成句，共92件。", "一、合成", A23.source_uri, date(2024, 1, 20), "ab" * 32, 10, 13),
    ]


def refusal(reason: Any, code: str | None = None, sha256: str | None = "cd" * 32) -> Refusal:
    return Refusal(sha256, f"file:///{reason}", reason, "", "rules", RUN.run_id, code, 2023 if code else None)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "not_published"),
        ({"reports": [A23, B23._replace(status="quarantined")]}, "quarantined"),
        ({"reports": [A23, B23._replace(status="superseded")]}, "not_published"),
        ({"refusals": [refusal("encrypted", YI)]}, "unreadable"),
        ({"refusals": [refusal("not_a_report", YI)]}, "refused"),
        ({"refusals": [refusal("duplicate", YI)]}, "not_published"),
        (
            {
                "refusals": [refusal("no_text_layer")],
                "sources": [Source("cd" * 32, "file:///no_text_layer", FETCHED, 9, YI, 2023)],
            },
            "unreadable",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_why_a_cell_is_empty_when_there_is_no_report(ask: Any, more: dict[str, Any], outcome: str) -> None:
    rows = ask(
        tables([A23], [(A23, PENALTIES, "92")]) | more,
        "SELECT township_code, indicator, reason FROM absences WHERE township_code IN "
        f"('{JIA}', '{YI}') AND indicator IN ('{PENALTIES}', '{MEDIATORS}') ORDER BY ALL",
        scope=["990101"],
    )
    assert rows == [(JIA, MEDIATORS, "not_mentioned"), (YI, PENALTIES, outcome), (YI, MEDIATORS, outcome)]


def test_every_cell_of_the_expected_grid_has_a_value_or_a_reason(ask: Any) -> None:
    cells = [observation(A23, 1, PENALTIES, "5"), observation(A23, None, MEDIATORS, None, status="conflict"),
             observation(A23, 2, PASS, None, status="corrected", machine_value=D(9))]  # fmt: skip
    given = tables([A23], [], mentions=[mention(A23, 1, "5"), mention(A23, 2, "9")], observations=cells)
    rows = ask(given, "SELECT indicator, reason FROM absences UNION ALL"
               " SELECT indicator, status FROM observations WHERE value IS NOT NULL ORDER BY 1", scope=())  # fmt: skip
    assert rows == [
        (PENALTIES, "reported"), (PASS, "dropped"), (MEDIATORS, "ambiguous"),
        ("resident_population", "not_mentioned"), ("villages_communities", "not_mentioned"),
    ]  # fmt: skip


def test_coverage_counts_expected_received_and_on_time(ask: Any) -> None:
    reports = [
        A23._replace(published_on=date(2024, 4, 1)),
        B23._replace(published_on=date(2024, 4, 2)),
        C23._replace(published_on=None),
    ]
    assert ask(
        tables(reports, []),
        "SELECT county, report_year, expected, received, on_time, late, undated, not_published, received_percent"
        " FROM coverage WHERE level = 'county' ORDER BY county_code",
        scope=["9901"],
    ) == [("合成县", 2023, 3, 3, 1, 1, 1, 0, D(100)), ("邻县", 2023, 1, 0, 0, 0, 0, 1, D(0))]


def test_unmapped_mentions_say_what_the_dictionary_lacks(ask: Any) -> None:
    mentions = [
        mention(A23, 1, "3", head="调解室"),
        mention(A23, 2, "4", head="调解室", sentence="合成例句。"),
        mention(B23, 1, "9", head="调解室"),
        mention(A23, 3, "5", PENALTIES, head="案件"),
        mention(A23, 4, "6", head="计划", kind="plan"),
    ]
    given = tables([A23, B23], [], mentions=mentions)
    assert ask(given, "SELECT head, mentions, reports, smallest, largest, example FROM unmapped_mentions") == [
        ("调解室", 3, 2, D(3), D(9), "合成句，共3件。"),
    ]


def test_trend_compare_and_explain_take_codes_or_names(ask: Any) -> None:
    given = tables([A22, A23, B23], [(A22, PENALTIES, "80"), (A23, PENALTIES, "92"), (A23, MEDIATORS, "3")])
    by_code = ask(given, f"SELECT report_year, value, change, comparable FROM trend('{JIA}', '{PENALTIES}')")
    assert by_code == [(2022, D(80), None, False), (2023, D(92), D(12), True)]
    assert ask(given, "SELECT report_year, value, change, comparable FROM trend('甲镇', '行政处罚案件数')") == by_code
    assert ask(given, "SELECT rank, township, value, status FROM compare('行政处罚案件数', 2023, '9901')") == [
        (1, "甲镇", D(92), "reported"),
        (None, "乙镇", None, "not_mentioned"),
    ]
    assert ask(
        given, "SELECT township, value, status, sentence, findings FROM explain('乙镇', 2022, '人民调解员数')"
    ) == [
        ("乙镇", None, "not_published", None, []),
    ]


def test_explain_shows_findings_rivals_and_the_correction(ask: Any) -> None:
    cell = observation(A23, 1, PENALTIES, "91", status="corrected", machine_value=D(92), rivals=("2=93",))
    key = (JIA, 2023, PENALTIES)
    day = date(2026, 11, 23)
    given = tables(
        [A23], [], mentions=[mention(A23, 1, "92", PENALTIES)], observations=[cell],
        findings=[Finding(RUN.run_id, "warning", "parts", A23.report_id, *key, 1, "各项之和不等于总数", "parts", "")],
        corrections=[Correction(*key, "set", D(91), None, D(92), "ab", "原件为91", "王芳", day)],
        correction_outcomes=[CorrectionOutcome(*key, "set", "applied", D(92), D(91), "", "原件为91", "王芳", day)],
    )  # fmt: skip
    assert ask(
        given,
        "SELECT value, machine_value, status, sentence, rivals, correction, correction_outcome, correction_reason,"
        f" findings FROM explain('{JIA}', 2023, '{PENALTIES}')",
    ) == [
        (D(91), D(92), "corrected", "合成句，共92件。", ["2=93"], "set", "applied", "原件为91",
         ["warning: 各项之和不等于总数"]),
    ]  # fmt: skip
    assert ask(given, "SELECT before, after, current_value, sentence FROM correction_audit") == [
        (D(92), D(91), D(91), "合成句，共92件。"),
    ]


def test_explain_shows_a_moved_figure_at_both_cells_and_a_correction_without_a_report(ask: Any) -> None:
    moved, lost = (JIA, 2023, PENALTIES), (YI, 2019, PENALTIES)
    why = ("原件如此", "王芳", date(2026, 11, 23))
    given = tables(
        [A23], [], mentions=[mention(A23, 1, "92", PENALTIES)],
        observations=[observation(A23, None, PENALTIES, None, status="corrected", machine_value=D(92)),
                      observation(A23, 1, "people_mediators", "92", status="corrected")],
        corrections=[Correction(*moved, "remap", None, "people_mediators", D(92), "", *why),
                     Correction(*lost, "set", D(3), None, None, "", *why)],
        correction_outcomes=[CorrectionOutcome(*moved, "remap", "applied", D(92), None, "moved", *why),
                             CorrectionOutcome(*lost, "set", "unmatched", None, None, "no report", *why)],
    )  # fmt: skip
    columns = "indicator, value, status, correction, correction_outcome, correction_detail"
    sql = "SELECT {} FROM explain('{}', {}, '{}')"
    told = [
        ask(given, sql.format(columns, *cell))
        for cell in ((JIA, 2023, PENALTIES), (JIA, 2023, "people_mediators"), lost)
    ]
    assert told == [
        [(PENALTIES, None, "dropped", "remap", "applied", "moved")],
        [("people_mediators", D(92), "corrected", "remap", "applied", "moved")],
        [(PENALTIES, None, "not_published", "set", "unmatched", "no report")],
    ]


def test_every_table_view_macro_and_column_has_a_comment_in_both_languages(tmp_path: Path) -> None:
    publish(tmp_path, tables([A23], [(A23, PENALTIES, "92")]), RUN)
    with duckdb.connect(str(tmp_path / "nianbao.duckdb"), read_only=True) as connection:
        said = connection.execute("""
            SELECT table_name, '', comment FROM duckdb_tables() WHERE NOT internal
            UNION ALL SELECT view_name, '', comment FROM duckdb_views() WHERE NOT internal
            UNION ALL SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal
            UNION ALL SELECT function_name, '', comment FROM duckdb_functions() WHERE NOT internal
        """).fetchall()
    relations = {name for name, column, _ in said if not column}
    assert relations == {contract.name for contract in RELEASE_TABLES} | {block.name for block in blocks()} | {
        "data_dictionary"
    }
    for relation, column, comment in said:
        zh, _, en = (comment or "").partition(" / ")
        assert zh, (relation, column)
        assert en, (relation, column)
    wide = {column: comment for relation, column, comment in said if relation == "wide"}
    assert wide[PENALTIES] == "行政处罚案件数 / admin penalty cases [case]"


def test_the_dictionary_in_the_release_has_every_column(tmp_path: Path) -> None:
    publish(tmp_path, tables([A23], [(A23, PENALTIES, "92")]), RUN)
    missing = query(tmp_path / "nianbao.duckdb", """
        SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND database_name = 'nianbao'
        EXCEPT SELECT relation, column_name FROM data_dictionary
    """).rows  # fmt: skip
    assert missing == []


def test_the_builders_of_these_tests_make_whole_rows() -> None:
    assert isinstance(Mention(*mention(A23, 1, "5")[2:]), Mention)
    assert observation(A23, 1, PASS, "5") == Observation(
        JIA, 2023, PASS, D(5), None, "percent", "exact", "reported", A23.report_id, 1, (), None
    )
