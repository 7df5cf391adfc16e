"""Corrected: the observations of a release, people's corrections applied last to what the machine chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.corrections import Grounds, apply, findings
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
    """The cells that corrections changed, as published, the corrections in force, and what became of each."""

    cells: pa.Table
    corrections: tuple[Correction, ...]
    outcomes: tuple[CorrectionOutcome, ...]
    findings: list[Finding]


def correct(path: Path, lake: Lake, units: Mapping[str, str], run_id: str) -> Corrected:
    """Apply the corrections of a file to the observations of the lake.

    Raises:
        CorrectionsError: the file has a mistake; the message names file and line.
    """
    from warehouse.schema import to_arrow

    corrections = file.read(path)
    if not corrections:
        return Corrected(to_arrow(OBSERVATIONS, []), (), (), [])
    grounds = ground(lake, corrections, units)
    applied = apply(corrections, grounds)
    listed = findings(applied.outcomes, run_id, grounds.reports)
    return Corrected(to_arrow(OBSERVATIONS, list(applied.cells.values())), corrections, applied.outcomes, listed)


def ground(lake: Lake, corrections: Iterable[Correction], units: Mapping[str, str]) -> Grounds:
    """What the cells that corrections name hold, and the sentences behind them; nothing else of the lake is held."""
    wanted = {(one.township_code, one.report_year) for one in corrections}
    towns, years = {township_code for township_code, _ in wanted}, sorted({year for _, year in wanted})
    reports = [Report(*row) for year in years for row in _rows(lake, REPORTS, year, "township_code", towns)]
    standing = {(row.township_code, row.report_year): row.report_id for row in reports if row.status == "published"}
    named = {standing[place] for place in wanted & standing.keys()}
    cells = {
        row[:3]: row
        for year in years
        for row in (Observation(*row) for row in _rows(lake, OBSERVATIONS, year, "report_id", named))
    }
    mentions = [row for year in years for row in _rows(lake, MENTIONS, year, "report_id", named)]
    sentence = MENTIONS.names.index("sentence")
    ordinal = MENTIONS.names.index("ordinal")
    sentences = {(row[0], row[ordinal]): row[sentence] for row in mentions}
    return Grounds(cells, sentences, {place: standing[place] for place in wanted & standing.keys()}, units)


def _rows(lake: Lake, contract: Contract, year: int, column: str, names: set[str]) -> list[tuple[Any, ...]]:
    """The rows of a year whose ``column`` is one of ``names``."""
    from warehouse.schema import to_rows

    return list(to_rows(contract, lake.find(contract, year, column, names)))
