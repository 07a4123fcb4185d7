"""What the pages say: the verdict first, why and what next, the evidence in words no stronger than it is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from flows.audit.account import account_of
from flows.audit.book import Book
from flows.audit.overview import VacancyStanding, overview_html, standing_of
from flows.audit.report import index_html, report_html
from flows.ledger.events import What
from flows.roster.faults import Fault
from flows.roster.vacancy import Vacancy
from tests.audit.books import (
    ENGLISH,
    EVERY_EVENT,
    NOW,
    TEMPLATES,
    VACANCY,
    applicants,
    closed_book,
    happened,
    letter,
    open_book,
    spoiled_book,
)


def report(book: Book, vacancy: Vacancy = VACANCY) -> str:
    return report_html(book, vacancy, now=NOW, templates=TEMPLATES, faults=(), applicants=applicants())


def index(book: Book, vacancy: Vacancy = VACANCY) -> str:
    return index_html(book, vacancy, now=NOW, templates=TEMPLATES, applicants=applicants())


def said(page: str, path: str) -> list[str]:
    """The text of every element at an XPath, blanks made single; a row as its cells."""
    found = html.fromstring(page).xpath(path)
    return [" ".join(" ".join(part.text_content() for part in (each if each.tag == "tr" else [each])).split()) for each in found]


@pytest.mark.parametrize(
    ("book", "vacancy", "line"),
    [
        (open_book(), VACANCY, "Åben: 6 af 16 mangler svar"),
        (open_book(), ENGLISH, "Open: 6 of 16 have no answer yet"),
        (closed_book(), VACANCY, "Lukket: alle 10 er besvaret eller afsluttet"),
        (closed_book(), ENGLISH, "Closed: all 10 are answered or ended"),
        (spoiled_book(), VACANCY, "Åben: alle har fået svar, men noget stemmer ikke"),
        (replace(closed_book(), received=11), ENGLISH, "Open: everyone has been answered, but the numbers do not agree"),
        (Book((letter(2, "Åse"),), 1, None), VACANCY, "Åben: 1 af 1 mangler svar"),
    ],
)
def test_the_first_line_says_closed_or_open(book: Book, vacancy: Vacancy, line: str) -> None:
    assert said(report(book, vacancy), "//h2")[0] == said(index(book, vacancy), "//h2")[0] == line


def test_everyone_who_must_be_settled_is_named_with_reason_and_next_step() -> None:
    first = "(//main/section)[2]"
    assert said(report(open_book()), f"{first}/div//tbody/tr/th") == ["Retur Mail", "Ubestemt Ubo", "Note Mangler"]
    assert said(report(open_book()), f"{first}/div//tbody/tr/td[1]") == [
        "Mailen kom retur. Find en anden adresse, eller ring.",
        "Statussen er tom eller ukendt. Sig, hvad den betyder, i vacancy.toml under [statuses].",
        "Samtaleark: Begrundelsen mangler i samtaleskemaet.",
    ]
    assert said(report(open_book()), f"{first}/details//tbody/tr/td[1]") == [
        "Klar. Kør svar send.",
        "Kladden er lagt klar. Send den, og bekræft med svar answered.",
        "Ring, og notér opkaldet med svar calls. Mailen venter på det.",
    ]


def test_a_closed_book_lists_no_open_cases() -> None:
    page = report(closed_book())
    assert "Her skal et menneske handle" not in page
    assert "Intet er afleveret" not in page
    assert 'class="verdict closed"' in page


@pytest.mark.parametrize(
    ("vacancy", "stronger"), [(VACANCY, ("leveret til", "nået frem", "afleveret")), (ENGLISH, ("delivered", "received by"))]
)
def test_accepted_by_the_server_is_never_called_delivered(vacancy: Vacancy, stronger: tuple[str, ...]) -> None:
    events = said(report(closed_book(), vacancy), "//ul[@class='events']/li[@class='accepted_by_server']")
    assert len(events) == 2
    assert not [event for event in events for word in stronger if word in event.casefold()]
    assert any("mail server" in event or "mailserver" in event for event in events)


@pytest.mark.parametrize("vacancy", [VACANCY, ENGLISH])
def test_every_event_has_words_of_its_own(vacancy: Vacancy) -> None:
    book = Book(tuple(letter(row, "Åse", evidence=happened(what)) for row, what in enumerate(EVERY_EVENT, start=2)), 16, 16)
    told = [event.split(":")[1][2:].strip() for event in said(report(book, vacancy), "//ul[@class='events']/li")]
    assert len(set(told)) == len(EVERY_EVENT) == 16
    assert not [word for word in told if "_" in word]


def test_an_event_tells_when_who_and_what_the_server_said() -> None:
    told = said(report(closed_book()), "//tr[th='Søren Ærø']//ul[@class='events']/li")
    assert told == [
        "23. nov. 2026 10:00 ringet op, MS (fik fat i ansøgeren)",
        "23. nov. 2026 11:00 modtaget af mailserveren (250 2.0.0 Ok: queued as 4D1)",
    ]


def test_findings_stand_in_words_with_their_place() -> None:
    assert said(report(spoiled_book(), ENGLISH), "//ul[@class='findings']/li") == [
        "A paper was changed after it was read back. letters/Åse Prøvesen 4702.pdf",
        "The chain of events is broken: something in it was changed or removed. event 17",
        "new-code row 3",
    ]


def test_a_paper_edited_by_hand_says_so_and_when() -> None:
    assert said(report(open_book()), "//table[@id='everyone']//tr[th='Kladde Nu']//em") == ["rettet i hånden 11. nov. 2026 08:15"]


def test_the_picture_has_its_numbers_in_words() -> None:
    captions = said(report(open_book()), "//figcaption")
    assert captions[0].startswith(
        "Breve, arbejdsdage fra ansøgningsfristen: 3 besvaret (midterste svartid 9), 4 venter. Længst 18, målet er 10; 5 over målet."
    )
    assert html.fromstring(report(open_book())).xpath("//*[local-name()='svg']/@aria-label") == captions


def test_the_published_figures_come_with_their_source() -> None:
    rows = said(report(open_book(), ENGLISH), "//tr[td[@data-share]]")
    assert (
        rows[0] == "still waiting two months after applying 0 % (0 of 10) 33 % Talent Board, Benchmark Research Report, North America, 2020"
    )
    assert rows[3].endswith("45 days at most Ontario, Employment Standards Act and O. Reg. 476/24, in force 1 January 2026")


def test_the_calls_of_today_stand_with_telephone_and_note() -> None:
    page = index(open_book())
    assert said(page, "//table[@id='calls']//tbody/tr/td[1]") == ["+45 20 30 40 13"]
    links = html.fromstring(page).xpath("//table[@id='calls']//tbody//a/@href")
    assert links[:2] == ["tel:%2B4520304013", "notes/Ring%20Til%204713.docx"] or links[:2] == [
        "tel:+4520304013",
        "notes/Ring%20Til%204713.docx",
    ]


def test_the_index_says_what_send_would_do() -> None:
    page = index(open_book())
    assert said(page, "//ul[@class='going']/li") == ["1 som kladder, HR selv sender"]
    assert len(said(page, "//details//tbody/tr")) == 5


@pytest.mark.parametrize("write", [report, index])
def test_every_link_is_relative_encoded_and_within_the_folder(write: object) -> None:
    page = write(open_book())  # type: ignore[operator]
    links = [link for link in html.fromstring(page).xpath("//a/@href") if not link.startswith(("#", "tel:"))]
    assert "letters/%C3%85se%20Pr%C3%B8vesen%204702.pdf" in links
    assert not [link for link in links if re.search(r"[ \"<>:]|^/|\.\./", link)]


@pytest.mark.parametrize("write", [report, index])
def test_hostile_names_stay_text_and_nothing_is_fetched(write: object) -> None:
    nasty = "<img src=x onerror=alert(1)>{{ 7*7 }}\"'"
    page = write(Book((letter(2, nasty, reasons=("<script>",), evidence=happened("called|<b>|<i>")),), 1, 1))  # type: ignore[operator]
    assert "<img" not in page
    assert "<b>" not in page
    assert page.count("<script>") == 1
    assert "49" not in said(page, "//table[@id='everyone']//th[@scope='row']")[0]
    assert not re.search(r"""(?:src|href)=["']?https?:|@import|url\(""", page)
    assert re.search(r"""default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'""", page)
    assert not re.search(r"<[a-z]+ [^>]*\bstyle=|<[a-z]+ [^>]*\bon[a-z]+=\"", page)


