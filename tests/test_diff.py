"""Differences between releases: every cell that differs is found once, with its cause, the largest change first."""

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from warehouse_rows import BING, JIA, RUN, TOWNSHIPS, YI, report, tables

from warehouse.diff import Diff, diff
from warehouse.printing import to_json
from warehouse.query import QueryError
from warehouse.release import publish

D = Decimal
A, B, C = report(JIA, 2023), report(YI, 2023), report(BING, 2023)
PENALTIES, MEDIATORS, PASS = "admin_penalty_cases", "people_mediators", "law_exam_pass_rate"
RATE = (PASS, "学法考试合格率")
CASES, PEOPLE, BOTH = (PENALTIES, "行政处罚案件数"), (MEDIATORS, "人民调解员数"), ("reported", "reported")
BASE = [(A, PENALTIES, "80"), (A, MEDIATORS, "12"), (B, PENALTIES, "7")]


OLD: dict[str, Path] = {}
"""The releases that others are compared with, by what they hold: most tests begin with the same one."""


def compare(tmp_path: Path, before: dict[str, Any], after: dict[str, Any], **run: str) -> Diff:
    if (held := repr(before)) not in OLD:
        OLD[held] = publish(tmp_path / "old", before, RUN._replace(run_id="before")).path
    new = publish(tmp_path / "new", after, RUN._replace(run_id="after", **run))
    return diff(OLD[held], new.path)


def test_the_same_values_are_the_same_release_whatever_the_run(tmp_path: Path) -> None:
    found = compare(tmp_path, tables([A, B], BASE), tables([A, B], BASE), rules="newer")
    assert found == Diff("before", "after", {}, (), {"rules": ("rules", "newer")}, 3)
    assert found.is_identical


def test_changed_vanished_and_appeared_cells_are_ranked_and_named(tmp_path: Path) -> None:
    after = tables(
        [A, B, C],
        [(A, PENALTIES, "160"), (B, PENALTIES, "70"), (C, MEDIATORS, "5"), (A, PASS, "98.9")],
    )
    found = compare(tmp_path, tables([A, B], BASE), after)
    assert [cell[:-1] for cell in found.cells] == [
        ("changed", "unknown", YI, "乙镇", 2023, *CASES, D(7), D(70), "case", *BOTH),
        ("changed", "unknown", JIA, "甲镇", 2023, *CASES, D(80), D(160), "case", *BOTH),
        ("vanished", "unknown", JIA, "甲镇", 2023, *PEOPLE, D(12), None, "person", "reported", None),
        ("appeared", "unknown", JIA, "甲镇", 2023, *RATE, None, D("98.9"), "percent", None, "reported"),
        ("appeared", "new_report", BING, "丙乡", 2023, *PEOPLE, None, D(5), "person", None, "reported"),
    ]  # fmt: skip
    assert found.counts == {
        ("appeared", "new_report"): 1, ("appeared", "unknown"): 1, ("changed", "unknown"): 2,
        ("vanished", "unknown"): 1,
    }  # fmt: skip
    assert (found.total, found.compared, found.is_identical) == (5, 4, False)


@pytest.mark.parametrize(
    ("report_after", "cell", "run", "cause"),
    [
        (A, {"status": "corrected", "machine_value": D(80)}, {"rules": "r2"}, "correction"),
        (A._replace(report_id="other"), {}, {"rules": "r2"}, "replaced"),
        (A._replace(sha256="cd" * 32), {}, {}, "replaced"),
        (A._replace(rules="r2"), {}, {"dictionary": "d2"}, "rules"),
        (A, {}, {"dictionary": "d2", "registry": "g2"}, "dictionary"),
        (A, {}, {"registry": "g2"}, "registry"),
        (A, {}, {}, "unknown"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_why_a_cell_changed(
    tmp_path: Path, report_after: Any, cell: dict[str, Any], run: dict[str, str], cause: str
) -> None:
    before = tables([A], [(A, PENALTIES, "80")])
    after = tables([report_after], [(report_after, PENALTIES, "81")])
    after["observations"] = [after["observations"][0]._replace(**cell)]
    assert compare(tmp_path, before, after, **run).counts == {("changed", cause): 1}


def test_a_report_that_is_kept_out_takes_its_cells_with_it(tmp_path: Path) -> None:
    before = tables([A, B], BASE)
    after = tables([A, B._replace(status="quarantined")], BASE)
    assert compare(tmp_path, before, after).counts == {("vanished", "report_gone"): 1}


@pytest.mark.parametrize(
    "changed",
    [
        {"qualifier": "about"},
        {"value_high": D(90)},
        {"value": None, "status": "conflict", "ordinal": None},
        {"value": D(0), "status": "stated_zero"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_more_than_the_value_makes_a_cell_differ(tmp_path: Path, changed: dict[str, Any]) -> None:
    before = tables([A], [(A, PENALTIES, "80")])
    after = {**before, "observations": [before["observations"][0]._replace(**changed)]}
    assert compare(tmp_path, before, after).counts == {("changed", "unknown"): 1}


def test_random_releases_agree_with_a_plain_comparison(tmp_path: Path) -> None:
    draw = random.Random(7)
    reports = [report(town.township_code, year) for town in TOWNSHIPS[:4] for year in (2021, 2022, 2023)]
    codes = (PENALTIES, MEDIATORS, PASS)
    sides = [[(of, code, str(draw.randrange(4))) for of in reports for code in codes if draw.random() < 0.7]
             for _ in range(2)]  # fmt: skip
    old, new = ({(of.township_code, of.report_year, code): D(value) for of, code, value in side} for side in sides)
    found = compare(tmp_path, tables(reports, sides[0]), tables(reports, sides[1]))
    told = {(cell.township_code, cell.report_year, cell.indicator): (cell.before, cell.after) for cell in found.cells}
    assert told == {key: (old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)}


def test_the_json_has_the_counts_of_all_and_the_first_cells(tmp_path: Path) -> None:
    old = publish(tmp_path, tables([A, B], BASE), RUN._replace(run_id="before"))
    new = publish(tmp_path, tables([A], []), RUN._replace(run_id="after"))
    told = json.loads(to_json(diff(old.path, new.path, shown=1).as_dict()), parse_int=D)
    assert (told["shown"], told["identical"], told["counts"]) == (
        1, False,
        [{"change": "vanished", "cause": "report_gone", "cells": 1},
         {"change": "vanished", "cause": "unknown", "cells": 2}],
    )  # fmt: skip
    assert (told["cells"][0]["before"], told["cells"][0]["after"], told["cells"][0]["size"]) == (D(80), None, None)


def test_what_is_no_release_is_said(tmp_path: Path) -> None:
    path = publish(tmp_path, tables([A], []), RUN).path
    with pytest.raises(QueryError, match=r"there is no release at .*none: 'nianbao releases' lists them"):
        diff(path, tmp_path / "none")
    (tmp_path / "text").write_text("no database", encoding="utf-8")
    with pytest.raises(QueryError, match="cannot be compared"):
        diff(path, tmp_path / "text")
