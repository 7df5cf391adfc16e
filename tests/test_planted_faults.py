"""How many false warnings the checks give on a clean corpus, and how many planted faults they find."""

from collections import Counter
from functools import cache

from planted import FAULTS, Corpus, corpus

from expectations.checking import CheckContext, run_checks
from expectations.frames import Frames
from expectations.gate import validate
from warehouse.contracts import Finding


def found(made: Corpus) -> list[Finding]:
    return list(run_checks(Frames(made.tables, "run"), CheckContext("run")))


@cache
def faulty() -> tuple[Corpus, list[Finding]]:
    """A corpus with faults in it, and what is found."""
    made = corpus(count=540, years=5, seed=7, every=3)
    return made, found(made)


def test_fewer_than_one_false_warning_in_twenty_clean_reports() -> None:
    clean = corpus(count=240, years=5, seed=3)
    warnings = [finding for finding in found(clean) if finding.severity != "info"]
    reports = clean.tables["reports"].num_rows
    assert len(warnings) / reports < 1 / 20, Counter(finding.check for finding in warnings)


def test_the_synthetic_tables_are_sound() -> None:
    result = validate(corpus(count=12, years=3, seed=5).tables, CheckContext("run"))
    assert [item.failures for item in result.gx_results] == [()] * 6


def test_at_least_95_of_100_planted_faults_are_found() -> None:
    made, findings = faulty()
    named = {(finding.report_id, finding.check) for finding in findings}
    missed = Counter(
        kind for report, kind in made.faults.items() if not any((report, check) in named for check in FAULTS[kind])
    )
    planted = Counter(made.faults.values())
    assert len(planted) == len(FAULTS) >= 12
    assert missed.total() / planted.total() <= 0.05, missed
    assert all(missed[kind] <= planted[kind] / 3 for kind in planted), missed


def test_reports_beside_faulty_ones_are_left_alone() -> None:
    made, findings = faulty()
    others = [f for f in findings if f.severity != "info" and f.report_id not in made.faults]
    # A copy is told of both reports, since nobody can tell from the figures who copied.
    others = [f for f in others if f.check != "copied_figures"]
    assert len(others) / made.tables["reports"].num_rows < 1 / 20, Counter(f.check for f in others)