def test_faults_of_the_export_are_listed_with_what_to_do() -> None:
    fault = Fault("applicants.xlsx", "email-invalid", "an address", row=14, column="E-mail", do="Find another.")
    page = report_html(open_book(), VACANCY, now=NOW, templates=TEMPLATES, faults=(fault,))
    assert said(page, "//ul[@class='faults']/li") == ['applicants.xlsx row 14, column "E-mail" (email-invalid): an address. Find another.']


@pytest.mark.parametrize("write", [report, index])
@pytest.mark.parametrize("vacancy", [VACANCY, ENGLISH])
def test_tables_have_captions_scoped_heads_and_the_page_its_language(write: object, vacancy: Vacancy) -> None:
    tree = html.fromstring(write(open_book(), vacancy))  # type: ignore[operator]
    assert tree.xpath("/html/@lang") == [vacancy.file.language]
    assert tree.xpath("//table[not(caption)]") == tree.xpath("//th[not(@scope)]") == []
    assert not [label for label in tree.xpath("//label/@for") if not tree.xpath(f"//*[@id='{label}']")]
    assert len(set(tree.xpath("//@id"))) == len(tree.xpath("//@id"))


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_pack_says_what_every_word_of_the_ledger_means(language: str) -> None:
    text = (TEMPLATES / "pack" / f"how.{language}.md").read_text("utf-8")
    explained = {word.strip() for line in text.splitlines() if line.startswith("| ") for word in line.split("|")[1].split(",")}
    assert {what.value for what in What} <= explained


