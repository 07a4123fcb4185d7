"""What one would write in an afternoon: docxtpl and WeasyPrint from scratch per letter, one process, no checks.

The measure everything is compared with: same templates, same style sheet, same words, Word and PDF only.

    python benchmarks/plain_script.py VACANCY-FOLDER OUTPUT-FOLDER
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from docxtpl import DocxTemplate
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from weasyprint import CSS, HTML

from flows.answers.facts import letter_fields, note_fields, vacancy_facts
from flows.documents.page import filled_body, skeleton
from flows.preflight import look_over_vacancy
from flows.settings import Settings

TEMPLATES = Path(__file__).parent.parent / "templates"


def main(folder: Path, out: Path) -> None:
    """Writes a .docx and a .pdf for everybody."""
    out.mkdir(parents=True, exist_ok=True)
    pages = Environment(loader=FileSystemLoader(TEMPLATES / "pages"), autoescape=True)
    bodies: dict[str, Any] = {}
    for stem, kind, fields, letterhead in _papers(folder):
        template = TEMPLATES / kind
        document = DocxTemplate(template)
        document.render(fields, autoescape=True)
        document.save(out / f"{stem}.docx")
        body = bodies.setdefault(kind, None) or bodies.setdefault(f"{kind} compiled", skeleton(template))
        layout = "note" if kind.startswith("notes") else "letter"
        page = pages.get_template(f"{layout}.html").render(
            body=Markup(filled_body(body, fields)), language="da", title=fields["title"], **letterhead
        )
        HTML(string=page).write_pdf(out / f"{stem}.pdf", stylesheets=[CSS(TEMPLATES / "pages/css/paper.css")], pdf_variant="pdf/a-2a")


def _papers(folder: Path) -> Any:
    """The same facts as the command has; read by pandas alone, so that reading costs this script no more than it must."""
    pd.read_excel(folder / "applicants.xlsx", dtype=str, engine="calamine")
    found = look_over_vacancy(folder, Settings())
    assert found.vacancy is not None
    firm = found.vacancy.organisation
    letterhead = {"organisation": firm.model_dump(mode="json"), "logo": (folder.parent / str(firm.logo)).resolve().as_uri()}
    facts = vacancy_facts(found.vacancy, applicants=len(found.roster.applicants), today=date.today(), hired=found.hired)
    for each in found.roster.applicants:
        feedback = found.feedback.get(each.id)
        kind = "after_interview" if feedback else "not_invited"
        yield f"{each.id} {kind}", f"letters/da/{kind}.docx", letter_fields(each, facts, feedback), letterhead
        if feedback:
            yield f"{each.id} note", "notes/da/feedback_note.docx", note_fields(each, facts, feedback), letterhead


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
