"""Heap: the C library's allocator is told to give memory back, so that a run's memory does not grow with its parts.

glibc raises the size from which a block gets pages of its own whenever such a block is freed. After the first part of
the checks the frames of all others then share one heap, full of holes that are never given back: 20 MB more for each
thousand reports. With the sizes held where they begin, the tenth part takes what the first took.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_TRIM, _MMAP, _ARENAS = -1, -3, -8
"""``M_TRIM_THRESHOLD``, ``M_MMAP_THRESHOLD`` and ``M_ARENA_MAX`` of glibc's ``malloc.h``."""
SIZE = 128 * 1024
"""Bytes: where glibc begins."""


def give_back() -> None:
    """Give back to the system what arrow and glibc hold free, holes in the heap among it."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if (trim := _of_libc("malloc_trim")) is not None:
        trim(0)


def hold() -> bool:
    """Hold the allocator's sizes from here on; whether it could be done (only glibc, the usual one on Linux, can)."""
    mallopt = _of_libc("mallopt")
    if mallopt is None:
        return False
    return all(mallopt(option, value) for option, value in ((_TRIM, SIZE), (_MMAP, SIZE), (_ARENAS, 2)))


def _of_libc(name: str) -> Any:
    """A function of the C library; None where it has none of this name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None
