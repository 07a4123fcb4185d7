"""export -> checked documents + report. Hands nothing over."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows import tasks
from flows.engine import broken_off_by_hand
from flows.notices import tell_of_failure
from flows.progress import progress_shown
from flows.settings import Settings

_THREADS: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=8)  # type: ignore[assignment]  # each only waits for a worker process


@flow(
    name="close vacancy",
    flow_run_name="close {vacancy}",
    task_runner=_THREADS,
    persist_result=False,
    on_failure=[tell_of_failure],
    on_crashed=[tell_of_failure],
)
def close_vacancy(vacancy: str) -> dict[str, int]:
    """Closes the vacancy in a folder: every applicant's papers written and checked, the account drawn up, nothing handed over.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.

    Returns the counts of the closing; no people. Raises InputRefused when the input cannot be worked on.
    """
    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    closing = tasks.read_vacancy(str(folder), settings, name)
    with closing.alone():
        chunks = tasks.write_orders(closing, name)
        with progress_shown(f"progress-{name}"):
            made = [tasks.make_papers.submit(closing, number + 1, chunks, name) for number in range(chunks)]
            with broken_off_by_hand(closing.settings):
                for each in made:
                    each.wait()  # all of them, also when one failed: as long as papers are made, the turn is held
            for each in made:
                each.result()
        tasks.write_account(closing, name)
        tasks.show_counts(closing, name)
    return closing.counts
