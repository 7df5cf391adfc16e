"""A document: the text of a snapshot after reading and cleaning, with a map from every character back to its source."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from transforms.offsets import Offsets
from warehouse.contracts import RefusalReason


class Refused(Exception):
    """Bad input that the system recognised: a reason code for machines, a sentence with the next action for people."""

    def __init__(self, reason: RefusalReason, detail: str, leads_to: tuple[str, ...] = ()) -> None:
        super().__init__(reason, detail, leads_to)
        self.reason: RefusalReason = reason
        self.detail = detail
        self.leads_to = leads_to
        """Addresses, as they are written, of the documents to which a page without text leads."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class Page(NamedTuple):
    """What a reader of one document form takes out of the bytes, before cleaning.

    ``text`` has one line a paragraph or block, cells of a table row separated by tabs; it is the snapshot's own text,
    to which ``source_start`` and ``source_end`` refer. The other fields are what the form says about itself.
    """

    text: str
    media_type: str
    encoding: str | None = None
    title: str | None = None
    publisher: str | None = None
    published_on: date | None = None
    ocr: bool = False
    unread: int = 0
    """Pages that are scans and that nobody could read here, among others that were read."""


class Document(NamedTuple):
    """A cleaned text and where it came from.

    ``page.text[slice(*offsets.span(start, end))]`` is what ``text[start:end]`` was made from.
    """

    text: str
    offsets: Offsets
    page: Page
    damage: tuple[tuple[int, int], ...] = ()
    """Spans of ``text`` that are damaged and could not be repaired; one is empty where nothing of it is left."""
