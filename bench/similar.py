"""Finding copied reports among up to 40,000 synthetic (合成) ones: time by number of reports, and how many are found.

    .venv/bin/python bench/similar.py [REPORTS]

Every report has 60 sentences out of 30,000 and 20 that all reports of its county share; one in twenty is a copy, of
which nine in ten sentences are another report's, with other figures. The reference is comparing all with all, on
1,000 of them.
"""

import random
import sys
import time
from itertools import combinations

from transforms.similarity import Fingerprint, compare, copies, fingerprint

CHARACTERS = "镇村组户渠桥田林河塘路井坡岭湾学法执案调解宣讲"


def texts(count: int, rng: random.Random) -> tuple[list[str], set[tuple[str, str]]]:
    """Texts, and the pairs of identifiers of which one was copied from the other."""
    pool = ["".join(rng.choices(CHARACTERS, k=38)) + "，完成{}件、{}人次" for _ in range(30_000)]
    county: list[str] = []
    made: list[list[str]] = []
    truth: set[tuple[str, str]] = set()
    for i in range(count):
        if i % 20 == 0:
            county = rng.sample(pool, 20)
        lines = county + rng.sample(pool, 60)
        if made and rng.random() < 0.05:
            source = rng.randrange(len(made))
            lines = rng.sample(made[source], 72) + lines[-8:]
            truth.add((f"r{source:05}", f"r{i:05}"))
        made.append(lines)
    return ["。".join(line.format(rng.randrange(400), rng.randrange(9_000)) for line in lines) for lines in made], truth


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    rng = random.Random(11)
    made, truth = texts(count, rng)
    began = time.process_time()
    reports: list[Fingerprint] = [fingerprint(f"r{i:05}", f"{i:09}", 2023, text) for i, text in enumerate(made)]
    spent = time.process_time() - began
    size = sum(len(text.encode()) for text in made) / 1e6
    print(f"fingerprints of {count} reports ({size:.0f} MB): {spent:.1f} s of CPU, {size / spent:.0f} MB/s")
    before = 0.0
    for part in (count // 4, count // 2, count):
        began = time.process_time()
        found = copies(reports[:part])
        spent = time.process_time() - began
        growth = f", {spent / before:.2f} times the time for twice the number" if before else ""
        print(f"copies among {part}: {len(found)} pairs in {spent:.2f} s of CPU{growth}")
        before = spent
    pairs = {(pair.report_id, pair.other_id) for pair in found}
    print(f"of {len(truth)} copies {len(truth & pairs) / len(truth):.2%} are found")
    began = time.process_time()
    exact = sum(compare(one, other).sentences >= 0.6 for one, other in combinations(reports[:1_000], 2))
    spent = time.process_time() - began
    among = sum(int(a[1:]) < 1_000 and int(b[1:]) < 1_000 for a, b in pairs)
    hours = spent * (count / 1e3) ** 2 / 3600
    print(f"all with all among 1,000: {exact} pairs (found: {among}) in {spent:.1f} s; for {count}: {hours:.1f} h")


if __name__ == "__main__":
    main()
