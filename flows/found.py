"""Found: the findings of a run put into the lake, those of earlier runs that still stand among them.

What stands comes in the order of the key and is merged with what is new, which is little after a few late reports: to
sort and write millions of findings several times took a third of such a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from expectations import kept
from warehouse import late
from warehouse.contracts import FINDINGS
from warehouse.lake import Lake, scan
from warehouse.merging import merged
from warehouse.ranges import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from expectations.gate import Found
    from expectations.shelf import Shelf


def remembered(lake: Lake, path: Path) -> kept.Memory:
    """The states that an earlier run kept, with its findings where the lake has them still as they were."""
    told = kept.told(path)
    files = lake.files(FINDINGS, told.run_id) if told is not None else ()
    if told is None or not files or late.footer(files[0]) != told.mark:
        return kept.Memory(path, None)
    return kept.Memory(path, files[0])


def store(lake: Lake, shelf: Shelf, found: Found, files: Sequence[Path], run_id: str, memory: Path) -> None:
    """Put the findings of a run into the lake, and keep the states of the townships that they are of.

    Args:
        lake: The lake.
        shelf: What was checked.
        found: What was found: what stands, and what is held.
        files: The files with the rest.
        run_id: The run.
        memory: Where the states are kept.
    """
    from expectations.shelf import arrow_of

    shelf.put("few_findings", arrow_of(FINDINGS, found.kept))
    keys = FINDINGS.key[1:]  # all are of one run
    source = f"{scan(FINDINGS, files)} UNION ALL FROM few_findings"
    new = _tables(in_order(shelf.connection, source, keys))
    old = found.standing.tables() if found.standing is not None else iter(())
    rows = (batch for table in merged(keys, old, new) for batch in table.to_batches())
    lake.take(FINDINGS, rows, run_id)
    if found.lasting:
        (file,) = lake.files(FINDINGS, run_id)
        kept.keep(shelf, memory, run_id, late.footer(file))


def _tables(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    import pyarrow as pa

    from warehouse.schema import to_arrow

    return (to_arrow(FINDINGS, pa.Table.from_batches([batch])) for batch in batches)
