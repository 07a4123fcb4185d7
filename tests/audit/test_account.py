"""The figures of the account: who is missing, what comes next, what would go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from flows.answers.due import Route
from flows.audit.account import Account, account_of, compared, next_step
from flows.audit.book import Book, EndState
from flows.audit.picture import picture_of
from flows.audit.timeliness import Start
from tests.audit.books import VACANCY, applicants, closed_book, crowd, every_end_state, happened, interviewed, letter, open_book

TODAY = date(2026, 11, 25)


def told(book: Book, today: date = TODAY) -> Account:
    return account_of(book, VACANCY, today, applicants())


def test_the_counts_sum_to_the_rows_of_the_export() -> None:
    account = told(open_book())
    assert sum(number for _, number in account.counts) == account.book.rows == 16
    assert dict(account.counts) == {state.value: 1 for state in EndState} | {"ready": 3, "open": 3}


def test_the_overdue_stand_first_and_the_longest_waiting_on_top() -> None:
    assert [(line.entry.row, line.clock.wait.working_days) for line in told(open_book()).missing if line.clock] == [
        (12, 18),
        (14, 18),
        (15, 18),
        (17, 18),
        (13, 3),
        (16, 3),
    ]


def test_a_call_over_its_target_stands_before_a_letter_in_time() -> None:
    early = replace(VACANCY, file=VACANCY.file.model_copy(update={"deadline": date(2026, 11, 18), "decided": date(2026, 11, 20)}))
    account = account_of(Book((letter(2, "Brev"), interviewed(3, "Ring")), 2, 2), early, TODAY)
    assert [(line.entry.name, line.clock.standing) for line in account.missing if line.clock] == [("Ring", "late"), ("Brev", "in_time")]


def test_nobody_waits_who_withdrew_was_hired_or_left_out() -> None:
    clocks = {line.state: line.clock for line in told(closed_book()).lines}
    assert [state for state, clock in clocks.items() if clock is None] == ["withdrew", "declined_offer", "hired", "merged", "left_out"]


def test_a_call_answered_three_days_after_the_decision_is_late() -> None:
    by_name = {line.entry.name: line.clock for line in told(closed_book()).lines}
    late = {name: clock.wait.late for name, clock in by_name.items() if clock}
    assert late == {"Åse Prøvesen": False, "Søren Ærø": False, "Ida Holm": True, "Poul Brev": True, "Else Hvor": False}


@pytest.mark.parametrize(
    ("events", "step"),
    [
        ((), "send"),
        (("approved",), "send"),
        (("approved", "drafted"), "after_drafted"),
        (("handing_over",), "after_handing_over"),
        (("handing_over", "deferred"), "after_deferred"),
        (("handing_over", "refused"), "after_refused"),
        (("handing_over", "uncertain"), "after_uncertain"),
        (("handing_over", "accepted_by_server", "bounced"), "after_bounced"),
        (("handing_over", "uncertain", "retried"), "send"),
    ],
)
def test_the_last_turn_decides_what_to_do_next(events: tuple[str, ...], step: str) -> None:
    assert next_step(letter(2, "Åse", evidence=happened(*events))) == step


def test_the_mail_of_an_interviewed_person_waits_for_the_call() -> None:
    assert next_step(interviewed(2, "Åse")) == "call"
    assert next_step(interviewed(2, "Åse", evidence=happened("called|MS|2026-11-12 reached"))) == "mail_after_call"


def test_somebody_who_was_not_reached_is_called_again_until_tried_on_two_days() -> None:
    tried = ("called|MS|2026-11-12 not_reached", "called|MS|2026-11-12 not_reached", "called|MS|2026-11-13 not_reached")
    assert next_step(interviewed(2, "Åse", evidence=happened(*tried[:2]))) == "call"
    assert next_step(interviewed(2, "Åse", evidence=happened(*tried))) == "mail_after_call"


def test_somebody_with_a_telephone_alone_is_called() -> None:
    assert next_step(letter(2, "Åse", route=Route.CALL)) == "call"


def test_send_would_take_the_ready_and_leave_the_others() -> None:
    account = told(open_book())
    assert account.would_go == (("mail", 1),)
    assert {line.entry.name for line in account.held_back} == {"Retur Mail", "Ubestemt Ubo", "Note Mangler", "Kladde Nu", "Ring Til"}
    assert sum(number for _, number in account.would_go) + len(account.held_back) == len(account.missing)


def test_nothing_was_handed_over_while_papers_were_only_drafted() -> None:
    assert not told(Book((letter(2, "Åse", evidence=happened("made", "approved", "drafted")),), 1, 1)).handed_over
    assert told(Book((letter(2, "Åse", evidence=happened("handing_over")),), 1, 1)).handed_over


def test_the_picture_shows_everybody_who_was_answered_or_waits() -> None:
    letters, calls = told(open_book()).panels
    assert (letters.start, letters.target, dict(letters.answered), dict(letters.waiting)) == (
        Start.DEADLINE,
        10,
        {9: 1, 12: 1, 1: 1},
        {18: 4},
    )
    assert (calls.start, calls.target, dict(calls.answered), dict(calls.waiting)) == (Start.DECISION, 2, {1: 1, 3: 1}, {3: 2})
    assert (letters.late, calls.late) == (5, 3)


def test_the_bars_stand_on_the_floor_and_inside_the_picture() -> None:
    for panel in told(crowd(300)).panels:
        drawn = picture_of(panel)
        assert all(bar.x >= 0 and bar.x + bar.width <= 640 and bar.y >= 20 and bar.y + bar.height <= 140.1 for bar in drawn.bars)
        assert sum(int(mark.text) for mark in drawn.numbers) == sum(panel.answered.values()) + sum(panel.waiting.values())


def test_a_wait_of_years_is_drawn_in_the_last_column() -> None:
    (panel,) = told(Book((letter(2, "Åse"),), 1, 1), today=date(2030, 1, 2)).panels
    assert picture_of(panel).ticks[-1].text.endswith("+")


def test_this_vacancy_stands_beside_the_published_figures() -> None:
    shares = {share.key: share for share in compared(told(open_book()), VACANCY, applicants())}
    assert (shares["two_months"].part, shares["two_months"].of, shares["two_months"].published) == (0, 10, 33)
    assert (shares["called"].part, shares["called"].of, shares["called"].published) == (2, 4, 6)
    assert (shares["no_feedback"].part, shares["no_feedback"].published) == (2, 60)
    assert (shares["ceiling"].part, shares["ceiling"].of, shares["ceiling"].longest, shares["ceiling"].published) == (0, 4, 15, 45)


def test_two_months_after_applying_the_silent_are_counted() -> None:
    account = told(open_book(), today=date(2027, 1, 5))
    shares = {share.key: share.part for share in compared(account, VACANCY, applicants())}
    assert (shares["two_months"], shares["ceiling"]) == (6, 2)


def test_an_empty_book_has_nothing_to_draw_or_compare() -> None:
    account = told(Book((), 0, None))
    assert (account.panels, account.counts, account.missing) == ((), (), ())
    assert all(share.of == 0 for share in compared(account, VACANCY))
    assert len(every_end_state()) == len(EndState)
