"""OCR: scanned pages and images through the tesseract program, where it is installed with simplified Chinese."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from shutil import which

from transforms.document import Page, Refused
from transforms.forms.layout import Line, Sheet, paragraphs_of, without_margins
from transforms.limits import DEFAULT, Limits

LANGUAGE = "chi_sim"
SECONDS = 60
"""For one page."""
DPI = 300
WIDTH = 2480
"""Pixels of the width of an A4 page at that resolution; smaller and larger images are brought to it."""
MOST_ENLARGED = 4.0
MOST_PIXELS = 100_000_000


@cache
def is_available() -> bool:
    """Whether tesseract is installed and knows simplified Chinese."""
    program = which("tesseract")
    if program is None:
        return False
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=False)
    return LANGUAGE in listed.stdout.split()


def read_images(images: Iterable[bytes], count: int, media_type: str, limits: Limits = DEFAULT) -> Page:
    """Read ``count`` page images in order; marked as OCR, so that the figures carry a warning.

    Raises:
        Refused: ``no_text_layer`` if there is no OCR here or the pages are too many for it; ``empty`` if it finds
        nothing.
    """
    if not is_available():
        raise Refused(
            "no_text_layer",
            "扫描件或图片，没有文字层；请安装 tesseract 及中文数据（Debian：tesseract-ocr-chi-sim）后"
            "重试，或提交文字版 / a scan without a text layer: install tesseract with chi_sim and run again, or submit "
            "the text",
        )
    if count > limits.ocr_pages:
        raise Refused(
            "no_text_layer",
            f"扫描件共 {count} 页，超过 OCR 上限 {limits.ocr_pages} 页；请提交文字版 / "
            f"a scan of {count} pages, OCR stops at {limits.ocr_pages}: submit the text",
        )
    sheets = [recognise(image) for image in images]
    text = "\n".join(paragraphs_of(without_margins(sheets))).strip()
    if not text:
        raise Refused("empty", "图片中没有识别出文字；请提交文字版 / OCR found no text: submit the text")
    return Page(text, media_type, None, ocr=True)


def recognise(image: bytes) -> Sheet:
    """The lines of one page image, placed in pixels; only where :func:`is_available`.

    Raises:
        Refused: ``no_text_layer`` if it takes too long, ``unsupported_format`` if the image is broken.
    """
    program = which("tesseract") or "tesseract"
    command = [program, "stdin", "stdout", "-l", LANGUAGE, "--dpi", str(DPI), "tsv"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(
            command, input=_prepared(image), capture_output=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(
            "no_text_layer", f"一页 OCR 超过 {SECONDS} 秒；请提交文字版 / OCR of a page took too long: submit the text"
        ) from error
    if done.returncode:
        raise _unreadable()
    return _sheet(done.stdout.decode("utf-8", "replace"))


def _unreadable() -> Refused:
    return Refused(
        "unsupported_format",
        "图片无法识别（可能已损坏）；请重新下载 / the image cannot be read, it may be broken: download it again",
    )


def _prepared(image: bytes) -> bytes:
    """The image in grey and about as wide as a page at the resolution that the program is told of."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(image)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("too_large", "图片过大；请缩小后再提交 / the image is too large: make it smaller")
            grey = picture.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable() from error
    scale = WIDTH / grey.width
    if not 0.8 < scale < 1.3 and scale < MOST_ENLARGED:
        grey = grey.resize((WIDTH, max(1, round(grey.height * scale))), Image.Resampling.LANCZOS)
    stream = BytesIO()
    grey.save(stream, "PNG")
    return stream.getvalue()


def _sheet(table: str) -> Sheet:
    """The lines in tesseract's table: one row a page, block, paragraph, line or word, with its place in pixels."""
    width = height = 0.0
    words: dict[tuple[str, ...], list[tuple[float, float, float, float, str]]] = {}
    for row in table.splitlines()[1:]:
        fields = row.split("\t")
        if len(fields) < 12:
            continue
        left, top, wide, high = (float(field) for field in fields[6:10])
        if fields[0] == "1":
            width, height = wide, high
        elif fields[0] == "5" and fields[11].strip():
            words.setdefault(tuple(fields[2:5]), []).append((left, top, left + wide, top + high, fields[11].strip()))
    lines = []
    for found in words.values():
        text = "".join(
            (" " if before and before[-1].isascii() and word[4][0].isascii() else "") + word[4]
            for before, word in zip(["", *(word[4] for word in found)], found, strict=False)
        )
        left, top = found[0][0], min(word[1] for word in found)
        right, bottom = found[-1][2], max(word[3] for word in found)
        lines.append(Line(text, left, right, height - bottom, height - top))
    return Sheet(lines, width, height)
