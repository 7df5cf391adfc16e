"""Period: the year a report is for, the day its figures end, and whether that is short of the year.

Every year that the text names is a witness: the title, the first sentence, the statement of what is reported,
statistical periods, cut-off dates, headings, the plan for the following year, the body as a whole, the signature and
the publication, which both come after the year is over. The witnesses are weighed; the year of publication alone is
never the report's year.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from transforms.document import Refused
from transforms.front import Front, squeeze, year_of

Y = r"(20[0-4]\d|二[〇○零O0][〇○零一二三四][〇○零一二三四五六七八九])"
TITLE_YEAR = re.compile(rf"(?<![\d〔\[【]){Y}(?![\d〕\]】])(?:年度?)?")
SPAN = re.compile(rf"{Y}年?[-—–~～至到、和]{{1,2}}{Y}年?")
NAMED = re.compile(r"《[^》]*》|〔[^〕]*〕|\[20\d\d\]|【[^】]*】|（20\d\d[-—–~至]20\d\d年）|\(20\d\d[-—–~至]20\d\d年\)")
PLAN_WORD = re.compile(r"计划|打算|安排|思路|要点|谋划|设想|展望|部署|规划|目标|任务|下一步")
PAST_WORD = re.compile(r"总结|报告|汇报|情况|回顾|小结|成效|举措|完成|工作开展|做法|述职|述法")
HALF = re.compile(
    r"上半年|(?<!下)半年|前([一二三1-3])(?:个)?季度|第?([一二三1-3])季度|1(?:月)?[-—–~至到]([2-9]|1[01])月(?:份)?|前([三六九3-9])个月"
)
SECOND_HALF = re.compile(r"下半年")
STATED = re.compile(rf"(?:现|就|将|把)[^。\n]{{0,40}}?{Y}年[^。\n]{{0,50}}?(?:报告|汇报|总结|公布|通报|说明|公开)如下")
PERIOD = re.compile(rf"自?{Y}年1月1日(?:起)?(?:至|到|[-—–~])(?:{Y}年)?(\d{{1,2}})月(\d{{1,2}})日")
CUT_OFF = re.compile(
    rf"截[至止]{{1,2}}(?:到|至|于)?(?:{Y}年|(今年|本年|目前|当前|年底|年末))?(?:(\d{{1,2}})月(?:份)?)?(?:(\d{{1,2}})日|(底|末|中旬|上旬|下旬))?"
)
HEADING = re.compile(
    rf"\n\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])\s*(?:[^\n。，]{{0,8}}?){Y}年([^\n。]{{0,40}})"
)
BODY_YEAR = re.compile(r"(20[0-4]\d)年(?!代)")
EVENT = re.compile(r"(?<![\d至到])(1[0-2]|[1-9])月(?:\d{1,2}日|份|[上中下]旬)?")
WORK_REPORT = re.compile(r"政府工作报告")

ENOUGH = 3.0
"""A year needs the weight of a first sentence at least."""
AFTERWARDS = ("published", "signed")
"""Witnesses that speak of a time after the year."""
MARGIN = 2.0
"""The best year must lead by two thirds of a first sentence, or the year is unknown."""


class Witness(NamedTuple):
    """What a place of the document says about the year: the words, and how much they weigh (negative: against)."""

    year: int
    source: str
    surface: str
    weight: float


class Period(NamedTuple):
    """The report's year and the reach of its figures.

    ``end`` is the last day covered where the text says so; ``partial`` that it comes before the year's end. ``flags``
    are of half_year, quarter, multi_year, cut_off, title_year (the title names another year), heading_year (a heading
    does), year_listed (only the source list or the file's name tells the year).
    """

    year: int
    end: date | None
    partial: bool
    flags: tuple[str, ...]
    witnesses: tuple[Witness, ...]


def period(front: Front, text: str, listed: int | None = None, file_name: str = "") -> Period:
    """The period that a document reports on; ``listed`` is the year of the source list, ``file_name`` the source's own.

    Raises:
        Refused: ``year_unknown``: no year, or two that are equally likely; the detail names them.
    """
    stated = _stated_period(front, text)
    witnesses = list(_witnesses(front, text, stated))
    if listed is not None:
        witnesses.append(Witness(listed, "list", str(listed), ENOUGH))
    for match in TITLE_YEAR.finditer(squeeze(file_name)):
        witnesses.append(Witness(year_of(match[1]), "file", match[0], 1.5))
    year = _elect(witnesses)
    end, flags = _reach(front, text, year, stated)
    if any(w.source == "title" and w.weight > 0 and w.year != year for w in witnesses):
        flags.append("title_year")
    if any(w.source == "heading" and w.year != year for w in witnesses):
        flags.append("heading_year")
    if all(w.source in {"list", "file", *AFTERWARDS} for w in witnesses if w.year == year and w.weight > 0):
        flags.append("year_listed")
    return Period(year, end, end is not None and end < date(year, 12, 31), tuple(flags), tuple(witnesses))


def _elect(witnesses: list[Witness]) -> int:
    scores: Counter[int] = Counter()
    for witness in witnesses:
        scores[witness.year] += witness.weight  # type: ignore[assignment]
    ranked = scores.most_common(2)
    if not ranked or ranked[0][1] < ENOUGH:
        likely = f"，可能是{ranked[0][0]}年" if ranked and ranked[0][1] > 0 else ""
        raise Refused(
            "year_unknown",
            f"标题、首句和正文都没有写明报告年度{likely}：请在来源表中写明report_year"
            f" / no year of report is stated: give report_year in the source list",
        )
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < MARGIN:
        raise Refused(
            "year_unknown",
            f"报告年度有{ranked[0][0]}与{ranked[1][0]}两说，证据相当：请在来源表中写明report_year"
            f" / two years are equally likely: give report_year in the source list",
        )
    return ranked[0][0]


def _witnesses(front: Front, text: str, period_stated: re.Match[str] | None) -> Iterator[Witness]:
    title = front.title or front.page_title
    yield from _title(title, text, 6.0)
    if front.page_title and front.page_title != title:
        yield from _title(front.page_title, text, 3.0)
    opening = NAMED.sub("", front.opening)
    opening = SPAN.sub("", opening)
    if first := TITLE_YEAR.search(opening[:160]):
        exact_day = re.match(r"\d{1,2}月", opening[first.end() :])
        yield Witness(year_of(first[1]), "first_sentence", _around(opening, first), 1.0 if exact_day else 3.0)
    if stated := STATED.search(opening):
        yield Witness(year_of(stated[1]), "statement", stated[0][-60:], 4.0)
    if period_stated:
        yield Witness(year_of(period_stated[1]), "period", period_stated[0], 4.0)
    yield from _body(text)
    yield from _afterwards(front)


def _title(title: str, text: str, weight: float) -> Iterator[Witness]:
    bare = NAMED.sub("", title)
    if not TITLE_YEAR.search(bare) and (inner := re.search(r"《([^》]*)》", title)):
        bare = inner[1]
    if span := SPAN.search(bare):
        yield Witness(year_of(span[2]), "title", span[0], weight)
        return
    found = list(TITLE_YEAR.finditer(bare))
    reported = [match for i, match in enumerate(found) if not _is_plan(bare, found, i)]
    for match in reported[:1] or found[:1]:
        year = year_of(match[1])
        if not reported:
            year -= 1
        elif WORK_REPORT.search(bare) and _looks_back(text, year - 1):
            yield Witness(year - 1, "work_report", f"{year - 1}年工作回顾", weight)
            return
        yield Witness(year, "title", match[0], weight)


def _is_plan(title: str, found: list[re.Match[str]], i: int) -> bool:
    """Whether what follows a year in a title, up to the next year, speaks of the future only."""
    stop = found[i + 1].start() if i + 1 < len(found) else len(title)
    part = title[found[i].end() : stop]
    return bool(PLAN_WORD.search(part)) and not PAST_WORD.search(part)


def _looks_back(text: str, year: int) -> bool:
    """Whether a government work report, titled by the year of its meeting, reviews the year before."""
    return bool(
        re.search(
            rf"{year}年(?:的)?(?:主要)?工作(?:的)?(?:回顾|总结)|回顾{year}年|过去的?一年|{year}年(?:以来)?[，,]|[一二]、{year}年(?:主要)?工作",
            text[:6000],
        )
    )


def _stated_period(front: Front, text: str) -> re.Match[str] | None:
    """自2023年1月1日起至2023年12月31日止, which the preamble of a 信息公开年报 has to state."""
    head = text[: front.body + 3000]
    return PERIOD.search(squeeze(head)) if "1月1日" in head or "1 月" in head else None


def _body(text: str) -> Iterator[Witness]:
    for match in HEADING.finditer(text):
        year, rest = year_of(match[1]), match[2]
        plan = PLAN_WORD.search(rest) and not PAST_WORD.search(rest)
        yield Witness(year - 1 if plan else year, "outlook" if plan else "heading", match[0].strip()[:40], 1.5)
        if plan:
            break
    for match in CUT_OFF.finditer(text):
        if match[1] and match[3]:
            year = year_of(match[1])
            early = int(match[3]) <= 3
            yield Witness(year - early, "cut_off", match[0], 1.0 if early else 1.5)
            break
    counts = Counter(int(match[1]) for match in BODY_YEAR.finditer(text) if _is_own(text, match.start()))
    if counts:
        (year, most), *others = counts.most_common(2)
        rival = others[0][1] if others else 0
        if most > 1 and most > rival:
            yield Witness(year, "body", f"{year}年 x{most}", 2.0 if most >= 2 * rival else 1.0)


def _is_own(text: str, at: int) -> bool:
    """Whether a year is the text's own: not the end of a longer number, a document's number or within 《 》."""
    if at and text[at - 1] in "0123456789〔[":
        return False
    opened = text.rfind("《", max(0, at - 40), at)
    return opened < 0 or text.find("》", opened, at) >= 0


def _afterwards(front: Front) -> Iterator[Witness]:
    """Signature and publication: after the year, or in its last weeks; a year after them cannot be reported on."""
    for source, day in zip(AFTERWARDS, (front.published_on, front.signed_on), strict=True):
        if day is None:
            continue
        late = day.month >= 11
        yield Witness(day.year if late else day.year - 1, source, day.isoformat(), 1.0)
        yield Witness(day.year + 1, source, day.isoformat(), -6.0)
        return


def _reach(front: Front, text: str, year: int, match: re.Match[str] | None) -> tuple[date | None, list[str]]:
    """The last day that the figures cover, where the text says so, and what is unusual about the period."""
    title = NAMED.sub("", front.title or front.page_title)
    flags: list[str] = []
    if SPAN.search(title) or re.search(r"(?:近|过去)?[三五四六]年(?:来|以来|间)?(?:工作|法治|依法)", title):
        flags.append("multi_year")
    if (half := HALF.search(title)) and not re.search(r"总结.{0,6}及?下半年$", title):
        month = _months(half)
        flags.append("half_year" if month == 6 else "quarter")
        return _month_end(year, month), flags
    if match:
        end = _date(year_of(match[2]) if match[2] else year_of(match[1]), int(match[3]), int(match[4]))
        if end is not None and end.year == year:
            return end, flags
    ends = [end for end in _cut_offs(text, year) if end.year == year]
    if not ends:
        return None, flags
    end = max(ends)
    if end < date(year, 12, 31) and _later_events(text, year, end.month):
        return None, flags  # the cut-off of single figures: the report itself goes on
    return end, [*flags, *(["cut_off"] if end < date(year, 12, 31) else [])]


def _months(match: re.Match[str]) -> int:
    digits = "一二三四五六七八九"
    for group, factor in ((1, 3), (2, 3), (3, 1), (4, 1)):
        if token := match[group]:
            return factor * (int(token) if token.isdigit() else digits.index(token) + 1)
    return 6


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _cut_offs(text: str, year: int) -> Iterator[date]:
    for match in CUT_OFF.finditer(text):
        stated = year_of(match[1]) if match[1] else year
        if match[2] in {"年底", "年末"} or (match[1] and not match[3] and match[5] in {"底", "末"}):
            yield date(stated, 12, 31)
        elif match[3] and 1 <= int(match[3]) <= 12:
            month = int(match[3])
            middle = {"上旬": 10, "中旬": 20}.get(match[5] or "", 0)
            end = _date(stated, month, int(match[4])) if match[4] else None
            yield end or (date(stated, month, middle) if middle else _month_end(stated, month))


def _later_events(text: str, year: int, month: int) -> bool:
    """Whether the text, before its outlook, tells of things in a later month of the year than ``month``."""
    outlook = re.search(
        r"\n\s*[一二三四五六七八九十]+、[^\n]{0,20}(?:下一步|下步|明年|来年|下一年度?|打算|计划|安排|思路)", text
    )
    told = text[: outlook.start()] if outlook else text
    return any(int(match[1]) > month for match in EVENT.finditer(told))


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 4) : match.end() + 16]
