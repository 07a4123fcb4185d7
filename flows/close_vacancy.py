"""export -> checked documents + report. Hands nothing over."""

from __future__ import annotations

import re
from pathlib import Path

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows import tasks
from flows.closing import Closing
from flows.settings import Settings


@flow(name="close vacancy", flow_run_name="close {vacancy}", task_runner=ThreadPoolTaskRunner(max_workers=8), persist_result=False)
def close_vacancy(vacancy: str) -> dict[str, int]:
    """Closes the vacancy in a folder: every applicant's papers written and checked, the account drawn up, nothing handed over.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.

    Returns the counts of the closing; no people. Raises InputRefused when the input cannot be worked on.
    """
    return run_closing(vacancy, Settings()).counts


def run_closing(vacancy: str, settings: Settings) -> Closing:
    """The steps of a closing, in order; for the flow and for the command that runs it."""
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    closing = tasks.read_vacancy(str(folder), settings, name)
    chunks = tasks.write_orders(closing, name)
    made = [tasks.make_papers.submit(closing, number + 1, chunks, name) for number in range(chunks)]
    for each in made:
        each.result()
    tasks.write_account(closing, name)
    tasks.show_counts(closing, key=re.sub(r"[^a-z0-9]+", "-", f"close-{name}".casefold()).strip("-"))
    return closing


def vacancy_name(folder: Path) -> str:
    return folder.resolve().name
