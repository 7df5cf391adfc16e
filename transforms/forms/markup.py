"""Markup: whether a text is a page, what it declares and leads to; without any library, for every text asks."""

from __future__ import annotations

import html
import re

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|table|span|script|style|h[1-6]|br|font|center|ul|article)\b",
    re.IGNORECASE,
)


_LINKED = re.compile(
    r"(?:href|src|data|file)\s*=\s*[\"']?\s*(?:[^\"'<>\s]{0,500}?[?&#]file=)?"
    r"([^\"'<>\s?#&]{1,500}\.(?:pdf|docx?|wps|rtf|ofd|zip|rar))(?=[\"'<>\s?#&]|$)",
    re.IGNORECASE,
)


def documents_of(markup: str) -> list[str]:
    """The addresses, as they are written, of the documents that a page embeds or links to, each once."""
    return list(dict.fromkeys(html.unescape(match[1]) for match in _LINKED.finditer(markup)))


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
