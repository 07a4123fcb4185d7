"""Pages of the account: a Jinja layout with its words, style and script, every name escaped, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from flows.audit.account import Account, account_of, compared
from flows.audit.book import Book
from flows.audit.picture import HEIGHT, WIDTH, picture_of
from flows.audit.timeliness import danish_day
from flows.audit.wording import Wording
from flows.roster.applicant import Applicant
from flows.roster.vacancy import Vacancy

_WIDEST_WORD = 20  # letters; so many of the widest still fit a column of the printed report


class Pages:
    """The layouts of one language."""

    def __init__(self, templates: Path, language: str) -> None:
        self.wording = Wording(templates, language)
        self._folder = templates / "pages"

    def render(self, layout: str, *, now: datetime, **facts: Any) -> str:
        """The page. Style and script stand in it, and its content policy allows these two by their digests and nothing else."""
        style = (self._folder / "css" / "report.css").read_text("utf-8")
        script = (self._folder / "report.js").read_text("utf-8")
        told = {"w": self.wording, "words": self.wording.words, "language": self.wording.language, "written": self.wording.moment(now)}
        inlined = {"style": Markup(style), "script": Markup(script), "style_hash": _hash(style), "script_hash": _hash(script)}
        return _layouts(self._folder).get_template(layout).render(**told, **inlined, **facts)

    def account(self, layout: str, told: Account, vacancy: Vacancy, *, now: datetime, **more: Any) -> str:
        """A page about one vacancy."""
        pictures = [(panel, picture_of(panel)) for panel in told.panels]
        size = {"picture_width": WIDTH, "picture_height": HEIGHT}
        facts = {"account": told, "book": told.book, "vacancy": vacancy.file, "organisation": vacancy.organisation, "pictures": pictures}
        return self.render(layout, now=now, **facts, **size, **more)


@lru_cache(maxsize=4)
def _layouts(folder: Path) -> Environment:
    """The layouts in a folder, each compiled once; one that is changed is read again."""
    layouts = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    layouts.filters |= {"href": _linked, "coded": coded, "with_long_word": with_long_word}
    return layouts


def vacancy_page(
    layout: str, book: Book, vacancy: Vacancy, *, now: datetime, templates: Path, applicants: tuple[Applicant, ...], **more: Any
) -> str:
    """A layout filled with the account of a vacancy as it stands at `now`."""
    told = account_of(book, vacancy, danish_day(now), applicants)
    shares = compared(told, vacancy, applicants)
    return Pages(templates, vacancy.file.language).account(layout, told, vacancy, now=now, shares=shares, **more)


@lru_cache(maxsize=1 << 16)  # report and index link to the same papers
def _linked(path: str) -> str:
    return quote(path)


def with_long_word(texts: Sequence[str]) -> bool:
    """True when a word in them may be wider than a column."""
    return any(len(word) > _WIDEST_WORD for text in texts for word in text.split())


def coded(text: str) -> Markup:
    """The text escaped, what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
