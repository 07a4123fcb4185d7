"""What happened to answers outside this house: calls made, mails sent by hand, bounces. Plain Python; commands and Prefect carry it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from flows.answers.due import Due, Route
from flows.answers.feedback import Feedback
from flows.delivery.bounces import Sort, bounce_verdict
from flows.delivery.calls import ToCall, call_sheet, read_calls
from flows.delivery.inbox import read_messages
from flows.delivery.journal import Mailbox, messages_in
from flows.documents.shelf import mark_handed_over, private_folder, write_whole
from flows.documents.workbook import workbook_bytes
from flows.dossier import CALL_LIST, Dossier, dossier_to_write, read_dossier, today_now
from flows.ledger.events import History, NewEvent, What, without_addresses
from flows.returned import Letters, bounce_told
from flows.roster.faults import CommandRefused, InputRefused
from flows.roster.spreadsheet import read_grid
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written down."""

    written: int
    already: int = 0
    to_look_at: tuple[tuple[str, str], ...] = ()  # place and what was found: a person must look
    open_again: tuple[tuple[str, str], ...] = ()  # id and what is to be done, the server's words among it


class GivenByHand(BaseModel):
    """Answers a person gave: which, when, who. Holds ids, no people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by_hand: list[str] = Field(default=[], description="Ids whose mail HR has sent, or the one word all: every draft.")
    posted: list[str] = Field(default=[], description="Ids whose letter was posted, or the one word all: every print.")
    elsewhere: list[str] = Field(default=[], description="Ids of people told in another way: by the recruiting system, in person.")
    on: date | None = Field(default=None, description="The day; today when left out.")
    by: str = Field(description="Initials of the person who says so.")


def to_call(dossier: Dossier) -> tuple[ToCall, ...]:
    """Everybody who is still to be called: owed a call, or reachable in no other way."""
    notes = {made.id: made.docx for made in dossier.manifest.made if made.kind.startswith("feedback_note")}
    people = []
    for each in dossier.applicants:
        answer, told = dossier.found.due[each.id], dossier.histories.get(each.id)
        owed = answer.due is Due.CALL_AND_LETTER or (answer.due is Due.LETTER and answer.route is Route.CALL)
        if not owed or (told is not None and not _waits_for_call(told, answer.due)):
            continue
        prepared = dossier.found.feedback.get(each.id, Feedback(each.id))
        since = prepared.interview_date or each.interviewed_on or dossier.vacancy.file.decided or dossier.vacancy.file.deadline
        tried = tuple(call.on for call in told.calls) if told else ()
        people.append(ToCall(each.id, each.name.full, each.phones, since, notes.get(each.id, ""), tried))
    return tuple(sorted(people, key=lambda one: (one.waiting_since or date.max, one.id)))


def _waits_for_call(told: History, due: Due) -> bool:
    """False for somebody who was reached, left out, told elsewhere, or has their letter and needs no call any more."""
    if told.reached_by_call is not None or told.left_out is not None:
        return False
    if told.written is None:
        return True
    return due is Due.CALL_AND_LETTER and told.written.what is not What.ANSWERED_ELSEWHERE and not told.tried_on_two_days


def write_call_list(folder: Path, settings: Settings) -> tuple[Path, int]:
    """calls.xlsx with everybody still to be called. Raises CommandRefused when the list there holds calls nobody has recorded."""
    dossier = read_dossier(folder, settings)
    path, people = dossier.out / CALL_LIST, to_call(dossier)
    if path.exists() and (unrecorded := len(_new_calls(dossier, path, settings)[0])):
        raise CommandRefused(
            f"{path}: found {unrecorded} calls that are not recorded yet. Record them first: svar calls {dossier.vacancy.name} {path}"
        )
    put_call_list(dossier, settings)
    return path, len(people)


def put_call_list(dossier: Dossier, settings: Settings) -> None:
    """calls.xlsx as it should be now, whatever is there."""
    private_folder(dossier.out)
    sheet = call_sheet(to_call(dossier), dossier.vacancy.file.language, settings.templates)
    write_whole(dossier.out / CALL_LIST, workbook_bytes(sheet))


def record_calls(folder: Path, file: Path, settings: Settings) -> Recorded:
    """The calls of a filled-in list, each written once. Raises InputRefused with every fault by cell; then nothing is written."""
    with dossier_to_write(folder, settings) as (ledger, dossier):
        new, already = _new_calls(dossier, file, settings)
        _write(ledger, dossier, [(id, What.CALLED, told) for id, told in new])
    return Recorded(len(new), already)


def _new_calls(dossier: Dossier, file: Path, settings: Settings) -> tuple[list[tuple[str, dict[str, Any]]], int]:
    known = {each.id: each for each in dossier.applicants}
    calls, faults = read_calls(read_grid(file, settings.read_limits, own=True), known, dossier.now.date(), settings.templates)
    if faults:
        raise InputRefused(faults)
    new, already = [], 0
    for call in calls:
        told = {"on": call.on.isoformat(), "by": call.by, "reached": call.reached, "written_reasons": call.written_reasons}
        history = dossier.histories.get(call.id)
        known_calls = [event.details for event in history.events if event.what is What.CALLED] if history else []
        if any({key: each.get(key) for key in told} == told for each in known_calls):
            already += 1
        else:
            new.append((call.id, told))
    return new, already


def record_answered(folder: Path, ids: Sequence[str], what: What, *, on: date, by: str, settings: Settings) -> Recorded:
    """Answers somebody gave by hand or by post. `ids` may be ("all",): everybody with a draft or print nobody has confirmed."""
    with dossier_to_write(folder, settings, alone=True) as (ledger, dossier):  # a sending under way could hand over the same letter
        if on > dossier.now.date():
            raise CommandRefused(f"--on: found {on.isoformat()}, expected today or an earlier day. Nothing was written down.")
        ours = what is not What.ANSWERED_ELSEWHERE  # else the answer was no letter of ours
        chosen = _drafted(dossier, what) if ours and tuple(ids) == ("all",) else _known(dossier, ids)
        kinds = {made.id: made.kind for made in dossier.manifest.made if ours and made.docx.startswith("letters/")}
        open_ids = [id for id in chosen if not _stands(dossier, id, kinds.get(id, ""))]
        deadline = dossier.vacancy.file.deadline
        if ours and deadline is not None and on < deadline:  # a slip in the year would shine in the report as a quick answer
            raise CommandRefused(
                f"--on: found {on.isoformat()}, expected a day after the deadline ({deadline.isoformat()}). Nothing was written down."
            )
        _write(ledger, dossier, [(id, what, {"on": on.isoformat(), "by": by, "kind": kinds.get(id, "")}) for id in open_ids])
    return Recorded(len(open_ids), len(chosen) - len(open_ids))


def record_given(folder: Path, given: GivenByHand, settings: Settings) -> Recorded:
    """What a person says they sent or posted. Raises CommandRefused for nothing said, or no initials."""
    said = ((What.SENT_BY_HAND, given.by_hand), (What.POSTED, given.posted), (What.ANSWERED_ELSEWHERE, given.elsewhere))
    told = [(what, ids) for what, ids in said if ids]
    if len(told) != 1 or not given.by.strip():
        raise CommandRefused(
            "expected initials and one of by hand or posted, with ids or `all`, or elsewhere, with ids. Nothing was written down."
        )
    what, ids = told[0]
    return record_answered(folder, ids, what, on=given.on or today_now(settings).date(), by=given.by.strip(), settings=settings)


def record_retry(folder: Path, ids: Sequence[str], *, by: str, settings: Settings) -> Recorded:
    """A person's word that a doubtful letter did not go, a draft was thrown away, or a letter that came back may go again as it is."""
    with dossier_to_write(folder, settings, alone=True) as (ledger, dossier):  # what a sending has under way is no doubt yet
        chosen = _known(dossier, ids)
        settled = []
        for id in chosen:
            told = dossier.histories.get(id)
            if told is None or not (told.doubt or told.under_way or told.drafted or _came_to_nothing(told)):
                raise CommandRefused(f"id {id}: found nothing doubtful, expected a hand-over without an answer. Nothing was written down.")
            settled.append((id, What.RETRIED, {"by": by}))
        _write(ledger, dossier, settled)
    return Recorded(len(settled))


