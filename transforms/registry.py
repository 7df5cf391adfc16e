"""The registry: every township-level unit of the country, its parents, its villages, and names used at other times.

Read from the parquet files that ``seeds/build_registry.py`` makes (statistical codes of 30 June 2023) and from
``seeds/changes.csv``. Loading reads the names only; villages are read when a township of their prefecture is asked for.
"""

from __future__ import annotations

import csv
import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from seeds import SEEDS
from transforms import lookup
from transforms.names import plain, stem, village_words, without_parents
from warehouse.contracts import Township

if TYPE_CHECKING:
    import pyarrow.parquet as pq

FILES = ("places.parquet", "townships.parquet", "villages.parquet", "changes.csv")
NO_CITY = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
"""What stands in the place of a prefecture where there is none; no report ever names it."""
LONG = 5
AFTER = ":"
"""The character after ``9``: ``prefix + AFTER`` is greater than every code that begins with the prefix."""


class Place(NamedTuple):
    """A province (2 digits), prefecture (4) or county (6); ``stem`` is the name without its ending."""

    code: str
    name: str
    stem: str
    pinyin: str
    initials: str


class Change(NamedTuple):
    """A name that the registry does not have, because it held at another time: one row of ``seeds/changes.csv``.

    ``codes`` are the registry's codes (or beginnings of codes) of the ground that the name stood for. ``change``
    tells whether the unit of that name is the same as today's: after a ``rename``, ``reclassify`` or ``transfer`` it
    is, after a ``merge`` or ``split`` it is not.
    """

    name: str
    parent: str
    level: str
    change: str
    codes: tuple[str, ...]
    since: date | None
    until: date | None
    note: str
    source: str

    def holds(self, year: int) -> bool:
        """Whether a report for ``year`` may use the name: in the year of the change both names are in use."""
        return (self.since is None or year >= self.since.year - 1) and (self.until is None or year <= self.until.year)


