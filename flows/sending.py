"""One sending of one vacancy: looked at, approved by its number, handed over. Plain Python; Prefect only carries it."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flows.answers.due import Route
from flows.delivery.journal import Mailbox
from flows.delivery.outbox import Outbox, Outgoing, chosen
from flows.delivery.smtp import MailServer, Server, ServerTrouble
from flows.dossier import Dossier, by_id, ledger_there, open_ledger, read_dossier
from flows.handing import DRAFTS, PRINTS, HandedOver, Handing, refuse_wrong_number
from flows.ledger.events import What
from flows.ledger.store import Ledger
from flows.roster.faults import CommandRefused
from flows.settings import Settings
from flows.watcher import tell

_LATELY_DAYS = 30
_ENDED = (What.ACCEPTED_BY_SERVER, What.DRAFTED)


class Sending:
    """Carried from task to task. Not a dataclass: Prefect looks into those, and there are people in here."""

    def __init__(self, dossier: Dossier, settings: Settings, *, only: frozenset[str], limit: int | None, by: str = "") -> None:
        self.dossier, self.settings, self._only, self._limit, self._by = dossier, settings, only, limit, by
        self._approved: tuple[Outgoing, ...] = ()
        self._held = ExitStack()  # ledger and turn, from the approval until the end of the handing over
        self.done: tuple[HandedOver, ...] = ()
        self.settled: tuple[HandedOver, ...] = ()

    @classmethod
    def of(cls, folder: Path, settings: Settings, *, only: frozenset[str] = frozenset(), limit: int | None = None, by: str = "") -> Sending:
        """What would go from the vacancy in a folder. Raises CommandRefused for ids that are not ready."""
        sending = cls(read_dossier(folder, settings), settings, only=only, limit=limit, by=by)
        unknown = only - {each.id for each in sending.dossier.applicants}
        if unknown:
            raise CommandRefused(f"--only: found {', '.join(sorted(unknown))}, expected ids of applicants of this vacancy.")
        return sending

    @property
    def answered_lately(self) -> dict[str, str]:
        """Id of somebody who is ready here -> the other vacancy for which the same address was answered in the last 30 days."""
        addresses = {each.emails[0].casefold(): each.id for each in self.dossier.applicants if each.emails}
        ready = {each.id for each in self.box.ready}
        since = (self.dossier.now - timedelta(days=_LATELY_DAYS)).isoformat()
        with ledger_there(self.settings) as ledger:
            found = ledger.answered_elsewhere_lately(self.dossier.vacancy.name, list(addresses), since) if ledger else {}
        told = {addresses[address.casefold()]: vacancy for address, vacancy in found.items()}
        return {id: vacancy for id, vacancy in told.items() if id in ready}

    @property
    def broken_link(self) -> int | None:
        """The number of the first event that does not follow from the one before; None where the chain holds."""
        with ledger_there(self.settings) as ledger:
            return ledger.broken_link(self.dossier.vacancy.name) if ledger else None

    @property
    def begun(self) -> bool:
        """True when an earlier run left hand-overs undone: they are settled before the number is compared."""
        return any(told.under_way or told.doubt for told in self.dossier.histories.values())

    @property
    def box(self) -> Outbox:
        return chosen(self.dossier.outbox(), only=self._only, limit=self._limit)

    @property
    def anything_to_do(self) -> bool:
        """True when a letter is ready, or an earlier run left something to settle."""
        return bool(self.box.ready) or self.begun

    @property
    def question(self) -> str:
        """What is asked before anything leaves; numbers, no names."""
        box = self.box
        routes = ", ".join(f"{number} by {route}" for route, number in box.routes.items()) or "none"
        unsettled = " An earlier run left hand-overs undone: they are settled first, and the number may change." if self.begun else ""
        return f"{len(box.ready)} letters are ready ({routes}), {len(box.held)} are held.{unsettled} Type the number that is to go."

    def approved_by(self, initials: str) -> None:
        """The initials of whoever approved, where they were not known at the start."""
        self._by = initials or self._by

    def approve(self, confirm: int) -> None:
        """Records the approval of what is ready, if that is the number confirmed; settles first what an earlier run left undone.

        From here until `hand_over` has ended no other sending of the vacancy can begin. Raises CommandRefused when one is under way.
        """
        with ExitStack() as held:
            self._ledger = ledger = held.enter_context(open_ledger(self.settings))
            held.enter_context(ledger.turn(self.dossier.vacancy.name))
            self.dossier = read_dossier(self.dossier.vacancy.folder, self.settings, ledger)  # as it stands now that nobody else sends
            self.settled = self._handing(ledger).settle_begun(_journal_mailbox())
            self.dossier = replace(self.dossier, histories=by_id(ledger, self.dossier.vacancy.name))
            ready = self.box.ready
            refuse_wrong_number(confirm, len(ready))
            if ready:
                self._refuse_no_server(ready)
                self._handing(ledger).approve(ready)
            self._approved = ready
            self._held = held.pop_all()

    def hand_over(self) -> None:
        """Hands over what was approved, and writes down what came of each."""
        with self._held:
            handing = self._handing(self._ledger)
            mails = [each for each in self._approved if each.route is Route.MAIL]
            prints = [each for each in self._approved if each.route is Route.PRINT]
            try:
                if mails and self._by_smtp:
                    with MailServer(self._server()) as server:
                        self.done += handing.send(mails, server, progress=tell)
                else:
                    self.done += handing.draft(mails)
                self.done += handing.print(prints)
            finally:
                self.dossier = replace(self.dossier, histories=by_id(self._ledger, self.dossier.vacancy.name))

    @property
    def _by_smtp(self) -> bool:
        return self.dossier.vacancy.organisation.mail.route == "smtp"

    def _refuse_no_server(self, ready: tuple[Outgoing, ...]) -> None:
        """Raises before anything is approved when the route has no server, or no mail to send."""
        if self._by_smtp and not self.dossier.vacancy.organisation.mail.server:
            raise CommandRefused(
                'organisation.toml, [mail] server: found nothing, expected an address such as "smtps://mail.example". Add it.'
            )
        lacking = [each.id for each in ready if each.route is Route.MAIL and each.letter.eml is None]
        if lacking:
            raise CommandRefused(f"ids {', '.join(lacking)}: found no mail, expected one beside the letter. Run `svar close` again.")

    def _server(self) -> Server:
        mail = self.dossier.vacancy.organisation.mail
        user, password = os.environ.get("SVAR_SMTP_USER", ""), os.environ.get("SVAR_SMTP_PASSWORD", "")
        if not password and (block := os.environ.get("SVAR_SMTP_SECRET", "")):
            password = _secret(block)
        return Server(mail.server, user, password, mail.per_minute)

    def _handing(self, ledger: Ledger) -> Handing:
        return Handing(self.dossier, ledger, clock=lambda: datetime.now().astimezone(), by=self._by)

    @property
    def counts(self) -> dict[str, int]:
        """How many are ready, held, handed over, and came to which end."""
        ends = Counter(each.what.value for each in self.done)
        handed_over = sum(each.what in _ENDED for each in self.done)
        box = self.box
        return {"ready": len(box.ready), "held": len(box.held), "answered": box.answered, "handed_over": handed_over} | dict(ends)

    @property
    def next_steps(self) -> tuple[str, ...]:
        """What a person does about the drafts and prints that nobody has confirmed; commands, no people."""
        waiting = [told.drafted for told in self.dossier.histories.values() if told.drafted is not None]
        told = Counter(str(event.details.get("route", "")) for event in waiting)
        name, out, steps = self.dossier.vacancy.name, self.dossier.out, []
        if number := told[Route.MAIL.value]:
            done = f"svar answered {name} --by-hand all --on DATE --by INITIALS"
            steps.append(f"Drafts to open and send in your mail program: {number}, in {out / DRAFTS}. Then: {done}")
        if number := told[Route.PRINT.value]:
            done = f"svar answered {name} --posted all --on DATE --by INITIALS"
            steps.append(f"Letters to print and post: {number}, in {out / PRINTS}. Then: {done}")
        return tuple(steps)

    def report_object(self) -> dict[str, Any]:
        """The JSON object of `svar send`: what is ready and held now, and what this run handed over."""
        box, book = self.box, self.dossier.book()
        ready = [
            {
                "id": each.id,
                "row": each.row,
                "route": each.route.value,
                "kind": each.letter.kind,
                "preview": each.letter.eml or each.letter.pdf,
            }
            for each in box.ready
        ]
        held = [{"id": each.id, "row": each.row, "reason": each.reason} for each in box.held]
        done = [{"id": each.id, "row": each.row, "what": each.what.value, "reply": each.reply} for each in self.done]
        return {
            "counts": self.counts,
            "routes": box.routes,
            "ready": ready,
            "held": held,
            "handed_over": done,
            "closed": book.closed,
            "answered_lately": self.answered_lately,
            "next": list(self.next_steps),
        }


def _journal_mailbox() -> Mailbox | None:
    """Where the firm's own copy of each mail can be looked up; None where SVAR_IMAP does not say."""
    url = os.environ.get("SVAR_IMAP", "")
    return Mailbox(url, os.environ.get("SVAR_IMAP_USER", ""), os.environ.get("SVAR_IMAP_PASSWORD", "")) if url else None


def _secret(block: str) -> str:
    from prefect.blocks.system import Secret

    try:
        loaded = Secret.load(block)
    except ValueError as error:
        raise ServerTrouble(
            f"SVAR_SMTP_SECRET: found no Secret block {block!r} on the Prefect server of this run. Make it under Blocks on the pages of `svar serve`."
        ) from error
    return str(loaded.get())  # type: ignore[union-attr]  # outside an event loop it is loaded at once
