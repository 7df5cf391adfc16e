"""Make the binary fixtures of this folder from the sample report: PDFs of three makers, DOC, RTF, and tables in each.

Run once by hand, where chromium, LibreOffice, python-docx, reportlab (BSD) and pikepdf (MPL) are installed, with fonts
for Chinese; the results are committed, so that the tests need none of them.

    python tests/forms/make_fixtures.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
FONT = "Noto Serif CJK SC"
HEADER = "合成镇法治政府建设年度报告（合成页眉）"


def sample() -> list[str]:
    """The paragraphs of the sample report, the title first."""
    return (HERE.parent / "data" / "seed_clean.txt").read_text("utf-8").split("\n")


def by_chromium(paragraphs: list[str], target: Path) -> None:
    """Print a page: justified lines, type 3 fonts, no header."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs[1:])
    style = (
        f"@page{{size:A4;margin:25mm}} body{{font-family:'{FONT}';font-size:16pt;line-height:1.7}} "
        "p{text-indent:2em;margin:0;text-align:justify} h1{text-align:center;font-size:22pt}"
    )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        title = escape(paragraphs[0])
        page.write_text(
            f"<html><head><meta charset=utf-8><title>{title}</title><style>{style}</style></head>"
            f"<body><h1>{title}</h1>{body}</body></html>",
            "utf-8",
        )
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run(["chromium", *options, f"--print-to-pdf={target}", page.as_uri()], check=True, timeout=120)


def by_reportlab(paragraphs: list[str], target: Path) -> None:
    """Draw lines: a font that is not embedded (STSong-Light), page numbers, lines wrapped by characters."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(target), pagesize=(595, 842), invariant=1)
    size, left, width, y, page = 14, 80, 31, 770.0, 1

    def line(text: str, x: float) -> None:
        nonlocal y, page
        if y < 110:
            canvas.setFont("STSong-Light", 10)
            canvas.drawCentredString(297, 60, f"- {page} -")
            canvas.showPage()
            y, page = 770.0, page + 1
        canvas.setFont("STSong-Light", size)
        canvas.drawString(x, y, text)
        y -= 26

    canvas.setFont("STSong-Light", 20)
    canvas.drawCentredString(297, 790, paragraphs[0])
    y = 740.0
    for paragraph in paragraphs[1:]:
        rest, room, x = paragraph, width - 2, left + 2 * size
        while rest:
            cut, used = 0, 0.0
            while cut < len(rest) and used + (0.5 if rest[cut] < "\u0100" else 1) <= room:
                used += 0.5 if rest[cut] < "\u0100" else 1
                cut += 1
            line(rest[:cut], x)
            rest, room, x = rest[cut:], width, left
    canvas.drawCentredString(297, 60, f"- {page} -")
    canvas.save()


def columns(paragraphs: list[str], target: Path) -> None:
    """Draw lines in two columns, as a gazette has them."""
    _drawn(paragraphs, target, size=(595, 842), left=60, characters=18, count=2)


def turned(paragraphs: list[str], target: Path) -> None:
    """Draw landscape pages that are stored upright and turned by the viewer."""
    import pikepdf

    _drawn(paragraphs, target, size=(842, 595), left=80, characters=48, turned=True)
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        for page in pdf.pages:
            page.Rotate = 90
        pdf.save(target, deterministic_id=True)


def watermark(paragraphs: list[str], target: Path) -> None:
    """Draw lines over a slanted watermark."""
    _drawn(paragraphs, target, size=(595, 842), left=80, characters=31, mark="合成水印文字")


def _drawn(paragraphs, target, *, size, left, characters, count=1, turned=False, mark="") -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    wide, high = size
    em, lead = (12, 22) if count > 1 else (14, 26)
    canvas = Canvas(str(target), pagesize=(high, wide) if turned else size, invariant=1)

    def begin() -> None:
        if turned:
            canvas.translate(high, 0)
            canvas.rotate(90)
        if mark:
            canvas.saveState()
            canvas.setFont("STSong-Light", 60)
            canvas.setFillGray(0.9)
            canvas.translate(wide / 2, high / 2)
            canvas.rotate(45)
            canvas.drawCentredString(0, 0, mark)
            canvas.restoreState()
        canvas.setFont("STSong-Light", em)

    begin()
    column, y, page = 0, high - 80.0, 1
    for number, paragraph in enumerate(paragraphs):
        indent = 2 if number else 0
        rest = paragraph
        while rest:
            cut, used = 0, 0.0
            while cut < len(rest) and used + (0.5 if rest[cut] < "\u0100" else 1) <= characters - indent:
                used += 0.5 if rest[cut] < "\u0100" else 1
                cut += 1
            canvas.drawString(left + column * (characters * em + 30) + indent * em, y, rest[:cut])
            rest, indent, y = rest[cut:], 0, y - lead
            if y < 90:
                column, y = column + 1, high - 80.0
            if column == count:
                canvas.drawCentredString(wide / 2, 40, f"- {page} -")
                canvas.showPage()
                begin()
                column, page = 0, page + 1
    canvas.save()


def mixed(pages: Path, scanned: Path, target: Path) -> None:
    """Make a PDF whose first page is a scan and whose second has a text layer."""
    import pikepdf

    with pikepdf.open(pages) as text, pikepdf.open(scanned) as scan, pikepdf.new() as pdf:
        pdf.pages.append(scan.pages[0])
        pdf.pages.append(text.pages[1])
        pdf.save(target, deterministic_id=True)


def unmapped(source: Path, target: Path) -> None:
    """Take from a PDF's fonts what tells which characters their glyphs are."""
    import pikepdf

    with pikepdf.open(source) as pdf:
        del pdf.pages[1:]
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                del font["/ToUnicode"]
        pdf.save(target, deterministic_id=True)


