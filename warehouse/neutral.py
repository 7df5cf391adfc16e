"""Neutral text: what a report says may contain, shown so that no terminal and no spreadsheet obeys it.

Reports are strangers' text. A terminal obeys escape sequences and bidirectional overrides; a spreadsheet runs a cell
that begins like a formula (CWE-1236).
"""

from __future__ import annotations

import re

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_FORMULA = frozenset(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
"""The full-width signs too: Chinese and Japanese Excel take them for the narrow ones."""


def printable(text: str) -> str:
    r"""Text for a terminal or a log: controls, unseen and direction-changing signs as ``\x1b``."""
    return _UNSEEN.sub(lambda found: _escape(found.group()), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def csv_cell(value: object) -> object:
    """A value for a cell of CSV or XLSX: text gets an apostrophe before what a spreadsheet would take for a formula.

    Controls other than the line feed are dropped, since a spreadsheet has no way to show them. What is not text (a
    number, a date, nothing) stays what it is: a negative number is no formula.
    """
    if not isinstance(value, str):
        return value
    clean = _UNSEEN.sub(lambda found: "\n" if found.group() == "\n" else "", value)
    return f"'{clean}" if value[:1] in _FORMULA or clean[:1] in _FORMULA else clean
