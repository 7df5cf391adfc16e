"""Reading: the bytes of a snapshot become a document, by what the bytes are and never by what they are called."""

from __future__ import annotations

from transforms.cleaning import clean
from transforms.document import Document, Page, Refused
from transforms.limits import DEFAULT, Limits


def read(data: bytes, limits: Limits = DEFAULT) -> Document:
    """Read one snapshot.

    Args:
        data: its bytes.
        limits: what the document may cost.

    Returns:
        The cleaned text with its map to ``Document.page.text``, the snapshot's own text.

    Raises:
        Refused: if there is no text to be had, with the reason and what to do next.
    """
    return clean(Page(data.decode("utf-8"), "text/plain", "utf-8"))
