"""Copied reports: the same sentences under two townships or two years, counted by sentences and by figures."""

import random
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import similarity
from transforms.similarity import BANDS, ROWS, RUN, Copy, Fingerprint, candidates, compare, copies, fingerprint

SENTENCES = [
    "镇党委召开专题会议{}次研究依法行政工作",
    "组织机关干部{}人参加行政执法培训考试",
    "办理行政处罚案件{}件并全部公示处罚结果",
    "调解邻里矛盾纠纷{}件化解率达到{}%",
    "在集市开展宪法宣传活动{}场发放资料{}份",
    "为各村聘请法律顾问{}名审查合同{}份",
    "受理群众来信来访{}件按期答复办结",
    "培育法律明白人{}名覆盖全部行政村",
    "下一年度将继续充实基层执法力量",
    "执法人员数量不足的问题仍然突出",
]


def text(name: str, year: int, figures: list[int]) -> str:
    numbers = iter(figures)
    lines = [sentence.format(*(next(numbers) for _ in range(sentence.count("{}")))) for sentence in SENTENCES]
    return f"{name}{year}年法治政府建设年度报告\n{year}年，{name}推进依法行政。" + "。".join(lines) + "。"


def of(number: int, name: str, year: int, figures: list[int]) -> Fingerprint:
    return fingerprint(f"r{number}", f"00000000{number}", year, text(name, year, figures), [name])


FIGURES = [5, 40, 12, 33, 98, 7, 900, 3, 41, 15, 60]


def test_a_copy_with_another_name_and_year_is_the_same_in_sentences_and_figures() -> None:
    found = copies([of(1, "甲镇", 2022, FIGURES), of(2, "乙镇", 2023, FIGURES)])
    assert found == [Copy("r1", "r2", 1.0, 1.0, 11, 11)]


def test_changed_figures_are_counted_apart_from_the_sentences() -> None:
    other = [*FIGURES[:7], *(n + 1 for n in FIGURES[7:])]
    (pair,) = copies([of(1, "甲镇", 2022, FIGURES), of(2, "乙镇", 2022, other)])
    assert pair.sentences == 1.0
    assert pair.figures == pytest.approx(7 / 11)


def test_the_same_township_and_year_is_no_copy_but_a_second_version() -> None:
    one = of(1, "甲镇", 2022, FIGURES)
    assert copies([one, one._replace(report_id="r2")]) == []
    assert len(copies([one, one._replace(report_id="r2", report_year=2023)])) == 1


def test_reports_that_share_a_template_only_are_not_copies() -> None:
    shared = "深入学习贯彻习近平法治思想推进依法行政。" + "严格落实重大行政决策程序规定要求。" * 2
    own = [[f"{letter}村第{n}组修建水渠并调解用水纠纷" for n in "甲乙丙丁戊己"] for letter in "东西"]
    one, two = (fingerprint(f"r{i}", f"00000000{i}", 2023, shared + "。".join(lines)) for i, lines in enumerate(own))
    assert compare(one, two).sentences < 0.4
    assert copies([one, two]) == []


def test_texts_too_short_to_tell_are_not_compared() -> None:
    short = "合成镇推进依法行政工作取得成效。办理行政处罚案件三件并公示。"
    assert copies([fingerprint(f"r{i}", f"00000000{i}", 2023, short) for i in range(2)]) == []
    assert copies([]) == []
    empty = fingerprint("r0", "000000000", 2023, "")
    assert compare(empty, empty) == Copy("r0", "r0", 0.0, None, 0, 1)


def test_a_text_copied_a_thousand_times_gives_pairs_in_its_number_not_its_square() -> None:
    one = of(1, "甲镇", 2022, FIGURES)
    many = [one._replace(report_id=f"r{i:04}", township_code=f"{i:09}") for i in range(1_000)]
    found = copies(many)
    assert 999 <= len(found) <= 2_000
    assert {pair.report_id for pair in found} | {pair.other_id for pair in found} == {r.report_id for r in many}


