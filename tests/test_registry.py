"""The registry: every township-level unit with its parents and villages, found as people type it."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from seeds import SEEDS
from transforms.names import plain, stem, village_words, without_parents
from transforms.registry import Change, Registry
from warehouse.contracts import TOWNSHIPS, Township

SHAXI = {
    "320585101", "330624108", "350421201", "360825107", "361102100", "422802205", "431225200", "440205104", "442000106",
    "445103107", "511381003", "511921108", "520626204", "532931104",
}  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


def test_a_unit_with_its_parents(registry: Registry) -> None:
    assert registry.township("445103107") == Township(
        "445103107", "沙溪镇", "镇", "445103", "潮安区", "4451", "潮州市", "44", "广东省", 18, True
    )


def test_the_whole_country_is_there(registry: Registry) -> None:
    rows = list(registry.rows())
    assert len(rows) == len(registry) == 41_352
    assert sum(row.village_count for row in rows) == 620_573
    assert len({row.county_code for row in rows}) == 2_978
    assert len({row.province_code for row in rows}) == 31
    assert [row.township_code for row in rows] == sorted({row.township_code for row in rows})
    assert TOWNSHIPS.names == Township._fields


def test_villages_belong_to_their_township_alone(registry: Registry) -> None:
    villages = registry.villages("445103107")
    assert len(villages) == registry.village_count("445103107") == 18
    assert villages[-1] == "潮州市潮安区沙溪镇玉湖村民委员会"
    assert registry.village_words("445103107") >= {"玉湖", "五嘉陇", "刘畔", "沙溪一"}
    assert registry.villages("110101001")[0] == "多福巷社区居委会"
    assert registry.villages("999999999") == ()


@pytest.mark.parametrize(
    ("code", "kind", "ordinary"),
    [
        ("110101001", "街道", True),
        ("110105021", "地区办事处", True),
        ("520626204", "民族乡", True),
        ("150205202", "苏木", True),
        ("152921404", "街道", False),  # 新华街道办事处 of Alxa Left Banner: a code of a unit only treated like a street
        ("460203198", "直辖村级区划", False),
        ("110115404", "开发区", False),
    ],
)
def test_kinds_and_what_is_not_an_ordinary_township(registry: Registry, code: str, kind: str, ordinary: bool) -> None:
    unit = registry.township(code)
    assert (unit.kind, unit.ordinary) == (kind, ordinary), unit


def test_placeholders_in_the_place_of_a_prefecture_are_the_city_itself(registry: Registry) -> None:
    assert registry.township("110101001").city == "北京市"
    assert {registry.township(code).city for code in registry.under("50")} == {"重庆市"}


def test_an_unknown_code_says_what_to_do(registry: Registry) -> None:
    assert "123456789" not in registry
    with pytest.raises(KeyError, match="nianbao townships"):
        registry.township("123456789")


def test_fourteen_are_called_shaxi(registry: Registry) -> None:
    assert {unit.township_code for unit in registry.search("沙溪")} == SHAXI
    assert {unit.township_code for unit in registry.named("沙溪镇人民政府")} == {
        code for code in SHAXI if registry.township(code).township == "沙溪镇"
    }


@pytest.mark.parametrize(
    "query",
    [
        "潮安 沙溪",
        "沙溪 潮安",
        "潮安区沙溪镇",
        "潮州市潮安区沙溪镇",
        "潮安 shaxi",
        "chaoan shaxi",
        "潮州 shaxizhen",
        "潮安 sxz",
        "445103107",
    ],
)
def test_parents_narrow_a_search(registry: Registry, query: str) -> None:
    assert [unit.township_code for unit in registry.search(query)] == ["445103107"]


def test_a_part_of_a_name_finds_the_whole(registry: Registry) -> None:
    assert [unit.township for unit in registry.search("坡子街")] == ["坡子街街道"]
    assert registry.search("城南街道办")[0].township == "城南街道"
    assert registry.search("没有这样的地方") == []
    assert registry.search("   ") == []


def test_all_candidates_are_told_however_many(registry: Registry) -> None:
    found = registry.search("城关镇")
    assert len(found) > 100
    assert {unit.township_code for unit in found} >= set(registry.by_name["城关镇"])


def test_former_names_find_what_they_are_now(registry: Registry) -> None:
    assert [unit.township_code for unit in registry.search("羊里镇")] == ["370116006"]
    assert {unit.county for unit in registry.search("江干区 四季青")} == {"上城区"}


def test_a_scope_is_any_number_of_prefixes(registry: Registry) -> None:
    assert registry.under("445103107", "4451031") == sorted({*registry.under("4451031"), "445103107"})
    assert len(registry.under("445103")) == 18
    assert len(registry.under(*(place for place in registry.places if len(place) == 2))) == 41_352
    assert registry.under("99") == []


def test_names_as_offices_write_them() -> None:
    assert [
        plain(name)
        for name in (
            "沙溪镇人民政府",
            "中共沙溪镇委员会",
            "城南街道办事处",
            "城南街道办",
            "城南办事处",
            "南磨房地区办事处",
            "沙溪 镇",
        )
    ] == [*("沙溪镇", "沙溪镇", "城南街道", "城南街道", "城南街道", "南磨房地区", "沙溪镇")]
    assert [stem(name) for name in ("沙溪镇", "沙溪街道", "沙溪土家族乡", "城关镇", "张镇")] == [
        "沙溪",
        "沙溪",
        "沙溪",
        "城关",
        "张镇",
    ]
    assert village_words("潮州市潮安区沙溪镇五嘉陇村民委员会", "沙溪镇") == ("五嘉陇", False)
    assert village_words("多福巷社区居委会", "东华门街道") == ("多福巷", True)
    assert without_parents("四平市铁东区黄土坑街道", "吉林省", "四平市", "铁东区") == "黄土坑街道"


def test_a_change_holds_up_to_its_year() -> None:
    change = Change("江干区", "杭州市", "county", "transfer", ("330102011",), None, date(2021, 10, 31), "", "")
    assert [year for year in range(2018, 2025) if change.holds(year)] == [2018, 2019, 2020, 2021]
    later = change._replace(since=date(2024, 7, 1), until=None)
    assert [year for year in range(2018, 2027) if later.holds(year)] == [2023, 2024, 2025, 2026]


def test_every_change_leads_to_units_of_the_registry(registry: Registry) -> None:
    assert len(registry.changes) > 3_000
    for change in registry.changes:
        assert all(registry.under(code) for code in change.codes), change
        assert change.level in {"township", "county", "prefecture"}
        assert change.change in {"rename", "reclassify", "transfer", "merge", "split"}
        assert change.since or change.until
        assert change.source


def test_the_digest_covers_the_files() -> None:
    total = hashlib.sha256()
    for name in ("places.parquet", "townships.parquet", "villages.parquet", "changes.csv"):
        total.update(hashlib.sha256((SEEDS / name).read_bytes()).digest())
    assert Registry.load().digest == total.hexdigest()
    assert Registry.load() is Registry.load(Path(SEEDS))


def test_the_registry_is_small() -> None:
    files = [SEEDS / name for name in ("places.parquet", "townships.parquet", "villages.parquet", "changes.csv")]
    assert sum(path.stat().st_size for path in files) < 12_000_000
