"""The dictionary of indicators: ``seeds/indicators.csv``, validated row by row, and the words that it uses.

Adding an indicator is adding a row. The columns are those of the ``indicators`` table (``warehouse/contracts.py``) and
three that the mapping reads: ``terms`` (``transforms/terms.py`` has their language), ``classifiers`` (units of
``seeds/units.csv`` that its figures take; empty: those of its ``unit``) and ``excludes`` (words that speak against it
next to the figure; with ``~`` also earlier in the clause, with ``@`` anywhere between the semicolons around it).
``seeds/README.md`` explains them with examples.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, get_args

from seeds import SEEDS
from transforms.lexicon import Lexicon
from transforms.rules import digest_files
from transforms.terms import TermError, Way, expand, ways
from transforms.units import units
from warehouse.contracts import Aggregation, Indicator

COLUMNS = (*Indicator._fields[:6], "terms", "classifiers", "excludes", *Indicator._fields[6:])
WORDS = "indicator_words.csv"
KINDS = ("unit", "words", "boundary", "function", "domain")
"""Kinds of rows in the words file: units of indicators, words for ``<...>``, light verbs, function words, headings."""


class DictionaryError(ValueError):
    """The dictionary is wrong; the message names file and line, what is wrong there and what to do."""


class Entry(NamedTuple):
    """One row: the indicator as published, and what the mapping looks for."""

    row: Indicator
    ways: tuple[Way, ...]
    classifiers: frozenset[str]
    excludes: frozenset[str]
    """Words that speak against the indicator next to the figure."""
    clause_excludes: frozenset[str]
    """Words that speak against it also earlier in the figure's clause."""
    far_excludes: frozenset[str]
    """Words that speak against it anywhere in the sentence."""
    line: int


class Words(NamedTuple):
    """``seeds/indicator_words.csv``: word -> members, for each kind of row."""

    unit: dict[str, tuple[str, ...]]
    words: dict[str, tuple[str, ...]]
    boundary: dict[str, tuple[str, ...]]
    function: dict[str, tuple[str, ...]]
    domain: dict[str, tuple[str, ...]]


