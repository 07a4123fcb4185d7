"""calls made, letters sent by hand, bounces -> ledger: from Prefect's pages, as `svar calls`, `answered` and `bounces` do it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import assert_never

from prefect import flow

from flows import recording
from flows.ledger.events import What
from flows.notices import tell_of_failure
from flows.settings import Settings


class Reply(StrEnum):
    """What is to be recorded."""

    CALLS = "calls in the filled-in call list"
    SENT_BY_HAND = "letters sent by hand"
    POSTED = "letters posted"
    BOUNCES = "bounces in a folder of messages"


@flow(
    name="record replies",
    flow_run_name="record {vacancy}",
    persist_result=False,
    on_failure=[tell_of_failure],
    on_crashed=[tell_of_failure],
)
def record_replies(
    vacancy: str, what: Reply = Reply.CALLS, by: str = "", ids: list[str] | None = None, on: date | None = None, path: str = ""
) -> dict[str, int]:
    """Writes down what happened outside Svar, each thing once.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.
        what: the calls of the call list, letters sent by hand, letters posted, or bounces.
        by: initials of whoever sent or posted; needed for letters.
        ids: applicant ids, never names, of those whose letter was sent or posted; left out: everybody with a draft, or a print, nobody has confirmed.
        on: the day the letters were sent or posted; today when left out.
        path: the folder or mbox of the bounces; for calls another call list than calls.xlsx in the vacancy's output folder.

    Returns how many things were recorded, known already, and are for a person to look at; no people. Raises SvarError.
    """
    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    match what:
        case Reply.CALLS:
            return recording.record_calls(str(folder), path, settings, name)
        case Reply.BOUNCES:
            return recording.record_bounces(str(folder), path, settings, name)
        case Reply.SENT_BY_HAND | Reply.POSTED:
            sort = What.POSTED if what is Reply.POSTED else What.SENT_BY_HAND
            letters = recording.Letters(sort, tuple(ids or ["all"]), on, by)
            return recording.record_letters(str(folder), letters, settings, name)
        case _:
            assert_never(what)
