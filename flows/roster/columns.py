"""Which column is which field: headings compared with what is known, ambiguity asked about, never tossed for."""

from __future__ import annotations

import difflib
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flows.roster.column_scores import best_columns
from flows.roster.faults import Fault, Severity
from flows.roster.folding import folded
from flows.roster.spreadsheet import Grid

_NAME_FIELDS = ("name", "given_name", "family_name")
# Fields that several columns may fill together: every address is used, every status word, reason and date is a signal.
_SEVERAL = frozenset(
    {"email", "email_2", "phone", "phone_2", "status", "stage", "stage_before", "rejected_after", "withdrew_after", "rejection_reason"}
    | {"withdrawal_reason", "phone_screen_date", "interview_1_date", "interview_2_date", "interview_3_date", "offer_date"}
    | {"hired_flag", "answered_mark", "project", "vacancy_title"}
)
# Fields nothing hangs on: the first of two columns is taken without a word. Ids are listed in columns.toml, the best first.
_LIGHT = frozenset({"applicant_id", "source", "internal", "consent", "status_date", "applied_date", "country", "language"})
_LOOK_FOR_HEADER_ROWS = 30


@cache
def known_headings() -> Mapping[str, tuple[str, ...]]:
    """Folded heading -> the fields it may mean."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, headings in _toml()["fields"].items():
        for heading in headings:
            found[folded(heading)].append(name)
    return {heading: tuple(names) for heading, names in found.items()}


@cache
def field_names() -> tuple[str, ...]:
    """All fields a column can be."""
    return tuple(_toml()["fields"])


@cache
def sensitive_headings() -> frozenset[str]:
    return frozenset(folded(heading) for heading in _toml()["sensitive"]["headings"])


@cache
def telling_headings() -> frozenset[str]:
    """Folded headings of columns that would give a person away: employer, school ..."""
    return frozenset(folded(heading) for heading in _toml()["telling"]["headings"])


@cache
def interview_words() -> frozenset[str]:
    """Words of a heading that speak of an interview, in small letters."""
    return frozenset(_toml()["interview"]["words"])


@cache
def _toml() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The header of an export: which heading serves which field, and which serve none."""

    header_row: int
    headings: tuple[str, ...]
    at: Mapping[str, int]  # field -> column position, counted from 0
    unused: tuple[str, ...]
    sensitive: tuple[str, ...]
    more: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # further columns of fields that several may fill

    @property
    def mapped(self) -> dict[str, str]:
        """Field -> heading."""
        return {name: self.headings[place] for name, place in self.at.items()}

    @property
    def telling(self) -> tuple[int, ...]:
        """Positions of the columns that would give a person away."""
        return tuple(at for at, heading in enumerate(self.headings) if folded(heading) in telling_headings())

    @property
    def unused_places(self) -> tuple[int, ...]:
        """Positions of the columns that serve no field and are not sensitive."""
        used = {*self.at.values(), *(at for places in self.more.values() for at in places)}
        return tuple(at for at, heading in enumerate(self.headings) if at not in used and heading in self.unused)

    def heading(self, name: str) -> str:
        return self.headings[self.at[name]]

    def places(self, name: str) -> tuple[int, ...]:
        """Positions of all columns that fill the field."""
        return (self.at[name], *self.more.get(name, ())) if name in self.at else ()


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
    at, faults = _chosen(grid.file, headings, chosen)
    more: dict[str, tuple[int, ...]] = {}
    for name, places in _candidates(headings, at).items():
        best, further = best_columns(grid, place, name, places, light=name in _LIGHT)
        at[name] = best
        more[name] = further
        if further and name not in _SEVERAL:
            faults.append(_ambiguous(grid.file, grid.rows[place].number, name, [headings[position] for position in (best, *further)]))
    at = {name: position for name, position in at.items() if position >= 0}
    used = {*at.values(), *(position for places in more.values() for position in places)}
    others = [heading for position, heading in enumerate(headings) if heading and position not in used]
    sensitive = tuple(heading for heading in others if folded(heading) in sensitive_headings())
    unused = tuple(heading for heading in others if heading not in sensitive)
    order = {name: number for number, name in enumerate(field_names())}
    ordered = dict(sorted(at.items(), key=lambda item: order[item[0]]))
    return ColumnMap(grid.rows[place].number, headings, ordered, unused, sensitive, more), tuple(faults)


def _candidates(headings: tuple[str, ...], chosen: Mapping[str, int]) -> dict[str, list[int]]:
    """Field -> positions of the columns that may fill it, the best known heading first; without those a person has chosen."""
    found: dict[str, list[int]] = defaultdict(list)
    for position, heading in enumerate(headings):
        if heading and position not in chosen.values():
            for name in known_headings().get(folded(heading), ()):
                if name not in chosen:
                    found[name].append(position)
    for name, positions in found.items():
        if name in _LIGHT:
            known = [folded(heading) for heading in _toml()["fields"][name]]
            found[name] = sorted(positions, key=lambda position, known=known: known.index(folded(headings[position])))  # type: ignore[misc]
    return found


def _heading(cell: str) -> str:
    text = " ".join(cell.split())
    return "" if text.strip("*") == "EndOfHeader" else text


def _chosen(file: str, headings: tuple[str, ...], chosen: Mapping[str, str]) -> tuple[dict[str, int], list[Fault]]:
    at: dict[str, int] = {}
    faults = []
    for name, heading in chosen.items():
        if not heading.strip():  # the person says: no column is this field
            at[name] = -1
            continue
        places = [position for position, each in enumerate(headings) if folded(each) == folded(heading)]
        if places:
            at[name] = places[0]
            continue
        near = difflib.get_close_matches(heading, [each for each in headings if each], n=1, cutoff=0.5)
        faults.append(
            Fault(
                file="vacancy.toml",
                column=f"columns.{name}",
                code="column-missing",
                found=heading,
                expected=f"a heading of {file}{f', perhaps {near[0]!r}' if near else ''}",
                do="Correct it.",
            )
        )
    return at, faults


def _ambiguous(file: str, row: int, name: str, headings: list[str]) -> Fault:
    """Two columns for one field. A wrong name is worse than a late letter, so that everybody is held until a person says which.

    Of an address only what both columns agree on is used: nobody gets a letter to a place that was guessed.
    """
    serious = name in _NAME_FIELDS
    return Fault(
        file=file,
        row=row,
        column=headings[0],
        severity=Severity.ERROR if serious else Severity.WARNING,
        code="column-ambiguous",
        found=" / ".join(headings),
        expected=f"one column for {name}; {'every row is held' if serious else 'nothing is taken from rows in which they differ'}",
        do=f'Say which one in vacancy.toml: [columns] {name} = "...".',
    )


def missing_columns(columns: ColumnMap, file: str) -> tuple[Fault, ...]:
    """The faults of a header that lacks what every closing needs: a name."""
    if any(name in columns.at for name in _NAME_FIELDS):
        return ()
    return (
        Fault(
            file=file,
            row=columns.header_row,
            code="name-column-missing",
            found=", ".join(filter(None, columns.headings))[:200],
            expected="a column with the applicants' names (Fornavn, Efternavn, Navn ...)",
            do='Name it in vacancy.toml: [columns] name = "...".',
        ),
    )
