"""Numbers alone in the cells of flattened tables: labels, units and what counts nothing."""

from decimal import Decimal

import pytest

from transforms.extraction import quantities

Row = tuple[str, Decimal | None, str, tuple[str, ...]]


def cells(text: str) -> list[Row]:
    return [
        (text[one.start : one.end], one.value, one.unit_surface, tuple(text[slice(*label)] for label in one.labels))
        for one in quantities(text)[1]
    ]


BARS = """主动公开政府信息情况 | |||
第二十条第（一）项 | |||
信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |
规章 | 0 | 0 | 0 |
行政规范性文件 | 2 | 1 | 14 |
第二十条第（八）项 | |||
信息内容 | 本年收费金额（单位：万元） |
行政事业性收费 | 3.5 |
"""


def test_rows_of_bars() -> None:
    assert cells(BARS) == [
        ("0", Decimal(0), "件", ("规章", "本年制发件数")),
        ("0", Decimal(0), "件", ("规章", "本年废止件数")),
        ("0", Decimal(0), "件", ("规章", "现行有效件数")),
        ("2", Decimal(2), "件", ("行政规范性文件", "本年制发件数")),
        ("1", Decimal(1), "件", ("行政规范性文件", "本年废止件数")),
        ("14", Decimal(14), "件", ("行政规范性文件", "现行有效件数")),
        ("3.5", Decimal(35000), "元", ("行政事业性收费", "本年收费金额（单位：万元）")),
    ]


TABS = "序号\t事项\t数量\t金额（元）\n1\t行政处罚\t28\t36500\n2\t行政强制\t3\t0\n"


def test_rows_of_tabs_with_serial_numbers() -> None:
    assert cells(TABS) == [
        ("28", Decimal(28), "", ("行政处罚", "数量")),
        ("36500", Decimal(36500), "元", ("行政处罚", "金额（元）")),
        ("3", Decimal(3), "", ("行政强制", "数量")),
        ("0", Decimal(0), "元", ("行政强制", "金额（元）")),
    ]


STACKED = """信息内容
本年制发件数
本年废止件数
规章
0
0
行政规范性文件
2
1
第二十条第（六）项
信息内容
处理决定数量
行政处罚
21
"""


def test_a_cell_a_line() -> None:
    assert cells(STACKED) == [
        ("0", Decimal(0), "件", ("规章", "本年制发件数")),
        ("0", Decimal(0), "件", ("规章", "本年废止件数")),
        ("2", Decimal(2), "件", ("行政规范性文件", "本年制发件数")),
        ("1", Decimal(1), "件", ("行政规范性文件", "本年废止件数")),
        ("21", Decimal(21), "", ("行政处罚", "处理决定数量")),
    ]


FORM = ("警告", "罚款", "其他行政处罚", "合计（宗）", "罚没金额（万元）")
GROUP, TOTAL, MONEY = "行政处罚实施数量（宗）", FORM[3], FORM[4]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(("青溪镇行政处罚实施情况统计表", GROUP, *FORM, "3", "21", "1", "25", "4.36", "说明：见上")),
        "\n".join(
            (
                "青溪镇情况",
                f"{GROUP} |",
                "||||",
                *(f"{head} |" for head in FORM),
                "3 |",
                "21 |",
                "1 |",
                "25 |",
                "4.36 |",
            )
        ),
        f"青溪镇统计表\n{GROUP} | {MONEY}\n{' | '.join(FORM[:4])} | |\n3 | 21 | 1 | 25 | 4.36 |\n",
    ],
)
def test_heads_then_numbers_without_a_label_of_their_row(text: str) -> None:
    """Kinds are parts of the total behind them, which is of what stands over the heads; the unit is of both."""
    assert cells(text) == [
        ("3", Decimal(3), "宗", ("警告",)),
        ("21", Decimal(21), "宗", ("罚款",)),
        ("1", Decimal(1), "宗", ("其他行政处罚",)),
        ("25", Decimal(25), "宗", (GROUP, TOTAL)),
        ("4.36", Decimal(43600), "元", (MONEY,)),
    ]
    assert [one.scope for one in quantities(text)[1]] == ["part", "part", "part", "township", "township"]


def test_a_row_with_its_own_label_keeps_it() -> None:
    text = "项目\n本年\n上年\n行政检查次数\n5\n3\n"
    assert cells(text) == [
        ("5", Decimal(5), "次", ("行政检查次数", "本年")),
        ("3", Decimal(3), "次", ("行政检查次数", "上年")),
    ]
    text = "单位\n警告\n罚款\n合计\n青溪镇\n1\n2\n3\n云山镇\n0\n4\n4\n"
    assert [labels for *_, labels in cells(text)] == [
        (town, head) for town in ("青溪镇", "云山镇") for head in ("警告", "罚款", "合计")
    ]


