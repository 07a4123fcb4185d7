"""What speaks against the export as a whole: columns that are missing, rows nobody sees, counts that do not match."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from flows.roster.applicant import Applicant, Outcome
from flows.roster.columns import ColumnMap, header_place
from flows.roster.faults import Fault, Severity
from flows.roster.folding import folded
from flows.roster.spreadsheet import Grid, GridRow, ReadLimits, read_grid
from flows.roster.statuses import StatusWord

_STAGE_SIGNALS = (
    "status",
    "stage",
    "rejection_reason",
    "withdrawal_reason",
    "rejected_after",
    "withdrew_after",
    "hired_flag",
    "answered_mark",
)
_STEP_SIGNALS = ("stage", "rejected_after", "phone_screen_date", "interview_1_date", "interview_2_date", "interview_3_date", "offer_date")
# Numbers of rows at which recruiting systems cut their exports.
_CAPS = frozenset({500, 1000, 2000, 5000, 10000, 65535, 65536})
_SEEN = {
    "sheet-hidden": ("no hidden sheets", 'Look whether it belongs to the export; delete it, or say which sheet is meant: sheet = "...".'),
    "rows-hidden": ("no hidden rows; they are read like the others", "Show all rows, and look whether they belong to the vacancy."),
    "encoding-guessed": (
        "a file in UTF-8, or with æ, ø or å in it",
        "Look whether the names are right; if not, export as .xlsx or in UTF-8.",
    ),
    "file-cut": (
        "a last row as long as the others; perhaps applicants are missing",
        "Export it again, and compare with the system's own count.",
    ),
    "formulas-blank": ("values; such cells are read as blank", "Open the file in Excel, let it calculate, and save it."),
    "cells-error": ("values; such cells are read as blank", "Look at them in Excel, put the right text there, and save it."),
    "filter-active": ("no filter; all rows are read", "Clear the filter, and look whether the hidden rows belong to the vacancy."),
}


def shape_faults(grid: Grid, columns: ColumnMap, rows: Sequence[GridRow], *, blank_settled: bool = False) -> list[Fault]:
    """Faults of the sheet and its header. `blank_settled`: vacancy.toml says what a missing status means."""
    return [*_signal_faults(grid, columns, rows, blank_settled), *sheet_faults(grid), *_cap(grid, rows)]


def _signal_faults(grid: Grid, columns: ColumnMap, rows: Sequence[GridRow], blank_settled: bool) -> list[Fault]:
    if not blank_settled and not any(field in columns.at for field in _STAGE_SIGNALS):
        headings = ", ".join(filter(None, columns.headings))[:200]
        return [
            Fault(
                file=grid.file,
                row=columns.header_row,
                code="status-column-missing",
                found=headings,
                expected="a column that says how it ended for each applicant; every row is held",
                do='Name it in vacancy.toml: [columns] status = "...". If one end holds for all of them: [statuses] "" = "rejected".',
            )
        ]
    places = [place for field in _STEP_SIGNALS for place in columns.places(field)]
    if any(place < len(row.cells) and row.cells[place].strip() for row in rows for place in places):
        return []
    return [
        Fault(
            file=grid.file,
            code="reached-unseen",
            severity=Severity.WARNING,
            found="no column with stages or interview dates that is filled in",
            expected="something that tells who was interviewed",
            do="If some were, say so with [statuses] in vacancy.toml or with the interview sheet.",
        )
    ]


def sheet_faults(grid: Grid) -> list[Fault]:
    """What is in a file besides the rows a person sees: hidden or further sheets, a filter, cells without a value."""
    faults = [
        Fault(file=grid.file, code=code, severity=Severity.WARNING, found=found, expected=_SEEN[code][0], do=_SEEN[code][1])
        for code, found in grid.warnings
        if code in _SEEN
    ]
    if grid.other_sheets:
        faults.append(
            Fault(
                file=grid.file,
                code="sheets-several",
                severity=Severity.WARNING,
                found=", ".join(grid.other_sheets),
                expected=f"one sheet; {grid.sheet} was read",
                do='If another is meant, say so in vacancy.toml: sheet = "...".',
            )
        )
    return faults


def sheet_twins(grid: Grid, place: int, path: Path, limits: ReadLimits) -> list[Fault]:
    """Faults of further sheets with the same headings: people who would be forgotten if one sheet alone were read."""
    mine = {folded(cell) for cell in grid.rows[place].cells if cell.strip()}
    twins = []
    for name in grid.other_sheets:
        other = read_grid(path, limits, sheet=name)
        at = header_place(other, ())
        theirs = {folded(cell) for cell in other.rows[at].cells if cell.strip()} if at is not None else set()
        if len(mine & theirs) >= 2 and len(mine & theirs) > 0.6 * len(mine) and at is not None and len(other.rows) > at + 1:
            twins.append(name)
    if not twins:
        return []
    return [
        Fault(
            file=grid.file,
            code="sheets-alike",
            found=", ".join([grid.sheet, *twins]),
            expected="all applicants in one sheet",
            do='Put them in one sheet; or, if only one of them is meant, say so in vacancy.toml: sheet = "...".',
        )
    ]


def _cap(grid: Grid, rows: Sequence[GridRow]) -> list[Fault]:
    if len(rows) not in _CAPS:
        return []
    return [
        Fault(
            file=grid.file,
            code="rows-capped",
            severity=Severity.WARNING,
            found=f"{len(rows)} rows exactly",
            expected="all applicants; recruiting systems cut exports at such a number",
            do="Compare with the system's own count, and set `received`.",
        )
    ]


def received_fault(file: str, received: int | None, read: int) -> tuple[Fault, ...]:
    """The fault of a count that is not the recruiting system's own. `read` leaves out earlier statuses of one application."""
    if received is None or received == read:
        return ()
    return (
        Fault(
            file=file,
            code="received-mismatch",
            found=f"{read} rows",
            expected=f"{received} applicants, as vacancy.toml says was received",
            do="Find the missing rows (filter, other sheet, cut file) or correct `received`.",
        ),
    )


