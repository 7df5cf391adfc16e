"""Sections, sentences and clauses of a report."""

from transforms.structure import parse

REPORT = """清溪镇2023年法治政府建设年度报告
区委、区政府：
一、主要举措
（一）加强领导。全年召开会议4次，听取汇报2次；研究议题9项。
1.抓学习。组织培训。
（二）完善机制
二、存在的问题和下一步打算
人员偏少，仅有3名。下一步，将增配2名。
三、2024年工作安排
开展普法。"""


def sections(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(section.kind, section.path) for section in parse(text).sections]


def test_headings_give_nested_sections_and_what_they_speak_of() -> None:
    second = "二、存在的问题和下一步打算"
    assert sections(REPORT) == [
        ("body", ()),
        ("body", ("一、主要举措",)),
        ("body", ("一、主要举措", "（一）加强领导")),
        ("body", ("一、主要举措", "（一）加强领导", "1.抓学习")),
        ("body", ("一、主要举措", "（二）完善机制")),
        ("shortcomings", (second,)),
        ("outlook", (second,)),
        ("outlook", ("三、2024年工作安排",)),
    ]


def test_sections_sentences_and_clauses_hold_every_offset() -> None:
    structure = parse(REPORT)
    assert structure.sections[0].start == 0
    assert structure.sections[-1].end == len(REPORT)
    assert [section.end for section in structure.sections[:-1]] == [section.start for section in structure.sections[1:]]
    for offset in range(len(REPORT)):
        section = structure.sections[structure.section(offset)]
        sentence, clause = structure.sentence(offset), structure.clause(offset)
        assert section.start <= offset < section.end
        assert sentence[0] <= clause[0] <= offset < clause[1] <= sentence[1]


def test_a_clause_ends_at_commas_but_not_inside_numbers() -> None:
    text = "发放资料12,500份,接待群众30人：效果良好。"
    structure = parse(text)
    assert text[slice(*structure.clause(text.index("500")))] == "发放资料12,500份,"
    assert text[slice(*structure.clause(text.index("30")))] == "接待群众30人："


def test_headings_inside_one_long_line() -> None:
    text = "现报告如下。一、强化学习（一）领导带头学。召开会议2次。二、下一年度工作计划。召开会议3次。"
    assert sections(text) == [
        ("body", ()),
        ("body", ("一、强化学习",)),
        ("outlook", ("二、下一年度工作计划",)),
    ]


def test_an_item_of_work_that_names_a_plan_in_passing_is_no_outlook() -> None:
    text = "一、主要工作\n（一）制定年度工作计划，压实责任。召开会议2次。\n2.查摆问题，整改12处。"
    assert {section.kind for section in parse(text).sections} == {"body"}


def test_unnumbered_headings_count_where_they_say_what_follows() -> None:
    text = "工作开展情况\n培训2次。\n存在问题\n力量薄弱。\n下一步工作打算\n培训4次。"
    assert [kind for kind, _ in sections(text)] == ["body", "shortcomings", "outlook"]


def test_a_wrapped_line_does_not_end_the_sentence() -> None:
    text = "今年以来镇综合行政执法队共办理各类一般程序案件四起，与去年\n同期相比下降11.1%。\n二、其他"
    structure = parse(text)
    assert structure.sentence(text.index("下降")) == (0, text.index("。") + 1)


def test_rows_and_numbers_alone_are_no_wrapped_lines() -> None:
    text = "本年度新收政府信息公开申请数量及上年结转政府信息公开申请数量\n12\n结转下年度继续办理"
    structure = parse(text)
    assert text[slice(*structure.sentence(text.index("12")))] == "12\n"
    assert {section.kind for section in structure.sections} == {"body"}


def test_an_empty_text_has_one_empty_section() -> None:
    assert sections("") == [("body", ())]


def test_what_was_planned_and_is_told_as_done_is_no_outlook() -> None:
    text = "三、2025年重点工作完成情况\n达标41项。\n四、2026年重点工作\n创建2个。\n五、安排\n培训6次。"
    assert [kind for kind, _ in sections(text)] == ["body", "outlook", "outlook"]


def test_an_object_put_first_is_no_turn_to_the_future() -> None:
    paired = "2025年，我镇将“厕所革命”与执法监督结合，抽查72次。"
    ahead = "2026年，我镇将推动法治与德治结合，开展活动12场。"
    assert [kind for kind, _ in sections(paired)] == ["body"]
    assert [kind for kind, _ in sections(ahead)] == ["outlook"]
