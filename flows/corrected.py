"""Corrected: the observations of a release, people's corrections applied last to what the machine chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.corrections import Cell, Grounds, apply, findings
from warehouse import corrections as file
from warehouse.contracts import (
    MENTIONS,
    OBSERVATIONS,
    Correction,
    CorrectionOutcome,
    Finding,
    Observation,
    Report,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.lake import Lake


class Corrected(NamedTuple):
    """Observations as published, the corrections in force, and what became of each."""

    observations: pa.Table
    corrections: tuple[Correction, ...]
    outcomes: tuple[CorrectionOutcome, ...]
    findings: list[Finding]


def correct(path: Path, lake: Lake, reports: Iterable[Report], units: Mapping[str, str], run_id: str) -> Corrected:
    """Apply the corrections of a file to the observations of the lake.

    Raises:
        CorrectionsError: the file has a mistake; the message names file and line.
    """
    table = lake.read(OBSERVATIONS)
    corrections = file.read(path)
    if not corrections:
        return Corrected(table, (), (), [])
    grounds = ground(lake, table, corrections, reports, units)
    applied = apply(corrections, grounds)
    listed = findings(applied.outcomes, run_id, grounds.reports)
    return Corrected(_replaced(table, applied.cells), corrections, applied.outcomes, listed)


def ground(
    lake: Lake, table: pa.Table, corrections: Iterable[Correction], reports: Iterable[Report], units: Mapping[str, str]
) -> Grounds:
    """What the cells that corrections name hold, and the sentences behind them."""
    standing = {(row.township_code, row.report_year): row.report_id for row in reports if row.status == "published"}
    wanted = {(one.township_code, one.report_year) for one in corrections}
    named = {standing[place] for place in wanted & standing.keys()}
    cells = {row[:3]: row for row in (Observation(*row) for row in _of(table, OBSERVATIONS, named))}
    years = sorted({year for _, year in wanted})
    mentions = [row for year in years for row in _of(lake.read(MENTIONS, year), MENTIONS, named)]
    sentence = MENTIONS.names.index("sentence")
    ordinal = MENTIONS.names.index("ordinal")
    sentences = {(row[0], row[ordinal]): row[sentence] for row in mentions}
    return Grounds(cells, sentences, {place: standing[place] for place in wanted & standing.keys()}, units)


def _of(table: pa.Table, contract: Any, report_ids: Iterable[str]) -> list[tuple[Any, ...]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    from warehouse.schema import to_rows

    names = pa.array(sorted(report_ids), type=pa.string())
    return list(to_rows(contract, table.filter(pc.is_in(table.column("report_id"), value_set=names))))


def _replaced(table: pa.Table, cells: Mapping[Cell, Observation]) -> pa.Table:
    """The table with ``cells`` in place of what it had for them."""
    import pyarrow as pa

    from warehouse.schema import to_arrow

    keys = zip(*(table.column(name).to_pylist() for name in ("township_code", "report_year", "indicator")), strict=True)
    kept = table.filter(pa.array([key not in cells for key in keys], type=pa.bool_()))
    return pa.concat_tables([kept, to_arrow(OBSERVATIONS, list(cells.values()))])
