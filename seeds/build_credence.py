"""Build ``seeds/revisions.parquet`` and ``seeds/credence.parquet``: what other figures tell, and which claims hold.

    python -m seeds.build_credence     # behind build_opinions; some minutes; the same examples give the same tables

An opinion on a passage that it learned from is too good to judge by. So opinions are learned anew, each time without
a third of the passages, and judge that third: from what they say, the revisions are learned
(``seeds/build_revisions.py``); and from what is claimed after them, with all that the passages tell beside
(``transforms/claims.py``), the trees.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from seeds.boosting import Column, grow
from seeds.build_opinions import digest, passages
from seeds.build_revisions import Judged, gaps_of, judged, revisions_of
from seeds.build_revisions import build as build_revisions
from transforms.claims import COLUMNS, matrix
from transforms.credence import TABLE
from transforms.dictionary import Dictionary
from transforms.mapping import allowed, claim
from transforms.occasions import occasions
from transforms.opinions import Opinions

_TREES = 200


def _rows(one: Judged, opinions: Opinions, dictionary: Dictionary) -> tuple[Column, npt.NDArray[np.bool_]]:
    """The rows of a passage's claims whose labels are known, and which of these hold."""
    text, structure, found, ruled, gold = one.read
    told = opinions.of(text, structure, found, ruled, [allowed(quantity, dictionary) for quantity in found])
    spoken = occasions(text, found)
    names = [claim(*each, dictionary).indicators for each in zip(found, ruled, told, spoken, strict=True)]
    chosen, rows = matrix(text, found, ruled, told, names)
    known = [row for row, index in enumerate(chosen) if names[index] and index in gold]
    right = [not set(names[chosen[row]]).isdisjoint(gold[chosen[row]]) for row in known]
    return rows[known], np.array(right, dtype=np.bool_)


def build(path: Path = TABLE) -> None:
    """Learn, and write the table."""
    dictionary = Dictionary.load()
    lacking, found = judged(list(passages()), dictionary)
    gaps = gaps_of(found)
    build_revisions(found, lacking[0], gaps)
    claims = []
    for part, opinions in enumerate(lacking):
        # The revisions know nothing of the passages whose claims the trees learn from, as the opinions do not.
        revised = opinions.revised(revisions_of([one for one in found if one.part != part], opinions, gaps))
        claims += [_rows(one, revised, dictionary) for one in found if one.part == part]
    rows, right = (np.concatenate(column) for column in zip(*claims, strict=True))
    print(f"{len(rows)} claims, {right.mean():.3f} of them hold", flush=True)
    trees = grow(rows, right, _TREES)
    table = pa.table(
        {
            "columns": pa.array(trees.columns.tolist(), pa.list_(pa.int8())),
            "bounds": pa.array(trees.bounds.tolist(), pa.list_(pa.float64())),
            "leaves": pa.array(trees.leaves.tolist(), pa.list_(pa.int16())),
        }
    )
    about = json.dumps({"columns": COLUMNS, "claims": len(rows), "learned_from": digest()})
    pq.write_table(table.replace_schema_metadata({"credence": about}), path, compression="zstd", write_statistics=False)
    print(f"{_TREES} trees, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE)