def test_as_many_heads_as_numbers() -> None:
    assert cells("行政检查次数\n行政处罚件数\n行政强制件数\n388\n25\n2\n") == [
        ("388", Decimal(388), "次", ("行政检查次数",)),
        ("25", Decimal(25), "件", ("行政处罚件数",)),
        ("2", Decimal(2), "件", ("行政强制件数",)),
    ]


def test_the_unit_above_a_table() -> None:
    text = "经费情况表\n单位：万元\n项目\t本年\t上年\n普法经费\t4.2\t3.8\n"
    assert cells(text) == [
        ("4.2", Decimal(42000), "元", ("普法经费", "本年")),
        ("3.8", Decimal(38000), "元", ("普法经费", "上年")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "指标\t计量单位\t代码\t数量\n行政检查\t次\t01\t340\n罚没金额\t万元\t02\t3.5\n",
        "指标 | 代码 | 数量 | 计量单位\n行政检查 | 01 | 340 | 次\n罚没金额 | 02 | 3.5 | 万元\n",
        "指标\n单位\n数量\n行政检查\n次\n340\n罚没金额\n万元\n3.5\n",
    ],
)
def test_a_column_of_units(text: str) -> None:
    """The unit of a row stands in a cell of its own, and the numbers of its code count nothing."""
    assert cells(text) == [
        ("340", Decimal(340), "次", ("行政检查", "数量")),
        ("3.5", Decimal(35000), "元", ("罚没金额", "数量")),
    ]


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("罚款金额/元", "元"),
        ("行政处罚（宗数）", "宗"),
        ("调解起数", "起"),
        ("培训期数", "期"),
        ("宣传场数", "场"),
        ("检查家数", "家"),
        ("检查批次数", "批次"),
        ("外聘专家数", ""),
        ("农贸市场数", ""),
        ("会议周期数", ""),
        ("行政审批数", ""),
        ("志愿者注册数", ""),
        ("法治广场数", ""),
        ("所辖村/社区", ""),
        ("责任部门/科室", ""),
    ],
)
def test_a_head_that_tells_a_unit(head: str, unit: str) -> None:
    assert cells(f"事项\t{head}\n青溪镇\t8\n") == [("8", Decimal(8), unit, ("青溪镇", head))]


def test_a_caption_of_several_units_tells_none() -> None:
    assert [unit for *_, unit, _ in cells("执法情况表（单位：件、次）\n许可\t3\n检查\t40\n")] == ["", ""]


def test_an_empty_last_cell_does_not_hide_the_head() -> None:
    assert cells("序号|事项|件数|备注\n1|行政许可|12|无\n2|行政确认|30|\n") == [
        ("12", Decimal(12), "件", ("行政许可", "件数")),
        ("30", Decimal(30), "件", ("行政确认", "件数")),
    ]


def test_years_that_head_columns_count_nothing() -> None:
    assert cells("2022\t2023\n调解案件\t31\t28\n") == [
        ("31", Decimal(31), "", ("调解案件",)),
        ("28", Decimal(28), "", ("调解案件",)),
    ]


def test_a_label_with_a_long_explanation_in_its_bracket() -> None:
    label = "规范性文件（本机关制定的决定、公告，以及标题为“规定”“办法”“细则”“规则”等的公文，一般都属于规范性文件）"
    text = f"信息内容\n\n本年制发件数\n\n本年废止件数\n\n{label}\n\n34\n\n4\n"

    assert [str(one.value) for one in quantities(text)[1]] == ["34", "4"]


def test_a_page_number_between_paragraphs_counts_nothing() -> None:
    assert cells("全年共开展普法宣传和法律咨询活动。\n3\n各村均建有法治宣传栏。") == []


def test_tables_behind_the_outlook_tell_the_year() -> None:
    text = "四、下一步工作打算\n开展培训3次。\n附表\n事项 | 数量 |\n行政许可 | 5 |\n"
    kinds = [(text[one.start : one.end], one.kind) for one in quantities(text)[1]]
    assert kinds == [("3次", "plan"), ("5", "actual")]


def test_columns_of_last_year_and_of_the_change() -> None:
    text = "云岭街道2022年执法情况\n事项 | 2022年 | 2021年 | 增减（%） |\n行政检查（次） | 62 | 58 | 6.9 |\n"
    kinds = [(text[one.start : one.end], one.unit_surface, one.kind) for one in quantities(text)[1]]
    assert kinds == [("62", "次", "actual"), ("58", "次", "prior"), ("6.9", "%", "change")]
