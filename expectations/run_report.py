"""The run report: what one run did and found, for people and for programs.

These models are the report: ``report.json`` is one ``RunReport``, its JSON schema and ``docs/run-report.md`` are
generated from here, and
``report.html`` is rendered from it (``expectations/page.py``). Every text is made harmless on its way in: control
characters
and signs that change the direction of writing stand as visible escapes, since reports are strangers' text.

Lists are capped; each says how many there are in all, and the whole list stands beside the report as parquet and CSV.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr

from warehouse.contracts import RefusalReason, ReportStatus, Severity
from warehouse.neutral import printable

SCHEMA_VERSION = "2.2"
"""Raised by one in front when a field changes its meaning or goes, behind the point when one is added."""

Text = Annotated[str, AfterValidator(printable)]
Outcome = Literal["published", "unchanged", "gate_closed"]
ChangeKind = Literal["appeared", "vanished", "revised"]
Cause = Literal[
    "new_report",
    "report_replaced",
    "report_withdrawn",
    "quarantined",
    "correction",
    "dictionary_changed",
    "rules_changed",
    "reading_changed",
]
Level = Literal["county", "city", "province"]
Step = Literal["all", "most", "half", "few", "none"]
"""Share received: all, from three quarters, from two fifths, more than none, none."""
Row = TypeVar("Row", bound=BaseModel)


class Model(BaseModel):
    """A frozen model that knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ASKED = {
    "coverage": 'query "FROM coverage"',
    "missing": 'query "FROM absences"',
    "reports": 'query "FROM reports"',
    "refusals": 'query "FROM refusals"',
    "findings": 'query "FROM findings"',
    "values": 'query "FROM indicator_values"',
    "changes": "diff",
    "unmapped": 'query "FROM unmapped_mentions"',
}
"""What to ask of a release for the rows of a list that its file has no room for."""
SPREADSHEET_ONLY = ("电子表格的上限", "as many as a spreadsheet holds")
CUT_BY = {
    "findings": (
        "本次读入的报告的、严重的，以及每项检查的若干条，至多为电子表格的上限",
        "those of the reports just read, the critical ones and some of every check, as many as a spreadsheet holds",
    ),
    "reports": (
        "本次读入的与有严重问题的，至多为电子表格的上限",
        "those just read and those with critical findings, as many as a spreadsheet holds",
    ),
}
"""Why the file of a list has not all of it, where that is not only for a spreadsheet's sake."""


class Listing(Model, Generic[Row]):
    """A capped list: the first ``rows`` of ``total``; ``file`` is the whole list, or the most important of it."""

    total: int = Field(description="rows in all")
    rows: tuple[Row, ...] = Field(description="the rows shown, the most important first")
    file: Text = Field(description="name of the list beside the report, without .parquet or .csv")
    listed: int | None = Field(
        default=None,
        description="rows of that list where it has not all: as many as a spreadsheet holds; of more than 200,000 "
        "findings those of the reports that this run read, the critical ones and some of every check, of more than "
        "200,000 reports those that it read and those with critical findings",
    )

    @property
    def rest(self) -> str:
        """The command that tells what is not in the file, where something is not."""
        return f"nianbao {ASKED[self.file]}" if self.listed is not None else ""

    @property
    def cut_by(self) -> tuple[str, str]:
        """Why not, in Chinese and English."""
        return CUT_BY.get(self.file, SPREADSHEET_ONLY)

    @property
    def hidden(self) -> int:
        """Rows that are not shown."""
        return self.total - len(self.rows)


class Segment(Model):
    """A stretch of a passage: plain, inside the evidence sentence, or one of its figures."""

    text: Text
    mark: Literal["", "sentence", "figure"] = ""


Passage = tuple[Segment, ...]


class RunFacts(Model):
    """Which run this is, and by what it was made."""

    run_id: Text
    outcome: Outcome
    version: Text = Field(description="version of nianbao")
    rules: Text = Field(description="digest of the extraction rules")
    dictionary: Text = Field(description="digest of the dictionary")
    registry: Text = Field(description="digest of the registry")
    previous_run: Text | None = Field(description="run of the release before, None for the first")
    scope: tuple[Text, ...] = Field(description="code prefixes of the townships expected; empty where none was named")
    years: tuple[int, ...] = Field(description="report years among the reports")
    finished_at: datetime | None = Field(description="when the report was written (UTC)")


class Verdict(Model):
    """The run in a sentence, and what a person should do now."""

    level: Literal["good", "attention", "stopped"]
    zh: Text
    en: Text
    actions_zh: tuple[Text, ...]
    actions_en: tuple[Text, ...]


class Counts(Model):
    """How much of everything."""

    sources: int
    snapshots: int
    reports: int = Field(description="reports in the tables, superseded ones left out")
    published: int
    quarantined: int
    superseded: int
    refused: int = Field(description="sources that gave no report, for a reason that the system knows")
    failed: int = Field(description="sources that gave no report because of a bug")
    mentions: int
    figures: int = Field(description="mentions that are the township's own totals (actual or zero)")
    mapped: int = Field(description="those of them that have an indicator")
    observations: int
    critical: int
    warning: int
    info: int


class CoverageCounts(Model):
    """How many reports are expected, and what became of them; the last six add up to the first."""

    expected: int
    on_time: int
    undated: int
    late: int
    quarantined: int
    unusable: int = Field(description="unreadable or refused")
    not_published: int


