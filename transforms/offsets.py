"""Offsets: the map from every character of a cleaned text back to the text it was made from.

A map is a list of runs. A run as long as its source maps character by character (a copy, or a change of width or
script); any other run maps each of its characters to the whole of what it replaced. What stands between two runs in the
source was deleted. Maps compose, so that each cleaning step states only what it changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace ``source[start:end]`` by ``text``; an empty ``text`` deletes, an empty span inserts."""

    start: int
    end: int
    text: str = ""


Replacement = tuple[int, int, str]
"""An edit, or a plain tuple of the same: where there are hundreds, to name each takes as long as to find it."""


class Offsets(NamedTuple):
    """A monotone map from a cleaned text to its source, as parallel tuples with one entry a run.

    Run ``i`` is ``cleaned[cleaned[i]:cleaned[i + 1]]`` (the last one ends at ``length``) and comes from
    ``source[starts[i]:stops[i]]``. No run of the cleaned text is empty.
    """

    cleaned: tuple[int, ...]
    starts: tuple[int, ...]
    stops: tuple[int, ...]
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of ``cleaned[start:end]``: from the begin of its first to the end of its last character.

        Raises:
            ValueError: if not ``0 <= start < end <= length``.
        """
        if not 0 <= start < end <= self.length:
            raise ValueError(f"no characters at {start}:{end} in a cleaned text of {self.length}")
        first = bisect_right(self.cleaned, start) - 1
        last = bisect_right(self.cleaned, end - 1, first) - 1
        begin, _ = self._character(first, start)
        _, stop = self._character(last, end - 1)
        return begin, stop

    def cleaned_span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest cleaned span that holds every character made from any of ``source[start:end]``.

        Where all of it was deleted, the span is empty and stands at the place of the deletion.
        """
        first = bisect_right(self.stops, start)
        last = bisect_right(self.starts, end - 1) - 1 if end > start else first - 1
        if first >= len(self.cleaned):
            return self.length, self.length
        if last < first:
            return self.cleaned[first], self.cleaned[first]
        begin, stop = self.cleaned[first], self._stop(last)
        if self._one_to_one(first):
            begin += max(0, start - self.starts[first])
        if self._one_to_one(last):
            stop -= max(0, self.stops[last] - end)
        return begin, stop

    def after(self, inner: Offsets) -> Offsets:
        """This map of a cleaned text to a middle text, after the ``inner`` map of that to its source."""
        if len(inner.cleaned) == 1 and inner.starts == (0,) and inner.stops == (inner.length,):
            return self
        out = _Runs([], [], [])
        for i, (at, start, stop) in enumerate(zip(self.cleaned, self.starts, self.stops, strict=True)):
            size = self._stop(i) - at
            if stop - start == size:
                out.copy(inner, start, stop, at - start)
            else:
                begin, end = inner.span(start, stop) if stop > start else inner.gap(start)
                out.whole(at, size, begin, end)
        return Offsets(tuple(out.cleaned), tuple(out.starts), tuple(out.stops), self.length)

    def gap(self, offset: int) -> tuple[int, int]:
        """The source span of a text inserted before ``cleaned[offset]``: empty, unless inside a replaced run."""
        if offset < self.length:
            run = bisect_right(self.cleaned, offset) - 1
            begin, end = self._character(run, offset)
            inside = offset > self.cleaned[run] and not self._one_to_one(run)
            return begin, end if inside else begin
        end = self.stops[-1] if self.stops else 0
        return end, end

    def dumps(self) -> str:
        """The map as a text: for each run its length, the step to its source, and the source's length if that differs.

        Runs are divided by spaces, the numbers of one by commas.
        """
        runs = []
        end = 0
        for i, (at, start, stop) in enumerate(zip(self.cleaned, self.starts, self.stops, strict=True)):
            size = self._stop(i) - at
            runs.append(f"{size},{start - end}" + (f",{stop - start}" if stop - start != size else ""))
            end = stop
        return " ".join(runs)

    @classmethod
    def loads(cls, text: str) -> Offsets:
        """The map that ``dumps`` wrote."""
        cleaned, starts, stops = [], [], []
        length = end = 0
        for run in text.split():
            size, step, *source = map(int, run.split(","))
            cleaned.append(length)
            starts.append(end + step)
            end += step + (source[0] if source else size)
            stops.append(end)
            length += size
        return cls(tuple(cleaned), tuple(starts), tuple(stops), length)

    def _stop(self, i: int) -> int:
        return self.cleaned[i + 1] if i + 1 < len(self.cleaned) else self.length

    def _one_to_one(self, i: int) -> bool:
        return self.stops[i] - self.starts[i] == self._stop(i) - self.cleaned[i]

    def _character(self, i: int, offset: int) -> tuple[int, int]:
        if self._one_to_one(i):
            begin = self.starts[i] + offset - self.cleaned[i]
            return begin, begin + 1
        return self.starts[i], self.stops[i]


