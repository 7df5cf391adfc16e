"""Who is expected, who reported, who is missing, refused or late: by county, city, province and year.

Places are real ones of the registry; what is reported is synthetic (合成).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse_rows import RUN, report

from expectations.coverage import coverage_frame, coverage_maps, list_missing, overdue
from expectations.run_report import CoverageCounts, Tile, TileRow
from expectations.shelf import Shelf
from transforms.registry import Registry
from warehouse.contracts import INDICATORS, OBSERVATIONS, REFUSALS, REPORTS, TOWNSHIPS, Refusal, Source
from warehouse.coverage import Coverage, coverage, coverage_in, coverage_of
from warehouse.holding import Holding
from warehouse.lake import Lake
from warehouse.release import publish
from warehouse.schema import to_arrow

REGISTRY = Registry.load()
PROVINCES = ("11", "33", "35", "37", "44", "46", "50", "51")
COUNTRY = to_arrow(TOWNSHIPS, [row for row in REGISTRY.rows() if row.province_code in PROVINCES])
CITY = COUNTRY.filter(pc.equal(COUNTRY.column("city_code"), "4451"))


def ordinary(*prefixes: str) -> list[str]:
    return [code for code in REGISTRY.under(*prefixes) if REGISTRY.township(code).ordinary]


CHAOAN = ordinary("445103")


def received(code: str, year: int = 2023, on: date | None = date(2024, 1, 20), status: str = "published") -> Any:
    return report(code, year, published_on=on, status=status, report_id=f"{code}-{year}-{status}")


def refused(code: str, reason: Any, year: int = 2023) -> Refusal:
    return Refusal("ab" * 32, f"https://town.example/{code}/{reason}", reason, "合成", "r", "run", code, year)


def told(
    reports: Iterable[Any], refusals: Iterable[Any] = (), scope: Sequence[str] = ("445103",), years: Sequence[int] = ()
) -> Coverage:
    known = CITY if all(code.startswith("4451") for code in scope) else COUNTRY
    return coverage({"townships": known, "reports": list(reports), "refusals": list(refusals)}, scope, years)


def rows(found: Coverage, *names: str, level: str = "county") -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found.areas.to_pylist() if row["level"] == level]


def outcomes(found: Coverage) -> dict[tuple[str, int], str]:
    return {(row["township_code"], row["report_year"]): row["outcome"] for row in found.reports.to_pylist()}


def test_a_scope_expects_its_ordinary_townships() -> None:
    assert list(outcomes(told([received(CHAOAN[0])]))) == [(code, 2023) for code in CHAOAN]
    zones = told([received("110115001")], scope=["110115"])
    assert len(outcomes(zones)) == len(ordinary("110115")) < len(REGISTRY.under("110115"))


def test_a_release_says_the_same_and_so_do_the_tables_that_it_was_made_from(tmp_path: Path) -> None:
    reports = [received(CHAOAN[0]), received(CHAOAN[1], on=date(2024, 5, 2)), received(CHAOAN[2], status="quarantined")]
    lake, cells = Lake(tmp_path / "lake"), to_arrow(OBSERVATIONS, [])
    lake.write(REPORTS, reports)
    lake.write(REFUSALS, [refused(CHAOAN[3], "empty")])
    seeds = {TOWNSHIPS.name: CITY, INDICATORS.name: to_arrow(INDICATORS, [])}
    holding = Holding(lake, cells, seeds, RUN.run_id)
    release = publish(tmp_path, {}, RUN, scope=["445103"], years=[2024], holding=holding)
    with holding.open() as connection:
        made = coverage_of(connection, tmp_path / "made.parquet", ["445103"], [2024])
    read = coverage_in(release.path, tmp_path / "read.parquet")
    assert read.areas == made.areas
    assert read.reports.to_table() == made.reports.to_table()
    assert Counter(outcomes(Coverage(read.areas, read.reports.to_table())).values())["received"] == 2


def test_several_scopes_of_any_length_are_one() -> None:
    found = told([received(CHAOAN[0])], scope=["445103107", "4451", "350502", "445103"])
    assert sorted(code for code, _ in outcomes(found)) == ordinary("4451", "350502")
    assert rows(found, "area_code", "expected", level="province") == [
        ("35", len(ordinary("350502"))),
        ("44", len(ordinary("4451"))),
    ]


def test_a_year_that_was_asked_for_and_that_nobody_has_is_missing_whole() -> None:
    found = told([received(CHAOAN[0])], years=[2024])
    assert rows(found, "report_year", "expected", "received", "missing") == [
        (2023, len(CHAOAN), 1, len(CHAOAN) - 1),
        (2024, len(CHAOAN), 0, len(CHAOAN)),
    ]
    assert rows(told([], scope=[], years=[2024]), "report_year") == []


def test_what_became_of_each_expected_report() -> None:
    codes = CHAOAN[:7]
    reports = [
        received(codes[0]),
        received(codes[1], on=date(2024, 4, 2)),
        received(codes[2], on=None),
        received(codes[3], status="quarantined"),
        received(codes[3], status="superseded"),
    ]
    refusals = [
        refused(codes[4], "no_text_layer"),
        refused(codes[5], "not_a_report"),
        refused(codes[6], "duplicate"),
        refused(codes[0], "failed"),
    ]
    found = told(reports, refusals)
    assert list(outcomes(found).values())[:7] == [
        *("received", "received", "received", "quarantined", "unreadable", "refused", "not_published")
    ]
    assert [row["on_time"] for row in found.reports.to_pylist()][:4] == [True, False, None, None]
    names = (
        *("expected", "received", "missing", "quarantined", "unreadable", "refused", "not_published"),
        *("on_time", "late", "undated"),
    )
    rest = len(CHAOAN) - 6
    for level in ("county", "city", "province"):
        assert rows(found, *names, level=level) == [(len(CHAOAN), 3, len(CHAOAN) - 3, 1, 1, 1, rest, 1, 1, 1)]


def test_half_a_year_is_received_and_told_apart() -> None:
    half = received(CHAOAN[0])._replace(partial=True, period_end=date(2023, 6, 30))
    nearly = received(CHAOAN[1])._replace(partial=True, period_end=date(2023, 12, 25))
    assert rows(told([half, nearly]), "received", "part_year") == [(2, 1)]


def test_rows_by_county_city_and_province() -> None:
    found = told([received(CHAOAN[0])], scope=["4451", "4452"])
    names = ("level", "area_code", "area", "county", "city", "province", "expected", "received")
    assert [row for level in ("province", "city") for row in rows(found, *names, level=level)] == [
        ("province", "44", "广东省", None, None, "广东省", len(ordinary("4451", "4452")), 1),
        ("city", "4451", "潮州市", None, "潮州市", "广东省", len(ordinary("4451")), 1),
        ("city", "4452", "揭阳市", None, "揭阳市", "广东省", len(ordinary("4452")), 0),
    ]
    assert rows(found, *names)[0][:5] == ("county", "445102", "湘桥区", "湘桥区", "潮州市")
    assert [area for (area,) in rows(found, "area")] == [
        *("湘桥区", "潮安区", "饶平县", "榕城区", "揭东区", "揭西县", "惠来县", "普宁市")
    ]


def test_a_province_level_city_is_one_city_and_not_its_placeholders() -> None:
    found = told([received("500101001")], scope=["50"])
    assert rows(found, "area_code", "area", "expected", level="city") == [("5001", "重庆市", len(ordinary("50")))]
    assert {code[:4] for (code,) in rows(found, "city_code")} == {"5001", "5002"}


def test_without_a_scope_those_are_expected_that_a_list_names_or_that_reported() -> None:
    source = Source("ab" * 32, "https://town.example/1", report(CHAOAN[0], 2023).retrieved_at, 9, CHAOAN[5], 2022)
    tables = {"townships": COUNTRY, "reports": [received(CHAOAN[0])], "sources": [source]}
    assert outcomes(coverage(tables, ())) == {
        (CHAOAN[0], 2022): "not_published",
        (CHAOAN[5], 2022): "not_published",
        (CHAOAN[0], 2023): "received",
    }


@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from(CHAOAN),
            st.sampled_from([2022, 2023]),
            st.sampled_from(["published", "quarantined", "superseded"]),
            st.none() | st.dates(date(2022, 1, 1), date(2025, 1, 1)),
        ),
        max_size=30,
        unique_by=lambda row: row[:3],
    ),
    turned=st.lists(
        st.tuples(st.sampled_from(CHAOAN), st.sampled_from([2022, 2023]), st.sampled_from(["empty", "not_a_report"]))
    ),
)
@settings(max_examples=10, deadline=None)
def test_the_parts_add_up_at_every_level(
    drawn: list[tuple[str, int, str, date | None]], turned: list[tuple[str, int, str]]
) -> None:
    reports = [received(code, year, on, status) for code, year, status, on in drawn]
    found = told(reports, [refused(code, reason, year) for code, year, reason in turned], years=[2022, 2023])
    published = Counter(year for _, year, status, _ in drawn if status == "published")
    for level in ("county", "city", "province"):
        years = [row for row in found.areas.to_pylist() if row["level"] == level]
        assert [row["report_year"] for row in years] == [2022, 2023]
        for row in years:
            assert row["expected"] == len(CHAOAN)
            assert row["received"] == published[row["report_year"]]
            assert row["expected"] - row["received"] == row["missing"]
            parts = ("quarantined", "unreadable", "refused", "not_published")
            assert row["missing"] == sum(row[part] for part in parts)
            assert row["on_time"] + row["late"] + row["undated"] == row["received"]


def test_a_year_as_a_map_of_tiles() -> None:
    some = [received(code, on=date(2024, 5, 1)) for code in ordinary("445102")] + [received(CHAOAN[0], on=None)]
    found = told([*some, received(CHAOAN[1], 2022)], [refused(CHAOAN[2], "not_a_report")], scope=["4451"])
    maps = coverage_maps(coverage_frame(found.areas))
    assert [(one.report_year, one.level) for one in maps] == [(2023, "county"), (2022, "county")]
    xiangqiao, raoping = len(ordinary("445102")), len(ordinary("445122"))
    assert maps[0].rows == (
        TileRow(
            area="广东省潮州市",
            tiles=(
                Tile(area="湘桥区", expected=xiangqiao, received=xiangqiao, step="all"),
                Tile(area="潮安区", expected=len(CHAOAN), received=1, step="few"),
                Tile(area="饶平县", expected=raoping, received=0, step="none"),
            ),
        ),
    )
    whole = len(ordinary("4451"))
    assert maps[0].whole == CoverageCounts(
        expected=whole, on_time=0, undated=1, late=xiangqiao, quarantined=0, unusable=1,
        not_published=whole - xiangqiao - 2,
    )  # fmt: skip


def test_a_country_is_drawn_by_prefectures_under_their_provinces() -> None:
    found = told([received(CHAOAN[0])], scope=["11", "44", "46", "50", "51", "33", "37"])
    (one,) = coverage_maps(coverage_frame(found.areas))
    assert one.level == "city"
    assert [row.area for row in one.rows] == [*("北京市", "浙江省", "山东省", "广东省", "海南省", "重庆市", "四川省")]
    assert [tile.area for tile in one.rows[0].tiles] == ["北京市"]


def test_nobody_is_reminded_before_the_first_of_april_has_passed() -> None:
    lost = Shelf.of({})
    list_missing(lost, told([received(CHAOAN[0])]).reports)
    assert lost.query("SELECT DISTINCT due_on FROM missing_list").to_pydict() == {"due_on": [date(2024, 4, 1)]}
    first, second = (datetime(2024, 4, day, tzinfo=timezone.utc) for day in (1, 2))  # noqa: UP017
    assert (overdue(lost, first), overdue(lost, second)) == (0, len(CHAOAN) - 1)
