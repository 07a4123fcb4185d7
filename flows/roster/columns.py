"""Which column is which field: headings compared with what is known, ambiguity asked about, never tossed for."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.roster.faults import Fault, Severity
from flows.roster.spreadsheet import Grid

_NAME_FIELDS = ("name", "given_name", "family_name")
_LOOK_FOR_HEADER_ROWS = 30


def folded(words: str) -> str:
    """The words without case, blanks and punctuation, for comparing them whole."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words).casefold())


@cache
def known_headings() -> Mapping[str, tuple[str, ...]]:
    """Folded heading -> the fields it may mean."""
    found: dict[str, list[str]] = defaultdict(list)
    for field, headings in _data()["fields"].items():
        for heading in headings:
            found[folded(heading)].append(field)
    return {heading: tuple(fields) for heading, fields in found.items()}


@cache
def field_names() -> tuple[str, ...]:
    """All fields a column can be."""
    return tuple(_data()["fields"])


@cache
def sensitive_headings() -> frozenset[str]:
    return frozenset(folded(heading) for heading in _data()["sensitive"]["headings"])


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The header of an export: which heading serves which field, and which serve none."""

    header_row: int
    headings: tuple[str, ...]
    at: Mapping[str, int]  # field -> column position, counted from 0
    unused: tuple[str, ...]
    sensitive: tuple[str, ...]

    @property
    def mapped(self) -> dict[str, str]:
        """Field -> heading."""
        return {field: self.headings[place] for field, place in self.at.items()}

    def heading(self, field: str) -> str:
        return self.headings[self.at[field]]


def header_place(grid: Grid, chosen: Iterable[str]) -> int | None:
    """Position in `grid.rows` of the header row: the one of the first thirty with most known headings; None where there is none."""
    known = known_headings()
    wanted = {folded(heading) for heading in chosen}
    scores = []
    for place, row in enumerate(grid.rows[:_LOOK_FOR_HEADER_ROWS]):
        texts = {folded(cell) for cell in row.cells if cell.strip()}
        scores.append((sum(text in known or text in wanted or text in sensitive_headings() for text in texts), -place))
    best = max(scores, default=(0, 0))
    return -best[1] if best[0] >= 2 or (best[0] == 1 and len(grid.rows) > 1 and _only_cell_known(grid, -best[1])) else None


def _only_cell_known(grid: Grid, place: int) -> bool:
    return sum(bool(cell.strip()) for cell in grid.rows[place].cells) == 1


def map_columns(grid: Grid, place: int, chosen: Mapping[str, str]) -> tuple[ColumnMap, tuple[Fault, ...]]:
    """The columns of the header row at `place`. `chosen` is [columns] of vacancy.toml and overrides what is known."""
    headings = tuple(_heading(cell) for cell in grid.rows[place].cells)
    row = grid.rows[place].number
    at, faults = _chosen(grid.file, headings, chosen)
    candidates: dict[str, list[int]] = defaultdict(list)
    for position, heading in enumerate(headings):
        if heading and position not in at.values():
            for field in known_headings().get(folded(heading), ()):
                candidates[field].append(position)
    for field, places in candidates.items():
        if field in at:
            continue
        filled = [position for position in places if _filled(grid, place, position)] or places[:1]
        if len(filled) > 1 and len({_values(grid, place, position) for position in filled}) > 1:
            faults.append(_ambiguous(grid.file, row, field, [headings[position] for position in filled]))
        at[field] = filled[0]
    used = set(at.values())
    others = [heading for position, heading in enumerate(headings) if heading and position not in used]
    sensitive = tuple(heading for heading in others if folded(heading) in sensitive_headings())
    unused = tuple(heading for heading in others if heading not in sensitive)
    order = {field: number for number, field in enumerate(field_names())}
    columns = ColumnMap(row, headings, dict(sorted(at.items(), key=lambda item: order[item[0]])), unused, sensitive)
    return columns, tuple(faults)


def _heading(cell: str) -> str:
    text = " ".join(cell.split())
    return "" if text.strip("*") == "EndOfHeader" else text


def _chosen(file: str, headings: tuple[str, ...], chosen: Mapping[str, str]) -> tuple[dict[str, int], list[Fault]]:
    at, faults = {}, []
    for field, heading in chosen.items():
        places = [position for position, each in enumerate(headings) if folded(each) == folded(heading)]
        if places:
            at[field] = places[0]
        else:
            faults.append(
                Fault(file="vacancy.toml", column=f"columns.{field}", code="column-missing", found=heading, expected=f"a heading of {file}", do="Correct it.")
            )
    return at, faults


def _filled(grid: Grid, place: int, position: int) -> bool:
    return any(position < len(row.cells) and row.cells[position].strip() for row in grid.rows[place + 1 :])


def _values(grid: Grid, place: int, position: int) -> tuple[str, ...]:
    return tuple(row.cells[position].strip() if position < len(row.cells) else "" for row in grid.rows[place + 1 :])


def _ambiguous(file: str, row: int, field: str, headings: list[str]) -> Fault:
    names = " / ".join(headings)
    return Fault(
        file=file, row=row, column=headings[0], severity=Severity.WARNING, code="column-ambiguous", found=names,
        expected=f"one column for {field}; the first is used", do=f'Say which one in vacancy.toml: [columns] {field} = "...".',
    )


def missing_columns(columns: ColumnMap, file: str) -> tuple[Fault, ...]:
    """The faults of a header that lacks what every closing needs: a name."""
    if any(field in columns.at for field in _NAME_FIELDS):
        return ()
    return (
        Fault(
            file=file, row=columns.header_row, code="name-column-missing", found=", ".join(filter(None, columns.headings))[:200],
            expected="a column with the applicants' names (Fornavn, Efternavn, Navn ...)", do='Name it in vacancy.toml: [columns] name = "...".',
        ),
    )
