"""What the command shows: one JSON object on stdout, everything for people on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows.roster.faults import CommandRefused, Fault, InputRefused, Severity, SvarError
from flows.todo import todo_list

if TYPE_CHECKING:
    from flows.next_steps import NextStep

DONE, OPEN, REFUSED, FAILED = 0, 1, 2, 3  # exit codes
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
VacancyName = Annotated[str, typer.Argument(metavar="VACANCY", help="The vacancy's folder, or its name under inputs.")]
said = Console(stderr=True, highlight=False, soft_wrap=True)
alarmed = Console(stderr=True, highlight=False, soft_wrap=True)  # what is shown with --quiet too


@dataclass(slots=True)
class Loudness:
    """How much is shown; set once by the command's own options."""

    of_a_kind: int = 20  # lines of each kind of thing
    told: bool = False  # the JSON object is out

    def quiet(self) -> None:
        """Only what stopped the command."""
        said.quiet = True

    def verbose(self) -> None:
        """Every line, however many."""
        self.of_a_kind = sys.maxsize


loudness = Loudness()


_NONE = {"applicants": 0, "letter": 0, "call_and_letter": 0, "nothing": 0, "held": 0}
EMPTY_CHECK: dict[str, Any] = {
    "export": None, "columns": {"mapped": {}, "unused": [], "sensitive": []}, "statuses": [], "applicants": [], "counts": _NONE,
}  # fmt: skip
EMPTY_SENDING: dict[str, Any] = {
    "counts": {"ready": 0, "held": 0, "answered": 0, "handed_over": 0}, "routes": {}, "ready": [], "held": [], "handed_over": [],
    "closed": False, "answered_lately": {}, "next": [],
}  # fmt: skip
EMPTY_ACCOUNT: dict[str, Any] = {"counts": _NONE, "documents": [], "open": [], "closed": False, "report": None}


@contextlib.contextmanager
def refusal_as_json(as_json: bool, empty: dict[str, Any] = EMPTY_ACCOUNT) -> Iterator[None]:
    """With --json, a refusal or a failure is one JSON object too: the command's own shape, empty, with what was found."""
    try:
        yield
    except InputRefused as refused:
        if as_json:
            from flows.preflight import fault_row

            print_json(empty | {"refused": True, "faults": [fault_row(fault) for fault in refused.faults]})
        raise
    except SvarError as error:
        if as_json:
            end = "refused" if isinstance(error, CommandRefused) else "failed"
            print_json(empty | {end: True, "faults": [], "message": str(error)})
        raise


def end_as_json(faults: Iterable[Fault] = (), *, message: str = "", end: str = "refused") -> None:
    """With --json, a command that ends before it has told anything tells that: one JSON object comes out whatever happens."""
    if "--json" in sys.argv and not loudness.told:
        from flows.preflight import fault_row

        print_json({end: True, "faults": [fault_row(fault) for fault in faults], "message": message})


def wrong_use(error: Exception) -> str:
    """What to say of a command that was written wrongly, or of a SVAR_ variable that does not hold; empty for any other error."""
    from pydantic import ValidationError

    if hasattr(error, "format_message"):  # click's own errors carry the words
        return str(error.format_message())
    if isinstance(error, ValidationError) and error.title == "Settings":
        return "; ".join(f"SVAR_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
    return ""


def unforeseen(error: Exception) -> str:
    """What to say of an error nobody thought of: where it is, no values and no file names, for people may stand in them."""
    if isinstance(error, OSError) and error.strerror:
        folder = f" in {Path(error.filename).parent}" if isinstance(error.filename, str) else ""
        return f"Stopped: {error.strerror}{folder}. Mend that, then run the same command again: it goes on."
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if Path(frame.filename).is_relative_to(Path(__file__).parent)), frames[-1])
    if loudness.of_a_kind == sys.maxsize:  # --verbose
        traceback.print_exception(error)
    where = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
    return (
        f"Stopped by a fault of the program ({where}). What was made is kept; run the same command again. If it stays so, report that line."
    )


