"""The setting of the figures of a text: sentence, clause, section and the cues that stand before each of them.

The figures come in order, so that everything moves along with them and is looked up once a sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from transforms.cues import Cues
from transforms.quantity import Quantity
from transforms.series import Earlier
from transforms.structure import Structure, breaks
from transforms.subjects import Reigns
from transforms.years import Years

_BESIDE = 6
"""Characters between 阅读量 and its figure (累计突破)."""
_REACH = 400
"""Characters before a figure that its sentence is read for; where full stops are lost, sentences have no end."""
_OBJECT_SIGN = re.compile("[将把]")
_DATING = frozenset(("prior", "versus", "done", "span", "now", "own"))
_COMPLETED = frozenset(("done", "now", "span"))
_AHEAD = frozenset("下明来未接预力拟展")
"""First characters of the plans that 全年 goes on with (下一步…全年开展24场); results are held against others."""


class Window(NamedTuple):
    """The last cue of each sort before a quantity, in its sentence or since its last semicolon; -1 for none.

    ``done`` is the last word of completion or of this year, ``norm`` the last 每, 至少 or 应当 of the clause,
    ``finished`` its last completion or own body, ``level`` the last word that dates or compares, ``versus`` the
    last comparison or last year.
    """

    plan: int
    done: int
    norm: int
    finished: int
    level: int
    versus: int


NO_CUES = Window(-1, -1, -1, -1, -1, -1)


class Setting:
    """What is known of the text around the candidates, which come in order: sentence, section and cues move along."""

    __slots__ = (
        "became", "bracketed", "breaks", "clause", "earlier", "former", "found", "high", "known", "low", "named", "net",
        "outlook", "part", "parted", "reigns", "section", "sentence", "structure", "text", "village",
    )  # fmt: skip

    def __init__(
        self, text: str, structure: Structure, known: Cues, named: Years, earlier: Earlier, ruled: Reigns
    ) -> None:
        self.text, self.structure, self.known, self.named = text, structure, known, named
        self.earlier, self.reigns = earlier, ruled
        self.found: list[Quantity] = []
        self.sentence = (0, -1)
        self.clause = (0, 0)
        self.breaks: list[int] = []
        self.section = self.part = self.low = self.high = 0
        self.outlook = self.became = self.former = self.parted = self.bracketed = self.village = False
        self.net = "净" in text

    def move(self, offset: int) -> None:
        """Set sentence, clause, section and the cues before ``offset`` in its sentence."""
        known, structure = self.known, self.structure
        if offset >= self.sentence[1]:
            self.sentence = structure.sentence(offset)
            self.section = structure.section(offset)
            self.outlook = structure.sections[self.section].kind == "outlook"
            self.low = bisect_left(known.starts, self.sentence[0], self.low)
            start, stop = self.sentence
            text = self.text
            self.breaks = breaks(text, start, stop)
            self.parted = text.find("；", start, stop) >= 0 or text.find(";", start, stop) >= 0
            self.bracketed = text.find("（", start, stop) >= 0 or text.find("(", start, stop) >= 0
            self.became = text.find("原", start, stop) >= 0 or _OBJECT_SIGN.search(text, start, stop) is not None
            self.former = text.find("前", start, stop) >= 0 or text.find("过去", start, stop) >= 0
            self.village = text.find("村", start, stop) >= 0 or text.find("社区", start, stop) >= 0
            self.clause = (self.sentence[0], self.breaks[0])
        if offset >= self.clause[1]:
            i = bisect_right(self.breaks, offset)
            self.clause = (self.breaks[i - 1], self.breaks[i])
        self.part = max(self.sentence[0], offset - _REACH)
        if self.part > self.sentence[0]:
            self.low = bisect_left(known.starts, self.part, self.low)
        self.high = bisect_left(known.starts, offset, self.low)

    def part_at(self, offset: int) -> int:
        """Where the stretch that is read for ``offset``, moved to, begins: its sentence or its last semicolon."""
        part = self.part
        if self.parted:
            part = max(self.text.rfind("；", part, offset), self.text.rfind(";", part, offset)) + 1 or part
        return part

    def look_back(self, part: int) -> Window:
        """Sort the cues between ``part`` and the offset that was moved to."""
        known, clause = self.known, self.clause[0]
        plan = done = norm = finished = level = versus = -1
        for i in range(self.low, self.high):
            if known.starts[i] < part:
                continue
            kind = known.kinds[i]
            if kind == "plan":
                plan = i
            elif kind in _DATING:
                level = i
                if kind in _COMPLETED and not (kind == "span" and self._looks_ahead(plan)):
                    done = i
                elif kind in ("prior", "versus"):
                    versus = i
                if kind in ("done", "span", "own") and known.starts[i] >= clause:
                    finished = i
            elif kind in ("each", "least", "rule") and known.starts[i] >= clause:
                norm = i
        return Window(plan, done, norm, finished, level, versus)

    def plan_before(self, plan: int, part: int) -> int:
        """The last word of a plan before that at ``plan``, no earlier than ``part``; -1 for none."""
        known = self.known
        return next(
            (i for i in range(plan - 1, self.low - 1, -1) if known.kinds[i] == "plan" and known.starts[i] >= part), -1
        )

    def _looks_ahead(self, plan: int) -> bool:
        """Whether there is a plan that 全年 goes on with."""
        return plan >= 0 and self.text[self.known.starts[plan]] in _AHEAD


def counts_views(start: int, setting: Setting) -> bool:
    """Whether the figure at ``start``, moved to, counts views of a page or film (阅读量突破5000次)."""
    last = setting.high - 1
    known = setting.known
    return last >= setting.low and known.kinds[last] == "views" and start - known.ends[last] <= _BESIDE
