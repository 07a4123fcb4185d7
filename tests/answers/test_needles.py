"""A pattern is tried only where its letters stand, and none is missed for it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from flows.answers.needles import WORKED_OUT, Pattern, key, possible
from flows.answers.tone import narrowed, tone_findings
from flows.tone_rules import tone_rules
from tests.conftest import ROOT

RULES = tone_rules(ROOT / "templates")
PATTERNS = tuple(pattern for rules in RULES.values() for rule in rules for pattern in (*rule.patterns, *rule.exceptions))


@pytest.mark.parametrize(
    ("written", "needles"),
    [
        (r"(?<!\w)(?:alder(?:en|s)?)(?!\w)", ({"alder"},)),
        ("god alder", ({"alder"},)),
        (r"god\salder", ({"alder"}, {"god"})),
        ("en  to", ({"en"},)),
        (r"gravid|barsel\w*", ({"gravid", "barsel"},)),
        (r"(?:din|dit)\s(?:\w+\s)?(?:religion|tro)", ({"religion", "tro"}, {"di"})),
        (r"\w+\s\d", ()),
        (r"(?:ung)?\w", ()),
        (r"(?:hånd){2,3}", ({"hånd"},)),
        (r"(?=alder)\w+", ()),
        ("Ωmega", ()),
    ],
)
def test_a_pattern_needs_these_letters(written: str, needles: tuple[set[str], ...]) -> None:
    assert Pattern(written, re.IGNORECASE).needles == needles


@pytest.mark.parametrize("text", ["ALDER", "Aldersſvarende", "K\u0131lder", "\u212ailde", "STRASSE und Stra\u1e9ee"])
def test_capitals_and_doubles_of_letters_count_as_the_letter(text: str) -> None:
    patterns = tuple(Pattern(each, re.IGNORECASE) for each in ("alder", "kilde", "straße", "aldersvarende", "kilder"))
    tried = possible(patterns, text)
    assert [each for each in patterns if each.compiled.search(text)] == [each for each in tried if each.compiled.search(text)]


WORDS = sorted({needle for pattern in PATTERNS for needles in pattern.needles for needle in needles})


@tries(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8).map(" ".join))
def test_no_rule_of_tone_misses_a_match_for_it(text: str) -> None:
    tried = set(possible(PATTERNS, text))
    assert [each.compiled.pattern for each in PATTERNS if each not in tried and each.compiled.search(text)] == []


def test_a_harmless_sentence_needs_few_of_the_rules() -> None:
    sentence = "Den valgte har ledet større anlægsprojekter i forsyningen og kendte vores system på forhånd."
    assert 0 < len(list(possible(PATTERNS, sentence))) < len(PATTERNS) / 5


@tries(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=6).map(" ".join), max_size=4))
def test_rules_narrowed_to_some_texts_find_the_same_in_them(texts: list[str]) -> None:
    for rules in RULES.values():
        fewer = narrowed(rules, texts)
        assert [tone_findings(text, fewer) for text in texts] == [tone_findings(text, rules) for text in texts]


def test_the_needles_of_our_own_rules_are_worked_out_beforehand() -> None:
    known = json.loads(WORKED_OUT.read_text("utf-8"))
    lacking = [each.written for each in PATTERNS if key(each.written) not in known and "(?<" not in each.written]
    assert lacking == [], "run: make needles"


def test_what_was_worked_out_is_what_the_pattern_says() -> None:
    told = {each.written: each.needles for each in PATTERNS}
    anew = {written: Pattern(f"(?:{written})", re.IGNORECASE | re.MULTILINE).needles for written in told}  # another key, so taken apart
    assert {written for written, needles in told.items() if needles != anew[written]} == set(), "run: make needles"
