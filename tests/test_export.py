"""Exports: what a spreadsheet shows is what the reports say, with its unit, its doubts and its sources."""

import csv
import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warehouse_rows import INDICATORS, JIA, RUN, YI, mention, observation, report, tables

from seeds import SEEDS
from warehouse.contracts import MENTIONS, OBSERVATIONS, REPORTS, Contract, Finding, Report, Township
from warehouse.export import ExportError, Selection, export
from warehouse.release import publish
from warehouse.schema import to_arrow
from warehouse.wording import UNIT_NAMES

D = Decimal
A22, A23, B23 = report(JIA, 2022), report(JIA, 2023), report(YI, 2023)
PENALTIES, MEDIATORS, PASS = "admin_penalty_cases", "people_mediators", "law_exam_pass_rate"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    figures = [(A22, PENALTIES, "80"), (A23, PENALTIES, "3550000"), (A23, PASS, "98.9"), (B23, PENALTIES, "12")]
    given = tables([A22, A23, B23], figures, findings=[
        Finding(RUN.run_id, "info", "late", A23.report_id, JIA, 2023, None, None, "公开较迟", "late", ""),
        Finding(RUN.run_id, "warning", "parts", A23.report_id, JIA, 2023, PENALTIES, 1, "=各项之和不符", "parts", "句"),
    ])  # fmt: skip
    given["observations"][3] = given["observations"][3]._replace(qualifier="about")
    given["observations"][0] = given["observations"][0]._replace(status="corrected", machine_value=D(79))
    publish(tmp_path / "home", given, RUN)
    return tmp_path / "home" / "nianbao.duckdb"


def sheet(path: Path, name: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))


def test_the_workbook_has_one_row_per_report_and_units_in_the_header(release: Path, tmp_path: Path) -> None:
    assert export(release, tmp_path / "out.xlsx") == 4
    assert sheet(tmp_path / "out.xlsx", "指标表") == [
        ("年度", "省", "市", "县（市、区）", "乡镇街道", "代码", "行政处罚案件数（件）", "学法考试合格率（%）"),
        (2022, "合成省", "合成市", "合成县", "甲镇", JIA, 80, None),
        (2023, "合成省", "合成市", "合成县", "甲镇", JIA, 3550000, 98.9),
        (2023, "合成省", "合成市", "合成县", "乙镇", YI, 12, None),
    ]
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["指标表", "明细", "来源", "检查发现", "说明"]
    wide = book["指标表"]
    assert (wide.freeze_panes, wide.auto_filter.ref) == ("G2", "A1:H4")
    formats = {wide[cell].number_format for cell in ("G3", "G4")}, wide["H3"].number_format
    assert formats == ({"#,##0"}, "#,##0.00####")
    notes = {cell.coordinate: cell.comment.text for row in wide.iter_rows() for cell in row if cell.comment}
    assert notes == {"G2": "人工更正；机器读数 79", "G4": "约"}


def test_the_workbook_tells_each_value_its_sentence_source_and_findings(release: Path, tmp_path: Path) -> None:
    export(release, tmp_path / "out.xlsx", Selection(("甲镇",), ("行政处罚案件数",), (2023,)))
    head, *rows = sheet(tmp_path / "out.xlsx", "明细")
    values = dict(zip(head, rows[0], strict=True))
    assert len(rows) == 1
    assert (values["数值"], values["单位"], values["状态"], values["句子"], values["发布日期"]) == (
        3550000, "件", "报告所载", "合成句，共3550000件。", datetime(2024, 1, 20),  # noqa: DTZ001 - a day has no zone
    )  # fmt: skip
    assert [row[:4] for row in sheet(tmp_path / "out.xlsx", "来源")[1:]] == [(2023, "合成县", "甲镇", A23.title)]
    assert [row[:5] for row in sheet(tmp_path / "out.xlsx", "检查发现")[1:]] == [
        (2023, "警告", "甲镇", "行政处罚案件数", "'=各项之和不符"),
        (2023, "提示", "甲镇", None, "公开较迟"),
    ]
    explained = {row[0]: row[1] for row in sheet(tmp_path / "out.xlsx", "说明")}
    assert explained["行政处罚案件数"] == "行政处罚案件数（合成）"
    assert "学法考试合格率" not in explained


def test_csv_has_a_bom_exact_numbers_and_no_formulas(release: Path, tmp_path: Path) -> None:
    assert export(release, tmp_path / "out.csv", Selection(years=(2022,))) == 1
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbftownship_code,township,")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [(row["value"], row["machine_value"], row["status"], row["published_on"]) for row in rows] == [
        ("80", "79", "corrected", "2023-01-20"),
    ]


