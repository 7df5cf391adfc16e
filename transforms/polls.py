"""Polls: what the words around one figure say: the groups of each way that they fill, and what they speak against.

A way is a list of slots, one for each of its groups in the order of the dictionary, None where no word was found.
"""

from __future__ import annotations

from collections.abc import Iterable

from transforms.lexicon import Places, Serving
from transforms.terms import Reach
from transforms.windows import Place

_NEXT, _CLAUSE, _CARRIED, _SENTENCE, _ = (int(reach) for reach in Reach)

NAMED = 8.5
"""Value from which a counted noun before the figure is its own, so that words after it belong to the next figure."""
Slot = tuple[float, int, int, int]
"""The best word for one group of a way: its value, where it starts and ends, and its zone."""
Slots = list[Slot | None]
"""The best words for the groups of one way, in their order."""
Beside = tuple[Places, float, int, int]
"""A word next to the figure: the further groups that it serves, its value, where it starts and ends."""


class Poll:
    """What the words around one figure say: the slots of each way that may stand, and what they speak against."""

    __slots__ = ("heads", "slots", "vetoed")

    def __init__(self) -> None:
        self.slots: dict[int, Slots] = {}
        self.vetoed: set[int] = set()
        self.heads: list[int] = []
        """Ways whose counted noun stands next to the figure for certain."""

    def pick(self, ways: Iterable[int], mattering: tuple[bool, ...]) -> dict[int, Slots]:
        """Those of some ways that certain words matter to, with their slots."""
        slots = self.slots
        return {way: slots[way] for way in ways if mattering[way]}

    def names(self, needs: tuple[int, ...]) -> bool:
        """Whether a counted noun next to the figure has as many of its way's groups as it needs before the figure."""
        for way in self.heads:
            slots = self.slots[way]
            if len(slots) - slots.count(None) >= needs[way]:
                return True
        return False


def open_ways(poll: Poll, opens: tuple[Serving, ...], value: float, start: int, end: int) -> None:
    """Let a word next to the figure make the ways candidates that it opens, and fill their groups."""
    known, slot, certain = poll.slots, (value, start, end, _NEXT), value >= NAMED
    for way, place, head, size in opens:
        slots = known.get(way)
        if slots is None:
            known[way] = slots = [None] * size
            slots[place] = slot
        else:
            before = slots[place]
            if before is None or before[0] < value:
                slots[place] = slot
        if head and certain:
            poll.heads.append(way)


def link(near: list[Beside], ways: dict[int, Slots]) -> None:
    """Let the words next to the figure fill the further groups of some ways."""
    wanted = ways.keys()
    for serves, value, start, end in near:
        if wanted.isdisjoint(serves):
            continue
        for way in wanted & serves.keys():
            slots = ways[way]
            for place, _ in serves[way]:
                slot = slots[place]
                if slot is None or slot[0] < value:
                    slots[place] = (value, start, end, _NEXT)


def complete(ways: dict[int, Slots], serves: Places, slot: Slot) -> None:
    """Let a word further off fill the groups of some ways that it serves, as far as these reach."""
    value, _, _, zone = slot
    for way, slots in ways.items():
        if way not in serves:
            continue
        for place, reach in serves[way]:
            if zone <= reach:
                known = slots[place]
                if known is None or known[0] < value:
                    slots[place] = slot


def object_of(text: str, left: int, start: int) -> int:
    """Where the object named by 对 right before a figure begins, ``start`` without one."""
    target = text.rfind("对", left, start)
    return start if target < 0 or text.find("，", target, start) >= 0 else target


def lowest(place: Place, around: bool) -> int:
    """Where the words before a figure begin that matter, given whether those of the whole sentence do."""
    if around or place.anywhere or place.total[1]:
        return place.lowest
    return max(place.lowest, min(place.topic, place.clause))


def worth(place: Place, start: int, end: int, length: int) -> tuple[float, int]:
    """The value and the zone of a word that stands before those next to the figure."""
    if start >= place.clause:
        return 6 - 0.05 * (place.start - end) + 0.1 * length, _CLAUSE
    if start >= place.topic or place.anywhere or place.total[0] <= start < place.total[1]:
        return 4.5 - 0.03 * (place.start - end) + 0.1 * length, _CARRIED
    return 2.5 - 0.03 * (place.start - end), _SENTENCE
