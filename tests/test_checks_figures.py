"""Rates, changes, repeats, counts of villages, ranges: figures against figures. All sentences are synthetic (合成)."""

from decimal import Decimal

import pytest
from cases import SHAXI, Case, brief, check, told

from expectations import check_repeats
from expectations.check_rates import agrees, decimals
from transforms import observations


@pytest.mark.parametrize(
    ("rate", "settled", "received", "right"),
    [
        ("70.97%", 22, 31, True),  # rounded
        ("70.9%", 22, 31, True),  # cut off
        ("71%", 22, 31, True),
        ("70%", 22, 31, True),
        ("72%", 22, 31, False),
        ("100%", 22, 31, False),
        ("100%", 31, 31, True),
        ("71.1%", 22, 31, False),
    ],
)
def test_a_rate_against_its_two_sides(rate: str, settled: int, received: int, right: bool) -> None:
    text = f"收到信访件{received}件，办结信访件{settled}起，信访办结率{rate}。"
    case = Case(
        text,
        [
            told(text, f"{received}件", received, "件", "petitions_received"),
            told(text, f"{settled}起", settled, "件", "petitions_resolved"),
            told(text, rate, rate.removesuffix("%"), "%", "petition_resolution_rate"),
        ],
    )
    found = check(case, only="rate_mismatch")
    assert brief(found) == ([] if right else [("rate_mismatch", "warning", "petition_resolution_rate")])


def test_rates_given_as_bounds() -> None:
    assert agrees(98.0, 0, 99.2, "at_least")
    assert not agrees(98.0, 0, 96.9, "at_least")
    assert agrees(99.0, 0, 98.6, "nearly")
    assert decimals("98.90%") == 2


def year(number: int, text: str, *mentions: tuple[str, str, str, str, str], about: str = "petitions_received") -> Case:
    """A report whose mentions are (surface, value, unit, kind, indicator)."""
    rows = [
        told(text, surface, Decimal(value), unit, *([about] if kind == "actual" else []), kind=kind, about=(about,))
        for surface, value, unit, kind, _ in mentions
    ]
    return Case(text, rows, year=number)


def test_a_stated_change_against_last_years_report() -> None:
    last = year(2022, "收到信访件50件。", ("50件", "50", "件", "actual", ""))
    right = year(
        2023, "收到信访件54件，同比增长8%。", ("54件", "54", "件", "actual", ""), ("8%", "8", "%", "change", "")
    )
    wrong = year(
        2023, "收到信访件54件，同比增长12%。", ("54件", "54", "件", "actual", ""), ("12%", "12", "%", "change", "")
    )
    assert check(last, right) == []
    (finding,) = check(last, wrong)
    assert (finding.check, finding.severity, finding.report_year) == ("change_mismatch", "warning", 2023)
    assert finding.evidence == "收到信访件54件，同比增长12%。\n收到信访件50件。"
    assert "应为8%" in finding.message


def test_a_fall_with_its_sign_and_a_difference_in_cases() -> None:
    last = year(2022, "收到信访件50件。", ("50件", "50", "件", "actual", ""))
    fall = year(
        2023, "收到信访件45件，同比下降10%。", ("45件", "45", "件", "actual", ""), ("10%", "-10", "%", "change", "")
    )
    fewer = year(
        2023, "收到信访件45件，比上年减少6件。", ("45件", "45", "件", "actual", ""), ("6件", "-6", "件", "change", "")
    )
    assert check(last, fall) == []
    assert brief(check(last, fewer)) == [("change_mismatch", "warning", "petitions_received")]


def test_last_years_figure_as_told_and_as_reported() -> None:
    last = year(2022, "收到信访件50件。", ("50件", "50", "件", "actual", ""))
    told_wrong = year(
        2023, "收到信访件54件，上年为60件。", ("54件", "54", "件", "actual", ""), ("60件", "60", "件", "prior", "")
    )
    (finding,) = check(last, told_wrong)
    assert (finding.check, finding.ordinal) == ("prior_mismatch", 2)
    assert "2022年报告为50" in finding.message


