"""Suites: what is expected of every table, run by Great Expectations, and the findings for rows that break a rule."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pyarrow as pa

from expectations import indicators, mentions, observations, reports, townships
from expectations.checking import CheckContext
from expectations.frames import Frames, records
from expectations.rows import Domain, RowRule, Suite
from expectations.shelf import OF_REPORTS, Shelf
from warehouse.contracts import Contract, Finding, Severity

if TYPE_CHECKING:
    from expectations.engine import Engine

SUITES: tuple[Suite, ...] = (reports.SUITE, mentions.SUITE, observations.SUITE, townships.SUITE, indicators.SUITE)
TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(24, 6),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "texts": pa.list_(pa.string()),
}
"""The arrow type of each of the contracts' types; of one with parameters (decimal) only the kind is checked."""


class Failure(NamedTuple):
    """An expectation that did not hold: how many of the table's rows broke it."""

    table: str
    expectation: str
    severity: Severity
    rows: int


class SuiteResult(NamedTuple):
    """What Great Expectations said of one table.

    ``rows`` were validated in this run; ``unchanged`` are of townships of which nothing has changed since theirs were,
    and what was found of them then stands. ``page`` is its data docs page, None where none was kept.
    """

    table: str
    rows: int
    expectations: int
    failures: tuple[Failure, ...] = ()
    page: Path | None = None
    unchanged: int = 0


Take = Callable[[Iterable[Finding]], None]
"""Takes findings, many times."""


class Suites:
    """The suites of one run, given the tables a part at a time.

    ``results`` has one result a table, the parts' added up; its page is Great Expectations' own, of the parts together.
    """

    def __init__(self, context: CheckContext) -> None:
        self._context = context
        self._engine = _engine()
        self._results: dict[str, SuiteResult] = {}
        self._pages: dict[str, Any] = {}

    def run_schema(self, schemas: Mapping[str, pa.Schema], frames: Frames, take: Take) -> bool:
        """Hold the tables against their contracts; whether the rules can read them.

        Rules cannot read tables that have other columns; the gate is closed then anyhow.
        """
        contracts = [suite.contract for suite in SUITES if suite.table in schemas]
        self._validate(frames, "schema", schema_frame(schemas, contracts), [SCHEMA_RULE], ("table", "column"), take)
        return not any(schema_faults(schemas, contracts))

    def run_seeds(self, frames: Frames, take: Take) -> None:
        """Validate the tables that are not taken in parts."""
        self._run(frames, [suite for suite in SUITES if suite.table not in OF_REPORTS], take)

    def run(self, frames: Frames, take: Take) -> None:
        """Validate the tables of some reports."""
        self._run(frames, [suite for suite in SUITES if suite.table in OF_REPORTS], take)

    def _run(self, frames: Frames, suites: Iterable[Suite], take: Take) -> None:
        for suite in suites:
            if suite.table in frames.tables:
                self._validate(frames, suite.table, suite.batch(frames), _rules(suite), suite.key, take)

    def _validate(
        self,
        frames: Frames,
        table: str,
        frame: pd.DataFrame,
        rules: Sequence[RowRule],
        key: tuple[str, ...],
        take: Take,
    ) -> None:
        """Validate a frame and take note of it.

        Raises:
            RuntimeError: An expectation could not be evaluated: a bug in a rule, named in the message.
        """
        outcome = self._engine.validate(table, frame, rules, key)
        for rule, rows in zip(rules, outcome.broken, strict=True):
            if rows:
                take(_findings(frames, table, frame, rule, key))
        before = self._results.get(table, SuiteResult(table, 0, len(rules)))
        counts = Counter({failure.expectation: failure.rows for failure in before.failures})
        counts.update({rule.expectation: rows for rule, rows in zip(rules, outcome.broken, strict=True) if rows})
        failures = tuple(
            Failure(table, rule.expectation, rule.severity, counts[rule.expectation])
            for rule in rules
            if counts[rule.expectation]
        )
        self._results[table] = before._replace(rows=before.rows + len(frame), failures=failures)
        self._pages[table] = self._engine.joined(self._pages.get(table), outcome.result)

    def results(self, unchanged: Mapping[str, int] = MappingProxyType({})) -> list[SuiteResult]:
        """What Great Expectations said of each table, in the order of the suites; pages are written where wanted.

        Args:
            unchanged: Rows of each table that were not validated again.
        """
        folder = self._context.docs_folder
        known = {suite.table: SuiteResult(suite.table, 0, len(_rules(suite))) for suite in SUITES}
        found = []
        for table in ("schema", *known):
            one = self._results.get(table) or (known[table] if unchanged.get(table) else None)
            if one is not None:
                told = self._pages.get(table)
                page = self._engine.page(told, table, folder) if folder is not None and told is not None else None
                found.append(one._replace(page=page, unchanged=unchanged.get(table, 0)))
        return found


