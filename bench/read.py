"""Reading speed of every form against the bare library call on the same bytes in the same run, and memory over many.

    python bench/read.py                    # all forms
    python bench/read.py --repeat 9 --documents 3000

A reference is what one would write without this project: decode and strip, selectolax's ``text()``, pdfium's
``get_text_range``, a walk over python-docx. It gives text, not the document that is read here: no article, no
paragraphs, no cleaning, no map. MB are 10^6 bytes of the snapshot; documents are those of
``tests/test_sample_text.py``. References and reading take turns and the best of the repetitions counts. Memory is that
of a reading worker after its first hundred documents and after the last.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from test_sample_text import FORMS  # noqa: E402

from transforms.guarded import Reader  # noqa: E402
from transforms.reading import read  # noqa: E402

MB = 1_000_000
MOST = {
    "txt utf-8": 6.0,
    "txt converted, utf-8": 20.0,
    "txt": 50.0,
    "html": 50.0,
    "html script": 100.0,
    "pdf": 3.0,
    "docx": 3.0,
    "doc": 20.0,
    "rtf": 3.0,
}
"""Times the bare call that reading may take, by form or its first word; a clean text, one that is traditional with
bracketed pinyin, texts whose encoding must be found, pages whose article must be, and what libraries take apart. A
ratio holds on any machine; what it was when it was set is in docs/performance.md."""


def bare_text(encoding: str) -> Callable[[bytes], str]:
    return lambda data: re.sub(r"\s+", " ", data.decode(encoding))


def bare_html(data: bytes) -> str:
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(data.decode("gb18030" if b"gb2312" in data else "utf-8")).body
    return body.text(separator="\n") if body else ""


def bare_pdf(data: bytes) -> str:
    import pypdfium2

    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


def bare_docx(data: bytes) -> str:
    import docx

    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


def bare_ole(data: bytes) -> bytes:
    import olefile

    stream: bytes = olefile.OleFileIO(io.BytesIO(data)).openstream("WordDocument").read()
    return stream


def bare_rtf(data: bytes) -> str:
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(data.decode("latin-1"), errors="replace")
    return text


REFERENCES: dict[str, tuple[str, Callable[[bytes], object]]] = {
    "txt converted, utf-8": ("decode and strip", bare_text("utf-8")),
    "txt utf-8": ("decode and strip", bare_text("utf-8")),
    "txt gb18030": ("decode and strip", bare_text("gb18030")),
    "txt utf-16": ("decode and strip", bare_text("utf-16")),
    "txt big5, traditional": ("decode and strip", bare_text("big5hkscs")),
    "html": ("selectolax text()", bare_html),
    "pdf": ("pdfium get_text_range", bare_pdf),
    "docx": ("python-docx paragraphs", bare_docx),
    "doc": ("olefile stream", bare_ole),
    "rtf": ("striprtf", bare_rtf),
}


def seconds(work: Callable[[bytes], object], data: bytes, least: float = 0.1) -> float:
    """Processor seconds of one call, over as many calls as fill ``least`` seconds."""
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < least or not calls:
        work(data)
        calls += 1
    return spent / calls


def speeds(repeat: int) -> bool:
    print(f"{'form':24} {'MB':>6} {'read MB/s':>10} {'ms':>8} {'bare MB/s':>10}  {'times':>6}  reference")
    reached = True
    for form, make in FORMS.items():
        data = make()
        name, bare = REFERENCES.get(form) or REFERENCES.get(form.split()[0], ("", None))
        reading, reference = float("inf"), float("inf")
        for _ in range(repeat):
            reading = min(reading, seconds(read, data))
            if bare is not None:
                reference = min(reference, seconds(bare, data))
        size = len(data) / MB
        most = MOST.get(form, MOST.get(form.split()[0], math.inf)) if bare is not None else math.inf
        kept = bare is None or reading <= most * reference
        reached &= kept
        verdict = "" if most == math.inf else f"; at most {most:g} times {'kept' if kept else 'MISSED'}"
        compared = f"{size / reference:10.1f}  {reading / reference:6.1f}" if bare is not None else f"{'':10}  {'':6}"
        print(f"{form:24} {size:6.3f} {size / reading:10.1f} {reading * 1000:8.2f} {compared}  {name}{verdict}")
    return reached


def resident(process: int) -> float:
    """Megabytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / MB


def memory(documents: int) -> None:
    snapshots = [make() for make in FORMS.values()]
    with Reader() as reader:
        for number in range(documents):
            reader.read(snapshots[number % len(snapshots)])
            if number == 99:
                early = resident(reader.process_id)
        late = resident(reader.process_id)
    print(f"memory of a worker: {early:.0f} MB after 100 documents of all forms, {late:.0f} MB after {documents}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--documents", type=int, default=1500)
    chosen = options.parse_args()
    reached = speeds(chosen.repeat)
    if sys.platform == "linux":
        memory(max(chosen.documents, 200))
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
