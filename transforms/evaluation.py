"""Evaluation: what the extraction finds in labelled reports, against what a careful reader found there.

A labelled report is two files of one name: ``<slug>.txt``, its text, and ``<slug>.csv``, its mentions in text order.
The labels follow ``docs/conventions.md``; ``clause`` is a piece of the text that holds the surface and is searched for
forward from the row before. A found mention and a labelled one are the same where their spans overlap, so that 左右 and
以上 may be in the surface or not. Rows of kind ``name`` are optional: finding them as names, or not at all, is right;
telling one as a quantity is an error.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from transforms.structure import parse
from warehouse.contracts import Kind, Mention, Qualifier, Scope

COLUMNS = (
    *("ordinal", "clause", "surface", "value", "value_high", "unit_surface"),
    *("qualifier", "kind", "scope", "indicators", "note"),
)

Aspect = Literal["missed", "extra", "name", "value", "unit", "qualifier", "kind", "scope", "indicators"]
"""What is wrong: a mention not found, one that is none, a name told as a quantity, or a field of a found mention."""

FIELDS: tuple[Aspect, ...] = ("value", "unit", "qualifier", "kind", "scope", "indicators")
"""The aspects that compare a found mention with its label."""


class GoldError(ValueError):
    """A labelled report cannot be used; the message names file and line, what is wrong and what to do."""


class Label(NamedTuple):
    """One labelled mention with its span in the text."""

    surface: str
    value: Decimal | None
    value_high: Decimal | None
    unit_surface: str
    qualifier: str
    kind: str
    scope: str
    indicators: frozenset[str]
    start: int
    end: int


class Score(NamedTuple):
    """Counts of right answers, answers given and answers expected."""

    right: int = 0
    given: int = 0
    expected: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the given answers that are right; None where none was given."""
        return self.right / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """Share of the expected answers that were given; None where none was expected."""
        return self.right / self.expected if self.expected else None

    def plus(self, right: int, given: int, expected: int) -> Score:
        """This score with further counts."""
        return Score(self.right + right, self.given + given, self.expected + expected)


class Error(NamedTuple):
    """One error, with the sentence that shows it."""

    report: str
    aspect: Aspect
    surface: str
    expected: str
    found: str
    sentence: str


@dataclass(frozen=True)
class Evaluation:
    """What was measured over a folder of labelled reports."""

    reports: tuple[str, ...] = ()
    mentions: Score = field(default_factory=Score)
    """Quantities: ``given`` counts names told as quantities and extra ones, ``expected`` no names."""
    names: Score = field(default_factory=Score)
    """Labelled names: ``expected`` of them, ``right`` were not told as quantities."""
    fields: dict[Aspect, Score] = field(default_factory=dict)
    """For each of ``FIELDS`` but ``indicators``, over the mentions found: precision and recall are the same."""
    indicators: Score = field(default_factory=Score)
    """One answer per mention and indicator, missed and extra mentions included."""
    by_indicator: dict[str, Score] = field(default_factory=dict)
    errors: tuple[Error, ...] = ()

    @property
    def false_quantities(self) -> float | None:
        """Share of the told quantities that are none: extra mentions and names."""
        precision = self.mentions.precision
        return None if precision is None else 1 - precision

    def summary(self) -> dict[str, object]:
        """The figures without the errors, as JSON takes them; shares are rounded to four places."""
        parts: dict[str, Score] = {"mentions": self.mentions, "names": self.names, "indicators": self.indicators}
        parts |= {str(aspect): score for aspect, score in self.fields.items()}
        return {
            "reports": len(self.reports),
            "false_quantities": _rounded(self.false_quantities),
            **{name: _shares(score) for name, score in parts.items()},
            "by_indicator": {name: _shares(score) for name, score in sorted(self.by_indicator.items())},
            "errors": dict(sorted(Counter(error.aspect for error in self.errors).items())),
        }


