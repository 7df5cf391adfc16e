"""The labelled reports themselves: found in order, values as the surfaces say, ids known, full length, marked."""

from __future__ import annotations

import csv
import re
import unicodedata
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from warehouse.contracts import Kind, Qualifier, Scope

GOLD = Path(__file__).parent / "gold"
INDICATORS = Path(__file__).parents[1] / "seeds" / "indicators.csv"
COLUMNS = "ordinal,clause,surface,value,value_high,unit_surface,qualifier,kind,scope,indicators,note"
MARK = "（合成文本，仅供测试）"
TEXTS = sorted(GOLD.glob("*/*.txt"))
LABELLED = [path for path in TEXTS if path.with_suffix(".csv").exists()]
SLUG = re.compile(r"(?P<province>[a-z]+)-(?P<year>20\d\d)-(?P<kind>[a-z-]+)-(?P<name>[a-z]+)")
NEGATIONS = ("未", "没有", "无", "零", "不存在")
QUALIFYING = re.compile(r"余|多|左右|以上|以下|以内|许|来")

texts = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
labels = pytest.mark.parametrize("path", LABELLED, ids=lambda path: path.stem)


class Found(NamedTuple):
    """Where a labelled mention stands in its text."""

    row: dict[str, str]
    start: int
    end: int


def squeezed(text: str) -> tuple[str, list[int]]:
    """The text without whitespace, and where each of its characters stood."""
    places = [place for place, character in enumerate(text) if not character.isspace()]
    return "".join(text[place] for place in places), places


def located(text: str, rows: list[dict[str, str]]) -> list[Found]:
    """Find every row by forward search, whitespace disregarded; fail with the row that cannot be found."""
    bare, places = squeezed(text)
    found: list[Found] = []
    cursor = 0
    for row in rows:
        clause, surface = squeezed(row["clause"])[0], squeezed(row["surface"])[0]
        inside = clause.find(surface)
        assert surface, f"row {row['ordinal']}: no surface"
        assert inside >= 0, f"row {row['ordinal']}: {row['surface']!r} is not in its clause {row['clause']!r}"
        # Mentions of one clause may share it: it may begin before the cursor as long as the surface does not.
        begin = bare.find(clause, max(0, cursor - len(clause)))
        while begin >= 0:
            inside = clause.find(surface, max(0, cursor - begin))
            if inside >= 0:
                break
            begin = bare.find(clause, begin + 1)
        assert begin >= 0, f"row {row['ordinal']}: {row['clause']!r} does not follow the mention before it"
        start, cursor = begin + inside, begin + inside + len(surface)
        found.append(Found(row, places[start], places[cursor - 1] + 1))
    return found


@cache
def labelled(path: Path) -> tuple[str, list[Found]]:
    """The text and its located labels."""
    text = path.read_text(encoding="utf-8")
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return text, located(text, rows)


DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
STEPS = {"十": 10, "百": 100, "千": 1000}


