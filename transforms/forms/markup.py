"""Markup: whether a text is a page, and the encoding that a page declares; without any library, for every text asks."""

from __future__ import annotations

import re

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|table|span|script|style|h[1-6]|br|font|center|ul|article)\b",
    re.IGNORECASE,
)


def looks_like_html(text: str) -> bool:
    """Whether decoded text is a page: markup at its begin, or several elements early on."""
    head = text[:4096].lstrip()
    first = _MARKUP.search(head)
    if first is None:
        return False
    return first.start() == 0 or head.startswith(("<!--", "<?xml")) or len(_MARKUP.findall(head)) >= 3


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a page names in its own head."""
    match = _CHARSET.search(data, 0, 4096)
    return match[1].decode("ascii") if match else None
