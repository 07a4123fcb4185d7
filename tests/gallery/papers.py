"""Every kind of paper for the same people and circumstances: what the gallery shows as text and docs/contact-sheet.png as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from flows.answers.facts import letter_fields, note_fields, vacancy_facts
from flows.answers.feedback import Criterion, Feedback
from flows.documents.page import Pages, filled_body, skeleton
from flows.documents.pdf import Press
from flows.documents.word import compile_word
from flows.roster.applicant import Name
from flows.roster.vacancy import ChosenProfile, Vacancy
from flows.roster.vacancy_reader import load_vacancy
from tests.conftest import ROOT, SAMPLE, TODAY, person

TEMPLATES = tuple(sorted((ROOT / "templates").glob("[ln]*/*/*.docx")))
_TOLD = {
    "da": (
        ("Ledelse", "Har ledet store projekter", "Du har ledet mindre projekter"),
        "Du kender området godt. Vi havde brug for en, der har ledet større projekter.",
        "Vær tidligt konkret om tal.",
        "Din styrke er samarbejde.",
    ),
    "en": (
        ("Leadership", "Has led large projects", "You have led smaller projects"),
        "You know the field well. We needed somebody who has led larger projects.",
        "Be specific about figures early on.",
        "Your strength is working with others.",
    ),
}


_NAME = Name("Åse Prøvesen-O'Brien", "Åse", "Prøvesen-O'Brien")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """In what a paper differs from the plain one."""

    name: Name = _NAME
    chosen: bool = True
    public: bool = False
    prepared: bool = True
    hired: bool = True
    competences: int = 0  # so many more in the chosen profile, to fill a page


ALL: Mapping[str, Circumstances] = MappingProxyType(
    {
        "plain": Circumstances(),
        "long name": Circumstances(
            Name(
                "Anna-Magdalena Konstantina Wilhelmine von Hohenfels-Østergaard til Ravnsbjerg og Nørre Vosborg",
                "Anna-Magdalena Konstantina Wilhelmine",
                "von Hohenfels-Østergaard til Ravnsbjerg og Nørre Vosborg",
            )
        ),
        "single name": Circumstances(Name("Suharto", "Suharto", "")),
        "name from right to left": Circumstances(Name("נועה אלון")),
        "no chosen profile": Circumstances(chosen=False),
        "nobody hired": Circumstances(chosen=False, hired=False),
        "public sector": Circumstances(public=True),
        "nothing prepared": Circumstances(prepared=False),
        "two pages": Circumstances(public=True, competences=24),
    }
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawn paper and the subject of its mail."""

    pdf: bytes
    subject: str


def kind_of(template: Path) -> str:
    """`letters-da-not_invited`."""
    return "-".join(template.with_suffix("").parts[-3:])


def drawn(template: Path, told: Circumstances) -> Paper:
    """The paper of a kind in these circumstances."""
    shelf, language, _ = template.with_suffix("").parts[-3:]
    vacancy = _vacancy(told)
    applicant = replace(
        person(language=language, emails=("aase@example.com",), phones=("+45 20 00 00 00",), address=("Prøvevej 1", "7600 Struer")),
        name=told.name,
    )
    fields_of = note_fields if shelf == "notes" else letter_fields
    facts = vacancy_facts(vacancy, applicants=143, today=TODAY, hired=told.hired)
    fields = fields_of(applicant, facts, _feedback(language) if told.prepared else None)
    furniture = {"organisation": vacancy.organisation.model_dump(mode="json"), "logo": "", "language": language, "title": "Svar"}
    page = Pages(ROOT / "templates").letter_page(shelf.removesuffix("s"), filled_body(skeleton(template), fields), **furniture)
    return Paper(_press().draw(page), compile_word(template).mail_subject(fields))


@cache
def _press() -> Press:
    return Press((ROOT / "templates/pages/css/paper.css",))


def _vacancy(told: Circumstances) -> Vacancy:
    vacancy = load_vacancy(SAMPLE)
    chosen = {language: _lengthened(profile, told.competences) for language, profile in vacancy.file.chosen.items()} if told.chosen else {}
    file = vacancy.file.model_copy(update={"chosen": chosen})
    return replace(vacancy, file=file, organisation=vacancy.organisation.model_copy(update={"public": told.public}))


def _lengthened(profile: ChosenProfile, more: int) -> ChosenProfile:
    return profile.model_copy(update={"competences": (*profile.competences, *(f"kompetence {number}" for number in range(1, more + 1)))})


def _feedback(language: str) -> Feedback:
    criterion, reason, interview, strengths = _TOLD[language]
    return Feedback(
        id="4711",
        interviewer="Jens Dahl",
        interview_date=TODAY.replace(day=10),
        criteria=(Criterion(*criterion),),
        how_near="near",
        reason=reason,
        answer_interview=interview,
        answer_strengths=strengths,
        apply_again="yes",
    )