class Registry:
    """Look-ups over the registry; built by ``Registry.load``, shared within a process and never changed."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._path = path
        # ParquetFile, not read_table: the latter imports pyarrow.dataset and starts threads, at twice the cost.
        self._table = pq.ParquetFile(path / "townships.parquet").read(use_threads=False)
        places = pq.ParquetFile(path / "places.parquet").read(use_threads=False).to_pydict()
        rows = zip(*(places[name] for name in Place._fields), strict=True)
        self.codes: list[str] = self._column("township_code")
        self.names: list[str] = self._column("township")
        self.places: dict[str, Place] = {row[0]: Place(*row) for row in rows}
        self._villages: dict[str, tuple[list[str], list[str]]] = {}
        self._village_words: dict[str, frozenset[str]] = {}

    @staticmethod
    def load(path: Path = SEEDS) -> Registry:
        """The registry in ``path``, read once a process.

        Raises:
            FileNotFoundError: A file of the registry is missing; ``seeds/build_registry.py`` writes it.
        """
        return _load(path)

    def _column(self, name: str) -> list[Any]:
        return cast("list[Any]", self._table[name].to_pylist())

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the registry's files: under another registry documents are identified anew."""
        total = hashlib.sha256()
        for name in FILES:
            total.update(hashlib.sha256((self._path / name).read_bytes()).digest())
        return total.hexdigest()

    @cached_property
    def _details(self) -> tuple[list[str], list[int], list[bool]]:
        return self._column("kind"), self._column("village_count"), self._column("ordinary")

    @cached_property
    def spellings(self) -> tuple[list[str], list[str]]:
        """Pinyin and initials of every unit, in the order of the codes."""
        return self._column("pinyin"), self._column("initials")

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The rows of ``changes.csv``."""
        with (self._path / "changes.csv").open(encoding="utf-8", newline="") as lines:
            return tuple(_change(row) for row in csv.DictReader(lines))

    @cached_property
    def by_change(self) -> dict[str, list[Change]]:
        """Rows of ``changes.csv`` by the name that they explain."""
        return _grouped((change.name, change) for change in self.changes)

    @cached_property
    def regrouped(self) -> frozenset[str]:
        """Codes of townships and counties that stood under a county of another name before."""
        return frozenset(code for change in self.changes if change.level == "county" for code in change.codes)

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Codes by name, offices dropped (``plain``), in the order of the codes."""
        return _grouped(
            (key, code) for code, name in zip(self.codes, self.names, strict=True) for key in self._keys(code, name)
        )

    def _keys(self, code: str, name: str) -> Iterator[str]:
        yield plain(name) if name.endswith(("处", "地区")) else name
        if name.endswith("街"):
            yield name + "道"
        if len(name) > LONG:  # some counties put the parents' names before the township's
            bare = without_parents(name, *(self.places[code[:length]].name for length in (2, 4, 6)))
            if bare != name:
                yield plain(bare)

    @cached_property
    def by_stem(self) -> dict[str, list[str]]:
        """Codes by name without the kind: a unit that changed its kind is found by it."""
        return _grouped((stem(name), code) for code, name in zip(self.codes, self.names, strict=True))

    @cached_property
    def by_place(self) -> dict[str, list[str]]:
        """Codes of provinces, prefectures and counties by full name; what no report ever names is left out."""
        return _grouped((place.name, place.code) for place in self.places.values() if place.name not in NO_CITY)

    @cached_property
    def counties(self) -> list[str]:
        """Codes of the counties, in order."""
        return [code for code in self.places if len(code) == 6]

    @cached_property
    def by_place_stem(self) -> dict[str, list[str]]:
        """Codes of provinces, prefectures and counties by the name without its ending."""
        pairs = ((place.stem, place.code) for place in self.places.values() if place.stem != place.name)
        return _grouped(pairs)

    @cached_property
    def place_words(self) -> frozenset[str]:
        """Full and shortened names of provinces, prefectures and counties."""
        return frozenset(self.by_place) | frozenset(self.by_place_stem)

    def _index(self, code: str) -> int:
        index = bisect_left(self.codes, code)
        if index == len(self.codes) or self.codes[index] != code:
            raise KeyError(f"no township {code} in the registry: `nianbao townships NAME` shows the codes")
        return index

    def __contains__(self, code: object) -> bool:
        index = bisect_left(self.codes, str(code))
        return index < len(self.codes) and self.codes[index] == code

    def __len__(self) -> int:
        return len(self.codes)

    def township(self, code: str) -> Township:
        """The unit with a 9-digit code.

        Raises:
            KeyError: No unit has this code.
        """
        return self._row(self._index(code))

    def _row(self, i: int) -> Township:
        code = self.codes[i]
        kinds, counts, ordinary = self._details
        city, province = self.places[code[:4]].name, self.places[code[:2]].name
        city = province if city in {"市辖区", "县"} else city
        county = self.places[code[:6]].name
        return Township(
            *(
                code,
                self.names[i],
                kinds[i],
                code[:6],
                county,
                code[:4],
                city,
                code[:2],
                province,
                counts[i],
                ordinary[i],
            )
        )

    def rows(self) -> Iterator[Township]:
        """Every unit in the order of the codes: the rows of the table ``townships``."""
        return map(self._row, range(len(self.codes)))

    def under(self, *prefixes: str) -> list[str]:
        """Codes that begin with any of the prefixes (two to nine digits), in order: the scope of a run."""
        found: set[str] = set()
        for prefix in prefixes:
            found.update(self.codes[bisect_left(self.codes, prefix) : bisect_left(self.codes, prefix + AFTER)])
        return sorted(found)

    def named(self, name: str) -> tuple[Township, ...]:
        """The units of exactly this name; an office may follow it (沙溪镇人民政府)."""
        return tuple(self.township(code) for code in self.by_name.get(plain(name), ()))

    def search(self, query: str) -> list[Township]:
        """Units that a person may mean by name, a part of it, pinyin or code, the best first (``lookup.search``)."""
        return [self.township(code) for code in lookup.search(self, query)]

    def village_count(self, code: str) -> int:
        """How many villages and communities the registry lists under a township."""
        return self._details[1][self._index(code)]

    def villages(self, code: str) -> tuple[str, ...]:
        """Names of the villages and communities of a township, as the registry writes them (玉湖村委会)."""
        city = code[:4]
        if city not in self._villages:
            self._villages[city] = self._read_villages(city)
        codes, names = self._villages[city]
        return tuple(names[bisect_left(codes, code) : bisect_left(codes, code + AFTER)])

    def village_words(self, code: str) -> frozenset[str]:
        """The distinctive parts of a township's village names (玉湖 of 玉湖村委会).

        What is a part of the township's own name is none: 光明路社区 of 光明路街道 is named whenever the street is.
        """
        if code not in self._village_words:
            name = self.names[self._index(code)]
            words = {village_words(village, name)[0] for village in self.villages(code)}
            self._village_words[code] = frozenset(word for word in words if word not in name)
        return self._village_words[code]

    def _read_villages(self, city: str) -> tuple[list[str], list[str]]:
        group = self._village_groups.get(city)
        if group is None:
            return [], []
        columns = self._village_file.read_row_group(group, use_threads=False).to_pydict()
        return columns["village_code"], columns["village"]

    @cached_property
    def _village_file(self) -> pq.ParquetFile:
        import pyarrow.parquet as pq

        return pq.ParquetFile(self._path / "villages.parquet")

    @cached_property
    def _village_groups(self) -> dict[str, int]:
        """Which row group holds a prefecture: the build writes one for each, with statistics of the code."""
        meta = self._village_file.metadata
        firsts = (meta.row_group(i).column(0).statistics for i in range(meta.num_row_groups))
        return {str(first.min)[:4]: i for i, first in enumerate(firsts) if first is not None}


def _grouped(pairs: Any) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _day(text: str, *, last: bool) -> date | None:
    """A day, month or year of ``changes.csv``; of the latter two the first or the last day."""
    if not text:
        return None
    year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
    if day:
        return date(year, month, day)
    return date(year, month or 12, 28 if month else 31) if last else date(year, month or 1, 1)


def _change(row: dict[str, str]) -> Change:
    return Change(
        name=row["name"],
        parent=row["parent"],
        level=row["level"],
        change=row["change"],
        codes=tuple(row["codes"].split()),
        since=_day(row["since"], last=False),
        until=_day(row["until"], last=True),
        note=row["note"],
        source=row["source"],
    )


@lru_cache(maxsize=4)
def _load(path: Path) -> Registry:
    return Registry(path)
