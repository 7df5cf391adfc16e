"""The snapshot itself: a page that has shrunk or is refused since last time, or a report without a single figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from expectations.checking import Check, CheckContext
from expectations.frames import as_arrow, records
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

SHRUNK = 0.5
"""A corrected report is seldom shorter by half; a page that lost its text to a new site layout is."""


def _reports(frames: Frames) -> list[dict[str, Any]]:
    names = ["report_id", "township_code", "title", "source_uri", "status", "characters", "retrieved_at"]
    return as_arrow(frames.tables["reports"]).select(names).to_pylist()


def page_shrunk(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Texts far shorter than those that stood at the same address before, those included that were refused for it."""
    rows = sorted(_reports(frames), key=lambda row: (row["retrieved_at"], row["report_id"]))
    before: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        place = (row["source_uri"], row["township_code"])
        earlier = before.get(place)
        before[place] = row
        if earlier and row["status"] != "superseded" and row["characters"] < SHRUNK * earlier["characters"]:
            now, then = row["characters"], earlier["characters"]
            yield frames.finding(
                "page_shrunk",
                "warning",
                f"同一网址的正文由{then}字变为{now}字；请打开网址核对是否只剩部分内容。",
                f"the text at this address shrank from {then} to {now} characters: open it and see what is gone",
                row["title"],
                report_id=row["report_id"],
            )

    for row in _refused(frames):
        if _has_shrunk(row):
            now, then = row["bytes"], row["bytes_before"]
            yield frames.finding(
                "page_shrunk",
                "warning",
                f"同一网址的原件由{then}字节变为{now}字节，新原件被拒收（{row['reason']}），先前的报告仍然采用；"
                "请打开网址核对内容是否已被撤下。",
                f"the page at this address shrank from {then} to {now} bytes and was refused ({row['reason']}); the "
                "report read before stays: open the address and see what is gone",
                row["detail"],
                report_id=row["report_id"],
            )


def page_refused(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports at whose address there is now a page as long as before that was refused."""
    for row in _refused(frames):
        if not _has_shrunk(row):
            yield frames.finding(
                "page_refused",
                "warning",
                f"同一网址现为另一内容，新原件被拒收（{row['reason']}），先前的报告仍然采用；请打开网址核对。",
                f"the page at this address is another now and was refused ({row['reason']}); the report read before "
                "stays: open the address and see what it is",
                row["detail"],
                report_id=row["report_id"],
            )


def _refused(frames: Frames) -> list[dict[str, Any]]:
    return records(frames.wide.refused)


def _has_shrunk(row: dict[str, Any]) -> bool:
    return bool(row["reason"] == "empty" or row["bytes"] < SHRUNK * row["bytes_before"])


def no_figures(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports in which no figure at all was read."""
    mentions = as_arrow(frames.tables["mentions"])
    telling = {
        report_id
        for report_id, kind in zip(
            mentions.column("report_id").to_pylist(), mentions.column("kind").to_pylist(), strict=True
        )
        if kind != "name"
    }
    for row in _reports(frames):
        if row["status"] != "superseded" and row["report_id"] not in telling:
            yield frames.finding(
                "no_figures",
                "warning",
                "正文中没有任何数字；请核对是否为完整的报告。",
                "not a single figure in the text: is this the whole report?",
                row["title"],
                report_id=row["report_id"],
            )


CHECKS: tuple[Check, ...] = (
    Check(
        "no_figures",
        "warning",
        "报告中没有数字",
        "a report without figures",
        "Reports in which nothing but names was found.",
        "Nothing: a real report has figures.",
        no_figures,
    ),
    Check(
        "page_shrunk",
        "warning",
        "同一网址的正文大幅变短",
        "a page that has shrunk",
        "The characters of a report against those of the text that stood at the same address before; the bytes, where "
        "the new page was refused and the report before it stays.",
        "A text that is shorter by less than half.",
        page_shrunk,
    ),
    Check(
        "page_refused",
        "warning",
        "同一网址的新内容被拒收",
        "a page that is refused where a report was",
        "The newest snapshot of each address at which a report was read, if it is another one and was refused.",
        "A page that could not be fetched: that is a refusal of its own, and is tried again.",
        page_refused,
    ),
)