def searchable(target: Path) -> None:
    """Make a scan with recognised text unseen over it, as scanners do; synthetic (合成)."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(target), invariant=1)
    canvas.drawImage(ImageReader(Image.new("1", (60, 84), 1)), 0, 0, 595, 842)
    text = canvas.beginText(80, 700)
    text.setFont("STSong-Light", 14)
    text.setTextRenderMode(3)
    text.textLine("合成镇2023年度法治政府建设工作报告")
    text.textLine("全年召开会议12次，研究问题35个，共办理案件92宗。")
    canvas.drawText(text)
    canvas.save()


def as_docx(paragraphs: list[str], target: Path) -> None:
    """Write a Word file with a header, a footer and first-line indents."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "FangSong", Pt(16)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    title = document.add_paragraph()
    title.alignment = 1
    title.add_run(paragraphs[0]).font.size = Pt(22)
    for paragraph in paragraphs[1:]:
        document.add_paragraph(paragraph).paragraph_format.first_line_indent = Pt(32)
    document.sections[0].header.paragraphs[0].text = HEADER
    document.sections[0].footer.paragraphs[0].text = "— 1 —"
    document.save(str(target))


def tables_docx(target: Path) -> None:
    """Write a Word file with tables plain, nested and merged and an automatic list; synthetic (合成)."""
    import docx

    document = docx.Document()
    document.add_paragraph("合成镇2023年度统计表")
    plain = document.add_table(rows=4, cols=3, style="Table Grid")
    rows = [("指标", "单位", "数量"), ("行政检查", "次", "274"), ("行政处罚", "宗", "92"), ("罚款", "万元", "355")]
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            plain.cell(i, j).text = value
    document.add_paragraph("其后的正文段落，共召开会议12次。")
    outer = document.add_table(rows=2, cols=2, style="Table Grid")
    outer.cell(0, 0).text, outer.cell(0, 1).text, outer.cell(1, 0).text = "类别", "内容", "普法"
    inner = outer.cell(1, 1).add_table(rows=2, cols=2)
    inner.style = "Table Grid"
    for i, row in enumerate([("宣传", "121场次"), ("讲座", "8场")]):
        for j, value in enumerate(row):
            inner.cell(i, j).text = value
    document.add_paragraph("两表之间的一段。")
    merged = document.add_table(rows=2, cols=3, style="Table Grid")
    merged.cell(0, 0).merge(merged.cell(0, 1)).text = "合并"
    merged.cell(0, 2).text, merged.cell(1, 0).text, merged.cell(1, 2).text = "三", "一", "3"
    document.add_paragraph("第一条", style="List Number")
    document.add_paragraph("第二条", style="List Number")
    document.save(str(target))


LISTED = (
    *(("一级甲", 0), ("二级子", 1), ("二级丑", 1), ("平文，共3次。", None), ("一级乙", 0), ("二级寅", 1)),
    *(("圆点", 2), ("一级丙", 0)),
)
"""Paragraphs of an automatic list and their levels; synthetic (合成)."""


