"""Changes: the cells that differ from the last release, with the cause, ranked by size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from expectations.frames import as_frame
from warehouse.contracts import Run

CELL = ["township_code", "report_year", "indicator"]


def compare(before: Mapping[str, Any], after: Mapping[str, Any], last: Run | None, run: Run) -> pd.DataFrame:
    """The cells of two releases that differ.

    Args:
        before: The last release's ``reports`` and ``observations``; empty for the first release, which has no changes.
        after: The tables of this run, quarantined reports' observations taken out.
        last: The run of the last release.
        run: This run.

    Returns:
        One row a cell, the largest change first: the cell, ``kind`` (appeared, vanished, revised), ``cause``,
        ``before``,
        ``after`` (floats, NaN where missing), ``size`` (relative, 0 to 1).
    """
    columns = [*CELL, "kind", "cause", "before", "after", "size"]
    if "observations" not in before:
        return pd.DataFrame(columns=columns)
    names = [*CELL, "value", "status", "report_id"]
    both = as_frame(before["observations"], names).merge(
        as_frame(after["observations"], names), on=CELL, how="outer", suffixes=("_old", "_new"), indicator=True
    )
    same = (both["value_old"] == both["value_new"]) | (both["value_old"].isna() & both["value_new"].isna())
    both = both[~(same & (both["status_old"] == both["status_new"]))].copy()
    both["kind"] = (
        both["_merge"].map({"left_only": "vanished", "right_only": "appeared", "both": "revised"}).astype(str)
    )
    both["cause"] = _causes(both, before, after, last, run)
    both["before"], both["after"] = both["value_old"], both["value_new"]
    scale = both[["before", "after"]].abs().max(axis=1).clip(lower=1.0)
    both["size"] = ((both["after"] - both["before"]).abs() / scale).clip(upper=1.0).fillna(1.0)
    # Revisions first: what appears with a new report is news, what changes in an old one is a question.
    both["rank"] = both["kind"].map({"revised": 0, "vanished": 1, "appeared": 2})
    both["large"] = both[["before", "after"]].abs().max(axis=1).fillna(0.0)
    both = both.sort_values(["rank", "size", "large", *CELL], ascending=[True, False, False, True, True, True])
    return both[columns].reset_index(drop=True)


def _causes(both: pd.DataFrame, before: Mapping[str, Any], after: Mapping[str, Any], last: Run | None, run: Run) -> Any:
    """The cause of each difference, the first that applies."""
    names = ["report_id", "township_code", "report_year", "rules", "status"]
    old, new = as_frame(before["reports"], names), as_frame(after["reports"], names)
    had = pd.MultiIndex.from_frame(old[["township_code", "report_year"]])
    place = pd.MultiIndex.from_frame(both[["township_code", "report_year"]])
    quarantined = new[new["status"] == "quarantined"]
    has = pd.MultiIndex.from_frame(new[["township_code", "report_year"]])
    held = pd.MultiIndex.from_frame(quarantined[["township_code", "report_year"]])
    rules_old = both["report_id_old"].map(dict(zip(old["report_id"], old["rules"], strict=True)))
    rules_new = both["report_id_new"].map(dict(zip(new["report_id"], new["rules"], strict=True)))
    reports = set(new["report_id"])
    known = both["report_id_old"].notna() & both["report_id_new"].notna()
    # A cell that appears or vanishes within one and the same report has that report on one side only.
    kept = both["report_id_old"].isin(reports) | both["report_id_new"].isin(set(old["report_id"]))
    dictionary_only = last is not None and last.rules == run.rules and last.dictionary != run.dictionary
    reread = "dictionary_changed" if dictionary_only else "rules_changed"
    changed_rules = last is not None and (last.rules != run.rules or last.dictionary != run.dictionary)
    conditions = [
        (both["status_old"] == "corrected") | (both["status_new"] == "corrected"),
        ~place.isin(had),
        place.isin(held),
        ~place.isin(has),
        (known & (both["report_id_old"] != both["report_id_new"])) | (~known & ~kept),
        (known & (rules_old != rules_new)) | (changed_rules & kept),
    ]
    causes = ["correction", "new_report", "quarantined", "report_withdrawn", "report_replaced", reread]
    return np.select([np.asarray(condition, dtype=bool) for condition in conditions], causes, default="reading_changed")
