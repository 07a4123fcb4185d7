"""What can happen to an answer, as events; and what a person's events add up to. Pure: no clock, no disk.

Words are no stronger than the evidence: a server's 250 is `accepted_by_server`, never delivered.
Events hold keys, not names: the people stand in a table of their own, so that they can be erased
and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

RESERVE = "reserve"  # the letter that tells where a case stands, and ends nothing
FIRST = "0" * 64  # what the first event of a chain points back to
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]+@[^\s<>()\[\]:;,\"]+")


class What(StrEnum):
    """What happened."""

    APPROVED = "approved"
    HANDING_OVER = "handing_over"
    ACCEPTED_BY_SERVER = "accepted_by_server"
    DEFERRED = "deferred"  # the server was not ready, or the line broke before the letter was whole: safe to try again
    REFUSED = "refused"
    UNCERTAIN = "uncertain"  # the letter went, no answer came: only the server knows
    BOUNCED = "bounced"
    DRAFTED = "drafted"
    SENT_BY_HAND = "sent_by_hand"
    POSTED = "posted"
    ANSWERED_ELSEWHERE = "answered_elsewhere"  # a person says that another system, or somebody in person, has told them
    CALLED = "called"
    LEFT_OUT = "left_out"
    CANCELLED = "cancelled"  # an answer somebody takes back: a draft, an approval, a letter sent by mistake
    RETRIED = "retried"  # a person settled it: a doubtful letter did not go, or one that came back may go again
    ERASED = "erased"


# With these somebody has been answered in writing, by us or by others.
ANSWERS = (What.ACCEPTED_BY_SERVER, What.SENT_BY_HAND, What.POSTED, What.ANSWERED_ELSEWHERE)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something to write down. `once` makes it impossible to write the same thing twice: the database decides races."""

    what: What
    person: str  # key; empty for an event of the whole vacancy
    at: str  # ISO 8601 with offset, to the second
    details: Mapping[str, Any] = field(default_factory=dict)
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was written down; `number` counts from 1 within its vacancy."""

    vacancy: str
    number: int
    what: What
    person: str
    at: str
    details: Mapping[str, Any]
    previous: str
    digest: str


def chained(vacancy: str, number: int, new: NewEvent, previous: str) -> Event:
    """The event with its place in the chain."""
    digest = hashlib.sha256(_canonical(vacancy, number, new, previous).encode()).hexdigest()
    return Event(vacancy, number, new.what, new.person, new.at, dict(new.details), previous, digest)


def _canonical(vacancy: str, number: int, new: NewEvent, previous: str) -> str:
    told = [vacancy, number, str(new.what), new.person, new.at, dict(new.details), previous]
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def broken_link(events: Sequence[Event]) -> int | None:
    """The number of the first event of one vacancy that does not follow from the one before; None where the chain holds."""
    previous = FIRST
    for number, event in enumerate(events, start=1):
        told = NewEvent(event.what, event.person, event.at, event.details)
        if event.number != number or event.previous != previous or chained(event.vacancy, number, told, previous).digest != event.digest:
            return number
        previous = event.digest
    return None


def without_addresses(words: str) -> str:
    """A server's words, the addresses in them taken out: they are kept for years, the people are not."""
    return _ADDRESS.sub("<address>", words)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach somebody by telephone."""

    on: date
    reached: bool
    by: str
    written_reasons: bool = False  # the applicant asked for them


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger says of one person, newest last."""

    events: tuple[Event, ...] = ()
    approved: Mapping[str, str] = field(default_factory=dict)  # digests of the approved files, by ending
    under_way: Event | None = None  # a hand-over begun and not completed
    doubt: Event | None = None  # the hand-over of which only the server knows
    written: Event | None = None  # the written answer that stands
    drafted: Event | None = None  # a draft or print that nobody has confirmed
    trouble: Event | None = None  # the last refusal or bounce, where nothing stands after it
    calls: tuple[Attempt, ...] = ()
    hand_overs: int = 0  # hand-overs that have ended without an answer standing
    left_out: Event | None = None  # somebody decided that no answer is owed

    @property
    def reached_by_call(self) -> Attempt | None:
        return next((call for call in reversed(self.calls) if call.reached), None)

    @property
    def tried_on_two_days(self) -> bool:
        """True when nobody was reached on two different days: the mail need not wait any longer."""
        return len({call.on for call in self.calls}) >= 2

    def answered_with(self, kind: str) -> bool:
        """True when a written answer stands that makes a letter of this kind needless: a reserve is still owed the end of it."""
        return self.written is not None and (self.letter != RESERVE or kind == RESERVE)

    @property
    def letter(self) -> str:
        """The kind of the written answer that stands: not_invited, after_interview, reserve ...; empty where none does."""
        return str(self.written.details.get("kind", "")) if self.written else ""


