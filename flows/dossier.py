"""All that is known of a vacancy at a moment: export, papers on the shelf, and what the ledger says. Read afresh each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from flows.answers.due import Due
from flows.audit.book import Book, Finding, close_book
from flows.audit.timeliness import DENMARK
from flows.delivery.outbox import Case, Outbox, outbox
from flows.documents import shelf
from flows.documents.paper import Made
from flows.ledger.events import History, histories
from flows.ledger.place import ledger_file, ledger_url
from flows.preflight import Preflight, look_over_vacancy
from flows.roster.applicant import Applicant
from flows.roster.faults import LedgerLost, SvarError
from flows.roster.people import same_name
from flows.roster.vacancy import Vacancy
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.ledger.store import Ledger

LETTERS = "letters/"
CALL_LIST = "calls.xlsx"
ERASED, ERASING = "erased.json", "erasing.json"  # the log of a finished erasing, the order of one that is not finished


@dataclass(frozen=True, slots=True)
class Dossier:
    """A vacancy as it stands."""

    found: Preflight
    vacancy: Vacancy
    out: Path
    manifest: shelf.Manifest
    histories: Mapping[str, History]  # by applicant id
    now: datetime
    known_as: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # by applicant id: name and e-mail in the ledger

    @property
    def applicants(self) -> tuple[Applicant, ...]:
        return self.found.roster.applicants

    def book(self, findings: tuple[Finding, ...] = ()) -> Book:
        """The balance, with what the ledger proves."""
        file = self.vacancy.file
        return close_book(
            self.found.roster, self.found.due, self.manifest.made, (), received=file.received, left_out=file.leave_out,
            unprepared=self._unprepared, happened=self.histories, findings=findings,
        )  # fmt: skip

    @property
    def _unprepared(self) -> dict[str, tuple[str, ...]]:
        """What a person must settle first, by id; among it: somebody answered already who now comes under another id."""
        here = {each.id for each in self.applicants}
        gone = [
            told for id, told in self.known_as.items() if id not in here and id in self.histories and _may_be_answered(self.histories[id])
        ]
        names, addresses = {same_name(name) for name, _ in gone}, {address.casefold() for _, address in gone if address}
        again = {
            each.id
            for each in self.applicants
            if each.id not in self.histories
            and (same_name(each.name.full) in names or {mail.casefold() for mail in each.emails} & addresses)
        }
        told = dict(self.found.unprepared)
        return told | {id: (*told.get(id, ()), "answered-under-another-id") for id in again}

    def outbox(self) -> Outbox:
        """What would go now, and what is held and why."""
        reasons = {entry.id: entry.reasons for entry in self.book().entries}
        letters = {made.id: made for made in self.manifest.made if made.docx.startswith(LETTERS)}
        return outbox(self._case(each, letters.get(each.id), reasons.get(each.id, ())) for each in self.applicants)

    def _case(self, applicant: Applicant, letter: Made | None, reasons: tuple[str, ...]) -> Case:
        answer = self.found.due[applicant.id]
        owed = answer.due in (Due.LETTER, Due.CALL_AND_LETTER) and letter is not None
        faults = tuple(reason for reason in reasons if reason not in ("no-way-to-reach", "bounced", "refused", "cancelled"))
        unchanged = not owed or (letter is not None and shelf.as_made(letter, self.out))
        return Case(applicant, answer, letter if owed else None, faults, unchanged, self.histories.get(applicant.id, History()))

    def key_people(self) -> dict[str, tuple[str, str]]:
        """Applicant id -> name and e-mail, for the ledger's table of people."""
        return {each.id: (each.name.full, each.emails[0] if each.emails else "") for each in self.applicants}


def today_now(settings: Settings) -> datetime:
    """The moment as clocks in Denmark show it, wherever the machine stands; SVAR_TODAY sets the day for rehearsals."""
    now = datetime.now(DENMARK)
    return datetime.combine(settings.today, time(12), now.tzinfo) if settings.today else now


