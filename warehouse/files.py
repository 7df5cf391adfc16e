"""Files: putting a finished file in another's place."""

from __future__ import annotations

import os
from pathlib import Path


def swap(beside: Path, path: Path) -> None:
    """Move a finished file over another and make it durable: a crash leaves the old or the new one, whole."""
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
