"""The free texts of a vacancy held against tone and law."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from flows.answers.feedback import Criterion, Feedback
from flows.answers.free_texts import checked_feedback, checked_profile, checked_template
from flows.documents.word import compile_word
from flows.roster.faults import InputRefused, Severity
from flows.roster.vacancy import ChosenProfile, Waiver
from flows.settings import Settings
from flows.tone_rules import tone_rules
from tests.conftest import ROOT, close_without_prefect

RULES = tone_rules(ROOT / "templates")
LETTERS = sorted((ROOT / "templates" / "letters").glob("*/*.docx"))
GOOD = "Du kender området godt. Vi havde brug for en, der har ledet større projekter."


def told(id: str = "4711", **texts: str) -> Feedback:
    return Feedback(id, **({"reason": GOOD} | texts), row=3, headings={"reason": "Begrundelse"})  # type: ignore[arg-type]


def codes(feedback: Feedback, *waivers: Waiver) -> tuple[list[tuple[str, str, str | None]], dict[str, tuple[str, ...]]]:
    found = checked_feedback({feedback.id: feedback}, RULES, {feedback.id: "da"}, waivers, file="interviews.xlsx")
    return [(fault.code, fault.severity.value, fault.column) for fault in found.faults], dict(found.stopped)


def test_good_words_pass() -> None:
    assert codes(told(answer_interview="Vær tidligt konkret om tal og om, hvad du selv gjorde.")) == ([], {})


def test_a_protected_ground_stops_the_papers_and_names_the_cell() -> None:
    found, stopped = codes(told(reason="Du er lidt for gammel til jobbet, men ellers dygtig."))
    assert ("tone-protected-age", "error", "Begrundelse") in found
    assert stopped == {"4711": ("tone-protected-age",)}


def test_a_finding_waived_by_name_is_told_and_stops_nothing() -> None:
    waiver = Waiver(code="third-person", by="MS", reason="aftalt", id="4711")
    text = told(reason="Kandidaten manglede erfaring med at lede store projekter.")
    assert codes(text)[1] == {"4711": ("tone-third-person",)}
    found, stopped = codes(text, waiver)
    assert (found, stopped) == ([("tone-third-person", "warning", "Begrundelse")], {})


def test_a_short_cell_of_the_table_is_no_fault() -> None:
    assert codes(Feedback("4711", reason=GOOD, criteria=(Criterion("Ledelse", "Stor erfaring", "Nogen erfaring"),))) == ([], {})


def test_a_hint_counts_in_a_short_cell_too() -> None:
    found, stopped = codes(Feedback("4711", reason=GOOD, criteria=(Criterion("Familie", "Ingen", "To børn"),)))
    assert ({code for code, _, _ in found}, {severity for _, severity, _ in found}, stopped) == ({"tone-private-life"}, {"warning"}, {})


def test_the_same_words_for_two_people_are_told() -> None:
    both = {id: told(id) for id in ("1", "2")}
    found = checked_feedback(both, RULES, {"1": "da", "2": "da"}, (), file="i.xlsx")
    assert [fault.code for fault in found.faults] == ["tone-copied", "tone-copied"]


def test_age_in_the_chosen_profile_is_an_error() -> None:
    faults = checked_profile({"da": ChosenProfile(experience="en yngre kandidat med gåpåmod")}, RULES, ())
    assert ("tone-protected-age", Severity.ERROR) in {(fault.code, fault.severity) for fault in faults}
    assert checked_profile({"da": ChosenProfile(experience="mange års erfaring med ældrepleje")}, RULES, ()) == ()


@pytest.mark.parametrize("letter", LETTERS, ids=lambda path: "-".join(path.with_suffix("").parts[-2:]))
def test_the_letters_themselves_hold(letter: Path) -> None:
    allowed = ("promise",) if letter.stem == "reserve" else ()
    faults = checked_template(compile_word(letter).known_words, RULES[letter.parent.name], (), file=letter.name, allowed=allowed)
    assert [str(fault) for fault in faults if fault.severity is Severity.ERROR] == []


def test_the_papers_of_somebody_with_forbidden_words_are_not_made(vacancy: Path, settings: Settings) -> None:
    book = load_workbook(vacancy / "interviews.xlsx")
    sheet = book.worksheets[0]
    at = [cell.value for cell in sheet[1]].index("Begrundelse til ansøgeren") + 1
    id = sheet.cell(2, 1).value
    sheet.cell(2, at).value = "Kandidaten er desværre gravid, og det passer os dårligt."
    book.save(vacancy / "interviews.xlsx")
    closing = close_without_prefect(vacancy, settings, choose=lambda kind: kind != "not_invited", most=20)
    assert str(id) not in {made.id for made in closing.made}
    reason = next(each["reason"] for each in closing.open_rows if each["id"] == str(id))
    assert "tone-protected-family" in reason


def test_a_letter_hr_wrote_with_forbidden_words_is_refused(vacancy: Path, settings: Settings, tmp_path: Path) -> None:
    import shutil
    import zipfile

    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    letter = tmp_path / "templates/letters/da/not_invited.docx"
    with zipfile.ZipFile(ROOT / "templates/letters/da/not_invited.docx") as old, zipfile.ZipFile(letter, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace("Et nej er aldrig rart at få.".encode(), b"Vi valgte en yngre kandidat."))
    with pytest.raises(InputRefused) as refused:
        close_without_prefect(vacancy, settings.model_copy(update={"templates": tmp_path / "templates"}))
    assert [(fault.file, fault.code) for fault in refused.value.faults] == [("templates/letters/da/not_invited.docx", "tone-protected-age")]
