"""Every letter as page text, in every language: a changed comma shows here as a line a person reads.

Write the gallery anew with SVAR_GALLERY=write and read its diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.answers.facts import letter_fields, note_fields, vacancy_facts
from flows.answers.feedback import Criterion, Feedback
from flows.documents.page import Pages, filled_body, skeleton
from flows.documents.pdf import Press
from flows.documents.read_back import pdf_pages
from flows.roster.vacancy_reader import load_vacancy
from tests.conftest import ROOT, SAMPLE, TODAY, person

HERE = Path(__file__).parent
TEMPLATES = sorted((ROOT / "templates").glob("[ln]*/*/*.docx"))
PREPARED = Feedback(
    id="4711",
    interviewer="Jens Dahl",
    interview_date=TODAY.replace(day=10),
    criteria=(Criterion("Ledelse", "Har ledet store projekter", "Du har ledet mindre projekter"),),
    how_near="near",
    reason="Du kender området godt. Vi havde brug for en, der har ledet større projekter.",
    answer_interview="Vær tidligt konkret om tal.",
    answer_strengths="Din styrke er samarbejde.",
    answer_similar="",
    apply_again="yes",
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "-".join(path.with_suffix("").parts[-3:]))
def test_every_letter_reads_as_it_did(template: Path) -> None:
    shelf, language, kind = template.with_suffix("").parts[-3:]
    vacancy = load_vacancy(SAMPLE)
    facts = vacancy_facts(vacancy, applicants=143, today=TODAY)
    applicant = person(
        "Åse Prøvesen-O'Brien",
        language=language,
        emails=("aase@example.com",),
        phones=("+45 20 00 00 00",),
        address=("Prøvevej 1", "7600 Struer"),
    )
    fields = note_fields(applicant, facts, PREPARED) if shelf == "notes" else letter_fields(applicant, facts, PREPARED)
    furniture = {"organisation": vacancy.organisation.model_dump(mode="json"), "logo": "", "language": language, "title": "Svar"}
    page = Pages(ROOT / "templates").letter_page(shelf.removesuffix("s"), filled_body(skeleton(template), fields), **furniture)
    pages = pdf_pages(Press((ROOT / "templates/pages/css/paper.css",)).draw(page))
    text = "\n\f\n".join("\n".join(line.rstrip() for line in each.splitlines()) for each in pages) + "\n"
    kept = HERE / f"{shelf}-{language}-{kind}.txt"
    if os.environ.get("SVAR_GALLERY") == "write":
        kept.write_text(text)
    assert text == kept.read_text()
