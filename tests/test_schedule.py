"""Schedules: crons as Prefect understands them, what is due and why, and what the command keeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.command import main
from flows.cron import CronError, last_firing, next_firing, parse
from flows.home import Home, HomeError
from flows.journal import Past, Result
from flows.parameters import Occasion, Parameters
from flows.schedule import Schedule, make

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("cron", "now", "following", "last"),
    [
        ("0 3 2 4 *", "2026-04-02 02:59", "2026-04-02 03:00", "2025-04-02 03:00"),
        ("0 3 2 4 *", "2026-04-02 03:00", "2027-04-02 03:00", "2026-04-02 03:00"),
        ("0 3 * 1-6 1", "2026-06-30 12:00", "2027-01-04 03:00", "2026-06-29 03:00"),
        ("*/20 8-9 * * mon-fri", "2026-11-20 09:45", "2026-11-23 08:00", "2026-11-20 09:40"),
        ("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00", "2024-02-29 00:00"),
        ("0 0 1 * 7", "2026-11-23 00:00", "2026-11-29 00:00", "2026-11-22 00:00"),
        ("5,35 0 1 jan,jul *", "2026-01-01 00:05", "2026-01-01 00:35", "2026-01-01 00:05"),
    ],
)
def test_when_a_cron_fires(cron: str, now: str, following: str, last: str) -> None:
    assert next_firing(cron, "Asia/Shanghai", at(now)) == at(following)
    assert last_firing(cron, "Asia/Shanghai", at(now)) == at(last)


def test_the_thirtieth_of_february_never_comes() -> None:
    assert next_firing("0 0 30 2 *", "Asia/Shanghai", at("2026-01-01")) is None


@pytest.mark.parametrize(
    ("cron", "names"),
    [
        ("0 3 2 4", "four|4 fields"),
        ("60 3 2 4 *", "minute"),
        ("0 24 2 4 *", "hour"),
        ("0 3 0 4 *", "day of month"),
        ("0 3 2 13 *", "month"),
        ("0 3 2 4 8", "day of week"),
        ("0 3 5-2 4 *", "day of month"),
        ("*/0 3 2 4 *", "minute"),
        ("x 3 2 4 *", "minute"),
    ],
)
def test_what_is_no_cron_is_told_by_its_field(cron: str, names: str) -> None:
    with pytest.raises(CronError, match=names):
        parse(cron)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high).map(str)
    span = st.sets(st.integers(low, high), min_size=2, max_size=2).map(lambda pair: "{}-{}".format(*sorted(pair)))
    step = st.integers(2, 12).map(lambda by: f"*/{by}")
    return st.one_of(st.just("*"), one, span, step, st.lists(one, min_size=2, max_size=3).map(",".join))


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)).map(" ".join),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
)
def test_crons_fire_when_prefect_lets_them_fire(cron: str, now: datetime) -> None:
    from prefect._vendor.croniter import croniter

    moment = now.replace(tzinfo=SHANGHAI, microsecond=0)
    assert next_firing(cron, "Asia/Shanghai", moment) == croniter(cron, moment).get_next(datetime)


def schedule(**changes: Any) -> Schedule:
    plan: dict[str, Any] = {
        "registered": at("2026-03-01 00:00"),
        "parameters": Parameters(home="home"),
        "catch_up": None,
    }
    return Schedule(**{**plan, **changes})


def past(begun: str, result: Result, occasion: Occasion = "annual") -> Past:
    ended = None if result in {"running", "crashed"} else at(begun) + timedelta(minutes=9)
    return Past("id", at(begun), ended, occasion, result)


@pytest.mark.parametrize(
    ("now", "runs", "due"),
    [
        ("2026-04-01 12:00", [], None),
        ("2026-04-02 03:01", [], "missed 2026-04-02 03:00"),
        ("2026-05-20 10:00", [], "missed 2026-04-02 03:00"),
        ("2026-04-02 03:01", [past("2026-04-02 02:59:52", "running")], None),
        ("2026-04-02 04:00", [past("2026-04-02 03:00", "published")], None),
        ("2026-04-02 04:00", [past("2026-04-02 03:00", "gate_closed")], None),
        ("2026-04-02 04:00", [past("2026-04-02 03:00", "crashed")], "again after crashed"),
        ("2026-04-02 04:00", [past("2026-04-02 03:00", "failed")], "again after failed"),
        (
            "2026-04-02 04:00",
            [past("2026-04-02 03:00", "failed"), past("2026-04-02 03:30", "published", "missed")],
            None,
        ),
        ("2026-04-02 05:00", [past(f"2026-04-02 0{hour}:30", "failed") for hour in (2, 3, 4)], "again after failed"),
        ("2026-04-02 06:00", [past(f"2026-04-02 0{hour}:30", "failed") for hour in (3, 4, 5)], None),
        ("2027-04-02 03:01", [past("2026-04-02 03:00", "published")], "missed 2027-04-02 03:00"),
        ("2026-04-05 00:00", [past("2026-04-04 03:00", "published", "by hand")], "missed 2026-04-02 03:00"),
        ("2026-04-05 00:00", [past("2026-04-04 03:00", "running", "by hand")], None),
    ],
)
def test_what_is_due(now: str, runs: list[Past], due: str | None) -> None:
    assert schedule().due(at(now), runs) == due


def test_prefect_is_given_its_time_before_a_run_counts_as_missed() -> None:
    grace = timedelta(minutes=5)
    assert schedule().due(at("2026-04-02 03:04"), [], grace=grace) is None
    assert schedule().due(at("2026-04-02 03:05"), [], grace=grace) == "missed 2026-04-02 03:00"


def test_what_was_due_before_the_schedule_was_made_is_not_made_up_for() -> None:
    assert schedule(registered=at("2026-05-01 00:00")).due(at("2026-05-02 00:00"), []) is None


def test_the_next_run_is_the_earlier_of_both_crons() -> None:
    both = schedule(catch_up="0 3 * 1-6 1")
    assert both.next(at("2026-03-31 12:00")) == (at("2026-04-02 03:00"), "annual")
    assert both.next(at("2026-04-02 12:00")) == (at("2026-04-06 03:00"), "catch-up")
    assert schedule(annual=None).next(at("2026-04-02 12:00")) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"annual": "0 3 2 4"}, "fields"),
        ({"catch_up": "0 3 * 1-6 9"}, "day of week"),
        ({"zone": "Asia/Peking"}, "zone"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(wrong: dict[str, str], told: str) -> None:
    plan: dict[str, Any] = {"annual": "0 3 2 4 *", "catch_up": None, "zone": "Asia/Shanghai"}
    with pytest.raises(HomeError, match=told):
        make(Parameters(home="home"), **{**plan, **wrong})


def test_the_command_keeps_the_schedule_in_the_home(tmp_path: Path) -> None:
    source = tmp_path / "reports"
    source.mkdir()
    arguments = [str(source), "--year", "2023:2025", "--scope", "4451", "--catch-up", "", "--home", str(tmp_path / "h")]
    done = CliRunner().invoke(main, ["schedule", *arguments])
    assert done.exit_code == 0, done.output
    kept = Schedule.load(Home(tmp_path / "h"))
    assert kept is not None
    assert (kept.annual, kept.catch_up, kept.zone) == ("0 3 2 4 *", None, "Asia/Shanghai")
    assert kept.parameters == Parameters(
        home=str(tmp_path / "h"), sources=(str(source),), years=(2023, 2024, 2025), scope=("4451",)
    )
    assert "nianbao serve" in done.output
    gone = CliRunner().invoke(main, ["schedule", "--off", "--home", str(tmp_path / "h")])
    assert (gone.exit_code, Schedule.load(Home(tmp_path / "h"))) == (0, None)


@pytest.mark.parametrize("year", ["23", "2024:2019", "2019-2024", "1999", "x:2020", "2019:"])
def test_a_year_that_is_none_is_refused(tmp_path: Path, year: str) -> None:
    done = CliRunner().invoke(main, ["schedule", "--year", year, "--home", str(tmp_path)])
    if year == "2019:":  # a span without its end is the year itself
        assert done.exit_code == 0
    else:
        assert (done.exit_code, "is no year" in done.output) == (2, True)


def test_a_schedule_spoilt_by_hand_is_named_with_its_field(tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    path = schedule().save(home)
    path.write_text(path.read_text(encoding="utf-8").replace('"0 3 2 4 *"', '"soon"'), encoding="utf-8")
    with pytest.raises(HomeError, match=r"annual.*nianbao schedule"):
        Schedule.load(home)


def test_names_of_runs_tell_sources_years_and_occasion() -> None:
    names = {
        Parameters(home="h").label: "样本 sample",
        Parameters(home="h", sources=("/x/reports/",), years=(2019, 2020, 2021, 2024)).label: "reports 2019-2021, 2024",
        Parameters(home="h", sources=("sources.csv",), occasion="annual").label: "sources.csv · annual",
        Parameters(home="h", sources=("a.pdf", "b.pdf", "c.pdf")).label: "a.pdf, b.pdf +1",
    }
    assert list(names) == list(names.values())


def test_moments_are_told_apart_by_their_zone() -> None:
    early = next_firing("0 3 2 4 *", "Asia/Shanghai", datetime(2026, 4, 1, 18, 59, tzinfo=UTC))
    assert early == datetime(2026, 4, 1, 19, 0, tzinfo=UTC)
