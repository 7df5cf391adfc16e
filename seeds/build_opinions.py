"""Build ``seeds/opinions.parquet``: what labelled examples say of a figure, as a table of small whole numbers.

    python -m seeds.build_opinions           # some minutes; the same examples give the same table

Learns from passages in which every figure is labelled: ``seeds/examples/``, the reports of ``tests/gold/work/``, the
sentences of ``tests/data/phrasings.tsv`` and the sample report; never from ``tests/gold/held/``, which measures. The
method is the averaged passive-aggressive algorithm for many classes (Crammer et al., Online Passive-Aggressive
Algorithms, JMLR 2006, PA-I; Collins 2002 for the averaging): few lines, no library, and updates that touch two labels
alone, which keeps the table sparse.

An example's passage is lines of text in which figures are marked ``【32场次|publicity_events】``: an indicator, several
joined by commas, or one of ``-`` (a figure of the township that no indicator fits), ``part``, ``higher``, and ``plan``,
``norm``, ``prior``, ``change``, which are not learned from. A line that begins with ``@`` opens the next passage.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from seeds import SEEDS
from transforms.cleaning import clean
from transforms.contexts import SIZE, Reading
from transforms.dictionary import Dictionary
from transforms.document import Page
from transforms.evaluation import labels
from transforms.extraction import quantities
from transforms.mapping import Mapping, by_rules
from transforms.opinions import NOTHING, PART, RULED, TABLE, UNLABELLED, rulings
from transforms.quantity import Quantity
from transforms.structure import Structure

EXAMPLES = SEEDS / "examples"
TESTS = SEEDS.parent / "tests"
_MARKED = re.compile("【([^【】|]+)\\|([^【】|]*)】")
_NOT_LEARNED = frozenset(("plan", "norm", "prior", "change"))
_ROUNDS, _AGGRESSIVE = 12, 0.3
"""Rounds over the examples, and the most that one example may move the weights."""
_UNRULED = 0.1
"""Share of the examples whose rules are kept from the learner in a round, so that it can do without."""
_TIMES = 6
"""How often each sentence is read that tests hold the mapping to: they are short, and each stands for itself."""
_DROPPED = 0.4
"""Share of an example's features that are kept from the learner each time, so that no few of them decide alone (Maaten
et al., Learning with Marginalized Corrupted Features, ICML 2013): on real texts
it was worth half a point to a point of F."""
_RARE = 3
"""Sequences of fewer examples are left out."""
_SEVERAL = 2
"""Examples that must state two indicators by one figure before that is believed."""
SCALE, _SMALL = 0.01, 0.08
"""What one unit of the table is worth, and below what a weight is left out: as good as all, in a tenth of the room."""


class Passage(NamedTuple):
    """A text and its labelled figures: start, end, labels. ``unruled``: the rules were made on it and prove nothing."""

    text: str
    figures: tuple[tuple[int, int, tuple[str, ...]], ...]
    unruled: bool


class Example(NamedTuple):
    """A figure: its features and their values, the sequences first, and its labels."""

    features: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    near: int
    """How many of the features are sequences; those behind them are what the rules say."""
    gold: tuple[str, ...]


def passages() -> Iterator[Passage]:
    """Everything that is learned from."""
    for path in sorted(EXAMPLES.glob("*.txt")):
        for text in re.split("(?m)^@.*\n", path.read_text(encoding="utf-8"))[1:]:
            yield marked(text.strip(), unruled=False)
    for path in sorted((TESTS / "gold" / "work").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        told = labels(path.with_suffix(".csv"), text)
        figures = [
            (one.start, one.end, tuple(sorted(one.indicators)) or ((PART if one.scope == "part" else NOTHING),))
            for one in told
            if one.kind in {"actual", "zero"}
        ]
        yield Passage(text, tuple(figures), unruled=True)
    for line in (TESTS / "data" / "phrasings.tsv").read_text(encoding="utf-8").splitlines():
        indicator, sentence = line.split("\t")
        yield from [marked(sentence.replace("】", f"|{indicator}】"), unruled=True)] * _TIMES
    yield _sample()


def _sample() -> Passage:
    """The sample report, whose figures were labelled by hand."""
    text = (TESTS / "data" / "seed_clean.txt").read_text(encoding="utf-8")
    figures: list[tuple[int, int, tuple[str, ...]]] = []
    after = 0
    with (TESTS / "data" / "seed_mentions.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            start = text.find(row["surface"], after)
            after = start + len(row["surface"])
            if start >= 0:
                figures.append((start, after, tuple((row["indicator"] or NOTHING).split(";"))))
    return Passage(text, tuple(figures), unruled=True)


def marked(text: str, unruled: bool) -> Passage:
    """A passage from a text with marks."""
    plain, figures, at = "", [], 0
    for found in _MARKED.finditer(text):
        plain += text[at : found.start()]
        figures.append((len(plain), len(plain) + len(found[1]), tuple(found[2].split(","))))
        plain += found[1]
        at = found.end()
    return Passage(plain + text[at:], tuple(figures), unruled)


class Read(NamedTuple):
    """A passage as the program reads it: cleaned text, structure, quantities, what the rules say, labels by figure."""

    text: str
    structure: Structure
    found: list[Quantity]
    ruled: list[Mapping]
    gold: dict[int, tuple[str, ...]]


def read(passage: Passage, dictionary: Dictionary) -> Read:
    """Read a passage; figures without a label that can be learned from have none."""
    document = clean(Page(passage.text, "text/plain"))
    structure, found = quantities(document.text)
    gold: dict[int, tuple[str, ...]] = {}
    for index, one in enumerate(found):
        low, high = document.offsets.span(one.start, one.end)
        told = next((told for start, end, told in passage.figures if start < high and low < end), None)
        if told is not None and one.kind in {"actual", "zero"} and not _NOT_LEARNED.intersection(told):
            gold[index] = told
    return Read(document.text, structure, found, by_rules(document.text, structure, found, dictionary), gold)


def examples(passage: Passage, dictionary: Dictionary) -> Iterator[Example]:
    """What is learned from a passage, an example for each labelled figure."""
    one = read(passage, dictionary)
    chosen = list(one.gold)
    near, ruling = Reading(one.text, one.structure, one.found).of(chosen), rulings(one.ruled, chosen)
    for row, index in enumerate(chosen):
        sequences, many = np.unique(near.all_of(row), return_counts=True)
        told = np.array(() if passage.unruled else sorted({one for group in ruling[row] for one in group}), np.int64)
        values = np.concatenate((many / np.sqrt(max(1, many.sum())), np.full(len(told), RULED)))
        yield Example(np.concatenate((sequences, told)), values.astype(np.float32), len(sequences), one.gold[index])


def _learn(learned: list[Example], known: list[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """The averaged weights, features by labels, and which features these are."""
    every, times = np.unique(np.concatenate([one.features for one in learned]), return_counts=True)
    kept = every[times >= _RARE]
    row_of = np.full(SIZE, -1, dtype=np.int64)
    row_of[kept] = np.arange(len(kept))
    number = {label: at for at, label in enumerate(known)}
    weights = np.zeros((len(kept), len(known)), np.float32)
    moved = np.zeros_like(weights)
    near = np.empty((max(len(one.features) for one in learned), len(known)), np.float32)
    random = np.random.default_rng(0)
    step = 1
    for turn in range(_ROUNDS):
        wrong = 0
        for at in random.permutation(len(learned)):
            one = learned[at]
            until = one.near if random.random() < _UNRULED else len(one.features)
            rows, values = row_of[one.features[:until]], one.values[:until]
            told = (rows >= 0) & (random.random(len(rows), np.float32) >= _DROPPED)
            values, rows = values[told] / np.float32(1 - _DROPPED), rows[told]
            gold = np.array([number[label] for label in one.gold])
            # Into one room for all, or half the time goes into asking for memory; "clip" since every row is there.
            scores = values @ weights.take(rows, axis=0, out=near[: len(rows)], mode="clip")
            step += 1
            worst = gold[scores[gold].argmin()]
            others = scores.copy()
            others[gold] = -np.inf
            rival = others.argmax()
            loss = 1 - scores[worst] + scores[rival]
            if loss > 0 and len(rows):
                wrong += 1
                change = min(_AGGRESSIVE, loss / (2 * float(values @ values))) * values
                weights[rows, worst] += change
                weights[rows, rival] -= change
                moved[rows, worst] += step * change
                moved[rows, rival] -= step * change
        print(
            f"round {turn + 1} of {_ROUNDS}: {wrong / len(learned):.3f} of the examples moved the weights", flush=True
        )
    return weights - moved / np.float32(step), kept.astype(np.int64)


def _pairs(learned: list[Example]) -> list[list[str]]:
    """The indicators that several examples state by one figure."""
    found = Counter(pair for one in learned for pair in combinations(sorted(one.gold), 2))
    return [list(pair) for pair, times in sorted(found.items()) if times >= _SEVERAL]


def digest() -> str:
    """Twelve hex digits over everything that is learned from; the table says from which it was made."""
    told = hashlib.sha256()
    for passage in passages():
        told.update(repr(passage).encode())
    return told.hexdigest()[:12]


def labels_of(learned: list[Example]) -> list[str]:
    """All labels, those that are no indicators first."""
    return [*UNLABELLED, *sorted({label for one in learned for label in one.gold} - set(UNLABELLED))]


def weigh(learned: list[Example], known: list[str]) -> tuple[npt.NDArray[np.integer], ...]:
    """Learn: the columns feature, label and weight of the table, one row for each weight, in the features' order."""
    weights, kept = _learn(learned, known)
    small = np.rint(weights / SCALE).astype(np.int16)
    small[np.abs(weights) < _SMALL] = 0
    rows, owners = np.nonzero(small)
    return kept[rows], owners, small[rows, owners]


def build(path: Path = TABLE) -> None:
    """Learn, and write the table."""
    dictionary = Dictionary.load()
    learned = [one for passage in passages() for one in examples(passage, dictionary)]
    known = labels_of(learned)
    print(f"{len(learned)} figures, {len(known)} labels", flush=True)
    features, owners, weights = weigh(learned, known)
    table = pa.table(
        {
            "feature": pa.array(np.diff(features, prepend=0).astype(np.int32)),
            "label": pa.array(owners.astype(np.uint16)),
            "weight": pa.array(weights),
        }
    )
    about = json.dumps(
        {
            "labels": known,
            "pairs": _pairs(learned),
            "scale": SCALE,
            "examples": len(learned),
            "learned_from": digest(),
        }
    )
    table = table.replace_schema_metadata({"opinions": about})
    pq.write_table(table, path, compression="zstd", compression_level=19, write_statistics=False)
    print(f"{len(weights)} weights, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE)
