"""Windows: where the words that may speak for a quantity stand, nearest first.

Next to it: between the neighbouring quantities, list marks and brackets. Then its clause; the earlier clauses back to
where its topic began, which is the last quantity with a noun of its own; and the stretch between semicolons.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.lexicon import Lexicon
from transforms.quantity import Quantity

_AHEAD = 25
"""Characters behind a figure that opens its clause in which the next clause may tell what it counts."""
_BEHIND, _BEYOND = 110, 50
"""Characters before and behind a figure in which words are looked for: about four clauses and two."""
_BARE = 9
"""Characters between a figure and a rate behind it that name no more than the rate (，按期答复率达)."""
_HOUSEHOLD = 2
"""Characters before households that still mean all of them (农户, 牧户; not 脱贫户)."""
_AND = frozenset("和及与")
_SUMS = ("累计", "共", "合计", "总计")
_STANDS = ("总数", "总量", "达到", "现有", "已有")
"""What tells a stock after its increase, with nothing else between the two (新增12名，总数达108名)."""
_AT_ONCE = re.compile("[、 和及]{0,2}")
"""What stands between two figures of the same noun in one clause: 12场次、480余人次."""
_SUMMED = re.compile("[，,](?:共计?|累计|合计|计)")
"""What stands between them in two clauses: 旁听庭审2次，共计60余人次."""
_SOON = 4
"""Characters between two figures of the same noun."""
_GROWN = re.compile("[^，。；]{0,4}(?:到|至|为)[了约近]?")
"""What stands between last year's figure and this year's: 由111人充实到148人."""


class Place(NamedTuple):
    """Where the words of one figure may stand."""

    unit: str
    start: int
    end: int
    left: int
    right: int
    clause: int
    topic: int
    lowest: int
    """Where the words before the figure begin to be looked for."""
    highest: int
    """Where the words behind it end to be looked for."""
    free: int
    """Where the text behind the figure becomes another's."""
    section: int
    floor: int
    """Where the clause's words since the last quantity begin; what speaks against an indicator counts from there."""
    total: tuple[int, int] = (0, 0)
    """Where the words of the total stand, if the figure is a part of one."""
    zero: bool = False
    """Whether it is a verbal zero, which denies what follows it."""

    @property
    def anywhere(self) -> bool:
        """Whether words may be carried over from anywhere before it: rates and zeros take up what was told before."""
        return self.unit == "%" or self.zero


