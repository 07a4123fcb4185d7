"""Everything that is looked at before anything is written: export, vacancy, answers due, templates, interview sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flows.answers.chosen import shield_faults
from flows.answers.due import AnswerDue, Due, Policy, Route, answer_due
from flows.answers.facts import title_faults
from flows.answers.feedback import Feedback, read_feedback
from flows.answers.free_texts import checked_feedback, checked_profile, with_shield
from flows.roster.applicant import Applicant, Outcome, Reached
from flows.roster.faults import Fault, InputRefused, Severity
from flows.roster.roster import Roster, faults_of_export, read_export, read_roster
from flows.roster.spreadsheet import Grid, begin_reading, read_grid
from flows.roster.vacancy import Vacancy
from flows.roster.vacancy_reader import load_vacancy
from flows.settings import Settings
from flows.tone_rules import tone_rules

NOT_INTERVIEWED = (Reached.APPLICATION, Reached.PHONE_SCREEN)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found, and what is owed to each applicant. `vacancy` is None for a bare export."""

    vacancy: Vacancy | None
    roster: Roster
    due: Mapping[str, AnswerDue]
    feedback: Mapping[str, Feedback] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    unprepared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by id: what the interview sheet lacks for those to be called
    stopped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by id: words that may not be said, so that no paper is made

    @property
    def counts(self) -> dict[str, int]:
        """Rows of the export by what they are owed; the four sum to `applicants`."""
        dues = Counter(answer.due for answer in self.due.values())
        held = dues[Due.HELD] + len(self.roster.unreadable)
        nothing = dues[Due.NOTHING] + len(self.roster.same_person)
        counts = {"letter": dues[Due.LETTER], "call_and_letter": dues[Due.CALL_AND_LETTER], "nothing": nothing, "held": held}
        return {"applicants": sum(counts.values())} | counts

    @property
    def people(self) -> int:
        """How many applied: rows that are one person, or an earlier status of one application, count once (G4)."""
        return len(self.roster.applicants) + len(self.roster.unreadable)

    @property
    def hired(self) -> bool:
        """True when the export has somebody who got the job."""
        return any(each.stage.outcome is Outcome.HIRED for each in self.roster.applicants)


def look_over_vacancy(folder: Path, settings: Settings, *, sheet_to_make: bool = False) -> Preflight:
    """The vacancy in `folder`, read and decided. The same bytes are read once in a process. Raises InputRefused with all faults.

    `sheet_to_make`: the workbook for the interviewers may be named before it is there.
    """
    return _look_over(folder.resolve(), _stamp(folder), settings, sheet_to_make)


def look_over_export(path: Path, settings: Settings) -> Preflight:
    """A bare export, without a vacancy.toml. Raises InputRefused with all faults."""
    roster = read_export(path, settings.read_limits)
    return Preflight(None, roster, _dues(roster, Policy(), frozenset()), {}, roster.faults)


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted(path for place in (folder, folder.parent) for path in place.glob("*") if path.is_file()) if folder.is_dir() else []
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


