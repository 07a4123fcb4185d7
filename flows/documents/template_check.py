"""What is wrong with a Word template before anybody's letter is made from it, as codes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flows.documents.name_index import NameIndex
from flows.documents.read_back import Expected, paper_findings, word_leftovers, word_paragraphs

_OUTSIDE = re.compile(r"word/(header|footer|footnotes|endnotes)\d*\.xml")
_BOX = re.compile(r"<w:txbxContent[ >].*?</w:txbxContent>", re.DOTALL)
# A person's and the job's fields; the firm's own stand in the letterhead, which the page has too.
_TAG = re.compile(r"\{\{\s*(?:name|greeting_name|title|reference|applicants|date|contact|chosen|feedback|keep_months)\b")
_STATEMENT = re.compile(r"\{%.*?%\}")
_GREETS = re.compile(r"\{\{\s*(?:greeting_name|name)\b")
_MUST_SAY = ("thanks-missing", "refusal-missing", "refusal-late", "number-missing", "contact-missing")


def template_findings(
    template: bytes, filled: bytes, fields: Mapping[str, Any], rules: Mapping[str, Any], *, letter: bool
) -> tuple[str, ...]:
    """Codes for what an editor left behind, fields where neither PDF nor mail would carry them, and what the letter does not say.

    `filled` is the template filled with `fields`; `rules` what it must say (rules/must_say.*.toml); a note (`letter` false) owes no thanks.
    """
    found = [*word_leftovers(template), *_misplaced(template), *_swallowed(template)]
    if letter:
        contact = fields["contact"]
        expected = Expected(
            name=str(fields["name"]),
            others=NameIndex(()),
            applicants=str(fields["applicants"]) if rules.get("number", True) else "",
            contact=(contact["name"], contact["phone"], contact["email"]),
            thanks=tuple(rules.get("thanks", ())),
            refusal=tuple(rules.get("refusal", ())),
        )
        found += [code for code in paper_findings(word_paragraphs(filled), expected) if code.partition(":")[0] in _MUST_SAY]
        found += [] if _GREETS.search(" ".join(word_paragraphs(template))) else ["greeting-missing"]
    return tuple(found)


def _misplaced(template: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(template)) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if name.endswith(".xml")}
    outside = [name for name, content in parts.items() if _OUTSIDE.fullmatch(name) and _has_tag(content)]
    boxed = any(_has_tag(box) for box in _BOX.findall(parts.get("word/document.xml", "")))
    return [f"field-outside-body:{name.removeprefix('word/')}" for name in outside] + (["field-outside-body:text box"] if boxed else [])


def _swallowed(template: bytes) -> list[str]:
    """A paragraph with a {%p tag goes as a whole when the letter is filled: words beside the tag would be lost without a sound."""
    lost = [text for text in word_paragraphs(template) if "{%p " in text and _STATEMENT.sub("", text).strip()]
    return ["words-beside-tag"] if lost else []


def _has_tag(content: str) -> bool:
    return _TAG.search(re.sub(r"<[^>]+>", "", content)) is not None