def test_both_languages_have_the_same_words() -> None:
    import tomllib

    def keys(told: dict[str, object], before: str = "") -> set[str]:
        return {
            name for key, value in told.items() for name in (keys(value, f"{before}{key}.") if isinstance(value, dict) else {before + key})
        }

    danish, english = (tomllib.loads((TEMPLATES / "pages" / f"words.{language}.toml").read_text()) for language in ("da", "en"))
    assert keys(danish) == keys(english)


def test_the_overview_puts_the_slowest_open_vacancy_on_top() -> None:
    lines = [
        VacancyStanding("closed", "Lukket", True, 0, 0, 0, 7),
        VacancyStanding("quick", "Hurtig", False, 2, 1, 0, 4),
        standing_of("projekt leder", "Projektleder <b>", account_of(open_book(), VACANCY, NOW.date())),
    ]
    page = overview_html(lines, now=NOW, templates=TEMPLATES)
    assert said(page, "//h2") == ["3 stillinger, 2 åbne"]
    assert said(page, "//tbody/tr") == [
        "Projektleder <b> projekt leder åben 6 6 18 arbejdsdage 18 arbejdsdage",
        "Hurtig quick åben 2 0 1 arbejdsdag 4 arbejdsdage",
        "Lukket closed lukket 0 0 – 7 arbejdsdage",
    ]
    assert html.fromstring(page).xpath("//tbody//a/@href")[0] == "projekt%20leder/report.html"


def test_an_overview_of_nothing_is_a_page_all_the_same(tmp_path: Path) -> None:
    assert said(overview_html([], now=NOW, templates=TEMPLATES, language="en"), "//h2") == ["0 vacancies, 0 open"]
