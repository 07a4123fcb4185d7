"""The report as a PDF for the file: PDF/A-2a and PDF/UA-1, the same counts and people as the page."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flows.audit.book import Book
from flows.audit.pages import vacancy_page
from flows.documents.pdf import NotDrawnCleanly, Press
from flows.roster.applicant import Applicant
from flows.roster.vacancy import Vacancy

_SIGN_WITHOUT_GLYPH = re.compile(r"\(U\+([0-9A-F]{4,6})\)")  # as WeasyPrint names it


def report_pdf(book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, applicants: tuple[Applicant, ...] = ()) -> bytes:
    """The report on paper. A sign the fonts lack is written as its number, so that one name never stops the proof of the others.

    Raises NotDrawnCleanly for any other remark of the renderer.
    """
    press = Press((templates / "pages" / "css" / "report_print.css",))

    def page(signs_as_numbers: bool) -> str:
        more = {"signs_as_numbers": signs_as_numbers}
        return vacancy_page("report_print.html", book, vacancy, now=now, templates=templates, applicants=applicants, **more)

    try:
        with _uncollected():
            return press.draw(page(False))
    except NotDrawnCleanly as remarks:
        lacking = {int(code, 16) for remark in remarks.remarks for code in _SIGN_WITHOUT_GLYPH.findall(remark)}
        if not lacking:
            raise
        return press.draw(page(True).translate({sign: f"[U+{sign:04X}]" for sign in lacking}))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing is looked through for garbage inside: of a hundred pages of boxes there is none before the file is written."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
