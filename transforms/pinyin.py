"""The bracketed-pinyin conversion: `建設(shè)` is 建設, torn characters included.

Mirror sites convert a page to traditional characters and then put a reading behind about a hundred of them. The text is
recognised by its form alone: five brackets behind a Han character, each with one syllable that carries a tone mark. No
report writes that; below five nothing is touched.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from transforms.damage import readings, repair
from transforms.offsets import Replacement

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"
_PLAIN = "a-züɑɡ"
MARKED = re.compile(f"[(（](?<=[\u3400-\u9fff].)[{_PLAIN}]{{0,4}}[{_TONED}][{_PLAIN}]{{0,4}}[)）]")
"""A syllable with a tone mark in brackets behind a Han character; the longest syllables have six letters."""
MARKS = frozenset(_TONED)
_LETTERS = f"{_PLAIN}{_TONED}"
# The bracket first and what is before it second: brackets are few and quickly found.
_READINGS = re.compile(f"([(（](?<=[\u3400-\u9fff].)(?=[a-z]{{0,5}}[üɑɡ{_TONED}])[{_LETTERS}]{{1,6}}[)）])")
_UNMARKED = re.compile("[(（](?<=[\u3400-\u9fff].)([a-z]{1,6})[)）]")
_SHORTEST = 3
"""Characters of a reading in its brackets."""
GATE = 5
"""So many marked brackets make a converted text."""


class Stripped(NamedTuple):
    """The edits that undo the conversion, and the damaged places (spans of the same text) that stay."""

    edits: list[Replacement]
    damage: list[tuple[int, int]]


def is_converted(text: str) -> bool:
    """Whether a text went through the conversion."""
    return sum(1 for _, _ in zip(MARKED.finditer(text), range(GATE), strict=False)) >= GATE


def strip(text: str) -> Stripped:
    """Undo the conversion of a text for which :func:`is_converted` holds.

    Brackets with a syllable go; where the conversion broke the bytes of two characters apart, they are restored if only
    one reading of the bytes makes sense, and are reported as damage if not.
    """
    repairs = repair(text)
    edits: list[Replacement] = []
    damage: list[tuple[int, int]] = []
    at = 0
    for place in repairs:
        edits += _brackets(text, at, place.start)
        if place.text is None:
            damage.append((place.start, place.end))
        else:
            edits.append((place.start, place.end, place.text))
        at = place.end
    return Stripped(edits + _brackets(text, at, len(text)), damage)


def _brackets(text: str, start: int, end: int) -> list[Replacement]:
    """The edits that drop the readings in a stretch of text."""
    if end - start < _SHORTEST:
        return []
    stretch = text[max(0, start - 1) : end]  # with the character before it, to which a reading may belong
    # Split at hundreds of brackets, which is several times as fast as a match object for each.
    ends = list(accumulate(map(len, _READINGS.split(stretch)), initial=max(0, start - 1)))
    found = [(begin, stop, "") for begin, stop in zip(ends[1::2], ends[2::2], strict=False)]
    plain = [(*match.span(), "") for match in _UNMARKED.finditer(text, start, end) if _is_own(match)]
    return sorted(found + plain) if plain else found


def _is_own(match: re.Match[str]) -> bool:
    """Whether 個(ge) or 們(men), without a mark, is the character's own reading, tones aside."""
    character = match.string[match.start() - 1]
    return any(toneless(reading) == match[1] for reading in readings().get(character, ()))


def toneless(syllable: str) -> str:
    """A syllable without its tone mark."""
    return syllable.translate(_TONELESS)


_TONELESS = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹɡɑ", "aaaaeeeeiiiioooouuuuüüüünnnga")
