"""Reconciliation: reports that arrive together or in parts end in one lake; only the years that change are written."""

import hashlib
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import batches, home, steps
from flows.acquisition import Acquired, known_sources, pending
from flows.parameters import Parameters
from flows.reconciliation import Reconciled, readable, reconcile
from flows.waiting import Waiting
from transforms import guarded
from transforms.dictionary import Dictionary
from transforms.forms.ocr import is_available
from transforms.rules import rules_digest
from warehouse.contracts import (
    MENTIONS,
    OBSERVATIONS,
    REFUSALS,
    REPORTS,
    SOURCES,
    TEXTS,
    Refusal,
    Report,
    Source,
    Text,
)
from warehouse.lake import Lake
from warehouse.schema import to_arrow
from warehouse.snapshots import SnapshotStore

TEXT = """{place}{year}年法治政府建设年度报告
【合成数据】本文为测试用合成文本。
{year}年，{name}在县委、县政府的领导下，扎实推进依法行政。现将有关情况报告如下：
一、主要举措和成效
全年召开法治建设专题会议{meetings}次，办理行政处罚案件{cases}件，排查矛盾纠纷{disputes}件，化解{resolved}件。
二、存在问题
执法力量仍显薄弱，普法方式比较单一。
"""
PLACES = {"宁夏平罗县高庄乡": "高庄乡", "宁夏平罗县宝丰镇": "宝丰镇"}


NONE = to_arrow(SOURCES, [])


