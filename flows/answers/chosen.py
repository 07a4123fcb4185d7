"""The shield of the person who got the job: nothing in the chosen profile may give them away. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flows.roster.applicant import Applicant, Outcome
from flows.roster.faults import Fault
from flows.roster.vacancy import ChosenProfile, Language

# A year, or an age, points at one person; "10 års erfaring" does not.
_YEAR = re.compile(r"\b(?:19[4-9]\d|20\d\d)\b")
_AGE = re.compile(
    r"\b\d{2}[- ]?årig\w*|\b\d{2} år gammel\w*|\b\d{2}[- ]years?[- ]old\b|\baged? \d{2}\b|\bfødt i\b|\bborn in\b", re.IGNORECASE
)
# Words of a firm's or school's name that half of all firms share.
_SHARED = frozenset(
    [
        "a/s",
        "aps",
        "ivs",
        "p/s",
        "k/s",
        "amba",
        "i/s",
        "ltd",
        "inc",
        "llc",
        "gmbh",
        "ab",
        "as",
        "group",
        "gruppen",
        "danmark",
        "denmark",
        "holding",
        "kommune",
        "region",
        "og",
        "and",
        "the",
        "of",
        "for",
        "i",
        "på",
        "universitet",
        "university",
        "skole",
        "school",
        "college",
        "selskab",
        "company",
        "firma",
    ]
)
_PLACE = re.compile(r"^\d{3,5}\s+")


@dataclass(frozen=True, slots=True)
class GivenAway:
    """Words of the profile that point at the person chosen."""

    place: str  # chosen.da.experience, chosen.en.competences ...
    words: str
    why: str  # name, place, employer or school, year, age


def given_away(profiles: Mapping[Language, ChosenProfile], hired: Iterable[Applicant]) -> tuple[GivenAway, ...]:
    """Everything in the chosen profile, by language, that would tell who got the job."""
    people = tuple(hired)
    found = [
        GivenAway(f"chosen.{language}.{part}", words, why)
        for language, profile in profiles.items()
        for part, texts in (("experience", (profile.experience,)), ("competences", profile.competences))
        for text in texts
        for words, why in _told(text, people)
    ]
    return tuple(dict.fromkeys(found))


def hired_among(applicants: Iterable[Applicant]) -> tuple[Applicant, ...]:
    """Whoever got the job."""
    return tuple(each for each in applicants if each.stage.outcome is Outcome.HIRED)


def named_in_feedback(texts: Iterable[str], hired: Iterable[Applicant]) -> str:
    """The name of whoever got the job, where it stands in what another applicant is told; blank where it does not."""
    words = (word for each in hired for word in re.findall(r"[^\W\d_]{2,}", each.name.full))
    told = " ".join(texts)
    return next((word for word in words if _stands(word, told)), "")


def shield_faults(profiles: Mapping[Language, ChosenProfile], applicants: Iterable[Applicant]) -> tuple[Fault, ...]:
    """The faults of a chosen profile that gives away who was hired."""
    hired = hired_among(applicants)
    return tuple(
        Fault(
            file="vacancy.toml",
            column=each.place,
            code="chosen-given-away",
            found=each.words,
            expected=f"a profile that does not tell who got the job ({each.why})",
            do="Say it in general words.",
        )
        for each in given_away(profiles, hired)
    )


def _told(text: str, people: tuple[Applicant, ...]) -> Iterator[tuple[str, str]]:
    for pattern, why in ((_YEAR, "year"), (_AGE, "age")):
        yield from ((found[0], why) for found in pattern.finditer(text))
    for person in people:
        for word in re.findall(r"[^\W\d_]{2,}", person.name.full):
            if _stands(word, text):
                yield word, "name"
        for line in person.address[-2:]:
            place = _PLACE.sub("", line)
            if len(place) > 2 and _stands(place, text):
                yield place, "place"
        for cell in person.telling:
            yield from ((words, "employer or school") for words in _of_cell(cell, text))


def _of_cell(cell: str, text: str) -> Iterator[str]:
    """The whole cell if it stands in the text; else its own names: words with a capital that few firms share."""
    if len(cell) > 2 and re.search(rf"(?<!\w){re.escape(cell)}(?!\w)", text, re.IGNORECASE) and cell[0].isupper():
        yield cell
        return
    for word in re.findall(r"[^\W\d_][\w&/.-]{2,}", cell):
        if word[0].isupper() and word.casefold() not in _SHARED and _stands(word, text):
            yield word


def _stands(word: str, text: str) -> bool:
    """True when the word stands in the text as a name does: whole, capital and all ("Skov" is a person, "skov" a forest)."""
    return re.search(rf"(?<!\w){re.escape(word)}(?:s|'s|’s)?(?!\w)", text) is not None
