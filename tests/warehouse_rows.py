"""Literal rows for the tests of the warehouse: a synthetic (合成) county of three townships, and builders for more."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from warehouse.contracts import Indicator, Mention, Observation, Report, ReportKey, Run, Township

D = Decimal


def township(code: str, name: str, kind: str = "镇", villages: int = 10, ordinary: bool = True) -> Township:
    county = {"990101": "合成县", "990102": "邻县"}[code[:6]]
    return Township(code, name, kind, code[:6], county, code[:4], "合成市", code[:2], "合成省", villages, ordinary)


JIA, YI, BING = "990101101", "990101102", "990101201"
TOWNSHIPS = [
    township(JIA, "甲镇"),
    township(YI, "乙镇", villages=5),
    township(BING, "丙乡", "乡", 0),
    township("990102101", "丁镇"),
    township("990101501", "合成农场", "其他", 0, ordinary=False),
]


def indicator(code: str, zh: str, unit: str = "case", aggregation: Any = "flow") -> Indicator:
    return Indicator(
        code, zh, code.replace("_", " "), "合成", unit, aggregation, None, None, None, None, f"{zh}（合成）"
    )


INDICATORS = [
    indicator("admin_penalty_cases", "行政处罚案件数"),
    indicator("people_mediators", "人民调解员数", "person", "stock"),
    indicator("law_exam_pass_rate", "学法考试合格率", "percent", "rate"),
    indicator("resident_population", "人口", "person", "stock"),
    indicator("villages_communities", "辖区村(社区)数", "place", "stock"),
]
UNITS = {row.indicator: row.unit for row in INDICATORS}
RUN = Run("0123456789ab", "0.1.0", "rules", "dictionary", "registry", 3, 3, 0, 9, 9, 0, 0)
FETCHED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def report(code: str, year: int, **other: Any) -> Report:
    row = Report(
        f"{code}-{year}-ab", code, year, f"合成{year}年度报告", None, date(year + 1, 1, 20), f"file:///{code}/{year}.txt",
        FETCHED, "ab" * 32, "text/plain", "utf-8", 3000, 0, "published", None, False, "{}", "rules", RUN.run_id,
    )  # fmt: skip
    return row._replace(**other)


def mention(of: Report, ordinal: int, value: str | None, *indicators: str, **other: Any) -> tuple[Any, ...]:
    number = None if value is None else D(value)
    start, end = 10 * ordinal, 10 * ordinal + 3
    row = Mention(
        ordinal, f"{value}件", number, None, "件", "件", D(1), "exact", "actual", "township", None, indicators, (),
        "案件", "term", 0.9, False, "一、合成", f"合成句，共{value}件。", start, end, start, end,
    )  # fmt: skip
    return (*ReportKey(of.report_id, of.report_year), *row._replace(**other))


def observation(of: Report, ordinal: int | None, code: str, value: str | None, **other: Any) -> Observation:
    number = None if value is None else D(value)
    row = Observation(
        of.township_code, of.report_year, code, number, None, UNITS.get(code, "case"), "exact", "reported",
        of.report_id, ordinal, (), None,
    )  # fmt: skip
    return row._replace(**other)


def tables(reports: list[Report], figures: list[tuple[Report, str, str | None]], **more: Any) -> dict[str, Any]:
    """All tables of a release in which each figure (report, indicator, value) is one mention and one observation."""
    ordinals: dict[str, int] = {}
    mentions, observations = [], []
    for of, code, value in figures:
        ordinal = ordinals[of.report_id] = ordinals.get(of.report_id, 0) + 1
        mentions.append(mention(of, ordinal, value, code))
        observations.append(observation(of, ordinal, code, value))
    return {
        "townships": TOWNSHIPS, "indicators": INDICATORS, "reports": reports, "mentions": mentions,
        "observations": observations, **more,
    }  # fmt: skip
