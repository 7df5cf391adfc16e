"""The warehouse at the size of the country: building a release, answering questions, comparing releases.

The data is synthetic (``bench/warehouse_data.py``). First every question of the cookbook, with its own SQL, about one
county and its townships; then questions about the whole country. Where a question can be put to them, the same SQL is
asked of SQLite (indexed on what the questions filter by) and the same thing of pandas, on the same rows in the same
run; what counts is the ratio, the machine being what it is. Of several answers to the same question the median counts.

    .venv/bin/python bench/questions.py [--townships 41000] [--years 10] [--home DIR] [--skip-references]

The whole size (400,000 reports) takes 10 to 15 minutes, 6 GB of memory and 5 GB of disk; 4100 townships a tenth of
that. ``--home`` keeps the release for the next time. (This file is not called warehouse.py, since a script's folder
comes first among the places where Python looks for a package of that name.)
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
from warehouse_data import build_lake, findings, indicators, townships

from seeds import demo
from warehouse.contracts import Run
from warehouse.cookbook import recipes
from warehouse.diff import diff
from warehouse.query import connect
from warehouse.release import publish

DOCS = Path(__file__).parent.parent / "docs"
NAMED = ("甲河镇", "乙山镇", "庚塘镇", "壬坪镇", "己堡镇")
"""Townships that the cookbook names."""
YEAR, INDICATOR = 2023, "admin_inspections"
RUN = Run("bench", "0", "rules", "dictionary", "registry", 0, 0, 0, 0, 0, 0, 0)


def cookbook(connection: duckdb.DuckDBPyConnection, code: str) -> dict[str, str]:
    """The cookbook's questions in its own SQL, asked about the county of a township and about five of its units."""
    county = code[:6]
    units = "SELECT township FROM townships WHERE starts_with(township_code, ?) ORDER BY township_code LIMIT 5"
    names = [row[0] for row in connection.execute(units, [county]).fetchall()]
    found = {}
    for recipe in recipes((DOCS / "cookbook.md").read_text(encoding="utf-8")):
        sql = recipe.sql.replace(demo.COUNTY[0], county)
        for told, name in zip(NAMED, names, strict=True):
            sql = sql.replace(told, name)
        found[recipe.question.split("？")[1]] = sql
    return found


def country() -> dict[str, str]:
    """Questions about the whole country."""
    which = f"indicator = '{INDICATOR}' AND report_year = {YEAR}"
    return {
        "compare all units": f"FROM compare('{INDICATOR}', {YEAR}, '') LIMIT 100",
        "farthest from the province's mean": f"SELECT township, z_in_province FROM township_comparison WHERE {which}"
        " ORDER BY abs(z_in_province) DESC LIMIT 20",
        "largest changes": f"SELECT township, percent FROM year_over_year WHERE {which} AND comparable"
        " ORDER BY abs(percent) DESC LIMIT 20",
        "totals of all counties": f"SELECT county, total FROM county_totals WHERE {which} ORDER BY total DESC LIMIT 20",
        "per ten thousand people": f"SELECT township, per_10000_people FROM rates WHERE {which}"
        " ORDER BY 2 DESC NULLS LAST LIMIT 20",
        "coverage of provinces, all years": "FROM coverage WHERE level = 'province' ORDER BY report_year",
        "why cells are empty": f"SELECT reason, count(*) FROM absences WHERE {which} GROUP BY 1",
        "medians by province": f"SELECT province, median(value) FROM indicator_values WHERE {which} GROUP BY 1",
    }


def shared(code: str) -> dict[str, str]:
    """Questions in SQL that both DuckDB and SQLite understand, on the tables."""
    which = f"o.indicator = '{INDICATOR}' AND o.report_year = {YEAR}"
    return {
        "one report": "SELECT indicator, value FROM observations"
        f" WHERE township_code = '{code}' AND report_year = {YEAR}",
        "one series": "SELECT report_year, value FROM observations"
        f" WHERE township_code = '{code}' AND indicator = '{INDICATOR}' ORDER BY report_year",
        "top twenty": "SELECT t.township, o.value FROM observations o JOIN townships t USING (township_code)"
        f" WHERE {which} ORDER BY o.value DESC LIMIT 20",
        "means by province": "SELECT t.province, avg(o.value), count(*) FROM observations o"
        f" JOIN townships t USING (township_code) WHERE {which} GROUP BY 1 ORDER BY 1",
        "sums by year": f"SELECT report_year, sum(value) FROM observations WHERE indicator = '{INDICATOR}' GROUP BY 1",
        "change in a year": "SELECT count(*), avg(o.value - b.value) FROM observations o JOIN observations b"
        " ON b.township_code = o.township_code AND b.indicator = o.indicator"
        f" AND b.report_year = {YEAR - 1} WHERE {which}",
        "cells by indicator": "SELECT indicator, count(*) FROM observations GROUP BY 1 ORDER BY 2 DESC",
    }