def synthetic(rng: random.Random, count: int) -> list[Fingerprint]:
    """Reports of 40 sentences out of 4,000, some of them copied in part."""
    pool = ["".join(rng.choices("镇村组户渠桥田林河塘路井坡岭湾", k=12)) + "完成{}件" for _ in range(4_000)]
    reports: list[Fingerprint] = []
    texts: list[list[str]] = []
    for i in range(count):
        lines = [line.format(rng.randrange(99)) for line in rng.sample(pool, 40)]
        if texts and rng.random() < 0.2:
            kept = rng.choice([20, 28, 34, 38, 40])
            lines = rng.sample(rng.choice(texts), kept) + lines[kept:]
        texts.append(lines)
        reports.append(fingerprint(f"r{i:03}", f"{i:09}", 2023, "。".join(lines)))
    return reports


def by_hand(one: Fingerprint, other: Fingerprint) -> Copy:
    """The same as ``compare``, a sentence at a time."""
    exact = dict(zip(other.masked.tolist(), other.exact.tolist(), strict=True))
    rows = zip(one.masked.tolist(), one.exact.tolist(), one.figures.tolist(), strict=True)
    common = [(exact[masked] == own, count) for masked, own, count in rows if masked in exact]
    figures, of = sum(count for _, count in common), min(len(one.masked), len(other.masked))
    share = sum(count for same, count in common if same) / figures if figures else None
    return Copy(one.report_id, other.report_id, len(common) / of, share, len(common), of)


@given(seed=st.integers(0, 2**16), values=st.integers(2, 5))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_candidates_against_each_run_by_itself(seed: int, values: int) -> None:
    """All of a short run with one another; of a long one each with the next and the first; none of the same place."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 60))
    signatures = rng.integers(0, values, (count, BANDS * ROWS)).astype(np.uint32)
    # In some of the cases only the first band agrees anywhere.
    signatures[:, ROWS:] += np.arange(count, dtype=np.uint32)[:, None] * values * rng.integers(0, 2, dtype=np.uint32)
    places = rng.integers(0, 20, count)
    wanted: set[tuple[int, int]] = set()
    for band in range(BANDS):
        runs: dict[tuple[int, ...], list[int]] = {}
        for at, row in enumerate(signatures[:, band * ROWS : (band + 1) * ROWS].tolist()):
            runs.setdefault(tuple(row), []).append(at)
        for run in runs.values():
            wanted |= set(combinations(run, 2) if len(run) <= RUN else pairwise(run))
            wanted |= {(run[0], later) for later in run[1:]}
    for most in (similarity.MOST, 1):  # told apart at the end, and after each band
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(similarity, "MOST", most)
            pairs = candidates(signatures, places).tolist()
        assert pairs == sorted([i, j] for i, j in wanted if places[i] != places[j])


@given(seed=st.integers(0, 2**16))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_against_comparing_all_with_all(seed: int) -> None:
    """Every reported pair is right; of the pairs that agree almost wholly none is lost; the order does not matter."""
    rng = random.Random(seed)
    reports = synthetic(rng, 60)
    truth = {
        (pair.report_id, pair.other_id): pair
        for one, other in combinations(reports, 2)
        if (pair := by_hand(one, other)).sentences >= 0.6
    }
    found = {(pair.report_id, pair.other_id): pair for pair in copies(reports)}
    assert found.items() <= truth.items()
    assert {key for key, pair in truth.items() if pair.sentences >= 0.95} <= found.keys()
    shuffled = rng.sample(reports, len(reports))
    assert {key for key, pair in truth.items() if pair.sentences >= 0.95} <= {
        (pair.report_id, pair.other_id) for pair in copies(shuffled)
    }


def test_signatures_do_not_depend_on_the_process() -> None:
    """Stored fingerprints stay comparable: crc32 and seeded multipliers, never Python's own hash."""
    signature = of(1, "甲镇", 2022, FIGURES).signature
    assert signature.dtype == np.uint32
    assert len(signature) == 96
    assert signature.tolist()[:3] == of(2, "乙镇", 2023, FIGURES).signature.tolist()[:3]
