"""Who is expected, who reported, who is missing or late: counted by county, prefecture, province and year."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.coverage import Coverage, Received, Standing, Turned, coverage, due, expected, missing, standings
from transforms.registry import Registry

REGISTRY = Registry.load()
CHAOAN = [code for code in REGISTRY.under("445103") if REGISTRY.township(code).ordinary]


def test_a_scope_expects_its_ordinary_townships() -> None:
    assert expected(REGISTRY, ["445103"], [2023]) == [(code, 2023) for code in CHAOAN]
    assert expected(REGISTRY, ["445103107", "445103"], [2023, 2022, 2023])[:2] == [(CHAOAN[0], 2022), (CHAOAN[0], 2023)]
    everything = expected(REGISTRY, ["110115"], [2023], every_unit=True)
    assert len(everything) > len(expected(REGISTRY, ["110115"], [2023]))


def test_what_became_of_each_expected_report() -> None:
    codes = CHAOAN[:7]
    reports = [
        Received(codes[0], 2023, "published", date(2024, 1, 20)),
        Received(codes[1], 2023, "published", date(2024, 4, 2)),
        Received(codes[2], 2023, "published", None),
        Received(codes[3], 2023, "quarantined", date(2024, 1, 3)),
        Received(codes[3], 2023, "superseded", date(2024, 1, 1)),
        Received(codes[0], 2022, "published", date(2023, 1, 1)),
    ]
    refusals = [
        Turned(codes[4], 2023, "no_text_layer"),
        Turned(codes[5], 2023, "not_a_report"),
        Turned(codes[6], 2023, "duplicate"),
        Turned(codes[0], 2023, "failed"),
    ]
    assert standings([(code, 2023) for code in codes], reports, refusals) == [
        Standing(codes[0], 2023, "received", date(2024, 1, 20), True),
        Standing(codes[1], 2023, "received", date(2024, 4, 2), False),
        Standing(codes[2], 2023, "received", None, None),
        Standing(codes[3], 2023, "quarantined", date(2024, 1, 3), None),
        Standing(codes[4], 2023, "unreadable", None, None),
        Standing(codes[5], 2023, "refused", None, None),
        Standing(codes[6], 2023, "not_published", None, None),
    ]


def test_counts_by_area() -> None:
    wanted = expected(REGISTRY, ["445103"], [2023])
    found = standings(wanted, [Received("445103107", 2023, "published", date(2024, 4, 1))], [])
    rest = len(CHAOAN) - 1
    assert coverage(found, REGISTRY) == [
        Coverage("445103", "潮安区", 2023, len(CHAOAN), 1, 0, 0, 0, rest, on_time=1, late=0, undated=0)
    ]
    assert [row[:5] for row in coverage(found, REGISTRY, "city")] == [("4451", "潮州市", 2023, len(CHAOAN), 1)]
    assert [row[:5] for row in coverage(found, REGISTRY, "province")] == [("44", "广东省", 2023, len(CHAOAN), 1)]


def test_nobody_is_reminded_before_the_first_of_april_has_passed() -> None:
    found = standings([("445103107", 2023)], [], [])
    assert due(2023) == date(2024, 4, 1)
    assert missing(found, date(2024, 4, 1)) == []
    assert missing(found, date(2024, 4, 2)) == found


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(CHAOAN),
            st.sampled_from([2022, 2023]),
            st.sampled_from(["published", "quarantined", "superseded"]),
            st.none() | st.dates(date(2022, 1, 1), date(2025, 1, 1)),
        ),
        max_size=40,
    ),
    turned=st.lists(
        st.tuples(st.sampled_from(CHAOAN), st.sampled_from([2022, 2023]), st.sampled_from(["empty", "not_a_report"]))
    ),
)
@settings(max_examples=60, deadline=None)
def test_the_parts_add_up_at_every_level(
    rows: list[tuple[str, int, str, date | None]], turned: list[tuple[str, int, str]]
) -> None:
    wanted = expected(REGISTRY, ["445103"], [2022, 2023])
    found = standings(wanted, [Received(*row) for row in rows], [Turned(*row) for row in turned])
    assert Counter((s.township_code, s.report_year) for s in found) == Counter(wanted)
    for level in ("county", "city", "province"):
        for row in coverage(found, REGISTRY, level):  # type: ignore[arg-type]
            assert row.expected == len(CHAOAN)
            assert row.received + row.quarantined + row.unreadable + row.refused + row.not_published == row.expected
            assert row.on_time + row.late + row.undated == row.received
