"""The facts of a letter: what may be said, and in which language."""

from __future__ import annotations

from dataclasses import replace

from flows.answers.facts import letter_fields, title_faults, vacancy_facts
from flows.roster.vacancy_reader import load_vacancy
from tests.conftest import SAMPLE, TODAY, person


def test_a_letter_names_the_job_in_its_own_language() -> None:
    facts = vacancy_facts(load_vacancy(SAMPLE), applicants=3, today=TODAY, hired=True)
    titles = [letter_fields(person("Åse Prøvesen", language=language), facts, None)["title"] for language in ("da", "en")]
    assert titles == ["Projektleder, fjernvarme", "Project Manager, District Heating"]


def test_a_job_without_a_name_in_english_is_told() -> None:
    file = load_vacancy(SAMPLE).file.model_copy(update={"titles": {}})
    (fault,) = title_faults(file, {"da": 40, "en": 2})
    assert (fault.column, fault.code, fault.severity.value) == ("titles.en", "title-untranslated", "warning")
    assert fault.found == "2 people are written to in another language (en), and the job is called 'Projektleder, fjernvarme' there too"
    assert title_faults(file, {"da": 40}) == ()


def test_nobody_is_said_to_be_chosen_before_somebody_is() -> None:
    vacancy = load_vacancy(SAMPLE)
    bare = replace(vacancy, file=vacancy.file.model_copy(update={"chosen": {}}))
    filled = [
        letter_fields(person("Åse Prøvesen"), vacancy_facts(told, applicants=3, today=TODAY, hired=hired), None)["filled"]
        for told, hired in ((bare, False), (bare, True), (vacancy, False))
    ]
    assert filled == [False, True, True]
