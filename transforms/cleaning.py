"""Cleaning: a page's text becomes the text that is read, with the map from each of its characters back to the page.

Each step states only what it changes, the maps compose, and the whole is repeated until nothing changes, so that
cleaning a clean text changes nothing. A step runs only if the text holds a character that it acts on: most texts are
clean already.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from transforms.characters import UNSEEN, unseen
from transforms.document import Document, Page
from transforms.linebreaks import soft_breaks
from transforms.offsets import Edit, Offsets, Replacement, apply, identity
from transforms.pinyin import MARKED, MARKS, is_converted, strip
from transforms.script import is_traditional, simplified
from transforms.spacing import BLANKS, needs_spacing, spaces
from transforms.width import RADICALS, WIDE, plain_width

ROUNDS = 8
"""Repetitions after which a text that still changes is taken as it is; real texts need two."""
_LOST = re.compile("\ufffd+")
_LAST_PLAIN = "\uffff"
# Characters beyond it apart: one class of both kinds is searched a hundred times as slowly.
_ACTED_ON = [one for one in sorted(UNSEEN | WIDE | RADICALS | MARKS | BLANKS) if one <= _LAST_PLAIN]
_ANY_ACTED_ON = re.compile(f"[{re.escape(''.join(_ACTED_ON))}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def clean(page: Page) -> Document:
    """Clean the text of a page.

    Returns:
        The document: its text, the map to ``page.text``, and the damaged places of the text.
    """
    working = _Working(page.text)
    for _ in range(ROUNDS):
        before = working.text
        _clean_once(working)
        if working.text == before:
            break
    lost = [match.span() for match in _LOST.finditer(working.text)] if "\ufffd" in working.text else []
    kept = [working.offsets.cleaned_span(*span) for span in working.damage]
    if working.converted or working.traditional:
        page = page._replace(title=_label(page.title, working), publisher=_label(page.publisher, working))
    return Document(working.text, working.offsets, page, tuple(sorted({*lost, *kept})))


class _Working:
    """A text on its way through the steps; ``damage`` is in offsets of the page's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: Offsets = identity(len(text))
        self.damage: list[tuple[int, int]] = []
        self.converted = self.traditional = False

    def edit(self, edits: Sequence[Replacement]) -> None:
        if edits:
            self.text, step = apply(self.text, edits)
            self.offsets = step.after(self.offsets)


def _clean_once(working: _Working) -> None:
    alphabet = _alphabet(working.text)
    if not alphabet.isdisjoint(UNSEEN):
        working.edit(unseen(working.text))
    if not (alphabet.isdisjoint(WIDE) and alphabet.isdisjoint(RADICALS)):
        working.text = plain_width(working.text)
    if not alphabet.isdisjoint(MARKS) and is_converted(working.text):
        working.converted = True
        stripped = strip(working.text)
        working.damage += [working.offsets.span(*span) for span in stripped.damage]
        working.edit(stripped.edits)
    if is_traditional(working.text):
        working.traditional = True
        _simplify(working)
    if "\n" in working.text:
        working.edit(soft_breaks(working.text))
    if needs_spacing(working.text, alphabet):
        working.edit(spaces(working.text))


def _alphabet(text: str) -> Set[str]:
    """The characters of a text; none where it holds none that a step acts on, which is told in a third of the time."""
    return set(text) if _ANY_ACTED_ON.search(text) or _ASTRAL.search(text) else frozenset()


def _label(label: str | None, working: _Working) -> str | None:
    """A title or name of the page, written as its text is; too short to show by itself how it was converted."""
    if label is None:
        return None
    plain = MARKED.sub("", label) if working.converted else label
    return simplified(plain) if working.traditional else plain


def _simplify(working: _Working) -> None:
    plain = simplified(working.text)
    if len(plain) == len(working.text):
        working.text = plain
        return
    # A phrase changed its length: line by line, so that the map stays exact wherever it can.
    edits, start = [], 0
    for line in working.text.split("\n"):
        edits.append(Edit(start, start + len(line), simplified(line)))
        start += len(line) + 1
    working.edit([edit for edit in edits if edit.start < edit.end])
