"""Passages: an evidence sentence within its paragraph, with its figures marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isnan
from typing import NamedTuple

from expectations.checking import number
from expectations.run_report import Passage, Segment

AROUND = 160
"""Characters of the paragraph that are shown on either side of the sentence: enough to judge it, in a page of a few
MB."""
LONGEST = 700
"""Longer sentences (tables run together) are cut around their figures."""
SENTENCES = 3


class Figure(NamedTuple):
    """A mention's place in the text, and its value as a number for people."""

    start: int
    end: int
    value: str
    ordinal: int


def passage(text: str, start: int, end: int, figures: Iterable[tuple[int, int]] = ()) -> Passage:
    """The paragraph around ``text[start:end]``, as segments whose texts make up the part shown.

    Args:
        text: The cleaned text.
        start: Where the sentence begins.
        end: Where it ends.
        figures: Places within the sentence to mark, in any order; overlapping ones are left out.
    """
    spans = sorted(span for span in figures if start <= span[0] < span[1] <= end)
    if end - start > LONGEST:
        centre = spans[0][0] if spans else start
        start, end = max(start, centre - LONGEST // 2), min(end, centre + LONGEST // 2)
        spans = [span for span in spans if start <= span[0] and span[1] <= end]
    first = max(text.rfind("\n", 0, start) + 1, start - AROUND)
    stop = text.find("\n", end)
    last = min(len(text) if stop < 0 else stop, end + AROUND)
    segments = [Segment(text=_lead(text, first, start))]
    at = start
    for left, right in spans:
        if left < at:
            continue
        segments += [
            Segment(text=text[at:left], mark="sentence"),
            Segment(text=text[left:right], mark="figure"),
        ]
        at = right
    segments.append(Segment(text=text[at:end], mark="sentence"))
    after = text[end:last]
    segments.append(Segment(text=after + ("…" if last < len(text) and text[last] != "\n" else "")))
    return tuple(segment for segment in segments if segment.text)


def _lead(text: str, first: int, start: int) -> str:
    return ("…" if first > 0 and text[first - 1] != "\n" else "") + text[first:start]


def evidence_passages(
    text: str, evidence: str, message: str, ordinal: int | None, figures: Sequence[Figure]
) -> tuple[Passage, ...]:
    """The evidence of a finding in place; sentences that are not in this text (last year's report) stand alone.

    Marked are the finding's own figure and those whose values the message names.
    """
    named = set(re.findall(r"\d+(?:\.\d+)?", message))
    marked = [(f.start, f.end) for f in figures if f.ordinal == ordinal or f.value in named]
    found: list[Passage] = []
    for sentence in evidence.split("\n")[:SENTENCES]:
        if not sentence:
            continue
        at = text.find(sentence)
        if at < 0:
            found.append((Segment(text=sentence[:LONGEST], mark="sentence"),))
        else:
            found.append(passage(text, at, at + len(sentence), marked))
    return tuple(found)


def figure(start: int, end: int, value: float | None, ordinal: int) -> Figure:
    """A figure from a mention's row."""
    return Figure(int(start), int(end), "" if value is None or isnan(value) else number(value), int(ordinal))
