"""All applicants of a vacancy, plus every row that could not be read, each with its reasons."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flows.roster.applicant import Applicant
from flows.roster.columns import ColumnMap, folded, header_place, map_columns, missing_columns
from flows.roster.faults import Fault, InputRefused, Severity
from flows.roster.people import doubled
from flows.roster.rows import RowReader, UnreadableRow
from flows.roster.spreadsheet import Grid, GridRow, ReadLimits, read_grid
from flows.roster.statuses import StatusWord, read_word
from flows.roster.vacancy import Vacancy, VacancyFile

_STAGE_SIGNALS = ("status", "stage", "rejection_reason", "rejected_after", "withdrew_after", "hired_flag")
_STEP_SIGNALS = ("stage", "rejected_after", "phone_screen_date", "interview_1_date", "interview_2_date", "interview_3_date", "offer_date")


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """The file as it was read."""

    file: str
    sheet: str
    header_row: int  # the number a person sees
    rows: int  # rows under the header that are not blank
    encoding: str | None
    delimiter: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A row that vacancy.toml says is the same person as another."""

    row: int
    id: str
    into: str  # id of the row that stands


@dataclass(frozen=True, slots=True)
class Roster:
    """Every row under the header is in exactly one of applicants, unreadable and merged."""

    export: ExportFacts
    columns: ColumnMap
    statuses: tuple[StatusWord, ...]
    applicants: tuple[Applicant, ...]
    unreadable: tuple[UnreadableRow, ...]
    merged: tuple[MergedRow, ...]
    faults: tuple[Fault, ...]


def read_roster(vacancy: Vacancy, limits: ReadLimits) -> Roster:
    """The roster of a vacancy. Raises InputRefused, with all that was found, when nothing can be worked on."""
    file = vacancy.file
    roster = _read(vacancy.export_path, limits, file)
    several = [fault for fault in roster.faults if fault.code == "project-several" or fault.file == "vacancy.toml"]
    if any(fault.severity is Severity.ERROR for fault in several):
        raise InputRefused(roster.faults)
    return roster


def read_export(path: Path, limits: ReadLimits) -> Roster:
    """The roster of a bare export, without a vacancy.toml: several projects in it are a fault, not a refusal."""
    return _read(path, limits, None)


def _read(path: Path, limits: ReadLimits, file: VacancyFile | None) -> Roster:
    grid = read_grid(path, limits, sheet=file.sheet if file else "")
    place = header_place(grid, file.columns.values() if file else ())
    if place is None:
        raise InputRefused([_no_header(grid)])
    columns, faults = map_columns(grid, place, file.columns if file else {})
    refusals = [*missing_columns(columns, grid.file), *(fault for fault in faults if fault.severity is Severity.ERROR)]
    rows = grid.rows[place + 1 :]
    if not rows:
        refusals.append(_zero_rows(grid, columns))
    if refusals:
        raise InputRefused(refusals)
    rows, project_faults = _of_project(grid.file, columns, rows, file.project if file else "")
    facts = ExportFacts(
        grid.file, grid.sheet, columns.header_row, len(rows), grid.encoding, grid.delimiter, hashlib.sha256(path.read_bytes()).hexdigest()
    )
    settled = file.statuses if file else {}
    reader = RowReader(grid.file, columns, rows, settled)
    applicants, unreadable, row_faults = reader.all()
    statuses = _status_words(columns, rows, settled)
    applicants, merged, people_faults = _people(grid.file, applicants, rows, file, project_at=columns.at.get("project"))
    more = (*faults, *project_faults, *_file_faults(grid, columns, facts, file), *_unknown_words(grid.file, statuses), *row_faults, *people_faults)
    return Roster(facts, columns, statuses, applicants, unreadable, merged, more)


def _no_header(grid: Grid) -> Fault:
    return Fault(
        file=grid.file, row=grid.rows[0].number, code="header-missing", found="no row with headings that are known",
        expected="a row with headings such as Navn, E-mail, Status", do="Export it with headings, or name yours in vacancy.toml under [columns].",
    )


def _zero_rows(grid: Grid, columns: ColumnMap) -> Fault:
    return Fault(
        file=grid.file, row=columns.header_row, code="rows-zero", found="no rows under the header", expected="one row for each applicant",
        do="Check filters in the recruiting system, and export again.",
    )


def _of_project(file: str, columns: ColumnMap, rows: tuple[GridRow, ...], project: str) -> tuple[tuple[GridRow, ...], tuple[Fault, ...]]:
    """The rows of the project asked for; all, with a fault, when several stand in the file and none was named."""
    for field in ("project", "vacancy_title"):
        if field not in columns.at:
            continue
        at = columns.at[field]
        counts = Counter(text for row in rows if (text := _cell(row, at)))
        if project and any(folded(text) == folded(project) for text in counts):
            return tuple(row for row in rows if folded(_cell(row, at)) == folded(project)), ()
        if len(counts) > 1 and not project:
            return rows, (_several_projects(file, columns.heading(field), counts),)
    if project and {"project", "vacancy_title"} & set(columns.at):
        raise InputRefused([Fault(file="vacancy.toml", column="project", code="project-missing", found=project, expected=f"a project in {file}", do="Correct it.")])
    return rows, ()


def _several_projects(file: str, heading: str, counts: Counter[str]) -> Fault:
    listed = ", ".join(f"{text} ({number} rows)" for text, number in counts.most_common(10))
    return Fault(
        file=file, column=heading, code="project-several", found=listed, expected="one vacancy", do='Say which in vacancy.toml: project = "...".'
    )


