"""Characters that nobody sees: controls, zero-width marks and line ends, which no rule after this has to think of."""

from __future__ import annotations

import re

from transforms.offsets import Edit

_LINE_ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_MARKS = (
    *((0x00, 0x08), (0x0E, 0x1B), (0x1F, 0x1F), (0x7F, 0x84), (0x86, 0x9F)),  # controls
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x180E, 0x180E)),  # soft hyphen, joiners
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F)),  # zero width, directions
    *((0xD800, 0xDFFF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xFFFE, 0xFFFF)),  # variants, BOM, none
)
UNSEEN = frozenset(_LINE_ENDS).union(*(map(chr, range(first, last + 1)) for first, last in _MARKS))
"""The characters that :func:`unseen` acts on."""
_UNSEEN = re.compile(f"\r\n|[{_LINE_ENDS}]|[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _MARKS)}]+")


def unseen(text: str) -> list[Edit]:
    """The edits that drop invisible characters and turn every kind of line end into a line feed."""
    return [
        Edit(match.start(), match.end(), "\n" if match[0][0] in _LINE_ENDS else "") for match in _UNSEEN.finditer(text)
    ]
