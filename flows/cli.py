"""The `svar` command: thin. One JSON object on stdout with --json, everything else on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows import __version__
from flows.roster.faults import Fault, InputRefused, Severity, SvarError

DONE, OPEN, REFUSED, FAILED = 0, 1, 2, 3
_SHOWN_OF_A_KIND = 20

app = typer.Typer(add_completion=True, no_args_is_help=True, pretty_exceptions_enable=False, help="Every applicant gets an answer.")
said = Console(stderr=True, highlight=False, soft_wrap=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def main() -> None:
    """The command, with its exit code: 0 done, 1 open cases remain, 2 input refused, 3 failed."""
    try:
        sys.exit(app(standalone_mode=False) or DONE)
    except InputRefused as refused:
        said.print(f"[bold]Refused: {len(refused.faults)} to mend. Nothing was written.[/bold]")
        show_faults(refused.faults)
        sys.exit(REFUSED)
    except SvarError as error:
        said.print(f"[bold red]Stopped:[/bold red] {escape(str(error))}")
        sys.exit(FAILED)
    except (KeyboardInterrupt, typer.Abort):
        said.print("Stopped. What was made is kept; the same command goes on from here.")
        sys.exit(FAILED)
    except typer.Exit as leaving:
        sys.exit(leaving.exit_code)
    except Exception as error:
        if not hasattr(error, "format_message"):  # click's own errors carry the words for a wrong use of the command
            raise
        said.print(escape(error.format_message()))
        sys.exit(REFUSED)


@app.callback(invoke_without_command=True)
def about(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    """Svar answers every applicant after a vacancy closes, and proves it."""
    if version:
        print(f"svar {__version__}")
        raise typer.Exit


@app.command()
def check(what: Annotated[str, typer.Argument(metavar="VACANCY-or-EXPORT")], as_json: Json = False) -> None:
    """Looks everything over, shows all faults at once, changes nothing."""
    from flows.preflight import check_report, look_over_export, look_over_vacancy
    from flows.settings import Settings

    settings = Settings()
    with refusal_as_json(as_json):
        bare = Path(what).is_file()
        found = look_over_export(Path(what), settings) if bare else look_over_vacancy(settings.vacancy_folder(what), settings)
    if as_json:
        print_json(check_report(found))
    show_faults(found.faults)
    counts = found.counts
    said.print(
        f"{counts['applicants']} applicants: {counts['letter']} letters, {counts['call_and_letter']} calls, {counts['nothing']} nothing, {counts['held']} held."
    )
    refused = any(fault.code == "project-several" for fault in found.faults)
    raise typer.Exit(
        REFUSED if refused else OPEN if counts["held"] or any(fault.severity is Severity.ERROR for fault in found.faults) else DONE
    )


@app.command()
def close(vacancy: str, as_json: Json = False) -> None:
    """The main job: reads, decides, writes, draws, reads back, reports. Hands nothing over."""
    from flows import workers
    from flows.prefect_server import prefect_server
    from flows.preflight import look_over_vacancy
    from flows.settings import Settings

    settings = Settings()
    with contextlib.ExitStack() as running, refusal_as_json(as_json):
        server = running.enter_context(prefect_server(settings.outputs / ".prefect"))
        found = look_over_vacancy(settings.vacancy_folder(vacancy), settings)
        show_faults(found.faults)
        running.callback(workers.stop_workers)
        workers.start_workers(settings.worker_count)
        running.enter_context(progress_bar())
        server.wait_until_ready()
        from flows.close_vacancy import close_vacancy, last_closing

        close_vacancy(vacancy)
        closing = last_closing()
    if as_json:
        print_json(closing.report_object())
    show_summary(closing)
    raise typer.Exit(DONE if closing.holds else OPEN)


@contextlib.contextmanager
def refusal_as_json(as_json: bool) -> Iterator[None]:
    """With --json, a refusal is one JSON object too: its faults."""
    try:
        yield
    except InputRefused as refused:
        if as_json:
            from flows.preflight import fault_row

            print_json({"refused": True, "faults": [fault_row(fault) for fault in refused.faults]})
        raise


def print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_faults(faults: tuple[Fault, ...]) -> None:
    """All faults, counted; the first twenty of each kind in full."""
    by_code: dict[str, list[Fault]] = {}
    for fault in faults:
        by_code.setdefault(fault.code, []).append(fault)
    for code, same in by_code.items():
        mark = "red" if same[0].severity is Severity.ERROR else "yellow"
        for fault in same[:_SHOWN_OF_A_KIND]:
            said.print(f"[{mark}]{fault.severity.value}[/{mark}] {escape(str(fault))}")
        if len(same) > _SHOWN_OF_A_KIND:
            said.print(f"  ... and {len(same) - _SHOWN_OF_A_KIND} more {code}")


def show_summary(closing: Any) -> None:
    """What was made, what is open, where to look."""
    counts = closing.counts
    said.print()
    said.print(f"[bold]{escape(closing.vacancy.file.title)}[/bold]: {counts['applicants']} applicants")
    said.print(
        f"  {counts['letter']} letters, {counts['call_and_letter']} calls with a letter after, {counts['nothing']} owed nothing by us, {counts['held']} held"
    )
    said.print(
        f"  {counts['papers']} papers made and read back, {counts['failed']} failed, {counts['open']} open cases. Nothing was handed over."
    )
    for each in closing.open_rows[:_SHOWN_OF_A_KIND]:
        said.print(f"  open: row {each['row']}, id {escape(each['id'])}: {escape(each['reason'])}")
    if len(closing.open_rows) > _SHOWN_OF_A_KIND:
        said.print(f"  ... and {len(closing.open_rows) - _SHOWN_OF_A_KIND} more, all in the report")
    said.print(f"  Look at {escape(str(closing.out / 'index.html'))} and report.html beside it.")


@contextlib.contextmanager
def progress_bar() -> Iterator[None]:
    """A bar over the papers while they are made."""
    from flows.watcher import watching

    columns = (TextColumn("papers"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=said, transient=True) as progress:
        bar = progress.add_task("papers", total=None)
        with watching(lambda done, total: progress.update(bar, completed=done, total=total)):
            yield


if __name__ == "__main__":
    main()
