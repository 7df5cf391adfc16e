"""The rows of a run report's lists: frames of everything, and models of what is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import isnan
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.checking import Check, checks, number
from expectations.frames import Frames, as_arrow, as_frame, records
from expectations.gate import Validation
from expectations.passages import Figure, evidence_passages, figure, passage
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

PLACE = ["township_code", "township", "county_code", "county", "city", "province"]
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


def reports_frame(frames: Frames, validation: Validation) -> pd.DataFrame:
    """Every report with its place, counts of its mentions, values and findings; those to look at first."""
    columns = (
        "report_id township_code report_year title publisher published_on source_uri media_type status characters "
        "damage identity"
    )
    frame = as_frame(frames.tables["reports"], columns.split())
    frame.loc[frame["report_id"].isin(validation.quarantined), "status"] = "quarantined"
    frame = frame.merge(frames.townships[PLACE], on="township_code", how="left")
    for name in ("mentions", "observations"):
        counts = as_arrow(frames.tables[name]).column("report_id").value_counts()
        sizes = {item["values"].as_py(): item["counts"].as_py() for item in counts}
        frame[name] = frame["report_id"].map(sizes).fillna(0).astype("int64")
    found: dict[str, Counter[str | None]] = defaultdict(Counter)
    for finding in validation.findings:
        found[finding.severity][finding.report_id] += 1
    for severity in ("critical", "warning", "info"):
        frame[severity] = frame["report_id"].map(found[severity]).fillna(0).astype("int64")
    keys = ["critical", "warning", "info", "report_year", "township_code"]
    return frame.sort_values(keys, ascending=[False, False, False, False, True], ignore_index=True)


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
    """Models of refusals; bugs of ours come first."""
    if frame.empty:
        return
    rows = frame.assign(bug=frame["reason"] != "failed").sort_values(["bug", "reason", "source_uri"])
    for row in records(rows):
        yield RefusalRow(
            source_uri=row["source_uri"],
            reason=row["reason"],
            reason_zh=REASONS.get(row["reason"], row["reason"]),
            detail=row["detail"],
        )


def finding_rows(frames: Frames, findings: Sequence[Finding]) -> tuple[FindingRow, ...]:
    """Models of findings, their evidence marked in its paragraph."""
    names: Mapping[str, Check] = {check.name: check for check in checks()}
    reports = frames.reports
    figures = _figures(frames, {finding.report_id for finding in findings if finding.report_id})
    places = frames.townships[frames.townships["township_code"].isin({f.township_code for f in findings})]
    towns = {row["township_code"]: row for row in records(places)}
    rows = []
    for finding in findings:
        report_id = finding.report_id or ""
        town = towns.get(finding.township_code or "", {})
        check = names.get(finding.check)
        uri = str(reports.at[report_id, "source_uri"]) if report_id in reports.index else None
        rows.append(
            FindingRow(
                **{name: value for name, value in finding._asdict().items() if name in FindingRow.model_fields},
                check_zh=check.zh if check else "数据结构",
                check_en=check.en if check else finding.check.replace("_", " "),
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


def _figures(frames: Frames, reports: Iterable[str]) -> dict[str, list[Figure]]:
    """The mentions of some reports by report."""
    mentions = frames.mentions
    chosen = mentions[mentions["report_id"].isin(set(reports))]
    found: dict[str, list[Figure]] = defaultdict(list)
    for row in records(chosen[["report_id", "start", "end", "value", "ordinal"]]):
        found[row["report_id"]].append(figure(row["start"], row["end"], row["value"], row["ordinal"]))
    return found


def values_table(frames: Frames, observations: pa.Table, run_id: str) -> pa.Table:
    """The observations with names and sentence, in exact decimals; those of reports that this run read come first."""
    keys = ["report_id", "ordinal"]
    cells = as_frame(observations, [*keys, "township_code", "report_year", "indicator"])
    told = frames.mentions[[*keys, "surface", "sentence", "start", "end"]]
    reports = as_frame(frames.tables["reports"], ["report_id", "run_id"])
    cells = cells.merge(told, on=keys, how="left").merge(reports, on="report_id", how="left")
    dictionary = frames.indicators
    cells["domain"] = cells["indicator"].map(frames.domains)
    cells["township"] = cells["township_code"].map(frames.town_names)
    cells["name_zh"] = cells["indicator"].map({code: row.name_zh for code, row in dictionary.items()})
    cells["name_en"] = cells["indicator"].map({code: row.name_en for code, row in dictionary.items()})
    # In the dictionary's order: it goes by domain, as the reports do.
    cells["place"] = cells["indicator"].map({code: place for place, code in enumerate(dictionary)})
    cells["old"] = cells["run_id"] != run_id
    keys = ["old", "report_year", "township_code", "place"]
    cells = cells.sort_values(keys, ascending=[True, False, True, True])
    table = observations.take(pa.array(cells.index)).drop_columns(["rivals"])
    for name in ("township", "name_zh", "name_en", "domain", "surface", "sentence"):
        table = table.append_column(name, pa.array(cells[name], type=pa.string(), from_pandas=True))
    for name in ("start", "end"):
        table = table.append_column(name, pa.array(cells[name], type=pa.int64(), from_pandas=True))
    return table


def value_rows(frames: Frames, values: pa.Table, cap: int) -> tuple[ValueRow, ...]:
    """Models of the first values."""
    rows = []
    for row in values.slice(0, cap).to_pylist():
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


def unmapped_frame(frames: Frames, tables: Mapping[str, Any]) -> pd.DataFrame:
    """Counted nouns without an indicator: how often, in how many reports, in which units, and one example."""
    mentions = as_arrow(tables["mentions"])
    empty = pc.not_equal(pc.list_value_length(mentions.column("indicators")), pa.scalar(0, type=pa.int32()))
    own = frames.mentions[~empty.to_numpy(zero_copy_only=False)]
    own = own[own["kind"].isin(["actual", "zero"]) & (own["scope"] != "higher")]
    own = own.assign(head=own["head"].where(own["head"] != "", "（未识别）"))
    groups = own.groupby("head", sort=False)
    frame = groups.agg(
        count=("head", "size"),
        reports=("report_id", "nunique"),
        report_id=("report_id", "first"),
        start=("start", "first"),
        end=("end", "first"),
        sentence=("sentence", "first"),
    ).reset_index()
    frame["units"] = frame["head"].map(groups["unit"].agg(lambda units: ";".join(sorted(set(units))))).astype(str)
    result: pd.DataFrame = frame.sort_values(
        ["count", "reports", "head"], ascending=[False, False, True], ignore_index=True
    )
    return result


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