class Home:
    """A store and a lake, into which texts are read as a run reads them."""

    def __init__(self, root: Path) -> None:
        self.root, self.lake, self.store = root, Lake(root / "lake"), SnapshotStore(root / "snapshots")

    def run(self, *texts: tuple[str, str], day: int = 1) -> Reconciled:
        """Read and reconcile (address, text) pairs, fetched on some day of January 2024."""
        at = datetime(2024, 1, day, tzinfo=UTC)
        found = [
            Source(self.store.put(data), f"file:///{name}", at, len(data), None, None)
            for name, data in ((name, text.encode()) for name, text in texts)
        ]
        sources = known_sources(self.lake, to_arrow(SOURCES, found))
        rules = rules_digest()
        waiting = pending(self.lake, sources, rules)
        jobs = batches.jobs(waiting, self.store.root, self.root / "work", rules, "run", 2)
        staged = [Lake(batches.do(job)) for job in jobs]
        return reconcile(self.lake, staged, sources, [], Dictionary.load().units())

    def bytes(self) -> dict[str, str]:
        """Digest of every file of the lake."""
        files = sorted(path for path in self.lake.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.lake.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def written(self) -> dict[str, tuple[int, int]]:
        """Number and time of every file of the lake: both change when a file is written anew, whatever its bytes."""
        files = sorted(path for path in self.lake.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.lake.root)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def text(place: str, year: int, meetings: int = 6) -> str:
    return TEXT.format(
        place=place, name=PLACES[place], year=year, meetings=meetings, cases=meetings * 7, disputes=90, resolved=88
    )


ALL = tuple((f"{name}-{year}.txt", text(place, year)) for place, name in PLACES.items() for year in (2021, 2022, 2023))


@pytest.mark.parametrize("parts", [(1, 3), (5,), (2, 2, 4), (1, 2, 3, 4, 5)])
def test_reports_in_parts_end_in_the_same_bytes_as_all_at_once(tmp_path: Path, parts: tuple[int, ...]) -> None:
    whole, bit = Home(tmp_path / "whole"), Home(tmp_path / "bit")
    whole.run(*ALL)
    reports = whole.lake.read(REPORTS)
    assert reports.num_rows == 6
    assert set(reports.column("status").to_pylist()) == {"published"}
    for first, last in zip((0, *parts), (*parts, 6), strict=True):
        bit.run(*ALL[first:last][::-1])
    assert bit.bytes() == whole.bytes()


def test_a_late_report_rewrites_its_own_year_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run(*ALL[:5])
    before = home.written()
    home.run(ALL[5])
    changed = {name for name, place in home.written().items() if before.get(name) != place}
    by_year = {
        f"{contract.name}/report_year=2023/part.parquet" for contract in (REPORTS, TEXTS, MENTIONS, OBSERVATIONS)
    }
    assert changed == {*by_year, "sources/part.parquet"}


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run(*ALL)
    before = home.written()
    assert home.run(*ALL).superseded == []
    assert home.written() == before


def test_a_corrected_page_takes_the_place_of_the_page_and_of_its_values(tmp_path: Path) -> None:
    home = Home(tmp_path)
    place = "宁夏平罗县高庄乡"
    home.run(("a.txt", text(place, 2022, 6)), ("b.txt", text(place, 2023, 6)))
    (beaten,) = home.run(("a.txt", text(place, 2022, 9)), day=2).superseded
    assert beaten.reason == "replaced at the same address"
    values = {
        (year, indicator): (int(value), report_id)
        for _, year, indicator, value, report_id in zip(
            *(
                home.lake.read(OBSERVATIONS).column(name).to_pylist()
                for name in ("township_code", "report_year", "indicator", "value", "report_id")
            ),
            strict=True,
        )
    }
    assert values[2022, "rol_special_meetings"] == (9, beaten.winner.report_id)
    assert values[2023, "rol_special_meetings"][0] == 6
    statuses = dict(
        zip(*(home.lake.read(REPORTS).column(name).to_pylist() for name in ("report_id", "status")), strict=True)
    )
    assert statuses[beaten.loser.report_id] == "superseded"
    assert sorted(statuses.values()) == ["published", "published", "superseded"]


def test_a_report_that_was_beaten_comes_back_when_its_rival_is_read_otherwise(tmp_path: Path) -> None:
    """As when new rules refuse the better text: here its snapshot counts as unread, and its bytes say no year."""
    home = Home(tmp_path)
    place = "宁夏平罗县高庄乡"
    short, rich = text(place, 2022), text(place, 2022, 8) + "三、下一步工作\n继续做好调解工作。\n"
    alone = Home(tmp_path / "alone")
    alone.run(("short.txt", short))
    home.run(("short.txt", short), ("rich.txt", rich))
    (winner,) = [row for row in home.lake.rows(REPORTS) if row[REPORTS.names.index("status")] == "published"]
    sha256 = winner[REPORTS.names.index("sha256")]
    assert sha256 == hashlib.sha256(rich.encode()).hexdigest()
    refused = Lake(tmp_path / "refused")
    refused.write(REFUSALS, [Refusal(sha256, "file:///rich.txt", "year_unknown", "", "other rules", "run")])
    reconcile(home.lake, [refused], known_sources(home.lake, NONE), [], Dictionary.load().units())
    for contract in (REPORTS, MENTIONS, OBSERVATIONS, TEXTS):
        assert home.lake.read(contract).equals(alone.lake.read(contract)), contract.name


def test_new_rules_for_figures_take_them_from_the_texts_of_the_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No document is opened: there is none any more. What they give is what reading the documents again gives."""
    home, again = Home(tmp_path / "home"), Home(tmp_path / "again")
    wide = text("宁夏平罗县高庄乡", 2020).replace("90件", "９０件").replace("人民", "人\n民")
    for one in (home, again):
        one.run(*ALL, ("wide.txt", wide))
    reading, _, figures = rules_digest().partition("-")
    rules = f"{reading}-{'0' * len(figures)}"
    monkeypatch.setattr("transforms.reports.rules_digest", lambda: rules)
    sources = known_sources(home.lake, NONE)
    waiting, places = pending(home.lake, sources, rules), readable(home.lake, rules)
    assert len(waiting) == len(places) == 7
    assert len(readable(home.lake, f"{'0' * len(reading)}-{figures}")) == 0

    def reconciled(home: Home, held: batches.Held | None) -> None:
        work = home.root / "again"
        jobs = batches.jobs(waiting, home.store.root, work, rules, "new", 3, held)
        staged = [Lake(batches.do(job)) for job in jobs]
        assert sum(stage.read(REPORTS).num_rows for stage in staged) == 7
        reconcile(home.lake, staged, sources, [], Dictionary.load().units())

    reconciled(again, None)
    shutil.rmtree(home.store.root)
    reconciled(home, batches.Held(home.lake.root, places))
    assert home.bytes() == again.bytes()
    assert set(home.lake.read(REPORTS).column("rules").to_pylist()) == {rules}


def test_a_text_of_a_nianbao_that_kept_no_map_is_read_from_its_document(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run(*ALL[:2])
    before = home.bytes()
    bare = [Text(*row)._replace(offsets=None) for row in home.lake.rows(TEXTS)]
    home.lake.write(TEXTS, bare)
    held = batches.Held(home.lake.root, readable(home.lake, rules_digest()))
    sources = known_sources(home.lake, NONE)
    (job,) = batches.jobs(Waiting(sources), home.store.root, tmp_path / "again", rules_digest(), "run", 2, held)
    assert batches.readings(job) == {}
    reconcile(home.lake, [Lake(batches.do(job))], sources, [], Dictionary.load().units())
    assert home.bytes() == before


def test_a_time_without_a_zone_is_told_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the tables tell times: a source that is known from the lake alone has no other."""
    try:
        monkeypatch.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        source = Source("0" * 64, "file:///a.txt", datetime(2024, 1, 1, 12, tzinfo=None), 1, None, None)  # noqa: DTZ001
        read = batches.snapshot(source, bytes)
        assert read.retrieved_at == datetime(2024, 1, 1, 12, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.skipif(not is_available(), reason="tesseract with chi_sim is not installed")
def test_a_scan_is_read_again_once_there_is_ocr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = (Path(__file__).parent / "forms" / "sample_scan.pdf").read_bytes()
    mixed = (Path(__file__).parent / "forms" / "mixed.pdf").read_bytes()
    store = SnapshotStore(tmp_path / "snapshots")
    at = datetime(2024, 1, 1, tzinfo=UTC)
    place = ("445103107", 2023)
    found = [Source(store.put(data), f"file:///{len(data)}.pdf", at, len(data), *place) for data in (scan, mixed)]
    known = known_sources(Lake(tmp_path / "lake"), to_arrow(SOURCES, found))
    lake, rules = Lake(tmp_path / "lake"), rules_digest()
    with monkeypatch.context() as patch, guarded.Reader() as reader:
        patch.setattr(guarded._Shared, "reader", reader)  # one that was started earlier knows the old PATH
        patch.setenv("PATH", str(tmp_path))
        is_available.cache_clear()
        (job,) = batches.jobs(Waiting(known), store.root, tmp_path / "work", rules, "run", 2)
        reconcile(lake, [Lake(batches.do(job))], known, [], Dictionary.load().units())
        assert [Refusal(*row).reason for row in lake.rows(REFUSALS)] == ["no_text_layer"]
        assert [Report(*row).unread_pages for row in lake.rows(REPORTS)] == [1]
        assert len(pending(lake, known, rules)) == 0
    is_available.cache_clear()
    assert pending(lake, known, rules).rows.equals(known)
    assert len(readable(lake, rules)) == 0


def test_the_sources_are_held_no_longer_once_they_are_in_the_lake_and_are_counted_all_the_same(tmp_path: Path) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [
        Source(sha256 * 32, f"file:///{name}", at, 9, None, None) for sha256, name in (("ab", 1), ("ab", 2), ("cd", 3))
    ]
    acquired = Acquired("run", to_arrow(SOURCES, rows), [], Parameters(home=str(tmp_path)))
    here = home.Home(tmp_path).open()
    assert steps.reconcile(here, acquired, []).snapshots == 2
    assert acquired.sources == NONE
    assert [Source(*row) for row in Lake(here.lake).rows(SOURCES)] == [
        row._replace(retrieved_at=at.replace(tzinfo=None)) for row in rows
    ]
