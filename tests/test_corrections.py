"""Corrections: a person's decision holds as long as its evidence does, and is never lost or applied silently."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.corrections import Decision, Grounds, apply, decide, evidence_digest, findings
from warehouse import corrections
from warehouse.contracts import Correction, CorrectionAction, CorrectionOutcome, Observation
from warehouse.corrections import CorrectionsError

D = Decimal
SHAXI = "445103107"
DAY = date(2026, 11, 23)
REPORT = f"{SHAXI}-2023-ab"


def observed(
    indicator: str, value: str | None, ordinal: int | None = 1, *rivals: str, unit: str = "case"
) -> Observation:
    status = "conflict" if value is None else "reported"
    number = None if value is None else D(value)
    return Observation(SHAXI, 2023, indicator, number, None, unit, "exact", status, REPORT, ordinal, rivals, None)


def grounds(*observations: Observation, sentences: dict[int, str] | None = None) -> Grounds:
    return Grounds(
        {(one.township_code, one.report_year, one.indicator): one for one in observations},
        {(REPORT, ordinal): text for ordinal, text in (sentences or {1: "全年办理案件92宗。"}).items()},
        {(SHAXI, 2023): REPORT},
        {"admin_penalty_cases": "case", "admin_inspections": "case", "people_mediators": "person"},
    )


PENALTIES = (SHAXI, 2023, "admin_penalty_cases")


DIGEST = evidence_digest(observed("admin_penalty_cases", "92"), "全年办理案件92宗。")


def decision(action: CorrectionAction, value: str | None = None, remap_to: str | None = None) -> Decision:
    return Decision(action, None if value is None else D(value), remap_to, "原件第3页为91宗", "王芳", DAY)


def test_a_set_value_stands_beside_the_machines() -> None:
    before = grounds(observed("admin_penalty_cases", "92"))
    made = decide(PENALTIES, decision("set", "91"), before)
    assert made == Correction(
        *PENALTIES, "set", D(91), None, D(92), DIGEST, "原件第3页为91宗", "王芳", DAY,
    )  # fmt: skip
    applied = apply([made], before)
    assert applied.cells == {
        PENALTIES: Observation(
            *PENALTIES, D(91), None, "case", "exact", "corrected", REPORT, 1, (), D(92)
        )
    }  # fmt: skip
    assert applied.outcomes == (
        CorrectionOutcome(*PENALTIES, "set", "applied", D(92), D(91), "92 became 91", "原件第3页为91宗", "王芳", DAY),
    )
    assert findings(applied.outcomes, "run", before.reports) == []


def test_a_dropped_cell_has_no_value_but_remembers_it() -> None:
    before = grounds(observed("admin_penalty_cases", "92"))
    applied = apply([decide(PENALTIES, decision("drop"), before)], before)
    assert applied.cells[PENALTIES] == Observation(
        *PENALTIES, None, None, "case", "exact", "corrected", REPORT, 1, (), D(92)
    )


def test_a_confirmed_cell_stays_and_is_on_record() -> None:
    before = grounds(observed("admin_penalty_cases", "92"))
    applied = apply([decide(PENALTIES, decision("confirm"), before)], before)
    assert applied.cells == {}
    assert [(one.outcome, one.before, one.after) for one in applied.outcomes] == [("applied", D(92), D(92))]


def test_a_figure_moves_to_the_indicator_that_it_belongs_to() -> None:
    before = grounds(observed("admin_penalty_cases", "92"))
    made = decide(PENALTIES, decision("remap", remap_to="admin_inspections"), before)
    moved = (SHAXI, 2023, "admin_inspections")
    assert apply([made], before).cells == {
        PENALTIES: Observation(*PENALTIES, None, None, "case", "exact", "corrected", REPORT, 1, (), D(92)),
        moved: Observation(*moved, D(92), None, "case", "exact", "corrected", REPORT, 1, (), None),
    }


def test_a_figure_does_not_move_onto_another_or_into_another_unit() -> None:
    before = grounds(observed("admin_penalty_cases", "92"), observed("admin_inspections", "274", 2))
    onto = decide(PENALTIES, decision("remap", remap_to="admin_inspections"), before)
    into = decide(PENALTIES, decision("remap", remap_to="people_mediators"), before)
    assert [apply([one], before).outcomes[0].outcome for one in (onto, into)] == ["target_taken", "unit_differs"]
    emptied = decide((SHAXI, 2023, "admin_inspections"), decision("drop"), before)
    assert apply([onto, emptied], before).outcomes[1].outcome == "applied"


def test_a_cell_in_which_nothing_was_read_can_be_set_but_not_dropped() -> None:
    before = grounds()
    made = decide(PENALTIES, decision("set", "91"), before)
    assert apply([made], before).cells == {
        PENALTIES: Observation(*PENALTIES, D(91), None, "case", "exact", "corrected", REPORT, None, (), None)
    }
    dropped = apply([made._replace(action="drop", value=None)], before)
    assert (dropped.cells, dropped.outcomes[0].outcome) == ({}, "unmatched")


def test_a_conflict_is_settled_by_a_person_and_stale_when_the_rivals_change() -> None:
    before = grounds(observed("admin_penalty_cases", None, None, "3=92", "9=91"))
    made = decide(PENALTIES, decision("set", "91"), before)
    assert apply([made], before).cells[PENALTIES].rivals == ("3=92", "9=91")
    after = grounds(observed("admin_penalty_cases", None, None, "3=92", "9=90"))
    assert apply([made], after).outcomes[0].outcome == "stale"


@pytest.mark.parametrize(
    ("now", "sentences", "outcome"),
    [
        (observed("admin_penalty_cases", "93"), {1: "全年办理案件92宗。"}, "stale"),
        (observed("admin_penalty_cases", "92"), {1: "去年办理案件92宗。"}, "stale"),
        (observed("admin_penalty_cases", "92.000000"), {1: "全年办理案件92宗。"}, "applied"),
    ],
    ids=["another value", "another sentence", "the same, stored with zeros"],
)
def test_what_was_decided_against_other_evidence_is_not_applied(
    now: Observation, sentences: dict[int, str], outcome: str
) -> None:
    made = decide(PENALTIES, decision("set", "91"), grounds(observed("admin_penalty_cases", "92")))
    applied = apply([made], grounds(now, sentences=sentences))
    assert applied.outcomes[0].outcome == outcome
    assert bool(applied.cells) == (outcome == "applied")
    found = findings(applied.outcomes, "run", {(SHAXI, 2023): REPORT})
    assert [one.check for one in found] == ([] if outcome == "applied" else ["correction_not_applied"])


def test_without_its_report_or_its_indicator_a_correction_waits() -> None:
    made = decide(PENALTIES, decision("set", "91"), grounds())
    elsewhere = made._replace(report_year=2022)
    unknown = made._replace(indicator="no_such")
    assert [apply([one], grounds()).outcomes[0].outcome for one in (elsewhere, unknown)] == [
        "unmatched",
        "unknown_indicator",
    ]
    with pytest.raises(ValueError, match="no indicator 'no_such'"):
        decide((SHAXI, 2023, "no_such"), decision("set", "1"), grounds())
    with pytest.raises(ValueError, match="set needs a value"):
        decide(PENALTIES, decision("set"), grounds())


MADE = Correction(*PENALTIES, "set", D("3550000.50"), None, D(92), "ab12", "原件，含“引号”\n与换行", "王芳", DAY)


def test_a_decision_appended_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    corrections.append(path, MADE)
    corrections.append(path, MADE._replace(report_year=2022, action="drop", value=None))
    assert path.read_bytes().startswith(b"\xef\xbb\xbftownship_code,")
    assert corrections.read(path) == (MADE._replace(report_year=2022, action="drop", value=None), MADE)


def test_the_last_line_about_a_cell_holds_and_the_earlier_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    corrections.append(path, MADE)
    before = path.read_bytes()
    corrections.append(path, MADE._replace(value=D(7)))
    assert path.read_bytes().startswith(before)
    assert corrections.read(path) == (MADE._replace(value=D(7)),)
    assert corrections.history(path) == (MADE, MADE._replace(value=D(7)))


def test_a_file_that_excel_saved_in_china_is_read_and_kept_in_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    header = "author,reason,township_code,report_year,indicator,action,value,remap_to,expected,evidence,decided_on,备注"
    line = '王芳,核对原件,445103107,2023,penalty_fine_amount,set,"3,550,000",,,,2026/1/5,无'
    path.write_bytes(f"{header}\r\n{line}".encode("gb18030"))
    read = Correction(
        SHAXI, 2023, "penalty_fine_amount", "set", D(3550000), None, None, "", "核对原件", "王芳", date(2026, 1, 5)
    )
    assert corrections.read(path) == (read,)
    corrections.append(path, MADE._replace(reason="龙門"))
    assert [one.reason for one in corrections.history(path)] == ["核对原件", "龙門"]
    assert path.read_bytes().decode("gb18030").startswith(f"{header}\r\n{line}\r\n王芳,龙門,")


def test_mistakes_are_named_by_file_and_line_and_nothing_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    corrections.append(path, MADE._replace(reason="好"))
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write("4451,二三年,,put,x,,y,,,王芳,31.1.2026\r\n\r\n445103107,2023,a,drop,5,b,,,因,王芳,2026-1-31\r\n")
    with pytest.raises(CorrectionsError) as caught:
        corrections.read(path)
    assert [mistake.removeprefix(f"{path}:") for mistake in caught.value.mistakes] == [
        "3: township_code is '4451', not 9 digits",
        "3: report_year is '二三年', not a year",
        "3: action is 'put', not one of set, drop, confirm, remap",
        "3: indicator is empty",
        "3: reason is empty",
        "3: value is 'x', not a number",
        "3: expected is 'y', not a number",
        "3: decided_on is '31.1.2026', not a date such as 2024-01-31",
        "3: put takes no value: only set does",
        "5: drop takes no value: only set does",
        "5: drop takes no remap_to: only remap does",
    ]
    with pytest.raises(CorrectionsError):
        corrections.append(path, MADE)


def test_no_file_is_no_corrections_and_a_wrong_header_says_so(tmp_path: Path) -> None:
    assert corrections.read(tmp_path / "none.csv") == ()
    (tmp_path / "c.csv").write_text("township_code,report_year\n", encoding="utf-8")
    with pytest.raises(CorrectionsError, match=r"c.csv:1: columns indicator, action, .* are missing"):
        corrections.read(tmp_path / "c.csv")


YEARS = st.integers(1900, 2100)
REASONS = st.text(min_size=1).map(str.strip).filter(str.isprintable).filter(bool)
VALUES = st.decimals(-(10**9), 10**9, places=6)


@given(st.lists(st.tuples(YEARS, REASONS, VALUES), max_size=5))
def test_any_decision_survives_the_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, D]]
) -> None:
    path = tmp_path_factory.mktemp("home") / "corrections.csv"
    made = [MADE._replace(report_year=year, reason=reason, value=value) for year, reason, value in rows]
    for one in made:
        corrections.append(path, one)
    assert corrections.history(path) == tuple(made)
