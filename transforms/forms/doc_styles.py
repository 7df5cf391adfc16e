"""Styles of a binary Word file: which list and level a style's paragraphs have without saying so themselves.

[MS-DOC] 2.9.271 (STSH) and 2.9.260 (STD): each style names the style it is based on and the modifiers (sprm) by which
its paragraphs differ from that one's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from transforms.forms.papx import Listed, said

STYLES_AT = 0x00A2
"""Where in the FIB the place and size of the style sheet are."""
_PARAGRAPH = 1
_DEEPEST = 20
"""Styles based on one another that are followed; Word allows eleven."""


def listed_styles(stream: bytes, table: bytes) -> Mapping[int, Listed]:
    """The list and level of each paragraph style that has one; none where the style sheet is broken."""
    try:
        own = {index: (base, listed) for index, base, listed in _styles(stream, table)}
    except (struct.error, IndexError):
        return {}
    found = {}
    for index in own:
        number = level = None
        at = index
        for _ in range(_DEEPEST):
            if at not in own:
                break
            at, listed = own[at]
            number = listed.number if number is None else number
            level = listed.level if level is None else level
        if number:
            found[index] = Listed(number, level)
    return found


def _styles(stream: bytes, table: bytes) -> Iterator[tuple[int, int, Listed]]:
    """Index, base and own list of every paragraph style."""
    start, size = struct.unpack_from("<II", stream, STYLES_AT)
    sheet = table[start : start + size]
    (header,) = struct.unpack_from("<H", sheet)
    count, fixed = struct.unpack_from("<HH", sheet, 2)
    at = 2 + header
    for index in range(count):
        (length,) = struct.unpack_from("<H", sheet, at)
        style = sheet[at + 2 : at + 2 + length]
        at += 2 + length + length % 2
        if not length:
            continue
        (kind,) = struct.unpack_from("<H", style, 2)
        if kind & 0xF != _PARAGRAPH:
            continue
        (name,) = struct.unpack_from("<H", style, fixed)
        place = fixed + 2 + 2 * name + 2
        (written,) = struct.unpack_from("<H", style, place)
        # The modifiers follow the style's own index.
        _, listed = said(style[place + 4 : place + 2 + written])
        yield index, kind >> 4, listed
