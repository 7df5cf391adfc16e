"""Cues: words that tell whether a figure is planned, required, last year's, compared or a part.

The words are data, ``seeds/cues.csv`` (kind, term). They are found once for the whole text by an automaton; where terms
overlap, the longest counts, so that a longer term of the kind ``none`` takes the sense of a shorter one away
(最多跑一次 is no bound, 上年结转 no level of last year). The kinds are:

- ``plan`` a verb of intention; ``later`` a time to come, where it opens a clause (read as ``plan``)
- ``each`` a rhythm or a share per head; ``least`` a bound that is required; ``rule`` a duty
- ``prior`` last year; ``versus`` a comparison; ``done`` a completion or total; ``now`` this year; ``span`` the whole
  year, of which results and plans are told
- ``own`` the township; ``part`` the parts of a total; ``fresh`` the end of these parts
- ``views`` views of a page or film
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import Literal, NamedTuple, get_args

from ahocorasick_rs import AhoCorasick, MatchKind

from seeds import SEEDS

CueKind = Literal[
    "plan",
    "later",
    "each",
    "least",
    "rule",
    "prior",
    "versus",
    "done",
    "span",
    "now",
    "own",
    "part",
    "fresh",
    "views",
    "none",
]
_BEFORE_NOUN = frozenset("按照度作年习训普划依的超")
"""What makes 计划 a noun or the measure of a deed (按计划开展, 年度计划, 超计划完成)."""
_DATED = re.compile("(?:[全今明本来后当前]|[0-9])年$")
"""A year that dates the verb 计划 (全年计划开展); 三年计划 is a noun."""
_LOOKED_BACK = re.compile("(?:年来|过去的?一年)[，,]?[^，。；,;]{0,10}$")
"""A stretch of time that is over: what is 预计 of it is an estimate of what was done."""
_HEADS = frozenset("，,。；;：:\n（( \u3000、")
_OPENED = frozenset('“"‘《')
_OBJECT_FIRST = re.compile("[^，。；,;0-9\n]{1,8}的[0-9][^，。；,;\n]{0,24}(?:进行|予以|给予|加以)")
"""将重点整治的4家商户进行约谈: 将 puts its object first, as 把 does, and speaks of no future."""
_FIRST_OF_CHAIN = frozenset(("plan", "prior"))
_COMPLETED = frozenset(("done", "span", "now"))
_CHAINED = _COMPLETED | {"own"}
"""去年全镇共, 预计全年: one dating in several words, of which the first tells the time."""
_READ_CLOSELY = frozenset(("plan", "later", "each", "prior"))
_ON_FROM = re.compile(
    "(?:(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2})月份?|[上下]半年|年?底|第?[一二三四]季度)?(?:以来|起(?![诉草火])|至今|开始)"
    "|[0-9]{1,2}月[0-9]{1,2}日"
)
"""去年12月以来, 去年起: a stretch that holds this year; 去年3月5日 dates an event, not a level."""


class CuesError(ValueError):
    """A row of the cues file is wrong; the message names line and remedy."""


class Cues(NamedTuple):
    """The cues of a text in order: where each begins and ends, and its kind."""

    starts: list[int]
    ends: list[int]
    kinds: list[CueKind]


@cache
def _terms() -> tuple[tuple[str, ...], tuple[CueKind, ...]]:
    """Terms and their kinds, in the order of the file.

    Raises:
        CuesError: a kind is unknown, or a term is empty or told twice.
    """
    known = {str(kind): kind for kind in get_args(CueKind)}
    table: dict[str, CueKind] = {}
    with (SEEDS / "cues.csv").open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            term, kind = row["term"], known.get(row["kind"])
            if kind is None or not term or term in table:
                raise CuesError(f"cues.csv, line {line}: {row} needs a known kind and a term that is told once")
            table[term] = kind
    return tuple(table), tuple(table.values())


_PATTERNS, _KINDS = _terms()
_AUTOMATON = AhoCorasick(_PATTERNS, matchkind=MatchKind.LeftmostLongest)


def cues(text: str) -> Cues:
    """Find the cues of a text; those whose surroundings give them another sense are left out."""
    starts: list[int] = []
    ends: list[int] = []
    kinds: list[CueKind] = []
    chain = -1
    for index, start, end in _AUTOMATON.find_matches_as_indexes(text):
        kind = _KINDS[index]
        if kind == "none":
            continue
        if kind in _READ_CLOSELY:
            if _has_another_sense(text, start, end, kind):
                continue
            kind = "plan" if kind == "later" else kind
        if kind in _FIRST_OF_CHAIN or (start == chain and kind in _CHAINED):
            chain = end + (kind == "prior" and text[end : end + 1] in ("，", ","))
            if kind in _COMPLETED:
                continue
        starts.append(start)
        ends.append(end)
        kinds.append(kind)
    return Cues(starts, ends, kinds)


def _has_another_sense(text: str, start: int, end: int, kind: CueKind) -> bool:
    """Whether a cue of plan or rhythm is none where it stands (“每月一法”, 年度计划, 将…的4家进行约谈)."""
    previous = text[start - 1 : start]
    if kind == "later":
        return start > 0 and previous not in _HEADS
    if kind == "each":
        return start > 0 and previous in _OPENED
    if kind == "prior":
        return _ON_FROM.match(text, end) is not None
    if text[start] == "计":
        noun = start > 0 and previous in _BEFORE_NOUN
        return noun and not (previous == "年" and _DATED.search(text, max(0, start - 2), start))
    if text[start] == "预":
        return _LOOKED_BACK.search(text, max(0, start - 16), start) is not None
    return text[start] == "将" and _OBJECT_FIRST.match(text, end) is not None
