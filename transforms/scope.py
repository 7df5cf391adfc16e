"""Scope: whether a quantity speaks for the township, for a part of a total, or for a higher body.

A part is announced (其中, 包括) or stands in brackets behind its total; it keeps the index of that total. One named
village speaks for itself. What is a higher body's, ``transforms/subjects.py`` tells: parts of its totals too,
unless they are the township's (全县受理1200件，其中我镇56件).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.quantity import Quantity
from transforms.setting import Setting
from warehouse.contracts import Scope

_BRACKET_LIMIT = 80
_MOST_PARTS = 40
"""Figures between a total and its part; a longer list is no breakdown."""
_NOUN_BEFORE_BRACKET = 8
_ANNOUNCED = re.compile("[（(](?:其中|含|包括|包含|内含|包|分别|男|女)")
_VILLAGE = re.compile(
    "(?:^|(?<=[在如以]))[ \u3000]*(?:[\u4e00-\u9fff]{1,4}[镇乡])?"
    "(?P<name>(?![^，。,]{0,3}[各全每个该多余等属内本我某])[\u4e00-\u9fff]{2,4})(?:村|社区|嘎查)(?![\u4e00-\u9fff]?[级干民居两组务规、（(]|、)"
)


class Placed(NamedTuple):
    """What the sentence says of a quantity's scope."""

    scope: Scope
    part_of: int | None


WHOLE = Placed("township", None)
_VILLAGE_PART = Placed("part", None)


def place(one: Quantity, setting: Setting) -> Placed:
    """Scope of ``one``, to which ``setting`` has moved and whose predecessors it holds."""
    text, known, found = setting.text, setting.known, setting.found
    higher = setting.reigns.hold(one.start)
    if setting.low < setting.high:
        announced = fresh = -1
        for i in range(setting.low, setting.high):
            kind = known.kinds[i]
            if kind == "part":
                announced = i
            elif kind == "fresh":
                fresh = i
        if announced > fresh:
            total = _total(text, one, found, known.starts[announced], known.ends[announced])
            if total is not None:
                if higher or found[total].scope != "higher":
                    return Placed("higher" if higher else "part", total)
                return WHOLE
    bracketed = _bracketed(text, one, found) if setting.bracketed else None
    if bracketed is not None:
        return Placed("higher" if higher else "part", bracketed)
    if higher:
        return Placed("higher", None)
    village = setting.village and _VILLAGE.match(text, one.clause[0], one.start) is not None
    return _VILLAGE_PART if village else WHOLE


def _total(text: str, one: Quantity, found: list[Quantity], cue: int, cue_end: int) -> int | None:
    """The total that 其中 at ``cue`` divides, if ``one`` is a part of it: the nearest before, of its unit if any is."""
    opened = text.rfind("（", max(0, cue - _BRACKET_LIMIT), cue)
    if opened >= 0 and text.find("）", opened, cue) < 0 <= text.find("）", cue, one.start):
        return None
    before = next((i for i in range(len(found) - 1, -1, -1) if found[i].start < cue), None)
    if before is None:
        return None
    near = found[before]
    # 其中 that opens a sentence divides a total of the sentence right before it.
    if near.sentence[0] != one.sentence[0] and (cue > one.sentence[0] + 2 or cue - near.sentence[1] > 2):
        return None
    first = next((part for part in found[before + 1 :] if part.start >= cue_end), None)
    same = _same_unit(one, found, before, near.sentence[0])
    if same is not None and (first is None or first.unit == one.unit or found[same].scope == "township"):
        return same if found[same].part_of is None else found[same].part_of
    if first is None:
        return before if near.kind != "name" else None
    return first.part_of if first.unit == one.unit and first.scope == "part" else None


def _same_unit(one: Quantity, found: list[Quantity], last: int, sentence: int) -> int | None:
    """The last quantity up to ``last`` in the sentence that begins at ``sentence`` which has the unit of ``one``."""
    for i in range(last, max(-1, last - _MOST_PARTS), -1):
        if found[i].sentence[0] != sentence:
            return None
        if found[i].unit == one.unit and found[i].kind != "name":
            return i
    return None


def _bracketed(text: str, one: Quantity, found: list[Quantity]) -> int | None:
    """The total before the bracket that holds ``one``, if the bracket divides it."""
    if not found:
        return None
    floor = max(one.sentence[0], one.start - _BRACKET_LIMIT)
    opened = max(text.rfind("（", floor, one.start), text.rfind("(", floor, one.start))
    if opened < 0 or text.find("）", opened, one.start) >= 0 or text.find(")", opened, one.start) >= 0:
        return None
    index = next((i for i in range(len(found) - 1, -1, -1) if found[i].end <= opened), None)
    if index is None or opened - found[index].end > _NOUN_BEFORE_BRACKET or found[index].kind == "name":
        return None
    total = found[index]
    if text[total.end : opened].strip("的各类件次人") and any(
        mark in text[total.end : opened] for mark in "，。；、,;"
    ):
        return None
    if total.unit == one.unit or _ANNOUNCED.match(text, opened) is not None:
        return index
    return None
