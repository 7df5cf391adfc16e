"""Spaces: none between Han characters, digits and punctuation, none inside a number, one elsewhere; no blank lines."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

from transforms.offsets import Edit

_BLANK = " \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
BLANKS = frozenset(" \t\xa0\u1680\u202f\u205f\u3000") | frozenset(map(chr, range(0x2000, 0x200B)))
"""The blanks that :func:`spaces` acts on; lines are told apart by line feeds alone."""
_HAN = "\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_BLANK}\t\n]+")


@cache
def _grouped() -> re.Pattern[str]:
    """Groups of three digits with a unit behind them, and no figure before them."""
    return re.compile(
        f"(?<![\\d.,，])(?<!\\d[{_BLANK}])[1-9]\\d{{0,2}}(?:[{_BLANK}]\\d{{3}})+(?=(?:\\.\\d+)?[{_BLANK}]?[{_HAN}%％])"
    )


@cache
def _spelt_out() -> re.Pattern[str]:
    """年 度 报 告: a title with its characters set apart."""
    return re.compile(f"(?<![{_HAN}])[{_HAN}](?:[{_BLANK}]+[{_HAN}]){{2,}}(?![{_HAN}])")


def _is_han(character: str) -> bool:
    return (
        "\u3400" <= character <= "\u9fff"
        or character == "〇"
        or character >= "\U00020000"
        or ("\u2e80" <= character <= "\u2fdf" or "\uf900" <= character <= "\ufaff")
    )


def _is_mark(character: str) -> bool:
    return "\u3001" <= character <= "\u3020" or "\uff01" <= character <= "\uffef" or character in "“”‘’…—·"


def needs_spacing(text: str, alphabet: Set[str]) -> bool:
    """Whether :func:`spaces` could have anything to do in a text made of these characters."""
    return not alphabet.isdisjoint(BLANKS) or "\n\n" in text or text[:1] == "\n" or text[-1:] == "\n"


def spaces(text: str) -> list[Edit]:
    """The edits that put every blank of a text right.

    * Between Han characters or their punctuation and digits or letters, and beside punctuation, a blank is typography.
    * Groups of three digits are one number where a unit follows (``33 939个``); a row of bare figures is left alone.
    * Characters set apart one by one are a word. Between other words one blank stays.
    * Tabs stand between the cells of a row and stay there; blank lines and indents go.
    """
    runs = list(_RUN.finditer(text))
    joined = set()
    if any(
        text[match.start() - 1].isdigit() and text[match.end() : match.end() + 1].isdigit()
        for match in runs
        if match.start()
    ):
        joined |= _inside(text, _grouped())
    if sum(match[0] != "\n" for match in runs) > 1:
        joined |= _inside(text, _spelt_out())
    edits = []
    for match in runs:
        start, end = match.span()
        if end - start == 1 and text[start] in "\n\t" and start > 0 and end < len(text):
            continue
        if start == 0 or end == len(text):
            blank = _tabs_of_row(text, match) if start == 0 else ""
        elif "\n" in match[0]:
            blank = "\n" + _tabs_of_row(text, match)
        elif "\t" in match[0]:
            blank = "\t" * match[0].count("\t")
        else:
            blank = "" if start in joined else _between(text[start - 1], text[end])
        if blank != match[0]:
            edits.append(Edit(start, end, blank))
    return edits


def _inside(text: str, pattern: re.Pattern[str]) -> set[int]:
    """Where the blanks inside the matches of a pattern begin."""
    return {blank.start() for match in pattern.finditer(text) for blank in _RUN.finditer(text, *match.span())}


def _tabs_of_row(text: str, match: re.Match[str]) -> str:
    """The empty cells that a row begins with; nothing before a line that is no row and follows none."""
    tabs = match[0].rpartition("\n")[2].count("\t")
    if not tabs:
        return ""
    stop = text.find("\n", match.end())
    row = text[match.end() : stop if stop >= 0 else len(text)].rstrip()
    last = text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
    return "\t" * tabs if "\t" in row or "\t" in last else ""


def _between(left: str, right: str) -> str:
    """What stays of a run of blanks between two characters."""
    if _is_mark(left) or _is_mark(right):
        return ""
    left_han, right_han = _is_han(left), _is_han(right)
    if left_han and right_han:
        return " "
    if left_han or right_han:
        # ASCII punctuation with a Han neighbour is Chinese punctuation that lost its width; the rest is a letter or
        # digit.
        return ""
    return "" if left.isdigit() and right in "%℃‰" else " "
