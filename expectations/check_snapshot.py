"""The snapshot itself: a page that has shrunk since last time, or a report without a single figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from expectations.checking import Check, CheckContext
from expectations.frames import as_arrow
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

SHRUNK = 0.5
"""A corrected report is seldom shorter by half; a page that lost its text to a new site layout is."""


def _reports(frames: Frames) -> list[dict[str, Any]]:
    names = ["report_id", "township_code", "title", "source_uri", "status", "characters", "retrieved_at"]
    return as_arrow(frames.tables["reports"]).select(names).to_pylist()


def page_shrunk(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports far shorter than the township's text that stood at the same address before."""
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
        "The characters of a report against those of the text that stood at the same address before.",
        "A text that is shorter by less than half.",
        page_shrunk,
    ),
)
