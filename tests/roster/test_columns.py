from __future__ import annotations

from collections.abc import Callable

from flows.roster.columns import ColumnMap, field_names, header_place, known_headings, map_columns, sensitive_headings
from flows.roster.faults import Fault, Severity
from flows.roster.roster import Roster
from flows.roster.spreadsheet import Grid, GridRow


def grid(*rows: tuple[str, ...]) -> Grid:
    return Grid("a.csv", "", tuple(GridRow(number, cells) for number, cells in enumerate(rows, 1)))


def mapped(*rows: tuple[str, ...], **chosen: str) -> tuple[ColumnMap, tuple[Fault, ...]]:
    found = grid(*rows)
    place = header_place(found, chosen.values())
    assert place is not None
    return map_columns(found, place, chosen)


def test_headings_compare_without_case_blanks_and_punctuation() -> None:
    columns, _ = mapped(("E-MAIL ", "for navn", "Efter-\nnavn"), ("a", "b", "c"))
    assert columns.mapped == {"given_name": "for navn", "family_name": "Efter- navn", "email": "E-MAIL"}


def test_the_header_is_found_under_a_title() -> None:
    assert header_place(grid(("Ansøgere til stillingen",), ("Navn", "E-mail"), ("Åse", "a@b.dk")), ()) == 1


def test_rows_without_known_headings_have_no_header() -> None:
    assert header_place(grid(("Åse Prøve", "aase@example.dk"), ("Bo", "bo@example.dk")), ()) is None


def test_camel_case_headings_are_known() -> None:
    columns, _ = mapped(("candidateFirstName", "candidateEmail"), ("a", "b"))
    assert set(columns.mapped) == {"given_name", "email"}


def test_the_filled_one_of_two_columns_is_taken() -> None:
    columns, faults = mapped(("Navn", "By", "By"), ("Åse", "", "Ry"))
    assert (columns.at["city"], faults) == (2, ())


def test_two_different_cities_are_a_question() -> None:
    columns, (fault,) = mapped(("Navn", "By", "By"), ("Åse", "Ans", "Ry"))
    assert (columns.at["city"], fault.code, fault.severity, fault.found) == (1, "column-ambiguous", Severity.WARNING, "By / By")


def test_two_different_names_are_an_error() -> None:
    _, (fault,) = mapped(("Navn", "Kandidat"), ("Åse", "Bo"))
    assert (fault.code, fault.severity) == ("column-ambiguous", Severity.ERROR)


def test_every_status_column_is_a_signal() -> None:
    columns, faults = mapped(("Navn", "Status", "Resultat"), ("Åse", "Afsluttet", "Afvist"))
    assert (columns.places("status"), faults) == ((1, 2), ())


def test_the_best_of_several_ids_is_taken_without_a_word() -> None:
    columns, faults = mapped(("ID", "Kandidat-ID", "Navn"), ("1", "4711", "Åse"))
    assert (columns.mapped["applicant_id"], faults) == ("Kandidat-ID", ())


def test_what_the_vacancy_says_beats_what_is_known() -> None:
    columns, faults = mapped(("Navn", "Status", "Vores ord"), ("Åse", "x", "Afvist"), status="vores ord")
    assert (columns.places("status"), columns.unused, faults) == ((2,), ("Status",), ())


def test_a_column_named_but_missing_gets_its_nearest() -> None:
    _, (fault,) = mapped(("Navn", "E-mail", "Mailadresser"), ("Åse", "x", "y"), email="Mailadresse")
    assert (fault.code, fault.expected) == ("column-missing", "a heading of a.csv, perhaps 'Mailadresser'")


def test_sensitive_columns_are_apart_from_unused_ones() -> None:
    columns, _ = mapped(("Navn", "E-mail", "Fødselsdato", "Rangering"), ("Åse", "x", "y", "z"))
    assert (columns.sensitive, columns.unused) == (("Fødselsdato",), ("Rangering",))


def test_an_end_of_header_mark_is_no_heading() -> None:
    columns, _ = mapped(("Navn", "E-mail", "**EndOfHeader**"), ("Åse", "x", ""))
    assert columns.unused == ()


