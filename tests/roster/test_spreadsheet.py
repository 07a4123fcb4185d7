from __future__ import annotations

import datetime
import errno
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import psutil
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.roster import spreadsheet
from flows.roster.faults import InputRefused
from flows.roster.spreadsheet import GridRow, ReadLimits, read_grid

LIMITS = ReadLimits()
Write = Callable[[Sequence[Sequence[Any]]], Path]


def written(folder: Path, content: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path: Path, limits: ReadLimits = LIMITS) -> tuple[str, str]:
    with pytest.raises(InputRefused) as refused:
        read_grid(path, limits)
    (fault,) = refused.value.faults
    return fault.code, fault.found or ""


def test_text_that_looks_like_something_else_stays_text(workbook: Write) -> None:
    grid = read_grid(workbook([["007", "NA", "None", "1E5", "+45", "  x "]]), LIMITS)
    assert grid.rows == (GridRow(1, ("007", "NA", "None", "1E5", "+45", "  x ")),)


def test_numbers_come_out_as_the_person_sees_them(workbook: Write) -> None:
    grid = read_grid(workbook([[7, 7.0, 0.1 + 0.2, 12345678901, True, None]]), LIMITS)
    assert grid.rows[0].cells[:5] == ("7", "7", "0.3", "12345678901", "TRUE")


def test_dates_are_iso_with_time_only_where_there_is_one(workbook: Write) -> None:
    grid = read_grid(
        workbook([[datetime.date(2026, 10, 30), datetime.datetime.fromisoformat("2026-10-30T14:05"), datetime.time(9, 30)]]), LIMITS
    )
    assert grid.rows[0].cells == ("2026-10-30", "2026-10-30 14:05:00", "09:30")


def test_blank_rows_count_in_the_row_numbers(workbook: Write) -> None:
    grid = read_grid(workbook([[], [], ["Navn"], [], ["Åse"]]), LIMITS)
    assert [row.number for row in grid.rows] == [3, 5]


def test_a_line_break_in_a_cell_is_one_row(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, 'Navn;Note\nÅse;"to\nlinjer"\nBo;en'.encode()), LIMITS)
    assert [row.number for row in grid.rows] == [1, 2, 3]
    assert grid.rows[1].cells == ("Åse", "to\nlinjer")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp850"])
def test_danish_letters_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    grid = read_grid(written(tmp_path, "Navn;By\nSøren Æbelø;Århus\nÅse Prøve;Køge\n".encode(encoding)), LIMITS)
    assert [row.cells for row in grid.rows] == [("Navn", "By"), ("Søren Æbelø", "Århus"), ("Åse Prøve", "Køge")]


def test_names_of_other_countries_do_not_make_a_windows_file_a_mac_one(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, "Navn;Ansøgt\nŠime;x\nAleš;x\nMiloš O’Brien;x\n".encode("cp1252")), LIMITS)
    assert [row.cells[0] for row in grid.rows] == ["Navn", "Šime", "Aleš", "Miloš O’Brien"]
    assert grid.warnings == ()


def test_a_guessed_encoding_is_told(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, "Name;Status\nJosé;x\n".encode("cp1252")), LIMITS)
    assert grid.rows[1].cells[0] == "José"
    assert grid.warnings == (("encoding-guessed", "letters that look like cp1252, and nothing that proves it"),)


def test_a_text_that_breaks_off_is_told(tmp_path: Path) -> None:
    whole, cut = b"Navn;By;Status\nBo;Ry;Afvist\nIb;Ans;Afvist\n", b"Navn;By;Status\nBo;Ry;Afvist\nIb;A"
    assert read_grid(written(tmp_path, whole), LIMITS).warnings == ()
    assert read_grid(written(tmp_path, cut), LIMITS).warnings == (("file-cut", "row 3 breaks off"),)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_ending_is_read(tmp_path: Path, delimiter: str, ending: str) -> None:
    text = ending.join(delimiter.join(cells) for cells in (("Navn", "By"), ("Åse", "Ry"), ("Bo", "Ans")))
    grid = read_grid(written(tmp_path, text.encode()), LIMITS)
    assert grid.delimiter == delimiter
    assert [row.cells for row in grid.rows] == [("Navn", "By"), ("Åse", "Ry"), ("Bo", "Ans")]


def test_a_sep_line_is_obeyed_and_not_counted(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, b"sep=|\nNavn|By, land\nBo|Ry, DK\n"), LIMITS)
    assert grid.rows[0] == GridRow(1, ("Navn", "By, land"))


