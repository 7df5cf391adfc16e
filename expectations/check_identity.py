"""Whose report it is: a source list that says otherwise than the text, and texts that lost to a better one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from expectations.checking import Check, CheckContext
from expectations.frames import as_arrow
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames


def _reports(frames: Frames) -> list[dict[str, Any]]:
    names = [
        "report_id",
        "township_code",
        "report_year",
        "title",
        "source_uri",
        "status",
        "identity",
        "partial",
        "period_end",
    ]
    return as_arrow(frames.tables["reports"]).select(names).to_pylist()


def identity_conflict(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports whose source list names another township or year than their text."""
    for row in _reports(frames):
        told = json.loads(row["identity"])
        if row["status"] != "superseded" and told.get("conflict"):
            zh, _, en = told["conflict"].partition(" / ")
            yield frames.finding(
                "identity_conflict",
                "critical",
                f"来源表与文本不一致：{zh}；请改正来源表，或换上正确的报告。",
                f"{en or zh}; correct the source list or put the right report there",
                row["title"],
                report_id=row["report_id"],
            )


def superseded(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Texts for a township and year that another text stands for."""
    rows = _reports(frames)
    standing = {(row["township_code"], row["report_year"]): row for row in rows if row["status"] != "superseded"}
    for row in rows:
        winner = standing.get((row["township_code"], row["report_year"]))
        if row["status"] == "superseded" and winner:
            place = f"{row['township_code']}，{row['report_year']}年"
            yield frames.finding(
                "superseded",
                "info",
                f"{place}有不止一份报告：采用 {winner['source_uri']}，未采用 {row['source_uri']}。",
                f"several reports for one township and year: {winner['report_id']} stands, {row['report_id']} does not",
                row["title"],
                report_id=row["report_id"],
                township_code=row["township_code"],
                report_year=row["report_year"],
            )


CHECKS: tuple[Check, ...] = (
    Check(
        "identity_conflict",
        "critical",
        "来源表与文本所说的单位或年度不同",
        "the source list names another township or year than the text",
        "The township and year that the text itself shows, against those that the source list gives for its address.",
        "Reports without a row in a source list.",
        identity_conflict,
    ),
    Check(
        "superseded",
        "info",
        "同一单位同一年度有多份报告",
        "several texts for one township and year",
        "Reports of one township and year from different addresses or days; the better one stands.",
        "The same bytes found at two addresses are one report.",
        superseded,
    ),
)
