"""The account in words: everything a reader meets comes from templates/pages/words.<language>.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from babel.dates import format_date

from flows.audit.account import Account, Line, Panel, Share
from flows.audit.book import Evidence, Finding
from flows.audit.timeliness import Standing, danish_day, danish_time
from flows.documents.paper import Made

_LOCALES = {"da": "da_DK", "en": "en_GB"}


class Wording:
    """The words of one language. A code nobody wrote words for is shown as itself, never lost."""

    def __init__(self, templates: Path, language: str) -> None:
        self.language, self._locale = language, _LOCALES[language]
        self.words: dict[str, Any] = tomllib.loads((templates / "pages" / f"words.{language}.toml").read_text("utf-8"))

    def __getitem__(self, key: str) -> Any:
        return self.words[key]

    def reason(self, code: str) -> str:
        """Why somebody must act: `not_invited: name-missing` as people read it."""
        kind, _, inner = code.rpartition(": ")
        told: str = self.words["reason"].get(inner.partition(":")[0], inner)
        if inner.startswith("tone-"):
            told = str(self.words["tone_reason"]).format(code=inner.removeprefix("tone-"))
        return f"{self.words['kind'].get(kind, kind)}: {told}" if kind else told

    def act(self, line: Line) -> tuple[str, ...]:
        """Why somebody has no answer and what to do next, one sentence or two each."""
        told = [self.reason(code) for code in line.entry.reasons]
        return (*told, self.words["next"].get(line.step, line.step)) if line.step else tuple(told)

    def event(self, event: Evidence) -> str:
        """What happened, without when: `accepted by the server (250 2.0.0 queued)`."""
        told: str = self.words["event"].get(event.what, event.what)
        told += f", {event.by}" if event.by else ""
        before, blank, last = event.detail.rpartition(" ")
        detail = f"{before}{blank}{self.words['detail'].get(last, last)}"
        return told + (f" ({detail})" if detail else "")

    def trail(self, events: Sequence[Evidence]) -> str:
        """What happened in one run of words, each day written once: `12 Nov 2026: 10:00 approved, MS; 10:05 put in the post`."""
        days = groupby(events, lambda event: danish_day(event.at))
        told = ((day, "; ".join(f"{self._clock(event.at)} {self.event(event)}" for event in theirs)) for day, theirs in days)
        return ". ".join(f"{self._short_day(day)}: {trail}" for day, trail in told)

    def finding(self, finding: Finding) -> str:
        """What does not agree, without its place."""
        told: str = self.words["finding"].get(finding.code, finding.code)
        return told

    def state(self, code: str) -> str:
        told: str = self.words["state"].get(code, code)
        return told

    def verdict(self, account: Account) -> str:
        """Closed or open, in one line."""
        book, missing = account.book, len(account.missing)
        if book.closed:
            return str(self.words["closed_line"]).format(rows=book.rows)
        if missing:
            return self.counted("open_line", missing, rows=book.rows)
        return str(self.words["numbers_line"] if not (book.sums_hold and book.received_matches) else self.words["findings_line"])

    def counted(self, key: str, number: int, **more: int | str) -> str:
        """A sentence with a number of people or days in it, in the singular where it is one."""
        told: str = self.words[f"{key}_one" if number == 1 else key]
        return told.format(number=number, **more)

    def waited(self, line: Line) -> str:
        """How long somebody waited, or waits, against the target: `12 working days, target 10`."""
        if line.clock is None:
            return "–"
        wait = line.clock.wait
        return self.counted("waited", wait.working_days, target=wait.target, start=self.words["start"][wait.start])

    def days(self, line: Line) -> str:
        """The same in brief, under a heading that says working days: `12 (10)`."""
        return str(self.words["days"]).format(number=line.clock.wait.working_days, target=line.clock.wait.target) if line.clock else "–"

    def standing(self, line: Line) -> str:
        """In time, due soon or over the target; empty for an answer given in time, and where nobody waits."""
        if line.clock is None or (line.entry.state is not None and line.clock.standing is not Standing.LATE):
            return ""
        told: str = self.words["standing"][line.clock.standing]
        return told

    def panel(self, panel: Panel) -> str:
        """The picture of the answer times as a sentence."""
        answered, waiting = sum(panel.answered.values()), sum(panel.waiting.values())
        middle = sorted(panel.answered.elements())[answered // 2] if answered else 0
        return str(self.words["panel"][panel.start]).format(
            answered=answered,
            waiting=waiting,
            late=panel.late,
            target=panel.target,
            middle=str(self.words["middle"]).format(days=middle) if answered else "",
            longest=panel.longest,
        )

    def here(self, share: Share) -> str:
        """This vacancy's figure beside a published one."""
        if not share.of:
            return str(self.words["published_none"])
        told = str(self.words["published_here"]).format(percent=round(100 * share.part / share.of), part=share.part, of=share.of)
        return told if share.longest is None else f"{told}; {self.words['published_longest'].format(days=share.longest)}"

    def day(self, day: date) -> str:
        return str(format_date(day, "d. MMMM y" if self.language == "da" else "d MMMM y", locale=self._locale))

    def moment(self, moment: datetime) -> str:
        """Day and time as Danish clocks show it."""
        between = " " if self.language == "da" else ", "
        return f"{self._short_day(danish_day(moment))}{between}{self._clock(moment)}"

    def edited(self, made: Made) -> str:
        """That a paper was edited by hand, and when; empty where it was not."""
        return f"{self.words['edited']} {self.moment(datetime.fromisoformat(made.edited))}" if made.edited else ""

    @cache  # noqa: B019  a wording lives as long as its page; Babel needs a fifth of a millisecond a day
    def _short_day(self, day: date) -> str:
        return str(format_date(day, "d. MMM y" if self.language == "da" else "d MMM y", locale=self._locale))

    @staticmethod
    def _clock(moment: datetime) -> str:
        return f"{danish_time(moment):%H:%M}"
