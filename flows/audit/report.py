"""The report and the index as HTML: one file each, no network, every name escaped."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flows.audit.book import Book
from flows.audit.pages import vacancy_page
from flows.roster.applicant import Applicant
from flows.roster.faults import Fault
from flows.roster.vacancy import Vacancy


def report_html(
    book: Book,
    vacancy: Vacancy,
    *,
    now: datetime,
    templates: Path,
    faults: tuple[Fault, ...],
    applicants: tuple[Applicant, ...] = (),
) -> str:
    """The report: has everyone been answered, and if not: who, why, and what to do. `applicants` add the days of interviews."""
    return vacancy_page("report.html", book, vacancy, now=now, templates=templates, applicants=applicants, faults=faults)


def index_html(book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, applicants: tuple[Applicant, ...] = ()) -> str:
    """HR's way in: open cases first, the calls to make, what would be sent, every paper one click away. `applicants` add telephones."""
    return vacancy_page("index.html", book, vacancy, now=now, templates=templates, applicants=applicants)
