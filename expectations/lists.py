"""Lists: what a run report lists whole, as queries over the tables of the run; only their first rows become models.

``make_lists`` leaves one table of the shelf for each list, in the order in which it is shown, the most important first.
A list has no more rows than a spreadsheet: of ten years of the country the values alone are 18 million, which the
release has in 4 GB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from expectations.checking import RANK
from expectations.frames import records
from expectations.listings import SPREADSHEET
from expectations.shelf import PREVIOUS, Shelf
from expectations.tallies import hold
from expectations.years import Years
from warehouse.contracts import Run

WHOLE = 200_000
"""Values, findings and reports up to which all are listed. Of more, of each the reports' that this run read, the
findings that are critical and the reports that have such, and of findings a few of each check: the release has them
all, and a run with 50 late reports need not write out ten years of the country."""


MOST = SPREADSHEET
"""Findings, values and changes that are listed."""
TOLD = 20_000
"""Reports that are told at once, with their titles and addresses."""
SORTED = 200_000
"""Findings up to which all are sorted at once, as in ``warehouse/ranges.py``."""


def make_lists(shelf: Shelf, run: Run, last: Run | None, held: frozenset[str]) -> Mapping[str, int]:
    """Make ``<name>_list`` for each list of a run report; the shelf has ``findings`` and the tables of the run.

    Returns:
        The rows that there are, of the lists that have ``MOST`` at most.
    """
    years = hold(shelf, held)
    shelf.connection.execute(STANDINGS)
    shelf.connection.execute(INDICATOR_PLACES)
    findings = _list_findings(shelf, run)
    reports = _list_reports(shelf, run)
    values = _list_values(shelf, run)
    changed = CHANGES.format(**_causes(run, last, years)) if f"{PREVIOUS}observations" in shelf else NO_CHANGES
    _keep(shelf, "changes", changed)
    _keep(shelf, "changes_list", CHANGES_LIST.format(most=MOST))
    _keep(shelf, "unmapped_list", UNMAPPED.format(heads=years.ask(shelf.connection, "unmapped", HEADS)))
    _keep(shelf, "refusals_list", REFUSALS if "refusals" in shelf else "SELECT 1 AS bug WHERE FALSE")
    changes = shelf.value("SELECT count(*) FROM changes")
    return {"reports": reports, "findings": findings, "values": values, "changes": changes}


def _list_findings(shelf: Shelf, run: Run) -> int:
    """The worst, and some of each check in each year; how many there are.

    Many are sorted a check and a year at a time: millions at once are more than DuckDB sorts in its memory.
    """
    count = int(shelf.value("SELECT count(*) FROM findings"))
    _keep(shelf, "findings_list", "FROM findings LIMIT 0")
    own = OWN_FINDINGS.format(run=run.run_id)
    if count > WHOLE and shelf.value(f"SELECT count(*) FROM findings WHERE {own}") <= SORTED:
        _list_some_findings(shelf, own)
        return count
    groups: list[tuple[str, int]] = [("TRUE", count)]
    if count > min(SORTED, MOST):
        told = shelf.connection.execute(FINDING_GROUPS).fetchall()
        groups = [(FINDING_GROUP.format(*row), rows) for *row, rows in told]
    left = MOST - FEW_EACH * len(groups) if count > MOST else MOST
    for where, rows in groups:
        kept = min(rows, max(left, FEW_EACH))
        shelf.connection.execute(f"INSERT INTO findings_list FROM findings WHERE {where} {FINDINGS} LIMIT {kept}")
        left -= kept
    return count


def _list_some_findings(shelf: Shelf, own: str) -> None:
    """Those that are this run's own, and of each check and severity the first few, whosever they are."""
    _keep(shelf, "some_findings", f"FROM findings WHERE {own}")
    counted = 'SELECT severity, "check" FROM findings GROUP BY ALL ORDER BY ALL'
    for severity, check in shelf.connection.execute(counted).fetchall():
        group = f"severity = '{severity}' AND \"check\" = '{check}'"
        few = f"FROM findings WHERE {group} {FINDINGS} LIMIT {FEW_EACH}"
        shelf.connection.execute(f"INSERT INTO some_findings FROM ({few}) WHERE NOT ({own})")
    shelf.connection.execute(f"INSERT INTO findings_list FROM some_findings {FINDINGS}")