@cache
def _engine() -> Engine:
    """Great Expectations, imported here and only here: it takes seconds, and only a run needs it.

    One for a process, since the suites and checkpoints are the same for every run and making them takes long.
    """
    with warnings.catch_warnings():
        # It imports sre_constants, which Python deprecates; nothing of ours can change that.
        warnings.simplefilter("ignore", DeprecationWarning)
        from expectations.engine import Engine
    return Engine()


def schema_frame(schemas: Mapping[str, pa.Schema], contracts: Iterable[Contract]) -> pd.DataFrame:
    """One row a column of the contracts: its type by the contract (``wanted``) and in the table (``found``)."""
    rows = []
    for contract in contracts:
        schema = schemas[contract.name]
        for field in contract:
            found = schema.field(field.name).type if field.name in schema.names else None
            fits = found is not None and found.id == TYPES[field.type].id
            rows.append((contract.name, field.name, field.type, field.type if fits else str(found or "")))
    return pd.DataFrame(rows, columns=["table", "column", "wanted", "found"])


def schema_faults(schemas: Mapping[str, pa.Schema], contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    """Table and column wherever a table does not fit its contract."""
    frame = schema_frame(schemas, contracts)
    wrong = frame[frame["wanted"] != frame["found"]]
    yield from zip(wrong["table"], wrong["column"], strict=True)


def make_readable(shelf: Shelf) -> None:
    """Put empty tables in the place of those that do not fit their contract, so that a report can still be made."""
    contracts = {suite.table: suite.contract for suite in SUITES if suite.table in shelf}
    schemas = {name: shelf.schema(name) for name in contracts}
    for name in {table for table, _ in schema_faults(schemas, contracts.values())}:
        shelf.put(name, pa.table({field.name: pa.array([], TYPES[field.type]) for field in contracts[name]}))


SCHEMA_RULE = RowRule(
    "schema_mismatch",
    "ExpectColumnsToFitTheirContracts",
    "critical",
    ("table", "column", "wanted", "found"),
    lambda frame: frame["wanted"] == frame["found"],
    "表{table}的列{column}应为{wanted}，实为“{found}”；不予发布。",
    "column {column} of table {table} should be {wanted}, but is “{found}”.",
)


def _rules(suite: Suite) -> list[RowRule]:
    return [_unique(suite), *(_closed(domain) for domain in suite.domain()), *suite.rules]


def _unique(suite: Suite) -> RowRule:
    key = list(suite.key)
    return RowRule(
        "key_duplicate",
        "ExpectCompoundColumnsToBeUnique",
        "critical",
        suite.key,
        lambda frame: ~frame.duplicated(key, keep=False),
        f"主键（{'、'.join(key)}）重复。",
        f"its key ({', '.join(key)}) is not unique.",
    )


def _closed(domain: Domain) -> RowRule:
    column, values = domain
    return RowRule(
        "value_outside_domain",
        f"ExpectColumnValuesToBeInSet({column})",
        "critical",
        (column,),
        lambda frame: frame[column].isin(values),
        f"列{column}的值“{{{column}}}”不在规定的取值（{'、'.join(values)}）之内。",
        f"{column} “{{{column}}}” is none of {', '.join(values)}.",
        values,
    )


def _findings(
    frames: Frames, table: str, frame: pd.DataFrame, rule: RowRule, key: tuple[str, ...]
) -> Iterator[Finding]:
    """One finding for each report (or, in tables without reports, each row) that breaks a rule."""
    broken = frame[~rule.holds(frame).astype(bool)]
    owner = "report_id" if "report_id" in frame.columns else key[-1]
    counts = broken.groupby(owner, sort=False).size()
    for row in records(broken.drop_duplicates(owner)):
        count = int(counts[row[owner]])
        more_zh, more_en = (f"（共{count}处）", f" ({count} rows)") if count > 1 else ("", "")
        where = "、".join(str(row[name]) for name in key if name in row)
        yield frames.finding(
            rule.check,
            rule.severity,
            f"{table}（{where}）：{rule.zh.format(**row)}{more_zh}",
            f"{table} ({where}): {rule.en.format(**row)}{more_en}",
            "，".join(f"{name}={row[name]}" for name in rule.columns),
            report_id=row.get("report_id"),
            township_code=row.get("township_code"),
            report_year=row.get("report_year"),
            indicator=row.get("indicator"),
            ordinal=row.get("ordinal"),
        )
