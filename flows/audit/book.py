"""The closed book: every row of the export in exactly one end state, or an open case with its reasons. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from flows.answers.due import AnswerDue, Due, Route
from flows.documents.paper import Failed, Made
from flows.roster.applicant import Applicant, Outcome, Reached
from flows.roster.roster import Roster
from flows.roster.vacancy import LeftOut


class EndState(StrEnum):
    """How an applicant's case ended."""

    ANSWERED_BY_MAIL = "answered_by_mail"
    ANSWERED_BY_CALL_AND_MAIL = "answered_by_call_and_mail"
    ANSWERED_BY_CALL = "answered_by_call"
    ANSWERED_BY_POST = "answered_by_post"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    WITHDREW = "withdrew"
    DECLINED_OFFER = "declined_offer"
    HIRED = "hired"
    MERGED = "merged"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that happened, from the ledger, in a word no stronger than what is known."""

    at: datetime
    what: str  # the ledger's word: approved, drafted, accepted_by_server, called, bounced ...
    by: str = ""  # initials of the person who did it; empty: the program
    detail: str = ""  # the server's reply, reached or not, on which day ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the export in the book."""

    row: int
    id: str
    name: str
    reached: Reached | None
    outcome: Outcome | None
    due: Due
    route: Route
    papers: tuple[Made, ...] = ()
    state: EndState | None = None  # None: not answered yet
    reasons: tuple[str, ...] = ()  # why a person must act, as codes; empty when only the answer is still to be given
    evidence: tuple[Evidence, ...] = ()  # in the order it happened
    answered_on: date | None = None  # the day the answer was given; None while it is not


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree: a file changed or missing, an event without a document, a broken chain."""

    code: str
    place: str  # file, row or event


@dataclass(frozen=True, slots=True)
class Book:
    """The balance of a vacancy."""

    entries: tuple[Entry, ...]  # in the order of the export
    rows: int  # rows the export holds
    received: int | None  # the recruiting system's own count
    findings: tuple[Finding, ...] = ()  # what the audit found against export, documents and ledger

    @property
    def open(self) -> tuple[Entry, ...]:
        """Everybody who is not in an end state."""
        return tuple(entry for entry in self.entries if entry.state is None)

    @property
    def open_after_close(self) -> tuple[Entry, ...]:
        """Those of the open for whom a person must act before their answer can go out."""
        return tuple(entry for entry in self.open if entry.reasons)

    @property
    def ready(self) -> tuple[Entry, ...]:
        """Those of the open whose papers are made and checked."""
        return tuple(entry for entry in self.open if not entry.reasons)

    @property
    def states(self) -> Counter[EndState]:
        return Counter(entry.state for entry in self.entries if entry.state is not None)

    @property
    def sums_hold(self) -> bool:
        """True when end states and open cases are the rows of the export, each once."""
        placed = sum(self.states.values()) + len(self.open)
        return placed == self.rows and len({entry.row for entry in self.entries}) == self.rows

    @property
    def received_matches(self) -> bool:
        return self.received is None or self.received == self.rows

    @property
    def closed(self) -> bool:
        return not self.open and not self.findings and self.sums_hold and self.received_matches


def close_book(
    roster: Roster,
    dues: Mapping[str, AnswerDue],
    made: Sequence[Made],
    failed: Sequence[Failed],
    *,
    received: int | None,
    left_out: Mapping[str, LeftOut],
    unprepared: Mapping[str, tuple[str, ...]],
) -> Book:
    """The book after the papers were made. `unprepared` names, by id, what the interview sheet still lacks."""
    papers: dict[str, list[Made]] = {}
    for each in made:
        papers.setdefault(each.id, []).append(each)
    trouble = {id: list(codes) for id, codes in unprepared.items()}
    for one in failed:
        trouble.setdefault(one.id, []).extend(f"{one.kind}: {reason}" for reason in one.reasons)
    entries = [_entry(each, dues[each.id], tuple(papers.get(each.id, ())), tuple(trouble.get(each.id, ()))) for each in roster.applicants]
    entries += [Entry(each.row, each.id, "", None, None, Due.HELD, Route.NONE, reasons=each.codes) for each in roster.unreadable]
    entries += [Entry(each.row, each.id, "", None, None, Due.NOTHING, Route.NONE, state=EndState.MERGED) for each in roster.merged]
    return Book(tuple(sorted(entries, key=lambda entry: entry.row)), roster.export.rows, received)


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
