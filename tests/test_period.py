"""For which year: title, first sentence, period statements; the year of publication is not the year reported on."""

from datetime import date

import pytest
from synthetic_texts import make

from transforms.document import Refused
from transforms.front import front
from transforms.period import Period, period

BODY = "\n一、主要工作\n全镇召开会议3次，调解纠纷40件。\n二、存在的不足\n力量薄弱。"


def when(text: str, listed: int | None = None, on: date | None = None, file_name: str = "") -> Period:
    return period(front(make(text, on=on)), text, listed, file_name)


def unknown(text: str, **more: date | int) -> Refused:
    with pytest.raises(Refused) as caught:
        when(text, **more)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("title", "first", "year"),
    [
        ("合成镇2023年法治政府建设年度报告", "2023年，合成镇推进依法行政。", 2023),
        ("合成镇2023法治政府建设年度报告", "合成镇推进依法行政。", 2023),
        ("2022年度合成镇依法行政工作总结", "今年以来，合成镇推进依法行政。", 2022),
        ("合成镇二〇二一年度依法行政工作总结", "合成镇推进依法行政。", 2021),
        ("合成镇法治政府建设年度报告", "2024年，合成镇推进依法行政。", 2024),
        ("合成镇法治政府建设年度报告", "现将合成镇2024年度法治政府建设情况报告如下：", 2024),
        ("合成镇2023年工作总结及2024年工作计划", "合成镇推进依法行政。", 2023),
        ("合成镇2023年工作总结和2024年工作打算", "2023年，合成镇推进依法行政。", 2023),
        ("合成镇贯彻《法治政府建设实施纲要（2021-2025年）》2023年度情况报告", "2023年，合成镇推进依法行政。", 2023),
        ("合成镇关于印发《合成镇2022年工作总结》的通知", "合成镇推进依法行政。", 2022),
        ("合成镇政府信息公开工作年度报告", "本报告统计期限自2023年1月1日起至2023年12月31日止。", 2023),
    ],
)
def test_the_year_by_title_and_first_sentence(title: str, first: str, year: int) -> None:
    assert when(f"{title}\n{first}{BODY}").year == year


def test_a_document_number_and_a_plan_year_are_not_the_reports_year() -> None:
    first = "根据〔2024〕15号文件，2023年，合成镇推进依法行政。"
    text = f"合成镇法治政府建设工作总结\n{first}{BODY}\n三、2024年工作计划\n开展培训5次。"
    told = when(text)
    assert told.year == 2023
    assert ("outlook", 2023) in {(w.source, w.year) for w in told.witnesses}


def test_a_government_work_report_is_for_the_year_it_looks_back_on() -> None:
    head = "合成镇2024年政府工作报告\n——2024年1月在人民代表大会上"
    text = f"{head}\n一、2023年工作回顾\n2023年，全镇完成投资3亿元。\n二、2024年工作安排\n完成投资4亿元。"
    told = when(text)
    assert told.year == 2023
    assert "title_year" not in told.flags


@pytest.mark.parametrize("review", ["一、2022年主要工作\n完成投资3亿元。", "2022年以来,完成投资3亿元。"])
def test_a_work_report_that_lost_its_line_breaks_looks_back_too(review: str) -> None:
    text = f"合成镇2023年度政府工作报告各位代表:现在,我代表镇人民政府向大会报告工作。{review}\n二、2023年工作安排"
    assert when(text).year == 2022


def test_the_title_may_bear_the_year_of_publication_when_all_else_agrees_on_the_year_before() -> None:
    first = "2023年，合成镇推进依法行政。现将2023年工作情况报告如下："
    text = f"合成镇2024年法治政府建设年度报告\n{first}{BODY}\n截至2023年12月20日，办理案件3件。"
    told = when(text, on=date(2024, 1, 15))
    assert (told.year, told.flags) == (2023, ("cut_off", "title_year"))


def test_a_wrong_year_in_a_heading_is_told_and_does_not_win() -> None:
    first = "2025年，合成镇推进依法行政。现将情况报告如下："
    text = f"合成镇2025年法治政府建设年度报告\n{first}\n一、2024年法治政府建设情况\n开展会议3次。"
    told = when(text)
    assert (told.year, told.flags) == (2025, ("heading_year",))


