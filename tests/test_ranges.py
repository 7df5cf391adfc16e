"""Ranges: a few rows at a time come in the order in which all of them would come at once."""

import duckdb
import pytest

from warehouse.ranges import in_order

ROWS = [
    ("rate", "445103107-2023", 1),
    ("bound", "445103107-2023", 2),
    ("rate", None, 3),
    ("rate", "445103", 4),
    ("rate", "4451", 5),
    ("rate", "110101001-2022", 6),
    ("rate", "445103107-2022", 7),
    ("rate", "445104001-2022", 8),
    ("bound", None, 9),
    ("it's", "乡镇甲的报告", 10),
]
ORDER = [2, 9, 10, 6, 5, 4, 7, 1, 8, 3]


@pytest.mark.parametrize("most", [1, 2, 3, 4, 100])
def test_rows_come_in_the_order_of_their_keys_empty_ones_last(most: int) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute('CREATE TABLE told ("check" VARCHAR, report_id VARCHAR, ordinal INTEGER)')
        connection.executemany("INSERT INTO told VALUES (?, ?, ?)", ROWS)
        batches = list(in_order(connection, "FROM told", ("check", "report_id", "ordinal"), most))
    assert [number for batch in batches for number in batch.column("ordinal").to_pylist()] == ORDER


def test_no_rows_are_no_rows() -> None:
    with duckdb.connect(":memory:") as connection:
        source = "SELECT 'a' AS a, 'b' AS b WHERE FALSE"
        assert sum(batch.num_rows for batch in in_order(connection, source, ("a", "b"))) == 0
