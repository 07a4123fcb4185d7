"""Everything that is held on one person, in every vacancy (right of access, GDPR article 15)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from flows.auditing import all_vacancies
from flows.dossier import ERASED, Dossier, read_dossier
from flows.roster.applicant import Applicant
from flows.roster.columns import header_place
from flows.roster.faults import CommandRefused, SvarError
from flows.roster.names import clean
from flows.roster.spreadsheet import Grid, read_grid
from flows.settings import Settings


def held_on(query: str, settings: Settings) -> dict[str, Any]:
    """What is held on everybody whose name, e-mail, telephone or id is `query`, whole; and the vacancies that could not be read."""
    found: list[dict[str, Any]] = []
    unread: list[str] = []
    for folder in all_vacancies(settings):
        if (settings.output_folder(folder) / ERASED).exists():
            continue  # nothing is held there any longer
        try:
            dossier = read_dossier(folder, settings)
        except SvarError:
            unread.append(folder.name)
            continue
        found += [_held(each, dossier, settings) for each in dossier.applicants if _is(each, query)]
    return {"query": query, "found": found, "unread_vacancies": unread}


def collect(told: dict[str, Any], to: Path) -> None:
    """Everything in one folder: held.json and a copy of each paper. Raises CommandRefused when the folder is there already."""
    if to.exists():
        raise CommandRefused(f"{to}: found something of that name, expected a new folder.")
    to.mkdir(parents=True, mode=0o700)
    for each in told["found"]:
        folder = to / each["vacancy"]
        folder.mkdir(mode=0o700, exist_ok=True)
        for path in map(Path, each["papers"]):
            if path.is_file():
                target = folder / f"{path.parent.name} {path.name}"
                shutil.copyfile(path, target)
                target.chmod(0o600)
    held = to / "held.json"
    held.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    held.chmod(0o600)


def _is(applicant: Applicant, query: str) -> bool:
    wanted = clean(query).casefold()
    digits = "".join(letter for letter in wanted if letter.isdigit())
    numbers = {"".join(letter for letter in phone if letter.isdigit())[-8:] for phone in applicant.phones}
    told = {applicant.id, applicant.name.full, *applicant.emails}
    return wanted in {clean(each).casefold() for each in told} or (len(digits) >= 8 and digits[-8:] in numbers)


def _held(applicant: Applicant, dossier: Dossier, settings: Settings) -> dict[str, Any]:
    vacancy, told = dossier.vacancy, dossier.histories.get(applicant.id)
    entry = next(each for each in dossier.book().entries if each.id == applicant.id)
    papers = [path for made in dossier.manifest.made if made.id == applicant.id for path in (made.docx, made.pdf, made.eml) if path]
    sheets = {vacancy.file.export: _rows(vacancy.export_path, settings, (applicant.row, *applicant.merged_rows))}
    if vacancy.interviews_path:
        sheets[vacancy.file.interviews] = _rows_of_id(vacancy.interviews_path, settings, applicant.id)
    if vacancy.join_path and vacancy.file.join:
        sheets[vacancy.file.join.export] = _rows_of_id(vacancy.join_path, settings, applicant.id)
    events = [{"at": event.at, "what": event.what.value, **event.details} for event in told.events] if told else []
    return {
        "vacancy": vacancy.name,
        "id": applicant.id,
        "name": applicant.name.full,
        "reached": applicant.stage.reached.value,
        "outcome": applicant.stage.outcome.value,
        "answer_due": dossier.found.due[applicant.id].due.value,
        "state": entry.state.value if entry.state else "open",
        "in_files": sheets,
        "papers": [str(dossier.out / path) for path in papers],
        "events": events,
    }


def _grid(path: Path, settings: Settings) -> tuple[Grid, int]:
    grid = read_grid(path, settings.read_limits, own=True)
    return grid, header_place(grid, ()) or 0


def _rows(path: Path, settings: Settings, numbers: tuple[int, ...]) -> list[dict[str, str]]:
    grid, place = _grid(path, settings)
    return [_told(grid, place, row.cells) for row in grid.rows if row.number in numbers]


def _rows_of_id(path: Path, settings: Settings, id: str) -> list[dict[str, str]]:
    grid, place = _grid(path, settings)
    return [_told(grid, place, row.cells) for row in grid.rows[place + 1 :] if id in row.cells]


def _told(grid: Grid, place: int, cells: tuple[str, ...]) -> dict[str, str]:
    headings = grid.rows[place].cells
    return {heading or f"column {at + 1}": cell for at, (heading, cell) in enumerate(zip(headings, cells, strict=False)) if cell.strip()}
