"""The bracketed-pinyin conversion: `建設(shè)` is 建設, and where it broke characters apart they are put together
again.

Mirror sites convert a page to traditional characters and then put a reading behind about a hundred of them. The text is
recognised by its form alone: five brackets behind a Han character, each with one syllable that carries a tone mark. No
report writes that; below five nothing is touched.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.damage import Repair, repair
from transforms.offsets import Edit

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"
_PLAIN = "a-züɑɡ"
MARKED = re.compile(f"(?<=[\u3400-\u9fff])[(（][{_PLAIN}]{{0,4}}[{_TONED}][{_PLAIN}]{{0,4}}[)）]")
"""A syllable with a tone mark in brackets behind a Han character; the longest syllables have six letters."""
MARKS = frozenset(_TONED)
BRACKET = re.compile(f"[(（]([{_PLAIN}{_TONED}]{{1,6}})[)）]")
GATE = 5
"""So many marked brackets make a converted text."""


class Stripped(NamedTuple):
    """The edits that undo the conversion, and the damaged places (spans of the same text) that stay."""

    edits: list[Edit]
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
    edits: list[Edit] = []
    damage = [(place.start, place.end) for place in repairs if place.text is None]
    pending = iter([*repairs, Repair(len(text), len(text), None)])
    place = next(pending)
    for match in BRACKET.finditer(text):
        while place.end <= match.start() and place.start < len(text):
            if place.text is not None:
                edits.append(Edit(*place))
            place = next(pending)
        if match.end() > place.start:
            continue
        if _is_reading(text, match):
            edits.append(Edit(match.start(), match.end()))
    while place.start < len(text):
        if place.text is not None:
            edits.append(Edit(*place))
        place = next(pending)
    return Stripped(edits, damage)


def _is_reading(text: str, match: re.Match[str]) -> bool:
    before = text[match.start() - 1 : match.start()]
    if not "\u3400" <= before <= "\u9fff":
        return False
    if any(letter in _TONED for letter in match[1]):
        return True
    # 們(men) and 個(ge) carry no mark: they go if the syllable is the character's own, tones aside.
    from transforms.damage import readings  # noqa: PLC0415  (a table read only for such texts)

    return any(toneless(reading) == match[1] for reading in readings().get(before, ()))


def toneless(syllable: str) -> str:
    """A syllable without its tone mark."""
    return syllable.translate(_TONELESS)


_TONELESS = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹɡɑ", "aaaaeeeeiiiioooouuuuüüüünnngɑ".replace("ɑ", "a"))
