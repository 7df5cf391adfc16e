"""Reconciliation: what this run read joins what the lake already holds, one report for each township and year.

The lake keeps everything that was read, the superseded included, and what the machine chose for each cell. ``reports``
is written last: until then the snapshots of this run count as unread, so that a run that was killed is simply done
again, from its staged batches, and ends in the same bytes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.forms.ocr import is_available
from transforms.observations import observe
from transforms.rules import read_alike
from transforms.settlement import Superseded, settle
from warehouse.contracts import (
    MENTIONS,
    OBSERVATIONS,
    REFUSALS,
    REPORTS,
    SOURCES,
    TEXTS,
    Contract,
    Mention,
    Observation,
    Refusal,
    Report,
)
from warehouse.lake import Lake

if TYPE_CHECKING:
    import pyarrow as pa


KEYS = ("report_id", "report_year", "sha256")


class Reconciled(NamedTuple):
    """What joining the lake decided; ``superseded`` is what lost where this run brought something."""

    superseded: list[Superseded]
    refusals: list[Refusal]


def readable(lake: Lake, rules: str) -> pa.Table:
    """The reports (the columns ``KEYS``) that these rules would read as they were read: the lake holds their texts."""
    ocr = is_available()
    table = lake.read(REPORTS, columns=("rules", *KEYS))
    alike = {one for one in _values(table, "rules") if read_alike(rules, one, ocr=ocr)}
    return table.filter(_among(table, "rules", alike)).select(KEYS)


def reconcile(
    lake: Lake,
    staged: Sequence[Lake],
    sources: pa.Table,
    unfetched: Iterable[Refusal],
    units: Mapping[str, str],
) -> Reconciled:
    """Join staged batches to the lake and settle which report stands for each township and year.

    Only the years in which this run brings or takes away a report are read and rewritten, one at a time; of the
    others' reports only ids and digests are looked at.
    """
    refused = [Refusal(*row) for stage in staged for row in stage.rows(REFUSALS)]
    new = _staged(REPORTS, staged, columns=KEYS)
    fresh = _digests(new, refused)
    known = lake.read(REPORTS, columns=KEYS)
    reread = known.filter(_among(known, "sha256", fresh))
    gone = _values(reread.filter(_not(_among(reread, "report_id", new.column("report_id")))), "report_id")
    years = sorted(_values(new, "report_year") | _values(reread, "report_year"))
    del new, known, reread
    superseded: list[Superseded] = []
    settled = Lake(lake.root / ".settled")
    shutil.rmtree(settled.root, ignore_errors=True)  # of a run that was killed
    for year in years:
        for contract in (TEXTS, MENTIONS):
            lake.join(contract, year, _files(contract, staged, year), drop=gone)
        reports, lost = _settle_year(lake, staged, year, fresh, gone, units)
        settled.write(REPORTS, reports, years=(year,))
        superseded += lost
    lake.write(SOURCES, sources)
    refusals = _refusals(lake, sources, fresh, [*unfetched, *refused])
    lake.write(REFUSALS, refusals)
    for year in years:
        lake.write(REPORTS, settled.read(REPORTS, year), years=(year,))
    shutil.rmtree(settled.root, ignore_errors=True)
    return Reconciled(superseded, refusals)


def _settle_year(
    lake: Lake,
    staged: Sequence[Lake],
    year: int,
    fresh: pa.ChunkedArray[Any],
    gone: Collection[str],
    units: Mapping[str, str],
) -> tuple[pa.Table, list[Superseded]]:
    """The reports of a year with their status, and its observations left to those that stand."""
    old, new = lake.read(REPORTS, year), _staged(REPORTS, staged, year)
    again = _among(old, "sha256", fresh)
    reports, superseded = _settled(lake, year, old.filter(_not(again)), new, old.filter(again))
    standing = _values(reports.filter(_among(reports, "status", {"published"})), "report_id")
    beaten = _values(old.filter(_among(old, "status", {"superseded"})), "report_id")
    files = list(_files(OBSERVATIONS, staged, year))
    back = (beaten & standing) - _values(new, "report_id")
    if back:  # a report that was beaten stands again: its observations are made anew
        returned = [Report(*row) for row in _rows(reports.filter(_among(reports, "report_id", back)), REPORTS)]
        rows = [row for report in sorted(returned) for row in _observed_again(lake, report, units)]
        beside = Lake(lake.root / ".returned")
        files += beside.write(OBSERVATIONS, rows)
    lake.join(OBSERVATIONS, year, files, drop=gone, keep=standing)
    shutil.rmtree(lake.root / ".returned", ignore_errors=True)
    return reports, superseded


def _staged(
    contract: Contract, staged: Sequence[Lake], year: int | None = None, columns: Sequence[str] = ()
) -> pa.Table:
    import pyarrow as pa

    from warehouse.schema import arrow_schema

    empty = arrow_schema(contract).empty_table().select(list(columns or contract.names))
    return pa.concat_tables([empty, *(stage.read(contract, year, columns) for stage in staged)])


def _files(contract: Contract, staged: Sequence[Lake], year: int) -> list[Path]:
    return [file for stage in staged for file in stage.files(contract, year)]


def _values(table: pa.Table, column: str) -> set[Any]:
    """The different values of a column."""
    return set(table.column(column).unique().to_pylist())


def _digests(new: pa.Table, refused: Iterable[Refusal]) -> pa.ChunkedArray[Any]:
    """The snapshots that this run read or refused, in a column: there may be hundreds of thousands."""
    import pyarrow as pa

    beside = pa.array(sorted({row.sha256 for row in refused if row.sha256}), pa.string())
    return pa.chunked_array([*new.column("sha256").chunks, beside])


def _among(table: pa.Table, column: str, values: Collection[Any] | pa.ChunkedArray[Any]) -> Any:
    """Whether each row's value is one of ``values``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values, pa.ChunkedArray):
        wanted: Any = values.combine_chunks()
    else:
        wanted = pa.array(sorted(values), table.schema.field(column).type)
    return pc.is_in(table.column(column), value_set=wanted)


