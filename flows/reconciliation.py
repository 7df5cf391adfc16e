"""Reconciliation: what this run read joins what the lake already holds, one report for each township and year.

The lake keeps everything that was read, the superseded included, and what the machine chose for each cell. ``reports``
is written last: until then the snapshots of this run count as unread, so that a run that was killed is simply done
again, from its staged batches, and ends in the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.observations import observe
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
    """What the lake holds after a run has joined it."""

    reports: list[Report]
    superseded: list[Superseded]
    refusals: list[Refusal]


def known_sources(lake: Lake, found: Iterable[Source]) -> list[Source]:
    """Every place where a snapshot was ever found: the lake's, with those of this run put over them."""
    rows = {(row.sha256, row.source_uri): row for row in (Source(*row) for row in lake.rows(SOURCES))}
    rows |= {(row.sha256, row.source_uri): row for row in found}
    return [rows[key] for key in sorted(rows)]


def pending(lake: Lake, sources: Iterable[Source], rules: str) -> list[Source]:
    """The snapshots that these rules have not yet read or refused, each once, in the order of their digests."""
    done = {report.sha256 for report in (Report(*row) for row in lake.rows(REPORTS)) if report.rules == rules}
    done |= {row.sha256 for row in (Refusal(*row) for row in lake.rows(REFUSALS)) if row.rules == rules and row.sha256}
    waiting: dict[str, Source] = {}
    for source in sources:
        if source.sha256 not in done:
            waiting.setdefault(source.sha256, source)
    return list(waiting.values())


def reconcile(
    lake: Lake,
    staged: Sequence[Lake],
    sources: Sequence[Source],
    unfetched: Iterable[Refusal],
    units: Mapping[str, str],
) -> Reconciled:
    """Join staged batches to the lake and settle which report stands for each township and year."""
    old = [Report(*row) for row in lake.rows(REPORTS)]
    new = [Report(*row) for stage in staged for row in stage.rows(REPORTS)]
    refused = [Refusal(*row) for stage in staged for row in stage.rows(REFUSALS)]
    fresh = {report.sha256 for report in new} | {row.sha256 for row in refused}
    gone = {report.report_id for report in old if report.sha256 in fresh} - {row.report_id for row in new}
    for contract in (TEXTS, MENTIONS):
        lake.merge(contract, _concat(contract, staged), drop=gone)
    kept = [report for report in old if report.sha256 not in fresh]
    reports, superseded = settle([*kept, *new], _figures(lake))
    _settle_observations(lake, old, reports, _concat(OBSERVATIONS, staged), units)
    refusals = _refusals(lake, sources, fresh, [*unfetched, *refused])
    lake.write(SOURCES, sources)
    lake.write(REFUSALS, refusals)
    lake.write(REPORTS, reports)
    return Reconciled(reports, superseded, refusals)


def _concat(contract: Contract, staged: Sequence[Lake]) -> pa.Table:
    import pyarrow as pa

    from warehouse.schema import arrow_schema

    return pa.concat_tables([arrow_schema(contract).empty_table(), *(stage.read(contract) for stage in staged)])


def _figures(lake: Lake) -> Counter[str]:
    counts: Any = lake.read(MENTIONS).column("report_id").value_counts()
    return Counter({row["values"]: row["counts"] for row in counts.to_pylist()})


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
    lake: Lake, old: Iterable[Report], reports: Iterable[Report], new: pa.Table, units: Mapping[str, str]
) -> None:
    """Leave in the lake the observations of the standing reports alone; make anew those of a report that came back."""
    import pyarrow as pa
    import pyarrow.compute as pc

    standing = {report.report_id: report for report in reports if report.status == "published"}
    before = lake.read(OBSERVATIONS)
    read_now = pc.is_in(before.column("report_id"), value_set=new.column("report_id"))
    both = pa.concat_tables([before.filter(pc.invert(read_now)), new])
    names = pa.array(sorted(standing), type=pa.string())
    table = both.filter(pc.is_in(both.column("report_id"), value_set=names))
    beaten = {report.report_id for report in old if report.status == "superseded"}
    back = (beaten & standing.keys()) - set(new.column("report_id").to_pylist())
    if back:
        rows = [row for name in sorted(back) for row in _observed_again(lake, standing[name], units)]
        from warehouse.schema import to_arrow

        table = pa.concat_tables([table, to_arrow(OBSERVATIONS, rows)])
    lake.write(OBSERVATIONS, table)


def _observed_again(lake: Lake, report: Report, units: Mapping[str, str]) -> tuple[Observation, ...]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = lake.read(MENTIONS, report.report_year)
    table = table.filter(pc.equal(table.column("report_id"), pa.scalar(report.report_id)))
    from warehouse.schema import to_rows

    mentions = [Mention(*row[2:]) for row in to_rows(MENTIONS, table)]
    return observe(report.township_code, report.report_year, report.report_id, mentions, units)
