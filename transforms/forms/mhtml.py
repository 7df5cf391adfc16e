"""MHTML and EML: the page that a browser or Word saved as one file, or what a letter brings; MIME messages."""

from __future__ import annotations

from typing import NamedTuple

from transforms.document import Page, Refused
from transforms.encoding import decode
from transforms.forms.html import read_markup
from transforms.forms.markup import declared_encoding, looks_like_html
from transforms.limits import DEFAULT, Limits

MEDIA_TYPE = "multipart/related"
_PAGES = {"text/html", "application/xhtml+xml"}
_DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")
"""How the files begin that a letter brings: PDF, DOCX and archives, DOC and WPS, RTF."""


class _Part(NamedTuple):
    """One part of a message that has no parts itself."""

    kind: str
    payload: bytes
    charset: str | None


def read_mhtml(data: bytes, limits: Limits = DEFAULT) -> Page:
    """Read a MIME message: the only document attached to it, else its largest page, else its plain text.

    Raises:
        Refused: as for what is read, and ``unsupported_format`` if there is nothing of the kind in it or several
        documents.
    """
    parts = _parts(data, limits)
    documents = [part.payload for part in parts if part.payload.startswith(_DOCUMENTS)]
    if len(documents) > 1:
        raise Refused(
            "unsupported_format",
            f"邮件有{len(documents)}个附件；请把附件存出后分别提交 / "
            "several documents are attached: save them and submit them one by one",
        )
    if documents:
        from transforms.reading import page_of

        return page_of(documents[0], limits)
    pages = [part for part in parts if part.kind in _PAGES] or [part for part in parts if part.kind == "text/plain"]
    if not pages:
        raise _nothing()
    largest = max(pages, key=lambda part: len(part.payload))
    decoded = decode(largest.payload, largest.charset or declared_encoding(largest.payload))
    if looks_like_html(decoded.text):
        return read_markup(decoded.text, decoded.encoding, limits)._replace(media_type=MEDIA_TYPE)
    if largest.kind in _PAGES:
        raise _nothing()
    return Page(decoded.text, "message/rfc822", decoded.encoding)


def _parts(data: bytes, limits: Limits) -> list[_Part]:
    import email
    import email.policy

    message = email.message_from_bytes(data.lstrip(), policy=email.policy.compat32)
    parts = []
    for count, piece in enumerate(message.walk()):
        if count > limits.entries:
            raise Refused("too_large", "MHTML 部分过多；请另存为网页再提交 / too many parts: save the page anew")
        payload = piece.get_payload(decode=True)
        if isinstance(payload, bytes):
            parts.append(_Part(piece.get_content_type(), payload, piece.get_content_charset()))
    return parts


def _nothing() -> Refused:
    return Refused("unsupported_format", "MHTML 中没有网页；请另存为网页再提交 / no page inside: save the page anew")
