"""A template is held against what every letter must say before a letter is made from it."""

from __future__ import annotations

import io
import tomllib
import zipfile

import pytest

from flows.answers.facts import letter_fields, vacancy_facts
from flows.documents.hand_edit import edit_findings
from flows.documents.template_check import template_findings
from flows.documents.word import compile_word
from flows.roster.vacancy_reader import load_vacancy
from tests.conftest import ROOT, SAMPLE, TODAY, person

TEMPLATE = ROOT / "templates/letters/da/not_invited.docx"
RULES = tomllib.loads((ROOT / "templates/rules/must_say.da.toml").read_text("utf-8"))["not_invited"]
INSERTED = '<w:p><w:ins w:id="9" w:author="a"><w:r><w:t>Nyt.</w:t></w:r></w:ins></w:p>'
BOX = "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>{{ name }}</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
BESIDE = "<w:p><w:r><w:t>{%p if chosen %}Ring endelig.</w:t></w:r></w:p><w:p><w:r><w:t>{%p endif %}</w:t></w:r></w:p>"
COMMENT = '<w:p><w:r><w:commentReference w:id="1"/></w:r></w:p>'


def changed(docx: bytes, old: str, new: str) -> bytes:
    """The Word file with the first `old` of its body replaced by `new`."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as archive, zipfile.ZipFile(file, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "word/document.xml":
                assert old in content.decode()
                content = content.decode().replace(old, new, 1).encode()
            copy.writestr(name, content)
    return file.getvalue()


def findings(template: bytes, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    path = tmp_path_factory.mktemp("letters") / "not_invited.docx"
    path.write_bytes(template)
    fields = letter_fields(person("Åse Prøvesen"), vacancy_facts(load_vacancy(SAMPLE), applicants=143, today=TODAY, hired=True), None)
    return template_findings(template, compile_word(path).fill(fields), fields, RULES, letter=True)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("{{ applicants }}", "mange", "number-missing"),
        ("{{ contact.phone }}", "hovednummeret", "contact-missing:+45 97 00 00 01"),
        ("{{ greeting_name }}", "ansøger", "greeting-missing"),
        ("<w:sectPr", f"{INSERTED}<w:sectPr", "tracked-changes"),
        ("<w:sectPr", f"{COMMENT}<w:sectPr", "comment-left"),
        ("<w:sectPr", f"{BESIDE}<w:sectPr", "words-beside-tag"),
        ("<w:sectPr", f"{BOX}<w:sectPr", "field-outside-body:text box"),
    ],
)
def test_what_a_template_lacks_is_named(old: str, new: str, found: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert findings(changed(TEMPLATE.read_bytes(), old, new), tmp_path_factory) == (found,)


def test_the_letter_as_delivered_lacks_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert findings(TEMPLATE.read_bytes(), tmp_path_factory) == ()


def test_only_the_words_somebody_added_are_judged() -> None:
    before, rules = TEMPLATE.read_bytes(), ROOT / "templates/rules/tone.da.toml"
    edited = changed(before, "Et nej er aldrig rart at få.", "Du er desværre for gammel.")
    assert edit_findings(edited, before, rules, ()) == ("tone-protected-age",)
    assert edit_findings(edited, before, rules, {"protected-age"}) == ()
    assert edit_findings(before, before, rules, ()) == ()
