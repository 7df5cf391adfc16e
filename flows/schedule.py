"""The schedule of a home: when its runs begin without anybody asking, and with which parameters.

Kept in ``schedule.json`` of the home. Two crons: the annual run, after the statutory 1 April by which reports are to be
public, and catch-up runs for latecomers, which cost next to nothing when nothing is new.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from flows.cron import last_firing, next_firing, parse
from flows.home import Home, HomeError
from flows.journal import Past
from flows.parameters import Parameters
from warehouse.snapshots import write_atomically

ANNUAL = "0 3 2 4 *"
"""2 April, 3 in the morning: the first night after the last day on which a report may appear in time."""
CATCH_UP = "0 3 * 1-6 1"
"""Mondays from January to June: those that are early, and those that are late."""
ZONE = "Asia/Shanghai"
TRIES = 3
"""Times that a run which comes to no end is begun for one firing of the crons; a person was told each time."""
EARLY = timedelta(seconds=30)
"""Prefect starts the process of a run up to ten seconds before its time."""


class Schedule(BaseModel):
    """When runs begin, and what they are asked to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    annual: str | None = Field(default=ANNUAL, description="Cron of the annual run; null: none.")
    catch_up: str | None = Field(default=CATCH_UP, description="Cron of the catch-up runs; null: none.")
    zone: str = Field(default=ZONE, description="Time zone in which the crons are meant.")
    registered: datetime = Field(description="Since when: what was due earlier is not made up for.")
    parameters: Parameters

    @field_validator("annual", "catch_up")
    @classmethod
    def _is_cron(cls, value: str | None) -> str | None:
        if value is not None:
            parse(value)
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone: give one such as {ZONE}") from error
        return value

    @property
    def crons(self) -> dict[str, str]:
        """The crons by occasion."""
        both = {"annual": self.annual, "catch-up": self.catch_up}
        return {occasion: cron for occasion, cron in both.items() if cron}

    def next(self, now: datetime) -> tuple[datetime, str] | None:
        """When the next run begins, and on which occasion; None if never."""
        moments = [(at, occasion) for occasion, cron in self.crons.items() if (at := next_firing(cron, self.zone, now))]
        return min(moments) if moments else None

    def due(self, now: datetime, past: list[Past], *, grace: timedelta = timedelta(0)) -> str | None:
        """Why a run ought to begin now though no cron fires: one was missed or came to no end; None if none ought.

        Prefect alone does not see to this: registering a deployment again, as every start of the service does, deletes
        the runs that were late. Runs begun by hand do not count, since they may have read something else.

        Args:
            now: The present.
            past: The runs of the home, oldest first.
            grace: How long Prefect is given to begin a run by itself, and a failure to pass.
        """
        fired = [at for cron in self.crons.values() if (at := last_firing(cron, self.zone, now))]
        latest = max(fired, default=self.registered)
        if latest <= self.registered or any(one.running for one in past):
            return None
        tries = [one for one in past if one.occasion != "by hand" and one.begun >= latest - EARLY]
        if not tries:
            return f"missed {latest:%Y-%m-%d %H:%M}" if now - latest >= grace else None
        last = tries[-1]
        if any(one.well for one in tries) or len(tries) >= TRIES or now - (last.ended or last.begun) < grace:
            return None
        return f"again after {last.result}"

    def save(self, home: Home) -> Path:
        """Keep it in the home."""
        path = path_of(home)
        write_atomically(path, (self.model_dump_json(indent=1) + "\n").encode())
        return path

    @classmethod
    def load(cls, home: Home) -> Self | None:
        """The home's schedule; None if it has none.

        Raises:
            HomeError: if the file was changed by hand into something that cannot be meant.
        """
        path = path_of(home)
        if not path.exists():
            return None
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise HomeError(f"{path}: {explain(error)}; run nianbao schedule again") from error


def path_of(home: Home) -> Path:
    """Where a home keeps its schedule."""
    return home.root / "schedule.json"


def make(parameters: Parameters, *, annual: str | None, catch_up: str | None, zone: str) -> Schedule:
    """A schedule that counts from now.

    Raises:
        HomeError: if a cron or the time zone cannot be meant.
    """
    try:
        now = datetime.now(UTC).replace(microsecond=0)
        return Schedule(annual=annual, catch_up=catch_up, zone=zone, registered=now, parameters=parameters)
    except ValidationError as error:
        raise HomeError(explain(error)) from error


def explain(error: ValidationError) -> str:
    """Pydantic's findings in a line: where, and what is wrong."""
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
