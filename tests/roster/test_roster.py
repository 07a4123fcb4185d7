from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.roster.faults import InputRefused, Severity
from flows.roster.roster import Roster, read_export
from flows.roster.spreadsheet import ReadLimits
from flows.roster.statuses import known_words

Read = Callable[..., Roster]


def stages(roster: Roster) -> dict[int, tuple[str, str]]:
    return {each.row: (each.stage.reached.value, each.stage.outcome.value) for each in roster.applicants}


def codes(roster: Roster) -> list[str]:
    return [fault.code for fault in roster.faults]


def refused(read: Callable[[], Roster]) -> list[str]:
    with pytest.raises(InputRefused) as refusal:
        read()
    return [fault.code for fault in refusal.value.faults]


def test_an_easycruit_workbook_gives_stages_by_its_dates(workbook: Callable[[Sequence[Sequence[Any]]], Path]) -> None:
    rows = [
        [
            "Kandidat-ID",
            "Ansøgningsstatus",
            "Fornavn",
            "Efternavn",
            "Fødselsdato",
            "By",
            "By",
            "Dato for første samtale",
            "Dato for anden samtale",
        ],
        [4711, "Afvist", "Åse", "Prøvesen", "1990-01-01", "Ry", "", "", ""],
        [4712, "Afvist", "Søren", "Æbelø", "", "Ry", "", "2026-11-02", ""],
        [4713, "Afvist", "Ida", "NA", "", "Ry", "", "2026-11-02", "2026-11-09"],
        [4714, "Samtale 1", "Bo", "Li", "", "Ry", "", "", ""],
        [4715, "Overført", "Ib", "Bo", "", "Ry", "", "", ""],
        [4716, "Ansat", "Eva", "Ny", "", "Ry", "", "2026-11-02", "2026-11-09"],
    ]
    roster = read_export(workbook(rows), ReadLimits())
    assert stages(roster) == {
        2: ("application", "rejected"), 3: ("interview_1", "rejected"), 4: ("interview_2", "rejected"), 5: ("interview_1", "in_process"),
        6: ("application", "unknown"), 7: ("interview_2", "hired"),
    }  # fmt: skip
    assert [each.id for each in roster.applicants] == ["4711", "4712", "4713", "4714", "4715", "4716"]
    assert roster.applicants[2].name.family == "NA"
    assert str(roster.applicants[2].interviewed_on) == "2026-11-09"
    assert roster.columns.sensitive == ("Fødselsdato",)
    assert roster.applicants[4].held == ("not-live",)
    assert codes(roster) == ["not-live"]


def test_reached_and_outcome_may_stand_in_two_columns(csv_roster: Read) -> None:
    roster = csv_roster(
        "candidateFirstName,applicationStage,applicationRejectedAfter,applicationWithdrawalAfter\nJane,REJECTED,Interview,\nPat,WITHDRAWN,,Offer\n"
    )
    assert stages(roster) == {2: ("interview_1", "rejected"), 3: ("offer", "withdrew")}