def test_publication_alone_gives_no_year_but_a_hint_to_the_person() -> None:
    refused = unknown(f"合成镇法治政府建设工作总结\n今年以来，合成镇推进依法行政。{BODY}", on=date(2024, 1, 15))
    assert refused.reason == "year_unknown"
    assert "2023" in refused.detail
    assert "report_year" in refused.detail


def test_two_years_with_equal_evidence_are_no_year() -> None:
    refused = unknown(f"合成镇2022年法治政府建设报告\n2023年，合成镇推进依法行政。{BODY}\n2023年办案3件。")
    assert refused.reason == "year_unknown"
    assert "2022" in refused.detail
    assert "2023" in refused.detail


def test_the_source_list_helps_where_the_text_is_weak() -> None:
    text = f"合成镇法治政府建设工作总结\n今年以来，合成镇推进依法行政。{BODY}"
    assert when(text, listed=2023, on=date(2024, 1, 15)).year == 2023
    alone = when(text, listed=2023)  # the refusal asks for report_year in the list: given there, it must help
    assert (alone.year, alone.flags) == (2023, ("year_listed",))
    assert when(text, listed=2023, file_name="合成镇2023年总结.docx").year == 2023


@pytest.mark.parametrize(
    ("title", "end", "flag"),
    [
        ("合成镇2023年上半年法治政府建设工作总结", date(2023, 6, 30), "half_year"),
        ("合成镇2023年半年工作总结", date(2023, 6, 30), "half_year"),
        ("合成镇2023年前三季度工作情况报告", date(2023, 9, 30), "quarter"),
        ("合成镇2023年第一季度工作情况报告", date(2023, 3, 31), "quarter"),
        ("合成镇2023年1-10月工作情况报告", date(2023, 10, 31), "quarter"),
    ],
)
def test_a_part_of_the_year_is_told(title: str, end: date, flag: str) -> None:
    told = when(f"{title}\n合成镇推进依法行政。现将情况报告如下：{BODY}")
    assert (told.year, told.end, told.partial, told.flags) == (2023, end, True, (flag,))


def test_several_years_are_told() -> None:
    told = when(f"合成镇2021-2023年法治政府建设工作总结\n三年来，合成镇推进依法行政。现将情况报告如下：{BODY}")
    assert (told.year, told.flags) == (2023, ("multi_year",))


@pytest.mark.parametrize(
    ("sentence", "end", "partial"),
    [
        ("截至2023年12月25日，收到信访件31件。", date(2023, 12, 25), True),
        ("截止至2023年11月底，收到信访件31件。", date(2023, 11, 30), True),
        ("截至2023年10月，收到信访件31件。", date(2023, 10, 31), True),
        ("截至2023年12月31日，收到信访件31件。", date(2023, 12, 31), False),
        ("截至2023年底，收到信访件31件。", date(2023, 12, 31), False),
        ("截至目前，收到信访件31件。", None, False),
        ("全年收到信访件31件。", None, False),
        ("统计期限自2023年1月1日起至2023年12月31日止，收到信访件31件。", date(2023, 12, 31), False),
    ],
)
def test_the_last_day_that_figures_cover(sentence: str, end: date | None, partial: bool) -> None:
    told = when(f"合成镇2023年法治政府建设年度报告\n2023年，合成镇推进依法行政。\n一、主要工作\n{sentence}")
    assert (told.year, told.end, told.partial) == (2023, end, partial)
    assert ("cut_off" in told.flags) == partial


def test_the_cut_off_of_one_figure_is_not_that_of_a_report_that_goes_on() -> None:
    head = "合成镇2023年法治政府建设年度报告\n2023年，合成镇推进依法行政。\n一、主要工作"
    text = f"{head}\n截至2023年6月30日，全镇党员800人。\n11月23日，设置宣传架。"
    assert when(text).end is None
    assert when(text.replace("11月23日", "3月23日")).end == date(2023, 6, 30)


def test_a_cut_off_in_the_new_year_belongs_to_the_old_one() -> None:
    told = when(f"合成镇2023年法治政府建设年度报告\n合成镇推进依法行政。{BODY}\n截至2024年1月10日，办结案件3件。")
    assert (told.year, told.end, told.partial) == (2023, None, False)
