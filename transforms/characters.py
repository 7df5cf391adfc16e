"""Characters that nobody sees: controls, zero-width marks and line ends, which no rule after this has to think of."""

from __future__ import annotations

import re

from transforms.offsets import Edit

_INVISIBLE = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
_LINE_END = "\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_UNSEEN = re.compile(f"[{_INVISIBLE}]+|\r\n|[{_LINE_END}]|\x1f")
UNSEEN = frozenset(chr(code) for code in range(0x10000) if _UNSEEN.match(chr(code)) and not 0xD800 <= code < 0xE000)
"""The characters that :func:`unseen` acts on."""


def unseen(text: str) -> list[Edit]:
    """The edits that drop invisible characters and turn every kind of line end into a line feed."""
    return [Edit(match.start(), match.end(), "\n" if match[0][0] in _ENDS else "") for match in _UNSEEN.finditer(text)]


_ENDS = frozenset(chr(code) for code in (*range(0x0A, 0x0E), *range(0x1C, 0x1F), 0x85, 0x2028, 0x2029))
