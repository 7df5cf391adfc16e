"""Opinions held against one another: what the figures beside a figure tell of it. All texts are ours (合成)."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from seeds.build_opinions import digest
from transforms.extraction import quantities
from transforms.opinions import TABLE as OPINIONS
from transforms.revisions import SCALE, TABLE, First, Revisions, features, gap_before

LABELS = ("-", "part", "higher", "petitions_received", "petitions_resolved")
NUMBER = {label: number for number, label in enumerate(LABELS)}
GAPS = {"、": 0, "，": 1}


class Nothing(NamedTuple):
    """The rules found nothing."""

    indicators: tuple[str, ...] = ()


def first(*told: tuple[str, str, float]) -> First:
    """Opinions: label, best indicator and lead of each figure."""
    label, best, lead = zip(*told, strict=True)
    return First(np.array([NUMBER[one] for one in label]), np.array([NUMBER[one] for one in best]), np.array(lead))


def of(text: str, told: First) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    _, found = quantities(text)
    assert len(found) == len(told.label)
    return features(text, found, [Nothing()] * len(found), range(len(found)), told, NUMBER, GAPS)


RECEIVED, RESOLVED = (
    ("petitions_received", "petitions_received", 0.8),
    ("petitions_resolved", "petitions_resolved", 0.4),
)
PART = ("part", "petitions_received", -0.3)


def test_a_correction_is_added_to_the_figures_that_have_its_feature() -> None:
    text = "受理信访件31件，办结信访件30件。"
    _, found = quantities(text)
    told = of(text, first(RECEIVED, RESOLVED))
    only = np.setdiff1d(told[1], told[0])[:1]
    table = Revisions.of_weights(LABELS, list(GAPS), only, np.array([1]), np.array([50]))

    added = table.of(text, found, [Nothing()] * 2, [0, 1], first(RECEIVED, RESOLVED))

    assert added.tolist() == [[0.0] * 5, [0.0, 50 * SCALE, 0.0, 0.0, 0.0]]


def test_the_words_do_not_matter_but_what_the_figures_beside_seem_to_be_does() -> None:
    one, other = "受理信访件31件，办结信访件30件。", "收到来信来访31件，已答复来信30件。"

    assert of(one, first(RECEIVED, RESOLVED)).tolist() == of(other, first(RECEIVED, RESOLVED)).tolist()
    assert of(one, first(RECEIVED, RESOLVED))[1].tolist() != of(one, first(PART, RESOLVED))[1].tolist()


def test_a_neighbour_in_the_sentence_another_sentence_and_another_paragraph_are_told_apart() -> None:
    told = first(RECEIVED, RESOLVED)
    rows = [of(f"受理信访件31件{between}办结信访件30件。", told)[1].tolist() for between in ("，", "。", "。\n")]

    assert rows[0] != rows[1] != rows[2] != rows[0]


def test_figures_are_compared_with_those_of_their_unit() -> None:
    told = first(RECEIVED, RESOLVED)
    texts = ("受理31件，办结30件。", "受理31件，办结31件。", "受理31件，办结32件。", "受理31件，办结30条。")
    rows = [of(text, told)[1].tolist() for text in texts]

    assert len({tuple(row) for row in rows}) == len(rows)
    assert of("受理31件，办结7件。", told)[1].tolist() == rows[0]


APART = "。检查商铺9家。巡查河道8公里。植树7亩。"
"""Figures of other units, so that those before and behind are no neighbours and are not compared."""
OTHER = ("-", "petitions_resolved", -1.0)


def test_of_two_that_speak_for_one_indicator_the_one_with_less_lead_is_outdone() -> None:
    text = f"受理信访件31件{APART}受理信访件4件。"
    low, lower = ("petitions_received", "petitions_received", 0.3), ("petitions_received", "petitions_received", 0.1)

    outdone, ahead = (of(text, first(rival, OTHER, OTHER, OTHER, low))[4].tolist() for rival in (RECEIVED, lower))
    alone = of(text, first(RESOLVED, OTHER, OTHER, OTHER, low))[4].tolist()

    assert outdone != ahead
    assert alone not in (outdone, ahead)


def test_a_sum_and_its_parts_are_known_wherever_the_sum_stands() -> None:
    told = first(RECEIVED, PART, PART)
    sums = of("受理31件，来信11件，来访20件。", told), of("来信11件，来访20件，合计31件。", told)
    none = of("受理32件，来信11件，来访20件。", told), of("来信11件，来访20件，合计32件。", told)

    for with_sum, without in zip(sums, none, strict=True):
        assert all(set(row) - set(other) for row, other in zip(with_sum.tolist(), without.tolist(), strict=True))
    assert set(sums[0][0].tolist()) - set(sums[1][2].tolist())


def test_the_largest_of_those_that_claim_one_indicator_is_known() -> None:
    told = first(RECEIVED, OTHER, OTHER, OTHER, RECEIVED)

    texts = [f"受理信访件{one}件{APART}受理信访件{other}件。" for one, other in ((31, 4), (4, 31), (31, 31))]
    largest, smaller, as_large = (of(text, told)[0].tolist() for text in texts)

    assert len({tuple(row) for row in (largest, smaller, as_large)}) == 3


def test_the_text_between_two_figures_counts_where_it_is_short() -> None:
    text = "受理信访件31件、4批，其中重复信访件数5件。"
    _, found = quantities(text)

    assert [gap_before(text, found, index) for index in range(len(found))] == ["", "、", ""]


@given(st.lists(st.sampled_from([RECEIVED, RESOLVED, PART]), min_size=1, max_size=12))
def test_a_label_around_in_the_sentence_counts_once(told: list[tuple[str, str, float]]) -> None:
    text = "、".join(f"受理{number}件" for number in range(1, len(told) + 1)) + "。"

    rows = of(text, first(*told))

    for row in rows:
        known = row[row >= 0]
        assert len(set(known.tolist())) == len(known)


def test_no_figure_and_no_feature_are_no_error() -> None:
    table = Revisions.load()

    assert table.of("", [], [], [], First(np.array([], int), np.array([], int), np.array([]))).shape[0] == 0


def test_the_table_was_made_from_these_examples_for_these_labels() -> None:
    about = json.loads(pq.read_schema(TABLE).metadata[b"revisions"])
    opinions = json.loads(pq.read_schema(OPINIONS).metadata[b"opinions"])

    assert about["learned_from"] == digest(), "examples changed; run python -m seeds.build_credence"
    assert about["labels"] == opinions["labels"]
