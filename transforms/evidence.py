"""Evidence: what speaks for and against each township that a document may belong to, and how much.

Weights add up. They are rough logarithms of how much likelier the words are if the township is the one, set by the kind
of evidence and by nothing else: 3 is about one clear independent pointer. A place that is only dealt with (a partner, a
neighbour, an example) weighs next to nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from ahocorasick_rs import AhoCorasick, MatchKind

from transforms.front import Front, squeeze
from transforms.places import COMMON, Site, Unit, is_away, is_partner, sites, units
from transforms.registry import NO_CITY, Registry

SLOT_WEIGHTS = {"title": 6.0, "page_title": 4.0, "signature": 4.0, "publisher": 3.0, "opening": 3.0, "file": 2.0}
"""What a township's name weighs by where it stands."""
LOOSE = 0.5
"""A name in the middle of a run of characters counts half: it may be an accident."""
ADJACENT = {6: 10.0, 4: 7.0, 2: 4.0}
"""A parent written directly before the name, by the length of its code: county, prefecture, province."""
ELSEWHERE = {6: 4.0, 4: 2.5, 2: 1.5}
"""A parent named elsewhere in title, opening, signature, publisher or the site's name."""
CONTRADICTED = -12.0
"""Another county or prefecture is written directly before the name: it is another township of that name."""
IN_BODY = {6: 2.0, 4: 1.5, 2: 1.0}
PARTNER, AWAY = 1.0, 0.3
HOST = {6: 5.0, 4: 3.0, 2: 2.0}
LISTED = 4.0
VILLAGE = {1: 3.0, 2: 2.0, 3: 1.0}
"""A village named in the text, by how many of the candidates have one of that name."""
AUTHORITY = re.compile(r"(?:人民)?(?:政府|法院|检察院)|委(?!托)|[^，。；、\n]{1,6}局")
BARE = 300
VILLAGES_AT_MOST = 12.0
VILLAGE_COUNT = 2.0
FEW = 3
"""Fewer villages may be any few of them."""
LEVEL_FITS, LEVEL_CLASHES = 2.0, -3.0
PLACING = {"platform": 3.0, "phrase": 3.0, "province": 0.0}
"""What words weigh that name a province; its full name is weighed by ``in_body``, and only told here."""

PLATFORMS = {
    "京通": "11", "津心办": "12", "津治通": "12", "冀时办": "13", "三晋通": "14", "晋政通": "14", "蒙速办": "15",
    "辽事通": "21", "辽政通": "21", "吉事办": "22", "全省事": "23", "随申办": "31", "随申码": "31", "苏服办": "32",
    "苏企通": "32", "苏政通": "32", "浙里办": "33", "浙政钉": "33", "皖事通": "34", "皖政通": "34", "皖企通": "34",
    "闽政通": "35", "闽执法": "35", "赣服通": "36", "赣政通": "36", "爱山东": "37", "山东通": "37", "豫事办": "41",
    "豫政通": "41", "鄂汇办": "42", "鄂政通": "42", "湘易办": "43", "湘政通": "43", "粤省事": "44", "粤商通": "44",
    "粤智助": "44", "粤政易": "44", "粤执法": "44", "粤平安": "44", "粤公平": "44", "智桂通": "45", "桂政通": "45",
    "海易办": "46", "海政通": "46", "渝快办": "50", "渝快政": "50", "天府通办": "51", "蓉易办": "51", "云上贵州": "52",
    "贵人服务": "52", "藏易通": "54", "秦务员": "61", "秦政通": "61", "甘快办": "62", "甘政通": "62", "青松办": "63",
    "青政通": "63", "我的宁夏": "64", "新服办": "65",
}  # fmt: skip
"""Provinces by their own service platforms: those names stand in reports of that province only."""
LEVEL_WORDS = {
    level + body: level for level in "区县旗" for body in ("委", "政府", "司法局", "人大", "直机关", "级部门", "域")
}
LEVEL_WORDS |= {whole + level: level for level in "区县旗市" for whole in ("全", "我")}
LEVEL_WORDS |= {"市委": "市", "市政府": "市", "市司法局": "市"}
PRAISED = ("考察", "视察", "考察调研", "视察调研", "法治", "平安", "数字", "美丽", "善治")
"""Before a province's short name: 习近平总书记考察江西重要讲话, 法治安徽. Reports say so of their own province only."""
NO_LEVEL_WORDS = [
    before + "区" + body for before in "社小园城辖市郊景片灾库山林牧农矿校厂街新地" for body in ("委", "政府", "域")
]
NO_LEVEL_WORDS += ["区委托", "县委托", "全市域", "全县域", "全区域", "省市委", "全国人大"]
"""Longer words in which a word of the list above stands by accident."""
VILLAGE_TOTAL = re.compile(
    r"(?:辖|全[镇乡街道]{1,2}|下设|共有|现有)[^。，；\n]{0,10}?(\d{1,3})个(?:行政)?村(?:（社区）|\(社区\)|[（(][^）)]{1,6}[)）]|居)?"
    r"(?:(?:委会)?[^。；\n\d]{0,6}?(\d{1,3})个(?:城市|城镇|农村)?(?:社区|居委会|居民委员会|居))?|(?:辖|下设)[^。，；\n]{0,8}?(\d{1,3})个社区"
)