def test_a_change_from_the_level_that_the_same_report_tells() -> None:
    case = year(
        2023,
        "收到信访件54件，上年50件，增长20%。",
        ("54件", "54", "件", "actual", ""),
        ("50件", "50", "件", "prior", ""),
        ("20%", "20", "%", "change", ""),
    )
    assert brief(check(case)) == [("change_mismatch", "warning", "petitions_received")]


def test_the_same_figure_told_twice() -> None:
    text = "收到信访件31件。\n信访工作：全年收到信访件41起。"
    case = Case(
        text,
        [
            told(text, "31件", 31, "件", "petitions_received"),
            told(text, "41起", 41, "件", "petitions_received"),
        ],
    )
    (finding,) = check(case)
    assert (finding.check, finding.severity) == ("stated_twice", "warning")
    assert finding.evidence == "收到信访件31件。\n信访工作：全年收到信访件41起。"


def test_what_is_told_twice_is_what_makes_a_cell_a_conflict() -> None:
    assert check_repeats.MARGIN == observations.MARGIN


@pytest.mark.parametrize(
    ("first", "second", "qualifier"), [("512条", "500余条", "over"), ("1990条", "近2000条", "nearly")]
)
def test_rounded_and_exact_tellings_of_one_figure_agree(first: str, second: str, qualifier: str) -> None:
    text = f"悬挂横幅{first}。\n全年悬挂横幅{second}。"
    digits = "".join(filter(str.isdigit, second))
    case = Case(
        text,
        [
            told(text, first, first[:-1], "条", "banners"),
            told(text, second, digits, "条", "banners", qualifier=qualifier),
        ],
    )
    assert check(case, only="stated_twice") == []


@pytest.mark.parametrize(("count", "found"), [(18, 0), (17, 0), (20, 0), (28, 1), (8, 1)])
def test_village_committees_against_the_registrys_eighteen(count: int, found: int) -> None:
    text = f"全镇设立村级调委会{count}个。"
    case = Case(text, [told(text, f"{count}个", count, "个", "village_mediation_committees")])
    assert len(check(case, only="registry_mismatch")) == found


@pytest.mark.parametrize(("count", "found"), [(5, 0), (18, 0), (30, 1)])
def test_villages_with_an_adviser_may_be_fewer_but_not_more(count: int, found: int) -> None:
    text = f"{count}个村（社区）签订法律顾问协议。"
    case = Case(text, [told(text, f"{count}个", count, "个", "village_legal_adviser_coverage")])
    assert len(check(case, only="registry_mismatch")) == found


def test_no_registry_count_no_finding() -> None:
    text = "全镇设立村级调委会28个。"
    place = SHAXI._replace(village_count=0)
    assert check(Case(text, [told(text, "28个", 28, "个", "village_mediation_committees")], township=place)) == []


def test_values_outside_the_dictionarys_range() -> None:
    text = "全年罚款9亿元。"
    (finding,) = check(Case(text, [told(text, "9亿元", 900_000_000, "元", "penalty_fine_amount")]))
    assert (finding.check, finding.severity) == ("implausible", "warning")
    assert "0–" in finding.message


def test_more_people_than_residents() -> None:
    text = "全镇常住人口4.2万人，培育法律明白人5.1万人。"
    case = Case(
        text,
        [
            told(text, "4.2万人", 42_000, "人", "resident_population"),
            told(text, "5.1万人", 51_000, "人", "law_literate_persons"),
        ],
    )
    assert ("per_capita", "warning", "law_literate_persons") in brief(check(case))


def test_figures_beside_damage() -> None:
    text = "收到信访件3?件。"
    case = Case(text, [told(text, "3?件", 3, "件", "petitions_received", damaged=True)])
    assert brief(check(case)) == [("damaged_figure", "warning", "petitions_received")]
