"""The interviewers' sheet of a vacancy: made once, later only added to; what somebody wrote stays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flows.answers.due import Due
from flows.answers.feedback import read_feedback
from flows.documents.interview_sheet import interview_sheet, sheet_row
from flows.documents.shelf import write_whole
from flows.documents.workbook import with_more_rows, workbook_bytes
from flows.preflight import NOT_INTERVIEWED, Preflight, look_over_vacancy
from flows.roster.applicant import Applicant
from flows.roster.faults import InputRefused
from flows.roster.spreadsheet import read_grid
from flows.settings import Settings

_DEFAULT = "interviews.xlsx"


@dataclass(frozen=True, slots=True)
class PreparedSheet:
    """The sheet as it lies there now."""

    path: Path
    added: int
    there: int
    to_name: bool  # vacancy.toml does not name it yet


def prepare_sheet(folder: Path, settings: Settings) -> PreparedSheet:
    """Writes the sheet with a row for everybody who was interviewed and is owed a call. Raises InputRefused."""
    found = look_over_vacancy(folder, settings, sheet_to_make=True)
    vacancy = found.vacancy
    assert vacancy is not None
    path = vacancy.interviews_path or folder / _DEFAULT
    wanted = _interviewed(found)
    known = _ids_in(path, found, settings) if path.exists() else frozenset()
    missing = [each for each in wanted if each.id not in known]
    if not path.exists():
        write_whole(path, workbook_bytes(interview_sheet(missing, vacancy.file.language)))
    elif missing:
        write_whole(path, with_more_rows(path, [sheet_row(each) for each in missing]))
    return PreparedSheet(path, len(missing), len(wanted) - len(missing), to_name=vacancy.interviews_path is None)


def _interviewed(found: Preflight) -> list[Applicant]:
    return [
        each
        for each in found.roster.applicants
        if found.due[each.id].due is Due.CALL_AND_LETTER and each.stage.reached not in NOT_INTERVIEWED
    ]


def _ids_in(path: Path, found: Preflight, settings: Settings) -> frozenset[str]:
    ids = frozenset(each.id for each in found.roster.applicants)
    there, faults = read_feedback(read_grid(path, settings.read_limits, own=True), ids)
    if any(fault.code == "column-missing" for fault in faults):
        raise InputRefused(faults)
    return frozenset(there)