class Windows:
    """The windows of one text's quantities, made one after another as the nouns before each become known."""

    def __init__(self, text: str, quantities: list[Quantity], lexicon: Lexicon) -> None:
        self.text, self.quantities, self._lexicon = text, quantities, lexicon
        self._opening = "（(" if "(" in text else "（"
        self._closing = "）)" if ")" in text else "）"
        self._semicolons = "；;" if ";" in text else "；"
        self._parted = (0, 0), False
        self.lefts: list[int] = []
        self.named: list[bool] = []
        """By quantity: whether a counted noun of its own stands before it."""
        self.taken: list[int] = []
        """By quantity: where the noun behind it that it took ends; the words before that are not its neighbour's."""

    def open(self, index: int) -> tuple[int, int]:
        """Begin a quantity: where the words next to it begin and end."""
        left, right = self._sides(index)
        self.lefts.append(left)
        self.named.append(False)
        self.taken.append(self.quantities[index].end)
        return left, right

    def place(self, index: int, left: int, right: int) -> Place:
        """The place of a quantity between the semicolons around it."""
        quantity = self.quantities[index]
        low, high = self._segment(index)
        before = self.taken[index - 1] if index else 0
        total = self._total(quantity)
        lowest = max(low, quantity.start - _BEHIND)
        return Place(
            quantity.unit,
            quantity.start,
            quantity.end,
            left,
            right,
            min(left, quantity.clause[0]),
            self._topic(index, low),
            min(lowest, total[0]) if total[1] else lowest,
            min(high, quantity.end + _BEYOND),
            self._free(index, high, left),
            quantity.section,
            self._volume_of(index, low) if quantity.unit == "%" else max(quantity.clause[0], before),
            total,
            quantity.kind == "zero",
        )

    def wider(self, index: int, place: Place) -> Place | None:
        """The same place in the whole sentence, or None where that is no wider."""
        low, high = self.quantities[index].sentence
        if self._segment(index) == (low, high):
            return None
        return place._replace(
            lowest=max(low, place.start - _BEHIND),
            highest=min(high, place.end + _BEYOND),
            topic=self._topic(index, low),
        )

    def listed(self, index: int, place: Place) -> Place | None:
        """The same place with the whole list before it as its own (参训机关干部、村干部、网格员近600人次), or None."""
        if place.floor >= place.left or place.unit == "%":
            return None
        return place._replace(left=place.floor)

    def bare(self, index: int, place: Place) -> Place | None:
        """The same place with the clause before as its own, for a figure without noun (编制清单，共312项), or None."""
        low = self.quantities[index].sentence[0]
        if place.clause <= low or place.unit == "%" or self._lexicon.content(self.text[place.clause : place.start]):
            return None
        if index and self.quantities[index - 1].end > place.clause - 1:
            return None
        left = max(low, self.text.rfind("，", low, place.clause - 1) + 1)
        if index and self.quantities[index - 1].end > left:
            return None
        return place._replace(left=left, clause=left, floor=left, topic=left)

    def running(self, index: int, place: Place) -> Place | None:
        """The place of the figure before, for its sum behind it (日均办件70件，累计1.79万件), or None."""
        if not index or place.unit == "%":
            return None
        before = self.quantities[index - 1]
        if before.unit != place.unit or before.start < place.lowest or place.start - before.end > 8:
            return None
        gap = self.text[before.end : place.start]
        stands = any(word in gap for word in _STANDS) and not self._lexicon.content(gap)
        if not stands and not any(word in gap for word in _SUMS):
            return None
        return place._replace(left=self.lefts[index - 1], clause=self.lefts[index - 1], topic=self.lefts[index - 1])

    def _sides(self, index: int) -> tuple[int, int]:
        """A figure that follows another at once (12场次、480余人次; 58处9430平方米) shares the words before that."""
        text, quantity = self.text, self.quantities[index]
        start, end = quantity.start, quantity.end
        left, right = quantity.clause
        if quantity.kind == "zero" and quantity.unit != "%":
            return left, right
        right = self._right(index, end, right)
        if self._summed(index):
            return self.lefts[index - 1], right
        if index and self._of_households(index):
            return self.quantities[index - 1].end - 1, right
        if index and self.quantities[index - 1].end > left:
            before = self.quantities[index - 1]
            left = max(before.end, min(self.taken[index - 1], start))
            if before.kind == "prior" and _GROWN.fullmatch(text, before.end, start):
                return self.lefts[index - 1], right
            if start - before.end <= 4 and before.unit != quantity.unit and _AT_ONCE.fullmatch(text, before.end, start):
                return self.lefts[index - 1], right
        left = max(left, text.rfind("、", left, start) + 1)
        if text[start - 1 : start] in _AND:
            return start, right
        opened = last(text, self._opening, left, start)
        if opened >= 0 and opened > last(text, self._closing, left, start):
            left = opened + 1
        return left, right

    def _of_households(self, index: int) -> bool:
        """辖10个村，3210户，1.28万人: persons right behind households without a noun; those take 户 for theirs."""
        text, one, before = self.text, self.quantities[index], self.quantities[index - 1]
        if before.unit != "户" or text[before.end - 1] != "户" or text[before.end : one.start].strip("，、 \n共计"):
            return False
        return self._lexicon.content(text[self.lefts[index - 1] : before.start]) <= _HOUSEHOLD

    def _summed(self, index: int) -> bool:
        """Whether a figure in another unit sums up the one before it in the next clause."""
        if not index or self.quantities[index].unit == self.quantities[index - 1].unit:
            return False
        end, start = self.quantities[index - 1].end, self.quantities[index].start
        return start - end <= _SOON and _SUMMED.fullmatch(self.text, end, start) is not None

    def _right(self, index: int, end: int, right: int) -> int:
        text, listed = self.text, False
        if index + 1 < len(self.quantities) and self.quantities[index + 1].start < right:
            listed = True
            right = max(end, self.quantities[index + 1].start)
            opened = last(text, self._opening, end, right)
            if opened >= 0 and opened > last(text, self._closing, end, right):
                right = opened
        stop = text.find("、", end, right) if listed or text[end : end + 1] == "、" else -1
        if stop >= 0:
            right = stop
        stop = first(text, self._closing, end, right)
        if stop < right and not first(text, self._opening, end, right) < stop:
            right = stop
        return right

    def _segment(self, index: int) -> tuple[int, int]:
        """The stretch between semicolons: a topic rarely outlives one, but for rates that open theirs."""
        quantity = self.quantities[index]
        if not self._is_parted(quantity.sentence):
            return quantity.sentence
        low, high = quantity.sentence
        start = max(low, last(self.text, self._semicolons, low, quantity.start) + 1)
        if quantity.unit == "%" and not self._volume_since(index, start):
            return low, high
        return start, first(self.text, self._semicolons, quantity.end, high)

    def _is_parted(self, sentence: tuple[int, int]) -> bool:
        """Whether a sentence has a semicolon; asked about one sentence after another."""
        if sentence != self._parted[0]:
            self._parted = sentence, last(self.text, self._semicolons, *sentence) >= 0
        return self._parted[1]

    def _volume_since(self, index: int, low: int) -> bool:
        """Whether a figure that is no rate stands between ``low`` and a quantity."""
        for other in range(index - 1, -1, -1):
            before = self.quantities[other]
            if before.start < low:
                return False
            if before.unit != "%":
                return True
        return False

    def _volume_of(self, index: int, low: int) -> int:
        """Where the words begin that deny a rate: a bare one is denied by its figures' words (积案4件，化解率75%)."""
        floor = max(self.quantities[index].clause[0], self.taken[index - 1] if index else 0)
        while index and self.quantities[index - 1].start >= low:
            between = self.quantities[index].start - self.quantities[index - 1].end
            if between > _BARE:
                break
            index -= 1
            floor = min(self.lefts[index], self.quantities[index].clause[0])
        return max(low, floor)

    def _topic(self, index: int, low: int) -> int:
        """Where the words begin that may be carried over to a quantity: at the last quantity with a noun of its own."""
        for other in range(index - 1, -1, -1):
            if self.quantities[other].start < low:
                break
            if self.named[other]:
                if other == index - 1 and self._ends_list(other):
                    return self.quantities[index].clause[0]
                return max(low, min(self.lefts[other], self.quantities[other].clause[0]))
        return low

    def _ends_list(self, index: int) -> bool:
        """Whether a quantity is the last of a list: what follows speaks of the whole list, not of its last member."""
        if not index or not self.named[index - 1]:
            return False
        one, before = self.quantities[index], self.quantities[index - 1]
        if before.unit != one.unit:
            return False
        return before.clause == one.clause or (one.part_of is not None and one.part_of == before.part_of)

    def _total(self, quantity: Quantity) -> tuple[int, int]:
        """Where the words of a part's total stand; they carry over to the part."""
        index = quantity.part_of
        while index is not None and self.quantities[index].kind in {"change", "prior"}:
            index = index - 1 if index else None
        if index is None:
            return (0, 0)
        total = self.quantities[index]
        return max(quantity.sentence[0], min(self.lefts[index], total.clause[0])), total.end

    def _free(self, index: int, high: int, left: int) -> int:
        """Words in the next clause count only for a figure that opens its own (另有7宗已立案，待进一步处理)."""
        quantity = self.quantities[index]
        if quantity.start - left > 8 or self._lexicon.content(self.text[left : quantity.start]) > 2:
            return quantity.end
        high = min(high, quantity.end + _AHEAD)
        if index + 1 < len(self.quantities):
            return min(high, self.quantities[index + 1].start)
        return high


def last(text: str, marks: str, low: int, high: int) -> int:
    """Where the last of some marks stands, -1 without one."""
    found = text.rfind(marks[0], low, high)
    return found if len(marks) == 1 else max(found, text.rfind(marks[1], low, high))


def first(text: str, marks: str, low: int, high: int) -> int:
    """Where the first of some marks stands, ``high`` without one."""
    found = text.find(marks[0], low, high)
    if len(marks) > 1:
        other = text.find(marks[1], low, high)
        found = other if found < 0 or 0 <= other < found else found
    return high if found < 0 else found