def late_applications(file: str, applicants: Iterable[Applicant], deadline: date) -> tuple[Fault, ...]:
    """A warning when somebody applied after the deadline: they are answered like the others, if it is the right date."""
    late = [each for each in applicants if each.applied_on is not None and each.applied_on > deadline]
    if not late:
        return ()
    return (
        Fault(
            file=file,
            row=late[0].row,
            code="applied-late",
            severity=Severity.WARNING,
            found=f"{_rows(len(late))} dated after {deadline.isoformat()}",
            expected="applications up to the deadline; they are answered like the others",
            do="Look whether `deadline` is right.",
        ),
    )


def blank_statuses(file: str, columns: ColumnMap, applicants: Iterable[Applicant]) -> tuple[Fault, ...]:
    """One fault for all rows in which nothing says how it ended."""
    blank = [each for each in applicants if not each.status_words and each.stage.outcome is Outcome.UNKNOWN and not each.held]
    field = next((field for field in ("status", "stage") if field in columns.at), None)
    if not blank or field is None:
        return ()
    return (
        Fault(
            file=file,
            row=blank[0].row,
            column=columns.heading(field),
            code="status-blank",
            found=f"{_rows(len(blank))} without a status",
            expected="how it ended for each applicant; they are held",
            do='Set the status in the recruiting system, and export again; or say what a blank one means: [statuses] "" = "rejected".',
        ),
    )


def word_faults(file: str, words: Iterable[StatusWord]) -> tuple[Fault, ...]:
    """One fault for each word a person must settle, with the number of rows it holds."""
    return tuple(fault for word in words if (fault := _word_fault(file, word)) is not None)


def _word_fault(file: str, word: StatusWord) -> Fault | None:
    code = "status-unknown" if word.source == "unknown" else word.held
    expected = {
        "status-unknown": f"a known status word; {_rows(word.rows)} held",
        "not-live": f"a live application; {_rows(word.rows)} held",
        "status-ask": f"a word that says how it ended; {_rows(word.rows)} held",
    }.get(code)
    if expected is None:
        return None
    meant = '"rejected"' if code != "status-ask" else '"answered_elsewhere" if they have been told no'
    return Fault(
        file=file,
        column=word.column,
        code=code,
        found=word.value,
        expected=expected,
        do=f'Say what it means in vacancy.toml: [statuses] "{_quoted(word.value)}" = {meant} (or withdrew, hired, in_process, interview_1/rejected ...).',
    )


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number} rows"
