"""What a person's events add up to."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from flows.ledger.events import FIRST, Event, NewEvent, What, broken_link, chained, history, without_addresses

AT = "2026-11-24T09:00:00+01:00"
DETAILS = {
    What.APPROVED: {"sha256": {"eml": "ab"}},
    What.CALLED: {"on": "2026-11-24", "reached": False, "by": "MS"},
}


def told(*whats: What | tuple[What, dict[str, object]]) -> tuple[Event, ...]:
    events: list[Event] = []
    for number, each in enumerate(whats, start=1):
        what, details = each if isinstance(each, tuple) else (each, DETAILS.get(each, {"kind": "not_invited"}))
        events.append(chained("v", number, NewEvent(what, "k", AT, details), events[-1].digest if events else FIRST))
    return tuple(events)


def test_a_letter_the_server_took_stands() -> None:
    found = history(told(What.APPROVED, What.HANDING_OVER, What.ACCEPTED_BY_SERVER))
    assert found.written is not None
    assert (found.under_way, found.doubt, found.trouble, found.letter) == (None, None, None, "not_invited")


def test_a_bounce_takes_the_answer_back() -> None:
    found = history(told(What.HANDING_OVER, What.ACCEPTED_BY_SERVER, What.BOUNCED))
    assert (found.written, found.hand_overs) == (None, 1)
    assert found.trouble is not None


def test_a_delay_notice_takes_nothing_back() -> None:
    assert history(told(What.ACCEPTED_BY_SERVER, (What.BOUNCED, {"permanent": False}))).written is not None


def test_a_hand_over_that_never_ended_stays_under_way() -> None:
    assert history(told(What.APPROVED, What.HANDING_OVER)).under_way is not None


def test_a_doubt_is_settled_by_a_persons_word() -> None:
    assert history(told(What.HANDING_OVER, What.UNCERTAIN)).doubt is not None
    settled = history(told(What.HANDING_OVER, What.UNCERTAIN, What.RETRIED))
    assert (settled.doubt, settled.hand_overs) == (None, 1)


def test_a_servers_no_ends_a_doubt_that_was_none() -> None:
    found = history(told(What.HANDING_OVER, What.UNCERTAIN, (What.REFUSED, {"reply": "550 no"})))
    assert (found.doubt, found.under_way) == (None, None)
    assert found.trouble is not None


def test_two_tries_on_different_days_end_the_waiting() -> None:
    tried = [(What.CALLED, {"on": f"2026-11-{day}", "reached": False, "by": "MS"}) for day in (23, 23, 24)]
    assert not history(told(*tried[:2])).tried_on_two_days
    assert history(told(*tried)).tried_on_two_days


def test_the_call_that_reached_somebody_is_told_with_its_day() -> None:
    found = history(told((What.CALLED, {"on": "2026-11-24", "reached": True, "by": "MS", "written_reasons": True})))
    assert found.reached_by_call is not None
    assert (found.reached_by_call.on, found.reached_by_call.written_reasons) == (date(2026, 11, 24), True)


@given(st.lists(st.sampled_from(What), max_size=12))
def test_any_history_leaves_at_most_one_answer_standing(whats: list[What]) -> None:
    found = history(told(*whats))
    assert not (found.written is not None and found.doubt is not None and found.events[-1].what is What.ACCEPTED_BY_SERVER)
    assert len(found.events) == len(whats)


@given(st.lists(st.sampled_from(What), min_size=1, max_size=8), st.data())
def test_any_changed_event_is_found_at_its_number(whats: list[What], data: st.DataObject) -> None:
    events = list(told(*whats))
    assert broken_link(events) is None
    at = data.draw(st.integers(0, len(events) - 1))
    one = events[at]
    events[at] = Event(one.vacancy, one.number, one.what, one.person + "x", one.at, one.details, one.previous, one.digest)
    assert broken_link(events) == at + 1


def test_a_servers_words_are_kept_without_the_address() -> None:
    assert without_addresses("550 5.1.1 <aase@example.com>: unknown") == "550 5.1.1 <<address>>: unknown"
