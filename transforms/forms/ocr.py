"""OCR: scanned pages and images through the tesseract program, where it is installed with simplified Chinese."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import cache
from shutil import which

from transforms.document import Page, Refused
from transforms.limits import DEFAULT, Limits

LANGUAGE = "chi_sim"
SECONDS = 60
"""For one page."""


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
    text = "\n".join(_recognised(image) for image in images).strip()
    if not text:
        raise Refused("empty", "图片中没有识别出文字；请提交文字版 / OCR found no text: submit the text")
    return Page(text, media_type, None, ocr=True)


def _recognised(image: bytes) -> str:
    command = [
        which("tesseract") or "tesseract",
        "stdin",
        "stdout",
        "-l",
        LANGUAGE,
        "-c",
        "preserve_interword_spaces=1",
    ]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(command, input=image, capture_output=True, timeout=SECONDS, check=False, env=environment)
    except subprocess.TimeoutExpired as error:
        raise Refused(
            "no_text_layer", f"一页 OCR 超过 {SECONDS} 秒；请提交文字版 / OCR of a page took too long: submit the text"
        ) from error
    if done.returncode:
        raise Refused(
            "unsupported_format",
            "图片无法识别（可能已损坏）；请重新下载 / the image cannot be read: download it again",
        )
    return done.stdout.decode("utf-8", "replace").replace("\x0c", "\n")
