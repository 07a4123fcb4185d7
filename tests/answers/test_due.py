"""What each applicant is owed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers.due import AnswerDue, Due, Policy, Route, answer_due, more_specific
from flows.roster.applicant import Outcome, Reached
from tests.conftest import person

R, Out = Reached, Outcome


@pytest.mark.parametrize(
    ("reached", "outcome", "due", "papers"),
    [
        (R.APPLICATION, Out.REJECTED, Due.LETTER, ("not_invited",)),
        (R.PHONE_SCREEN, Out.REJECTED, Due.LETTER, ("after_phone_screen",)),
        (R.INTERVIEW_1, Out.REJECTED, Due.CALL_AND_LETTER, ("feedback_note", "after_interview")),
        (R.INTERVIEW_3, Out.REJECTED, Due.CALL_AND_LETTER, ("feedback_note", "after_interview")),
        (R.OFFER, Out.REJECTED, Due.CALL_AND_LETTER, ("feedback_note", "after_interview")),
        (R.INTERVIEW_2, Out.WITHDREW, Due.NOTHING, ()),
        (R.OFFER, Out.DECLINED_OFFER, Due.NOTHING, ()),
        (R.OFFER, Out.HIRED, Due.NOTHING, ()),
        (R.APPLICATION, Out.ANSWERED_ELSEWHERE, Due.NOTHING, ()),
        (R.INTERVIEW_1, Out.IN_PROCESS, Due.HELD, ()),
        (R.APPLICATION, Out.UNKNOWN, Due.HELD, ()),
    ],
)
def test_every_line_of_the_table_is_kept(reached: Reached, outcome: Outcome, due: Due, papers: tuple[str, ...]) -> None:
    answer = answer_due(person("Åse Prøvesen", reached, outcome), Policy())
    assert (answer.due, answer.papers) == (due, papers)


@given(
    st.sampled_from(Reached),
    st.sampled_from(Outcome),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(["duplicate-person", "not-live"]), max_size=2),
)
def test_every_stage_gets_exactly_one_answer_with_a_reason(
    reached: Reached, outcome: Outcome, call: bool, confirm: bool, held: list[str]
) -> None:
    answer = answer_due(person("Åse Prøvesen", reached, outcome, held=tuple(held)), Policy(call, confirm))
    assert isinstance(answer, AnswerDue)
    assert bool(answer.papers) == (answer.due in (Due.LETTER, Due.CALL_AND_LETTER))
    assert answer.papers or answer.reason
    assert not held or answer.due is Due.HELD


def test_a_held_row_never_gets_a_letter() -> None:
    answer = answer_due(person(held=("duplicate-person",)), Policy())
    assert answer == AnswerDue(Due.HELD, ("duplicate-person",))


def test_somebody_left_out_by_name_is_owed_nothing() -> None:
    assert answer_due(person(), Policy(), left_out=frozenset({"4711"})) == AnswerDue(Due.NOTHING, ("left_out",))


def test_the_route_is_mail_then_post_then_telephone() -> None:
    mail, street, phone = ("a@example.com",), ("Prøvevej 1", "7600 Struer"), ("+45 20 00 00 00",)
    routes = [
        answer_due(person(emails=m, address=s, phones=p), Policy()).route
        for m, s, p in [(mail, street, phone), ((), street, phone), ((), (), phone), ((), (), ())]
    ]
    assert routes == [Route.MAIL, Route.PRINT, Route.CALL, Route.NONE]


def test_the_most_specific_template_comes_first() -> None:
    assert more_specific("after_interview", Reached.INTERVIEW_2) == ("after_interview_2", "after_interview")


def test_the_last_few_get_the_letter_of_the_last_few() -> None:
    answer = answer_due(person(reached=Reached.INTERVIEW_2), Policy(finalists=frozenset({"4711"})))
    assert answer.papers == ("feedback_note", "after_final_interview")


def test_a_reserve_is_told_where_the_case_stands() -> None:
    policy = Policy(reserve=frozenset({"4711"}))
    waiting = answer_due(person(reached=Reached.INTERVIEW_1, outcome=Outcome.IN_PROCESS), policy)
    assert (waiting.due, waiting.papers) == (Due.LETTER, ("reserve",))
    assert answer_due(person(reached=Reached.OFFER, outcome=Outcome.HIRED), policy).due is Due.NOTHING
