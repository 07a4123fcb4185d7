"""How long people have waited, in Danish working days, against the targets. Pure. The only home of holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from flows.roster.vacancy import Targets


@cache
def _danish_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("DK")


def is_working_day(day: date) -> bool:
    """True from Monday to Friday, unless it is a Danish public holiday."""
    return day.weekday() < 5 and day not in _danish_holidays()


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; 0 when `end` is not later."""
    return sum(is_working_day(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))


def add_working_days(start: date, days: int) -> date:
    """The day `days` working days after `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


@dataclass(frozen=True, slots=True)
class Wait:
    """How the waiting stands on a day."""

    working_days: int  # since the deadline
    target: int
    due_on: date

    @property
    def late(self) -> bool:
        return self.working_days > self.target


def letter_wait(deadline: date, today: date, targets: Targets) -> Wait:
    """The wait of those who are owed a letter, since the deadline."""
    return Wait(working_days_between(deadline, today), targets.letter_working_days, add_working_days(deadline, targets.letter_working_days))


def call_wait(decided: date, today: date, targets: Targets) -> Wait:
    """The wait of those who are owed a call, since the decision."""
    return Wait(working_days_between(decided, today), targets.call_working_days, add_working_days(decided, targets.call_working_days))
