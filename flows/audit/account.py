"""What report, index, PDF and workbook tell: one set of figures and people for all four. Pure, no words in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import assert_never

from flows.answers.due import Due, Route
from flows.audit.book import Book, EndState, Entry
from flows.audit.timeliness import Clock, Dates, Standing, Start, clock
from flows.roster.applicant import Applicant, Reached
from flows.roster.vacancy import Vacancy

_CALLED = (EndState.ANSWERED_BY_CALL_AND_MAIL, EndState.ANSWERED_BY_CALL)
_ANSWERED = (*_CALLED, EndState.ANSWERED_BY_MAIL, EndState.ANSWERED_BY_POST, EndState.ANSWERED_ELSEWHERE)
_INTERVIEWED = (Reached.INTERVIEW_1, Reached.INTERVIEW_2, Reached.INTERVIEW_3, Reached.OFFER)
# Events after which the next step is not the one the route tells; the last such event counts.
_TURNS = ("drafted", "handing_over", "deferred", "refused", "uncertain", "bounced", "retried", "accepted_by_server", "sent_by_hand")
_GOES_WITH_SEND = frozenset({"send", "print", "mail_after_call", "after_deferred"})
_WAITED_LONG = 61  # days: the two months of the published figure
_ONTARIO = 45  # days after the last interview (Employment Standards Act, O. Reg. 476/24)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the export as the account tells of it."""

    entry: Entry
    state: str  # an end state, else `open` (a person must act first) or `ready`
    clock: Clock | None  # until the answer, or until today; None where nobody waits for one (withdrew, hired ...)
    phones: tuple[str, ...] = ()
    step: str = ""  # code of what to do next; empty in an end state, and where the reasons say it


@dataclass(frozen=True, slots=True)
class Panel:
    """The picture of one sort of answer: how many people on which working day."""

    start: Start
    target: int
    answered: Counter[int]  # working days from start to answer -> people
    waiting: Counter[int]  # working days from start to today -> people not answered yet

    @property
    def late(self) -> int:
        return sum(number for counted in (self.answered, self.waiting) for days, number in counted.items() if days > self.target)

    @property
    def longest(self) -> int:
        return max((*self.answered, *self.waiting), default=0)


@dataclass(frozen=True, slots=True)
class Share:
    """This vacancy beside a published figure: `part` of `of` people, with the longest wait where days are compared."""

    key: str
    published: int  # per cent, or days for `ceiling`
    part: int
    of: int
    longest: int | None = None


