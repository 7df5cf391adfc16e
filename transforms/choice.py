"""Choice: the one township among all that bear the names a document gives, or a refusal that says why there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from transforms import evidence
from transforms.document import Refused
from transforms.evidence import Evidence, Slot
from transforms.front import Front
from transforms.names import stem
from transforms.nature import OWN
from transforms.places import COMMON, Site, units, unknown_unit
from transforms.registry import Change, Registry

MARGIN = 3.0
"""How far the best township must lead: one clear independent pointer."""
SURE = 2 * MARGIN
"""With this lead the body need not be searched."""
NEEDED = 2.5
"""What a township must have at least; the name in a title, an opening, a signature has more."""
WITHIN = 6.0
"""Townships that far behind the best are not looked at more closely."""
KIND_CHANGED = -2.0
"""The name fits but for the kind (a town that became a street): believed where the county is named beside it."""
FORMER = -1.0
FREQUENT, FREQUENT_AT_MOST = 0.5, 3.0
"""What each further mention of the name in the whole text weighs."""
GONE = "~"
"""Marks a unit that is gone: its candidate has the county's code, the mark, its name, the mark, its row's number."""
SAME_UNIT = {"rename", "reclassify", "transfer"}
NAMING = {"title", "page_title", "opening", "signature", "publisher", "file", "frequency", "body_name", "kind_changed"}
"""Pointers to the name; the others point to the place."""
COUNTY = 6
SHORT_STREET = re.compile(r"([\u3400-\u9fff]{2,6})街(?![道区头巷坊上面心市边])")
OFTEN = 3
"""How often a street's short name must stand in a text to be the name that it goes by."""
SHOWN = 14
"""Candidates named in a refusal: as many as there are townships called 沙溪."""


class Hint(NamedTuple):
    """What the source list says of a document (a code, or names of township and parents), and where it was found."""

    township_code: str | None = None
    names: tuple[str, ...] = ()
    report_year: int | None = None
    source_uri: str = ""


class Choice(NamedTuple):
    """The township chosen, its score, the next best (empty if none) with the lead over it, and the pointers of both."""

    code: str
    score: float
    runner_up: str
    margin: float
    evidence: list[Evidence]
    flags: tuple[str, ...] = ()
    against: str = ""
    """The parent that the text names and the listed township is not in, with the name that the registry lacks."""


def choose(
    found: list[Slot],
    cut: Front,
    text: str,
    registry: Registry,
    hint: Hint,
    year: int | None,
) -> Choice:
    """Weigh every township that the front may name; ``year`` is the report's, where it is known.

    Raises:
        Refused: ``township_unknown`` or ``township_ambiguous``.
    """
    found, told, unknown = _names(found, cut, text, registry)
    if not told and not unknown and not hint.township_code:
        told = _by_short_street(cut, text, registry) or _by_stem(found, text, hint.source_uri, registry)
    if not told:
        return _by_list(unknown, hint.township_code, found, registry)
    pointers = _candidates(found, _foremost(told), registry, year)
    contenders = _contenders(pointers)
    if not contenders:
        unknown = unknown or max(told, key=lambda name: sum(e.weight for e in told[name]))
        return _by_list(unknown, hint.township_code, found, registry)
    _add(pointers, contenders, evidence.elsewhere(found, contenders))
    _add(pointers, contenders, _listed(contenders, hint, registry))
    _add(pointers, contenders, evidence.host(hint.source_uri, contenders, registry))
    if len(contenders) > 1 and _lead(pointers)[1] < SURE:
        _deeper(pointers, contenders, text, registry)
    choice = _decide(pointers, registry)
    _require_fit(choice, found, text, registry)
    return choice


def _names(
    found: list[Slot], cut: Front, text: str, registry: Registry
) -> tuple[list[Slot], dict[str, list[Evidence]], str | None]:
    """The township names that the document gives for itself, with pointers; and a name that the registry lacks."""
    told, unknown = _without_accidents(evidence.names_in(found), found, text)
    unknown = unknown or (None if told else unknown_unit(cut.title or cut.page_title, registry))
    if not told and not unknown:
        found = [slot._replace(units=tuple(units(slot.text, registry, rare=True))) for slot in found]
        told = {name: about for name, about in evidence.names_in(found).items() if not all(e.loose for e in about)}
    if not told and not unknown:
        told = _most_named(text, registry)
    for name, about in told.items():
        count = text.count(name)
        about.append(Evidence(name, "frequency", f"{name} x{count}", min(FREQUENT * count, FREQUENT_AT_MOST)))
    return found, told, unknown


