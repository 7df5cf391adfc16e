"""What a figure is: done this year, planned, required, last year's, a change, a verbal zero."""

import pytest
from told import told


def kinds(text: str) -> list[tuple[str, str, str]]:
    return [(surface, value, kind) for surface, value, _, _, kind in told(text)]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            "信访总量由去年的45件下降到31件，下降31.1%。",
            [("45件", "45", "prior"), ("31件", "31", "actual"), ("31.1%", "-31.1", "change")],
        ),
        (
            "受理申请58件，较上年同期62件减少4件，同比下降6.5%。",
            [
                ("58件", "58", "actual"),
                ("62件", "62", "prior"),
                ("4件", "-4", "change"),
                ("6.5%", "-6.5", "change"),
            ],
        ),
        (
            "接访35批128人次，同比分别下降10%和15%。",
            [
                ("35批", "35", "actual"),
                ("128人次", "128", "actual"),
                ("10%", "-10", "change"),
                ("15%", "-15", "change"),
            ],
        ),
        ("执法人员较年初净增4人，现有13人。", [("4人", "4", "change"), ("13人", "13", "actual")]),
        (
            "覆盖率由37.5%提升到95.6%，高于全县平均水平3个百分点。",
            [("37.5%", "37.5", "prior"), ("95.6%", "95.6", "actual"), ("3个百分点", "3", "change")],
        ),
        ("精简证明材料25份，新增持证人员5名。", [("25份", "25", "actual"), ("5名", "5", "actual")]),
        ("上年结转案件3件，今年新收12件。", [("3件", "3", "actual"), ("12件", "12", "actual")]),
        (
            "去年受理40件、办结38件，今年受理52件。",
            [("40件", "40", "prior"), ("38件", "38", "prior"), ("52件", "52", "actual")],
        ),
    ],
)
def test_changes_and_the_levels_they_start_from(text: str, records: list[tuple[str, str, str]]) -> None:
    assert kinds(text) == records


@pytest.mark.parametrize(
    "text",
    [
        "每季度听取一次工作汇报",
        "每月组织1次案例研讨",
        "每村配备1名法律顾问",
        "坚持一年两次述法",
        "执法人员每年培训不少于60学时",
        "原则上每所学校2名辅导员",
        "巡查频次为2次/周",
        "达到规定的40学时",
        "每半年至少开展1轮清理",
    ],
)
def test_norms_and_rhythms(text: str) -> None:
    assert [kind for _, _, kind in kinds(text)] == ["norm"]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("坚持每周三集中学法，全年共50次", [("50次", "50", "actual")]),
        ("每名干部联系群众，累计走访300户", [("300户", "300", "actual")]),
        ("平均每村3名“法律明白人”", [("3名", "3", "actual")]),
        ("“最多跑一趟”事项41项", [("一趟", "1", "name"), ("41项", "41", "actual")]),
        ("每人罚款200元", [("200元", "200", "actual")]),
    ],
)
def test_results_that_stand_beside_a_rhythm(text: str, records: list[tuple[str, str, str]]) -> None:
    assert kinds(text) == records


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("计划开展培训6场，力争覆盖率达到95%以上。", [("6场", "6", "plan"), ("95%以上", "95", "plan")]),
        ("下一步将新建法治广场2个。", [("2个", "2", "plan")]),
        ("计划安装监控20台，目前已安装15台。", [("20台", "20", "plan"), ("15台", "15", "actual")]),
        ("完成了县里下达的3500户任务。", [("3500户", "3500", "plan")]),
        ("按计划开展宣讲12场。", [("12场", "12", "actual")]),
        ("争取上级资金80万元。", [("80万元", "800000", "actual")]),
        ("朝着95%的年度目标推进。", [("95%", "95", "plan")]),
    ],
)
def test_plans_outside_the_outlook(text: str, records: list[tuple[str, str, str]]) -> None:
    assert kinds(text) == records


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("以每季度2次的频次组织干部学法8次。", [("2次", "2", "norm"), ("8次", "8", "actual")]),
        (
            "按照每村不少于3名的标准配备法治副主任26名。",
            [("不少于3名", "3", "norm"), ("26名", "26", "actual")],
        ),
        ("每季度召开会议1次、学法2次。", [("1次", "1", "norm"), ("2次", "2", "norm")]),
    ],
)
def test_a_rule_speaks_for_the_figure_that_it_governs(text: str, records: list[tuple[str, str, str]]) -> None:
    assert kinds(text) == records


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            "2023年，青山街道将信访工作作为重点任务。全年累计走访59户。",
            [("59户", "59", "actual")],
        ),
        ("2024年，青山镇将继续把普法作为重点，开展活动20场。", [("20场", "20", "plan")]),
        (
            "2022年，公开信息32条，包括通知8条、2021年信息公开年报1条。2022年走访5户。",
            [("32条", "32", "actual"), ("8条", "8", "actual"), ("1条", "1", "prior"), ("5户", "5", "actual")],
        ),
        (
            "2024年收到申请158件，办结121件，转2025年办理37件。",
            [
                ("158件", "158", "actual"),
                ("121件", "121", "actual"),
                ("37件", "37", "actual"),
            ],
        ),
    ],
)
def test_what_looks_ahead_and_is_none(text: str, records: list[tuple[str, str, str]]) -> None:
    """将 may put an object first, a list may name last year's document, work may be left to next year."""
    assert kinds(text) == records


