"""approved documents -> mail server / drafts / print -> ledger."""

from __future__ import annotations

from prefect import flow
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from pydantic import Field

from flows import tasks
from flows.notices import tell_of_failure
from flows.progress import progress_shown
from flows.sending import Sending
from flows.settings import Settings

_PAUSE_SECONDS = 24 * 3600  # a run nobody answers for a day fails; nothing has left
_ASK_SECONDS = 5
_last: list[Sending] = []  # the command reads its sending here: what a flow returns, Prefect may keep


class Approval(RunInput):
    """What a person types in Prefect before anything leaves."""

    letters: int = Field(description="How many letters are to go: type the number of letters that are ready.")
    initials: str = Field(default="", description="Your initials, for the ledger.")


@flow(
    name="send answers",
    flow_run_name="send {vacancy}",
    persist_result=False,
    retries=0,
    on_failure=[tell_of_failure],
    on_crashed=[tell_of_failure],
)
def send_answers(
    vacancy: str, confirm: int | None = None, only: list[str] | None = None, limit: int | None = None, by: str = ""
) -> dict[str, int]:
    """Hands over exactly `confirm` letters, those that are ready now, and writes down what came of each.

    Without `confirm` the run shows how many letters are ready, pauses, and goes on with the number a person types.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.
        confirm: the number of letters that are to go; another number than is ready is refused. Left out: the run asks for it.
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
    if confirm is None and sending.anything_to_do:
        approval = _asked(sending, name)
        sending.approved_by(approval.initials)
        confirm = approval.letters
    if confirm is not None:
        tasks.approve(sending, confirm, name)
        with progress_shown(f"progress-{name}"):
            tasks.hand_over(sending, name)
    return sending.counts


def _asked(sending: Sending, name: str) -> Approval:
    """The number and the initials a person typed while the run was paused."""
    form = Approval.with_initial_data(description=f"**{name}**: {sending.question}")
    return pause_flow_run(wait_for_input=form, timeout=_PAUSE_SECONDS, poll_interval=_ASK_SECONDS)


def last_sending() -> Sending:
    """The sending of the last run in this process."""
    return _last[-1]
