"""The closed book: every row of the export in exactly one end state, or an open case with its reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from flows.answers.due import AnswerDue, Due, Route
from flows.audit.entries import Book, EndState, Entry, Evidence, Finding
from flows.audit.standing import with_history
from flows.documents.paper import Failed, Made
from flows.ledger.events import History
from flows.roster.applicant import Applicant, Outcome
from flows.roster.roster import Roster
from flows.roster.vacancy import LeftOut

__all__ = ["Book", "EndState", "Entry", "Evidence", "Finding", "close_book"]


def close_book(
    roster: Roster,
    dues: Mapping[str, AnswerDue],
    made: Sequence[Made],
    failed: Sequence[Failed],
    *,
    received: int | None,
    left_out: Mapping[str, LeftOut],
    unprepared: Mapping[str, tuple[str, ...]],
    happened: Mapping[str, History] | None = None,
    findings: Sequence[Finding] = (),
) -> Book:
    """The book after the papers were made.

    `unprepared` names, by id, what the interview sheet still lacks; `happened` is what the ledger says, by id;
    `findings` is what did not agree when the audit looked.
    """
    told = happened or {}
    papers: dict[str, list[Made]] = {}
    for each in made:
        papers.setdefault(each.id, []).append(each)
    trouble = {id: list(codes) for id, codes in unprepared.items()}
    for one in failed:
        trouble.setdefault(one.id, []).extend(f"{one.kind}: {reason}" for reason in one.reasons)
    entries = [
        with_history(_entry(each, dues[each.id], tuple(papers.get(each.id, ())), tuple(trouble.get(each.id, ()))), told.get(each.id))
        for each in roster.applicants
    ]
    entries += [Entry(each.row, each.id, "", None, None, Due.HELD, Route.NONE, reasons=each.codes) for each in roster.unreadable]
    entries += [Entry(each.row, each.id, "", None, None, Due.NOTHING, Route.NONE, state=EndState.MERGED) for each in roster.same_person]
    return Book(tuple(sorted(entries, key=lambda entry: entry.row)), roster.applications, received, tuple(findings))


def _entry(applicant: Applicant, answer: AnswerDue, papers: tuple[Made, ...], trouble: tuple[str, ...]) -> Entry:
    state, reasons = _place(applicant, answer)
    if state is None and answer.due in (Due.LETTER, Due.CALL_AND_LETTER):
        reasons = (*reasons, *trouble, *(("no-way-to-reach",) if answer.route is Route.NONE else ()))
        lacking = [paper for paper in answer.papers if not any(each.kind.startswith(paper) for each in papers)]
        if lacking and not trouble:
            reasons = (*reasons, *(f"{paper}: not-made" for paper in lacking))
    return Entry(
        applicant.row,
        applicant.id,
        applicant.name.full,
        applicant.stage.reached,
        applicant.stage.outcome,
        answer.due,
        answer.route,
        papers,
        state,
        reasons,
    )


def _place(applicant: Applicant, answer: AnswerDue) -> tuple[EndState | None, tuple[str, ...]]:
    match answer.due:
        case Due.NOTHING:
            return _ended(applicant, answer), ()
        case Due.HELD:
            return None, answer.reason
        case Due.LETTER | Due.CALL_AND_LETTER:
            return None, ()
        case _:
            assert_never(answer.due)


def _ended(applicant: Applicant, answer: AnswerDue) -> EndState:
    if answer.reason == ("left_out",):
        return EndState.LEFT_OUT
    outcome = applicant.stage.outcome
    match outcome:
        case Outcome.WITHDREW:
            return EndState.WITHDREW
        case Outcome.DECLINED_OFFER:
            return EndState.DECLINED_OFFER
        case Outcome.HIRED:
            return EndState.HIRED
        case Outcome.ANSWERED_ELSEWHERE:
            return EndState.ANSWERED_ELSEWHERE
        case Outcome.REJECTED | Outcome.IN_PROCESS | Outcome.UNKNOWN:
            raise AssertionError("a rejected or unsettled applicant is never owed nothing")
        case _:
            assert_never(outcome)