def written(number: str) -> Decimal:
    """Read a number as written: digits with a multiplier, or Chinese numerals; independent of the extraction."""
    number = QUALIFYING.sub("", number)
    arabic = re.match(r"[\d.,]+", number)
    value = Decimal(arabic[0].replace(",", "")) if arabic else Decimal(0)
    rest = number[arabic.end() :] if arabic else number
    section, digit = Decimal(0), Decimal(0)
    for character in rest if not arabic else "":
        if character in DIGITS:
            digit = Decimal(DIGITS[character])
        elif character in STEPS:
            section, digit = section + (digit or 1) * STEPS[character], Decimal(0)
        elif character in "万亿":
            section, digit = ((section + digit) or Decimal(1)) * (10**4 if character == "万" else 10**8), Decimal(0)
    if not arabic:
        return section + digit
    for character in rest:
        value *= Decimal({"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}.get(character, 1))
    return value


NUMBER = re.compile(r"\d[\d.,]*[余多]?[百千万亿]*|[〇零一二三四五六七八九十百千万亿两余多]+")


def numbers(row: dict[str, str]) -> list[Decimal]:
    """Every number that the surface writes, the unit and the words around it left out."""
    surface = unicodedata.normalize("NFKC", squeezed(row["surface"])[0])
    # the unit is normalised like the surface: ㎡ becomes m2 and its 2 is no number
    surface = (
        surface.replace(unicodedata.normalize("NFKC", row["unit_surface"]), "") if row["unit_surface"] else surface
    )
    surface = re.sub(r"^[^\d〇零一二三四五六七八九十百千万亿两]+", "", surface).removeprefix("百分之")
    return [written(number) for number in NUMBER.findall(surface) if QUALIFYING.sub("", number)]


def test_every_text_has_labels_and_every_label_file_a_text() -> None:
    assert [path.with_suffix(".csv") for path in TEXTS] == sorted(GOLD.glob("*/*.csv"))


def test_the_set_covers_provinces_years_and_kinds() -> None:
    slugs = [SLUG.fullmatch(path.stem) for path in TEXTS]
    assert all(slugs), [path.stem for path, slug in zip(TEXTS, slugs, strict=True) if not slug]
    parts = [{slug[part] for slug in slugs if slug} for part in ("province", "year", "kind", "name")]
    assert len(TEXTS) >= 24
    assert len(parts[0]) >= 15
    assert parts[1] >= {str(year) for year in range(2018, 2026)}
    assert parts[2] >= {"town", "township", "street", "ethnic-township"}
    assert len(parts[3]) == len(TEXTS), "a name stands twice: is a text in both halves?"


def test_enough_texts_are_held_back() -> None:
    held = sum(path.parent.name == "held" for path in TEXTS)
    assert len(TEXTS) <= 5 * held, "fewer than one text in five is held back"
    assert held < len(TEXTS) - held


@texts
def test_a_text_is_clean_full_length_and_marked(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert 2000 <= len(squeezed(text)[0]) <= 6000
    assert text.rstrip("\n").rsplit("\n", 1)[-1] == MARK
    assert not re.search("[\ufeff\ufffd\r\x00-\x08\ue000-\uf8ff]", text)


@labels
def test_labels_are_complete_rows_in_order(path: Path) -> None:
    text, found = labelled(path)
    assert ",".join(found[0].row) == COLUMNS
    assert [mention.row["ordinal"] for mention in found] == [str(n) for n in range(1, len(found) + 1)]
    for before, mention in pairwise(found):
        assert before.end <= mention.start, mention.row
    for mention in found:
        cut = [text[mention.start - 1 : mention.start + 1], text[mention.end - 1 : mention.end + 1]]
        assert not any(re.fullmatch(r"[\d.]\d", pair) for pair in cut), f"a number is cut in two: {mention.row}"


@labels
def test_labels_use_the_words_of_the_contracts(path: Path) -> None:
    for row in (mention.row for mention in labelled(path)[1]):
        assert row["qualifier"] in get_args(Qualifier), row
        assert row["kind"] in get_args(Kind), row
        assert row["scope"] in get_args(Scope), row


@labels
def test_values_are_what_the_surfaces_write(path: Path) -> None:
    for row in (mention.row for mention in labelled(path)[1]):
        values = [Decimal(row[column]) for column in ("value", "value_high") if row[column]]
        if row["kind"] == "zero" or not numbers(row):
            assert values == [0], row
            assert any(word in row["surface"] for word in NEGATIONS), row
            continue
        assert row["kind"] == "change" or values[0] >= 0, f"only a change has a sign: {row}"
        read = numbers(row)
        if row["unit_surface"] == "成":
            read = [value * 10 for value in read]
        if row["unit_surface"] == "元" and "万" not in row["surface"] and "亿" not in row["surface"]:
            # a table cell under a header in 万元
            assert [abs(value) for value in values] in (read, [value * 10000 for value in read]), row
            continue
        if row["kind"] == "name":
            assert abs(values[0]) in read or len(read) > 1, row
            continue
        assert [abs(value) for value in values] == read, row


@labels
def test_units_are_written_in_the_surface_or_its_neighbourhood(path: Path) -> None:
    text, found = labelled(path)
    for mention in found:
        unit, surface = mention.row["unit_surface"], squeezed(mention.row["surface"])[0].replace("％", "%")
        assert not re.search(r"[万亿\d\s]", unit), mention.row
        # a shared unit stands with a later number, a cell's unit in the header above it
        around = squeezed(text[max(0, mention.start - 400) : mention.end + 40])[0].replace("％", "%")
        assert unit in surface or unit in around or "百分之" in surface, mention.row


@labels
def test_indicators_are_known_and_given_only_to_told_figures_of_the_township(path: Path) -> None:
    with INDICATORS.open(encoding="utf-8", newline="") as lines:
        known = {row["indicator"] for row in csv.DictReader(lines)}
    for row in (mention.row for mention in labelled(path)[1]):
        given = [name for name in row["indicators"].split(";") if name]
        assert set(given) <= known, row
        assert len(given) == len(set(given)), row
        assert not given or (row["kind"] in {"actual", "zero"} and row["scope"] != "higher"), row


@labels
def test_no_digit_with_a_known_unit_is_left_without_a_label(path: Path) -> None:
    text, found = labelled(path)
    units = {row.row["unit_surface"] for other in LABELLED for row in labelled(other)[1]} - {""}
    longest_first = "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))
    quantity = re.compile(rf"(?<![\d·.第])\d[\d ,]*(?:\.\d+)?[余多]?[百千万亿]*\s*[余多]?\s*(?:{longest_first})")
    covered = {place for mention in found for place in range(mention.start, mention.end)}
    titles = {place for title in re.finditer("《[^》]*》", text) for place in range(*title.span())}
    views = {view.end() for view in re.finditer("(?:浏览|阅读|播放|点击|访问)(?:次数|量)(?:突破|达|超过|近)?", text)}
    missed = [
        text[match.start() - 8 : match.end() + 4]
        for match in quantity.finditer(text)
        if not covered & set(range(*match.span())) and match.start() not in titles | views
    ]
    assert not missed