class CoverageRow(Model):
    """One area and year; a row of the view ``coverage``."""

    level: Level
    area_code: Text
    area: Text
    city: Text | None
    province: Text
    report_year: int
    expected: int = Field(description="reports that ought to exist")
    received: int = Field(description="received and published")
    missing: int = Field(description="expected and not received: the sum of the next four")
    quarantined: int = Field(description="kept out by a critical finding")
    unreadable: int = Field(description="found but not readable")
    refused: int = Field(description="found but not the report of this township and year")
    not_published: int = Field(description="nothing was found")
    on_time: int = Field(description="of those received, public by 1 April of the next year, the statutory date")
    late: int = Field(description="of those received, public after 1 April")
    undated: int = Field(description="of those received, without a date of publication")
    part_year: int = Field(description="of those received, covering nine months or less (half a year, a quarter)")


class Tile(Model):
    """One area of a coverage map."""

    area: Text
    expected: int
    received: int
    step: Step


class TileRow(Model):
    """The areas that lie in one larger area."""

    area: Text
    tiles: tuple[Tile, ...]


class CoverageMap(Model):
    """One year at a glance: the whole, and a tile for each county by prefecture, or for each prefecture by province."""

    report_year: int
    level: Level = Field(description="what a tile is")
    whole: CoverageCounts
    rows: tuple[TileRow, ...]


class Unit(Model):
    """A township, where it lies, and a year."""

    township_code: Text
    township: Text
    county: Text
    city: Text
    report_year: int


class MissingRow(Unit):
    """A township that is expected to report and did not."""

    reason: Text = Field(description="not_published, refused, unreadable, quarantined")
    due_on: date = Field(description="by when the report has to be public")


class ReportRow(Unit):
    """A report that came in."""

    report_id: Text
    title: Text
    publisher: Text | None
    published_on: date | None
    source_uri: Text
    media_type: Text
    status: ReportStatus
    characters: int
    damage: int
    mentions: int
    observations: int
    critical: int
    warning: int
    info: int
    identity: Text = Field(description="the evidence for this township and year, as JSON")


class RefusalRow(Model):
    """A source that gave no report, why, and what to do."""

    source_uri: Text
    reason: RefusalReason
    reason_zh: Text
    detail: Text


class FindingRow(Model):
    """One finding with its evidence in place."""

    severity: Severity
    check: Text
    check_zh: Text
    check_en: Text
    report_id: Text | None
    township_code: Text | None
    township: Text
    county: Text
    report_year: int | None
    indicator: Text | None
    indicator_zh: Text
    ordinal: int | None
    message: Text
    message_en: Text
    passages: tuple[Passage, ...] = Field(description="each evidence sentence within its paragraph")
    source_uri: Text | None


class ValueRow(Model):
    """One observation with its sentence."""

    township_code: Text
    township: Text
    report_year: int
    indicator: Text
    name_zh: Text
    name_en: Text
    domain: Text
    value: Text = Field(description="exact decimal; empty where totals conflict")
    value_high: Text | None
    unit: Text
    qualifier: Text
    status: Text
    surface: Text
    passage: Passage


class ChangeRow(Model):
    """One cell that differs from the last release."""

    township_code: Text
    township: Text
    report_year: int
    indicator: Text
    name_zh: Text
    name_en: Text
    kind: ChangeKind
    cause: Cause
    before: Text | None
    after: Text | None
    size: float = Field(description="relative size of the change, 0 to 1; 1 for what appeared or vanished")


class ChangeCount(Model):
    """How many cells changed in one way for one cause."""

    kind: ChangeKind
    cause: Cause
    cells: int


class UnmappedRow(Model):
    """A counted noun that no indicator fits."""

    head: Text
    count: int
    reports: int
    units: tuple[Text, ...]
    example: Passage


class MetricRow(Model):
    """One measure on the labelled reports."""

    name: Text
    zh: Text
    now: float | None
    before: float | None


class Timing(Model):
    """How long a step took."""

    step: Text
    seconds: float


class SuiteRow(Model):
    """What Great Expectations said of one table."""

    table: Text
    rows: int = Field(description="rows validated in this run")
    unchanged: int = Field(
        description="rows of townships that have not changed since theirs were validated; what was found then stands"
    )
    expectations: int
    failed: tuple[Text, ...] = Field(description="expectations that did not hold, with the number of rows")
    page: Text | None = Field(description="its page, relative to the report")


class RunReport(Model):
    """What one run did and found."""

    schema_version: Literal["2.2"] = "2.2"
    run: RunFacts
    verdict: Verdict
    counts: Counts
    coverage: Listing[CoverageRow]
    maps: tuple[CoverageMap, ...] = Field(description="the years with expected reports, the newest first")
    missing: Listing[MissingRow]
    reports: Listing[ReportRow]
    refusals: Listing[RefusalRow]
    findings: Listing[FindingRow]
    finding_counts: tuple[tuple[Text, Severity, int], ...] = Field(description="check, severity, number of findings")
    values: Listing[ValueRow]
    change_counts: tuple[ChangeCount, ...]
    changes: Listing[ChangeRow]
    unmapped: Listing[UnmappedRow]
    evaluation: tuple[MetricRow, ...]
    evaluated_reports: int
    suites: tuple[SuiteRow, ...]
    timings: tuple[Timing, ...]
    _lists: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def lists(self) -> Mapping[str, Any]:
        """The whole lists as DuckDB relations by name, where the report was built in this process; else empty."""
        return self._lists

    def to_json(self) -> str:
        """``report.json``: UTF-8, one space a level, fields in the order of the models."""
        return self.model_dump_json(indent=1) + "\n"


def read_report(path: Path) -> RunReport:
    """Read a ``report.json``.

    Raises:
        ValueError: The file is no run report, or one of another schema version; the message says which.
    """
    return RunReport.model_validate_json(path.read_text(encoding="utf-8"))


def schema() -> dict[str, Any]:
    """The JSON schema of ``report.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **RunReport.model_json_schema()}
