"""Growth: the steps behind the extraction, from staged batches to release and run report, over ever more reports.

    python bench/scale.py SEED_LAKE --reports 1000 5000 20000 41352 100000 [--years 10] [--into docs/scale.csv]

Extraction is independent from document to document, so that it need not be done anew to see how the rest grows.
``SEED_LAKE`` is the lake of a real run over the synthetic (合成) corpus (``bench/country.py --keep``): its reports are
told again under other townships and years, as staged batches of 500, with texts, mentions and observations of the same
size. Each telling has characters of its own in place of the commonest ones, and its counts raised by a share of its
own, doubled at most, so that it is not found to be a copy and has no more findings than the corpus; places in the text
stay true. The late ones are the newest year's of townships all over the registry, whose other years are there. With
``--into`` the measurements go to a CSV file (those of the
same size replaced) and, drawn, to an SVG beside it. Everything from then on is the project's own steps, in a process
of its own for each size; memory is that process's peak (RSS), to which a run adds Prefect's server (0.24 GB). With
``--keep`` the home stays, with what each step gave; a run that ended early goes on there.
"""

from __future__ import annotations

import argparse
import csv
import json
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows import artifacts, batches, steps
from flows.acquisition import Acquired
from flows.home import Home
from flows.parameters import Parameters
from transforms.registry import Registry
from warehouse.contracts import MENTIONS, OBSERVATIONS, REFUSALS, REPORTS, SOURCES, TEXTS, Source
from warehouse.lake import Lake
from warehouse.schema import arrow_schema, to_arrow

BATCH = 500
COMMON = "的和工"
"""Characters in nearly every sentence; each telling has others in their place, so that its sentences are its own."""
DOUBLED = 800
"""The telling whose counts are twice the seeds': that of the last of 400,000 reports."""
COUNTS = {"value", "value_high", "machine_value"}


def seeds(lake: Lake, count: int) -> tuple[list[str], dict[str, list[pa.Table]]]:
    """The townships, and each report's rows of each table, of ``count`` reports of a lake."""
    reports = lake.read(REPORTS)
    reports = reports.filter(pc.equal(reports.column("status"), "published")).slice(0, count)
    ids = reports.column("report_id")
    tables = {contract.name: lake.read(contract) for contract in (MENTIONS, OBSERVATIONS, TEXTS)}
    tables = {name: table.filter(pc.is_in(table.column("report_id"), value_set=ids)) for name, table in tables.items()}
    return ids.to_pylist(), {REPORTS.name: reports, **tables}


def told(table: pa.Table, telling: int, places: dict[str, tuple[str, str, int, str, str]]) -> pa.Table:
    """A table of the seeds' rows as of other townships and years: ``places`` gives each report's new identity."""
    old = table.column("report_id").to_pylist()
    new = [places[report_id] for report_id in old]
    known: dict[str, Any] = {
        "report_id": [one[0] for one in new],
        "township_code": [one[1] for one in new],
        "report_year": [one[2] for one in new],
        "sha256": [one[3] for one in new],
        "source_uri": [f"file:///synthetic/{one[0]}.txt" for one in new],
        "run_id": [one[4] for one in new],
    }
    factor = pa.scalar(1 + telling / DOUBLED)
    units = table.column("unit") if "unit" in table.column_names else pa.nulls(table.num_rows, pa.string())
    percent = pc.is_in(units, value_set=pa.array(["%", "‰", "percent"]))
    for at, field in enumerate(table.schema):
        column = table.column(at)
        if field.name in known:
            column = pa.array(known[field.name], type=field.type)
        elif field.name in COUNTS:
            scaled = pc.multiply(pc.cast(column, pa.float64()), factor)
            column = pc.if_else(percent, column, pc.cast(pc.round(scaled, 2), field.type, safe=False))
        elif pa.types.is_string(field.type) and field.name in {"text", "sentence", "surface", "head"}:
            for place, character in enumerate(COMMON):
                column = pc.replace_substring(column, character, chr(0x4E00 + 3 * (telling % 6000) + place))
        table = table.set_column(at, field, column)
    return table


