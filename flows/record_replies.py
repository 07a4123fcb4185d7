"""calls made, mails sent by hand, bounces -> ledger. What the commands record at once, for Prefect's pages and schedules."""

from __future__ import annotations

from prefect import flow

from flows import tasks
from flows.notices import tell_of_failure
from flows.recording import GivenByHand
from flows.settings import Settings


@flow(
    name="record replies", flow_run_name="record {vacancy}", persist_result=False, retries=0,
    on_failure=[tell_of_failure], on_crashed=[tell_of_failure],
)  # fmt: skip
def record_replies(vacancy: str, calls: str = "", bounces: str = "", given: GivenByHand | None = None) -> dict[str, int]:
    """Writes down what happened to the answers of a vacancy, each thing once; running it again adds nothing.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.
        calls: a filled-in call list to read.
        bounces: a folder of messages, mbox, Maildir or imaps://host/folder; the login comes from the environment, never from here.
        given: answers somebody gave by hand or by post.

    Returns how many calls, bounces and answers were written down, and how many messages a person must look at; no people. Raises SvarError.
    """
    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    counts = {"calls": 0, "bounces": 0, "answers": 0, "to_look_at": 0}
    if calls:
        counts |= tasks.record_call_list(str(folder), settings, calls, name)
    if given is not None:
        counts |= tasks.record_given(str(folder), settings, given, name)
    if bounces:
        counts |= tasks.record_returned(str(folder), settings, bounces, name)
    tasks.show_recorded(counts, name)
    return counts
