"""The gate, quarantine and the ratchets: what keeps one report out, and what keeps everything back."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cases import SHAXI, Case, Told, brief, tables, told, validated

from expectations.checking import CheckContext, Evaluation, order
from expectations.frames import Frames
from expectations.gate import gate_reasons
from expectations.ratchets import COUNTY, MAPPED, REPORTS, judge, ratchets
from expectations.shelf import Shelf
from warehouse.contracts import Finding

DATA = Path(__file__).parent / "data"


def report(number: int, value: int = 31, mapped: bool = True) -> Case:
    """One of a county's towns (synthetic codes under 445103)."""
    text = f"（合成）收到信访件{value}件。"
    place = SHAXI._replace(township_code=f"445103{number:03}", township=f"第{number}镇")
    indicators = ("petitions_received",) if mapped else ()
    return Case(text, [told(text, f"{value}件", value, "件", *indicators)], township=place)


def spoil(made: dict[str, pa.Table], rows: list[int]) -> dict[str, pa.Table]:
    """The tables with the evidence of some mentions broken."""
    surfaces = made["mentions"].column("surface").to_pylist()
    for row in rows:
        surfaces[row] = "破坏"
    place = made["mentions"].schema.get_field_index("surface")
    field = made["mentions"].schema.field("surface")
    return {**made, "mentions": made["mentions"].set_column(place, field, pa.array(surfaces, type=pa.string()))}


def fallen(now: dict[str, pa.Table], before: dict[str, pa.Table], **context: Any) -> list[Finding]:
    """What the ratchets find; the whole validation adds nothing to it but its time."""
    checks = CheckContext("run", previous=before, **context)
    return list(ratchets(Shelf.of(now, before), Frames(now, "run"), checks, frozenset()))


def test_one_bad_report_among_ten_is_kept_out_and_the_rest_goes_on_the_same_each_time() -> None:
    made = spoil(tables(*(report(number, 31 + number) for number in range(1, 11))), [3])
    result = validated(made)
    assert result.quarantined == {"445103004-2023"}
    assert not result.gate_closed
    assert validated(made).findings == result.findings


def test_more_than_a_fifth_at_once_closes_the_gate() -> None:
    result = validated(spoil(tables(*(report(number) for number in range(1, 11))), [1, 3, 5]))
    assert result.gate_closed
    assert result.gate_reasons == ("10份报告中有3份存在严重问题，多半是程序或来源的问题，故保留上一版本。",)


def test_the_only_report_bad_closes_the_gate() -> None:
    assert validated(spoil(tables(report(1)), [0])).gate_closed


def test_warnings_never_close_it() -> None:
    assert gate_reasons([], frozenset(), 0) == ()


def test_a_superseded_report_beside_its_successor_is_no_duplicate() -> None:
    first, second = report(1), report(1, 32)
    made = tables(second)
    old = tables(first)["reports"].to_pylist()[0] | {"report_id": "older", "status": "superseded"}
    made["reports"] = pa.concat_tables([made["reports"], pa.Table.from_pylist([old], schema=made["reports"].schema)])
    result = validated(made)
    assert {finding.severity for finding in result.findings} <= {"info"}  # that there were two is worth a note
    assert result.quarantined == frozenset()


@pytest.mark.parametrize(
    ("last", "now", "severity"), [(100, 100, None), (100, 120, None), (100, 95, "warning"), (100, 80, "critical")]
)
def test_the_bounds_of_a_ratchet(last: int, now: int, severity: str | None) -> None:
    assert judge(REPORTS, last, now) == severity


def test_points_are_points_and_not_shares_of_the_last_value() -> None:
    assert judge(MAPPED, 0.20, 0.195) is None
    assert judge(MAPPED, 0.20, 0.15) == "warning"
    assert judge(MAPPED, 0.20, 0.05) == "critical"


