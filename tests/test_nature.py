"""Is it a township's report at all: templates, plans, news and other bodies' reports are refused, kin are not."""

import pytest
from synthetic_texts import make

from transforms.document import Refused
from transforms.identity import identify
from transforms.nature import is_genre
from transforms.registry import Registry

MIDDLE = "\n一、主要工作\n全镇召开会议3次，调解纠纷40件，发放资料2000份。\n二、存在的不足\n力量薄弱。"


def judge(text: str, title: str | None = None) -> str:
    """``report``, or the reason of the refusal."""
    try:
        identify(make(text, title=title), Registry.load())
    except Refused as refused:
        return refused.reason
    return "report"


@pytest.mark.parametrize(
    "title",
    [
        "潮安区沙溪镇2023年法治政府建设年度报告",
        "潮安区沙溪镇人民政府关于2023年度法治政府建设工作情况的报告",
        "潮安区沙溪镇2023年工作总结",
        "潮安区沙溪镇2023年工作总结及2024年工作计划",
        "潮安区沙溪镇2023年政府信息公开工作年度报告",
        "潮安区沙溪镇2023年度依法行政工作自查报告",
        "潮安区沙溪镇2023年法治建设工作汇报",
        "潮安区沙溪镇2023年度党政主要负责人履行推进法治建设第一责任人职责述职报告",
        "潮安区沙溪镇2023年政府工作报告",
        "潮安区沙溪镇推进法治政府建设工作情况（2023年）",
        "关于潮安区沙溪镇2023年法治政府建设情况的报告",
        "潮安区沙溪镇关于印发《沙溪镇2023年法治政府建设工作总结》的通知",
    ],
)
def test_kin_of_the_yearly_report_are_reports(title: str) -> None:
    assert judge(f"{title}\n2023年，沙溪镇推进依法行政。现将情况报告如下：{MIDDLE}") == "report"


def test_a_report_without_a_title_is_known_by_how_it_opens() -> None:
    assert (
        judge(f"2023年，在区委、区政府的领导下，潮安区沙溪镇推进依法行政。现将我镇工作情况总结如下：{MIDDLE}")
        == "report"
    )


@pytest.mark.parametrize(
    "title",
    [
        "潮安区沙溪镇2023年法治政府建设工作要点",
        "潮安区沙溪镇2023年普法依法治理工作计划",
        "潮安区沙溪镇法治政府建设实施方案",
        "潮安区沙溪镇2023年政府信息公开指南",
        "潮安区沙溪镇2023年行政执法事项清单",
        "潮安区沙溪镇人民政府关于禁止露天焚烧的通告",
        "潮安区沙溪镇召开2023年法治政府建设推进会",
        "潮安区沙溪镇开展2023年宪法宣传周活动",
        "关于《潮安区沙溪镇2023年工作总结》的政策解读",
    ],
)
def test_plans_notices_and_news_are_no_reports(title: str) -> None:
    text = f"{title}\n为推进依法行政，沙溪镇组织开展活动，镇村干部60人参加，发放资料300份。"
    assert judge(text) == "not_a_report"


def test_a_news_item_without_a_title() -> None:
    text = "近日，潮安区沙溪镇组织召开述法评议会议，各村主要负责人现场述法，与会人员40人参加评议。"
    assert judge(text) == "not_a_report"


@pytest.mark.parametrize(
    "text",
    [
        f"XX镇2023年法治政府建设年度报告\n2023年，XX镇推进依法行政。现将情况报告如下：{MIDDLE}",
        f"沙溪镇20xx年法治政府建设年度报告\n20xx年，xx镇推进依法行政。现将情况报告如下：{MIDDLE}",
        "潮安区沙溪镇2023年法治政府建设年度报告\n一、主要工作\n召开会议**次，调解纠纷*件，发放资料*份，培训*人次。",
        "潮安区沙溪镇2023年法治政府建设年度报告\n一、主要工作\n召开会议×次，调解纠纷×件，发放资料×份，共3场。",
        "潮安区沙溪镇2023年法治政府建设年度报告\n一、主要工作\n召开会议___次，调解纠纷___件，发放资料___份。",
        f"乡镇2023年法治政府建设年度报告范文（精选5篇）\n2023年，我镇推进依法行政。现将情况报告如下：{MIDDLE}",
    ],
)
def test_templates_and_masked_copies(text: str) -> None:
    assert judge(text) == "not_a_report"


def test_one_masked_word_does_not_make_a_template() -> None:
    masked = "调解张某某、李××纠纷1件，“1+3+x”模式1个。"
    text = f"潮安区沙溪镇2023年法治政府建设年度报告\n2023年，沙溪镇推进依法行政。{MIDDLE}\n{masked}"
    assert judge(text) == "report"


