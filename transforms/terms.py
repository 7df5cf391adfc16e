"""The language of the dictionary's ``terms``: what must stand near a figure for it to be a certain indicator's.

    terms        one or more ways of saying it, separated by ``;``
    way          groups joined by ``+``, all of which must be found; the first is the counted noun (the head)
    group        words separated by ``/``, one of which must be found
    ~group       may stand in an earlier clause of the sentence (a subject carried over: 收到信访件31件，已办结22件)
    !group       must stand next to the figure, as the head must
    way@group    the group may stand anywhere in the sentence; way@@group also in the sentence before or a heading
    <word>       the members of that word in ``seeds/indicator_words.csv``

The head stands next to the figure, further groups without a mark in its clause. A rate may carry all groups but the
head.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class Reach(IntEnum):
    """How far from the figure a group's words may stand, nearest first."""

    NEXT = 0
    CLAUSE = 1
    CARRIED = 2
    SENTENCE = 3
    ANYWHERE = 4


class Group(NamedTuple):
    """Words of which one must be found, and how far from the figure."""

    words: tuple[str, ...]
    reach: Reach


class Way(NamedTuple):
    """One way of saying an indicator: groups that must all be found; ``text`` is how the dictionary writes it."""

    groups: tuple[Group, ...]
    text: str


class TermError(ValueError):
    """A term is not in the language of this module; the message says what is wrong with it."""


def ways(terms: str, members: Mapping[str, tuple[str, ...]], rate: bool) -> tuple[Way, ...]:
    """Parse the ``terms`` of one row.

    Args:
        terms: As written in the dictionary.
        members: The members of every word that may stand in angle brackets.
        rate: Whether the indicator is a rate, whose further groups may all be carried over.

    Raises:
        TermError: an empty way, group or word, an unknown mark or an unknown word in angle brackets.
    """
    if not terms:
        return ()
    return tuple(_way(text, members, rate) for text in terms.split(";"))


def expand(text: str, members: Mapping[str, tuple[str, ...]], separator: str) -> tuple[str, ...]:
    """The words of ``text``, those in angle brackets replaced by their members, each once.

    Raises:
        TermError: an empty word or an unknown one in angle brackets.
    """
    found: dict[str, None] = {}
    for word in text.split(separator):
        if word.startswith("<") and word.endswith(">"):
            if word[1:-1] not in members:
                raise TermError(f"no word {word} in indicator_words.csv; add it there or write its members out")
            found.update(dict.fromkeys(members[word[1:-1]]))
        elif not word or any(mark in word for mark in "+@;/<>!~ "):
            raise TermError(f"“{word}” in “{text}” is not a word")
        else:
            found[word] = None
    return tuple(found)


def _way(text: str, members: Mapping[str, tuple[str, ...]], rate: bool) -> Way:
    body, mark, context = text.partition("@")
    groups = [_group(part, members, rate and place > 0) for place, part in enumerate(body.split("+"))]
    if mark:
        far = context.startswith("@")
        words = expand(context.removeprefix("@"), members, "/")
        groups.append(Group(words, Reach.ANYWHERE if far else Reach.SENTENCE))
    if groups[0].reach is Reach.CLAUSE:
        groups[0] = groups[0]._replace(reach=Reach.NEXT)
    return Way(tuple(groups), text)


def _group(part: str, members: Mapping[str, tuple[str, ...]], carried: bool) -> Group:
    reach = Reach.CARRIED if carried else Reach.CLAUSE
    if part[:1] in {"~", "!"}:
        reach = Reach.CARRIED if part[0] == "~" else Reach.NEXT
        part = part[1:]
    return Group(expand(part, members, "/"), reach)
