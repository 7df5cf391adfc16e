"""The command line: what each command prints and its exit codes, on a home with the sample report."""

import csv
import io
import json
import os
import shutil
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT, SAMPLE, Command

from flows.command import main
from flows.command_docs import markdown

SHAXI = ("445103107", "2023")


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    """A copy of the sample's home that a test may change."""
    return Path(shutil.copytree(home, tmp_path / "own", ignore=shutil.ignore_patterns("prefect"), symlinks=True))


def test_every_command_has_help_and_the_page_of_commands_is_current() -> None:
    assert all(command.help for command in main.commands.values())
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == markdown(), "python -m flows.command_docs > docs/commands.md"


def test_extract_prints_one_object_a_mention(nianbao: Command) -> None:
    done = nianbao("extract", SAMPLE, "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    (fine,) = [row for row in rows if row["indicators"] == ["penalty_fine_amount"]]
    text = {
        key: fine[key]
        for key in ("surface", "value", "value_high", "unit", "unit_surface", "qualifier", "kind", "scope")
    }
    assert text == {
        "surface": "355万元", "value": 3550000, "value_high": None, "unit": "元", "unit_surface": "元",
        "qualifier": "exact", "kind": "actual", "scope": "township",
    }  # fmt: skip
    assert fine["file"] == str(SAMPLE)
    assert "共计罚款355万元" in fine["sentence"]
    assert fine["end"] - fine["start"] == len("355万元")


def test_extract_reads_any_text_and_notes_what_it_cannot_place(nianbao: Command, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("合成：全年调解纠纷三十六件，成功率98.9%。", encoding="utf-8")
    done = nianbao("extract", path, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.returncode == 0
    assert [(row["surface"], row["value"], row["unit_surface"]) for row in rows] == [
        ("三十六件", "36", "件"),
        ("98.9%", "98.9", "%"),
    ]
    assert "note" in done.stderr


def test_extract_refuses_what_is_no_text_and_goes_on(nianbao: Command, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    nobody_writes = tmp_path / "pipe"
    os.mkfifo(nobody_writes)
    done = nianbao("extract", empty, nobody_writes, SAMPLE, "--format", "jsonl")
    assert done.returncode == 1
    assert [line.split(": ")[:2] for line in done.stderr.splitlines()] == [
        [str(empty), "empty"],
        [str(nobody_writes), "fetch_failed"],
    ]
    assert len(done.stdout.splitlines()) > 50


def test_query_forms_and_errors(nianbao: Command, home: Path) -> None:
    sql = "select indicator, value from indicator_values where indicator = 'penalty_fine_amount'"
    assert json.loads(nianbao("query", sql, "--home", home, "--format", "json").stdout) == [
        {"indicator": "penalty_fine_amount", "value": 3550000}
    ]
    assert (
        nianbao("query", sql, "--home", home, "--format", "csv").stdout.splitlines()[1] == "penalty_fine_amount,3550000"
    )
    assert "3550000" in nianbao("query", sql, "--home", home).stdout
    wrong = nianbao("query", "delete from observations", "--home", home)
    assert wrong.returncode == 2
    assert nianbao("query", "select 1", "--home", home / "nowhere").returncode == 2


def test_report_tells_the_verdict_and_where_the_page_is(nianbao: Command, home: Path) -> None:
    done = nianbao("report", "--home", home)
    assert done.returncode == 0
    assert "71+12+7+1=91" in done.stdout
    assert Path(done.stdout.splitlines()[-1]).is_file()
    assert json.loads(nianbao("report", "--home", home, "--json").stdout)["counts"]["published"] == 1
    assert nianbao("report", "nosuchrun", "--home", home).returncode == 2


def test_releases_and_status(nianbao: Command, home: Path) -> None:
    assert "*" in nianbao("releases", "--home", home).stdout
    assert nianbao("status", "--home", home).returncode in {0, 1}
    assert nianbao("rollback", "nosuchrun", "--home", home).returncode == 2
    assert nianbao("diff", "--home", home).returncode == 2


@pytest.mark.parametrize("scope", ["潮安区", "99", "44x", ""])
def test_a_scope_that_expects_nobody_is_an_error(nianbao: Command, tmp_path: Path, scope: str) -> None:
    done = nianbao("run", "--scope", "4451", "--scope", scope, "--home", tmp_path)
    assert (done.returncode, "nianbao townships NAME" in done.stderr) == (2, True)


def test_townships_are_found_by_name_and_pinyin(nianbao: Command) -> None:
    assert "445103107" in nianbao("townships", "沙溪").stdout
    assert "445103107" in nianbao("townships", "shaxi").stdout
    assert nianbao("townships", "潮安", "沙溪").stdout.count("沙溪镇") == 1
    nobody = nianbao("townships", "没有这个地方")
    assert (nobody.returncode, "没有这个地方" in nobody.stderr) == (1, True)


def test_export_to_excel(nianbao: Command, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "沙溪.xlsx"
    done = nianbao("export", target, "--home", home, "--township", "445103107")
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(target)
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any("罚款金额" in cell for cell in cells)
    assert "3550000" in cells


def test_a_correction_is_applied_by_the_next_run_and_can_be_rolled_back(nianbao: Command, own: Path) -> None:
    reason = ("--reason", "电话核实：应为94件", "--author", "张三")
    made = nianbao("correct", *SHAXI, "admin_penalty_cases", "94", *reason, "--home", own)
    assert made.returncode == 0, made.stderr
    assert "92 -> 94" in made.stdout
    assert nianbao("run", SAMPLE, "--home", own).returncode == 0
    (row,) = json.loads(nianbao("explain", *SHAXI, "admin_penalty_cases", "--home", own, "--format", "json").stdout)
    assert (row["value"], row["machine_value"], row["status"]) == (94, 92, "corrected")
    assert row["correction_author"] == "张三"
    assert "行政处罚案件92宗" in row["sentence"]

    changed = nianbao("diff", "--home", own, "--format", "json")
    assert changed.returncode == 1
    (cell,) = json.loads(changed.stdout)["cells"]
    assert (cell["before"], cell["after"], cell["cause"]) == (92, 94, "correction")

    first = nianbao("releases", "--home", own).stdout.splitlines()[-1].split()[0]
    assert nianbao("rollback", first, "--home", own).returncode == 0
    (row,) = json.loads(nianbao("explain", *SHAXI, "admin_penalty_cases", "--home", own, "--format", "json").stdout)
    assert row["value"] == 92


def test_a_correction_that_cannot_be_meant_is_refused(nianbao: Command, home: Path) -> None:
    for wrong in (
        [*SHAXI, "no_such_indicator", "1"],
        [*SHAXI, "admin_penalty_cases", "many"],
        [*SHAXI, "admin_penalty_cases"],
        ["沙溪镇", "2023", "admin_penalty_cases", "1"],
    ):
        done = nianbao("correct", *wrong, "--reason", "x", "--home", home)
        assert done.returncode == 2, wrong
    assert not (home / "corrections.csv").exists()


def test_a_corrections_file_with_a_mistake_stops_the_run_with_file_and_line(nianbao: Command, own: Path) -> None:
    (own / "corrections.csv").write_text("township_code,report_year\n445103107,2023\n", encoding="utf-8")
    done = nianbao("run", SAMPLE, "--home", own)
    assert done.returncode == 2
    assert "corrections.csv:1" in done.stderr


def test_evaluate_measures_a_folder_the_run_report_tells_it_and_a_fall_leaves_the_release_in_place(
    nianbao: Command, own: Path
) -> None:
    gold = ROOT / "tests" / "gold" / "work"
    done = nianbao("evaluate", gold, "--home", own)
    assert done.returncode == 0, done.stderr
    assert "mentions" in done.stdout
    assert nianbao("run", SAMPLE, "--home", own).returncode == 0
    told = json.loads(nianbao("report", "--home", own, "--json").stdout)
    assert told["evaluated_reports"] == len(list(gold.glob("*.txt")))
    assert nianbao("evaluate", own / "lake", "--home", own).returncode == 2

    release, measured = (own / "nianbao.duckdb").read_bytes(), json.loads((own / "evaluation.json").read_text())
    fallen = {name: share - 0.2 for name, share in measured["indicators"].items()}
    (own / "evaluation.json").write_text(json.dumps(measured | {"indicators": fallen}))
    assert nianbao("run", SAMPLE, "--home", own).returncode == 1
    told = json.loads(nianbao("report", "--home", own, "--json").stdout)
    assert (told["run"]["outcome"], told["verdict"]["level"]) == ("gate_closed", "stopped")
    assert {row["check"] for row in told["findings"]["rows"] if row["severity"] == "critical"} == {"ratchet_evaluation"}
    assert (own / "nianbao.duckdb").read_bytes() == release
