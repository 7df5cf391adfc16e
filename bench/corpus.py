"""A synthetic (合成) corpus: any number of reports of real townships for any years, in files, with the truth beside.

    python bench/corpus.py FOLDER --reports 41352 --years 2023
    python bench/corpus.py FOLDER --reports 1000 --years 2021 2022 2023 --seed 7

Every text says in its second line that it is synthetic: the names of places are the registry's, the figures are drawn
at random. The same arguments give the same bytes. A file is ``<province>/<county>/<code>-<year>`` with the ending of
its form: text in UTF-8 or GB 18030, a page of a portal, Word, PDF, RTF, an archive; ``--plain`` makes text and pages
alone. Every second one is noisy (``forms.py``). The truth (which a run would take for a source list, hence beside the
folder, not in it: ``FOLDER.truth.csv``) has one row for each figure that a report states of an indicator.

Figures follow a township from year to year: each has a size of its own and changes by a few percent.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import grammar
from forms import FORMS, NOISES, PLAIN, chosen

from transforms.registry import Registry
from warehouse.contracts import Township

SYNTHETIC = "【合成数据】本文为性能与准确性测试用合成文本，数字均为随机生成，与任何单位的实际工作无关。"
FETCHED = 1_767_225_600
"""Modification time of every file, 2026-01-01 UTC: what a run takes for the time of fetching."""
CHINESE_UNDER = 20
"""Counts below this are sometimes written in Chinese numerals."""
_SLOT = re.compile(r"\{([a-z0-9_=,-]+)(?::([^}]*))?\}")
_DIGITS = "零一二三四五六七八九"


class Truth(NamedTuple):
    """One figure that a report states: the indicator, its value in the indicator's unit as plain digits, and how."""

    indicator: str
    value: str
    qualifier: str


class Made(NamedTuple):
    """One report: its file's name and bytes, whose and which year's it is, and what it states."""

    name: str
    data: bytes
    township_code: str
    report_year: int
    truths: tuple[Truth, ...]


@cache
def slots(text: str) -> tuple[str, ...]:
    """A sentence cut at its slots: text, name, bounds, text, name, bounds, ..., text."""
    return tuple(_SLOT.split(text))


