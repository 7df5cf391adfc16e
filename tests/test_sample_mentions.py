"""The sample report: every labelled mention with value, unit, qualifier and kind, and none of its traps."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from told import number, plain

from transforms.extraction import quantities
from transforms.quantity import Quantity

DATA = Path(__file__).parent / "data"
TEXT = (DATA / "seed_clean.txt").read_text(encoding="utf-8")
FOUND = quantities(TEXT)[1]


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def labelled() -> Iterator[tuple[dict[str, str], Quantity | None]]:
    """Every labelled mention with the quantity found at its place; mentions come in the order of the text."""
    end = 0
    for row in rows("seed_mentions.csv"):
        clause = TEXT.index(row["clause"], max(0, end - len(row["clause"])))
        start = max(clause, end)
        start = TEXT.index(row["surface"], start)
        end = start + len(row["surface"])
        yield row, next((one for one in FOUND if one.start < end and one.end > start), None)


@pytest.mark.parametrize(("row", "found"), list(labelled()))
def test_every_labelled_mention_is_found(row: dict[str, str], found: Quantity | None) -> None:
    assert found is not None
    assert (
        TEXT[found.start : found.end],
        number(found),
        found.unit_surface,
        found.qualifier,
        found.kind,
    ) == (row["surface"], row["value"], row["unit_surface"], row["qualifier"], row["kind"])


@pytest.mark.parametrize("trap", rows("seed_traps.csv"), ids=lambda trap: f"{trap['start']}-{trap['raw']}")
def test_no_trap_is_told_as_a_quantity(trap: dict[str, str]) -> None:
    start, end = int(trap["start"]), int(trap["end"])
    told = [one for one in FOUND if one.start < end and one.end > start and one.kind != "name"]
    assert [(TEXT[one.start : one.end], plain(one.value)) for one in told] == []


def test_nothing_else_is_told() -> None:
    places = {(found.start, found.end) for _, found in labelled() if found is not None}
    told = [one for one in FOUND if (one.start, one.end) not in places and one.kind != "name"]
    assert [TEXT[one.start : one.end] for one in told] == []
