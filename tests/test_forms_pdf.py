"""PDFs: paragraphs out of lines, without what stands in the margins; scans by OCR where there is OCR."""

from pathlib import Path

import pytest

from transforms.document import Refused
from transforms.forms import ocr
from transforms.forms.layout import Line, Sheet, paragraphs_of, without_margins
from transforms.limits import DEFAULT
from transforms.reading import read

# Everything but the sample report is synthetic (合成).

HERE = Path(__file__).parent / "forms"
EM, LEFT, RIGHT = 16.0, 80.0, 496.0


def sheet(*lines: tuple[str, float], top: float = 760.0) -> Sheet:
    """A page of A4 with lines of 26 Han characters at most, each with its left edge."""
    placed = []
    for i, (text, left) in enumerate(lines):
        width = sum(EM if character > "\u2000" else EM / 2 for character in text)
        bottom = top - 28 * (i + 1)
        placed.append(Line(text, left, left + width, bottom, bottom + EM))
    return Sheet(placed, 595.0, 842.0)


FULL = "全年召开专题会议研究部署依法行政工作并听取各部门情况的"
INDENTED = LEFT + 2 * EM


def test_a_full_line_goes_on_in_the_next_and_an_indented_one_begins_a_paragraph():
    page = sheet(
        *((FULL[:24], INDENTED), (FULL[:26], LEFT), ("汇报12次。", LEFT)),
        *((FULL[:24], INDENTED), ("共检查35次。", LEFT), (FULL[:24], INDENTED), ("共处罚9宗。", LEFT)),
    )
    assert paragraphs_of([page]) == [
        FULL[:24] + FULL[:26] + "汇报12次。",
        FULL[:24] + "共检查35次。",
        FULL[:24] + "共处罚9宗。",
    ]


def test_a_paragraph_goes_on_over_the_end_of_a_page_and_its_margins():
    head, number = Line("合成镇年度报告", 200, 312, 800, 812), "- {} -"
    first = sheet((FULL[:24], INDENTED), (FULL[:26], LEFT), (FULL[:24], INDENTED), (FULL[:26], LEFT))
    second = sheet(("汇报12次。", LEFT), (FULL[:24], INDENTED), (FULL[:26], LEFT), ("完成3项。", LEFT))
    pages = [
        found._replace(lines=[head, *found.lines, Line(number.format(i), 290, 310, 40, 52)])
        for i, found in enumerate((first, second), 1)
    ]
    assert paragraphs_of(without_margins(pages)) == [
        FULL[:24] + FULL[:26],
        FULL[:24] + FULL[:26] + "汇报12次。",
        FULL[:24] + FULL[:26] + "完成3项。",
    ]


@pytest.mark.parametrize("number", ["3", "- 3 -", "— 3 —", "第3页", "第 3 页 共 9 页", "3 / 9", "－3－"])
def test_page_numbers_in_the_margin_are_dropped(number):
    page = sheet((FULL[:24], INDENTED))
    page.lines.append(Line(number, 290, 310, 40, 52))
    assert [line.text for line in without_margins([page])[0].lines] == [FULL[:24]]


def test_figures_in_the_type_area_are_no_page_numbers():
    page = sheet(("3", LEFT), ("第3页", LEFT), top=600)
    assert without_margins([page]) == [page]


def test_a_title_over_two_lines_is_one():
    big = [Line("合成镇二〇二三年度法治政府建设", 150, 426, 700, 722), Line("工作情况报告", 230, 346, 670, 692)]
    body = sheet((FULL[:24], INDENTED), (FULL[:26], LEFT), ("汇报12次。", LEFT), (FULL[:24], INDENTED), top=640)
    assert paragraphs_of([body._replace(lines=[*big, *body.lines])])[0] == "合成镇二〇二三年度法治政府建设工作情况报告"


def test_ruled_tables_are_rows():
    text = read((HERE / "tables.pdf").read_bytes()).text.split("\n")
    assert text[1:5] == ["指标\t单位\t数量", "行政检查\t次\t274", "行政处罚\t宗\t92", "罚款\t万元\t355"]


@pytest.mark.skipif(not ocr.is_available(), reason="tesseract with chi_sim is not installed")
def test_a_scan_is_read_by_ocr_and_marked():
    document = read((HERE / "sample_scan.pdf").read_bytes())
    assert document.page.ocr
    assert "年法治政府建设年度" in document.text
    assert len(document.text.split("\n")) < 10


@pytest.mark.skipif(not ocr.is_available(), reason="tesseract with chi_sim is not installed")
def test_a_scanned_page_among_others_is_read_in_its_place():
    document = read((HERE / "mixed.pdf").read_bytes())
    assert (document.page.ocr, document.page.unread) == (True, 0)
    assert document.text.index("年法治政府建设年度") < document.text.index("采取个人自学和专题辅导相结合的形式")


@pytest.fixture
def _no_programs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    ocr.is_available.cache_clear()
    yield
    ocr.is_available.cache_clear()


@pytest.mark.usefixtures("_no_programs")
@pytest.mark.parametrize("data", [(HERE / "sample_scan.pdf").read_bytes(), b"\x89PNG\r\n\x1a\n" + bytes(64)])
def test_without_ocr_a_scan_is_refused_with_what_to_install(data):
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.reason == "no_text_layer"
    assert "tesseract" in refused.value.detail


@pytest.mark.usefixtures("_no_programs")
def test_without_ocr_a_scanned_page_among_others_is_counted():
    document = read((HERE / "mixed.pdf").read_bytes())
    assert (document.page.ocr, document.page.unread) == (False, 1)
    assert "采取个人自学和专题辅导相结合的形式" in document.text


@pytest.mark.usefixtures("_no_programs")
def test_text_in_a_font_without_a_map_to_characters_is_no_text_layer():
    with pytest.raises(Refused) as refused:
        read((HERE / "unmapped.pdf").read_bytes())
    assert refused.value.reason == "no_text_layer"


def test_text_that_a_scanner_recognised_is_marked_as_such():
    document = read((HERE / "searchable.pdf").read_bytes())
    assert document.page.ocr
    assert document.text.split("\n")[1] == "全年召开会议12次，研究问题35个，共办理案件92宗。"


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        ((HERE / "encrypted.pdf").read_bytes(), DEFAULT, "encrypted"),
        ((HERE / "sample_reportlab.pdf").read_bytes()[:3000], DEFAULT, "unsupported_format"),
        ((HERE / "sample_reportlab.pdf").read_bytes(), DEFAULT._replace(pages=2), "too_large"),
        ((HERE / "sample_reportlab.pdf").read_bytes(), DEFAULT._replace(characters=100), "too_large"),
    ],
)
def test_what_cannot_be_read_is_refused(data, limits, reason):
    with pytest.raises(Refused) as refused:
        read(data, limits)
    assert refused.value.reason == reason
    assert "；" in refused.value.detail
