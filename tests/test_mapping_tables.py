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
