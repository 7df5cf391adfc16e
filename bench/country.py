"""The country end to end: N synthetic (合成) reports from a folder to a release and a run report, by the real command.

    python bench/country.py --reports 41352                  # a year of the country
    python bench/country.py --reports 5000 --years 2022 2023 --late 50 --keep FOLDER

Three runs in one home: everything, nothing new, and ``--late`` reports of the newest year, from all over the country,
that were not there before. Each is the command ``nianbao run`` in a process of its own; the steps are timed by what it
says on standard error, memory is the sum of the proportional set sizes (PSS) of all its processes, CPU time is that of
the run's process, of Prefect's server and of the workers; both are looked at twice a second and told of each step.

References in the same run, on the same bytes: a raw read, one digit pass over the text (of many files, every so manieth
is read), the work on the documents alone (``transforms.reports.transform`` over a sample, in this process), pyarrow
writing the same lake tables, DuckDB loading them. Accuracy is told against the truth that the corpus was made from.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import duckdb
import pyarrow.parquet as pq

from transforms.dictionary import Dictionary
from transforms.registry import Registry
from transforms.reports import Snapshot, transform
from warehouse.contracts import LAKE_TABLES
from warehouse.lake import COMPRESSION_LEVEL, Lake

EVERY = 0.5
"""Seconds between two looks at memory: adding up a gigabyte's pages takes the kernel tens of milliseconds."""
SAMPLE = 400
"""Documents on which the bare work is measured."""
READ = 40_000
"""Files of which all bytes and texts are held at once, 0.8 GB; of more every so manieth is read."""
NAMES = {
    "start": "start (imports, Prefect's server)",
    "1/8": "acquire",
    "2-4/8": "read identify extract",
    "5/8": "reconcile",
    "6/8": "validate",
    "7/8": "publish",
    "8/8": "report and end",
}


class Spell(NamedTuple):
    """What a run spent up to a moment, or from one to another: seconds, and MB held at most since the moment before.

    CPU seconds are those of all processes; ``server`` those of Prefect's server, ``workers`` those of all but it and
    the run's own process.
    """

    wall: float
    cpu: float
    server: float
    workers: float
    memory: float

    def since(self, before: Spell) -> Spell:
        server, workers = self.server - before.server, self.workers - before.workers
        return Spell(self.wall - before.wall, self.cpu - before.cpu, server, workers, self.memory)

    def __str__(self) -> str:
        cpu = f"{self.cpu:9.1f}{self.server:9.1f}{self.workers:9.1f}{self.cpu - self.server - self.workers:9.1f}"
        return f"{self.wall:9.1f}{cpu}{self.memory:9.0f}"


class Ran(NamedTuple):
    """One run of the command: what it spent by step and in all, and what it said."""

    steps: dict[str, Spell]
    whole: Spell
    processes: int
    said: str


def run(folder: Path, home: Path, *options: str) -> Ran:
    """``nianbao run folder`` in a process of its own."""
    command = [str(Path(sys.executable).with_name("nianbao")), "run", str(folder), "--home", str(home), *options]
    env = {**os.environ, "DO_NOT_TRACK": "1", "COLUMNS": "200"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    meter = Meter(process.pid)
    meter.start()
    marks = [("start", meter.spell())]
    told: list[str] = []
    assert process.stderr
    assert process.stdout
    for line in process.stderr:
        told.append(line)
        if (step := line.split(" ")[0]) in NAMES:
            marks.append((step, meter.spell()))
    said = process.stdout.read()
    process.wait()
    meter.stop()
    ended = meter.spell()
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)}\n{''.join(told)}\n{said}")
    ends = [mark for _, mark in marks[1:]] + [ended]
    steps = {NAMES[name]: end.since(at) for (name, at), end in zip(marks, ends, strict=True)}
    whole = ended.since(marks[0][1])._replace(memory=meter.most)
    return Ran(steps, whole, meter.processes, said)


