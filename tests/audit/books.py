"""Books built by hand: somebody in every end state, every sort of open case, and as many people as wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.answers.due import Due, Route
from flows.audit.book import Book, EndState, Entry, Evidence, Finding
from flows.documents.paper import Made
from flows.roster.applicant import Applicant, Name, Outcome, Reached, Stage
from flows.roster.vacancy import Contact, Organisation, Vacancy, VacancyFile
from tests.conftest import ROOT

TEMPLATES = ROOT / "templates"
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))
CONTACT = Contact(name="Mette Sørensen", phone="+45 97 00 00 01", email="mette@nordvest.example")
FILE = VacancyFile(
    title="Projektleder, fjernvarme",
    reference="2026-117",
    deadline=date(2026, 10, 30),
    decided=date(2026, 11, 20),
    received=16,
    export="applicants.xlsx",
    contact=CONTACT,
)
VACANCY = Vacancy(Path("inputs/projektleder"), FILE, Organisation(name="Nordvest Energi A/S", address=("Havnegade 4",)), Path("inputs"))
ENGLISH = replace(VACANCY, file=FILE.model_copy(update={"language": "en"}))
EVERY_EVENT = [
    "made",
    "checked",
    "approved",
    "drafted",
    "handing_over",
    "accepted_by_server",
    "deferred",
    "refused",
    "uncertain",
    "bounced",
    "sent_by_hand",
    "called",
    "posted",
    "answered_elsewhere",
    "left_out",
    "retried",
]


def happened(*events: str, on: date = date(2026, 11, 12)) -> tuple[Evidence, ...]:
    """One event an hour from ten o'clock: `what`, or `what|by|detail`."""
    told = []
    for hour, event in enumerate(events):
        what, by, detail = (*event.split("|"), "", "")[:3]
        told.append(Evidence(datetime(on.year, on.month, on.day, 10 + hour, tzinfo=ZoneInfo("Europe/Copenhagen")), what, by, detail))
    return tuple(told)


def paper(id: str, name: str, kind: str = "not_invited", edited: str | None = None) -> Made:
    shelf, stem = ("notes" if kind == "feedback_note" else "letters"), f"{name} {id}"
    eml = None if shelf == "notes" else f"mail/{stem}.eml"
    return Made(id, kind, "da", f"{shelf}/{stem}.docx", f"{shelf}/{stem}.pdf", eml, {}, "", edited)


def entry(row: int, name: str, reached: Reached, outcome: Outcome, due: Due, route: Route, **more: object) -> Entry:
    return Entry(row, str(4700 + row), name, reached, outcome, due, route, **more)  # type: ignore[arg-type]


def letter(row: int, name: str, **more: object) -> Entry:
    """Somebody who was not invited and has a letter coming by mail, unless told otherwise."""
    papers = more.pop("papers", (paper(str(4700 + row), name),))
    route = more.pop("route", Route.MAIL)
    return entry(row, name, Reached.APPLICATION, Outcome.REJECTED, Due.LETTER, route, papers=papers, **more)  # type: ignore[arg-type]


def interviewed(row: int, name: str, **more: object) -> Entry:
    """Somebody who is owed a call and a mail after it."""
    id = str(4700 + row)
    papers = (paper(id, name, "feedback_note"), paper(id, name, "after_interview"))
    return entry(row, name, Reached.INTERVIEW_1, Outcome.REJECTED, Due.CALL_AND_LETTER, Route.MAIL, papers=papers, **more)


def ended(row: int, name: str, outcome: Outcome, state: EndState, **more: object) -> Entry:
    return entry(row, name, Reached.APPLICATION, outcome, Due.NOTHING, Route.NONE, state=state, **more)


