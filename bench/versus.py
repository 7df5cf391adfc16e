"""Versus: what a user would otherwise write, and other orchestrators, over the same reports in the same run.

    python bench/versus.py --peers FOLDER --reports 1000 --rounds 2

First a plain script of pandas and regular expressions (bench/script.py) beside `nianbao run`: what both spend, and how
many of the figures that the corpus states each finds, right and wrong; then the same of labelled reports, whose
wordings the script was not written for. Then our very steps under Prefect as `nianbao run` has them, under Dagster,
under Airflow, and in a plain loop (bench/orchestrated.py), in as many batches as a year of the country has: what each
costs beyond the loop. All must give the same release, by the digest of its content.

Dagster and Airflow are installed by this file, for this benchmark alone, below ``--peers``: each in an environment of
its own that sees ours, so that all else is of the same version. Runs take turns; medians count. CPU time is exact, of
all processes; memory is the sum of their PSS, looked at twice a second.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import corpus
import duckdb
import script
from cost import Cost, measured, middle
from country import accuracy

from transforms.dictionary import Dictionary
from transforms.evaluation import labels
from transforms.extraction import extract
from transforms.observations import observe

BENCH = Path(__file__).parent
GOLD = BENCH.parent / "tests" / "gold" / "held"
TASKS = 83
"""Batches of 500 in a year of the country."""
KEPT = {"prefect", "dagster", "airflow"}
"""Folders of a home that hold an orchestrator's database, made before anything is measured."""
PEERS = {"dagster": "dagster", "airflow": "apache-airflow"}