def test_parquet_and_json_hold_the_same_values(release: Path, tmp_path: Path) -> None:
    for suffix in ("parquet", "json", "jsonl"):
        assert export(release, tmp_path / f"out.{suffix}") == 4
    table = pq.read_table(tmp_path / "out.parquet")
    expected = [D(80), D(3550000), D("98.9"), D(12)]
    assert sorted(table.column("value").to_pylist()) == sorted(expected)
    whole = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"), parse_float=D, parse_int=D)
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert whole == [json.loads(line, parse_float=D, parse_int=D) for line in lines]
    assert sorted(row["value"] for row in whole) == sorted(expected)


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(("9901",)), 4),
        (Selection((JIA, "乙镇")), 4),
        (Selection((), (PASS, "行政处罚案件数"), (2023,)), 3),
        (Selection(("乙镇",), (), (2022, 2023)), 1),
    ],
)
def test_a_selection_takes_codes_prefixes_or_names(
    release: Path, tmp_path: Path, selection: Selection, count: int
) -> None:
    assert export(release, tmp_path / "out.csv", selection) == count


def test_what_cannot_be_exported_says_why_and_leaves_the_old_file(release: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old", encoding="utf-8")
    with pytest.raises(ExportError, match="nothing matches: 'nianbao townships NAME'"):
        export(release, tmp_path / "out.csv", Selection(("x'; --",)))
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "old"
    with pytest.raises(ExportError, match=r"out.doc: the file's ending says the form; it may be .xlsx, .csv"):
        export(release, tmp_path / "out.doc")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out.csv"]


def test_a_number_too_long_for_excel_is_written_as_text(tmp_path: Path) -> None:
    figures = [(A23, PENALTIES, "123456789012345.123456"), (A23, MEDIATORS, "123456789012345")]
    publish(tmp_path, tables([A23], figures), RUN)
    export(tmp_path / "nianbao.duckdb", tmp_path / "out.xlsx")
    assert sheet(tmp_path / "out.xlsx", "指标表")[1][6:] == ("123456789012345.123456", 123456789012345)


def test_formulas_in_a_report_stay_text(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://example.org","点击")'
    given = tables([A23], [], mentions=[mention(A23, 1, "5", sentence=evil)],
                   observations=[observation(A23, 1, PENALTIES, "5")])  # fmt: skip
    publish(tmp_path, given, RUN)
    for name in ("out.xlsx", "out.csv"):
        export(tmp_path / "nianbao.duckdb", tmp_path / name)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "out.xlsx")["明细"].iter_rows() for cell in row]
    assert [cell.value for cell in cells if "HYPERLINK" in str(cell.value)] == [f"'{evil}"]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert f"'{evil}" in next(csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[1:]))


PEAK = """
import resource, sys
from pathlib import Path
from warehouse.export import Selection, export
count = export(Path(sys.argv[1]), Path(sys.argv[2]), Selection(years=tuple(map(int, sys.argv[3:]))))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_a_hundred_thousand_rows_stream(tmp_path: Path) -> None:
    place = ("990101", "合成县", "9901", "合成市", "99", "合成省", 9, True)
    towns = [Township(f"990101{at:03}", f"第{at}镇", "镇", *place) for at in range(1000)]
    reports = [report(town.township_code, year) for town in towns for year in range(2019, 2024)]
    one = tables([A23], [(A23, PENALTIES, "5")])
    publish(tmp_path / "home", {
        **one, "townships": towns, "reports": reports,
        "indicators": [INDICATORS[0]._replace(indicator=code) for code in (f"c{at:02}" for at in range(20))],
        "mentions": many(MENTIONS, one["mentions"], reports, "ordinal"),
        "observations": many(OBSERVATIONS, one["observations"], reports, "indicator"),
    }, RUN)  # fmt: skip

    def exported(name: str, *years: str) -> tuple[int, int]:
        command = [sys.executable, "-c", PEAK, str(tmp_path / "home/nianbao.duckdb"), str(tmp_path / name), *years]
        count, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return int(count), int(peak)

    part, all_of_it = exported("part.csv", "2023"), exported("all.csv")
    assert (part[0], all_of_it[0]) == (20_000, 100_000)
    # Megabytes of the process, DuckDB's among them: 80,000 rows more, held at once, take well over 100.
    assert all_of_it[1] - part[1] < 50
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        keys = [(row["report_year"], row["township_code"], row["indicator"]) for row in csv.DictReader(file)]
    assert len(set(keys)) == len(keys) == 100_000
    assert keys == sorted(keys)


def many(contract: Contract, rows: list[tuple[Any, ...]], reports: list[Report], numbered: str) -> pa.Table:
    """Twenty copies of a row for each report, made without as many Python objects."""
    number = "'c' || lpad(n::VARCHAR, 2, '0')" if numbered == "indicator" else "n + 1"
    own = "t.report_id AS report_id, t.report_year AS report_year"
    own += ", t.township_code AS township_code, n + 1 AS ordinal" if contract is OBSERVATIONS else ""
    with duckdb.connect() as connection:
        connection.register("row", to_arrow(contract, rows))
        connection.register("t", to_arrow(REPORTS, reports))
        sql = f"SELECT row.* REPLACE ({own}, {number} AS {numbered}) FROM row, t, range(20) r(n)"
        return to_arrow(contract, connection.sql(sql).to_arrow_table())


def test_every_unit_of_the_dictionary_has_a_chinese_name() -> None:
    with (SEEDS / "indicators.csv").open(encoding="utf-8", newline="") as file:
        assert {row["unit"] for row in csv.DictReader(file)} <= UNIT_NAMES.keys()
