"""Checking: what a check is, what it may use, and how it says what it found.

A check is one module ``expectations/check_*.py`` with a constant ``CHECKS``: pure functions from the tables to
findings. A new
file is picked up by its name; nothing else has to be changed. Checks on single rows are rules of a table's suite
(``expectations/mentions.py`` and its neighbours), which Great Expectations runs.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import expectations
from warehouse.contracts import Finding, Severity

if TYPE_CHECKING:
    from expectations.frames import Frames

RANK: Mapping[Severity, int] = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Evaluation:
    """How the extraction did on the labelled reports: shares from 0 to 1, None where nothing was measured."""

    mention_precision: float | None = None
    mention_recall: float | None = None
    indicator_precision: float | None = None
    indicator_recall: float | None = None
    reports: int = 0


@dataclass(frozen=True)
class CheckContext:
    """What the checks need beside the tables.

    Attributes:
        run_id: The run that is being checked.
        scope: Code prefixes of the townships that are expected to report; empty where the user named none.
        previous: Tables of the last release by name (``reports``, ``mentions``, ``observations``); empty before the
        first.
        evaluation: Result on the labelled reports in this run, None where it was not measured.
        previous_evaluation: The same of the last release.
        accepted: Names of ratchet checks that a person accepted with ``--accept``; ``all`` accepts every one.
        docs_folder: Where Great Expectations' pages of this run are written; None writes none.
    """

    run_id: str
    scope: tuple[str, ...] = ()
    previous: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    previous_evaluation: Evaluation | None = None
    accepted: frozenset[str] = frozenset()
    docs_folder: Path | None = None


class Check(NamedTuple):
    """A check: its name, the worst severity that it gives, what it says in both languages, and the function.

    ``zh`` and ``en`` are short names for people; ``what`` tells in English what is compared, and ``spared`` what is
    let pass and why.
    """

    name: str
    severity: Severity
    zh: str
    en: str
    what: str
    spared: str
    run: Callable[[Frames, CheckContext], Iterable[Finding]]


def order(finding: Finding) -> tuple[Any, ...]:
    """Sort key: the worst first, then by check and place, so that the same inputs give the same order."""
    return (
        RANK[finding.severity],
        finding.check,
        finding.report_year or 0,
        finding.township_code or "",
        finding.report_id or "",
        finding.indicator or "",
        finding.ordinal or 0,
        finding.message,
    )


@cache
def checks() -> tuple[Check, ...]:
    """Every check of the ``check_*`` modules, by name."""
    found: list[Check] = []
    for module in pkgutil.iter_modules(expectations.__path__):
        if module.name.startswith("check_"):
            found += importlib.import_module(f"expectations.{module.name}").CHECKS
    return tuple(sorted(found, key=lambda check: check.name))


def run_checks(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Run every check over the tables."""
    for check in checks():
        yield from check.run(frames, context)


def number(value: Any) -> str:
    """A number for people: no exponent, no needless zeros, as many digits as it has.

    >>> number(3550000.0), number(98.90)
    ('3550000', '98.9')
    """
    if isinstance(value, float) and value.is_integer():  # as most are, and twenty times as fast
        return str(int(value))
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def evidence(*sentences: str) -> str:
    """Sentences as one evidence: each once, in the order given, one a line; what is missing (None, NaN) is left out."""
    told = (sentence.strip() for sentence in sentences if isinstance(sentence, str))
    return "\n".join(dict.fromkeys(sentence for sentence in told if sentence))
