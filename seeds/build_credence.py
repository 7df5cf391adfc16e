"""Build ``seeds/credence.parquet``: trees that tell the claims of figures that hold from those that do not.

    python -m seeds.build_credence     # behind build_opinions; some minutes; the same examples give the same trees

An opinion on a passage that it learned from is too good to judge by. So opinions are learned anew from two thirds of
the passages, and the trees from what these say of the last third, with all that the passages tell beside
(``transforms/claims.py``). Passages that the rules were made on are left out: their rules prove nothing.
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
from seeds.build_opinions import SCALE, Passage, digest, examples, labels_of, passages, read, weigh
from transforms.claims import COLUMNS, matrix
from transforms.credence import TABLE
from transforms.dictionary import Dictionary
from transforms.mapping import allowed, claim
from transforms.occasions import occasions
from transforms.opinions import Opinions
from transforms.weights import Weights

_EVERY = 3
"""One passage of so many is judged."""
_TREES = 200


def _opinions(learned_from: list[Passage], dictionary: Dictionary) -> Opinions:
    learned = [one for passage in learned_from for one in examples(passage, dictionary)]
    known = labels_of(learned)
    features, owners, weights = weigh(learned, known)
    return Opinions(known, (), SCALE, Weights(len(known), features, owners, weights))


def _rows(passage: Passage, opinions: Opinions, dictionary: Dictionary) -> tuple[Column, npt.NDArray[np.bool_]]:
    """The rows of a passage's claims whose labels are known, and which of these hold."""
    text, structure, found, ruled, gold = read(passage, dictionary)
    told = opinions.of(text, structure, found, ruled, [allowed(one, dictionary) for one in found])
    spoken = occasions(text, found)
    names = [claim(*one, dictionary).indicators for one in zip(found, ruled, told, spoken, strict=True)]
    chosen, rows = matrix(text, found, ruled, told, names)
    known = [row for row, index in enumerate(chosen) if names[index] and index in gold]
    right = [not set(names[chosen[row]]).isdisjoint(gold[chosen[row]]) for row in known]
    return rows[known], np.array(right, dtype=np.bool_)


def build(path: Path = TABLE) -> None:
    """Learn, and write the table."""
    dictionary = Dictionary.load()
    every = list(passages())
    opinions = _opinions([one for number, one in enumerate(every) if number % _EVERY], dictionary)
    judged = [_rows(one, opinions, dictionary) for one in every[::_EVERY] if not one.unruled]
    rows, right = (np.concatenate(column) for column in zip(*judged, strict=True))
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
