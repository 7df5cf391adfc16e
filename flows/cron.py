"""Cron: when a cron expression fires, told without Prefect, so that `nianbao status` answers at once.

Five fields (minute, hour, day of month, month, day of week), each ``*``, a number, a range ``1-6``, a step ``*/5`` or
a list of these; months and days of the week by name too (``jan``, ``mon``; 0 and 7 are Sunday). Where day of month and
day of week are both restricted, either will do, as in cron(5) and Prefect. A wall-clock time that a change of clocks
skips does not fire that day; China has had none since 1991.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: at for at, name in enumerate(_MONTHS, 1)}),
    ("day of week", 0, 7, {name: at for at, name in enumerate(_DAYS)}),
)
_HORIZON = timedelta(days=8 * 366)
"""How far to look: 29 February can be eight years away (1896 to 1904, 2096 to 2104)."""


class CronError(ValueError):
    """Not a cron expression: which field is wrong and what it may hold."""


class Cron(NamedTuple):
    """When an expression fires, field by field; ``either_day``: both kinds of day are given, and either will do."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def on(self, day: datetime) -> bool:
        """Whether it fires on the date of ``day``."""
        if day.month not in self.months:
            return False
        by_date, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_week if self.either_day else by_date and by_week


@cache
def parse(expression: str) -> Cron:
    """Read a cron expression.

    Raises:
        CronError: naming the field that is wrong.
    """
    words = expression.lower().split()
    if len(words) != len(_FIELDS):
        raise CronError(f"{expression!r} has {len(words)} fields; give five: minute hour day month weekday")
    minutes, hours, days, months, weekdays = (
        frozenset(_numbers(word, *field)) for word, field in zip(words, _FIELDS, strict=True)
    )
    week = frozenset(day % 7 for day in weekdays)
    return Cron(minutes, hours, days, months, week, either_day="*" not in (words[2], words[4]))


def _numbers(word: str, field: str, low: int, high: int, names: dict[str, int]) -> Iterator[int]:
    for part in word.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        try:
            begin = low if span == "*" else names.get(first) if first in names else int(first)
            end = high if span == "*" or (step and not last) else names.get(last or first) or int(last or begin or 0)
            if begin is None or not (low <= begin <= end <= high) or (step and int(step) < 1):
                raise ValueError
        except ValueError:
            raise CronError(f"{part!r} is no {field}: give numbers from {low} to {high}, as in 3, 1-6 or */5") from None
        yield from range(begin, end + 1, int(step or 1))


def next_firing(expression: str, zone: str, after: datetime) -> datetime | None:
    """The first moment after ``after`` at which it fires on the clocks of ``zone``; None if never (30 February)."""
    start = after.astimezone(ZoneInfo(zone))
    return next((moment for moment in _firings(parse(expression), start, timedelta(days=1)) if moment > start), None)


def last_firing(expression: str, zone: str, before: datetime) -> datetime | None:
    """The last moment, not after ``before``, at which it fired on the clocks of ``zone``; None if never."""
    start = before.astimezone(ZoneInfo(zone))
    return next((moment for moment in _firings(parse(expression), start, timedelta(days=-1)) if moment <= start), None)


def _firings(cron: Cron, start: datetime, step: timedelta) -> Iterator[datetime]:
    """Every firing from the day of ``start`` on, forwards or backwards in time."""
    zone, backwards = start.tzinfo, step < timedelta(0)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for _ in range(_HORIZON.days):
        if cron.on(day):
            for hour in sorted(cron.hours, reverse=backwards):
                for minute in sorted(cron.minutes, reverse=backwards):
                    moment = day.replace(hour=hour, minute=minute, tzinfo=zone)
                    if datetime.fromtimestamp(moment.timestamp(), zone).hour == hour:
                        yield moment
        day += step