class Evidence(NamedTuple):
    """One pointer: what it is about (a township code or the beginning of one), where it stands, its words, weight."""

    about: str
    source: str
    surface: str
    weight: float
    loose: bool = False
    """The name may be an accident: it stands in the middle of a run of characters."""


class Slot(NamedTuple):
    """A place of the document with the names found in it."""

    source: str
    text: str
    units: tuple[Unit, ...]
    sites: tuple[Site, ...]


def slots(front: Front, registry: Registry, file_name: str = "", year: int | None = None) -> list[Slot]:
    """The front's places with the townships and parents that each of them names, as the names were in ``year``."""
    opening = front.opening
    parts = [
        ("title", front.title),
        ("page_title", front.page_title if front.page_title != front.title else ""),
        ("site", front.site),
        ("publisher", front.publisher),
        ("opening", opening),
        ("signature", front.closing),
        ("file", squeeze(file_name)),
    ]
    found = []
    for source, part in parts:
        bounded = part.replace("中共", "中·")  # 中共和县委员会 is of 和县, not of 共和县
        if part:
            before = sites(bounded, registry, year)
            named = units(bounded, registry, before)
            apart = [site for site in before if not any(unit.start <= site.start < unit.end for unit in named)]
            found.append(Slot(source, bounded, tuple(named), tuple(apart)))
    return found


def names_in(found: list[Slot]) -> dict[str, list[Evidence]]:
    """For every township name of the slots, the pointers to the name itself; one a slot, and partners left out."""
    told: dict[str, list[Evidence]] = {}
    for slot in found:
        base = SLOT_WEIGHTS.get(slot.source)
        if base is None:
            continue
        seen: set[str] = set()
        for i, unit in enumerate(slot.units):
            if unit.partner or unit.name in seen:
                continue
            seen.add(unit.name)
            weight = base * (LOOSE if unit.loose else 1.0) * (1.0 if i == 0 or slot.source != "opening" else 0.5)
            told.setdefault(unit.name, []).append(Evidence(unit.name, slot.source, unit.name, weight, unit.loose))
    return told


def beside(found: list[Slot], name: str, code: str, formerly: str = "") -> Iterator[Evidence]:
    """Parents written directly before the name: the strongest for, and the strongest against.

    ``formerly`` is the parent that the unit had when it bore the name, if that is a former one.
    """
    best: Evidence | None = None
    worst: Evidence | None = None
    for slot in found:
        for unit in slot.units:
            if unit.name != name or not unit.parents or unit.partner:
                continue
            surface = "".join(parent for parent, _ in unit.parents) + unit.name
            reach = [_reach(code, parent, owners, formerly) for parent, owners in unit.parents]
            if all(reach):
                length = max(reach)
                weight = ADJACENT[length] * (LOOSE if unit.short else 1.0)
                if best is None or weight > best.weight:
                    best = Evidence(code, "beside", surface, weight)
            elif not unit.short and worst is None and not {parent for parent, _ in unit.parents} <= COMMON:
                worst = Evidence(code, "beside", surface, CONTRADICTED)
    yield from (evidence for evidence in (best, worst) if evidence is not None)


