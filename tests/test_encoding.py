"""Which characters the bytes are: by byte order mark, by strict UTF-8, by the share of common characters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.document import Refused
from transforms.encoding import decode

# Synthetic (合成): every sentence is our own.
SIMPLIFIED = (
    "合成镇坚持依法行政，全年召开专题会议12次，开展法治宣传活动35场次，发放资料2000余份；受理行政复议申请0件。"
    "一是加强组织领导，二是规范执法行为，三是化解矛盾纠纷，共调解案件86宗，成功率达98.9%。下一步将继续努力。"
)
TRADITIONAL = (
    "合成鎮堅持依法行政，全年召開專題會議12次，開展法治宣傳活動35場次，發放資料2000餘份；受理行政複議申請0件。"
    "一是加強組織領導，二是規範執法行為，三是化解矛盾糾紛，共調解案件86宗，成功率達98.9%。下一步將繼續努力。"
)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be"])
def test_simplified_text_is_decoded_without_being_told(encoding):
    decoded = decode(SIMPLIFIED.encode(encoding))
    assert (decoded.text, decoded.lost) == (SIMPLIFIED, 0)
    assert decoded.encoding == ("gb18030" if encoding == "gbk" else encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs", "big5", "utf-16-le"])
def test_traditional_text_is_decoded_without_being_told(encoding):
    decoded = decode(TRADITIONAL.encode(encoding))
    assert (decoded.text, decoded.lost) == (TRADITIONAL, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_not_text(encoding):
    assert decode("年报".encode(encoding)).text == "年报"


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "GB_2312-80", "big5", "iso-8859-1", "nonsense", None])
def test_what_is_declared_never_costs_a_character(declared):
    text = SIMPLIFIED + "镕喆堃㐂𠮷"
    assert decode(text.encode("gb18030"), declared).text == text
    assert decode(text.encode("utf-8"), declared).text == text


def test_characters_beyond_gb2312_on_a_page_that_calls_itself_gb2312():
    assert decode("朱镕基镇长𠮷".encode("gb18030"), "gb2312").text == "朱镕基镇长𠮷"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_broken_bytes_are_lost_and_counted_and_the_rest_is_read(encoding):
    data = bytearray((TRADITIONAL if encoding == "big5" else SIMPLIFIED).encode(encoding))
    data[90:91] = b"\xff"
    decoded = decode(bytes(data))
    assert decoded.encoding in {encoding, "big5hkscs"}
    assert 1 <= decoded.lost <= 3
    assert decoded.text.count("\ufffd") == decoded.lost
    assert "下一步" in decoded.text


def test_a_page_that_is_mostly_ascii_is_told_by_its_few_characters():
    page = "<html><head><script>" + "var a = 1; " * 2000 + f"</script></head><p>{SIMPLIFIED}</p></html>"
    assert decode(page.encode("gb18030")).text == page


def test_plain_ascii_is_utf8():
    assert decode(b"annual report 2023").encoding == "utf-8"


@pytest.mark.parametrize("data", [bytes(range(128, 256)) * 20, b"\xff\xfe\x00\xd8" * 100])
def test_bytes_that_are_no_text_are_refused_with_what_to_do(data):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.reason == "undecodable"
    assert "UTF-8" in refused.value.detail or "完好" in refused.value.detail


@settings(max_examples=60)
@given(st.data())
def test_any_stretch_of_thirty_characters_is_decoded_to_itself(data):
    encoding = data.draw(st.sampled_from(["utf-8", "gb18030", "utf-16-le", "big5hkscs"]))
    text = (TRADITIONAL if encoding == "big5hkscs" else SIMPLIFIED) * 2
    start = data.draw(st.integers(0, len(text) - 30))
    length = data.draw(st.integers(30, len(text)))
    assert decode(text[start : start + length].encode(encoding)).text == text[start : start + length]
