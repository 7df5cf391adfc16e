"""Reconciliation: what this run read joins what the lake already holds, one report for each township and year.

The lake keeps everything that was read, the superseded included, and what the machine chose for each cell. ``reports``
is written last: until then the snapshots of this run count as unread, so that a run that was killed is simply done
again, from its staged batches, and ends in the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.forms.ocr import is_available
from transforms.observations import observe
from transforms.rules import without_ocr
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
    Source,
)
from warehouse.lake import Lake

if TYPE_CHECKING:
    import pyarrow as pa


class Reconciled(NamedTuple):
    """What the lake holds after a run has joined it; ``superseded`` is what lost where this run brought something."""

    reports: pa.Table
    superseded: list[Superseded]
    refusals: list[Refusal]


def known_sources(lake: Lake, found: Iterable[Source]) -> list[Source]:
    """Every place where a snapshot was ever found: the lake's, with those of this run put over them."""
    rows = {(row.sha256, row.source_uri): row for row in (Source(*row) for row in lake.rows(SOURCES))}
    rows |= {(row.sha256, row.source_uri): row for row in found}
    return [rows[key] for key in sorted(rows)]


def pending(lake: Lake, sources: Iterable[Source], rules: str) -> list[Source]:
    """The snapshots that these rules have not yet read or refused, each once, in the order of their digests."""
    accepted = {rules} if is_available() else {rules, without_ocr(rules)}
    done = _read_by(lake.read(REPORTS, columns=("sha256", "rules")), accepted)
    done |= _read_by(lake.read(REFUSALS, columns=("sha256", "rules")), accepted)
    waiting: dict[str, Source] = {}
    for source in sources:
        if source.sha256 not in done:
            waiting.setdefault(source.sha256, source)
    return list(waiting.values())


def _read_by(table: pa.Table, accepted: Collection[str]) -> set[Any]:
    return _values(table.filter(_among(table, "rules", accepted)), "sha256")


def reconcile(
    lake: Lake,
    staged: Sequence[Lake],
    sources: Sequence[Source],
    unfetched: Iterable[Refusal],
    units: Mapping[str, str],
) -> Reconciled:
    """Join staged batches to the lake and settle which report stands for each township and year.

    Only the years in which this run brings or takes away a report are read and rewritten, one at a time.
    """
    old, new = lake.read(REPORTS), _staged(REPORTS, staged)
    refused = [Refusal(*row) for stage in staged for row in stage.rows(REFUSALS)]
    fresh = {*_values(new, "sha256"), *(row.sha256 for row in refused)}
    again = _among(old, "sha256", fresh - {None})
    kept, reread = old.filter(_not(again)), old.filter(again)
    gone = _values(reread, "report_id") - _values(new, "report_id")
    years = sorted(_values(new, "report_year") | _values(reread, "report_year"))
    for year in years:
        for contract in (TEXTS, MENTIONS):
            lake.merge(contract, _staged(contract, staged, year), drop=gone, years=(year,))
    reports, superseded = _settled(lake, kept, new, reread)
    beaten = old.filter(_among(old, "status", {"superseded"}))
    for year in years:
        _settle_observations(lake, year, _staged(OBSERVATIONS, staged, year), beaten, reports, units)
    refusals = _refusals(lake, sources, fresh, [*unfetched, *refused])
    lake.write(SOURCES, sources)
    lake.write(REFUSALS, refusals)
    lake.write(REPORTS, reports.filter(_among(reports, "report_year", years)), years=years)
    return Reconciled(lake.read(REPORTS), superseded, refusals)


def _staged(contract: Contract, staged: Sequence[Lake], year: int | None = None) -> pa.Table:
    import pyarrow as pa

    from warehouse.schema import arrow_schema

    return pa.concat_tables([arrow_schema(contract).empty_table(), *(stage.read(contract, year) for stage in staged)])


def _values(table: pa.Table, column: str) -> set[Any]:
    """The different values of a column."""
    return set(table.column(column).unique().to_pylist())


def _among(table: pa.Table, column: str, values: Collection[Any]) -> Any:
    """Whether each row's value is one of ``values``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(table.column(column), value_set=pa.array(sorted(values), type=table.schema.field(column).type))


def _not(mask: Any) -> Any:
    """The other rows."""
    import pyarrow.compute as pc

    return pc.invert(mask)


def _settled(lake: Lake, kept: pa.Table, new: pa.Table, reread: pa.Table) -> tuple[pa.Table, list[Superseded]]:
    """All reports with their status: of those in a place that this run touched, the best stands."""
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
    settled, superseded = settle(rivals, _figures(lake, rivals))
    return pa.concat_tables([both.filter(_not(contested)), to_arrow(REPORTS, settled)]), superseded


def _places(reports: pa.Table) -> pa.Table:
    """Township and year of each report, as one text in a column ``place``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[Any] = [reports.column("township_code"), reports.column("report_year").cast(pa.string()), "-"]
    return pa.table({"place": pc.binary_join_element_wise(*parts)})


def _figures(lake: Lake, rivals: Iterable[Report]) -> Counter[str]:
    """Number of mentions of each report of these years."""
    figures: Counter[str] = Counter()
    for year in sorted({report.report_year for report in rivals}):
        counts: Any = lake.read(MENTIONS, year, columns=("report_id",)).column("report_id").value_counts()
        figures.update({row["values"]: row["counts"] for row in counts.to_pylist()})
    return figures


def _refusals(
    lake: Lake, sources: Iterable[Source], fresh: Collection[str | None], new: Iterable[Refusal]
) -> list[Refusal]:
    """Refusals still in force: this run's, and earlier ones of snapshots not read again or places not fetched."""
    found = {source.source_uri for source in sources}
    earlier = (Refusal(*row) for row in lake.rows(REFUSALS))
    kept = {
        row.source_uri: row
        for row in earlier
        if (row.sha256 not in fresh if row.sha256 else row.source_uri not in found)
    }
    kept |= {row.source_uri: row for row in new}
    return [kept[uri] for uri in sorted(kept)]


def _settle_observations(
    lake: Lake, year: int, new: pa.Table, beaten: pa.Table, reports: pa.Table, units: Mapping[str, str]
) -> None:
    """Leave in a year the observations of the standing reports alone; make anew those of a report that came back."""
    import pyarrow as pa

    from warehouse.schema import to_arrow, to_rows

    in_force = reports.filter(_among(reports, "report_year", {year}))
    in_force = in_force.filter(_among(in_force, "status", {"published"}))
    standing = _values(in_force, "report_id")
    read_now = _values(new, "report_id")
    before = lake.read(OBSERVATIONS, year)
    both = pa.concat_tables([before.filter(_not(_among(before, "report_id", read_now))), new])
    table = both.filter(_among(both, "report_id", standing))
    back = (_values(beaten, "report_id") & standing) - read_now
    if back:
        returned = [Report(*row) for row in to_rows(REPORTS, in_force.filter(_among(in_force, "report_id", back)))]
        rows = [row for report in sorted(returned) for row in _observed_again(lake, report, units)]
        table = pa.concat_tables([table, to_arrow(OBSERVATIONS, rows)])
    lake.write(OBSERVATIONS, table, years=(year,))


def _observed_again(lake: Lake, report: Report, units: Mapping[str, str]) -> tuple[Observation, ...]:
    from warehouse.schema import to_rows

    table = lake.read(MENTIONS, report.report_year)
    rows = to_rows(MENTIONS, table.filter(_among(table, "report_id", {report.report_id})))
    mentions = [Mention(*row[2:]) for row in rows]
    return observe(report.township_code, report.report_year, report.report_id, mentions, units)
