"""Evidence: what speaks for and against each township that a document may belong to, and how much.

Weights add up. They are rough logarithms of how much likelier the words are if the township is the one, set by the kind of
evidence and by nothing else: 3 is about one clear independent pointer. A place that is only dealt with (a partner, a
neighbour, an example) weighs next to nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from transforms.front import Front, squeeze
from transforms.names import village_words
from transforms.places import Site, Unit, is_partner, sites, units
from transforms.registry import Registry

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
PARTNER = 0.3
HOST = {6: 5.0, 4: 3.0, 2: 2.0}
LISTED = 4.0
VILLAGE = {1: 3.0, 2: 2.0, 3: 1.0}
"""A village named in the text, by how many of the candidates have one of that name."""
VILLAGES_AT_MOST = 12.0
VILLAGE_COUNT = 2.0
LEVEL_FITS, LEVEL_CLASHES = 2.0, -3.0
PLATFORM = 2.0

PLATFORMS = {
    "11": "京通|接诉即办", "12": "津心办|津治通", "13": "冀时办", "14": "三晋通|晋政通", "15": "蒙速办", "21": "辽事通|辽政通", "22": "吉事办",
    "23": "全省事|龙政通", "31": "随申办|随申码", "32": "苏服办|苏企通|苏政通", "33": "浙里办|浙政钉|浙里访|浙江解纷码", "34": "皖事通|皖政通|皖企通",
    "35": "闽政通|闽执法", "36": "赣服通|赣政通", "37": "爱山东|山东通", "41": "豫事办|豫政通", "42": "鄂汇办|鄂政通", "43": "湘易办|湘政通",
    "44": "粤省事|粤商通|粤智助|粤政易|粤执法|粤平安|粤公平", "45": "智桂通|桂政通", "46": "海易办|海政通", "50": "渝快办|渝快政", "51": "天府通办|蓉易办",
    "52": "云上贵州|贵政通|贵人服务", "53": "办事通|云南省.?一部手机", "54": "藏易通", "61": "秦务员|秦政通", "62": "甘快办|甘政通", "63": "青松办|青政通",
    "64": "我的宁夏", "65": "新服办",
}  # fmt: skip
"""Provinces' own service platforms: their names stand in reports of that province only."""
PLATFORM_WORDS = re.compile("|".join(f"(?P<p{code}>{words})" for code, words in PLATFORMS.items()))
LEVELS = re.compile(
    r"(?<![社小园城辖市郊景片灾库山林牧农矿校厂街新地])([区县旗])(?:委(?!员|托|派|会)|政府|司法局|人大|纪委|直|级|域内)|[全我]([区县旗市])(?![域道])|(?<![省全我各])(市)(?:委|政府)"
)
VILLAGE_TOTAL = re.compile(
    r"(?:辖|全[镇乡街道]{1,2}|下设|共有|现有)[^。，；\n]{0,10}?(\d{1,3})个(?:行政)?村(?:（社区）|\(社区\)|[（(][^）)]{1,6}[)）]|居)?"
    r"(?:(?:委会)?[^。；\n\d]{0,6}?(\d{1,3})个(?:城市|城镇|农村)?(?:社区|居委会|居民委员会|居))?|(?:辖|下设)[^。，；\n]{0,8}?(\d{1,3})个社区"
)


class Evidence(NamedTuple):
    """One pointer: what it speaks about (a township code or a beginning of one), where it stands, its words, its weight."""

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


def slots(front: Front, registry: Registry, file_name: str = "") -> list[Slot]:
    """The front's places with the townships and parents that each of them names."""
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
    return [
        Slot(source, part, tuple(units(part, registry)), tuple(sites(part, registry))) for source, part in parts if part
    ]


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


def beside(found: list[Slot], name: str, code: str, registry: Registry) -> Iterator[Evidence]:
    """Parents written directly before the name: the strongest for, and the strongest against."""
    best: Evidence | None = None
    worst: Evidence | None = None
    for slot in found:
        for unit in slot.units:
            if unit.name != name or not unit.parents or unit.partner:
                continue
            surface = "".join(parent for parent, _ in unit.parents) + unit.name
            fits = [codes for _, codes in unit.parents if code.startswith(codes)]
            if len(fits) == len(unit.parents):
                length = max(len(c) for codes in fits for c in codes if code.startswith(c))
                weight = ADJACENT[min(length, 6)] * (LOOSE if unit.short else 1.0)
                if best is None or weight > best.weight:
                    best = Evidence(code, "beside", surface, weight)
            elif not unit.short and worst is None:
                worst = Evidence(code, "beside", surface, CONTRADICTED)
    yield from (evidence for evidence in (best, worst) if evidence is not None)


