"""RTF: the text of a rich text file; Chinese comes as bytes of code page 936 or as Unicode numbers."""

from __future__ import annotations

import re

from transforms.document import Page, Refused
from transforms.limits import DEFAULT, Limits

MAGIC = b"{\\rtf"
_TAB = re.compile(r"\\tab(?![a-z])")
_CELL = re.compile(r"\\(?:nest)?cell(?![a-z])")
_ROW = re.compile(r"\\(?:nest)?row(?![a-z])")
_BYTES = re.compile(r"((?:\\'[0-9a-fA-F]{2})++)([@-\[\]-z|~]|\\[\\{}])?")
"""Escaped bytes with a character behind them, which is the trail byte of the last if that is a lead byte."""
_PICTURE = re.compile(r"(?<![0-9a-fA-F\\'])[0-9a-fA-F][0-9a-fA-F\r\n]{255,}")
"""The bytes of pictures and objects, in hexadecimal."""


def _with_trail_byte(match: re.Match[str]) -> str:
    """Escape a trail byte that stands as a plain character, which the reader would take for text."""
    if match[2] is None:
        return match[0]
    codes = [int(code, 16) for code in match[1][2:].split("\\'")]
    waiting = False
    for code in codes:
        waiting = not waiting and 0x81 <= code <= 0xFE
    return f"{match[1]}\\'{ord(match[2][-1]):02x}" if waiting else match[0]


def read_rtf(data: bytes, limits: Limits = DEFAULT) -> Page:
    """Read a rich text file.

    Raises:
        Refused: ``empty`` without text, ``too_large`` beyond the limit, ``unsupported_format`` if it cannot be read.
    """
    from striprtf.striprtf import rtf_to_text

    source = _BYTES.sub(_with_trail_byte, data.decode("latin-1"))
    # The reader writes cells as bars; as tabs they are what every other form makes of them. A tab in a line is a space.
    source = _ROW.sub(r"\\par", _CELL.sub(r"\\tab", _TAB.sub(" ", _PICTURE.sub("", source))))
    try:
        text: str = rtf_to_text(source, encoding="gb18030", errors="replace")
    except (ValueError, LookupError, IndexError, OverflowError, TypeError, UnicodeError) as error:
        raise Refused(
            "unsupported_format", "RTF 文件损坏；请另存为 .docx 再提交 / the RTF is broken: save it as .docx"
        ) from error
    if not text.strip():
        raise Refused("empty", "文档没有文字；请核对文件 / the document holds no text: check the file")
    if len(text) > limits.characters:
        raise Refused(
            "too_large",
            f"文档超过上限 {limits.characters} 字；请只提交报告本身 / "
            f"more than {limits.characters} characters: submit the report alone",
        )
    return Page(text, "application/rtf")
