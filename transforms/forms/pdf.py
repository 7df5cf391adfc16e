"""PDF: the text layer in paragraphs, without headers, footers and page numbers; tables in rows; scans by OCR.

A page's lines come from pdfium with the places of their first and last characters. A line that reached the right margin
and is followed by one without an indent goes on in it; nothing else does.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from transforms.document import Page, Refused
from transforms.forms.ocr import read_images
from transforms.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

MARGIN = 0.12
"""Share of a page's height, at its top and bottom, in which headers, footers and page numbers stand."""
SCANNED = 20
"""Characters; a page with fewer has no text layer worth the name."""
RULED = 3
"""Lines across and lines down that make a table likely."""
RAGGED = 5
"""Han characters that a full line may lack where the text is not justified: a number or name moves to the next."""
_PATH = 2
"""pdfium's FPDF_PAGEOBJ_PATH."""
_MOST_PATHS = 3_000
_PAGE_NUMBER = re.compile(
    r"[-—–―－_~·\s]*(?:第\s*)?(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[ivxIVX]{1,6})(?:\s*页)?"
    r"(?:\s*[/,，]?\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–―－_~·\s]*"
)
_WIDE_MARKS = "，。、；：！？”’》」』）】〕…"
_FIRST_WORD = re.compile(rf"(?:[“‘《（〔【]*(?:[A-Za-z0-9.%/+-]+|.))[{_WIDE_MARKS}]*")
_GAP = re.compile("(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
"""A gap of a justified line, which pdfium takes for a space."""
_CLOSED = re.compile(r"[。！？；：][”’』」）)》]*$")


class _Line(NamedTuple):
    """One line of a page: where it stands, in points from the page's lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    is_row: bool = False


class _Sheet(NamedTuple):
    """One page: its lines in reading order, and its size."""

    lines: list[_Line]
    width: float
    height: float


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
    text = "\n".join(_paragraphs(_without_margins(sheets)))
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


def _sheet(page: PdfPage, data: bytes, number: int) -> _Sheet:
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
            lines.append(_Line(stripped, first[0], last[2], min(first[1], last[1]), max(first[3], last[3])))
        at += len(piece) + 2
    if placed and lines and _is_ruled(page):
        lines = _with_tables(lines, textpage, data, number, height)
    return _Sheet(lines, width, height)


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


def _with_tables(lines: list[_Line], textpage: object, data: bytes, number: int, height: float) -> list[_Line]:
    """The lines of a page with those inside ruled tables replaced by rows; cells are found by pdfplumber."""
    from io import BytesIO

    import pdfplumber  # slow, for ruled pages only

    with pdfplumber.open(BytesIO(data), pages=[number + 1]) as pdf:
        tables = [(table.bbox, [row.cells for row in table.rows]) for table in pdf.pages[0].find_tables()]
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
            *(_Line(row, left, right, height - bottom, height - top, is_row=True) for row in written if row.strip()),
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


def _without_margins(sheets: list[_Sheet]) -> list[_Sheet]:
    """The pages without the lines that stand in the margin of most of them, and without page numbers."""
    seen = Counter(
        shape for sheet in sheets for shape in {_shape(line) for line in sheet.lines if _in_margin(line, sheet)}
    )
    often = max(2, (len(sheets) + 1) // 2)

    def is_margin(line: _Line, sheet: _Sheet) -> bool:
        if line.is_row or not _in_margin(line, sheet):
            return False
        return seen[_shape(line)] >= often or _PAGE_NUMBER.fullmatch(line.text) is not None

    return [sheet._replace(lines=[line for line in sheet.lines if not is_margin(line, sheet)]) for sheet in sheets]


def _shape(line: _Line) -> str:
    return re.sub(r"\d+", "#", "".join(line.text.split()))


def _in_margin(line: _Line, sheet: _Sheet) -> bool:
    return line.top > 0 and (line.bottom > sheet.height * (1 - MARGIN) or line.top < sheet.height * MARGIN)


class _Measure(NamedTuple):
    """The type area of a document, in points: its left and right edges and the width of a Han character."""

    left: float
    right: float
    em: float
    indented: bool
    """Whether paragraphs begin with an indent, so that a line without one goes on."""


def _measure(sheets: list[_Sheet]) -> _Measure | None:
    lines = [line for sheet in sheets for line in sheet.lines if not line.is_row and len(line.text) >= 10]
    if len(lines) < 3:
        return None
    ems = sorted((line.right - line.left) / _columns(line.text) * 2 for line in lines)
    em = ems[len(ems) // 2]
    lefts = Counter(round(line.left / max(em / 2, 1)) for line in lines)
    usual = lefts.most_common(1)[0][0] * max(em / 2, 1)
    left = min((line.left for line in lines if abs(line.left - usual) < em), default=usual)
    rights = sorted(_right(line, em) for line in lines)
    indents = sum(1.2 * em < line.left - left < 4 * em for line in lines)
    return _Measure(left, rights[len(rights) * 9 // 10], em, indents >= max(3, len(lines) // 20))


def _columns(text: str) -> int:
    return max(1, sum(2 if character > "\u2000" else 1 for character in text))


def _right(line: _Line, em: float) -> float:
    """The right edge of a line; the box of a mark is smaller than its place."""
    return line.right + (em / 2 if line.text[-1] in _WIDE_MARKS else 0)


def _paragraphs(sheets: list[_Sheet]) -> list[str]:
    measure = _measure(sheets)
    lines = [line for sheet in sheets for line in sheet.lines]
    paragraphs: list[str] = []
    last: _Line | None = None
    for line in lines:
        if measure and last and _goes_on(last, line, measure):
            glue = " " if last.text[-1].isascii() and last.text[-1].isalpha() and line.text[:1].isalpha() else ""
            paragraphs[-1] += (glue if line.text[0].isascii() else "") + line.text
        else:
            paragraphs.append(line.text)
        last = line
    return [_GAP.sub("", paragraph) if len(paragraph) > 40 else paragraph for paragraph in paragraphs]


def _goes_on(last: _Line, line: _Line, measure: _Measure) -> bool:
    """Whether a line goes on in the next: it is full and the next has no indent, or both are parts of a title."""
    if last.is_row or line.is_row:
        return False
    em = measure.em
    if _is_centred(last, measure) and _is_centred(line, measure):
        taller = last.top - last.bottom > 1.1 * em and line.top - line.bottom > 1.1 * em
        return taller and not _CLOSED.search(last.text)
    if line.left > measure.left + 1.2 * em:
        return False
    if measure.indented:
        return _right(last, em) > measure.right - RAGGED * em
    word = _FIRST_WORD.match(line.text)
    needed = _columns(word[0]) / 2 * em if word else em
    return _right(last, em) + needed > measure.right - 0.3 * em and not _CLOSED.search(last.text)


def _is_centred(line: _Line, measure: _Measure) -> bool:
    before, after = line.left - measure.left, measure.right - line.right
    return before > 2 * measure.em and abs(before - after) < 2 * measure.em
