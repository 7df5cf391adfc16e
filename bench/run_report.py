"""The run report of 5,000 reports and 20,000 findings: how long it takes to build, how large it is, how soon it opens.

    python bench/run_report.py [TOWNS]      1,000 towns x 5 years by default, synthetic (合成)

The reference for opening is an empty page in the same browser.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from planted import corpus
from playwright.sync_api import sync_playwright

from expectations.building import RunInputs, build_report
from expectations.checking import CheckContext
from expectations.gate import validate
from expectations.shelf import Shelf, arrow_of
from expectations.writing import write_report
from warehouse.contracts import FINDINGS, Run
from warehouse.coverage import coverage


def timed(name, work):
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    print(f"{name:24} {time.perf_counter() - start:6.2f} s {time.process_time() - cpu:6.2f} s CPU", flush=True)
    return result


def opened(browser, uri, width):
    """Wall seconds until the page is laid out, and CPU seconds of its main thread, which nothing else disturbs."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    start = time.perf_counter()
    page.goto(uri)
    page.evaluate("document.body && document.body.offsetHeight")
    spent = time.perf_counter() - start
    metrics = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return f"{spent:.2f} s ({metrics['TaskDuration']:.2f} s CPU)"


def main():
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    tables = corpus(towns, 5, seed=2, every=3).tables
    context = CheckContext("bench", scope=("99",))
    validation = timed("validate", lambda: validate(tables, context))
    shelf = Shelf.of({**tables, "findings": arrow_of(FINDINGS, validation.findings)})
    run = Run("bench", "0", "r", "d", "g", 0, 0, 0, 0, 0, 0, 0)
    areas = timed("coverage", lambda: coverage(tables, context.scope))
    report = timed("build", lambda: build_report(RunInputs(run, "published", shelf, validation, context, areas)))
    with tempfile.TemporaryDirectory() as folder:
        json_path, html_path = timed("write", lambda: write_report(report, Path(folder)))
        sizes = f"{json_path.stat().st_size / 1e6:.2f} MB, report.html {html_path.stat().st_size / 1e6:.2f} MB"
        print(f"{report.reports.total:,} reports, {report.findings.total:,} findings; report.json {sizes}")
        empty = Path(folder) / "empty.html"
        empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for width in (1280, 390):
                base, full = (opened(browser, path.as_uri(), width) for path in (empty, html_path))
                print(f"opens in {full} at {width} px; an empty page in {base}")
            browser.close()


if __name__ == "__main__":
    main()