@pytest.mark.parametrize(
    "title",
    [
        "潮安区2023年法治政府建设年度报告",
        "潮安区人民政府关于2023年法治政府建设情况的报告",
        "2023年度潮州市法治政府建设情况报告",
        "广东省人民政府2023年法治政府建设年度报告",
        "潮安区司法局2023年法治政府建设年度报告",
        "潮安区农业农村局关于2023年依法行政工作情况的报告",
        "潮安区人民法院2023年工作报告",
        "国家税务总局潮安区税务局2023年法治建设工作总结",
        "中共潮安区委办公室2023年工作总结",
        "潮安区沙溪镇玉湖村2023年工作总结",
        "潮安区沙溪镇玉湖村民委员会2023年工作总结",
        "玉湖村2023年工作总结",
        "潮安区沙溪镇中心小学2023年法治工作总结",
        "潮安区沙溪镇司法所2023年工作总结",
        "潮安区沙溪镇卫生院2023年工作总结",
        "潮安区沙溪镇综合行政执法大队2023年工作总结",
        "潮安区沙溪供水有限公司2023年年度报告",
    ],
)
def test_reports_of_other_bodies_are_not_a_townships(title: str) -> None:
    text = f"{title}\n2023年，推进依法行政。现将情况报告如下：\n一、主要工作\n全区召开会议3次，指导沙溪镇调解纠纷40件。"
    assert judge(text) == "not_a_township"


def test_a_text_that_speaks_as_a_county_is_a_countys() -> None:
    first = "2023年，我区推进依法行政，全区调解纠纷900件。现将我区情况报告如下："
    assert judge(f"2023年法治政府建设工作情况报告\n{first}\n一、主要工作\n全区召开会议3次。") == "not_a_township"


def test_the_name_of_the_site_is_not_the_issuer() -> None:
    text = f"沙溪镇2023年法治政府建设年度报告\n2023年，沙溪镇推进依法行政。现将情况报告如下：{MIDDLE}"
    assert judge(text, "沙溪镇2023年法治政府建设年度报告-潮州市潮安区人民政府") == "report"


def test_titles_of_reports_and_of_what_only_speaks_of_reports() -> None:
    assert is_genre("合成镇2023年工作总结及2024年工作计划")
    assert is_genre("关于印发《合成镇2023年工作总结》的通知")
    assert not is_genre("合成镇2024年工作报告撰写方案")
    assert not is_genre("合成镇重大事项请示报告制度")
    assert not is_genre("关于《合成镇2023年工作总结》的解读")


@pytest.mark.parametrize(
    "title",
    [
        "文字解读：潮安区沙溪镇2023年政府信息公开工作年度报告",
        "【政策解读】关于《潮安区沙溪镇2023年法治政府建设年度报告》的政策解读",
        "一图读懂潮安区沙溪镇2023年法治政府建设年度报告",
        "图解：潮安区沙溪镇2023年法治政府建设年度报告",
    ],
)
def test_what_explains_a_report_is_none(title: str) -> None:
    assert judge(f"{title}\n一、编制背景\n根据有关要求编写本报告。{MIDDLE}") == "not_a_report"


def test_a_summary_of_explaining_policies_is_a_report() -> None:
    assert judge(f"潮安区沙溪镇2023年政策解读工作总结\n2023年，沙溪镇推进政务公开。{MIDDLE}") == "report"


@pytest.mark.parametrize(
    "words",
    ["下面是小编为大家整理的乡镇工作总结，供大家参考。", "来源：网友投稿", "亲，已超出免费预览范围。"],
)
def test_what_a_site_of_samples_hands_out_is_no_report(words: str) -> None:
    text = f"{words}\n2023年，在区委、区政府的领导下，潮安区沙溪镇推进依法行政。现将我镇工作情况总结如下：{MIDDLE}"
    assert judge(text) == "not_a_report"


@pytest.mark.parametrize(
    "text",
    [
        "甲州市城市管理委员会2023年政府信息公开工作年度报告\n2023年，本单位推进依法行政。",
        "自治区人民政府办公厅2023年\n政府信息公开工作年度报告\n2023年，本单位推进依法行政。",
        "根据有关规定，现公布潮安区人民政府办公室2023年政府信息公开工作年度报告。2023年，指导各镇街推进公开。",
        "根据有关规定，编制并发布潮州市农业农村局2023年政府信息公开工作年度报告。2023年，推进公开。",
    ],
)
def test_other_bodies_by_their_titles_on_two_lines_or_announced(text: str) -> None:
    assert judge(f"{text}\n一、总体情况\n主动公开信息30条，办理申请2件。\n二、存在的不足\n力量薄弱。") == (
        "not_a_township"
    )


def test_an_index_number_or_a_date_is_no_title() -> None:
    text = (
        "返回顶部\n6107280000/2023-001005\n2023年04月06日 16:40\n潮安区人民政府工作规则\n第一章 总则\n一、制定本规则。"
    )
    assert judge(f"{text}{MIDDLE}") == "not_a_report"
