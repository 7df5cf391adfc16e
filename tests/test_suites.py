"""The suites: what Great Expectations is asked, what it answers for broken rows, and what it keeps."""

import re
import socket
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from cases import SHAXI, Case, brief, tables, told, validated

from expectations.checking import CheckContext
from expectations.gate import Validation
from expectations.rows import RowRule
from expectations.suites import SUITES, Suites

TEXT = "收到信访件31件，已办结31件。\n全年罚款355万元。"
CASE = Case(
    TEXT,
    [
        told(TEXT, "31件，", 31, "件", "petitions_received")._replace(surface="31件"),
        told("已办结31件", "31件", 31, "件", "petitions_resolved"),
        told(TEXT, "355万元", 3_550_000, "元", "penalty_fine_amount"),
    ],
)


def with_column(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, type=table.schema.field(name).type))


def broken(table: str, column: str, row: int, value: Any) -> dict[str, pa.Table]:
    """The tables of CASE with one value changed."""
    made = tables(CASE)
    values = made[table].column(column).to_pylist()
    values[row] = value
    made[table] = with_column(made[table], column, values)
    return made


def test_sound_tables_pass_every_expectation() -> None:
    result = validated(tables(CASE))
    assert result.findings == []
    assert not result.gate_closed
    assert [item.table for item in result.gx_results] == ["schema", *(suite.table for suite in SUITES)]
    assert all(item.failures == () and item.expectations > 0 for item in result.gx_results)


BROKEN = [
    ("mentions", "surface", 2, "356万元", "surface_not_in_text"),
    ("mentions", "start", 0, 3, "surface_not_in_text"),
    ("mentions", "kind", 0, "guess", "value_outside_domain"),
    ("mentions", "unit", 2, "件", "unit_of_another_dimension"),
    ("mentions", "part_of_ordinal", 1, 2, "part_of_itself"),
    ("mentions", "value_high", 0, Decimal(3), "range_upside_down"),
    ("mentions", "factor", 0, Decimal(0), "factor_not_positive"),
    ("observations", "indicator", 0, "petitions_recieved", "indicator_unknown"),
    ("observations", "unit", 0, "元", "unit_not_the_indicators"),
    ("observations", "ordinal", 0, 9, "no_evidence"),
    ("observations", "ordinal", 0, 3, "no_evidence"),  # a mention, but of another indicator
    ("observations", "value", 0, Decimal(-1), "value_negative"),
    ("observations", "status", 0, "stated_zero", "value_against_status"),
    ("observations", "township_code", 0, "999999999", "township_unknown"),
    ("reports", "township_code", 0, "999999999", "township_unknown"),
    ("reports", "report_year", 0, 1823, "year_out_of_range"),
    ("reports", "sha256", 0, "f00f", "digest_malformed"),
    ("reports", "characters", 0, 0, "text_empty"),
]
"""Table, column, row of the report's rows, what is put there, and the check that says so."""


@pytest.fixture(scope="module")
def spoilt() -> tuple[list[str], Validation]:
    """CASE once sound and once for each of BROKEN, in one validation: each in a township of its own."""
    towns = [SHAXI._replace(township_code=f"445103{at:03}") for at in range(len(BROKEN) + 1)]
    cases = [CASE._replace(township=town) for town in towns]
    made = tables(*cases)
    for at, (table, column, row, value, _) in enumerate(BROKEN, 1):
        values = made[table].column(column).to_pylist()
        values[made[table].column("report_id").to_pylist().index(cases[at].report_id) + row] = value
        made[table] = with_column(made[table], column, values)
    return [case.report_id for case in cases], validated(made)


@pytest.mark.parametrize(("at", "table", "check"), [(at, row[0], row[-1]) for at, row in enumerate(BROKEN, 1)])
def test_a_broken_row_quarantines_its_report(
    spoilt: tuple[list[str], Validation], at: int, table: str, check: str
) -> None:
    ids, result = spoilt
    (found,) = [finding for finding in result.findings if (finding.report_id, finding.check) == (ids[at], check)]
    assert (found.severity, found.message.split("（")[0]) == ("critical", table)