def history(events: Iterable[Event]) -> History:
    """What one person's events add up to, in the order they were written."""
    told = _Told()
    for event in events:
        told.take(event)
    return told.history()


def histories(events: Iterable[Event]) -> dict[str, History]:
    """Key of the person -> what happened to their answer."""
    by_person: dict[str, list[Event]] = {}
    for event in events:
        if event.person:
            by_person.setdefault(event.person, []).append(event)
    return {person: history(theirs) for person, theirs in by_person.items()}


class _Told:
    """Folds events one by one; every kind of event has its branch."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._approved: Mapping[str, str] = {}
        self._under_way: Event | None = None
        self._doubt: Event | None = None
        self._written: Event | None = None
        self._drafted: Event | None = None
        self._trouble: Event | None = None
        self._calls: list[Attempt] = []
        self._left_out: Event | None = None
        self._ended = 0

    def take(self, event: Event) -> None:
        """One more event."""
        self._events.append(event)
        match event.what:
            case What.APPROVED:
                self._approved = event.details["sha256"]
            case What.HANDING_OVER:
                self._under_way, self._trouble = event, None
            case What.ACCEPTED_BY_SERVER | What.SENT_BY_HAND | What.POSTED | What.ANSWERED_ELSEWHERE:
                self._under_way = self._doubt = self._drafted = self._trouble = None
                self._written = event
            case What.DEFERRED | What.RETRIED:
                self._under_way = self._doubt = None
                if event.what is What.RETRIED:
                    self._drafted = self._trouble = None
                self._ended += 1
            case What.REFUSED:
                self._under_way = self._doubt = None
                self._trouble = event
                self._ended += 1
            case What.BOUNCED:
                if event.details.get("permanent", True) and not self._answered_after(event):
                    self._written = self._under_way = self._doubt = None
                    self._trouble = event
                    self._ended += 1
            case What.UNCERTAIN:
                self._under_way, self._doubt = None, event
            case What.DRAFTED:
                self._drafted = event
            case What.CALLED:
                self._calls.append(_attempt(event))
            case What.LEFT_OUT:
                self._left_out = event
            case What.CANCELLED:
                self._written = self._drafted = self._left_out = None
                self._approved, self._trouble = {}, event
                self._ended += 1
            case What.ERASED:
                pass

    def _answered_after(self, bounce: Event) -> bool:
        """True when the letter that came back is an earlier one than the answer that stands."""
        return self._written is not None and int(bounce.details.get("of", self._written.number)) < self._written.number

    def history(self) -> History:
        """Everything taken so far."""
        return History(
            tuple(self._events), dict(self._approved), self._under_way, self._doubt, self._written, self._drafted, self._trouble,
            tuple(self._calls), self._ended, self._left_out,
        )  # fmt: skip


def _attempt(event: Event) -> Attempt:
    told = event.details
    return Attempt(date.fromisoformat(told["on"]), bool(told["reached"]), str(told["by"]), bool(told.get("written_reasons")))
