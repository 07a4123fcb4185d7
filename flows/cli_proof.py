"""The commands that prove and forget: `svar audit`, `erase`, `person`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from flows.roster.faults import CommandRefused
from flows.shown import DONE, OPEN, Json, loudness, print_json, refusal_as_json, said

if TYPE_CHECKING:
    from flows.auditing import Audit
    from flows.settings import Settings

proof = typer.Typer()


@proof.command()
def audit(
    vacancy: Annotated[str, typer.Argument(help="Left out with --all.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every vacancy under inputs, slowest first.")] = False,
    sample: Annotated[int, typer.Option("--open", min=0, help="A file with so many people of the sealed key, for an auditor.")] = 0,
    as_json: Json = False,
) -> None:
    """The closed book: has everyone been answered? Report, index and audit pack."""
    from flows.auditing import Audit
    from flows.erasing import is_erased
    from flows.settings import Settings

    settings = Settings()
    if every == bool(vacancy):
        raise CommandRefused("expected a vacancy, or --all.")
    if every:
        _audit_all(settings, as_json)
    if is_erased(settings.vacancy_folder(vacancy), settings):
        _audit_erased(settings.vacancy_folder(vacancy), settings, as_json)
    with refusal_as_json(as_json):
        found = Audit.of(settings.vacancy_folder(vacancy), settings)
        found.write()
    if sample:
        said.print(f"For the auditor: {escape(str(found.open_sample(sample)))}")
    if as_json:
        print_json(found.report_object())
    _show(found)
    raise typer.Exit(DONE if found.book.closed else OPEN)


def _show(found: Audit) -> None:
    book, told = found.book, found.report_object()
    verdict = "[bold green]Closed: everyone has been answered.[/bold green]" if book.closed else "[bold red]Open.[/bold red]"
    said.print(f"{verdict} {book.rows} rows: {sum(book.states.values())} ended, {len(book.open)} open, {len(book.findings)} findings.")
    for state, number in book.states.items():
        said.print(f"  {number} {state.value.replace('_', ' ')}")
    for each in book.findings[: loudness.of_a_kind]:
        said.print(f"  found: {each.code}: {escape(each.place)}")
    for row in told["open"][: loudness.of_a_kind]:
        said.print(f"  open: row {row['row']}, id {escape(row['id'])}: {escape(row['reason'])}")
    for what, rows in (("findings", book.findings), ("open", told["open"])):
        if len(rows) > loudness.of_a_kind:
            said.print(f"  ... and {len(rows) - loudness.of_a_kind} more {what}, all in the report")
    said.print(f"  Look at {escape(str(found.dossier.out / 'report.html'))}; for the auditor: audit-pack beside it.")


def _audit_erased(folder: Path, settings: Settings, as_json: bool) -> None:
    """What is left of an erased vacancy: the numbers, and whether chain, log and pack still hold."""
    from flows.erasing import read_proof

    proof = read_proof(folder, settings)
    log, closed = proof.log, not proof.faults and not proof.log["open"]
    if as_json:
        counts = {"applicants": log["rows"], **log["states"], "open": log["open"], "findings": len(proof.faults)}
        told = [dict(zip(("code", "place"), fault.split(": ", 1), strict=True)) for fault in proof.faults]
        print_json({"counts": counts, "documents": [], "open": [], "findings": told, "closed": closed, "report": "erased.json"})
    said.print(f"{escape(str(log['vacancy']))}: the papers were erased on {log['erased_at'][:10]}; the proof is kept until {proof.until}.")
    said.print(f"  {log['rows']} rows: {sum(log['states'].values())} ended, {log['open']} open, {len(proof.faults)} findings.")
    for fault in proof.faults:
        said.print(f"  found: {escape(fault)}")
    raise typer.Exit(DONE if closed else OPEN)


def _audit_all(settings: Settings, as_json: bool) -> None:
    from flows.audit.overview import slowest_first
    from flows.auditing import Audit, all_vacancies, write_overview
    from flows.erasing import is_erased, read_proof
    from flows.roster.faults import SvarError

    standings, unread, erased = [], {}, []
    for folder in all_vacancies(settings):
        try:
            if is_erased(folder, settings):
                erased.append(folder.name)
                if faults := read_proof(folder, settings).faults:
                    unread[folder.name] = f"the papers are erased, and the proof does not hold: {faults[0]}"
                continue
            found = Audit.of(folder, settings)
            found.write()
            standings.append(found.standing)
        except SvarError as error:
            unread[folder.name] = str(error)
    page = write_overview(standings, settings)
    inorder = slowest_first(standings)
    if as_json:
        rows = [
            {"vacancy": each.name} | {key: getattr(each, key) for key in ("closed", "open", "oldest_wait", "late", "slowest")}
            for each in inorder
        ]
        print_json({"vacancies": rows, "unread": unread, "erased": erased})
    for each in inorder:
        said.print(
            f"{escape(each.name)}: {'closed' if each.closed else f'{each.open} open'}, longest wait {each.oldest_wait} working days, {each.late} late, slowest answer or wait {each.slowest}"
        )
    for name, why in unread.items():
        said.print(f"{escape(name)}: cannot be read: {escape(why)}")
    said.print(f"Look at {escape(str(page))}.")
    raise typer.Exit(DONE if not unread and all(each.closed for each in standings) else OPEN)


@proof.command()
def erase(
    vacancy: str,
    confirm: Annotated[int | None, typer.Option(help="Erase exactly so many people; without it nothing is erased.")] = None,
    by: Annotated[str, typer.Option("--by", help="Initials of the person who erases.")] = "",
    early: Annotated[bool, typer.Option(help="Before the retention date, or with open cases; needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is erased early.")] = "",
) -> None:
    """After the retention date: erases papers, exports and people; keeps the book, the times and the chain."""
    from flows.erasing import OUT_OF_REACH, complete_erasing, is_erased, plan_erasure, under_way
    from flows.erasing import erase as erase_now
    from flows.settings import Settings

    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    if is_erased(folder, settings):
        _forget(folder, settings, confirm, by)
    if under_way(folder, settings):
        said.print(f"{escape(complete_erasing(folder, settings))}: the erasing that was broken off is completed.")
        raise typer.Exit(DONE)
    erasure = plan_erasure(folder, settings)
    said.print(
        f"{escape(erasure.vacancy)}: {erasure.people} people, {len(erasure.files)} files; kept until {erasure.papers_until.isoformat()}."
    )
    for path in erasure.others:
        said.print(f"  Left for you to look at, it is not part of the vacancy: {escape(str(path))}")
    if confirm is None:
        said.print(f"Nothing was erased. To erase: svar erase {escape(vacancy)} --confirm {erasure.people} --by INITIALS")
        raise typer.Exit(OPEN)
    _refuse_unconfirmed(confirm, erasure.people, by)
    if early and not reason.strip():
        raise CommandRefused("--early: expected --reason too. Nothing was erased.")
    erase_now(erasure, settings, by=by, early=reason if early else "")
    said.print("Erased. The numbers, the times and the chain stay; erased.json proves it. Out of reach, for you to look at:")
    for each in OUT_OF_REACH:
        said.print(f"  {each}")


def _refuse_unconfirmed(confirm: int, expected: int, by: str) -> None:
    if confirm != expected or not by.strip():
        raise CommandRefused(f"--confirm {confirm} --by {by!r}: expected --confirm {expected} and initials. Nothing was erased.")


def _forget(folder: Path, settings: Settings, confirm: int | None, by: str) -> None:
    """The proof itself, when its time is over too; shown first, as everything that goes."""
    from flows.erasing import forget_proof, read_proof

    proof = read_proof(folder, settings)
    said.print(f"{escape(folder.name)}: the papers are erased; {proof.events} events of the proof, kept until {proof.until.isoformat()}.")
    if confirm is None:
        said.print(f"Nothing was erased. After that day: svar erase {escape(folder.name)} --confirm {proof.events} --by INITIALS")
        raise typer.Exit(OPEN)
    if proof.events:  # none: the same command was broken off, and only its last files are left
        _refuse_unconfirmed(confirm, proof.events, by)
    said.print(f"{forget_proof(folder, settings)} events of the proof erased. Nothing is left.")
    raise typer.Exit(DONE)


@proof.command()
def person(
    query: str,
    to: Annotated[Path | None, typer.Option(help="A new folder in which everything is collected.")] = None,
    as_json: Json = False,
) -> None:
    """Everything held on one person: by name, e-mail, telephone or id, whole."""
    from flows.person import collect, held_on
    from flows.settings import Settings

    told = held_on(query, Settings())
    if to is not None:
        collect(told, to)
        said.print(f"Collected in {escape(str(to))}. Read the papers before you hand them over: a note may speak of others.")
    if as_json:
        print_json(told)
    for each in told["found"]:
        said.print(
            f"[bold]{escape(each['name'])}[/bold] in {escape(each['vacancy'])}, id {escape(each['id'])}: {each['outcome']}, {each['state']}"
        )
        for file, rows in each["in_files"].items():
            for row in rows:
                said.print(f"  {escape(file)}: " + escape("; ".join(f"{heading}: {cell}" for heading, cell in row.items())))
        for path in each["papers"]:
            said.print(f"  paper: {escape(path)}")
        for event in each["events"]:
            said.print(f"  {event['at']}: {event['what'].replace('_', ' ')}")
    for name in told["unread_vacancies"]:
        said.print(f"{escape(name)} could not be read: look there by hand.")
    said.print(f"{len(told['found'])} found.")
    raise typer.Exit(DONE)
