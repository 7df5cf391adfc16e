"""Batch size: `nianbao run --batch N` over one corpus for several N, by turns, up to the end of reconcile.

    python bench/batches.py --reports 3000 --rounds 3

What follows (validate, publish, report) never sees batches, so that each run is killed where validate begins. Then,
once for each size, a run is killed in the midst of its batches: what is lost is what each worker has done since it last
staged one; the next run does no more than that again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import corpus
from cost import Cost, measured

SIZES = (50, 100, 250, 500, 1000, 2000)
READ, RECONCILE, VALIDATE = "2-4/8", "5/8", "6/8"


def run(folder: Path, home: Path, size: int, until: str, later: float = 0.0) -> Cost:
    """A run in a home that has nothing but Prefect's database, killed ``later`` seconds after it says ``until``."""
    for path in home.glob("*"):
        if path.name != "prefect":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    command = [str(Path(sys.executable).with_name("nianbao")), "run", str(folder), "--home", str(home)]
    return measured([*command, "--batch", str(size)], until, later)


def lost(home: Path, killed: float, workers: int, took: float) -> float:
    """Seconds of work that a kill threw away: what each worker has done since its last stage, or since it began."""
    stages = sorted(path.stat().st_mtime for path in home.glob("work/*") if path.is_dir() and path.suffix != ".tmp")
    last = [killed - moment for moment in stages[-workers:]]
    return sum(last) + (workers - len(last)) * took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), arguments.reports, arguments.rounds, arguments.sizes)


def measure(place: Path, reports: int, rounds: int, sizes: list[int]) -> None:
    folder, home = place / "in", place / "home"
    corpus.write(folder, corpus.corpus(reports, [2023]))
    run(folder, home, 2000, READ)  # makes Prefect's database
    costs: dict[int, list[Cost]] = {size: [] for size in sizes}
    for turn in range(rounds):
        for size in sizes[turn % len(sizes) :] + sizes[: turn % len(sizes)]:
            cost = run(folder, home, size, VALIDATE)
            costs[size].append(cost)
            read, joined = cost.between(READ, RECONCILE), cost.between(RECONCILE, VALIDATE)
            print(
                f"{size:6}: read {read:.1f} s, reconcile {joined:.1f} s, {cost.cpu:.1f} s CPU, {cost.memory:.0f} MB",
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    workers = os.cpu_count() or 1
    print(f"\n{'batch':>6}{'tasks':>7}{'read s':>9}{'reconcile s':>13}{'CPU s':>9}{'MB':>7}{'lost by a kill, s':>19}")
    for size, turns in costs.items():
        took = median(cost.between(READ, RECONCILE) for cost in turns)
        killed = run(folder, home, size, READ, 0.6 * took)
        gone = lost(home, killed.ended, workers, 0.6 * took)
        joined = median(cost.between(RECONCILE, VALIDATE) for cost in turns)
        cpu, memory = (median(values) for values in zip(*((one.cpu, one.memory) for one in turns), strict=True))
        print(
            f"{size:6}{-(-reports // size):7}{took:9.1f}{joined:13.1f}{cpu:9.1f}{memory:7.0f}{gone:19.1f}", flush=True
        )


if __name__ == "__main__":
    main()