def evaluate(folder: Path, extract: Callable[[str], Sequence[Mention]]) -> Evaluation:
    """Measure ``extract`` on every labelled report of a folder.

    Args:
        folder: Holds pairs of ``<slug>.txt`` and ``<slug>.csv``.
        extract: From a report's text, as it stands in the file, to its mentions; ``source_start`` and ``source_end``
        refer to it.

    Raises:
        GoldError: no labelled report, a file without its pair, or a label that the text does not hold.
    """
    slugs = sorted(path.stem for path in folder.glob("*.txt"))
    if not slugs:
        raise GoldError(f"{folder}: holds no labelled report; give a folder of <name>.txt and <name>.csv pairs")
    tally = _Tally()
    for slug in slugs:
        text = (folder / f"{slug}.txt").read_text(encoding="utf-8")
        tally.report(slug, text, labels(folder / f"{slug}.csv", text), extract(text))
    return tally.evaluation(tuple(slugs))


def labels(path: Path, text: str) -> list[Label]:
    """The labels of one report, each found in its text.

    Raises:
        GoldError: the file is missing, a column or value is not of the format, or the text does not hold a label.
    """
    if not path.exists():
        raise GoldError(f"{path}: missing; every <name>.txt needs its <name>.csv")
    found: list[Label] = []
    clause_at = after = 0
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise GoldError(f"{path}, line 1: the columns must be {','.join(COLUMNS)}")
        for row in reader:
            place = f"{path}, line {reader.line_num}: "
            at = _locate(text, row["clause"], row["surface"], clause_at, after)
            if at is None:
                raise GoldError(
                    f"{place}the text after the row before does not hold “{row['surface']}” in “{row['clause']}”"
                )
            clause_at, start = at
            after = start + len(row["surface"])
            found.append(_label(row, start, place))
    return found


def _locate(text: str, clause: str, surface: str, clause_from: int, after: int) -> tuple[int, int] | None:
    """Where the clause and, behind the label before, its surface stand; a surface inside a longer number is not it."""
    clause_at = text.find(clause, clause_from) if clause and surface else -1
    while clause_at >= 0:
        end = clause_at + len(clause)
        start = text.find(surface, max(clause_at, after), end)
        while start > 0 and surface[0].isdigit() and text[start - 1] in "0123456789.":
            start = text.find(surface, start + 1, end)
        if start >= 0:
            return clause_at, start
        clause_at = text.find(clause, clause_at + 1)
    return None


def _label(row: dict[str, str], start: int, place: str) -> Label:
    for column, domain in (("kind", Kind), ("qualifier", Qualifier), ("scope", Scope)):
        if row[column] not in get_args(domain):
            raise GoldError(f"{place}{column} “{row[column]}” is not one of {', '.join(get_args(domain))}")
    try:
        value, high = (Decimal(row[column]) if row[column] else None for column in ("value", "value_high"))
    except InvalidOperation:
        raise GoldError(f"{place}value “{row['value']}” or value_high “{row['value_high']}” is not a number") from None
    return Label(
        row["surface"],
        value,
        high,
        row["unit_surface"].replace("％", "%"),
        row["qualifier"],
        row["kind"],
        row["scope"],
        frozenset(filter(None, row["indicators"].split(";"))),
        start,
        start + len(row["surface"]),
    )