REPORT = """云溪镇2022年法治政府建设年度报告
一、主要做法
2022年召开专题会议5次，2021年为3次。2020年以来累计培训90人。
二、存在的不足和下一步打算
专职人员仅2名。下一步，开展轮训4期，每季度通报一次。
（一）2023年工作安排
新建调解室3间。
三、其他需要报告的事项
收取信息处理费0元。"""


def test_kinds_follow_sections_and_years() -> None:
    assert kinds(REPORT) == [
        ("5次", "5", "actual"),
        ("3次", "3", "prior"),
        ("90人", "90", "actual"),
        ("2名", "2", "actual"),
        ("4期", "4", "plan"),
        ("一次", "1", "plan"),
        ("3间", "3", "plan"),
        ("0元", "0", "actual"),
    ]


@pytest.mark.parametrize(
    ("text", "surface", "unit"),
    [
        ("全年未发生行政复议、行政诉讼案件。", "未发生", ""),
        ("未发生一起因执法引发的投诉。", "未发生一起", "起"),
        ("没有收到政府信息公开申请。", "没有收到", ""),
        ("案件办理无一起被撤销。", "无一起", "起"),
        ("本镇无行政应诉案件。", "无", ""),
        ("行政复议案件为零。", "为零", ""),
        ("实现全年零投诉。", "零", ""),
        ("连续三年实现“零上访”。", "零", ""),
        ("未制定出台规范性文件。", "未制定出台", ""),
        ("败诉案件不存在。", "不存在", ""),
        ("全年没有越级上访。", "没有", ""),
        ("未被提起行政诉讼。", "未被提起", ""),
        ("去年未转结政府信息公开申请。", "未转结", ""),
        ("当事人均未申请行政复议。", "未申请", ""),
        ("全年未开展公平竞争审查。", "未开展", ""),
        ("无发生生产安全事故。", "无发生", ""),
        ("无重大安全事故。", "无", ""),
        ("无违法建设投诉。", "无", ""),
        ("未因政府信息公开引发行政诉讼。", "未", ""),
        ("未向申请人收取任何费用。", "未", ""),
    ],
)
def test_verbal_zeros(text: str, surface: str, unit: str) -> None:
    assert told(text) == [(surface, "0", unit, "exact", "zero")]


@pytest.mark.parametrize(
    "text",
    [
        "尚未办结，未能履职，没有行政处罚权。",
        "没有直接对应的主管部门，无障碍设施，无证经营，无故缺席，有无纠纷都要报告。",
        "确保不发生安全事故，防止出现无人管理的现象。",
        "“零距离”服务、零门槛、零跑腿、争创零上访村居目标。",
        "街道无权制定规范性文件。",
        "除法定主体外无非法定主体制定文件的情况。",
        "开具无犯罪记录证明，关注无业人员信访动向，无效投诉不予受理。",
        "公开内容未涉及国家秘密，未对环境产生影响，未开展听证的事项要补办。",
        "服务零距离、办事零推诿、群众零投诉",
    ],
)
def test_negations_that_deny_no_count(text: str) -> None:
    assert told(text) == []
