"""Validation at scale: every suite and check over synthetic (合成) reports, against one pandas pass over the mentions.

    python bench/validate.py [TOWNS] [YEARS]      8,000 towns x 5 years by default: 40,000 reports, 1.1 million mentions

The reference, in the same process, is what nobody can do without: the mentions to a frame and one group-by over them.
The corpus is that of ``tests/planted.py`` with a fault in every third town's last year, so that findings are made too.
"""

import resource
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from planted import FAULTS, corpus

from expectations.checking import CheckContext, checks
from expectations.frames import Frames, as_frame
from expectations.gate import Found, validate
from expectations.suites import Suites


def reference(tables):
    """The mentions to a frame, and the sum by report and unit."""
    frame = as_frame(tables["mentions"], ["report_id", "unit", "value", "sentence"])
    return frame.groupby(["report_id", "unit"])["value"].sum()


def timed(name, work):
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    print(f"{name:34} {time.perf_counter() - start:7.2f} s   {time.process_time() - cpu:7.2f} s CPU", flush=True)
    return result


def main():
    given = [int(argument) for argument in sys.argv[1:3]]
    towns, years = (*given, *(8_000, 5)[len(given) :])
    made = timed("corpus", lambda: corpus(towns, years, seed=1, every=3))
    rows = {name: table.num_rows for name, table in made.tables.items()}
    print(", ".join(f"{count:,} {name}" for name, count in rows.items()))
    context = CheckContext("bench")
    Suites(context)  # imports Great Expectations
    start = time.perf_counter()
    timed("reference: frame and one group-by", lambda: reference(made.tables))
    base = time.perf_counter() - start
    frames = Frames(made.tables, "bench")
    timed("Great Expectations suites", lambda: Suites(context).run(frames, Found().add))
    for check in checks():
        timed(f"check {check.name}", lambda check=check: list(check.run(frames, context)))
    start = time.perf_counter()
    result = timed("validate, whole", lambda: validate(made.tables, context))
    print(f"validate / reference: {(time.perf_counter() - start) / base:.1f}")
    named = {(finding.report_id, finding.check) for finding in result.findings}
    missed = Counter(
        kind for at, kind in made.faults.items() if not any((at, check) in named for check in FAULTS[kind])
    )
    clean = [f for f in result.findings if f.severity != "info" and f.report_id not in made.faults]
    print(f"planted faults found: {len(made.faults) - missed.total()} of {len(made.faults)}; missed {dict(missed)}")
    others = rows["reports"] - len(made.faults)
    print(f"warnings on other reports: {len(clean)} in {others:,}: {dict(Counter(f.check for f in clean))}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
