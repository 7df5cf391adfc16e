"""Sudden silence: an indicator reported four years running, and now absent from a report that was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from expectations.checking import Check, CheckContext
from expectations.frames import records
from expectations.panel import Panel, panel
from warehouse.contracts import Finding

if TYPE_CHECKING:
    from expectations.frames import Frames

RUNNING = 4
"""Years in a row after which an absence is worth a question."""


def fell_silent(frames: Frames, context: CheckContext) -> Iterator[Finding]:
    """Indicators that a township reported in each of the four years before, and not in this one."""
    years = panel(frames)
    reports = {(row["township_code"], row["report_year"]): row["report_id"] for row in records(frames.reports)}
    said = _last_sentences(frames, years) if len(years.years) > RUNNING else {}
    townships, indicators = (years.keys[name].tolist() for name in ("township_code", "indicator"))
    for at in range(RUNNING, len(years.years)):
        told = years.rows[:, at - RUNNING : at] >= 0
        silent = told.all(axis=1) & (years.rows[:, at] < 0)
        for place in np.flatnonzero(silent).tolist():
            township, indicator, year = townships[place], indicators[place], years.years[at]
            report_id = reports.get((township, year))
            if report_id is None:
                continue
            zh, en = frames.name(indicator)
            yield frames.finding(
                "fell_silent",
                "info",
                f"“{zh}”此前连续{RUNNING}年均有报告，{year}年未提及；可向该单位询问。",
                f"“{en}” was reported {RUNNING} years running and is absent in {year}; worth asking.",
                said.get((township, year - 1, indicator), ""),
                report_id=report_id,
                township_code=township,
                report_year=year,
                indicator=indicator,
            )


def _last_sentences(frames: Frames, years: Panel) -> dict[tuple[str, int, str], str]:
    """The sentences of the last year told, for cells that some later year is silent about."""
    told = years.rows >= 0
    last = told[:, :-1] & ~told[:, 1:]
    cells = frames.cells.iloc[np.sort(years.rows[:, :-1][last])]
    keys = ["report_id", "ordinal"]
    rows = cells[[*keys, "township_code", "report_year", "indicator"]].merge(
        frames.mentions[[*keys, "sentence"]], on=keys
    )
    return {(row["township_code"], row["report_year"], row["indicator"]): row["sentence"] for row in records(rows)}


CHECKS: tuple[Check, ...] = (
    Check(
        "fell_silent",
        "info",
        "指标突然不再报告",
        "an indicator fell silent",
        "Each indicator with a value in all of the four years before and none in this year's report.",
        "Years without a report (they are in the coverage), and indicators reported off and on.",
        fell_silent,
    ),
)
