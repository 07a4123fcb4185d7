"""What does not agree between export, papers and ledger: the audit looks afresh and believes none of the run's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.audit.entries import Finding
from flows.documents.paper import Made
from flows.documents.shelf import file_digest, files_of
from flows.ledger.events import ANSWERS, RESERVE, Event, History, What
from flows.roster.applicant import Applicant, Outcome
from flows.roster.people import same_name

EVENTS_MISSING, EVENTS_REWRITTEN, LEDGER_MISSING = "events-missing", "events-rewritten", "ledger-missing"
_SHELVES = ("letters", "notes", "mail", "drafts", "print")
_PAPERS = (".docx", ".doc", ".odt", ".pdf", ".eml", ".msg")
_LOCK_BYTES = 1024
_NO_LETTER = (Outcome.HIRED, Outcome.IN_PROCESS)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the audit looks at."""

    applicants: Sequence[Applicant]
    made: Sequence[Made]
    out: Path
    export_sha256: str  # of the export as it lies there now
    manifest_sha256: str  # of the export the papers were made from; empty: there is no manifest
    events: Sequence[Event]
    people: Mapping[str, str]  # key -> applicant id
    histories: Mapping[str, History]  # by applicant id
    broken_link: int | None
    packed: Sequence[str]  # digests of the events in the last audit pack: the ledger only ever grows
    owed: Mapping[str, tuple[str, ...]]  # by applicant id: the papers this person is owed
    known_as: Mapping[str, tuple[str, str]]  # by applicant id: name and e-mail when something last happened


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Everything that does not agree, each with its place."""
    return tuple(dict.fromkeys(each for look in _LOOKS for each in look(seen)))


def _export(seen: Seen) -> Iterator[Finding]:
    if not seen.manifest_sha256:
        yield Finding("manifest-missing", "manifest.json")
    elif seen.manifest_sha256 != seen.export_sha256:
        yield Finding("export-changed", "the export is another than the papers were made from")


def _files(seen: Seen) -> Iterator[Finding]:
    for made in seen.made:
        for ending, path in files_of(made):
            found = file_digest(seen.out / path)
            if found is None:
                yield Finding("file-missing", path)
            elif found != made.sha256.get(ending):
                yield Finding("file-changed", path)


def _strays(seen: Seen) -> Iterator[Finding]:
    """Papers nobody made: on the shelves, loose in the vacancy's folder, among the drafts and the prints."""
    known = {path for made in seen.made for _, path in files_of(made)}
    known |= {f"drafts/{path.rpartition('/')[2]}" for path in known if path.startswith("mail/")}
    known |= {str(event.details["run"]) for event in seen.events if "run" in event.details}
    loose = [path for path in seen.out.glob("*") if path.suffix.lower() in _PAPERS and path.name != "report.pdf"]
    shelved = [path for shelf in _SHELVES for path in (seen.out / shelf).rglob("*")]
    for path in sorted((*loose, *shelved)):
        if path.is_file() and path.relative_to(seen.out).as_posix() not in known and not _is_lock(path):
            yield Finding("file-unknown", path.relative_to(seen.out).as_posix())


def _is_lock(path: Path) -> bool:
    """True for the small file Word or LibreOffice lays beside a paper while it is open."""
    return path.name.startswith(("~$", ".~lock.")) and path.stat().st_size < _LOCK_BYTES


def _documents(seen: Seen) -> Iterator[Finding]:
    """Papers of somebody nothing was handed over to: they must be in the export, and be owed that paper."""
    here = {each.id for each in seen.applicants}
    for made in seen.made:
        if _may_be_answered(seen.histories.get(made.id, History())):
            continue
        if made.id not in here:
            yield Finding("document-without-person", made.docx)
        elif not any(made.kind.startswith(paper) for paper in seen.owed.get(made.id, ())):
            yield Finding("document-not-owed", made.docx)


def _may_be_answered(told: History) -> bool:
    return bool(told.written or told.doubt or told.under_way or told.drafted)


def _chain(seen: Seen) -> Iterator[Finding]:
    if seen.broken_link is not None:
        yield Finding("chain-broken", f"event {seen.broken_link}")
    if len(seen.events) < len(seen.packed):
        yield Finding(EVENTS_MISSING, f"{len(seen.packed) - len(seen.events)} at the end")
    for event, digest in zip(seen.events, seen.packed, strict=False):
        if event.digest != digest:
            yield Finding(EVENTS_REWRITTEN, f"event {event.number}")
            return


def _events(seen: Seen) -> Iterator[Finding]:
    papers = {made.id: made for made in seen.made if made.docx.startswith("letters/")}
    for id, told in seen.histories.items():
        standing = told.written or told.drafted
        if standing is None:
            continue
        if standing.what not in (What.ACCEPTED_BY_SERVER, What.DRAFTED):
            if not told.approved and _was_drafted(told):
                yield Finding("sent-without-approval", f"event {standing.number}")
            continue
        yield from _of_answer(standing, told, papers.get(id))


def _was_drafted(told: History) -> bool:
    """True when what was sent by hand was a draft of ours; taken back, it no longer counts."""
    turns = [event.what for event in told.events if event.what in (What.DRAFTED, What.CANCELLED)]
    return turns[-1:] == [What.DRAFTED]


def _of_answer(standing: Event, told: History, letter: Made | None) -> Iterator[Finding]:
    """What does not agree about one answer that was handed over: its intent, its approval, its paper."""
    kind, place = standing.details.get("kind"), f"event {standing.number}"
    begun = any(event.what is What.HANDING_OVER and event.number < standing.number for event in told.events)
    if standing.what is What.ACCEPTED_BY_SERVER and not begun:
        yield Finding("accepted-without-hand-over", place)
    if not told.approved:
        yield Finding("sent-without-approval", place)
    elif letter is None:
        yield Finding("event-without-document", place)
    elif kind == RESERVE and letter.kind != RESERVE:
        return  # the letter that ends the case is made, and not approved yet
    elif dict(letter.sha256) != dict(told.approved) or letter.kind != (kind or letter.kind):
        yield Finding("document-not-the-approved", letter.docx)


def _people(seen: Seen) -> Iterator[Finding]:
    rows = {each.id: each for each in seen.applicants}
    for event in seen.events:
        if event.person and event.person not in seen.people:
            yield Finding("event-without-person", f"event {event.number}")
    for id, told in seen.histories.items():
        given = [event for event in told.events if event.what in ANSWERS]
        if told.written is not None and id not in rows:
            yield Finding("person-not-in-export", f"event {told.written.number}")
        elif told.written is not None and rows[id].stage.outcome in _NO_LETTER and told.letter != "reserve":
            yield Finding("answered-yet-not-rejected", f"row {rows[id].row}")
        if len(given) - sum(event.what is What.BOUNCED for event in told.events) > 1 and told.letter == given[0].details.get("kind"):
            yield Finding("answered-twice", f"event {given[-1].number}")
    for id, told in seen.histories.items():
        if id in rows and id in seen.known_as and _may_be_answered(told) and _is_another(rows[id], *seen.known_as[id]):
            yield Finding("another-person", f"row {rows[id].row}")


def _is_another(applicant: Applicant, name: str, address: str) -> bool:
    """True when the id that was answered has come to stand for somebody else: name and e-mail both are other ones."""
    now, then = same_name(applicant.name.full), same_name(name)
    if address and applicant.emails:
        return now != then and address.casefold() not in {mail.casefold() for mail in applicant.emails}
    return not {*now.split()} & {*then.split()}  # without an e-mail a corrected name is no other person


_LOOKS = (_export, _files, _strays, _documents, _chain, _events, _people)
