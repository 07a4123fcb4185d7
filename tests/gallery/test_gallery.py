"""Every letter as page text, in every language: a changed comma shows here as a line a person reads.

The plain paper stands in full. Under the heading of each other circumstance stand the lines in which
its paper differs: `-` of the plain one, `+` of its own. Write the gallery anew with SVAR_GALLERY=write
and read its diff.
"""

from __future__ import annotations

import os
from difflib import ndiff
from pathlib import Path

import pytest

from flows.documents.read_back import pdf_pages
from tests.gallery.papers import ALL, TEMPLATES, Circumstances, drawn, kind_of

HERE = Path(__file__).parent


@pytest.mark.parametrize("template", TEMPLATES, ids=kind_of)
def test_every_letter_reads_as_it_did(template: Path) -> None:
    plain, *others = (lines(template, told) for told in ALL.values())
    shown = ["\n".join(plain)]
    for heading, paper in zip(list(ALL)[1:], others, strict=True):
        shown.append("\n".join([f"== {heading}", *(line for line in ndiff(plain, paper) if line[0] in "+-")]))
    text = "\n\n".join(shown) + "\n"
    kept = HERE / f"{kind_of(template)}.txt"
    if os.environ.get("SVAR_GALLERY") == "write":
        kept.write_text(text)
    assert text == kept.read_text()


def lines(template: Path, told: Circumstances) -> list[str]:
    """The subject of the mail, then the pages."""
    paper = drawn(template, told)
    found = [] if template.parts[-3] == "notes" else [f"Mail: {paper.subject}"]
    for number, page in enumerate(pdf_pages(paper.pdf), start=1):
        found += [f"-- page {number}", *(line.rstrip() for line in page.splitlines())]
    return found


@pytest.mark.parametrize("template", [each for each in TEMPLATES if each.parts[-3] == "letters"], ids=kind_of)
def test_every_letter_is_one_page(template: Path) -> None:
    spilt = [heading for heading, told in ALL.items() if heading != "two pages" and len(pdf_pages(drawn(template, told).pdf)) > 1]
    assert spilt == []


@pytest.mark.parametrize("template", [each for each in TEMPLATES if each.stem.startswith(("not_", "after_", "feedback_"))], ids=kind_of)
def test_a_second_page_says_whose_it_is(template: Path) -> None:
    first, second = pdf_pages(drawn(template, ALL["two pages"]).pdf)
    headline = next(line for line in first.splitlines() if line.startswith(("Svar på", "Your application", "Ring til", "Call ")))
    assert f"Nordvest Energi A/S · {headline} 2" in second
    assert f"· {headline}" not in first
