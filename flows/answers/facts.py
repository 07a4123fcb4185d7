"""The facts that go into a paper: what the templates may use, and nothing else of the applicant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from flows.answers.feedback import Feedback
from flows.answers.greeting import greeting_name
from flows.roster.applicant import Applicant
from flows.roster.faults import Fault, Severity
from flows.roster.vacancy import ChosenProfile, Organisation, Vacancy, VacancyFile

_LOCALES = {"da": "da_DK", "en": "en_GB"}


@dataclass(frozen=True, slots=True)
class VacancyFacts:
    """What every paper of a vacancy may say."""

    file: VacancyFile
    organisation: Organisation
    applicants: int  # how many applied
    today: date
    filled: bool  # somebody got the job; only then may a letter speak of the person chosen

    @property
    def language(self) -> str:
        return self.file.language


def title_faults(file: VacancyFile, papers: Mapping[str, int]) -> tuple[Fault, ...]:
    """A warning for each language of the papers (language -> how many) in which the job has no name."""
    return tuple(
        Fault(
            file="vacancy.toml",
            column=f"titles.{language}",
            code="title-untranslated",
            severity=Severity.WARNING,
            found=f"{count} people are written to in another language ({language}), and the job is called {file.title!r} there too",
            expected=f"`[titles] {language} = ...`, unless the job has the same name in both",
            do="Add the job's name in that language.",
        )
        for language, count in sorted(papers.items())
        if language != file.language and language not in file.titles
    )


def vacancy_facts(vacancy: Vacancy, *, applicants: int, today: date, hired: bool) -> VacancyFacts:
    """The facts of a vacancy with `applicants` applicants, for papers dated `today`; `hired`: the export has somebody who got the job.

    A chosen profile is HR's word that somebody was chosen, also where the export does not say so yet.
    """
    chosen = any(_chosen(profile) for profile in vacancy.file.chosen.values())
    return VacancyFacts(vacancy.file, vacancy.organisation, applicants, today, filled=hired or chosen)


def letter_fields(applicant: Applicant, facts: VacancyFacts, feedback: Feedback | None) -> dict[str, Any]:
    """The fields of a letter (templates/README.md lists them): strings, booleans, lists and dicts of these."""
    language = applicant.language or facts.language
    return _shared(applicant, facts, language) | {
        "address_lines": [applicant.name.full, *applicant.address],
        "chosen": _chosen(facts.file.chosen.get(language)),  # type: ignore[call-overload]  # any language: None where HR wrote no profile in it
        "feedback": _feedback(feedback),
        "keep_months": _keep_months(facts.organisation),
    }


def note_fields(applicant: Applicant, facts: VacancyFacts, feedback: Feedback | None) -> dict[str, Any]:
    """The fields of the feedback note; what was not prepared is blank or empty, and the note shows it as missing."""
    language = applicant.language or facts.language
    since = (feedback.interview_date if feedback else None) or applicant.interviewed_on or facts.file.decided
    empty = Feedback(applicant.id)
    told = feedback or empty
    return _shared(applicant, facts, language) | {
        "phones": list(applicant.phones),
        "email": applicant.emails[0] if applicant.emails else "",
        "waiting_since": _long(since, language) if since else "",
        "waiting_days": str(max((facts.today - since).days, 0)) if since else "",
        "interviewer": told.interviewer,
        "interview_date": _long(told.interview_date, language) if told.interview_date else "",
        "criteria": [{"criterion": each.criterion, "chosen": each.chosen, "applicant": each.applicant} for each in told.criteria],
        "how_near": told.how_near,
        "reason": told.reason,
        "answers": {"interview": told.answer_interview, "strengths": told.answer_strengths, "similar": told.answer_similar},
        "apply_again": told.apply_again,
    }


def _shared(applicant: Applicant, facts: VacancyFacts, language: str) -> dict[str, Any]:
    firm, contact = facts.organisation, facts.file.contact
    return {
        "name": applicant.name.full,
        "greeting_name": greeting_name(applicant.name, full=firm.answers.full_name_in_greeting),
        "date": _long(facts.today, language),
        "title": facts.file.title_in(language),
        "reference": facts.file.reference,
        "applicants": _number(facts.applicants, language),
        "contact": {"name": contact.name, "title": contact.title, "phone": contact.phone, "email": contact.email},
        "organisation": {
            "name": firm.name,
            "address": list(firm.address),
            "phone": firm.phone,
            "web": firm.web,
            "cvr": firm.cvr,
            "public": firm.public,
        },
        "language": language,
        "filled": facts.filled,
    }


@lru_cache(maxsize=256)  # the same days and numbers stand in every letter
def _long(day: date, language: str) -> str:
    return format_date(day, "long", _LOCALES[language])


@lru_cache(maxsize=16)
def _number(number: int, language: str) -> str:
    return format_decimal(number, locale=_LOCALES[language])


def _keep_months(firm: Organisation) -> str:
    """How long papers are kept, only where the firm itself has said so: nothing is promised that is not set."""
    said = "papers_months" in firm.retention.model_fields_set and firm.retention.papers_months
    return str(firm.retention.papers_months) if said else ""


def _chosen(profile: ChosenProfile | None) -> dict[str, Any] | None:
    if profile is None or not (profile.experience.strip() or profile.competences):
        return None
    return {"experience": profile.experience.strip().rstrip("."), "competences": list(profile.competences)}


def _feedback(feedback: Feedback | None) -> dict[str, Any] | None:
    if feedback is None:
        return None
    return {"reason": feedback.reason, "how_near": feedback.how_near, "apply_again": feedback.apply_again == "yes"}
