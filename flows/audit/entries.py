"""The lines of the book: one row of the export each, with its end state or why it is open. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flows.answers.due import Due, Route
from flows.documents.paper import Made
from flows.roster.applicant import Outcome, Reached


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
    waiting: str = ""  # what an open case without reasons waits for: not-answered, drafted, call-not-made, letter-not-sent, reserve


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
