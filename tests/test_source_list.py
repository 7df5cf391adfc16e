"""The source list: every wrong row is named with file and line, all at once."""

from pathlib import Path

import pytest

from flows.source_list import SourceListError, Wanted, read_source_list
from seeds import SEEDS
from transforms.registry import Registry


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


def listed(folder: Path, text: str, registry: Registry) -> list[Wanted]:
    path = folder / "sources.csv"
    path.write_text(text, encoding="utf-8-sig")
    return read_source_list(path, registry)


def problems(folder: Path, text: str, registry: Registry) -> list[str]:
    with pytest.raises(SourceListError) as caught:
        listed(folder, text, registry)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_a_row_by_code_and_a_row_by_names(tmp_path: Path, registry: Registry) -> None:
    text = (
        "township_code,township,county,city,province,report_year,url,note\n"
        "445103107,,,,,2023,https://example.test/a.html,\n"
        ",沙溪镇,潮安区,潮州市,广东省,2022,http://example.test/b.pdf,电话要来的\n"
    )
    assert listed(tmp_path, text, registry) == [
        Wanted("445103107", 2023, "https://example.test/a.html", 2, None),
        Wanted("445103107", 2022, "http://example.test/b.pdf", 3, None),
    ]


def test_a_file_is_found_beside_the_list(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "沙溪.txt").write_text("合成", encoding="utf-8")
    (row,) = listed(tmp_path, "township_code,report_year,url\n445103107,2023,沙溪.txt\n", registry)
    assert row.url == (tmp_path / "沙溪.txt").as_uri()


def test_every_wrong_row_is_named(tmp_path: Path, registry: Registry) -> None:
    text = (
        "township_code,township,report_year,url\n"
        "999999999,,2023,https://example.test/a\n"
        ",沙溪镇,2023,https://example.test/b\n"
        "445103107,,23,https://example.test/c\n"
        "445103107,,2023,\n"
        "445103107,,2023,missing.txt\n"
        ",,2023,https://example.test/d\n"
        "445103107,,2023,https://example.test/e\n"
        "445103107,,2023,https://example.test/e\n"
    )
    said = problems(tmp_path, text, registry)
    assert [line.split(":")[1] for line in said] == ["2", "3", "4", "5", "6", "7", "9"]
    assert "445103107 广东省潮州市潮安区" in said[1] or "places in the registry" in said[1]
    assert "the same as line 8" in said[6]


def test_a_misspelt_heading_is_refused(tmp_path: Path, registry: Registry) -> None:
    assert "'township_cod'" in problems(tmp_path, "township_cod,report_year,url\n", registry)[0]


def test_another_encoding_is_named(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "sources.csv"
    path.write_bytes("township,report_year,url\n沙溪镇,2023,x\n".encode("gb18030"))
    with pytest.raises(SourceListError, match="not UTF-8"):
        read_source_list(path, registry)


def test_the_example_of_the_project_is_a_good_list(registry: Registry) -> None:
    (row,) = read_source_list(SEEDS / "sources.csv", registry)
    assert (row.township_code, row.report_year) == ("445103107", 2023)
    assert row.path is not None
    assert row.path.is_file()
