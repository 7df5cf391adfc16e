"""One cell, one total: of figures that differ and claim one indicator, the surest keeps it. Texts are ours (合成)."""

from hypothesis import given
from hypothesis import strategies as st

from transforms.contested import contested
from transforms.extraction import extract, quantities

TITLE = "云岭镇2025年法治政府建设年度报告\n"
BOTH = "全年调解纠纷120件，调解矛盾85件。"
CLAIM = ("mediation_cases_accepted",)
NOUNS = ("纠纷", "矛盾")


def test_the_surer_of_two_that_differ_keeps_the_indicator() -> None:
    _, found = quantities(BOTH)

    assert contested(found, [CLAIM, CLAIM], [0.9, 0.7], NOUNS) == {1: {CLAIM[0]: 0}}
    assert contested(found, [CLAIM, CLAIM], [0.7, 0.9], NOUNS) == {0: {CLAIM[0]: 1}}


def test_two_that_are_as_sure_both_stand_for_a_person_to_decide() -> None:
    _, found = quantities(BOTH)

    assert contested(found, [CLAIM, CLAIM], [0.9, 0.9], NOUNS) == {}
    assert contested(found, [CLAIM, CLAIM], [0.9, 0.86], NOUNS) == {}


def test_two_that_count_the_same_noun_contradict_one_another() -> None:
    _, found = quantities("现有人民调解员91人。截至年底，共有人民调解员128人。")

    assert contested(found, [("people_mediators",)] * 2, [0.97, 0.78], ("人民调解员", "人民调解员")) == {}


def test_what_may_be_the_same_figure_is_told_twice() -> None:
    _, found = quantities("全年调解纠纷120件，共调解纠纷120件，调解近130件，调解100余件。")

    assert contested(found, [CLAIM] * 4, [0.9, 0.6, 0.6, 0.6], "甲乙丙丁") == {2: {CLAIM[0]: 0}}


def test_only_the_contested_one_of_two_indicators_is_lost_and_a_zero_neither_wins_nor_loses() -> None:
    _, found = quantities("全年排查化解纠纷120件，排查纠纷85件。没有调解纠纷。")
    two = ("disputes_identified", "disputes_resolved")

    assert contested(found, [two, two[:1], two], [0.6, 0.9, 1.0], "甲乙丙") == {0: {"disputes_identified": 1}}


@given(st.lists(st.tuples(st.sampled_from(["120件", "85件", "120余件", "60件"]), st.integers(0, 20)), max_size=6))
def test_the_surest_never_loses_and_every_loser_is_behind_the_one_it_loses_to(claims: list[tuple[str, int]]) -> None:
    _, found = quantities("".join(f"全年调解纠纷{surface}。" for surface, _ in claims))
    sure = [step / 20 for _, step in claims]

    lost = contested(found, [CLAIM] * len(found), sure, [str(index) for index in range(len(found))])

    assert all(sure[loser] < sure[names[CLAIM[0]]] for loser, names in lost.items())
    assert not claims or sure.index(max(sure)) not in lost


def test_the_second_figure_of_a_report_speaks_of_the_indicator_only() -> None:
    text = TITLE + "2025年，主动公开政府信息566条。通过镇政务公开栏等平台公开政务信息38条。"

    total, share = extract(text)

    assert (total.surface, total.indicators) == ("566条", ("info_disclosed_items",))
    assert (share.surface, share.indicators, share.about) == ("38条", (), ("info_disclosed_items",))
    assert share.rule.partition(":")[0] in {"another total", "doubted"}