class Meter(threading.Thread):
    """The most memory that a process and all below it held at once (PSS: shared pages count once), and their CPU time.

    Workers hang below a fork server, of whose children the run's own account of CPU time knows nothing.
    """

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.most, self.processes, self._ended = root, 0.0, 0, threading.Event()
        self._began, self._lately = time.perf_counter(), 0.0
        self._spent: dict[int, float] = {}
        self._servers: set[int] = set()

    def spell(self) -> Spell:
        """What was spent so far, and the most memory since this was last asked."""
        spent, servers = dict(self._spent), set(self._servers)
        server = sum(spent.get(process, 0) for process in servers)
        workers = sum(seconds for process, seconds in spent.items() if process not in {self.root, *servers})
        lately, self._lately = self._lately, 0.0
        return Spell(time.perf_counter() - self._began, sum(spent.values()), server, workers, lately)

    def run(self) -> None:
        while not self._ended.wait(EVERY):
            family = self._family()
            held = sum(map(pss, family)) / 1000
            self.most, self._lately = max(self.most, held), max(self._lately, held)
            self.processes = max(self.processes, len(family))
            new = {process for process in family if process not in self._spent}
            self._servers |= {process for process in new if is_server(process)}
            self._spent |= {process: seconds for process in family if (seconds := cpu(process))}

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _family(self) -> list[int]:
        found = [self.root]
        for process in found:  # grows while it is walked
            try:
                tasks = list(Path(f"/proc/{process}/task").iterdir())
                found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
            except OSError:
                continue
        return found


def cpu(process: int) -> float:
    """CPU seconds of a process so far; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_server(process: int) -> bool:
    """Whether a process is Prefect's server, as a run starts it."""
    try:
        return b"flows.attended" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def pss(process: int) -> int:
    """Proportional set size of a process in kB; 0 if it has ended."""
    try:
        match = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(match[1]) if match else 0


class Spent(NamedTuple):
    """Wall and CPU seconds: on a machine that others use too, only the second can be compared."""

    wall: float
    cpu: float

    def times(self, factor: float) -> Spent:
        """That of so many times the work."""
        return Spent(self.wall * factor, self.cpu * factor)


def timed(work: Callable[[], Any]) -> tuple[Spent, Any]:
    began, used = time.perf_counter(), time.process_time()
    result = work()
    return Spent(time.perf_counter() - began, time.process_time() - used), result


def references(folder: Path, home: Path) -> dict[str, Spent]:
    """What each reference spends over the same bytes and tables, in this process."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    files = found[:: -(-len(found) // READ)]
    raw, datas = timed(lambda: [path.read_bytes() for path in files])
    written = [data for data, path in zip(datas, files, strict=True) if path.suffix in {".txt", ".html"}]
    texts = [data.decode("utf-8" if _is_utf8(data) else "gb18030") for data in written]
    digits = re.compile("[0-9]+")
    passed, _ = timed(lambda: [[match.span() for match in digits.finditer(text)] for text in texts])
    bare, batch = timed(lambda: _bare(datas, files))
    assert len(batch.reports) + len(batch.refusals) == min(SAMPLE, len(files))
    lake = Lake(home / "lake")
    with tempfile.TemporaryDirectory(dir=home.parent) as beside:
        wrote = [timed(partial(_write, table, Path(beside) / "written.parquet"))[0] for table in _tables(lake)]
        loaded, _ = timed(lambda: _load(lake, Path(beside) / "loaded.duckdb"))
    return {
        "raw read of the bytes": raw.times(len(found) / len(files)),
        "one digit pass over texts and pages": passed.times(len(found) / len(files)),
        "documents alone, on one core": bare.times(len(found) / min(SAMPLE, len(files))),
        "pyarrow writes the lake's tables": Spent(*map(sum, zip(*wrote, strict=True))),
        "DuckDB loads them": loaded,
    }


def _tables(lake: Lake) -> Iterator[Any]:
    """The rows of the lake's files, one file's at a time."""
    return (pq.read_table(file, partitioning=None) for contract in LAKE_TABLES for file in lake.files(contract))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _bare(datas: list[bytes], files: list[Path]) -> Any:
    registry, dictionary = Registry.load(), Dictionary.load()
    step = max(1, len(files) // SAMPLE)
    pairs = list(islice(zip(datas, files, strict=True), 0, None, step))[:SAMPLE]
    transform([_snapshot(*pairs[0])], registry, dictionary, "warm")
    return transform((_snapshot(data, path) for data, path in pairs), registry, dictionary, "bench")


def _snapshot(data: bytes, path: Path) -> Snapshot:
    from datetime import UTC, datetime

    return Snapshot(partial(bytes, data), sha256(data).hexdigest(), path.as_uri(), datetime.fromtimestamp(0, UTC))


def _write(table: Any, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=COMPRESSION_LEVEL)


def _load(lake: Lake, path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        for contract in LAKE_TABLES:
            if files := [str(file) for file in lake.files(contract)]:
                connection.execute(f"CREATE TABLE {contract.name} AS FROM read_parquet({files})")


def compare(told: dict[str, Spent], ran: Ran) -> None:
    """Print the references, and how many times each the run took."""
    cores, bare, load = os.cpu_count() or 1, told["documents alone, on one core"], told["DuckDB loads them"]
    goal = Spent(bare.wall / cores + load.wall, bare.cpu + load.cpu)
    print(f"\n  {'':40}{'wall s':>9}{'run is':>10}{'CPU s':>9}{'run is':>10}")
    for name, spent in {**told, "documents on all cores, plus the load": goal}.items():
        wall, cpu = ran.whole.wall / spent.wall, ran.whole.cpu / spent.cpu
        print(f"  {name:40}{spent.wall:9.2f}{wall:8.1f} x{spent.cpu:9.2f}{cpu:8.1f} x")
    print("  goal: 3 x the last line")


class Accuracy(NamedTuple):
    """What became of the figures that the reports of the corpus state, as shares of them."""

    stated: int
    right: int
    wrong: int
    conflict: int
    claimed: int

    def __str__(self) -> str:
        found = f"{self.right / self.stated:.4f} found with their value, {self.wrong / self.stated:.4f} with another"
        more = f"{self.conflict / self.stated:.4f} as conflicts; {self.claimed} cells that no slot states"
        return f"{self.stated} figures stated: {found}, {more}"


def accuracy(truth: Path, home: Path) -> Accuracy:
    """Compare the current release with the truth."""
    with duckdb.connect(str(home / "nianbao.duckdb"), read_only=True) as connection:
        return Accuracy(*connection.execute(COMPARED, [str(truth)]).fetchall()[0])


COMPARED = """
WITH wanted AS (
    SELECT township_code, report_year::BIGINT AS report_year, indicator, any_value(value::DECIMAL(38, 9)) AS value
    FROM read_csv($1, header = true, all_varchar = true) GROUP BY ALL
),
both_told AS (
    SELECT w.indicator IS NOT NULL AS stated, o.indicator IS NOT NULL AS found, o.value, w.value AS told
    FROM wanted w FULL JOIN observations o USING (township_code, report_year, indicator)
)
SELECT count_if(stated), count_if(stated AND found AND value = told), count_if(stated AND found AND value <> told),
       count_if(stated AND found AND value IS NULL), count_if(NOT stated)
