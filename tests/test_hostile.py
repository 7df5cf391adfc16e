"""Hostile and broken documents: each ends as a document or as a refusal, none crashes, hangs or eats the machine."""

import io
import os
import signal
import struct
import threading
import zipfile
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from forms.mutants import mutants, originals

from transforms.dictionary import Dictionary
from transforms.document import Document, Refused
from transforms.guarded import Reader, read_guarded
from transforms.limits import DEFAULT
from transforms.reading import read
from transforms.registry import Registry
from transforms.reports import Snapshot, transform

# Everything is synthetic (合成).

MUTANTS = 10_000
"""About 590 of each form; `python tests/forms/mutants.py 100000` reads more of them by hand."""
BATCH = 500
"""As many as a run reads at once."""


def refusal(data: bytes, limits=DEFAULT) -> Refused:
    with pytest.raises(Refused) as refused:
        read(data, limits)
    return refused.value


@pytest.fixture(scope="module")
def reader():
    with Reader() as shared:
        yield shared


def end_of(data: bytes, reader: Reader) -> Document | Refused:
    try:
        return reader.read(data)
    except Refused as refused:
        return refused


def outcomes(start: int, count: int) -> Counter[str]:
    """What became of some mutants on the path that a run takes them, up to observations."""
    given = list(mutants(count, start))
    at = datetime(2024, 1, 1, tzinfo=UTC)
    snapshots = [
        Snapshot(lambda data=data: data, f"{number:064d}", f"file:///{form}/{number}", at, "445103107", 2023)
        for form, number, data in given
    ]
    batch = transform(snapshots, Registry.load(), Dictionary.load(), "run")
    assert batch.failures == []
    for refusal in batch.refusals:
        assert "崩溃" not in refusal.detail, f"{refusal.source_uri} crashed a library"
        assert "中止" not in refusal.detail, f"{refusal.source_uri} took too long"
    ends = [row.source_uri for row in (*batch.reports, *batch.refusals)]
    assert sorted(ends) == sorted(snapshot.source_uri for snapshot in snapshots)
    return Counter({"read": len(batch.reports)}) + Counter(refusal.reason for refusal in batch.refusals)


def test_every_mutant_of_every_form_is_read_or_refused_and_none_is_lost():
    ends = sum((outcomes(start, BATCH) for start in range(0, MUTANTS, BATCH)), Counter())
    assert ends.total() == MUTANTS
    assert ends["failed"] == 0
    assert ends["read"] > MUTANTS // 5


@pytest.mark.parametrize("form", originals())
def test_the_originals_of_the_mutants_are_read(form):
    assert read(originals()[form]).text


LONG = 200_000
MANY = LONG // 4
"""Of what costs microseconds each: work that grew with the square of it would take the better part of an hour."""
CONVERTED = "合成鎮(zhèn)深入開(kāi)展法治宣傳(chuán)，組織(zhī)執(zhí)法人員(yuán)參加培訓(xùn)3場(chǎng)。"


