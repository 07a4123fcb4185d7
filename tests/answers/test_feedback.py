"""The interview sheet, read with faults by cell."""

from __future__ import annotations

from flows.answers.feedback import Criterion, read_feedback
from flows.roster.spreadsheet import Grid, GridRow

HEADER = (
    "id",
    "Kriterium 1",
    "Den valgte profil 1",
    "Ansøgeren 1",
    "Hvor tæt på",
    "reason",
    "answer_interview",
    "answer_strengths",
    "answer_similar",
    "apply_again",
)
FULL = (
    "7",
    "Ledelse",
    "Har ledet længe",
    "Du har ledet lidt",
    "Tæt på",
    "Du manglede lidt.",
    "Øv dig.",
    "Du er rolig.",
    "Led et projekt.",
    "ja",
)


def sheet(*rows: tuple[str, ...]) -> Grid:
    return Grid("interviews.xlsx", "Ark1", tuple(GridRow(number, cells) for number, cells in enumerate((HEADER, *rows), 1)))


def test_a_full_row_is_read_without_a_fault() -> None:
    found, faults = read_feedback(sheet(FULL), frozenset({"7"}))
    assert faults == ()
    assert (found["7"].how_near, found["7"].apply_again) == ("near", "yes")
    assert found["7"].criteria == (Criterion("Ledelse", "Har ledet længe", "Du har ledet lidt"),)


def test_a_missing_answer_is_named_by_its_cell() -> None:
    _, faults = read_feedback(sheet((*FULL[:8], "", "ja")), frozenset({"7"}))
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [(2, "answer_similar", "answer-missing")]
    assert "no answer prepared for question 3" in str(faults[0])


def test_how_near_must_be_on_the_scale() -> None:
    found, faults = read_feedback(sheet((*FULL[:4], "lunken", *FULL[5:])), frozenset({"7"}))
    assert [fault.code for fault in faults] == ["how-near-unknown"]
    assert found["7"].gaps == ("how-near-missing",)


def test_silence_about_applying_again_is_no_yes() -> None:
    found, faults = read_feedback(sheet((*FULL[:9], "")), frozenset({"7"}))
    assert (found["7"].apply_again, faults) == ("", ())


def test_a_row_of_somebody_who_never_applied_is_a_fault() -> None:
    found, faults = read_feedback(sheet(FULL), frozenset({"8"}))
    assert (found, [fault.code for fault in faults]) == ({}, ["id-unknown"])