def _cell(row: GridRow, at: int) -> str:
    return row.cells[at].strip() if at < len(row.cells) else ""


def _status_words(columns: ColumnMap, rows: tuple[GridRow, ...], settled: Mapping[str, str]) -> tuple[StatusWord, ...]:
    found = []
    for field in ("stage", "status"):
        if field in columns.at:
            counts = Counter(_cell(row, columns.at[field]) for row in rows)
            for text, number in sorted(counts.items(), key=lambda item: -item[1]):
                meaning = read_word(text, settled)
                if text:
                    found.append(StatusWord(text, columns.heading(field), number, meaning.reached, meaning.outcome, meaning.source))
    return tuple(found)


def _unknown_words(file: str, statuses: tuple[StatusWord, ...]) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            file=file, column=word.column, code="status-unknown", found=word.value, expected=f"a known status word; {word.rows} rows are held",
            do=f'Say what it means in vacancy.toml: [statuses] "{word.value}" = "rejected" (or withdrew, hired, in_process, interview_1/rejected ...).',
        )
        for word in statuses
        if word.source == "unknown"
    )


def _file_faults(grid: Grid, columns: ColumnMap, facts: ExportFacts, file: VacancyFile | None) -> list[Fault]:
    faults = []
    if not any(field in columns.at for field in _STAGE_SIGNALS):
        faults.append(
            Fault(
                file=grid.file, row=columns.header_row, code="status-column-missing", found=", ".join(filter(None, columns.headings))[:200],
                expected="a column that says how it ended for each applicant; every row is held", do='Name it in vacancy.toml: [columns] status = "...".',
            )
        )
    elif not any(field in columns.at for field in _STEP_SIGNALS):
        faults.append(
            Fault(
                file=grid.file, code="reached-unseen", severity=Severity.WARNING, found="no column with stages or interview dates",
                expected="something that tells who was interviewed", do="If some were, say so with [statuses] in vacancy.toml or with the interview sheet.",
            )
        )
    if grid.other_sheets:
        faults.append(
            Fault(
                file=grid.file, code="sheets-several", severity=Severity.WARNING, found=", ".join(grid.other_sheets), expected=f"one sheet; {grid.sheet} was read",
                do='If another is meant, say so in vacancy.toml: sheet = "...".',
            )
        )
    if file and file.received is not None and file.received != facts.rows:
        faults.append(
            Fault(
                file=grid.file, code="received-mismatch", found=f"{facts.rows} rows", expected=f"{file.received} applicants, as vacancy.toml says was received",
                do="Find the missing rows (filter, other sheet, cut file) or correct `received`.",
            )
        )
    return faults


def _people(
    file: str, applicants: tuple[Applicant, ...], rows: tuple[GridRow, ...], vacancy: VacancyFile | None, *, project_at: int | None
) -> tuple[tuple[Applicant, ...], tuple[MergedRow, ...], tuple[Fault, ...]]:
    """The applicants with merged rows taken out and those who look like one person held."""
    applicants, merged = _merged(applicants, vacancy.people.same if vacancy else ())
    cells: dict[tuple[str, ...], list[str]] = defaultdict(list)
    by_row = {row.number: row.cells for row in rows}
    for each in applicants:
        cells[by_row[each.row]].append(each.id)
    different = vacancy.people.different if vacancy else ()
    projects: dict[str, list[Applicant]] = defaultdict(list)
    for each in applicants:
        projects[_cell(GridRow(0, by_row[each.row]), project_at) if project_at is not None else ""].append(each)
    groups = [*(group for several in projects.values() for group in doubled(several, different=different)), *(tuple(ids) for ids in cells.values() if len(ids) > 1)]
    held = {id for group in groups for id in group}
    faults = []
    numbers = {each.id: each.row for each in applicants}
    for group in dict.fromkeys(tuple(sorted(group, key=lambda id: numbers[id])) for group in groups):
        others = ", ".join(str(numbers[id]) for id in group[1:])
        faults.append(
            Fault(
                file=file, row=numbers[group[0]], code="duplicate-person", found=f"rows {numbers[group[0]]}, {others} look like one person",
                expected="one row for each person; these are held", do=f"Say in vacancy.toml: [people] same = [{list(group)}] or different = [{list(group)}].",
            )
        )
    kept = tuple(replace(each, held=(*each.held, "duplicate-person")) if each.id in held else each for each in applicants)
    return kept, merged, tuple(faults)


def _merged(applicants: tuple[Applicant, ...], same: tuple[tuple[str, ...], ...]) -> tuple[tuple[Applicant, ...], tuple[MergedRow, ...]]:
    """The furthest of each group stands, the others are merged into it."""
    by_id = {each.id: each for each in applicants}
    merged: dict[str, str] = {}
    for group in same:
        known = [by_id[id] for id in group if id in by_id and id not in merged]
        if len(known) > 1:
            standing = max(known, key=lambda each: (list(type(each.stage.reached)).index(each.stage.reached), -each.row))
            merged |= {each.id: standing.id for each in known if each is not standing}
    rows: dict[str, list[int]] = defaultdict(list)
    for id, into in merged.items():
        rows[into].append(by_id[id].row)
    standing_ones = tuple(replace(each, merged_rows=tuple(rows[each.id])) if each.id in rows else each for each in applicants if each.id not in merged)
    return standing_ones, tuple(MergedRow(by_id[id].row, id, into) for id, into in merged.items())
