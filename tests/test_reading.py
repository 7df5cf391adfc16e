"""Reading: the form is found in the bytes, and a text costs nothing but itself."""

import subprocess
import sys
from pathlib import Path

import pytest
from forms.mutants import originals

from transforms.document import Refused
from transforms.reading import read

# Everything is synthetic (合成).

FORMS = Path(__file__).parent / "forms"


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("txt utf-8", "text/plain"),
        ("txt gb18030", "text/plain"),
        ("html", "text/html"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("doc", "application/msword"),
        ("rtf", "application/rtf"),
        ("pdf", "application/pdf"),
        ("mhtml", "multipart/related"),
        ("eml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("json", "application/json"),
        ("zip", "text/plain"),
        ("zip in zip", "text/html"),
    ],
)
def test_the_form_is_found_in_the_bytes(form, media_type):
    assert read(originals()[form]).page.media_type == media_type


def test_bytes_before_the_magic_of_a_form_do_not_hide_it():
    originals_ = originals()
    assert read(b"\r\n" + originals_["pdf"]).page.media_type == "application/pdf"
    assert (
        read(
            b"\xef\xbb\xbf \n" + "<html><p>合成镇共检查3次，处罚2宗，完成各项任务。</p></html>".encode()
        ).page.media_type
        == "text/html"
    )


def test_reading_the_same_bytes_twice_gives_the_same_document():
    for data in originals().values():
        assert read(data) == read(data)


LETTER = "From: a@example.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def test_a_letter_without_attachments_is_its_text():
    text = "合成镇共检查3次，处罚2宗，完成各项任务。"
    letter = f"{LETTER}Content-Type: text/plain; charset=gb2312\r\n\r\n{text}"
    assert read(letter.encode("gb18030")).text == text


def test_a_letter_with_two_documents_is_refused_with_what_to_do():
    part = "--b\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n"
    with pytest.raises(Refused) as refused:
        read(f'{LETTER}Content-Type: multipart/mixed; boundary="b"\r\n\r\n{part}{part}--b--'.encode())
    assert refused.value.reason == "unsupported_format"
    assert "附件" in refused.value.detail


HEAVY = (
    "lxml",
    "selectolax",
    "trafilatura",
    "pypdfium2",
    "pdfplumber",
    "olefile",
    "striprtf",
    "opencc",
    "PIL",
    "zipfile",
)


def test_a_plain_text_is_read_without_any_library_of_another_form():
    program = (
        "import sys; from transforms.reading import read; read('合成镇共检查3次。'.encode('gb18030'));"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