def test_only_broken_rows_do_and_great_expectations_counts_them(spoilt: tuple[list[str], Validation]) -> None:
    ids, result = spoilt
    assert result.quarantined == set(ids[1:])
    failures = {(f.table, f.expectation): f.rows for item in result.gx_results for f in item.failures}
    assert failures["mentions", "ExpectMentionSurfacesToStandInTheText"] == 2
    assert failures["mentions", "ExpectUnitFactorsToBePositive"] == 1
    assert all(f.severity == "critical" for item in result.gx_results for f in item.failures)


def test_the_finding_names_the_row_and_what_stands_there() -> None:
    (found,) = validated(broken("mentions", "surface", 2, "356万元")).findings
    assert found.ordinal == 3
    assert "“355万元”，而不是“356万元”" in found.message
    assert found.evidence == "surface=356万元，found=355万元"


def test_duplicate_keys_and_damage() -> None:
    made = tables(CASE)
    made["observations"] = pa.concat_tables([made["observations"], made["observations"].slice(0, 1)])
    assert ("key_duplicate", "critical", "petitions_received") in brief(validated(made).findings)
    made = broken("reports", "damage", 0, 2)
    assert brief(validated(made).findings) == [("text_damaged", "info", None)]


def test_a_table_that_lacks_a_column_closes_the_gate_and_stops_there() -> None:
    made = tables(CASE)
    made["mentions"] = made["mentions"].drop_columns(["sentence"])
    made["observations"] = with_column_type(made["observations"], "value", pa.float64())
    result = validated(made)
    assert result.gate_closed
    assert [f.check for f in result.findings] == ["schema_mismatch", "schema_mismatch"]
    assert any("表mentions的列sentence" in reason for reason in result.gate_reasons)


def with_column_type(table: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, pc.cast(table.column(name), kind))


def test_the_dictionary_is_checked_too() -> None:
    made = tables(CASE)
    row = made["indicators"].column("indicator").to_pylist().index("petitions_resolved")
    parents = made["indicators"].column("part_of").to_pylist()
    parents[row] = "petitions_recieved"
    made["indicators"] = with_column(made["indicators"], "part_of", parents)
    result = validated(made)
    assert result.gate_closed
    assert ("parent_unknown", "critical") in [(f.check, f.severity) for f in result.findings]


def test_pages_are_kept_and_load_nothing(tmp_path: Path) -> None:
    text = '收到<script>alert(1)</script><img src="http://evil.example/x">31件。'
    case = Case(text, [told(text, "31件", 31, "件", "petitions_received")])
    made = tables(case)
    made["mentions"] = with_column(made["mentions"], "surface", ["<script>alert(1)</script>"])
    result = validated(made, docs_folder=tmp_path)
    pages = sorted(tmp_path.glob("*.html"))
    assert [page.stem for page in pages] == sorted(item.table for item in result.gx_results)
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in html
        assert not re.search(r"<script|<link|<img|\ssrc=", html)
    assert "&lt;script&gt;alert(1)" in (tmp_path / "mentions.html").read_text(encoding="utf-8")


def test_nothing_reaches_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(*what: object, **more: object) -> None:
        asked.append(what)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in ("create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    assert len(validated(tables(CASE)).gx_results) == 1 + len(SUITES)
    assert asked == []


def test_great_expectations_keeps_neither_the_frame_nor_the_result_of_a_part() -> None:
    engine = Suites(CheckContext("r"))._engine
    frame = pd.DataFrame({"name": ["合成", "合成", "synthetic"]})
    once = RowRule(
        "key_duplicate", "ExpectTold", "critical", ("name",), lambda rows: rows["name"] != "", "重复", "twice"
    )
    assert [engine.validate("told", frame, [once], ("name",)).broken for _ in range(2)] == [(2,), (2,)]
    manager = engine._source.get_execution_engine().batch_manager
    assert (manager.batch_cache, manager.batch_data_cache) == ({}, {})
    assert engine._context.validation_results_store.list_keys() == []
