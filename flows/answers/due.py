"""What each applicant is owed: one exhaustive table, no silent branch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from flows.roster.applicant import Applicant, Outcome, Reached


class Due(StrEnum):
    """The answer an applicant is owed."""

    LETTER = "letter"
    CALL_AND_LETTER = "call_and_letter"
    NOTHING = "nothing"
    HELD = "held"


class Route(StrEnum):
    """How the written answer reaches the applicant."""

    MAIL = "mail"
    PRINT = "print"
    CALL = "call"
    NONE = "none"


# A reserve is told where the case stands; somebody who got the job or went away is not.
_STILL_OPEN = (Outcome.REJECTED, Outcome.IN_PROCESS, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """What is owed, why, by which papers and on which route.

    `reason` is a code for `nothing` and `held` (the outcome, or the faults that hold the row).
    `papers` are template names, the most general form; a more specific file wins when it exists.
    """

    due: Due
    reason: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    route: Route = Route.NONE


@dataclass(frozen=True, slots=True)
class Policy:
    """The firm's own choices inside the table."""

    call_after_phone_screen: bool = False
    confirm_withdrawal: bool = False
    finalists: frozenset[str] = frozenset()  # ids of the last few the choice was between
    reserve: frozenset[str] = frozenset()  # ids of those who are still candidates if the first says no


def answer_due(applicant: Applicant, policy: Policy, *, left_out: frozenset[str] = frozenset()) -> AnswerDue:
    """What this applicant is owed (DESIGN 4), with its route.

    A row held by a fault is owed an answer that a person must settle first. Somebody left out by
    name and initials is owed nothing by us; the book counts them apart.
    """
    if applicant.id in left_out:
        return AnswerDue(Due.NOTHING, ("left_out",))
    if applicant.held:
        return AnswerDue(Due.HELD, applicant.held)
    outcome = applicant.stage.outcome
    if applicant.id in policy.reserve and outcome in _STILL_OPEN:
        return AnswerDue(Due.LETTER, ("reserve",), ("reserve",), route_to(applicant))
    match outcome:
        case Outcome.REJECTED:
            return _rejection_due(applicant, policy)
        case Outcome.WITHDREW:
            if policy.confirm_withdrawal:
                return AnswerDue(Due.LETTER, (outcome.value,), ("withdrawn",), route_to(applicant))
            return AnswerDue(Due.NOTHING, (outcome.value,))
        case Outcome.DECLINED_OFFER | Outcome.HIRED | Outcome.ANSWERED_ELSEWHERE:
            return AnswerDue(Due.NOTHING, (outcome.value,))
        case Outcome.IN_PROCESS | Outcome.UNKNOWN:
            return AnswerDue(Due.HELD, (outcome.value,))
        case _:
            assert_never(outcome)


def _rejection_due(applicant: Applicant, policy: Policy) -> AnswerDue:
    reached, route = applicant.stage.reached, route_to(applicant)
    match reached:
        case Reached.APPLICATION:
            return AnswerDue(Due.LETTER, (), ("not_invited",), route)
        case Reached.PHONE_SCREEN:
            due = Due.CALL_AND_LETTER if policy.call_after_phone_screen else Due.LETTER
            return AnswerDue(due, (), ("after_phone_screen",), route)
        case Reached.INTERVIEW_1 | Reached.INTERVIEW_2 | Reached.INTERVIEW_3 | Reached.OFFER:
            letter = "after_final_interview" if applicant.id in policy.finalists else "after_interview"
            return AnswerDue(Due.CALL_AND_LETTER, (), ("feedback_note", letter), route)
        case _:
            assert_never(reached)


def route_to(applicant: Applicant) -> Route:
    """Mail where there is a usable address, else print, else call; `none` where nothing is known (a named open case)."""
    if applicant.emails:
        return Route.MAIL
    if applicant.address:
        return Route.PRINT
    if applicant.phones:
        return Route.CALL
    return Route.NONE


def more_specific(paper: str, reached: Reached) -> tuple[str, ...]:
    """Template names for a paper, the most specific first: `after_interview_2` before `after_interview`."""
    match reached:
        case Reached.INTERVIEW_1 | Reached.INTERVIEW_2 | Reached.INTERVIEW_3:
            return (f"{paper}_{reached.value[-1]}", paper)
        case Reached.OFFER:
            return (f"{paper}_offer", f"{paper}_3", paper)
        case Reached.APPLICATION | Reached.PHONE_SCREEN:
            return (paper,)
        case _:
            assert_never(reached)