def _foremost(told: dict[str, list[Evidence]]) -> dict[str, list[Evidence]]:
    """The names that lead: whose report it is, is said first by the name and where it stands, before any parent."""
    weights = {name: sum(e.weight for e in about) for name, about in told.items()}
    best = max(weights.values())
    return {name: told[name] for name, weight in weights.items() if weight > best - MARGIN}


def _without_accidents(
    told: dict[str, list[Evidence]], found: list[Slot], text: str
) -> tuple[dict[str, list[Evidence]], str | None]:
    """The names without those that are only the end of a longer one, and the last such longer name."""
    longer = {name: _longer(name, found, text) for name, about in told.items() if any(e.loose for e in about)}
    kept = {name: about for name, about in told.items() if not longer.get(name)}
    return kept, next((name for name in reversed(longer.values()) if name), None)


def _longer(name: str, found: list[Slot], text: str) -> str | None:
    """The longer name of which ``name`` is only the end, if the same character stands before it throughout the text."""
    for slot in found:
        for unit in slot.units:
            if unit.name != name or not unit.loose:
                continue
            before = slot.text[unit.start - 1]
            if text.count(before + name) >= 0.6 * max(1, text.count(name)):
                return before + name
    return None


def _most_named(text: str, registry: Registry) -> dict[str, list[Evidence]]:
    """The township that the body names most, by far; for texts whose front names none."""
    counts = Counter(unit.name for unit in units(text[:12000], registry) if not unit.partner)
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < 3 or (len(ranked) > 1 and ranked[0][1] < 3 * ranked[1][1]):
        return {}
    name = ranked[0][0]
    return {name: [Evidence(name, "body_name", f"{name} x{ranked[0][1]}", 2.0)]}


def _by_short_street(cut: Front, text: str, registry: Registry) -> dict[str, list[Evidence]]:
    """A street that calls itself 鹤龙街 for 鹤龙街道, in the opening and throughout; as is usual in some cities."""
    counts = Counter(
        name
        for match in SHORT_STREET.finditer(cut.opening)
        for name in (match[1][start:] for start in range(len(match[1]) - 1))
        if name + "街道" in registry.by_name and text.count(name + "街") >= OFTEN
    )
    if not counts:
        return {}
    name = max(counts, key=lambda one: (len(one), counts[one]))
    return {name + "街道": [Evidence(name + "街道", "opening", name + "街", 3.0)]}


def _by_stem(found: list[Slot], text: str, source_uri: str, registry: Registry) -> dict[str, list[Evidence]]:
    """The one township of a county, which site or host tell, that a text without a name in front speaks of.

    By its name (once, where the text speaks of itself as a township), or more than once without its kind (法治舒桥).
    """
    sites = [code for slot in found for site in slot.sites for code in site.codes if not site.away]
    hosts = [e.about for e in evidence.host(source_uri, registry.counties, registry)] if source_uri else []
    counties = {code for code in [*sites, *hosts] if len(code) == 6}
    names = {code: registry.township(code).township for code in registry.under(*counties)}
    whole = [code for code, name in names.items() if name in text] if OWN.search(text) else []
    if len(whole) == 1:
        name = names[whole[0]]
        return {name: [Evidence(name, "body_name", f"{name} x{text.count(name)}", 3.0)]}
    named = {code: text.count(stem(name)) for code, name in names.items() if _tells(code, stem(name), registry)}
    named = {code: count for code, count in named.items() if count}
    if len(named) != 1 or max(named.values()) < 2:
        return {}
    ((code, count),) = named.items()
    return {names[code]: [Evidence(names[code], "stem", f"{stem(names[code])} x{count}", 3.0)]}


def _tells(code: str, word: str, registry: Registry) -> bool:
    """Whether a stem tells something: not where a parent's name holds it (戴河 of 北戴河区), nor 城镇."""
    return not word.endswith(("镇", "乡")) and not any(word in registry.places[code[:n]].name for n in (6, 4, 2))


def _by_list(unknown: str | None, listed: str | None, found: list[Slot], registry: Registry) -> Choice:
    """What the source list says, where the text names nobody, or a unit that the registry lacks (a new or renamed one).

    Raises:
        Refused: ``township_unknown``: the list names nobody either.
    """
    if listed and listed in registry:
        pointer = Evidence(listed, "list", listed, evidence.LISTED)
        flag = "name_unknown" if unknown else "listed_only"
        against = next((site.name for site in _own_sites(found) if not listed.startswith(site.codes)), "")
        return Choice(
            listed, evidence.LISTED, "", evidence.LISTED, [pointer], (flag,), against and against + (unknown or "")
        )
    if unknown:
        raise _unknown(unknown, found, registry)
    raise Refused(
        "township_unknown",
        "标题、首段、落款都没有写明乡镇街道：请在来源表中注明 / no township is named: name it in the source list",
    )


