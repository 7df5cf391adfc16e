"""Traditional to simplified characters, for traditional documents only."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

SAMPLE = 2000
"""Characters read at the begin (and, if that is mixed, at the middle and the end) of a text to tell its script."""
# The commonest characters that are written differently, in the same order in both scripts.
_TRADITIONAL = frozenset(
    "們個來這國說時會爲對過開點經學發無進現實關動體問間業總長產應務質見電門網給員報結書車區組領導規標處專級黨鎮鄉縣設堅義強執檢調"
)
_SIMPLIFIED = frozenset(
    "们个来这国说时会为对过开点经学发无进现实关动体问间业总长产应务质见电门网给员报结书车区组领导规标处专级党镇乡县设坚义强执检调"
)
_KEEP_ZHU = re.compile("著(?<![显专原编译论名巨遗合所土卓昭]著)(?![名作书述称录者文有])")
"""The character first and what is before it second: it is quickly found."""


@cache
def _converter() -> Any:
    import opencc  # 10 ms and a shared library, for traditional texts only

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters.

    OpenCC's ``t2s`` with one rule more: it leaves 著 as it is, which is 着 (隨著, 著力) unless it means writing or
    being outstanding (著作, 顯著). ``tw2s`` would make 着作 of 著作; the ``p`` configurations replace words and are
    never used.
    """
    plain: str = _converter().convert(text)
    return _KEEP_ZHU.sub("着", plain) if "著" in plain else plain


def is_traditional(text: str) -> bool:
    """Whether more of the common characters of a text are written in the traditional way than in the simplified."""
    head = set(text[:SAMPLE])
    traditional, plain = len(head & _TRADITIONAL), len(head & _SIMPLIFIED)
    if len(text) > SAMPLE and min(traditional, plain) > 0:
        middle = len(text) // 2
        sample = head.union(text[middle : middle + SAMPLE], text[-SAMPLE:])
        traditional, plain = len(sample & _TRADITIONAL), len(sample & _SIMPLIFIED)
    return traditional > plain
