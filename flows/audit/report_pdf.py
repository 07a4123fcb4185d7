"""The report as a PDF for the file: PDF/A-2a and PDF/UA-1, the same counts and people as the page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flows.audit.book import Book
from flows.audit.pages import vacancy_page
from flows.documents.pdf import Press
from flows.roster.applicant import Applicant
from flows.roster.vacancy import Vacancy


def report_pdf(book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, applicants: tuple[Applicant, ...] = ()) -> bytes:
    """The report on paper. Raises NotDrawnCleanly for any remark of the renderer."""
    page = vacancy_page("report_print.html", book, vacancy, now=now, templates=templates, applicants=applicants)
    return Press((templates / "pages" / "css" / "report_print.css",)).draw(page)
