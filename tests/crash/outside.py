"""The outside look: export, ledger tables and mailbox compared. Shares no line with the program it judges.

The rule: nobody is in the mailbox twice; who is accepted is in the mailbox once; who is in the mailbox and not accepted is an open doubt;
who is in neither is an open doubt or has never been begun. After a run that went to its end nobody is left unbegun but those who wait for a call.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

ENVELOPE = re.compile(rb"(?im)^(?:Return-Path|X-MailFrom): <?([^>\r\n]*)>?")
RECIPIENT = re.compile(rb"(?im)^(?:Delivered-To|X-RcptTo): ([^\r\n]+)")
MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s+(\S+)")


@dataclass(frozen=True)
class Row:
    """What the ledger's table says of one event."""

    number: int
    what: str
    applicant: str
    details: Mapping[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True)
class Verdict:
    """How many are in which state, and everything that is not as it must be."""

    counts: Counter[str]
    faults: tuple[str, ...]


def addresses(export: Path) -> dict[str, tuple[str, bool]]:
    """Applicant id -> e-mail, and whether a call comes first, as the export says."""
    rows = list(load_workbook(export).worksheets[0].iter_rows(values_only=True))
    at = {heading: number for number, heading in enumerate(rows[0])}
    return {str(row[at["Kandidat-ID"]]): (row[at["E-mail"]], row[at["Dato for første samtale"]] is not None) for row in rows[1:]}


def ledger_rows(ledger: str, vacancy: str) -> list[Row]:
    """The events of a vacancy in their order; `ledger` is an SQLite file or a postgresql:// address."""
    ask = (
        "select e.number, e.what, coalesce(p.applicant, ''), e.details, e.previous, e.digest"
        " from svar_events e left join svar_people p on p.key = e.person where e.vacancy = {} order by e.number"
    )
    if "://" in ledger:
        import psycopg

        with psycopg.connect(re.sub(r"^postgresql\+\w+", "postgresql", ledger)) as line:
            rows: Sequence[Any] = line.execute(ask.format("%s"), (vacancy,)).fetchall()
    else:
        if not Path(ledger).exists():
            return []
        file = sqlite3.connect(ledger)
        has = file.execute("select count(*) from sqlite_master where name = 'svar_events'").fetchone()[0]
        rows = file.execute(ask.format("?"), (vacancy,)).fetchall() if has else []
        file.close()
    return [Row(number, what, who, json.loads(told), previous, digest) for number, what, who, told, previous, digest in rows]


def letters(maildir: Path, domain: str) -> dict[str, list[str]]:
    """Address -> Message-IDs of what lies in the mailbox from senders of a domain (each vacancy of a test has its own)."""
    found: dict[str, list[str]] = {}
    for box in ("new", "cur"):
        for file in (maildir / box).glob("*") if (maildir / box).is_dir() else ():
            head = file.read_bytes()[:4000]
            sender, recipient, name = ENVELOPE.search(head), RECIPIENT.search(head), MESSAGE_ID.search(head)
            if sender and recipient and sender[1].decode().strip().endswith(f"@{domain}"):
                found.setdefault(recipient[1].decode().strip(), []).append(name[1].decode() if name else "")
    return found


def judge(people: Mapping[str, tuple[str, bool]], rows: Sequence[Row], found: Mapping[str, list[str]], *, ended: bool = True) -> Verdict:
    """What is not as it must be. `ended`: the last run went to its end, so nobody but those who wait for a call may be unbegun."""
    counts: Counter[str] = Counter()
    faults = [f"mail to somebody who is not in the export: {each}" for each in set(found) - {address for address, _ in people.values()}]
    faults += [f"chain broken at event {row.number}" for before, row in pairwise(rows) if row.previous != before.digest]
    faults += [f"event {row.number} stands at place {place}" for place, row in enumerate(rows, start=1) if row.number != place]
    for id, (address, call_first) in people.items():
        theirs = [row for row in rows if row.applicant == id]
        mails, accepted = found.get(address, []), [row for row in theirs if row.what == "accepted_by_server"]
        begun = [row for row in theirs if row.what in ("handing_over", "accepted_by_server", "uncertain", "deferred", "refused", "retried")]
        last = begun[-1].what if begun else "unbegun"
        counts[_state(last, len(mails), call_first)] += 1
        faults += [f"{id}: {fault}" for fault in _faults(last, mails, accepted, call_first, ended=ended)]
    return Verdict(counts, tuple(faults))


def _state(last: str, mails: int, call_first: bool) -> str:
    if last in ("handing_over", "uncertain"):
        return "doubt, arrived" if mails else "doubt, not arrived"
    return "waits for a call" if last == "unbegun" and call_first else last


def _faults(last: str, mails: Sequence[str], accepted: Sequence[Row], call_first: bool, *, ended: bool) -> list[str]:
    faults = []
    if len(mails) > 1:
        faults.append(f"DOUBLE: {len(mails)} times in the mailbox")
    if len(accepted) > 1:
        faults.append(f"accepted {len(accepted)} times")
    if accepted and [row.details["message_id"] for row in accepted] != list(mails):
        faults.append("UNPROVEN: accepted, and that letter is not in the mailbox")
    if mails and not accepted and last not in ("handing_over", "uncertain"):
        faults.append(f"UNKNOWN: in the mailbox, and the ledger says {last}")
    if ended and last == "unbegun" and not call_first:
        faults.append("MISSING: a run went to its end and never began this one")
    if ended and last == "handing_over":
        faults.append("a run went to its end and left a hand-over under way")
    if call_first and (mails or last != "unbegun"):
        faults.append("mailed before the call")
    return faults
