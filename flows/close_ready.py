"""The watcher of the inputs folder: what is complete is closed by itself. Papers only, nothing leaves."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import tasks
from flows.close_vacancy import close_vacancy
from flows.notices import tell_of_failure
from flows.readiness import Readiness
from flows.roster.faults import TurnTaken
from flows.settings import Settings


@flow(
    name="close ready vacancies",
    flow_run_name="close ready vacancies",
    persist_result=False,
    on_failure=[tell_of_failure],
    on_crashed=[tell_of_failure],
)
def close_ready() -> State[Any]:
    """Closes every vacancy that is complete: deadline past, no error in `svar check`, `received` equal to the rows, never closed before.

    Makes papers and reports, hands nothing over. A vacancy that is not complete is left as it is and listed with the reason.

    Returns how many vacancies were closed and how many wait.
    """
    found = tasks.look_for_ready(Settings())
    tasks.show_readiness(found)
    ends = {name: close_vacancy(name, return_state=True) for name, stands in found.items() if stands is Readiness.READY}
    busy = [name for name, end in ends.items() if end.is_failed() and isinstance(end.result(raise_on_failure=False), TurnTaken)]
    failed = [name for name, end in ends.items() if not end.is_completed() and name not in busy]
    if failed:
        return Failed(message=f"{len(failed)} of {len(ends)} vacancies could not be closed: {', '.join(failed)}.")
    closed = len(ends) - len(busy)  # somebody is closing the busy ones by hand
    return Completed(data={"closed": closed, "waiting": len(found) - closed})
