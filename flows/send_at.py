"""When letters go: not on weekends, on holidays or at night unless a person insists."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from flows.audit.timeliness import is_working_day
from flows.roster.faults import CommandRefused

_FROM, _TO = 7, 19  # hours of the day in which a letter may come


def wait_until(at: str, *, force: bool, say: Callable[[str], object], clock: Callable[[], datetime] = datetime.now) -> None:
    """Returns at the moment named, at once where none is. Raises CommandRefused for one that is past, or no time for letters."""
    if not at:
        return
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise CommandRefused(f'--at: found {at!r}, expected a moment such as "2026-11-24 09:00".') from error
    if moment.tzinfo is not None:
        moment = moment.astimezone().replace(tzinfo=None)
    if moment < clock():
        raise CommandRefused(f"--at: found {at!r}, expected a moment that is still to come.")
    if not force and not good_time(moment):
        raise CommandRefused(f"--at: found {at!r}, expected a working day between {_FROM} and {_TO} o'clock. Insist with --force.")
    say(f"Waiting until {moment:%Y-%m-%d %H:%M}. Nothing leaves before then; Ctrl-C stops it.")
    while (left := (moment - clock()).total_seconds()) > 0:
        time.sleep(min(left, 60))


def good_time(moment: datetime) -> bool:
    """True on a working day in working hours."""
    return is_working_day(moment.date()) and _FROM <= moment.hour < _TO