def _list_reports(shelf: Shelf, run: Run) -> int:
    """The reports, those with the gravest findings first; how many there are.

    Their order is found by their ids and counts alone, then some of them at a time are told with all that belongs to
    them: to count, join and sort 400,000 at once is more than DuckDB does in its memory.
    """
    _keep(shelf, "told", TOLD_OF_REPORTS)
    count = int(shelf.value("SELECT count(*) FROM standings"))
    which = "TRUE" if count <= WHOLE else f"run_id = '{run.run_id}' OR critical > 0"
    _keep(shelf, "report_places", REPORT_PLACES.format(which=which))
    listed = "TRUE" if count <= WHOLE else LISTED_REPORTS
    for name, sql in REPORT_COUNTS.items():
        _keep(shelf, name, sql.format(which=listed))
    _keep(shelf, "reports_list", REPORTS.format(first=0, last=-1))
    for first in range(0, int(shelf.value("SELECT count(*) FROM report_places")), TOLD):
        some = REPORTS.format(first=first + 1, last=first + TOLD)
        shelf.connection.execute(f"INSERT INTO reports_list {some}")
    return count


def _list_values(shelf: Shelf, run: Run) -> int:
    """The values, of whole places, the newest year first; how many there are."""
    everything = shelf.value("SELECT count(*) FROM observations") <= WHOLE
    shelf.connection.execute(OWN_VALUES.format(run=run.run_id, which="TRUE" if everything else "NOT old"))
    count = int(shelf.value("SELECT count(*) FROM own_values"))
    if count > MOST:
        _keep(shelf, "listed_places", LISTED_PLACES.format(most=MOST))
        _keep(shelf, "listed_values", "FROM own_values SEMI JOIN listed_places USING (old, report_year, township_code)")
    else:
        _keep(shelf, "listed_values", "FROM own_values")
    _keep(shelf, "values_list", VALUES)
    return count


def _keep(shelf: Shelf, name: str, sql: str) -> None:
    shelf.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")


def head(shelf: Shelf, name: str, count: int) -> pd.DataFrame:
    """The first rows of a list."""
    return shelf.query(f"FROM {name} LIMIT {count}").to_pandas()


def worst(shelf: Shelf, count: int) -> pd.DataFrame:
    """The first findings, and a few of every check and severity however many come before them.

    Without the few, the notes of a large run would all be cut off, and their filters would find nothing.
    """
    return shelf.query(WORST.format(few=FEW_EACH, count=count)).to_pandas()


FEW_EACH = 10
"""Findings of each check and severity that a capped list keeps: enough to see what the check means."""
WORST = """
FROM findings_list WHERE rowid IN (
    SELECT place FROM (
        SELECT rowid AS place, row_number() OVER (PARTITION BY "check", severity ORDER BY rowid) AS turn
        FROM findings_list
    ) ORDER BY turn > {few}, place LIMIT {count}
) ORDER BY rowid
"""
STANDINGS = """
CREATE OR REPLACE TEMP TABLE standings AS
SELECT report_id, township_code, report_year, published_on, rules, run_id,
       CASE WHEN report_id IN (FROM held) THEN 'quarantined' ELSE status END AS status
FROM reports
"""
INDICATOR_PLACES = """
CREATE OR REPLACE TEMP TABLE indicator_places AS
SELECT indicator, name_zh, name_en, domain, row_number() OVER () AS place FROM indicators
"""
RANKS = "CASE severity " + " ".join(f"WHEN '{name}' THEN {rank}" for name, rank in RANK.items()) + " END"
FINDINGS = f"""
ORDER BY {RANKS}, "check", coalesce(report_year, 0), coalesce(township_code, ''),
    coalesce(report_id, ''), coalesce(indicator, ''), coalesce(ordinal, 0), message
"""
OWN_FINDINGS = """(severity = 'critical' OR report_id IS NULL
    OR report_id IN (SELECT report_id FROM standings WHERE run_id = '{run}'))"""
FINDING_GROUPS = f"""
SELECT * FROM (
    SELECT severity, "check", coalesce(report_year, 0) AS year, count(*) FROM findings GROUP BY ALL
) ORDER BY {RANKS}, "check", year
"""
FINDING_GROUP = "severity = '{}' AND \"check\" = '{}' AND coalesce(report_year, 0) = {}"
TOLD_OF_REPORTS = """
SELECT report_id, count_if(severity = 'critical') AS critical, count_if(severity = 'warning') AS warning,
       count_if(severity = 'info') AS info
FROM findings GROUP BY report_id
"""
REPORT_COUNTS = {
    "figures": "SELECT report_id, count(*) AS mentions FROM mentions WHERE {which} GROUP BY report_id",
    "cells": "SELECT report_id, count(*) AS observations FROM observations WHERE {which} GROUP BY report_id",
}
"""What is counted of each report that is listed, table by table."""
LISTED_REPORTS = """report_id IN (SELECT report_id FROM report_places) AND report_year IN
    (SELECT report_year FROM standings JOIN report_places USING (report_id))"""