@dataclass(frozen=True)  # without slots: what many lines of a page ask for is worked out once
class Account:
    """The book told to a person on a day."""

    book: Book
    today: date
    lines: tuple[Line, ...]  # in the order of the export

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """People by end state, then `ready` and `open`; only what occurs. The numbers sum to the rows told of."""
        found = Counter(line.state for line in self.lines)
        return tuple((state, found[state]) for state in (*EndState, "ready", "open") if found[state])

    @property
    def ended(self) -> int:
        return sum(line.entry.state is not None for line in self.lines)

    @cached_property
    def missing(self) -> tuple[Line, ...]:
        """Everybody without an answer: the overdue first, and in each group the longest waiting."""
        return tuple(sorted((line for line in self.lines if line.entry.state is None), key=_urgency))

    @cached_property
    def to_settle(self) -> tuple[Line, ...]:
        """The missing for whom a person must act before the answer can go out."""
        return tuple(line for line in self.missing if line.state == "open")

    @cached_property
    def ready(self) -> tuple[Line, ...]:
        return tuple(line for line in self.missing if line.state == "ready")

    @property
    def calls(self) -> tuple[Line, ...]:
        """The calls to make today, the longest waiting first."""
        return tuple(line for line in self.ready if line.step == "call")

    @property
    def would_go(self) -> tuple[tuple[str, int], ...]:
        """What `svar send` would hand over: route and number of people."""
        going = Counter(line.entry.route.value for line in self.ready if line.step in _GOES_WITH_SEND)
        return tuple((route.value, going[route.value]) for route in Route if going[route.value])

    @property
    def held_back(self) -> tuple[Line, ...]:
        """The missing whom `svar send` would leave where they are."""
        return tuple(line for line in self.missing if line.step not in _GOES_WITH_SEND)

    @property
    def routes(self) -> tuple[tuple[str, int], ...]:
        """How the written answer travels, for everybody who is owed one: route and number of people."""
        found = Counter(line.entry.route.value for line in self.lines if line.entry.due in (Due.LETTER, Due.CALL_AND_LETTER))
        return tuple((route.value, found[route.value]) for route in Route if found[route.value])

    @property
    def overdue(self) -> int:
        return self._standing(Standing.LATE)

    @property
    def due_soon(self) -> int:
        return self._standing(Standing.DUE_SOON)

    def _standing(self, standing: Standing) -> int:
        return sum(line.clock is not None and line.clock.standing is standing for line in self.missing)

    @property
    def handed_over(self) -> bool:
        """True when anything left the house, or may have."""
        leaving = {"handing_over", "accepted_by_server", "uncertain", "bounced", "sent_by_hand", "posted"}
        if any(finding.code in ("ledger-missing", "chain-broken") for finding in self.book.findings):
            return True  # the ledger cannot say
        return any(event.what in leaving for line in self.lines for event in line.entry.evidence)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The picture: letters counted from the deadline, calls from the decision; only those that somebody is counted in."""
        found = (self._panel(start) for start in Start)
        return tuple(panel for panel in found if panel is not None)

    def _panel(self, start: Start) -> Panel | None:
        counted = [(line.entry.state, line.clock.wait) for line in self.lines if line.clock and line.clock.wait.start is start]
        if not counted:
            return None
        answered = Counter(wait.working_days for state, wait in counted if state is not None)
        waiting = Counter(wait.working_days for state, wait in counted if state is None)
        return Panel(start, counted[0][1].target, answered, waiting)


def account_of(book: Book, vacancy: Vacancy, today: date, applicants: Iterable[Applicant] = ()) -> Account:
    """The account of a book. `applicants` add telephone and last interview, which the book does not hold."""
    known = {each.id: each for each in applicants}
    return Account(book, today, tuple(_line(entry, known.get(entry.id), vacancy, today) for entry in book.entries))


def _line(entry: Entry, applicant: Applicant | None, vacancy: Vacancy, today: date) -> Line:
    until = today if entry.state is None else entry.answered_on if entry.state in _ANSWERED else None
    told = None
    if until is not None:
        dates = Dates(vacancy.file.deadline, vacancy.file.decided, applicant.interviewed_on if applicant else None)
        told = clock(until, dates, call=_owed_a_call(entry), targets=vacancy.organisation.targets)
    state = entry.state.value if entry.state else "open" if entry.reasons else "ready"
    return Line(entry, state, told, applicant.phones if applicant else (), next_step(entry))


def _owed_a_call(entry: Entry) -> bool:
    match entry.due:
        case Due.CALL_AND_LETTER:
            return True
        case Due.LETTER:
            return False
        case Due.NOTHING | Due.HELD:
            return entry.reached in _INTERVIEWED
        case _:
            assert_never(entry.due)


def next_step(entry: Entry) -> str:
    """The code of what to do next for somebody who is not answered; empty where the reasons say it."""
    if entry.state is not None or entry.reasons:
        return ""
    happened = [event.what for event in entry.evidence]
    turns = [what for what in happened if what in _TURNS]
    if turns and turns[-1] not in ("retried", "accepted_by_server", "sent_by_hand"):
        return f"after_{turns[-1]}"
    if entry.due is Due.CALL_AND_LETTER and not was_reached(entry) and len(_days_tried(entry)) < 2:
        return "call"
    return _step_of_route(entry.route, after_call="called" in happened)


def _days_tried(entry: Entry) -> set[str]:
    """The days on which somebody called and reached nobody."""
    return {event.detail.rpartition(" ")[0] or event.at.date().isoformat() for event in entry.evidence if event.what == "called"}


def was_reached(entry: Entry) -> bool:
    """True when a call is recorded that got through."""
    return any(event.what == "called" and event.detail.rpartition(" ")[2] == "reached" for event in entry.evidence)


def _step_of_route(route: Route, *, after_call: bool) -> str:
    match route:
        case Route.MAIL:
            return "mail_after_call" if after_call else "send"
        case Route.PRINT:
            return "print"
        case Route.CALL | Route.NONE:
            return "call"
        case _:
            assert_never(route)


def _urgency(line: Line) -> tuple[int, int, int, int]:
    assert line.clock is not None  # whoever has no answer waits for one
    rank = (Standing.LATE, Standing.DUE_SOON, Standing.IN_TIME).index(line.clock.standing)
    return rank, -line.clock.wait.working_days, -(line.clock.since_interview or 0), line.entry.row


def compared(account: Account, vacancy: Vacancy, applicants: Iterable[Applicant] = ()) -> tuple[Share, ...]:
    """This vacancy beside what was published elsewhere (sources: the words of the report)."""
    applied = {each.id: each.applied_on for each in applicants}
    owed = [line for line in account.lines if line.entry.due is not Due.NOTHING]
    waiting = [
        line
        for line in owed
        if line.entry.state is None and (account.today - (applied.get(line.entry.id) or vacancy.file.deadline)).days > _WAITED_LONG
    ]
    interviewed = [line for line in owed if line.entry.due is Due.CALL_AND_LETTER]
    called = sum(line.entry.state in _CALLED or was_reached(line.entry) for line in interviewed)
    since = [line.clock.since_interview for line in owed if line.clock and line.clock.since_interview is not None]
    return (
        Share("two_months", 33, len(waiting), len(owed)),
        Share("no_feedback", 60, len(interviewed) - called, len(interviewed)),
        Share("called", 6, called, len(interviewed)),
        Share("ceiling", _ONTARIO, sum(days > _ONTARIO for days in since), len(since), max(since, default=None)),
    )
