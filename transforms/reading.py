"""Reading: the bytes of a snapshot become a document, by what the bytes are and never by what they are called."""

from __future__ import annotations

import re
from collections.abc import Callable

from transforms.cleaning import clean
from transforms.document import Document, Page, Refused
from transforms.encoding import decode
from transforms.forms.carried import of_json
from transforms.forms.markup import declared_encoding, looks_like_html
from transforms.limits import DEFAULT, Limits

_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"BM")
_OTHERS = {
    b"Rar!": "RAR 压缩包，请解压后提交 / a RAR archive: unpack it",
    b"7z\xbc\xaf'\x1c": "7z 压缩包，请解压后提交 / a 7z archive: unpack it",
    b"\x1f\x8b": "gzip 压缩文件，请解压后提交 / gzip: unpack it",
    b"BZh": "bzip2 压缩文件，请解压后提交 / bzip2: unpack it",
    b"MZ": "程序文件 / a program",
    b"\x7fELF": "程序文件 / a program",
    b"SQLite format 3": "数据库文件 / a database",
}
_OFFICE = {
    "xlsx": "Excel 或 WPS 表格，请另存为 PDF 或文字文档 / a spreadsheet: save the report as PDF or text",
    "pptx": "PowerPoint 演示文稿，请另存为 PDF / PowerPoint slides: save them as PDF",
    "ofd": "OFD 版式文件，请用阅读器另存为 PDF / an OFD file: save it as PDF with its reader",
    "epub": "EPUB 电子书，请另存为 PDF / an EPUB book: save it as PDF",
    "odf": "OpenDocument 文件，请另存为 .docx / an OpenDocument file: save it as .docx",
}
_MIME = re.compile(
    rb"\s*(?:[A-Za-z][A-Za-z0-9-]{1,40}:[^\r\n]{0,1000}\r?\n(?:[ \t][^\r\n]{0,1000}\r?\n)*){0,20}?"
    rb"(?:mime-version:|content-type:\s*multipart/)",
    re.IGNORECASE,
)
"""The headers of a message, as browsers write them around a page saved as one file."""
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_BINARY = 0.02
"""Share of control characters above which decoded bytes are no text."""


def read(data: bytes, limits: Limits = DEFAULT) -> Document:
    """Read one snapshot.

    Args:
        data: its bytes.
        limits: what the document may cost. Its ``seconds`` are kept by ``transforms.guarded``, not here.

    Returns:
        The cleaned text with its map to ``Document.page.text``, the snapshot's own text.

    Raises:
        Refused: if there is no text to be had, with the reason and what to do next.
    """
    if len(data) > limits.size:
        raise Refused(
            "too_large",
            f"文件 {len(data)} 字节，超过上限 {limits.size}；请只提交报告本身 / "
            f"{len(data)} bytes, the limit is {limits.size}: submit the report alone",
        )
    if not data.strip(b"\0 \t\r\n"):
        raise Refused(
            "empty", "文件为空；请重新下载或核对地址 / the file is empty: download it again or check the address"
        )
    page = page_of(data, limits)
    if len(page.text) > limits.characters:
        raise Refused(
            "too_large",
            f"正文超过上限 {limits.characters} 字；请只提交报告本身 / "
            f"more than {limits.characters} characters: submit the report alone",
        )
    document = clean(page)
    if not document.text:
        raise Refused("empty", "没有文字；请核对文件 / there is no text: check the file")
    return document


def is_plain(data: bytes) -> bool:
    """Whether a snapshot is plain text, which no library has to take apart and which is safe to read in any process."""
    return _reader(data) is None and not any(map(data.startswith, _OTHERS)) and b"<" not in data[:4096]


def page_of(data: bytes, limits: Limits = DEFAULT) -> Page:
    """What the reader of a snapshot's form takes out of its bytes."""
    reader = _reader(data)
    if reader is not None:
        return reader(data, limits)
    if data[257:262] == b"ustar":
        raise _unsupported("tar 压缩包，请解压后提交 / a tar archive: unpack it")
    for magic, what in _OTHERS.items():
        if data.startswith(magic):
            raise _unsupported(what)
    return _text(data, limits)


def _unsupported(what: str) -> Refused:
    return Refused("unsupported_format", f"不支持的格式：{what}")


def _reader(data: bytes) -> Callable[[bytes, Limits], Page] | None:
    """The reader of a form that is known by its first bytes; None for text and pages, which have none.

    The readers are imported here, so that a text file costs nothing but itself.
    """
    if _MIME.match(data):
        from transforms.forms.mhtml import read_mhtml

        return read_mhtml
    if b"%PDF-" in data[:1024]:
        from transforms.forms.pdf import read_pdf

        return read_pdf
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from transforms.forms.doc import read_doc

        return read_doc
    if data[:512].lstrip().startswith(b"{\\rtf"):
        from transforms.forms.rtf import read_rtf

        return read_rtf
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip
    if data.startswith(_IMAGES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return _image
    return None


def _zip(data: bytes, limits: Limits) -> Page:
    from transforms.forms.archive import office_kind, opened

    with opened(data) as archive:
        kind = office_kind(archive)
    if kind == "docx":
        from transforms.forms.docx import read_docx

        return read_docx(data, limits)
    if kind is not None:
        raise _unsupported(_OFFICE[kind])
    return _only_member(data, limits)


def _only_member(data: bytes, limits: Limits) -> Page:
    """The page of the only file in an archive; several are snapshots of their own and are not read as one."""
    from transforms.forms.archive import members

    found = []
    for member in members(data, limits):
        found.append(member)
        if len(found) > 1:
            raise _unsupported(
                "压缩包中有多个文件，请解压后分别提交 / an archive of several files: submit them one by one"
            )
    if not found:
        raise Refused("empty", "压缩包中没有文件；请核对 / the archive holds no files: check it")
    return page_of(found[0].data, limits)


def _image(data: bytes, limits: Limits) -> Page:
    from transforms.forms.ocr import read_images

    return read_images([data], 1, "image/*", limits)


def _text(data: bytes, limits: Limits) -> Page:
    decoded = decode(data, declared_encoding(data))
    if len(_BINARY.findall(decoded.text[:65_536])) > _MOST_BINARY * min(len(decoded.text), 65_536):
        raise _unsupported(
            "不是文字文件；请提交 PDF、Word、网页或纯文本 / not text: submit PDF, Word, a page or plain text"
        )
    if "<w:wordDocument" in decoded.text[:4096] or "<pkg:package" in decoded.text[:4096]:
        from transforms.forms.docx import read_word_xml

        return read_word_xml(data, "application/xml", limits)
    answer = of_json(decoded.text)
    if answer is not None:
        from transforms.forms.html import read_answer

        return read_answer(*answer, decoded.encoding, limits)
    if looks_like_html(decoded.text):
        from transforms.forms.html import read_markup

        return read_markup(decoded.text, decoded.encoding, limits)
    return Page(decoded.text, "text/plain", decoded.encoding)
