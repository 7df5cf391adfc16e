"""The run report: what it says of a run, as data, as JSON and in the lists beside it."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cases import SHAXI, Case, tables, told
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from run_cases import RUN, made, report_of

from expectations import building, lists
from expectations.listings import tame
from expectations.lists import FEW_EACH, worst
from expectations.page import digits, link, page
from expectations.passages import passage
from expectations.run_report import ChangeRow, Listing, RunReport, read_report, schema
from expectations.schema_docs import schema_page
from expectations.shelf import Shelf
from expectations.writing import write_report
from warehouse.contracts import FINDINGS, TOWNSHIPS, Finding
from warehouse.neutral import csv_cell
from warehouse.schema import to_arrow

DOCS = Path(__file__).parent.parent / "docs"
TEXT = "一、矛盾化解。收到信访件31件，已办结22件；其他工作有序开展。\n全年罚款355万元，制作短视频9条。"
CASE = Case(
    TEXT,
    [
        told(TEXT, "31件", 31, "件", "petitions_received"),
        told(TEXT, "22件", 22, "件", "petitions_resolved"),
        told(TEXT, "355万元", 3_550_000, "元", "penalty_fine_amount"),
        told(TEXT, "9条", 9, "条"),
    ],
)


@pytest.fixture(scope="module")
def sound() -> RunReport:
    """The report of a first run over CASE, for all who only read it."""
    return report_of(made(CASE))


def test_the_facts_of_a_run(sound: RunReport) -> None:
    assert sound.verdict.zh == "已发布1份报告、3个指标值；没有发现需要核对的问题。"
    assert sound.verdict.actions_zh == (
        "1个来源因程序缺陷未能读取：请把运行日志交给维护者。",
        "1个来源未能读取：按“来件”一节的下一步处理。",
    )
    counts = sound.counts
    assert (counts.reports, counts.published, counts.refused, counts.failed) == (1, 1, 1, 1)
    assert (counts.mentions, counts.figures, counts.mapped, counts.observations) == (4, 4, 3, 3)
    assert (counts.critical, counts.warning, counts.info) == (0, 0, 1)
    first = sound.evaluation[0]
    assert (first.name, first.now, first.before) == ("mention_precision", 0.99, None)
    assert [row.step for row in sound.timings] == ["acquire", "validate"]


def test_checks_are_counted_the_worst_first() -> None:
    text = "收到信访件31件，已办结36件。受理信访件40件，已办结22件。"
    told_ = [told(text, "31件", 31, "件", "petitions_received"), told(text, "36件", 36, "件", "petitions_resolved")]
    report = report_of(made(Case(text, told_, township=SHAXI._replace(township_code="445103101")), CASE))
    assert report.finding_counts == (("resolved_exceeds_received", "warning", 1), ("cases_open", "info", 1))


def test_the_map_of_one_county_names_the_place_above_it(sound: RunReport) -> None:
    (one,) = sound.maps
    assert [row.area for row in one.rows] == ["广东省潮州市"]


def test_bugs_of_ours_come_before_refusals(sound: RunReport) -> None:
    assert [row.reason for row in sound.refusals.rows] == ["failed", "no_text_layer"]


def test_a_finding_has_its_sentence_and_figures_marked_in_the_paragraph(sound: RunReport) -> None:
    (row,) = sound.findings.rows
    assert (row.check, row.check_zh, row.township, row.county) == ("cases_open", "尚未办结", "沙溪镇", "潮安区")
    (segments,) = row.passages
    assert "".join(part.text for part in segments) == TEXT.split("\n", maxsplit=1)[0]
    assert [part.text for part in segments if part.mark == "figure"] == ["31件", "22件"]
    assert [part.text for part in segments if not part.mark] == ["一、矛盾化解。", "其他工作有序开展。"]


def test_a_capped_list_keeps_some_of_every_check() -> None:
    note = Finding("run", "info", "cases_open", None, None, None, None, None, "提示", "a note", "")
    found = [note._replace(severity="warning", check="implausible", message=str(n)) for n in range(50)]
    found += [note._replace(message=str(n)) for n in range(30)]
    shelf = Shelf.of({})
    shelf.put("findings_list", to_arrow(FINDINGS, found))
    shown = worst(shelf, 25)
    assert shown["check"].tolist() == ["implausible"] * 15 + ["cases_open"] * FEW_EACH
    assert shown["message"].tolist() == [*map(str, range(15)), *map(str, range(10))]
    assert len(worst(shelf, 80)) == 80


def test_many_findings_are_sorted_a_check_and_a_year_at_a_time_and_of_too_many_some_of_each_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = Finding("run", "info", "cases_open", None, None, None, None, None, "提示", "a note", "")
    found = [
        one._replace(severity=severity, check=check, report_year=year, message=f"{n}")
        for n in range(6)
        for year in (2023, None, 2022)
        for severity, check in (("info", "cases_open"), ("warning", "implausible"), ("critical", "identity_conflict"))
    ]

    def listed() -> list[str]:
        shelf = Shelf.of({"findings": to_arrow(FINDINGS, found)})
        lists._keep(shelf, "standings", "SELECT '' AS report_id, '' AS run_id WHERE FALSE")
        assert lists._list_findings(shelf, RUN) == len(found) == 54
        rows = shelf.query("FROM findings_list").to_pylist()
        return [f"{row['severity'][0]} {row['report_year'] or '-'} {row['message']}" for row in rows]

    whole = listed()
    assert whole[:19:6] == ["c - 0", "c 2022 0", "c 2023 0", "w - 0"]
    monkeypatch.setattr(lists, "SORTED", 10)
    assert listed() == whole
    monkeypatch.setattr(lists, "MOST", 31)
    monkeypatch.setattr(lists, "FEW_EACH", 2)
    assert listed() == [*whole[:13], *(row for row in whole[13:] if row[-1] in "01")]


def test_of_many_findings_those_of_the_reports_just_read_are_listed_the_critical_ones_and_some_of_each_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [
        Finding("run", severity, check, one, "445103107", 2023, None, n, f"{n}", "a note", "")
        for severity, check, notes in (("critical", "a", 1), ("info", "b", 3), ("warning", "c", 2), ("info", "a", 1))
        for one in ("early", "late", "other")
        for n in range(1, notes + 1)
    ]
    found.append(Finding("run", "warning", "ratchet_reports", None, None, None, None, None, "1", "fell", ""))
    monkeypatch.setattr(lists, "FEW_EACH", 1)
    shelf = Shelf.of({"findings": to_arrow(FINDINGS, found)})
    lists._keep(shelf, "standings", f"SELECT 'late' AS report_id, '{RUN.run_id}' AS run_id")

    def listed() -> list[str]:
        assert lists._list_findings(shelf, RUN) == len(found) == 22
        rows = shelf.query("FROM findings_list").to_pylist()
        return [f"{row['check'][:1]} {(row['report_id'] or '-')[:1]} {row['message']}" for row in rows]

    whole = listed()
    monkeypatch.setattr(lists, "WHOLE", 21)
    some = [
        "a e 1",
        "a l 1",
        "a o 1",
        "c e 1",
        "c l 1",
        "c l 2",
        "r - 1",
        "a e 1",
        "a l 1",
        "b e 1",
        "b l 1",
        "b l 2",
        "b l 3",
    ]
    assert listed() == some
    monkeypatch.setattr(lists, "SORTED", 8)  # as where most were read in this run
    assert listed() == whole


def test_of_many_reports_those_just_read_are_listed_and_those_with_critical_findings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = [Case(TEXT, CASE.mentions, year=year) for year in (2020, 2021, 2022)]
    found = made(CASE, *cases, run_id=[RUN.run_id, "a", "b", "c"])
    bad = found["mentions"].to_pylist()
    broken = [row | {"surface": "破坏"} if row["report_id"].endswith("2021") else row for row in bad]
    found["mentions"] = pa.Table.from_pylist(broken, schema=found["mentions"].schema)
    assert [row.report_year for row in report_of(found).reports.rows] == [2021, 2023, 2022, 2020]
    monkeypatch.setattr(lists, "WHOLE", 3)
    listed = report_of(found).reports
    assert [row.report_year for row in listed.rows] == [2021, 2023]
    assert (listed.total, listed.listed, listed.rest) == (4, 2, 'nianbao query "FROM reports"')


def test_a_list_of_findings_that_is_not_whole_says_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "WHOLE", 0)
    found = made(CASE, Case(TEXT, CASE.mentions, year=2022), run_id=[RUN.run_id, "earlier"])
    monkeypatch.setattr(lists, "FEW_EACH", 0)
    report = report_of(found)
    assert (report.findings.total, report.findings.listed, len(report.findings.rows)) == (2, 1, 1)
    _, page = write_report(report, tmp_path)
    assert "（本次读入的报告的、严重的，以及每项检查的若干条，" in page.read_text(encoding="utf-8")
    assert "have 1 of 2 rows (those of the reports just read, the critical" in (tmp_path / "findings.txt").read_text(
        encoding="utf-8"
    )
    assert pq.read_metadata(tmp_path / "findings.parquet").num_rows == 1


def test_a_fall_against_the_last_release_is_called_so() -> None:
    other = Case(TEXT, CASE.mentions, township=SHAXI._replace(township_code="445103100", township="彩塘镇"))
    report = report_of(made(CASE), last=RUN._replace(run_id="last"), previous=tables(CASE, other))
    titles = {row.check: (row.check_zh, row.check_en) for row in report.findings.rows}
    assert titles["ratchet_reports"] == ("倒退：已发布报告数", "fell: published reports")


def test_values_are_exact_and_in_the_dictionarys_order(sound: RunReport) -> None:
    rows = sound.values.rows
    assert [(row.indicator, row.value, row.unit) for row in rows] == [
        ("penalty_fine_amount", "3550000", "CNY"),
        ("petitions_received", "31", "case"),
        ("petitions_resolved", "22", "case"),
    ]
    assert [part.text for part in rows[0].passage if part.mark == "figure"] == ["355万元"]


def test_what_no_indicator_fits_is_listed_with_an_example(sound: RunReport) -> None:
    (row,) = sound.unmapped.rows
    assert (row.count, row.reports, row.units) == (1, 1, ("条",))
    assert any(part.text == "9条" for part in row.example)


def test_coverage_of_a_scope_and_who_is_missing() -> None:
    towns = [SHAXI._replace(township_code=f"44510310{n}", township=f"{n}号镇") for n in range(4)]
    prison = SHAXI._replace(township_code="445103400", township="某农场", ordinary=False)
    cases = [Case(TEXT, CASE.mentions, township=town) for town in towns[:2]]
    found = made(*cases, published_on=[None, date(2024, 5, 6)])
    found["townships"] = to_arrow(TOWNSHIPS, [*towns, prison])
    report = report_of(found, scope=("4451",))
    assert [(row.level, row.area, row.report_year) for row in report.coverage.rows] == [
        ("province", "广东省", 2023),
        ("city", "潮州市", 2023),
        ("county", "潮安区", 2023),
    ]
    for row in report.coverage.rows:
        assert (row.expected, row.received, row.missing, row.late, row.undated) == (4, 2, 2, 1, 1)
    gone = [(row.township, row.reason, row.due_on) for row in report.missing.rows]
    assert gone == [(f"{n}号镇", "not_published", date(2024, 4, 1)) for n in (2, 3)]
    assert not any("请催报" in action for action in report.verdict.actions_zh)  # this run ended on the last day
    found["reports"] = found["reports"].set_column(2, "report_year", pa.array([2022, 2022], pa.int16()))
    late = report_of(found, scope=("4451",))
    assert "2份应报的报告未收到" in late.verdict.actions_zh[-1]
    assert [(row.expected, row.missing) for row in report_of(found).coverage.rows] == [(2, 0)] * 3


def test_changes_against_the_last_release_with_their_causes() -> None:
    last = RUN._replace(run_id="last", rules="rules-0")
    old_text = TEXT.replace("31件", "30件")
    old = [
        told(old_text, "30件", 30, "件", "petitions_received"),
        told(old_text, "22件", 22, "件", "petitions_resolved"),
        told(old_text, "355万元", 3_550_000, "元", "penalty_fine_amount"),
    ]
    before = tables(Case(old_text, old))
    before["reports"] = pa.Table.from_pylist(
        [row | {"rules": "older"} for row in before["reports"].to_pylist()], schema=before["reports"].schema
    )
    other = Case(TEXT, CASE.mentions[:1], township=SHAXI._replace(township_code="445103100", township="彩塘镇"))
    report = report_of(made(CASE, other), last=last, previous=before)
    changes = [(row.indicator, row.township, row.kind, row.cause, row.before, row.after) for row in report.changes.rows]
    assert changes == [
        ("petitions_received", "沙溪镇", "revised", "rules_changed", "30", "31"),
        ("petitions_received", "彩塘镇", "appeared", "new_report", None, "31"),
    ]
    assert {(row.kind, row.cause, row.cells) for row in report.change_counts} == {
        ("revised", "rules_changed", 1),
        ("appeared", "new_report", 1),
    }


def test_values_that_changed_are_drawn_where_there_are_several(sound: RunReport) -> None:
    (value, *_), cause = sound.values.rows, "rules_changed"
    names = {"township_code": value.township_code, "township": value.township, "report_year": value.report_year}
    names |= {"indicator": value.indicator, "name_zh": value.name_zh, "name_en": value.name_en}
    rows = [
        ChangeRow(**names, kind="revised", cause=cause, before=str(n), after=str(2 * n), size=0.5) for n in range(9)
    ]
    run = sound.run.model_copy(update={"previous_run": "last"})
    few, enough = (
        page(
            sound.model_copy(
                update={"run": run, "changes": Listing[ChangeRow](total=n, rows=tuple(rows[:n]), file="changes")}
            )
        )
        for n in (8, 9)
    )
    assert "前后对照" not in few  # eight of which one is 0, which a log scale does not show
    assert 'aria-label="8个改变的数值：上一版本与本版本对照"' in enough


def test_an_unchanged_release_has_no_changes() -> None:
    report = report_of(made(CASE), last=RUN._replace(run_id="last"), previous=tables(CASE))
    assert report.changes.total == 0


def test_a_closed_gate_says_what_stopped_it_even_where_a_table_cannot_be_read() -> None:
    found = made(CASE)
    found["mentions"] = found["mentions"].drop_columns(["sentence"])
    report = report_of(found, outcome="gate_closed")
    assert report.verdict.level == "stopped"
    assert "表mentions的列sentence应为text" in report.verdict.zh
    assert (report.counts.reports, report.counts.mentions, report.counts.critical) == (1, 0, 1)


def test_json_comes_back_as_it_was_and_fits_its_schema(sound: RunReport, tmp_path: Path) -> None:
    path, _ = write_report(sound, tmp_path)
    again = read_report(path)
    assert again.to_json() == sound.to_json()
    assert json.loads(path.read_text(encoding="utf-8"))["schema_version"] == "2.2"
    Draft202012Validator(schema()).validate(json.loads(path.read_text(encoding="utf-8")))


def test_another_schema_version_is_refused(sound: RunReport) -> None:
    data = json.loads(sound.to_json())
    with pytest.raises(ValueError, match="schema_version"):
        RunReport.model_validate({**data, "schema_version": "3.0"})


def test_the_docs_of_the_schema_are_current() -> None:
    page = (DOCS / "run-report.md").read_text(encoding="utf-8")
    assert page == schema_page(), "run: python -m expectations.schema_docs"
    assert json.loads((DOCS / "run-report.schema.json").read_text(encoding="utf-8")) == schema()


def test_lists_are_capped_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(building.CAPS, "values", 2)
    report = report_of(made(CASE))
    assert (report.values.total, len(report.values.rows), report.values.hidden) == (3, 2, 1)
    _, page = write_report(report, tmp_path)
    html = page.read_text(encoding="utf-8")
    assert "本页列出 3 条中的前 2 条" in html
    assert 'href="values.csv"' in html
    whole = pq.read_table(tmp_path / "values.parquet").to_pylist()
    assert [row["value"] for row in whole] == [Decimal(3_550_000), Decimal(31), Decimal(22)]
    with (tmp_path / "values.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["indicator"] for row in csv.DictReader(file)] == [row["indicator"] for row in whole]


def test_a_list_that_no_spreadsheet_holds_has_the_first_places_and_says_where_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "合成：收到信访件31件，其他工作有序开展。"
    cases = [Case(text, [told(text, "31件", 31, "件", "petitions_received")], year=year) for year in range(2018, 2023)]
    whole = report_of(made(CASE, *cases))
    monkeypatch.setattr(lists, "MOST", 5)
    report = report_of(made(CASE, *cases))
    _, page = write_report(report, tmp_path)
    assert (report.values.total, report.values.listed, report.values.rest) == (
        8,
        5,
        'nianbao query "FROM indicator_values"',
    )
    assert report.values.rows == whole.values.rows[:5]
    assert pq.read_table(tmp_path / "values.parquet")["report_year"].to_pylist() == [2023, 2023, 2023, 2022, 2021]
    html = page.read_text(encoding="utf-8")
    assert "有 5 条（电子表格的上限），全部可用 <code>nianbao query &#34;FROM indicator_values&#34;</code> 查询" in html
    assert "have 5 of 8 rows (as many as a spreadsheet holds)" in (tmp_path / "values.txt").read_text(encoding="utf-8")
    assert not (tmp_path / "reports.txt").exists()


WILD = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("=+-@\t\r\n＝\x1b\u202e")))


@given(st.lists(WILD, max_size=8))
def test_csv_cells_are_neutral_whatever_they_hold(texts: list[str]) -> None:
    table = tame(pa.table({"text": pa.array(texts, type=pa.string())}))
    assert table.column("text").to_pylist() == [csv_cell(text) for text in texts]


def test_passages_keep_every_character_and_mark_no_more_than_asked() -> None:
    text = "第一段。\n甲句。收到31件、22件。乙句。\n第三段。"
    start = text.index("收到")
    parts = passage(text, start, start + 11, [(start + 2, start + 5), (start + 3, start + 9)])
    assert "".join(part.text for part in parts) == "甲句。收到31件、22件。乙句。"
    assert [part.text for part in parts if part.mark == "figure"] == ["31件"]


def test_long_sentences_are_cut_around_their_figure() -> None:
    text = "长" * 3000 + "31件" + "句" * 3000
    parts = passage(text, 0, len(text), [(3000, 3003)])
    assert sum(len(part.text) for part in parts) < 1200
    assert any(part.mark == "figure" and part.text == "31件" for part in parts)


@pytest.mark.parametrize(
    ("value", "shown"), [("3550000", "3,550,000"), ("98.90", "98.9"), ("0", "0"), ("1E+5", "100,000"), ("x", "x")]
)
def test_numbers_for_people(value: str, shown: str) -> None:
    assert digits(value) == shown


@pytest.mark.parametrize(
    ("uri", "followed"),
    [
        ("https://a.example/x", True),
        ("file:///data/x.txt", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("JaVaScRiPt:alert(1)", False),
        ("reports/x.txt", False),
    ],
)
def test_only_pages_and_files_are_linked(uri: str, followed: bool) -> None:
    assert (link(uri) == uri) is followed
