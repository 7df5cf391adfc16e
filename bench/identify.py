"""What identification costs beside extraction, and how often it is right, on synthetic (合成) reports with known truth.

    .venv/bin/python bench/identify.py [REPORTS] [CASES]

The speed is measured on texts of the length of a real report (about 13 KB), half of them of townships that share
their name; extraction of the same texts in the same process is the reference, and so is the least that any look-up of
names in a whole text costs (one Aho-Corasick pass with every name of the registry). All times are CPU times.
"""

import sys
import time
from collections import Counter
from pathlib import Path

from ahocorasick_rs import AhoCorasick

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from synthetic_reports import Case, cases, parents_in_title, plain_unique, villages_only
from synthetic_texts import Maker, body, make

from transforms.dictionary import Dictionary
from transforms.document import Refused
from transforms.extraction import extract
from transforms.identity import identify
from transforms.registry import Registry

CHARACTERS = 4_500


def timed(work: object) -> float:
    """CPU seconds of a call."""
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def long_reports(maker: Maker, count: int) -> list[Case]:
    """Reports of about 13 KB of UTF-8: the middle is repeated with other figures."""
    kinds = (plain_unique, parents_in_title, plain_unique, villages_only)
    made = []
    for i in range(count):
        case = kinds[i % len(kinds)](maker)
        text = case.document.text
        unit = maker.registry.township(case.code)
        while len(text) < CHARACTERS:
            text += "\n" + body(maker, unit, case.year).partition("\n四、")[0]
        made.append(case._replace(document=make(text)))
    return made


def identify_all(reports: list[Case], registry: Registry) -> None:
    for case in reports:
        try:
            identify(case.document, registry, case.hint)
        except Refused:
            continue


def speed(count: int, registry: Registry) -> None:
    dictionary = Dictionary.load()
    reports = long_reports(Maker(registry, 7), count)
    characters = sum(len(case.document.text) for case in reports)
    identify_all(reports[:50], registry)
    extract(reports[0].document.text, dictionary, reports[0].document.offsets, ())
    own = min(timed(lambda: identify_all(reports, registry)) for _ in range(3)) / count
    some = reports[: max(50, count // 10)]
    extraction = timed(
        lambda: [extract(c.document.text, dictionary, c.document.offsets, c.document.damage) for c in some]
    ) / len(some)
    automaton = AhoCorasick(list(registry.by_name))
    names = timed(lambda: [automaton.find_matches_as_indexes(case.document.text) for case in reports]) / count
    share = f"identification is {own / extraction:.0%} of it (bar: 20%)"
    print(f"{count} reports of {characters / count:,.0f} characters")
    print(f"identification      {own * 1e6:8.0f} us a report")
    print(f"extraction          {extraction * 1e6:8.0f} us a report: {share}")
    print(f"one pass, all names {names * 1e6:8.0f} us a report: identification is {own / names:.1f} times that")


def accuracy(count: int, registry: Registry) -> None:
    outcomes: Counter[str] = Counter()
    for case in cases(count, seed=1):
        try:
            found = identify(case.document, registry, case.hint)
        except Refused as refused:
            ambiguous = refused.reason in {"township_ambiguous", *case.reasons} if case.code else False
            right = not case.code and refused.reason in case.reasons
            outcomes["right" if right else "ambiguous" if ambiguous else "refused"] += 1
            continue
        outcomes["right" if (found.township_code, found.report_year) == (case.code, case.year) else "wrong"] += 1
    shares = ", ".join(
        f"{name} {outcomes[name]} ({outcomes[name] / count:.2%})" for name in ("right", "ambiguous", "refused", "wrong")
    )
    print(f"{count} cases: {shares} (bars: right or ambiguous 99%, wrong under 0.2%)")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 8_000
    began = time.process_time()
    registry = Registry.load()
    names = len(registry.by_name) + len(registry.by_stem) + len(registry.by_change)
    print(f"registry loaded in {time.process_time() - began:.2f} s of CPU, pyarrow's import included ({names} names)")
    speed(count, registry)
    accuracy(many, registry)


if __name__ == "__main__":
    main()
