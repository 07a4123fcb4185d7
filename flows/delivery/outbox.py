"""What would go now, and what is held and why. Pure: the same state gives the same plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.answers.due import AnswerDue, Due, Route
from flows.documents.paper import Made
from flows.ledger.events import History, What
from flows.roster.applicant import Applicant


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that decides whether somebody's letter may go."""

    applicant: Applicant
    answer: AnswerDue
    letter: Made | None  # the letter on the shelf; None where there is none
    faults: tuple[str, ...]  # why a person must act first, as codes
    unchanged: bool  # the files lie there as they were made and read back
    history: History


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that may go."""

    id: str
    row: int
    name: str
    route: Route
    letter: Made
    attempt: int  # hand-overs before this one


@dataclass(frozen=True, slots=True)
class Held:
    """A letter that may not go yet, or an answer that goes another way."""

    id: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """The plan: every applicant who is owed a letter is ready, held, left out, or has been answered."""

    ready: tuple[Outgoing, ...]
    held: tuple[Held, ...]
    answered: int

    @property
    def routes(self) -> dict[str, int]:
        """Route -> how many would go."""
        return {route.value: count for route in Route if (count := sum(each.route is route for each in self.ready))}


def outbox(cases: Iterable[Case]) -> Outbox:
    """What would go now, in the order of the export."""
    ready: list[Outgoing] = []
    held: list[Held] = []
    answered = 0
    for case in sorted(cases, key=lambda each: each.applicant.row):
        if case.history.answered_with(case.letter.kind if case.letter else ""):
            answered += 1
        elif case.answer.route in (Route.CALL, Route.NONE) and case.history.reached_by_call is not None:
            answered += 1  # by telephone: there is no other way
        elif case.history.left_out is not None:
            continue
        elif reason := _held_because(case):
            held.append(Held(case.applicant.id, case.applicant.row, reason))
        elif case.letter is not None and case.answer.due in (Due.LETTER, Due.CALL_AND_LETTER):
            ready.append(_outgoing(case, case.letter))
    return Outbox(tuple(ready), tuple(held), answered)


def _outgoing(case: Case, letter: Made) -> Outgoing:
    one = case.applicant
    return Outgoing(one.id, one.row, one.name.full, case.answer.route, letter, case.history.hand_overs)


def _held_because(case: Case) -> str:
    """The first reason, the gravest first; empty where the letter may go, or none is owed."""
    history, answer = case.history, case.answer
    if history.doubt is not None or history.under_way is not None:
        return "uncertain"
    if answer.due is Due.HELD:
        return ", ".join(answer.reason)
    if answer.due is Due.NOTHING:
        return ""
    if case.faults:
        return ", ".join(case.faults)
    if case.letter is None:
        return "not-made"
    if not case.unchanged:
        return "changed-since-made"
    if answer.due is Due.CALL_AND_LETTER and history.reached_by_call is None and not history.tried_on_two_days:
        return "call-not-made"
    if answer.route in (Route.CALL, Route.NONE):
        return "no-address"
    if history.trouble is not None and answer.route is Route.MAIL and _same_mail(history, case.letter):
        return history.trouble.what.value
    if history.drafted is not None and history.drafted.details.get("kind") == case.letter.kind:
        return "drafted"  # whatever the letter says by now: the draft may have gone, and only a person knows
    return ""


def _same_mail(history: History, letter: Made) -> bool:
    """True where the mail on the shelf is the one that came back or was refused: the same again would end the same."""
    went = history.trouble is not None and history.trouble.what in (What.BOUNCED, What.REFUSED)
    return went and (not history.approved or dict(history.approved) == dict(letter.sha256))


def chosen(box: Outbox, *, only: frozenset[str], limit: int | None) -> Outbox:
    """The plan cut down to some ids, or to the first few; everybody else stays for the next time."""
    ready = tuple(each for each in box.ready if not only or each.id in only)
    return Outbox(ready[:limit], box.held, box.answered)


def digests(outgoing: Outgoing) -> Mapping[str, str]:
    """What an approval binds: the digest of each file."""
    return dict(outgoing.letter.sha256)
