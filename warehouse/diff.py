"""Differences between two releases: cells that changed, appeared or vanished, ranked, each with its likely cause.

Both releases are attached read-only to one empty database and compared in SQL; only the cells that differ come out of
it. The cause is the first of these that holds, from what most surely explains a difference to what may:

    correction   one side is a person's decision
    new_report   the township and year had no published report before
    report_gone  they have none now
    replaced     another report of the same township and year (or other bytes) stands now
    rules        the same report was read by other rules
    dictionary   the dictionary of indicators differs
    registry     the registry differs
    unknown      none of these: the same inputs gave another result, which is a bug to report
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

import duckdb

from warehouse.query import QueryError

Change = Literal["changed", "appeared", "vanished"]
Cause = Literal["correction", "new_report", "report_gone", "replaced", "rules", "dictionary", "registry", "unknown"]
SHOWN = 200
"""Cells that a difference lists by default: the largest first; the counts are always of all."""


class CellDiff(NamedTuple):
    """One cell that differs. ``size`` ranks changes: by what factor the value changed, as ``abs(ln(now / before))``."""

    change: Change
    cause: Cause
    township_code: str
    township: str
    report_year: int
    indicator: str
    name_zh: str
    before: Decimal | None
    after: Decimal | None
    unit: str
    before_status: str | None
    after_status: str | None
    size: float | None


@dataclass(frozen=True)
class Diff:
    """How two releases differ.

    ``counts`` maps (change, cause) to the number of cells; ``cells`` are the first of them in rank; ``versions`` has
    what differs between the two runs (code, rules, dictionary, registry), before and after.
    """

    before: str
    after: str
    counts: dict[tuple[Change, Cause], int]
    cells: tuple[CellDiff, ...]
    versions: dict[str, tuple[str, str]]
    compared: int

    @property
    def is_identical(self) -> bool:
        """Whether every cell says the same; the versions may still differ."""
        return not self.counts

    @property
    def total(self) -> int:
        """Cells that differ."""
        return sum(self.counts.values())

    def as_dict(self) -> dict[str, Any]:
        """The difference for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "identical": self.is_identical,
            "compared": self.compared,
            "versions": {name: {"before": old, "after": new} for name, (old, new) in self.versions.items()},
            "counts": [
                {"change": change, "cause": cause, "cells": count} for (change, cause), count in self.counts.items()
            ],
            "shown": len(self.cells),
            "cells": [cell._asdict() for cell in self.cells],
        }


_CELLS = """
    CREATE TEMP TABLE differing AS
    WITH cells AS (
        SELECT coalesce(b.report_year, a.report_year) AS report_year,
               coalesce(b.township_code, a.township_code) AS township_code,
               coalesce(b.indicator, a.indicator) AS indicator, coalesce(b.unit, a.unit) AS unit,
               a.value AS before, b.value AS after, a.status AS before_status, b.status AS after_status,
               a.report_id AS before_report, b.report_id AS after_report
        FROM old.observations a
        FULL JOIN new.observations b
          ON a.report_year = b.report_year AND a.township_code = b.township_code AND a.indicator = b.indicator
        WHERE a.value IS DISTINCT FROM b.value OR a.value_high IS DISTINCT FROM b.value_high
           OR a.status IS DISTINCT FROM b.status OR a.qualifier IS DISTINCT FROM b.qualifier OR a.unit <> b.unit
    )
    SELECT CASE WHEN c.before_status IS NULL THEN 'appeared' WHEN c.after_status IS NULL THEN 'vanished'
                ELSE 'changed' END AS change,
           CASE WHEN 'corrected' IN (c.before_status, c.after_status) THEN 'correction'
                WHEN o.report_id IS NULL AND n.report_id IS NOT NULL THEN 'new_report'
                WHEN n.report_id IS NULL AND o.report_id IS NOT NULL THEN 'report_gone'
                WHEN o.report_id <> n.report_id OR o.sha256 <> n.sha256 THEN 'replaced'
                WHEN o.rules <> n.rules THEN 'rules'
                WHEN $dictionary THEN 'dictionary' WHEN $registry THEN 'registry' ELSE 'unknown' END AS cause,
           c.*,
           CASE WHEN c.before > 0 AND c.after > 0 THEN abs(ln(c.after / c.before))
                WHEN c.before <> c.after THEN 'inf'::DOUBLE END AS size
    FROM cells c
    LEFT JOIN old.reports o
      ON o.township_code = c.township_code AND o.report_year = c.report_year AND o.status = 'published'
    LEFT JOIN new.reports n
      ON n.township_code = c.township_code AND n.report_year = c.report_year AND n.status = 'published'
"""
_RANKED = """
    SELECT d.change, d.cause, d.township_code, coalesce(t.township, u.township, ''), d.report_year, d.indicator,
           coalesce(i.name_zh, j.name_zh, ''), d.before, d.after, d.unit, d.before_status, d.after_status,
           CASE WHEN isfinite(d.size) THEN d.size END
    FROM differing d
    LEFT JOIN new.townships t ON t.township_code = d.township_code
    LEFT JOIN old.townships u ON u.township_code = d.township_code
    LEFT JOIN new.indicators i ON i.indicator = d.indicator
    LEFT JOIN old.indicators j ON j.indicator = d.indicator
    ORDER BY list_position(['changed', 'vanished', 'appeared'], d.change), d.size DESC NULLS LAST,
             greatest(abs(coalesce(d.before, 0)), abs(coalesce(d.after, 0))) DESC,
             d.report_year DESC, d.township_code, d.indicator
    LIMIT $shown
"""


def diff(before: Path, after: Path, shown: int = SHOWN) -> Diff:
    """Compare the observations of two release files.

    Args:
        before: The earlier release.
        after: The later one.
        shown: How many cells to list; the counts are of all.

    Raises:
        QueryError: A file is not there or not a release.
    """
    for path in (before, after):
        if not path.exists():
            raise QueryError(f"there is no release at {path}: 'nianbao releases' lists them")
    with duckdb.connect(":memory:") as connection:
        try:
            for path, name in ((before, "old"), (after, "new")):
                connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
            return _compare(connection, shown)
        except duckdb.Error as error:
            raise QueryError(f"{before} and {after} cannot be compared: {error}") from error


def _compare(connection: duckdb.DuckDBPyConnection, shown: int) -> Diff:
    columns = ("run_id", "version", "rules", "dictionary", "registry")
    sides = [
        connection.execute(f"SELECT {', '.join(columns)} FROM {name}.runs").fetchall()[0] for name in ("old", "new")
    ]
    pairs = dict(zip(columns, zip(*sides, strict=True), strict=True))
    run_before, run_after = pairs.pop("run_id")
    versions = {name: (old, new) for name, (old, new) in pairs.items() if old != new}
    changed = {name: name in versions for name in ("dictionary", "registry")}
    connection.execute(_CELLS, changed)
    counted = connection.execute("SELECT change, cause, count(*) FROM differing GROUP BY ALL ORDER BY ALL").fetchall()
    cells = connection.execute(_RANKED, {"shown": shown}).fetchall()
    compared = connection.execute(
        "SELECT greatest((SELECT count(*) FROM old.observations), (SELECT count(*) FROM new.observations))"
    ).fetchall()[0][0]
    return Diff(
        run_before,
        run_after,
        {(change, cause): count for change, cause, count in counted},
        tuple(CellDiff(*row) for row in cells),
        versions,
        compared,
    )