def _reach(code: str, parent: str, owners: tuple[str, ...], formerly: str) -> int:
    """How far a parent written beside a name reaches down to the code: digits that agree, 0 if it is not its parent."""
    if parent == formerly:
        return 6
    return min(6, max((len(owner) for owner in owners if code.startswith(owner)), default=0))


def elsewhere(found: list[Slot], codes: Iterable[str]) -> Iterator[Evidence]:
    """Parents named elsewhere in the front, each once."""
    told: set[tuple[str, str]] = set()
    for slot in found:
        for site in slot.sites:
            if site.away or site.name in COMMON:
                continue
            for prefix in site.codes:
                if (prefix, site.name) in told or not any(code.startswith(prefix) for code in codes):
                    continue
                told.add((prefix, site.name))
                yield Evidence(prefix, slot.source, site.name, ELSEWHERE[min(len(prefix), 6)])


def in_body(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Parents named in the body, by the mention that says most: an authority, a bare name, a partner, a place away."""
    prefixes = dict.fromkeys(code[:length] for code in codes for length in (6, 4, 2))
    for prefix in prefixes:
        name = registry.places[prefix].name
        if name in NO_CITY:
            continue
        best, count, at = 0.0, 0, text.find(name)
        surface = ""
        while at >= 0 and count < 5:
            count += 1
            weight = _mention(text, at, at + len(name), len(prefix))
            if weight > best:
                best, surface = weight, text[max(0, at - 6) : at + len(name) + 8].replace("\n", " ")
            at = text.find(name, at + len(name))
        if count:
            yield Evidence(prefix, "body", surface, best if best < 1.0 else best + 0.5 * (count - 1))


def _mention(text: str, start: int, end: int, length: int) -> float:
    if is_away(text, start, end):
        return AWAY
    organ = AUTHORITY.match(text, end) is not None
    if is_partner(text, start, end):
        return PARTNER + organ * 0.5
    return IN_BODY[length] + organ * 1.0


def wording(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """What the words of the text tell of the parents, found in one pass.

    Whether 区, 县, 旗 or 市 is above it; provinces by their own platforms, by 考察江西 and 法治安徽, and by full name.
    Provinces are told whether or not a candidate lies in one.
    """
    automaton, meanings = _vocabulary(registry)
    counts: Counter[str] = Counter()
    seen: dict[tuple[str, str], Evidence] = {}
    for number, start, end in automaton.find_matches_as_indexes(text):
        source, value = meanings[number]
        if source == "level" and not _names_a_place(text, start, registry):
            counts[value] += 1
        elif source in PLACING and (source, value) not in seen and not is_away(text, start, end):
            seen[source, value] = Evidence(value, source, text[start:end], PLACING[source])
    yield from seen.values()
    for level in _levels(counts):
        for county in dict.fromkeys(code[:6] for code in codes):
            fits = registry.places[county].name.endswith(level)
            yield Evidence(county, "level", f"{level} x{counts[level]}", LEVEL_FITS if fits else LEVEL_CLASHES)


@lru_cache(maxsize=2)
def _vocabulary(registry: Registry) -> tuple[AhoCorasick, list[tuple[str, str]]]:
    """The words that ``wording`` looks for, and what each tells: its source and its province or level."""
    words = {word: ("platform", province) for word, province in PLATFORMS.items()}
    words |= {word: ("level", level) for word, level in LEVEL_WORDS.items()} | dict.fromkeys(
        NO_LEVEL_WORDS, ("none", "")
    )
    for place in registry.places.values():
        if len(place.code) == 2:
            words |= {before + place.stem: ("phrase", place.code) for before in PRAISED}
            words[place.name] = ("province", place.code)
    return AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest), list(words.values())


def foreign(found: list[Slot], told: Iterable[Evidence], code: str) -> list[str]:
    """Names in the front or words of the text that point to places where the township is not; own ones left out."""
    named = [site.name for slot in found for site in slot.sites if not site.away and not code.startswith(site.codes)]
    return [*named, *(e.surface for e in told if len(e.about) == 2 and not code.startswith(e.about))]


def _names_a_place(text: str, at: int, registry: Registry) -> bool:
    """Whether the 区 or 县 at an offset ends a county's name: that is a place, not a level."""
    if text.endswith("自治", 0, at):
        return True
    return any(text[at - length : at + 1] in registry.by_place for length in (2, 3, 1, 4) if at >= length)


def _levels(counts: Counter[str]) -> set[str]:
    """The level above that the text speaks of: 区, 县 or 旗 if clearly one of them; 市 only if it is none of those."""
    told = [level for level in "区县旗" if counts[level]]
    if not told:
        return {"市"} if counts["市"] > 1 else set()
    top = max(told, key=lambda level: counts[level])
    return {top} if counts[top] > 3 * sum(counts[level] for level in told if level != top) else set()


def villages(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Villages of the candidates that the text names; the fewer candidates have one of that name, the more it tells."""
    owners: dict[str, list[str]] = {}
    for code in sorted(codes):
        for short in registry.village_words(code):
            owners.setdefault(short, []).append(code)
    told = _before_village(text)
    bare = len(owners) <= BARE  # so few names can each be looked for where 村 does not follow (玉湖、五嘉陇等村)
    totals: Counter[str] = Counter()
    named = [short for short in owners if short in told or (bare and len(short) > 2 and short in text)]
    for short in sorted(named):  # the words of a township are a set, whose own order differs between processes
        if _everywhere_away(text, short):
            continue
        candidates = owners[short]
        for code in candidates:
            weight = VILLAGE.get(len(candidates), 0.3) * (1.0 if len(short) > 2 else 0.7)
            weight = min(weight, VILLAGES_AT_MOST - totals[code])
            totals[code] += weight  # type: ignore[assignment]
            if weight > 0:
                yield Evidence(code, "village", short, weight)


def _before_village(text: str) -> set[str]:
    """Every run of two to seven characters that stands before 村, 社区, 居委会 or 嘎查."""
    found: set[str] = set()
    for ending in ("村", "社区", "居委会", "嘎查"):
        pieces = text.split(ending)
        for piece in pieces[:-1]:
            found.update(piece[-length:] for length in range(2, 8))
    return found


def _everywhere_away(text: str, surface: str) -> bool:
    at = text.find(surface)
    for _ in range(4):
        if at < 0:
            return True
        if not is_away(text, at, at + len(surface)):
            return False
        at = text.find(surface, at + 1)
    return True


def village_total(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """The number of villages and communities that the text gives first, where a candidate has as many."""
    at = min((at for words in ("个村", "个行政村", "个社区") if (at := text.find(words)) >= 0), default=-1)
    match = VILLAGE_TOTAL.search(text, max(0, at - 24), at + 48) if at >= 0 else None
    total = sum(int(group) for group in match.groups() if group) if match else 0
    for code in codes:
        if match and total >= FEW and registry.village_count(code) == total:
            yield Evidence(code, "village_count", match[0], VILLAGE_COUNT)


def host(source_uri: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Parents whose pinyin is a label of the address's host (www.chaoan.gov.cn), or begins or ends one."""
    names = (urlsplit(source_uri).hostname or "").split(".")[:-1]
    labels = [label for label in names if label not in {"www", "gov", "com", "org", "net"}]
    if not labels:
        return
    for prefix in dict.fromkeys(code[:length] for code in codes for length in (6, 4, 2)):
        pinyin = registry.places[prefix].pinyin
        if any(label == pinyin or (len(pinyin) > 4 and pinyin in label) for label in labels):
            yield Evidence(prefix, "host", ".".join(labels), HOST[len(prefix)])
        elif len(prefix) == 6 and not _abbreviations(prefix, registry).isdisjoint(labels):
            yield Evidence(prefix, "host", ".".join(labels), HOST[4])


def _abbreviations(county: str, registry: Registry) -> set[str]:
    """How sites of counties are often named: initials of province or city, then of the county (cqwx: 重庆巫溪)."""
    initials = registry.places[county].initials
    return {registry.places[county[:length]].initials + initials for length in (2, 4)} if len(initials) > 1 else set()
