"""Schemas: everything about a column follows from its contract, and what does not fit is refused by name."""

import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warehouse_rows import FETCHED, JIA, TOWNSHIPS, mention, report

from warehouse.contracts import (
    LAKE_TABLES,
    MENTIONS,
    RELEASE_TABLES,
    REPORTS,
    RUNS,
    Contract,
    Report,
)
from warehouse.contracts import (
    TOWNSHIPS as TOWNSHIPS_TABLE,
)
from warehouse.schema import ContractError, arrow_schema, comments, ddl, entries, fits, to_arrow, to_rows


def test_the_parquet_schema_and_the_ddl_follow_from_the_contract() -> None:
    assert arrow_schema(RUNS).field("snapshots") == pa.field("snapshots", pa.int64(), nullable=False)
    assert arrow_schema(MENTIONS).field("indicators") == pa.field("indicators", pa.list_(pa.string()), nullable=False)
    assert arrow_schema(MENTIONS).field("value") == pa.field("value", pa.decimal128(24, 6))
    assert ddl(RUNS).splitlines()[:3] == [
        "CREATE TABLE runs (",
        '  "run_id" VARCHAR NOT NULL,',
        '  "version" VARCHAR NOT NULL,',
    ]
    meaning = "\"run_id\" IS '运行编号 / digest of the run''s inputs: the same inputs give the same run'"
    assert list(comments(RUNS))[:2] == [
        "COMMENT ON TABLE runs IS '运行记录 / executions of the flow'",
        f"COMMENT ON COLUMN runs.{meaning}",
    ]
    assert [entry.column_name for entry in entries(RUNS)] == ["", *RUNS.names]


@pytest.mark.parametrize("contract", [*RELEASE_TABLES, *LAKE_TABLES], ids=lambda contract: contract.name)
def test_every_table_and_column_says_what_it_means_in_both_languages(contract: Contract) -> None:
    for text in (contract, *contract.fields):
        assert any("\u4e00" <= character <= "\u9fff" for character in text.zh), text
        assert re.search("[a-z]{3}", text.en), text


def test_rows_survive_arrow_and_times_become_utc() -> None:
    rows = [report(JIA, 2023, retrieved_at=datetime(2026, 1, 2, 11, 4, 5, tzinfo=timezone(timedelta(hours=8))))]
    table = to_arrow(REPORTS, rows)
    assert [Report(*row) for row in to_rows(REPORTS, table)] == [
        rows[0]._replace(retrieved_at=FETCHED.replace(tzinfo=None))
    ]
    assert to_arrow(REPORTS, table.select(table.column_names[::-1])).equals(table)


def test_lists_come_back_as_tuples_in_row_order() -> None:
    rows = [mention(report(JIA, 2023), 1, "7", "a", "b"), mention(report(JIA, 2023), 2, None)]
    back = list(to_rows(MENTIONS, to_arrow(MENTIONS, rows)))
    assert back == rows


OF = report(JIA, 2023)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (mention(OF, 1, "1e18"), r"mentions.value: not a DECIMAL\(24,6\) in row 2 of 2, which has Decimal\('1E\+18'\)"),
        (mention(OF, 1, "0.1234567"), r"mentions.value: not a DECIMAL\(24,6\) in row 2 of 2, .*0.1234567"),
        (mention(OF, 1, "1", surface=None), "mentions.surface: 1 of 2 rows are empty, but the column may not be"),
        (
            mention(OF, 1, "1", part_of_ordinal="x"),
            "mentions.part_of_ordinal: not a BIGINT in row 2 of 2, which has 'x'",
        ),
        (mention(OF, 1, "1")[1:], "mentions: a row has 24 values, the contract 25 columns"),
    ],
    ids=["too large", "too fine", "empty", "type", "length"],
)
def test_what_does_not_fit_is_refused_by_table_column_and_row(row: tuple[object, ...], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        to_arrow(MENTIONS, [mention(OF, 2, "3"), row])


def test_an_arrow_table_without_a_column_is_refused() -> None:
    table = to_arrow(TOWNSHIPS_TABLE, TOWNSHIPS).drop_columns(["county"])
    with pytest.raises(ContractError, match="townships: columns county are missing"):
        to_arrow(TOWNSHIPS_TABLE, table)


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_fits_says_exactly_what_can_be_stored(value: Decimal) -> None:
    try:
        stored = to_arrow(MENTIONS, [mention(OF, 1, str(value))]).column("value")[0].as_py()
    except ContractError:
        stored = None
    assert fits(value) == (stored is not None and stored == value)