class _Tally:
    """Counts of right, given and expected answers while reports are compared one after another."""

    def __init__(self) -> None:
        self.mentions = self.names = self.indicators = Score()
        self.fields: dict[Aspect, Score] = {aspect: Score() for aspect in FIELDS if aspect != "indicators"}
        self.by_indicator: dict[str, Score] = {}
        self.errors: list[Error] = []

    def report(self, slug: str, text: str, expected: list[Label], found: Sequence[Mention]) -> None:
        structure = parse(text)

        def note(aspect: Aspect, surface: str, want: str, got: str, at: int) -> None:
            low, high = structure.sentence(at)
            self.errors.append(Error(slug, aspect, surface, want, got, text[low:high].strip()))

        for label, mention in _pairs(expected, found):
            if label is None and mention is not None:
                self._extra(mention, note)
            elif label is not None and label.kind == "name":
                self._name(label, mention, note)
            elif label is not None and mention is None:
                self.mentions = self.mentions.plus(0, 0, 1)
                self._indicators(label.indicators, frozenset())
                note("missed", label.surface, _told(label.indicators) or label.kind, "", label.start)
            elif label is not None and mention is not None:
                self.mentions = self.mentions.plus(1, 1, 1)
                self._compare(label, mention, note)

    def _extra(self, mention: Mention, note: _Note) -> None:
        if mention.kind == "name":
            return
        self.mentions = self.mentions.plus(0, 1, 0)
        self._indicators(frozenset(), frozenset(mention.indicators))
        note("extra", mention.surface, "", _told(mention.indicators) or mention.kind, mention.source_start)

    def _name(self, label: Label, mention: Mention | None, note: _Note) -> None:
        right = mention is None or mention.kind == "name"
        self.names = self.names.plus(int(right), 1, 1)
        if not right and mention is not None:
            self.mentions = self.mentions.plus(0, 1, 0)
            self._indicators(frozenset(), frozenset(mention.indicators))
            note("name", label.surface, "name", _told(mention.indicators) or mention.kind, label.start)

    def _compare(self, label: Label, mention: Mention, note: _Note) -> None:
        pairs: dict[Aspect, tuple[object, object]] = {
            "value": ((label.value, label.value_high), (mention.value, mention.value_high)),
            "unit": (label.unit_surface, mention.unit_surface.replace("％", "%")),
            "qualifier": (label.qualifier, mention.qualifier),
            "kind": (label.kind, mention.kind),
            "scope": (label.scope, mention.scope),
        }
        for aspect, (want, got) in pairs.items():
            self.fields[aspect] = self.fields[aspect].plus(int(want == got), 1, 1)
            if want != got:
                note(aspect, label.surface, _plain(want), _plain(got), label.start)
        given = frozenset(mention.indicators)
        self._indicators(label.indicators, given)
        if given != label.indicators:
            note("indicators", label.surface, _told(label.indicators), _told(given), label.start)

    def _indicators(self, want: frozenset[str], got: frozenset[str]) -> None:
        self.indicators = self.indicators.plus(len(want & got), len(got), len(want))
        for name in want | got:
            known = self.by_indicator.get(name, Score())
            self.by_indicator[name] = known.plus(int(name in want and name in got), int(name in got), int(name in want))

    def evaluation(self, slugs: tuple[str, ...]) -> Evaluation:
        return Evaluation(
            slugs,
            self.mentions,
            self.names,
            self.fields,
            self.indicators,
            dict(sorted(self.by_indicator.items())),
            tuple(self.errors),
        )


_Note = Callable[[Aspect, str, str, str, int], None]


def _pairs(expected: list[Label], found: Sequence[Mention]) -> Iterator[tuple[Label | None, Mention | None]]:
    """Labels and mentions in text order, paired where their spans overlap; what is left over stands alone."""
    mentions = sorted(found, key=lambda mention: (mention.source_start, mention.source_end))
    place = 0
    for label in expected:
        while place < len(mentions) and mentions[place].source_end <= label.start:
            yield None, mentions[place]
            place += 1
        if place < len(mentions) and mentions[place].source_start < label.end:
            yield label, mentions[place]
            place += 1
        else:
            yield label, None
    for mention in mentions[place:]:
        yield None, mention


def _told(indicators: frozenset[str] | tuple[str, ...]) -> str:
    return ";".join(sorted(indicators))


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "-".join(str(part) for part in value if part is not None)
    return str(value)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _shares(score: Score) -> dict[str, float | int | None]:
    return {
        "right": score.right,
        "given": score.given,
        "expected": score.expected,
        "precision": _rounded(score.precision),
        "recall": _rounded(score.recall),
    }
