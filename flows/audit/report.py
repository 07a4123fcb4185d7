"""The report and the index as HTML: one file each, no network, every name escaped."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from flows.answers.due import Due, Route
from flows.audit.book import Book, Entry
from flows.audit.timeliness import Wait, call_wait, letter_wait
from flows.roster.faults import Fault
from flows.roster.vacancy import Vacancy

_LOCALES = {"da": "da_DK", "en": "en_GB"}


def report_html(book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, faults: tuple[Fault, ...]) -> str:
    """The report: has everyone been answered, and if not: who, why, and what to do."""
    return _page("report.html", book, vacancy, now=now, templates=templates, faults=faults)


def index_html(book: Book, vacancy: Vacancy, *, now: datetime, templates: Path) -> str:
    """HR's way in: open cases first, every paper one click away, the calls to make."""
    return _page("index.html", book, vacancy, now=now, templates=templates, faults=())


def _page(layout: str, book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, faults: tuple[Fault, ...]) -> str:
    language = vacancy.file.language
    words: dict[str, Any] = tomllib.loads((templates / "pages" / f"words.{language}.toml").read_text("utf-8"))
    environment = Environment(
        loader=FileSystemLoader(templates / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = (templates / "pages" / "css" / "report.css").read_text("utf-8")
    script = (templates / "pages" / "report.js").read_text("utf-8")
    environment.filters["href"] = lambda path: quote(path)
    environment.filters["reason"] = lambda code: reason_in_words(code, words)
    return environment.get_template(layout).render(
        words=words,
        language=language,
        vacancy=vacancy.file,
        organisation=vacancy.organisation,
        book=book,
        faults=faults,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        accent=readable_accent(vacancy.organisation.colour),
        written=format_datetime(now, "d. MMMM y HH:mm" if language == "da" else "d MMMM y, HH:mm", locale=_LOCALES[language]),
        open_first=tuple(sorted(book.open_after_close, key=lambda entry: (entry.due is not Due.CALL_AND_LETTER, entry.row))),
        calls=tuple(entry for entry in book.open if entry.due is Due.CALL_AND_LETTER or entry.route is Route.CALL),
        waits=_waits(book, vacancy, now, words, language),
        routes={route.value: sum(entry.route is route for entry in book.open) for route in Route if route is not Route.NONE},
        ended=sum(book.states.values()),
        state_of=_state_of,
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _state_of(entry: Entry) -> str:
    return entry.state.value if entry.state else "open" if entry.reasons else "ready"


def reason_in_words(code: str, words: dict[str, Any]) -> str:
    """A reason as people read it; a code nobody wrote words for is shown as itself, never lost."""
    kind, _, inner = code.rpartition(": ")
    told: str = words["reason"].get(inner.partition(":")[0], inner)
    return f"{words['kind'].get(kind, kind)}: {told}" if kind else told


def _waits(book: Book, vacancy: Vacancy, now: datetime, words: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The waiting of those still unanswered, as bars of the picture."""
    targets, today = vacancy.organisation.targets, now.date()
    waits: list[tuple[str, Wait]] = []
    if any(entry.due in (Due.LETTER, Due.HELD) for entry in book.open):
        waits.append(("letters_wait", letter_wait(vacancy.file.deadline, today, targets)))
    if vacancy.file.decided and any(entry.due is Due.CALL_AND_LETTER for entry in book.open):
        waits.append(("calls_wait", call_wait(vacancy.file.decided, today, targets)))
    longest = max((max(wait.working_days, wait.target) for _, wait in waits), default=1) or 1
    return [
        {
            "text": words[key].format(days=wait.working_days, target=wait.target, due=format_date(wait.due_on, "long", _LOCALES[language])),
            "late": wait.late,
            "width": round(100 * wait.working_days / longest, 1),
            "mark": round(100 * wait.target / longest, 1),
        }
        for key, wait in waits
    ]


def readable_accent(colour: str) -> str:
    """The firm's colour where it can be read on white (contrast 4.5), else a dark grey."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return colour if 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5 else "#1f2937"
