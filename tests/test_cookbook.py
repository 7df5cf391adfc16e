"""The cookbook, the data dictionary, the demo: the pages print what a user gets, and what was planted is found."""

import re
from pathlib import Path

import pytest
from conftest import Command

from seeds import demo
from warehouse.catalog import blocks
from warehouse.cookbook import Recipe, answer, recipes, renewed
from warehouse.dictionary import markdown
from warehouse.query import query
from warehouse.releases import releases

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "cookbook.md").read_text(encoding="utf-8")
RECIPES = list(recipes(PAGE))


@pytest.fixture(scope="module")
def home(prefect_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, built as a user builds it, but for the Prefect server, which is the session's."""
    folder = tmp_path_factory.mktemp("demo")
    assert demo.run(folder) == 0
    return folder


@pytest.fixture(scope="module")
def release(home: Path) -> Path:
    return home / "nianbao.duckdb"


def test_the_page_answers_at_least_twenty_questions_each_once() -> None:
    questions = [recipe.question for recipe in RECIPES]
    assert len(questions) >= 20
    assert len(set(questions)) == len(questions) == PAGE.count("```sql")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.question)
def test_the_page_prints_what_the_release_answers(release: Path, recipe: Recipe) -> None:
    assert answer(release, recipe.sql) == recipe.output, (
        "python -m warehouse.cookbook docs/cookbook.md RELEASE writes the page anew; judge the difference first"
    )
    assert len(recipe.output.splitlines()) > 2, "an empty answer teaches nothing"


def test_renewing_writes_the_outputs_and_nothing_else(release: Path) -> None:
    stale = re.sub(r"(```text\n).*?(^```)", r"\1old\n\2", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert stale != PAGE
    assert renewed(stale, release) == PAGE


def test_every_view_and_macro_is_used_in_the_cookbook_or_is_a_detail_of_another() -> None:
    used = "\n".join(recipe.sql for recipe in RECIPES)
    assert {block.name for block in blocks() if not re.search(rf"\b{block.name}\b", used)} == {
        "evidence",
        "unmapped_by_year",
    }


def test_the_data_dictionary_page_is_current() -> None:
    page = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == markdown(), "python -m warehouse.dictionary > docs/data-dictionary.md"


def test_the_demo_is_a_county_of_its_own(release: Path) -> None:
    assert query(release, "SELECT DISTINCT county, province, len(township_code) FROM townships").rows == [
        ("合成县", "合成省", 9)
    ]
    assert query(release, "SELECT count(*) FROM reports WHERE NOT contains(title, '合成')").rows == [(0,)]
    assert all("合成数据" in demo.text(unit, year) for unit in demo.units() for year in demo.YEARS)


def test_the_demo_has_the_figures_that_were_written(release: Path) -> None:
    names = {
        "admin_inspections": "inspections", "admin_penalty_cases": "penalties", "people_mediators": "mediators",
        "disputes_identified": "disputes", "disputes_resolved": "resolved", "petitions_received": "petitions",
        "publicity_events": "events", "resident_population": "people", "info_disclosed_items": "disclosed",
    }  # fmt: skip
    rows = query(release, "SELECT township_code, report_year, indicator, value FROM observations").rows
    read = {(code, year, indicator): value for code, year, indicator, value in rows if indicator in names}
    written = {
        (unit.code, year, indicator): demo.figures(unit, 2022 if (unit.name, year) == ("子洲乡", 2023) else year)[short]
        for unit in demo.units()
        for year in demo.YEARS
        for indicator, short in names.items()
        if (unit.name, year) not in {*demo.MISSING, ("寅坡乡", 2021)}
    }
    conflict = next((unit.code, 2020, "people_mediators") for unit in demo.units() if unit.name == "辛岭镇")
    assert read == written | {conflict: None}


def test_the_planted_faults_are_found_and_nothing_else_is_alarming(release: Path) -> None:
    rows = query(release, """
        SELECT t.township, f.report_year, f."check"
        FROM findings f JOIN townships t ON t.township_code = f.township_code
        WHERE f.severity <> 'info' ORDER BY f.report_year, f."check"
    """).rows  # fmt: skip
    assert rows == [
        ("辛岭镇", 2020, "stated_twice"),
        ("丁桥镇", 2021, "sum_of_parts"),
        ("子洲乡", 2023, "copied_figures"),
        ("子洲乡", 2023, "copied_text"),
    ]


def test_the_gaps_the_rename_the_part_year_and_the_late_one_are_in_the_release(release: Path) -> None:
    gaps = query(
        release, "SELECT township, report_year FROM report_status WHERE outcome <> 'received' ORDER BY 1, 2"
    ).rows
    assert gaps == sorted([*demo.MISSING, ("寅坡乡", 2021)])
    assert query(release, "SELECT reason FROM refusals").rows == [("not_a_report",)]
    titles = query(release, "SELECT r.title FROM reports r JOIN townships t USING (township_code)"
                   " WHERE t.township = '壬坪镇' ORDER BY r.report_year").rows  # fmt: skip
    assert ["壬坪乡" in title for (title,) in titles] == [True] * 4 + [False] * 2
    partial = query(release, "SELECT t.township, r.report_year FROM reports r JOIN townships t USING (township_code)"
                    " WHERE r.partial").rows  # fmt: skip
    assert partial == [("辰口街道", 2023)]
    late = query(release, "SELECT township, report_year FROM report_status WHERE NOT on_time").rows
    assert late == [("丙湖镇", 2022)]


def test_the_demo_again_publishes_nothing_and_ends_with_comparisons(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [(one.run_id, one.manifest.published_at) for one in releases(home)]
    assert demo.run(home) == 0
    assert [(one.run_id, one.manifest.published_at) for one in releases(home)] == before
    printed = capsys.readouterr().out.splitlines()
    assert "   3  庚塘镇      200  reported" in printed  # among townships
    assert "庚塘镇      26    46    46    49    90    93" in printed  # through the years
    assert "卯寨乡      46    45                35    42" in printed  # a gap is empty, never zero


def test_a_cell_of_the_demo_is_explained_and_corrected_by_code_or_name(nianbao: Command, home: Path) -> None:
    """Its county is in no real registry: the release knows its townships."""
    told = [nianbao("explain", who, "2023", "admin_inspections", "--home", home) for who in ("990101101", "甲河镇")]
    assert [done.returncode for done in told] == [0, 0], told[0].stderr + told[1].stderr
    assert told[0].stdout == told[1].stdout
    assert "行政检查" in told[0].stdout
    before = (home / "corrections.csv").read_bytes()
    done = nianbao("correct", "990101101", "2023", "admin_inspections", "7", "--reason", "试", "--home", home)
    assert done.returncode == 0, done.stderr
    assert "-> 7" in done.stdout
    (home / "corrections.csv").write_bytes(before)
