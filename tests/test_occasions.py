"""Figures of one day, month or campaign: the last words that date hold until the next. All texts are ours (合成)."""

import csv

import pytest

from seeds import SEEDS
from transforms.extraction import extract, quantities
from transforms.occasions import occasions

TITLE = "云岭镇2025年法治政府建设年度报告\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("此次行动共出动执法人员46人，拆除违建3处。", ["此次", "此次"]),
        ("11月5日，联合拆除违建2宗。拆除面积960平方米。", ["11月5日", "11月5日"]),
        ("活动现场发放资料300份。截至目前，解答咨询40人次。", ["活动现场", "活动现场"]),
        ("本周检查商铺18家，整改6处。", ["本周", "本周"]),
        # A year, or a period that runs up to a day, is none.
        ("今年以来，拆除违建57宗。", [""]),
        ("2025年，拆除违建57宗。", [""]),
        ("截至2025年12月25日，行政处罚案件17起。", [""]),
        ("自2024年1月1日起至12月31日止，收到申请2件。", [""]),
        ("1月至11月，检查企业210家次。", [""]),
        # The next dating words take over; the whole township ends it in a later sentence, a paragraph always.
        ("近日，拆除违建2宗。今年以来，累计拆除57宗。", ["近日", ""]),
        ("活动当天，接受咨询60人次。全镇调解纠纷120件。", ["活动当天", ""]),
        ("此次讲座60人参加。\n调解纠纷120件。", ["此次", ""]),
        ("当日受理当日办结事项210件。", [""]),
        ("当月办结诉求31件。", [""]),
        # A limit of days is none, 12月4日前后 is a day and no 日前; half a year and a quarter are of the year.
        ("文件3件均在15日内报备，清理11件。", ["", ""]),
        ("12月4日前后宪法宣誓1次。", [""]),
        ("一般事项3日办结，复杂事项不超15日，办理事项1236件。", [""]),
        ("时限由法定20日压到3.5日，作出处罚37件。", [""]),
        ("5日，作出处罚37件。15日夜查摊点31处。", ["5日", "15日"]),
        ("到昨天为止登记134件，到11月30日为止化解131件。", ["", ""]),
        ("自5月试运行以来共受理事项236件。", [""]),
        ("活动当天检查9家。上半年检查120家，一季度66家。", ["活动当天", "", ""]),
        ("活动当天检查9家。至年末检查120家。", ["活动当天", ""]),
        # A day is over where something is counted up to a date, or what no single day holds.
        ("10月20日召开会议1次。截止10月19日，工单126件。", ["10月20日", ""]),
        ("12月5日，参训93人。党工委会19次，发放资料300份。", ["12月5日", "", "12月5日"]),
        ("12月4日，镇里举办活动1场。各校同步开讲18场，巡查12次。", ["12月4日"] * 3),
        # What is done the same day is told for itself; the sum of several occasions is none of them.
        ("受理纠纷312件，当日化解201件，最终化解298件。", ["", "当日化解", ""]),
        ("3月宣讲11场、6月5场、12月9场，合计25场。", ["3月", "6月", "12月", ""]),
        ("12月宣讲9场，发放资料合计600份。", ["12月", "12月"]),
    ],
)
def test_the_last_words_that_date_hold(text: str, words: list[str]) -> None:
    _, found = quantities(text)

    assert occasions(text, found) == words


def test_what_was_done_on_one_occasion_states_nothing_and_what_there_is_then_does() -> None:
    text = TITLE + "12月4日，镇司法所在农贸市场开展宣传，发放宣传资料600份。全年调解矛盾纠纷120件。"

    day, year = extract(text)

    assert (day.surface, day.indicators, day.scope) == ("600份", (), "part")
    assert (year.surface, year.indicators, year.scope) == ("120件", ("mediation_cases_accepted",), "township")


def test_every_row_of_the_words_has_a_kind_and_none_stands_twice() -> None:
    with (SEEDS / "occasions.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(row["kind"], row["term"]) for row in csv.DictReader(lines)]

    assert {kind for kind, _ in rows} == {"occasion", "day", "spell", "year", "own", "none", "clause"}
    assert len({term for _, term in rows}) == len(rows)
