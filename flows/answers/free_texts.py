"""What HR and the interviewers wrote themselves, held against the rules of tone and law. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flows.answers.chosen import hired_among, named_in_feedback
from flows.answers.feedback import Feedback
from flows.answers.tone import Finding, Rule, copied_texts, narrowed, tone_findings
from flows.roster.applicant import Applicant
from flows.roster.faults import Fault, Severity
from flows.roster.vacancy import ChosenProfile, Language, Waiver

Rules = Mapping[str, Sequence[Rule]]  # by language
_SENTENCES = ("reason", "answer_interview", "answer_strengths", "answer_similar")
_LENGTH = frozenset({"too-short", "placeholder", "ellipsis", "empty-praise", "off-topic"})  # asked of sentences, not of a cell of the table
_PROTECTED = "protected"
_ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Checked:
    """The faults by cell, and whose papers they stop."""

    faults: tuple[Fault, ...]
    stopped: Mapping[str, tuple[str, ...]]  # applicant id -> codes


def checked_feedback(
    feedback: Mapping[str, Feedback], rules: Rules, languages: Mapping[str, str], waivers: Sequence[Waiver], *, file: str
) -> Checked:
    """The interview sheet's free texts. `languages` is applicant id -> language of the papers."""
    faults: list[Fault] = []
    stopped: dict[str, tuple[str, ...]] = {}
    known: dict[tuple[str, bool, str], tuple[Finding, ...]] = {}  # what weighed stands on every row
    every = {text for told in feedback.values() for _, text in _texts(told)}
    asked = {language: _by_sort(narrowed(rules[language], every)) for language in {languages[id] for id in feedback}}
    for id, told in feedback.items():
        language = languages[id]
        found: list[tuple[str, Finding]] = []
        for key, text in _texts(told):
            sentence = key in _SENTENCES
            if text and (language, sentence, text) not in known:
                known[language, sentence, text] = tone_findings(text, asked[language][sentence])
            found += [(key, each) for each in known.get((language, sentence, text), ())]
        for key, each in found:
            waiver = _waived(each, waivers, id)
            faults.append(_fault(file, told.row, told.headings.get(key, key), each, waiver))
        codes = [f"tone-{each.code}" for _, each in found if each.severity is Severity.ERROR and _waived(each, waivers, id) is None]
        if codes:
            stopped[id] = tuple(dict.fromkeys(codes))
    return Checked((*faults, *_copied(feedback, file)), stopped)


def with_shield(checked: Checked, feedback: Mapping[str, Feedback], applicants: Sequence[Applicant], *, file: str) -> Checked:
    """The checked sheet, with those stopped whose texts name the person who got the job."""
    faults: list[Fault] = []
    stopped = dict(checked.stopped)
    hired = hired_among(applicants)
    for id, told in feedback.items():
        others = [each for each in hired if each.id != id]
        for key, text in _texts(told):
            if word := named_in_feedback([text], others):
                finding = "tone-names-the-chosen"
                stopped[id] = tuple(dict.fromkeys((*stopped.get(id, ()), finding)))
                faults.append(
                    Fault(
                        file=file, row=told.row, column=told.headings.get(key, key), code=finding, found=word,
                        expected="nothing that tells who got the job", do="Say it in general words.",
                    )
                )  # fmt: skip
    return Checked((*checked.faults, *faults), stopped)


def checked_profile(profiles: Mapping[Language, ChosenProfile], rules: Rules, waivers: Sequence[Waiver]) -> tuple[Fault, ...]:
    """The chosen profile: a protected ground is an error, anything else a person should look at."""
    return tuple(
        _fault("vacancy.toml", None, f"chosen.{language}.{part}", each, waiver, soft=not each.code.startswith(_PROTECTED))
        for language, profile in profiles.items()
        for part, texts in (("experience", (profile.experience,)), ("competences", profile.competences))
        for text in texts
        if text.strip()
        for each in tone_findings(text, rules[language])
        if each.code not in _LENGTH
        for waiver in (_waived(each, waivers, ""),)
    )


def checked_template(
    words: str, rules: Sequence[Rule], waivers: Sequence[Waiver], *, file: str, allowed: Iterable[str] = ()
) -> tuple[Fault, ...]:
    """A letter's own words. `allowed` are codes this letter may break, because its matter is one (a reserve is promised an answer)."""
    return tuple(
        _fault(file, None, None, each, _waived(each, waivers, ""))
        for each in tone_findings(words, rules)
        if each.code not in _LENGTH and each.code not in allowed
    )


def _texts(told: Feedback) -> Iterator[tuple[str, str]]:
    yield from ((key, str(getattr(told, key))) for key in _SENTENCES)
    for number, each in enumerate(told.criteria, start=1):
        yield from ((f"{key}_{number}", getattr(each, key)) for key in ("criterion", "chosen", "applicant"))


def _by_sort(rules: Sequence[Rule]) -> dict[bool, Sequence[Rule]]:
    """The rules asked of sentences (True), and those asked of the cells of the table: a criterion may be short."""
    return {True: rules, False: [rule for rule in rules if rule.code not in _LENGTH]}


def _waived(finding: Finding, waivers: Sequence[Waiver], id: str) -> Waiver | None:
    return next((each for each in waivers if each.code in (finding.code, f"tone-{finding.code}") and each.id in ("", id)), None)


def _fault(file: str, row: int | None, column: str | None, finding: Finding, waiver: Waiver | None, *, soft: bool = False) -> Fault:
    told = f"; waived by {waiver.by}: {waiver.reason}" if waiver else ""
    return Fault(
        file=file,
        row=row,
        column=column,
        code=f"tone-{finding.code}",
        severity=Severity.WARNING if waiver or soft else finding.severity,
        found=finding.found[:120],
        expected=f"other words: {finding.reason.rstrip('.')}{told}",
        do="" if waiver else finding.suggestion,
    )


def _copied(feedback: Mapping[str, Feedback], file: str) -> Iterator[Fault]:
    """Texts two people were given word for word: each deserves their own."""
    for key in _SENTENCES:
        texts = {id: str(getattr(told, key)) for id, told in feedback.items() if getattr(told, key)}
        for id, others in copied_texts(texts).items():
            told = feedback[id]
            rows = ", ".join(str(feedback[other].row) for other in others[:_ROWS_SHOWN]) + (", ..." if len(others) > _ROWS_SHOWN else "")
            yield Fault(
                file=file,
                row=told.row,
                column=told.headings.get(key, key),
                code="tone-copied",
                severity=Severity.WARNING,
                found=f"the same words as in row {rows}",
                expected="each applicant's own reasons and answers",
                do="Write what is true of this one.",
            )