def numbers_of(which: str, reports: int, years: int, late: int) -> list[int]:
    """The numbers of the reports that a run brings, ``all`` or the ``late`` ones: the newest of every so manieth place.

    A report's number tells its place, which has as many numbers as years, and its year, the newest first.
    """
    total = reports + late
    apart = max(1, total // years // max(1, late))
    held_back = {years * apart * number for number in range(late)}
    return [number for number in range(total) if (number in held_back) == (which == "late")]


def stage(work: Path, lake: Lake, numbers: Sequence[int], years: int, run_id: str) -> None:
    """Stage the reports of these numbers, over the registry's townships and some years, and ``sources.parquet``."""
    ids, tables = seeds(lake, BATCH)
    codes = [row.township_code for row in Registry.load().rows()]
    work.mkdir(parents=True, exist_ok=True)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    with pq.ParquetWriter(work / "sources.parquet", arrow_schema(SOURCES)) as sources:
        for telling, some in groupby(numbers, lambda number: number // len(ids)):
            places: dict[str, tuple[str, str, int, str, str]] = {}
            for number in some:
                seed = ids[number % len(ids)]
                code, year = codes[(number // years) % len(codes)], 2023 - number % years
                digest = sha256(f"{code}-{year}".encode()).hexdigest()
                places[seed] = (f"{code}-{year}-{digest[:8]}", code, year, digest, run_id)
            wanted = pa.array(list(places))
            folder = work / f"batch-{telling:06}"
            staged = Lake(folder)
            for contract in (REPORTS, TEXTS, MENTIONS, batches.CHOSEN):
                rows = tables[contract.name]
                rows = rows.filter(pc.is_in(rows.column("report_id"), value_set=wanted))
                staged.write(contract, told(rows, telling, places))
            staged.write(REFUSALS, [])
            (folder / "failures.log").write_text("", encoding="utf-8")
            uris = {one[3]: f"file:///synthetic/{one[0]}.txt" for one in places.values()}
            sources.write_table(to_arrow(SOURCES, [Source(*one, at, 9000, None, None) for one in uris.items()]))


def staged(work: Path, seed: Path, which: str, size: Sequence[int], run_id: str) -> tuple[list[Path], pa.Table]:
    """The same in a process of its own, whose memory is not measured: the batches, and their sources.

    ``size`` is the number of reports, of years and of late reports.
    """
    options = [f"--{name}={number}" for name, number in zip(("reports", "years", "late"), size, strict=True)]
    subprocess.run([sys.executable, __file__, seed, *options, "--stage", work, which, run_id], check=True)
    return sorted(work.glob("batch-*")), pq.read_table(work / "sources.parquet").cast(arrow_schema(SOURCES))


class Peak(threading.Thread):
    """The most memory (RSS) that this process had since it was last asked."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0

    def run(self) -> None:
        while True:
            self.most = max(self.most, rss())
            time.sleep(0.02)

    def ask(self) -> int:
        most, self.most = max(self.most, rss()), 0
        return most


def rss() -> int:
    """Memory of this process in MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1000


@contextmanager
def place(beside: Path, keep: Path | None) -> Iterator[Path]:
    """A folder for the home: the one to keep, or one that goes away."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
    else:
        with tempfile.TemporaryDirectory(dir=beside) as folder:
            yield Path(folder)


def one(seed: Path, reports: int, years: int, late: int, keep: Path | None = None) -> list[dict[str, Any]]:
    """Measure one size in this process, then a run with ``late`` more; the rows of the CSV file."""
    rows: list[dict[str, Any]] = []
    artifacts.leave_artifacts = lambda *_: None  # there is no Prefect here
    with place(seed.parent, keep) as folder:
        home = Home(folder / "home").open()
        peak = Peak()
        peak.start()
        for name in ("all", "late"):

            def acquire(name: str = name) -> Any:
                home.clear()
                run_id = sha256(f"{reports}{name}".encode()).hexdigest()[:12]
                paths, found = staged(home.work, seed, name, (reports, years, late), run_id)
                sources = pa.concat_tables([Lake(home.lake).read(SOURCES), found])
                sources = sources.sort_by([(key, "ascending") for key in SOURCES.key])
                return Acquired(run_id, sources, [], Parameters(home=str(home.root))), paths

            done = folder / name
            done.mkdir(exist_ok=True)
            began = time.perf_counter()
            acquired, paths = reached(done / "acquire", acquire)
            print(f"{reports} reports ({name}; staged in {time.perf_counter() - began:.0f} s)", flush=True)
            rows += [{"reports": reports, "run": name, **row} for row in through(home, acquired, paths, peak, done)]
        size = sum(path.stat().st_size for path in home.lake.rglob("*.parquet")) / 1e6
        print(f"  lake {size:.0f} MB, release {home.current.stat().st_size / 1e6:.0f} MB", flush=True)
    return rows


def reached(path: Path, work: Callable[[], Any]) -> Any:
    """What some work gave: read where an earlier run left it, done and left there otherwise."""
    if path.exists():
        with path.open("rb") as file:
            return pickle.load(file)
    result = work()
    beside = path.with_suffix(".tmp")
    with beside.open("wb") as file:
        pickle.dump(result, file)
    beside.replace(path)
    return result


def through(home: Home, acquired: Acquired, staged: list[Path], peak: Peak, done: Path) -> list[dict[str, Any]]:
    """The steps from reconciling to the run report, each timed: step, wall_s, cpu_s, peak_mb."""
    measured: list[dict[str, Any]] = []

    def timed(name: str, work: Callable[[], Any]) -> Any:
        row, result = reached(done / name, lambda: spent(name, work))
        measured.append(row)
        return result

    def spent(name: str, work: Callable[[], Any]) -> tuple[dict[str, Any], Any]:
        peak.ask()
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        most = peak.ask()
        print(f"  {name:10} {wall:8.1f} s {cpu:8.1f} s CPU   peak {most:5} MB", flush=True)
        return {"step": name, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "peak_mb": most}, result

    tables = timed("reconcile", lambda: steps.reconcile(home, acquired, staged))
    checked = timed("validate", lambda: steps.validate(home, acquired, tables))
    release = timed("publish", lambda: steps.publish(home, acquired, tables, checked))
    outcome = timed("report", lambda: steps.report(home, acquired, tables, checked, release, {}))
    print(f"  {outcome.mentions:,} mentions, {outcome.observations:,} observations, {outcome.warnings:,} warnings")
    print(f"  {sum(checked.validation.counts.values()):,} findings; published: {outcome.published}", flush=True)
    return measured


def keep(path: Path, rows: list[dict[str, Any]]) -> None:
    """Put measurements into a CSV file in the place of those of the same sizes, and draw all that it then has."""
    sizes = {row["reports"] for row in rows}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if int(row["reports"]) not in sizes] + rows
    rows.sort(key=lambda row: int(row["reports"]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["reports", "run", "step", "wall_s", "cpu_s", "peak_mb"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    path.with_suffix(".svg").write_text(drawn(rows), encoding="utf-8")


def drawn(rows: list[dict[str, Any]]) -> str:
    """CPU seconds of each step and peak memory, by number of reports, as SVG."""
    import altair as alt
    import vl_convert

    told = [{**row, "what": "everything" if row["run"] == "all" else "late reports"} for row in rows]
    base = alt.Chart(alt.Data(values=told)).mark_line(point=True)  # type: ignore[no-untyped-call]
    x = alt.X("reports:Q", title="reports", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s"))
    times = base.encode(
        x=x,
        y=alt.Y("cpu_s:Q", title="CPU s", scale=alt.Scale(type="log")),
        color=alt.Color("step:N", title=None),
        strokeDash=alt.StrokeDash("what:N", title=None),
    )
    memory = base.encode(
        x=x,
        y=alt.Y("max(peak_mb):Q", title="most memory of a step, MB", scale=alt.Scale(zero=True)),
        strokeDash=alt.StrokeDash("what:N", title=None),
    )
    panels = [chart.properties(width=330, height=260) for chart in (times, memory)]
    chart = alt.hconcat(*panels).configure(background="white", font="sans-serif")
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seed", type=Path)
    parser.add_argument("--reports", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--late", type=int, default=50)
    parser.add_argument("--into", type=Path, help="CSV file for the measurements")
    parser.add_argument("--keep", type=Path, help="work in this folder, leave it, and go on where it ended")
    parser.add_argument("--here", type=Path, help="in this process, the first size only; its rows go to this file")
    parser.add_argument("--stage", nargs=3, metavar=("FOLDER", "WHICH", "RUN"), help="stage all, or late, and no more")
    arguments = parser.parse_args()
    if arguments.stage:
        folder, which, run_id = arguments.stage
        numbers = numbers_of(which, arguments.reports[0], arguments.years, arguments.late)
        stage(Path(folder), Lake(arguments.seed), numbers, arguments.years, run_id)
        return
    if arguments.here:
        rows = one(arguments.seed.absolute(), arguments.reports[0], arguments.years, arguments.late, arguments.keep)
        arguments.here.write_text(json.dumps(rows), encoding="ascii")
        return
    for reports in arguments.reports:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "rows.json"
            options = ["--reports", str(reports), "--years", str(arguments.years), "--late", str(arguments.late)]
            options += ["--keep", str(arguments.keep.absolute() / str(reports))] if arguments.keep else []
            subprocess.run([sys.executable, __file__, str(arguments.seed), *options, "--here", told], check=True)
            if arguments.into:
                keep(arguments.into, json.loads(told.read_text(encoding="ascii")))


if __name__ == "__main__":
    main()
