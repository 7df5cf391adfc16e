"""The statutory tables of disclosure reports, in each way in which pages flatten them (the figures are synthetic)."""

from collections.abc import Callable

import pytest

from transforms.extraction import extract

Layout = Callable[[list[list[str]]], str]
TITLE = "青禾镇2023年政府信息公开工作年度报告\n"
COUNTS = [
    ["第二十条第（一）项"],
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "0", "0", "0"],
    ["行政规范性文件", "2", "1", "9"],
    ["第二十条第（五）项"],
    ["信息内容", "本年处理决定数量"],
    ["行政许可", "57"],
    ["第二十条第（六）项"],
    ["信息内容", "本年处理决定数量"],
    ["行政处罚", "14"],
    ["行政强制", "0"],
    ["第二十条第（八）项"],
    ["信息内容", "本年收费金额（单位：万元）"],
    ["行政事业性收费", "3.2"],
]
COUNTED = [
    ("0", "rules_issued"),
    ("0", "rules_abolished"),
    ("0", "rules_in_force"),
    ("2", "normative_docs_issued"),
    ("1", "normative_docs_abolished"),
    ("9", "normative_docs_in_force"),
    ("57", "admin_licences"),
    ("14", "admin_penalty_cases"),
    ("0", "compulsory_measures"),
    ("32000.0", "admin_charges"),
]
REQUESTS = [
    ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况"],
    ["自然人", "法人或其他组织", "总计"],
    ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    ["一、本年新收政府信息公开申请数量", "6", "2", "0", "0", "1", "0", "9"],
    ["二、上年结转政府信息公开申请数量", "1", "0", "0", "0", "0", "0", "1"],
    ["三、本年度办理结果", "（一）予以公开", "3", "1", "0", "0", "0", "0", "4"],
    ["（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "1", "0", "0", "0", "0", "0", "1"],
    ["（三）不予公开", "1.属于国家秘密", "0", "0", "0", "0", "0", "0", "0"],
    ["2.其他法律行政法规禁止公开", "0", "0", "0", "0", "0", "0", "0"],
    ["3.危及“三安全一稳定”", "0", "0", "0", "0", "0", "0", "0"],
    ["5.属于三类内部事务信息", "1", "0", "0", "0", "0", "0", "1"],
    ["（四）无法提供", "1.本机关不掌握相关政府信息", "1", "0", "0", "0", "0", "0", "1"],
    ["（五）不予处理", "1.信访举报投诉类申请", "0", "1", "0", "0", "0", "0", "1"],
    ["（六）其他处理", "3.其他", "0", "0", "0", "0", "0", "0", "0"],
    ["（七）总计", "6", "2", "0", "0", "0", "0", "8"],
    ["四、结转下年度继续办理", "1", "0", "0", "0", "1", "0", "2"],
]
REQUESTED = [
    ("6", "disclosure_requests_natural"),
    ("9", "disclosure_requests_received"),
    ("1", "disclosure_requests_carried_in"),
    ("4", "disclosure_requests_granted"),
    ("1", "disclosure_requests_granted_partly"),
    ("8", "disclosure_requests_answered"),
    ("2", "disclosure_requests_carried_over"),
]
OUTCOMES = [
    ["行政复议", "行政诉讼"],
    ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计", "未经复议直接起诉", "复议后起诉"],
    ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 2,
    ["1", "0", "2", "0", "3", "0", "0", "0", "0", "0", "0", "1", "0", "0", "1"],
]


def _bars(rows: list[list[str]]) -> str:
    return "".join(" | ".join(row) + " |\n" for row in rows)


def _cells(rows: list[list[str]]) -> str:
    return "".join("".join(f"{cell}\n" for cell in row) for row in rows)


def _cells_with_bars(rows: list[list[str]]) -> str:
    return "".join("|\n" + "".join(f" {cell} |\n" for cell in row) for row in rows)


def _spaces(rows: list[list[str]]) -> str:
    return "".join(" ".join(row) + "\n" for row in rows)


def _fused(rows: list[list[str]]) -> str:
    return "".join("".join(row) + "\n" for row in rows)


LAYOUTS = [_bars, _cells, _cells_with_bars, _spaces, _fused]


def _stated(text: str) -> list[tuple[str, str]]:
    return [(str(one.value), name) for one in extract(TITLE + text) for name in one.indicators]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_issued_decided_and_charged(layout: Layout) -> None:
    text = "二、主动公开政府信息情况\n" + layout(COUNTS)

    assert _stated(text) == COUNTED
    assert len(extract(TITLE + text)) == len(COUNTED)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_requests_by_applicant_and_answer(layout: Layout) -> None:
    text = "三、收到和处理政府信息公开申请情况\n" + layout(REQUESTS)

    assert _stated(text) == REQUESTED
    assert len(extract(TITLE + text)) == 7 * 13


@pytest.mark.parametrize("layout", LAYOUTS[:4])
def test_outcomes_are_parts_of_reconsiderations_and_suits(layout: Layout) -> None:
    text = "四、政府信息公开行政复议、行政诉讼情况\n" + layout(OUTCOMES)

    assert _stated(text) == [("3", "disclosure_reconsiderations"), ("1", "disclosure_litigations")]
    assert [one.scope for one in extract(TITLE + text)].count("part") == 13


def test_the_form_of_2019_tells_last_year_and_the_change_beside_the_decisions() -> None:
    text = (
        "第二十条第（一）项\n信息内容\n本年新\n制作数量\n本年新\n公开数量\n对外公开总数量\n"
        "规章\n0\n0\n0\n规范性文件\n3\n2\n11\n"
        "第二十条第（五）项\n信息内容\n上一年项目数量\n本年增/减\n处理决定数量\n行政许可\n4\n1\n21\n"
    )

    assert [(str(one.value), one.kind, one.indicators) for one in extract(TITLE + text)] == [
        ("0", "actual", ("rules_issued",)),
        ("0", "actual", ()),
        ("0", "actual", ()),
        ("3", "actual", ("normative_docs_issued",)),
        ("2", "actual", ()),
        ("11", "actual", ()),
        ("4", "prior", ()),
        ("1", "change", ()),
        ("21", "actual", ("admin_licences",)),
    ]


def test_outcomes_with_a_row_for_each_body() -> None:
    text = (
        "四、政府信息公开行政复议、行政诉讼情况\n类别 | 结果维持 | 结果纠正 | 总计 |\n"
        "行政复议 | 1 | 0 | 1 |\n行政诉讼 | 0 | 0 | 0 |\n"
    )

    assert [(one.scope, one.indicators) for one in extract(TITLE + text)] == [
        ("part", ()),
        ("part", ()),
        ("township", ("disclosure_reconsiderations",)),
        ("part", ()),
        ("part", ()),
        ("township", ("disclosure_litigations",)),
    ]


def test_suits_of_both_kinds_are_parts_of_a_sum_that_the_form_lacks() -> None:
    rows = [*OUTCOMES[:3], ["1", "0", "0", "0", "1", "1", "0", "0", "0", "1", "1", "0", "0", "1", "2"]]

    assert _stated("四、政府信息公开行政复议、行政诉讼情况\n" + _cells(rows)) == [("1", "disclosure_reconsiderations")]


def test_requests_without_the_sorts_of_organisations() -> None:
    text = (
        "信息内容\n自然人\n法人或其他组织\n总计\n本年新收政府信息公开申请数量\n4\n1\n5\n予以公开\n3\n1\n4\n"
        "不予公开\n0\n0\n0\n"
    )

    assert _stated("三、收到和处理政府信息公开申请情况\n" + text) == [
        ("4", "disclosure_requests_natural"),
        ("1", "disclosure_requests_organisations"),
        ("5", "disclosure_requests_received"),
        ("4", "disclosure_requests_granted"),
        ("0", "disclosure_requests_refused"),
    ]


def test_decisions_under_the_heads_of_documents_are_one_number_each() -> None:
    """The heads of their own table are lost: 319 is no row of three columns, as 100 is beside 规章."""
    counts = [*COUNTS[:3], ["行政规范性文件", "100"], ["行政许可", "319"], ["行政处罚", "146"]]

    found = [(one.surface, one.indicators) for one in extract(TITLE + _bars(counts))]

    assert found[3:] == [
        ("1", ("normative_docs_issued",)),
        ("0", ("normative_docs_abolished",)),
        ("0", ("normative_docs_in_force",)),
        ("319", ("admin_licences",)),
        ("146", ("admin_penalty_cases",)),
    ]
