"""The structure of a report's text: sections under their headings, sentences and clauses, found once and looked up.

A township report is numbered after the official style for documents (GB/T 9704-2012, 7.3.3: 一、（一） 1. （1）),
whatever else is lost on the way; heading and body often share a line. Sections carry what they speak of: ``outlook``
(next year), ``shortcomings`` or ``body``, which a child section takes from its parent unless its own heading says
otherwise. All places are offsets into the cleaned text; look-ups are binary searches, so that their cost does not grow
with it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

SectionKind = Literal["body", "outlook", "shortcomings", "furniture"]

_BREAK = re.compile(r"[。！？!?，；：;\t|]|[,:](?!(?<=[0-9][,:])[0-9]{2})")
"""Ends of clauses; a comma or colon between digits belongs to the number or clock time."""
_SENTENCE_END = re.compile("[。！？!?\\t|]")
_CLOSED = frozenset("。！？；：:!?;…”）)》\n\t| ")
_SHORTEST_WRAPPED_LINE = 20
"""A line of fewer characters is a heading, a label or a last line; a longer one without final mark was wrapped."""
_NUMBER_LINE = re.compile("[0-9.,％% ]*(?:\\n|$)")
_HAN = "一二三四五六七八九十"
_MARKER = re.compile(
    rf"[ \u3000\xa0]*(?:(?P<part>第[{_HAN}]{{1,3}}(?:部分|章|节)[：:、 \u3000]?)|(?P<first>[{_HAN}]{{1,3}}[、.．])"
    rf"|(?P<second>[（(][{_HAN}]{{1,3}}[）)]、?)|(?P<third>[0-9]{{1,2}}(?:[、．]|\.(?![0-9])))|(?P<fourth>[（(][0-9]{{1,2}}[）)]))"
)
_LEVELS = {"part": 0, "first": 1, "second": 2, "third": 3, "fourth": 4}
_HEADING_END = re.compile(r"[。；;：:！!\n]|[（(][一二三四五六七八九十]{1,3}[）)]|[一二三四五六七八九十]是")
_LONGEST_HEADING = 60
_NEAR_HEAD = 6

_OUTLOOK = re.compile(
    "下一?步|(?<!结转)下一?年|下一?阶段|下半年|明年|来年|工作(?:打算|安排|计划|设想|谋划|重点)|主要安排|[、.．）)]安排$|打算|设想|干什么|怎么干|努力方向|今后|展望|工作思路"
    "|20[0-9]{2}年(?:度)?(?:[^，。,]{0,12})(?:计划|安排|打算|思路|重点|目标)|整改(?:措施|方向)|改进(?:措施|方向)|意见建议|对策"
)
_SHORTCOMINGS = re.compile("不足|存在(?:的)?(?:主要)?(?:问题|困难|短板)|问题(?:和|及|与)|薄弱环节|短板|困难(?:和|与)")
_TURN = re.compile(
    "(?:下一?步|下一?阶段|明年|来年|今后|接下来|针对(?:以上|上述|存在)|为此)(?!是)"
    "|20[0-9]{2}年[，,]?我?[镇乡街]?[^。]{0,4}将"
    "(?!(?!继续|进一步|持续|全面|不断|着力|坚持|重点|更|深入|认真|严格|聚焦|围绕|推[动进]|加[强大快]|[深强]化|促进|[开拓]展|组织|[把以在对按]"
    "|进行|完善|健全|建立|发挥|探索|突出|落实|实施|根据|紧|结合|依托|努力|力争|做|抓)"
    "[^。，,；]{2,40}(?:作为|纳入|列[入为]|摆[在上到]|放[在到]|融入|贯穿|视为|[与同和][^。，,；]{2,20}(?:结合|融合|挂钩)))"
)
"""Words that turn to the future; 将 that only puts its object first (将公开工作作为重点) is no future."""
_DONE = re.compile("(?:完成|落实|进展|推进|执行|实施|开展)情况$")
"""三、2025年重点工作完成情况: what was planned, told as done."""
_OPENING = re.compile(
    "[ \u3000]*(?:(?:20[0-9]{2}年度?|明年|来年|下一?步|下一?阶段|今后)[^，。；：、,;:0-9|\\t\\n]{0,8}"
    "(?:打算|计划|安排|思路|重点|设想|目标)"
    "|工作(?:打算|思路|设想))(?:[：:]|(?=\\n|$))"
)
"""A heading without number that opens what is planned, on a line of its own or before what it announces."""
_OPENING_FIRST = frozenset(" \u30002明来下今工")
_MARKER_FIRST = frozenset(" \u3000\u00a0第（(0123456789" + _HAN)
_TURN_FIRST = frozenset("下明来今接针为2")
_BARE_HEADING = re.compile(r"[ \u3000]*[^ \u3000\n，。；：、0-9|\t]{2,25}(?=\n|$)")


class Section(NamedTuple):
    """A stretch of text under its headings, outermost first; ``end`` is where the next section begins."""

    path: tuple[str, ...]
    kind: SectionKind
    start: int
    end: int


class Structure(NamedTuple):
    """The sections and sentences of one text; starts are ascending and begin with 0.

    Clauses are looked for in their sentence when asked for: most sentences of a report hold no figure.
    """

    text: str
    sections: list[Section]
    section_starts: list[int]
    sentence_starts: list[int]

    def section(self, offset: int) -> int:
        """Index of the section that holds ``offset``."""
        return bisect_right(self.section_starts, offset) - 1

    def sentence(self, offset: int) -> tuple[int, int]:
        """Span of the sentence that holds ``offset``, its final punctuation included."""
        starts = self.sentence_starts
        i = bisect_right(starts, offset)
        return starts[i - 1], starts[i] if i < len(starts) else len(self.text)

    def clause(self, offset: int) -> tuple[int, int]:
        """Span of the clause that holds ``offset``, its final punctuation included."""
        start, stop = self.sentence(offset)
        for match in _BREAK.finditer(self.text, start, stop):
            if match.end() > offset:
                return start, match.end()
            start = match.end()
        return start, stop


def parse(text: str) -> Structure:
    """Find the sections and sentences of a cleaned text."""
    starts = [0, *[match.end() for match in _SENTENCE_END.finditer(text)], *_line_starts(text)]
    starts.sort()
    if starts[-1] >= len(text) > 0:
        starts.pop()
    sections = _sections(text, starts)
    return Structure(text, sections, [section.start for section in sections], starts)


def _line_starts(text: str) -> list[int]:
    """Where a line begins that is no continuation of a wrapped line before it."""
    starts, line = [], 0
    at = text.find("\n")
    while at >= 0:
        if text[at - 1] in _CLOSED or at - line < _SHORTEST_WRAPPED_LINE or not _is_wrapped(text, line, at):
            starts.append(at + 1)
        line = at + 1
        at = text.find("\n", line)
    return starts


def _is_wrapped(text: str, line: int, at: int) -> bool:
    """Whether the line from ``line`` to ``at`` goes on in the next: neither is a heading or a row."""
    following = text[at + 1 : at + 2]
    if not following or following in _CLOSED or "|" in text[line:at] or "\t" in text[line:at]:
        return False
    if _MARKER.match(text, line) is not None or _MARKER.match(text, at + 1) is not None:
        return False
    return _NUMBER_LINE.match(text, at + 1) is None


def breaks(text: str, start: int, stop: int) -> list[int]:
    """Where the clauses of the sentence from ``start`` to ``stop`` end; the last one ends with the sentence."""
    ends = [match.end() for match in _BREAK.finditer(text, start, stop)]
    if not ends or ends[-1] < stop:
        ends.append(stop)
    return ends


def _sections(text: str, sentence_starts: list[int]) -> list[Section]:
    """One section per heading; the turn from shortcomings to plans inside one section begins a new one too."""
    opened: list[tuple[int, tuple[str, ...], SectionKind]] = [(0, (), "body")]
    stack: list[tuple[int, str, SectionKind, bool]] = []
    path: tuple[str, ...] = ()
    kind: SectionKind = "body"
    if not text:
        return [Section(path, kind, 0, 0)]
    for start in sentence_starts:
        at_line = start == 0 or text[start - 1] == "\n"
        first = text[start]
        if first not in _MARKER_FIRST and not at_line and not (first in _TURN_FIRST and kind != "outlook"):
            continue
        heading = _heading(text, start, at_line)
        if heading is not None:
            level, title = heading
            while stack and stack[-1][0] >= level:
                stack.pop()
            inherited: tuple[SectionKind, bool] = (stack[-1][2], stack[-1][3]) if stack else ("body", False)
            kind, mixed = _kind(title, level, *inherited)
            stack.append((level, title, kind, mixed))
            path = tuple(entry[1] for entry in stack)
            opened.append((start, path, kind))
        elif kind != "outlook" and _turns(text, start, at_line, kind, bool(stack and stack[-1][3])):
            kind = "outlook"
            if stack:
                stack[-1] = (*stack[-1][:2], kind, False)
            opened.append((start, path, kind))
    ends = [start for start, _, _ in opened[1:]] + [len(text)]
    return [Section(*entry[1:], entry[0], end) for entry, end in zip(opened, ends, strict=True) if entry[0] < end]


def _heading(text: str, start: int, at_line: bool) -> tuple[int, str] | None:
    """Level and title of the heading at ``start``, or None; without a number it must say what follows."""
    match = _MARKER.match(text, start)
    if match is None or match.lastgroup is None:
        return _opening(text, start) or (_unnumbered(text, start) if at_line else None)
    level = _LEVELS[match.lastgroup]
    if level >= 3 and not at_line:
        return None
    limit = min(len(text), match.end() + _LONGEST_HEADING)
    end = _HEADING_END.search(text, match.end(), limit)
    title = text[match.start() : end.start() if end else limit].strip()
    return None if "|" in title or "\t" in title else (level, title)


def _opening(text: str, start: int) -> tuple[int, str] | None:
    match = _OPENING.match(text, start) if text[start] in _OPENING_FIRST else None
    return None if match is None else (1, match.group().strip(" \u3000：:"))


def _unnumbered(text: str, start: int) -> tuple[int, str] | None:
    match = _BARE_HEADING.match(text, start, start + 32)
    if match is None:
        return None
    title = match.group().strip()
    told = _OUTLOOK.search(title) is not None and _DONE.search(title) is None
    return (1, title) if told or _SHORTCOMINGS.search(title) else None


def _kind(title: str, level: int, inherited: SectionKind, mixed: bool) -> tuple[SectionKind, bool]:
    """The kind of a section by its title; one of both (存在的不足和下一步打算) is mixed: shortcomings, then plans."""
    outlook, shortcomings = _OUTLOOK.search(title), _SHORTCOMINGS.search(title)
    if outlook is not None and _DONE.search(title) is not None:
        outlook = None
    if level > 1 and outlook is not None and not _is_theme(title, outlook):
        outlook = None
    if level > 1 and shortcomings is not None and not _is_theme(title, shortcomings):
        shortcomings = None
    if outlook and shortcomings:
        return "shortcomings", True
    if outlook:
        return "outlook", False
    if shortcomings:
        return "shortcomings", False
    return inherited, mixed


def _is_theme(title: str, match: re.Match[str]) -> bool:
    """Whether a lower title is about the term (（二）下一步打算): an item of work that names it in passing is not."""
    return "，" not in title and "," not in title and (match.start() <= _NEAR_HEAD or match.end() >= len(title) - 2)


def _turns(text: str, start: int, at_line: bool, kind: SectionKind, mixed: bool) -> bool:
    """Whether the sentence at ``start`` turns to the future: anywhere in a mixed section, else with a line."""
    return (mixed or kind == "shortcomings" or at_line) and _TURN.match(text, start) is not None
