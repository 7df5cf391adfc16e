"""PDF: the text layer in paragraphs, without headers, footers and page numbers; tables in rows; scans by OCR.

A page's lines come from pdfium with the places of their first and last characters; cells of ruled tables are found by
pdfplumber, which is slow, and their text is pdfium's again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from transforms.document import Page, Refused
from transforms.forms.layout import Line, Sheet, paragraphs_of, without_margins
from transforms.forms.ocr import read_images
from transforms.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

SCANNED = 20
"""Characters; a page with fewer has no text layer worth the name."""
RULED = 3
"""Lines across and lines down that make a table likely."""
_PATH = 2
"""pdfium's FPDF_PAGEOBJ_PATH."""
_MOST_PATHS = 3_000


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
    sheets, scans, budget = [], [], limits.characters
    for number in range(len(pdf)):
        try:
            page = pdf[number]
        except Exception as error:
            # One page that cannot be loaded would be a part of the report lost without a word.
            raise _unopened(str(error)) from error
        sheet = _sheet(page, data, number)
        budget -= sum(len(line.text) for line in sheet.lines)
        if budget < 0:
            raise Refused(
                "too_large",
                f"PDF 文字超过上限 {limits.characters} 字；请只提交报告本身 / "
                f"more than {limits.characters} characters: submit the report alone",
            )
        if sum(len(line.text) for line in sheet.lines) < SCANNED:
            scans.append(number)
        sheets.append(sheet)
    title, publisher = _stated(pdf)
    if sheets and len(scans) == len(sheets):
        return read_images((_rendered(pdf, number) for number in scans), len(scans), "application/pdf", limits)
    text = "\n".join(paragraphs_of(without_margins(sheets)))
    return Page(text, "application/pdf", None, title, publisher)


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


def _sheet(page: PdfPage, data: bytes, number: int) -> Sheet:
    width, height = page.get_size()
    textpage = page.get_textpage()
    count = textpage.count_chars()
    text = textpage.get_text_range() if count else ""
    placed = len(text) == count
    lines, at = [], 0
    for piece in text.split("\r\n"):
        stripped = piece.strip()
        if stripped:
            begin = at + len(piece) - len(piece.lstrip())
            end = at + len(piece.rstrip()) - 1
            first = textpage.get_charbox(begin) if placed else (0.0, 0.0, 0.0, 0.0)
            last = textpage.get_charbox(end) if placed else first
            lines.append(Line(stripped, first[0], last[2], min(first[1], last[1]), max(first[3], last[3])))
        at += len(piece) + 2
    if placed and lines and _is_ruled(page):
        lines = _with_tables(lines, textpage, data, number, height)
    return Sheet(lines, width, height)


def _is_ruled(page: PdfPage) -> bool:
    """Whether a page has the lines of a table, drawn as lines, thin boxes or framed cells."""
    across = down = 0
    for count, shape in enumerate(page.get_objects(filter=(_PATH,), max_depth=2)):
        left, bottom, right, top = shape.get_bounds()
        wide, high = right - left, top - bottom
        across += wide > 20
        down += high > 8
        if (across >= RULED and down >= RULED) or count > _MOST_PATHS:
            break
    return across >= RULED and down >= RULED


def _with_tables(lines: list[Line], textpage: object, data: bytes, number: int, height: float) -> list[Line]:
    """The lines of a page with those inside ruled tables replaced by rows; cells are found by pdfplumber."""
    import logging
    from io import BytesIO

    import pdfplumber  # slow, for ruled pages only

    logging.getLogger("pdfminer").setLevel(logging.ERROR)

    try:
        with pdfplumber.open(BytesIO(data), pages=[number + 1]) as pdf:
            tables = [(table.bbox, [row.cells for row in table.rows]) for table in pdf.pages[0].find_tables()]
    except Exception:
        # pdfminer raises whatever it stumbles over in a damaged file; its text, as lines, is there all the same.
        return lines
    for (left, top, right, bottom), rows in tables:
        if len(rows) < 2 or max(map(len, rows)) < 2:
            continue
        inside = [
            line
            for line in lines
            if left - 2 <= line.left <= right + 2 and top - 2 <= height - (line.top + line.bottom) / 2 <= bottom + 2
        ]
        if not inside:
            continue
        written = [_row(cells, textpage, height) for cells in rows]
        place = lines.index(inside[0])
        taken = set(map(id, inside))
        lines = [
            *(line for line in lines[:place] if id(line) not in taken),
            *(Line(row, left, right, height - bottom, height - top, is_row=True) for row in written if row.strip()),
            *(line for line in lines[place:] if id(line) not in taken),
        ]
    return lines


def _row(cells: list[tuple[float, float, float, float] | None], textpage: object, height: float) -> str:
    texts = []
    for cell in cells:
        if cell is None:
            texts.append("")
            continue
        left, top, right, bottom = cell
        text: str = textpage.get_text_bounded(left, height - bottom, right, height - top)  # type: ignore[attr-defined]
        texts.append(re.sub(r"\s*[\r\n]+\s*", "", text).strip().replace("\t", " "))
    return "\t".join(texts).rstrip("\t")
