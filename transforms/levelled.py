"""Levelled texts: digits, width of punctuation and quotation marks made plain, so that like wordings are the same.

Every run of digits becomes one ``0``, quotation marks and spaces fall away. Of the plain text the hash of every
sequence of one to four characters is worked out once, and running counts of what ends a clause, a sentence and a line,
so that how many of them stand between two places is a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LONGEST = 4
"""Characters of the longest sequence."""
FIGURE, CLAUSE, SENTENCE, LINE = (1 << bits for bits in (0, 16, 32, 48))
"""What a figure, and the end of a clause, a sentence or a line count in ``Levelled.counts``: a fourth of the bits each.

Each count runs over into the next, but differences do not as long as fewer than 65,536 stand between two places.
"""
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
_DIGIT = ord("0")
_BREAKS, _ENDS = ",;:。!?|\t\n", "。!?\n"
_LEVEL = dict(zip("，；：！？（）【】〔〕", ",;:!?()[][]", strict=True))
_DROPPED = frozenset("“”\"'‘’《》 \u3000\xa0　\u200b")
_PRIME = np.uint64(0x100000001B3)


class Levelled(NamedTuple):
    """A text made plain.

    ``grams[n - 1, place]`` is the hash of the sequence of ``n`` characters that begins at a place of the plain text;
    ``places`` tells where each character of the text went, and ``counts`` what stands before each place (``FIGURE``).
    """

    grams: Hashes
    places: Ints
    counts: Ints


@cache
def _codes() -> npt.NDArray[np.uint32]:
    """By code point: the one it is levelled to, 0 where it is dropped."""
    table = np.arange(0x110000, dtype=np.uint32)
    for character, plain in _LEVEL.items():
        table[ord(character)] = ord(plain)
    for character in _DROPPED:
        table[ord(character)] = 0
    table[_DIGIT : _DIGIT + 10] = _DIGIT
    return table


@cache
def _marks() -> tuple[npt.NDArray[np.uint8], Ints]:
    """By code point: which mark it is; and what each mark counts."""
    table = np.zeros(0x110000, dtype=np.uint8)
    table[list(map(ord, _BREAKS))] = 1
    table[list(map(ord, _ENDS))] = 2
    table[ord("\n")] = 3
    return table, np.cumsum((0, CLAUSE, SENTENCE, LINE))


def _plain(text: str) -> npt.NDArray[np.uint32]:
    return _codes()[np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)]


def level(text: str, figures: Sequence[int]) -> Levelled:
    """Make a text plain, given where its figures begin."""
    codes = _plain(text)
    kept = codes != 0
    digit = codes == _DIGIT
    kept[1:] &= ~(digit[1:] & digit[:-1])
    places = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum(kept, out=places[1:])
    plain = codes[kept]
    marks, worth = _marks()
    counts = np.zeros(len(plain) + 2, dtype=np.int64)
    counts[1:-1] = worth[marks[plain]]
    np.add.at(counts, places[figures] + 1, FIGURE)
    return Levelled(_grams(plain), places, np.cumsum(counts))


def level_line(text: str) -> Hashes:
    """The hashes of a line that stands for itself, whose digits are told one by one."""
    codes = _plain(text)
    return _grams(codes[codes != 0])


def _grams(plain: npt.NDArray[np.uint32]) -> Hashes:
    codes = plain.astype(np.uint64)
    found = np.empty((LONGEST, len(codes)), dtype=np.uint64)
    np.multiply(codes, _PRIME, out=found[0])
    for length in range(2, LONGEST + 1):
        shorter, longer = found[length - 2], found[length - 1]
        stop = max(0, len(codes) - length + 1)
        np.multiply(shorter[:stop] ^ codes[length - 1 :], _PRIME, out=longer[:stop])
        longer[stop:] = shorter[stop:]
    return found


def spelled(text: str, places: Ints, spot: int, length: int) -> str:
    """The characters of a text that a sequence stands for, given where its characters went (``Levelled.places``)."""
    return text[int(np.searchsorted(places, spot, "right")) - 1 : int(np.searchsorted(places, spot + length))]
