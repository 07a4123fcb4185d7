"""The `svar` command: thin. One JSON object on stdout with --json, everything else on stderr."""

from __future__ import annotations

import contextlib
import gc
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from flows import __version__
from flows.cli_answers import answers
from flows.cli_proof import proof
from flows.cli_service import service
from flows.roster.faults import CommandRefused, InputRefused, Severity, SvarError
from flows.roster.spreadsheet import TEXTS, WORKBOOKS, begin_reading
from flows.shown import (
    DONE,
    EMPTY_CHECK,
    FAILED,
    OPEN,
    REFUSED,
    Json,
    VacancyName,
    alarmed,
    end_as_json,
    loudness,
    print_json,
    progress_bar,
    refusal_as_json,
    said,
    show_faults,
    show_steps,
    show_summary,
    unforeseen,
    wrong_use,
)

if TYPE_CHECKING:
    from flows.closing import Closing
    from flows.settings import Settings

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False)
app.registered_commands.extend([*answers.registered_commands, *proof.registered_commands, *service.registered_commands])
app.registered_groups.extend(answers.registered_groups)


_CTRL_C = 130  # what typer makes of it


def main() -> None:
    """The command, with its exit code: 0 done, 1 open cases remain, 2 input refused, 3 failed."""
    gc.set_threshold(50_000, 20, 20)  # rows live to the end: looking through them over and over for what may go costs a tenth
    try:
        code = app(standalone_mode=False) or DONE
        if code == _CTRL_C:
            raise KeyboardInterrupt
        sys.exit(code)
    except InputRefused as refused:
        end_as_json(refused.faults)
        errors = sum(fault.severity is Severity.ERROR for fault in refused.faults)
        alarmed.print(f"[bold]Refused: {errors} to mend. Nothing was written.[/bold]")
        show_faults(refused.faults, alarmed)
        sys.exit(REFUSED)
    except CommandRefused as refused:
        end_as_json(message=str(refused))
        alarmed.print(f"[bold]Refused:[/bold] {escape(str(refused))}")
        sys.exit(REFUSED)
    except SvarError as error:
        end_as_json(message=str(error), end="failed")
        alarmed.print(f"[bold red]Stopped:[/bold red] {escape(str(error))}")
        sys.exit(FAILED)
    except (KeyboardInterrupt, typer.Abort):
        end_as_json(message="stopped by hand", end="failed")
        alarmed.print("Stopped. What was made is kept; the same command goes on from here.")
        sys.exit(FAILED)
    except typer.Exit as leaving:
        sys.exit(leaving.exit_code)
    except Exception as error:  # noqa: BLE001  # whatever it was, exit 1 would say that it was done
        refused_words = wrong_use(error)
        words = refused_words or unforeseen(error)
        end_as_json(message=words, end="refused" if refused_words else "failed")
        alarmed.print(escape(words))
        sys.exit(REFUSED if refused_words else FAILED)


@app.callback(invoke_without_command=True)
def about(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show only what stopped the command; the exit code tells the rest.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every line, not the first twenty of each kind.")] = False,
) -> None:
    """Every applicant gets an answer.

    Alone, svar shows for each vacancy what to do next. The usual way, from the export to the closed book:

    svar init EXPORT, svar check VACANCY, svar interviews VACANCY, svar close VACANCY, svar calls VACANCY, svar send VACANCY, svar audit VACANCY

    Nothing leaves before you type the number of letters. Stopped in the middle? The same command goes on.

    Exit codes: 0 done, 1 done and open cases remain, 2 refused, 3 failed.
    """
    if version:
        print(f"svar {__version__}")
        raise typer.Exit
    if quiet:
        loudness.quiet()
    if verbose:
        loudness.verbose()
    if context.invoked_subcommand is None:
        _show_next_steps()


def _show_next_steps() -> None:
    from datetime import date

    from flows.next_steps import next_steps
    from flows.settings import Settings

    settings = Settings()
    steps = next_steps(settings, settings.today or date.today())
    if steps:
        show_steps(steps)
    else:
        said.print(f"No vacancy in {escape(str(settings.inputs))} yet. Make one from the export: svar init EXPORT")
    said.print("All commands: svar --help")


@app.command()
def init(
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="What the recruiting system gave: xlsx, xls, ods or csv. It is copied.")],
    name: Annotated[str, typer.Option(help="The vacancy's folder; from the file's name when left out.")] = "",
    language: Annotated[str, typer.Option(help="da or en: the comments of vacancy.toml, and the letters.")] = "da",
) -> None:
    """Makes the folder of a new vacancy, with suggested columns and statuses to confirm."""
    from flows.new_vacancy import make_vacancy
    from flows.settings import Settings

    if language not in ("da", "en"):
        raise CommandRefused(f"--language: found {language!r}, expected da or en.")
    made = make_vacancy(export, Settings(), name=name, language=language)
    show_faults(made.found.faults)
    said.print(f"Made in {escape(str(made.folder.parent))}: {escape(', '.join(made.made))}.")
    said.print(f"Fill in what vacancy.toml marks as missing, then: svar check {escape(made.folder.name)}")


