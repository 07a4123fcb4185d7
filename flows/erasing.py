"""One erasure of one vacancy: what is to go, when it may, and what stays. Plain Python; no Prefect."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.audit.pack import pack_faults
from flows.auditing import KEY, PACK, Audit, all_vacancies
from flows.closing_turn import closing_turn
from flows.documents.shelf import digest, write_whole
from flows.dossier import ERASED, ERASING, open_ledger, today_now
from flows.ledger.events import NewEvent, What, broken_link
from flows.roster.faults import CommandRefused, SvarError
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.ledger.store import Ledger

_KEPT = frozenset({PACK, ERASED, ERASING})
_NOBODYS = frozenset({"vacancy.toml", "organisation.toml"})


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to go, and when it may."""

    folder: Path
    out: Path
    audit: Audit
    files: tuple[Path, ...]
    others: tuple[Path, ...]  # files in the vacancy's folder that are not its own: a person looks at them
    papers_until: date  # the papers may be kept up to and with this day
    log: dict[str, Any]  # what stays: numbers, times and digests, nobody's name

    @property
    def vacancy(self) -> str:
        return self.audit.dossier.vacancy.name

    @property
    def people(self) -> int:
        return len(self.audit.book.entries)

    @property
    def book_closed(self) -> bool:
        return self.audit.book.closed


def plan_erasure(folder: Path, settings: Settings) -> Erasure:
    """What would be erased of a vacancy. Raises CommandRefused for one that is erased already."""
    out = settings.output_folder(folder)
    if (out / ERASED).exists():
        raise CommandRefused(f"{out.name}: found {ERASED}, the papers were erased already. What is left is the proof.")
    audit = Audit.of(folder, settings)
    book, vacancy, firm = audit.book, audit.dossier.vacancy, audit.dossier.vacancy.organisation
    answered = [entry.answered_on for entry in book.entries if entry.answered_on]
    last = max(answered, default=vacancy.file.decided or vacancy.file.deadline)
    inputs = [path for path in (vacancy.export_path, vacancy.join_path, vacancy.interviews_path) if path and path.is_file()]
    others = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in _NOBODYS and path not in inputs]
    files = (*inputs, *_outputs(out))
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
    return Erasure(folder, out, audit, files, tuple(others), until, log)


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
        if under_way(folder, settings):
            found.append(Proposal(folder.name, 0, 0, today, f"an erasing was broken off: svar erase {folder.name} goes on with it"))
        if under_way(folder, settings) or is_erased(folder, settings):
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
    "the log files of a database server, where the ledger is on one",
    "backups of the inputs and outputs folders and of the ledger",
    "the recruiting system itself, and exports kept elsewhere",
)


