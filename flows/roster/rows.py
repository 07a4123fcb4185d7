"""A row of text becomes a typed applicant here, once, or an unreadable row with its reasons."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from flows.roster.applicant import Applicant, Name, Outcome, Reached
from flows.roster.columns import ColumnMap, folded
from flows.roster.contact import addresses, phones
from flows.roster.dates import day_first, read_date
from flows.roster.faults import Fault, Severity
from flows.roster.names import clean, name_of
from flows.roster.people import same_address, same_name
from flows.roster.spreadsheet import GridRow
from flows.roster.statuses import Meaning, Signals, read_word, stage_of

_STEPS = {
    "phone_screen_date": Reached.PHONE_SCREEN, "interview_1_date": Reached.INTERVIEW_1, "interview_2_date": Reached.INTERVIEW_2,
    "interview_3_date": Reached.INTERVIEW_3, "offer_date": Reached.OFFER,
}  # fmt: skip
_INTERVIEWS = ("interview_1_date", "interview_2_date", "interview_3_date")
_YES = frozenset({"ja", "yes", "true", "1", "x", "sand", "j", "y"})
_LANGUAGES = {"da": "da", "dansk": "da", "danish": "da", "dadk": "da", "en": "en", "engelsk": "en", "english": "en", "engb": "en", "enus": "en"}


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row no answer can be made for; it counts, and is an open case."""

    row: int
    id: str
    codes: tuple[str, ...]


