"""Evaluation: what counts as found, missed and wrong, on small labelled texts of our own (合成)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from transforms.evaluation import COLUMNS, Error, GoldError, Score, evaluate
from warehouse.contracts import Mention

TEXT = "合成镇现有执法人员12名，办理案件约35件，学习贯彻“三项制度”。全年未发生行政诉讼。\n"
ROWS = [
    ("执法人员12名", "12名", "12", "", "名", "exact", "actual", "township", "enforcement_officers"),
    ("案件约35件", "约35件", "35", "", "件", "about", "actual", "township", "admin_penalty_cases"),
    ("“三项制度”", "三项", "3", "", "项", "exact", "name", "township", ""),
    ("未发生行政诉讼", "未发生", "0", "", "", "exact", "zero", "township", "admin_litigation_cases"),
]


def _gold(folder: Path, rows: Sequence[tuple[str, ...]] = ROWS, text: str = TEXT, slug: str = "hecheng") -> Path:
    lines = [",".join(COLUMNS)]
    lines += [",".join((str(number), *row, "")) for number, row in enumerate(rows, start=1)]
    (folder / f"{slug}.txt").write_text(text, encoding="utf-8")
    (folder / f"{slug}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _mention(text: str, surface: str, **fields: object) -> Mention:
    start = text.index(surface)
    values: dict[str, object] = {
        "ordinal": 1,
        "surface": surface,
        "value": Decimal(0),
        "value_high": None,
        "unit": "",
        "unit_surface": "",
        "factor": Decimal(1),
        "qualifier": "exact",
        "kind": "actual",
        "scope": "township",
        "part_of_ordinal": None,
        "indicators": (),
        "about": (),
        "head": "",
        "rule": "",
        "confidence": 1.0,
        "damaged": False,
        "section": "",
        "sentence": "",
        "start": start,
        "end": start + len(surface),
        "source_start": start,
        "source_end": start + len(surface),
    }
    return Mention(**(values | fields))  # type: ignore[arg-type]


def _officers(text: str = TEXT) -> Mention:
    return _mention(text, "12名", value=Decimal(12), unit_surface="名", indicators=("enforcement_officers",))


def _cases(**fields: object) -> Mention:
    right: dict[str, object] = {
        "value": Decimal(35),
        "unit_surface": "件",
        "qualifier": "about",
        "indicators": ("admin_penalty_cases",),
    }
    return _mention(TEXT, "35件", **(right | fields))


def _suits() -> Mention:
    return _mention(TEXT, "未发生行政诉讼", kind="zero", indicators=("admin_litigation_cases",))


def _finds(*mentions: Mention) -> Callable[[str], list[Mention]]:
    return lambda _: list(mentions)


def test_everything_found(tmp_path: Path) -> None:
    """A surface may be shorter or longer than its label, and a name need not be found."""
    measured = evaluate(_gold(tmp_path), _finds(_officers(), _cases(), _suits()))

    assert measured.reports == ("hecheng",)
    assert measured.mentions == Score(3, 3, 3)
    assert measured.names == Score(1, 1, 1)
    assert measured.indicators == Score(3, 3, 3)
    assert set(measured.fields.values()) == {Score(3, 3, 3)}
    assert measured.errors == ()
    assert (measured.mentions.precision, measured.mentions.recall, measured.false_quantities) == (1.0, 1.0, 0.0)


def test_what_is_missed_and_what_is_extra(tmp_path: Path) -> None:
    extra = _mention(TEXT, "贯彻", indicators=("legal_talks",))

    measured = evaluate(_gold(tmp_path), _finds(_officers(), extra, _suits()))

    assert measured.mentions == Score(2, 3, 3)
    assert measured.indicators == Score(2, 3, 3)
    assert measured.by_indicator["admin_penalty_cases"] == Score(0, 0, 1)
    assert measured.by_indicator["legal_talks"] == Score(0, 1, 0)
    first = TEXT[: TEXT.index("。") + 1]
    assert measured.errors == (
        Error("hecheng", "missed", "约35件", "admin_penalty_cases", "", first),
        Error("hecheng", "extra", "贯彻", "", "legal_talks", first),
    )


def test_a_name_told_as_a_quantity_is_an_error_and_as_a_name_is_none(tmp_path: Path) -> None:
    told = _mention(TEXT, "三项")

    wrong = evaluate(_gold(tmp_path), _finds(_officers(), _cases(), told, _suits()))
    right = evaluate(_gold(tmp_path), _finds(_officers(), _cases(), told._replace(kind="name"), _suits()))

    assert (wrong.names, wrong.mentions) == (Score(0, 1, 1), Score(3, 4, 3))
    assert [(error.aspect, error.expected, error.found) for error in wrong.errors] == [("name", "name", "actual")]
    assert wrong.false_quantities == 0.25
    assert (right.names, right.mentions, right.errors) == (Score(1, 1, 1), Score(3, 3, 3), ())


@pytest.mark.parametrize(
    ("fields", "aspect", "expected", "found"),
    [
        ({"value": Decimal(34)}, "value", "35", "34"),
        ({"value_high": Decimal(40)}, "value", "35", "35-40"),
        ({"unit_surface": "宗"}, "unit", "件", "宗"),
        ({"qualifier": "exact"}, "qualifier", "about", "exact"),
        ({"kind": "plan"}, "kind", "actual", "plan"),
        ({"scope": "part"}, "scope", "township", "part"),
        ({"indicators": ()}, "indicators", "admin_penalty_cases", ""),
        (
            {"indicators": ("admin_penalty_cases", "penalty_cases_closed")},
            "indicators",
            "admin_penalty_cases",
            "admin_penalty_cases;penalty_cases_closed",
        ),
    ],
)
def test_a_wrong_field(tmp_path: Path, fields: dict[str, object], aspect: str, expected: str, found: str) -> None:
    measured = evaluate(_gold(tmp_path), _finds(_officers(), _cases(**fields), _suits()))

    assert [(error.aspect, error.expected, error.found) for error in measured.errors] == [(aspect, expected, found)]
    assert measured.mentions == Score(3, 3, 3)
    assert [name for name, score in measured.fields.items() if score != Score(3, 3, 3)] == (
        [aspect] if aspect != "indicators" else []
    )


def test_the_summary_is_plain_data(tmp_path: Path) -> None:
    summary = evaluate(_gold(tmp_path), _finds(_officers(), _cases(qualifier="exact"))).summary()

    assert summary["reports"] == 1
    assert summary["mentions"] == {"right": 2, "given": 2, "expected": 3, "precision": 1.0, "recall": 0.6667}
    assert summary["qualifier"] == {"right": 1, "given": 2, "expected": 2, "precision": 0.5, "recall": 0.5}
    assert summary["errors"] == {"missed": 1, "qualifier": 1}
    assert summary["by_indicator"] == {
        "admin_litigation_cases": {"right": 0, "given": 0, "expected": 1, "precision": None, "recall": 0.0},
        "admin_penalty_cases": {"right": 1, "given": 1, "expected": 1, "precision": 1.0, "recall": 1.0},
        "enforcement_officers": {"right": 1, "given": 1, "expected": 1, "precision": 1.0, "recall": 1.0},
    }


def test_reports_add_up(tmp_path: Path) -> None:
    _gold(tmp_path)
    _gold(tmp_path, ROWS[:1], TEXT[:14] + "。", slug="hecheng-er")

    measured = evaluate(tmp_path, lambda text: [_officers(text)])

    assert (measured.reports, measured.mentions) == (("hecheng", "hecheng-er"), Score(2, 2, 4))


def test_a_figure_inside_a_longer_one_is_not_the_label(tmp_path: Path) -> None:
    """5件 is not looked for inside 35件, and the same clause may hold several labels."""
    text = "合成镇办结案件35件、5件未结。"
    rows = [
        ("办结案件35件、5件未结", "35件", "35", "", "件", "exact", "actual", "township", ""),
        ("办结案件35件、5件未结", "5件", "5", "", "件", "exact", "actual", "township", ""),
    ]
    found = [
        _mention(text, "35件", value=Decimal(35), unit_surface="件"),
        _mention(text, "5件未", value=Decimal(5), unit_surface="件"),
    ]

    assert evaluate(_gold(tmp_path, rows, text), _finds(*found)).errors == ()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("无此句", "12名", "12", "", "名", "exact", "actual", "township", ""), "does not hold “12名” in “无此句”"),
        (("执法人员12名", "13名", "13", "", "名", "exact", "actual", "township", ""), "does not hold “13名”"),
        (("执法人员12名", "12名", "十二", "", "名", "exact", "actual", "township", ""), "value “十二”"),
        (("执法人员12名", "12名", "12", "", "名", "just", "actual", "township", ""), "qualifier “just” is not one of"),
        (("执法人员12名", "12名", "12", "", "名", "exact", "fact", "township", ""), "kind “fact” is not one of"),
        (("执法人员12名", "12名", "12", "", "名", "exact", "actual", "town", ""), "scope “town” is not one of"),
    ],
)
def test_a_wrong_label_is_refused_with_file_and_line(tmp_path: Path, row: tuple[str, ...], message: str) -> None:
    with pytest.raises(GoldError, match=message) as refusal:
        evaluate(_gold(tmp_path, [row]), _finds())

    assert "hecheng.csv, line 2: " in str(refusal.value)


def test_a_folder_without_labelled_reports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="holds no labelled report"):
        evaluate(tmp_path, _finds())


def test_a_text_without_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hecheng.txt").write_text(TEXT, encoding="utf-8")

    with pytest.raises(GoldError, match=r"hecheng.csv: missing"):
        evaluate(tmp_path, _finds())
