"""What does not agree between export, papers and ledger: the audit looks afresh and believes none of the run's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.audit.entries import Finding
from flows.documents.paper import Made
from flows.documents.shelf import file_digest, files_of
from flows.ledger.events import Event, History, What
from flows.roster.applicant import Applicant, Outcome

_SHELVES = ("letters", "notes", "mail")
_GIVEN = (What.ACCEPTED_BY_SERVER, What.SENT_BY_HAND, What.POSTED)
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
    other_count: int  # events the manifest says there were; more than there are: the end of the chain is cut off


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Everything that does not agree, each with its place."""
    return tuple(dict.fromkeys((*_export(seen), *_files(seen), *_strays(seen), *_chain(seen), *_events(seen), *_people(seen))))


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
            elif found != made.sha256[ending]:
                yield Finding("file-changed", path)


def _strays(seen: Seen) -> Iterator[Finding]:
    known = {path for made in seen.made for _, path in files_of(made)}
    for shelf in _SHELVES:
        for path in sorted((seen.out / shelf).glob("*")) if (seen.out / shelf).is_dir() else ():
            if path.is_file() and f"{shelf}/{path.name}" not in known:
                yield Finding("file-unknown", f"{shelf}/{path.name}")


def _chain(seen: Seen) -> Iterator[Finding]:
    if seen.broken_link is not None:
        yield Finding("chain-broken", f"event {seen.broken_link}")
    if len(seen.events) < seen.other_count:
        yield Finding("events-missing", f"{seen.other_count - len(seen.events)} at the end")


def _events(seen: Seen) -> Iterator[Finding]:
    papers = {made.id: made for made in seen.made if made.docx.startswith("letters/")}
    for id, told in seen.histories.items():
        approved = dict(told.approved)
        letter = papers.get(id)
        standing = told.written or told.drafted
        if standing is None or standing.what not in (What.ACCEPTED_BY_SERVER, What.DRAFTED):
            continue
        if not approved:
            yield Finding("sent-without-approval", f"event {standing.number}")
        elif letter is None:
            yield Finding("event-without-document", f"event {standing.number}")
        elif dict(letter.sha256) != approved:
            yield Finding("document-not-the-approved", letter.docx)


def _people(seen: Seen) -> Iterator[Finding]:
    rows = {each.id: each for each in seen.applicants}
    for event in seen.events:
        if event.person and event.person not in seen.people:
            yield Finding("event-without-person", f"event {event.number}")
    for id, told in seen.histories.items():
        given = [event for event in told.events if event.what in _GIVEN]
        if told.written is not None and id not in rows:
            yield Finding("person-not-in-export", f"event {told.written.number}")
        elif told.written is not None and rows[id].stage.outcome in _NO_LETTER and told.letter != "reserve":
            yield Finding("answered-yet-not-rejected", f"row {rows[id].row}")
        if len(given) - sum(event.what is What.BOUNCED for event in told.events) > 1 and told.letter == given[0].details.get("kind"):
            yield Finding("answered-twice", f"event {given[-1].number}")
