"""approved documents -> mail server / drafts / print -> ledger."""

from __future__ import annotations

from prefect import flow

from flows import tasks
from flows.sending import Sending
from flows.settings import Settings

_last: list[Sending] = []  # the command reads its sending here: what a flow returns, Prefect may keep


@flow(name="send answers", flow_run_name="send {vacancy}", persist_result=False, retries=0)
def send_answers(vacancy: str, confirm: int, only: list[str] | None = None, limit: int | None = None, by: str = "") -> dict[str, int]:
    """Hands over exactly `confirm` letters, those that are ready now, and writes down what came of each.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.
        confirm: the number of letters that are to go; another number than is ready is refused.
        only: applicant ids to hand over; all that are ready when left out.
        limit: at most so many.
        by: initials of the person who approves.

    Returns how many came to which end; no people. Raises SvarError.
    """
    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    sending = tasks.look_at_outbox(str(folder), settings, name, frozenset(only or ()), limit, by)
    _last[:] = [sending]
    tasks.approve(sending, confirm, name)
    tasks.hand_over(sending, name)
    return sending.counts


def last_sending() -> Sending:
    """The sending of the last run in this process."""
    return _last[-1]
