"""DOC and WPS: the text of a binary Word file by its piece table, with automatic numbers, whoever wrote it.

The format is [MS-DOC]: the FIB at the begin of the stream ``WordDocument`` tells the length of the main text (headers,
footers and notes come after it) and where in the table stream the piece table is; each piece is UTF-16 or Windows-1252.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection, Iterator
from io import BytesIO
from itertools import pairwise

from transforms.document import Page, Refused
from transforms.forms.doc_lists import label, numbering_of
from transforms.forms.doc_styles import listed_styles
from transforms.forms.numbering import Numbering
from transforms.forms.papx import Mark, marks
from transforms.limits import DEFAULT, Limits

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEDIA_TYPE = "application/msword"
_WORD_97 = 0xA5EC
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_LENGTH_AT, _CLX_AT = 0x4C, 0x01A2
_COMPRESSED = 0x4000_0000
_OTHERS = {
    "Workbook": "Excel 或 WPS 表格（.xls、.et） / an Excel or WPS spreadsheet",
    "Book": "旧版 Excel 表格（.xls） / an old Excel spreadsheet",
    "PowerPoint Document": "PowerPoint 或 WPS 演示文稿（.ppt、.dps） / PowerPoint or WPS slides",
    "__properties_version1.0": "Outlook 邮件（.msg） / an Outlook message",
    "VisioDocument": "Visio 绘图 / a Visio drawing",
}
_FIELD_CODE = re.compile("\x13[^\x13\x14\x15]*(?:\x14|(?=\x15))")
_DEEPEST_FIELD = 20
"""Fields inside one another whose codes are taken out; an index with links has three."""
_CELL = "\x07"
_ROW, _INNER_CELL, _IN_CELL = "\x1c", "\x1d", "\x1f"
"""Our own marks: the end of a row, of a cell of a nested table, of a paragraph inside a cell."""
_PARAGRAPH = re.compile(f"(?<=[\r{_CELL}{_ROW}{_INNER_CELL}{_IN_CELL}])")
_CONTROLS = {0x1C: " ", 0x1D: " ", 0x1F: " ", 0x09: " ", 0x1E: "-", 0x0B: "\r", 0x0C: "\r"}
"""Tabs, unbreakable hyphens, line breaks and page breaks; one character stays one."""


def read_doc(data: bytes, limits: Limits = DEFAULT) -> Page:
    """Read a binary Word file.

    Raises:
        Refused: ``encrypted``, ``too_large``, ``empty``, or ``unsupported_format`` for older or broken files.
    """
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            names = {"/".join(entry) for entry in ole.listdir()}
            if "EncryptedPackage" in names:
                raise _encrypted()
            if "WordDocument" not in names:
                raise _no_text(names)
            stream = ole.openstream("WordDocument").read()
            flags = _unpack("<H", stream, 0x0A)
            table = f"{1 if flags & _TABLE_1 else 0}Table"
            if _unpack("<H", stream, 0) != _WORD_97 or table not in names:
                raise _unsupported("Word 97 以前的格式 / older than Word 97")
            if flags & _ENCRYPTED:
                raise _encrypted()
            pieces = ole.openstream(table).read()
    except (
        OSError,
        struct.error,
        IndexError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
    ) as error:
        raise _unsupported("文件损坏 / the file is broken") from error
    text = _main_text(stream, pieces, limits)
    lines = _lines(text)
    if not any(map(str.strip, lines)):
        raise Refused("empty", "文档没有文字；请核对文件 / the document holds no text: check the file")
    return Page("\n".join(line for line in lines if line.strip()), MEDIA_TYPE)


def _encrypted() -> Refused:
    return Refused(
        "encrypted", "文档有密码；请取得密码并另存为无密码文件 / the document needs a password: save it without"
    )


def _no_text(names: Collection[str]) -> Refused:
    """Of what other programs keep in the same container, what it is by its main stream."""
    what = next((_OTHERS[name] for name in _OTHERS if name in names), "不是 Word 或 WPS 文字文档 / no text document")
    return Refused(
        "unsupported_format",
        f"不支持的格式：{what}；请将报告另存为 PDF 或文字文档再提交 / save the report as PDF or text and submit that",
    )


def _unsupported(why: str) -> Refused:
    return Refused("unsupported_format", f"{why}；请另存为 .docx 再提交 / save it as .docx and submit that")


def _unpack(form: str, data: bytes, offset: int) -> int:
    value: int = struct.unpack_from(form, data, offset)[0]
    return value


def _main_text(stream: bytes, table: bytes, limits: Limits) -> str:
    """The characters of the main text, control characters included."""
    try:
        length = _unpack("<i", stream, _LENGTH_AT)
        start, size = struct.unpack_from("<II", stream, _CLX_AT)
        ends, places = _pieces(table[start : start + size])
        known = marks(stream, table, listed_styles(stream, table))
        numbering = numbering_of(stream, table)
    except (struct.error, IndexError, ValueError) as error:
        raise _unsupported("文件损坏 / the file is broken") from error
    if length > limits.characters:
        raise Refused(
            "too_large",
            f"文档超过上限 {limits.characters} 字；请只提交报告本身 / "
            f"more than {limits.characters} characters: submit the report alone",
        )
    out, have, at = [], 0, 0
    listed: dict[int, tuple[int, int]] = {}
    for (begin, end), place in zip(pairwise(ends), places, strict=False):
        count = min(end, length) - begin
        if count <= 0 or begin < have:
            continue
        width = 1 if place & _COMPRESSED else 2
        offset = (place & ~_COMPRESSED) // 2 if width == 1 else place
        text = stream[offset : offset + width * count].decode("cp1252" if width == 1 else "utf-16-le", "replace")
        out.append(_marked(text.translate(_CONTROLS), known.between(offset, offset + width * count), offset, width))
        if known.listed:
            stops = (offset + width * (i + 1) for i in range(len(text)))
            listed |= {at + i: known.listed[stop] for i, stop in enumerate(stops) if stop in known.listed}
        have, at = end, at + len(text)
    return _numbered("".join(out), listed, numbering)


def _numbered(text: str, listed: dict[int, tuple[int, int]], numbering: Numbering) -> str:
    """A text with the automatic numbers of its paragraphs, which end where ``listed`` says, written before them."""
    if not listed:
        return text
    out, at = [], 0
    for paragraph in _PARAGRAPH.split(text):
        at += len(paragraph)
        entry = listed.get(at - 1)
        if entry is not None:
            out.append(label(numbering, entry, has_text=bool(paragraph.strip())))
        out.append(paragraph)
    return "".join(out)


def _marked(text: str, ends: Iterator[tuple[int, Mark]], offset: int, width: int) -> str:
    """A piece with the ends of its rows, nested cells and paragraphs in cells told apart."""
    characters = list(text)
    for position, kind in ends:
        at = (position - offset) // width - 1
        if not 0 <= at < len(characters):
            continue
        if kind == "row":
            characters[at] = _ROW
        elif characters[at] == "\r":
            characters[at] = _INNER_CELL if kind == "cell" else _IN_CELL
    return "".join(characters)


def _pieces(clx: bytes) -> tuple[tuple[int, ...], list[int]]:
    """The piece table in a CLX: where in the text each piece begins (and the last ends), and where it is stored."""
    at = 0
    while clx[at] == 1:
        at += 3 + _unpack("<H", clx, at + 1)
    if clx[at] != 2:
        raise ValueError("no piece table")
    size = _unpack("<I", clx, at + 1)
    count = (min(size, len(clx) - at - 5) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}i", clx, at + 5)
    base = at + 5 + 4 * (count + 1)
    return ends, [_unpack("<I", clx, base + 8 * i + 2) for i in range(count)]


def _lines(text: str) -> list[str]:
    """Paragraphs and rows: a row is its cells, each closed by a mark, and a mark of its own."""
    for _ in range(_DEEPEST_FIELD):
        if "\x13" not in text:
            break
        text = _FIELD_CODE.sub("", text)
    text = text.replace("\x15", "").replace(_IN_CELL, "")
    lines: list[str] = []
    cells: list[str] = []
    nested = False
    for paragraph in re.split(f"(?<=[\r{_CELL}{_ROW}{_INNER_CELL}])", text):
        if paragraph.endswith(_INNER_CELL) and cells and not nested:
            lines.append("\t".join(cells).rstrip("\t"))
            cells = []
        if paragraph.endswith((_CELL, _INNER_CELL)):
            nested = paragraph.endswith(_INNER_CELL)
            cells.append(paragraph[:-1])
        elif paragraph.endswith(_ROW):
            lines.append("\t".join([*cells, paragraph[:-1]]).rstrip("\t"))
            cells = []
        else:
            if cells:
                # A file that does not tell the ends of its rows.
                lines.extend(_rows(cells))
                cells = []
            lines.append(paragraph.rstrip("\r"))
    lines.extend(_rows(cells))
    return lines


def _rows(cells: list[str]) -> list[str]:
    """The rows of a table from its marks: the smallest width that leaves every last place empty is the table's."""
    for width in range(2, min(len(cells), 65) + 1):
        if len(cells) % width == 0 and not any(cells[width - 1 :: width]):
            return ["\t".join(cells[i : i + width - 1]).rstrip("\t") for i in range(0, len(cells), width)]
    rows: list[list[str]] = [[]]
    for cell in cells:
        if cell:
            rows[-1].append(cell)
        elif rows[-1]:
            rows.append([])
    return ["\t".join(row) for row in rows if row]
