"""Working days as a Danish firm counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flows.audit.timeliness import (
    Dates,
    Standing,
    Start,
    add_working_days,
    clock,
    danish_day,
    is_working_day,
    letter_wait,
    working_days_between,
)
from flows.roster.vacancy import Targets

TEN_TWO = Targets()
FRIDAY = date(2026, 10, 30)


def test_easter_and_weekends_are_no_working_days() -> None:
    assert working_days_between(date(2026, 4, 1), date(2026, 4, 7)) == 1  # Maundy Thursday to Easter Monday are holidays


def test_ten_working_days_over_easter_end_three_days_later() -> None:
    assert add_working_days(date(2026, 3, 27), 10) == date(2026, 4, 15)  # without Easter: 10 April


def test_the_prayer_day_abolished_in_2024_is_a_working_day() -> None:
    assert not is_working_day(date(2023, 5, 5))
    assert is_working_day(date(2024, 4, 26))


def test_ten_working_days_after_a_friday_end_on_a_friday() -> None:
    assert add_working_days(FRIDAY, 10) == date(2026, 11, 13)


def test_the_target_day_itself_is_in_time() -> None:
    assert not letter_wait(FRIDAY, date(2026, 11, 13), TEN_TWO).late
    assert letter_wait(FRIDAY, date(2026, 11, 16), TEN_TWO).late


def test_a_weekend_after_the_target_day_breaks_nothing_yet() -> None:
    assert letter_wait(FRIDAY, date(2026, 11, 15), TEN_TWO).standing is Standing.DUE_SOON


def test_the_warning_begins_two_working_days_before() -> None:
    assert letter_wait(FRIDAY, date(2026, 11, 10), TEN_TWO).standing is Standing.IN_TIME
    assert letter_wait(FRIDAY, date(2026, 11, 11), TEN_TWO).standing is Standing.DUE_SOON
    assert letter_wait(FRIDAY, date(2026, 11, 13), TEN_TWO).over == 0


def test_an_answer_before_the_deadline_has_waited_no_days() -> None:
    assert letter_wait(FRIDAY, date(2026, 10, 1), TEN_TWO).working_days == 0


def test_half_past_midnight_in_denmark_is_the_new_day() -> None:
    assert danish_day(datetime(2026, 11, 13, 22, 30, tzinfo=UTC)) == date(2026, 11, 13)  # 23:30 in winter
    assert danish_day(datetime(2026, 6, 12, 22, 30, tzinfo=UTC)) == date(2026, 6, 13)  # 00:30 in summer
    assert danish_day(datetime(2026, 6, 12, 23, 59)) == date(2026, 6, 12)  # no time zone: a Danish clock


def test_the_change_to_summer_time_moves_no_answer_to_another_day() -> None:
    denmark = ZoneInfo("Europe/Copenhagen")
    last_minute = datetime(2026, 3, 29, 23, 59, tzinfo=denmark)  # the day of 23 hours
    assert danish_day(last_minute.astimezone(UTC)) == date(2026, 3, 29)
    assert danish_day(last_minute.astimezone(UTC) + timedelta(minutes=1)) == date(2026, 3, 30)
    assert danish_day(datetime(2026, 10, 25, 22, 59, tzinfo=UTC)) == date(2026, 10, 25)  # the day of 25 hours
    assert working_days_between(date(2026, 3, 27), date(2026, 3, 30)) == 1
    assert working_days_between(date(2026, 10, 23), date(2026, 10, 26)) == 1


def test_a_call_is_counted_from_the_decision() -> None:
    told = clock(date(2026, 11, 25), Dates(FRIDAY, decided=date(2026, 11, 20)), call=True, targets=TEN_TWO)
    assert (told.wait.start, told.wait.working_days, told.standing) == (Start.DECISION, 3, Standing.LATE)
    assert (told.since_deadline, told.due_on) == (18, date(2026, 11, 24))


def test_a_call_without_a_day_of_decision_is_counted_from_the_deadline() -> None:
    told = clock(date(2026, 11, 25), Dates(FRIDAY), call=True, targets=TEN_TWO)
    assert (told.wait.start, told.wait.target, told.since_decision) == (Start.DEADLINE, 10, None)


def test_the_ceiling_is_forty_five_days_after_the_last_interview() -> None:
    dates = Dates(FRIDAY, decided=date(2026, 12, 23), last_interview=date(2026, 11, 9))
    standings = {day: clock(date(2026, 12, day), dates, call=True, targets=TEN_TWO).ceiling for day in (21, 22, 24, 25)}
    assert standings == {21: Standing.IN_TIME, 22: Standing.DUE_SOON, 24: Standing.DUE_SOON, 25: Standing.LATE}


def test_the_ceiling_counts_calendar_days_and_can_be_the_earlier_one() -> None:
    dates = Dates(FRIDAY, decided=date(2026, 12, 23), last_interview=date(2026, 11, 9))
    told = clock(date(2026, 12, 25), dates, call=True, targets=TEN_TWO)
    assert (told.since_interview, told.ceiling_on, told.due_on) == (46, date(2026, 12, 24), date(2026, 12, 24))
    assert (told.wait.standing, told.standing) == (Standing.DUE_SOON, Standing.LATE)


def test_somebody_never_interviewed_has_no_ceiling() -> None:
    told = clock(date(2027, 6, 1), Dates(date(2027, 5, 31)), call=False, targets=TEN_TWO)
    assert (told.since_interview, told.ceiling_on, told.standing) == (None, None, Standing.IN_TIME)
