"""Whose report it is, in the findings: source lists that disagree, odd years, several texts, copied texts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from cases import SHAXI
from test_settlement import report

from expectations.check_identity import identity_conflict, identity_flags, pages_unread, recognised, superseded
from expectations.check_snapshot import no_figures, page_refused, page_shrunk
from expectations.checking import CheckContext
from expectations.frames import Frames
from flows.copied import _compared, copied_texts
from transforms.settlement import settle
from warehouse import late
from warehouse.contracts import (
    MENTIONS,
    OBSERVATIONS,
    REFUSALS,
    REPORTS,
    SOURCES,
    TEXTS,
    TOWNSHIPS,
    Finding,
    Refusal,
    RefusalReason,
    Source,
    Text,
)
from warehouse.lake import Lake
from warehouse.schema import to_arrow

CONTEXT = CheckContext(run_id="r")


def frames(*rows: Any) -> Frames:
    tables = {"reports": to_arrow(REPORTS, list(rows)), "townships": to_arrow(TOWNSHIPS, [SHAXI])}
    tables |= {"mentions": to_arrow(MENTIONS, []), "observations": to_arrow(OBSERVATIONS, [])}
    return Frames(tables, "r")


def told_of(findings: Any) -> list[tuple[str, str, str | None]]:
    return [(row.severity, row.check, row.report_id) for row in findings]


def test_a_source_list_that_disagrees_with_the_text_is_critical() -> None:
    row = report("a", identity='{"conflict": "来源表写的是445103108 / the source list says 445103108", "flags": []}')
    (finding,) = identity_conflict(frames(row), CONTEXT)
    assert told_of([finding]) == [("critical", "identity_conflict", row.report_id)]
    assert "来源表写的是445103108" in finding.message
    assert "the source list says 445103108" in finding.message_en


def test_no_conflict_is_no_finding() -> None:
    row = report("a", identity='{"conflict": "", "flags": ["cut_off"]}')
    assert not list(identity_conflict(frames(row), CONTEXT))
    assert not list(identity_flags(frames(row), CONTEXT))


def test_several_years_are_critical_and_half_a_year_is_a_warning() -> None:
    years = report("a", identity='{"flags": ["multi_year"]}')
    half = report("b", identity='{"flags": ["half_year"]}', report_year=2022)
    assert told_of(identity_flags(frames(years, half), CONTEXT)) == [
        ("critical", "identity_flag", years.report_id),
        ("warning", "identity_flag", half.report_id),
    ]


def test_a_recognised_text_is_a_warning() -> None:
    rows = frames(report("a", ocr=True), report("b", report_year=2022))
    assert told_of(recognised(rows, CONTEXT)) == [("warning", "read_by_ocr", "445103107-2023-a")]


def test_scanned_pages_that_were_not_read_keep_a_report_out_of_the_release() -> None:
    rows = frames(report("a", unread_pages=2), report("b", report_year=2022))
    (finding,) = pages_unread(rows, CONTEXT)
    assert told_of([finding]) == [("critical", "pages_unread", "445103107-2023-a")]
    assert "有2页是扫描图像" in finding.message
    assert "tesseract" in finding.message


def test_the_text_that_lost_is_told_with_the_one_that_stands() -> None:
    settled, _ = settle([report("a", characters=10), report("b", characters=20)], {})
    (finding,) = superseded(frames(*settled), CONTEXT)
    assert told_of([finding]) == [("info", "superseded", "445103107-2023-a")]
    winner, loser = finding.message.split("采用 ")[1:]
    assert "example.test/b" in winner
    assert "，20字，损坏0处）" in winner
    assert "example.test/a" in loser


def test_the_same_text_on_two_sites_is_one_report_with_two_sources() -> None:
    settled, _ = settle([report("a", characters=10), report("b", characters=20)], {})
    found = frames(*settled)
    rows = [
        Text(row.report_id, row.report_year, text)
        for row, text in zip(settled, ("沙溪镇\n办案3件。", "沙溪镇 办案3件。"), strict=True)
    ]
    mirrored = Frames({**found.tables, "texts": to_arrow(TEXTS, rows)}, "r")
    (finding,) = superseded(mirrored, CONTEXT)
    assert "一份报告，两个来源" in finding.message
    assert "example.test/a" in finding.message
    assert "example.test/b" in finding.message


WORK = ("普法宣传", "矛盾调解", "行政检查", "合同审查", "信访接待", "法律援助", "社区矫正", "网格巡查")


def test_a_page_that_shrank_by_more_than_half_is_a_warning() -> None:
    place = {"source_uri": "https://example.test/1"}
    old = report("a", status="superseded", characters=4000, **place)
    new = report("b", characters=1999, retrieved_at=datetime(2024, 5, 1, tzinfo=UTC), **place)
    assert told_of(page_shrunk(frames(old, new), CONTEXT)) == [("warning", "page_shrunk", new.report_id)]
    assert not list(page_shrunk(frames(old, new._replace(characters=2000)), CONTEXT))
    assert not list(page_shrunk(frames(old, new._replace(source_uri="https://example.test/2")), CONTEXT))


def test_a_page_that_shrank_or_changed_until_it_is_refused_is_a_warning_and_the_report_stays() -> None:
    row, place = report("a"), "https://example.test/a"
    later = datetime(2024, 5, 1, tzinfo=UTC)
    before = Source(row.sha256, place, row.retrieved_at, 4000, None, None)

    def told(reason: RefusalReason, size: int, at: datetime = later) -> list[Finding]:
        tables = {
            **frames(row).tables,
            "sources": to_arrow(SOURCES, [before, Source("f" * 64, place, at, size, None, None)]),
            "refusals": to_arrow(REFUSALS, [Refusal("f" * 64, place, reason, "没有正文 / no text", "rules", "r")]),
        }
        seen = Frames(tables, "r")
        return [*page_shrunk(seen, CONTEXT), *page_refused(seen, CONTEXT)]

    assert row.source_uri == place
    (shrunk,) = told("not_a_report", 1999)
    assert told_of([shrunk]) == [("warning", "page_shrunk", row.report_id)]
    assert "由4000字节变为1999字节，新原件被拒收（not_a_report），先前的报告仍然采用" in shrunk.message
    assert "the report read before stays" in shrunk.message_en
    assert told_of(told("empty", 4000)) == [("warning", "page_shrunk", row.report_id)]
    assert told_of(told("not_a_report", 2000)) == [("warning", "page_refused", row.report_id)]
    assert told("empty", 10, datetime(2020, 1, 1, tzinfo=UTC)) == []  # the report is the newest there


def test_a_report_without_figures_is_a_warning() -> None:
    rows = report("a"), report("b", report_year=2022, status="superseded")
    assert told_of(no_figures(frames(*rows), CONTEXT)) == [("warning", "no_figures", "445103107-2023-a")]


SENTENCES = [f"合成：全年{what}工作按照要求逐条落实并办结{n * 7}件。" for n, what in enumerate(WORK, start=1)]


def copied(folder: Path, *texts: tuple[Any, str]) -> list[Finding]:
    lake = Lake(folder)
    lake.write(TEXTS, [Text(row.report_id, row.report_year, text) for row, text in texts])
    lake.write(REPORTS, [row for row, _ in texts])
    return [one for some in copied_texts(lake, folder / "fingerprints.parquet", "r") for one in some]


def test_a_text_under_two_years_is_a_warning_with_what_agrees(tmp_path: Path) -> None:
    last, this = report("a", report_year=2022, report_id="x-2022"), report("b", report_id="x-2023")
    changed = "".join(SENTENCES).replace("14件", "15件")
    (finding,) = copied(tmp_path, (last, "".join(SENTENCES)), (this, changed))
    assert told_of([finding]) == [("warning", "copied_text", "x-2023")]
    assert finding.message.startswith("100%的句子与报告 x-2022")
    assert "其中的数字88%相同" in finding.message


def test_texts_of_their_own_and_superseded_ones_are_no_copies(tmp_path: Path) -> None:
    this, other = report("a", report_id="x-2023"), report("b", report_year=2022, report_id="x-2022")
    own = "".join(f"合成：组织干部{n}人走访群众，把{what}的事一件件记下来。" for n, what in enumerate(WORK))
    assert copied(tmp_path / "1", (this, "".join(SENTENCES)), (other, own)) == []
    beaten = other._replace(status="superseded")
    assert copied(tmp_path / "2", (this, "".join(SENTENCES)), (beaten, "".join(SENTENCES))) == []


def test_a_text_that_was_compared_once_is_not_looked_at_again_and_found_all_the_same(tmp_path: Path) -> None:
    last, this = report("a", report_year=2022, report_id="x-2022"), report("b", report_id="x-2023")
    assert copied(tmp_path, (last, "".join(SENTENCES))) == []
    kept = tmp_path / "fingerprints.parquet"
    both = (last, "".join(SENTENCES)), (this, "".join(SENTENCES))
    (finding,) = copied(tmp_path, *both)
    before = kept.stat().st_ino, kept.stat().st_mtime_ns
    assert copied(tmp_path, *both) == [finding]
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == before
    assert copied(tmp_path, both[1]) == []


def test_a_text_that_other_rules_or_ocr_read_anew_is_compared_anew(tmp_path: Path) -> None:
    """The report is the same one, of the same document; its text is another."""
    last, this = report("a", report_year=2022, report_id="x-2022"), report("b", report_id="x-2023")
    own = "".join(f"合成：组织干部{n}人走访群众，把{what}的事一件件记下来。" for n, what in enumerate(WORK))
    read, ocr, figures = "0123abcd-89ef4567-no-ocr", "0123abcd-89ef4567", "0123abcd-00000000"
    assert copied(tmp_path, (last, "".join(SENTENCES)), (this._replace(rules=read), own)) == []
    (finding,) = copied(tmp_path, (last, "".join(SENTENCES)), (this._replace(rules=ocr), "".join(SENTENCES)))
    assert (finding.report_id, finding.check) == ("x-2023", "copied_text")
    kept = tmp_path / "fingerprints.parquet"
    before = kept.stat().st_ino
    assert copied(tmp_path, (last, "".join(SENTENCES)), (this._replace(rules=figures), "".join(SENTENCES))) == [finding]
    assert kept.stat().st_ino == before  # other rules that take figures read the same text


def test_pairs_that_were_compared_once_are_not_compared_again_whatever_came_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [(report("a", report_year=year, report_id=f"x-{year}"), "".join(SENTENCES)) for year in range(2018, 2024)]
    compared: list[tuple[str, str]] = []
    monkeypatch.setattr("flows.copied.HELD", 2)  # parts of two reports are held, whichever run brought them,
    monkeypatch.setattr("flows.copied.COMPARED", 1)  # and a pair is compared at a time
    monkeypatch.setattr("flows.copied.TOGETHER", 2)

    def comparing(kept: Path, reports: Any, pairs: Any) -> Any:
        ids = [told.as_py().partition(" ")[0] for told in reports]
        compared.extend((ids[i], ids[j]) for i, j in pairs.tolist())
        return _compared(kept, reports, pairs)

    monkeypatch.setattr("flows.copied._compared", comparing)
    for some in (texts[:3], texts[:5], [*texts[:1], *texts[3:]]):  # two come late; two go where one comes
        found = copied(tmp_path / "late", *some)
        late, compared[:] = list(compared), []
        assert found == copied(tmp_path / str(len(some)) / str(some[-1][0].report_year), *some)
        whole, compared[:] = list(compared), []
        assert set(late) <= set(whole)
        assert len(found) == len(whole)
    assert late == [(f"x-{year}", "x-2023") for year in (2018, 2021, 2022)]
    assert len(whole) == 6


def test_fingerprints_of_a_few_late_reports_lie_beside_those_of_all_others(tmp_path: Path) -> None:
    def text(at: int) -> tuple[Any, str]:
        own = "".join(f"（合成）{chr(0x4E00 + at)}村：组织干部走访群众，把{what}的事一件件记下来。" for what in WORK)
        return report(f"{at}", report_year=1980 + at, report_id=f"x-{1980 + at}"), own

    def beside(folder: Path) -> list[int]:
        return [pq.read_metadata(file).num_rows for file in late.files(folder / "fingerprints.parquet")]

    texts = [text(at) for at in range(40)]
    copies = [(text(at)[0], texts[at - 40][1]) for at in range(40, 44)]
    runs = [texts, [*texts, *copies[:1]], [*texts, *copies[1:2]], [*texts, *copies[1:3]], [*texts, *copies[1:]]]
    for number, some in enumerate([*runs, texts[1:]]):
        found = copied(tmp_path / "late", *some)
        assert found == copied(tmp_path / str(number), *some)
        assert len(found) == len(some) - 40 if number < 5 else not found
        assert beside(tmp_path / "late") == [[40], [40, 1], [40, 1], [40, 2], [43], [39]][number]


def test_many_copies_are_compared_and_told_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [(report("a", report_year=year, report_id=f"x-{year}"), "".join(SENTENCES)) for year in (2020, 2021, 2022)]
    whole = copied(tmp_path / "whole", *texts)
    assert [(row.report_id, row.message[:23]) for row in whole] == [
        ("x-2021", "100%的句子与报告 x-2020 相同，其中"),
        ("x-2022", "100%的句子与报告 x-2020 相同，其中"),
        ("x-2022", "100%的句子与报告 x-2021 相同，其中"),
    ]
    monkeypatch.setattr("flows.copied.COMPARED", 1)
    monkeypatch.setattr("flows.copied.TOGETHER", 1)
    assert copied(tmp_path / "parts", *texts) == whole
    files = [pq.ParquetFile(tmp_path / name / "fingerprints.parquet") for name in ("whole", "parts")]
    assert files[0].read() == files[1].read()
