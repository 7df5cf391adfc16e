"""What labelled examples say of a figure, beyond the dictionary: whole records out. All texts are ours (合成)."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.build_opinions import digest, marked, passages
from transforms.contexts import SIZE, Reading
from transforms.dictionary import Dictionary
from transforms.extraction import extract, quantities
from transforms.mapping import by_rules
from transforms.opinions import TABLE, UNLABELLED, Opinions

TITLE = "青石镇2024年法治政府建设年度报告\n"


def test_a_marked_passage_is_its_text_and_its_figures() -> None:
    passage = marked("受理【31件|petitions_received】，其中重复访【4件|part】。", unruled=False)

    assert passage.text == "受理31件，其中重复访4件。"
    assert [(passage.text[start:end], told) for start, end, told in passage.figures] == [
        ("31件", ("petitions_received",)),
        ("4件", ("part",)),
    ]


def test_examples_use_labels_that_exist() -> None:
    known = {entry.row.indicator for entry in Dictionary.load().entries} | set(UNLABELLED)
    known |= {"plan", "norm", "prior", "change"}

    used = {label for passage in passages() for _, _, told in passage.figures for label in told}

    assert used <= known
    assert len(used) > 250


def test_every_example_is_marked_synthetic() -> None:
    from seeds.build_opinions import EXAMPLES

    files = sorted(EXAMPLES.glob("*.txt"))
    assert [path.name for path in files if not path.read_text(encoding="utf-8").startswith("合成数据 synthetic")] == []
    assert len(files) >= 9


def test_the_table_was_made_from_these_examples() -> None:
    about = json.loads(pq.read_schema(TABLE).metadata[b"opinions"])

    assert about["learned_from"] == digest(), "examples changed; run python -m seeds.build_opinions"
    assert set(about["labels"]) - set(UNLABELLED) <= {entry.row.indicator for entry in Dictionary.load().entries}


@pytest.mark.parametrize(
    ("sentence", "surface", "indicators"),
    [
        ("全年借助院坝会、赶集日开展送法活动26场，受教育群众3100余人次。", "3100余人次", ("publicity_audience",)),
        ("坚持“第一议题”制度，传达学习重要讲话和指示批示精神44次。", "44次", ("first_topic_sessions",)),
        ("全镇12个村（社区）都建起了调解室。", "12个", ("villages_communities",)),
        ("举办全乡干部运动会2场。", "2场", ()),
    ],
)
def test_wordings_that_the_dictionary_has_not(sentence: str, surface: str, indicators: tuple[str, ...]) -> None:
    (found,) = [mention for mention in extract(TITLE + sentence) if mention.surface == surface]

    assert found.indicators == indicators


def test_an_opinion_names_the_characters_that_spoke_for_it() -> None:
    text = TITLE + "坚持“第一议题”制度，传达学习重要讲话和指示批示精神44次。"
    structure, found = quantities(text)

    (ruled,) = by_rules(text, structure, found, Dictionary.load())
    (mention,) = extract(text)

    assert ruled.indicators == ()
    assert mention.rule.startswith("examples: ")
    assert all(words in text for words in mention.rule.removeprefix("examples: ").split(" + "))
    assert 0.5 < mention.confidence <= 1


def test_no_indicator_is_stated_in_a_unit_that_it_does_not_take() -> None:
    lexicon = Dictionary.load().lexicon

    for passage in list(passages())[:150]:
        for mention in extract(passage.text):
            assert set(mention.indicators) <= lexicon.taking(mention.unit)


@given(st.text(alphabet="全年开展法治宣传活动0123456789场次件，。\n（） ", max_size=80))
def test_contexts_are_numbers_of_the_figures_that_were_asked_about(text: str) -> None:
    structure, found = quantities(text)
    chosen = list(range(0, len(found), 2))

    told = Reading(text, structure, found).of(chosen)

    assert len(told.bounds) == len(chosen) + 1
    assert all(0 <= number < SIZE for row in range(len(chosen)) for number in told.all_of(row).tolist())


def test_width_of_punctuation_quotes_and_digits_is_levelled() -> None:
    first = "开展“法治进校园”活动12场次，发放资料。"
    second = "开展法治进校园活动 8 场次,发放资料。"
    told = []
    for text in (first, second):
        structure, found = quantities(text)
        told.append(sorted(Reading(text, structure, found).of([0]).all_of(0).tolist()))

    assert told[0] == told[1]


def test_the_same_text_gives_the_same_opinions() -> None:
    text = TITLE + "借助院坝会开展送法活动26场，受教育群众3100余人次。"
    structure, found = quantities(text)
    dictionary = Dictionary.load()
    ruled = by_rules(text, structure, found, dictionary)
    allowed = [dictionary.lexicon.taking(one.unit) for one in found]

    assert Opinions.load().of(text, structure, found, ruled, allowed) == Opinions.load().of(
        text, structure, found, ruled, allowed
    )