@lru_cache(maxsize=1)
def _look_over(folder: Path, _: tuple[tuple[str, int, int], ...], settings: Settings, sheet_to_make: bool) -> Preflight:
    try:
        vacancy = load_vacancy(folder, sheet_to_make=sheet_to_make)
    except InputRefused as refused:
        raise InputRefused([*refused.faults, *faults_of_export(folder, settings.read_limits)]) from refused
    with ThreadPoolExecutor(1) as beside:  # while child processes read; one after the other, to leave them a processor
        rules = tone_rules(settings.templates)
        if vacancy.interviews_path is not None:
            begin_reading(vacancy.interviews_path, settings.read_limits, own=True)
        beside.submit(rules.__getitem__, vacancy.file.language)
        profile_read = beside.submit(checked_profile, vacancy.file.chosen, rules, vacancy.file.waive)
        interviews_read = beside.submit(_interviews, vacancy, settings)
        try:
            roster = read_roster(vacancy, settings.read_limits)
        except InputRefused as refused:
            raise InputRefused([*refused.faults, *_faults_beside(profile_read, interviews_read)]) from refused
    if given_away := shield_faults(vacancy.file.chosen, roster.applicants):
        raise InputRefused([*given_away, *roster.faults])
    faults_of_profile = profile_read.result()
    if any(fault.severity is Severity.ERROR for fault in faults_of_profile):
        raise InputRefused([*faults_of_profile, *roster.faults])
    feedback, faults = _feedback(interviews_read.result(), roster)
    languages = {each.id: each.language or vacancy.file.language for each in roster.applicants}
    tone = checked_feedback(feedback, rules, languages, vacancy.file.waive, file=vacancy.file.interviews)
    tone = with_shield(tone, feedback, roster.applicants, file=vacancy.file.interviews)
    roster = _hold_interviewed(roster, feedback, vacancy)
    dues = _dues(roster, _policy(vacancy), frozenset(vacancy.file.leave_out))
    called = {
        each.id for each in roster.applicants if dues[each.id].due is Due.CALL_AND_LETTER and each.stage.reached not in NOT_INTERVIEWED
    }
    absent = _absent_feedback(roster, called - feedback.keys(), vacancy)
    unprepared = {id: gaps for id in called if (gaps := _gaps(feedback.get(id), tone.stopped.get(id, ())))}
    unreachable = _unreachable(roster, dues, vacancy)
    untranslated = title_faults(vacancy.file, _writes_in(roster, dues, vacancy.file.language))
    shown = (*roster.faults, *faults_of_profile, *faults, *tone.faults, *absent, *unreachable, *untranslated)
    return Preflight(vacancy, roster, dues, feedback, shown, unprepared, tone.stopped)


def _writes_in(roster: Roster, dues: Mapping[str, AnswerDue], language: str) -> Counter[str]:
    """Language -> how many are owed papers in it."""
    owed = (each for each in roster.applicants if dues[each.id].due in (Due.LETTER, Due.CALL_AND_LETTER))
    return Counter(each.language or language for each in owed)


def _faults_beside(profile_read: Future[tuple[Fault, ...]], interviews_read: Future[Grid | None]) -> list[Fault]:
    """What is wrong with the chosen profile and the interview sheet, where the export itself cannot be read."""
    found = list(profile_read.result())
    try:
        interviews_read.result()
    except InputRefused as refused:
        found += refused.faults
    return found


def _unreachable(roster: Roster, dues: Mapping[str, AnswerDue], vacancy: Vacancy) -> tuple[Fault, ...]:
    """One fault for everybody who is owed an answer and can be reached in no way."""
    rows = [
        each.row
        for each in roster.applicants
        if dues[each.id].due in (Due.LETTER, Due.CALL_AND_LETTER) and dues[each.id].route is Route.NONE
    ]
    if not rows:
        return ()
    shown = ", ".join(map(str, rows[:10])) + (", ..." if len(rows) > 10 else "")
    fault = Fault(
        file=vacancy.file.export,
        row=rows[0],
        code="no-way-to-reach",
        found=f"rows {shown}: no e-mail, postal address or telephone",
        expected=f"a way to reach each of these {len(rows)}",
        do="Add it in the export, or join the file that has it with [join].",
    )
    return (fault,)


def _gaps(feedback: Feedback | None, stopped: tuple[str, ...]) -> tuple[str, ...]:
    """What keeps a call from being made: nothing prepared, something missing, or words that may not be said."""
    return ("feedback-missing",) if feedback is None else (*feedback.gaps, *stopped)


def _policy(vacancy: Vacancy) -> Policy:
    answers, file = vacancy.organisation.answers, vacancy.file
    return Policy(answers.call_after_phone_screen, answers.confirm_withdrawal, frozenset(file.finalists), frozenset(file.reserve))


def _dues(roster: Roster, policy: Policy, left_out: frozenset[str]) -> dict[str, AnswerDue]:
    return {applicant.id: answer_due(applicant, policy, left_out=left_out) for applicant in roster.applicants}


