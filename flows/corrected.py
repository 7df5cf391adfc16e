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
    REPORTS,
    Contract,
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


def correct(path: Path, lake: Lake, reports: pa.Table, units: Mapping[str, str], run_id: str) -> Corrected:
    """Apply the corrections of a file to the observations of the lake, given the lake's reports.

    Raises:
        CorrectionsError: the file has a mistake; the message names file and line.
    """
    table = lake.read(OBSERVATIONS)
    corrections = file.read(path)
    if not corrections:
        return Corrected(table, (), (), [])
    named = _rows(reports, REPORTS, "township_code", {one.township_code for one in corrections})
    grounds = ground(lake, table, corrections, (Report(*row) for row in named), units)
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
    cells = {row[:3]: row for row in (Observation(*row) for row in _rows(table, OBSERVATIONS, "report_id", named))}
    years = sorted({year for _, year in wanted})
    mentions = [row for year in years for row in _rows(lake.read(MENTIONS, year), MENTIONS, "report_id", named)]
    sentence = MENTIONS.names.index("sentence")
    ordinal = MENTIONS.names.index("ordinal")
    sentences = {(row[0], row[ordinal]): row[sentence] for row in mentions}
    return Grounds(cells, sentences, {place: standing[place] for place in wanted & standing.keys()}, units)


def _rows(table: pa.Table, contract: Contract, column: str, names: Iterable[str]) -> list[tuple[Any, ...]]:
    """The rows whose ``column`` is one of ``names``."""
    from warehouse.schema import to_rows

    return list(to_rows(contract, table.filter(_among(table, column, names))))


def _among(table: pa.Table, column: str, names: Iterable[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(table.column(column), value_set=pa.array(sorted(names), type=pa.string()))


def _replaced(table: pa.Table, cells: Mapping[Cell, Observation]) -> pa.Table:
    """The table with ``cells`` in place of what it had for them; other townships' rows are not looked at one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from warehouse.schema import to_arrow

    near = _among(table, "township_code", {township_code for township_code, _, _ in cells})
    theirs = table.filter(near)
    columns = (theirs.column(name).to_pylist() for name in ("township_code", "report_year", "indicator"))
    kept = theirs.filter(pa.array([key not in cells for key in zip(*columns, strict=True)], type=pa.bool_()))
    return pa.concat_tables([table.filter(pc.invert(near)), kept, to_arrow(OBSERVATIONS, list(cells.values()))])
