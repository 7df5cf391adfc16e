"""Walk: the files of a folder with what the file system says of each, in columns: a country has hundreds of thousands.

Each file is asked after once. The order is that of names, folders among the files, as people see it.
"""

from __future__ import annotations

import os
import stat
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TOGETHER = 10_000
"""Files that are held as Python objects at once, before they become columns."""
_MOST = 2**63 - 1


class Status(NamedTuple):
    """What tells that a file is the one that was read, and as it was then. The second and third in nanoseconds.

    Whatever writes to a file, renames it or gives it another time changes ``ctime``, which nobody can set.
    """

    size: int
    mtime: int
    ctime: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Of a file, within 64 bits: some file systems number beyond them, and a time may be any."""
        mtime, ctime = (max(-_MOST, min(time, _MOST)) for time in (status.st_mtime_ns, status.st_ctime_ns))
        return cls(status.st_size, mtime, ctime, status.st_ino & _MOST)


STATUS: list[tuple[str, pa.DataType]] = [(name, pa.int64()) for name in Status._fields]
"""Its columns."""


def walk(folder: Path) -> Iterator[pa.Table]:
    """The files below a folder, without hidden ones: ``path`` (bytes), the columns of ``Status``, and ``leads_to``.

    Linked folders are not entered. A linked file is told with the status of what it leads to, and where that lies if
    it is outside of the folder: only a link can lead out, and to resolve every path takes as long as to read its file.
    """
    inside = folder.resolve()
    paths: list[str] = []
    known = array("q")
    leads: dict[int, str] = {}
    for path, status in _files(str(folder)):
        if stat.S_ISLNK(status.st_mode):
            link = Path(path)
            if not link.is_file():
                continue
            target = link.resolve()
            if not target.is_relative_to(inside):
                leads[len(paths)] = os.fsencode(target).decode("utf-8", "replace")
            known.extend(Status.of(link.stat()))
        else:
            try:
                known.extend((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
            except OverflowError:
                del known[len(paths) * len(Status._fields) :]
                known.extend(Status.of(status))
        paths.append(path)
        if len(paths) == TOGETHER:
            yield _columns(paths, known, leads)
            paths, known, leads = [], array("q"), {}
    if paths:
        yield _columns(paths, known, leads)


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Regular files and links; a stack of its own, since folders may be deeper than Python's."""
    under_way = [_names(folder)]
    while under_way:
        for path in under_way[-1]:
            try:
                status = os.lstat(path)
            except OSError:  # it went away just now
                continue
            if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                yield path, status
            elif stat.S_ISDIR(status.st_mode):
                under_way.append(_names(path))
                break
        else:
            under_way.pop()


def _names(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 (a path object for each is slow)
    except OSError:  # one that may not be read is passed over, as by the shell
        names = []
    start = folder if folder.endswith(os.sep) else folder + os.sep
    return iter([start + name for name in names if not name.startswith(".")])


def _columns(paths: list[str], known: array[int], leads: dict[int, str]) -> pa.Table:
    # Joined and split again: six times as fast as to make bytes of each path.
    joined: Any = pa.array([os.fsencode("\0".join(paths))], pa.binary())
    numbers = np.frombuffer(known, np.int64).reshape(-1, len(Status._fields)).T
    columns = dict(zip(Status._fields, map(pa.array, numbers), strict=True))
    leads_to = pa.array([leads.get(at) for at in range(len(paths))], pa.string()) if leads else None
    return pa.table(
        {
            "path": pc.split_pattern(joined, "\0").values,
            **columns,
            "leads_to": pa.nulls(len(paths), pa.string()) if leads_to is None else leads_to,
        }
    )
