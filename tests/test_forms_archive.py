"""Archives: their members in order, whatever they are called, and never more than the limits allow."""

import io
import zipfile

import pytest

from transforms.document import Refused
from transforms.forms.archive import is_archive, members
from transforms.limits import DEFAULT
from transforms.reading import read

# Everything is synthetic (合成).


def archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return stream.getvalue()


def test_members_come_in_order_with_those_of_archives_inside():
    inner = archive({"乙.txt": b"2"})
    outer = archive({"甲.txt": b"1", "附件.zip": inner, "丙/丁.txt": b"3"})
    assert [tuple(member) for member in members(outer)] == [
        ("甲.txt", b"1"),
        ("附件.zip/乙.txt", b"2"),
        ("丙/丁.txt", b"3"),
    ]


def test_names_of_chinese_windows_are_read():
    # As that system writes it: bytes of GBK, without the flag that says UTF-8.
    data = archive({"AAAAAAAA.txt": b"1"}).replace(b"AAAAAAAA", "年度报告".encode("gbk"))
    assert [member.name for member in members(data)] == ["年度报告.txt"]


@pytest.mark.parametrize(
    "name", ["../../etc/报告.txt", "/root/报告.txt", "C:\\temp\\报告.txt", "a\x1b[31m/报告.txt", "./报告.txt"]
)
def test_names_are_labels_without_tricks(name):
    found = next(members(archive({name: b"1"}))).name
    assert found.endswith("报告.txt")
    assert not found.startswith(("/", "."))
    assert ".." not in found.split("/")
    assert ":" not in found
    assert found.isprintable()


def test_what_systems_add_is_no_member():
    data = archive({"__MACOSX/._报告.txt": b"x", "报告.txt": b"1", "Thumbs.db": b"y", "空/": b""})
    assert [member.name for member in members(data)] == ["报告.txt"]


def test_an_archive_of_one_document_reads_as_that_document():
    assert read(archive({"报告.txt": "合成镇共检查3次。".encode()})).text == "合成镇共检查3次。"


def test_an_archive_of_several_is_refused_with_what_to_do():
    data = archive({"甲.txt": "甲".encode(), "乙.txt": "乙".encode()})
    assert is_archive(data)
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.reason == "unsupported_format"
    assert "解压" in refused.value.detail


def test_a_bomb_is_refused_before_it_expands():
    bomb = archive({"0.txt": bytes(DEFAULT.expanded + 1)})
    assert len(bomb) < 1_000_000
    with pytest.raises(Refused) as refused:
        list(members(bomb))
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize(
    ("limits", "files"),
    [
        (DEFAULT._replace(entries=2), {"1": b"1", "2": b"2", "3": b"3"}),
        (DEFAULT._replace(expanded=100), {"1": b"1" * 60, "2": b"2" * 60}),
        (DEFAULT._replace(depth=1), {"1.zip": archive({"2": b"2"})}),
    ],
)
def test_limits_hold_for_the_whole_of_an_archive(limits, files):
    with pytest.raises(Refused) as refused:
        list(members(archive(files), limits))
    assert refused.value.reason == "too_large"


def test_a_member_with_a_password_is_refused():
    data = bytearray(archive({"1.txt": b"1"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Refused) as refused:
        list(members(bytes(data)))
    assert refused.value.reason == "encrypted"


def test_a_broken_archive_is_refused():
    with pytest.raises(Refused) as refused:
        list(members(archive({"1.txt": b"1" * 1000})[:-30]))
    assert refused.value.reason == "unsupported_format"
