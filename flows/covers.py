"""Covers: pages without a text of their own, whose report is in the files that they show or link to."""

from __future__ import annotations

from urllib.parse import urljoin

from transforms.document import Refused
from transforms.guarded import ReadingFailedError, read_guarded
from transforms.limits import DEFAULT, Limits

MOST = 3
"""Documents of one page that are fetched; a page with more is a list of documents."""


def documents_behind(data: bytes, address: str, limits: Limits = DEFAULT) -> list[str]:
    """The addresses of the documents behind the page at ``address``; empty for a page that can be read, or any other.

    Whether a page can be read is found out by reading it, in a worker that can be killed.
    """
    if b"<" not in data[:4096] or data.startswith((b"%PDF", b"PK")):
        return []
    try:
        read_guarded(data, limits)
    except Refused as refused:
        found = [urljoin(address, document) for document in refused.leads_to]
        return [url for url in found if url != address] if len(found) <= MOST else []
    except ReadingFailedError:
        pass  # a bug of ours, told where the page itself is read
    return []