@app.command()
def interviews(vacancy: VacancyName) -> None:
    """Makes the sheet for the interviewers, or adds whoever is missing in it."""
    from flows.interviews import prepare_sheet
    from flows.settings import Settings

    settings = Settings()
    prepared = prepare_sheet(settings.vacancy_folder(vacancy), settings)
    said.print(f"{escape(str(prepared.path))}: {prepared.added} applicants added, {prepared.there} already there.")
    if prepared.to_name:
        said.print(f'Add to vacancy.toml: interviews = "{escape(prepared.path.name)}"')


@app.command()
def check(
    what: Annotated[str, typer.Argument(metavar="VACANCY-or-EXPORT", help="A vacancy, or a file no vacancy is made of yet.")],
    as_json: Json = False,
) -> None:
    """Looks everything over, shows all faults at once, changes nothing."""
    from flows.settings import Settings

    settings = Settings()
    bare = Path(what).is_file() or Path(what).suffix.casefold() in WORKBOOKS | TEXTS
    if bare:  # while it is read, the rest of the program is loaded
        begin_reading(Path(what), settings.read_limits)
    else:
        _begin_reading(settings.vacancy_folder(what), settings)
    from flows.preflight import check_report, look_over_export
    from flows.roster.systems import known_system

    with refusal_as_json(as_json, EMPTY_CHECK):
        if bare:
            found = look_over_export(Path(what), settings)
        else:
            from flows.orders import with_templates

            found = with_templates(settings.vacancy_folder(what), settings)
    if as_json:
        print_json(check_report(found))
    if system := known_system(found.roster.columns.headings):
        said.print(f"Looks like {escape(system.name)}. {escape(system.hint)}")
    show_faults(found.faults)
    counts = found.counts
    said.print(
        f"{counts['applicants']} applicant{'s' * (counts['applicants'] != 1)}: {counts['letter']} letters, {counts['call_and_letter']} calls, {counts['nothing']} nothing, {counts['held']} held."
    )
    refused = any(fault.code == "project-several" for fault in found.faults)
    raise typer.Exit(
        REFUSED if refused else OPEN if counts["held"] or any(fault.severity is Severity.ERROR for fault in found.faults) else DONE
    )


def _begin_reading(folder: Path, settings: Settings) -> None:
    """A child process begins to read a vacancy's export while the rest of the program is loaded.

    What is wrong with it is told later.
    """
    with contextlib.suppress(OSError, ValueError):
        told = tomllib.loads((folder / "vacancy.toml").read_text("utf-8"))
        if isinstance(export := told.get("export"), str) and not told.get("sheet"):
            begin_reading(folder.resolve() / export, settings.read_limits)


def _closed_as_before(vacancy: str, settings: Settings) -> Closing | None:
    """The closing of a vacancy of which no paper is to be made anew: a matter of reading, for which no server is started."""
    from flows.closing import Closing, closed_from

    folder = settings.vacancy_folder(vacancy)
    if not closed_from(folder, settings):
        return None
    closing = Closing.of(folder, settings)
    with closing.alone():
        if closing.plan():
            return None
        show_faults(closing.found.faults)
        closing.write_account()
    return closing


def _close_with_prefect(vacancy: str, settings: Settings) -> Closing:
    """The closing by the flow. While the server comes up, the faults of the input are on the screen and the first papers made."""
    from flows.closing import Closing, going_on_with
    from flows.engine import start_engine, stop_engine
    from flows.orders import ready_to_close
    from flows.prefect_server import nothing_left_when_refused, prefect_server, without_heartbeat

    home = settings.outputs / ".prefect"
    with nothing_left_when_refused(home), contextlib.ExitStack() as running:
        server = running.enter_context(prefect_server(home))
        found = ready_to_close(settings.vacancy_folder(vacancy), settings)
        show_faults(found.faults)
        closing = Closing.looked_over(found, settings)
        running.enter_context(closing.alone())
        running.callback(stop_engine, closing.settings)  # before the turn is free again
        start_engine(closing.settings)
        running.enter_context(progress_bar())
        running.enter_context(closing.making_ahead())
        from prefect import tags

        from flows.close_vacancy import close_vacancy

        server.wait_until_ready()
        with tags("svar", "papers"), without_heartbeat(), going_on_with(closing):
            close_vacancy(vacancy)
        return closing


@app.command()
def close(vacancy: VacancyName, as_json: Json = False) -> None:
    """The main job: reads, decides, writes, draws, reads back, reports. Hands nothing over."""
    from flows.prefect_server import is_there
    from flows.settings import Settings

    settings = Settings()
    with refusal_as_json(as_json):
        _begin_reading(settings.vacancy_folder(vacancy), settings)
        closing = None if is_there(settings.outputs / ".prefect") else _closed_as_before(vacancy, settings)
        closing = closing or _close_with_prefect(vacancy, settings)
    if as_json:
        print_json(closing.report_object())
    show_summary(closing)
    raise typer.Exit(DONE if closing.holds else OPEN)


_IN_ORDER_OF_USE = ("init", "check", "interviews", "close", "calls", "send", "answered", "bounces", "audit")
app.registered_commands.sort(
    key=lambda each: [*_IN_ORDER_OF_USE, name].index(name) if (name := each.name or getattr(each.callback, "__name__", "")) else 0
)


if __name__ == "__main__":
    main()
