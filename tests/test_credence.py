"""Whether a figure states what it claims, by all that its report tells. All texts are ours (合成)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from seeds.boosting import grow
from seeds.build_opinions import digest
from transforms.claims import COLUMNS, matrix
from transforms.credence import DEPTH, MADE_BY, SCALE, SPLITS, TABLE, Credence
from transforms.extraction import extract, quantities
from transforms.mapping import Mapping
from transforms.opinions import Opinion

ACCEPTED, IDENTIFIED = "mediation_cases_accepted", "disputes_identified"
NONE = Mapping((), (), "", "", 0.0, "township")


def told(best: str, lead: float, against: tuple[float, float, float] = (-0.5, -0.5, -1.0)) -> Opinion:
    return Opinion(best if lead > 0 else "-", lead, IDENTIFIED, lead - 1, best, 1.5, against)


def row(rows: np.ndarray, number: int) -> dict[str, float]:
    return dict(zip(COLUMNS, rows[number].tolist(), strict=True))


def test_a_row_tells_the_claim_its_rivals_and_its_neighbours() -> None:
    text = "全年调解纠纷120件，调解矛盾85件。\n走访群众300户。"
    _, found = quantities(text)
    opinions = [told(ACCEPTED, 0.9), told(ACCEPTED, 0.3, (0.2, -0.4, -1.0)), None]
    ruled = [NONE._replace(indicators=(ACCEPTED,), confidence=0.8), NONE, NONE]

    chosen, rows = matrix(text, found, ruled, opinions, [(ACCEPTED,), (ACCEPTED,), ()])

    first, second = row(rows.round(9), 0), row(rows.round(9), 1)
    assert chosen == [0, 1]
    assert (first["lead"], first["same as ruled"], first["ruled surely"], first["value"]) == (0.9, 1, 0.8, 120)
    assert (second["part"], second["same as ruled"], second["two"]) == (0.2, 0, 0)
    # The rules' agreement is worth 0.1 where rivals are held against one another.
    assert second["rival's lead"] == 0.7
    assert (second["rivals"], second["rival before"], second["larger rival"]) == (1, 1, 1)
    assert (first["rival before"], first["larger rival"]) == (0, 0)
    assert (second["before: lead"], second["before: same unit"], second["before: larger"]) == (0.9, 1, 1)
    assert (first["before: lead"], first["behind: lead"], first["behind: part"]) == (-1.5, 0.3, 0.2)
    assert (first["sentence: figures"], first["sentence: lead"], first["sentence: best lead"]) == (
        1,
        0.3,
        0.3,
    )
    assert (first["place in sentence"], first["length of sentence"]) == (6, len("全年调解纠纷120件，调解矛盾85件。"))


def test_figures_without_an_opinion_have_no_row_and_a_text_without_figures_has_none() -> None:
    _, found = quantities("走访群众300户。")

    assert matrix("走访群众300户。", found, [NONE], [None], [()])[0] == []
    assert matrix("", [], [], [], [])[1].shape == (0, len(COLUMNS))


def walked(columns: Sequence[int], bounds: Sequence[float], leaves: Sequence[int], one: Sequence[float]) -> int:
    """What a tree adds for a row, question by question."""
    at = 0
    for _ in range(DEPTH):
        at = 2 * at + (2 if one[columns[at]] > bounds[at] else 1)
    return leaves[at - SPLITS]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(0, 4))
def test_the_sum_is_that_of_walking_every_tree(seed: int, trees: int, many: int) -> None:
    random = np.random.default_rng(seed)
    columns = random.integers(0, 3, (trees, SPLITS))
    bounds = random.integers(-2, 3, (trees, SPLITS)) / 2
    leaves = random.integers(-900, 900, (trees, SPLITS + 1))
    rows = random.integers(-3, 4, (many, 3)) / 2

    odds = Credence(columns, bounds, leaves).grown(rows)

    told = [sum(walked(*tree, one) for tree in zip(columns, bounds, leaves, strict=True)) / SCALE for one in rows]
    assert odds.tolist() == told


def test_what_real_pages_showed_is_added_to_what_the_trees_say() -> None:
    even = Credence(*np.zeros((2, 1, SPLITS), np.int64), np.zeros((1, SPLITS + 1), np.int64))
    rows = np.zeros((4, len(COLUMNS)))
    rows[:, COLUMNS.index("sentence: figures")] = (1, 2, 3, 0)

    by_words, by_examples, by_words_behind, alone = even.of(rows, ["left", "examples", "right", "left"])

    assert by_words == 0.5
    assert by_examples < 0.45
    assert min(by_words_behind, alone) > 0.55


def test_the_rules_whose_claims_are_set_right_are_rules_of_the_mapping() -> None:
    title = "青石镇2024年法治政府建设年度报告\n"
    text = f"{title}坚持“第一议题”制度，传达学习重要讲话和指示批示精神44次。全镇共有12名执法人员。"

    assert [mention.rule.partition(":")[0] for mention in extract(text)] == list(MADE_BY)


def test_trees_learn_what_no_single_question_tells() -> None:
    random = np.random.default_rng(1)
    rows = random.random((2000, 3))
    right = (rows[:, 0] > 0.5) != (rows[:, 1] > 0.3)

    odds = Credence(*grow(rows, right, 60)).grown(rows)

    assert ((odds > 0) == right).mean() > 0.97


def test_the_trees_were_grown_on_these_examples_and_columns() -> None:
    about = json.loads(pq.read_schema(TABLE).metadata[b"credence"])

    assert about["learned_from"] == digest(), "examples changed; run python -m seeds.build_credence"
    assert tuple(about["columns"]) == COLUMNS