def print_json(content: dict[str, Any]) -> None:
    loudness.told = True
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_faults(faults: Iterable[Fault], on: Console = said) -> None:
    """All faults as a to-do list in plain words, counted; the first twenty of each kind in full."""
    for task in todo_list(faults):
        mark, word = ("red", "to do") if task.severity is Severity.ERROR else ("yellow", "note")
        on.print(f"[{mark}]{word}[/{mark}] [bold]{escape(task.words)}[/bold]")
        for fault in task.faults[: loudness.of_a_kind]:
            on.print(f"  {escape(str(fault))}")
        if len(task.faults) > loudness.of_a_kind:
            on.print(f"  ... and {len(task.faults) - loudness.of_a_kind} more")


def show_outbox(told: dict[str, Any]) -> None:
    """What would go, and what is held and why; after a sending, what came of each."""
    counts = told["counts"]
    if told["handed_over"]:
        ends: dict[str, int] = {}
        for each in told["handed_over"]:
            ends[each["what"]] = ends.get(each["what"], 0) + 1
        said.print("What came of it: " + ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in ends.items()) + ".")
        for each in told["handed_over"]:
            if each["what"] in ("refused", "deferred", "uncertain", "handing_over"):
                said.print(f"  row {each['row']}, id {escape(each['id'])}: {each['what']}: {escape(each['reply'])}")
    routes = ", ".join(f"{number} by {route}" for route, number in told["routes"].items()) or "none"
    said.print(f"Would go now: {counts['ready']} ({routes}). Held: {counts['held']}. Answered: {counts['answered']}.")
    for each in told["ready"][: loudness.of_a_kind]:
        said.print(f"  would go: row {each['row']}, id {escape(each['id'])}, {each['route']}: {escape(each['preview'])}")
    for each in told["held"][: loudness.of_a_kind]:
        said.print(f"  held: row {each['row']}, id {escape(each['id'])}: {escape(each['reason'])}")
    for id, vacancy in told["answered_lately"].items():
        said.print(f"  [yellow]note[/yellow] id {escape(id)} was answered for {escape(vacancy)} within the last 30 days")
    for step in told["next"]:
        said.print(escape(step))
    for sort in ("ready", "held"):
        if len(told[sort]) > loudness.of_a_kind:
            said.print(f"  ... and {len(told[sort]) - loudness.of_a_kind} more {sort}")


def show_summary(closing: Any) -> None:
    """What was made, what is open, where to look."""
    counts = closing.counts
    said.print()
    said.print(f"[bold]{escape(closing.vacancy.file.title)}[/bold]: {counts['applicants']} applicant{'s' * (counts['applicants'] != 1)}")
    said.print(
        f"  {counts['letter']} letter{'s' * (counts['letter'] != 1)}, {counts['call_and_letter']} call{'s' * (counts['call_and_letter'] != 1)} with a letter after, {counts['nothing']} owed nothing by us, {counts['held']} held"
    )
    said.print(
        f"  {counts['papers']} papers made and read back, {counts['failed']} failed, {counts['open']} open cases. Nothing was handed over."
    )
    for each in closing.open_rows[: loudness.of_a_kind]:
        said.print(f"  open: row {each['row']}, id {escape(each['id'])}: {escape(each['reason'])}")
    if len(closing.open_rows) > loudness.of_a_kind:
        said.print(f"  ... and {len(closing.open_rows) - loudness.of_a_kind} more, all in the report")
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


def show_steps(steps: Iterable[NextStep]) -> None:
    """For each vacancy where it stands and what comes next, the command on a line of its own to copy."""
    for each in steps:
        number = f" [bold]{each.open} without an answer.[/bold]" if each.open else ""
        said.print(f"[bold]{escape(each.vacancy)}[/bold]: {escape(each.stands)}.{number}")
        said.print(f"  {escape(each.command)}" if each.command else "  [green]nothing to do[/green]")
