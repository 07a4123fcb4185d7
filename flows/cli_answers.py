"""The commands that hand over and record: `svar send`, `calls`, `answered`, `retry`, `bounces`, `ledger`."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from flows.roster.faults import CommandRefused
from flows.shown import DONE, EMPTY_SENDING, OPEN, Json, print_json, progress_bar, refusal_as_json, said, show_outbox

if TYPE_CHECKING:
    from flows.ledger.events import What
    from flows.recording import Recorded
    from flows.sending import Sending

answers = typer.Typer()
ledger_commands = typer.Typer(no_args_is_help=True, help="The ledger of what happened.")
answers.add_typer(ledger_commands, name="ledger")
By = Annotated[str, typer.Option("--by", help="Initials of the person who says so.")]


@answers.command()
def send(
    vacancy: str,
    more: Annotated[list[str] | None, typer.Argument(hidden=True, help="Further ids after --only.")] = None,
    confirm: Annotated[int | None, typer.Option(help="Hand over exactly so many; without it nothing leaves.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only these applicant ids: --only 4711 4712, or 4711,4712.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    at: Annotated[str, typer.Option(help='Wait until then: "2026-11-24 09:00".')] = "",
    force: Annotated[bool, typer.Option(help="Allow --at on weekends, holidays and at night.")] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Shows what would go; with --confirm N hands over exactly those N."""
    from flows.sending import Sending
    from flows.settings import Settings

    settings = Settings()
    with refusal_as_json(as_json, EMPTY_SENDING):
        only = _chosen_ids(only, more)
        if at and confirm is None:
            raise CommandRefused(
                f"--at {at}: found no --confirm N, expected the number of letters that are to go then. Nothing was handed over."
            )
        sending = Sending.of(settings.vacancy_folder(vacancy), settings, only=frozenset(only), limit=limit, by=by)
        if confirm is not None:
            from flows.handing import refuse_wrong_number
            from flows.send_at import wait_until

            refuse_wrong_number(confirm, len(sending.box.ready) if not sending.begun else confirm)
            wait_until(at, force=force, say=said.print)
            sending = _handed_over(vacancy, confirm, only, limit, by)
    told = sending.report_object()
    if as_json:
        print_json(told)
    show_outbox(told)
    _tell_of_changed_ledger(sending.broken_link)
    if confirm is None and told["ready"]:
        choice = "".join(f" --only {id}" for id in only) + (f" --limit {limit}" if limit else "")
        said.print(f"Nothing was handed over. To hand over these: svar send {escape(f'{vacancy}{choice}')} --confirm {len(told['ready'])}")
    raise typer.Exit(DONE if told["closed"] else OPEN)


def _tell_of_changed_ledger(broken_link: int | None) -> None:
    if broken_link is not None:
        said.print(
            f"[red]The ledger was changed: its chain is broken at event {broken_link}. Who was answered is not certain. "
            "Look at `svar audit`, and put the backup back before you send.[/red]"
        )


def _chosen_ids(only: list[str] | None, more: list[str] | None) -> list[str]:
    if more and not only:
        raise CommandRefused(f"found {' '.join(more)} after the vacancy, expected --only before ids. Nothing was handed over.")
    return [id.strip() for told in (*(only or ()), *(more or ())) for id in told.split(",") if id.strip()]


def _handed_over(vacancy: str, confirm: int, only: list[str], limit: int | None, by: str) -> Sending:
    from flows.prefect_server import prefect_server, without_heartbeat
    from flows.settings import Settings

    with contextlib.ExitStack() as running:
        server = running.enter_context(prefect_server(Settings().outputs / ".prefect"))
        running.enter_context(progress_bar())
        from flows.send_answers import last_sending, send_answers  # loads while the server comes up

        server.wait_until_ready()
        with without_heartbeat():
            send_answers(vacancy, confirm, only, limit, by)
        return last_sending()


@answers.command()
def calls(vacancy: str, file: Annotated[Path | None, typer.Argument(help="A filled-in call list to record.")] = None) -> None:
    """Writes the call list, longest waiting first; with FILE records the calls in it."""
    from flows.recording import record_calls, write_call_list
    from flows.settings import Settings

    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    if file is None:
        path, number = write_call_list(folder, settings)
        said.print(f"{escape(str(path))}: {number} to call, longest waiting first.")
    else:
        _tell(record_calls(folder, file, settings), "calls")


