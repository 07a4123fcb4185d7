"""Page, PDF and workbook carry the same counts and the same people."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from functools import cache

import pypdfium2
import pytest
from lxml import html
from openpyxl import load_workbook

from flows.audit.book import Book
from flows.audit.report import report_html
from flows.audit.report_pdf import report_pdf
from flows.audit.report_workbook import report_workbook
from flows.audit.wording import Wording
from flows.roster.vacancy import Vacancy
from tests.audit.books import ENGLISH, NOW, TEMPLATES, VACANCY, applicants, closed_book, happened, letter, open_book, spoiled_book

BOOKS = {"open": (open_book(), VACANCY), "closed": (closed_book(), ENGLISH), "spoiled": (spoiled_book(), VACANCY)}


@cache
def pdf_text(named: str) -> str:
    book, vacancy = BOOKS[named]
    document = pypdfium2.PdfDocument(report_pdf(book, vacancy, now=NOW, templates=TEMPLATES, applicants=applicants()))
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def sheets(book: Book, vacancy: Vacancy) -> dict[str, list[tuple[object, ...]]]:
    written = load_workbook(io.BytesIO(report_workbook(book, vacancy, now=NOW, templates=TEMPLATES, applicants=applicants())))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in written}


@pytest.mark.parametrize("named", BOOKS)
def test_the_three_carry_the_same_counts(named: str) -> None:
    book, vacancy = BOOKS[named]
    wording = Wording(TEMPLATES, vacancy.file.language)
    tree = html.fromstring(report_html(book, vacancy, now=NOW, templates=TEMPLATES, faults=(), applicants=applicants()))
    page = {cell.get("data-count"): int(cell.text) for cell in tree.xpath("//td[@data-count]")}
    summary = {str(row[0]): row[1] for row in next(iter(sheets(book, vacancy).values()))}
    assert page.pop("sum") == book.rows == summary[wording["sum"]]
    assert sum(page.values()) == book.rows
    assert re.search(rf"{wording['sum']} {book.rows}\b", pdf_text(named))
    for state, number in page.items():
        assert summary[wording.state(state)] == number
        assert re.search(rf"{wording.state(state)} {number}\b", pdf_text(named)), state


@pytest.mark.parametrize("named", BOOKS)
def test_the_three_name_the_same_people(named: str) -> None:
    book, vacancy = BOOKS[named]
    wording = Wording(TEMPLATES, vacancy.file.language)
    tree = html.fromstring(report_html(book, vacancy, now=NOW, templates=TEMPLATES, faults=()))
    page = [
        (row.xpath("string(th)").replace("–", ""), row.xpath("string(td[2])")) for row in tree.xpath("//table[@id='everyone']//tbody/tr")
    ]
    written = sheets(book, vacancy)[wording["sheets"]["everyone"]]
    assert page == [(str(row[2] or ""), str(row[1])) for row in written[1:]] == [(each.name, each.id) for each in book.entries]
    assert [pair for pair in page if pair[0] not in pdf_text(named) or pair[1] not in pdf_text(named)] == []


@pytest.mark.parametrize("named", BOOKS)
def test_the_three_begin_with_the_same_verdict(named: str) -> None:
    book, vacancy = BOOKS[named]
    verdict = html.fromstring(report_html(book, vacancy, now=NOW, templates=TEMPLATES, faults=())).xpath("string(//h2)")
    assert verdict in pdf_text(named)
    assert verdict in [row[0] for row in next(iter(sheets(book, vacancy).values()))]


def test_numbers_and_dates_are_typed_and_the_head_stays_in_sight() -> None:
    written = load_workbook(io.BytesIO(report_workbook(open_book(), VACANCY, now=NOW, templates=TEMPLATES)))
    everyone = written["Alle"]
    head = {cell.value: cell.column for cell in everyone[1]}
    first = {heading: everyone.cell(2, column).value for heading, column in head.items()}
    assert (first["Række"], first["Besvaret"], first["Arbejdsdage"], first["Mål"]) == (2, datetime(2026, 11, 12), 9, 10)
    assert (everyone.freeze_panes, everyone.auto_filter.ref) == ("D2", "A1:P17")
    event = [cell.value for cell in written["Hændelser"][2]]
    assert event[:6] == [2, "4702", "Åse Prøvesen", datetime(2026, 11, 12, 10), "godkendt", "MS"]


def test_a_name_like_a_formula_stays_text() -> None:
    book = Book((letter(2, '=HYPERLINK("x")', evidence=happened("called|@MS|+45 20")),), 1, 1)
    packed = report_workbook(book, VACANCY, now=NOW, templates=TEMPLATES)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
    assert sheets(book, VACANCY)["Alle"][1][2] == '=HYPERLINK("x")'


def test_the_pdf_is_tagged_titled_and_in_the_vacancys_language() -> None:
    pdf = report_pdf(closed_book(), ENGLISH, now=NOW, templates=TEMPLATES)
    document = pypdfium2.PdfDocument(pdf)
    assert document.get_metadata_value("Title") == "Report – Projektleder, fjernvarme"
    assert b"/MarkInfo" in pdf or document.is_tagged()
    assert document[0].get_width() > document[0].get_height()


def test_the_events_of_the_pdf_are_those_of_the_page() -> None:
    assert "12. nov. 2026: 10:00 godkendt, MS; 11:00 modtaget af mailserveren (250 2.0.0 Ok: queued as 4D1)" in pdf_text("open")
    assert pdf_text("open").count("kom retur (550 5.1.1)") == 1


def test_the_trail_of_events_tells_each_day_once() -> None:
    two_days = happened("approved|MS", "drafted") + happened("sent_by_hand|MS|2026-11-13", on=date(2026, 11, 13))
    assert Wording(TEMPLATES, "en").trail(two_days) == (
        "12 Nov 2026: 10:00 approved, MS; 11:00 draft laid ready. 13 Nov 2026: 10:00 sent by hand, MS (2026-11-13)"
    )


def test_a_word_wider_than_its_column_is_broken() -> None:
    name = "W" * 60
    document = pypdfium2.PdfDocument(report_pdf(Book((letter(2, name),), 1, 1), VACANCY, now=NOW, templates=TEMPLATES))
    page = document[len(document) - 1].get_textpage()
    assert page.get_text_range().replace("\r\n", "").count(name) == 1
    assert (
        max(page.get_charbox(at)[2] for at in range(page.count_chars()) if page.get_text_range(at, 1) == "W")
        < 15 / 25.4 * 72 + 58 / 25.4 * 72
    )


def test_a_day_is_written_as_a_day() -> None:
    assert Wording(TEMPLATES, "da").day(date(2026, 6, 5)) == "5. juni 2026"
    assert Wording(TEMPLATES, "en").day(date(2026, 6, 5)) == "5 June 2026"
