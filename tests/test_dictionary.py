"""The dictionary: what it gives, what it refuses and where it says so, and that an indicator is a row."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from seeds import SEEDS
from transforms.dictionary import COLUMNS, Dictionary, DictionaryError
from transforms.extraction import quantities
from transforms.mapping import map_quantities
from transforms.terms import Reach, TermError, ways
from warehouse.contracts import Indicator

Rows = list[dict[str, str]]


def _rows() -> Rows:
    with (SEEDS / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(path: Path, rows: Rows, columns: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _row(**cells: str) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "indicator": "fire_hydrants",
        "name_zh": "消火栓数",
        "name_en": "Fire hydrants",
        "domain": "public_order",
        "unit": "device",
        "aggregation": "stock",
        "terms": "消火栓/消防栓",
        "definition": "辖区内消火栓（合成）",
    }
    return row | cells


def test_rows_are_those_of_the_indicators_table() -> None:
    rows = Dictionary.load().rows()

    assert rows[0] == Indicator(
        "rol_special_meetings",
        "法治建设专题会议次数",
        "Special meetings on rule-of-law work",
        "leadership",
        "event",
        "flow",
        None,
        None,
        Decimal(0),
        Decimal(60),
        rows[0].definition,
    )
    assert all(row.definition for row in rows)
    assert len({row.indicator for row in rows}) == len(rows) >= 254


def test_every_indicator_has_words_and_classifiers() -> None:
    assert [entry.row.indicator for entry in Dictionary.load().entries if not entry.ways or not entry.classifiers] == []


def test_units_are_the_dictionarys_own() -> None:
    units = Dictionary.load().units()

    assert (units["penalty_fine_amount"], units["law_study_rate"], units["petition_visitors"]) == (
        "CNY",
        "percent",
        "person-time",
    )


def test_adding_an_indicator_is_adding_a_row(tmp_path: Path) -> None:
    text = "合成镇全年新建消火栓12个，完成整改隐患30处。"
    path = _write(tmp_path / "indicators.csv", [*_rows(), _row()])

    structure, found = quantities(text)
    mapped = map_quantities(text, structure, found, Dictionary.load(path))

    assert [mapping.indicators for mapping in mapped] == [("fire_hydrants",), ("safety_hazards_rectified",)]
    assert mapped[0].head == "消火栓"


def _set(name: str, **cells: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        next(row for row in rows if row["indicator"] == name).update(cells)

    return change


def _add(**cells: str) -> Callable[[Rows], None]:
    return lambda rows: rows.append(_row(**cells))


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (_set("legal_talks", part_of="publicity"), None, "indicator publicity does not exist"),
        (_set("law_exam_pass_rate", ratio_of="/nothing"), None, "indicator nothing does not exist"),
        (_set("law_exam_pass_rate", ratio_of="law_exam_participants"), None, "is not numerator/denominator"),
        (_set("legal_talks", unit="talk"), None, "unit “talk” is not in indicator_words.csv"),
        (_set("legal_talks", classifiers="场;坛"), None, "unit “坛” is not in units.csv"),
        (_set("legal_talks", classifiers="<坛>"), None, "no word <坛> in indicator_words.csv"),
        (_set("legal_talks", aggregation="total"), None, "aggregation “total” is not one of flow, stock, rate"),
        (_set("legal_talks", aggregation="rate"), None, "a rate is in percent"),
        (_set("legal_talks", domain="culture"), None, "domain “culture” is not in"),
        (_set("legal_talks", plausible_min="500"), None, "plausible_min 500 is above plausible_max 400"),
        (_set("legal_talks", plausible_max="many"), None, "plausible_max “many” is not a number"),
        (_set("legal_talks", definition=""), None, "definition is empty"),
        (_set("legal_talks", terms="法治宣讲//讲座"), None, "is not a word"),
        (_set("legal_talks", terms="法治宣讲;"), None, "is not a word"),
        (_add(terms="<没有>"), 256, "no word <没有> in indicator_words.csv"),
        (_add(indicator="legal_talks"), 256, "indicator legal_talks is already line"),
        (_add(terms="粤智助"), 256, "claims “粤智助”"),
        (_set("publicity_events", part_of="legal_talks"), None, "comes back to"),
    ],
)
def test_a_wrong_row_is_refused_with_file_and_line(
    tmp_path: Path, change: Callable[[Rows], None], line: int | None, message: str
) -> None:
    rows = _rows()
    before = [dict(row) for row in rows]
    change(rows)
    path = _write(tmp_path / "indicators.csv", rows)
    changed = [number for number, row in enumerate(rows, start=2) if row not in before]

    with pytest.raises(DictionaryError, match=message) as refusal:
        Dictionary.load(path)

    assert str(refusal.value).startswith(f"indicators.csv, line {line or changed[0]}: ")


def test_wrong_columns_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "indicators.csv", [], COLUMNS[1:])

    with pytest.raises(DictionaryError, match=r"indicators.csv, line 1: the columns must be indicator,"):
        Dictionary.load(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("verb,说,说;讲,words", "kind must be one of unit, words"),
        ("unit,event,坛,events", "unit “坛” is not in units.csv"),
        ("words,说,说;说,words", "members that are told once"),
    ],
)
def test_a_wrong_word_is_refused_with_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "words.csv"
    path.write_text(f"kind,word,members,meaning\n{line}\n", encoding="utf-8")

    with pytest.raises(DictionaryError, match=message) as refusal:
        Dictionary.load(None, path)

    assert str(refusal.value).startswith("words.csv, line 2: ")


def test_the_digest_tells_contents_apart_and_not_line_ends(tmp_path: Path) -> None:
    rows = _rows()
    one = _write(tmp_path / "indicators.csv", rows)
    (tmp_path / "windows").mkdir()
    two = tmp_path / "windows" / "indicators.csv"
    two.write_bytes(one.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "more").mkdir()
    three = _write(tmp_path / "more" / "indicators.csv", [*rows, _row()])

    digests = [Dictionary.load(path).digest() for path in (one, two, three)]

    assert digests[0] == digests[1] != digests[2]


def test_the_language_of_terms() -> None:
    (one, two) = ways("信访件/信访+~办结/<了结>@@受理;信访", {"了结": ("结案",)}, rate=False)

    assert [(group.words, group.reach) for group in one.groups] == [
        (("信访件", "信访"), Reach.NEXT),
        (("办结", "结案"), Reach.CARRIED),
        (("受理",), Reach.ANYWHERE),
    ]
    assert [(group.words, group.reach) for group in two.groups] == [(("信访",), Reach.NEXT)]


def test_all_groups_of_a_rate_but_its_head_may_be_carried() -> None:
    (way,) = ways("办结率+信访", {}, rate=True)

    assert [group.reach for group in way.groups] == [Reach.NEXT, Reach.CARRIED]


@pytest.mark.parametrize("terms", ["+办结", "办结+", "办 结", "办结@"])
def test_terms_out_of_the_language_are_refused(terms: str) -> None:
    with pytest.raises(TermError):
        assert not ways(terms, {}, rate=False), f"“{terms}” was read"
