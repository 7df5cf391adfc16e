"""Synthetic (合成) reports of townships, built from the registry, so that the truth is known.

Every sentence here was written for this purpose. A case says what is to be found: a township and a year, or the reasons for
which a document of this sort is to be refused. ``sort`` names the kind of ambiguity.
"""

# ruff: noqa: E501  (a text is easier to judge in one piece)

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from synthetic_texts import Maker, above, body, make, office, opening, own, title_of

from transforms.document import Document
from transforms.identity import Hint
from transforms.names import stem
from transforms.registry import Registry
from warehouse.contracts import Township


class Case(NamedTuple):
    """A document with the truth about it; ``reasons`` where it is to be refused, ``code`` and ``year`` where it is not.

    With both, the document says too little to choose between townships of one name: a refusal as ambiguous is right too.
    """

    sort: str
    document: Document
    hint: Hint
    code: str = ""
    year: int = 0
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    conflict: bool = False


def plain_unique(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case("unique name", make(text), Hint(), unit.township_code, year)


def parents_in_title(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    parent = m.rng.choice(
        (unit.county, unit.city + unit.county, unit.province + unit.city + unit.county, unit.county + "人民政府")
    )
    if "直辖" in unit.city:
        parent = unit.county
    text = f"{title_of(m, parent + office(unit), year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case("parents in the title", make(text), Hint(), unit.township_code, year, ambiguous_within(m, unit))


def ambiguous_within(m: Maker, unit: Township, length: int = 6) -> tuple[str, ...]:
    """Two townships of one name under one county name cannot be told apart by it."""
    twins = [m.registry.township(c) for c in m.registry.by_name.get(unit.township, ())]
    same = [t for t in twins if t.county == unit.county]
    return ("township_ambiguous",) if len(same) > 1 or length < 6 else ()


def parents_in_opening(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    name = unit.county + unit.township
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, name)}\n{body(m, unit, year)}"
    return Case("parents in the opening", make(text), Hint(), unit.township_code, year, ambiguous_within(m, unit))


def signature(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    sign = f"{unit.county}{office(unit)}\n{year + 1}年1月{m.rng.randint(2, 28)}日"
    text = f"{year}年法治政府建设工作总结\n{opening(m, unit, year, '我' + own(unit))}\n{body(m, unit, year)}\n{sign}"
    return Case("signature only", make(text), Hint(), unit.township_code, year, ambiguous_within(m, unit))


def publisher(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    document = make(text, publisher=unit.county + office(unit), on=date(year + 1, 1, 20))
    return Case("publisher of the page", document, Hint(), unit.township_code, year, ambiguous_within(m, unit))


def site_title(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    title = title_of(m, unit.township, year)
    text = f"{title}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    document = make(text, title=f"{title}-{unit.county}人民政府门户网站")
    return Case("name of the site", document, Hint(), unit.township_code, year, ("township_ambiguous",))


def host(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    pinyin = m.registry.places[unit.county_code].pinyin
    uri = f"http://www.{pinyin}.example.cn/zwgk/{year + 1}/content_{m.rng.randint(1000, 9999)}.html"
    return Case("host name", make(text), Hint(source_uri=uri), unit.township_code, year, ("township_ambiguous",))


def villages_only(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    named = m.villages(unit, 4)
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year, named=named)}"
    return Case("villages in the body", make(text), Hint(), unit.township_code, year, ("township_ambiguous",))


def bureau_in_body(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    more = f"会同{unit.county}司法局举办行政执法培训{m.rng.randint(1, 5)}期，{unit.county}人民法院到场指导。"
    text = (
        f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year, more=more)}"
    )
    return Case("county's bureau in the body", make(text), Hint(), unit.township_code, year, ("township_ambiguous",))


def partner(m: Maker) -> Case:
    """Another township's county is named as a partner; the villages are the truth's."""
    unit, year = m.pick(m.shared), m.year()
    twin = m.twin(unit)
    more = f"与{twin.county}司法局联合共建法治文化公园{m.rng.randint(1, 2)}处，前往{twin.city}{twin.county}学习考察{m.rng.randint(1, 3)}次。"
    document = make(
        f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n"
        f"{body(m, unit, year, named=m.villages(unit, 4), more=more)}"
    )
    return Case(
        "a partner of the same name's county", document, Hint(), unit.township_code, year, ("township_ambiguous",)
    )


def neighbours(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    other, third = m.pick(), m.pick()
    more = f"与相邻的{other.township}建立联防联调机制，赴{third.county}{third.township}学习经验，协助{other.township}调处边界纠纷{m.rng.randint(1, 9)}件。"
    text = (
        f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year, more=more)}"
    )
    return Case("neighbours in the body", make(text), Hint(), unit.township_code, year)


def example_in_opening(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    other = m.pick()
    start = f"{year}年，{unit.township}学习借鉴{other.county}{other.township}经验，在{above(unit)}的领导下推进依法行政。现将工作情况报告如下："
    text = f"{title_of(m, unit.township, year)}\n{start}\n{body(m, unit, year)}"
    return Case("an example in the opening", make(text), Hint(), unit.township_code, year)


def nothing_decides(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township, '上级党委、政府')}\n{body(m, unit, year)}"
    return Case("nothing decides", make(text), Hint(), unit.township_code, year, ("township_ambiguous",))


def listed(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    text = f"{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township, '上级党委、政府')}\n{body(m, unit, year)}"
    return Case("the source list decides", make(text), Hint(unit.township_code, (), year), unit.township_code, year)


def listed_otherwise(m: Maker) -> Case:
    unit, other, year = m.pick(m.unique), m.pick(m.unique), m.year()
    text = f"{title_of(m, unit.county + unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    hint = Hint(other.township_code, (), year)
    return Case("the source list says another", make(text), hint, unit.township_code, year, conflict=unit != other)


def untitled(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{year}年，在{above(unit)}的坚强领导下，{unit.township}深入贯彻习近平法治思想，推进依法行政。现将我{own(unit)}{year}年法治政府建设情况报告如下：\n{body(m, unit, year)}"
    return Case("no title", make(text), Hint(), unit.township_code, year)


def only_we(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    text = f"{year}年度法治政府建设工作总结\n{opening(m, unit, year, '我' + own(unit))}\n{body(m, unit, year)}"
    return Case("nothing but 我镇, listed", make(text), Hint(unit.township_code, (), year), unit.township_code, year)


def two_lines(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{office(unit)}\n关于{year}年度法治政府建设工作情况的报告\n{unit.county}人民政府：\n{opening(m, unit, year, '我' + own(unit))}\n{body(m, unit, year)}"
    return Case("issuer on a line of its own", make(text), Hint(), unit.township_code, year)


def party_title(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    text = f"中共{unit.county}{unit.township}委员会 {office(unit)}关于{year}年法治建设工作情况的报告\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case(
        "party committee and government", make(text), Hint(), unit.township_code, year, ambiguous_within(m, unit)
    )


def header_lines(m: Maker) -> Case:
    unit, year = m.pick(m.shared), m.year()
    head = f"当前位置：首页>政务公开>法治政府建设\n索引号：00{m.rng.randint(1000, 9999)}\n发布机构：{unit.county}{office(unit)}\n发布日期：{year + 1}-01-{m.rng.randint(10, 28)}\n"
    text = f"{head}{title_of(m, unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case(
        "header of the page in the text", make(text), Hint(), unit.township_code, year, ambiguous_within(m, unit)
    )


def handed_on(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{office(unit)}关于印发《{unit.township}{year}年法治政府建设工作总结》的通知\n各村（社区）、各站所：\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case("handed on by a notice", make(text), Hint(), unit.township_code, year)


def former_name(m: Maker) -> Case:
    changes = [
        c for c in m.registry.changes if c.level == "township" and c.change in {"rename", "reclassify"} and c.until
    ]
    change = m.rng.choice(changes)
    assert change.until
    unit = m.registry.township(change.codes[0])
    year = max(2018, change.until.year - m.rng.randint(1, 2))
    text = f"{title_of(m, change.parent + change.name, year)}\n{opening(m, unit, year, change.name)}\n{body(m, unit, year)}"
    return Case("former name", make(text), Hint(), unit.township_code, year, ("township_ambiguous",))


def merged_since(m: Maker) -> Case:
    changes = [c for c in m.registry.changes if c.level == "township" and c.change in {"merge", "split"} and c.until]
    change = m.rng.choice(changes)
    assert change.until
    unit = m.registry.township(m.registry.under(change.codes[0])[0])
    year = max(2018, change.until.year - 1)
    text = f"{title_of(m, change.parent + change.name, year)}\n{opening(m, unit, year, change.name)}\n{body(m, unit, year)}"
    return Case("merged or split since", make(text), Hint(), reasons=("township_unknown", "township_ambiguous"))


def kind_changed(m: Maker) -> Case:
    unit, year = m.pick(m.unique), 2024
    other = {"镇": "街道", "街道": "镇", "乡": "镇"}.get(unit.kind, "")
    name = stem(unit.township) + other
    alike = [c for c in m.registry.by_stem.get(stem(unit.township), ()) if c[:6] == unit.county_code]
    if not other or len(alike) > 1 or name in m.registry.by_change:
        return kind_changed(m)
    text = f"{title_of(m, unit.county + name, year)}\n{opening(m, unit, year, name)}\n{body(m, unit, year)}"
    return Case("another kind since", make(text), Hint(), unit.township_code, year, ("township_ambiguous",))


def elsewhere(m: Maker) -> Case:
    """A known name under a county that has none of it: a township that the registry does not know."""
    unit, other, year = m.pick(m.shared), m.pick(), m.year()
    root = stem(unit.township)
    if (
        any(m.registry.places[c[:6]].name == other.county for c in m.registry.by_stem[root])
        or other.county_code[4:] > "70"
    ):
        return elsewhere(m)
    if any(c.parent == other.county for c in m.registry.by_change.get(unit.township, ())):
        return elsewhere(m)
    text = f"{title_of(m, other.county + unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case("another county's name beside it", make(text), Hint(), reasons=("township_unknown",))


def invented(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    name = m.rng.choice("甪麓骊濞鄠") + unit.township
    text = f"{title_of(m, unit.county + name, year)}\n{opening(m, unit, year, name)}\n{body(m, unit, year)}"
    return Case("a name that does not exist", make(text), Hint(), reasons=("township_unknown",))


def county_report(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    name = m.rng.choice((unit.county, unit.county + "人民政府"))
    level = "全" + (unit.county[-1] if unit.county[-1] in "区县旗" else "市")
    text = f"{title_of(m, name, year)}\n{year}年，{unit.county}坚持依法行政，{unit.township}等乡镇成效明显。现将工作情况报告如下：\n一、主要工作\n{level}共调解纠纷{m.rng.randint(500, 4000)}件，{level}办理行政复议{m.rng.randint(20, 200)}件。"
    return Case("a county's report", make(text), Hint(), reasons=("not_a_township",))


def bureau_report(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    bureau = m.rng.choice(("司法局", "农业农村局", "市场监督管理局", "人民法院", "教育局", "综合行政执法大队"))
    text = f"{title_of(m, unit.county + bureau, year)}\n{year}年，我局深入推进依法行政，指导{unit.township}开展普法。现将工作情况报告如下：\n一、主要工作\n全局办理案件{m.rng.randint(20, 300)}件，其中{unit.township}{m.rng.randint(1, 9)}件。"
    return Case("a bureau's report", make(text), Hint(), reasons=("not_a_township",))


def village_report(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    village = m.villages(unit, 1)[0]
    text = f"{unit.county}{unit.township}{village}{year}年工作总结\n{year}年，我村在{unit.township}党委政府的领导下开展工作。现将情况总结如下：\n一、主要工作\n调解纠纷{m.rng.randint(2, 30)}件，组织活动{m.rng.randint(2, 9)}场。"
    return Case("a village's report", make(text), Hint(), reasons=("not_a_township",))


def part_report(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    part = m.rng.choice(("司法所", "中心小学", "卫生院", "派出所", "综合行政执法大队", "财政所"))
    text = f"{unit.township}{part}{year}年工作总结\n{year}年，我单位在上级领导下开展工作。现将情况总结如下：\n一、主要工作\n组织活动{m.rng.randint(2, 9)}场，参加{m.rng.randint(20, 90)}人次。"
    return Case("a body under the township", make(text), Hint(), reasons=("not_a_township",))


def news(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    act = m.rng.choice(("召开{y}年法治政府建设推进会", "开展宪法宣传周活动", "组织执法人员培训", "举办民法典宣讲活动"))
    text = f"{unit.township}{act.format(y=year)}\n{m.rng.randint(1, 12)}月{m.rng.randint(1, 28)}日上午，{unit.township}在会议室举行活动，{m.rng.randint(20, 90)}人参加，发放资料{m.rng.randint(100, 900)}份。"
    return Case("a news item", make(text), Hint(), reasons=("not_a_report",))


def plan(m: Maker) -> Case:
    unit, year = m.pick(), m.year()
    kind = m.rng.choice(("法治政府建设工作计划", "法治政府建设工作要点", "普法依法治理工作方案"))
    text = f"{unit.township}{year}年{kind}\n为推进依法行政，结合实际，特制定本方案。\n一、目标任务\n全年开展活动不少于{m.rng.randint(4, 20)}场次，培训{m.rng.randint(20, 90)}人。"
    return Case("a plan", make(text), Hint(), reasons=("not_a_report",))


def template(m: Maker) -> Case:
    year = m.year()
    unit = m.pick()
    mark = m.rng.choice(("x", "×", "*", "XX"))
    masked = f"全年开展检查{mark}次，办理案件{mark}件，调解纠纷{mark}件，组织活动{mark}场次，发放资料{mark}份，培训{mark}人次。"
    name = m.rng.choice((f"{mark}{mark}镇", unit.township))
    text = (
        f"{name}{year}年法治政府建设年度报告\n{year}年，{name}推进依法行政。现将情况报告如下：\n一、主要工作\n{masked}"
    )
    return Case("a template or masked copy", make(text), Hint(), reasons=("not_a_report",))


def half_year(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{unit.township}{year}年上半年法治政府建设工作总结\n{year}年上半年，{unit.township}推进依法行政。现将情况总结如下：\n{body(m, unit, year)}"
    return Case("half a year", make(text), Hint(), unit.township_code, year, flags=("half_year",))


def with_plan(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{unit.township}{year}年工作总结及{year + 1}年工作计划\n一、{year}年工作总结\n{body(m, unit, year)}\n{year + 2 - 1}年1月10日"
    return Case("summary and plan", make(text), Hint(), unit.township_code, year)


def work_report(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{unit.township}{year + 1}年政府工作报告\n——{year + 1}年1月在{unit.township}人民代表大会上\n各位代表：现在，我代表镇人民政府向大会报告工作。\n一、{year}年工作回顾\n{year}年，全{own(unit)}完成固定资产投资{m.rng.randint(1, 9)}亿元。\n{body(m, unit, year)}"
    return Case("government work report", make(text), Hint(), unit.township_code, year)


def year_in_heading(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    text = f"{unit.township}{year}年法治政府建设年度报告\n{opening(m, unit, year, unit.township)}\n一、{year - 1}年工作开展情况\n{body(m, unit, year)}"
    return Case("wrong year in a heading", make(text), Hint(), unit.township_code, year, flags=("heading_year",))


def chinese_year(m: Maker) -> Case:
    unit, year = m.pick(m.unique), m.year()
    digits = "".join("〇一二三四五六七八九"[int(d)] for d in str(year))
    text = f"{unit.township}二〇{digits[2:]}年度依法行政工作总结\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case("year in Chinese numerals", make(text), Hint(), unit.township_code, year)


def no_year(m: Maker) -> Case:
    unit = m.pick(m.unique)
    text = f"{unit.township}法治政府建设工作总结\n今年以来，{unit.township}推进依法行政。现将情况总结如下：\n一、主要工作\n开展检查{m.rng.randint(2, 90)}次，调解纠纷{m.rng.randint(2, 90)}件。"
    return Case("no year anywhere", make(text, on=date(2024, 1, 20)), Hint(), reasons=("year_unknown",))


def former_county(m: Maker) -> Case:
    changes = [c for c in m.registry.changes if c.level == "county" and c.until and not c.parent.endswith("开发区")]
    change = m.rng.choice(changes)
    assert change.until
    units = [m.registry.township(c) for c in m.registry.under(*change.codes)]
    units = [u for u in units if u.ordinary and u.village_count > 3]
    if not units:
        return former_county(m)
    unit, year = m.pick(units), max(2018, change.until.year - 1)
    text = f"{title_of(m, change.name + unit.township, year)}\n{opening(m, unit, year, unit.township)}\n{body(m, unit, year)}"
    return Case(
        "former county beside it",
        make(text),
        Hint(),
        unit.township_code,
        year,
        ("township_ambiguous", "township_unknown"),
    )


def zone(m: Maker) -> Case:
    """A farm, a zone or the like: recognised or refused, and never taken for the town that its name begins with."""
    unit, year = m.pick(m.zones), m.year()
    text = f"{title_of(m, unit.county + unit.township, year)}\n{opening(m, unit, year, unit.township, '上级党委、政府')}\n{body(m, unit, year)}"
    reasons = ("not_a_township", "township_unknown", "township_ambiguous")
    return Case("a zone or a farm", make(text), Hint(), unit.township_code, year, reasons)


SORTS: tuple[Callable[[Maker], Case], ...] = (
    *(plain_unique, parents_in_title, parents_in_opening, signature, publisher, site_title, host, villages_only),
    *(bureau_in_body, partner, neighbours, example_in_opening, nothing_decides, listed, listed_otherwise, untitled),
    *(only_we, two_lines, party_title, header_lines, handed_on, former_name, merged_since, kind_changed, elsewhere),
    *(invented, county_report, bureau_report, village_report, part_report, news, plan, template, half_year, with_plan),
    *(work_report, year_in_heading, chinese_year, no_year, former_county, zone),
)


def cases(count: int, seed: int = 0) -> Iterator[Case]:
    """``count`` cases, the sorts in turn; the same count and seed give the same cases."""
    maker = Maker(Registry.load(), seed)
    for number in range(count):
        yield SORTS[number % len(SORTS)](maker)
