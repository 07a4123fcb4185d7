"""The sheet for the interviewers: a row per interviewed applicant, drop-downs, a help line per column."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flows.answers.feedback import CRITERIA, NUMBERED, sheet_choices, sheet_words
from flows.documents.workbook import Sheet, SheetColumn, Value
from flows.roster.applicant import Applicant

_WIDE = {"reason": 50, "answer_interview": 40, "answer_strengths": 40, "answer_similar": 40, "criterion": 24, "chosen": 30, "applicant": 30}
_KEYS = ("id", "name", "interviewer", "interview_date")
_LAST_KEYS = ("how_near", "reason", "answer_interview", "answer_strengths", "answer_similar", "apply_again")


def interview_sheet(applicants: Iterable[Applicant], language: str) -> Sheet:
    """The sheet in a language, ready to be filled in."""
    words = sheet_words(language)
    columns = [_column(key, words, language) for key in _KEYS]
    columns += [_column(key, words, language, number) for number in CRITERIA for key in NUMBERED]
    columns += [_column(key, words, language) for key in _LAST_KEYS]
    return Sheet(str(words["title"]), tuple(columns), tuple(sheet_row(each) for each in applicants), frozen_columns=2)


def sheet_row(applicant: Applicant) -> tuple[Value, ...]:
    """The cells that are known before anybody has written anything."""
    interviewed: date | None = applicant.interviewed_on
    return (applicant.id, applicant.name.full, None, interviewed)


def _column(key: str, words: dict[str, list[str]], language: str, number: int | None = None) -> SheetColumn:
    heading, help = words[key]
    choices = sheet_choices(key, language) if key in ("how_near", "apply_again") else ()
    return SheetColumn(f"{heading} {number}" if number else heading, _WIDE.get(key, 18), help, choices)
