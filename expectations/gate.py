"""The gate: every check over the tables about to be published, and what follows from what they found.

``critical`` on a report keeps that report out of the release (quarantine); ``critical`` on a table, or too many
quarantined
reports at once, closes the gate: the last release stays. Warnings and notes travel with the release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from expectations import heap, kept
from expectations.checking import CheckContext, order, run_checks
from expectations.frames import Frames
from expectations.ratchets import ratchets
from expectations.shelf import Shelf, arrow_of
from expectations.suites import SuiteResult, Suites
from expectations.wide import compare
from warehouse.contracts import FINDINGS, Finding, Severity

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

QUARANTINE_LIMIT = 0.2
"""More than a fifth of the reports failing at once is a fault of ours (or of the source), not of the reports."""
FEW = 5
"""Below this many reports a share says nothing; the gate closes only when none is left."""


CHECKED = ("reports", "mentions", "observations")
"""Tables of reports whose rows are validated."""
PART = 1000
"""Reports that are checked at once: some 60,000 mentions; the frames of them take up to 250 MB, and those of twice as
many save no time that could be measured."""


class Validation(NamedTuple):
    """What the checks found and what follows.

    Attributes:
        findings: All of them, the worst first; empty where they were written to a file instead.
        counts: How many there are of each check and severity.
        quarantined: Reports that must not be published.
        gate_closed: Whether nothing may be published.
        gate_reasons: Why, in Chinese, one sentence each; empty while the gate is open.
        gx_results: Great Expectations' results, one a table.
    """

    findings: list[Finding]
    counts: Mapping[tuple[str, Severity], int]
    quarantined: frozenset[str]
    gate_closed: bool
    gate_reasons: tuple[str, ...]
    gx_results: list[SuiteResult]


def validate(tables: Mapping[str, Any], context: CheckContext) -> Validation:
    """Check the tables about to be published, which are held in memory anyhow; see ``validate_shelf``.

    Args:
        tables: Arrow tables (or pandas frames) by name: ``reports``, ``mentions``, ``observations``, ``texts``,
        ``townships``, ``indicators``;
            the observations of earlier years among them, for the checks that compare with the past.
        context: What else the checks need.
    """
    found = Found()
    validation = validate_shelf(Shelf.of(tables, context.previous), context, found)
    return validation._replace(findings=sorted(found.kept, key=order))


class Found:
    """Findings as they are made: counted, and kept here or, those of the parts, written to a file."""

    def __init__(self, made: Path | None = None) -> None:
        self.counts: Counter[tuple[str, Severity]] = Counter()
        self.kept: list[Finding] = []
        self.stopping: list[Finding] = []
        """Critical ones that are not of one report."""
        self.quarantined: set[str] = set()
        self.standing: kept.Standing | None = None
        """Those of an earlier run that still stand, which are counted and neither kept nor written here."""
        self.lasting = False
        """Whether the next run may take what is found of a township as it is."""
        self.made = made
        self._writer: pq.ParquetWriter | None = None

    def add(self, findings: Iterable[Finding]) -> None:
        """Take some of them, not many."""
        self.kept += self._counted(findings)

    def add_part(self, findings: Iterable[Finding]) -> None:
        """Take those of a part."""
        rows = self._counted(findings)
        if self.made is None:
            self.kept += rows
        elif rows:
            self._write(arrow_of(FINDINGS, rows))

    def add_standing(self, standing: kept.Standing) -> None:
        """Take those of an earlier run that still stand."""
        import pyarrow.compute as pc

        for table in standing.tables(("check", "severity", "report_id", "township_code")):
            for row in table.group_by(["check", "severity"]).aggregate([([], "count_all")]).to_pylist():
                self.counts[row["check"], row["severity"]] += row["count_all"]
            critical = table.filter(pc.field("severity") == "critical")["report_id"].unique().to_pylist()
            self.quarantined.update(filter(None, critical))
        self.standing = standing

    def close(self) -> None:
        """All parts are done: what was written can be read."""
        if self.made is not None:
            self._write(arrow_of(FINDINGS, []))
        if self._writer is not None:
            self._writer.close()

    def _counted(self, findings: Iterable[Finding]) -> list[Finding]:
        rows = list(findings)
        self.counts.update((row.check, row.severity) for row in rows)
        critical = [row for row in rows if row.severity == "critical"]
        self.quarantined.update(row.report_id for row in critical if row.report_id)
        self.stopping += [row for row in critical if not row.report_id]
        return rows

    def _write(self, table: pa.Table) -> None:
        import pyarrow.parquet as pq

        if self._writer is None and self.made is not None:
            self._writer = pq.ParquetWriter(self.made, arrow_of(FINDINGS, []).schema)
        if self._writer is not None:
            self._writer.write_table(table.cast(arrow_of(FINDINGS, []).schema))


def validate_shelf(
    shelf: Shelf, context: CheckContext, found: Found, part: int = PART, memory: kept.Memory | None = None
) -> Validation:
    """Check the tables about to be published, a part at a time, so that the memory does not grow with them.

    Args:
        shelf: The tables; those of the last release under names that begin with ``previous_``.
        context: What else the checks need.
        found: Takes the findings, part after part.
        part: About how many reports are at hand at once.
        memory: What an earlier run found of each township (``expectations/kept.py``); those of which nothing changed
            are not checked again. None checks all.

    Returns:
        The counts of findings, the reports to quarantine, and whether the gate is closed.

    Raises:
        RuntimeError: A rule could not be evaluated.
    """
    suites = Suites(context)
    seeds = Frames(shelf.seeds(), context.run_id)
    unchanged: Mapping[str, int] = {}
    readable = suites.run_schema({name: shelf.schema(name) for name in shelf.names}, seeds, found.add)
    if readable:
        suites.run_seeds(seeds, found.add)
        found.lasting = not found.kept  # what is wrong with the seeds is told of townships, too
        compare(shelf, seeds.indicators.values())
        kept.find_unchanged(shelf, memory)
        stands = kept.standing(shelf, memory, context.run_id)
        if stands is not None:
            found.add_standing(stands)
        looked: Counter[str] = Counter()
        for tables in shelf.parts(part, but="unchanged"):
            looked.update({name: table.num_rows for name, table in tables.items()})
            frames = Frames({**seeds.tables, **tables}, context.run_id, seeds).beside(shelf)
            suites.run(frames, found.add_part)
            found.add_part(run_checks(frames, context))
            del tables, frames  # before the next part is read, and not after
            heap.give_back()
        if stands is not None:
            unchanged = {name: shelf.value(f"SELECT count(*) FROM {name}") - looked[name] for name in CHECKED}
    found.close()
    quarantined = frozenset(found.quarantined)
    found.add(ratchets(shelf, seeds, context, quarantined))
    standing = "SELECT count(DISTINCT report_id) FROM reports WHERE status <> 'superseded'"
    reports = shelf.value(standing) if "reports" in shelf else 0
    reasons = gate_reasons(found.stopping, quarantined, reports)
    return Validation([], dict(found.counts), quarantined, bool(reasons), reasons, suites.results(unchanged))


def gate_reasons(findings: Iterable[Finding], quarantined: frozenset[str], reports: int) -> tuple[str, ...]:
    """Why nothing may be published; empty where it may.

    Args:
        findings: All findings.
        quarantined: Reports with a critical finding.
        reports: Reports that would be published if there were none.
    """
    reasons = [f.message for f in findings if f.severity == "critical" and not f.report_id]
    count = len(quarantined)
    if count and (count >= reports or (reports >= FEW and count > QUARANTINE_LIMIT * reports)):
        reasons.append(f"{reports}份报告中有{count}份存在严重问题，多半是程序或来源的问题，故保留上一版本。")
    return tuple(dict.fromkeys(reasons))
