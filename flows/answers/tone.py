"""Tone and law in the free texts: what may not be said to an applicant, found by rules that are data (`templates/rules/tone.*.toml`)."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from flows.answers.needles import Pattern, possible
from flows.roster.faults import Severity

_KEYS = frozenset({"severity", "reason", "suggestion", "patterns", "exceptions", "scope", "at_most_words", "only_alone"})
_VOCABULARY = re.compile(r"\{([a-z_]+)\}")  # a quantifier of a pattern holds digits, never letters
_MASK = "\ufffc"  # stands where an exception was: no letter, no blank, no mark
_EDGES = " \n.,;:!?()\"'-–—…"
_COPIED_CHARACTERS, _COPIED_WORDS = 60, 8
_Choice = TypeVar("_Choice", bound=StrEnum)


class Scope(StrEnum):
    """Where a rule looks."""

    WORDS = "words"  # anywhere, from the beginning of a word to the end of one
    WHOLE = "whole"  # the text says this and nothing else
    MARKS = "marks"  # anywhere, within words too: punctuation, emoji
    BETWEEN = "between"  # between two people's texts (`copied_texts`); the rule only holds the words for it


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may not be said. An exception hides its own words from the patterns.

    `at_most_words`: only texts of so many words are looked at; without patterns the length itself is the finding.
    `only_alone`: a hint for a person to judge, shown only where no other rule found anything in the text.
    """

    code: str
    severity: Severity
    reason: str
    suggestion: str
    patterns: tuple[Pattern, ...] = ()
    exceptions: tuple[Pattern, ...] = ()
    scope: Scope = Scope.WORDS
    at_most_words: int | None = None
    only_alone: bool = False

    def found_in(self, plain: str) -> tuple[str, ...]:
        """The words in the text that break the rule, as they are written; `plain` comes from `plain_text`."""
        if self.scope is Scope.BETWEEN or (self.at_most_words is not None and _word_count(plain) > self.at_most_words):
            return ()
        if not self.patterns:
            return (plain,)
        text = plain.strip(_EDGES) or plain if self.scope is Scope.WHOLE else plain
        patterns = possible(self.patterns, text)
        if not any(pattern.compiled.search(text) for pattern in patterns):
            return ()
        found = text
        for exception in possible(self.exceptions, found):
            text = exception.compiled.sub(lambda match: _MASK * len(match[0]), text)
        return tuple(dict.fromkeys(found[start:end].strip() for start, end in _spans(patterns, text)))


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a text breaks; `found` holds the words that break it, several parted by a slash."""

    code: str
    severity: Severity
    found: str
    reason: str
    suggestion: str


def parse_rules(content: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a parsed rule file: [words] (parts of patterns, by name) and [rule.<code>]. Raises ValueError naming the rule."""
    unknown = set(content) - {"words", "rule"}
    if unknown or not content.get("rule"):
        raise ValueError(f"tone rules: found {sorted(content)}, expected [words] and at least one [rule.<code>]")
    vocabulary = {name: _expanded(str(part), content["words"], f"words.{name}") for name, part in content.get("words", {}).items()}
    return tuple(_rule(code, entry, vocabulary) for code, entry in content["rule"].items())


def narrowed(rules: Iterable[Rule], texts: Iterable[str]) -> tuple[Rule, ...]:
    """The rules without the patterns that can match none of these texts: what they find in each of them is the same, and found sooner."""
    words = " ".join(dict.fromkeys(word for text in texts for word in plain_text(text).split()))
    tried = ((rule, possible(rule.patterns, words)) for rule in rules)
    return tuple(replace(rule, patterns=patterns) for rule, patterns in tried if patterns or not rule.patterns)


