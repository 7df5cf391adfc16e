"""Offsets: the map from every character of a cleaned text back to the text it was made from.

A map is a list of runs. Within a run one cleaned character is one source character; between runs source characters were
deleted, inserted or replaced. Two maps compose, so that each cleaning step states only what it changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace ``source[start:end]`` by ``text``."""

    start: int
    end: int
    text: str


class Offsets(NamedTuple):
    """A monotone map from offsets in a cleaned text to offsets in its source.

    ``cleaned[i]`` and ``source[i]`` are the two ends of breakpoint ``i``: from there on both advance together, until the
    next breakpoint. ``exact[i]`` tells whether the run is a copy; the characters of a replaced run all map to the
    whole of what they replaced.
    """

    cleaned: tuple[int, ...] = (0,)
    source: tuple[int, ...] = (0,)
    exact: tuple[bool, ...] = (True,)
    source_length: int = 0

    def start(self, offset: int) -> int:
        """The source offset where the cleaned character at ``offset`` begins."""
        i = bisect_right(self.cleaned, offset) - 1
        if self.exact[i]:
            return self.source[i] + offset - self.cleaned[i]
        return self.source[i]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of ``cleaned[start:end]``, ``start < end``: from its first to the end of its last character."""
        last = end - 1
        i = bisect_right(self.cleaned, last) - 1
        if self.exact[i]:
            return self.start(start), self.source[i] + last - self.cleaned[i] + 1
        stop = self.source[i + 1] if i + 1 < len(self.source) else self.source_length
        return self.start(start), stop


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, Offsets]:
    """Apply non-overlapping edits in ascending order; return the new text and its map to ``text``."""
    raise NotImplementedError