def test_going_backwards_is_found_closes_the_gate_and_can_be_accepted() -> None:
    before = tables(*(report(number) for number in range(1, 21)))
    now = tables(*(report(number) for number in range(1, 16)))
    closed = validated(now, previous=before)
    assert closed.gate_closed
    found = {finding.check: finding for finding in closed.findings}
    assert found["ratchet_reports"].severity == "critical"
    assert "由上一版本的20降为15" in found["ratchet_reports"].message
    assert found[COUNTY.name].severity == "warning"
    assert "潮安区2023年" in found[COUNTY.name].message
    accepted = validated(now, previous=before, accepted=frozenset({"ratchet_reports", "ratchet_observations"}))
    assert not accepted.gate_closed
    kept = {finding.check: finding for finding in accepted.findings}
    assert kept["ratchet_reports"].severity == "info"
    assert "已由人工放行" in kept["ratchet_reports"].message


def test_a_county_whose_reports_stay_and_whose_values_go() -> None:
    others = [
        Case(
            one.text,
            one.mentions,
            township=one.township._replace(township_code=f"4451220{n:02}", county_code="445122", county="饶平县"),
        )
        for n, one in enumerate((report(number) for number in range(40)), 1)
    ]
    before = tables(*others, *(report(number) for number in range(1, 13)))
    now = tables(*others, *(report(number, mapped=number > 7) for number in range(1, 13)))
    found = {f.check: f for f in fallen(now, before)}
    assert found["ratchet_county_values"].severity == "critical"
    assert "潮安区2023年县（区）指标观测数由上一版本的12降为5" in found["ratchet_county_values"].message
    assert "ratchet_county" not in found
    assert found["ratchet_observations"].severity == "warning"  # a loss that the whole would have let pass


def test_a_county_of_few_reports_never_closes_the_gate_by_its_values() -> None:
    before = tables(*(report(number) for number in range(1, 6)))
    now = tables(*(report(number, mapped=number > 4) for number in range(1, 6)))
    found = {f.check: f.severity for f in fallen(now, before)}
    assert found["ratchet_county_values"] == "warning"


def test_fewer_figures_with_an_indicator() -> None:
    before = tables(*(report(number) for number in range(1, 11)))
    now = tables(*(report(number, mapped=number > 2) for number in range(1, 11)))
    found = {f.check: f.severity for f in fallen(now, before)}
    assert found["ratchet_mapped"] == "critical"
    assert found["ratchet_observations"] == "warning"


def test_a_worse_result_on_the_labelled_reports() -> None:
    made = tables(report(1))
    was, now = Evaluation(0.99, 0.98, 0.95, 0.90, 24), Evaluation(0.99, 0.97, 0.95, 0.85, 24)
    found = fallen(made, made, evaluation=now, previous_evaluation=was)
    worst, other = sorted(found, key=order)
    assert brief([worst, other]) == [("ratchet_evaluation", name, None) for name in ("critical", "warning")]
    assert worst.message.startswith("指标归类召回率：标注报告上的准确率或召回率由上一版本的90.0%降为85.0%")


def seed() -> Case:
    """The sample report with its labelled mentions."""
    text = (DATA / "seed_clean.txt").read_text(encoding="utf-8").strip()
    mentions = []
    with (DATA / "seed_mentions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            indicators = tuple(row["indicator"].split(";")) if row["indicator"] else ()
            unit = row["unit_surface"]
            mentions.append(
                Told(
                    row["clause"],
                    row["surface"],
                    Decimal(row["value"]),
                    unit,
                    indicators,
                    row["kind"],
                    row["qualifier"],
                )
            )
    return Case(text, mentions)


def test_the_sample_report_has_the_findings_that_a_careful_reader_wants() -> None:
    result = validated(tables(seed()))
    told_ = [(f.check, f.severity, f.indicator) for f in result.findings]
    assert told_ == [
        ("sum_of_parts", "warning", "admin_penalty_cases"),
        ("cases_open", "info", "hotline_orders_resolved"),
        ("cases_open", "info", "penalty_cases_closed"),
        ("cases_open", "info", "petitions_resolved"),
    ]
    parts, *_, petitions = result.findings
    assert "71+12+7+1=91" in parts.message
    assert "行政处罚案件92宗" in parts.evidence
    assert "31件中有9件尚未办结" in petitions.message
    assert not result.gate_closed
