"""The mapping: which indicators a figure states and which not, sentence by sentence. All texts are ours (合成)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told import mapped

from transforms.mapping import THRESHOLD

DATA = Path(__file__).parent / "data"
TITLE = "合成镇2024年法治政府建设年度报告\n"
NONE: tuple[str, ...] = ()


def _stated(sentence: str) -> list[tuple[str, tuple[str, ...]]]:
    text = TITLE + sentence
    return [
        (text[quantity.start : quantity.end], mapping.indicators)
        for quantity, mapping in mapped(text)
        if quantity.kind != "name"
    ]


def _phrasings() -> list[tuple[str, str]]:
    lines = (DATA / "phrasings.tsv").read_text(encoding="utf-8").splitlines()
    return [(indicator, sentence) for indicator, sentence in (line.split("\t") for line in lines)]


@pytest.mark.parametrize(("indicator", "sentence"), _phrasings())
def test_a_phrasing_states_its_indicator(indicator: str, sentence: str) -> None:
    """The figure in 【】 states the indicator and no other; with - it states none."""
    text = TITLE + sentence.replace("【", "").replace("】", "")
    start, end = len(TITLE) + sentence.index("【"), len(TITLE) + sentence.index("】") - 1

    stated = [mapping.indicators for quantity, mapping in mapped(text) if quantity.start < end and start < quantity.end]

    assert stated == [() if indicator == "-" else (indicator,)]


def test_the_sample_report() -> None:
    """All 50 labelled mentions of the sample come out with their indicators, those without one unmapped."""
    text = (DATA / "seed_clean.txt").read_text(encoding="utf-8")
    every = mapped(text)
    with (DATA / "seed_mentions.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    wrong: list[tuple[str, str, tuple[str, ...]]] = []
    after = 0
    for row in rows:
        at = text.index(row["clause"], after - len(row["clause"]) if after else 0)
        start = text.index(row["surface"], max(at, after))
        after = start + len(row["surface"])
        found = [mapping for quantity, mapping in every if quantity.start < after and start < quantity.end]
        expected = sorted(filter(None, row["indicator"].split(";")))
        stated = found[0].indicators if found else ("not found",)
        if sorted(stated) != expected:
            wrong.append((row["ordinal"], row["clause"], stated))

    assert wrong == []
    assert len(rows) == 50


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param(
            "我镇收到信访件31件，已办结22件；受理12345热线工单60件，已办结58件。",
            [
                ("31件", ("petitions_received",)),
                ("22件", ("petitions_resolved",)),
                ("60件", ("hotline_orders_received",)),
                ("58件", ("hotline_orders_resolved",)),
            ],
            id="the subject is carried over to the next verb, and a new subject replaces it",
        ),
        pytest.param(
            "参加学法考试86人，参考率、合格率均达100%。",
            [
                ("86人", ("law_exam_participants",)),
                ("100%", ("law_exam_participation_rate", "law_exam_pass_rate")),
            ],
            id="one rate for two nouns",
        ),
        pytest.param(
            "信访事项按期办结率、群众满意率分别为98%、96%。",
            [("98%", ("petition_resolution_rate",)), ("96%", NONE)],
            id="respectively: each rate its own noun, and a satisfaction that no indicator has none",
        ),
        pytest.param(
            "全年未发生行政复议和行政诉讼案件。",
            [("未发生", ("admin_reconsideration_cases", "admin_litigation_cases"))],
            id="one zero for two nouns",
        ),
        pytest.param(
            "没有因政府信息公开引发的行政复议、行政诉讼。",
            [("没有", ("disclosure_reconsiderations", "disclosure_litigations"))],
            id="a zero over disclosure is not the general one",
        ),
        pytest.param(
            "执法案件无一起引发行政诉讼。",
            [("无一起", ("admin_litigation_cases",))],
            id="a zero speaks of what it denies, not of what stands before it",
        ),
        pytest.param(
            "全年排查化解矛盾纠纷36件。",
            [("36件", ("disputes_resolved", "disputes_identified"))],
            id="two verbs with one figure, where one indicator is part of the other",
        ),
        pytest.param(
            "召开党委会、党政联席会36次。",
            [("36次", NONE)],
            id="a sum over two nouns is neither's",
        ),
        pytest.param(
            "办理人大代表建议9件、政协提案3件，办复率100%。",
            [("9件", NONE), ("3件", NONE), ("100%", ("proposals_reply_rate",))],
            id="a split without a total",
        ),
        pytest.param(
            "辖13个村、1个社区。",
            [("13个", NONE), ("1个", NONE)],
            id="villages and communities apart are parts",
        ),
        pytest.param(
            "办理行政处罚案件32件，其中简易程序28件，罚款6350元；普通程序4件，罚款50500元。",
            [
                ("32件", ("admin_penalty_cases",)),
                ("28件", ("penalty_cases_summary",)),
                ("6350元", ("fine_amount_summary",)),
                ("4件", ("penalty_cases_ordinary",)),
                ("50500元", ("fine_amount_ordinary",)),
            ],
            id="the same word 罚款 by what it follows",
        ),
        pytest.param(
            "作出行政处罚决定90件，其中简易程序60件、普通程序30件，罚款总额12万元。",
            [
                ("90件", ("admin_penalty_cases",)),
                ("60件", ("penalty_cases_summary",)),
                ("30件", ("penalty_cases_ordinary",)),
                ("12万元", ("penalty_fine_amount",)),
            ],
            id="behind a list of parts the whole is meant",
        ),
        pytest.param(
            "全年完成合法性审查163件，其中合同118件、重大行政决策4件、规范性文件2件。",
            [
                ("163件", ("legality_reviews_total",)),
                ("118件", ("contract_reviews",)),
                ("4件", ("decision_legality_reviews",)),
                ("2件", ("normative_docs_reviewed",)),
            ],
            id="parts take the total's verb",
        ),
        pytest.param(
            "全年受理调解矛盾纠纷120件，其中婚姻家庭纠纷30件。",
            [("120件", ("mediation_cases_accepted",)), ("30件", NONE)],
            id="a part never states its total's indicator",
        ),
        pytest.param(
            "全年处理信访件45件。",
            [("45件", ("petitions_received",))],
            id="a single figure written 处理 is the volume",
        ),
        pytest.param(
            "办结信访事项45件。",
            [("45件", ("petitions_resolved",))],
            id="办结 says how many are closed",
        ),
        pytest.param(
            "信访部门登记来信来访17件，办结16件。",
            [("17件", ("petitions_received",)), ("16件", ("petitions_resolved",))],
            id="a volume that only the examples know is a volume",
        ),
        pytest.param(
            "全年接待来访群众64批132人次。",
            [("64批", NONE), ("132人次", ("petition_visitors",))],
            id="the same noun in two units: the classifier decides",
        ),
        pytest.param(
            "拆除违法建筑58处9430平方米。",
            [("58处", ("illegal_construction_sites",)), ("9430平方米", ("illegal_construction_area",))],
            id="a figure right behind another shares its noun",
        ),
        pytest.param(
            "调解员由上年的111人充实到148人。",
            [("111人", NONE), ("148人", ("people_mediators",))],
            id="this year's level behind last year's",
        ),
        pytest.param(
            "便民服务大厅设有5个综合窗口，共有3名法律顾问、2名公职律师。",
            [("5个", ("service_windows",)), ("3名", ("legal_advisers",)), ("2名", ("public_lawyers",))],
            id="nouns behind their figures",
        ),
        pytest.param(
            "五年来累计开展法治宣传活动600场。",
            [("600场", NONE)],
            id="several years are not the year",
        ),
        pytest.param(
            "近三年来共调解矛盾纠纷823起，其中达成书面协议210起。",
            [("823起", NONE), ("210起", NONE)],
            id="what is part of several years is not the year either",
        ),
        pytest.param(
            "负责人出庭应诉率连续三年100%。",
            [("100%", ("court_appearance_rate",))],
            id="a rate that is the same each year is this year's too",
        ),
        pytest.param(
            "镇法律顾问为行政决策、合同协议提供合法性审查意见40余条，采纳36条。",
            [("40余条", ("legal_opinions_issued",)), ("36条", ("legal_opinions_adopted",))],
            id="opinions on two kinds of objects are opinions",
        ),
        pytest.param(
            "我镇主动公开政府信息36条，历年累计主动公开政府信息512条。",
            [("36条", ("info_disclosed_items",)), ("512条", NONE)],
            id="all years together are not the year",
        ),
        pytest.param(
            "“石桥评理室”挂牌以来，调解矛盾纠纷310起。",
            [("310起", NONE)],
            id="since a body was founded",
        ),
        pytest.param(
            "全年完成镇村合同、重大行政决策合法性审核74件。",
            [("74件", ("legality_reviews_total",))],
            id="two kinds of objects of one review are reviews at large",
        ),
        pytest.param(
            "完成23件行政决策与规范性文件合法性审查。",
            [("23件", ("legality_reviews_total",))],
            id="two kinds of objects behind their figure",
        ),
        pytest.param(
            "全年审核合同61份、规范性文件4件。",
            [("61份", ("contract_reviews",)), ("4件", ("normative_docs_reviewed",))],
            id="objects with a figure each keep their own",
        ),
        pytest.param(
            "全年未收到公民、法人或其他组织提出的政府信息公开申请。",
            [("未收到", ("disclosure_requests_received",))],
            id="citizens, legal persons and others are all applicants",
        ),
        pytest.param(
            "收到政府信息公开申请6件，其中自然人申请4件、法人或其他组织申请2件。",
            [
                ("6件", ("disclosure_requests_received",)),
                ("4件", ("disclosure_requests_natural",)),
                ("2件", ("disclosure_requests_organisations",)),
            ],
            id="applicants told apart",
        ),
        pytest.param(
            "宪法宣传周期间，开展法治宣传活动6场，发放宣传资料800份。",
            [("6场", NONE), ("800份", NONE)],
            id="one campaign",
        ),
        pytest.param(
            "入户宣讲防溺水知识，逐户发放手册1200份，悬挂横幅45条。",
            [("1200份", NONE), ("45条", NONE)],
            id="publicity of another theme than law",
        ),
        pytest.param(
            "围绕禁毒、防火等主题广泛宣传，全年发放宣传资料8200份。",
            [("8200份", ("publicity_materials",))],
            id="a total over several themes",
        ),
        pytest.param(
            "在两所学校上法治课各2次。",
            [("两所", NONE), ("2次", NONE)],
            id="each of several is not their sum",
        ),
        pytest.param(
            "全区共化解矛盾纠纷5200件。",
            [("5200件", NONE)],
            id="a higher body's figure is never mapped",
        ),
        pytest.param(
            "召开安全生产工作会议6次，检查加油站4座。",
            [("6次", NONE), ("4座", NONE)],
            id="the noun alone decides nothing",
        ),
        pytest.param(
            "慰问困难群众22户，发放慰问金3万元。",
            [("22户", NONE), ("3万元", NONE)],
            id="what the dictionary lacks stays unmapped",
        ),
        pytest.param(
            "组织执法人员参加县司法局组织的业务培训3次。",
            [("3次", NONE)],
            id="training attended elsewhere is not training held",
        ),
    ],
)
def test_a_sentence(sentence: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert _stated(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "not_stated"),
    [
        ("综合行政执法队执法人员由14名增加到17名。", "officers_added"),
        ("执法力量从9人充实到13人。", "officers_added"),
        ("执法人员由15名减少到12名。", "officers_departed"),
    ],
)
def test_what_a_number_grew_or_fell_to_is_not_what_was_added_or_left(sentence: str, not_stated: str) -> None:
    assert not_stated not in _stated(sentence)[-1][1]


def test_what_was_added_is_stated_beside_what_the_number_grew_to() -> None:
    assert _stated("新增执法人员4名，执法人员增加到16名。")[0] == ("4名", ("officers_added",))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("政府信息公开工作年度报告", ("disclosure_reconsiderations", "disclosure_litigations")),
        ("法治政府建设年度报告", ("admin_reconsideration_cases", "admin_litigation_cases")),
    ],
)
def test_reviews_and_suits_in_a_report_on_disclosure_are_those_of_disclosure(
    title: str, expected: tuple[str, ...]
) -> None:
    text = f"合成镇2024年{title}\n五、其他\n本年度未发生行政复议、行政诉讼。"

    assert [mapping.indicators for _, mapping in mapped(text)] == [expected]


@pytest.mark.parametrize(
    ("sentence", "kind", "about"),
    [
        ("二、下一步工作安排\n开展法治宣传活动50场。", "plan", ("publicity_events",)),
        ("每季度召开法治建设专题会议1次。", "norm", ("rol_special_meetings",)),
    ],
)
def test_what_is_no_result_says_what_it_is_about(sentence: str, kind: str, about: tuple[str, ...]) -> None:
    ((quantity, mapping),) = mapped(TITLE + sentence)

    assert (quantity.kind, mapping.indicators, mapping.about) == (kind, NONE, about)


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("全年收到信访件67件，同比增长13.5%，已办结52件。", [("petitions_received",)]),
        ("全年收到信访件67件，与去年同期相比下降了8.2%。", [("petitions_received",)]),
        ("全年罚款355万元，去年同期为300万元。", [("penalty_fine_amount",)]),
        ("办理行政处罚案件92宗（去年80宗），同比上升15%。", [("admin_penalty_cases",), ("admin_penalty_cases",)]),
        ("矛盾纠纷化解率98.5%，同比提高1.2个百分点。", [("disputes_resolution_rate",)]),
        ("全年收到信访件67件，环比下降8.2%。", [NONE]),  # with the month before
        ("全年收到信访件67件，较年初减少9件。", [NONE]),
        ("全年收到信访件67件，集体访同比下降8.2%。", [NONE]),  # of another thing
        ("全年收到信访件67件，去年同期为300万元。", [NONE]),
    ],
)
def test_a_comparison_speaks_of_the_figure_before_it(sentence: str, about: list[tuple[str, ...]]) -> None:
    compared = [mapping.about for one, mapping in mapped(TITLE + sentence) if one.kind in {"change", "prior"}]

    assert compared == about


def test_a_part_says_what_it_is_about() -> None:
    _, part = mapped(TITLE + "办理代表建议9件、政协提案3件。")

    assert part[1][:3] == (NONE, ("proposals_handled",), "政协提案")
    assert part[1].scope == "part"


def test_a_mapping_names_its_rule_and_words() -> None:
    ((_, mapping),) = mapped(TITLE + "全年办理行政处罚案件38件。")

    assert mapping.rule == "left: 案件 + 行政处罚"
    assert mapping.head == "案件"
    assert mapping.confidence >= THRESHOLD


def test_an_unmapped_figure_names_what_is_counted() -> None:
    ((_, mapping),) = mapped(TITLE + "新修灌溉水渠12条。")

    assert (mapping.indicators, mapping.head) == (NONE, "新修灌溉水渠")
    assert mapping.confidence < THRESHOLD


CLAUSES = st.sampled_from(
    [sentence.replace("【", "").replace("】", "").rstrip("。") for _, sentence in _phrasings()]
    + ["全镇上下共同努力", "其中", "今年以来", "（含上年结转2件）", "较上年增长8%", "全区共12个镇", "各2次"]
)


@given(st.lists(st.tuples(CLAUSES, st.sampled_from("，；。、\n")), max_size=8))
def test_any_mixture_of_clauses_keeps_the_rules(parts: list[tuple[str, str]]) -> None:
    """One mapping a quantity; never both stated and about; nothing by a part of its total, a higher body, a plan."""
    every = mapped(TITLE + "".join(clause + mark for clause, mark in parts))

    for quantity, mapping in every:
        assert not mapping.indicators or not mapping.about
        assert 0 <= mapping.confidence <= 1
        assert not mapping.indicators or (mapping.confidence >= THRESHOLD and mapping.rule)
        if mapping.indicators:
            assert quantity.kind in {"actual", "zero"}
            assert quantity.scope != "higher"
        if mapping.indicators and quantity.part_of is not None and mapping.scope == "part":
            total = every[quantity.part_of][1]
            assert quantity.kind == "zero" or not set(mapping.indicators) & set(total.indicators)
