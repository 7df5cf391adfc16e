"""Objects: what lies in a bucket under a prefix, by name; whole objects only, put on conditions.

The library is obstore: one wheel without dependencies, with conditional writes as a matter of course. pyarrow.fs has
none; s3fs can create but not replace on a condition, and brings an event loop. Endpoint, region and keys come from the
usual variables (``AWS_ENDPOINT_URL``, ``AWS_REGION``, ``AWS_ACCESS_KEY_ID``, ...), or from the machine's role.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from obstore.store import S3Store

ANY: Literal["any"] = "any"
"""The condition that is none: whatever stands there is replaced."""
CONDITIONAL = 1_000_000_000
"""Bytes up to which a file is put on a condition: that takes one request, which holds the file in memory."""
PATIENCE = timedelta(seconds=60)
"""How long a request is tried again before it is given up."""
LONGEST = timedelta(minutes=10)
"""How long one request may take: a large file on a slow line. (Nobody answering at all is known in seconds.)"""


class ObjectsError(Exception):
    """The bucket cannot be used: what is wrong and what to do."""


class Conflict(Exception):
    """An object is not what it was when it was last looked at: somebody else wrote it."""


class Seen(NamedTuple):
    """An object as it was seen: ``etag`` changes with its bytes, ``modified`` is by the store's own clock."""

    etag: str
    size: int
    modified: datetime


class Objects:
    """The objects under ``s3://bucket/prefix``. May be used by many threads."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._store = _store(self.url)

    def list(self, prefix: str = "") -> dict[str, Seen]:
        """What lies under ``prefix`` (``lake/``; all if empty), by name."""
        import obstore

        with self._told():
            pages = obstore.list(self._store, prefix.rstrip("/") or None)
            return {row["path"]: _seen(row) for page in pages for row in page}

    def top(self) -> dict[str, Seen]:
        """The objects whose names have no ``/``."""
        import obstore

        with self._told():
            found = obstore.list_with_delimiter(self._store)
        return {row["path"]: _seen(row) for row in found["objects"]}

    def parts(self) -> tuple[str, ...]:
        """The first parts of names that have a ``/``, without it."""
        import obstore

        with self._told():
            return tuple(obstore.list_with_delimiter(self._store)["common_prefixes"])

    def head(self, name: str) -> Seen | None:
        """An object without its bytes; None if there is none."""
        import obstore

        with self._told():
            try:
                return _seen(obstore.head(self._store, name))
            except FileNotFoundError:
                return None  # a HEAD has no body that could say that the bucket is missing, too

    def get(self, name: str) -> tuple[bytes, Seen] | None:
        """An object's bytes; None if there is none."""
        import obstore

        with self._told():
            try:
                found = obstore.get(self._store, name)
                return bytes(found.bytes()), _seen(found.meta)
            except FileNotFoundError as error:
                self._absent(error)
                return None

    def download(self, name: str, path: Path) -> Seen | None:
        """Put an object's bytes in a file's place, whole; None, and nothing done, if there is no such object.

        The file's time is the object's.
        """
        import obstore

        with self._told():
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError as error:
                self._absent(error)
                return None
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            with beside.open("wb") as file:
                for piece in found.stream():
                    file.write(piece)
            seen = _seen(found.meta)
        os.utime(beside, (seen.modified.timestamp(),) * 2)
        beside.replace(path)
        return seen

    def put(self, name: str, data: bytes, over: str | None = ANY) -> str:
        """Put an object, whole or not at all; return its etag.

        Args:
            name: The object.
            data: Its bytes.
            over: What may stand there: nothing (None), the object of this etag, or ``ANY``.

        Raises:
            Conflict: something else stands there.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        mode: Any = "overwrite" if over == ANY else "create" if over is None else {"e_tag": over}
        with self._told():
            try:
                return str(obstore.put(self._store, name, data, mode=mode, use_multipart=False)["e_tag"])
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
                if over is None and isinstance(error, FileNotFoundError):
                    self._absent(error)
                # A request whose answer was lost was tried again, and met its own bytes.
                if (there := self.get(name)) and there[0] == data:
                    return there[1].etag
                raise Conflict(f"{self.url}/{name} was written by somebody else meanwhile") from error

    def upload(self, name: str, path: Path, over: str | None = ANY) -> str:
        """Put a file as ``put`` does; a very large one in parts, without the condition. Whole or not at all, too."""
        import obstore

        if over != ANY and path.stat().st_size <= CONDITIONAL:
            return self.put(name, path.read_bytes(), over)
        with self._told():
            return str(obstore.put(self._store, name, path)["e_tag"])

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; those that do not exist are gone already."""
        import obstore

        if wanted := sorted(names):
            with self._told():
                obstore.delete(self._store, wanted)

    def _absent(self, error: FileNotFoundError) -> None:
        """There is no such object; raise if that is because there is no such bucket."""
        if "NoSuchBucket" in str(error):
            raise ObjectsError(
                f"there is no bucket at {self.url}: make it, or see its name and AWS_ENDPOINT_URL"
            ) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except BaseError as error:
            what = str(error).split("Debug source")[0].strip().splitlines()
            raise ObjectsError(
                f"{self.url} cannot be used: {' '.join(what)[:400]}; see the bucket's name, AWS_ENDPOINT_URL, "
                "AWS_REGION and the keys"
            ) from error


def _store(url: str) -> S3Store:
    try:
        from obstore.store import S3Store
    except ImportError as error:
        raise ObjectsError(f"{url} needs obstore, which is not installed: pip install 'nianbao[s3]'") from error
    from obstore.exceptions import BaseError

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    # Without TLS only where the endpoint says so itself: a server of the own house, or of a test.
    more: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
    try:
        return S3Store.from_url(
            url,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": LONGEST},
            retry_config={"max_retries": 6, "retry_timeout": PATIENCE},
            **more,
        )
    except (BaseError, ValueError) as error:
        raise ObjectsError(f"{url} is no address of a bucket: give s3://bucket or s3://bucket/prefix") from error


def _seen(row: Any) -> Seen:
    return Seen(str(row["e_tag"]), int(row["size"]), row["last_modified"])
