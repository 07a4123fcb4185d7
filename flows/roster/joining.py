"""A second export joined to the first: many systems give the addresses in another file than the statuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from flows.roster.faults import Fault, InputRefused, Severity
from flows.roster.folding import folded
from flows.roster.names import clean
from flows.roster.spreadsheet import Grid, GridRow

Key = tuple[str, ...]


def joined(first: Grid, place: int, second: Grid, second_place: int, *, on: Sequence[str]) -> tuple[Grid, tuple[Fault, ...]]:
    """The first grid with the second's further columns at its right, and what did not match.

    `place` and `second_place` are the positions of the header rows; `on` names the headings, the same in both files, that
    make a row one application. Rows without a partner stay as they are; an id that stands twice in the second file joins
    nobody. Raises InputRefused when a heading of `on` is in one file only.
    """
    keys = _key_places(first, place, on), _key_places(second, second_place, on)
    header = [folded(cell) for cell in first.rows[place].cells]
    new = [at for at, cell in enumerate(second.rows[second_place].cells) if cell.strip() and folded(cell) not in header]
    partners: dict[Key, list[GridRow]] = defaultdict(list)
    for row in second.rows[second_place + 1 :]:
        partners[_key(row, keys[1])].append(row)
    blank = _key(GridRow(0, ()), keys[1])
    width = len(header)
    rows: list[GridRow] = list(first.rows[: place + 1])
    rows[place] = _wider(rows[place], width, [second.rows[second_place].cells[at] for at in new])
    lonely: list[int] = []
    met: set[Key] = set()
    for row in first.rows[place + 1 :]:
        key = _key(row, keys[0])
        found = partners.get(key, []) if key != blank else []
        met.add(key)
        if len(found) == 1:
            row = _wider(row, width, [_cell(found[0], at) for at in new])
        elif not found:
            lonely.append(row.number)
        rows.append(row)
    faults = (
        *_lonely(first.file, second.file, lonely),
        *_doubled(second, {key: each for key, each in partners.items() if len(each) > 1}),
        *_orphans(second.file, first.file, [row.number for key, each in partners.items() if key not in met for row in each]),
    )
    return replace(first, rows=tuple(rows)), faults


def _key_places(grid: Grid, place: int, on: Sequence[str]) -> tuple[int, ...]:
    headings = [folded(cell) for cell in grid.rows[place].cells]
    missing = [heading for heading in on if folded(heading) not in headings]
    if missing:
        found = ", ".join(filter(None, grid.rows[place].cells))[:200]
        raise InputRefused(
            Fault(
                file=grid.file,
                row=grid.rows[place].number,
                code="join-column-missing",
                found=found,
                expected=f"the heading {heading!r}, as [join] on in vacancy.toml says",
                do="Correct `on`: it names headings that stand in both files.",
            )
            for heading in missing
        )
    return tuple(headings.index(folded(heading)) for heading in on)


def _key(row: GridRow, places: Sequence[int]) -> Key:
    return tuple(clean(_cell(row, at)).casefold() for at in places)


def _cell(row: GridRow, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _wider(row: GridRow, width: int, cells: Sequence[str]) -> GridRow:
    return replace(row, cells=(*row.cells[:width], *[""] * (width - len(row.cells)), *cells))


def _numbers(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:10]))
    return f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} ({shown}{', ...' if len(rows) > 10 else ''})"


def _lonely(file: str, other: str, rows: Sequence[int]) -> list[Fault]:
    if not rows:
        return []
    return [
        Fault(
            file=file,
            row=rows[0],
            code="join-missing",
            severity=Severity.WARNING,
            found=f"{_numbers(rows)} without a partner",
            expected=f"a row with the same id in {other}",
            do=f"Export {other} again, with everybody in it; until then these rows stand alone.",
        )
    ]


def _orphans(file: str, other: str, rows: Sequence[int]) -> list[Fault]:
    if not rows:
        return []
    return [
        Fault(
            file=file,
            row=rows[0],
            code="join-orphan",
            severity=Severity.WARNING,
            found=f"{_numbers(rows)} of people {other} does not have",
            expected=f"ids that stand in {other}",
            do="Look whether both files are of the same vacancy and the same day.",
        )
    ]


def _doubled(second: Grid, groups: dict[Key, list[GridRow]]) -> list[Fault]:
    return [
        Fault(
            file=second.file,
            row=rows[0].number,
            code="join-doubled",
            found=f"one id in rows {', '.join(str(row.number) for row in rows[:10])}",
            expected="an id that stands once; nothing is taken from these rows",
            do="Take one of them out, or join on the project too: [join] on.",
        )
        for key, rows in groups.items()
        if any(key)
    ]
