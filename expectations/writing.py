"""Writing: a run report into its folder, as JSON, as a page, and with its whole lists beside it."""

from __future__ import annotations

from pathlib import Path

from expectations.listings import write_lists
from expectations.page import page
from expectations.run_report import RunReport

CUT = """{name}.csv 与 {name}.parquet 只有 {total} 条中的 {listed} 条（{zh}）；全部可用以下命令查询：
{name}.csv and {name}.parquet have {listed} of {total} rows ({en}); for all of them:

    {rest}
"""
"""Stands beside a list that is not whole."""


def write_report(report: RunReport, folder: Path) -> tuple[Path, Path]:
    """Write ``report.json`` and ``report.html`` into a folder, and the whole lists beside them.

    Returns:
        The paths of the JSON and of the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_lists(report.lists, folder)
    for listing in (report.findings, report.values, report.changes, report.reports, report.missing, report.unmapped):
        if listing.listed is not None:
            zh, en = listing.cut_by
            cut = {"listed": listing.listed, "total": listing.total, "zh": zh, "en": en}
            told = CUT.format(name=listing.file, rest=listing.rest, **cut)
            (folder / f"{listing.file}.txt").write_text(told, encoding="utf-8")
    json_path, html_path = folder / "report.json", folder / "report.html"
    json_path.write_text(report.to_json(), encoding="utf-8")
    # The page comes last: where it stands, the report is whole.
    beside = html_path.with_suffix(".tmp")
    beside.write_text(page(report), encoding="utf-8")
    beside.replace(html_path)
    return json_path, html_path
