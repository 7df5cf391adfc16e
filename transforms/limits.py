"""Limits on what one document may cost; beyond them it is refused as too large."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """The largest document that is read. The longest real reports are far below every one of these."""

    size: int = 64 * 1024 * 1024
    """Bytes of a snapshot."""
    pages: int = 600
    """Pages of a PDF."""
    ocr_pages: int = 20
    """Pages of a scan; one takes two to five seconds."""
    characters: int = 4_000_000
    """Characters of the text taken out of it."""
    entries: int = 2_000
    """Files in an archive, those in archives inside it included."""
    depth: int = 3
    """Archives inside one another."""
    expanded: int = 256 * 1024 * 1024
    """Bytes of all the parts of an archive or office file together, expanded."""
    ratio: int = 200
    """Expanded bytes for each compressed byte of a part of more than a megabyte; office files reach about 30."""
    nesting: int = 4_000
    """Elements of a page that are opened inside one another; the parser's work grows with the square of it."""
    memory: int = 3 * 1024**3
    """Bytes of address space of a reading worker."""
    seconds: float = 120.0
    """Time for one document; kept by whoever runs the reading in a worker, see ``transforms.guarded``."""


DEFAULT = Limits()