def lists_docx(target: Path, *, by_style: bool = False) -> None:
    """Write a Word file with an automatic list of three levels: 一、 and （一） and a bullet.

    With ``by_style`` its paragraphs have styles that carry the list, the second and third based on the one before.
    """
    import zipfile

    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def properties(level: int) -> str:
        if by_style:
            return f'<w:pStyle w:val="L{level}"/>'
        return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'

    styles = "".join(
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="L{level}"><w:name w:val="List level {level}"/>'
        + (f'<w:basedOn w:val="L{level - 1}"/>' if level else "")
        + f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        for level in range(3)
    )
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (form, text) in enumerate(
            [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("bullet", "●")]
        )
    )
    body = "".join(
        "<w:p>"
        + (f"<w:pPr>{properties(level)}</w:pPr>" if level is not None else "")
        + f"<w:r><w:t>{text}</w:t></w:r></w:p>"
        for text, level in LISTED
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kinds}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{kinds}.styles+xml"/>'
        f'<Override PartName="/word/numbering.xml" ContentType="{kinds}.numbering+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="a" Type="{links}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="a" Type="{links}/numbering" Target="numbering.xml"/>'
        f'<Relationship Id="b" Type="{links}/styles" Target="styles.xml"/></Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{w}">{styles if by_style else ""}</w:styles>',
        "word/numbering.xml": f'<w:numbering xmlns:w="{w}"><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
        "word/document.xml": f'<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def lists() -> None:
    """Write the files with automatic lists."""
    lists_docx(HERE / "lists.docx")
    lists_docx(HERE / "listed_by_style.docx", by_style=True)
    for name in ("lists", "listed_by_style"):
        by_libreoffice(HERE / f"{name}.docx", "doc")
    (HERE / "listed_by_style.docx").unlink()


def by_libreoffice(source: Path, form: str) -> None:
    """Convert a Word file beside itself."""
    command = ["soffice", "--headless", "--convert-to", form, "--outdir", str(source.parent), str(source)]
    subprocess.run(command, check=True, timeout=180, stdout=subprocess.DEVNULL)


def scan(source: Path, target: Path) -> None:
    """Make a scan of the first page of a PDF: its image alone, black on white, at 200 dots an inch."""
    import pypdfium2

    picture = pypdfium2.PdfDocument(source)[0].render(scale=200 / 72, grayscale=True).to_pil()
    picture.point(lambda grey: 255 if grey > 140 else 0).convert("1").save(target, "PDF", resolution=200)


def encrypted(target: Path) -> None:
    """Make a PDF that opens with a password only."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(target), encrypt=StandardEncryption("secret", ownerPassword="owner"), invariant=1)
    canvas.drawString(80, 700, "synthetic")
    canvas.save()


def main() -> None:
    """Make all of them."""
    paragraphs = sample()
    steps = sys.argv[1:] or ["chromium", "reportlab", "word", "tables", "lists", "scan", "pages"]
    if "chromium" in steps:
        by_chromium(paragraphs, HERE / "sample_chromium.pdf")
    if "reportlab" in steps:
        by_reportlab(paragraphs, HERE / "sample_reportlab.pdf")
        encrypted(HERE / "encrypted.pdf")
    if "pages" in steps:
        columns(paragraphs, HERE / "sample_columns.pdf")
        turned(paragraphs, HERE / "sample_turned.pdf")
        watermark(paragraphs, HERE / "sample_watermark.pdf")
        mixed(HERE / "sample_reportlab.pdf", HERE / "sample_scan.pdf", HERE / "mixed.pdf")
        unmapped(HERE / "tables.pdf", HERE / "unmapped.pdf")
        searchable(HERE / "searchable.pdf")
    if "word" in steps:
        as_docx(paragraphs, HERE / "sample_libreoffice.docx")
        for form in ("pdf", "doc", "rtf"):
            by_libreoffice(HERE / "sample_libreoffice.docx", form)
    if "tables" in steps:
        tables_docx(HERE / "tables.docx")
        for form in ("pdf", "doc", "rtf"):
            by_libreoffice(HERE / "tables.docx", form)
    if "lists" in steps:
        lists()
    if "scan" in steps:
        scan(HERE / "sample_chromium.pdf", HERE / "sample_scan.pdf")


if __name__ == "__main__":
    main()
