"""The closed book: every row in exactly one place, the sums equal, whatever the export holds."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.answers.due import AnswerDue, Due, Policy, Route, answer_due
from flows.audit.book import Book, EndState, Entry, close_book
from flows.audit.standing import with_history
from flows.documents.paper import Failed, Made
from flows.ledger.events import FIRST, NewEvent, What, chained, history
from flows.roster.applicant import Outcome, Reached
from flows.roster.faults import InputRefused
from flows.roster.roster import Roster, read_export
from flows.roster.spreadsheet import ReadLimits
from tests.conftest import person

STATUSES = ["Afvist", "Afslag sendt", "Ansat", "Trukket sig", "Tilbud afvist", "Ny", "Gemt", "", "Hvad er det", "Rejected"]
NAMES = ["Åse Prøvesen", "NA", "Ole Bo", "Ole Bo", "", "Jensen, Hans", "{{ 7*7 }}", "=1+1", "Ida\nHolm"]
MAILS = ["aase@example.com", "ole@example.com", "", "ikke en adresse", "a@example.com; b@example.com"]
ROW = st.tuples(
    st.sampled_from(["1", "2", "3", "", "007"]),
    st.sampled_from(NAMES) | st.text(max_size=12),
    st.sampled_from(MAILS),
    st.sampled_from(STATUSES) | st.text(max_size=8),
    st.sampled_from(["", "2026-10-01", "01-10-2026", "snart"]),
)


def book_of(roster: Roster, made: tuple[Made, ...] = (), failed: tuple[Failed, ...] = ()) -> Book:
    dues = {each.id: answer_due(each, Policy()) for each in roster.applicants}
    return close_book(roster, dues, made, failed, received=None, left_out={}, unprepared={})


def export_of(rows: list[tuple[str, ...]]) -> Path:
    text = io.StringIO()
    written = csv.writer(text, delimiter=";")
    written.writerow(["Kandidat-ID", "Navn", "E-mail", "Status", "Dato for første samtale"])
    written.writerows(rows)
    path = Path(tempfile.mkdtemp()) / "ansøgere.csv"
    path.write_text(text.getvalue(), "utf-8")
    return path


@given(st.lists(ROW, min_size=1, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_row_of_any_export_ends_in_exactly_one_place(rows: list[tuple[str, ...]]) -> None:
    try:
        roster = read_export(export_of(rows), ReadLimits())
    except InputRefused as refused:
        assert refused.faults
        return
    book = book_of(roster)
    assert book.sums_hold
    assert len(roster.applicants) + len(roster.unreadable) + len(roster.merged) == roster.export.rows
    assert len({entry.id for entry in book.entries}) == len(book.entries)


@given(st.sampled_from(Reached), st.sampled_from(Outcome), st.booleans(), st.booleans(), st.sampled_from([(), ("email-doubled",)]))
def test_the_table_gives_every_stage_one_answer(
    reached: Reached, outcome: Outcome, call: bool, confirm: bool, held: tuple[str, ...]
) -> None:
    answer = answer_due(person(reached=reached, outcome=outcome, held=held), Policy(call, confirm))
    assert (answer.due is Due.HELD) == bool(held or outcome in (Outcome.IN_PROCESS, Outcome.UNKNOWN))
    assert bool(answer.papers) == (answer.due in (Due.LETTER, Due.CALL_AND_LETTER))


def made(kind: str) -> Made:
    return Made("4711", kind, "da", f"letters/{kind}.docx", f"letters/{kind}.pdf", None, {}, "")


def entry_of(answer: AnswerDue, *papers: Made, failed: tuple[Failed, ...] = ()) -> Book:
    roster = read_export(export_of([("4711", "Åse Prøvesen", "aase@example.com", "Afvist", "")]), ReadLimits())
    return close_book(roster, {"4711": answer}, papers, failed, received=1, left_out={}, unprepared={})


def test_a_letter_that_was_not_made_is_an_open_case() -> None:
    book = entry_of(AnswerDue(Due.LETTER, (), ("not_invited",), Route.MAIL))
    assert book.open_after_close[0].reasons == ("not_invited: not-made",)


def test_a_paper_that_did_not_hold_says_why() -> None:
    failed = (Failed("4711", 2, "not_invited", ("name-missing",)),)
    book = entry_of(AnswerDue(Due.LETTER, (), ("not_invited",), Route.MAIL), failed=failed)
    assert book.open_after_close[0].reasons == ("not_invited: name-missing",)


def test_papers_made_leave_the_answer_still_to_be_given() -> None:
    book = entry_of(AnswerDue(Due.LETTER, (), ("not_invited",), Route.MAIL), made("not_invited"))
    assert (book.open_after_close, len(book.ready), book.closed) == ((), 1, False)


def test_a_withdrawn_applicant_closes_the_book() -> None:
    roster = read_export(export_of([("4711", "Åse Prøvesen", "aase@example.com", "Trukket sig", "")]), ReadLimits())
    book = book_of(roster)
    assert (book.closed, book.states) == (True, {EndState.WITHDREW: 1})


def test_a_count_that_does_not_match_keeps_the_book_open() -> None:
    roster = read_export(export_of([("4711", "Åse Prøvesen", "aase@example.com", "Trukket sig", "")]), ReadLimits())
    dues = {each.id: answer_due(each, Policy()) for each in roster.applicants}
    assert not close_book(roster, dues, (), (), received=2, left_out={}, unprepared={}).closed


DETAILS = {"sha256": {}, "kind": "not_invited", "on": "2026-11-20", "reached": True, "by": "MS", "permanent": True}
EVENT = st.tuples(st.sampled_from(What), st.booleans(), st.booleans(), st.sampled_from(["not_invited", "reserve"]))


@given(st.sampled_from(Due), st.sampled_from(Route), st.lists(EVENT, max_size=9))
@settings(max_examples=200, deadline=None)
def test_any_history_leaves_a_person_ended_or_open_with_why(due: Due, route: Route, told: list[tuple[What, bool, bool, str]]) -> None:
    events = []
    for number, (what, reached, permanent, kind) in enumerate(told, start=1):
        details = DETAILS | {"reached": reached, "permanent": permanent, "kind": kind}
        events.append(chained("v", number, NewEvent(what, "k", f"2026-11-2{number % 10}T23:30:00+00:00", details), FIRST))
    reached_stage, state = (Reached.INTERVIEW_1, None) if due is not Due.NOTHING else (Reached.APPLICATION, EndState.WITHDREW)
    reasons = ("unknown",) if due is Due.HELD else ()
    line = with_history(Entry(2, "1", "Anne", reached_stage, Outcome.REJECTED, due, route, state=state, reasons=reasons), history(events))
    book = Book((line,), 1, 1)
    assert book.sums_hold
    assert sum(book.states.values()) + len(book.open) == book.rows == book.received
    assert book.closed == (line.state is not None)
    assert line.state is not None or line.reasons or line.waiting
    assert len(line.evidence) == len(events)


def test_an_answer_late_at_night_abroad_is_the_next_day_in_denmark() -> None:
    sent = chained("v", 1, NewEvent(What.ACCEPTED_BY_SERVER, "k", "2026-11-12T23:30:00+00:00", {"kind": "not_invited"}), FIRST)
    line = with_history(Entry(2, "1", "Anne", Reached.APPLICATION, Outcome.REJECTED, Due.LETTER, Route.MAIL), history([sent]))
    assert line.answered_on == date(2026, 11, 13)