def elsewhere(found: list[Slot], codes: Iterable[str]) -> Iterator[Evidence]:
    """Parents named elsewhere in the front, each once."""
    told: set[tuple[str, str]] = set()
    for slot in found:
        for site in slot.sites:
            if site.partner:
                continue
            for prefix in site.codes:
                if (prefix, site.name) in told or not any(code.startswith(prefix) for code in codes):
                    continue
                told.add((prefix, site.name))
                yield Evidence(prefix, slot.source, site.name, ELSEWHERE[min(len(prefix), 6)])


def in_body(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Parents named in the body; next to nothing where every mention is that of a partner."""
    prefixes = dict.fromkeys(code[:length] for code in codes for length in (6, 4, 2))
    for prefix in prefixes:
        name = registry.places[prefix].name
        at, partner, count = text.find(name), True, 0
        first = at
        while at >= 0 and count < 5:
            count += 1
            partner = partner and is_partner(text, at, at + len(name))
            at = text.find(name, at + len(name))
        if count:
            weight = PARTNER if partner else IN_BODY[len(prefix)] + 0.5 * (count - 1)
            yield Evidence(prefix, "body", text[max(0, first - 6) : first + len(name) + 8].replace("\n", " "), weight)


def levels(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Whether the text speaks of a 区, 县, 旗 or 市 above it, as the candidates' counties are one."""
    counts = Counter(match[1] or match[2] or match[3] for match in LEVELS.finditer(text))
    told = {level for level in "区县旗" if counts[level]}
    if len(told) > 1:
        top = max(told, key=lambda level: counts[level])
        told = {top} if counts[top] > 3 * sum(counts[level] for level in told - {top}) else set()
    elif not told and counts["市"] > 1:
        told = {"市"}
    for level in told:
        for county in dict.fromkeys(code[:6] for code in codes):
            fits = registry.places[county].name.endswith(level)
            yield Evidence(county, "level", f"{level} x{counts[level]}", LEVEL_FITS if fits else LEVEL_CLASHES)


def villages(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Villages of the candidates that the text names; the fewer candidates have one of that name, the more it tells."""
    named: dict[str, list[tuple[str, str]]] = {}
    for code in codes:
        township = registry.township(code).township
        for village in registry.villages(code):
            short, community = village_words(village, township)
            named.setdefault(short, []).append((code, "社区" if community else "村"))
    totals: Counter[str] = Counter()
    for short, owners in named.items():
        if short not in text:
            continue
        surface = next((short + end for end in ("村", "社区", "居委会", "嘎查", "居") if short + end in text), "")
        if not surface and len(short) > 2:
            surface = short
        if not surface or _everywhere_partner(text, surface):
            continue
        distinct = {code for code, _ in owners}
        for code in distinct:
            weight = VILLAGE.get(len(distinct), 0.3) * (1.0 if len(short) > 2 else 0.7)
            weight = min(weight, VILLAGES_AT_MOST - totals[code])
            totals[code] += weight  # type: ignore[assignment]
            if weight > 0:
                yield Evidence(code, "village", surface, weight)


def _everywhere_partner(text: str, surface: str) -> bool:
    at = text.find(surface)
    for _ in range(4):
        if at < 0:
            return True
        if not is_partner(text, at, at + len(surface)):
            return False
        at = text.find(surface, at + 1)
    return True


def village_total(text: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """The number of villages and communities that the text gives, where a candidate has as many."""
    for match in VILLAGE_TOTAL.finditer(text[:8000]):
        total = sum(int(group) for group in match.groups() if group)
        if total < 3:
            continue
        for code in codes:
            if registry.village_count(code) == total:
                yield Evidence(code, "village_count", match[0], VILLAGE_COUNT)
        return


def platforms(text: str) -> Iterator[Evidence]:
    """Provinces whose service platforms the text names."""
    for name in dict.fromkeys(match.lastgroup or "" for match in PLATFORM_WORDS.finditer(text)):
        code = name[1:]
        yield Evidence(code, "platform", PLATFORMS[code].split("|")[0], PLATFORM)


def host(source_uri: str, codes: Iterable[str], registry: Registry) -> Iterator[Evidence]:
    """Parents whose pinyin is a label of the address's host (www.chaoan.gov.cn), or begins or ends one."""
    labels = [
        label
        for label in (urlsplit(source_uri).hostname or "").split(".")[:-1]
        if label not in {"www", "gov", "com", "org", "net"}
    ]
    if not labels:
        return
    for prefix in dict.fromkeys(code[:length] for code in codes for length in (6, 4, 2)):
        pinyin = registry.places[prefix].pinyin
        if any(label == pinyin or (len(pinyin) > 4 and pinyin in label) for label in labels):
            yield Evidence(prefix, "host", ".".join(labels), HOST[len(prefix)])
