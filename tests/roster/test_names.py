from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.answers.greeting import greeting_name
from flows.roster.applicant import Name
from flows.roster.names import clean, name_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Søren Prøve", Name("Søren Prøve", "Søren", "Prøve")),
        ("Prøvesen, Åse", Name("Åse Prøvesen", "Åse", "Prøvesen")),
        ("Holm, Anne Sofie", Name("Anne Sofie Holm", "Anne Sofie", "Holm")),
        ("ÅSE PRØVESEN", Name("Åse Prøvesen", "Åse", "Prøvesen")),
        ("O'BRIEN, PAT", Name("Pat O'Brien", "Pat", "O'Brien")),
        ("RONALD MCDONALD", Name("Ronald McDonald", "Ronald", "McDonald")),
        ("Ronald McDONALD", Name("Ronald McDONALD", "Ronald", "McDONALD")),
        ("URSULA VON DER LEYEN", Name("Ursula von der Leyen", "Ursula", "von der Leyen")),
        ("Ludwig van der Berg", Name("Ludwig van der Berg", "Ludwig", "van der Berg")),
        ("Dr. Åse Prøve", Name("Dr. Åse Prøve", "Åse", "Prøve")),
        ("cand.merc. Åse Prøve", Name("cand.merc. Åse Prøve", "Åse", "Prøve")),
        ("Åse Prøve, cand.merc.", Name("Åse Prøve, cand.merc.", "Åse", "Prøve")),
        ("Martin Prøve, Jr.", Name("Martin Prøve, Jr.", "Martin", "Prøve")),
        ("Madonna", Name("Madonna", "Madonna", "")),
        ("NA", Name("NA", "NA", "")),
    ],
)
def test_a_name_in_one_column_is_told_apart(written: str, expected: Name) -> None:
    assert name_of("", "", "", written) == expected


@pytest.mark.parametrize("written", ["Anne Sofie Holm", "Ana García López", "王 小明", "PRØVESEN Åse", "H.C. Andersen"])
def test_what_needs_a_guess_is_left_whole(written: str) -> None:
    assert name_of("", "", "", written) == Name(written, "", "")


def test_columns_of_a_name_are_put_together() -> None:
    assert name_of(" Åse ", "M.", "af Prøve", "") == Name("Åse M. af Prøve", "Åse", "af Prøve")


def test_a_shouted_name_in_columns_is_calmed() -> None:
    assert name_of("BO", "", "VON LI", "") == Name("Bo von Li", "Bo", "von Li")


def test_a_missing_given_name_is_not_invented() -> None:
    assert name_of("", "", "Holm", "") == Name("Holm", "", "Holm")


@pytest.mark.parametrize(
    ("given", "family", "whole"),
    [("", "Prøve", "Åse"), ("", "Prøve", "Åse Prøve"), ("", "Prøve", "Prøve, Åse"), ("Åse", "", "Prøve"), ("Åse", "", "Åse Prøve")],
)
def test_a_column_called_name_holds_the_other_half(given: str, family: str, whole: str) -> None:
    assert name_of(given, "", family, whole) == Name("Åse Prøve", "Åse", "Prøve")


def test_invisible_marks_and_line_breaks_go() -> None:
    assert name_of("", "", "", "\u202eS\u200børen\nPrøve\u2069\x07") == Name("Søren Prøve", "Søren", "Prøve")


def test_decomposed_letters_give_the_same_name() -> None:
    assert name_of("", "", "", "A\u030ase Prøve") == name_of("", "", "", "Åse Prøve")


def test_blank_columns_give_no_name() -> None:
    assert name_of(" ", "", "\u200b", "\t") is None


@given(st.text(max_size=30))
def test_a_clean_name_is_clean_for_good(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=30))
def test_a_given_name_stands_in_the_full_name(text: str) -> None:
    name = name_of("", "", "", text)
    assert name is None or all(word in name.full for word in name.given.split())


@pytest.mark.parametrize(
    ("whole", "greeted"),
    [
        ("Mr Ann Lee", "Ann"),
        ("Fru Inger Ek", "Inger"),
        ("Mr Ann Sofie Lee", "Ann Sofie Lee"),
        ("anne holm", "Anne"),
        ("anne-sofie o'brien", "Anne-Sofie"),
        ("holm, anne sofie", "Anne Sofie"),
        ("maria von bülow", "Maria"),
        ("anne Holm", "Anne"),
        ("Elizabeth (Liz) Brown", "Elizabeth"),
        ('Lars "Lasse" Bo', "Lars"),
        ("hr. Hans Henrik Møller, MF", "Hans Henrik Møller"),
        ("გიორგი", "გიორგი"),
        ("<b>x</b>", "<b>x</b>"),
        ("(null)", "(null)"),
        ("von Trapp", "von Trapp"),
    ],
)
def test_nobody_is_greeted_by_title_or_small_letters(whole: str, greeted: str) -> None:
    name = name_of("", "", "", whole)
    assert name is not None
    assert greeting_name(name) == greeted


@pytest.mark.parametrize(
    ("given", "family", "greeted"),
    [
        ("Mr", "Lee", "Lee"),
        ("Ms", "Jane Roe", "Jane"),
        ("Mr Ann", "Lee", "Ann"),
        ("anne", "holm", "Anne"),
        ("Elizabeth (Liz)", "Brown", "Elizabeth"),
    ],
)
def test_a_title_in_the_given_names_greets_nobody(given: str, family: str, greeted: str) -> None:
    name = name_of(given, "", family, "")
    assert name is not None
    assert greeting_name(name) == greeted


def test_small_letters_become_a_name_as_it_is_borne() -> None:
    assert name_of("anne", "", "von holm", "") == Name("Anne von Holm", "Anne", "von Holm")
