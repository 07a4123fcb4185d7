"""Which rows belong to the vacancy, where an export holds several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from flows.roster.columns import ColumnMap
from flows.roster.faults import Fault, Severity
from flows.roster.folding import folded
from flows.roster.spreadsheet import GridRow


def rows_of_project(
    file: str, columns: ColumnMap, rows: tuple[GridRow, ...], project: str
) -> tuple[tuple[GridRow, ...], tuple[Fault, ...]]:
    """The rows of the project asked for; all, with a fault, when several stand in the file and none was named."""
    places = [at for field in ("project", "vacancy_title") for at in columns.places(field)]
    seen: Counter[str] = Counter()
    for at in places:
        counts = Counter(text for row in rows if (text := _cell(row, at)))
        seen |= counts
        if project and any(folded(text) == folded(project) for text in counts):
            return tuple(row for row in rows if folded(_cell(row, at)) == folded(project)), _without_project(
                file, columns.headings[at], rows, at
            )
        if len({folded(text) for text in counts}) > 1 and not project:
            return rows, (_several_projects(file, columns.headings[at], counts),)
    if project and places:
        fault = _several_projects(file, columns.headings[places[0]], seen)
        return rows, (
            replace(fault, code="project-missing", expected=f"project {project!r}, as vacancy.toml says", do="Correct `project`."),
        )
    return rows, ()


def _without_project(file: str, heading: str, rows: Sequence[GridRow], at: int) -> tuple[Fault, ...]:
    """A warning for rows that belong to no project: they are in no roster, and somebody should know."""
    blank = [row.number for row in rows if not _cell(row, at)]
    if not blank:
        return ()
    return (
        Fault(
            file=file,
            row=blank[0],
            column=heading,
            code="project-blank",
            severity=Severity.WARNING,
            found=f"{len(blank)} rows without a project",
            expected="a project in every row; these rows are left to no vacancy",
            do="Fill it in if they belong to this vacancy.",
        ),
    )


def _several_projects(file: str, heading: str, counts: Counter[str]) -> Fault:
    listed = ", ".join(f"{text} ({number} rows)" for text, number in counts.most_common(10))
    return Fault(
        file=file,
        column=heading,
        code="project-several",
        found=listed,
        expected="one vacancy",
        do='Say which in vacancy.toml: project = "...". Or, if that column is something else: [columns] vacancy_title = "", project = "".',
    )


def _cell(row: GridRow, at: int) -> str:
    return row.cells[at].strip() if at < len(row.cells) else ""
