"""Parts and totals: what the wording claims, and whether the figures keep it. All sentences are synthetic (合成)."""

import pytest
from cases import Case, Told, brief, check, told

from expectations.check_parts import CLAIMS_EN, Claim, adds_up, claim

CASES = "admin_penalty_cases"


def penalties(text: str, *parts: Told, total: str = "92宗") -> Case:
    value = int(total[:-1])
    return Case(text, [told(text, total, value, total[-1], CASES), *parts])


def test_outcomes_done_and_not_done_that_fall_short_of_the_total() -> None:
    text = "全年办理行政处罚案件92宗，其中71宗已办结，12宗当事人申请分期，另有7宗已立案，1宗待申请强制执行。"
    case = penalties(
        text,
        told(text, "71宗", 71, "宗", "penalty_cases_closed", part_of="92宗"),
        told(text, "12宗", 12, "宗", "penalty_cases_instalment", part_of="92宗"),
        told(text, "7宗已", 7, "宗", "penalty_cases_pending", part_of="92宗")._replace(surface="7宗", clause="另有7宗"),
        told("，1宗待", "1宗", 1, "宗", "penalty_cases_awaiting_enforcement", part_of="92宗"),
    )
    (finding,) = check(case, only="sum_of_parts")
    assert (finding.severity, finding.indicator, finding.ordinal) == ("warning", CASES, 1)
    assert "71+12+7+1=91" in finding.message
    assert "92" in finding.message_en
    assert finding.evidence == text


def test_parts_are_found_by_the_dictionary_where_the_extraction_names_no_total() -> None:
    text = "共查处行政处罚案件40件，其中简易程序25件，普通程序14件。"
    case = penalties(
        text,
        told(text, "25件", 25, "件", "penalty_cases_summary"),
        told(text, "14件", 14, "件", "penalty_cases_ordinary"),
        total="40件",
    )
    assert brief(check(case, only="sum_of_parts")) == [("sum_of_parts", "warning", CASES)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("行政处罚案件40件，其中简易程序25件，普通程序15件。", (25, 15)),
        ("行政处罚案件40件，其中市容类20件、环保类9件。", (20, 9)),  # 其中 alone claims nothing
        ("行政处罚案件40件，主要为市容类20件、环保类9件等。", (20, 9)),
        ("行政处罚案件40件（含市容类20件、环保类9件）。", (20, 9)),
        ("行政处罚案件40件，其中办结30件，另有移送3件。", (30, 3)),  # 另有 may be beside the total
        ("行政处罚案件40件，其中办结30余件，正在办理8件。", ("30余", 8)),
        ("行政处罚案件40件，其中重大案件5件，已办结33件，正在办理7件。", (5, 33, 7)),  # two splits, one adds up
    ],
)
def test_lists_that_are_right_or_claim_nothing_are_let_pass(text: str, figures: tuple[int | str, ...]) -> None:
    parts = []
    for figure in figures:
        digits = str(figure).removesuffix("余")
        qualifier = "over" if "余" in str(figure) else "exact"
        parts.append(told(text, f"{figure}件", digits, "件", part_of="40件", qualifier=qualifier))
    assert check(penalties(text, *parts, total="40件"), only="sum_of_parts") == []


@pytest.mark.parametrize(
    ("text", "figures", "claimed"),
    [
        ("行政处罚案件40件，其中市容类20件，其余15件为环保类。", (20, 15), "remainder"),
        ("行政处罚案件40件，其中办结30件，正在办理8件。", (30, 8), "states"),
        ("行政处罚案件40件，分别为市容类20件、环保类15件。", (20, 15), "split"),
        ("行政处罚案件40件：市容类20件，环保类15件。", (20, 15), "split"),
        ("行政处罚案件40件（市容类20件、环保类15件）。", (20, 15), "split"),
        ("市容类20件，环保类15件，合计行政处罚案件40件。", (20, 15), "sum"),
        ("行政处罚案件40件，其中办结30件，另有移送7件。", (30, 7), "further"),
    ],
)
def test_every_wording_that_claims_a_whole(text: str, figures: tuple[int, int], claimed: Claim) -> None:
    parts = [told(text, f"{figure}件", figure, "件", part_of="40件") for figure in figures]
    (finding,) = check(penalties(text, *parts, total="40件"), only="sum_of_parts")
    assert CLAIMS_EN[claimed] in finding.message_en


def test_rates_of_completion_are_no_state_of_cases() -> None:
    assert claim("，办结率98%，其中待建2处，绿化3处") is None
    assert claim("，其中接待群众2人，办结3人") is None


def test_inexact_parts_add_up_within_their_bounds() -> None:
    assert adds_up((92, 92), [(71, 71), (12, 12), (5, 20)])
    assert not adds_up((92, 92), [(71, 71), (12, 12), (5, 6)])


def test_a_part_larger_than_its_total() -> None:
    text = "开展宣传活动21场次（其中法治宣讲74场次）。"
    case = Case(
        text,
        [
            told(text, "21场次", 21, "场次", "publicity_events"),
            told(text, "74场次", 74, "场次", "legal_talks", part_of="21场次"),
        ],
    )
    assert brief(check(case)) == [("part_exceeds_total", "warning", "legal_talks")]


def test_parts_in_other_units_are_not_held_against_the_total() -> None:
    text = "举办活动21场次，其中参加群众740人。"
    case = Case(
        text,
        [told(text, "21场次", 21, "场次", "publicity_events"), told(text, "740人", 740, "人", part_of="21场次")],
    )
    assert check(case) == []


def test_more_settled_than_received_and_cases_open() -> None:
    text = "收到信访件31件，已办结35件。接收工单263个，已处理248个。"
    case = Case(
        text,
        [
            told(text, "31件", 31, "件", "petitions_received"),
            told(text, "35件", 35, "件", "petitions_resolved"),
            told(text, "263个", 263, "个", "hotline_orders_received"),
            told(text, "248个", 248, "个", "hotline_orders_resolved"),
        ],
    )
    found = check(case)
    assert brief(found) == [
        ("resolved_exceeds_received", "warning", "petitions_resolved"),
        ("cases_open", "info", "hotline_orders_resolved"),
    ]
    assert "263件中有15件" in found[1].message


def test_what_was_settled_before_something_else_is_told_is_but_a_note() -> None:
    text = "立案416起，结案402起；作出行政处罚397起。"
    mentions = [
        told(text, "416起", 416, "件"),
        told(text, "402起", 402, "件", "penalty_cases_closed"),
        told(text, "397起", 397, "件", "admin_penalty_cases"),
    ]
    assert brief(check(Case(text, mentions))) == [("resolved_exceeds_received", "info", "penalty_cases_closed")]


def test_settled_cases_elsewhere_in_the_report_and_what_was_carried_over() -> None:
    text = "收到信息公开申请5件。上年结转2件。\n全年办结依申请公开7件。"
    mentions = [
        told(text, "5件", 5, "件", "disclosure_requests_received"),
        told(text, "2件", 2, "件", "disclosure_requests_carried_in"),
        told(text, "7件", 7, "件", "disclosure_requests_answered"),
    ]
    assert check(Case(text, mentions)) == []
    without = [mentions[0], mentions[2]]
    assert brief(check(Case(text, without))) == [("resolved_exceeds_received", "info", "disclosure_requests_answered")]
