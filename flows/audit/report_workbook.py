"""The report as a workbook, to count and sort in: the same counts and people as the page, numbers and dates as such."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flows.audit.account import Account, Line, account_of
from flows.audit.book import Book
from flows.audit.timeliness import danish_day, danish_time
from flows.audit.wording import Wording
from flows.documents.workbook import Sheet, SheetColumn, Value, workbook_bytes
from flows.roster.applicant import Applicant
from flows.roster.vacancy import Vacancy


def report_workbook(book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, applicants: tuple[Applicant, ...] = ()) -> bytes:
    """The .xlsx: summary, everyone without an answer, everyone, every event, and what does not agree."""
    wording, told = Wording(templates, vacancy.file.language), account_of(book, vacancy, danish_day(now), applicants)
    return workbook_bytes(
        _summary(told, vacancy, wording),
        _people(wording["missing_heading"], told.missing, wording),
        _people(wording["sheets"]["everyone"], told.lines, wording),
        _events(told, wording),
        _findings(told, wording),
    )


def _summary(told: Account, vacancy: Vacancy, wording: Wording) -> Sheet:
    rows: list[tuple[Value, ...]] = [(wording["columns"]["vacancy"], vacancy.file.title), (wording["columns"]["day"], told.today)]
    rows += [(wording.verdict(told), None)]
    rows += [(wording.state(state), number) for state, number in told.counts]
    rows += [(wording["sum"], len(told.lines))]
    rows += [(f"{wording['columns']['route']}: {wording['route'][route]}", number) for route, number in told.routes]
    rows += [(wording["columns"]["late"], told.overdue)]
    return Sheet(wording["sheets"]["summary"], _columns(wording, ("what", 60), ("number", 30)), tuple(rows))


def _columns(wording: Wording, *named: tuple[str, int]) -> tuple[SheetColumn, ...]:
    return tuple(SheetColumn(wording["columns"][name], width) for name, width in named)


_PEOPLE = (
    *(
        ("row", 8),
        ("id", 12),
        ("name", 28),
        ("reached", 18),
        ("outcome", 18),
        ("due", 16),
        ("route", 16),
        ("state", 24),
        ("answered_on", 13),
    ),
    *(("days", 13), ("target", 8), ("due_on", 13), ("standing", 16), ("reason", 50), ("evidence", 60), ("papers", 40)),
)


def _people(title: str, lines: tuple[Line, ...], wording: Wording) -> Sheet:
    rows = tuple(_person(line, wording) for line in lines)
    return Sheet(title, _columns(wording, *_PEOPLE), rows, frozen_columns=3, filters=True)


def _person(line: Line, wording: Wording) -> tuple[Value, ...]:
    entry, clock = line.entry, line.clock
    papers = [wording["kind"].get(made.kind, made.kind) + (f" ({told})" if (told := wording.edited(made)) else "") for made in entry.papers]
    return (
        entry.row,
        entry.id,
        entry.name,
        wording["reached"][entry.reached] if entry.reached else "",
        wording["outcome"][entry.outcome] if entry.outcome else "",
        wording["due"][entry.due],
        wording["route"][entry.route],
        wording.state(line.state),
        entry.answered_on,
        clock.wait.working_days if clock else None,
        clock.wait.target if clock else None,
        clock.due_on if clock else None,
        wording["standing"][clock.standing] if clock else "",
        "\n".join(wording.act(line)),
        "\n".join(f"{wording.moment(event.at)} {wording.event(event)}" for event in entry.evidence),
        "\n".join(papers),
    )


def _events(told: Account, wording: Wording) -> Sheet:
    columns = _columns(wording, ("row", 8), ("id", 12), ("name", 28), ("at", 18), ("event", 34), ("by", 8), ("detail", 50))
    rows = tuple(
        (
            line.entry.row,
            line.entry.id,
            line.entry.name,
            danish_time(event.at).replace(tzinfo=None, microsecond=0),
            wording["event"].get(event.what, event.what),
            event.by,
            wording["detail"].get(event.detail, event.detail),
        )
        for line in told.lines
        for event in line.entry.evidence
    )
    return Sheet(wording["sheets"]["events"], columns, rows, frozen_columns=3, filters=True)


def _findings(told: Account, wording: Wording) -> Sheet:
    rows = tuple((wording.finding(each), each.place) for each in told.book.findings)
    return Sheet(wording["sheets"]["findings"], _columns(wording, ("what", 60), ("place", 60)), rows, filters=True)
