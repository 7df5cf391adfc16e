"""The units file: what stands in it, and what it refuses."""

from decimal import Decimal
from pathlib import Path

import pytest

from transforms.units import UnitsError, load, unit_at, units


def test_the_longest_unit_is_found() -> None:
    found = [unit_at(text, 0) for text in ("人次参加", "人参加", "个学时以上", "微克/立方米", "个百分点", "们")]
    assert [unit and unit.surface for unit in found] == ["人次", "人", "个学时", "微克/立方米", "个百分点", None]


@pytest.mark.parametrize(
    ("surface", "unit", "factor"),
    [
        ("％", "%", 1),
        ("成", "%", 10),
        ("平米", "平方米", 1),
        ("千米", "公里", 1),
        ("块钱", "元", 1),
        ("件", "件", 1),
        ("个学时", "学时", 1),
    ],
)
def test_surfaces_are_normalised(surface: str, unit: str, factor: int) -> None:
    assert (units()[surface].unit, units()[surface].factor) == (unit, Decimal(factor))


@pytest.mark.parametrize(
    "surface",
    [
        "件",
        "宗",
        "起",
        "例",
        "个",
        "家",
        "户",
        "人",
        "名",
        "位",
        "人次",
        "户次",
        "家次",
        "件次",
        "场",
        "场次",
        "次",
        "期",
        "批",
        "份",
        "册",
        "张",
        "条",
        "幅",
        "块",
        "处",
        "项",
        "篇",
        "部",
        "台",
        "套",
        "辆",
        "间",
        "所",
        "村",
        "亩",
        "平方米",
        "公里",
        "元",
        "%",
        "个百分点",
        "学时",
    ],
)
def test_the_classifiers_of_the_genre_are_there(surface: str) -> None:
    assert units()[surface].surface == surface


def test_every_unit_is_of_the_dimension_of_its_normal_form() -> None:
    by_unit: dict[str, set[str]] = {}
    for unit in units().values():
        by_unit.setdefault(unit.unit, set()).add(unit.dimension)
    assert {name: dimensions for name, dimensions in by_unit.items() if len(dimensions) > 1} == {}


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("件,件,1,件,all\n件,件,1,件,all", "line 3: 件 is told twice"),
        ("件,,1,件,all", "line 2: surface, unit and dimension must be filled in"),
        ("件,件,0,件,all", "line 2: the factor '0' is not a positive whole number"),
        ("件,件,1,件,some", "line 2: numerals is 'some'; write all or arabic"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path: Path, row: str, complaint: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text(f"surface,unit,factor,dimension,numerals\n{row}\n", encoding="utf-8")
    with pytest.raises(UnitsError, match=f"units.csv, {complaint}"):
        load(path)
