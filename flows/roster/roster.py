"""All applicants of a vacancy, plus every row that could not be read, each with its reasons."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.roster.applicant import Applicant
from flows.roster.columns import ColumnMap, header_place, map_columns, missing_columns
from flows.roster.completeness import (
    blank_statuses,
    late_applications,
    received_fault,
    shape_faults,
    sheet_faults,
    sheet_twins,
    word_faults,
)
from flows.roster.faults import Fault, InputRefused, Severity
from flows.roster.folding import folded
from flows.roster.identity import histories, id_faults, told_apart
from flows.roster.joining import joined
from flows.roster.mailboxes import FirmMailboxes, hold_mailboxes
from flows.roster.merging import MergedRow, hold_doubled, merge_same, unknown_ids
from flows.roster.projects import rows_of_project
from flows.roster.rows import ReadRow, RowReader, UnreadableRow
from flows.roster.spreadsheet import Grid, GridRow, ReadLimits, read_grid
from flows.roster.statuses import StatusWord
from flows.roster.unread import hold_unread
from flows.roster.vacancy import Vacancy, VacancyFile
from flows.roster.vacancy_reader import legible_part

# Faults of the whole file: nothing is written before they are mended, but all others are shown beside them.
_REFUSING = frozenset({"project-several", "project-missing", "column-missing", "sheets-alike"})


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
class Roster:
    """Every row under the header is in exactly one of applicants, unreadable and merged."""

    export: ExportFacts
    columns: ColumnMap
    statuses: tuple[StatusWord, ...]
    applicants: tuple[Applicant, ...]
    unreadable: tuple[UnreadableRow, ...]
    merged: tuple[MergedRow, ...]
    faults: tuple[Fault, ...]

    @property
    def same_person(self) -> tuple[MergedRow, ...]:
        """Rows that were made one with another by vacancy.toml: applications of their own, answered once."""
        return tuple(row for row in self.merged if row.why != "history")

    @property
    def applications(self) -> int:
        """Rows of the export without earlier statuses of one application."""
        return self.export.rows - sum(row.why == "history" for row in self.merged)


def read_roster(vacancy: Vacancy, limits: ReadLimits) -> Roster:
    """The roster of a vacancy. Raises InputRefused, with all that was found, when nothing can be worked on."""
    mail = vacancy.organisation.mail
    firm = FirmMailboxes.of(vacancy.file.contact.email, mail.sender, mail.reply_to, mail.journal)
    roster = _with_mailboxes(_read(vacancy.export_path, limits, vacancy.file, vacancy.join_path), vacancy.file, firm)
    if any(fault.code in _REFUSING for fault in roster.faults):
        raise InputRefused(roster.faults)
    return roster


def faults_of_export(folder: Path, limits: ReadLimits) -> tuple[Fault, ...]:
    """The faults of an export whose vacancy.toml has faults too: as far as can be read with what that file does say."""
    file = legible_part(folder)
    if file is None or not (folder / file.export).is_file():
        return ()
    try:
        return _with_mailboxes(_read(folder / file.export, limits, file, folder / file.join.export if file.join else None), file).faults
    except InputRefused as refused:
        return refused.faults


def read_export(path: Path, limits: ReadLimits) -> Roster:
    """The roster of a bare export, without a vacancy.toml: several projects in it are a fault, not a refusal."""
    return _with_mailboxes(_read(path, limits, None), None)


def _with_mailboxes(roster: Roster, file: VacancyFile | None, firm: FirmMailboxes | None = None) -> Roster:
    """The roster, those held whose mailbox is not their own."""
    different = file.people.different if file else ()
    heading = roster.columns.mapped.get("email")
    applicants, faults = hold_mailboxes(roster.export.file, heading, roster.applicants, firm=firm or FirmMailboxes(), different=different)
    return replace(roster, applicants=applicants, faults=(*roster.faults, *faults))


def _read(path: Path, limits: ReadLimits, file: VacancyFile | None, join: Path | None = None) -> Roster:
    grid, place = _with_header(path, limits, file)
    grid, join_faults = _with_joined(grid, place, join, limits, file)
    columns, faults = map_columns(grid, place, file.columns if file else {})
    rows, repeated = _under_header(grid, place)
    twins = sheet_twins(grid, place, path, limits) if file and not file.sheet else []
    nothing_to_read = [*missing_columns(columns, grid.file), *([] if rows else [_zero_rows(grid, columns)])]
    if nothing_to_read:
        raise InputRefused([*faults, *nothing_to_read, *twins, *join_faults])
    rows, project_faults = rows_of_project(grid.file, columns, rows, file.project if file else "")
    sha256 = export_digest(path, join)
    facts = ExportFacts(grid.file, grid.sheet, columns.header_row, len(rows), grid.encoding, grid.delimiter, sha256)
    before = (
        *faults,
        *twins,
        *join_faults,
        *project_faults,
        *repeated,
        *shape_faults(grid, columns, rows, blank_settled=file is not None and "" in file.statuses),
    )
    width = len(grid.rows[place].cells) if grid.delimiter else None
    reader = RowReader(grid.file, columns, rows, settled=file.statuses if file else {}, width=width)
    return _settled(reader, facts, columns, file, before)


def _settled(reader: RowReader, facts: ExportFacts, columns: ColumnMap, file: VacancyFile | None, faults: Sequence[Fault]) -> Roster:
    """The roster of rows that were read: ids told apart, histories and people made one, whoever is doubtful held."""
    read, unreadable, row_faults = reader.all()
    statuses = _status_words(reader)
    rows, earlier = _without_history(read)
    applicants, doubled_ids = told_apart(rows)
    applicants, same = merge_same(applicants, file.people.same if file else ())
    applicants, people_faults = hold_doubled(
        facts.file,
        applicants,
        cells={row.applicant.row: row.cells for row in read},
        projects={row.applicant.row: row.project for row in read},
        different=file.people.different if file else (),
    )
    applicants, unread = hold_unread(
        facts.file, columns, applicants, cells={row.applicant.row: row.cells for row in read},
        meaning=reader.meaning, ignored=file.ignore if file else (),
    )  # fmt: skip
    if any(fault.code == "column-ambiguous" and fault.severity is Severity.ERROR for fault in faults):
        applicants = tuple(replace(each, held=(*each.held, "column-ambiguous")) for each in applicants)
    unreadable = _with_own_ids(unreadable, {each.id for each in applicants} | {each.id for each in same})
    more = (
        *faults, *word_faults(facts.file, statuses), *blank_statuses(facts.file, columns, applicants), *row_faults,
        *id_faults(facts.file, columns.mapped.get("applicant_id"), doubled_ids), *people_faults, *unread,
    )  # fmt: skip
    merged = (*same, *earlier)
    if file:
        ids = [each.id for group in (applicants, unreadable, merged) for each in group]
        received = None if _of_several(faults) else file.received
        more += (
            *received_fault(facts.file, received, facts.rows - len(earlier)),
            *late_applications(facts.file, applicants, file.deadline),
        )
        more += unknown_ids(ids, _ids_named(file))
    return Roster(facts, columns, statuses, applicants, unreadable, merged, more)


def _ids_named(file: VacancyFile) -> dict[str, tuple[str, ...]]:
    """The ids vacancy.toml speaks of, by the place where they stand."""
    return {
        "people.same": sum(file.people.same, ()),
        "people.different": sum(file.people.different, ()),
        "leave_out": tuple(file.leave_out),
        "finalists": file.finalists,
        "reserve": file.reserve,
    }


def _of_several(faults: Sequence[Fault]) -> bool:
    """True where the rows are of several vacancies: the count of one of them says nothing about them."""
    return any(fault.code == "project-several" for fault in faults)


def export_digest(path: Path, join: Path | None) -> str:
    """The SHA-256 of the export, and of the file joined to it where there is one."""
    return hashlib.sha256(path.read_bytes() + (join.read_bytes() if join else b"")).hexdigest()


def _with_joined(grid: Grid, place: int, join: Path | None, limits: ReadLimits, file: VacancyFile | None) -> tuple[Grid, tuple[Fault, ...]]:
    """The grid with the columns of the second file, where vacancy.toml names one."""
    if join is None or file is None or file.join is None:
        return grid, ()
    second = read_grid(join, limits, sheet=file.join.sheet)
    second_place = header_place(second, (*file.columns.values(), *file.join.on))
    if second_place is None:
        raise InputRefused([_no_header(second)])
    wide, faults = joined(grid, place, second, second_place, on=file.join.on)
    return wide, (*sheet_faults(replace(second, other_sheets=()) if file.join.sheet else second), *faults)


def _with_header(path: Path, limits: ReadLimits, file: VacancyFile | None) -> tuple[Grid, int]:
    """The sheet with the applicants and the place of its header: the fullest sheet, else the first other one that has a header."""
    chosen = tuple(file.columns.values()) if file else ()
    grid = read_grid(path, limits, sheet=file.sheet if file else "")
    place = header_place(grid, chosen)
    others = () if file and file.sheet else grid.other_sheets
    for sheet in others if place is None else ():
        other = read_grid(path, limits, sheet=sheet)
        place = header_place(other, chosen)
        if place is not None:
            rest = tuple(name for name in (grid.sheet, *others) if name != sheet)
            return replace(other, other_sheets=rest), place
    if place is None:
        raise InputRefused([_no_header(grid)])
    return grid, place


def _under_header(grid: Grid, place: int) -> tuple[tuple[GridRow, ...], tuple[Fault, ...]]:
    """The rows under the header, without those in which the header stands again (a new page, a new section)."""
    header, below = [folded(cell) for cell in grid.rows[place].cells], grid.rows[place + 1 :]
    again = [row.number for row in below if _folds_to(header, row.cells)]
    if not again:
        return below, ()
    fault = Fault(
        file=grid.file,
        row=again[0],
        code="header-repeated",
        severity=Severity.WARNING,
        found=f"the header again in {len(again)} rows",
        expected="applicants; these rows are not counted",
        do="Look whether the sections belong to one vacancy.",
    )
    return tuple(row for row in below if row.number not in set(again)), (fault,)


def _folds_to(header: Sequence[str], cells: Sequence[str]) -> bool:
    return len(cells) == len(header) and all(folded(cell) == head for cell, head in zip(cells, header, strict=True))


def _no_header(grid: Grid) -> Fault:
    return Fault(
        file=grid.file,
        row=grid.rows[0].number,
        code="header-missing",
        found="no row with headings that are known",
        expected="a row with headings such as Navn, E-mail, Status",
        do="Export it with headings, or name yours in vacancy.toml under [columns].",
    )


def _zero_rows(grid: Grid, columns: ColumnMap) -> Fault:
    return Fault(
        file=grid.file,
        row=columns.header_row,
        code="rows-zero",
        found="no rows under the header",
        expected="one row for each applicant",
        do="Check filters in the recruiting system, and export again.",
    )


def _status_words(reader: RowReader) -> tuple[StatusWord, ...]:
    found = []
    for field, heading, counts in reader.word_counts():
        for text, number in sorted(counts.items(), key=lambda item: -item[1]):
            meaning = reader.meaning(text)
            # A word of "rejected after" tells how far; the column itself tells how it ended.
            outcome = meaning.outcome if field in ("stage", "status") else None
            if text:
                found.append(StatusWord(text, heading, number, meaning.reached, outcome, meaning.source, meaning.held))
    return tuple(found)


def _without_history(read: Sequence[ReadRow]) -> tuple[tuple[ReadRow, ...], tuple[MergedRow, ...]]:
    """The rows with each application's earlier statuses folded into its last, and the rows that were folded."""
    groups = histories(read)
    standing = {group[0].row: group[0] for group in groups}
    earlier = tuple(MergedRow(each.row, f"{each.id}-row-{each.row}", group[0].id, "history") for group in groups for each in group[1:])
    gone = {each.row for each in earlier}
    kept = (replace(row, applicant=standing.get(row.applicant.row, row.applicant)) for row in read if row.applicant.row not in gone)
    return tuple(kept), earlier


def _with_own_ids(unreadable: Sequence[UnreadableRow], taken: set[str]) -> tuple[UnreadableRow, ...]:
    counts = Counter(each.id for each in unreadable)
    return tuple(
        each if counts[each.id] == 1 and each.id not in taken else replace(each, id=f"{each.id}-row-{each.row}") for each in unreadable
    )
