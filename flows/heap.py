"""Heap: the C library's allocator is told to give memory back, so that a run's memory does not grow with its parts.

glibc raises the size from which a block gets pages of its own whenever such a block is freed. After the first part of
the checks the frames of all others then share one heap, full of holes that are never given back: 20 MB more for each
thousand reports. With the sizes held where they begin, the tenth part takes what the first took.
"""

from __future__ import annotations

import ctypes
import sys

_TRIM, _MMAP, _ARENAS = -1, -3, -8
"""``M_TRIM_THRESHOLD``, ``M_MMAP_THRESHOLD`` and ``M_ARENA_MAX`` of glibc's ``malloc.h``."""
SIZE = 128 * 1024
"""Bytes: where glibc begins."""


def hold() -> bool:
    """Hold the allocator's sizes from here on; whether it could be done (only glibc, the usual one on Linux, can)."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all(mallopt(option, value) for option, value in ((_TRIM, SIZE), (_MMAP, SIZE), (_ARENAS, 2)))