def test_a_rejection_after_an_unknown_step_is_held(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status;Afvist efter\nÅse P;Afvist;Kaffemøde\n")
    assert stages(roster) == {2: ("application", "unknown")}
    assert [(fault.code, fault.found) for fault in roster.faults] == [("status-unknown", "Kaffemøde")]


def test_a_filled_reason_is_a_rejection(csv_roster: Read) -> None:
    roster = csv_roster("Name,Stage,Rejected Description\nJane S,Interview,\nPat I,Applied,Too far away\n")
    assert stages(roster) == {2: ("interview_1", "in_process"), 3: ("application", "rejected")}


def test_an_unknown_word_is_one_fault_for_all_its_rows(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status\nÅse P;Syltet\nBo L;Syltet\nIb K;Afvist\n")
    (fault,) = (fault for fault in roster.faults if fault.code == "status-unknown")
    assert str(fault) == (
        "applicants.csv, column \"Status\": found 'Syltet', expected a known status word; 2 rows held. Say what it means in vacancy.toml: "
        '[statuses] "Syltet" = "rejected" (or withdrew, hired, in_process, interview_1/rejected ...).'
    )
    assert stages(roster)[2] == ("application", "unknown")


def test_the_vacancy_settles_an_unknown_word(vacancy_roster: Read) -> None:
    roster = vacancy_roster("Navn;Status\nÅse P;Syltet\n", '[statuses]\n"syltet" = "interview_1/rejected"')
    assert stages(roster) == {2: ("interview_1", "rejected")}
    assert [(word.value, word.rows, word.source) for word in roster.statuses] == [("Syltet", 1, "vacancy")]


def test_no_status_column_holds_every_row_with_one_fault(csv_roster: Read) -> None:
    roster = csv_roster("Navn;E-mail\nÅse P;a@example.dk\nBo L;b@example.dk\n")
    assert set(stages(roster).values()) == {("application", "unknown")}
    assert codes(roster) == ["status-column-missing"]


def test_blank_statuses_are_one_fault(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status\nÅse P;\nBo L;\n")
    assert [(fault.code, fault.found) for fault in roster.faults if fault.severity is Severity.ERROR] == [
        ("status-blank", "2 rows without a status")
    ]


def test_a_blank_name_is_unreadable_and_counted(csv_roster: Read) -> None:
    roster = csv_roster("Fornavn;Efternavn;Status\nÅse;P;Afvist\n;;Afvist\n;;\nBo;L;Afvist\n")
    assert [(each.row, each.id, each.codes) for each in roster.unreadable] == [(3, "row-3", ("name-blank",))]
    assert (roster.export.rows, len(roster.applicants)) == (3, 2)


def test_a_shifted_csv_row_is_unreadable(csv_roster: Read) -> None:
    roster = csv_roster("Navn;E-mail;Status\nÅse; P;a@example.dk;Afvist\nBo L;b@example.dk;Afvist\n")
    assert [(each.row, each.codes) for each in roster.unreadable] == [(2, ("row-shifted",))]


def test_a_broken_address_is_a_warning_and_the_next_is_used(csv_roster: Read) -> None:
    roster = csv_roster("Navn;E-mail;E-mail 2;Status\nÅse P;aase@example;aase@example.dk;Afvist\n")
    assert roster.applicants[0].emails == ("aase@example.dk",)
    (fault,) = (fault for fault in roster.faults if fault.code == "email-invalid")
    assert (fault.row, fault.column, fault.severity, fault.found) == (2, "E-mail", Severity.WARNING, "aase@example")


def test_the_postal_address_is_lines_without_the_name(csv_roster: Read) -> None:
    roster = csv_roster(
        "Navn;Adresse;Postnummer;By;Land;Status\nÅse P;Torvet 1;8680;Ry;Danmark;Afvist\nBo L;;8680;Ry;;Afvist\nIb S;Gatan 2;111 22;Lund;Sverige;Afvist\n"
    )
    assert [each.address for each in roster.applicants] == [("Torvet 1", "8680 Ry"), (), ("Gatan 2", "111 22 Lund", "Sverige")]


def test_the_language_of_a_row_is_recognised(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Sprog;Status\nÅse P;Dansk;Afvist\nPat I;en-GB;Afvist\nJo K;Klingonsk;Afvist\n")
    assert [each.language for each in roster.applicants] == ["da", "en", ""]


def test_ids_without_an_id_column_survive_sorting(csv_roster: Read) -> None:
    rows = ["Åse P;a@example.dk;Afvist", "Bo L;b@example.dk;Afvist", "Bo L;c@example.dk;Ny", "Bo L;;Ny", "Bo L;;Afvist"]
    there = {
        each.status_words + each.emails + (each.name.full,): each.id
        for each in csv_roster("Navn;E-mail;Status\n" + "\n".join(rows)).applicants
    }
    back = {
        each.status_words + each.emails + (each.name.full,): each.id
        for each in csv_roster("Navn;E-mail;Status\n" + "\n".join(rows[::-1])).applicants
    }
    assert there == back
    assert len(set(there.values())) == 5


def test_an_id_that_stands_twice_holds_its_rows(csv_roster: Read) -> None:
    roster = csv_roster("ID;Navn;Status\n7;Åse P;Afvist\n7;Bo L;Afvist\n8;Ib K;Afvist\n")
    assert [(each.id, each.held) for each in roster.applicants] == [
        ("7-row-2", ("id-duplicate",)),
        ("7-row-3", ("id-duplicate",)),
        ("8", ()),
    ]
    assert codes(roster).count("id-duplicate") == 2


def test_rows_that_look_like_one_person_are_held(csv_roster: Read) -> None:
    roster = csv_roster("ID;Navn;E-mail;Status\n1;Åse P;a@example.dk;Afvist\n2;Åse P;A@example.dk;Ansat\n3;Bo P;a@example.dk;Afvist\n")
    assert [each.held for each in roster.applicants] == [("duplicate-person",), ("duplicate-person",), ()]
    (fault,) = (fault for fault in roster.faults if fault.code == "duplicate-person")
    assert fault.do == 'Say in vacancy.toml: [people] same = [["1", "2"]] or different = [["1", "2"]].'


def test_an_exact_copy_of_a_row_is_held(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status\nÅse P;Afvist\nÅse P;Afvist\n")
    assert [each.held for each in roster.applicants] == [("duplicate-person",)] * 2


def test_people_said_to_be_one_become_one(vacancy_roster: Read) -> None:
    text = "ID;Navn;E-mail;Status\n1;Åse P;a@example.dk;Afvist\n2;Åse P;a@example.dk;Interview mislykkedes\n"
    roster = vacancy_roster(text, '[people]\nsame = [["1", "2"]]')
    (one,) = roster.applicants
    assert (one.id, one.stage.reached, one.stage.outcome, one.held, one.merged_rows) == ("2", "interview_1", "rejected", (), (2,))
    assert [(each.row, each.id, each.into) for each in roster.merged] == [(2, "1", "2")]


def test_somebody_merged_with_a_hired_row_is_hired(vacancy_roster: Read) -> None:
    text = "ID;Navn;E-mail;Status\n1;Åse P;a@example.dk;Interview mislykkedes\n2;Åse P;a@example.dk;Ansat\n"
    (one,) = vacancy_roster(text, '[people]\nsame = [["1", "2"]]').applicants
    assert one.stage.outcome == "hired"


def test_people_said_to_differ_are_not_held(vacancy_roster: Read) -> None:
    text = "ID;Navn;E-mail;Status\n1;Åse P;a@example.dk;Afvist\n2;Åse P;a@example.dk;Afvist 2\n"
    assert [each.held for each in vacancy_roster(text, '[people]\ndifferent = [["1", "2"]]').applicants] == [(), ()]


def test_an_id_that_looks_like_a_made_one_stays_apart(csv_roster: Read) -> None:
    roster = csv_roster("ID;Navn;Status\n7;Åse P;Afvist\n7;Bo L;Afvist\n7-row-2;Ib K;Afvist\n")
    assert sorted(each.id for each in roster.applicants) == ["7-row-2", "7-row-2-again", "7-row-3"]


def test_copies_said_to_differ_are_not_held(vacancy_roster: Read) -> None:
    text = "Navn;Status\nÅse P;Afvist\nÅse P;Afvist\n"
    ids = [each.id for each in vacancy_roster(text).applicants]
    assert [each.held for each in vacancy_roster(text, f"[people]\ndifferent = [{ids}]").applicants] == [(), ()]


def test_an_id_nobody_has_is_told(vacancy_roster: Read) -> None:
    roster = vacancy_roster("ID;Navn;Status\n1;Åse P;Afvist\n", '[leave_out]\n"9" = { reason = "test", by = "MS" }')
    assert [(fault.column, fault.found) for fault in roster.faults if fault.code == "id-unknown"] == [("leave_out", "9")]


def test_one_row_per_change_of_status_is_one_application(csv_roster: Read) -> None:
    roster = csv_roster(
        "Kandidat-ID;Navn;Status;Statusdato\n7;Åse P;Ny;2026-10-01\n7;Åse P;Afvist;2026-11-20\n7;Åse P;1. samtale;2026-11-02\n8;Bo L;Afvist;2026-11-20\n"
    )
    assert stages(roster) == {3: ("interview_1", "rejected"), 5: ("application", "rejected")}
    assert roster.applicants[0].merged_rows == (4, 2)
    assert {(each.row, each.into, each.why) for each in roster.merged} == {(2, "7", "history"), (4, "7", "history")}


def test_several_projects_are_refused_with_their_list(vacancy_roster: Read) -> None:
    with pytest.raises(InputRefused) as refusal:
        vacancy_roster("Projekt-ID;Navn;Status\n77;Åse P;Afvist\n77;Bo L;Afvist\n78;Åse P;Afvist\n")
    (fault,) = (fault for fault in refusal.value.faults if fault.code == "project-several")
    assert fault.found == "77 (2 rows), 78 (1 rows)"


def test_the_project_named_is_the_one_read(vacancy_roster: Read) -> None:
    roster = vacancy_roster("Projekt-ID;ID;Navn;Status\n77;1;Åse P;Afvist\n77;2;Bo L;Afvist\n78;1;Åse P;Afvist\n", top='project = "77"')
    assert ([each.id for each in roster.applicants], roster.export.rows) == (["1", "2"], 2)


def test_a_project_that_is_not_there_is_refused(vacancy_roster: Read) -> None:
    assert refused(lambda: vacancy_roster("Projekt-ID;Navn;Status\n77;Åse P;Afvist\n", top='project = "99"')) == [
        "project-missing",
        "reached-unseen",
    ]


def test_a_count_that_differs_is_a_fault(vacancy_roster: Read) -> None:
    roster = vacancy_roster("Navn;Status\nÅse P;Afvist\n", top="received = 2")
    assert [(fault.found, fault.severity) for fault in roster.faults if fault.code == "received-mismatch"] == [("1 rows", Severity.ERROR)]


def test_the_count_of_one_vacancy_is_not_held_against_a_file_of_several(vacancy_roster: Callable[..., Roster]) -> None:
    with pytest.raises(InputRefused) as refused:
        vacancy_roster("Navn;Status;Projekt-ID\nÅse P;Afvist;77\nBo K;Afvist;78\n", top="received = 1")
    assert [fault.code for fault in refused.value.faults if fault.severity is Severity.ERROR] == ["project-several"]


def test_a_header_that_stands_again_is_no_applicant(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status\nÅse P;Afvist\n\nNavn;Status\nBo L;Afvist\n")
    assert [each.row for each in roster.applicants] == [2, 5]
    assert (roster.export.rows, "header-repeated" in codes(roster)) == (2, True)


def test_two_name_columns_hold_everybody(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Kandidat;Status\nÅse P;Bo L;Afvist\n")
    assert roster.applicants[0].held == ("column-ambiguous",)


def test_a_thousand_rows_exactly_are_suspect(csv_roster: Read) -> None:
    roster = csv_roster("Navn;E-mail;Status\n" + "".join(f"P Q{number};p{number}@example.dk;Afvist\n" for number in range(1000)))
    assert "rows-capped" in codes(roster)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Åse P;a@example.dk\nBo L;b@example.dk\n", "header-missing"),
        ("E-mail;Status\na@example.dk;Afvist\n", "name-column-missing"),
        ("Navn;Status\n", "rows-zero"),
    ],
)
def test_what_cannot_be_worked_on_is_refused(csv_roster: Read, text: str, code: str) -> None:
    assert refused(lambda: csv_roster(text)) == [code]


def test_a_hostile_cell_is_carried_as_it_is(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status\n{{ 7*7 }} <img src=file:///etc/passwd>;Afvist\n../../x;Afvist\n")
    assert [each.name.full for each in roster.applicants] == ["{{ 7*7 }} <img src=file:///etc/passwd>", "../../x"]


def test_a_roster_can_be_pickled(csv_roster: Read) -> None:
    roster = csv_roster("Navn;Status\nÅse P;Afvist\n")
    assert pickle.loads(pickle.dumps(roster)) == roster


def test_a_refusal_names_no_person(csv_roster: Read) -> None:
    with pytest.raises(InputRefused) as refusal:
        csv_roster("E-mail;Status\naase.proevesen@example.dk;Afvist\n")
    assert str(refusal.value) == "applicants.csv row 1: name-column-missing"


words = st.sampled_from(sorted(known_words())) | st.text(st.characters(codec="utf-8", exclude_characters=';"\r\n\x00'), max_size=8)
lines = st.tuples(st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "Åse P", "Bo L"]), st.sampled_from(["", "a@b.dk", "x"]), words)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, min_size=1, max_size=8))
def test_every_row_ends_in_exactly_one_place(csv_roster: Read, rows: list[tuple[str, str, str, str]]) -> None:
    if not any(cell.strip() for row in rows for cell in row):
        return
    roster = csv_roster("sep=;\nID;Navn;E-mail;Status\n" + "\n".join(";".join(row) for row in rows))
    places = [each.row for each in (*roster.applicants, *roster.unreadable, *roster.merged)]
    ids = [each.id for each in (*roster.applicants, *roster.unreadable, *roster.merged)]
    assert len(places) == len(set(places)) == roster.export.rows
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["Hélène ?mier?", "S\ufffdren Holm", "SÃ¸ren Holm", "Ã…se Holm", "Pat Oâ€™Brien"])
def test_a_name_in_which_letters_are_lost_is_held(csv_roster: Callable[[str], Roster], name: str) -> None:
    roster = csv_roster(f"Navn;E-mail;Status\n{name};a@ex.dk;Afslag\nJOÃO CONCEIÇÃO;b@ex.dk;Afslag\n")
    assert [each.held for each in roster.applicants] == [("name-broken",), ()]
    assert [(fault.row, fault.column, fault.found) for fault in roster.faults if fault.code == "name-broken"] == [(2, "Navn", name)]
