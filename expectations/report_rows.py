"""The rows of a run report's lists: frames of everything, and models of what is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isnan
from typing import Any

import pandas as pd
import pyarrow as pa

from expectations.checking import checks, number
from expectations.frames import Frames, records
from expectations.passages import Figure, evidence_passages, figure, passage
from expectations.ratchets import RATCHETS
from expectations.run_report import (
    ChangeRow,
    FindingRow,
    Passage,
    RefusalRow,
    ReportRow,
    UnmappedRow,
    ValueRow,
)
from warehouse.contracts import Finding

OTHER_TITLES = {
    "copied_text": ("正文疑似照抄", "a text copied from another"),
    "correction_not_applied": ("人工更正未执行", "a correction that was not applied"),
}
"""Of what the flow finds by itself, outside the checks."""
REASONS = {
    "unsupported_format": "格式不支持",
    "too_large": "文件过大",
    "encrypted": "文件加密",
    "no_text_layer": "扫描件，没有文字层",
    "undecodable": "编码无法识别",
    "empty": "没有正文",
    "not_a_report": "不是年度报告",
    "not_a_township": "不是乡级单位的报告",
    "township_unknown": "无法确定是哪个乡镇（街道）",
    "township_ambiguous": "可能是不止一个乡镇（街道）",
    "year_unknown": "无法确定年度",
    "duplicate": "重复",
    "fetch_failed": "获取失败",
    "failed": "程序缺陷",
}


def report_rows(frame: pd.DataFrame) -> Iterator[ReportRow]:
    """Models of reports."""
    for row in records(frame):
        yield ReportRow(**{name: _plain(row[name]) for name in ReportRow.model_fields})


def _plain(value: Any) -> Any:
    """None for what is missing, ``date`` for timestamps."""
    if value is None or value is pd.NaT or (isinstance(value, float) and isnan(value)):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def refusal_rows(frame: pd.DataFrame) -> Iterator[RefusalRow]:
    """Models of refusals."""
    for row in records(frame):
        yield RefusalRow(
            source_uri=row["source_uri"],
            reason=row["reason"],
            reason_zh=REASONS.get(row["reason"], row["reason"]),
            detail=row["detail"],
        )


def check_titles() -> dict[str, tuple[str, str]]:
    """What each check on figures and each ratchet is called, in Chinese and English; rules on rows have no titles."""
    titles = {check.name: (check.zh, check.en) for check in checks()}
    fallen = {one.name: (f"倒退：{one.zh}", f"fell: {one.en}") for one in RATCHETS}
    return titles | fallen | OTHER_TITLES


def finding_rows(frames: Frames, frame: pd.DataFrame) -> tuple[FindingRow, ...]:
    """Models of findings, their evidence marked in its paragraph."""
    findings = [Finding(**{name: _plain(value) for name, value in row.items()}) for row in records(frame)]
    findings = [one._replace(report_year=_whole(one.report_year), ordinal=_whole(one.ordinal)) for one in findings]
    titles = check_titles()
    reports = frames.reports
    figures = _figures(frames, {finding.report_id for finding in findings if finding.report_id})
    places = frames.townships[frames.townships["township_code"].isin({f.township_code for f in findings})]
    towns = {row["township_code"]: row for row in records(places)}
    rows = []
    for finding in findings:
        report_id = finding.report_id or ""
        town = towns.get(finding.township_code or "", {})
        structure = (f"数据结构（{finding.check}）", finding.check.replace("_", " "))
        check_zh, check_en = titles.get(finding.check, structure)
        uri = str(reports.at[report_id, "source_uri"]) if report_id in reports.index else None
        rows.append(
            FindingRow(
                **{name: value for name, value in finding._asdict().items() if name in FindingRow.model_fields},
                check_zh=check_zh,
                check_en=check_en,
                township=town.get("township", ""),
                county=town.get("county", ""),
                indicator_zh=frames.name(finding.indicator)[0],
                passages=evidence_passages(
                    frames.texts[report_id],
                    finding.evidence,
                    finding.message,
                    finding.ordinal,
                    figures.get(report_id, ()),
                ),
                source_uri=uri,
            )
        )
    return tuple(rows)


def _whole(value: float | None) -> int | None:
    """A whole number that a frame with empty cells made a float of."""
    return None if value is None else int(value)


def _figures(frames: Frames, reports: Iterable[str]) -> dict[str, list[Figure]]:
    """The mentions of some reports by report."""
    mentions = frames.mentions
    chosen = mentions[mentions["report_id"].isin(set(reports))]
    found: dict[str, list[Figure]] = defaultdict(list)
    for row in records(chosen[["report_id", "start", "end", "value", "ordinal"]]):
        found[row["report_id"]].append(figure(row["start"], row["end"], row["value"], row["ordinal"]))
    return found


def value_rows(frames: Frames, values: pa.Table) -> tuple[ValueRow, ...]:
    """Models of values, in exact decimals."""
    rows = []
    for row in values.to_pylist():
        text = frames.texts[row["report_id"]] if row["report_id"] else ""
        shown: Passage = ()
        if row["start"] is not None and text:
            start, end = int(row["start"]), int(row["end"])
            first = text.rfind(row["sentence"], 0, end + len(row["sentence"]))
            first = first if 0 <= first <= start else start
            shown = passage(text, first, max(end, first + len(row["sentence"])), [(start, end)])
        facts = {name: row[name] for name in ValueRow.model_fields if name in row}
        told = {name: row[name] or "" for name in ("township", "name_zh", "name_en", "domain", "surface")}
        amounts = {"value": exact(row["value"]) or "", "value_high": exact(row["value_high"])}
        rows.append(ValueRow.model_validate({**facts, **told, **amounts, "passage": shown}))
    return tuple(rows)


def exact(value: Decimal | None) -> str | None:
    """A decimal as people write it: no exponent, no needless zeros."""
    return None if value is None else format(value.normalize(), "f")


def change_rows(frames: Frames, frame: pd.DataFrame) -> Iterator[ChangeRow]:
    """Models of changes."""
    for row in records(frame):
        zh, en = frames.name(row["indicator"])
        values = {name: None if isnan(row[name]) else number(row[name]) for name in ("before", "after")}
        names = {"township": frames.town_names.get(row["township_code"], ""), "name_zh": zh, "name_en": en}
        yield ChangeRow.model_validate({**row, **values, **names})


def unmapped_rows(frames: Frames, frame: pd.DataFrame) -> Iterator[UnmappedRow]:
    """Models of unmapped nouns."""
    for row in records(frame):
        text = frames.texts[row["report_id"]]
        at = text.find(row["sentence"])
        first = at if at >= 0 else int(row["start"])
        last = max(first + len(row["sentence"]) if at >= 0 else 0, int(row["end"]))
        yield UnmappedRow(
            head=row["head"],
            count=row["count"],
            reports=row["reports"],
            units=tuple(unit for unit in row["units"].split(";") if unit),
            example=passage(text, first, last, [(int(row["start"]), int(row["end"]))]) if text else (),
        )