def test_an_open_quotation_mark_is_refused_with_its_row(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, b'Navn;By\nBo;Ry\nAse;"Ans\nIb;Ry\n')) == (
        "quote-unclosed",
        "a quotation mark in row 3 that is never closed",
    )


def test_the_visible_sheet_is_read_and_hidden_things_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Ansøgere & co"
    for cells in (["Navn"], ["Åse"], ["Bo"]):
        book.worksheets[0].append(cells)
    book.worksheets[0].row_dimensions[2].hidden = True
    book.worksheets[0].auto_filter.ref = "A1:A3"
    book.worksheets[0].auto_filter.add_filter_column(0, ["Bo"])
    hidden = book.create_sheet("Kladde")
    hidden.sheet_state = "hidden"
    for _ in range(9):
        hidden.append(["x", "y"])
    book.save(tmp_path / "a.xlsx")
    grid = read_grid(tmp_path / "a.xlsx", LIMITS)
    assert (grid.sheet, len(grid.rows), grid.other_sheets) == ("Ansøgere & co", 3, ("Kladde",))
    assert grid.warnings == (("sheet-hidden", "Kladde"), ("rows-hidden", "1 hidden rows"), ("filter-active", "a filter that is on"))


def test_formulas_without_a_cached_value_are_told(workbook: Write) -> None:
    grid = read_grid(workbook([["Navn", "Dato"], ["Åse", "=TODAY()"]]), LIMITS)
    assert grid.warnings == (("formulas-blank", "1 formulas without a value"),)


def test_the_sheet_named_is_the_one_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["stor", "stor"])
    book.create_sheet("Lille").append(["lille"])
    book.save(tmp_path / "a.xlsx")
    assert read_grid(tmp_path / "a.xlsx", LIMITS, sheet="Lille").rows[0].cells == ("lille",)
    with pytest.raises(InputRefused, match="sheet-missing"):
        read_grid(tmp_path / "a.xlsx", LIMITS, sheet="Findes ikke")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.xlsx") == ("file-missing", "no such file")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, b"")) == ("file-empty", "0 bytes")


def test_a_file_of_blank_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, b";;\n \n;;\n"))[0] == "rows-zero"


def test_a_workbook_without_cells_is_refused(workbook: Write) -> None:
    assert refusal(workbook([]))[0] == "rows-zero"


def test_a_pdf_called_xlsx_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, b"%PDF-1.7 and more", "a.xlsx")) == (
        "unreadable",
        "a file that is no workbook, whatever its ending says",
    )


@pytest.mark.parametrize("name", ["a.xls", "a.csv"])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<html><body><table><tr><td>Navn</td></tr></table></body></html>", "a web page"),
        (
            b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
            "an XML spreadsheet of Excel 2003",
        ),
    ],
)
def test_markup_with_another_ending_is_refused_as_what_it_is(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    assert refusal(written(tmp_path, content, name)) == ("unreadable", f"{what}, whatever its ending says")


def test_a_workbook_called_csv_is_refused(tmp_path: Path, workbook: Write) -> None:
    assert refusal(workbook([["Navn"]]).rename(tmp_path / "a.csv")) == ("unreadable", "a file that is no csv, whatever its ending says")


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, b"x", "a.docx")) == ("file-type", ".docx")


def test_a_cut_workbook_is_refused(tmp_path: Path, workbook: Write) -> None:
    content = workbook([["Navn"], ["Åse"]]).read_bytes()
    assert refusal(written(tmp_path, content[: len(content) // 2], "cut.xlsx"))[0] == "unreadable"


def test_a_workbook_with_a_password_is_refused_as_such(tmp_path: Path) -> None:
    # The head of a compound file and the name of the stream in which Office keeps what it has encrypted.
    content = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    assert refusal(written(tmp_path, content, "a.xlsx"))[0] == "encrypted"


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    code, found = refusal(tmp_path / "a.xlsx")
    assert (code, found.partition(" kB ")[2]) == ("unreadable", "that unpacks to 300 MB")


def test_a_file_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="1000" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="A">{row}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert refusal(tmp_path / "a.ods", ReadLimits(megabytes=400, seconds=20))[0] == "unreadable"


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = written(tmp_path, b"Navn;By\n" + b"Bo;Ry\n" * 3_000_000)
    code, found = refusal(path, ReadLimits(seconds=1))
    assert code == "unreadable"
    assert "gave up" in found or "of reading" in found or "memory" in found


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, bytes(2**20 + 1)), ReadLimits(file_megabytes=1))[0] == "file-too-large"


def test_the_deciding_process_imports_neither_pandas_nor_prefect() -> None:
    code = "import sys, flows.roster.roster; print(sorted({'pandas', 'prefect', 'openpyxl', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
tables = st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=4).filter(
    lambda rows: any(cell.strip() for row in rows for cell in row)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables)
