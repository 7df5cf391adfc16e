"""Migration: a home made by an older nianbao is brought to this one's tables, or the run stops; it is never misread.

The lake can be made again from the snapshots, so that little has to be carried over. A table whose columns differ from
its contract gets the columns that may be empty, and loses those that are gone. Where that is not enough (a type
changed, a column that may not be empty is new) it is put aside under ``lake/aside`` and read anew. Where a snapshot was
found (``sources``) cannot be read anew, and stops the run if it cannot be carried over. Findings that stand in one file
are parted by their runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.home import Home, HomeError
from warehouse import late
from warehouse.contracts import FINDINGS, LAKE_TABLES, REPORTS, RUNS, SOURCES, Contract
from warehouse.files import swap
from warehouse.lake import PART, Lake

READ_AGAIN = {"reports", "mentions", "observations", "texts"}
"""Tables that belong together: if one is read anew, all are."""


class Migrated(NamedTuple):
    """What was done to a table, for people."""

    table: str
    what: str


def migrate(home: Home) -> list[Migrated]:
    """Bring the lake to the tables of this version; what was done, empty for a home of this version.

    Raises:
        HomeError: if the sources cannot be carried over; nothing was changed.
    """
    lake = Lake(home.lake)
    found = {contract.name: difference(contract, lake) for contract in (*LAKE_TABLES, RUNS)}
    if found[SOURCES.name] == "aside":
        raise HomeError(
            f"{home.lake / SOURCES.name} is of a nianbao whose tables this one cannot read: run that version, or move "
            f"{home.lake} away (snapshots stay; sources that are still to be found are read anew)"
        )
    if any(found[name] == "aside" for name in READ_AGAIN):
        # Without reports every snapshot counts as unread; the other tables' rows are replaced as they are read.
        found[REPORTS.name] = "aside"
    # Reports first: whatever stops this half way, no snapshot must count as read whose figures were put aside.
    order = sorted((*LAKE_TABLES, RUNS), key=lambda contract: contract is not REPORTS)
    return [
        *_part_findings(lake),
        *(_bring(contract, lake, found[contract.name]) for contract in order if found[contract.name]),
    ]


def is_needed(home: Home) -> bool:
    """Whether ``migrate`` would have something to do."""
    lake = Lake(home.lake)
    whole = lake.root / FINDINGS.name / PART
    return whole.exists() or any(difference(contract, lake) for contract in (*LAKE_TABLES, RUNS))


def _part_findings(lake: Lake) -> Iterator[Migrated]:
    """Give each run's findings a file of its own; until November 2026 all stood in one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = lake.root / FINDINGS.name / PART
    try:
        told = set(pq.read_schema(whole).names) if whole.exists() else None
    except pa.ArrowInvalid:
        told = set()
    if told is None:
        return
    if told >= set(FINDINGS.names):
        lake.merge(FINDINGS, pq.ParquetFile(whole).read(columns=list(FINDINGS.names)), by="run_id")
    whole.unlink()
    yield Migrated(FINDINGS.name, "按运行分开 parted by runs")


def difference(contract: Contract, lake: Lake) -> str:
    """How a table in the lake differs from its contract: ``""`` (not at all), ``columns`` or ``aside``; see above."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from warehouse.schema import arrow_schema

    wanted = arrow_schema(contract)
    worst = ""
    for file in lake.files(contract):
        try:
            schema = pq.read_schema(file)
        except (pa.ArrowInvalid, OSError):
            return "aside"
        if schema.equals(wanted, check_metadata=False):
            continue
        for field in wanted:
            at = schema.get_field_index(field.name)
            if (at < 0 and not field.nullable) or (at >= 0 and schema.field(at).type != field.type):
                return "aside"
        worst = "columns"
    return worst


def _bring(contract: Contract, lake: Lake, how: str) -> Migrated:
    if how == "columns":
        changed = sorted(set(_carry_over(contract, lake)))
        return Migrated(contract.name, f"列已更新 columns changed: {', '.join(changed)}")
    folder = lake.root / contract.name
    aside = lake.root / "aside" / contract.name
    shutil.rmtree(aside, ignore_errors=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.replace(aside)
    return Migrated(
        contract.name, f"旧格式移至 {aside}，将从原件重新读取 put aside, to be read anew from the snapshots"
    )


def _carry_over(contract: Contract, lake: Lake) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from warehouse.schema import arrow_schema

    wanted = arrow_schema(contract)
    for file in (one for one in lake.files(contract) if one.name == PART):
        # With what lies late beside it, which belongs to the file as it was: that is left behind, and not looked at.
        table = pa.concat_tables([pq.ParquetFile(one).read() for one in late.files(file)], promote_options="default")
        table = table.sort_by([(key, "ascending") for key in contract.key])
        yield from {*wanted.names} ^ {*table.column_names}
        columns = [
            table.column(field.name) if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
            for field in wanted
        ]
        beside = Path(f"{file}.tmp")
        pq.write_table(pa.Table.from_arrays(columns, schema=wanted), beside, compression="zstd")
        swap(beside, file)
        late.path_of(file).unlink(missing_ok=True)
