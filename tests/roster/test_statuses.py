from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.roster.applicant import Outcome, Reached, Stage
from flows.roster.row_signals import TELLING, row_signals
from flows.roster.statuses import Meaning, Signals, known_words, meaning_of, read_word, stage_of


def stage(*words: str, **more: object) -> tuple[str, str, tuple[str, ...]]:
    signals = Signals(words=tuple(read_word(word, {}) for word in words), **more)  # type: ignore[arg-type]
    found, held = stage_of(signals)
    return found.reached.value, found.outcome.value, held


@pytest.mark.parametrize(
    ("word", "reached", "outcome"),
    [
        ("Afvist", "application", "rejected"),
        ("Afslag", "application", "rejected"),
        ("Not Hired", "application", "rejected"),
        ("Client Declined", "application", "rejected"),
        ("Declined by Employer", "application", "rejected"),
        ("Not in Consideration", "application", "rejected"),
        ("Interview mislykkedes", "interview_1", "rejected"),
        ("Interview failed", "interview_1", "rejected"),
        ("Tilbud afvist", "offer", "declined_offer"),
        ("Offer Declined", "offer", "declined_offer"),
        ("Rejected offer", "offer", "declined_offer"),
        ("Withdrew/declined interview", "application", "withdrew"),
        ("Trukket sig", "application", "withdrew"),
        ("Dragit sig ur", "application", "withdrew"),
        ("Afslag sendt", "application", "answered_elsewhere"),
        ("rejection sent", "application", "answered_elsewhere"),
        ("Automatisk afslag", "application", "answered_elsewhere"),
        ("Ansat", "application", "hired"),
        ("Ny", "application", "in_process"),
        ("Indkaldt til samtale", "interview_1", "in_process"),
        ("1. samtale", "interview_1", "in_process"),
        ("Samtale 2", "interview_2", "in_process"),
        ("Interview", "interview_1", "in_process"),
        ("Telefonsamtale", "phone_screen", "in_process"),
        ("Modtaget jobtilbud", "offer", "in_process"),
    ],
)
def test_a_known_word_says_how_far_and_how(word: str, reached: str, outcome: str) -> None:
    assert stage(word) == (reached, outcome, ())


@pytest.mark.parametrize("word", ["afvist", "  AFVIST ", "Afvist.", "A f v i s t", "Afvi\u00adst"])
def test_case_blanks_and_punctuation_make_no_difference(word: str) -> None:
    assert stage(word) == ("application", "rejected", ())


@pytest.mark.parametrize("word", ["Ikke afvist", "Afvist af ansøger", "Afvist?? nej", "Interviewet til bladet", "Måske"])
def test_a_part_of_a_word_is_never_enough(word: str) -> None:
    assert read_word(word, {}).source == "unknown"
    assert stage(word)[1] == "unknown"


@pytest.mark.parametrize("word", ["Gemt", "Overført", "Kladde", "Prospect", "Anonymiseret", "Gemt til talentpuljen"])
def test_rows_that_are_not_live_are_held(word: str) -> None:
    assert stage(word) == ("application", "unknown", ("not-live",))


@pytest.mark.parametrize("word", ["Replied", "Angenommen"])
def test_words_of_two_meanings_are_asked_about(word: str) -> None:
    assert stage(word) == ("application", "unknown", ("status-ask",))


def test_an_end_beats_a_step() -> None:
    assert stage("Afvist", "2. samtale") == ("interview_2", "rejected", ())


def test_an_interview_date_makes_a_rejection_an_interviewed_one() -> None:
    assert stage("Afvist", dated=(Reached.INTERVIEW_1, Reached.INTERVIEW_2)) == ("interview_2", "rejected", ())


def test_two_different_ends_are_held() -> None:
    assert stage("Afvist", "Ansat") == ("application", "unknown", ("status-conflict",))


def test_a_reason_that_is_the_applicants_own_no_is_a_conflict() -> None:
    assert stage("Rejected", rejection_reasons=("Withdrawn by applicant",))[2] == ("status-conflict",)


def test_a_reason_alone_is_a_rejection_where_the_stage_stayed() -> None:
    assert stage("Interview", rejection_reasons=("Too little experience",)) == ("interview_1", "rejected", ())


def test_somebody_hired_with_a_reason_for_rejection_is_held() -> None:
    assert stage("Applied", rejection_reasons=("Overqualified",), hired=True)[2] == ("status-conflict",)


def test_a_mark_of_an_answer_given_beats_the_rejection() -> None:
    assert stage("Afvist", answered=True) == ("application", "answered_elsewhere", ())


def test_an_unknown_step_beside_a_rejection_is_held() -> None:
    assert stage("Afvist", "Kaffe med teamet") == ("application", "unknown", ())


def test_every_field_a_stage_is_read_from_is_known_as_telling() -> None:
    asked = []

    def cells(field: str) -> tuple[str, ...]:
        asked.append(field)
        return ()

    row_signals(cells, lambda word: read_word(word, {}), {})
    assert sorted(asked) == sorted(TELLING)


def test_no_word_at_all_is_unknown() -> None:
    assert stage() == ("application", "unknown", ())


def test_what_the_vacancy_settles_beats_what_is_known() -> None:
    assert read_word("overført", {"Overført": "interview_1/rejected"}) == Meaning(Reached.INTERVIEW_1, Outcome.REJECTED, source="vacancy")


@pytest.mark.parametrize("code", ["afvist", "rejected/interview_1", "interview_9", "", "/", "rejected/"])
def test_a_meaning_that_is_none_is_none(code: str) -> None:
    assert (meaning_of(code) is None) == (code != "rejected/")


def test_every_known_word_has_one_meaning() -> None:
    assert len(known_words()) > 200
    assert all(meaning.outcome is not None or meaning.reached is not None for meaning in known_words().values())


@given(st.lists(st.sampled_from(sorted(known_words())) | st.text(max_size=8), max_size=3))
def test_any_words_give_exactly_one_stage(words: list[str]) -> None:
    found, held = stage_of(Signals(words=tuple(read_word(word, {}) for word in words)))
    assert isinstance(found, Stage)
    assert not held or found.outcome is Outcome.UNKNOWN
