"""Prefect's tasks: names, retries, chunks; bodies of one call.

No task takes or returns people as a value that Prefect looks into or keeps: a `Closing` is carried
through as it is, run names hold the vacancy and a number, and whatever goes wrong inside is told
onwards as a place, never as a value. What a task works with is loaded when it runs: a closing needs
neither the press nor the ledger of an audit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.roster.faults import InputRefused, SvarError

if TYPE_CHECKING:
    from flows.audit.overview import VacancyStanding
    from flows.auditing import Audit
    from flows.closing import Closing
    from flows.erasing import Proposal
    from flows.readiness import Readiness
    from flows.recording import GivenByHand
    from flows.sending import Sending
    from flows.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def without_people(body: Callable[P, R]) -> Callable[P, R]:
    """The body, with errors Prefect may keep: it stores what is raised as a whole, with all that hangs on it, and prints where it came from.

    An unexpected error is told as its kind and place: its message could hold somebody's name. A refusal keeps the place
    and the code of every fault, and loses what was found there.
    """

    @wraps(body)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return body(*args, **kwargs)
        except InputRefused as refused:
            raise InputRefused(replace(fault, found="") for fault in refused.faults) from None
        except SvarError as error:
            raise error from None
        except Exception as error:  # noqa: BLE001  # Prefect keeps what is raised; see the module's docstring
            raise SvarError(f"{type(error).__name__} at {_place(error)}. Nothing is lost; run the same command again.") from None

    return guarded


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    place = "an unknown place"
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "flows" in file.parts:
            place = (
                f"flows/{file.relative_to(Path(__file__).parent)} line {trace.tb_lineno}"
                if file.is_relative_to(Path(__file__).parent)
                else place
            )
        trace = trace.tb_next
    return place


def artifact_key(*words: str) -> str:
    """An artifact's key: Prefect takes small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).casefold()).strip("-")