def _own_sites(found: list[Slot]) -> Iterator[Site]:
    """Places where only a text's own parents are named: title, publisher and signature."""
    for slot in found:
        if slot.source in {"title", "page_title", "publisher", "signature"}:
            yield from (site for site in slot.sites if not site.away and site.name not in COMMON)


def _candidates(
    found: list[Slot], told: dict[str, list[Evidence]], registry: Registry, year: int | None
) -> dict[str, list[Evidence]]:
    """Pointers by code, for every township of the names; former names, and kinds that have changed since, included."""
    pointers: dict[str, list[Evidence]] = {}
    for name, about in told.items():
        codes = list(registry.by_name.get(name, ()))
        extra: dict[str, Evidence] = {}
        formerly: dict[str, str] = {}
        for i, change in enumerate(registry.by_change.get(name, ())):
            kept = change.change == "split" and any(code in codes for code in change.codes)  # the larger part kept it
            if change.level == "township" and not kept and (year is None or change.holds(year)):
                code = change.codes[0] if change.change in SAME_UNIT else f"{change.codes[0][:6]}{GONE}{name}{GONE}{i}"
                extra.setdefault(code, Evidence(code, "former_name", f"{change.parent}{name}", FORMER))
                formerly[code] = change.parent
        for code in _other_kinds(found, name, codes, registry):
            extra.setdefault(code, Evidence(code, "kind_changed", registry.township(code).township, KIND_CHANGED))
        for code in dict.fromkeys([*codes, *extra]):
            beside = evidence.beside(found, name, code, formerly.get(code, ""))
            more = [extra[code]] if code in extra and code not in codes else []
            score = [e._replace(about=code) for e in about] + list(beside) + more
            if sum(e.weight for e in score) > sum(e.weight for e in pointers.get(code, ())):
                pointers[code] = score
    return pointers


def _other_kinds(found: list[Slot], name: str, codes: Sequence[str], registry: Registry) -> list[str]:
    """Units of another kind, if none of this kind is under the county written beside the name, or anywhere at all."""
    prefixes = {  # of the counties written beside it
        prefix
        for slot in found
        for unit in slot.units
        if unit.name == name and not unit.partner and not unit.short
        for _, owners in unit.parents[-1:]
        for prefix in owners
        if len(prefix) == 6
    }
    alike = registry.by_stem.get(stem(name), [])
    if not prefixes:
        return [] if codes else alike
    if any(code.startswith(tuple(prefixes)) for code in codes):
        return []
    alike = [code for code in alike if code.startswith(tuple(prefixes))]
    return alike if len(alike) == 1 else []


def _contenders(pointers: dict[str, list[Evidence]]) -> list[str]:
    scores = {code: sum(e.weight for e in about) for code, about in pointers.items()}
    best = max(scores.values(), default=0.0)
    return [code for code, score in scores.items() if score > 0 and score >= best - WITHIN]


def _listed(codes: Iterable[str], hint: Hint, registry: Registry) -> Iterator[Evidence]:
    for code in codes:
        if code == hint.township_code:
            yield Evidence(code, "list", code, evidence.LISTED)
        elif not hint.township_code and GONE not in code:
            parents = {registry.places[code[:length]].name for length in (6, 4, 2)}
            if fits := [name for name in hint.names if name in parents]:
                yield Evidence(code, "list", "".join(fits), evidence.LISTED)


def _deeper(pointers: dict[str, list[Evidence]], codes: list[str], text: str, registry: Registry) -> None:
    """What only the body tells; asked for where the front leaves a doubt."""
    existing = [code for code in codes if GONE not in code]
    for told in (
        evidence.in_body(text, codes, registry),
        evidence.wording(text, codes, registry),
        evidence.village_total(text, existing, registry),
        evidence.villages(text, existing, registry),
    ):
        _add(pointers, codes, told)


