"""Whose report it is: a source list that says otherwise than the text, and texts that lost to a better one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from expectations.checking import Check, CheckContext
from expectations.frames import as_arrow
from warehouse.contracts import Finding, Severity

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
        "ocr",
        "unread_pages",
        "retrieved_at",
        "characters",
        "damage",
        "partial",
    ]
    table = as_arrow(frames.tables["reports"])
    return table.select([name for name in names if name in table.column_names]).to_pylist()


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


FLAGS: dict[str, tuple[Severity, str, str]] = {
    "multi_year": (
        "critical",
        "文本涉及多个年度，不能当作一年的数字",
        "the text covers several years: not one year's figures",
    ),
    "half_year": ("warning", "文本只涉及半年", "the text covers half a year"),
    "quarter": ("warning", "文本只涉及一个季度", "the text covers a quarter"),
    "title_year": ("warning", "标题与正文的年度不一致", "title and body name different years"),
    "heading_year": ("info", "小标题的年度与全文不一致", "a heading names another year than the text"),
    "kind_changed": (
        "warning",
        "单位名称的类型与登记册不同（如镇改街道）",
        "the unit is of another kind in the registry",
    ),
    "year_listed": (
        "warning",
        "年度只由来源表或文件名确定，文本没有写明",
        "only the source list or the file's name tells the year",
    ),
    "name_unknown": (
        "warning",
        "文本中的单位名称登记册中没有（可能是新设或更名），按来源表归属",
        "the registry lacks the name that the text gives (founded or renamed since?): the source list was followed",
    ),
    "listed_only": ("warning", "单位只由来源表确定，文本没有说明", "only the source list tells whose report it is"),
}
"""What the identification noted, how bad it is, and what it means; other flags are in the reports' own columns."""


def identity_flags(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """What the identification noted about township and year."""
    for row in _reports(frames):
        if row["status"] == "superseded":
            continue
        for flag in json.loads(row["identity"]).get("flags", ()):
            if flag in FLAGS:
                severity, zh, en = FLAGS[flag]
                yield frames.finding(
                    "identity_flag",
                    severity,
                    f"{zh}；请核对“{row['title']}”。",
                    f"{en}; see the title",
                    row["title"],
                    report_id=row["report_id"],
                )


def recognised(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports whose text was recognised from images: any of their figures may be misread."""
    for row in _reports(frames):
        if row["status"] != "superseded" and row.get("ocr"):
            yield frames.finding(
                "read_by_ocr",
                "warning",
                "正文由图像识别得到，数字可能有误；请对照原件核对，或找到有文字的版本。",
                "the text was recognised from images: compare the figures with the original, or find a text version",
                row["title"],
                report_id=row["report_id"],
            )


def pages_unread(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Reports of which some pages are scans that nobody could read here: what is known of them is not the whole."""
    for row in _reports(frames):
        if row["status"] != "superseded" and row.get("unread_pages"):
            count = row["unread_pages"]
            yield frames.finding(
                "pages_unread",
                "critical",
                f"有{count}页是扫描图像，未能读取，其余不是全文；请安装 tesseract 及中文数据后重新运行，或换上文字版。",
                f"{count} pages are scans that could not be read, the rest is not the whole report: install tesseract "
                "with chi_sim and run again, or find a text version",
                row["title"],
                report_id=row["report_id"],
            )


def superseded(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Texts for a township and year that another text stands for; of mirrors, that they are one report."""
    rows = _reports(frames)
    standing = {(row["township_code"], row["report_year"]): row for row in rows if row["status"] != "superseded"}
    for row in rows:
        winner = standing.get((row["township_code"], row["report_year"]))
        if row["status"] == "superseded" and winner:
            place = f"{row['township_code']}，{row['report_year']}年"
            if _same_text(frames, row["report_id"], winner["report_id"]):
                both = f"{winner['source_uri']}、{row['source_uri']}"
                zh = f"{place}的报告见于两处，文字相同：一份报告，两个来源（{both}）。"
                en = f"one report at two addresses: the text of {row['report_id']} is that of {winner['report_id']}"
            else:
                zh = f"{place}有不止一份报告：采用 {_described(winner)}，未采用 {_described(row)}。"
                en = (
                    f"several reports for one township and year: {winner['report_id']} stands, {row['report_id']} does "
                    "not"
                )
            yield frames.finding(
                "superseded",
                "info",
                zh,
                en,
                row["title"],
                report_id=row["report_id"],
                township_code=row["township_code"],
                report_year=row["report_year"],
            )


def _same_text(frames: Frames, one: str, other: str) -> bool:
    """Whether two reports say the same, spaces and line breaks aside; never of what the lake has no text of."""
    said = ["".join(frames.texts[report_id].split()) for report_id in (one, other)]
    return bool(said[0]) and said[0] == said[1]


def _described(row: dict[str, Any]) -> str:
    """Where a text was found, and what the choice between it and others goes by."""
    day = f"{row['retrieved_at']:%Y-%m-%d}获取"
    whole = "，非全年" if row["partial"] else ""
    return f"{row['source_uri']}（{day}，{row['characters']}字，损坏{row['damage']}处{whole}）"


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
        "identity_flag",
        "critical",
        "单位或年度存疑",
        "something is odd about township or year",
        "Texts of several years, half a year or a quarter, years that differ between title, headings and body, units "
        "that the registry has as another kind, and reports that only the source list could place.",
        "A cut-off date before the year's end, which is in the report's period_end.",
        identity_flags,
    ),
    Check(
        "pages_unread",
        "critical",
        "部分页面是未能读取的扫描图像",
        "some pages are scans that could not be read",
        "Reports in PDF of which some pages have text and others are pictures, where no OCR is installed or the "
        "pictures are too many for it.",
        "Blank pages, pictures that cover less than half of a page, and signatures over text.",
        pages_unread,
    ),
    Check(
        "read_by_ocr",
        "warning",
        "正文由图像识别得到",
        "the text was recognised from images",
        "Reports that were scans and were read by character recognition.",
        "Nothing: every recognised figure may be misread.",
        recognised,
    ),
    Check(
        "superseded",
        "info",
        "同一单位同一年度有多份报告",
        "several texts for one township and year",
        "Reports of one township and year from different addresses or days. Of one address the latest stands; of "
        "several the one that covers the whole year, then the least damaged, then that with more figures, then the "
        "longer. Where the texts are the same (mirrors), it says so.",
        "The same bytes found at two addresses, which are one report with two sources.",
        superseded,
    ),
)
