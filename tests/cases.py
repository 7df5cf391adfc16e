"""Small synthetic (合成) tables for the checks: a text, and what was read in it, into the tables of a run.

``told("收到信访件31件", "31件", 31, "件", "petitions_received")`` is one mention: the clause that finds its
place, its surface, value, unit and indicator. The rest is derived as the pipeline derives it (sentence, offsets,
ordinals, observations).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa

from expectations.checking import CheckContext, checks, order, run_checks
from expectations.frames import Frames
from expectations.gate import Validation, validate
from seeds import SEEDS
from warehouse.contracts import (
    INDICATORS,
    MENTIONS,
    OBSERVATIONS,
    REPORTS,
    TEXTS,
    TOWNSHIPS,
    Finding,
    Indicator,
    Mention,
    Observation,
    Report,
    Text,
    Township,
)
from warehouse.schema import to_arrow

SHAXI = Township("445103107", "沙溪镇", "镇", "445103", "潮安区", "4451", "潮州市", "44", "广东省", 18, True)


class Told(NamedTuple):
    """One mention as a test writes it."""

    clause: str
    surface: str
    value: Decimal
    unit: str
    indicators: tuple[str, ...] = ()
    kind: str = "actual"
    qualifier: str = "exact"
    scope: str = "township"
    about: tuple[str, ...] = ()
    part_of: str = ""
    damaged: bool = False


def told(clause: str, surface: str, value: Any, unit: str, *indicators: str, **more: Any) -> Told:
    """A mention, found at ``surface`` within the first place of ``clause``; ``part_of`` is the surface of its total."""
    return Told(clause, surface, Decimal(str(value)), unit, indicators, **more)


@cache
def dictionary() -> tuple[Indicator, ...]:
    """The real dictionary, ``seeds/indicators.csv``."""
    with (SEEDS / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Indicator(
                row["indicator"],
                row["name_zh"],
                row["name_en"],
                row["domain"],
                row["unit"],
                row["aggregation"],  # type: ignore[arg-type]
                row["part_of"] or None,
                row["ratio_of"] or None,
                Decimal(row["plausible_min"]) if row["plausible_min"] else None,
                Decimal(row["plausible_max"]) if row["plausible_max"] else None,
                row.get("definition") or row.get("notes") or "",
            )
            for row in csv.DictReader(file)
        )


class Case(NamedTuple):
    """One report of a test: its text and what was read in it."""

    text: str
    mentions: Sequence[Told]
    township: Township = SHAXI
    year: int = 2023
    status: str = "published"

    @property
    def report_id(self) -> str:
        """Township and year."""
        return f"{self.township.township_code}-{self.year}"


def mentions_of(case: Case) -> list[Mention]:
    """The mentions in the order of their places."""
    places = []
    for item in case.mentions:
        at = case.text.index(item.clause)
        start = case.text.index(item.surface, at)
        places.append((start, item))
    places.sort(key=lambda place: place[0])
    ordinals = {item.surface: ordinal for ordinal, (_, item) in enumerate(places, 1)}
    return [
        _mention(case.text, ordinal, start, item, ordinals.get(item.part_of))
        for ordinal, (start, item) in enumerate(places, 1)
    ]


def _mention(text: str, ordinal: int, start: int, item: Told, part_of: int | None) -> Mention:
    end = start + len(item.surface)
    first = max(text.rfind(mark, 0, start) for mark in "。；\n") + 1
    stop = re.compile("[。；\n]").search(text, end)
    return Mention(
        ordinal=ordinal,
        surface=item.surface,
        value=item.value,
        value_high=None,
        unit=item.unit,
        unit_surface=item.unit,
        factor=Decimal(1),
        qualifier=item.qualifier,  # type: ignore[arg-type]
        kind=item.kind,  # type: ignore[arg-type]
        scope=item.scope,  # type: ignore[arg-type]
        part_of_ordinal=part_of,
        indicators=item.indicators,
        about=item.about,
        head="",
        rule="test",
        confidence=1.0,
        damaged=item.damaged,
        section="",
        sentence=text[first : stop.start() + 1 if stop else len(text)],
        start=start,
        end=end,
        source_start=start,
        source_end=end,
    )


def report_of(case: Case) -> Report:
    """The report's row."""
    return Report(
        report_id=case.report_id,
        township_code=case.township.township_code,
        report_year=case.year,
        title=f"{case.township.township}{case.year}年法治政府建设年度报告（合成）",
        publisher=None,
        published_on=None,
        source_uri=f"file:///reports/{case.report_id}.txt",
        retrieved_at=datetime(2024, 3, 1, tzinfo=UTC),
        sha256="0" * 64,
        media_type="text/plain",
        encoding="utf-8",
        characters=len(case.text),
        damage=0,
        status=case.status,  # type: ignore[arg-type]
        period_end=None,
        partial=False,
        identity="{}",
        rules="r",
        run_id="run",
    )


def observations_of(case: Case, mentions: Iterable[Mention]) -> list[Observation]:
    """The first total of each indicator."""
    units = {row.indicator: row.unit for row in dictionary()}
    found: dict[str, Observation] = {}
    for mention in mentions:
        if mention.kind not in {"actual", "zero"} or mention.scope != "township":
            continue
        for indicator in mention.indicators:
            found.setdefault(
                indicator,
                Observation(
                    case.township.township_code,
                    case.year,
                    indicator,
                    mention.value,
                    None,
                    units[indicator],
                    mention.qualifier,
                    "stated_zero" if mention.kind == "zero" else "reported",
                    case.report_id,
                    mention.ordinal,
                    (),
                    mention.value,
                ),
            )
    return list(found.values())


def tables(*cases: Case) -> dict[str, pa.Table]:
    """The tables of a run over these reports, with the real dictionary."""
    mentions = {case.report_id: mentions_of(case) for case in cases}
    rows = [(case.report_id, case.year, *mention) for case in cases for mention in mentions[case.report_id]]
    cells = [row for case in cases for row in observations_of(case, mentions[case.report_id])]
    places = {case.township.township_code: case.township for case in cases}
    return {
        "reports": to_arrow(REPORTS, [report_of(case) for case in cases]),
        "mentions": to_arrow(MENTIONS, rows),
        "observations": to_arrow(OBSERVATIONS, cells),
        "texts": to_arrow(TEXTS, [Text(case.report_id, case.year, case.text) for case in cases]),
        "townships": to_arrow(TOWNSHIPS, list(places.values())),
        "indicators": to_arrow(INDICATORS, dictionary()),
    }


def check(*cases: Case, only: str = "") -> list[Finding]:
    """What the checks on prose, past and neighbours find in these reports, in order; ``only`` that check is run."""
    frames, context = Frames(tables(*cases), "run"), CheckContext("run")
    if not only:
        return sorted(run_checks(frames, context), key=order)
    (one,) = [check for check in checks() if check.name == only]
    return sorted(one.run(frames, context), key=order)


def validated(tables: dict[str, pa.Table], **context: Any) -> Validation:
    """The whole validation of some tables, Great Expectations included."""
    return validate(tables, CheckContext("run", **context))


def brief(findings: Iterable[Finding]) -> list[tuple[str, str, str | None]]:
    """Check, severity and indicator of each finding."""
    return [(finding.check, finding.severity, finding.indicator) for finding in findings]
