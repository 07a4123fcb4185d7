"""The audit pack: the proof without the people. Pseudonymous book, events, digests, and a verifier that needs only Python."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.audit import verify
from flows.audit.entries import Book, Entry
from flows.ledger.events import Event

VERIFIER = Path(verify.__file__)


@dataclass(frozen=True, slots=True)
class Pack:
    """The files of the pack by name, and the key that stays with HR."""

    files: Mapping[str, bytes]
    key: bytes


def audit_pack(
    book: Book, events: Sequence[Event], keys: Mapping[str, str], *, about: Mapping[str, Any], description: str, now: datetime
) -> Pack:
    """The pack of a vacancy. `keys` is applicant id -> the ledger's key; whoever has none gets one of the pack's own.

    `about` is the vacancy in words that name nobody; `description` is how answers are sent.
    """
    salts = {entry.id: secrets.token_hex(16) for entry in book.entries}
    names = {entry.id: keys.get(entry.id) or f"without-event-{secrets.token_hex(8)}" for entry in book.entries}
    people = [_person(entry, names[entry.id], salts[entry.id]) for entry in book.entries]
    random.SystemRandom().shuffle(people)  # the order of the export would tell who is who
    files = {
        "about.json": _json(dict(about) | {"made_at": now.isoformat(timespec="seconds")}),
        "book.json": _json(_sums(book)),
        "people.jsonl": "".join(_line(each) for each in people).encode(),
        "events.jsonl": "".join(_line(asdict(event)) for event in events).encode(),
        "how-answers-are-sent.md": description.encode(),
        "verify.py": VERIFIER.read_bytes(),
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    sealed = json.dumps(digests, ensure_ascii=False, sort_keys=True, indent=1)
    listed = {"files": digests, "digest": hashlib.sha256(sealed.encode()).hexdigest()}
    key = [{"person": names[entry.id], "salt": salts[entry.id], "id": entry.id, "name": entry.name} for entry in book.entries]
    return Pack(files | {"files.json": _json(listed)}, _json(key))


def pack_faults(pack: Path) -> tuple[str, ...]:
    """What does not hold in a pack on disk, as its own verifier tells it; the pack's copy of the verifier is not run."""
    found: list[str] = []
    for check in (verify.files_faults, verify.chain_faults, verify.book_faults):
        try:
            found += check(pack)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            found.append(f"cannot be read ({type(error).__name__})")
    return tuple(dict.fromkeys(found))


def opened(key: bytes, number: int) -> bytes:
    """A sample of `number` people from the sealed key, for an auditor to open."""
    everybody: list[dict[str, str]] = json.loads(key)
    return _json(random.SystemRandom().sample(everybody, min(number, len(everybody))))


def _person(entry: Entry, person: str, salt: str) -> dict[str, Any]:
    return {
        "person": person,
        "seal": hashlib.sha256("\n".join((salt, entry.id, entry.name)).encode()).hexdigest(),
        "reached": str(entry.reached) if entry.reached else None,
        "outcome": str(entry.outcome) if entry.outcome else None,
        "due": str(entry.due),
        "route": str(entry.route),
        "state": str(entry.state) if entry.state else None,
        "open_because": [reason.rpartition(": ")[2].partition(":")[0] for reason in entry.reasons]
        or ([entry.waiting] if entry.waiting else []),
        "answered_on": entry.answered_on.isoformat() if entry.answered_on else None,
        "papers": [{"kind": made.kind, "sha256": dict(made.sha256), "edited": made.edited is not None} for made in entry.papers],
    }


def _sums(book: Book) -> dict[str, Any]:
    return {
        "rows": book.rows,
        "received": book.received,
        "states": {str(state): number for state, number in sorted(book.states.items())},
        "open": len(book.open),
        "findings": [finding.code for finding in book.findings],
        "closed": book.closed,
    }


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _line(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"
