"""Which letter of a vacancy a bounce is about. Plain Python; `recording` writes down what is found here."""

from __future__ import annotations

from typing import Any

from flows.delivery.bounces import Sort, Verdict
from flows.dossier import Dossier
from flows.ledger.events import Event, What, without_addresses
from flows.roster.contact import travelling

_MAILS = (What.ACCEPTED_BY_SERVER, What.UNCERTAIN, What.SENT_BY_HAND)  # what can come back


class Letters:
    """Which letter a bounce is about: by its own envelope sender, by its ids, by the address it was sent to, in this order."""

    def __init__(self, dossier: Dossier) -> None:
        self._sent: dict[str, tuple[str, Event]] = {}
        self._histories = dossier.histories
        self._addresses: dict[str, list[str]] = {}
        for id, told in dossier.histories.items():
            for event in told.events:
                if event.what in _MAILS and (mail := str(event.details.get("message_id", ""))):
                    self._sent[mail.strip("<>").partition("@")[0]] = (id, event)
        for each in dossier.applicants:
            for address in each.emails[:1]:
                self._addresses.setdefault(travelling(address).casefold(), []).append(each.id)

    def of(self, verdict: Verdict) -> tuple[str | None, Event | None]:
        """Applicant id and the hand-over the verdict is about; None where that cannot be said for certain."""
        for key in (*verdict.envelope_keys, *verdict.envelope_ids, *(each.strip("<>").partition("@")[0] for each in verdict.message_ids)):
            if key in self._sent:
                return self._sent[key]
        people = {id for address in verdict.recipients for id in self._addresses.get(travelling(address).casefold(), [])}
        if len(people) == 1:
            id = people.pop()
            told = self._histories.get(id)
            standing = (told.written or told.doubt) if told is not None else None
            if standing is not None and standing.what in _MAILS:
                return id, standing
        return None, None

    def known(self, id: str, event: Event, verdict: Verdict) -> bool:
        """True when this bounce is in the ledger already."""
        told = bounce_told(event, verdict)
        return any(each.what is What.BOUNCED and dict(each.details) == told for each in self._histories[id].events)


def bounce_told(event: Event, verdict: Verdict) -> dict[str, Any]:
    """What the ledger keeps of a bounce: which hand-over, for good or not, the server's words without addresses."""
    return {
        "of": event.number, "permanent": verdict.sort is Sort.PERMANENT, "status": verdict.status or "",
        "reply": without_addresses(verdict.reason or "")[:400],
    }  # fmt: skip
