"""Byte damage: two characters that a replacement on GBK bytes broke apart, and the proof that puts them together.

The conversion replaced traditional characters and the punctuation ，！？ in the *bytes* of a GBK text, each by itself
and something in brackets. Where the bytes matched across two characters, the trail byte of the one and the lead byte of
the other, the second was torn in two. A decoder then wrote `?` for the half that stood alone, swallowed one ASCII byte
after it, and read the following bytes shifted by one, until an ASCII byte that had been a trail byte set it right
again:

* ``工作。现将`` became ``工作?,F(xiàn)將``: 。is A1 A3, 現 is AC 46, and A3 AC is ，
* ``紧密围绕`` became ``緊密?chē)@``: 密 ends in DC, 圍 begins with 87, and DC 87 is 車 (chē); FA C0, the middle of
  圍繞, is in the private area and was dropped; 40, the end of 繞, is @

The lost bytes are put back, and the place is repaired if exactly one reading of the bytes is words of the language.
(The mechanism was derived from the damaged texts; the tables are ``seeds/readings.csv``, from pypinyin, and
``seeds/words.csv``, from jieba, both MIT.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from seeds import SEEDS
from transforms.script import simplified

LONGEST_RUN = 60
"""Characters after a lost byte within which the bytes must come right again; longer runs were never seen."""
MOST_PLACES = 500
"""Places that are looked at; a text with more is beyond repair, and its other marks are reported as they are."""
_SYLLABLE = "[a-züɑɡāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ]{1,6}"
_TAIL = re.compile(f"({_SYLLABLE})[)）]")
_READING = re.compile(f"[(（]({_SYLLABLE})[)）]")
_REPLACED_PUNCTUATION = {",": "，", "!": "！", "?": "？", "，": "，", "！": "！", "？": "？"}
_WIDE = {",": "，", "!": "！", "?": "？", ";": "；", ":": "：", "(": "（", ")": "）"}
_QUESTION = re.compile("[吗呢么吧啊嗎麼何谁誰]$")


class Repair(NamedTuple):
    """``text`` is what ``source[start:end]`` was before it was damaged; None where that cannot be proved."""

    start: int
    end: int
    text: str | None


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """The readings of every traditional character that has a simplified form of its own."""
    rows = (SEEDS / "readings.csv").read_text("utf-8").splitlines()[1:]
    return {row[0]: tuple(row[2:].split(" ")) for row in rows}


@cache
def words() -> frozenset[str]:
    """The nine thousand most frequent words of two characters, simplified."""
    return frozenset((SEEDS / "words.csv").read_text("utf-8").splitlines()[1:])


def repair(text: str) -> list[Repair]:
    """Every damaged place of a converted text in order, repaired where one reading of its bytes makes words.

    Args:
        text: a text for which :func:`transforms.pinyin.is_converted` holds; elsewhere `?` is a question mark.
    """
    places: list[Repair] = []
    at = text.find("?")
    while at >= 0:
        end = at + 1
        while text[end : end + 1] == "?":
            end += 1
        place = _place(text, at, end) if len(places) < MOST_PLACES else Repair(at, end, None)
        if place:
            places.append(place)
        at = text.find("?", place.end if place else end)
    return places


def _place(text: str, at: int, end: int) -> Repair | None:
    """The damaged place at a run of marks, None if the mark is a question's or an address's."""
    if at == 0 or text[at - 1] == "\n":
        # Ideographic spaces of an indented paragraph, each torn into two marks.
        return Repair(at, end, "　" * ((end - at + 1) // 2))
    if end - at > 2:
        return _unproved(text, at, end)
    before = _before(text, at)
    if before[-1:].isascii() and before[-1:].isalnum():
        return None  # the query of an address
    if tail := _TAIL.match(text, at + 1):
        return _torn_by_character(text, at, tail, before) or _unproved(text, at, tail.end())
    if text[at + 1 : at + 2] in _REPLACED_PUNCTUATION and text[at + 1 : at + 2]:
        return _torn_by_punctuation(text, at, before) or _unproved(text, at, at + 2)
    if _QUESTION.search(before):
        return None
    return _unproved(text, at, end)


def _before(text: str, at: int) -> str:
    """The two characters before a place, without the readings behind them."""
    return _READING.sub("", text[max(0, at - 20) : at])[-2:]


def _unproved(text: str, start: int, end: int) -> Repair:
    run = _shifted(text, end)
    return Repair(start, run[1] if run else end, None)


def _torn_by_punctuation(text: str, at: int, before: str) -> Repair | None:
    """``?,F(xiàn)``: a character whose trail byte is A3 was torn from the lead byte of the next."""
    lead = _REPLACED_PUNCTUATION[text[at + 1]].encode("gbk")[1:]
    run = _shifted(text, at + 2)
    if run is None:
        return None
    after = text[run[1] : run[1] + 1]
    rest = _decode(lead + run[0])
    if rest is None or not _agrees(text, run, rest):
        return None
    # The full stop is by far the most frequent character that ends in A3; another is possible if it makes a word here.
    for code in range(0x81, 0xFF):
        other = _decode(bytes((code, 0xA3)))
        if other and other != "。" and _score(before[-1:] + other) + _score(other + rest[:1]):
            return None
    confirmed = run[2] or _score(rest + after) or rest[0] in "《“‘（"
    return Repair(at, run[1], "。" + rest) if confirmed and rest[0] not in "。，、；：”’》）" else None


def _torn_by_character(text: str, at: int, tail: re.Match[str], before: str) -> Repair | None:
    """``密?chē)@``: the trail byte of 密 and the lead byte of what follows were a character that is read chē."""
    trail = _bytes(before[-1:])[1:]
    found: dict[str, tuple[int, int]] = {}
    for annotated in _read_as(tail[1], trail):
        lead = annotated.encode("gbk")[1:]
        for torn, end, confirmed in _readings_of(text, tail.end(), lead):
            score = _score(before[-1:] + torn + text[end : end + 1]) + (2 if confirmed else 0)
            if score:
                found[torn] = max(found.get(torn, (0, 0)), (score, end))
    if not found:
        return None
    ranked = sorted(found.items(), key=lambda item: -item[1][0])
    if len(ranked) > 1 and ranked[0][1][0] == ranked[1][1][0]:
        return None
    return Repair(at, ranked[0][1][1], ranked[0][0])


def _readings_of(text: str, start: int, lead: bytes) -> Iterator[tuple[str, int, bool]]:
    """Every reading of the run at ``start`` after a lost lead byte: the characters, their end, whether confirmed."""
    if text.startswith("?", start) and (tail := _TAIL.match(text, start + 1)):
        # The next reading swallowed the trail byte as well: the character is the one that is read so.
        for character in _read_as(tail[1], lead):
            yield character, tail.end(), True
        return
    run = _shifted(text, start)
    if run is None:
        return
    torn = _decode(lead + run[0])
    if torn is not None and _agrees(text, run, torn):
        yield torn, run[1], run[2] is not None
    if len(run[0]) == 1:
        yield from ((pair, run[1], False) for pair in _around_private_pair(lead, run[0]))


def _around_private_pair(lead: bytes, trail: bytes) -> Iterator[str]:
    """Words of two characters of which the first and the last byte are left, the two between being private."""
    firsts: dict[int, str] = {}
    for code in (*range(0xA1, 0xB0), *range(0xF8, 0xFF)):
        if character := _decode(lead + bytes((code,))):
            firsts[code] = character
    for code in range(0x81, 0xFF):
        second = _decode(bytes((code,)) + trail)
        if second is None:
            continue
        for middle, first in firsts.items():
            if _is_private(middle, code) and _score(first + second):
                yield first + second


def _is_private(lead: int, trail: int) -> bool:
    """Whether two bytes are in one of the three user-defined areas of GBK."""
    if lead <= 0xA7:
        return 0x40 <= trail <= 0xA0
    return (0xAA <= lead <= 0xAF or lead >= 0xF8) and trail >= 0xA1


def _shifted(text: str, start: int) -> tuple[bytes, int, str | None] | None:
    """The bytes of a shifted run up to the ASCII byte that ends it, where it ends, and the reading behind that byte."""
    out = bytearray()
    for i in range(start, min(start + LONGEST_RUN, len(text))):
        character = text[i]
        if "@" <= character <= "~":
            out += character.encode()
            reading = _READING.match(text, i + 1)
            return bytes(out), reading.end() if reading else i + 1, reading[1] if reading else None
        code = _bytes(_WIDE.get(character, character))
        if len(code) != 2:
            return None
        out += code
    return None


def _agrees(text: str, run: tuple[bytes, int, str | None], torn: str) -> bool:
    """Whether the reading behind the last byte of a run, if there is one, is that of the character it belongs to."""
    return run[2] is None or run[2] in readings().get(torn[-1], ())


def _bytes(character: str) -> bytes:
    try:
        return character.encode("gbk")
    except UnicodeEncodeError:
        return b""


@lru_cache(4096)
def _decode(code: bytes) -> str | None:
    """The characters of GBK bytes if all of them are common."""
    try:
        characters = code.decode("gbk")
    except UnicodeDecodeError:
        return None
    return characters if all(_is_common(character) for character in characters) else None


@cache
def _is_common(character: str) -> bool:
    """Whether a character is punctuation or has a simplified form among the 3,755 of GB 2312's first level."""
    try:
        lead = simplified(character).encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= lead <= 0xD7 or character in "。，、；：？！“”‘’《》（）—…"


def _read_as(syllable: str, lead: bytes) -> list[str]:
    """The annotated characters with this reading and lead byte."""
    return [character for character in _by_reading().get(syllable, ()) if character.encode("gbk")[:1] == lead]


@cache
def _by_reading() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for character, known in readings().items():
        for syllable in known:
            found.setdefault(syllable, []).append(character)
    return found


@lru_cache(4096)
def _score(characters: str) -> int:
    """How many neighbours among the characters are words."""
    plain = simplified(characters)
    return sum(plain[i : i + 2] in words() for i in range(len(plain) - 1))