def tone_findings(text: str, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """What is wrong with one free text, a finding for each rule it breaks; a blank text breaks none."""
    plain = plain_text(text)
    if not plain:
        return ()
    found = [(rule, words) for rule in rules if (words := rule.found_in(plain))]
    told = [each for each in found if not each[0].only_alone] or found[:1]
    return tuple(Finding(rule.code, rule.severity, " / ".join(words), rule.reason, rule.suggestion) for rule, words in told)


def copied_texts(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Key -> the other keys with the same text, word for word; keys whose text is their own do not appear.

    Case, punctuation and blanks make no difference. A text counts from 60 characters or 8 words on; shorter ones are alike by chance.
    """
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, text in texts.items():
        plain = plain_text(text)
        words = tuple(re.findall(r"\w+", plain.casefold()))
        if words and (len(plain) >= _COPIED_CHARACTERS or len(words) >= _COPIED_WORDS):
            alike[words].append(key)
    return {key: tuple(other for other in keys if other != key) for keys in alike.values() if len(keys) > 1 for key in keys}


def plain_text(text: str) -> str:
    """The text as rules read it: NFC, straight apostrophes, no invisible characters, one blank between words, no blank lines."""
    visible = unicodedata.normalize("NFC", text)
    if not visible.isprintable():  # most texts are: told without looking at each letter
        visible = "".join(letter for letter in visible if unicodedata.category(letter) not in ("Cf", "Cs"))
    straight = visible.replace("\u2019", "'").replace("\u2018", "'").replace("\u00b4", "'")
    return "\n".join(filter(None, (" ".join(line.split()) for line in straight.splitlines())))


def _word_count(text: str) -> int:
    return len(re.findall(r"[^\W_]+(?:['/\-][^\W_]+)*", text))


def _spans(patterns: Iterable[Pattern], text: str) -> list[tuple[int, int]]:
    """Where the patterns match, in order; of two that overlap the one that begins first, and the longer."""
    spans = sorted(
        {match.span() for pattern in patterns for match in pattern.compiled.finditer(text)}, key=lambda span: (span[0], -span[1])
    )
    apart: list[tuple[int, int]] = []
    for span in spans:
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _rule(code: str, entry: Mapping[str, Any], vocabulary: Mapping[str, str]) -> Rule:
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"rule {code}: found the keys {unknown}, expected only {sorted(_KEYS)}")
    for key in ("reason", "suggestion"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise ValueError(f"rule {code}: {key} is missing, expected a sentence a person can act on")
    scope = _choice(Scope, entry.get("scope", "words"), f"rule {code}: scope")
    at_most_words = entry.get("at_most_words")
    if not (at_most_words is None or (isinstance(at_most_words, int) and at_most_words > 0)):
        raise ValueError(f"rule {code}: at_most_words: found {at_most_words!r}, expected a number of words")
    if not isinstance(entry.get("only_alone", False), bool):
        raise ValueError(f"rule {code}: only_alone: found {entry['only_alone']!r}, expected true or false")
    if not entry.get("patterns") and at_most_words is None and scope is not Scope.BETWEEN:
        raise ValueError(f"rule {code}: patterns is missing, expected at least one")
    return Rule(
        code=code,
        severity=_choice(Severity, entry.get("severity"), f"rule {code}: severity"),
        reason=entry["reason"],
        suggestion=entry["suggestion"],
        patterns=_compiled(entry, "patterns", code, scope, vocabulary),
        exceptions=_compiled(entry, "exceptions", code, Scope.MARKS if scope is Scope.MARKS else Scope.WORDS, vocabulary),
        scope=scope,
        at_most_words=at_most_words,
        only_alone=entry.get("only_alone", False),
    )


def _choice(choices: type[_Choice], value: object, place: str) -> _Choice:
    try:
        return choices(str(value))
    except ValueError as error:
        raise ValueError(f"{place}: found {value!r}, expected one of {', '.join(choices)}") from error


def _compiled(entry: Mapping[str, Any], key: str, code: str, scope: Scope, vocabulary: Mapping[str, str]) -> tuple[Pattern, ...]:
    written = entry.get(key, [])
    if not isinstance(written, list) or not all(isinstance(each, str) for each in written):
        raise ValueError(f"rule {code}: {key}: found {written!r}, expected a list of patterns")
    return tuple(_pattern(each, f"rule {code}: {key}", scope, vocabulary) for each in written)


def _pattern(written: str, place: str, scope: Scope, vocabulary: Mapping[str, str]) -> Pattern:
    """The pattern bounded as its scope says; a blank in it matches a line break too. Raises ValueError naming the place."""
    core = _expanded(unicodedata.normalize("NFC", written), vocabulary, place).replace(" ", r"\s")
    before, after = {Scope.WORDS: (r"(?<!\w)", r"(?!\w)"), Scope.WHOLE: (r"\A", r"\Z")}.get(scope, ("", ""))
    try:
        pattern = Pattern(core, re.IGNORECASE | re.MULTILINE, before=before, after=after)
    except re.error as error:
        raise ValueError(f"{place}: found {written!r}, expected a regular expression ({error})") from error
    if scope is not Scope.WHOLE and pattern.matches_empty:
        raise ValueError(f"{place}: found {written!r}, expected a pattern that does not match an empty text")
    return pattern


def _expanded(part: str, vocabulary: Mapping[str, Any], place: str) -> str:
    """The pattern with each {name} replaced by the words of that name; names may not go in circles."""
    for _ in range(5):
        missing = [name for name in _VOCABULARY.findall(part) if name not in vocabulary]
        if missing:
            raise ValueError(f"{place}: found {{{missing[0]}}}, expected one of the [words]: {', '.join(sorted(vocabulary))}")
        part = _VOCABULARY.sub(lambda match: f"(?:{vocabulary[match[1]]})", part)
    if _VOCABULARY.search(part):
        raise ValueError(f"{place}: its {{names}} go in circles, expected words")
    return part
