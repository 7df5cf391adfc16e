"""The front of a document: what stands in the places where a report says whose it is and for when.

Title, opening and signature are cut from the text; page title, publisher and date are what the form said about itself.
Spaces within them are dropped and full-width digits and letters narrowed, so that one pattern reads them all.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from transforms.document import Document

GENRE = re.compile(
    r"报告|总结|汇报|年报|小结|述职|述法|综述|白皮书|自查|自评|回顾|(?:工作|建设|落实|执行|进展|推进|开展|履职|完成|有关|主要|基本)情况|情况说明|公报"
)
NOT_GENRE = re.compile(r"工作报告制度|报告制度|报告厅|情况反映|报告团")
YEAR = re.compile(r"20[0-4]\d|二[〇○零O0][〇○零一二三四][〇○零一二三四五六七八九]")
HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|第[一二三四五六七八九十]+[章节部])"
)
HEADING_LINE = re.compile(r"\n\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])")
META = re.compile(
    r"^[【\[]?(信息来源|稿件来源|文章来源|来源|作者|责任编辑|编辑|发布机构|发布单位|发文机关|发文机构|发文单位|公开机构|制作单位|责任部门|所属机构|索引号|文号|"
    r"发文字号|主题分类|主题词|关键词|名称|标题|体裁|公开方式|公开形式|公开日期|公开范围|有效性|是否有效|内容概述|生效日期|失效日期|"
    r"发布时间|发布日期|发表日期|发表时间|成文日期|生成日期|发文日期|更新时间|时间|日期|浏览次数|浏览量|阅读次数|点击率|点击数|点击|访问量|字体大小|字体|字号|"
    r"分享到|打印|当前位置|您现在的位置|您的位置|位置|首页)[】\]]?[:：>|]?(.*)$"
)
PUBLISHER_LABELS = frozenset(
    [
        "信息来源",
        "稿件来源",
        "文章来源",
        "来源",
        "发布机构",
        "发布单位",
        "发文机关",
        "发文机构",
        "发文单位",
        "公开机构",
        "制作单位",
        "责任部门",
        "所属机构",
    ]
)
DATE_LABELS = frozenset(
    [
        "发布时间",
        "发布日期",
        "发表日期",
        "发表时间",
        "成文日期",
        "生成日期",
        "发文日期",
        "时间",
        "日期",
        "公开日期",
        "更新时间",
    ]
)
DAY = re.compile(r"(20[0-4]\d)[-年/.](\d{1,2})[-月/.](\d{1,2})")
SITE_TAIL = re.compile(r"[_|｜]|[-—–]{1,2}(?=[^\d])|(?<=告|结|报)\s+-\s+")
ISSUER = re.compile(r"(?:政府|办事处|委员会|党工委|镇|乡|街道|苏木|局|院)$")
DATED_ISSUER = re.compile(r"(?:政府|办事处|办公[室厅]|委员会|党工委|镇|乡|街道|苏木|局|院)20[0-4]\d(?:年度?)?$")
"""The first line of a title that breaks after the year (某镇人民政府2024年 / 政府信息公开工作年度报告)."""
CODE_LINE = re.compile(r"[\x00-\x7f年月日时分（）：〔〕号第]*")
"""Dates, times and index numbers: no title, though a year stands in them."""
WIDE = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B)} | {0x3000: None, 0x20: None, 0xA0: None, 0x09: None}

WIDE_CHARACTER = re.compile("[" + "".join(map(re.escape, map(chr, WIDE))) + "]")

HEADER_LINES = 40
TITLE_LENGTH = 64
OPENING_LENGTH = 500
CLOSING_LENGTH = 160


class Front(NamedTuple):
    """The places of a document that tell whose it is; an empty string where there is none.

    ``site`` is what the page's title adds after the document's own (the name of the web site); ``published_on`` is the
    form's date of publication, or the header's; ``signed_on`` the date under the signature; ``body`` the offset in the
    text where the header ends.
    """

    title: str
    page_title: str
    site: str
    publisher: str
    opening: str
    closing: str
    published_on: date | None
    signed_on: date | None
    body: int


def squeeze(text: str) -> str:
    """Drop spaces, narrow full-width digits and letters."""
    return text.translate(WIDE) if WIDE_CHARACTER.search(text) else text


def front(document: Document) -> Front:
    """Cut the front out of a document."""
    text, page = document.text, document.page
    title, publisher, published_on, body = _header(text)
    page_title, site = _page_title(squeeze(page.title or ""))
    opening = _opening(text, body)
    closing, signed_on = _closing(text, body)
    return Front(
        title=title,
        page_title=page_title,
        site=site,
        publisher=squeeze(page.publisher or "") or publisher,
        opening=opening,
        closing=closing,
        published_on=page.published_on or published_on,
        signed_on=signed_on,
        body=body,
    )


def _opening(text: str, body: int) -> str:
    """The first paragraphs, up to the first heading after them."""
    part = text[body : body + OPENING_LENGTH]
    heading = HEADING_LINE.search(part, 1)
    return squeeze(part[: heading.start()] if heading else part)


def day(match: re.Match[str] | None) -> date | None:
    """A date from a match of year, month and day; None where it is none (2023年2月30日)."""
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _page_title(title: str) -> tuple[str, str]:
    parts = [part for part in SITE_TAIL.split(title) if part]
    if not parts:
        return "", ""
    best = max(range(len(parts)), key=lambda i: (_title_score(parts[i]), -i))
    return parts[best], "|".join(parts[:best] + parts[best + 1 :])


def _title_score(line: str) -> int:
    if CODE_LINE.fullmatch(line):
        return 0
    score = 3 if GENRE.search(line) and not NOT_GENRE.search(line) else 0
    score += 2 if YEAR.search(line) else 0
    score += 1 if re.search(r"[镇乡]|街道|苏木|办事处|政府|通知|方案|计划|要点|召开|开展", line) else 0
    return score - (2 if line.endswith(("：", ":")) else 0)


def _header(text: str) -> tuple[str, str, date | None, int]:
    """Title, publisher and date of publication from the lines before the first paragraph, and where that begins."""
    lines: list[str] = []
    publisher, published, at = "", None, 0
    for _ in range(HEADER_LINES):
        end = text.find("\n", at)
        line = squeeze(text[at : end if end >= 0 else min(len(text), at + 2000)])
        meta = META.match(line)
        if meta:
            if meta[1] in PUBLISHER_LABELS and not publisher:
                publisher = re.split(r"发布|时间|字体|点击|浏览|\d", meta[2])[0][:40]
            published = published or day(DAY.search(line))
        elif _is_paragraph(line) or end < 0:
            if not lines and (glued := _glued_title(line)):
                lines.append(glued)
            break
        elif line and not (">" in line or "|" in line):
            lines.append(line)
        at = end + 1
    return _title(lines), publisher, published, at


def _is_paragraph(line: str) -> bool:
    return (
        len(line) > TITLE_LENGTH
        or bool(HEADING.match(line))
        or line.endswith(("。", "；", ";"))
        or "，" in line
        or "如下" in line
        or "," in line
    )


def _glued_title(line: str) -> str:
    """A title that lost its line break: the beginning of a paragraph up to the genre, if no clause ends before."""
    match = re.match(r"[^，。；：,;:!?！？]{4,50}?(?:报告|总结|汇报|年报)(?=20\d\d|二[〇○零]|[\u3400-\u9fff])", line)
    return (
        match[0]
        if match and YEAR.search(match[0]) and not re.search(r"[《“]|^(?:根据|按照|为|结合|自)", match[0])
        else ""
    )


def _title(lines: list[str]) -> str:
    """The line that reads most like a title, with the issuer on a line of its own before it and a broken-off tail."""
    if not lines:
        return ""
    best = max(range(len(lines)), key=lambda i: (_title_score(lines[i]), -i))
    if _title_score(lines[best]) < 1:
        return ""
    title = lines[best]
    issuer = lines[best - 1] if best else ""
    if (ISSUER.search(issuer) or DATED_ISSUER.search(issuer)) and len(issuer) < 30 and issuer not in title:
        title = issuer + title
    if DATED_ISSUER.search(title) and best + 1 < len(lines):
        return title + lines[best + 1]
    if best + 1 < len(lines) and not GENRE.search(title) and GENRE.search(lines[best + 1]):
        title += lines[best + 1]
    return title


def _closing(text: str, body: int) -> tuple[str, date | None]:
    """The signature: the last short lines, and the date under them."""
    lines: list[str] = []
    signed = None
    for line in reversed(text[max(body, len(text) - CLOSING_LENGTH) :].split("\n")):
        short = squeeze(line)
        if len(short) > 40 or short.endswith(("。", "；")):
            break
        signed = signed or day(DAY.search(short)) or _chinese_day(short)
        if short:
            lines.insert(0, short)
    return "\n".join(lines), signed


def _chinese_day(line: str) -> date | None:
    match = re.search(
        r"(二[〇○零O0][一-九〇○零]{2})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日", line
    )
    if not match:
        return None
    try:
        return date(year_of(match[1]), _small(match[2]), _small(match[3]))
    except ValueError:
        return None


def year_of(text: str) -> int:
    """2023 from ``2023`` or ``二〇二三``."""
    digits = text.translate(str.maketrans("〇○零O一二三四五六七八九", "0000123456789"))
    return int(digits)


def _small(text: str) -> int:
    tens, ten, units = text.partition("十")
    digit = "一二三四五六七八九"
    if not ten:
        return digit.index(text) + 1
    return 10 * (digit.index(tens) + 1 if tens else 1) + (digit.index(units) + 1 if units else 0)
