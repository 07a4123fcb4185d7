"""A row of text becomes a typed applicant here, once, or an unreadable row with its reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flows.roster.applicant import Applicant, Stage
from flows.roster.columns import ColumnMap
from flows.roster.contact import addresses, phones
from flows.roster.dates import day_first, doubt_about, read_date, says_no_date
from flows.roster.faults import Fault, Severity
from flows.roster.folding import folded
from flows.roster.identity import stable_id
from flows.roster.names import clean, name_doubt, name_of
from flows.roster.row_signals import BEFORE, STEPS, TELLING, row_signals
from flows.roster.spreadsheet import GridRow
from flows.roster.statuses import Meaning, read_word, stage_of

_DATES = ("applied_date", "status_date", *STEPS)
_INTERVIEWS = ("interview_1_date", "interview_2_date", "interview_3_date")
_IS_ADDRESS = re.compile(r"\S+@\S+\.\w+")
_AGREED = frozenset({"street", "street_2", "postcode", "city"})  # of two columns only what both say is used
_HOME = frozenset({"danmark", "denmark", "dk", "dnk", "danemark", "dänemark", ""})
_LANGUAGES = {
    word: code
    for code, words in {
        "da": "da dansk danish dänisch danska dk dadk",
        "en": "en engelsk english englisch engelska eng engb enus gb uk",
    }.items()
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row no answer can be made for; it counts, and is an open case."""

    row: int
    id: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as an applicant, with what only the roster as a whole can use."""

    applicant: Applicant
    given_id: bool  # the id is the export's own
    project: str
    status_on: date | None
    cells: tuple[str, ...]


class RowReader:
    """Reads the rows of one export. `width` is the number of cells a row may fill, None where any may (a workbook)."""

    def __init__(
        self, file: str, columns: ColumnMap, rows: tuple[GridRow, ...], *, settled: Mapping[str, str], width: int | None = None
    ) -> None:
        self._file, self._columns, self._rows, self._settled, self._width = file, columns, rows, settled, width
        self._meanings: dict[str, Meaning] = {}
        self._stages: dict[tuple[tuple[str, ...], ...], tuple[Stage, tuple[str, ...]]] = {}
        self._telling, self._places = columns.telling, {field: columns.places(field) for field in columns.at}
        self._signalling = tuple(field for field in TELLING if field in self._places)

    def all(self) -> tuple[tuple[ReadRow, ...], tuple[UnreadableRow, ...], tuple[Fault, ...]]:
        """Every row once: as an applicant, or as unreadable; and the faults of columns and single cells."""
        read: list[ReadRow] = []
        unreadable: list[UnreadableRow] = []
        faults: list[Fault] = self._doubtful_dates()
        for row in self._rows:
            fault = self._unreadable(row)
            if fault is not None:
                faults.append(fault)
                unreadable.append(UnreadableRow(row.number, clean(self._text(row, "applicant_id")) or f"row-{row.number}", (fault.code,)))
                continue
            one, cell_faults = self._read(row)
            read.append(one)
            faults += cell_faults
        return tuple(read), tuple(unreadable), tuple(faults)

    def word_counts(self) -> Iterator[tuple[str, str, dict[str, int]]]:
        """Field, heading and the words of every column that carries status words, with their rows."""
        for field in ("stage", "status", *BEFORE):
            for at in self._places.get(field, ()):
                counts: dict[str, int] = {}
                for row in self._rows:
                    text = _cell(row, at)
                    counts[text] = counts.get(text, 0) + 1
                yield field, self._columns.headings[at], counts

    def _texts(self, field: str) -> Iterator[str]:
        return (self._text(row, field) for row in self._rows)

    def _text(self, row: GridRow, field: str) -> str:
        places = self._places.get(field, ())
        if field in _AGREED and len(places) > 1:
            said = {text for at in places if (text := _cell(row, at))}
            return said.pop() if len(said) == 1 else ""
        return _cell(row, places[0]) if places else ""

    def _said(self, row: GridRow, field: str) -> str:
        """The text, unless it is a mark for nothing at all (-, 0000-00-00, nej)."""
        text = self._text(row, field)
        return "" if says_no_date(text) else text

    def _every(self, row: GridRow, field: str) -> Iterator[str]:
        """The filled cells of all columns of the field."""
        return (text for at in self._places.get(field, ()) if (text := _cell(row, at)))

    def _unreadable(self, row: GridRow) -> Fault | None:
        if self._width is not None and any(cell.strip() for cell in row.cells[self._width :]):
            return Fault(
                file=self._file,
                row=row.number,
                code="row-shifted",
                found=f"{len(row.cells)} cells",
                expected=f"{self._width} cells, as in the header",
                do="A delimiter or a line break stands inside a text: correct the row, or export as .xlsx.",
            )
        name = name_of(*(self._text(row, field) for field in ("given_name", "middle_name", "family_name", "name")))
        if name is not None and any(letter.isalpha() for letter in name.full) and not _IS_ADDRESS.fullmatch(name.full):
            return None
        fields = [field for field in ("given_name", "family_name", "name") if field in self._columns.at]
        return Fault(
            file=self._file,
            row=row.number,
            column=self._columns.heading(fields[0]),
            code="name-blank",
            found=name.full if name else "",
            expected="the applicant's name",
            do="Fill it in, in the recruiting system or in the export.",
        )

    def _read(self, row: GridRow) -> tuple[ReadRow, list[Fault]]:
        name = name_of(*(self._text(row, field) for field in ("given_name", "middle_name", "family_name", "name")))
        assert name is not None
        mails, faults = self._mails(row)
        numbers = tuple(
            dict.fromkeys(number for field in ("phone", "phone_2") for text in self._every(row, field) for number in phones(text))
        )
        stage, held = self._stage(row)
        if doubt := name_doubt(name):
            held = (*held, doubt)
            faults.append(self._doubtful_name(row, name.full, doubt))
        if "status-conflict" in held:
            faults.append(self._conflict(row))
        faults += self._unreadable_dates(row)
        given_id = clean(self._text(row, "applicant_id"))
        applicant = Applicant(
            row=row.number, id=given_id or stable_id(name, mails, numbers), name=name, stage=stage, emails=mails, phones=numbers,
            address=self._address(row), language=_LANGUAGES.get(folded(self._text(row, "language")), ""), applied_on=self._date(row, "applied_date"),
            interviewed_on=max(filter(None, (day for field in _INTERVIEWS for day in self._days(row, field))), default=None),
            status_words=tuple(clean(text) for field in ("stage", "status") for text in self._every(row, field)), held=held,
            telling=tuple(text for at in self._telling if (text := clean(_cell(row, at)))),
        )  # fmt: skip
        return ReadRow(applicant, bool(given_id), folded(self._text(row, "project")), self._date(row, "status_date"), row.cells), faults

    def _doubtful_name(self, row: GridRow, found: str, code: str) -> Fault:
        field = next(field for field in ("given_name", "family_name", "name") if field in self._columns.at)
        return Fault(
            file=self._file,
            row=row.number,
            column=self._columns.heading(field),
            code=code,
            found=found,
            expected="the applicant's own name with all its letters; the row is held",
            do="Correct it, export as .xlsx or in UTF-8, or leave the row out in vacancy.toml: [leave_out].",
        )

    def _mails(self, row: GridRow) -> tuple[tuple[str, ...], list[Fault]]:
        usable: dict[str, str] = {}
        faults = []
        for at in (*self._places.get("email", ()), *self._places.get("email_2", ())):
            text = _cell(row, at)
            good, reasons = addresses(text) if text else ((), ())
            for mail in good:
                usable.setdefault(mail.casefold(), mail)
            faults += [self._broken_address(row, at, text, reason) for reason in reasons]
        return tuple(usable.values()), faults

    def _broken_address(self, row: GridRow, at: int, text: str, reason: str) -> Fault:
        return Fault(
            file=self._file,
            row=row.number,
            column=self._columns.headings[at],
            severity=Severity.WARNING,
            code="email-invalid",
            found=text[:200],
            expected=f"a usable e-mail address ({reason[:160]})",
            do="Correct it; until then the answer goes by another route.",
        )

    def _conflict(self, row: GridRow) -> Fault:
        field = next((field for field in ("status", "stage") if field in self._columns.at), None)
        return Fault(
            file=self._file,
            row=row.number,
            column=self._columns.heading(field) if field else None,
            code="status-conflict",
            found="two different ends for one person",
            expected="one end; the row is held",
            do="Correct the status or the reason in the recruiting system.",
        )

    def _stage(self, row: GridRow) -> tuple[Stage, tuple[str, ...]]:
        """The stage and what a person must settle; worked out once for all rows that say the same."""
        said = tuple(tuple(text for text in self._every(row, field) if not says_no_date(text)) for field in self._signalling)
        if said not in self._stages:
            cells = dict(zip(self._signalling, said, strict=True))
            self._stages[said] = stage_of(row_signals(lambda field: cells.get(field, ()), self.meaning, self._settled))
        return self._stages[said]

    def meaning(self, word: str) -> Meaning:
        """What a word means in this export."""
        if word not in self._meanings:
            self._meanings[word] = read_word(word, self._settled)
        return self._meanings[word]

    @cached_property
    def _day_first(self) -> dict[str, bool]:
        return {field: day_first(self._texts(field)) for field in _DATES if field in self._columns.at}

    def _date(self, row: GridRow, field: str) -> date | None:
        text = self._text(row, field)
        return read_date(text, day_is_first=self._day_first[field]) if text else None

    def _days(self, row: GridRow, field: str) -> Iterator[date | None]:
        return (read_date(text, day_is_first=self._day_first[field]) for text in self._every(row, field))

    def _doubtful_dates(self) -> list[Fault]:
        return [
            Fault(
                file=self._file,
                column=self._columns.heading(field),
                severity=Severity.WARNING,
                code="date-ambiguous",
                found=found,
                expected=f"dates that can be read in one way; read as {'day, month' if self._day_first[field] else 'month, day'}",
                do="Look whether that is right, or export the dates as year-month-day.",
            )
            for field in _DATES
            if field in self._columns.at and (found := doubt_about(self._texts(field)))
        ]

    def _unreadable_dates(self, row: GridRow) -> list[Fault]:
        """Interview dates nobody can read: the step counts as reached, the day is not known."""
        return [
            Fault(
                file=self._file,
                row=row.number,
                column=self._columns.heading(field),
                severity=Severity.WARNING,
                code="date-unreadable",
                found=self._said(row, field)[:80],
                expected="a date; the interview is counted, its day is not known",
                do="Correct the date.",
            )
            for field in STEPS
            if field in self._places and self._said(row, field) and self._date(row, field) is None
        ]

    def _address(self, row: GridRow) -> tuple[str, ...]:
        """The postal address, one line each; empty unless a letter could find its way with it."""
        street, postcode, city = (clean(self._text(row, field)) for field in ("street", "postcode", "city"))
        if not street or not (city or postcode or (any(letter.isdigit() for letter in street) and "," in street)):
            return ()
        lines = [part.strip() for part in street.split(",")] if not city and not postcode else [street]
        country = clean(self._text(row, "country"))
        lines += [clean(self._text(row, "street_2")), f"{postcode} {city}".strip(), "" if folded(country) in _HOME else country]
        return tuple(filter(None, lines))


def _cell(row: GridRow, at: int) -> str:
    return row.cells[at].strip() if at < len(row.cells) else ""
