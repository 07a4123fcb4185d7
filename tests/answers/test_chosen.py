"""The shield of the person who got the job."""

from __future__ import annotations

import pytest

from flows.answers.chosen import given_away, shield_faults
from flows.roster.applicant import Outcome, Reached
from flows.roster.vacancy import ChosenProfile
from tests.conftest import person

HIRED = person(
    "Karen Skov", Reached.OFFER, Outcome.HIRED, address=("Prøvevej 1", "8600 Silkeborg"), telling=("Midtvand A/S", "Aarhus Universitet")
)


def words(text: str) -> list[tuple[str, str]]:
    return [(each.words, each.why) for each in given_away({"da": ChosenProfile(experience=text)}, [HIRED])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mange år i Midtvand A/S", [("Midtvand A/S", "employer or school")]),
        ("en leder fra Midtvand", [("Midtvand", "employer or school")]),
        ("uddannet i Aarhus", [("Aarhus", "employer or school")]),
        ("kender Silkeborgs ledningsnet", [("Silkeborg", "place")]),
        ("Karens erfaring med byggeri", [("Karen", "name")]),
        ("har ledet projekter siden 1998", [("1998", "year")]),
        ("en 42-årig ingeniør", [("42-årig", "age")]),
    ],
)
def test_what_points_at_the_person_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "10 års erfaring med at lede store anlægsprojekter",
        "har arbejdet med skov og natur i en kommune",
        "et universitetsstudie og erfaring fra flere selskaber",
        "mange års erfaring med 2000 forbrugere og 40 medarbejdere".replace("2000", "flere tusind"),
    ],
)
def test_general_words_pass(text: str) -> None:
    assert words(text) == []


def test_the_place_in_vacancy_toml_is_named() -> None:
    profiles = {"da": ChosenProfile(competences=("ro", "kender Midtvand")), "en": ChosenProfile(experience="knows Midtvand")}
    faults = shield_faults(profiles, [HIRED, person()])
    assert [str(fault) for fault in faults] == [
        "vacancy.toml, column \"chosen.da.competences\": found 'Midtvand', expected a profile that does not tell who got the job (employer or school). Say it in general words.",
        "vacancy.toml, column \"chosen.en.experience\": found 'Midtvand', expected a profile that does not tell who got the job (employer or school). Say it in general words.",
    ]


def test_nobody_but_the_hired_is_shielded() -> None:
    assert shield_faults({"da": ChosenProfile(experience="kender Åse")}, [person("Åse Prøvesen")]) == ()
