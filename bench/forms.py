"""The forms and the noise in which the synthetic (合成) reports of ``corpus.py`` are published.

Each form is written from its own specification and by nothing that reads it: OOXML by hand and zipfile, RTF and PDF as
their text. The PDF embeds no font; its characters are those of Adobe's GB1 collection, which every reader knows.
"""

from __future__ import annotations

import html
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

WHEN = (2026, 1, 1, 0, 0, 0)
"""The time of every member of an archive, so that the same text gives the same bytes."""
LINE, LINES = 38, 40
"""Characters in a line and lines on a page of a PDF."""
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_HALF_WIDTH = str.maketrans("，；：（）", ",;:()")
_READINGS = {"法治": "法治(fǎ zhì)", "调解": "调解(tiáo jiě)", "执法": "执法(zhí fǎ)"}
_FURNITURE = ("打印　关闭", "分享到：", "字体：【大】【中】【小】", "当前位置：首页 > 政务公开 > 法治政府建设")


def txt(text: str, title: str) -> bytes:
    """Plain text in UTF-8."""
    return text.encode()


def gbk(text: str, title: str) -> bytes:
    """Plain text in GB 18030, without saying so."""
    return text.encode("gb18030")


def page(text: str, title: str) -> bytes:
    """A page of a portal, with what stands around the text there."""
    body = "".join(f"<p>　　{html.escape(line)}</p>\n" for line in text.split("\n") if line)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}-合成测试网站</title>"
        "<style>p{text-indent:2em}</style><script>var site='synthetic';</script></head><body>"
        "<div class='nav'><a href='/'>首页</a> <a href='/zwgk'>政务公开</a> <a href='/bs'>办事服务</a></div>"
        f"<div class='article'><h1>{title}</h1>\n{body}</div>"
        "<div class='footer'>主办单位：合成测试网站　网站标识码：0000000000</div></body></html>"
    ).encode()


def docx(text: str, title: str) -> bytes:
    """A Word document: one paragraph a line."""
    names = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
    body = "".join(f"<w:p><w:r><w:t>{html.escape(line)}</w:t></w:r></w:p>" for line in text.split("\n") if line)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    package = "http://schemas.openxmlformats.org/package/2006"
    return _zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{names["w"]}"><w:body>{body}</w:body></w:document>',
        }
    )


def rtf(text: str, title: str) -> bytes:
    """Rich text with every Chinese character as its number."""
    paragraphs = "\\par\n".join(
        "".join(character if character.isascii() else f"\\u{_signed(character)}?" for character in line)
        for line in text.split("\n")
    )
    return ("{\\rtf1\\ansi\\ansicpg936\\uc1 " + paragraphs + "}").encode("ascii")


def _signed(character: str) -> int:
    number = ord(character)
    return number - 0x10000 if number > 0x7FFF else number


def pdf(text: str, title: str) -> bytes:
    """A PDF whose lines end where the paper does."""
    lines = [line[at : at + LINE] for line in text.split("\n") for at in range(0, max(1, len(line)), LINE)]
    pages = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    font = "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts ["
    collection = "<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    font += f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo {collection} /DW 1000 >>] >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        font,
    ]
    for number, shown in enumerate(pages):
        rows = "".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -18 Td\n" for line in shown)
        drawn = f"BT /F1 12 Tf 60 790 Td\n{rows}ET"
        box = "/MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Contents {5 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    return _pdf_file(objects)


def _pdf_file(objects: list[str]) -> bytes:
    """The objects of a PDF as a file, with the table of where each begins."""
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n".encode("ascii")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")


def archive(text: str, title: str) -> bytes:
    """A ZIP archive with the report as its one member."""
    return _zipped({"report.txt": text})


def _zipped(members: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(zipfile.ZipInfo(name, WHEN), text.encode(), zipfile.ZIP_DEFLATED)
    return held.getvalue()


FORMS: Mapping[str, tuple[float, Callable[[str, str], bytes], str]] = {
    "txt": (0.3, txt, "txt"),
    "gbk": (0.1, gbk, "txt"),
    "html": (0.35, page, "html"),
    "docx": (0.1, docx, "docx"),
    "pdf": (0.1, pdf, "pdf"),
    "rtf": (0.03, rtf, "rtf"),
    "zip": (0.02, archive, "zip"),
}
"""Share, writer and ending of each form: roughly what townships' sites hold, scans and old Word files left out."""
PLAIN = frozenset({"txt", "gbk", "html"})


def full_width(text: str, draw: random.Random) -> str:
    """Digits in full width, but for the title."""
    head, _, rest = text.partition("\n")
    return f"{head}\n{rest.translate(_FULL_WIDTH)}"


def half_width(text: str, draw: random.Random) -> str:
    """Punctuation in half width."""
    return text.translate(_HALF_WIDTH)


def spaced(text: str, draw: random.Random) -> str:
    """Blank lines between indented paragraphs, lines ended as on Windows."""
    return text.replace("\n", "\r\n\r\n　　")


def broken(text: str, draw: random.Random) -> str:
    """Lines broken in the middle of a sentence, without regard to what stands there."""
    return "\n".join(line[at : at + 40] for line in text.split("\n") for at in range(0, max(1, len(line)), 40))


def annotated(text: str, draw: random.Random) -> str:
    """Some words with their reading in brackets, as sites for learners and some converters leave them."""
    for word, told in _READINGS.items():
        text = text.replace(word, told)
    return text


def furnished(text: str, draw: random.Random) -> str:
    """What a browser's select-all brings along: where one is, how often it was read, buttons."""
    head, _, rest = text.partition("\n")
    seen = f"发布时间：2024-01-15　浏览次数：{draw.randint(20, 4000)}次"
    return f"{_FURNITURE[3]}\n{head}\n{seen}\n{_FURNITURE[2]}\n{rest}\n{_FURNITURE[0]}\n{_FURNITURE[1]}\n"


def traditional(text: str, draw: random.Random) -> str:
    """Traditional characters, as machine-converted sites publish."""
    return str(_converter().convert(text))


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


NOISES: Mapping[str, tuple[float, Callable[[str, random.Random], str]]] = {
    "full width": (0.06, full_width),
    "half width": (0.12, half_width),
    "spaced": (0.1, spaced),
    "broken": (0.06, broken),
    "annotated": (0.02, annotated),
    "furnished": (0.1, furnished),
    "traditional": (0.02, traditional),
}
"""Share and maker of each noise; the rest is as its author wrote it."""


def chosen(shares: Mapping[str, tuple[Any, ...]], at: float) -> str | None:
    """The one at this place between 0 and 1, if there is one: each takes its share, from 0 on."""
    for name, (share, *_) in shares.items():
        if at < share:
            return name
        at -= share
    return None
