"""The table contracts: every column defined once, with its type, unit and meaning in Chinese and English.

A row type is a NamedTuple whose fields are annotated ``Annotated[type, Column(...)]``; a table is one or more row types
beside one another. The parquet schema, the DuckDB DDL and comments, the schema expectations and the data dictionary are
derived from here and are written nowhere else. This module imports the standard library only, so that the extraction
and the command line can use the row types at no cost.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

Qualifier = Literal["exact", "about", "nearly", "over", "at_least", "at_most"]
Kind = Literal["actual", "zero", "plan", "prior", "change", "norm", "name"]
Scope = Literal["township", "part", "higher"]
Aggregation = Literal["flow", "stock", "rate"]
ReportStatus = Literal["published", "quarantined", "superseded"]
ObservationStatus = Literal["reported", "stated_zero", "derived", "corrected", "conflict"]
AbsenceReason = Literal[
    "not_mentioned", "not_published", "unreadable", "refused", "ambiguous", "quarantined", "dropped"
]
Severity = Literal["critical", "warning", "info"]
CorrectionAction = Literal["set", "drop", "confirm", "remap"]
Outcome = Literal["applied", "stale", "unmatched", "unknown_indicator", "target_taken", "unit_differs"]
Ground = Literal["scope", "source", "report"]
RefusalReason = Literal[
    "unsupported_format",
    "too_large",
    "encrypted",
    "no_text_layer",
    "undecodable",
    "empty",
    "not_a_report",
    "not_a_township",
    "township_unknown",
    "township_ambiguous",
    "year_unknown",
    "duplicate",
    "fetch_failed",
    "failed",
]
"""Why a snapshot did not become a report. ``failed`` alone is a bug of ours (its traceback is in the run's log)."""


class Column(NamedTuple):
    """What a column means: Chinese first, English beside it, and the unit of its numbers."""

    zh: str
    en: str
    unit: str = ""


class Field(NamedTuple):
    """One column of a table, as derived from its annotation.

    ``type`` is one of ``text``, ``integer``, ``decimal``, ``float``, ``boolean``, ``date``, ``timestamp``, ``texts`` (a
    list of text); ``values`` is the closed domain of a Literal, empty where any value of the type may stand.
    """

    name: str
    type: str
    nullable: bool
    values: tuple[str, ...]
    zh: str
    en: str
    unit: str


_TYPES: dict[Any, str] = {
    str: "text",
    int: "integer",
    Decimal: "decimal",
    float: "float",
    bool: "boolean",
    date: "date",
    datetime: "timestamp",
}


def _field(name: str, annotation: Any) -> Field:
    inner, column = get_args(annotation)[:2]
    nullable = False
    if get_origin(inner) in {Union, types.UnionType}:
        inner = next(arg for arg in get_args(inner) if arg is not type(None))
        nullable = True
    values: tuple[str, ...] = ()
    if get_origin(inner) is Literal:
        values, inner = get_args(inner), str
    kind = "texts" if get_origin(inner) is tuple else _TYPES[inner]
    return Field(name, kind, nullable, values, column.zh, column.en, column.unit)


class Contract:
    """A table: its name, its meaning, its key and its columns in order.

    ``partition`` is the column by which the lake's parquet is split into folders, if it is.
    """

    def __init__(self, name: str, *rows: type, key: tuple[str, ...], zh: str, en: str, partition: str = "") -> None:
        self.name, self.rows, self.key, self.zh, self.en, self.partition = name, rows, key, zh, en, partition

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The columns in order, each once."""
        hints = {name: hint for row in self.rows for name, hint in get_type_hints(row, include_extras=True).items()}
        return tuple(_field(name, hint) for name, hint in hints.items())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(field.name for field in self.fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)


class Township(NamedTuple):
    """One township-level unit of the registry."""

    township_code: Annotated[str, Column("乡级统计用区划代码（9位）", "9-digit statistical division code")]
    township: Annotated[str, Column("乡镇街道名称", "name of the township-level unit")]
    kind: Annotated[str, Column("单位类型（镇、乡、街道等）", "kind of unit: town, township, street, ...")]
    county_code: Annotated[str, Column("县级代码（6位）", "6-digit county code")]
    county: Annotated[str, Column("县（市、区）", "county, district or county-level city")]
    city_code: Annotated[str, Column("地级代码（4位）", "4-digit prefecture code")]
    city: Annotated[str, Column("地级市（州、盟）", "prefecture")]
    province_code: Annotated[str, Column("省级代码（2位）", "2-digit province code")]
    province: Annotated[str, Column("省（自治区、直辖市）", "province")]
    village_count: Annotated[int, Column("村、社区数（登记册）", "villages and communities in the registry", "个")]
    ordinary: Annotated[
        bool, Column("是否普通乡级单位", "a 镇, 乡 or 街道 of its own, not a farm, park, prison or the like")
    ]


class Indicator(NamedTuple):
    """One row of the dictionary: what is comparable between townships."""

    indicator: Annotated[str, Column("指标代码", "indicator")]
    name_zh: Annotated[str, Column("指标名称", "Chinese name")]
    name_en: Annotated[str, Column("英文名称", "English name")]
    domain: Annotated[str, Column("领域", "domain")]
    unit: Annotated[str, Column("标准单位", "unit of the normalised value")]
    aggregation: Annotated[Aggregation, Column("类型（流量、存量、比率）", "flow, stock or rate")]
    part_of: Annotated[str | None, Column("所属总数指标", "indicator of the total that it is part of")]
    ratio_of: Annotated[str | None, Column("比率的分子/分母", "numerator/denominator of a rate")]
    plausible_min: Annotated[Decimal | None, Column("合理下限", "lower plausible bound")]
    plausible_max: Annotated[Decimal | None, Column("合理上限", "upper plausible bound")]
    definition: Annotated[str, Column("定义与口径", "definition")]


class Report(NamedTuple):
    """A document known to be the report of one township for one year."""

    report_id: Annotated[str, Column("报告编号", "township code, year and the snapshot's digest")]
    township_code: Annotated[str, Column("乡级代码", "township")]
    report_year: Annotated[int, Column("报告年度", "the year reported on, not the year of publication")]
    title: Annotated[str, Column("标题", "title")]
    publisher: Annotated[str | None, Column("发布单位", "publisher")]
    published_on: Annotated[date | None, Column("发布日期", "date of publication")]
    source_uri: Annotated[str, Column("来源地址", "where it was found")]
    retrieved_at: Annotated[
        datetime, Column("获取时间（UTC）", "when it was fetched; for a file, its modification time")
    ]
    sha256: Annotated[str, Column("原件摘要", "digest of the snapshot's bytes")]
    media_type: Annotated[str, Column("原件格式", "media type found from the bytes")]
    encoding: Annotated[str | None, Column("原件编码", "character encoding, where the form has one")]
    characters: Annotated[int, Column("正文字数", "characters of the cleaned text", "字")]
    damage: Annotated[int, Column("未修复的损坏处", "damaged places that could not be repaired", "处")]
    status: Annotated[ReportStatus, Column("状态", "published, quarantined or superseded")]
    period_end: Annotated[date | None, Column("数据截止日", "last day covered, where the text says so")]
    partial: Annotated[bool, Column("是否不足一年", "whether the figures cover less than the year")]
    identity: Annotated[str, Column("身份证据（JSON）", "evidence for and against this township and year, as JSON")]
    rules: Annotated[str, Column("提取规则版本", "digest of the extraction rules and dictionary that read it")]
    run_id: Annotated[str, Column("运行编号", "the run that read it")]
    ocr: Annotated[bool, Column("是否由图像识别", "whether the text was recognised from images")] = False
    unread_pages: Annotated[int, Column("未能读取的扫描页", "pages that are scans and could not be read", "页")] = 0


class Refusal(NamedTuple):
    """A snapshot or source that did not become a report, and why."""

    sha256: Annotated[str | None, Column("原件摘要", "digest of the bytes; empty if nothing was fetched")]
    source_uri: Annotated[str, Column("来源地址", "where it was found")]
    reason: Annotated[RefusalReason, Column("原因代码", "reason code")]
    detail: Annotated[str, Column("说明与下一步", "what, where, and what to do next")]
    rules: Annotated[str, Column("提取规则版本", "digest of the rules that refused it")]
    run_id: Annotated[str, Column("运行编号", "run")]
    township_code: Annotated[str | None, Column("来源表所列乡级代码", "township that the source list names")] = None
    report_year: Annotated[int | None, Column("来源表所列年度", "year that the source list names")] = None


class ReportKey(NamedTuple):
    """The report that a row belongs to."""

    report_id: Annotated[str, Column("报告编号", "report")]
    report_year: Annotated[int, Column("报告年度", "report year")]


class Mention(NamedTuple):
    """One quantity, or one verbal zero, found in a report; ``text[start:end] == surface``."""

    ordinal: Annotated[int, Column("序号", "position among the report's mentions, from 1")]
    surface: Annotated[str, Column("原文", "exact text")]
    value: Annotated[Decimal | None, Column("数值", "value, fully expanded (1.2万 is 12000)")]
    value_high: Annotated[Decimal | None, Column("区间上限", "upper end of a range")]
    unit: Annotated[str, Column("标准单位", "unit after normalisation (万元 becomes 元)")]
    unit_surface: Annotated[str, Column("原文单位", "unit as written, without 百千万亿")]
    factor: Annotated[Decimal, Column("换算系数", "what the written number was multiplied by to give the value")]
    qualifier: Annotated[Qualifier, Column("限定", "exact, about, nearly, over, at_least, at_most")]
    kind: Annotated[Kind, Column("性质", "actual, zero, plan, prior, change, norm, name")]
    scope: Annotated[Scope, Column("口径", "the township's total, a part of it, or a higher body's")]
    part_of_ordinal: Annotated[int | None, Column("所属总数的序号", "ordinal of the total that it is part of")]
    indicators: Annotated[tuple[str, ...], Column("指标", "indicators that the figure states; empty where none fits")]
    about: Annotated[tuple[str, ...], Column("相关指标", "indicators that a change, prior, plan or part speaks of")]
    head: Annotated[str, Column("计数对象", "the noun that is counted, as well as the rules can tell")]
    rule: Annotated[str, Column("规则", "rule and terms that chose the indicators")]
    confidence: Annotated[float, Column("置信度", "confidence of the mapping, 0 to 1")]
    damaged: Annotated[bool, Column("邻近损坏", "stands next to unrepaired damage: never published as sure")]
    section: Annotated[str, Column("章节", "headings above it, outermost first, joined with ' > '")]
    sentence: Annotated[str, Column("句子", "the sentence that states it")]
    start: Annotated[int, Column("起", "offset in the cleaned text")]
    end: Annotated[int, Column("止", "end offset in the cleaned text")]
    source_start: Annotated[int, Column("原文起", "offset in the snapshot's own text")]
    source_end: Annotated[int, Column("原文止", "end offset in the snapshot's own text")]


class Observation(NamedTuple):
    """The one value chosen for a township, year and indicator."""

    township_code: Annotated[str, Column("乡级代码", "township")]
    report_year: Annotated[int, Column("报告年度", "report year")]
    indicator: Annotated[str, Column("指标代码", "indicator")]
    value: Annotated[Decimal | None, Column("数值", "value; empty where totals conflict")]
    value_high: Annotated[Decimal | None, Column("区间上限", "upper end of a range")]
    unit: Annotated[str, Column("标准单位", "unit of the value, the indicator's own")]
    qualifier: Annotated[Qualifier, Column("限定", "how exact the report says it is")]
    status: Annotated[ObservationStatus, Column("状态", "reported, stated_zero, derived, corrected, conflict")]
    report_id: Annotated[str, Column("报告编号", "report")]
    ordinal: Annotated[int | None, Column("提及序号", "the mention it came from")]
    rivals: Annotated[
        tuple[str, ...], Column("落选提及", "ordinals and values of the mentions it beat, as 'ordinal=value'")
    ]
    machine_value: Annotated[Decimal | None, Column("机器读数", "what was read, beside a person's correction")]


class Correction(NamedTuple):
    """A person's decision about one cell; the columns of data/corrections.csv."""

    township_code: Annotated[str, Column("乡级代码", "township")]
    report_year: Annotated[int, Column("报告年度", "report year")]
    indicator: Annotated[str, Column("指标代码", "indicator")]
    action: Annotated[CorrectionAction, Column("动作", "set, drop, confirm or remap")]
    value: Annotated[Decimal | None, Column("更正值", "the value to set")]
    remap_to: Annotated[str | None, Column("改归指标", "the indicator that the figure belongs to (remap)")]
    expected: Annotated[Decimal | None, Column("更正前的值", "the machine's value that it was made against")]
    evidence: Annotated[str, Column("证据摘要", "digest of the sentence and value it was made against")]
    reason: Annotated[str, Column("理由", "why")]
    author: Annotated[str, Column("更正人", "who")]
    decided_on: Annotated[date, Column("日期", "when")]


class CorrectionOutcome(NamedTuple):
    """What became of one correction in a run: the cell before and after, or why it was not applied."""

    township_code: Annotated[str, Column("乡级代码", "township")]
    report_year: Annotated[int, Column("报告年度", "report year")]
    indicator: Annotated[str, Column("指标代码", "indicator")]
    action: Annotated[CorrectionAction, Column("动作", "set, drop, confirm or remap")]
    outcome: Annotated[Outcome, Column("结果", "applied, or why it was not: nothing is applied silently or in part")]
    before: Annotated[Decimal | None, Column("机器读数", "what the machine chose for the cell")]
    after: Annotated[Decimal | None, Column("更正后的值", "what the cell holds in this release")]
    detail: Annotated[str, Column("说明", "what happened and what to do next")]
    reason: Annotated[str, Column("理由", "why")]
    author: Annotated[str, Column("更正人", "who")]
    decided_on: Annotated[date, Column("日期", "when")]


class Expected(NamedTuple):
    """A report that ought to exist: the ground on which coverage and absences stand."""

    township_code: Annotated[str, Column("乡级代码", "township")]
    report_year: Annotated[int, Column("报告年度", "report year")]
    ground: Annotated[
        Ground, Column("依据", "why: it lies in the run's scope, a source list names it, or it reported in some year")
    ]


class Finding(NamedTuple):
    """One thing that a check found, with its severity, place and evidence."""

    run_id: Annotated[str, Column("运行编号", "run")]
    severity: Annotated[Severity, Column("严重程度", "critical, warning or info")]
    check: Annotated[str, Column("检查项", "the check")]
    report_id: Annotated[str | None, Column("报告编号", "report")]
    township_code: Annotated[str | None, Column("乡级代码", "township")]
    report_year: Annotated[int | None, Column("报告年度", "report year")]
    indicator: Annotated[str | None, Column("指标代码", "indicator")]
    ordinal: Annotated[int | None, Column("提及序号", "the mention, where one is meant")]
    message: Annotated[str, Column("说明", "what is wrong and what to do, for a person")]
    message_en: Annotated[str, Column("英文说明", "the same in English")]
    evidence: Annotated[str, Column("证据", "the sentence or sentences, or the rows, that show it")]


class Run(NamedTuple):
    """One execution of the flow, as far as its inputs decide it (times are in the run report)."""

    run_id: Annotated[str, Column("运行编号", "digest of the run's inputs: the same inputs give the same run")]
    version: Annotated[str, Column("程序版本", "version of nianbao")]
    rules: Annotated[str, Column("提取规则版本", "digest of the extraction rules")]
    dictionary: Annotated[str, Column("指标字典摘要", "digest of seeds/indicators.csv")]
    registry: Annotated[str, Column("登记册摘要", "digest of the registry")]
    snapshots: Annotated[int, Column("原件数", "snapshots known", "件")]
    reports: Annotated[int, Column("报告数", "reports read", "份")]
    refusals: Annotated[int, Column("未读数", "snapshots refused", "件")]
    mentions: Annotated[int, Column("提及数", "mentions", "处")]
    observations: Annotated[int, Column("观测数", "observations", "个")]
    criticals: Annotated[int, Column("严重问题", "critical findings", "项")]
    warnings: Annotated[int, Column("警告", "warnings", "项")]


class Source(NamedTuple):
    """One place where a snapshot was found; two mirrors of one report are two rows."""

    sha256: Annotated[str, Column("原件摘要", "digest of the bytes")]
    source_uri: Annotated[str, Column("来源地址", "where it was found")]
    retrieved_at: Annotated[datetime, Column("获取时间（UTC）", "when; for a file, its modification time")]
    size: Annotated[int, Column("字节数", "size", "字节")]
    township_code: Annotated[str | None, Column("来源表所列乡级代码", "township that the source list names")]
    report_year: Annotated[int | None, Column("来源表所列年度", "year that the source list names")]


class Text(NamedTuple):
    """The cleaned text of a report, kept in the lake so that evidence can be proved again, and figures taken anew."""

    report_id: Annotated[str, Column("报告编号", "report")]
    report_year: Annotated[int, Column("报告年度", "report year")]
    text: Annotated[str, Column("正文", "cleaned text")]
    offsets: Annotated[str | None, Column("与原文的对应", "map of its characters to the snapshot's text")] = None
    damage: Annotated[str | None, Column("受损之处", "spans of it that are damaged, start-end")] = None


TOWNSHIPS = Contract(
    "townships", Township, key=("township_code",), zh="乡级单位登记册", en="registry of township-level units"
)
INDICATORS = Contract("indicators", Indicator, key=("indicator",), zh="指标字典", en="dictionary of indicators")
REPORTS = Contract(
    "reports", Report, key=("report_id",), zh="年度报告", en="reports, one a township and year", partition="report_year"
)
REFUSALS = Contract("refusals", Refusal, key=("source_uri",), zh="未能读取的来源", en="sources that gave no report")
MENTIONS = Contract(
    "mentions",
    ReportKey,
    Mention,
    key=("report_id", "ordinal"),
    zh="报告中的每一个数量",
    en="every quantity found in a report",
    partition="report_year",
)
OBSERVATIONS = Contract(
    "observations",
    Observation,
    key=("township_code", "report_year", "indicator"),
    zh="指标观测值（每格一个）",
    en="the one value of each cell",
    partition="report_year",
)
CORRECTIONS = Contract(
    "corrections",
    Correction,
    key=("township_code", "report_year", "indicator"),
    zh="人工更正",
    en="corrections by people",
)
CORRECTION_OUTCOMES = Contract(
    "correction_outcomes",
    CorrectionOutcome,
    key=("township_code", "report_year", "indicator"),
    zh="更正的执行结果",
    en="what became of each correction: before and after",
)
EXPECTED = Contract(
    "expected", Expected, key=("township_code", "report_year"), zh="应有报告", en="reports that ought to exist"
)
FINDINGS = Contract(
    "findings",
    Finding,
    key=("run_id", "check", "report_id", "indicator", "ordinal", "message"),
    zh="检查发现",
    en="what the checks found",
    partition="run_id",
)
RUNS = Contract("runs", Run, key=("run_id",), zh="运行记录", en="executions of the flow")
SOURCES = Contract("sources", Source, key=("sha256", "source_uri"), zh="原件来源", en="where each snapshot was found")
TEXTS = Contract(
    "texts", Text, key=("report_id",), zh="报告正文（仅湖内）", en="cleaned texts (lake only)", partition="report_year"
)

RELEASE_TABLES = (
    TOWNSHIPS,
    INDICATORS,
    REPORTS,
    REFUSALS,
    MENTIONS,
    OBSERVATIONS,
    CORRECTIONS,
    CORRECTION_OUTCOMES,
    FINDINGS,
    RUNS,
    SOURCES,
    EXPECTED,
)
"""The tables of a release, in the order in which they are loaded."""
LAKE_TABLES = (REPORTS, REFUSALS, MENTIONS, OBSERVATIONS, FINDINGS, SOURCES, TEXTS)
"""The tables that the lake keeps as parquet."""
