"""Merging: two sorted tables as one, whatever parts they come in; sorting all at once is the oracle."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from warehouse.merging import merged

SCHEMA = pa.schema([("report_id", pa.string()), ("ordinal", pa.int64())])
KEYS = st.tuples(st.none() | st.text("ab镇𠀀", max_size=2), st.none() | st.integers(0, 3))
ROWS = st.sets(KEYS, max_size=30)
Row = tuple[str | None, int | None]


def place(row: Row) -> tuple[bool, bytes, bool, int]:
    """Where a row stands: texts in the order of their bytes, empty ones last."""
    return row[0] is None, (row[0] or "").encode(), row[1] is None, row[1] or 0


def parts(rows: set[Row], cuts: list[int]) -> list[pa.Table]:
    """The rows in the order of their key, in parts of these sizes, the rest as the last."""
    ordered, found = sorted(rows, key=place), []
    for size in [*cuts, len(ordered)]:
        part, ordered = ordered[:size], ordered[size:]
        found.append(pa.table({"report_id": [row[0] for row in part], "ordinal": [row[1] for row in part]}, SCHEMA))
    return found


@given(rows=ROWS, others=ROWS, cuts=st.lists(st.integers(0, 7)), cuts_of_others=st.lists(st.integers(0, 7)))
def test_merged_parts_are_all_rows_in_order(
    rows: set[Row], others: set[Row], cuts: list[int], cuts_of_others: list[int]
) -> None:
    others -= rows  # a key stands once: join takes the old rows of a report away before
    found = merged(("report_id", "ordinal"), iter(parts(rows, cuts)), iter(parts(others, cuts_of_others)))
    told = [(row["report_id"], row["ordinal"]) for part in found for row in part.to_pylist()]
    assert told == sorted(rows | others, key=place)