@answers.command()
def answered(
    vacancy: str,
    by: By,
    by_hand: Annotated[str, typer.Option(help='Ids whose mail HR has sent, comma separated, or "all" drafts.')] = "",
    posted: Annotated[str, typer.Option(help='Ids whose letter was posted, comma separated, or "all" printed.')] = "",
    elsewhere: Annotated[str, typer.Option(help="Ids of people told in another way: by the recruiting system, in person.")] = "",
    on: Annotated[str, typer.Option(help="The day, 2026-11-24; today when left out.")] = "",
) -> None:
    """Records answers HR has sent by hand, posted, or given elsewhere."""
    from flows.recording import GivenByHand, record_given
    from flows.settings import Settings

    ids = [[id.strip() for id in told.split(",") if id.strip()] for told in (by_hand, posted, elsewhere)]
    settings = Settings()
    given = GivenByHand(by_hand=ids[0], posted=ids[1], elsewhere=ids[2], on=_day(on) if on else None, by=by)
    _tell(record_given(settings.vacancy_folder(vacancy), given, settings), "answers")


@answers.command()
def retry(vacancy: str, ids: list[str], by: By) -> None:
    """Records a person's word that a doubtful letter did not go: it may be handed over again."""
    from flows.recording import record_retry
    from flows.settings import Settings

    settings = Settings()
    _tell(record_retry(settings.vacancy_folder(vacancy), ids, by=by, settings=settings), "retries")


Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the ledger, without names.")]


@answers.command("leave-out")
def leave_out(vacancy: str, ids: list[str], reason: Reason, by: By) -> None:
    """Records that somebody is owed no answer: a test application, a doubled row ..."""
    from flows.ledger.events import What

    _decide(vacancy, ids, What.LEFT_OUT, reason, by)


@answers.command()
def cancel(vacancy: str, ids: list[str], reason: Reason, by: By) -> None:
    """Takes back a draft, an approval or an answer given by mistake: the person is an open case again."""
    from flows.ledger.events import What

    _decide(vacancy, ids, What.CANCELLED, reason, by)


def _decide(vacancy: str, ids: list[str], what: What, reason: str, by: str) -> None:
    from flows.recording import record_decision
    from flows.settings import Settings

    if not reason.strip() or not by.strip():
        raise CommandRefused("expected --reason and --by INITIALS. Nothing was written down.")
    settings = Settings()
    _tell(record_decision(settings.vacancy_folder(vacancy), ids, what, reason=reason, by=by, settings=settings), "decisions")


@answers.command()
def bounces(vacancy: str, path: Annotated[str, typer.Argument(help="Folder, mbox, Maildir, or imaps://host/folder.")]) -> None:
    """Records the bounces in a folder of messages, an mbox, a Maildir or an IMAP mailbox."""
    from flows.recording import messages_at, record_bounces
    from flows.settings import Settings

    settings = Settings()
    recorded = record_bounces(settings.vacancy_folder(vacancy), messages_at(path), settings)
    _tell(recorded, "bounces")
    raise typer.Exit(OPEN if recorded.to_look_at or recorded.written else DONE)


@ledger_commands.command()
def verify() -> None:
    """Checks the chain of every vacancy; names the first event that does not follow."""
    from flows.documents.shelf import read_manifest
    from flows.dossier import open_ledger, refuse_lost_ledger
    from flows.settings import Settings

    broken, settings = False, Settings()
    with open_ledger(settings) as ledger:
        for manifest in sorted(settings.outputs.glob("*/manifest.json")):
            if not ledger.events(manifest.parent.name):
                refuse_lost_ledger(manifest.parent.name, read_manifest(manifest.parent), ledger.place)
        if not ledger.vacancies():
            said.print(f"The ledger {escape(ledger.place)} has no events yet.")
        for vacancy in ledger.vacancies():
            number = ledger.broken_link(vacancy)
            broken = broken or number is not None
            told = "the chain holds" if number is None else f"broken at event {number}"
            said.print(f"{escape(vacancy)}: {len(ledger.events(vacancy))} events, {told}.")
    raise typer.Exit(OPEN if broken else DONE)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandRefused(f"--on: found {text!r}, expected a day such as 2026-11-24. Nothing was written down.") from error


def _tell(recorded: Recorded, what: str) -> None:
    already = f", {recorded.already} were known already" if recorded.already else ""
    said.print(f"{what.capitalize()} recorded: {recorded.written}{already}.")
    for id, told in recorded.open_again:
        said.print(f"  id {escape(id)}: {escape(told)}")
    for place, found in recorded.to_look_at:
        said.print(f"  look at {escape(place)}: {escape(found)}")
