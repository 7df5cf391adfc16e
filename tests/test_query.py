"""Queries: exact answers, printed safely; nothing but the release can be read, and nothing can be written."""

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouse_rows import JIA, RUN, mention, observation, report, tables

from warehouse.neutral import csv_cell, printable
from warehouse.printing import plain, render, to_json, width
from warehouse.query import QueryError, connect, query
from warehouse.release import publish
from warehouse.result import Result

D = Decimal
A = report(JIA, 2023)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    figures = [(A, "admin_penalty_cases", "92"), (A, "law_exam_pass_rate", "98.9")]
    publish(home, tables([A], figures), RUN)
    (home / "secret.csv").write_text("secret\n1\n", encoding="utf-8")
    return home / "nianbao.duckdb"


def test_an_answer_has_exact_decimals(path: Path) -> None:
    sql = "SELECT indicator, value, unit FROM indicator_values ORDER BY value"
    assert query(path, sql) == Result(
        ("indicator", "value", "unit"),
        [("admin_penalty_cases", D(92), "case"), ("law_exam_pass_rate", D("98.9"), "percent")],
    )
    assert query(path, "SELECT value FROM observations WHERE indicator = ?", ["admin_penalty_cases"]).rows == [(D(92),)]


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE observations", "SUMMARIZE indicators", "EXPLAIN SELECT 1",
                                 "FROM data_dictionary", "WITH x AS (SELECT 1) FROM x", "VALUES (1)",
                                 "PIVOT indicator_values ON indicator USING first(value) GROUP BY township",
                                 "-- 一\nPIVOT(FROM indicator_values) ON indicator USING first(value)"])  # fmt: skip
def test_whatever_reads_is_answered(path: Path, sql: str) -> None:
    assert query(path, sql).rows


FORBIDDEN = [
    "INSERT INTO observations SELECT * FROM observations",
    "DELETE FROM observations",
    "DROP TABLE observations",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "COPY observations TO 'out.csv'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "EXPORT DATABASE 'out'",
    "ATTACH 'other.duckdb' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH nianbao",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA enable_profiling = 'json'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CHECKPOINT",
    "CALL pragma_version()",
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM read_blob('{folder}/secret.csv')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM parquet_scan('{folder}/x.parquet')",
    "SELECT * FROM read_json('https://example.org/x.json')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT 1; DELETE FROM observations",
    "UPDATE EXTENSIONS",
    "FORCE INSTALL httpfs FROM 'https://example.org'",
    "IMPORT DATABASE '{folder}'",
    "COMMENT ON TABLE observations IS 'x'",
    "EXPLAIN ANALYZE DELETE FROM observations",
    "EXPLAIN ANALYZE COPY observations TO '{folder}/out.csv'",
    "WITH x AS (DELETE FROM observations RETURNING *) SELECT * FROM x",
    "COPY (PIVOT observations ON indicator USING first(value)) TO '{folder}/out.csv'",
    "CREATE TABLE x AS PIVOT observations ON indicator USING first(value)",
    "FROM query('FROM read_text(''{folder}/secret.csv'')')",
    "FROM query_table('{folder}/secret.csv')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{folder}/secret.csv'')'))",
    "FROM sqlite_scan('{folder}/secret.csv', 'x')",
    "FROM read_duckdb('{folder}/nianbao.duckdb')",
    "FROM 's3://bucket/x.parquet'",
    "FROM read_text('/proc/self/environ')",
    "FROM enable_logging('QueryLog', storage_path = '{folder}/log')",
    "FROM which_secret('s3://bucket', 's3')",
    "SELECT getenv('HOME')",
    "SELECT * FROM sql",
    "",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_whatever_writes_or_reaches_out_is_refused(path: Path, sql: str) -> None:
    before = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    with pytest.raises(QueryError):
        query(path, sql.format(folder=path.parent))
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == before


WRITES = ("INSERT", "DELETE", "DROP", "LOAD")
REACHING_OUT = [one for one in FORBIDDEN if one.startswith(WRITES) or ("'" in one and ":memory:" not in one)]


@pytest.mark.parametrize("sql", REACHING_OUT)
def test_the_locks_hold_even_without_the_look_at_the_statement(path: Path, sql: str) -> None:
    with connect(path) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(folder=path.parent)).fetchall()


