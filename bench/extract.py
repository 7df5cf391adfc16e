"""Extraction against one digit pass, a naive extractor and two other libraries, all over the same text in the same run.

    python bench/extract.py            # the sample report, repeated to 2 MB of documents, and one document of 5 MB
    python bench/extract.py --megabytes 10 --repeat 7

References: ``re.finditer('[0-9]+')`` with spans (the floor of any pass in Python), and a naive extractor (number,
multiplier and one of ten measure words, with groups), which knows nothing of dates, names, kinds or nouns. The
extractors of JioNLP and Recognizers-Text run on one report where they can be imported; they are for this benchmark
only and belong in an environment of their own, in which this file runs too:

    python -m venv bench-venv && bench-venv/bin/pip install -e . jionlp recognizers-text-suite 'emoji<2'

All run on one core, in turns, and the least CPU time of the repetitions counts, so that a busy machine disturbs little
and all alike. One report over and over finds what is remembered of it (sums of a heading's weights, gaps without a
noun) in place; the labelled reports of ``tests/gold/work``, each another, show what a report costs that is new.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from transforms.dictionary import Dictionary
from transforms.extraction import extract, quantities

TESTS = Path(__file__).parents[1] / "tests"
SAMPLE = TESTS / "data" / "seed_clean.txt"
MB = 1_000_000
LARGE = 5 * MB
TARGET = 8.0
"""MB of UTF-8 a second and core that the whole path has to reach."""
_DIGITS = re.compile("[0-9]+")
_NAIVE = re.compile("([0-9]+(?:\\.[0-9]+)?)(余|多)?([万亿千百]*)(人次|场次|件|起|宗|次|人|份|条|个|元|%)")

Work = Callable[[str], object]


def digits(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _DIGITS.finditer(text)]


def naive(text: str) -> list[tuple[str, ...]]:
    return [match.groups() for match in _NAIVE.finditer(text)]


def peers() -> dict[str, Work]:
    """The other libraries' extractors that can be imported here."""
    found: dict[str, Work] = {}
    try:
        import jionlp

        found["JioNLP money and time"] = lambda text: (jionlp.ner.extract_money(text), jionlp.ner.extract_time(text))
    except ImportError:
        print("JioNLP is not installed here; the docstring tells how.")
    try:
        from recognizers_number import recognize_number, recognize_percentage
        from recognizers_number_with_unit import recognize_currency, recognize_dimension

        models = (recognize_number, recognize_percentage, recognize_currency, recognize_dimension)
        found["Recognizers-Text"] = lambda text: [model(text, "zh-cn") for model in models]
    except ImportError:
        print("Recognizers-Text is not installed here; the docstring tells how.")
    return found


def fastest(works: dict[str, tuple[Work, list[str]]], repeat: int) -> dict[str, float]:
    """MB of UTF-8 a second of CPU of each work over its documents: best of ``repeat`` turns."""
    best = dict.fromkeys(works, 0.0)
    for _ in range(repeat):
        for name, (work, documents) in works.items():
            size = sum(len(text.encode()) for text in documents)
            start = time.process_time()
            for text in documents:
                work(text)
            best[name] = max(best[name], size / MB / (time.process_time() - start))
    return best


def report(speeds: dict[str, float], whole: str) -> None:
    floor = speeds["digit pass"]
    print(f"{'':34}{'MB/s':>9}{'digit pass is':>15}{'whole path is':>15}")
    for name, speed in speeds.items():
        print(f"{name:34}{speed:9.2f}{floor / speed:13.1f} x{speeds[whole] / speed:13.2f} x")
    print(f"target {TARGET} MB/s: {'reached' if speeds[whole] >= TARGET else 'missed'} on this machine, as loaded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=2.0, help="size of the set of documents")
    parser.add_argument("--repeat", type=int, default=5, help="turns, of which the best counts")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    text = SAMPLE.read_text(encoding="utf-8")
    dictionary = Dictionary.load()
    documents = [text] * max(1, round(arguments.megabytes * MB / len(text.encode())))
    others = [path.read_text(encoding="utf-8") for path in sorted((TESTS / "gold" / "work").glob("*.txt"))]
    large = text * (LARGE // len(text.encode()))
    whole = "extract (to mapped mentions)"
    works: dict[str, tuple[Work, list[str]]] = {
        "digit pass": (digits, documents),
        "naive extractor": (naive, documents),
        "quantities": (quantities, documents),
        whole: (lambda document: extract(document, dictionary), documents),
        "digit pass, other reports": (digits, others * 10),
        "extract, other reports": (lambda document: extract(document, dictionary), others),
        "quantities, one document of 5 MB": (quantities, [large]),
        "extract, one document of 5 MB": (lambda document: extract(document, dictionary), [large]),
    }
    works.update({name: (work, [text]) for name, work in peers().items()})
    found = [mention for mention in extract(text, dictionary) if mention.kind != "name"]
    print(f"{len(documents)} documents of {len(text.encode())} bytes, {len(found)} mentions each")
    report(fastest(works, arguments.repeat), whole)


if __name__ == "__main__":
    main()
