"""How good the checks are: false warnings on clean synthetic (合成) reports, and planted faults found.

    python bench/checks.py [TOWNS]      240 towns x 5 years clean, and 540 x 5 with a fault in every third town's last

Each corpus twice: with the mentions as they were written down (what ``tests/test_planted_faults.py`` holds to its
bars), and with the same texts read by the extraction itself, so that what it misreads counts against the checks. Two
seeds of each. Last come the labelled working reports of ``tests/gold``, read by the extraction: wording as in real
reports and no fault planted, so that each warning is to be judged by eye; they are printed.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from cases import SHAXI, Case, dictionary, report_of
from planted import FAULTS, corpus

from expectations.checking import CheckContext, run_checks
from expectations.frames import Frames
from transforms.dictionary import Dictionary
from transforms.extraction import extract
from transforms.observations import observe
from transforms.reading import read as read_document
from warehouse.contracts import INDICATORS, MENTIONS, OBSERVATIONS, REPORTS, TEXTS, TOWNSHIPS, Text
from warehouse.schema import to_arrow, to_rows

WORK = Path(__file__).parent.parent / "tests" / "gold" / "work"


def read(tables):
    """The tables with mentions and observations as the extraction reads them in the texts, damage where it was."""
    known = Dictionary.load()
    damage = {}
    for row in tables["mentions"].select(["report_id", "start", "damaged"]).to_pylist():
        if row["damaged"]:
            damage.setdefault(row["report_id"], []).append((row["start"], row["start"] + 1))
    towns = {row["report_id"]: row["township_code"] for row in tables["reports"].to_pylist()}
    mentions, cells = [], []
    for report_id, year, text, *_ in to_rows(TEXTS, tables["texts"]):
        found = extract(text, known, None, damage.get(report_id, ()))
        mentions += [(report_id, year, *mention) for mention in found]
        cells += observe(towns[report_id], year, report_id, found, known.units())
    return {**tables, "mentions": to_arrow(MENTIONS, mentions), "observations": to_arrow(OBSERVATIONS, cells)}


def found(tables):
    return list(run_checks(Frames(tables, "bench"), CheckContext("bench")))


def judge(clean, faulty, how):
    """False warnings on clean reports, and faults found, both as printed lines."""
    false = Counter(f.check for tables in clean for f in found(tables) if f.severity != "info")
    reports = sum(tables["reports"].num_rows for tables in clean)
    print(f"{how}: {false.total()} warnings on {reports:,} clean reports {dict(false)}", flush=True)
    missed, planted = Counter(), Counter()
    for made, tables in faulty:
        named = {(f.report_id, f.check) for f in found(tables)}
        planted.update(made.faults.values())
        missed.update(
            kind for at, kind in made.faults.items() if not any((at, check) in named for check in FAULTS[kind])
        )
    share = planted.total() - missed.total()
    print(f"{how}: {share} of {planted.total()} faults of {len(planted)} kinds; missed {dict(missed)}", flush=True)


def gold():
    """The working reports under a township of the registry whose villages nobody counts."""
    town = SHAXI._replace(village_count=0)
    files = sorted(WORK.glob("*.txt"))
    cases = [
        Case(
            read_document(path.read_bytes()).text,
            (),
            township=town._replace(township_code=f"445103{at:03}", township=path.stem),
        )
        for at, path in enumerate(files)
    ]
    return {
        "reports": to_arrow(REPORTS, [report_of(case) for case in cases]),
        "texts": to_arrow(TEXTS, [Text(case.report_id, case.year, case.text) for case in cases]),
        "mentions": to_arrow(MENTIONS, []),
        "townships": to_arrow(TOWNSHIPS, [case.township for case in cases]),
        "indicators": to_arrow(INDICATORS, dictionary()),
    }


def main():
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    clean = [corpus(towns, 5, seed=seed).tables for seed in (3, 4)]
    faulty = [corpus(towns * 9 // 4, 5, seed=seed, every=3) for seed in (7, 8)]
    judge(clean, [(made, made.tables) for made in faulty], "as written")
    judge([read(tables) for tables in clean], [(made, read(made.tables)) for made in faulty], "as read")
    tables = read(gold())
    names = {row["township_code"]: row["township"] for row in tables["townships"].to_pylist()}
    findings = [f for f in found(tables) if f.severity != "info"]
    print(f"labelled working reports: {len(findings)} warnings on {tables['reports'].num_rows} reports")
    for f in findings:
        print(f"  {names[f.township_code]} {f.check}: {f.message}\n      {f.evidence[:160]}")


if __name__ == "__main__":
    main()
