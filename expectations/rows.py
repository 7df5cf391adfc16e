"""Row rules: what must hold of every single row of a table, as plain pandas, ready to be run by Great Expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from expectations.frames import as_arrow
from warehouse.contracts import Contract, Severity

if TYPE_CHECKING:
    from expectations.frames import Frames


class Domain(NamedTuple):
    """A column whose values form a closed set (a Literal of the contract)."""

    column: str
    values: tuple[str, ...]


class RowRule(NamedTuple):
    """One rule on rows.

    Attributes:
        check: Name of the finding for a row that breaks it.
        expectation: Name of the Great Expectations class that is made of it.
        severity: Of its findings.
        columns: Columns that it reads; they are shown with a failing row.
        holds: From a frame of those columns to whether the rule holds, one truth value a row.
        zh: The rule in Chinese, as a full sentence for a finding; may name columns in braces.
        en: The same in English.
        values: For a rule that a column's values form a closed set, that set; else empty.
    """

    check: str
    expectation: str
    severity: Severity
    columns: tuple[str, ...]
    holds: Callable[[pd.DataFrame], pd.Series[bool]]
    zh: str
    en: str
    values: tuple[str, ...] = ()


class Suite(NamedTuple):
    """What is expected of one table: what its contract says (derived), and our own rules.

    ``batch`` makes the frame that is validated: the key columns, the domain columns, ``missing`` (the first required
    column that is
    empty, or an empty text) and the columns that the rules read.
    """

    contract: Contract
    batch: Callable[[Frames], pd.DataFrame]
    rules: tuple[RowRule, ...] = ()
    domains: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table's name."""
        return self.contract.name

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that must be unique together: the contract's key, unless the suite names others."""
        return self.unique or self.contract.key

    def domain(self) -> tuple[Domain, ...]:
        """The closed columns that are checked, from the contract's Literals."""
        values: Mapping[str, tuple[str, ...]] = {field.name: field.values for field in self.contract}
        return tuple(Domain(column, values[column]) for column in self.domains)


REQUIRED = RowRule(
    "value_missing",
    "ExpectRequiredColumnsToBeFilled",
    "critical",
    ("missing",),
    lambda frame: frame["missing"] == "",
    "必填列“{missing}”为空；请重新读取该报告，仍如此则是程序缺陷。",
    "the required column “{missing}” is empty; read the report again, and if it stays so, it is a bug.",
)
"""Derived from the contract for every table."""


def missing(frames: Frames, contract: Contract) -> Any:
    """The first required column that is empty, row by row; empty texts where none is.

    Counting empty values is free in arrow, so that nothing is looked at where, as always, none is empty.
    """
    table = as_arrow(frames.tables[contract.name])
    names = np.full(table.num_rows, "", dtype=object)
    for field in reversed(contract.fields):
        if field.nullable or field.name not in table.column_names:
            continue
        column = table.column(field.name)
        if column.null_count:
            names[column.is_null().to_numpy(zero_copy_only=False)] = field.name
    return names
