"""What is expected of the reports: one for a registered township and year, with a text and a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from expectations.frames import as_frame
from expectations.rows import REQUIRED, RowRule, Suite, missing
from warehouse.contracts import REPORTS

if TYPE_CHECKING:
    from expectations.frames import Frames

FIRST_YEAR = 2004
"""The first year with such reports: the outline of 2004 (全面推进依法行政实施纲要) asked governments for them."""
LAST_YEAR = 2100


def _batch(frames: Frames) -> pd.DataFrame:
    batch = as_frame(
        frames.tables["reports"],
        ("report_id", "township_code", "report_year", "sha256", "characters", "damage", "status", "source_uri"),
    )
    batch["missing"] = missing(frames, REPORTS)
    batch["place"] = frames.registered(batch["township_code"])
    # Superseded reports stay in the table beside the one that superseded them: each is its own cell here.
    batch["cell"] = batch["report_id"].where(batch["status"] == "superseded", "")
    return batch


RULES = (
    REQUIRED,
    RowRule(
        "township_unknown",
        "ExpectReportTownshipsToBeRegistered",
        "critical",
        ("township_code", "place"),
        lambda frame: frame["place"] != "",
        "登记册中没有乡级代码{township_code}。",
        "the registry has no township {township_code}.",
    ),
    RowRule(
        "year_out_of_range",
        "ExpectReportYearsToBePlausible",
        "critical",
        ("report_year", "report_id"),
        lambda frame: frame["report_year"].between(FIRST_YEAR, LAST_YEAR),
        "报告年度{report_year}不可能。",
        "its year {report_year} cannot be.",
    ),
    RowRule(
        "digest_malformed",
        "ExpectSnapshotDigestsToBeSha256",
        "critical",
        ("sha256", "report_id"),
        lambda frame: frame["sha256"].str.fullmatch("[0-9a-f]{64}").fillna(False).astype(bool),
        "原件摘要不是SHA-256。",
        "its digest is no SHA-256.",
    ),
    RowRule(
        "text_empty",
        "ExpectReportsToHaveText",
        "critical",
        ("characters", "report_id"),
        lambda frame: frame["characters"] > 0,
        "正文为空。",
        "its text is empty.",
    ),
    RowRule(
        "text_damaged",
        "ExpectReportTextsToBeWhole",
        "info",
        ("damage", "characters"),
        lambda frame: frame["damage"] == 0,
        "正文有{damage}处损坏未能修复；请尽可能取得完好的原件。",
        "its text has {damage} damaged places that could not be repaired; get a sound original if you can.",
    ),
)

SUITE = Suite(REPORTS, _batch, RULES, domains=("status",), unique=("township_code", "report_year", "cell"))
