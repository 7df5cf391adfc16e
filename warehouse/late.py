"""Late: rows that came to a year after it was written lie beside it, so that fifty reports do not cost a year.

A year's rows lie in ``part.parquet``, in the order of their key. Those of reports that came later lie in
``late.parquet``, in the same order, until they are more than a twentieth of the year's, or rows of the year's own file
have to go: then the two become one file, of the bytes that all rows written at once have.

The late file names the one that it belongs to by the digest of that one's footer. One that names another is what was
left by a writer that was killed between writing the year and removing its late file: its rows are in the year's file
already, and it is not looked at.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PART = "part.parquet"
LATE = "late.parquet"
MOST = 0.05
"""Share of a year's rows that may lie beside them. With a tenth, each late run would write twice as much; with a
fortieth, the year would be written twice as often."""
_BASE = b"base"


def path_of(part: Path) -> Path:
    """Where the rows lie that came later than those of ``part``: of other files than a partition's under their name."""
    return part.with_name(LATE if part.name == PART else f"{part.stem}-{LATE}")


def files(part: Path) -> list[Path]:
    """A file of a table, if it exists, and the one with the rows that came later, if there is one."""
    if not part.exists():
        return []
    path = path_of(part)
    if not path.exists() or (pq.read_metadata(path).metadata or {}).get(_BASE) != footer(part).encode():
        return [part]
    return [part, path]


def is_for(part: Path, count: int, gone: Any, stay: Any | None) -> bool:
    """Whether so many new rows may lie beside ``part``, which then stays as it is.

    Args:
        part: A year's file.
        count: How many rows come.
        gone: Reports whose rows in the file have to go.
        stay: The only reports whose rows may stay; all if None.
    """
    if not part.exists():
        return False
    beside = [pq.ParquetFile(file).read(columns=["report_id"]).column("report_id") for file in files(part)[1:]]
    kept = sum(len(column.filter(pc.invert(pc.is_in(column, value_set=gone)))) for column in beside)
    return kept + count <= MOST * pq.read_metadata(part).num_rows and not _loses(part, gone, stay)


def belonging_to(part: Path) -> dict[str, str]:
    """What a late file says of the file that it belongs to."""
    return {_BASE.decode(): footer(part)}


def footer(part: Path) -> str:
    """Digest of a parquet file's footer, which tells its rows' number, bounds and places."""
    with part.open("rb") as file:
        file.seek(-8, 2)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-8 - length, 2)
        return hashlib.sha256(file.read(length)).hexdigest()


def _loses(part: Path, gone: Any, stay: Any | None) -> bool:
    """Whether a file has rows of reports that are ``gone``, or of others than those that ``stay`` (any, if None)."""
    file = pq.ParquetFile(part)
    groups = (file.read_row_group(group, columns=["report_id"]) for group in range(file.num_row_groups))
    reports: Any = [group.column("report_id").unique() for group in groups]
    found = pa.chunked_array(reports, pa.string())
    if pc.any(pc.is_in(found, value_set=gone)).as_py():
        return True
    return stay is not None and not pc.all(pc.is_in(found, value_set=stay)).as_py()