FROM both_told
"""


@contextmanager
def place(keep: Path | None) -> Iterator[Path]:
    """A folder to work in: the one to keep, or one that goes away."""
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def show(name: str, ran: Ran, reports: int) -> None:
    print(f"\n{name}: {ran.processes} processes; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    columns = ("wall s", "CPU s", "server", "workers", "the rest", "MB")
    print(f"  {'':36}" + "".join(f"{column:>9}" for column in columns))
    for step, spent in [*ran.steps.items(), ("all of it", ran.whole)]:
        print(f"  {step:36}{spent}")
    print(f"  {reports / ran.whole.wall:.0f} reports a second", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--years", type=int, nargs="+", default=[2023])
    parser.add_argument("--late", type=int, default=50)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    parser.add_argument("--plain", action="store_true", help="text and pages alone, no Word, PDF, RTF, archives")
    parser.add_argument("--options", default="", help="further options of nianbao run, in one string")
    arguments = parser.parse_args()
    with place(arguments.keep) as root:
        made = corpus.corpus(arguments.reports + arguments.late, arguments.years, plain=arguments.plain)
        measure(root, made, arguments.late, f"-{max(arguments.years)}", arguments.options.split())


def measure(root: Path, reports: Iterator[corpus.Made], late: int, year: str, options: list[str]) -> None:
    folder, home, waiting = root / "in", root / "home", root / "late"
    for path in (folder, home, waiting):
        shutil.rmtree(path, ignore_errors=True)
    spent, (made, size) = timed(lambda: corpus.write(folder, reports))
    print(f"{made} reports, {size / 1e6:.1f} MB, made in {spent.wall:.1f} s", flush=True)
    count = made - late
    newest = [path for path in folder.rglob("*.*") if path.name.split(".")[0].endswith(year)]
    for path in sorted(newest, key=lambda path: sha256(path.name.encode()).digest())[:late]:
        beside = waiting / path.relative_to(folder)
        beside.parent.mkdir(parents=True, exist_ok=True)
        path.rename(beside)
    first = run(folder, home, *options)
    show(f"{count} reports", first, count)
    print(first.said)
    show("nothing new", run(folder, home, *options), count)
    if late:
        shutil.copytree(waiting, folder, dirs_exist_ok=True)
        show(f"{late} more", run(folder, home, *options), late)
    told = references(folder, home)
    compare(told, first)
    print(f"  {accuracy(folder.with_name('in.truth.csv'), home)}")


if __name__ == "__main__":
    main()