def _require_fit(choice: Choice, found: list[Slot], text: str, registry: Registry) -> None:
    """Refuse a township that has nothing but its name, where all that the text says of places speaks against it.

    The registry may lack the true one: a township founded or renamed since.
    """
    code = choice.code
    about = [e for e in choice.evidence if code.startswith(e.about) and e.source not in NAMING]
    if sum(e.weight for e in about) >= MARGIN:
        return
    told = list(evidence.wording(text, [code], registry))
    clash = next((e.surface[0] for e in told if e.source == "level" and e.weight < 0 and e.surface[0] != "市"), "")
    if code in registry.regrouped or code[:COUNTY] in registry.regrouped:
        clash = ""  # a county that has become a district or a city is still called one in reports of its time
    others = evidence.foreign(found, told, code)
    own = [e for e in told if e.source != "level" and code.startswith(e.about)]
    if not clash and (own or not others):
        return
    if any(e.weight >= NEEDED for e in [*about, *evidence.in_body(text, [code], registry)] if len(e.about) >= COUNTY):
        return
    against = "、".join(dict.fromkeys([*others, *([f"上级是{clash}"] if clash else [])]))
    raise Refused(
        "township_unknown",
        f"登记册中最相符的是{full_name(code, registry)}，但文中所说（{against}）与之不符：请在来源表中写明township_code"
        f" / the township that fits best does not fit what the text says: give township_code in the source list",
    )


def _add(pointers: dict[str, list[Evidence]], codes: Iterable[str], told: Iterable[Evidence]) -> None:
    for pointer in told:
        for code in codes if pointer.weight else ():
            if code.startswith(pointer.about):
                pointers[code].append(pointer)


def _lead(pointers: dict[str, list[Evidence]]) -> tuple[list[tuple[float, str]], float]:
    ranked = sorted(
        ((sum(e.weight for e in about), code) for code, about in pointers.items()), key=lambda r: (-r[0], r[1])
    )
    return ranked, ranked[0][0] - ranked[1][0] if len(ranked) > 1 else ranked[0][0]


def _decide(pointers: dict[str, list[Evidence]], registry: Registry) -> Choice:
    ranked, margin = _lead(pointers)
    score, code = ranked[0]
    rival = ranked[1][1] if len(ranked) > 1 else ""
    if rival and margin < MARGIN:
        close = [other for total, other in ranked if total > score - MARGIN]
        shown = "、".join(f"{full_name(other, registry)}（{other[:9]}）" for other in close[:SHOWN])
        raise Refused(
            "township_ambiguous",
            f"可能是{len(close)}个单位中的任何一个：{shown}；请在来源表中写明township_code"
            f" / {len(close)} townships fit equally well: give township_code in the source list",
        )
    if GONE in code:
        raise _gone(code, registry)
    if (
        any(e.source == "kind_changed" for e in pointers[code])
        and sum(e.weight for e in pointers[code] if e.source not in NAMING) < MARGIN
    ):
        raise _unknown(next(e.surface for e in pointers[code] if e.source in NAMING), [], registry)
    if score < NEEDED:
        raise Refused(
            "township_unknown", f"只有零星线索指向{full_name(code, registry)}：请在来源表中注明 / too little evidence"
        )
    flags = tuple(e.source for e in pointers[code] if e.source in {"kind_changed", "former_name"})
    return Choice(
        code, score, "" if GONE in rival else rival, margin, [*pointers[code], *pointers.get(rival, ())], flags
    )


def full_name(code: str, registry: Registry) -> str:
    """Province, prefecture, county and township of a code, as one name."""
    if GONE in code:
        return registry.places[code[:6]].name + code.split(GONE)[1]
    unit = registry.township(code)
    parents = dict.fromkeys((unit.province, unit.city, unit.county))
    return "".join(name for name in parents if "直辖" not in name) + unit.township


def _change(code: str, registry: Registry) -> Change:
    _, name, i = code.split(GONE)
    return registry.by_change[name][int(i)]


def _gone(code: str, registry: Registry) -> Refused:
    change = _change(code, registry)
    now = "、".join(full_name(successor, registry) for successor in change.codes if successor in registry)
    return Refused(
        "township_unknown",
        f"{change.parent}{change.name}已不在登记册中（{change.note}），其辖区现属{now or '他处'}，不能记在后者名下"
        f" / merged or split since: not the same unit as today's",
    )


def _unknown(name: str, found: list[Slot], registry: Registry) -> Refused:
    beside = next(
        (
            "".join(p for p, _ in unit.parents)
            for slot in found
            for unit in slot.units
            if unit.name == name and unit.parents
        ),
        "",
    )
    return Refused(
        "township_unknown",
        f"登记册（2023年6月）和changes.csv中没有{beside}{name}：用nianbao townships查找，或在来源表中写明township_code"
        f" / not in the registry: look it up, or give township_code in the source list",
    )
