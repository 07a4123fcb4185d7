"""Word templates: filled strictly, applicant data stays data."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from docxtpl import DocxTemplate

from flows.answers.facts import letter_fields, vacancy_facts
from flows.documents.name_index import plain
from flows.documents.page import filled_body, skeleton, words_of
from flows.documents.read_back import word_paragraphs
from flows.documents.word import UnfillableField, compile_word, strict_environment
from flows.roster.faults import InputRefused
from flows.roster.vacancy_reader import load_vacancy
from tests.conftest import ROOT, SAMPLE, TODAY, person

LETTERS = sorted((ROOT / "templates" / "letters").glob("*/*.docx"))
HARD_NAMES = ["Tom & <Sons>", "{{ 7*7 }}", "=cmd|' /C calc'!A1", "Zoë Ångström-O'Brien", "<img src=file:///etc/passwd>", "{% raw %} Hansen"]


def fields(name: str = "Åse Prøvesen", **more: object) -> dict[str, object]:
    facts = vacancy_facts(load_vacancy(SAMPLE), applicants=143, today=TODAY, hired=True)
    return letter_fields(person(name), facts, None) | more


def respelt(template: Path, old: str, new: str, to: Path) -> Path:
    """A copy of a template with its document's text changed."""
    with zipfile.ZipFile(template) as archive, zipfile.ZipFile(to, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "word/document.xml":
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            copy.writestr(name, content)
    return to


@pytest.mark.parametrize("template", LETTERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_compiled_template_says_what_docxtpl_says(template: Path) -> None:
    told = fields()
    whole = DocxTemplate(template)
    whole.render(told, strict_environment(), autoescape=True)
    packed = BytesIO()
    whole.save(packed)
    assert word_paragraphs(compile_word(template).fill(told)) == word_paragraphs(packed.getvalue())


@pytest.mark.parametrize("template", LETTERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_page_made_once_equals_the_filled_file_converted(template: Path) -> None:
    told = fields("Tom & <Sons> Holm")
    by_skeleton = filled_body(skeleton(template), told)
    by_file = words_of(compile_word(template).fill(told))
    spelt = [body.replace("&#39;", "'").replace("&#34;", "&quot;").replace("&quot;", '"') for body in (by_skeleton, by_file)]
    assert spelt[0] == spelt[1]


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_name_is_carried_as_it_stands(name: str) -> None:
    letter = compile_word(ROOT / "templates/letters/da/not_invited.docx").fill(fields(name))
    assert plain(name) in plain(" ".join(word_paragraphs(letter)))


def test_a_field_nobody_has_stops_the_letter(tmp_path: Path) -> None:
    odd = respelt(LETTERS[0], "{{ title }}", "{{ titel }}", tmp_path / "odd.docx")
    with pytest.raises(UnfillableField, match="'titel' is undefined"):
        compile_word(odd).fill(fields())


def test_a_blank_field_stops_the_letter() -> None:
    with pytest.raises(UnfillableField, match=r"field-blank: .*title"):
        compile_word(ROOT / "templates/letters/da/not_invited.docx").fill(fields(title=" "))


def test_an_unclosed_tag_is_refused_with_its_words(tmp_path: Path) -> None:
    odd = respelt(ROOT / "templates/letters/da/not_invited.docx", "{%p endfor %}", "slut", tmp_path / "odd.docx")
    with pytest.raises(InputRefused) as refused:
        compile_word(odd)
    assert refused.value.faults[0].code == "template-tag"


def test_a_template_cannot_reach_into_the_machine(tmp_path: Path) -> None:
    odd = respelt(
        ROOT / "templates/letters/da/not_invited.docx",
        "{{ greeting_name }}",
        "{{ greeting_name.__class__.__mro__ }}",
        tmp_path / "odd.docx",
    )
    with pytest.raises(UnfillableField, match=r"template-unsafe|field-unknown"):
        compile_word(odd).fill(fields())


def test_the_same_words_give_the_same_bytes() -> None:
    kind = compile_word(LETTERS[0])
    assert kind.fill(fields()) == kind.fill(fields())
