"""Evaluating: precision and recall against labelled reports, printed, and kept for the run report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.home import Home
from transforms.dictionary import Dictionary
from transforms.evaluation import Evaluation, Score, evaluate
from transforms.extraction import extract
from transforms.reading import read
from transforms.rules import rules_digest
from warehouse.contracts import Mention
from warehouse.neutral import printable
from warehouse.printing import render
from warehouse.result import Result
from warehouse.snapshots import write_atomically

if TYPE_CHECKING:
    from expectations import checking

OWN = Path(__file__).parent.parent / "tests" / "gold"
"""The project's own labelled reports, in a clone: ``work`` to learn from, ``held`` only to measure with."""


def folders(given: Path | None) -> list[Path]:
    """The folders of labelled reports to measure: the one given, or those below it; the project's own by default.

    Raises:
        FileNotFoundError: there are none.
    """
    root = given or OWN
    below = sorted({path.parent for path in root.rglob("*.csv") if path.with_suffix(".txt").exists()})
    if not below:
        raise FileNotFoundError(f"{root} holds no labelled reports: give a folder of <name>.txt and <name>.csv pairs")
    return below


def measure(folder: Path) -> Evaluation:
    """Evaluate the extraction on one folder, each text read and cleaned as a file of these bytes would be."""
    dictionary = Dictionary.load()

    def mentions(text: str) -> tuple[Mention, ...]:
        document = read(text.encode())
        return extract(document.text, dictionary, document.offsets, document.damage)

    return evaluate(folder, mentions)


def show(folder: Path, measured: Evaluation, *, errors: bool) -> None:
    """Print the scores in total and by indicator, and every error with its sentence."""
    print(f"\n{folder} · {len(measured.reports)} reports")
    parts = {"mentions 提及": measured.mentions, "indicators 指标": measured.indicators, "names 名称": measured.names}
    parts |= {str(aspect): score for aspect, score in measured.fields.items()}
    _print_scores("aspect", parts)
    if not errors:
        return
    _print_scores("indicator", dict(sorted(measured.by_indicator.items())))
    columns = ("report", "aspect", "surface", "expected", "found", "sentence")
    for line in render(Result(columns, [tuple(map(printable, error)) for error in measured.errors]), "csv"):
        print(line)


def _print_scores(name: str, scores: dict[str, Score]) -> None:
    rows = [(what, _share(s.precision), _share(s.recall), s.right, s.given, s.expected) for what, s in scores.items()]
    for line in render(Result((name, "precision", "recall", "right", "given", "expected"), rows)):
        print(line)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.3f}"


def keep(home: Home, measured: Sequence[Evaluation]) -> None:
    """Keep what was measured last, with the rules that were measured, for the run report."""
    totals: dict[str, Any] = {"rules": rules_digest(), "reports": sum(len(one.reports) for one in measured)}
    for part in ("mentions", "indicators"):
        scores: list[Score] = [getattr(one, part) for one in measured]
        whole = Score(*(sum(values) for values in zip(*scores, strict=True)))
        totals[part] = {"precision": whole.precision, "recall": whole.recall}
    write_atomically(home.evaluation, (json.dumps(totals, indent=1) + "\n").encode())


def of_run(home: Home, run_id: str) -> checking.Evaluation | None:
    """What the report of an earlier run says was measured; None if it says nothing, or is gone."""
    from expectations.checking import Evaluation as Measured

    path = home.storage.bring(home.runs / run_id / "report.json")
    told = json.loads(path.read_bytes()) if path.exists() else {}
    scores = {row["name"]: row["now"] for row in told.get("evaluation", ())}
    return Measured(**scores, reports=told["evaluated_reports"]) if scores else None


def last(home: Home) -> checking.Evaluation | None:
    """What was measured last with the rules as they are; None where these rules were not measured."""
    from expectations.checking import Evaluation as Measured

    kept = json.loads(home.evaluation.read_bytes()) if home.evaluation.exists() else {}
    if kept.get("rules") != rules_digest():
        return None
    return Measured(
        mention_precision=kept["mentions"]["precision"],
        mention_recall=kept["mentions"]["recall"],
        indicator_precision=kept["indicators"]["precision"],
        indicator_recall=kept["indicators"]["recall"],
        reports=kept["reports"],
    )