def every_end_state() -> tuple[Entry, ...]:
    """Ten people, one in each end state, with evidence of each."""
    accepted = "accepted_by_server||250 2.0.0 Ok: queued as 4D1"
    return (
        letter(
            2, "Åse Prøvesen", state=EndState.ANSWERED_BY_MAIL, answered_on=date(2026, 11, 12), evidence=happened("approved|MS", accepted)
        ),
        interviewed(
            3,
            "Søren Ærø",
            state=EndState.ANSWERED_BY_CALL_AND_MAIL,
            answered_on=date(2026, 11, 23),
            evidence=happened("called|MS|reached", accepted, on=date(2026, 11, 23)),
        ),
        interviewed(
            4,
            "Ida Holm",
            state=EndState.ANSWERED_BY_CALL,
            answered_on=date(2026, 11, 25),
            evidence=happened("called|MS|reached", on=date(2026, 11, 25)),
        ),
        letter(
            5,
            "Poul Brev",
            route=Route.PRINT,
            state=EndState.ANSWERED_BY_POST,
            answered_on=date(2026, 11, 17),
            evidence=happened("posted|MS", on=date(2026, 11, 17)),
        ),
        ended(
            6,
            "Else Hvor",
            Outcome.ANSWERED_ELSEWHERE,
            EndState.ANSWERED_ELSEWHERE,
            answered_on=date(2026, 11, 2),
            evidence=happened("answered_elsewhere||Afslag sendt", on=date(2026, 11, 2)),
        ),
        ended(7, "Trine Trak", Outcome.WITHDREW, EndState.WITHDREW),
        ended(8, "Dorte Nej", Outcome.DECLINED_OFFER, EndState.DECLINED_OFFER),
        ended(9, "Hans Valgt", Outcome.HIRED, EndState.HIRED),
        ended(10, "", Outcome.REJECTED, EndState.MERGED),
        ended(11, "Test Testesen", Outcome.REJECTED, EndState.LEFT_OUT, evidence=happened("left_out|MS|test application")),
    )


def every_open_case() -> tuple[Entry, ...]:
    """Six people without an answer, each for a reason of its own."""
    return (
        letter(12, "Klar Parat"),
        interviewed(13, "Ring Til"),
        letter(14, "Retur Mail", reasons=("bounced",), evidence=happened("approved|MS", "accepted_by_server", "bounced||550 5.1.1")),
        entry(15, "Ubestemt Ubo", Reached.APPLICATION, Outcome.UNKNOWN, Due.HELD, Route.NONE, reasons=("unknown",)),
        interviewed(16, "Note Mangler", reasons=("feedback_note: reason-missing",)),
        letter(
            17, "Kladde Nu", evidence=happened("approved|MS", "drafted"), papers=(paper("4717", "Kladde Nu", edited="2026-11-11T08:15:00"),)
        ),
    )


def open_book(**more: object) -> Book:
    entries = every_end_state() + every_open_case()
    return Book(entries, len(entries), len(entries), **more)  # type: ignore[arg-type]


def closed_book() -> Book:
    return Book(every_end_state(), 10, 10)


def spoiled_book() -> Book:
    """Everybody answered, and three things that do not agree."""
    found = (
        Finding("document-changed", "letters/Åse Prøvesen 4702.pdf"),
        Finding("chain-broken", "event 17"),
        Finding("new-code", "row 3"),
    )
    return replace(closed_book(), findings=found)


def applicants() -> tuple[Applicant, ...]:
    """Telephones and days of interviews of those who were interviewed."""
    people = {3: (0, "Søren Ærø"), 4: (1, "Ida Holm"), 13: (2, "Ring Til"), 16: (3, "Note Mangler")}
    return tuple(
        Applicant(
            row,
            str(4700 + row),
            Name(name),
            Stage(Reached.INTERVIEW_1, Outcome.REJECTED),
            phones=(f"+45 20 30 40 {row}",),
            applied_on=date(2026, 10, 12),
            interviewed_on=date(2026, 11, 9) + timedelta(days=number),
        )
        for row, (number, name) in people.items()
    )


def crowd(number: int) -> Book:
    """A vacancy of many: four of five answered over three weeks, the others still waiting."""
    entries: list[Entry] = []
    for row in range(2, number + 2):
        day = date(2026, 11, 2) + timedelta(days=row % 18)
        sent = {
            "state": EndState.ANSWERED_BY_MAIL,
            "answered_on": day,
            "evidence": happened("made", "checked", "approved|MS", "handing_over", "accepted_by_server||250 2.0.0 Ok", on=day),
        }
        entries.append(
            letter(row, f"Anna Nummer {row}", **(sent if row % 5 else {})) if row % 25 else interviewed(row, f"Bo Samtale {row}")
        )
    return Book(tuple(entries), number, number)
