"""Lists of a binary Word file: the automatic numbers of its paragraphs, counted as those of a DOCX are.

[MS-DOC] 2.9.131 (LFO), 2.9.147 (LSTF), 2.9.149 and 2.9.150 (LVL, LVLF): a paragraph names the override of a list and a
level, or its style does (``doc_styles``); the override names the list, whose levels tell how their numbers are written
and where they begin.
"""

from __future__ import annotations

import struct
from typing import Any

from transforms.forms.numbering import Level, Numbering

LISTS_AT, OVERRIDES_AT = 0x02E2, 0x02EA
"""Where in the FIB the place and size of the lists and of their overrides are."""
_LIST, _LEVEL, _OVERRIDE = 28, 28, 16
"""Bytes of an LSTF, an LVLF and an LFO."""
_LEVELS = 9
_FORMS = {
    0: "decimal",
    3: "upperLetter",
    4: "lowerLetter",
    10: "ideographDigital",
    11: "japaneseCounting",
    18: "decimalEnclosedCircle",
    23: "bullet",
    33: "taiwaneseCounting",
    35: "taiwaneseCountingThousand",
    37: "chineseCounting",
    39: "chineseCountingThousand",
    255: "none",
}
"""How a number is written, by its code ([MS-OSHARED] 2.2.1.3), in the words of DOCX."""


def numbering_of(stream: bytes, table: bytes) -> Numbering:
    """The lists of a file; none where what tells of them is broken: the numbers are lost then, the text is not."""
    numbering = Numbering()
    try:
        _read(numbering, stream, table)
    except (struct.error, IndexError):
        return Numbering()
    return numbering


def _read(numbering: Numbering, stream: bytes, table: bytes) -> None:
    start, size = struct.unpack_from("<II", stream, LISTS_AT)
    if not size:
        return
    (count,) = struct.unpack_from("<H", table, start)
    at = start + size
    for i in range(count):
        identity, flags = struct.unpack_from("<i22xB", table, start + 2 + i * _LIST)
        levels = {}
        for level in range(1 if flags & 1 else _LEVELS):
            levels[level], at = _level(table, at)
        numbering.levels[str(identity)] = levels
    start, size = struct.unpack_from("<II", stream, OVERRIDES_AT)
    (count,) = struct.unpack_from("<I", table, start) if size else (0,)
    for i in range(min(count, size // _OVERRIDE)):
        (identity,) = struct.unpack_from("<i", table, start + 4 + i * _OVERRIDE)
        if str(identity) in numbering.levels:
            numbering.abstract_of[str(i + 1)] = str(identity)


def _level(table: bytes, at: int) -> tuple[Level, int]:
    """A level, and where the next one begins."""
    begin, code, characters, paragraphs = struct.unpack_from("<iB19xBB", table, at)
    at += _LEVEL + characters + paragraphs
    (length,) = struct.unpack_from("<H", table, at)
    text = table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    written = "".join(f"%{ord(character) + 1}" if character < "\t" else character for character in text)
    return Level(_FORMS.get(code, "decimal"), written, max(0, begin)), at + 2 + 2 * length


def label(numbering: Numbering, listed: tuple[int, int], *, has_text: bool) -> str:
    """The number of a paragraph of this list (by its override) and level, "" if it has none."""
    noted: dict[str, Any] = {"numId": str(listed[0]), "ilvl": str(listed[1])}
    numbering.noted = noted
    return numbering.label(has_text=has_text)
