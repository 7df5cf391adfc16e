"""Download: what has arrived of an answer, kept beside the snapshots when it breaks off.

The next try, in this run or another, asks for the rest alone. A part is gone on with only if the server can tell that
the rest is of the same version (ETag, Last-Modified) and sends its bytes as they are. The file is one line of JSON,
with the address and the version, and then the bytes.
"""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.snapshots import write_atomically

if TYPE_CHECKING:
    import httpx

SUFFIX = ".part"
KEPT_FROM = 1_000_000
"""Bytes from which on a part is kept while it still arrives, whenever it has doubled: a run may be killed."""


class OtherPartError(Exception):
    """The server sent something else than the rest; what there was is dropped."""


class Download:
    """The bytes of one address as they arrive.

    Args:
        url: The address that is asked for.
        folder: Where a part of it is kept, and may lie from an earlier run; None keeps it in memory alone.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.url = url
        self.data = bytearray()
        self.version = ""
        self._path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}{SUFFIX}" if folder else None
        self._kept = 0
        if self._path is not None and self._path.exists():
            self._load(self._path)

    def _load(self, path: Path) -> None:
        head, _, data = path.read_bytes().partition(b"\n")
        try:
            note = json.loads(head)
            if note["url"] == self.url:
                self.data, self.version, self._kept = bytearray(data), str(note["version"]), len(data)
        except (ValueError, TypeError, KeyError):
            return  # not ours: it is written over

    def headers(self) -> dict[str, str]:
        """What asks for the rest of the same version, or for all of another (RFC 9110, 13.1.5)."""
        if not (self.version and self.data):
            return {}
        return {"Range": f"bytes={len(self.data)}-", "If-Range": self.version, "Accept-Encoding": "identity"}

    def begin(self, answer: httpx.Response) -> None:
        """Go on where the part ends if this answer is the rest of it, else begin anew.

        Raises:
            OtherPartError: if it is a part, and not that.
        """
        plain = "content-encoding" not in answer.headers  # an unpacked answer cannot be gone on with
        if answer.status_code == HTTPStatus.PARTIAL_CONTENT:
            if not plain or not answer.headers.get("content-range", "").startswith(f"bytes {len(self.data)}-"):
                self.drop()
                raise OtherPartError("the server sent another part than it was asked for")
            return
        self.drop()
        etag = answer.headers.get("etag", "")
        strong = etag if not etag.startswith("W/") else ""
        self.version = (strong or answer.headers.get("last-modified", "")) if plain else ""

    def add(self, piece: bytes) -> None:
        """Take the next bytes."""
        self.data += piece
        if len(self.data) >= max(KEPT_FROM, 2 * self._kept):
            self.keep()

    def keep(self) -> None:
        """Keep what there is on disk, if it can be gone on with."""
        if self._path is not None and self.version and len(self.data) > self._kept:
            note = json.dumps({"url": self.url, "version": self.version}).encode()
            write_atomically(self._path, note + b"\n" + self.data)
            self._kept = len(self.data)

    def drop(self) -> None:
        """Forget what there is: it is of another version, or whole, or too large."""
        self.data.clear()
        self.version, self._kept = "", 0
        if self._path is not None:
            self._path.unlink(missing_ok=True)
