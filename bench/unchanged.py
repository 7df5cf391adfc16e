"""What a run costs that finds nothing new, before and beside Prefect: `.venv/bin/python bench/unchanged.py FILES ...`.

For each number of files, in a process of its own: a folder of small numbered texts (合成, no reports: only the first
step looks at them) is acquired, looked at again, and acquired with 50 more. Beside each stand two references over the
same folder in the same process: asking the system for each file's status, and reading and digesting each file.
"""

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows import acquisition, still
from flows.home import Home
from flows.parameters import Parameters
from flows.seen import TICK
from warehouse.contracts import SOURCES
from warehouse.lake import Lake

LATE = 50


def make(folder: Path, first: int, last: int) -> None:
    """Files with names as long as those of reports, 400 to a folder."""
    for number in range(first, last):
        county = folder / f"{number // 400:04d}县"
        if number % 400 == 0 or not county.exists():
            county.mkdir(parents=True, exist_ok=True)
        path = f"{county}/{number:06d}镇2023年法治政府建设年度报告.txt"
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(f"合成 {number}\n".encode() * 20)


def statuses(folder: Path) -> int:
    """Reference: each file's status."""
    return sum(len([os.lstat(f"{at}/{name}") for name in names]) for at, _, names in os.walk(folder))


def digests(folder: Path) -> int:
    """Reference: each file's bytes, read and digested."""
    found = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with open(f"{at}/{name}", "rb") as file:  # noqa: PTH123
                found += len(sha256(file.read()).digest()) > 0
    return found


def timed(name: str, work: Callable[[], Any]) -> Any:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    print(f"  {name:44}{time.perf_counter() - wall:8.2f} s wall{time.process_time() - cpu:8.2f} s CPU", flush=True)
    return result


def rss() -> float:
    """The most memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def first(root: Path, files: int) -> None:
    """The run to which everything is new; the lake gets the sources as at the end of a run."""
    home = Home(root / "home").open()
    found = timed("acquire, everything new", lambda: acquisition.acquire(home, asked(root)))
    assert len(found.sources) == files
    Lake(home.lake).write(SOURCES, found.sources)


def again(root: Path, files: int) -> None:
    """References, then the runs to which nothing, and to which little is new."""
    home = Home(root / "home").open()
    timed("reference: the status of each file", lambda: statuses(root / "in"))
    timed("reference: each file read and digested", lambda: digests(root / "in"))
    timed("rules, registry, dictionary", acquisition.versions)
    pa.array([1]), pa.scalar(1)  # imports what arrow imports
    before = rss()
    found = timed("look, nothing new", lambda: look(home, asked(root)))
    print(f"  memory: at most {(rss() - before) / files:.0f} bytes a file, held {found.sources.nbytes / files:.0f}")
    timed("nothing new since such a run: its digest", lambda: taken(home, asked(root)))
    same = timed("acquire, nothing new", lambda: acquisition.acquire(home, asked(root)))
    assert same.run_id == found.run_id
    make(root / "in", files, files + LATE)
    more = timed(f"acquire, {LATE} more", lambda: acquisition.acquire(home, asked(root)))
    assert len(more.sources) == files + LATE


def look(home: Home, parameters: Parameters) -> Any:
    """What a run looks at before anything else."""
    return acquisition.look(home, parameters, acquisition.places_of(home, parameters))


def taken(home: Home, parameters: Parameters) -> Any:
    """What the next run looks at, after one that had nothing to do."""
    return still.taken(home, parameters, acquisition.places_of(home, parameters))


def asked(root: Path) -> Parameters:
    return Parameters(home=str(root / "home"), sources=(str(root / "in"),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=int, nargs="+")
    parser.add_argument("--part", nargs=2, metavar=("NAME", "FOLDER"), help="one part, in this process (by itself)")
    arguments = parser.parse_args()
    if arguments.part:
        name, folder = arguments.part
        {"first": first, "again": again}[name](Path(folder), arguments.files[0])
        return
    for files in arguments.files:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{files} files; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            make(Path(folder, "in"), 0, files)
            time.sleep(TICK / 1e9)
            for part in ("first", "again"):
                subprocess.run([sys.executable, __file__, str(files), "--part", part, folder], check=True)


if __name__ == "__main__":
    main()
