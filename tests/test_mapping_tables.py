"""The mapping of tables: what a cell states by its row and its column. All texts are ours (合成)."""

import pytest
from told import mapped

TITLE = "合成镇2024年法治政府建设年度报告\n"


def test_the_statutory_table_of_disclosure_reports() -> None:
    """A cell takes its noun from its row and its meaning from its column; outcomes and applicants are parts."""
    text = (
        TITLE
        + "二、主动公开政府信息情况\n信息内容\t本年制发件数\t本年废止件数\t现行有效件数\n"
        + "规章\t0\t0\t0\n行政规范性文件\t2\t1\t9\n"
        + "信息内容\t本年处理决定数量\n行政许可\t35\n行政处罚\t21\n行政强制\t3\n"
        + "信息内容\t本年收费金额（单位：万元）\n行政事业性收费\t0\n"
    )

    stated = [(mapping.indicators, quantity.value) for quantity, mapping in mapped(text) if quantity.labels]

    assert [(names, str(value)) for names, value in stated] == [
        (("rules_issued",), "0"),
        (("rules_abolished",), "0"),
        (("rules_in_force",), "0"),
        (("normative_docs_issued",), "2"),
        (("normative_docs_abolished",), "1"),
        (("normative_docs_in_force",), "9"),
        (("admin_licences",), "35"),
        (("admin_penalty_cases",), "21"),
        (("compulsory_measures",), "3"),
        (("admin_charges",), "0"),
    ]


@pytest.mark.parametrize("column", ["2024年", "数值", "合计"])
def test_a_column_of_figures_of_the_year_states_what_its_row_names(column: str) -> None:
    text = TITLE + f"附表\n指标\t{column}\n行政检查（次）\t412\n行政处罚案件（件）\t23\n"

    stated = [(mapping.indicators, str(quantity.value)) for quantity, mapping in mapped(text) if quantity.labels]

    assert stated == [(("admin_inspections",), "412"), (("admin_penalty_cases",), "23")]


def test_a_flat_table_of_penalties_states_its_total_and_its_amount() -> None:
    heads = "行政处罚实施数量（宗）\n警告\n罚款\n其他行政处罚\n合计（宗）\n罚没金额（万元）\n"
    text = TITLE + heads + "3\n21\n1\n25\n4.36\n"

    assert [(text[one.start : one.end], mapping.indicators) for one, mapping in mapped(text)] == [
        ("3", ()),
        ("21", ()),
        ("1", ()),
        ("25", ("admin_penalty_cases",)),
        ("4.36", ("penalty_fine_amount",)),
    ]


_FORM_OF_2014 = [
    ("统计指标", "单位", "统计数"),
    ("一、主动公开情况", "", ""),
    ("（一）主动公开政府信息数", "条", "176"),
    ("其中：主动公开规范性文件数", "条", "1"),
    ("制发规范性文件总数", "件", "2"),
    ("（二）通过不同渠道和方式公开政府信息的情况", "", ""),
    ("1.政府公报公开政府信息数", "条", "0"),
    ("2.政府网站公开政府信息数", "条", "102"),
    ("3.政务微博公开政府信息数", "条", "5"),
    ("4.政务微信公开政府信息数", "条", "69"),
    ("三、依申请公开情况", "", ""),
    ("（一）收到申请数", "件", "4"),
    ("1.当面申请数", "件", "3"),
    ("（二）申请办结数", "件", "3"),
    ("四、行政复议数量", "件", "1"),
    ("五、行政诉讼数量", "件", "0"),
    ("九、政府信息公开会议和培训情况", "", ""),
    ("（二）举办各类培训班数", "次", "2"),
    ("（三）接受培训人员数", "人次", "24"),
]


@pytest.mark.parametrize("between", ["|", "\n", "\n|\n"])
def test_the_form_for_disclosure_reports_of_2014_to_2018(between: str) -> None:
    """政府信息公开情况统计表: rows have a unit of their own, groups a heading, channels are parts."""
    rows = [between.join(cell for cell in row if cell or between == "|") for row in _FORM_OF_2014]
    text = "合成镇2017年政府信息公开工作年度报告\n" + "\n".join(rows) + "\n"

    stated = [(str(quantity.value), mapping.indicators) for quantity, mapping in mapped(text)]

    assert [(value, *names) for value, names in stated if names] == [
        ("176", "info_disclosed_items"),
        ("2", "normative_docs_issued"),
        ("4", "disclosure_requests_received"),
        ("3", "disclosure_requests_answered"),
        ("1", "disclosure_reconsiderations"),
        ("0", "disclosure_litigations"),
        ("2", "disclosure_training_sessions"),
    ]
    assert len(stated) == 14
