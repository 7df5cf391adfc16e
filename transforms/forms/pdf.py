"""PDF: the text layer in paragraphs, without headers, footers and page numbers; tables in rows; scans by OCR.

A scanned page among others is read by OCR and set into its place; where there is no OCR it is counted, so that nobody
takes the rest for the whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.document import Page, Refused
from transforms.forms.layout import Sheet, columns, paragraphs_of, without_margins
from transforms.forms.ocr import is_available, read_images, recognise
from transforms.forms.pdf_sheet import is_recognised, sheet_of, shows_picture
from transforms.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

SCANNED = 20
"""Characters; a page with fewer has no text layer worth the name."""
UNREADABLE = 0.05
"""Share of characters without meaning (controls, private ones) above which a text layer is that of a font without a map
to characters: what is seen on the page is not what is in the file."""
LEAST_HAN = 0.1
"""Share of Han characters below which a whole text layer is no Chinese."""
_MEANINGLESS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd-\uffff]")
_HAN = re.compile("[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile("[A-Za-z]+")


def read_pdf(data: bytes, limits: Limits = DEFAULT) -> Page:
    """Read a PDF.

    Raises:
        Refused: ``encrypted``, ``too_large``, ``no_text_layer``, or ``unsupported_format`` where the file is broken.
    """
    import pypdfium2  # a shared library, for PDFs only

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _unopened(str(error)) from error
    try:
        if len(pdf) > limits.pages:
            raise Refused(
                "too_large",
                f"PDF 共 {len(pdf)} 页，超过上限 {limits.pages} 页；请只提交报告本身 / "
                f"{len(pdf)} pages, the limit is {limits.pages}: submit the report alone",
            )
        return _read(pdf, data, limits)
    finally:
        pdf.close()


def _unopened(reason: str) -> Refused:
    if "password" in reason.lower() or "security" in reason.lower():
        return Refused(
            "encrypted", "PDF 有打开密码；请取得密码并另存为无密码文件 / the PDF needs a password: save it without one"
        )
    return Refused(
        "unsupported_format",
        "PDF 文件损坏，无法打开；请重新下载或向发布单位索取 / "
        "the PDF is broken: download it again or ask the publisher for it",
    )


def _read(pdf: PdfDocument, data: bytes, limits: Limits) -> Page:
    sheets, scans, recognised, budget = [], [], False, limits.characters
    for number in range(len(pdf)):
        try:
            page = pdf[number]
        except Exception as error:
            # One page that cannot be loaded would be a part of the report lost without a word.
            raise _unopened(str(error)) from error
        sheet = sheet_of(page, data, number)
        budget -= sum(len(line.text) for line in sheet.lines)
        if budget < 0:
            raise Refused(
                "too_large",
                f"PDF 文字超过上限 {limits.characters} 字；请只提交报告本身 / "
                f"more than {limits.characters} characters: submit the report alone",
            )
        if _is_scan(sheet, page):
            scans.append(number)
        elif not recognised:
            recognised = is_recognised(page)
        sheets.append(sheet)
    if not _is_chinese(sheets):
        scans = [number for number, sheet in enumerate(sheets) if sheet.lines]
    title, publisher = _stated(pdf)
    written = [sheet for number, sheet in enumerate(sheets) if number not in scans and sheet.lines]
    if scans and not written:
        return read_images((_rendered(pdf, number) for number in scans), len(scans), "application/pdf", limits)
    unread = 0 if len(scans) <= limits.ocr_pages and is_available() else len(scans)
    for number in scans:
        sheets[number] = Sheet([], 0, 0) if unread else recognise(_rendered(pdf, number)).scaled(sheets[number].width)
    text = "\n".join(paragraphs_of(without_margins([column for sheet in sheets for column in columns(sheet)])))
    ocr = recognised or (bool(scans) and not unread)
    return Page(text, "application/pdf", None, title, publisher, ocr=ocr, unread=unread)


def _is_scan(sheet: Sheet, page: PdfPage) -> bool:
    """Whether what a page shows is not in its text layer."""
    text = "".join(line.text for line in without_margins([sheet])[0].lines)
    if len(_MEANINGLESS.findall(text)) > UNREADABLE * len(text):
        return True
    return len(text) < SCANNED and shows_picture(page)


def _is_chinese(sheets: list[Sheet]) -> bool:
    """Whether the text layer of a whole file may be Chinese, or is at least words of another language."""
    text = "".join(line.text for sheet in sheets for line in sheet.lines)
    if len(text) < SCANNED or len(_HAN.findall(text)) >= LEAST_HAN * len(text):
        return True
    words = _LATIN.findall(text)
    # Running words: fonts without a map give letters too, but few in a row and with anything between.
    return sum(len(word) for word in words if len(word) > 1) > 0.6 * len(text.replace(" ", ""))


def _rendered(pdf: PdfDocument, number: int) -> bytes:
    """A page as an image of 300 dots an inch, A4 at most twice over."""
    from io import BytesIO

    page = pdf[number]
    scale = min(300 / 72, 5000 / max(page.get_size()))
    stream = BytesIO()
    page.render(scale=scale, grayscale=True).to_pil().save(stream, "PNG")
    return stream.getvalue()


def _stated(pdf: PdfDocument) -> tuple[str | None, str | None]:
    # Authors and producers are names of persons and programs; only a title in Chinese says something of the report.
    title = (pdf.get_metadata_dict().get("Title") or "").strip()
    return (title if re.search("[\u4e00-\u9fff]{4}", title) else None), None