def erase(erasure: Erasure, settings: Settings, *, by: str, early: str = "") -> None:
    """Erases documents, exports and people; the book's numbers, the times and the chain stay. Raises CommandRefused when it may not,
    when the vacancy changed since it was looked at, or while it is closed or its answers are sent.

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
    order = {
        "vacancy": erasure.vacancy,
        "people": erasure.people,
        "inputs": [str(path.resolve()) for path in erasure.files if not path.is_relative_to(erasure.out)],
        "log": log,
    }
    with closing_turn(settings.outputs, erasure.vacancy), open_ledger(settings) as ledger, ledger.turn(erasure.vacancy):
        if plan_erasure(erasure.folder, settings).log != erasure.log:
            raise CommandRefused(f"{erasure.vacancy}: it changed since it was looked at. Nothing was erased. Run `svar erase` again.")
        erasure.audit.write_pack()
        write_whole(erasure.out / ERASING, _json(order))  # from here on the erasing is decided, and any later run completes it
        _carry_out(erasure.folder, settings, ledger)


def complete_erasing(folder: Path, settings: Settings) -> str:
    """Carries out the order in `erasing.json`, however much of it was done before a machine died; the vacancy's name comes back.

    Raises TurnTaken while the vacancy is closed, its answers sent, or it is erased by another.
    """
    name = folder.resolve().name
    with closing_turn(settings.outputs, name), open_ledger(settings) as ledger, ledger.turn(name):
        return _carry_out(folder, settings, ledger)


def _carry_out(folder: Path, settings: Settings, ledger: Ledger) -> str:
    """Every step can be done twice. The order goes last: as long as it lies there, something may be left."""
    out = settings.output_folder(folder)
    order = json.loads((out / ERASING).read_text("utf-8"))
    name, log = str(order["vacancy"]), order["log"]
    content = _json(log)
    told = {"by": log["erased_by"], "log": digest(content), "people": order["people"]}
    if all(event.details.get("log") != told["log"] for event in ledger.events(name) if event.what is What.ERASED):
        ledger.append(name, [NewEvent(What.ERASED, "", log["erased_at"], told)])
    for path in (*map(Path, order["inputs"]), *_outputs(out)):
        path.unlink(missing_ok=True)
    for inner in sorted((path for path in out.rglob("*") if path.is_dir() and path.name not in _KEPT), reverse=True):
        if not any(inner.iterdir()):
            inner.rmdir()
    ledger.erase_people(name, list(ledger.people(name)))
    write_whole(out / ERASED, content)
    if hasattr(os, "sync"):
        os.sync()  # what is gone is gone on the disk too, before the order to erase it is
    (out / ERASING).unlink()
    return name


def under_way(folder: Path, settings: Settings) -> bool:
    """True when an erasing was decided and broken off."""
    return (settings.output_folder(folder) / ERASING).exists()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Proof:
    """What is left of an erased vacancy, and whether it holds."""

    log: dict[str, Any]
    events: int
    faults: tuple[str, ...]  # what does not agree, each with its place

    @property
    def until(self) -> date:
        """The last day on which it may be kept."""
        return date.fromisoformat(self.log["proof_until"])


def read_proof(folder: Path, settings: Settings) -> Proof:
    """The log, the ledger and the pack of an erased vacancy, read afresh and compared. Raises SvarError when there is no readable log."""
    out = settings.output_folder(folder)
    try:
        content = (out / ERASED).read_bytes()
        log = json.loads(content)
        name = str(log["vacancy"])
    except (ValueError, KeyError, TypeError) as error:
        raise SvarError(f"{out / ERASED} cannot be read: expected the log Svar wrote. Put it back from a backup.") from error
    with open_ledger(settings) as ledger:
        events, people = ledger.events(name), ledger.people(name)
    link = broken_link(events)
    known = {event.details.get("log") for event in events if event.what is What.ERASED}
    faults = [] if link is None else [f"chain-broken: event {link}"]
    faults += [] if digest(content) in known else [f"log-not-in-ledger: {ERASED}"]
    faults += [f"people-left: {len(people)} in the ledger"] if people else []
    faults += [f"file-left: {path.relative_to(out)}" for path in _outputs(out)]
    faults += [f"pack: {fault}" for fault in pack_faults(out / PACK)]
    return Proof(log, len(events), tuple(faults))


def forget_proof(folder: Path, settings: Settings) -> int:
    """How many events went, when the time of the proof too is over. Raises CommandRefused before that."""
    out, proof = settings.output_folder(folder), read_proof(folder, settings)
    if today_now(settings).date() <= proof.until:
        raise CommandRefused(f"{out.name}: the papers are erased; the proof is kept until {proof.until.isoformat()}. Nothing was erased.")
    with open_ledger(settings) as ledger:
        gone = ledger.forget(str(proof.log["vacancy"]))
    for path in (*(out / PACK).glob("*"), out / ERASED):  # the log last: until then the same command goes on
        path.unlink(missing_ok=True)
    return gone


def is_erased(folder: Path, settings: Settings) -> bool:
    """True when the papers are gone and the proof is what is left."""
    out = settings.output_folder(folder)
    return (out / ERASED).exists() and not (out / ERASING).exists()


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
