"""Several texts for one township and year: which stands, which is superseded, and why."""

from datetime import UTC, datetime
from typing import Any

from transforms.settlement import settle
from warehouse.contracts import Report


def report(sha: str, **changes: Any) -> Report:
    base = Report(
        report_id=f"445103107-2023-{sha}",
        township_code="445103107",
        report_year=2023,
        title="沙溪镇2023年法治政府建设年度报告",
        publisher=None,
        published_on=None,
        source_uri=f"https://example.test/{sha}",
        retrieved_at=datetime(2024, 4, 1, tzinfo=UTC),
        sha256=sha,
        media_type="text/plain",
        encoding="utf-8",
        characters=4000,
        damage=0,
        status="published",
        period_end=None,
        partial=False,
        identity="{}",
        rules="r",
        run_id="x",
    )
    return base._replace(**changes)


def standing(*reports: Report, figures: dict[str, int] | None = None) -> tuple[list[str], list[str]]:
    settled, beaten = settle(reports, figures or {})
    assert sorted(row.report_id for row in settled) == sorted(row.report_id for row in reports)
    return [row.sha256 for row in settled if row.status == "published"], [row.reason for row in beaten]


def test_one_report_stands() -> None:
    assert standing(report("a")) == (["a"], [])


def test_reports_of_other_years_and_townships_do_not_meet() -> None:
    others = report("b", report_year=2022), report("c", township_code="445103108")
    assert standing(report("a"), *others)[0] == ["a", "b", "c"]


def test_a_page_corrected_at_its_address_replaces_what_was_there_even_if_it_says_less() -> None:
    old = report("a", source_uri="https://example.test/1")
    new = report("b", source_uri="https://example.test/1", retrieved_at=datetime(2024, 5, 1, tzinfo=UTC), characters=10)
    assert standing(new, old, figures={old.report_id: 50}) == (["b"], ["replaced at the same address"])


def test_a_whole_year_beats_a_part_of_it() -> None:
    assert standing(report("a", partial=True, characters=9000), report("b")) == (["b"], ["covers the whole year"])


def test_less_damage_beats_more_figures() -> None:
    damaged = report("a", damage=2)
    assert standing(damaged, report("b"), figures={damaged.report_id: 50}) == (["b"], ["is less damaged"])


def test_more_figures_beat_length() -> None:
    a, b = report("a", characters=9000), report("b")
    assert standing(a, b, figures={b.report_id: 50, a.report_id: 3}) == (["b"], ["states more figures"])


def test_the_order_of_arrival_does_not_matter() -> None:
    rows = [report("a", characters=1), report("b", characters=3), report("c", characters=2)]
    assert standing(*rows) == standing(*reversed(rows))
