"""Reporting: what `nianbao report` prints of a run, from its report.json."""

from __future__ import annotations

import json
from pathlib import Path

from flows.home import Home
from flows.journal import past
from warehouse.contracts import FINDINGS, RUNS, Run
from warehouse.files import swap
from warehouse.lake import Lake
from warehouse.neutral import printable
from warehouse.printing import render
from warehouse.result import Result


class ReportError(Exception):
    """There is no such run report: what to do."""


def find_report(home: Home, run: str | None) -> Path:
    """The report.json of a run (or of the beginning of its id), of the newest by default.

    Raises:
        ReportError: there is none, or several begin so.
    """
    home.storage.bring_all(home.runs, "report.json")
    found = sorted(home.runs.glob(f"{run or ''}*/report.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise ReportError(
            f"there is no report of run {run or '(any)'} in {home.storage.told(home.runs)}: 'nianbao run' makes one"
        )
    if run and len(found) > 1:
        raise ReportError(f"several runs begin with {run}: {', '.join(path.parent.name for path in found)}")
    return found[-1]


def show_report(home: Home, run: str | None, *, as_json: bool) -> None:
    """Print a run's verdict, counts, next steps and worst findings, or the whole report as JSON."""
    path = find_report(home, run)
    text = path.read_text(encoding="utf-8")
    if as_json:
        print(text)
        return
    told = json.loads(text)
    verdict, counts, outcome = told["verdict"], told["counts"], told["run"]["outcome"]
    print(printable(f"{verdict['zh']}\n{verdict['en']}".replace("\n", " / ")))
    print(" · ".join(f"{name} {counts[name]}" for name in COUNTED if name != "published" or outcome == "published"))
    for action in verdict["actions_zh"]:
        print(f"- {printable(action)}")
    for row in told["findings"]["rows"][:10]:
        print(
            f"[{row['severity']}] {printable(row['township'])} {row['report_year'] or ''} {printable(row['message'])}"
        )
    print(home.storage.bring(path.with_name("report.html")))


COUNTED = ("reports", "published", "refused", "failed", "observations")
"""What is counted below the verdict; what a closed gate kept back was not published."""
SHOWN = ("finished_at", "run_id", "outcome", "published", "observations", "mapped", "critical", "warning")
LATEST = 12
"""Runs that the terminal shows; the page has all."""


def show_history(home: Home) -> None:
    """Write ``runs/history.html``, quality over all runs; print the last of them, and where the page is.

    Raises:
        ReportError: there is no run report yet.
    """
    from expectations.history import of_row, read_history, render_history

    find_report(home, None)
    for contract in (RUNS, FINDINGS):
        home.storage.bring_all(home.lake / contract.name)
    lake = Lake(home.lake)
    rows = [Run(*row) for row in lake.rows(RUNS)]
    ended = {run.run_id: run for run in past(home) if run.ended and run.result in {"published", "gate_closed"}}
    others = [
        of_row(row, one.ended.isoformat() if (one := ended.get(row.run_id)) and one.ended else "", "") for row in rows
    ]
    findings = {row.run_id: file for row in rows for file in lake.files(FINDINGS, row.run_id)}
    history = read_history(home.runs, others, findings)
    page = home.runs / "history.html"
    beside = page.with_suffix(".tmp")
    beside.write_text(render_history(history), encoding="utf-8")
    swap(beside, page)
    shown = [tuple(getattr(run, name) for name in SHOWN) for run in history.runs[-LATEST:]]
    for line in render(Result(SHOWN, shown)):
        print(line)
    print(home.storage.told(page))
