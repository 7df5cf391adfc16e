"""The sample report in every form it may come in: one text, and every character of it knows its source."""

import io
import json
import zipfile
from base64 import b64encode
from functools import cache
from pathlib import Path

import pytest
from forms.pages import BOILERPLATE, LAYOUTS, page

from seeds import SEEDS
from transforms.document import Document
from transforms.extraction import extract
from transforms.forms.archive import members
from transforms.reading import read
from transforms.script import simplified

HERE = Path(__file__).parent
RAW = (SEEDS / "reports" / "000_f00fdd0833fa869e.txt").read_bytes()
CLEAN = (HERE / "data" / "seed_clean.txt").read_text("utf-8")
PARAGRAPHS = CLEAN.split("\n")
WIDE = str.maketrans(",;:()", "，；：（）")


@cache
def traditional() -> str:
    """The text as a site in traditional characters would carry it."""
    import opencc

    # 為 as in Big5, where OpenCC writes 爲; and 熏 as it is, where it takes another word for it.
    return opencc.OpenCC("s2t").convert(CLEAN).replace("爲", "為").replace("薰", "熏")


def docx() -> bytes:
    import docx as word

    document = word.Document()
    document.add_heading(PARAGRAPHS[0], 0)
    for paragraph in PARAGRAPHS[1:]:
        written = document.add_paragraph()
        for i in range(0, len(paragraph), 9):
            written.add_run(paragraph[i : i + 9])
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def rtf_of_word() -> bytes:
    """As Word writes it: bytes of code page 936, those above ASCII escaped."""

    def escaped(text: str) -> str:
        data = text.encode("gbk")
        return "".join(f"\\'{byte:02x}" if byte > 0x7F or chr(byte) in "\\{}" else chr(byte) for byte in data)

    head = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}\viewkind4\uc1\pard\f0 "
    return (head + r"\par ".join(map(escaped, PARAGRAPHS)) + "}").encode("ascii")


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("报告/沙溪镇2023.txt", CLEAN.encode("gb18030"))
        archive.writestr("__MACOSX/._沙溪镇2023.txt", b"\0\5\x16\7")
    return stream.getvalue()


def mhtml() -> bytes:
    body = b64encode(page("br", PARAGRAPHS[0], PARAGRAPHS[1:])).decode()
    folded = "\r\n".join(body[i : i + 76] for i in range(0, len(body), 76))
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.gov.cn/a.html\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="----MultipartBoundary--x"\r\n\r\n'
        '------MultipartBoundary--x\r\nContent-Type: text/html; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{folded}\r\n"
        "------MultipartBoundary--x\r\nContent-Type: text/css\r\n\r\n.a{}\r\n------MultipartBoundary--x--\r\n"
    ).encode("ascii")


def answer() -> bytes:
    """As an interface of a site answers: the article as markup in a value."""
    content = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[1:])
    return json.dumps({"code": 200, "data": {"title": PARAGRAPHS[0], "content": content}}).encode()


def scripted() -> bytes:
    """A page that shows nothing without its script."""
    return b"<!doctype html><html><body><div id=app></div><script>var state=" + answer() + b"</script></body></html>"


def letter() -> bytes:
    body = b64encode(docx()).decode()
    return (
        'From: a@example.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nsee attachment\r\n--b\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n"
    ).encode("ascii")


def fixture(name: str) -> bytes:
    return (HERE / "forms" / name).read_bytes()


FORMS = {
    "txt converted, utf-8": lambda: RAW,
    "txt utf-8": CLEAN.encode,
    "txt gb18030": lambda: CLEAN.encode("gb18030"),
    "txt utf-16": lambda: CLEAN.encode("utf-16"),
    "txt big5, traditional": lambda: traditional().encode("big5hkscs"),
    "html word export": lambda: page("word", PARAGRAPHS[0], PARAGRAPHS[1:]),
    "html line breaks": lambda: page("br", PARAGRAPHS[0], PARAGRAPHS[1:]),
    "html nested tables": lambda: page("tables", PARAGRAPHS[0], PARAGRAPHS[1:]),
    "html bare divisions": lambda: page("divs", PARAGRAPHS[0], PARAGRAPHS[1:]),
    "pdf chromium": lambda: fixture("sample_chromium.pdf"),
    "pdf libreoffice": lambda: fixture("sample_libreoffice.pdf"),
    "pdf reportlab": lambda: fixture("sample_reportlab.pdf"),
    "pdf two columns": lambda: fixture("sample_columns.pdf"),
    "pdf turned pages": lambda: fixture("sample_turned.pdf"),
    "pdf watermark": lambda: fixture("sample_watermark.pdf"),
    "docx python-docx": docx,
    "docx libreoffice": lambda: fixture("sample_libreoffice.docx"),
    "doc": lambda: fixture("sample_libreoffice.doc"),
    "rtf libreoffice": lambda: fixture("sample_libreoffice.rtf"),
    "rtf word": rtf_of_word,
    "zip": zipped,
    "mhtml": mhtml,
    "eml": letter,
    "html script": scripted,
    "json": answer,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_text(form):
    document = read(FORMS[form]())
    assert document.text.translate(WIDE) == CLEAN
    assert document.damage == ()
    assert not [furniture for furniture in BOILERPLATE if furniture in document.text]


@pytest.mark.parametrize("form", FORMS)
def test_every_character_comes_from_where_the_map_says(form):
    document = read(FORMS[form]())
    repaired = {"。现": "?,F(xiàn)", "围绕": "?chē)@"}
    for i, character in enumerate(document.text):
        start, end = document.offsets.span(i, i + 1)
        source = document.page.text[start:end]
        if character != simplified(source) and character != "\n":
            assert any(character in whole and source == torn for whole, torn in repaired.items())


@cache
def told() -> list[tuple[object, ...]]:
    return figures(read(CLEAN.encode()))


def figures(document: Document) -> list[tuple[object, ...]]:
    mentions = extract(document.text, None, document.offsets, document.damage)
    return [(m.surface, m.value, m.unit, m.qualifier, m.kind, m.scope, m.indicators) for m in mentions]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_mentions(form):
    assert len(told()) >= 50
    assert figures(read(FORMS[form]())) == told()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_says_when_and_by_whom_it_was_published(layout):
    found = read(page(layout, PARAGRAPHS[0], PARAGRAPHS[1:])).page
    assert found.title == PARAGRAPHS[0]
    assert found.publisher == "合成镇人民政府"
    assert f"{found.published_on}" == "2024-01-15"
    assert found.encoding == LAYOUTS[layout]


def test_the_sample_is_told_to_be_what_it_is():
    document = read(RAW)
    assert (document.page.media_type, document.page.encoding, document.page.ocr) == ("text/plain", "utf-8", False)
    assert document.page.text == RAW.decode()


def test_the_members_of_an_archive_are_snapshots_of_their_own():
    assert [(member.name, member.data.decode("gb18030")) for member in members(zipped())] == [
        ("报告/沙溪镇2023.txt", CLEAN)
    ]
