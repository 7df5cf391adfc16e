"""Wide: what compares all townships of a year, or all tables, computed in SQL; few rows come out, whatever went in.

The checks that tell it (``check_neighbours``, ``check_copies``, ``check_snapshot``) read these rows beside a report's
own. What a year's reports look like beside one another is remembered, and computed again where one of them changed:
any may move the medians of all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

    from expectations.frames import IndicatorRow
    from expectations.shelf import Shelf

NEIGHBOURS = 12
"""Fewer values of one kind and year give no scale worth the name."""
SCORE = 6.0
"""Robust scales from the centre: for log-normal counts fewer than one in 10 million lies so far off by chance."""
TIMES = 10.0
"""And at least this many times the centre: below it a busy town looks like an error."""
SPREAD = 0.35
"""Smallest scale (natural log): years differ by a third or so without anybody having erred."""
SLIP, SLIP_WIDTH = 10_000.0, 4.0
"""元 for 万元 multiplies by 10,000; a value within four times of that multiple of its own past or its neighbours is a
slip."""
SLIP_SCORE = 3.0
TELLING = 13.0
"""Exact counts from here on tell something by being equal; small counts and rates coincide everywhere."""
LEAST = 6
"""Equal figures that make a copy likely ..."""
SHARE = 0.6
"""... if they are at least this share of the telling figures that the two have in common."""
RUN = 3
"""Figures in a row (by indicator) that two townships must share before they are compared at all."""
CROWD = 40
"""A run of figures that more reports share is a common one (a county that fills in the same form), not a copy."""


class Wide(NamedTuple):
    """What some reports look like beside all others of their year: rows of the tables that ``compare`` makes.

    ``outliers`` are values far from those of their kind, year and indicator: report_id, indicator, ordinal, value,
    kind, peers (how many there are), centre (median of the logs), off and score (distance from it in logs and in robust
    scales). ``alike`` are reports whose figures are those of another township: report_id, report_id_other,
    township_other, equal and common (counts of figures), indicators and figures (lists of those that are equal).
    ``refused`` are reports at whose address the newest snapshot is another and was refused: report_id, reason and
    detail of the refusal, bytes and bytes_before (of the newest snapshot and of the report's).
    """

    outliers: pd.DataFrame
    alike: pd.DataFrame
    refused: pd.DataFrame

    @classmethod
    def of(cls, shelf: Shelf, reports: Collection[str]) -> Wide:
        """The rows of some reports."""
        shelf.put("asked_for", pa.table({"report_id": pa.array(sorted(reports), type=pa.string())}))
        own = "WHERE report_id IN (FROM asked_for) ORDER BY rowid"
        return cls(*(shelf.query(f"FROM {name} {own}").to_pandas() for name in cls._fields))


def compare(shelf: Shelf, indicators: Iterable[IndicatorRow]) -> None:
    """Compare all reports of each year; ``outliers``, ``alike`` and ``refused`` are tables of the shelf then."""
    rows = list(indicators)
    connection = shelf.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE standing AS SELECT report_id, report_year, kind FROM reports"
        " JOIN townships USING (township_code) WHERE status <> 'superseded'"
    )
    kinds = str(shelf.value(KINDS))
    counted = _listed(row.indicator for row in rows if row.aggregation != "rate")
    flows = _listed(row.indicator for row in rows if row.aggregation == "flow")
    years = [row[0] for row in connection.execute("SELECT DISTINCT report_year FROM reports ORDER BY 1").fetchall()]
    # A year at a time: what is sorted and joined at once is bounded by the country.
    for place, year in enumerate(years or ["NULL"]):
        # Every run of three figures (in the order of the indicators) is a key; two reports that share several keys are
        # compared. Equal runs are rare, so the pairs to compare grow with the number of reports, not with its square.
        for table, queries in {
            "outliers": (OUTLIERS.format(year=year, counted=counted),),
            "alike": (TELLING_ROWS.format(year=year, flows=flows), LIKELY, ALIKE),
        }.items():
            _add(shelf, table, shelf.years.kept(connection, table, year, queries, kinds), first=not place)
    given = "sources" in shelf and "refusals" in shelf
    _add(shelf, "refused", REFUSED if given else "SELECT NULL::VARCHAR AS report_id WHERE FALSE", first=True)


KINDS = "SELECT sum(hash(township_code, kind)::HUGEINT)::VARCHAR FROM townships"
"""What a year's comparison follows from beside the year's own rows, in a number."""


def _add(shelf: Shelf, table: str, sql: str, *, first: bool) -> None:
    shelf.connection.execute(f"{f'CREATE OR REPLACE TEMP TABLE {table} AS' if first else f'INSERT INTO {table}'} {sql}")


def _listed(names: Iterable[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return f"({', '.join(quoted) or 'NULL'})"


OUTLIERS = f"""
WITH told AS (
    SELECT o.report_id, o.indicator, coalesce(o.ordinal, 0) AS ordinal, o.value::DOUBLE AS value, s.kind,
           ln(o.value::DOUBLE) AS log
    FROM observations o JOIN standing s ON s.report_id = o.report_id
    WHERE o.report_year = {{year}} AND o.value > 0 AND o.indicator IN {{counted}}
),
centres AS (
    SELECT kind, indicator, count(*) AS peers, median(log) AS centre FROM told GROUP BY ALL
    HAVING count(*) >= {NEIGHBOURS}
),
spreads AS (
    SELECT kind, indicator, peers, centre, greatest(1.4826 * median(abs(log - centre)), {SPREAD}) AS scale
    FROM told JOIN centres USING (kind, indicator) GROUP BY ALL
),
scored AS (
    SELECT report_id, indicator, ordinal, value, kind, peers, centre, log - centre AS off,
           abs(log - centre) / scale AS score, abs(abs(log - centre) - ln({SLIP})) <= ln({SLIP_WIDTH}) + 1e-6 AS slip
    FROM told JOIN spreads USING (kind, indicator)
)
SELECT report_id, indicator, ordinal, value, kind, peers, centre, off, score FROM scored
WHERE (slip AND score > {SLIP_SCORE}) OR (score > {SCORE} AND off > ln({TIMES}))
ORDER BY report_id, indicator
"""
_NEXT = ", ".join(f"lead(indicator, {step}) OVER w, lead(value, {step}) OVER w" for step in range(1, RUN))
TELLING_ROWS = f"""
CREATE OR REPLACE TEMP TABLE telling AS
WITH told AS (
    SELECT report_id, township_code, indicator, value::DOUBLE AS value FROM observations
    WHERE report_year = {{year}} AND indicator IN {{flows}} AND qualifier = 'exact' AND value >= {TELLING}
      AND report_id IN (SELECT report_id FROM standing)
)
SELECT *, CASE WHEN lead(indicator, {RUN - 1}) OVER w IS NOT NULL THEN hash(indicator, value, {_NEXT}) END AS run
FROM told WINDOW w AS (PARTITION BY report_id ORDER BY indicator)
"""
LIKELY = f"""
CREATE OR REPLACE TEMP TABLE likely AS
WITH shared AS (SELECT run FROM telling WHERE run IS NOT NULL GROUP BY run HAVING count(*) BETWEEN 2 AND {CROWD}),
few AS (SELECT report_id, run FROM telling JOIN shared USING (run))
SELECT a.report_id, b.report_id AS report_id_other FROM few a JOIN few b ON a.run = b.run AND a.report_id <> b.report_id
GROUP BY ALL HAVING count(*) >= {LEAST - RUN}
"""
ALIKE = f"""
WITH both_told AS (
    SELECT l.report_id, l.report_id_other, b.township_code AS township_other, a.indicator, a.value,
           a.value = b.value AS same
    FROM likely l JOIN telling a ON a.report_id = l.report_id
    JOIN telling b ON b.report_id = l.report_id_other AND b.indicator = a.indicator
)
SELECT report_id, report_id_other, township_other, count_if(same) AS equal, count(*) AS common,
       list(indicator ORDER BY indicator) FILTER (same) AS indicators,
       list(value ORDER BY indicator) FILTER (same) AS figures
FROM both_told GROUP BY report_id, report_id_other, township_other
HAVING count_if(same) >= {LEAST} AND count_if(same) >= {SHARE} * count(*)
QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY count_if(same) DESC, report_id_other) = 1
ORDER BY report_id
"""


REFUSED = """
WITH newest AS (
    SELECT source_uri, max_by(sha256, (retrieved_at, sha256)) AS sha256, max_by(size, (retrieved_at, sha256)) AS bytes
    FROM sources GROUP BY source_uri HAVING count(*) > 1
),
turned_down AS (SELECT sha256, min_by(reason, source_uri) AS reason, min_by(detail, source_uri) AS detail
    FROM refusals WHERE sha256 IS NOT NULL GROUP BY sha256
)
SELECT r.report_id, t.reason, t.detail, n.bytes, s.size AS bytes_before
FROM reports r JOIN newest n USING (source_uri) JOIN turned_down t ON t.sha256 = n.sha256
JOIN sources s ON s.sha256 = r.sha256 AND s.source_uri = r.source_uri
WHERE r.status <> 'superseded' AND r.sha256 <> n.sha256 ORDER BY r.report_id
"""
