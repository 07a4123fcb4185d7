"""All vacancies on one page: which are closed, and where people wait longest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.audit.account import Account
from flows.audit.pages import Pages


@dataclass(frozen=True, slots=True)
class VacancyStanding:
    """One vacancy in a line."""

    name: str  # the folder's name; the report lies at <name>/report.html beside the overview
    title: str
    closed: bool
    open: int  # people without an answer
    oldest_wait: int  # working days of whoever has waited longest; 0 when nobody waits
    late: int  # people without an answer who are over the target
    slowest: int  # working days of the longest wait, ended by an answer or not


def standing_of(name: str, title: str, account: Account) -> VacancyStanding:
    """A vacancy's line, from its account."""
    oldest = max((line.clock.wait.working_days for line in account.missing if line.clock), default=0)
    slowest = max((line.clock.wait.working_days for line in account.lines if line.clock), default=0)
    return VacancyStanding(name, title, account.book.closed, len(account.missing), oldest, account.overdue, slowest)


def slowest_first(vacancies: Iterable[VacancyStanding]) -> list[VacancyStanding]:
    """The open before the closed, and in each group the slowest on top."""
    return sorted(vacancies, key=lambda each: (each.closed, -each.oldest_wait, -each.late, -each.slowest, each.name))


def overview_html(vacancies: Iterable[VacancyStanding], *, now: datetime, templates: Path, language: str = "da") -> str:
    """One HTML page: the open vacancies first, the slowest on top."""
    listed = slowest_first(vacancies)
    open_ones = sum(not each.closed for each in listed)
    return Pages(templates, language).render("overview.html", now=now, vacancies=listed, open_ones=open_ones)
