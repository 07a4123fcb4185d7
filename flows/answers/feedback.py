"""The interview sheet: what the interviewers prepared for each interviewed applicant, with faults by cell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flows.roster.dates import read_date
from flows.roster.faults import Fault, Severity
from flows.roster.folding import folded
from flows.roster.spreadsheet import Grid, GridRow

NUMBERED = ("criterion", "chosen", "applicant")
CRITERIA = range(1, 5)
_QUESTIONS = {"answer_interview": 1, "answer_strengths": 2, "answer_similar": 3}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that weighed: how the chosen profile stood on it, and how this applicant did."""

    criterion: str
    chosen: str
    applicant: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was prepared for one applicant; blank where nothing was."""

    id: str
    interviewer: str = ""
    interview_date: date | None = None
    criteria: tuple[Criterion, ...] = ()
    how_near: str = ""  # very_near, near, some_way, far
    reason: str = ""  # what the applicant is told
    answer_interview: str = ""
    answer_strengths: str = ""
    answer_similar: str = ""
    apply_again: str = ""  # yes, no; silence means no
    row: int = 0  # of the interview sheet
    headings: Mapping[str, str] = field(default_factory=dict)  # key -> heading in the sheet

    @property
    def gaps(self) -> tuple[str, ...]:
        """Codes of what must be there before the call is made."""
        return tuple(code for code, there in (("how-near-missing", self.how_near), ("reason-missing", self.reason)) if not there)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("interviews.toml").read_text("utf-8"))


def sheet_words(language: str) -> dict[str, list[str]]:
    """Key -> heading and help line of the sheet in a language; `title` is the sheet's name."""
    words: dict[str, list[str]] = _words()["sheet"][language]
    return words


def sheet_choices(key: str, language: str) -> tuple[str, ...]:
    """The words of a drop-down in a language."""
    place = 0 if language == "da" else 1
    return tuple(texts[place] for texts in _words()[key].values())


@cache
def _keys() -> Mapping[str, str]:
    """Folded heading -> key."""
    keys = {}
    for key, headings in _words()["headings"].items():
        for heading in (key, *headings):
            for number in CRITERIA if key in NUMBERED else ("",):
                keys[folded(f"{heading}{number}")] = f"{key}_{number}" if number else key
    return keys


def read_feedback(grid: Grid, known_ids: frozenset[str]) -> tuple[dict[str, Feedback], tuple[Fault, ...]]:
    """What was prepared, by applicant id, and the faults by cell; a row whose id is not in the export is a fault."""
    header = grid.rows[0]
    at = {key: place for place, cell in enumerate(header.cells) if (key := _keys().get(folded(cell)))}
    if "id" not in at:
        fault = Fault(
            file=grid.file,
            row=header.number,
            code="column-missing",
            found=", ".join(filter(None, header.cells))[:200],
            expected="a column `id`",
            do="Make the sheet again with `svar interviews`.",
        )
        return {}, (fault,)
    found: dict[str, Feedback] = {}
    faults: list[Fault] = []
    for row in grid.rows[1:]:
        sheet_row = _SheetRow(grid.file, header, row, at)
        id = sheet_row.text("id")
        if id in known_ids and id not in found:
            found[id] = sheet_row.feedback(faults)
        elif any(sheet_row.text(key) for key in at if key != "id") and not id.startswith("↑"):
            code, expected = (
                ("feedback-doubled", "one row for each applicant")
                if id in found
                else ("id-unknown", "the id of an applicant in the export")
            )
            faults.append(
                Fault(
                    file=grid.file,
                    row=row.number,
                    column=header.cells[at["id"]],
                    code=code,
                    found=id,
                    expected=expected,
                    do="Correct the id.",
                )
            )
    return found, tuple(faults)


class _SheetRow:
    def __init__(self, file: str, header: GridRow, row: GridRow, at: Mapping[str, int]) -> None:
        self._file, self._header, self._row, self._at = file, header, row, at

    def text(self, key: str) -> str:
        place = self._at.get(key)
        lines = self._row.cells[place].splitlines() if place is not None and place < len(self._row.cells) else []
        return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))

    def feedback(self, faults: list[Fault]) -> Feedback:
        """The row as feedback; what is missing or cannot be read is added to `faults`."""
        for key, number in _QUESTIONS.items():
            if not self.text(key):
                faults.append(
                    self._fault(
                        key, "answer-missing", f"an answer to question {number}; no answer prepared for question {number}", Severity.WARNING
                    )
                )
        if not self.text("reason"):
            faults.append(self._fault("reason", "reason-missing", "the reason the applicant is told", Severity.ERROR))
        on = self.text("interview_date")
        if on and read_date(on) is None:
            faults.append(self._fault("interview_date", "date-unreadable", "a date such as 2026-11-05", Severity.WARNING))
        return Feedback(
            id=self.text("id"),
            interviewer=self.text("interviewer"),
            interview_date=read_date(on),
            criteria=self._criteria(faults),
            how_near=self._choice("how_near", faults),
            reason=self.text("reason"),
            answer_interview=self.text("answer_interview"),
            answer_strengths=self.text("answer_strengths"),
            answer_similar=self.text("answer_similar"),
            apply_again=self._choice("apply_again", faults),
            row=self._row.number,
            headings={key: self._header.cells[place] for key, place in self._at.items()},
        )

    def _criteria(self, faults: list[Fault]) -> tuple[Criterion, ...]:
        criteria = []
        for number in CRITERIA:
            parts = {key: self.text(f"{key}_{number}") for key in NUMBERED}
            if not any(parts.values()):
                continue
            for key, text in parts.items():
                if not text:
                    faults.append(
                        self._fault(
                            f"{key}_{number}",
                            "criterion-incomplete",
                            f"the criterion, the chosen profile and the applicant for number {number}",
                            Severity.WARNING,
                        )
                    )
            if all(parts.values()):
                criteria.append(Criterion(**parts))
        if not criteria:
            faults.append(self._fault("criterion_1", "criterion-missing", "at least one criterion that weighed", Severity.WARNING))
        return tuple(criteria)

    def _choice(self, key: str, faults: list[Fault]) -> str:
        words: dict[str, list[str]] = _words()[key]
        text = self.text(key)
        for code, texts in words.items():
            if folded(text) in {folded(code), *map(folded, texts)}:
                return code
        choices = " / ".join(texts[0] for texts in words.values())
        if text or key == "how_near":
            faults.append(
                self._fault(key, f"{re.sub('_', '-', key)}-unknown" if text else "how-near-missing", f"one of: {choices}", Severity.ERROR)
            )
        return ""

    def _fault(self, key: str, code: str, expected: str, severity: Severity) -> Fault:
        place = self._at.get(key)
        heading = self._header.cells[place] if place is not None else key
        return Fault(
            file=self._file,
            row=self._row.number,
            column=heading,
            code=code,
            found=self.text(key),
            expected=expected,
            do="Fill it in.",
            severity=severity,
        )
