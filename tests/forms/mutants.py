"""Mutated documents of every form: broken, cut, doubled, blown up, one into another; the same for the same seed.

More of them, by hand, with the seeds that failed printed:

    python tests/forms/mutants.py 100000
"""

from __future__ import annotations

import io
import json
import random
import sys
import zipfile
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
# Synthetic (合成).
TEXT = (
    "广东省潮州市潮安区沙溪镇2023年法治政府建设年度报告\n【合成数据】本文为测试用合成文本。\n"
    "2023年，我镇扎实推进依法行政，现将有关情况报告如下：\n一、工作开展情况\n"
    "（一）全年召开会议12次，罚款3.5万元。\n类别\t数量\n检查\t33 939次\n"
    "　　二是参考率９８.９％。\n二、存在问题\n执法力量仍显薄弱，普法方式比较单一。\n"
)
CONVERTED = (
    "合成鎮(zhèn)深入開(kāi)展法治宣傳(chuán)，組織(zhī)執(zhí)法人員(yuán)參加培訓(xùn)3場(chǎng)，"
    "各項(xiàng)工作?,F(xiàn)將有關(guān)情況報(bào)告如下，緊密?chē)@中心，公開(kāi)政府?dāng)?shù)據(jù)。"
)
PAGE = (
    "<!doctype html><html><head><meta charset=gb2312><title>合成镇报告</title></head><body>"
    "<div class=nav><a>首页</a></div>"
    "<table><tr><td>索引号</td><td>1/2</td><td>发布机构</td><td>合成镇</td></tr></table><div id=zoom>"
    + "".join(f"<p>{line[:9]}<span>{line[9:]}</span></p>" for line in TEXT.split("\n"))
    + "<p>全年召开<span>会议12</span>次，研究问题35个，各项工作落实到位。</p>"
    "<table><tr><td rowspan=2>类别</td><td>数量</td></tr><tr><td>12</td></tr></table>"
    "<pre>原样\n文字</pre></div><p>上一篇：无</p></body></html>"
)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 120>>stream\nBT /F1 12 Tf 72 700 Td (Report 2023, 12 meetings held in the year) Tj ET\n"
    b"70 600 100 20 re S 70 580 100 20 re S 70 560 100 20 re S\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
)


def _zip(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def _docx() -> bytes:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    rows = "".join(
        f'<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc></w:tr>'
        for cell in ("类别", "12")
    )
    listed = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    body = "".join(f"<w:p>{listed}<w:r><w:t>{line}</w:t></w:r></w:p>" for line in TEXT.split("\n"))
    numbering = (
        f'<w:numbering xmlns:w="{w}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    document = f'<w:document xmlns:w="{w}"><w:body>{body}<w:tbl>{rows}</w:tbl></w:body></w:document>'
    return _zip({"word/document.xml": document.encode(), "word/numbering.xml": numbering.encode()})


def _word_xml() -> bytes:
    w = "http://schemas.microsoft.com/office/word/2003/wordml"
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in TEXT.split("\n"))
    return f'<?xml version="1.0"?><w:wordDocument xmlns:w="{w}"><w:body>{body}</w:body></w:wordDocument>'.encode()


def _rtf() -> bytes:
    coded = "".join(f"\\'{byte:02x}" if byte > 0x7F else chr(byte) for byte in TEXT.encode("gbk"))
    table = r"\trowd\cellx100\cellx200 a\cell b\cell\row"
    return (r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0 x;}}\pard " + coded + table + r"\u21512?\par}").encode("ascii")


def _mhtml() -> bytes:
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    return head + b"--b\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode("gb18030") + b"\r\n--b--\r\n"


def _eml() -> bytes:
    head = b'From: a@example.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    letter = b"--b\r\nContent-Type: text/plain; charset=gbk\r\n\r\n" + "现报送年度报告。".encode("gbk")
    attached = b"\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + letter + attached + b64encode(_docx()) + b"\r\n--b--\r\n"