def test_any_table_of_text_comes_back_from_csv(tmp_path: Path, rows: list[list[str]]) -> None:
    text = "\n".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    grid = read_grid(written(tmp_path, ("sep=;\n" + text).encode()), LIMITS)
    expected = [(number, tuple(row)) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    assert [(row.number, row.cells) for row in grid.rows] == expected


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables)
def test_any_table_of_text_comes_back_from_xlsx(workbook: Write, rows: list[list[str]]) -> None:
    texts = [[cell.lstrip("=") for cell in row] for row in rows]
    if not any(cell.strip() for row in texts for cell in row):
        return
    grid = read_grid(workbook(texts), LIMITS)
    expected = {number: [cell.strip() for cell in row] for number, row in enumerate(texts, 1) if any(cell.strip() for cell in row)}
    assert {row.number: [cell.strip() for cell in (*row.cells, "")[:2]] for row in grid.rows} == expected


@pytest.mark.parametrize("name", ["a.csv", "æ ø.xlsx"])
def test_a_ready_reader_reads_the_same(tmp_path: Path, workbook: Write, name: str) -> None:
    path = workbook([["Navn", "E-mail"], ["Åse Prøve", "aase@example.dk"]]).rename(tmp_path / "named.xlsx")
    if name.endswith(".csv"):
        path = written(tmp_path, "Navn;E-mail\nÅse Prøve;aase@example.dk\n".encode(), name)
    else:
        path = path.rename(tmp_path / name)
    expected = read_grid(path, LIMITS)
    spreadsheet.ready_reader()
    (ready,) = spreadsheet._ready
    spreadsheet.begin_reading(path, LIMITS)
    assert (read_grid(path, LIMITS), spreadsheet._ready) == (expected, [])
    ready.wait(timeout=20)


def test_a_machine_that_cannot_start_the_ready_reader_reads_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", refuse)
        spreadsheet.ready_reader()
    assert spreadsheet._ready == []
    assert read_grid(written(tmp_path, b"Navn\nAase\n"), LIMITS).rows[1].cells == ("Aase",)


def test_a_file_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe6 \xc3\xb8.csv"))
    path.write_bytes(b"Navn\nAase\n")
    assert read_grid(path, LIMITS).rows[1].cells == ("Aase",)


def test_a_file_that_was_empty_is_read_afresh(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    spreadsheet.begin_reading(path, LIMITS)
    with pytest.raises(InputRefused):
        read_grid(path, LIMITS)
    path.write_bytes(b"Navn\nAase\n")
    assert read_grid(path, LIMITS).rows[1].cells == ("Aase",)


def test_a_workbook_of_our_own_reads_the_same_without_pandas(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Ark!$A$1:$A$2"})
        book.add_chartsheet("Diagram").set_chart(chart)
        sheet, day = book.add_worksheet("Ark"), book.add_format({"num_format": "dd-mm-yyyy"})
        for column, cell in enumerate(["007", 7.0, 0.1 + 0.2, True, None, "Åse"]):
            sheet.write(0, column, cell)
        sheet.write_datetime(1, 1, datetime.datetime(2026, 11, 28), day)
        book.add_worksheet("Gemt").write(0, 0, "x")
        book.get_worksheet_by_name("Gemt").hide()
    assert read_grid(path, LIMITS, own=True) == read_grid(path, LIMITS)
    for own in (True, False):
        with pytest.raises(InputRefused) as refused:
            read_grid(path, LIMITS, sheet="Diagram", own=own)
        assert [(fault.code, fault.found) for fault in refused.value.faults] == [("sheet-missing", "Ark, Gemt")]


def test_a_ready_reader_that_ended_is_no_fault_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"Navn\nAase\n")
    spreadsheet.ready_reader()
    spreadsheet._ready[0].kill()
    spreadsheet._ready[0].wait()
    assert read_grid(path, LIMITS).rows[1].cells == ("Aase",)


def test_a_ready_reader_nobody_asks_ends_with_the_command(tmp_path: Path) -> None:
    told = "import sys; from flows.roster import spreadsheet as s; s.ready_reader(); print(s._ready[0].pid, flush=True); sys.stdin.read()"
    command = subprocess.Popen([sys.executable, "-c", told], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert command.stdout is not None
    reader = psutil.Process(int(command.stdout.readline()))
    command.kill()  # without a chance to tidy up
    command.wait()
    reader.wait(timeout=20)
