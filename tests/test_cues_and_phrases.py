"""The cues and the set phrases: data that every row of which must be able to act."""

import csv

import pytest

from seeds import SEEDS
from transforms.cues import cues
from transforms.numerals import HAN_NUMERALS
from transforms.phrases import begins_phrase
from transforms.units import UNITS_BY_FIRST


def column(name: str, column: str) -> list[str]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as lines:
        return [row[column] for row in csv.DictReader(lines)]


def test_every_phrase_begins_with_a_numeral_and_a_measure_word_and_stands_once() -> None:
    phrases = column("set_phrases.csv", "phrase")
    assert len(set(phrases)) == len(phrases)
    for phrase in phrases:
        rest = phrase.lstrip(HAN_NUMERALS)
        assert rest != phrase, phrase
        assert rest[:1] in UNITS_BY_FIRST, phrase


@pytest.mark.parametrize(
    ("text", "found"),
    [("三项制度", True), ("一村一法律顾问", True), ("三项整改", False), ("一百五十对", False), ("一件事", True)],
)
def test_phrases_are_recognised_where_they_begin(text: str, found: bool) -> None:
    assert begins_phrase(text, 0) is found


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("计划开展宣讲", ["plan"]),
        ("按计划开展宣讲", []),
        ("明年，", ["plan"]),
        ("为明年打基础", []),
        ("每月通报", ["each"]),
        ("“每月一题”", []),
        ("最多跑一次", []),
        ("上年结转", []),
        ("较上年同期", ["versus"]),
        ("全镇共", ["own", "done"]),
        ("公共服务", []),
    ],
)
def test_cues_and_what_takes_their_sense_away(text: str, kinds: list[str]) -> None:
    assert cues(text).kinds == kinds