class Writer:
    """Writes one report, drawing from a source seeded by the unit and the year."""

    def __init__(self, unit: Township, year: int, seed: int) -> None:
        self.unit, self.year = unit, year
        self.draw = random.Random(f"{seed}-{unit.township_code}-{year}")
        self.size = random.Random(f"{seed}-{unit.township_code}").random() * (1 + 0.02 * (year - 2020))
        self.drawn: dict[str, int] = {}
        self.truths: list[Truth] = []
        own = (
            "街道"
            if unit.kind in {"街道", "地区办事处"}
            else unit.township[-1]
            if unit.township[-1] in "镇乡"
            else "镇"
        )
        level = unit.county[-1] if unit.county[-1] in "区县旗" else "市"
        self.names = {
            "name": unit.township,
            "own": own,
            "place": unit.county + unit.township,
            "above": f"{level}委、{level}政府",
            "year": str(year),
            "next": str(year + 1),
        }

    def fill(self, text: str) -> str:
        """The sentence with every slot filled in, and what it states kept."""
        parts = slots(text)
        out = [parts[0]]
        for name, bounds, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            out += (self._slot(name, bounds or "", rest), rest)
        return "".join(out)

    def _slot(self, name: str, bounds: str, rest: str) -> str:
        if name in self.names:
            return self.names[name]
        if name.startswith("="):
            self.truths += [Truth(*pair.split("="), "exact") for pair in name[1:].split(",")]
            return ""
        if bounds == "%":
            tenths = self.draw.randint(900, 1000)
            self._state(name, f"{tenths / 10:g}")
            return f"{tenths / 10:g}%"
        if bounds == "万":
            tenths = self.draw.randint(5, 900)
            self._state(name, str(tenths * 1000))
            return f"{tenths / 10:g}"
        value = self._value(bounds)
        self.drawn[name] = value
        about = value >= 100 and value % 10 == 0 and self.draw.random() < 0.4
        self._state(name, str(value), "over" if about else "exact")
        return self._written(value, rest) + ("余" if about else "")

    def _value(self, bounds: str) -> int:
        if bounds.startswith("<"):
            whole = self.drawn[bounds[1:]]
            return whole - self.draw.randint(0, whole // 8)
        low, high = map(int, bounds.split("-"))
        value = low + round((high - low) * min(1.0, self.size * self.draw.uniform(0.85, 1.1)))
        return value // 100 * 100 if value >= 3000 and self.draw.random() < 0.5 else value

    def _state(self, name: str, value: str, qualifier: str = "exact") -> None:
        if name != "-":
            self.truths.append(Truth(name, value, qualifier))

    def _written(self, value: int, rest: str) -> str:
        style = self.draw.random()
        if value < CHINESE_UNDER and style < 0.08 and rest[:1] in "次件个名场期":
            tens, ones = divmod(value, 10)
            text = ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")
            return "两" if value == 2 else text
        return f"{value:,}" if value >= 1000 and style < 0.1 else str(value)

    def text(self) -> str:
        """The whole report."""
        pick = self.draw.choice
        lines = [self.fill(pick(grammar.TITLES)), SYNTHETIC, self.fill(pick(grammar.OPENINGS))]
        for number, (heading, statements) in enumerate(grammar.SECTIONS):
            lines.append(f"{'一二三四五六七八'[number]}、{heading}")
            lines += self._section(statements)
        number = len(grammar.SECTIONS)
        lines += [f"{'一二三四五六七八'[number]}、存在的主要问题", pick(grammar.PROBLEMS)]
        lines += [f"{'一二三四五六七八'[number + 1]}、下一步工作打算", self.fill(pick(grammar.PLANS))]
        lines += [f"{self.unit.township}人民政府", f"{self.year + 1}年1月{self.draw.randint(5, 28)}日"]
        return "\n".join(lines) + "\n"

    def _section(self, statements: Sequence[tuple[str, ...]]) -> Iterator[str]:
        kept = [self._statement(wordings) for wordings in statements if self.draw.random() < 0.85]
        for _ in range(5):
            prose = (grammar.PROSE_STARTS, grammar.PROSE_MIDDLES, grammar.PROSE_ENDS)
            kept.insert(self.draw.randint(0, len(kept)), "".join(map(self.draw.choice, prose)))
        if self.draw.random() < 0.5:
            # after all else, where a part or a comparison can belong to the last statement of the section alone
            kept.append(self.fill(self.draw.choice(grammar.PARTS)))
        half = len(kept) // 2
        yield "（一）" + "".join(kept[:half])
        yield "（二）" + "".join(kept[half:])

    def _statement(self, wordings: tuple[str, ...]) -> str:
        """A statement in one of its wordings, most with something before or after it that changes nothing."""
        text = self.draw.choice(wordings).rstrip("，。")
        lead = self.draw.choice(grammar.LEADS) if self.draw.random() < 0.6 else ""
        tail = self.draw.choice(grammar.TAILS) if self.draw.random() < 0.6 else ""
        return self.fill(f"{lead}{text}{tail}。")


def make(unit: Township, year: int, seed: int = 0, plain: bool = False) -> Made:
    """The report of one unit for one year; ``plain`` leaves out the forms that need a reader of their own."""
    writer = Writer(unit, year, seed)
    text = writer.text()
    title, draw = text.partition("\n")[0], writer.draw
    form = chosen(FORMS, draw.random()) or "txt"
    if plain and form not in PLAIN:
        form = "txt"
    _, written, ending = FORMS[form]
    noise = chosen(NOISES, draw.random())
    if noise and (noise != "broken" or ending == "txt"):  # elsewhere a line is a paragraph
        text = NOISES[noise][1](text, draw)
    name = f"{unit.province_code}/{unit.county_code}/{unit.township_code}-{year}.{ending}"
    return Made(name, written(text, title), unit.township_code, year, tuple(writer.truths))


def corpus(count: int, years: Sequence[int], seed: int = 0, plain: bool = False) -> Iterator[Made]:
    """``count`` reports: every unit of the registry drawn in a fixed order, all its years, then the next unit."""
    units = sorted(Registry.load().rows(), key=lambda unit: unit.township_code)
    random.Random(seed).shuffle(units)
    wanted = ((unit, year) for unit in units for year in years)
    for number, (unit, year) in enumerate(wanted):
        if number == count:
            return
        yield make(unit, year, seed, plain)


def write(folder: Path, reports: Iterator[Made]) -> tuple[int, int]:
    """Write reports below ``folder`` and their truth to ``<folder>.truth.csv``; return their number and bytes."""
    count = size = 0
    with folder.with_name(folder.name + ".truth.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("township_code", "report_year", *Truth._fields))
        for made in reports:
            path = folder / made.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.data)
            os.utime(path, (FETCHED, FETCHED))
            rows.writerows((made.township_code, made.report_year, *truth) for truth in made.truths)
            count, size = count + 1, size + len(made.data)
    return count, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--years", type=int, nargs="+", default=[2023])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="text and pages alone")
    arguments = parser.parse_args()
    count, size = write(arguments.folder, corpus(arguments.reports, arguments.years, arguments.seed, arguments.plain))
    print(f"{count} reports, {size / 1e6:.1f} MB, in {arguments.folder}")


if __name__ == "__main__":
    main()
