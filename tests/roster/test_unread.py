"""A column nobody has named must not hide that somebody sat at the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.roster.roster import Roster


def test_an_interview_in_an_unknown_column_holds_the_row(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Navn;E-mail;Status;Nuv. rum\nAnne Ås;a@ex.dk;Afslag;2. samtale\nBo Bæk;b@ex.dk;Afslag;Ansøgt\n")
    assert [each.held for each in roster.applicants] == [("signal-unread",), ()]
    fault = next(fault for fault in roster.faults if fault.code == "signal-unread")
    assert (fault.row, fault.column, fault.found) == (2, "Nuv. rum", "2. samtale")
    assert 'stage_before = "Nuv. rum"' in fault.do


def test_an_interview_date_under_an_unknown_heading_holds(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Navn;E-mail;Status;Samtale afholdt den\nAnne Ås;a@ex.dk;Afslag;12-01-2026\nBo Bæk;b@ex.dk;Afslag;\n")
    assert [each.held for each in roster.applicants] == [("signal-unread",), ()]


@pytest.mark.parametrize(
    ("heading", "cell"), [("Modtaget jobtilbud", "Ja"), ("Ansættelsesdato", "2026-12-01"), ("Hired Date", "2026-12-01")]
)
def test_an_offer_or_a_hiring_under_an_unknown_heading_holds(csv_roster: Callable[[str], Roster], heading: str, cell: str) -> None:
    roster = csv_roster(f"Navn;E-mail;Status;{heading}\nAnne Ås;a@ex.dk;Afslag;{cell}\nBo Bæk;b@ex.dk;Afslag;Nej\n")
    assert [each.held for each in roster.applicants] == [("signal-unread",), ()]


def test_a_column_told_to_be_ignored_holds_nobody(vacancy_roster: Callable[..., Roster]) -> None:
    text = "Navn;E-mail;Status;Samtale ønsket den\nAnne Ås;a@ex.dk;Afslag;12-01-2026\n"
    assert vacancy_roster(text).applicants[0].held == ("signal-unread",)
    assert vacancy_roster(text, top='ignore = ["Samtale ønsket den"]').applicants[0].held == ()


def test_a_previous_stage_tells_how_far_somebody_came(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Name,Email,Stage,Previous stage\nAnn Lee,a@ex.com,Rejected,Interview\nBo Kim,b@ex.com,Interview,Rejected\n")
    assert [(each.stage.reached, each.stage.outcome) for each in roster.applicants] == [
        ("interview_1", "rejected"),
        ("interview_1", "in_process"),
    ]


def test_an_interviewers_name_is_no_interview(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Navn;E-mail;Status;Interviewer;Kilde til samtale\nAnne Ås;a@ex.dk;Afslag;Mette Holm;Jobnet\n")
    assert roster.applicants[0].held == ()