def test_swedish_interview_columns_are_known() -> None:
    columns, _ = mapped(("Förnamn", "Efternamn", "Ansökningsstatus", "Datum för intervju 2"), ("Åsa", "Prov", "Avslag", "2026-11-02"))
    assert columns.mapped["interview_2_date"] == "Datum för intervju 2"


def test_no_heading_means_a_field_and_is_sensitive() -> None:
    assert not set(known_headings()) & sensitive_headings()
    assert {name for names in known_headings().values() for name in names} == set(field_names())


def test_a_column_with_one_name_all_over_is_no_question(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Navn;Ansøgernavn;Mail;Status\nMette Chef;Anne Ås;a@ex.dk;Afslag\nMette Chef;Bo Bæk;b@ex.dk;Afslag\n")
    assert [each.name.full for each in roster.applicants] == ["Anne Ås", "Bo Bæk"]
    assert "column-ambiguous" not in [fault.code for fault in roster.faults]


def test_two_columns_of_different_people_are_a_question(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Kandidat;Ansøger;Mail;Status\nMia Ek;Anne Ås;a@ex.dk;Afslag\nPer Li;Bo Bæk;b@ex.dk;Afslag\n")
    fault = next(fault for fault in roster.faults if fault.code == "column-ambiguous")
    assert (fault.found, fault.expected) == ("Kandidat / Ansøger", "one column for name; every row is held")
    assert all(each.held == ("column-ambiguous",) for each in roster.applicants)


def test_one_name_in_two_orders_is_no_question(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster('Kandidat,Ansøger,Mail,Status\n"Holm, Anne",Anne Holm,a@ex.dk,Afslag\n')
    assert [each.held for each in roster.applicants] == [()]


def test_a_mailbox_that_stands_in_every_row_is_not_written_to(csv_roster: Callable[[str], Roster]) -> None:
    rows = "".join(f"{name};;job@firma.dk;Afslag\n" for name in ("Anne Ås", "Bo Bæk")) + "Cai Ø;c@ex.dk;job@firma.dk;Afslag\n"
    roster = csv_roster("Navn;E-mail;Mail;Status\n" + rows)
    assert [each.emails for each in roster.applicants] == [(), (), ("c@ex.dk",)]


def test_of_two_cities_only_what_both_say_is_used(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster(
        "Navn;Adresse;Postnr;By;By;Status\nAnne Ås;Vej 1;7600;Struer;Aarhus;Afslag\nBo Bæk;Vej 2;7600;Struer;Struer;Afslag\n"
    )
    assert [each.address for each in roster.applicants] == [("Vej 1", "7600"), ("Vej 2", "7600 Struer")]


def test_a_field_set_to_nothing_is_no_column(vacancy_roster: Callable[..., Roster]) -> None:
    text = "Navn;Mail;Stilling;Status\nAnne Ås;a@ex.dk;Lærer;Afslag\nBo Bæk;b@ex.dk;Smed;Afslag\n"
    assert len(vacancy_roster(text, '[columns]\nvacancy_title = ""').applicants) == 2


def test_a_cell_that_is_an_address_is_nobodys_name(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Navn;Mail;Status\na@ex.dk;Anne Ås;Afslag\n4711;b@ex.dk;Afslag\n")
    assert [row.codes for row in roster.unreadable] == [("name-blank",), ("name-blank",)]


def test_an_unticked_box_is_no_reason(csv_roster: Callable[[str], Roster]) -> None:
    roster = csv_roster("Candidate,Email,Stage,Disqualified\nAnn Lee,a@ex.com,Interview,TRUE\nBo Kim,b@ex.com,Interview,FALSE\n")
    assert [each.stage.outcome for each in roster.applicants] == ["rejected", "in_process"]


def test_a_reason_in_free_words_can_be_the_applicants_no(csv_roster: Callable[[str], Roster]) -> None:
    reasons = ("Kandidaten har desværre takket nej", "Har fået andet job", "For lidt erfaring")
    roster = csv_roster(
        "Navn;Mail;Status;Årsag til afslag\n"
        + "".join(f"Anne {n};{n}@ex.dk;Afvist;{text}\n" for n, text in zip("abc", reasons, strict=True))
    )
    assert [each.held for each in roster.applicants] == [("status-conflict",), ("status-conflict",), ()]
