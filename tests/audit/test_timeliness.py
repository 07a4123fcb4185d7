"""Working days as a Danish firm counts them."""

from __future__ import annotations

from datetime import date

from flows.audit.timeliness import add_working_days, is_working_day, letter_wait, working_days_between
from flows.roster.vacancy import Targets


def test_easter_and_weekends_are_no_working_days() -> None:
    assert working_days_between(date(2026, 4, 1), date(2026, 4, 7)) == 1  # Maundy Thursday to Easter Monday are holidays


def test_the_prayer_day_abolished_in_2024_is_a_working_day() -> None:
    assert not is_working_day(date(2023, 5, 5))
    assert is_working_day(date(2024, 4, 26))


def test_ten_working_days_after_a_friday_end_on_a_friday() -> None:
    assert add_working_days(date(2026, 10, 30), 10) == date(2026, 11, 13)


def test_the_target_day_itself_is_in_time() -> None:
    assert not letter_wait(date(2026, 10, 30), date(2026, 11, 13), Targets()).late
    assert letter_wait(date(2026, 10, 30), date(2026, 11, 16), Targets()).late
