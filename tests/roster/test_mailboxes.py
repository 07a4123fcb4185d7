"""A mailbox that is not the applicant's own answers nobody: its rows are held and asked about."""

from __future__ import annotations

from collections.abc import Callable

from flows.roster.roster import Roster

RECRUITER = "Id;Navn;E-mail;Status\n1;Ola Berg;r@x.dk;Afslag\n2;Kari Moe;R@x.dk;Afslag\n3;Ulf Dahl;r@x.dk;Afslag\n4;Siv Ås;s@x.dk;Afslag\n"


def test_one_mailbox_for_three_people_holds_them(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster(RECRUITER)
    assert [each.held for each in roster.applicants] == [("mailbox-shared",)] * 3 + [()]
    fault = next(fault for fault in roster.faults if fault.code == "mailbox-shared")
    assert (fault.row, fault.column, fault.found) == (2, "E-mail", "one mailbox in 3 rows: 2, 3, 4")
    assert '[people] different = [["1", "2", "3"]]' in fault.do


def test_people_said_to_share_a_mailbox_are_answered(vacancy_roster: Callable[..., Roster]) -> None:
    roster = vacancy_roster(RECRUITER, '[people]\ndifferent = [["1", "2", "3"]]\n')
    assert [each.held for each in roster.applicants] == [(), (), (), ()]


def test_no_column_for_mail_takes_the_mailbox_away(vacancy_roster: Callable[..., Roster]) -> None:
    roster = vacancy_roster(RECRUITER, '[columns]\nemail = ""\n')
    assert [(each.emails, each.held) for each in roster.applicants] == [((), ())] * 4


def test_a_family_of_two_may_share_a_mailbox(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Navn;E-mail;Status\nOla Berg;f@x.dk;Afslag\nKari Moe;f@x.dk;Afslag\nUlf Dahl;u@x.dk;Afslag\n")
    assert [each.held for each in roster.applicants] == [(), (), ()]


def test_the_contact_persons_own_mailbox_is_no_applicants(vacancy_roster: Callable[..., Roster]) -> None:
    roster = vacancy_roster("Navn;E-mail;Status\nOla Berg;METTE@nordvest.example;Afslag\nKari Moe;k@x.dk;Afslag\n")
    assert [each.held for each in roster.applicants] == [("mailbox-of-firm",), ()]
    fault = next(fault for fault in roster.faults if fault.code == "mailbox-of-firm")
    assert (fault.row, fault.found) == (2, "the firm's own mailbox: rows 2")