def _came_to_nothing(told: History) -> bool:
    return told.trouble is not None and told.trouble.what in (What.BOUNCED, What.REFUSED)


def record_decision(folder: Path, ids: Sequence[str], what: What, *, reason: str, by: str, settings: Settings) -> Recorded:
    """A person's decision on somebody's answer: left out (none is owed), or cancelled (the one given is taken back)."""
    with dossier_to_write(folder, settings) as (ledger, dossier):
        chosen = _known(dossier, ids)
        for id in chosen:
            told = dossier.histories.get(id)
            if what is What.LEFT_OUT and told is not None and told.written is not None:
                raise CommandRefused(f"id {id}: found an answer that was given, expected none. Nothing was written down.")
            if what is What.CANCELLED and (told is None or not (told.written or told.drafted or told.left_out or told.approved)):
                raise CommandRefused(f"id {id}: found nothing to take back. Nothing was written down.")
        _write(ledger, dossier, [(id, what, {"reason": without_addresses(reason), "by": by}) for id in chosen])
    return Recorded(len(chosen))


def messages_at(path: str) -> Iterable[tuple[str, bytes]]:
    """Place and bytes of the messages in a folder, an mbox, a Maildir or an IMAP mailbox, whose login the environment holds."""
    if not path.startswith(("imap://", "imaps://")):
        return read_messages(Path(path))
    if "@" in urlsplit(path).netloc:
        raise CommandRefused(
            "found a login in the mailbox's address, expected imaps://host/folder. Set SVAR_IMAP_USER and SVAR_IMAP_PASSWORD."
        )
    return messages_in(Mailbox(path, os.environ.get("SVAR_IMAP_USER", ""), os.environ.get("SVAR_IMAP_PASSWORD", "")))


