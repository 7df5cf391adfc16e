"""Looking a township up as a person types it: name, part of a name, pinyin, initials or code, parents or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from transforms.names import plain, stem

if TYPE_CHECKING:
    from transforms.registry import Registry

PINYIN_KINDS = {"zhen", "xiang", "jiedao", "sumu", "diqu"}


def search(registry: Registry, query: str) -> list[str]:
    """Codes of the units that the query may mean, the best first; empty where nothing fits.

    Words are divided by spaces; one of them is the unit's name, the others are its parents (``潮安 沙溪``). A
    parent may also stand unspaced before the name (``潮安区沙溪镇``). Digits are a code or the beginning of one.
    """
    words = query.split()
    if not words:
        return []
    if len(words) == 1 and words[0].isdigit():
        return registry.under(words[0])
    ranked: dict[str, float] = {}
    for parents, name in _readings(words, registry):
        for code, rank in _ranked(name, registry):
            if all(is_parent(registry, parent, code) for parent in parents):
                ranked[code] = min(rank, ranked.get(code, rank))
    return sorted(ranked, key=lambda code: (ranked[code], code))


def is_parent(registry: Registry, word: str, code: str) -> bool:
    """Whether a county, prefecture or province of the unit bears this name: whole, begun, in pinyin, or formerly."""
    spelled = _spelled(word)
    for length in (6, 4, 2):
        place = registry.places[code[:length]]
        if spelled == place.pinyin or (len(word) > 1 and place.name.startswith(word)):
            return True
    return any(code.startswith(c.codes) for c in registry.by_change.get(word, ()) if c.level != "township")


def _readings(words: list[str], registry: Registry) -> Iterator[tuple[list[str], str]]:
    for parents, name in ((words[:-1], words[-1]), (words[1:], words[0]))[: len(words)]:
        yield parents, name
        rest, places = name, list(parents)
        while cut := next((n for n in range(len(rest) - 1, 1, -1) if rest[:n] in registry.place_words), 0):
            places.append(rest[:cut])
            rest = rest[cut:]
            yield list(places), rest


def _ranked(name: str, registry: Registry) -> Iterator[tuple[str, float]]:
    key = plain(name)
    for change in registry.by_change.get(key, ()):
        if change.level == "township":
            yield from ((code, 0.5) for code in change.codes if code in registry)
    if name.isascii():
        for code, pinyin, initials in zip(registry.codes, *registry.spellings, strict=True):
            if (rank := _latin_rank(_spelled(name), pinyin, initials)) is not None:
                yield code, rank
        return
    root = stem(key)
    for code, known in zip(registry.codes, registry.names, strict=True):
        if (rank := _rank(key, root, known)) is not None:
            yield code, rank


def _spelled(word: str) -> str:
    return word.lower().replace("ü", "u").replace("v", "u").replace("'", "")


def _rank(key: str, root: str, name: str) -> float | None:
    if name == key:
        return 0.0
    if root not in name:
        return None
    if stem(name) == root:
        return 1.0
    return (2.0 if name.startswith(key) else 3.0) if key in name else None


def _latin_rank(query: str, pinyin: str, initials: str) -> float | None:
    if pinyin.startswith(query):
        rest = pinyin[len(query) :]
        return 2.0 if rest and rest not in PINYIN_KINDS else 1.0 if rest else 0.0
    if initials == query:
        return 3.0
    return 4.0 if len(query) > 1 and initials.startswith(query) else None
