"""A second export joined to the first."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from flows.preflight import look_over_vacancy
from flows.roster.faults import InputRefused
from flows.roster.joining import joined
from flows.roster.spreadsheet import Grid, GridRow
from flows.settings import Settings


def grid(file: str, *rows: tuple[str, ...]) -> Grid:
    return Grid(file, "", tuple(GridRow(number, cells) for number, cells in enumerate(rows, start=1)))


STATUSES = grid("status.csv", ("Kandidat-ID", "Navn", "Status"), ("1", "Åse Holm", "Afvist"), ("2", "Ole Bo", "Afvist"))


def test_the_second_files_columns_stand_at_the_right() -> None:
    addresses = grid("adresser.csv", ("E-mail", "Kandidat-ID"), ("ole@example.com", "2"), ("aase@example.com", "1"))
    wide, faults = joined(STATUSES, 0, addresses, 0, on=("Kandidat-ID",))
    assert [row.cells for row in wide.rows] == [
        ("Kandidat-ID", "Navn", "Status", "E-mail"),
        ("1", "Åse Holm", "Afvist", "aase@example.com"),
        ("2", "Ole Bo", "Afvist", "ole@example.com"),
    ]
    assert faults == ()


def test_a_row_without_a_partner_stands_alone_and_is_named() -> None:
    wide, faults = joined(STATUSES, 0, grid("a.csv", ("Kandidat-ID", "E-mail"), ("2", "ole@example.com")), 0, on=("Kandidat-ID",))
    assert wide.rows[1].cells == ("1", "Åse Holm", "Afvist")
    assert [(fault.code, fault.found) for fault in faults] == [("join-missing", "1 row (2) without a partner")]


def test_an_id_that_stands_twice_joins_nobody() -> None:
    second = grid("a.csv", ("Kandidat-ID", "E-mail"), ("1", "x@example.com"), ("1", "y@example.com"), ("2", "ole@example.com"))
    wide, faults = joined(STATUSES, 0, second, 0, on=("Kandidat-ID",))
    assert "example.com" not in "".join(wide.rows[1].cells)
    assert [(fault.code, fault.found) for fault in faults] == [("join-doubled", "one id in rows 2, 3")]


def test_people_only_the_second_file_has_are_named() -> None:
    second = grid("a.csv", ("Kandidat-ID", "E-mail"), ("1", "x@example.com"), ("2", "ole@example.com"), ("9", "z@example.com"))
    _, faults = joined(STATUSES, 0, second, 0, on=("Kandidat-ID",))
    assert [(fault.code, fault.row) for fault in faults] == [("join-orphan", 4)]


def test_id_and_project_together_tell_applications_apart() -> None:
    first = grid("s.csv", ("Id", "Projekt", "Navn"), ("1", "77", "Åse"), ("1", "78", "Åse"))
    second = grid("a.csv", ("Id", "Projekt", "E-mail"), ("1", "78", "b@example.com"), ("1", "77", "a@example.com"))
    wide, faults = joined(first, 0, second, 0, on=("Id", "Projekt"))
    assert [row.cells[-1] for row in wide.rows[1:]] == ["a@example.com", "b@example.com"]
    assert faults == ()


def test_a_heading_that_stands_in_one_file_only_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        joined(STATUSES, 0, grid("a.csv", ("Nummer", "E-mail"), ("1", "x@example.com")), 0, on=("Kandidat-ID",))
    assert str(refused.value.faults[0]).startswith("a.csv row 1: found 'Nummer, E-mail', expected the heading 'Kandidat-ID'")


def test_blank_ids_never_meet() -> None:
    first = grid("s.csv", ("Id", "Navn"), ("", "Åse"))
    wide, faults = joined(first, 0, grid("a.csv", ("Id", "E-mail"), ("", "x@example.com")), 0, on=("Id",))
    assert wide.rows[1].cells == ("", "Åse")
    assert {fault.code for fault in faults} == {"join-missing"}


def test_what_is_hidden_in_the_second_file_is_told(vacancy: Path, settings: Settings) -> None:
    book = Workbook()
    sheet = book.active
    for row in (("Kandidat-ID", "Etage"), ("4700", "2. tv."), ("4701", "st.")):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    hidden = book.create_sheet("Gamle")
    hidden.append(("Kandidat-ID", "Etage"))
    hidden.sheet_state = "hidden"
    book.save(vacancy / "adresser.xlsx")
    file = vacancy / "vacancy.toml"
    file.write_text(file.read_text("utf-8") + '\n[join]\nexport = "adresser.xlsx"\non = ["Kandidat-ID"]\n', "utf-8")
    told = {fault.code for fault in look_over_vacancy(vacancy, settings).faults if fault.file == "adresser.xlsx"}
    assert told >= {"rows-hidden", "sheet-hidden"}