def record_bounces(folder: Path, messages: Iterable[tuple[str, bytes]], settings: Settings) -> Recorded:
    """Bounces among messages (place and bytes), each written once; what cannot be tied or read is told to a person."""
    with dossier_to_write(folder, settings) as (ledger, dossier):
        letters = Letters(dossier)
        new: dict[str, dict[str, Any]] = {}
        already, look = 0, []
        for place, message in messages:
            verdict = bounce_verdict(message)
            if verdict.sort in (Sort.AUTO_REPLY, Sort.NOT_A_BOUNCE):
                continue
            id, event = letters.of(verdict)
            if verdict.sort is Sort.UNREADABLE or id is None or event is None:
                look.append((place, "unreadable" if verdict.sort is Sort.UNREADABLE else "no letter of this vacancy"))
            elif letters.known(id, event, verdict):
                already += 1
            elif verdict.sort is Sort.PERMANENT or not new.get(id, {}).get("permanent"):  # a notice of delay takes nothing back
                new[id] = bounce_told(event, verdict)
        _write(ledger, dossier, [(id, What.BOUNCED, told) for id, told in new.items()])
    return Recorded(len(new), already, tuple(look), tuple((id, _another_way(dossier, id, told)) for id, told in new.items()))


def _another_way(dossier: Dossier, id: str, told: dict[str, Any]) -> str:
    """What the server said, and how this person can be reached otherwise."""
    said = told["reply"] or told["status"] or "no reason given"
    before = dossier.histories.get(id, History())
    if before.written is not None and told["of"] < before.written.number:
        return f"an earlier letter came back ({said}); the answer given after it stands"
    if not told["permanent"]:
        return f"not delivered so far ({said}); the answer stands until it comes back for good"
    one = next((each for each in dossier.applicants if each.id == id), None)
    ways = ["correct the address in the export, close and send again"]
    if one is not None and one.address:
        ways.append(f"print and post the letter, then svar answered {dossier.vacancy.name} --posted {id} --by INITIALS")
    if one is not None and one.phones:
        ways.append("call")
    return f"came back ({said}). Open again: {'; or '.join(ways)}"


def _drafted(dossier: Dossier, what: What) -> list[str]:
    route = Route.PRINT.value if what is What.POSTED else Route.MAIL.value
    return [id for id, told in dossier.histories.items() if told.drafted is not None and told.drafted.details.get("route") == route]


def _known(dossier: Dossier, ids: Iterable[str]) -> list[str]:
    known = {each.id for each in dossier.applicants}
    unknown = [id for id in ids if id not in known]
    if unknown:
        raise CommandRefused(f"found {', '.join(unknown)}, expected ids of applicants of this vacancy. Nothing was written down.")
    return list(dict.fromkeys(ids))


def _stands(dossier: Dossier, id: str, kind: str) -> bool:
    told = dossier.histories.get(id)
    return told is not None and told.answered_with(kind)


def _write(ledger: Ledger, dossier: Dossier, told: Sequence[tuple[str, What, dict[str, Any]]]) -> None:
    """All of it together, and the manifest says that from now on there is a ledger."""
    if (dossier.out / "manifest.json").exists() and dossier.histories:
        mark_handed_over(dossier.out)  # also what a run wrote that was broken off before its mark
    if not told:
        return
    keys = ledger.keys(dossier.vacancy.name, dossier.key_people())
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    ledger.append(dossier.vacancy.name, [NewEvent(what, keys[id], at, details) for id, what, details in told])
    if (dossier.out / "manifest.json").exists():
        mark_handed_over(dossier.out)
