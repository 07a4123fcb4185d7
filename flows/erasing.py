"""One erasure of one vacancy: what is to go, when it may, and what stays. Plain Python; no Prefect."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flows.auditing import ERASED, KEY, PACK, Audit, all_vacancies
from flows.documents.shelf import digest, write_whole
from flows.dossier import open_ledger, today_now
from flows.ledger.events import NewEvent, What
from flows.roster.faults import CommandRefused, SvarError
from flows.settings import Settings

_KEPT = frozenset({PACK, ERASED})


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to go, and when it may."""

    folder: Path
    out: Path
    vacancy: str
    people: int
    files: tuple[Path, ...]
    papers_until: date  # the papers may be kept up to and with this day
    book_closed: bool
    log: dict[str, Any]  # what stays: numbers, times and digests, nobody's name


def plan_erasure(folder: Path, settings: Settings) -> Erasure:
    """What would be erased of a vacancy. Raises CommandRefused for one that is erased already."""
    out = settings.output_folder(folder)
    if (out / ERASED).exists():
        raise CommandRefused(f"{out.name}: found {ERASED}, the papers were erased already. What is left is the proof.")
    audit = Audit.of(folder, settings)
    book, vacancy, firm = audit.book, audit.dossier.vacancy, audit.dossier.vacancy.organisation
    answered = [entry.answered_on for entry in book.entries if entry.answered_on]
    last = max(answered, default=vacancy.file.decided or vacancy.file.deadline)
    inputs = (vacancy.export_path, vacancy.join_path, vacancy.interviews_path)
    files = tuple(path for path in (*filter(None, inputs), *_outputs(out)) if path.is_file())
    log = {
        "vacancy": vacancy.name,
        "title": vacancy.file.title,
        "reference": vacancy.file.reference,
        "rows": book.rows,
        "received": book.received,
        "states": {str(state): number for state, number in sorted(book.states.items())},
        "open": len(book.open),
        "answered_on": {day.isoformat(): number for day, number in sorted(Counter(answered).items())},
        "deadline": vacancy.file.deadline.isoformat(),
        "proof_until": months_after(last, firm.retention.proof_months).isoformat(),
        "files": sorted(digest(path.read_bytes()) for path in files),
    }
    until = months_after(last, firm.retention.papers_months)
    return Erasure(folder, out, vacancy.name, len(book.entries), files, until, book.closed, log)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A vacancy whose papers are past their retention date; numbers and days, nobody's name."""

    vacancy: str
    people: int
    files: int
    papers_until: date
    hindrance: str  # why it may not be erased yet; empty where it may


def proposals(settings: Settings) -> tuple[Proposal, ...]:
    """Every vacancy under inputs whose papers are past their retention date, and those that cannot be read."""
    today = today_now(settings).date()
    found = []
    for folder in all_vacancies(settings):
        if is_erased(folder, settings):
            continue
        try:
            plan = plan_erasure(folder, settings)
        except SvarError:
            found.append(Proposal(folder.name, 0, 0, today, "cannot be read: see svar check"))
            continue
        if plan.papers_until < today:
            hindrance = "" if plan.book_closed else "open cases: nobody may be erased before they are answered"
            found.append(Proposal(plan.vacancy, plan.people, len(plan.files), plan.papers_until, hindrance))
    return tuple(found)


# What no program can take back; the person who erases is told (svar erase shows them, erased.json keeps them).
OUT_OF_REACH = (
    "mails that were sent, in the applicants' and the firm's mailboxes",
    "drafts that were opened in a mail program, and its folder of sent mail",
    "letters that were printed or posted",
    "backups of the inputs and outputs folders and of the ledger",
    "the recruiting system itself, and exports kept elsewhere",
)


def erase(erasure: Erasure, settings: Settings, *, by: str, early: str = "") -> None:
    """Erases documents, exports and people; the book's numbers, the times and the chain stay. Raises CommandRefused when it may not.

    `early` is the reason to erase before the retention date; with one, open cases do not stop it either.
    """
    now = today_now(settings)
    if not erasure.book_closed and not early:
        raise CommandRefused(
            f"{erasure.vacancy}: found open cases, expected a closed book. Nobody may be erased before they are answered; see `svar audit`."
        )
    if now.date() <= erasure.papers_until and not early:
        raise CommandRefused(
            f"{erasure.vacancy}: the papers are kept until {erasure.papers_until.isoformat()}. Nothing was erased. Insist with --early --reason."
        )
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    log = erasure.log | {"erased_at": moment, "erased_by": by, "early_because": early, "out_of_reach": OUT_OF_REACH}
    content = (json.dumps(log, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    with open_ledger(settings) as ledger:
        ledger.append(erasure.vacancy, [NewEvent(What.ERASED, "", moment, {"by": by, "log": digest(content), "people": erasure.people})])
        erasure.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(erasure.out / ERASED, content)
        for path in erasure.files:
            path.unlink(missing_ok=True)
        for folder in sorted((path for path in erasure.out.rglob("*") if path.is_dir() and path.name not in _KEPT), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
        ledger.erase_people(erasure.vacancy, list(ledger.people(erasure.vacancy)))


def forget_proof(folder: Path, settings: Settings) -> int:
    """How many events went, when the time of the proof too is over. Raises CommandRefused before that."""
    out = settings.output_folder(folder)
    log = json.loads((out / ERASED).read_text("utf-8"))
    until = date.fromisoformat(log["proof_until"])
    if today_now(settings).date() <= until:
        raise CommandRefused(f"{out.name}: the papers are erased; the proof is kept until {until.isoformat()}. Nothing was erased.")
    with open_ledger(settings) as ledger:
        gone = ledger.forget(log["vacancy"])
    for path in (*(out / PACK).glob("*"), out / ERASED):
        path.unlink(missing_ok=True)
    return gone


def is_erased(folder: Path, settings: Settings) -> bool:
    """True when the papers are gone and the proof is what is left."""
    return (settings.output_folder(folder) / ERASED).exists()


def _outputs(out: Path) -> Iterator[Path]:
    """Everything under the output folder that names people; the audit pack does not, its key does."""
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.relative_to(out).parts[0] not in _KEPT:
            yield path
    assert KEY not in _KEPT


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")