def in_pandas(o: pd.DataFrame, t: pd.DataFrame, code: str) -> dict[str, Callable[[], object]]:
    """The same in pandas, on frames with categories for the texts."""

    def cells(year: int) -> pd.DataFrame:
        return o[(o["indicator"] == INDICATOR) & (o["report_year"] == year)]

    def change() -> float:
        both = cells(YEAR).merge(cells(YEAR - 1), on="township_code")
        return float((both["value_x"] - both["value_y"]).mean())

    def of_report() -> pd.DataFrame:
        return o[(o["township_code"] == code) & (o["report_year"] == YEAR)][["indicator", "value"]]

    def series() -> pd.DataFrame:
        return o[(o["township_code"] == code) & (o["indicator"] == INDICATOR)].sort_values("report_year")

    def means() -> pd.DataFrame:
        return cells(YEAR).merge(t, on="township_code").groupby("province")[["value"]].mean()

    def sums() -> pd.DataFrame:
        return o[o["indicator"] == INDICATOR].groupby("report_year")[["value"]].sum()

    def top() -> pd.DataFrame:
        return cells(YEAR).nlargest(20, "value").merge(t, on="township_code")

    return {
        "one report": of_report,
        "one series": series,
        "top twenty": top,
        "means by province": means,
        "sums by year": sums,
        "change in a year": change,
        "cells by indicator": o["indicator"].value_counts,
    }


def timed(ask: Callable[[], object], times: int = 5) -> tuple[float, float]:
    """Median wall and CPU milliseconds of a few; CPU is of all threads, and says more on a busy machine."""
    spent = []
    for _ in range(times):
        began, cpu = time.perf_counter(), time.process_time()
        ask()
        spent.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - cpu)))
    wall, cpu = zip(*spent, strict=True)
    return statistics.median(wall), statistics.median(cpu)


def ask_all(connection: duckdb.DuckDBPyConnection, title: str, asked: dict[str, str]) -> None:
    """Each question's time, and the median and the worst of all."""
    print(f"\n{title:70}{'rows':>6}{'wall ms':>10}{'CPU ms':>10}")
    spent = []
    for question, sql in asked.items():
        rows = len(connection.execute(sql).fetchall())
        spent.append(timed(lambda sql=sql: connection.execute(sql).fetchall()))
        print(f"{question:70}{rows:6}{spent[-1][0]:10.1f}{spent[-1][1]:10.1f}", flush=True)
    for what, of in (("median", statistics.median), ("worst", max)):
        wall, cpu = (of(times) for times in zip(*spent, strict=True))
        print(f"{what:76}{wall:10.1f}{cpu:10.1f}")


def compare_engines(release: Path, folder: Path, code: str) -> None:
    """The shared questions in DuckDB, SQLite and pandas."""
    with duckdb.connect(str(release), read_only=True) as source:
        sql = "SELECT township_code, report_year, indicator, value::DOUBLE AS value FROM observations"
        frame = source.execute(sql).df().astype({"township_code": "category", "indicator": "category"})
        places = source.execute("SELECT township_code, township, province FROM townships").df()
    lite = sqlite3.connect(folder / "reference.sqlite")
    lite.execute("PRAGMA journal_mode = OFF")  # nothing of the load is to be undone
    lite.execute("CREATE TABLE observations (township_code TEXT, report_year INT, indicator TEXT, value REAL)")
    lite.execute("CREATE TABLE townships (township_code TEXT PRIMARY KEY, township TEXT, province TEXT)")
    lite.executemany("INSERT INTO observations VALUES (?, ?, ?, ?)", frame.itertuples(index=False, name=None))
    lite.executemany("INSERT INTO townships VALUES (?, ?, ?)", places.itertuples(index=False, name=None))
    lite.execute("CREATE INDEX by_township ON observations (township_code, report_year)")
    lite.execute("CREATE INDEX by_indicator ON observations (indicator, report_year, township_code, value)")
    lite.execute("ANALYZE")
    pandas_ways = in_pandas(frame, places, code)
    print(f"\n{'same question, CPU ms':32}{'DuckDB':>10}{'SQLite':>10}{'ratio':>8}{'pandas':>10}{'ratio':>8}")
    with connect(release) as duck:
        for question, sql in shared(code).items():
            _, ours = timed(lambda sql=sql: duck.execute(sql).fetchall())
            _, theirs = timed(lambda sql=sql: lite.execute(sql).fetchall(), 3)
            _, frames = timed(pandas_ways[question], 3)
            print(f"{question:32}{ours:10.1f}{theirs:10.1f}{theirs / ours:8.1f}{frames:10.1f}{frames / ours:8.1f}")
    lite.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--townships", type=int, default=41_000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--skip-references", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        release = home / "nianbao.duckdb"
        units = townships(options.townships)
        if not release.exists():
            if not (home / "lake").exists():
                build_lake(home / "lake", units, options.years)
            began, cpu = time.perf_counter(), time.process_time()
            given = {"townships": units, "indicators": indicators(), "findings": findings(home / "lake", RUN.run_id)}
            made = publish(home, given, RUN, scope=list("123456789"))
            rows = {name: table["rows"] for name, table in made.manifest.tables.items()}
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(f"publish {wall:.0f} s wall, {cpu:.0f} s CPU, {made.manifest.bytes / 1e6:.0f} MB", rows)
        code = units.column("township_code")[units.num_rows // 3].as_py()
        with connect(release) as connection:
            ask_all(connection, "the cookbook, about one county", cookbook(connection, code))
            ask_all(connection, "about the country", country())
        began, cpu = time.perf_counter(), time.process_time()
        found = diff(release, release)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"diff of {found.compared:,} cells with themselves: {wall:.1f} s wall, {cpu:.1f} s CPU")
        if not options.skip_references:
            compare_engines(release, Path(folder), code)


if __name__ == "__main__":
    main()
