"""What the ledger says of a person, put into their line of the book. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from flows.answers.due import Due, Route
from flows.audit.entries import EndState, Entry, Evidence
from flows.audit.timeliness import danish_day
from flows.ledger.events import RESERVE, Event, History, What


def with_history(entry: Entry, history: History | None) -> Entry:
    """The line with its evidence; ended where the ledger shows an answer, open with its reason where something went wrong."""
    if history is None or not history.events:
        return replace(entry, waiting=_waiting(entry, History())) if entry.state is None else entry
    known = replace(entry, evidence=tuple(_evidence(event) for event in history.events))
    if entry.state is not None:
        return known
    state = _answered(entry, history)
    if state is not None:
        return replace(known, state=state, reasons=(), answered_on=None if state is EndState.LEFT_OUT else _answered_on(history))
    reasons = (*entry.reasons, *_troubles(history))
    return replace(known, reasons=reasons, waiting=_waiting(entry, history))


def _answered(entry: Entry, history: History) -> EndState | None:
    """The end state the ledger proves; None while something is still owed."""
    reached, written = history.reached_by_call is not None, history.written
    if history.left_out is not None and written is None:
        return EndState.LEFT_OUT
    if history.letter == RESERVE:
        return None  # told where the case stands, and still owed the end of it
    if written is not None and written.what is What.ANSWERED_ELSEWHERE:
        return EndState.ANSWERED_ELSEWHERE
    match entry.due:
        case Due.CALL_AND_LETTER:
            if written is not None and reached:
                return EndState.ANSWERED_BY_CALL_AND_MAIL
            if written is not None and history.tried_on_two_days:
                return _by_writing(written)
            return EndState.ANSWERED_BY_CALL if reached and entry.route in (Route.CALL, Route.NONE) else None
        case Due.LETTER | Due.HELD | Due.NOTHING:
            if written is not None:
                return _by_writing(written)
            return EndState.ANSWERED_BY_CALL if reached and entry.route in (Route.CALL, Route.NONE) else None
        case _:
            assert_never(entry.due)


def _by_writing(written: Event) -> EndState:
    return EndState.ANSWERED_BY_POST if written.what is What.POSTED else EndState.ANSWERED_BY_MAIL


def _answered_on(history: History) -> date:
    days = [danish_day(moment(history.written))] if history.written else []
    if history.written and (on := history.written.details.get("on")):
        days = [datetime.fromisoformat(str(on)).date()]
    if history.reached_by_call:
        days.append(history.reached_by_call.on)
    return min(days)  # the day they knew


def moment(event: Event) -> datetime:
    """When an event was written down."""
    return datetime.fromisoformat(event.at)


def _troubles(history: History) -> tuple[str, ...]:
    """Codes of what a person must settle before this one can be answered."""
    if history.doubt is not None or history.under_way is not None:
        return ("uncertain",)
    return (history.trouble.what.value,) if history.trouble is not None else ()


def _waiting(entry: Entry, history: History) -> str:
    if entry.due not in (Due.LETTER, Due.CALL_AND_LETTER):
        return ""
    if history.letter == RESERVE:
        return RESERVE
    if entry.due is Due.CALL_AND_LETTER and history.reached_by_call is None and not history.tried_on_two_days:
        return "call-not-made"
    if history.drafted is not None:
        return "drafted"
    return "letter-not-sent" if entry.due is Due.CALL_AND_LETTER else "not-answered"


def _evidence(event: Event) -> Evidence:
    told = event.details
    detail = next((str(told[key]) for key in ("reply", "reason", "on") if told.get(key)), "")
    if event.what is What.CALLED:
        detail = f"{told['on']} {'reached' if told['reached'] else 'not_reached'}"
    return Evidence(moment(event), event.what.value, str(told.get("by", "")), detail)
