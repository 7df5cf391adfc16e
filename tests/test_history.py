"""Quality over runs, from the reports that are kept, and the findings of every run, from the lake."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cases import Case, told
from run_cases import RUN, made, report_of

from expectations.history import CheckCounts, of_row, read_history, render_history
from expectations.run_report import RunReport
from warehouse.contracts import FINDINGS
from warehouse.lake import Lake

TEXT = "（合成）收到信访件31件，已办结35件。制作短视频9条。"
CASE = Case(
    TEXT,
    [
        told(TEXT, "31件", 31, "件", "petitions_received"),
        told(TEXT, "35件", 35, "件", "petitions_resolved"),
        told(TEXT, "9条", 9, "条"),
    ],
)


@pytest.fixture(scope="module")
def report() -> RunReport:
    return report_of(made(CASE))


def kept(folder: Path, name: str, day: int, report: RunReport) -> None:
    run = report.run.model_copy(update={"run_id": name, "finished_at": datetime(2024, 4, day, tzinfo=UTC)})
    path = folder / name / "report.json"
    path.parent.mkdir()
    path.write_text(report.model_copy(update={"run": run}).to_json(), encoding="utf-8")


def test_runs_in_the_order_in_which_they_finished(report: RunReport, tmp_path: Path) -> None:
    kept(tmp_path, "bbb", 1, report)
    kept(tmp_path, "aaa", 9, report)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "report.json").write_text('{"schema_version": "0.1"}', encoding="utf-8")
    history = read_history(tmp_path)
    assert [(run.run_id, run.published, run.warning, run.mapped) for run in history.runs] == [
        ("bbb", 1, 1, 66.67),
        ("aaa", 1, 1, 66.67),
    ]
    assert history.runs[0].indicator_recall == 91.0
    assert history.unread == 1


def test_the_page_has_a_chart_from_two_runs_on(report: RunReport, tmp_path: Path) -> None:
    kept(tmp_path, "one", 1, report)
    assert "<svg" not in render_history(read_history(tmp_path))
    kept(tmp_path, "two", 2, report)
    page = render_history(read_history(tmp_path))
    assert "<svg" in page
    assert "每份报告的警告" in page
    assert page.count("<svg") == page.count('<svg role="img" aria-label="') == 6
    assert "#0101" not in page  # every colour is the page's own
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_run_whose_report_is_gone_stays_in_the_history_with_its_findings(report: RunReport, tmp_path: Path) -> None:
    kept(tmp_path, "bbb", 5, report)
    lake = Lake(tmp_path / "lake")
    for name in ("aaa", "bbb"):
        lake.take(FINDINGS, report.lists["findings"].to_arrow_reader(), name)
    gone = RUN._replace(run_id="aaa", reports=1, warnings=1, observations=2)
    others = [of_row(gone, "2024-04-01T00:00:00+00:00", ""), of_row(gone._replace(run_id="bbb"), "", "")]
    findings = {name: file for name in ("aaa", "bbb") for file in lake.files(FINDINGS, name)}
    history = read_history(tmp_path, others, findings)
    assert [(run.run_id, run.published, run.warning, run.mapped) for run in history.runs] == [
        ("aaa", 1, 1, None),
        ("bbb", 1, 1, 66.67),
    ]
    assert history.checks == (CheckCounts("办结数大于受理数", "more settled than came in", "warning", (1, 1)),)
    assert "办结数大于受理数" in render_history(history)


def test_no_runs_yet(tmp_path: Path) -> None:
    assert "还没有运行" in render_history(read_history(tmp_path))
