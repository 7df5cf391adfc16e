"""Width and variant forms: full-width digits, letters and ％, Kangxi radicals and their like become plain.

One character stays one character. Chinese punctuation, brackets and quotes keep their width: they carry meaning here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from seeds import SEEDS

_WIDE = {
    chr(code): chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
WIDE = frozenset(_WIDE) | frozenset("％﹪．")
"""Full-width digits, letters and percent signs."""
RADICALS = frozenset(map(chr, (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))))
"""Radicals and compatibility ideographs, which some PDF makers write in place of the characters they look like."""

_POINT = re.compile("(?<=[0-9])．(?=[0-9])")


@cache
def _table() -> dict[int, str]:
    table = {ord(wide): plain for wide, plain in _WIDE.items()} | {ord("％"): "%", ord("﹪"): "%"}
    for variant in RADICALS:
        plain = unicodedata.normalize("NFKC", variant)
        if len(plain) == 1 and plain != variant:
            table[ord(variant)] = plain
    # The supplement has no decompositions of its own but for two.
    for row in (SEEDS / "radicals.csv").read_text("utf-8").splitlines()[1:]:
        table[ord(row[0])] = row[2]
    return table


def plain_width(text: str) -> str:
    """The text with every character of :data:`WIDE` and :data:`RADICALS` in its plain form; as long as before.

    A full-width point between digits is a decimal point; a full-width comma there is too ambiguous to touch.
    """
    return _POINT.sub(".", text.translate(_table()))