class Dictionary:
    """The indicators in the order of the file, and the automaton that finds their words."""

    def __init__(self, entries: tuple[Entry, ...], words: Words, paths: tuple[Path, ...]) -> None:
        self.entries, self.words, self.paths = entries, words, paths

    @staticmethod
    def load(path: Path | None = None, words: Path | None = None) -> Dictionary:
        """Read and check the dictionary; without paths the project's own, once a process.

        Raises:
            DictionaryError: a row is wrong; the message names file and line.
        """
        return _load(path or SEEDS / "indicators.csv", words or SEEDS / WORDS)

    def rows(self) -> tuple[Indicator, ...]:
        """The rows of the ``indicators`` table."""
        return tuple(entry.row for entry in self.entries)

    def units(self) -> dict[str, str]:
        """The unit of every indicator."""
        return {entry.row.indicator: entry.row.unit for entry in self.entries}

    def digest(self) -> str:
        """Twelve hex digits over the dictionary's files."""
        return digest_files(self.paths)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of all rows, compiled for one pass over a text."""
        return Lexicon(self.entries, self.words)


@cache
def _load(path: Path, words_path: Path) -> Dictionary:
    words = _words(words_path)
    entries: list[Entry] = []
    names: dict[str, int] = {}
    for line, cells in _lines(path, COLUMNS):
        try:
            entry = _entry(cells, words, line)
        except (TermError, DictionaryError) as error:
            raise DictionaryError(f"{path.name}, line {line}: {error}") from None
        name = entry.row.indicator
        if name in names:
            raise DictionaryError(
                f"{path.name}, line {line}: indicator {name} is already line {names[name]}; keep one row"
            )
        names[name] = line
        entries.append(entry)
    _check_parents(entries, names, path)
    _check_claims(entries, path)
    return Dictionary(tuple(entries), words, (path, words_path))


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, strict=True)
        if tuple(reader.fieldnames or ()) != columns:
            raise DictionaryError(f"{path.name}, line 1: the columns must be {','.join(columns)}")
        for cells in reader:
            if None in cells or None in cells.values():
                raise DictionaryError(f"{path.name}, line {reader.line_num}: {len(columns)} columns are needed")
            yield reader.line_num, cells


def _words(path: Path) -> Words:
    tables: dict[str, dict[str, tuple[str, ...]]] = {kind: {} for kind in KINDS}
    for line, cells in _lines(path, ("kind", "word", "members", "meaning")):
        kind, word = cells["kind"], cells["word"]
        members = tuple(cells["members"].split(";"))
        if kind not in tables:
            raise DictionaryError(f"{path.name}, line {line}: kind must be one of {', '.join(KINDS)}, not “{kind}”")
        if not word or word in tables[kind] or not all(members) or len(set(members)) < len(members):
            raise DictionaryError(
                f"{path.name}, line {line}: “{word}” needs a name of its own and members that are told once"
            )
        if kind == "unit":
            _check_units(members, f"{path.name}, line {line}: ")
        tables[kind][word] = members
    return Words(**tables)


def _check_units(surfaces: tuple[str, ...], place: str = "") -> None:
    known = {unit.unit for unit in units().values()}
    for surface in surfaces:
        if surface not in known:
            raise DictionaryError(f"{place}unit “{surface}” is not in units.csv; add it there or take another")


def _entry(cells: Mapping[str, str], words: Words, line: int) -> Entry:
    for column in ("indicator", "name_zh", "name_en", "domain", "definition"):
        if not cells[column]:
            raise DictionaryError(f"{column} is empty")
    if cells["unit"] not in words.unit:
        raise DictionaryError(f"unit “{cells['unit']}” is not in {WORDS} (kind unit): {', '.join(words.unit)}")
    if cells["domain"] not in words.domain:
        raise DictionaryError(f"domain “{cells['domain']}” is not in {WORDS} (kind domain): {', '.join(words.domain)}")
    if cells["aggregation"] not in get_args(Aggregation):
        raise DictionaryError(f"aggregation “{cells['aggregation']}” is not one of {', '.join(get_args(Aggregation))}")
    if (cells["aggregation"] == "rate") != (cells["unit"] == "percent"):
        raise DictionaryError("a rate is in percent and nothing else is")
    low, high = _bound(cells, "plausible_min"), _bound(cells, "plausible_max")
    if low is not None and high is not None and low > high:
        raise DictionaryError(f"plausible_min {low} is above plausible_max {high}")
    classifiers = expand(cells["classifiers"], words.words, ";") if cells["classifiers"] else words.unit[cells["unit"]]
    _check_units(classifiers)
    marked = cells["excludes"].replace("@", "\0").replace("~", "\1")
    excludes = [
        mark + word
        for cell in (marked.split("/") if marked else ())
        for mark in [cell[:1] if cell[:1] in {"\0", "\1"} else ""]
        for word in expand(cell[len(mark) :], words.words, "/")
    ]
    aggregation: Aggregation = next(name for name in get_args(Aggregation) if name == cells["aggregation"])
    row = Indicator(
        cells["indicator"],
        cells["name_zh"],
        cells["name_en"],
        cells["domain"],
        cells["unit"],
        aggregation,
        cells["part_of"] or None,
        cells["ratio_of"] or None,
        low,
        high,
        cells["definition"],
    )
    return Entry(
        row,
        ways(cells["terms"], words.words, cells["aggregation"] == "rate"),
        frozenset(classifiers),
        frozenset(word for word in excludes if word[0] not in "\0\1"),
        frozenset(word[1:] for word in excludes if word.startswith("\1")),
        frozenset(word[1:] for word in excludes if word.startswith("\0")),
        line,
    )


def _bound(cells: Mapping[str, str], column: str) -> Decimal | None:
    if not cells[column]:
        return None
    try:
        value = Decimal(cells[column])
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise DictionaryError(f"{column} “{cells[column]}” is not a number")
    return value


def _check_parents(entries: list[Entry], names: Mapping[str, int], path: Path) -> None:
    """Every parent and every side of a rate is an indicator, and no chain of parents comes back to its start."""
    parents = {entry.row.indicator: entry.row.part_of for entry in entries}
    for entry in entries:
        row, place = entry.row, f"{path.name}, line {entry.line}: "
        sides = row.ratio_of.split("/") if row.ratio_of else []
        if len(sides) not in {0, 2}:
            raise DictionaryError(f"{place}ratio_of “{row.ratio_of}” is not numerator/denominator (one may be empty)")
        for name in filter(None, (row.part_of, *sides)):
            if name not in names:
                raise DictionaryError(f"{place}indicator {name} does not exist; correct part_of or ratio_of, or add it")
        seen, parent = {row.indicator}, row.part_of
        while parent:
            if parent in seen:
                raise DictionaryError(f"{place}part_of of {row.indicator} comes back to {parent}; cut the circle")
            seen.add(parent)
            parent = parents[parent]


def _check_claims(entries: list[Entry], path: Path) -> None:
    """No two indicators claim the same words, in the same groups, with the same classifier: which one would win?"""
    claims: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        own: set[tuple[str, ...]] = set()
        for way in entry.ways:
            if len(way.groups) == 1:
                own.update((word,) for word in way.groups[0].words)
            else:
                own.add(tuple(sorted("/".join(sorted(group.words)) for group in way.groups)))
        for claim in sorted(own):
            for other in claims.setdefault(claim, []):
                if other.classifiers & entry.classifiers:
                    raise DictionaryError(
                        f"{path.name}, line {entry.line}: {entry.row.indicator} claims “{' + '.join(claim)}” with "
                        f"{'、'.join(sorted(other.classifiers & entry.classifiers))}, as {other.row.indicator} does "
                        f"(line {other.line}); add a further group (+ or @) or other classifiers to one of them"
                    )
            claims[claim].append(entry)