def read_dossier(folder: Path, settings: Settings, ledger: Ledger | None = None) -> Dossier:
    """The vacancy in a folder as it stands. Raises InputRefused, and LedgerLost when its ledger is lost."""
    dossier = read_without_ledger(folder, settings)
    name, manifest = dossier.vacancy.name, dossier.manifest
    told = told_by(ledger, name, manifest) if ledger is not None else happened(settings, name, manifest)
    return replace(dossier, histories=told, known_as=_known_as(name, settings, ledger) if told else {})


def read_without_ledger(folder: Path, settings: Settings) -> Dossier:
    """The vacancy's export and papers alone, as if nothing had happened. Raises InputRefused, and SvarError in the middle of an erasing."""
    if ((out := settings.output_folder(folder)) / ERASING).exists():
        raise SvarError(f"{out.name}: an erasing was broken off. `svar erase {out.name}` goes on with it.")
    found = look_over_vacancy(folder, settings)
    assert found.vacancy is not None
    return Dossier(found, found.vacancy, out, shelf.read_manifest(out), {}, today_now(settings))


def _known_as(vacancy: str, settings: Settings, ledger: Ledger | None) -> dict[str, tuple[str, str]]:
    if ledger is not None:
        return ledger.addressed(vacancy)
    with open_ledger(settings) as opened:
        return opened.addressed(vacancy)


def _may_be_answered(told: History) -> bool:
    return bool(told.written or told.doubt or told.under_way or told.drafted)


def happened(settings: Settings, vacancy: str, manifest: shelf.Manifest) -> dict[str, History]:
    """What the ledger says, by applicant id; nothing where there is no ledger yet. Raises SvarError when it is lost."""
    with ledger_there(settings) as ledger:
        if ledger is None:
            refuse_lost_ledger(vacancy, manifest, str(ledger_file(ledger_url(settings.ledger, settings.outputs))))
            return {}
        return told_by(ledger, vacancy, manifest)


def told_by(ledger: Ledger, vacancy: str, manifest: shelf.Manifest) -> dict[str, History]:
    """What this ledger says, by applicant id. Raises SvarError when it knows nothing of what was handed over."""
    events = ledger.events(vacancy)
    if not events:
        refuse_lost_ledger(vacancy, manifest, ledger.place)
    return by_id(ledger, vacancy)


def by_id(ledger: Ledger, vacancy: str) -> dict[str, History]:
    """Applicant id -> history; of people who are erased nothing is known by id."""
    people = ledger.people(vacancy)
    return {people[key]: each for key, each in histories(ledger.events(vacancy)).items() if key in people}


def refuse_lost_ledger(vacancy: str, manifest: shelf.Manifest, place: str) -> None:
    """Raises LedgerLost when something was handed over from this folder and the ledger that knows of it is gone."""
    if manifest.handed_over:
        words = f"{vacancy}: answers were handed over, but the ledger {place} does not have them. Put it back before you go on, so that nobody is answered twice."
        raise LedgerLost(words, "ledger-missing", place)


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    """The ledger, made if it is not there."""
    from flows.ledger.store import Ledger

    shelf.private_folder(settings.outputs)
    with Ledger.open(ledger_url(settings.ledger, settings.outputs)) as ledger:
        yield ledger


@contextmanager
def ledger_there(settings: Settings) -> Iterator[Ledger | None]:
    """The ledger; None where there is none yet. For whoever only looks: nothing is made."""
    url = ledger_url(settings.ledger, settings.outputs)
    file = ledger_file(url)
    if file is not None and not file.exists():
        yield None
        return
    from flows.ledger.store import Ledger  # loads SQLAlchemy, which a house without a ledger does without

    with Ledger.open(url) as ledger:
        yield ledger


@contextmanager
def dossier_to_write(folder: Path, settings: Settings, *, alone: bool = False) -> Iterator[tuple[Ledger, Dossier]]:
    """The ledger, and the vacancy as it stands. No ledger is made where the input is refused, or an earlier one is lost.

    `alone`: nobody sends the vacancy's answers meanwhile. Raises CommandRefused when somebody does.
    """
    read_dossier(folder, settings)
    with open_ledger(settings) as ledger, ledger.turn(folder.resolve().name) if alone else nullcontext():
        yield ledger, read_dossier(folder, settings, ledger)
