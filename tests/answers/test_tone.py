"""The tone rules, held by sentences an interviewer would write, and the engine that reads them."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.answers.tone import Rule, Scope, copied_texts, parse_rules, tone_findings
from flows.roster.faults import Severity
from tests.conftest import ROOT

LANGUAGES = ("da", "en")
ONE = {"severity": "error", "reason": "r", "suggestion": "s", "patterns": ["for gammel"]}


@cache
def rules(language: str) -> tuple[Rule, ...]:
    return parse_rules(tomllib.loads((ROOT / f"templates/rules/tone.{language}.toml").read_text("utf-8")))


@cache
def sentences(language: str) -> Mapping[str, Any]:
    return tomllib.loads((ROOT / f"tests/answers/tone_sentences.{language}.toml").read_text("utf-8"))


def codes(text: str, language: str = "da") -> list[str]:
    return [finding.code for finding in tone_findings(text, rules(language))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bad_sentence_is_found_by_its_rule(language: str) -> None:
    bad = [(code, text) for code, texts in sentences(language)["fail"].items() for text in texts]
    misses = [(code, text) for code, text in bad if code not in codes(text, language)]
    assert misses == [], f"{len(misses)} of {len(bad)} missed"
    assert len(bad) >= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_harmless_sentence_is_found(language: str) -> None:
    good = [("", text) for text in sentences(language)["pass"]["sentences"]]
    good += [(allowed, text) for allowed, texts in sentences(language)["pass_with_warning"].items() for text in texts]
    false_alarms = [(text, wrong) for allowed, text in good if (wrong := [code for code in codes(text, language) if code != allowed])]
    assert false_alarms == [], f"{len(false_alarms)} of {len(good)} found for nothing"
    assert len(good) >= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_allowed_a_warning_draws_it(language: str) -> None:
    severity = {rule.code: rule.severity for rule in rules(language)}
    for code, texts in sentences(language)["pass_with_warning"].items():
        assert severity[code] is Severity.WARNING
        assert [text for text in texts if codes(text, language) != [code]] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["unseen", "fresh"])
def test_sentences_of_a_stranger_are_sorted_as_written(kind: str, language: str) -> None:
    held = tomllib.loads((ROOT / f"tests/answers/tone_{kind}.{language}.toml").read_text("utf-8"))
    found = {
        text: {each.severity for each in tone_findings(text, rules(language)) if each.code != "too-short"}
        for texts in held.values()
        for text in texts
    }
    assert [text for text in held["stopped"] if Severity.ERROR not in found[text]] == []
    assert [text for text in held["shown"] if found[text] != {Severity.WARNING}] == []
    assert [text for text in held["harmless"] if found[text]] == []
    assert [text for text in held["harmless_shown"] if Severity.ERROR in found[text]] == []
    assert len(held["missed"]) < 0.03 * len(held["stopped"] + held["shown"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fresh_sentences_are_enough_to_count(language: str) -> None:
    held = tomllib.loads((ROOT / f"tests/answers/tone_fresh.{language}.toml").read_text("utf-8"))
    assert len(held["stopped"] + held["shown"] + held["missed"]) == 108 + 17
    assert len(held["harmless"] + held["harmless_shown"]) == 100 + 18


def test_a_hint_is_silent_beside_a_finding() -> None:
    assert codes("Kvinder plejer at holde kortere.") == ["protected-sex"]
    assert codes("Det var en eftermiddag med op- og nedture.") == ["off-topic"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_rule_is_held_by_two_sentences(language: str) -> None:
    held = {code for code, texts in sentences(language)["fail"].items() if len(texts) >= 2}
    assert {rule.code for rule in rules(language) if rule.scope is not Scope.BETWEEN} == held


def test_both_languages_have_the_same_rules() -> None:
    assert [(rule.code, rule.severity, rule.scope) for rule in rules("da")] == [
        (rule.code, rule.severity, rule.scope) for rule in rules("en")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_rule_says_why_and_what_to_do(language: str) -> None:
    assert [rule.code for rule in rules(language) if not (rule.reason.endswith(".") and len(rule.suggestion) > 10)] == []


def test_a_finding_shows_the_words_as_they_are_written() -> None:
    (finding,) = tone_findings("Du er desværre FOR\nGAMMEL til vagterne.", rules("da"))
    assert (finding.code, finding.severity, finding.found) == ("protected-age", Severity.ERROR, "FOR\nGAMMEL")
    assert finding.reason == "Alder må ikke være en grund (forskelsbehandlingsloven)."


def test_one_rule_broken_twice_is_one_finding() -> None:
    (finding,) = tone_findings("Dit handicap og din autisme gør det svært at passe vagterne.", rules("da"))
    assert finding.found == "handicap / autisme"


def test_a_soft_hyphen_or_a_loose_accent_hides_nothing() -> None:
    assert codes("Dit handi\u00adcap blev et problem for os.") == ["protected-disability"]
    assert codes("Du er ma\u030aske for gammel til vagterne.") == ["protected-age"]


def test_a_part_of_a_word_is_not_the_word() -> None:
    assert codes("Din erfaring som handicaphjælper er bred og god at have med.") == []


def test_a_harmless_twin_does_not_shelter_its_neighbour() -> None:
    assert codes("Du har arbejdet med borgere med handicap, men dit handicap er et problem for os.") == ["protected-disability"]


def test_a_blank_text_breaks_no_rule() -> None:
    assert tone_findings(" \n\u00a0", rules("da")) == ()


def test_people_with_the_same_text_are_named() -> None:
    text = "Du havde en god plan, men vi manglede erfaring med udbud."
    shared = copied_texts(
        {"7": text, "8": "du havde en god plan  men vi manglede erfaring med udbud", "9": "Du manglede erfaring med drift og udbud."}
    )
    assert shared == {"7": ("8",), "8": ("7",)}


def test_a_short_text_alike_by_chance_is_not_copied() -> None:
    assert copied_texts({"7": "Mere ro i svarene.", "8": "Mere ro i svarene."}) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"severity": "grave"}, "rule age: severity: found 'grave', expected one of error, warning"),
        ({"scope": "letters"}, "rule age: scope: found 'letters', expected one of words, whole, marks, between"),
        ({"reason": " "}, "rule age: reason is missing"),
        ({"patterns": []}, "rule age: patterns is missing"),
        ({"patterns": "for gammel"}, "rule age: patterns: found 'for gammel', expected a list"),
        ({"patterns": ["(gammel"]}, "rule age: patterns: found '(gammel', expected a regular expression"),
        ({"patterns": ["(?:gammel)?"]}, "rule age: patterns: found '(?:gammel)?', expected a pattern that does not match an empty text"),
        ({"patterns": ["{your} alder"]}, "rule age: patterns: found {your}, expected one of the [words]"),
        ({"at_most_words": "three"}, "rule age: at_most_words: found 'three', expected a number"),
        ({"only_alone": "yes"}, "rule age: only_alone: found 'yes', expected true or false"),
        ({"exception": []}, "rule age: found the keys ['exception'], expected only"),
    ],
)
def test_a_wrong_rule_is_named(change: dict[str, object], expected: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_rules({"rule": {"age": {**ONE, **change}}})
    assert str(raised.value).startswith(expected)


def test_words_that_name_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"words\.one: its \{names\} go in circles"):
        parse_rules({"words": {"one": "{two}", "two": "{one}"}, "rule": {"age": ONE}})


def test_a_file_without_rules_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \[words\] and at least one \[rule\.<code>\]"):
        parse_rules({"rules": {}})


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_can_be_read(language: str, text: str) -> None:
    for finding in tone_findings(text, rules(language)):
        assert finding.found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        "-",
        ".",
        "du er ",
        "din meget ",
        "vi gemmer ",
        "you have ",
        "your ",
        "we will keep ",
        "borgere med ",
        "people with ",
        "\n",
        "…",
    ],
)
def test_no_text_of_5000_characters_takes_long(language: str, piece: str) -> None:
    text = piece * (5000 // len(piece)) + "x"
    parsed = rules(language)
    start = time.perf_counter()
    tone_findings(text, parsed)
    assert time.perf_counter() - start < 3
