"""Suites: what is expected of every table, run by Great Expectations, and the findings for rows that break a rule."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pyarrow as pa

from expectations import indicators, mentions, observations, reports, townships
from expectations.checking import CheckContext
from expectations.frames import Frames, as_arrow, records
from expectations.rows import Domain, RowRule, Suite
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
    """What Great Expectations said of one table. ``page`` is its data docs page, None where none was kept."""

    table: str
    rows: int
    expectations: int
    failures: tuple[Failure, ...]
    page: Path | None


def run_suites(frames: Frames, context: CheckContext) -> tuple[list[Finding], list[SuiteResult]]:
    """Validate every table that the run has against its suite.

    Returns:
        The findings (one for each rule and report, naming the first row and how many there are), and one result a
        table.

    Raises:
        RuntimeError: An expectation could not be evaluated: a bug in a rule, named in the message.
    """
    engine = _engine()
    findings: list[Finding] = []
    results: list[SuiteResult] = []
    for table, frame, rules, key in _batches(frames):
        outcome = engine.validate(table, frame, rules, key)
        failed = [(rule, rows) for rule, rows in zip(rules, outcome.broken, strict=True) if rows]
        failures = tuple(Failure(table, rule.expectation, rule.severity, rows) for rule, rows in failed)
        for rule, _ in failed:
            findings += _findings(frames, table, frame, rule, key)
        page = engine.page(outcome.result, table, context.docs_folder) if context.docs_folder else None
        results.append(SuiteResult(table, len(frame), len(rules), failures, page))
    return findings, results


def _engine() -> Engine:
    """Great Expectations, imported here and only here: it takes seconds, and only a run needs it."""
    with warnings.catch_warnings():
        # It imports sre_constants, which Python deprecates; nothing of ours can change that.
        warnings.simplefilter("ignore", DeprecationWarning)
        from expectations.engine import Engine
    return Engine()


def _batches(frames: Frames) -> Iterator[tuple[str, pd.DataFrame, list[RowRule], tuple[str, ...]]]:
    """The schema of all tables, then each table: its name, frame, rules and key."""
    contracts = [suite.contract for suite in SUITES if suite.table in frames.tables]
    yield "schema", schema_frame(frames.tables, contracts), [SCHEMA_RULE], ("table", "column")
    if any(schema_faults(frames.tables, contracts)):
        return  # rules cannot read tables that have other columns; the gate is closed anyhow
    for suite in SUITES:
        if suite.table in frames.tables:
            rules = [_unique(suite), *(_closed(domain) for domain in suite.domain()), *suite.rules]
            yield suite.table, suite.batch(frames), rules, suite.key


def schema_frame(tables: Mapping[str, Any], contracts: Iterable[Contract]) -> pd.DataFrame:
    """One row a column of the contracts: its type by the contract (``wanted``) and in the table (``found``)."""
    rows = []
    for contract in contracts:
        schema = as_arrow(tables[contract.name]).schema
        for field in contract:
            found = schema.field(field.name).type if field.name in schema.names else None
            fits = found is not None and found.id == TYPES[field.type].id
            rows.append((contract.name, field.name, field.type, field.type if fits else str(found or "")))
    return pd.DataFrame(rows, columns=["table", "column", "wanted", "found"])


def schema_faults(tables: Mapping[str, Any], contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    """Table and column wherever a table does not fit its contract."""
    frame = schema_frame(tables, contracts)
    wrong = frame[frame["wanted"] != frame["found"]]
    yield from zip(wrong["table"], wrong["column"], strict=True)


def readable(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables, those that do not fit their contract replaced by empty ones, so that a report can still be made."""
    contracts = {suite.table: suite.contract for suite in SUITES if suite.table in tables}
    faulty = {table for table, _ in schema_faults(tables, contracts.values())}
    empty = {
        name: pa.table({field.name: pa.array([], TYPES[field.type]) for field in contracts[name]}) for name in faulty
    }
    return {**tables, **empty}


SCHEMA_RULE = RowRule(
    "schema_mismatch",
    "ExpectColumnsToFitTheirContracts",
    "critical",
    ("table", "column", "wanted", "found"),
    lambda frame: frame["wanted"] == frame["found"],
    "表{table}的列{column}应为{wanted}，实为“{found}”；不予发布。",
    "column {column} of table {table} should be {wanted}, but is “{found}”.",
)


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