@pytest.mark.parametrize(
    "text",
    [
        *("(" * LONG, "甲" + " " * LONG + "乙", "甲 " * MANY, "1" + " 123" * LONG, "\n\t" * LONG + "a", "·" * LONG),
        *(CONVERTED + "?" * LONG, CONVERTED + "工作?" * MANY, CONVERTED + "密?chē)@" * MANY, CONVERTED + "(a" * LONG),
        *(CONVERTED + "作?,F" * MANY, "年度工作报告情况汇总各项任务\n" * (LONG // 10), "a: b\n" * MANY, "1.1" * LONG),
        *(
            "<html><b><p>" + "<b><p>x" * LONG,
            "<html>" + "<div>" * LONG,
            "<html>" + "<" * LONG,
            "<html><p " + "a=b " * LONG,
        ),
        *("<html><!--" + "-" * LONG, "<html><title>" + "- _" * LONG, "<meta " * LONG, "<html><p>" + " \n" * LONG + "x"),
        *(
            "<html>" + "<div>" * 250 + "<a>合成镇</a>" * 20_000,
            "<html><table><tr>" + "<td colspan=999 rowspan=999>a" * 9_000,
        ),
        "<html><div id=zoom>" + ("<p>" + "打印 大 中 " * 18 + "x</p>") * 2_000,
        *("<html><script>" + '"\\' * LONG, "<html><script>" + "'" * LONG, "{" + '"a":' * LONG + "}"),
        *("<html>" + "<a href=" * LONG, "<html>" + "<textarea>" * LONG, "<html><a href='" + "?file=" * LONG + "'>"),
        *("{\\rtf1 " + "{" * LONG, "{\\rtf1 " + "\\'b1" * LONG, "{\\rtf1 " + "\\cell" * LONG, "{\\rtf1 " + "ab" * LONG),
        *("MIME-Version: 1.0\n" + "a: b\n" * LONG, "%PDF-1.4" + "[" * LONG, "%PDF-1.4" + "1 0 obj<<" * 20_000),
    ],
    ids=lambda text: text[:24].strip(),
)
def test_texts_made_to_take_forever_do_not(text, reader):
    end = end_of(text.encode(), reader)
    assert isinstance(end, Document) or "中止" not in end.detail


def test_a_page_nested_without_end_is_refused():
    assert refusal(("<html>" + "<div>" * 100_000 + "合成镇").encode()).reason == "too_large"


def word(document: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
    return stream.getvalue()


def test_entities_are_not_expanded():
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE w [<!ENTITY a0 "合成">{entities}]><w:p xmlns:w="x"><w:r><w:t>&a11;</w:t></w:r></w:p>'
    assert refusal(word(bomb.encode())).reason in {"unsupported_format", "empty"}


def test_files_of_this_machine_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("不可读出的内容", "utf-8")
    source = f'<!DOCTYPE w [<!ENTITY x SYSTEM "{secret.as_uri()}">]><w:p xmlns:w="x"><w:r><w:t>甲&x;</w:t></w:r></w:p>'
    with Reader() as reader:
        end = end_of(word(source.encode()), reader)
    assert "不可读出" not in (end.text if isinstance(end, Document) else end.detail)


def test_a_word_file_that_expands_without_end_is_refused():
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        part.write(b'<w:p xmlns:w="x"><w:r><w:t>')
        for _ in range(300):
            part.write(b"a" * 1024 * 1024)
    assert refusal(stream.getvalue()).reason == "too_large"


def test_a_picture_that_expands_without_end_is_refused():
    size = 60_000
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    assert refusal(png).reason in {"too_large", "unsupported_format", "no_text_layer"}


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (b"", DEFAULT, "empty"),
        (b"\0" * 5000, DEFAULT, "empty"),
        (b" \r\n\t", DEFAULT, "empty"),
        ("合成镇".encode() * 10, DEFAULT._replace(size=50), "too_large"),
        ("合成镇".encode() * 10, DEFAULT._replace(characters=20), "too_large"),
        (b"Rar!\x1a\x07\x00" + bytes(50), DEFAULT, "unsupported_format"),
        (b"7z\xbc\xaf'\x1c" + bytes(50), DEFAULT, "unsupported_format"),
        (b"MZ\x90\0" + bytes(range(256)), DEFAULT, "unsupported_format"),
        (b"\x7fELF\x02\x01" + bytes(200), DEFAULT, "unsupported_format"),
        (bytes(range(32)) * 40, DEFAULT, "undecodable"),
        (b"\1\2\3\4" * 40, DEFAULT, "unsupported_format"),
    ],
)
def test_what_is_no_document_is_refused_with_what_to_do(data, limits, reason):
    refused = refusal(data, limits)
    assert refused.reason == reason
    assert " / " in refused.detail


def test_a_document_that_takes_too_long_is_refused_and_the_next_is_read():
    slow = ("<html>" + "<p>合成镇" * 300_000).encode()
    with Reader() as reader:
        with pytest.raises(Refused) as refused:
            reader.read(slow, seconds=0.05)
        assert refused.value.reason == "too_large"
        assert "中止" in refused.value.detail
        assert reader.read("合成镇共检查3次。".encode()).text == "合成镇共检查3次。"


def test_a_document_that_eats_memory_is_refused_and_the_next_is_read():
    with Reader(DEFAULT._replace(memory=300 * 1024 * 1024)) as reader:
        with pytest.raises(Refused) as refused:
            reader.read("合成镇。\n".encode() * 4_000_000)
        assert refused.value.reason in {"too_large", "unsupported_format"}
        assert reader.read("合成镇共检查3次。".encode()).text == "合成镇共检查3次。"


def test_a_worker_that_dies_is_replaced():
    with Reader() as reader:
        first = reader.read("合成镇".encode())
        os.kill(reader.process_id, signal.SIGKILL)
        assert reader.read("合成镇".encode()) == first


def test_a_worker_is_shared_between_threads():
    texts = [f"合成镇共检查{i}次。" for i in range(60)]
    with Reader() as reader, ThreadPoolExecutor(6) as pool:
        assert [document.text for document in pool.map(reader.read, [text.encode() for text in texts])] == texts


def test_a_guarded_document_is_the_document():
    data = "合成鎮(zhèn)　共 3 次".encode("gb18030", "ignore")
    assert read_guarded(data) == read(data)
    assert threading.active_count() < 50
