"""Finished papers are opened again; what does not hold is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from flows.documents.name_index import NameIndex
from flows.documents.read_back import Expected, paper_findings, same_words
from flows.documents.workshop import Workshop
from flows.settings import Settings
from tests.conftest import close_without_prefect

LETTER = (
    "Åse Prøvesen",
    "Kære Åse",
    "Tak for din ansøgning. Svaret er et nej.",
    "Vi fik 143 ansøgninger.",
    "Ring til Mette Holm på 97 00 00 01.",
    "Venlig hilsen",
)


def expected(**more: object) -> Expected:
    told = Expected(
        name="Åse Prøvesen",
        others=NameIndex(["Åse Prøvesen", "Anne Hansen", "Anne Hansen Holm", "Tak"]),
        applicants="143",
        contact=("Mette Holm",),
        thanks=("tak for din ansøgning",),
        refusal=("svaret er et nej",),
    )
    return dataclasses.replace(told, **more)


def test_a_whole_letter_has_nothing_to_find() -> None:
    assert paper_findings(LETTER, expected(), known="Tak") == ()


@pytest.mark.parametrize(
    ("place", "text", "code"),
    [
        (0, "Anonym", "name-missing"),
        (3, "Vi fik 1430 ansøgninger.", "number-missing"),
        (2, "Svaret er et nej.", "thanks-missing"),
        (2, "Tak for din ansøgning.", "refusal-missing"),
        (4, "Ring til os.", "contact-missing:Mette Holm"),
        (5, "Venlig hilsen {{ contact }}", "tag-open"),
        (5, "Venlig  hilsen", "field-empty"),
        (5, "Hilsen til Anne Hansen", "name-of-another"),
    ],
)
def test_each_thing_that_is_wrong_is_named(place: int, text: str, code: str) -> None:
    spoilt = tuple(text if number == place else line for number, line in enumerate(LETTER))
    assert code in paper_findings(spoilt, expected(), known="Tak")


def test_a_no_at_the_end_comes_too_late() -> None:
    late = (*LETTER[:2], "Tak for din ansøgning.", *LETTER[3:], "Svaret er et nej.")
    assert paper_findings(late, expected(), known="Tak") == ("refusal-late",)


def test_a_longer_own_name_may_hold_anothers() -> None:
    index = NameIndex(["Anne Hansen", "Anne Hansen Holm"])
    assert not index.strangers("Kære Anne Hansen Holm", "Anne Hansen Holm")
    assert index.strangers("Kære Anne Hansen", "Anne Hansen Holm")


def test_words_over_two_pages_are_the_same_words() -> None:
    assert same_words(("Kære Åse", "Tak for din ansøgning."), ("Firma\nKære Åse\nTak for\nFod", "2 / 2\ndin ansøgning.\nFod"))
    assert not same_words(("Kære Åse", "Tak for din ansøgning."), ("Firma\nKære Åse\nTak for\nFod", "2 / 2\nen ansøgning.\nFod"))


def test_letters_from_right_to_left_are_counted() -> None:
    assert same_words(("Kære ליאור", "Tak."), ("ליאור Kære\nTak.",))
    assert not same_words(("Kære ליאור", "Tak."), ("ליאר Kære\nTak.",))


def test_one_latin_letter_is_nobodys_name() -> None:
    assert not NameIndex(["N", "Bo Ek"]).strangers("N o r d v e s t", "Bo Ek")
    assert NameIndex(["李", "Bo Ek"]).strangers("Kære 李", "Bo Ek")


def test_two_peoples_values_swapped_make_both_fail(vacancy: Path, settings: Settings) -> None:
    closing = close_without_prefect(vacancy, settings, most=0)
    assert closing._papers is not None
    shop = Workshop(closing._papers.work)
    one, other = closing._due[0], closing._due[1]
    results = [
        shop.make(
            dataclasses.replace(
                a, fields=a.fields | {"address_lines": b.fields["address_lines"], "greeting_name": b.fields["greeting_name"]}
            ),
            None,
        )
        for a, b in ((one, other), (other, one))
    ]
    assert all({"name-missing", "name-of-another"} <= set(result.reasons) for result in results)  # type: ignore[union-attr]