class _Runs(NamedTuple):
    """The runs of a map that is being made."""

    cleaned: list[int]
    starts: list[int]
    stops: list[int]

    def whole(self, at: int, size: int, begin: int, end: int) -> None:
        """Append a run each of whose characters comes from the whole of its source span."""
        # Two characters made of two others, but not one by one, become runs of one character: never taken for a copy.
        step = 1 if end - begin == size else size
        for offset in range(0, size, step):
            self.cleaned.append(at + offset)
            self.starts.append(begin)
            self.stops.append(end)

    def copy(self, inner: Offsets, start: int, stop: int, shift: int) -> None:
        """Append the runs of ``inner`` between two offsets, moved by ``shift``."""
        first = bisect_right(inner.cleaned, start) - 1
        last = bisect_right(inner.cleaned, stop - 1, first) - 1
        self.piece(inner, first, start, min(stop, inner._stop(first)), shift)
        if last > first:
            self.cleaned.extend([at + shift for at in inner.cleaned[first + 1 : last]])
            self.starts.extend(inner.starts[first + 1 : last])
            self.stops.extend(inner.stops[first + 1 : last])
            self.piece(inner, last, inner.cleaned[last], stop, shift)

    def piece(self, inner: Offsets, run: int, start: int, stop: int, shift: int) -> None:
        """Append a part of one run."""
        begin, end = inner.starts[run], inner.stops[run]
        if inner._one_to_one(run):
            begin += start - inner.cleaned[run]
            self.cleaned.append(start + shift)
            self.starts.append(begin)
            self.stops.append(begin + stop - start)
        else:
            self.whole(start + shift, stop - start, begin, end)


def identity(length: int) -> Offsets:
    """The map of a text of ``length`` characters to itself."""
    return Offsets((0,), (0,), (length,), length) if length else Offsets((), (), (), 0)


def apply(text: str, edits: Iterable[Replacement]) -> tuple[str, Offsets]:
    """Apply edits to a text.

    Args:
        text: the source.
        edits: in ascending order, not overlapping.

    Returns:
        The new text and its map to ``text``.

    Raises:
        ValueError: if an edit overlaps the one before it or leaves the text.
    """
    runs: list[tuple[int, int, str]] = []
    done = 0
    for start, end, replacement in edits:
        if not done <= start <= end <= len(text):
            raise ValueError(
                f"edit {start}:{end} overlaps the edit before it, which ends at {done}, or leaves the text"
            )
        if start > done:
            runs.append((done, start, text[done:start]))
        if replacement:
            runs.append((start, end, replacement))
        done = end
    if done == 0 and not runs:
        return text, identity(len(text))
    if done < len(text):
        runs.append((done, len(text), text[done:]))
    if not runs:
        return "", identity(0)
    starts, stops, pieces = zip(*runs, strict=True)
    *cleaned, length = accumulate(map(len, pieces), initial=0)
    return "".join(pieces), Offsets(tuple(cleaned), starts, stops, length)