REPORT_PLACES = """
SELECT report_id, coalesce(critical, 0) AS critical, coalesce(warning, 0) AS warning, coalesce(info, 0) AS info,
       row_number() OVER (
           ORDER BY coalesce(critical, 0) DESC, coalesce(warning, 0) DESC, coalesce(info, 0) DESC, report_year DESC,
                    township_code, report_id
       ) AS place
FROM standings LEFT JOIN told USING (report_id) WHERE {which}
"""
REPORTS = """
SELECT r.report_id, r.township_code, r.report_year, r.title, r.publisher, r.published_on, r.source_uri, r.media_type,
       s.status, r.characters, r.damage, r.identity, t.township, t.county_code, t.county, t.city, t.province,
       coalesce(mentions, 0) AS mentions, coalesce(observations, 0) AS observations, critical, warning, info
FROM (FROM report_places WHERE place BETWEEN {first} AND {last}) p JOIN reports r USING (report_id)
JOIN standings s USING (report_id) LEFT JOIN townships t ON t.township_code = r.township_code
LEFT JOIN figures f ON f.report_id = r.report_id LEFT JOIN cells c ON c.report_id = r.report_id
ORDER BY place
"""
OWN_VALUES = """
CREATE OR REPLACE TEMP VIEW own_values AS SELECT * FROM (
    SELECT o.* EXCLUDE (rivals), coalesce(s.run_id <> '{run}', TRUE) AS old
    FROM observations o LEFT JOIN standings s ON s.report_id = o.report_id
    WHERE o.report_id NOT IN (FROM held)
) WHERE {which}
"""
LISTED_PLACES = """
SELECT old, report_year, township_code FROM (
    SELECT *, sum(cells) OVER (ORDER BY old, report_year DESC, township_code) AS together FROM (
        SELECT old, report_year, township_code, count(*) AS cells FROM own_values GROUP BY ALL
    )
) WHERE together <= {most}
"""
VALUES = """
SELECT o.* EXCLUDE (old), t.township, i.name_zh, i.name_en, i.domain, m.surface, m.sentence, m.start, m."end"
FROM listed_values o
LEFT JOIN mentions m ON m.report_id = o.report_id AND m.ordinal = o.ordinal AND m.report_year = o.report_year
LEFT JOIN townships t ON t.township_code = o.township_code
LEFT JOIN indicator_places i ON i.indicator = o.indicator
ORDER BY old, o.report_year DESC, o.township_code, i.place
"""
HEADS = """
WITH own AS (
    SELECT report_id, report_year, ordinal, unit, coalesce(nullif(head, ''), '（未识别）') AS head
    FROM mentions
    WHERE {where} AND len(indicators) = 0 AND kind IN ('actual', 'zero') AND scope <> 'higher'
),
by_report AS (
    SELECT report_year, head, report_id, count(*) AS figures, min(ordinal) AS ordinal FROM own GROUP BY ALL
),
heads AS (
    SELECT report_year, head, sum(figures)::BIGINT AS count, count(*) AS reports, min((report_id, ordinal)) AS first
    FROM by_report GROUP BY report_year, head
),
head_units AS (
    SELECT report_year, head, list_sort(list(unit)) AS units
    FROM (SELECT DISTINCT report_year, head, unit FROM own WHERE unit IS NOT NULL) GROUP BY report_year, head
)
SELECT h.report_year, h.head, h.count, h.reports, m.report_id, m.start, m."end", m.sentence, u.units
FROM heads h LEFT JOIN head_units u ON u.report_year = h.report_year AND u.head = h.head
JOIN mentions m ON m.report_year = h.report_year AND m.report_id = h.first[1] AND m.ordinal = h.first[2]
"""
"""Of each year. Counted by report first, with states of one size: lists of units for each report cannot be spilled."""
UNMAPPED = """
WITH heads AS ({heads}), totals AS (
    SELECT head, sum(count)::BIGINT AS count, sum(reports)::BIGINT AS reports, min(report_year) AS report_year,
           array_to_string(list_sort(list_distinct(flatten(list(units) FILTER (units IS NOT NULL)))), ';') AS units
    FROM heads GROUP BY head
)
SELECT t.head, t.count, t.reports, h.report_id, h.start, h."end", h.sentence, coalesce(t.units, '') AS units
FROM totals t JOIN heads h ON h.head = t.head AND h.report_year = t.report_year
ORDER BY t.count DESC, t.reports DESC, t.head
"""
REFUSALS = "SELECT * FROM refusals ORDER BY reason <> 'failed', reason, source_uri"
NO_CHANGES = """
SELECT '' AS township_code, 0 AS report_year, '' AS indicator, '' AS kind, '' AS cause, 0.0::DOUBLE AS before,
       0.0::DOUBLE AS after, 0.0::DOUBLE AS size WHERE FALSE
"""
PLACES = """
SELECT township_code, report_year, concat_ws(' ', count(*), sum(hash(indicator, value, status)::HUGEINT)) AS state
FROM {table} WHERE {changed} AND {which} GROUP BY ALL
"""
"""What each township's year says, in short: the cells are joined of those alone where that is another."""
CHANGES = """
WITH old_places AS ({places_old}), new_places AS ({places_new}),
places AS (
    SELECT township_code, report_year FROM old_places FULL JOIN new_places USING (township_code, report_year)
    WHERE old_places.state IS DISTINCT FROM new_places.state
),
old AS (FROM previous_observations SEMI JOIN places USING (township_code, report_year) WHERE {changed}),
new AS (
    FROM observations SEMI JOIN places USING (township_code, report_year)
    WHERE {changed} AND report_id NOT IN (FROM held)
),
both_told AS (
    SELECT township_code, report_year, indicator, old.value::DOUBLE AS before, new.value::DOUBLE AS after,
           old.status AS status_old, new.status AS status_new, old.report_id AS report_old, new.report_id AS report_new,
           CASE WHEN new.status IS NULL THEN 'vanished' WHEN old.status IS NULL THEN 'appeared' ELSE 'revised' END
               AS kind
    FROM old FULL JOIN new USING (township_code, report_year, indicator)
    WHERE old.value IS DISTINCT FROM new.value OR old.status IS DISTINCT FROM new.status
),
caused AS (
    SELECT b.*, coalesce(report_old IN (SELECT report_id FROM standings), FALSE)
             OR coalesce(report_new IN (SELECT report_id FROM previous_reports), FALSE) AS kept,
           report_old IS NOT NULL AND report_new IS NOT NULL AS known,
           (SELECT max(rules) FROM previous_reports p WHERE p.report_id = report_old) AS rules_old,
           (SELECT max(rules) FROM standings s WHERE s.report_id = report_new) AS rules_new,
           (township_code, report_year) IN (SELECT (township_code, report_year) FROM previous_reports) AS had,
           (township_code, report_year) IN (SELECT (township_code, report_year) FROM standings) AS has,
           (township_code, report_year) IN
               (SELECT (township_code, report_year) FROM standings WHERE status = 'quarantined') AS quarantined
    FROM both_told b
),
named AS (
    SELECT *, CASE
        WHEN status_old = 'corrected' OR status_new = 'corrected' THEN 'correction'
        WHEN NOT had THEN 'new_report' WHEN quarantined THEN 'quarantined' WHEN NOT has THEN 'report_withdrawn'
        WHEN (known AND report_old <> report_new) OR (NOT known AND NOT kept) THEN 'report_replaced'
        WHEN (known AND rules_old IS DISTINCT FROM rules_new) OR ({others} AND kept) THEN '{reread}'
        ELSE 'reading_changed' END AS cause,
        coalesce(least(abs(after - before) / greatest(abs(before), abs(after), 1.0), 1.0), 1.0) AS size
    FROM caused
)
SELECT township_code, report_year, indicator, kind, cause, before, after, size FROM named
"""
CHANGES_LIST = """
FROM changes ORDER BY list_position(['revised', 'vanished', 'appeared'], kind), size DESC,
    coalesce(greatest(abs(before), abs(after)), 0.0) DESC, township_code, report_year, indicator LIMIT {most}
"""
"""Revisions first: what appears with a new report is news, what changes in an old one is a question. A cell that
appears or vanishes within one and the same report has that report on one side only (``kept``)."""


def _causes(run: Run, last: Run | None, years: Years) -> dict[str, str]:
    dictionary_only = last is not None and last.rules == run.rules and last.dictionary != run.dictionary
    changed = last is not None and (last.rules != run.rules or last.dictionary != run.dictionary)
    sides = {"places_old": ("previous_observations", "TRUE")}
    sides |= {"places_new": ("observations", "report_id NOT IN (FROM held)")}
    places = {
        name: PLACES.format(table=table, which=which, changed=years.changed) for name, (table, which) in sides.items()
    }
    return {
        **places,
        "changed": years.changed,
        "others": str(changed),
        "reread": "dictionary_changed" if dictionary_only else "rules_changed",
    }


def change_counts(shelf: Shelf) -> list[dict[str, Any]]:
    """How many cells changed in each way for each cause."""
    counted = "SELECT kind, cause, count(*) AS cells FROM changes GROUP BY ALL ORDER BY kind, cause"
    return records(shelf.query(counted).to_pandas())
