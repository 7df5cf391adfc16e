"""Synthetic (合成) texts of township reports: titles, openings and bodies around a township of the registry.

Every sentence here was written for this purpose; ``synthetic_reports`` puts them together to cases with a known truth.
"""

# ruff: noqa: E501  (a text is easier to judge in one piece)

from __future__ import annotations

import random
from datetime import date

from transforms.document import Document, Page
from transforms.names import village_words
from transforms.offsets import Offsets
from transforms.registry import Registry
from warehouse.contracts import Township


class Maker:
    """Draws townships and wordings from one seeded source."""

    def __init__(self, registry: Registry, seed: int) -> None:
        self.registry = registry
        self.rng = random.Random(seed)
        ordinary = [
            u
            for u in registry.rows()
            if u.ordinary and u.township != "街道" and "办事处" not in u.township and u.county not in u.township
        ]
        zones = {"开发区", "农林牧渔场", "管理机构", "兵团团场", "矿区"}
        self.zones = [u for u in registry.rows() if u.kind in zones and u.county not in u.township]
        self.all = [u for u in ordinary if u.village_count > 3]
        self.shared = [u for u in self.all if len(registry.by_name.get(u.township, ())) > 1]
        self.unique = [u for u in self.all if len(registry.by_name.get(u.township, ())) == 1]

    def pick(self, among: list[Township] | None = None) -> Township:
        return self.rng.choice(among or self.all)

    def year(self) -> int:
        return self.rng.choice((2019, 2020, 2021, 2022, 2023, 2024, 2025))

    def twin(self, unit: Township) -> Township:
        """Another township of the same name."""
        codes = [c for c in self.registry.by_name[unit.township] if c != unit.township_code]
        return self.registry.township(self.rng.choice(codes))

    def villages(self, unit: Township, count: int) -> list[str]:
        names = []
        for village in self.registry.villages(unit.township_code):
            short, community = village_words(village, unit.township)
            names.append(short + ("社区" if community else "村"))
        return self.rng.sample(names, min(count, len(names)))


TOPICS = (
    "法治政府建设年度报告",
    "法治政府建设工作情况报告",
    "推进法治政府建设工作总结",
    "依法行政工作总结",
    "法治建设工作报告",
    "政府信息公开工作年度报告",
)


def own(unit: Township) -> str:
    """How a unit speaks of itself."""
    return "街道" if unit.kind in {"街道", "地区办事处"} else "苏木" if "苏木" in unit.kind else unit.township[-1]


def title_of(m: Maker, name: str, year: int) -> str:
    topic = m.rng.choice(TOPICS)
    return m.rng.choice(
        (
            f"{name}{year}年{topic}",
            f"{name}{year}年度{topic}",
            f"{year}年{name}{topic}",
            f"{name}关于{year}年{topic}",
            f"{year}年度{name}{topic}",
        )
    )


def office(unit: Township) -> str:
    name = unit.township
    if unit.kind in {"街道", "地区办事处"}:
        return name.removesuffix("办事处") + "办事处"
    return name + "人民政府"


def above(unit: Township) -> str:
    level = unit.county[-1] if unit.county[-1] in "区县旗" else "市"
    return f"{level}委、{level}政府"


def body(m: Maker, unit: Township, year: int, *, named: list[str] | None = None, more: str = "") -> str:
    """The middle of a report: figures drawn at random, and the villages that are to be named."""
    me, n = own(unit), m.rng.randint
    lines = [
        "一、加强组织领导，压实工作责任",
        f"我{me}成立依法行政工作领导小组，召开专题会议{n(2, 9)}次，研究法治工作{n(3, 20)}项，全{me}机关干部{n(20, 90)}人参加学法考试。",
        "二、规范执法行为，化解矛盾纠纷",
        f"全年开展执法检查{n(20, 300)}次，办理行政处罚案件{n(0, 60)}件，调解矛盾纠纷{n(10, 200)}件，调解成功{n(5, 10)}件。",
        "三、抓好普法宣传，营造法治氛围",
        f"组织宪法宣传活动{n(3, 40)}场次，发放宣传资料{n(500, 9000)}余份，接受群众咨询{n(100, 800)}人次。",
    ]
    for village in named or []:
        lines.insert(
            m.rng.randint(4, len(lines)), f"在{village}建成法治文化阵地{n(1, 3)}处，培育法律明白人{n(2, 20)}名。"
        )
    if more:
        lines.insert(m.rng.randint(3, len(lines)), more)
    lines += [
        "四、存在的不足",
        "执法力量仍显薄弱，普法方式比较单一。",
        f"五、{year + 1}年工作计划",
        "继续加强队伍建设，提高依法办事能力。",
    ]
    return "\n".join(lines)


def opening(m: Maker, unit: Township, year: int, name: str, superior: str = "") -> str:
    level = superior or above(unit)
    return m.rng.choice(
        (
            f"{year}年，{name}在{level}的坚强领导下，深入学习贯彻习近平法治思想，扎实推进依法行政。现将有关情况报告如下：",
            f"{year}年，在{level}的正确领导下，{name}认真落实法治建设各项任务。现将{year}年工作情况总结如下：",
            f"今年以来，{name}坚持依法行政。现将{name}{year}年度法治政府建设情况汇报如下：",
            f"{year}年以来，{name}党政主要负责人切实履行第一责任人职责，现将主要工作报告如下：",
        )
    )


def make(text: str, *, title: str | None = None, publisher: str | None = None, on: date | None = None) -> Document:
    offsets = Offsets((0,), (0,), (len(text),), len(text))
    return Document(text, offsets, Page(text, "text/plain", None, title, publisher, on))