@task(name="read export", task_run_name="read {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def read_vacancy(folder: str, settings: Settings, vacancy_name: str) -> Closing:
    """The vacancy, read and decided."""
    from flows.closing import Closing

    return Closing.begun(Path(folder), settings)


@task(name="decide", task_run_name="decide {vacancy_name}", cache_policy=NO_CACHE)
@without_people
def write_orders(closing: Closing, vacancy_name: str) -> int:
    """How many chunks of papers there are to make."""
    return closing.plan()


@task(name="make papers", task_run_name="{vacancy_name}: papers {number} of {chunks}", cache_policy=NO_CACHE, retries=1)
@without_people
def make_papers(closing: Closing, number: int, chunks: int, vacancy_name: str) -> int:
    """How many papers of the chunk hold."""
    return closing.make_chunk(number)


@task(name="write account", task_run_name="account of {vacancy_name}", cache_policy=NO_CACHE)
@without_people
def write_account(closing: Closing, vacancy_name: str) -> None:
    """Manifest, report and index, with the papers nobody is owed any longer taken down."""
    closing.write_account()


@task(name="show counts", task_run_name="counts of {vacancy_name}", cache_policy=NO_CACHE)
@without_people
def show_counts(closing: Closing, vacancy_name: str) -> None:
    """The counts as an artifact of the run: numbers and ids, no names."""
    create_markdown_artifact(
        key=artifact_key("close", vacancy_name),
        markdown=closing.counts_markdown(),
        description="What the applicants are owed, and what is open",
    )


@task(name="look at outbox", task_run_name="outbox of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def look_at_outbox(folder: str, settings: Settings, vacancy_name: str, only: frozenset[str], limit: int | None, by: str) -> Sending:
    """What would go now."""
    from flows.sending import Sending

    return Sending.of(Path(folder), settings, only=only, limit=limit, by=by)


@task(name="approve", task_run_name="approve {confirm} of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def approve(sending: Sending, confirm: int, vacancy_name: str) -> None:
    """The approval, bound to the digests of the files."""
    sending.approve(confirm)


@task(name="hand over", task_run_name="hand over {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def hand_over(sending: Sending, vacancy_name: str) -> None:
    """Handed over once: never tried again by a machine that does not know what happened."""
    sending.hand_over()


@task(name="record calls", task_run_name="calls of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def record_call_list(folder: str, settings: Settings, file: str, vacancy_name: str) -> dict[str, int]:
    """How many calls of a filled-in list were written down."""
    from flows import recording

    return {"calls": recording.record_calls(Path(folder), Path(file), settings).written}


@task(name="record given answers", task_run_name="answers by hand of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def record_given(folder: str, settings: Settings, given: GivenByHand, vacancy_name: str) -> dict[str, int]:
    """How many answers given by hand or by post were written down."""
    from flows import recording

    return {"answers": recording.record_given(Path(folder), given, settings).written}


@task(name="record bounces", task_run_name="bounces of {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def record_returned(folder: str, settings: Settings, place: str, vacancy_name: str) -> dict[str, int]:
    """How many bounces were written down, and how many messages a person must look at."""
    from flows import recording

    recorded = recording.record_bounces(Path(folder), recording.messages_at(place), settings)
    return {"bounces": recorded.written, "to_look_at": len(recorded.to_look_at)}


@task(name="show recorded", cache_policy=NO_CACHE)
@without_people
def show_recorded(counts: Mapping[str, int], vacancy_name: str) -> None:
    """What was written down, as an artifact: numbers alone, a message's place could name somebody."""
    rows = [{"what": word.replace("_", " "), "number": number} for word, number in counts.items()]
    create_table_artifact(rows, key=artifact_key("record", vacancy_name), description="To look at: `svar bounces` names the messages")


@task(name="look afresh", task_run_name="look at {vacancy_name}", cache_policy=NO_CACHE, retries=0)
@without_people
def look_afresh(folder: str, settings: Settings, vacancy_name: str) -> Audit:
    """Export, papers and ledger compared."""
    from flows.auditing import Audit

    return Audit.of(Path(folder), settings)


@task(name="write proof", task_run_name="proof of {vacancy_name}", cache_policy=NO_CACHE)
@without_people
def write_proof(audit: Audit, vacancy_name: str) -> None:
    """Report, index and audit pack."""
    audit.write()


@task(name="show account", task_run_name="account of {vacancy_name}", cache_policy=NO_CACHE)
@without_people
def show_account(audit: Audit, vacancy_name: str) -> None:
    """Counts, open cases by id and the way to the report as artifacts of the run; no names."""
    counts = [{"what": word.replace("_", " "), "number": number} for word, number in audit.counts.items()]
    create_table_artifact(counts, key=artifact_key("audit", vacancy_name, "counts"), description="Where everybody stands")
    create_table_artifact(
        audit.open_table(), key=artifact_key("audit", vacancy_name, "open"), description="Open cases, longest waiting first"
    )
    report = (audit.dossier.out / "report.html").resolve().as_uri()
    create_link_artifact(
        report, link_text="report.html", key=artifact_key("audit", vacancy_name, "report"), description="With the people's names"
    )


@task(name="write overview", task_run_name="overview of all vacancies", cache_policy=NO_CACHE)
@without_people
def write_overview(standings: Mapping[str, VacancyStanding], settings: Settings) -> None:
    """The page over all vacancies."""
    from flows import auditing

    auditing.write_overview(standings.values(), settings)


@task(name="look for ready vacancies", task_run_name="which vacancies are ready", cache_policy=NO_CACHE, retries=0)
@without_people
def look_for_ready(settings: Settings) -> dict[str, Readiness]:
    """Vacancy -> how far it is from being closed."""
    from flows.readiness import all_readiness

    return all_readiness(settings)


@task(name="show readiness", task_run_name="readiness of all vacancies", cache_policy=NO_CACHE)
@without_people
def show_readiness(found: Mapping[str, Readiness]) -> None:
    """Every vacancy and where it stands, as an artifact."""
    rows = [{"vacancy": name, "stands": stands.value} for name, stands in found.items()]
    create_table_artifact(rows, key="ready-to-close", description="Closed by itself is only what is ready")


@task(name="look for past retention", task_run_name="whose papers are past their date", cache_policy=NO_CACHE, retries=0)
@without_people
def look_for_past_retention(settings: Settings) -> tuple[Proposal, ...]:
    """The vacancies whose papers are past their retention date."""
    from flows import erasing

    return erasing.proposals(settings)


@task(name="show proposals", task_run_name="proposals to erase", cache_policy=NO_CACHE)
@without_people
def show_proposals(proposed: tuple[Proposal, ...]) -> None:
    """What may be erased, with the command that does it, as an artifact: numbers and days, no names."""
    rows = [
        {
            "vacancy": each.vacancy,
            "people": each.people,
            "files": each.files,
            "kept until": each.papers_until.isoformat(),
            "to do": each.hindrance or f"svar erase {each.vacancy} --confirm {each.people} --by INITIALS",
        }
        for each in proposed
    ]
    create_table_artifact(rows, key="erase-proposed", description="Papers past their retention date; nothing is erased by itself")
