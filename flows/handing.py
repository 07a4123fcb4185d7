"""Handing over what was approved: the intent is committed first, then the act, then what came of it. Plain Python; Prefect carries it.

The act is the final dot: until then the server has a letter without an end, and throws it away when the line breaks.

No step here is ever tried again by a machine that does not know what happened: a hand-over that was
begun and not completed is a doubt, which the journal mailbox or a person settles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from flows.answers.due import Route
from flows.delivery.journal import Mailbox, found_in
from flows.delivery.outbox import Outgoing, digests
from flows.delivery.smtp import MailServer, Parcel, Result, ServerTrouble, as_sent
from flows.documents import shelf
from flows.documents.mail import message_id
from flows.documents.print_run import print_run
from flows.dossier import Dossier
from flows.ledger.events import NewEvent, What, without_addresses
from flows.ledger.store import AlreadyWritten, Ledger
from flows.roster.contact import travelling
from flows.roster.faults import CommandRefused, SvarError

DRAFTS, PRINTS = "drafts", "print"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of one letter."""

    id: str
    row: int
    what: What
    reply: str = ""


class _Once:
    """Does something the first time it is called: a letter is begun once, however often it is tried."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act, self._done = act, False

    def __call__(self) -> None:
        if not self._done:
            self._act()
            self._done = True


class Handing:
    """One handing over of one vacancy."""

    def __init__(self, dossier: Dossier, ledger: Ledger, *, clock: Callable[[], datetime], by: str = "") -> None:
        self._dossier, self._ledger, self._clock, self._by = dossier, ledger, clock, by
        self._vacancy = dossier.vacancy.name
        known = {id: key for key, id in ledger.people(self._vacancy).items()}  # with those who are no longer in the export
        self._keys = known | ledger.keys(self._vacancy, dossier.key_people())

    def settle_begun(self, mailbox: Mailbox | None) -> tuple[HandedOver, ...]:
        """Hand-overs an earlier run began and did not complete: proven by the journal mailbox, else a doubt a person settles."""
        rows = {each.id: each.row for each in self._dossier.applicants}
        begun = {id: told.under_way or told.doubt for id, told in self._dossier.histories.items() if told.under_way or told.doubt}
        ids = {id: str(event.details.get("message_id", "")) for id, event in begun.items() if event is not None}
        proven = found_in(mailbox, [each for each in ids.values() if each]) if mailbox and ids else frozenset()
        settled = []
        for id, event in begun.items():
            assert event is not None
            told = {key: event.details[key] for key in ("kind", "message_id", "sha256") if key in event.details}
            if ids[id] in proven:
                what, reply = What.ACCEPTED_BY_SERVER, "found in the journal mailbox"
            elif event.what is What.HANDING_OVER:
                what, reply = What.UNCERTAIN, "a run ended before the server's reply was written down"
            else:
                continue
            self._write(what, id, **told, reply=reply)
            settled.append(HandedOver(id, rows.get(id, 0), what, reply))
        return tuple(settled)

    def approve(self, outgoing: Sequence[Outgoing]) -> None:
        """The approval of exactly these files, for each person, written together. Nothing has left when a crash comes here.

        The manifest is marked after the ledger has its first line, never before: a mark without a line means a lost ledger.
        """
        if not shelf.is_closed(self._dossier.out):
            raise SvarError(f"{self._vacancy}: the last `svar close` was broken off. Run it again, look at the letters, then send.")
        at, number = self._now(), len(outgoing)
        self._ledger.append(
            self._vacancy,
            [
                NewEvent(
                    What.APPROVED,
                    self._keys[each.id],
                    at,
                    {"sha256": dict(digests(each)), "route": each.route.value, "of": number} | self._signed,
                )
                for each in outgoing
            ],
        )
        shelf.mark_handed_over(self._dossier.out)

    def draft(self, outgoing: Sequence[Outgoing]) -> tuple[HandedOver, ...]:
        """The approved mails laid out as drafts for HR to send; copies, so that what was approved stays on the shelf."""
        folder = self._folder(DRAFTS)
        done = []
        for each in outgoing:
            assert each.letter.eml is not None
            content = self._approved(each, "eml")
            name = Path(each.letter.eml).name
            shelf.write_whole(folder / name, content)
            self._write(What.DRAFTED, each.id, kind=each.letter.kind, route=Route.MAIL.value)
            done.append(HandedOver(each.id, each.row, What.DRAFTED))
        return tuple(done)

    def print(self, outgoing: Sequence[Outgoing]) -> tuple[HandedOver, ...]:
        """One PDF for the printer, in the order of the export."""
        if not outgoing:
            return ()
        name = f"{PRINTS}/{self._clock():%Y-%m-%d %H%M%S}.pdf"
        run = print_run([self._approved(each, "pdf") for each in outgoing])
        self._set_untold_prints_aside(self._folder(PRINTS))
        shelf.write_whole(self._dossier.out / name, run)
        told = {"run": name, "route": Route.PRINT.value} | self._signed
        printed = [NewEvent(What.DRAFTED, self._keys[each.id], self._now(), {"kind": each.letter.kind} | told) for each in outgoing]
        self._ledger.append(self._vacancy, printed)  # one file, one line of the ledger: all of them or none
        return tuple(HandedOver(each.id, each.row, What.DRAFTED) for each in outgoing)

    def _set_untold_prints_aside(self, folder: Path) -> None:
        """A run broken off before its line in the ledger leaves a print whose letters are printed again: nobody is to post both."""
        told = {event.details.get("run") for event in self._ledger.events(self._vacancy)}
        for path in sorted(f"{PRINTS}/{file.name}" for file in folder.glob("*.pdf")):
            if path not in told:
                shelf.set_aside(self._dossier.out, path)

    def send(self, outgoing: Sequence[Outgoing], server: MailServer, *, progress: Callable[[int, int], None]) -> tuple[HandedOver, ...]:
        """The approved mails handed to the mail server, one by one. Raises ServerTrouble, with everything written down that happened."""
        done: list[HandedOver] = []
        server.open()
        for number, each in enumerate(outgoing, start=1):
            try:
                done.append(self._send_one(each, server))
            except SvarError as trouble:
                before = f"Of {len(outgoing)} letters {number - 1} were dealt with before this, and all of that is written down."
                raise type(trouble)(f"{trouble} {before}") from trouble
            progress(number, len(outgoing))
        return tuple(done)

    def _send_one(self, outgoing: Outgoing, server: MailServer) -> HandedOver:
        parcel, told = self._parcel(outgoing)
        begin = _Once(lambda: self._begin(outgoing, told))
        try:
            reply = server.hand_over(parcel, begin=begin)
        except AlreadyWritten:
            return HandedOver(outgoing.id, outgoing.row, What.HANDING_OVER, "another run has begun this one")
        except ServerTrouble as trouble:
            self._write(What.DEFERRED, outgoing.id, kind=outgoing.letter.kind, reply=without_addresses(str(trouble)))
            raise
        words = without_addresses(reply.reply)
        what = _WHATS[reply.result]
        try:
            self._write(what, outgoing.id, **(told | {"reply": words, "tls": reply.tls}))
        except SvarError as error:
            raise SvarError(
                f"{error} The letter of row {outgoing.row} stays a doubt: the server's reply was {words!r}, and the ledger could not take it."
            ) from error
        return HandedOver(outgoing.id, outgoing.row, what, words)

    def _begin(self, outgoing: Outgoing, told: dict[str, str]) -> None:
        """The intent, committed when the server has the whole letter and waits for its end: without it nothing was handed over."""
        self._ledger.refuse_lost_turn()
        once = "/".join((self._vacancy, self._keys[outgoing.id], outgoing.letter.kind, str(outgoing.attempt)))
        self._write(What.HANDING_OVER, outgoing.id, once=once, **told)

    def _parcel(self, outgoing: Outgoing) -> tuple[Parcel, dict[str, str]]:
        """The exact bytes, and what the ledger says of them: Message-ID and Date are fixed from here on."""
        mail = self._dossier.vacancy.organisation.mail
        sender = mail.sender or self._dossier.vacancy.file.contact.email
        kind = outgoing.letter.kind + (f"/{outgoing.attempt}" if outgoing.attempt else "")
        id = message_id(self._vacancy, outgoing.id, kind, sender)
        content = as_sent(self._approved(outgoing, "eml"), message_id=id, date=format_datetime(self._clock()))
        key, domain = id.strip("<>").split("@", 1)
        applicant = next(each for each in self._dossier.applicants if each.id == outgoing.id)
        parcel = Parcel(f"bounce+{key}@{domain}", travelling(applicant.emails[0]), travelling(mail.journal), content, key)
        return parcel, {"kind": outgoing.letter.kind, "message_id": id, "sha256": hashlib.sha256(content).hexdigest()}

    def _approved(self, outgoing: Outgoing, ending: str) -> bytes:
        """The bytes of a file, which are the approved ones. Raises SvarError when they are not."""
        path = dict(shelf.files_of(outgoing.letter))[ending]
        content = (self._dossier.out / path).read_bytes()
        if shelf.digest(content) != outgoing.letter.sha256[ending]:
            raise SvarError(f"{path}: found another file than the approved one. Run `svar close` again, look at it, and approve it anew.")
        return content

    def _folder(self, name: str) -> Path:
        folder = self._dossier.out / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _write(self, what: What, id: str, *, once: str | None = None, **details: str) -> None:
        self._ledger.append(self._vacancy, [NewEvent(what, self._keys[id], self._now(), details | self._signed, once)])

    @property
    def _signed(self) -> dict[str, str]:
        return {"by": self._by} if self._by else {}

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")


_WHATS = {
    Result.ACCEPTED: What.ACCEPTED_BY_SERVER,
    Result.REFUSED: What.REFUSED,
    Result.DEFERRED: What.DEFERRED,
    Result.UNCERTAIN: What.UNCERTAIN,
}


def refuse_wrong_number(confirmed: int, ready: int) -> None:
    """Raises CommandRefused when the number typed is not the number that would go."""
    if confirmed != ready:
        raise CommandRefused(
            f"--confirm {confirmed}: found {ready} letters that would go now. Nothing was handed over. Look at `svar send` and type that number."
        )
