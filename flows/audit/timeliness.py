"""How long people have waited, in Danish working days, against the targets. Pure. The only home of holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from flows.roster.vacancy import Targets

DENMARK = ZoneInfo("Europe/Copenhagen")
WARNING_WORKING_DAYS = 2  # so long before a target is broken the report begins to warn


@cache
def _danish_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("DK")


def danish_time(moment: datetime) -> datetime:
    """The moment as clocks in Denmark show it; a moment without a time zone is Danish already."""
    return moment.astimezone(DENMARK) if moment.tzinfo else moment.replace(tzinfo=DENMARK)


def danish_day(moment: datetime) -> date:
    """The calendar day in Denmark: 23:30 UTC in June is the next day there."""
    return danish_time(moment).date()


@cache
def is_working_day(day: date) -> bool:
    """True from Monday to Friday, unless it is a Danish public holiday."""
    return day.weekday() < 5 and day not in _danish_holidays()


@cache
def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; 0 when `end` is not later."""
    return sum(is_working_day(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))


@cache
def add_working_days(start: date, days: int) -> date:
    """The day `days` working days after `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


class Standing(StrEnum):
    """Where a wait stands against its target."""

    IN_TIME = "in_time"
    DUE_SOON = "due_soon"  # in time, and WARNING_WORKING_DAYS or fewer are left
    LATE = "late"


class Start(StrEnum):
    """The day the waiting is counted from."""

    DEADLINE = "deadline"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Wait:
    """How the waiting stands on a day."""

    working_days: int  # since `start`
    target: int
    due_on: date
    start: Start = Start.DEADLINE

    @property
    def late(self) -> bool:
        return self.working_days > self.target

    @property
    def over(self) -> int:
        """Working days beyond the target; negative: so many are left."""
        return self.working_days - self.target

    @property
    def standing(self) -> Standing:
        if self.late:
            return Standing.LATE
        return Standing.DUE_SOON if -self.over <= WARNING_WORKING_DAYS else Standing.IN_TIME


def letter_wait(deadline: date, today: date, targets: Targets) -> Wait:
    """The wait of those who are owed a letter, since the deadline."""
    return Wait(working_days_between(deadline, today), targets.letter_working_days, add_working_days(deadline, targets.letter_working_days))


def call_wait(decided: date, today: date, targets: Targets) -> Wait:
    """The wait of those who are owed a call, since the decision."""
    due_on = add_working_days(decided, targets.call_working_days)
    return Wait(working_days_between(decided, today), targets.call_working_days, due_on, Start.DECISION)


@dataclass(frozen=True, slots=True)
class Dates:
    """The days an answer is counted from."""

    deadline: date
    decided: date | None = None
    last_interview: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One applicant's waiting until a day: the day of the answer, or today."""

    wait: Wait  # against the target of what is owed
    since_deadline: int  # working days
    since_decision: int | None  # working days; None: no day of decision is known
    since_interview: int | None  # calendar days; None: no interview is known
    ceiling_on: date | None  # the last day the ceiling allows
    ceiling: Standing

    @property
    def standing(self) -> Standing:
        """The worse of target and ceiling."""
        order = (Standing.IN_TIME, Standing.DUE_SOON, Standing.LATE)
        return max(self.wait.standing, self.ceiling, key=order.index)

    @property
    def due_on(self) -> date:
        """The last day that breaks neither target nor ceiling."""
        return min(self.wait.due_on, self.ceiling_on or self.wait.due_on)


def clock(until: date, dates: Dates, *, call: bool, targets: Targets) -> Clock:
    """The waiting until a day. A call is counted from the decision; while nobody noted one, from the deadline as a letter is."""
    wait = call_wait(dates.decided, until, targets) if call and dates.decided else letter_wait(dates.deadline, until, targets)
    ceiling_on = dates.last_interview + timedelta(days=targets.ceiling_days) if dates.last_interview else None
    return Clock(
        wait,
        since_deadline=working_days_between(dates.deadline, until),
        since_decision=working_days_between(dates.decided, until) if dates.decided else None,
        since_interview=max((until - dates.last_interview).days, 0) if dates.last_interview else None,
        ceiling_on=ceiling_on,
        ceiling=_against_ceiling(until, ceiling_on),
    )


def _against_ceiling(until: date, ceiling_on: date | None) -> Standing:
    if ceiling_on is None:
        return Standing.IN_TIME
    if until > ceiling_on:
        return Standing.LATE
    return Standing.DUE_SOON if working_days_between(until, ceiling_on) <= WARNING_WORKING_DAYS else Standing.IN_TIME