class RowReader:
    """Reads the rows of one export."""

    def __init__(self, file: str, columns: ColumnMap, rows: tuple[GridRow, ...], settled: Mapping[str, str]) -> None:
        self._file, self._columns, self._rows, self._settled = file, columns, rows, settled
        self._day_first = {field: day_first(self._texts(field)) for field in ("applied_date", *_STEPS) if field in columns.at}

    def all(self) -> tuple[tuple[Applicant, ...], tuple[UnreadableRow, ...], tuple[Fault, ...]]:
        """Every row once: as an applicant, or as unreadable; and the faults of single cells."""
        applicants: list[Applicant] = []
        unreadable: list[UnreadableRow] = []
        faults: list[Fault] = []
        for row in self._rows:
            read, row_faults = self._read(row)
            faults += row_faults
            if isinstance(read, Applicant):
                applicants.append(read)
            else:
                unreadable.append(read)
        return self._told_apart(applicants, unreadable, faults), tuple(unreadable), tuple(faults)

    def _texts(self, field: str) -> Iterator[str]:
        return (self._text(row, field) for row in self._rows)

    def _text(self, row: GridRow, field: str) -> str:
        at = self._columns.at.get(field)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def _read(self, row: GridRow) -> tuple[Applicant | UnreadableRow, list[Fault]]:
        name = name_of(*(self._text(row, field) for field in ("given_name", "middle_name", "family_name", "name")))
        id = clean(self._text(row, "applicant_id"))
        if name is None or not any(letter.isalnum() for letter in name.full):
            return UnreadableRow(row.number, id or f"row-{row.number}", ("name-blank",)), [self._blank_name(row)]
        mails, faults = self._mails(row)
        numbers = tuple(dict.fromkeys((*phones(self._text(row, "phone")), *phones(self._text(row, "phone_2")))))
        stage, held = stage_of(self._signals(row))
        if "status-conflict" in held:
            faults.append(self._conflict(row))
        words = tuple(filter(None, (self._text(row, field) for field in ("stage", "status"))))
        return (
            Applicant(
                row=row.number, id=id or stable_id(name, mails, numbers), name=name, stage=stage, emails=mails, phones=numbers, address=self._address(row),
                language=_LANGUAGES.get(folded(self._text(row, "language")), ""), applied_on=self._date(row, "applied_date"),
                interviewed_on=max(filter(None, (self._date(row, field) for field in _INTERVIEWS)), default=None), status_words=words, held=held,
            ),
            faults,
        )

    def _blank_name(self, row: GridRow) -> Fault:
        fields = [field for field in ("given_name", "family_name", "name") if field in self._columns.at]
        return Fault(
            file=self._file, row=row.number, column=self._columns.heading(fields[0]), code="name-blank", found="", expected="the applicant's name",
            do="Fill it in, in the recruiting system or in the export.",
        )

    def _mails(self, row: GridRow) -> tuple[tuple[str, ...], list[Fault]]:
        usable: tuple[str, ...] = ()
        faults = []
        for field in ("email", "email_2"):
            text = self._text(row, field)
            good, reasons = addresses(text) if text else ((), ())
            usable += good
            for reason in reasons:
                faults.append(
                    Fault(
                        file=self._file, row=row.number, column=self._columns.heading(field), severity=Severity.WARNING, code="email-invalid", found=text[:200],
                        expected=f"a usable e-mail address ({reason[:160]})", do="Correct it; until then the answer goes by another route.",
                    )
                )
        return tuple(dict.fromkeys(usable)), faults

    def _conflict(self, row: GridRow) -> Fault:
        field = next((field for field in ("status", "stage") if field in self._columns.at), None)
        return Fault(
            file=self._file, row=row.number, column=self._columns.heading(field) if field else None, code="status-conflict",
            found="two different ends for one person", expected="one end; the row is held", do="Correct the status or the reason in the recruiting system.",
        )

    def _signals(self, row: GridRow) -> Signals:
        words = [read_word(text, self._settled) for field in ("status", "stage") if (text := self._text(row, field))]
        after = [
            Meaning(read_word(text, self._settled).reached, outcome)
            for field, outcome in (("rejected_after", Outcome.REJECTED), ("withdrew_after", Outcome.WITHDREW))
            if (text := self._text(row, field))
        ]
        answered = folded(self._text(row, "answered_mark"))
        return Signals(
            words=tuple(words), dated=tuple(step for field, step in _STEPS.items() if self._text(row, field)), after=tuple(after),
            rejection_reason=bool(self._text(row, "rejection_reason")), withdrawal_reason=bool(self._text(row, "withdrawal_reason")),
            hired=folded(self._text(row, "hired_flag")) in _YES, answered=bool(answered) and answered not in {"nej", "no", "false", "0", "falsk"},
        )

    def _date(self, row: GridRow, field: str) -> date | None:
        text = self._text(row, field)
        return read_date(text, day_is_first=self._day_first[field]) if text else None

    def _address(self, row: GridRow) -> tuple[str, ...]:
        """The postal address, one line each; empty unless a letter could find its way with it."""
        street, postcode, city = (clean(self._text(row, field)) for field in ("street", "postcode", "city"))
        if not street or not (city or postcode or any(letter.isdigit() for letter in street) and "," in street):
            return ()
        lines = [part.strip() for part in street.split(",")] if not city and not postcode else [street]
        country = clean(self._text(row, "country"))
        home = folded(country) in {"danmark", "denmark", "dk", "danemark", "dänemark", ""}
        lines += [clean(self._text(row, "street_2")), f"{postcode} {city}".strip(), "" if home else country]
        return tuple(filter(None, lines))

    def _told_apart(self, applicants: list[Applicant], unreadable: list[UnreadableRow], faults: list[Fault]) -> tuple[Applicant, ...]:
        """The applicants with ids that are unique; an id that stands twice holds its rows."""
        counts = Counter(each.id for each in (*applicants, *unreadable))
        projects = {row.number: clean(self._text(row, "project")) for row in self._rows}
        in_project = Counter((each.id, projects[each.row]) for each in (*applicants, *unreadable))
        told = []
        for each in applicants:
            if counts[each.id] == 1:
                told.append(each)
                continue
            if in_project[each.id, projects[each.row]] == 1:
                told.append(replace(each, id=f"{each.id}-{projects[each.row]}"))  # one person, several vacancies in one file
                continue
            told.append(replace(each, id=f"{each.id}-row-{each.row}", held=(*each.held, "id-duplicate")))
            faults.append(
                Fault(
                    file=self._file, row=each.row, column=self._columns.mapped.get("applicant_id"), code="id-duplicate", found=each.id,
                    expected="an id that stands once; the row is held", do="Take one of the rows out of the export, or correct the id.",
                )
            )
        return tuple(told)


def stable_id(name: Name, mails: tuple[str, ...], numbers: tuple[str, ...]) -> str:
    """A key for a row without an id: the same after sorting and exporting again; `k` and ten hexadecimal digits."""
    told = "\n".join((same_name(name.full), *(sorted(same_address(mail) for mail in mails[:1])), *numbers[:1]))
    return "k" + hashlib.sha256(told.encode()).hexdigest()[:10]
