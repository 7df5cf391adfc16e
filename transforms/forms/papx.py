"""Paragraph properties of a binary Word file: which paragraph marks end a cell or a row of a table.

[MS-DOC] 2.8.6 and 2.9.174: the table ``PlcBtePapx`` points to pages of 512 bytes in the main stream, each of which
tells the properties of the paragraphs between two file positions as a list of modifiers (sprm).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Literal, NamedTuple

Mark = Literal["inside", "cell", "row"]
"""A paragraph inside a cell, one that ends a cell of a nested table, one that ends a row."""

PLC_AT = 0x0102
"""Where in the FIB the place and size of PlcBtePapx are."""
_PAGE = 512
_IN_TABLE, _ROW_END, _INNER_CELL, _INNER_ROW_END = 0x2416, 0x2417, 0x244B, 0x244C
_SAID: dict[int, Mark] = {_IN_TABLE: "inside", _INNER_CELL: "cell", _ROW_END: "row", _INNER_ROW_END: "row"}
_RANKS: dict[Mark | None, int] = {None: 0, "inside": 1, "cell": 2, "row": 3}
_LEVEL, _LIST = 0x260A, 0x460B
_DEFINE_TABLE, _CHANGE_TABS = 0xD608, 0xC615
_OPERANDS = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
"""Bytes of a modifier's operand by the top three bits of its code; 6 has its length in front."""


class Listed(NamedTuple):
    """The list (the number of its override, 0 for none) and level that modifiers name; None where they do not."""

    number: int | None = None
    level: int | None = None


class Marks(NamedTuple):
    """The paragraphs of tables and lists, by file position, ascending."""

    stops: list[int]
    kinds: list[Mark]
    listed: dict[int, tuple[int, int]]
    """By where it ends: the list (the number of its override) and the level of a paragraph."""

    def between(self, start: int, stop: int) -> Iterator[tuple[int, Mark]]:
        """Where the paragraphs that end in a stretch of the file end, and what they are."""
        for i in range(bisect_right(self.stops, start), bisect_right(self.stops, stop)):
            yield self.stops[i], self.kinds[i]


def marks(stream: bytes, table: bytes, styles: Mapping[int, Listed]) -> Marks:
    """The marks of a file, given the lists of its styles; those in pages that are damaged are left out."""
    start, size = struct.unpack_from("<II", stream, PLC_AT)
    plc = table[start : start + size]
    count = (len(plc) - 4) // 8
    found: list[tuple[int, Mark]] = []
    listed: dict[int, tuple[int, int]] = {}
    for i in range(max(0, count)):
        (number,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * i)
        page = stream[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(page) == _PAGE:
            for stop, style, properties in _of_page(page):
                mark, own = said(properties)
                if mark is not None:
                    found.append((stop, mark))
                by_style = styles.get(style, Listed())
                number = by_style.number if own.number is None else own.number
                level = by_style.level if own.level is None else own.level
                if number:
                    listed[stop] = number, level or 0
    found.sort()
    return Marks([mark[0] for mark in found], [mark[1] for mark in found], listed)


def _of_page(page: bytes) -> list[tuple[int, int, bytes]]:
    """Where the paragraphs of a page end, with their styles and modifiers."""
    count = page[-1]
    found: list[tuple[int, int, bytes]] = []
    if 4 * (count + 1) + 13 * count >= _PAGE:
        return found
    positions = struct.unpack_from(f"<{count + 1}I", page)
    for i, (start, stop) in enumerate(pairwise(positions)):
        offset = 2 * page[4 * (count + 1) + 13 * i]
        if offset and start < stop:
            found.append((stop, *_properties(page, offset)))
    return found


def _properties(page: bytes, offset: int) -> tuple[int, bytes]:
    """The style of one paragraph, and its modifiers."""
    size = page[offset]
    if size:
        told = page[offset + 1 : offset + 2 * size]
    else:
        told = page[offset + 2 : offset + 2 + 2 * page[offset + 1]] if offset + 1 < _PAGE else b""
    return int.from_bytes(told[:2], "little"), told[2:]


def said(properties: bytes) -> tuple[Mark | None, Listed]:
    """What modifiers say of a paragraph: its mark in a table, and its list."""
    at = 0
    number: int | None = None
    level: int | None = None
    mark: Mark | None = None
    while at + 3 <= len(properties):
        (code,) = struct.unpack_from("<H", properties, at)
        at += 2
        told = _SAID.get(code)
        if told is not None and properties[at] and _RANKS[told] > _RANKS[mark]:
            mark = told
        elif code == _LEVEL:
            level = properties[at]
        elif code == _LIST and at + 2 <= len(properties):
            (number,) = struct.unpack_from("<H", properties, at)
        kind = code >> 13
        if kind != 6:
            at += _OPERANDS[kind]
        elif code == _DEFINE_TABLE and at + 2 <= len(properties):
            at += struct.unpack_from("<H", properties, at)[0] + 1
        elif code == _CHANGE_TABS and properties[at] == 255:
            break
        else:
            at += properties[at] + 1
    return mark, Listed(number, level)