def peer(folder: Path, name: str) -> str:
    """The Python of an environment that has this peer beside everything of ours."""
    place = folder / name
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        theirs = next(place.glob("lib/python*/site-packages"))
        ours = sysconfig.get_path("purelib")
        # By addsitedir, which also follows the link to this checkout; after its own, so that its own versions hold.
        (theirs / "zz.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    if not (place / "bin" / name).exists():
        subprocess.run([str(python), "-m", "pip", "install", "-q", PEERS[name]], check=True)
    return str(python)


def emptied(home: Path) -> Path:
    home.mkdir(exist_ok=True)
    for path in home.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return home


def content(home: Path) -> str:
    """The digest of what the only release of a home says."""
    (manifest,) = (home / "releases").glob("*.json")
    return str(json.loads(manifest.read_bytes())["content"])


def commands(peers: Path, names: Sequence[str]) -> dict[str, list[str]]:
    own = str(Path(sys.executable).with_name("nianbao"))
    bench = str(BENCH / "orchestrated.py")
    known = {
        "plain loop": lambda: [sys.executable, bench, "loop"],
        "Prefect": lambda: [own, "run"],
        "Dagster, one process": lambda: [peer(peers, "dagster"), bench, "dagster"],
        "Dagster, its own processes": lambda: [peer(peers, "dagster"), bench, "dagster-processes"],
        "Airflow": lambda: [peer(peers, "airflow"), bench, "airflow"],
    }
    return {name: known[name]() for name in names}


def once(name: str, command: list[str], folder: Path, home: Path, batch: int) -> Cost:
    """One run in an empty home."""
    emptied(home)
    where = [str(folder), "--home", str(home)] if name == "Prefect" else [str(folder), str(home)]
    return measured([*command, *where, "--batch", str(batch)])


def orchestrated(place: Path, folder: Path, known: Mapping[str, list[str]], batch: int, rounds: int) -> None:
    """Run the steps under each orchestrator by turns and print what each costs beyond the loop."""
    costs: dict[str, list[Cost]] = {name: [] for name in known}
    said: dict[str, str] = {}
    for _ in range(rounds):
        for name, command in known.items():
            home = place / name.replace(" ", "-")
            costs[name].append(cost := once(name, command, folder, home, batch))
            said[name] = content(home)
            figures = f"{cost.wall:.1f} s, {cost.cpu:.1f} s CPU, {cost.memory:.0f} MB, server {cost.server:.1f} s CPU"
            print(f"  {name}: {figures}; load {os.getloadavg()[0]:.1f}", flush=True)
    wall, cpu, _ = middle(costs["plain loop"])
    print(f"\n{'':28}{'wall s':>8}{'beyond':>8}{'ratio':>7}{'CPU s':>8}{'beyond':>8}{'ratio':>7}{'MB':>7}  release")
    for name, turns in costs.items():
        now = middle(turns)
        same = "the same" if said[name] == said["plain loop"] else "ANOTHER"
        print(
            f"{name:28}{now[0]:8.1f}{now[0] - wall:8.1f}{now[0] / wall:7.2f}"
            f"{now[1]:8.1f}{now[1] - cpu:8.1f}{now[1] / cpu:7.2f}{now[2]:7.0f}  {same}"
        )


def beside_script(place: Path, folder: Path, rounds: int) -> None:
    """The plain script and `nianbao run` by turns: what they spend and what they find."""
    out, home = place / "script", place / "Prefect"
    own = str(Path(sys.executable).with_name("nianbao"))
    turns: dict[str, list[Cost]] = {"script": [], "nianbao run": []}
    for _ in range(rounds):
        turns["script"].append(measured([sys.executable, str(BENCH / "script.py"), str(folder), str(out)]))
        turns["nianbao run"].append(once("Prefect", [own, "run"], folder, home, 500))
    first = middle(turns["script"])
    print(f"\n{'':14}{'wall s':>8}{'ratio':>7}{'CPU s':>8}{'ratio':>7}{'MB':>7}{'ratio':>7}")
    for name, costs in turns.items():
        now = middle(costs)
        ratios = "".join(
            f"{value:{width}}{value / one:7.1f}"
            for value, one, width in zip(now, first, ("8.1f", "8.1f", "7.0f"), strict=True)
        )
        print(f"{name:14}{ratios}")
    truth = folder.with_name(folder.name + ".truth.csv")
    print(f"  script: {right_and_wrong(truth, out / 'script.duckdb')}")
    print(f"  nianbao run: {accuracy(truth, home)}")


def right_and_wrong(truth: Path, database: Path) -> str:
    with truth.open(encoding="utf-8", newline="") as file:
        wanted = {(row[0], int(row[1]), row[2]): Decimal(row[3]) for row in islice(csv.reader(file), 1, None)}
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute("SELECT township_code, report_year, indicator, value FROM observations").fetchall()
        reports = connection.execute("SELECT count(*) FROM reports").fetchone()
    assert reports
    return f"{reports[0]} reports; {compared(wanted, {row[:3]: Decimal(str(row[3])) for row in rows})}"


def compared(wanted: Mapping[Any, Decimal], found: Mapping[Any, Decimal]) -> str:
    right = sum(found.get(key) == value for key, value in wanted.items())
    wrong = sum(key in found and found[key] != value for key, value in wanted.items())
    more = len(found.keys() - wanted.keys())
    return (
        f"{len(wanted)} figures stated: {right / len(wanted):.4f} found with their value, "
        f"{wrong / len(wanted):.4f} with another; {more} cells that are not stated"
    )


def beside_labels() -> None:
    """The cells of the labelled reports that nobody looked at while writing rules, by the script and by ours."""
    dictionary = Dictionary.load()
    wanted: dict[tuple[str, str], Decimal] = {}
    told: dict[str, dict[tuple[str, str], Decimal]] = {"script": {}, "ours": {}}
    for path in sorted(GOLD.glob("*.txt")):
        text, slug = path.read_text(encoding="utf-8"), path.stem
        for label in labels(path.with_suffix(".csv"), text):
            if label.kind in {"actual", "zero"} and label.scope == "township" and label.value is not None:
                wanted |= {(slug, name): label.value for name in label.indicators if (slug, name) not in wanted}
        told["script"] |= {(slug, row[3]): Decimal(str(row[4])) for row in script.cells(slug, "", 0, script.read(path))}
        cells = observe("", 0, slug, extract(text, dictionary), dictionary.units())
        told["ours"] |= {(slug, cell.indicator): cell.value for cell in cells if cell.value is not None}
    known = {*script.PATTERNS, *script.NONE}
    print("\nlabelled reports, the script's indicators alone:")
    few = {key: value for key, value in wanted.items() if key[1] in known}
    for name, found in told.items():
        print(f"  {name}: {compared(few, {key: value for key, value in found.items() if key[1] in known})}")
    print("labelled reports, all indicators:")
    for name, found in told.items():
        print(f"  {name}: {compared(wanted, found)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, help="folder for the environments of Dagster and Airflow")
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    every = ("plain loop", "Prefect", "Dagster, one process", "Dagster, its own processes", "Airflow")
    parser.add_argument("--only", nargs="+", default=every, choices=every, metavar="NAME", help=", ".join(every))
    parser.add_argument("--batches", type=int, default=TASKS)
    parser.add_argument("--no-script", action="store_true")
    arguments = parser.parse_args()
    known = commands(arguments.peers.absolute(), ["plain loop", *(n for n in arguments.only if n != "plain loop")])
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        corpus.write(place / "few", corpus.corpus(4, [2022]))
        for case, command in known.items():  # makes databases and compiled modules
            once(case, command, place / "few", place / case.replace(" ", "-"), 2)
        folder = place / "in"
        corpus.write(folder, corpus.corpus(arguments.reports, [2023]))
        if not arguments.no_script:
            beside_script(place, folder, arguments.rounds)
            beside_labels()
        batch = -(-arguments.reports // arguments.batches)
        print(f"\n{arguments.reports} reports in batches of {batch}")
        orchestrated(place, folder, known, batch, arguments.rounds)


if __name__ == "__main__":
    main()
