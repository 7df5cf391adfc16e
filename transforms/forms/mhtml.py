"""MHTML: the page inside a file that a browser or Word saved as a single one; it is a MIME message with parts."""

from __future__ import annotations

from transforms.document import Page, Refused
from transforms.encoding import decode
from transforms.forms.html import read_markup
from transforms.forms.markup import declared_encoding, looks_like_html
from transforms.limits import DEFAULT, Limits

MEDIA_TYPE = "multipart/related"


def read_mhtml(data: bytes, limits: Limits = DEFAULT) -> Page:
    """Read the page of a MIME message: its largest part that is a page.

    Raises:
        Refused: as for a page, and ``unsupported_format`` if there is no page in it.
    """
    import email
    import email.policy

    message = email.message_from_bytes(data.lstrip(), policy=email.policy.compat32)
    pages = []
    for count, piece in enumerate(message.walk()):
        if count > limits.entries:
            raise Refused("too_large", "MHTML 部分过多；请另存为网页再提交 / too many parts: save the page anew")
        if piece.get_content_type() in {"text/html", "application/xhtml+xml"}:
            payload = piece.get_payload(decode=True)
            if isinstance(payload, bytes):
                pages.append((payload, piece.get_content_charset()))
    if not pages:
        raise Refused("unsupported_format", "MHTML 中没有网页；请另存为网页再提交 / no page inside: save the page anew")
    payload, charset = max(pages, key=lambda page: len(page[0]))
    decoded = decode(payload, charset or declared_encoding(payload))
    if not looks_like_html(decoded.text):
        raise Refused("unsupported_format", "MHTML 中没有网页；请另存为网页再提交 / no page inside: save the page anew")
    return read_markup(decoded.text, decoded.encoding, limits)._replace(media_type=MEDIA_TYPE)
