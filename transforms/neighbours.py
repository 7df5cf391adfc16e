"""The rules of the mapping that need more than one figure or noun: shared heads, pooled verbs, zeros, splits, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.mapping import THRESHOLD, Mapping, Vote

if TYPE_CHECKING:
    from transforms.mapping import Reader

_SURE = 16.0
"""Score of a noun of four characters right before the figure with its verb: taken as certain."""


def settle(reader: Reader, votes: list[list[Vote]]) -> list[Mapping]:
    out = []
    for q, vs in zip(reader.quantities, votes, strict=True):
        if not vs:
            out.append(Mapping((), (), "", "", 0.0, q.scope)); continue
        best = vs[0]
        conf = min(1.0, best.score / _SURE)
        name = reader.lexicon.names[reader.lexicon.owners[best.way]]
        words = "+".join(reader.lexicon.vocabulary[reader.hits.words[i]] for i in best.hits)
        ok = conf >= THRESHOLD and q.kind in {"actual", "zero"}
        out.append(Mapping((name,) if ok else (), () if ok else (name,), "", f"{best.side} {words}", round(conf, 2), q.scope))
    return out
