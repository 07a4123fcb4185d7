"""after the retention date: propose to erase the papers. A person erases, with `svar erase`."""

from __future__ import annotations

from prefect import flow

from flows import tasks
from flows.notices import tell_of_failure
from flows.settings import Settings


@flow(
    name="propose erasures",
    flow_run_name="propose erasures",
    persist_result=False,
    on_failure=[tell_of_failure],
    on_crashed=[tell_of_failure],
)
def propose_erasures() -> dict[str, int]:
    """Lists the vacancies whose papers are past their retention date. Erases nothing: `svar erase VACANCY --confirm N` does.

    Returns how many vacancies may be erased now, and how many are past the date but hindered.
    """
    proposed = tasks.look_for_past_retention(Settings())
    tasks.show_proposals(proposed)
    free = sum(not each.hindrance for each in proposed)
    return {"proposed": free, "hindered": len(proposed) - free}