def _script() -> bytes:
    return f"<html><body><div id=app></div><script>var a={json.dumps(PAGE + PAGE)}</script></body></html>".encode()


def originals() -> dict[str, bytes]:
    """A small document of every form."""
    return {
        "txt utf-8": TEXT.encode(),
        "txt gb18030": TEXT.encode("gb18030"),
        "txt utf-16": TEXT.encode("utf-16"),
        "txt big5": "合成鎮全年召開會議12次，研究問題35個，共辦理92宗，各項工作落實到位。".encode("big5"),
        "txt converted": CONVERTED.encode(),
        "html": PAGE.encode("gb18030"),
        "docx": _docx(),
        "word xml": _word_xml(),
        "doc": (HERE / "tables.doc").read_bytes(),
        "rtf": _rtf(),
        "pdf": _PDF,
        "zip": _zip({"报告.txt": TEXT.encode()}),
        "zip in zip": _zip({"a.zip": _zip({"报告.html": PAGE.encode("gb18030")})}),
        "mhtml": _mhtml(),
        "eml": _eml(),
        "html script": _script(),
        "json": json.dumps({"data": {"title": "合成", "content": PAGE + PAGE}}).encode(),
    }


def scans() -> dict[str, bytes]:
    """Forms that OCR reads: a second each, so that only the long run by hand has them."""
    return {"scan": (HERE / "sample_scan.pdf").read_bytes(), "scan among pages": (HERE / "mixed.pdf").read_bytes()}


def mutants(count: int, seed: int = 0, *, scanned: bool = False) -> Iterator[tuple[str, int, bytes]]:
    """``count`` mutated documents: the form each was, its own seed, and its bytes."""
    found = originals() | (scans() if scanned else {})
    forms = list(found)
    for number in range(seed, seed + count):
        form = forms[number % len(forms)]
        yield form, number, mutated(found[form], random.Random(number), found)


def mutated(data: bytes, chance: random.Random, others: dict[str, bytes]) -> bytes:
    """One document with one to six mutations."""
    bytes_ = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        _mutate(bytes_, chance, others)
    return bytes(bytes_[:200_000])


def _mutate(data: bytearray, chance: random.Random, others: dict[str, bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 2, 8, 64, 1024)))
    kind = chance.randrange(8)
    if kind == 0:
        data[at:end] = chance.randbytes(end - at)
    elif kind == 1:
        del data[at:end]
    elif kind == 2:
        times = chance.choice((1, 3, 40))  # of a long piece fewer: what is read of it costs by its length
        data[at:at] = data[at:end] * min(times, 4000 // max(1, end - at))
    elif kind == 3:
        del data[at:]
    elif kind == 4:
        other = others[chance.choice(sorted(others))]
        data[at:end] = other[chance.randrange(len(other)) :][: chance.choice((8, 200, 5000))]
    elif kind == 5:
        data[at:at] = (
            chance.choice((b"<div><b><table><tr><td>", b"{\\*\\x ", b"(((", "？（(a".encode(), b"\0\0\xff\xfe")) * 50
        )
    elif kind == 6 and at < len(data):
        data[at] ^= 1 << chance.randrange(8)
    else:
        for _ in range(5):
            if data:
                data[chance.randrange(len(data))] = chance.choice(b"\0\xff0<{(?\\")


def main() -> None:
    """Read many mutants and say what became of them."""
    from transforms.document import Refused
    from transforms.guarded import Reader, ReadingFailedError

    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    ends: Counter[str] = Counter()
    with Reader() as reader:
        for form, number, data in mutants(count, seed, scanned=True):
            try:
                reader.read(data)
                ends["read"] += 1
            except Refused as refused:
                ends[refused.reason] += 1
                if "崩溃" in refused.detail or "中止" in refused.detail:
                    print(form, number, refused)
            except ReadingFailedError as failure:
                ends["failed"] += 1
                print(form, number, failure)
    print(count, dict(ends))


if __name__ == "__main__":
    main()
