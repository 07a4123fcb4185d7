"""The call list: whom to call, longest waiting first; and what came of the calls, read back by cell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flows.documents.workbook import Sheet, SheetColumn
from flows.roster.dates import read_date
from flows.roster.faults import Fault
from flows.roster.folding import folded
from flows.roster.spreadsheet import Grid, GridRow

_KEYS = ("id", "name", "phones", "waiting_since", "note", "called_on", "by", "reached", "written_reasons", "remarks")
_WIDTHS = {"name": 26, "phones": 20, "note": 40, "remarks": 40}


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody to call."""

    id: str
    name: str
    phones: tuple[str, ...]
    waiting_since: date | None
    note: str  # the call sheet, relative to the output folder
    tried: tuple[date, ...] = ()  # days on which nobody answered


@dataclass(frozen=True, slots=True)
class Call:
    """A call somebody has made."""

    id: str
    on: date
    by: str  # initials
    reached: bool
    written_reasons: bool


def call_sheet(people: Iterable[ToCall], language: str, templates: Path) -> Sheet:
    """The workbook's sheet, longest waiting first, with drop-downs."""
    words = _words(templates, language)
    choices = {"reached": (words["yes"], words["no"]), "written_reasons": (words["yes"], words["no"])}
    columns = tuple(
        SheetColumn(words["columns"][key][0], _WIDTHS.get(key, 16), words["columns"][key][1], choices.get(key, ())) for key in _KEYS
    )
    inorder = sorted(people, key=lambda each: (each.waiting_since or date.max, each.id))
    rows = tuple((each.id, each.name, ", ".join(each.phones), each.waiting_since, each.note) for each in inorder)
    return Sheet(words["title"], columns, rows, frozen_columns=2)


def read_calls(grid: Grid, known: Mapping[str, object], today: date, templates: Path) -> tuple[tuple[Call, ...], tuple[Fault, ...]]:
    """The calls that are filled in, and the faults by cell; a row with nothing filled in is a call still to be made."""
    at, header = _header(grid, templates)
    if missing := [key for key in ("id", "called_on", "by", "reached") if key not in at]:
        found = ", ".join(filter(None, header.cells))[:200]
        fault = Fault(
            file=grid.file, row=header.number, code="column-missing", found=found, expected=f"columns for {', '.join(missing)}",
            do="Make the list again with `svar calls`.",
        )  # fmt: skip
        return (), (fault,)
    calls: list[Call] = []
    faults: list[Fault] = []
    for row in grid.rows[grid.rows.index(header) + 1 :]:
        told = _Row(grid.file, header, row, at)
        if told.text("id").startswith("↑") or not any(told.text(key) for key in ("called_on", "by", "reached", "written_reasons")):
            continue
        call = told.call(known, today, templates, faults)
        if call is not None:
            calls.append(call)
    return tuple(calls), tuple(faults)


@cache
def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _words(templates: Path, language: str) -> dict[str, Any]:
    words: dict[str, Any] = _toml(templates / "pages" / f"words.{language}.toml")["calls"]
    return words


def _header(grid: Grid, templates: Path) -> tuple[dict[str, int], GridRow]:
    headings = {folded(_words(templates, language)["columns"][key][0]): key for language in ("en", "da") for key in _KEYS}
    headings |= {folded(key): key for key in _KEYS}
    best: tuple[dict[str, int], GridRow] = ({}, grid.rows[0])
    for row in grid.rows[:10]:
        at = {headings[folded(cell)]: place for place, cell in enumerate(row.cells) if folded(cell) in headings}
        best = (at, row) if len(at) > len(best[0]) else best
    return best


class _Row:
    def __init__(self, file: str, header: GridRow, row: GridRow, at: Mapping[str, int]) -> None:
        self._file, self._header, self._row, self._at = file, header, row, at

    def text(self, key: str) -> str:
        place = self._at.get(key)
        return " ".join(self._row.cells[place].split()) if place is not None and place < len(self._row.cells) else ""

    def call(self, known: Mapping[str, object], today: date, templates: Path, faults: list[Fault]) -> Call | None:
        """The row as a call; None, with every fault in it added, where it does not hold."""
        before = len(faults)
        on, reached = read_date(self.text("called_on")), self._yes_or_no("reached", templates)
        if self.text("id") not in known:
            faults.append(self._fault("id", "id-unknown", "the id of somebody to call"))
        if on is None or on > today:
            faults.append(self._fault("called_on", "date-unreadable", f"the day of the call, at the latest {today.isoformat()}"))
        if not self.text("by"):
            faults.append(self._fault("by", "initials-missing", "the initials of the person who called"))
        if reached is None:
            faults.append(self._fault("reached", "reached-unknown", "yes or no"))
        wishes = self._yes_or_no("written_reasons", templates)
        if wishes is None and self.text("written_reasons"):
            faults.append(self._fault("written_reasons", "reached-unknown", "yes, no or nothing"))
        if len(faults) > before or on is None or reached is None:
            return None
        return Call(self.text("id"), on, self.text("by"), reached, bool(wishes))

    def _yes_or_no(self, key: str, templates: Path) -> bool | None:
        said = folded(self.text(key))
        for language in ("da", "en"):
            words = _words(templates, language)
            for word, meant in ((words["yes"], True), (words["no"], False)):
                if said in (folded(word), folded(word)[:1]):
                    return meant
        return None

    def _fault(self, key: str, code: str, expected: str) -> Fault:
        heading = self._header.cells[self._at[key]]
        return Fault(
            file=self._file,
            row=self._row.number,
            column=heading,
            code=code,
            found=self.text(key)[:80],
            expected=expected,
            do="Correct the cell.",
        )
