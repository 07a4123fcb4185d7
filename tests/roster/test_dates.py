from __future__ import annotations

from datetime import date

import pytest

from flows.roster.dates import day_first, doubt_about, read_date, says_no_date

SIXTH = date(2026, 1, 6)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-06", "2026-01-06T10:00:00Z", "2026-01-06 10:00:00", "06-01-2026", "6.1.2026 15:59:12", "6/1/26", "46028", "1767657600",
        "1767657600000", "6. januar 2026", "06-Jan-2026", "Jan 6, 2026", "tirsdag 6. januar 2026",
    ],
)  # fmt: skip
def test_every_writing_of_a_date_is_read(text: str) -> None:
    assert read_date(text) == SIXTH


@pytest.mark.parametrize("text", ["31-02-2026", "i morgen", "uge 34", "99999999", "13/13/2026"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_one_date_decides_for_its_column() -> None:
    column = ["1/6/2026", "1/24/2026"]
    assert not day_first(column)
    assert read_date("1/6/2026", day_is_first=day_first(column)) == SIXTH


def test_slashes_that_nothing_decides_are_doubtful() -> None:
    assert doubt_about(["1/6/2026", "2/7/2026"]) == "1/6/2026"


def test_both_orders_in_one_column_are_doubtful() -> None:
    assert doubt_about(["24/1/2026", "1/24/2026"]) == "both 24/1/2026 and 1/24/2026"


def test_hyphens_and_stops_are_not_doubtful() -> None:
    assert doubt_about(["01-06-2026", "02.07.2026", "2026-01-06"]) == ""


@pytest.mark.parametrize("text", ["", " ", "-", "0000-00-00", "00-00-0000", "nej", "N/A", "0"])
def test_marks_for_nothing_are_no_date(text: str) -> None:
    assert says_no_date(text)
