"""Synthetic (合成) reports with known truth for the checks: a clean corpus, and the same with faults planted in it.

Every town has its own size and its own habits of wording; its figures follow a log-normal course over the years, as
real ones do. Mentions are written down as the text is, so that the checks are measured apart from the extraction. A
fault is one wrong thing in one report, with the checks that may name it.
"""

from __future__ import annotations

import math
import random
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa
from cases import Case, dictionary, report_of

from warehouse.contracts import (
    INDICATORS,
    MENTIONS,
    OBSERVATIONS,
    REPORTS,
    TEXTS,
    TOWNSHIPS,
    Mention,
    Observation,
    Report,
    Text,
    Township,
)
from warehouse.schema import to_arrow

UNITS = {row.indicator: row.unit for row in dictionary()}
FIRST = 2018
MEDIANS = {
    "people_mediators": 60,
    "petitions_received": 60,
    "disputes_identified": 90,
    "admin_penalty_cases": 50,
    "penalty_fine_amount": 900_000,
    "hotline_orders_received": 700,
    "publicity_events": 60,
    "publicity_materials": 9000,
    "banners": 70,
    "admin_inspections": 400,
    "safety_hazards_found": 300,
    "gov_service_items_handled": 12_000,
    "legal_consultations": 500,
    "law_literate_persons": 60,
    "certified_officers": 20,
}
FAULTS: dict[str, frozenset[str]] = {
    "parts that fall short": frozenset({"sum_of_parts"}),
    "a part above its total": frozenset({"part_exceeds_total"}),
    "more settled than received": frozenset({"resolved_exceeds_received", "part_exceeds_total"}),
    "a wrong rate": frozenset({"rate_mismatch"}),
    "a wrong change": frozenset({"change_mismatch"}),
    "a wrong figure of last year": frozenset({"prior_mismatch"}),
    "two figures for one thing": frozenset({"stated_twice"}),
    "a foreign count of villages": frozenset({"registry_mismatch"}),
    "an impossible rate": frozenset({"implausible"}),
    "yuan for ten thousand yuan": frozenset({"unit_slip"}),
    "ten thousand yuan for yuan": frozenset({"unit_slip", "implausible"}),
    "a county's figure": frozenset({"unlike_neighbours", "unlike_own_past", "implausible"}),
    "far from its own past": frozenset({"unlike_own_past", "unlike_neighbours"}),
    "more people than residents": frozenset({"per_capita"}),
    "last year's figures again": frozenset({"copied_figures"}),
    "another town's figures": frozenset({"copied_figures"}),
    "a sudden silence": frozenset({"fell_silent"}),
    "a damaged digit": frozenset({"damaged_figure"}),
}
"""Kinds of fault, and the checks of which one must name the report."""


