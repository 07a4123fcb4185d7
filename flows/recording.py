"""Prefect's tasks that record: never tried again by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.delivery.inbox import read_messages
from flows.dossier import today_now
from flows.ledger.events import What
from flows.record_replies import CALL_LIST, Recorded, record_answered
from flows.record_replies import record_bounces as bounces_recorded
from flows.record_replies import record_calls as calls_recorded
from flows.roster.faults import CommandRefused
from flows.settings import Settings
from flows.tasks import without_people


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters somebody sent or posted: whose, when, and who says so."""

    what: What
    ids: tuple[str, ...]  # ("all",): everybody whose letter nobody has confirmed
    on: date | None  # today where None
    by: str


@task(name="record calls", task_run_name="calls of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def record_calls(folder: str, path: str, settings: Settings, vacancy_name: str) -> dict[str, int]:
    """The calls of a filled-in list; of the one in the output folder where no other is named."""
    file = Path(path) if path else settings.output_folder(Path(folder)) / CALL_LIST
    return _counted(calls_recorded(Path(folder), file, settings))


@task(name="record letters", task_run_name="letters of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def record_letters(folder: str, letters: Letters, settings: Settings, vacancy_name: str) -> dict[str, int]:
    """What somebody sent or posted."""
    if not letters.by.strip():
        raise CommandRefused("by: found nothing, expected initials. Nothing was written down.")
    on = letters.on or today_now(settings).date()
    return _counted(record_answered(Path(folder), letters.ids, letters.what, on=on, by=letters.by, settings=settings))


@task(name="record bounces", task_run_name="bounces of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def record_bounces(folder: str, path: str, settings: Settings, vacancy_name: str) -> dict[str, int]:
    """The bounces in a folder, an mbox or a Maildir."""
    if not path or not Path(path).exists():
        raise CommandRefused("path: found no folder or file of messages. Nothing was written down.")
    return _counted(bounces_recorded(Path(folder), read_messages(Path(path)), settings))


def _counted(recorded: Recorded) -> dict[str, int]:
    return {"recorded": recorded.written, "known already": recorded.already, "to look at": len(recorded.to_look_at)}
