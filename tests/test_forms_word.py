"""Word in all its forms: paragraphs, tables, automatic numbers; nothing of headers, fields and revisions."""

import io
import re
import zipfile
from pathlib import Path

import olefile
import pytest

from transforms.document import Refused
from transforms.reading import page_of, read

# Everything is synthetic (合成).

HERE = Path(__file__).parent / "forms"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, **parts: str) -> bytes:
    """A Word file with this body."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return stream.getvalue()


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def lines(data: bytes) -> list[str]:
    return page_of(data).text.split("\n")


TABLES = [
    "合成镇2023年度统计表",
    "指标\t单位\t数量",
    "行政检查\t次\t274",
    "行政处罚\t宗\t92",
    "罚款\t万元\t355",
    "其后的正文段落，共召开会议12次。",
    "类别\t内容",
]


@pytest.mark.parametrize("form", ["docx", "doc", "rtf", "pdf"])
def test_tables_keep_their_rows_and_cells(form):
    text = read((HERE / f"tables.{form}").read_bytes()).text
    assert text.replace("\t\t", "\t").split("\n")[: len(TABLES)] == TABLES
    assert "第一条" in text
    assert "第二条" in text


@pytest.mark.parametrize(
    ("form", "merged", "numbers"), [("docx", "合并\t\t三", ("1.", "2.")), ("doc", "合并\t三", ("1.", "2."))]
)
def test_a_nested_table_follows_its_row(form, merged, numbers):
    text = read((HERE / f"tables.{form}").read_bytes()).text.split("\n")
    assert text[6:] == [
        "类别\t内容",
        "普法",
        "宣传\t121场次",
        "讲座\t8场",
        "两表之间的一段。",
        merged,
        "一\t\t3",
        f"{numbers[0]}第一条",
        f"{numbers[1]}第二条",
    ]


def test_a_binary_file_that_hides_the_ends_of_its_rows_still_gives_rows():
    data = bytearray((HERE / "tables.doc").read_bytes())
    fib = data.index(b"\xec\xa5")
    data[fib + 0x106 : fib + 0x10A] = bytes(4)
    text = read(bytes(data)).text.split("\n")
    assert text[1:5] == ["指标\t单位\t数量", "行政检查\t次\t274", "行政处罚\t宗\t92", "罚款\t万元\t355"]


def test_runs_of_a_paragraph_are_one_line_and_breaks_are_not():
    body = paragraph(
        run("共检查3"), run("55"), run("家"), "<w:r><w:br/></w:r>", run("第二行"), "<w:r><w:tab/></w:r>", run("续")
    )
    assert lines(docx(body)) == ["共检查355家", "第二行 续"]


def test_deleted_and_moved_text_and_field_codes_are_not_read():
    body = paragraph(
        run("共办理"),
        "<w:del><w:r><w:delText>12</w:delText></w:r></w:del>",
        f"<w:ins>{run('15')}</w:ins>",
        f"<w:moveFrom>{run('旧处')}</w:moveFrom>",
        "<w:r><w:instrText> PAGE </w:instrText></w:r>",
        run("件"),
    )
    assert lines(docx(body)) == ["共办理15件"]


def test_a_drawing_is_read_once():
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = f"<w:txbxContent>{paragraph(run('文本框内共3项'))}</w:txbxContent>"
    renderings = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    drawing = f'<mc:AlternateContent xmlns:mc="{mc}">{renderings}</mc:AlternateContent>'
    assert sorted(lines(docx(paragraph(run("正文"), f"<w:r>{drawing}</w:r>")))) == ["文本框内共3项", "正文"]


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def listed(text: str, level: int) -> str:
    return paragraph(run(text), properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>')


def test_automatic_numbers_are_counted():
    first = listed("工作开展情况", 0) + listed("加强领导", 1) + listed("规范执法", 1) + listed("建立台账", 2)
    body = first + paragraph(run("正文段落")) + listed("存在的不足", 0) + listed("力量薄弱", 1)
    assert lines(docx(body, numbering=NUMBERING)) == [
        "一、工作开展情况",
        "（一）加强领导",
        "（二）规范执法",
        "建立台账",
        "正文段落",
        "二、存在的不足",
        "（一）力量薄弱",
    ]


@pytest.mark.parametrize("form", ["docx", "doc"])
def test_automatic_numbers_of_three_levels_are_counted_in_either_form(form):
    assert lines((HERE / f"lists.{form}").read_bytes()) == [
        *("一、一级甲", "（一）二级子", "（二）二级丑", "平文，共3次。", "二、一级乙", "（一）二级寅"),
        *("圆点", "三、一级丙"),
    ]


def without_own_lists(data: bytes) -> bytes:
    """A binary file whose paragraphs no longer name their lists, so that only their styles do, as Word writes them.

    LibreOffice, which made the file, repeats the style's list in each paragraph; here the modifiers there (sprmPIlvl,
    sprmPIlfo) become ones of the same length that change nothing ([MS-DOC] 2.6.2, sprmPFKeep, sprmPDxaLeft1).
    """
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        text = file.openstream("WordDocument").read()
    at = data.index(text[:1024])
    changed = re.sub(rb"\x0a\x26.\x0b\x46..", b"\x05\x24\0\x60\x84\0\0", text, flags=re.DOTALL)
    assert changed != text
    return data[:at] + changed + data[at + len(text) :]


@pytest.mark.parametrize("change", [bytes, without_own_lists])
def test_automatic_numbers_may_be_those_of_styles_in_a_binary_file(change):
    assert lines(change((HERE / "listed_by_style.doc").read_bytes())) == [
        *("一、一级甲", "（一）二级子", "（二）二级丑", "平文，共3次。", "二、一级乙", "（一）二级寅"),
        *("圆点", "三、一级丙"),
    ]


def test_a_binary_file_whose_style_sheet_is_broken_is_read_without_numbers():
    data = bytearray(without_own_lists((HERE / "listed_by_style.doc").read_bytes()))
    fib = data.index(b"\xec\xa5")
    data[fib + 0x00A2 : fib + 0x00A6] = b"\xff\xff\xff\x7f"
    assert lines(bytes(data))[:3] == ["一级甲", "二级子", "二级丑"]


def test_a_binary_file_whose_lists_are_broken_is_read_without_numbers():
    data = bytearray((HERE / "lists.doc").read_bytes())
    fib = data.index(b"\xec\xa5")
    data[fib + 0x02E2 : fib + 0x02E6] = b"\xff\xff\xff\x7f"
    assert [line[-3:] for line in lines(bytes(data))][:3] == ["一级甲", "二级子", "二级丑"]


def test_a_heading_style_may_carry_the_number():
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="2"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr>'
        "</w:style></w:styles>"
    )
    body = paragraph(run("基本情况"), properties='<w:pStyle w:val="2"/>')
    assert lines(docx(body, numbering=NUMBERING, styles=styles)) == ["一、基本情况"]


def test_word_2003_xml_is_read_as_word():
    source = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body>'
        f"{paragraph(run('合成镇全年共检查3次。'))}</w:body></w:wordDocument>"
    )
    assert lines(source.encode()) == ["合成镇全年共检查3次。"]


RTF = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 \'cb\'ce\'cc\'e5;}}{\header \'d2\'b3\'c3\'bc}\pard\f0 "


def rtf(text: str) -> bytes:
    return (RTF + text + "}").encode("ascii")


def coded(text: str) -> str:
    """Characters as bytes of code page 936; a trail byte that is ASCII stands as it is, as Word writes it."""
    data = text.encode("gbk")
    return "".join(chr(byte) if byte < 0x80 and chr(byte) not in "\\{}" else f"\\'{byte:02x}" for byte in data)


def test_rich_text_in_bytes_of_the_code_page():
    source = coded("合成镇共检查355家") + r"\par " + coded("朱镕基、丂丄") + r"\par "
    assert lines(rtf(source))[:2] == ["合成镇共检查355家", "朱镕基、丂丄"]


def test_rich_text_in_unicode_numbers():
    source = (
        "".join(f"\\u{ord(c) if ord(c) < 0x8000 else ord(c) - 0x10000}?" for c in "合成镇共检查") + r"355\u23478?\par"
    )
    assert read(rtf(source)).text == "合成镇共检查355家"


def test_pictures_in_rich_text_are_dropped():
    picture = r"{\pict\pngblip\picw10\pich10 " + "89504e470d0a1a0a" * 100 + "}"
    assert read(rtf(coded("合成镇") + picture + coded("年报"))).text == "合成镇年报"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (docx("<w:p>"), "unsupported_format"),
        (docx(paragraph(run(" "))), "empty"),
        ((HERE / "tables.doc").read_bytes()[:900], "unsupported_format"),
        ((HERE / "tables.docx").read_bytes()[:900], "unsupported_format"),
        (rtf(""), "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported_format"),
    ],
)
def test_what_cannot_be_read_is_refused(data, reason):
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.reason == reason
    assert "；" in refused.value.detail
    assert " / " in refused.value.detail


def renamed(data: bytes, old: str, new: str) -> bytes:
    """A compound file one of whose streams has another name: [MS-CFB] 2.6.1, 64 bytes of name and then its length."""
    at = data.index(old.encode("utf-16-le"))
    name = new.encode("utf-16-le")
    return data[:at] + name.ljust(64, b"\0") + len(name + b"\0\0").to_bytes(2, "little") + data[at + 66 :]


@pytest.mark.parametrize(
    ("stream", "what"),
    [
        ("Workbook", "Excel 或 WPS 表格（.xls、.et）"),
        ("PowerPoint Document", "PowerPoint 或 WPS 演示文稿（.ppt、.dps）"),
        ("Contents", "不是 Word 或 WPS 文字文档"),
    ],
)
def test_what_other_programs_keep_in_the_same_container_is_named(stream, what):
    with pytest.raises(Refused) as refused:
        read(renamed((HERE / "tables.doc").read_bytes(), "WordDocument", stream))
    assert refused.value.reason == "unsupported_format"
    assert refused.value.detail.startswith(f"不支持的格式：{what} / ")
    assert "请将报告另存为 PDF 或文字文档再提交" in refused.value.detail


def test_notes_come_after_the_text():
    note = f'<w:footnote w:id="2">{paragraph(run("注：含上年结转1件"))}</w:footnote>'
    notes = f'<w:footnotes xmlns:w="{W}">{note}</w:footnotes>'
    assert lines(docx(paragraph(run("办结3件")), footnotes=notes)) == ["办结3件", "注：含上年结转1件"]


def packed(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_the_main_part_may_have_a_number_in_its_name():
    body = f'<w:document xmlns:w="{W}"><w:body>{paragraph(run("办结3件"))}</w:body></w:document>'
    assert lines(packed(**{"[Content_Types].xml": "<Types/>", "word/document2.xml": body})) == ["办结3件"]


def test_a_word_file_that_is_a_page_in_disguise_is_read_as_the_page():
    body = f'<w:document xmlns:w="{W}" xmlns:r="r"><w:body><w:altChunk r:id="a"/></w:body></w:document>'
    inside = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    inside += "<html><p>合成镇全年召开会议12次，研究问题35个。</p></html>"
    assert lines(packed(**{"word/document.xml": body, "word/afchunk.mht": inside})) == [
        "合成镇全年召开会议12次，研究问题35个。"
    ]