def _not(mask: Any) -> Any:
    """The other rows."""
    import pyarrow.compute as pc

    return pc.invert(mask)


def _settled(
    lake: Lake, year: int, kept: pa.Table, new: pa.Table, reread: pa.Table
) -> tuple[pa.Table, list[Superseded]]:
    """The reports of a year with their status: of those in a place that this run touched, the best stands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from warehouse.schema import to_arrow, to_rows

    both = pa.concat_tables([kept, new])
    at = _places(both)
    near = _among(at, "place", _values(_places(new), "place") | _values(_places(reread), "place"))
    counts: Any = at.column("place").value_counts()
    many = [row["values"] for row in counts.to_pylist() if row["counts"] > 1]
    contested = pc.and_(near, _among(at, "place", many))
    status = pc.if_else(near, "published", both.column("status"))
    both = both.set_column(both.schema.get_field_index("status"), both.schema.field("status"), status)
    rivals = [Report(*row) for row in to_rows(REPORTS, both.filter(contested))]
    settled, superseded = settle(rivals, _figures(lake, year, {report.report_id for report in rivals}))
    return pa.concat_tables([both.filter(_not(contested)), to_arrow(REPORTS, settled)]), superseded


def _places(reports: pa.Table) -> pa.Table:
    """Township and year of each report, as one text in a column ``place``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[Any] = [reports.column("township_code"), reports.column("report_year").cast(pa.string()), "-"]
    return pa.table({"place": pc.binary_join_element_wise(*parts)})


def _figures(lake: Lake, year: int, reports: Collection[str]) -> Counter[str]:
    """Number of mentions of each of these reports."""
    found = lake.find(MENTIONS, year, "report_id", reports, ("report_id",))
    counts: Any = found.column("report_id").value_counts()
    return Counter({row["values"]: row["counts"] for row in counts.to_pylist()})


def _refusals(lake: Lake, sources: pa.Table, fresh: pa.ChunkedArray[Any], new: Iterable[Refusal]) -> list[Refusal]:
    """Refusals still in force: this run's, and earlier ones of snapshots not read again or places not fetched."""
    table = lake.read(REFUSALS)
    again = _values(table.filter(_among(table, "sha256", fresh)), "sha256")
    earlier = [Refusal(*row) for row in _rows(table, REFUSALS)]
    unfetched = {row.source_uri for row in earlier if not row.sha256}
    found = _values(sources.filter(_among(sources, "source_uri", unfetched)), "source_uri")
    kept = {
        row.source_uri: row
        for row in earlier
        if (row.sha256 not in again if row.sha256 else row.source_uri not in found)
    }
    kept |= {row.source_uri: row for row in new}
    return [kept[uri] for uri in sorted(kept)]


def _observed_again(lake: Lake, report: Report, units: Mapping[str, str]) -> tuple[Observation, ...]:
    rows = _rows(lake.find(MENTIONS, report.report_year, "report_id", {report.report_id}), MENTIONS)
    mentions = [Mention(*row[2:]) for row in rows]
    return observe(report.township_code, report.report_year, report.report_id, mentions, units)


def _rows(table: pa.Table, contract: Contract) -> Iterator[tuple[Any, ...]]:
    from warehouse.schema import to_rows

    return to_rows(contract, table)