def test_a_wrong_query_says_what_is_wrong_and_what_to_look_at(path: Path) -> None:
    with pytest.raises(QueryError, match=r"(?s)observation does not exist.*SHOW ALL TABLES lists tables"):
        query(path, "SELECT * FROM observation")
    with pytest.raises(QueryError, match=r"there is no release at .*none.duckdb: 'nianbao run' makes one"):
        query(path.with_name("none.duckdb"), "SELECT 1")
    with pytest.raises(QueryError, match="cannot be opened"):
        query(path.with_name("secret.csv"), "SELECT 1")


def test_a_query_imports_duckdb_and_nothing_else_of_weight(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from warehouse.query import query; from warehouse.printing import render\n"
        f"list(render(query(Path({str(path)!r}), 'FROM observations')))\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} &"
        " {'pandas', 'numpy', 'pyarrow', 'prefect', 'great_expectations', 'rich'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


RESULT = Result(
    ("名称", "value", "list", "day"),
    [("甲镇", D("3550000.000000"), ["1=2", "3=4"], None), ("=cmd()\x1b[31m", D("-0.500000"), [], None)],
)


def test_a_table_is_aligned_by_the_width_of_chinese_and_cannot_move_the_cursor() -> None:
    assert list(render(RESULT)) == [
        "名称              value  list      day",
        "──────────────  ───────  ────────  ───",
        "甲镇            3550000  1=2; 3=4",
        "=cmd()\\x1b[31m     -0.5",
    ]


def test_csv_json_and_lines_keep_decimals_exact_and_formulas_harmless() -> None:
    assert list(csv.reader(render(RESULT, "csv"))) == [
        ["名称", "value", "list", "day"],
        ["甲镇", "3550000", "1=2; 3=4", ""],
        ["'=cmd()[31m", "-0.5", "", ""],
    ]
    records = [
        {"名称": "甲镇", "value": D(3550000), "list": ["1=2", "3=4"], "day": None},
        {"名称": "=cmd()\x1b[31m", "value": D("-0.5"), "list": [], "day": None},
    ]
    assert json.loads("\n".join(render(RESULT, "json")), parse_float=D, parse_int=D) == records
    assert [json.loads(line, parse_float=D, parse_int=D) for line in render(RESULT, "jsonl")] == records
    assert "\x1b" not in "".join(render(RESULT, "json"))


def test_a_single_wide_row_is_printed_upright_and_long_answers_say_how_long_they_are() -> None:
    wide = Result(tuple(f"c{at}" for at in range(12)), [(*range(11), [])])
    assert list(render(wide))[:2] == ["c0   0", "c1   1"]
    assert len(list(render(wide))) == 11
    long = Result(("n",), [(at,) for at in range(1234)])
    assert list(render(long))[-1] == "… and 734 more of 1,234 rows: --format csv prints them all"


def test_a_long_cell_is_cut_at_a_whole_character() -> None:
    line = list(render(Result(("s",), [("字" * 100,)])))[2]
    assert (line[-1], width(line)) == ("…", 47)


@given(st.text())
def test_no_text_can_command_a_terminal_or_a_spreadsheet(text: str) -> None:
    shown = printable(text)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown)
    cell = csv_cell(text)
    assert str(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"}
    assert json.loads(to_json(text)) == text
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in to_json(text))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**17), max_value=10**17))
def test_a_decimal_is_printed_whole_and_without_trailing_zeros(value: Decimal) -> None:
    assert D(plain(value)) == value
    assert not plain(value).endswith(".")
    assert not ("." in plain(value) and plain(value).endswith("0"))
    assert json.loads(to_json(value), parse_float=D, parse_int=D) == value


def test_numbers_that_json_lacks_become_null() -> None:
    assert [to_json(value) for value in (float("nan"), float("inf"), D("NaN"), True, None, 1.5)] == [
        "null", "null", "null", "true", "null", "1.5",
    ]  # fmt: skip


def test_what_a_report_says_cannot_reach_the_terminal(tmp_path: Path) -> None:
    evil = "共92件\x1b]0;owned\x07\u202e。"
    given_tables = tables([A], [], mentions=[mention(A, 1, "92", sentence=evil)],
                          observations=[observation(A, 1, "admin_penalty_cases", "92")])  # fmt: skip
    publish(tmp_path, given_tables, RUN)
    lines = list(render(query(tmp_path / "nianbao.duckdb", "SELECT sentence FROM evidence")))
    assert lines[2] == "共92件\\x1b]0;owned\\x07\\u202e。"