class Writer:
    """Writes a report's text and, beside it, the mentions as they come."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length, self.sentence_start = 0, 0
        self.mentions: list[Mention] = []
        self.open: list[int] = []

    def text(self, text: str) -> Writer:
        self.parts.append(text)
        self.length += len(text)
        return self

    def figure(
        self,
        value: float | Decimal,
        unit: str,
        indicator: str = "",
        *,
        shown: str = "",
        kind: str = "actual",
        qualifier: str = "exact",
        part_of: int | None = None,
        damaged: bool = False,
    ) -> int:
        """Write a figure and return its ordinal; a prior or change is about ``indicator``."""
        surface = shown or f"{value}{unit}"
        states = kind in {"actual", "zero"} and indicator
        self.mentions.append(
            Mention(
                ordinal=len(self.mentions) + 1,
                surface=surface,
                value=Decimal(str(value)),
                value_high=None,
                unit=unit,
                unit_surface=unit,
                factor=Decimal(1),
                qualifier=qualifier,  # type: ignore[arg-type]
                kind=kind,  # type: ignore[arg-type]
                scope="township" if indicator or kind != "actual" else "part",
                part_of_ordinal=part_of,
                indicators=(indicator,) if states else (),
                about=() if states or not indicator else (indicator,),
                head="",
                rule="synthetic",
                confidence=1.0,
                damaged=damaged,
                section="",
                sentence="",
                start=self.length,
                end=self.length + len(surface),
                source_start=self.length,
                source_end=self.length + len(surface),
            )
        )
        self.open.append(len(self.mentions) - 1)
        self.text(surface)
        return len(self.mentions)

    def stop(self) -> None:
        """End the sentence."""
        self.text("。")
        sentence = "".join(self.parts)[self.sentence_start :] if self.open else ""
        for place in self.open:
            self.mentions[place] = self.mentions[place]._replace(sentence=sentence)
        self.open, self.sentence_start = [], self.length
        self.parts = ["".join(self.parts)]


class Town(NamedTuple):
    """A synthetic township: its registry row, residents, and its own level for every figure."""

    row: Township
    residents: int
    levels: dict[str, float]
    style: int


def towns(count: int, seed: int) -> list[Town]:
    """Townships under synthetic counties of sixteen, all of ordinary kinds."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        county = f"99{number // 1600 % 100:02}{number // 16 % 100:02}"
        code = f"{county}{100 + number % 16:03}"
        kind = rng.choice(("镇", "镇", "乡", "街道"))
        row = Township(
            code, f"合成{number}{kind}", kind, county, f"合成县{county}", county[:4], "合成市", "99", "合成省",
            rng.randint(8, 40), True,
        )  # fmt: skip
        size = rng.gauss(0, 0.35)
        levels = {name: median * math.exp(size + rng.gauss(0, 0.5)) for name, median in MEDIANS.items()}
        found.append(Town(row, int(35_000 * math.exp(size + rng.gauss(0, 0.2))), levels, rng.randrange(3)))
    return found


def figures(town: Town, years: int, seed: int) -> list[dict[str, int]]:
    """The true figures of a town, year by year."""
    rng = random.Random(f"{seed}-{town.row.township_code}")
    course = []
    for _ in range(years):
        told = {name: max(1, round(level * math.exp(rng.gauss(0, 0.22)))) for name, level in town.levels.items()}
        told["penalty_fine_amount"] = max(1, told["penalty_fine_amount"] // 1000) * 1000
        told["petitions_resolved"] = round(told["petitions_received"] * rng.uniform(0.7, 1))
        told["disputes_resolved"] = round(told["disputes_identified"] * rng.uniform(0.85, 1))
        told["penalty_cases_closed"] = round(told["admin_penalty_cases"] * rng.uniform(0.6, 1))
        told["hotline_orders_resolved"] = round(told["hotline_orders_received"] * rng.uniform(0.9, 1))
        told["legal_talks"] = round(told["publicity_events"] * rng.uniform(0.2, 0.8))
        told["safety_hazards_rectified"] = round(told["safety_hazards_found"] * rng.uniform(0.8, 1))
        course.append(told)
    return course


def write(town: Town, now: dict[str, int], last: dict[str, int] | None, rng: random.Random, fault: str = "") -> Writer:
    """One report's text and mentions; ``fault`` is planted where its kind belongs."""
    w = Writer()
    villages = town.row.village_count
    w.text("（合成数据）辖").figure(villages, "个", "villages_communities")
    w.text("村（社区），常住人口")
    w.figure(town.residents, "人", "resident_population")
    w.stop()
    w.text("设立村级调委会")
    w.figure(
        villages * 2 + 4 if fault == "a foreign count of villages" else villages, "个", "village_mediation_committees"
    )
    w.text("，人民调解员")
    w.figure(now["people_mediators"], "人", "people_mediators")
    w.stop()
    _petitions(w, town, now, last, rng, fault)
    if fault != "a sudden silence":
        w.text("排查矛盾纠纷")
        w.figure(now["disputes_identified"], "宗", "disputes_identified")
        w.text("，化解")
        w.figure(now["disputes_resolved"], "宗", "disputes_resolved")
        w.stop()
    _penalties(w, town, now, rng, fault)
    orders = now["hotline_orders_received"] * (60 if fault == "far from its own past" else 1)
    w.text("12345平台接收工单")
    w.figure(orders, "个", "hotline_orders_received", damaged=fault == "a damaged digit")
    w.text("，已处理")
    w.figure(now["hotline_orders_resolved"], "个", "hotline_orders_resolved")
    w.stop()
    _publicity(w, now, rng, fault)
    _rest(w, town, now, fault)
    return w


def _petitions(
    w: Writer, town: Town, now: dict[str, int], last: dict[str, int] | None, rng: random.Random, fault: str
) -> None:
    received, settled = now["petitions_received"], now["petitions_resolved"]
    if fault == "more settled than received":
        settled = received + rng.randint(1, 9)
    w.text("收到信访件")
    w.figure(received, "件", "petitions_received")
    must = fault in {"a wrong change", "a wrong figure of last year"}
    if last and (must or rng.random() < 0.5):
        before = last["petitions_received"]
        change = 100 * (received - before) / before
        if fault == "a wrong figure of last year" or (fault != "a wrong change" and rng.random() < 0.4):
            w.text("，上年为")
            w.figure(
                before + (17 if fault == "a wrong figure of last year" else 0), "件", "petitions_received", kind="prior"
            )
        else:
            told = round(change + (12 if fault == "a wrong change" else 0), 1)
            w.text("，同比增长" if told >= 0 else "，同比下降")
            w.figure(told, "%", "petitions_received", kind="change", shown=f"{abs(told):.1f}%")
    w.text("，已办结")
    w.figure(settled, "件", "petitions_resolved")
    if (town.style and fault != "more settled than received") or fault == "a wrong rate":
        places = town.style % 2 + 1
        rate = round(100 * settled / received, places)
        rate = rate - 15 if fault == "a wrong rate" and rate > 60 else rate + 15 if fault == "a wrong rate" else rate
        w.text("，信访办结率")
        w.figure(round(rate, places), "%", "petition_resolution_rate", shown=f"{rate:.{places}f}%")
    w.stop()
    if fault == "two figures for one thing" or rng.random() < 0.3:
        again = received + (11 if fault == "two figures for one thing" else 0)
        w.text("信访方面，全年收到信访件")
        w.figure(again, "件", "petitions_received")
        w.stop()


def _penalties(w: Writer, town: Town, now: dict[str, int], rng: random.Random, fault: str) -> None:
    cases, closed = now["admin_penalty_cases"], now["penalty_cases_closed"]
    w.text("办理行政处罚案件")
    total = w.figure(cases, "宗", "admin_penalty_cases")
    short = fault == "parts that fall short"
    if closed < cases and (short or town.style == 0):
        w.text("，其中")
        w.figure(closed, "宗", "penalty_cases_closed", part_of=total)
        w.text("已办结，")
        w.figure(
            cases - closed + (-1 if cases - closed > 1 else 1) * short, "宗", "penalty_cases_pending", part_of=total
        )
        w.text("正在办理")
    elif short:
        w.text("，分别为市容类")
        w.figure(max(cases - 3, 1), "宗", part_of=total)
        w.text("、环保类")
        w.figure(1, "宗", part_of=total)
    elif town.style == 1:
        w.text("，其中市容类")
        w.figure(cases // 2, "宗", part_of=total)
        w.text("、环保类")
        w.figure(cases // 3, "宗", part_of=total)
    w.stop()
    amount = Decimal(now["penalty_fine_amount"])
    if fault == "yuan for ten thousand yuan":
        amount /= 10_000
    if fault == "ten thousand yuan for yuan":
        amount *= 10_000
    w.text("罚款")
    w.figure(amount, "元", "penalty_fine_amount")
    if fault == "an impossible rate":
        w.text("，执法案件上线应用率")
        w.figure(rng.randint(120, 900), "%", "online_case_rate")
    w.stop()


def _publicity(w: Writer, now: dict[str, int], rng: random.Random, fault: str) -> None:
    talks = now["legal_talks"]
    w.text("开展法治宣传活动")
    total = w.figure(now["publicity_events"], "场次", "publicity_events")
    w.text("（其中法治宣讲")
    above = fault == "a part above its total"
    w.figure(now["publicity_events"] + 9 if above else talks, "场次", "legal_talks", part_of=total)
    w.text("），发放宣传资料")
    copies = now["publicity_materials"] * (400 if fault == "a county's figure" else 1)
    w.figure(copies, "份", "publicity_materials")
    w.text("，悬挂横幅")
    banners = max(10, now["banners"] // 10 * 10)
    w.figure(banners, "条", "banners", qualifier="over", shown=f"{banners}余条")
    w.stop()


def _rest(w: Writer, town: Town, now: dict[str, int], fault: str) -> None:
    w.text("开展行政检查")
    w.figure(now["admin_inspections"], "次", "admin_inspections")
    w.text("，排查安全隐患")
    w.figure(now["safety_hazards_found"], "个", "safety_hazards_found")
    w.text("，完成整改")
    w.figure(now["safety_hazards_rectified"], "个", "safety_hazards_rectified")
    w.stop()
    w.text("政务服务办件")
    w.figure(now["gov_service_items_handled"], "件", "gov_service_items_handled")
    w.text("，接待法律咨询")
    w.figure(now["legal_consultations"], "人次", "legal_consultations")
    w.text("，培育法律明白人")
    many = int(town.residents * 1.3) if fault == "more people than residents" else now["law_literate_persons"]
    w.figure(many, "人", "law_literate_persons")
    w.text("，持执法证")
    w.figure(now["certified_officers"], "人", "certified_officers")
    w.stop()
    w.text("未发生行政复议案件")
    w.mentions.append(w.mentions[-1]._replace(
        ordinal=len(w.mentions) + 1, surface="未发生", value=Decimal(0), unit="件", unit_surface="", kind="zero",
        scope="township", part_of_ordinal=None, indicators=("admin_reconsideration_cases",), about=(),
        start=w.length - 9, end=w.length - 6, source_start=w.length - 9, source_end=w.length - 6,
    ))  # fmt: skip
    w.open.append(len(w.mentions) - 1)
    w.stop()


class Corpus(NamedTuple):
    """The tables, and for each report with a fault its kind."""

    tables: dict[str, pa.Table]
    faults: dict[str, str]


def corpus(count: int, years: int, seed: int = 1, every: int = 0) -> Corpus:
    """Reports of ``count`` towns over ``years`` years; one town in
    ``every`` towns has one fault in its last year (0: none has)."""
    places = towns(count, seed)
    courses = [figures(town, years, seed) for town in places]
    kinds = list(FAULTS)
    rows = Rows()
    faults: dict[str, str] = {}
    for number, (town, course) in enumerate(zip(places, courses, strict=True)):
        fault = kinds[number // every % len(kinds)] if every and number % every == 0 else ""
        if fault == "last year's figures again":
            course[-1] = dict(course[-2])
        if fault == "another town's figures":
            course[-1] = dict(courses[number - 1][-1])
        for place, now in enumerate(course):
            rng = random.Random(f"{seed}-{number}-{place}")
            planted = fault if place == years - 1 else ""
            writer = write(town, now, course[place - 1] if place else None, rng, planted)
            report_id = rows.add(town.row, FIRST + place, writer)
            if planted:
                faults[report_id] = planted
    return Corpus(rows.tables([town.row for town in places]), faults)


class Rows:
    """Rows of the tables as they are made."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.texts: list[Text] = []
        self.mentions: list[tuple[object, ...]] = []
        self.observations: list[Observation] = []

    def add(self, town: Township, year: int, writer: Writer) -> str:
        text = "".join(writer.parts)
        report = report_of(Case(text, (), township=town, year=year))
        self.reports.append(report)
        self.texts.append(Text(report.report_id, year, text))
        seen: set[str] = set()
        for mention in writer.mentions:
            self.mentions.append((report.report_id, year, *mention))
            for indicator in mention.indicators:
                if indicator not in seen:
                    seen.add(indicator)
                    self.observations.append(
                        Observation(
                            town.township_code,
                            year,
                            indicator,
                            mention.value,
                            None,
                            UNITS[indicator],
                            mention.qualifier,
                            "stated_zero" if mention.kind == "zero" else "reported",
                            report.report_id,
                            mention.ordinal,
                            (),
                            mention.value,
                        )
                    )
        return report.report_id

    def tables(self, places: list[Township]) -> dict[str, pa.Table]:
        return {
            "reports": to_arrow(REPORTS, self.reports),
            "texts": to_arrow(TEXTS, self.texts),
            "mentions": to_arrow(MENTIONS, self.mentions),
            "observations": to_arrow(OBSERVATIONS, self.observations),
            "townships": to_arrow(TOWNSHIPS, places),
            "indicators": to_arrow(INDICATORS, dictionary()),
        }