def _interviews(vacancy: Vacancy, settings: Settings) -> Grid | None:
    """The interview sheet as text; None where the vacancy has none."""
    path = vacancy.interviews_path
    return read_grid(path, settings.read_limits, own=True) if path is not None and path.exists() else None


def _feedback(sheet: Grid | None, roster: Roster) -> tuple[Mapping[str, Feedback], tuple[Fault, ...]]:
    known = frozenset(applicant.id for applicant in roster.applicants)
    return read_feedback(sheet, known) if sheet else ({}, ())


def _hold_interviewed(roster: Roster, feedback: Mapping[str, Feedback], vacancy: Vacancy) -> Roster:
    """The roster with those held who have an interview sheet although the export says they were never interviewed.

    Which of the two is right only a person knows; the letter meant for the unread pile must not reach them.
    """
    odd = {each.id for each in roster.applicants if each.id in feedback and each.stage.reached in NOT_INTERVIEWED}
    if not odd:
        return roster
    held = tuple(replace(each, held=(*each.held, "interview-conflict")) if each.id in odd else each for each in roster.applicants)
    faults = tuple(_conflict(each, vacancy) for each in roster.applicants if each.id in odd)
    return replace(roster, applicants=held, faults=(*roster.faults, *faults))


def _conflict(applicant: Applicant, vacancy: Vacancy) -> Fault:
    return Fault(
        file=vacancy.file.export,
        row=applicant.row,
        code="interview-conflict",
        found=applicant.stage.reached.value,
        expected="an interview in the export too, since the interview sheet has this person",
        do=f"Correct the status in the export, or take the row out of {vacancy.file.interviews}.",
    )


def _absent_feedback(roster: Roster, absent: set[str], vacancy: Vacancy) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            file=vacancy.file.interviews or "vacancy.toml",
            code="feedback-missing",
            found=None,
            column=None if vacancy.file.interviews else "interviews",
            expected=f"a row for applicant {each.id} (row {each.row} of {vacancy.file.export}), who was interviewed",
            do=f"Run `svar interviews {vacancy.name}` and let the interviewer fill in the sheet.",
        )
        for each in roster.applicants
        if each.id in absent
    )


def check_report(found: Preflight) -> dict[str, Any]:
    """The JSON object of `svar check` (contract)."""
    roster = found.roster
    export = {key: getattr(roster.export, key) for key in ("file", "sheet", "header_row", "rows", "encoding", "delimiter")}
    columns = {"mapped": dict(roster.columns.mapped), "unused": list(roster.columns.unused), "sensitive": list(roster.columns.sensitive)}
    statuses = [
        {
            "value": word.value,
            "column": word.column,
            "rows": word.rows,
            "reached": _value(word.reached),
            "outcome": _value(word.outcome),
            "from": word.source,
        }
        for word in roster.statuses
    ]
    return {
        "export": export,
        "columns": columns,
        "statuses": statuses,
        "applicants": _applicant_rows(found),
        "faults": [fault_row(fault) for fault in found.faults],
        "counts": found.counts,
    }


def _value(word: Any) -> str | None:
    return None if word is None else str(word)


def _applicant_rows(found: Preflight) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "row": each.row,
            "id": each.id,
            "reached": each.stage.reached.value,
            "outcome": each.stage.outcome.value,
            "answer_due": found.due[each.id].due.value,
            "route": found.due[each.id].route.value,
        }
        for each in found.roster.applicants
    ]
    open_row = {"reached": "application", "outcome": "unknown", "answer_due": "held", "route": "none"}
    rows += [{"row": each.row, "id": each.id} | open_row for each in found.roster.unreadable]
    rows += [{"row": each.row, "id": each.id} | open_row | {"answer_due": "nothing"} for each in found.roster.same_person]
    return sorted(rows, key=lambda row: row["row"])


def fault_row(fault: Fault) -> dict[str, Any]:
    """A fault as the contract shows it, with its file and what to do."""
    return {
        "row": fault.row,
        "column": fault.column,
        "severity": fault.severity.value,
        "code": fault.code,
        "found": fault.found,
        "expected": fault.expected,
        "file": fault.file,
        "do": fault.do,
    }
