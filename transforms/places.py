"""Finding places in a title, an opening or a signature: township-level units, and the parents named before them.

Nothing is guessed: a unit is what the registry (or its list of changes) knows, or what the wording plainly shows to be
one (``someplace`` + 镇人民政府 after a county's name), in which case it is reported as unknown.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.registry import Registry

UNIT_END = re.compile(r"民族苏木|苏木|街道(?:办事处|办)?|地区办事处|地区|街办|办事处|镇|乡(?![镇村])")
RARE_END = re.compile(r"[场区园团局]|监狱|管委会|管理委员会|中心|公司|[煤]矿|类似乡级单位|厂|队|站|处|城|岛|湾|港|谷")
PLACE_END = re.compile(r"[省市县旗州盟区园]")
LONGEST = 20
GOVERNMENT = "人民政府"
AWAY_BEFORE = re.compile(
    r"(?:赴|到|往|临|接|邻|距|毗邻|连接|协助|支援|来自|对口\w{0,4}|前往|走进|学习|借鉴|考察|参观|比如|兄弟"
    r"|(?:相邻|邻近|毗邻|附近|周边|兄弟)(?:的|乡镇|街道)+)$"
)
WITH_BEFORE = re.compile(r"(?:与|同|和|向|对|邀请|协同|会同|联合|携手)$")
AWAY_AFTER = re.compile(
    r"^[^，。；,;]{0,16}?(?:交界|接壤|毗邻|相邻|邻近|结对|对口|来[我访考]|到我|学习考察|考察|籍|为邻|支援)"
)
WITH_AFTER = re.compile(r"^[^，。；,;]{0,24}?(?:联合|共建|协作|合作|等地)")
ZONES = frozenset(str(number) for number in range(71, 80))
COMMON = frozenset(["城区", "郊区", "矿区", "东区", "西区"])
"""Counties whose names are common nouns (阳泉市城区): by themselves they speak for a township, never against one."""
GENERIC = frozenset(
    [
        "各",
        "全",
        "我",
        "本",
        "该",
        "乡",
        "村",
        "城",
        "集",
        "小城",
        "街",
        "重",
        "强",
        "古",
        "名",
        "两",
        "三",
        "四",
        "五",
        "六",
        "个",
        "建制",
        "中心",
        "特色",
        "新",
        "老",
        "美丽",
        "全体",
        "依法治",
        "法治",
        "平安",
        "进",
        "入",
        "市",
    ]
)


class Unit(NamedTuple):
    """A township-level unit in a slot: where it stands, its key in the registry, its codes, and the parents before it.

    ``codes`` is empty where the registry knows the name only with another kind, or only from earlier years.
    ``parents`` are the places written directly before it, outermost first, each with the codes that bear the name;
    ``short`` tells that they are written without 省, 市, 县.
    """

    start: int
    end: int
    name: str
    codes: tuple[str, ...]
    parents: tuple[tuple[str, tuple[str, ...]], ...] = ()
    short: bool = False
    partner: bool = False
    loose: bool = False
    """Begins in the middle of a run of characters, so that the name may be an accident (建设平安镇)."""


class Site(NamedTuple):
    """A province, prefecture or county in a slot."""

    start: int
    end: int
    name: str
    codes: tuple[str, ...]
    away: bool = False


def sites(slot: str, registry: Registry, year: int | None = None) -> list[Site]:
    """Provinces, prefectures and counties by full name, from left to right; former names where ``year`` allows them."""
    found: list[Site] = []
    taken = 0
    for match in PLACE_END.finditer(slot):
        end = match.end()
        for start in range(max(taken, end - LONGEST), end - 1):
            name = slot[start:end]
            codes = registry.by_place.get(name)
            former = _formerly(name, registry, year)
            if codes or former:
                if found and found[-1].start >= start:
                    found.pop()
                found.append(Site(start, end, name, (*(codes or ()), *former), is_away(slot, start, end)))
                break
    return found


def _formerly(name: str, registry: Registry, year: int | None) -> list[str]:
    """Codes of the ground that a county or prefecture of this name had in ``year`` and has not today.

    Zones (fifth and sixth digit 71 to 79) are counties in the statistics only: the district that the ground was counted
    under before is its parent still.
    """
    changes = [change for change in registry.by_change.get(name, ()) if change.level != "township"]
    return [c for change in changes for c in change.codes if year is None or change.holds(year) or c[4:6] in ZONES]


def is_away(slot: str, start: int, end: int) -> bool:
    """Whether the words around a name make it a place elsewhere: visited, bordered on, learnt from, paired with."""
    return bool(AWAY_BEFORE.search(slot, max(0, start - 8), start) or AWAY_AFTER.match(slot[end : end + 32]))


def is_partner(slot: str, start: int, end: int) -> bool:
    """Whether the words around a name make it one dealt with: a place elsewhere, or one that something is done with."""
    together = WITH_BEFORE.search(slot, max(0, start - 8), start) or WITH_AFTER.match(slot[end : end + 40])
    return bool(together) or is_away(slot, start, end)


def units(slot: str, registry: Registry, before: list[Site] | None = None, *, rare: bool = False) -> list[Unit]:
    """Township-level units by name, from left to right; with ``rare`` also farms, zones and the like.

    ``before`` are the slot's sites, if they are known already. Of several names that end at one place the one that
    begins at a boundary wins (a parent's end, a digit, punctuation), else the longest.
    """
    before = sites(slot, registry) if before is None else before
    ends = {site.end for site in before}
    ends |= {end + len(GOVERNMENT) for end in ends if slot.startswith(GOVERNMENT, end)}
    found: list[Unit] = []
    for match in (RARE_END if rare else UNIT_END).finditer(slot):
        if found and match.start() < found[-1].end:
            continue
        if any(site.start < match.end() <= site.end for site in before):
            continue  # 丰镇市, 景德镇市, 新乡县
        joined = bool(found) and found[-1].end == match.start()  # 大同镇街道 is one name
        floor = 0 if not found else found[-1].start if joined else found[-1].end
        unit = _unit_ending(slot, match, registry, ends, floor)
        if unit is None:
            continue
        if joined:
            found.pop()
        unit = _extended(slot, unit, registry)
        parents, short, begin = _parents(slot, unit.start, before, registry)
        fits = short and any(code.startswith(owners) for _, owners in parents for code in unit.codes)
        partner = is_partner(slot, begin, unit.end)
        found.append(unit._replace(parents=parents, short=short, partner=partner, loose=unit.loose and not fits))
    return found


def _unit_ending(slot: str, match: re.Match[str], registry: Registry, ends: set[int], floor: int) -> Unit | None:
    best: Unit | None = None
    other: Unit | None = None
    stop, kinds = match.start(), _kinds(match[0])
    for start in range(max(floor, match.end() - LONGEST), stop):
        body = slot[start:stop]
        for kind in kinds:
            name = _registered(body, kind, registry) if body.endswith("街") else body + kind
            if name in registry.by_name or name in registry.by_change:
                unit = Unit(start, match.end(), name, tuple(registry.by_name.get(name, ())))
                if start in ends or _boundary(slot, start):
                    return unit
                if len(name) > 2 and best is None:  # 新镇 is a name, 创新镇 is not
                    best = unit._replace(loose=True)
            elif other is None and body in registry.by_stem and (start in ends or _boundary(slot, start)):
                other = Unit(start, match.end(), name, ()) if len(body) > 1 and body not in GENERIC else None
    return other or best


def _extended(slot: str, unit: Unit, registry: Registry) -> Unit:
    """The unit, or the one of a longer name that begins with it: 龙镇农场 is no part of 龙镇 but a unit beside it."""
    for match in RARE_END.finditer(slot, unit.end, unit.end + LONGEST):
        name = slot[unit.start : match.end()]
        if codes := registry.by_name.get(name):
            unit = unit._replace(end=match.end(), name=name, codes=tuple(codes))
    return unit


def _registered(body: str, kind: str, registry: Registry) -> str:
    """The name as the registry may have it: 北城街街道 is 北城街道 there, as that street's own name ends in 街."""
    name = body + kind
    if kind == "街道" and len(body) > 2 and name not in registry.by_name:
        short = body[:-1] + kind
        if short in registry.by_name and body not in registry.by_stem and name not in registry.by_change:
            return short
    return name


def _kinds(ending: str) -> tuple[str, ...]:
    """How the registry may write a unit that a text ends in this way."""
    if ending in {"街道办事处", "街道办", "街办", "街道"}:
        return ("街道",)
    if ending in {"地区办事处", "地区"}:
        return ("地区",)
    if ending == "办事处":
        return ("街道", "办事处", "地区")
    return (ending,)


def _boundary(slot: str, start: int) -> bool:
    """Whether a name may begin here: after punctuation, a year, or the end of any place (西咸新区底张街道)."""
    return (
        start == 0
        or not "\u3400" <= slot[start - 1] <= "\u9fff"
        or slot.endswith(("关于", "共", "年", "度", "区", "县", "市", "旗"), 0, start)
    )


def _parents(
    slot: str, start: int, before: list[Site], registry: Registry
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], bool, int]:
    """Places written directly before ``start``, whether they are shortened, and where they begin.

    An authority may stand between them and the unit (鲤城区人民政府金龙街道).
    """
    chain: list[tuple[str, tuple[str, ...]]] = []
    at = start
    for site in reversed(before):
        gap = slot[site.end : at]
        if site.end > at:
            continue
        if gap and gap not in {"人民政府", "委", "政府", "的", " "}:
            break
        chain.insert(0, (site.name, site.codes))
        at = site.start
    if chain:
        return tuple(chain), False, at
    for length in range(min(6, start), 1, -1):
        word = slot[start - length : start]
        if codes := registry.by_place_stem.get(word):
            return ((word, tuple(codes)),), True, start - length
    return (), False, start


UNKNOWN = re.compile(
    r"([\u3400-\u9fff]{1,7}?(?:镇|乡|街道|苏木))(?=人民政府|政府|办事处|党委|党工委|推进|贯彻|落实|年度|20\d\d|二[〇○零]|法治|依法|关于|政务)"
)


def unknown_unit(slot: str, registry: Registry) -> str | None:
    """The name of a unit that the title plainly names and the registry does not know; None where there is none."""
    for match in UNKNOWN.finditer(slot):
        name = match[1]
        for site in sites(slot[: match.end(1)], registry):
            if match.start(1) <= site.end < match.end(1):
                name = slot[site.end : match.end(1)]
        name = re.sub(r"^(?:关于|中共|印发)", "", name)
        if re.sub(r"(?:镇|乡|街道|苏木)$", "", name) not in GENERIC and len(name) > 1:
            return name
    return None
