"""Ids that stand once in a roster: the export's own, else a key made of what a row says; and one person's history made one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from flows.roster.applicant import Applicant, Name, Outcome, Stage
from flows.roster.faults import Fault
from flows.roster.people import same_address, same_name
from flows.roster.statuses import furthest


class Row(Protocol):
    """What is needed of a row that was read."""

    @property
    def applicant(self) -> Applicant: ...
    @property
    def given_id(self) -> bool: ...
    @property
    def project(self) -> str: ...
    @property
    def status_on(self) -> date | None: ...
    @property
    def cells(self) -> tuple[str, ...]: ...


def stable_id(name: Name, mails: tuple[str, ...], numbers: tuple[str, ...]) -> str:
    """A key for a row without an id: the same after sorting and exporting again; `k` and ten hexadecimal digits."""
    told = (same_name(name.full), *(same_address(mail) for mail in mails[:1]), *numbers[:1])
    return "k" + _digest(told)[:10]


def _digest(told: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()


def histories(rows: Sequence[Row]) -> tuple[tuple[Applicant, ...], ...]:
    """Groups of applicants that are one application with one row per change of its status, the standing one first.

    The same id, project and name, and a date of change in every row, no two alike: then the last by date counts for the
    outcome, and the furthest step for how far they came. Anything less certain is no history.
    """
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.given_id and row.status_on is not None:
            groups[row.applicant.id, row.project, same_name(row.applicant.name.full)].append(row)
    same_key: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        same_key[row.applicant.id, row.project] += 1
    return tuple(
        _history(group)
        for (id, project, _), group in groups.items()
        if len(group) > 1 and same_key[id, project] == len(group) == len({row.status_on for row in group})
    )


def _history(rows: Sequence[Row]) -> tuple[Applicant, ...]:
    inorder = [row.applicant for row in sorted(rows, key=lambda row: row.status_on or date.min, reverse=True)]
    last, *before = inorder
    known = all(each.stage.outcome is not Outcome.UNKNOWN for each in inorder)
    stage = Stage(furthest(each.stage.reached for each in inorder), last.stage.outcome if known else Outcome.UNKNOWN)
    interviewed = max((each.interviewed_on for each in inorder if each.interviewed_on), default=None)
    standing = replace(last, stage=stage, interviewed_on=interviewed, merged_rows=tuple(each.row for each in before))
    return standing, *before


def told_apart(rows: Sequence[Row]) -> tuple[tuple[Applicant, ...], tuple[Applicant, ...]]:
    """The applicants with ids that stand once, and those of them whose id in the export stands more than once."""
    by_id: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_id[row.applicant.id].append(row)
    ids: dict[int, str] = {}
    doubled: list[int] = []
    for id, group in by_id.items():
        if len(group) == 1:
            ids[group[0].applicant.row] = id
        elif not group[0].given_id:
            # Rows that say the same of a person: told apart by what else stands in them, so that sorting changes nothing.
            for number, row in enumerate(sorted(group, key=lambda row: (_digest(row.cells), row.applicant.row)), start=1):
                ids[row.applicant.row] = id if number == 1 else f"{id}-{number}"
        elif all(row.project for row in group) and len({row.project for row in group}) == len(group):
            ids |= {row.applicant.row: f"{id}-{row.project}" for row in group}  # one person, several vacancies in one file
        else:
            ids |= {row.applicant.row: f"{id}-row-{row.applicant.row}" for row in group}
            doubled += [row.applicant.row for row in group]
    ids = _once_each(ids)
    everyone = {row.applicant.row: replace(row.applicant, id=ids[row.applicant.row]) for row in rows}
    held = {number: replace(everyone[number], held=(*everyone[number].held, "id-duplicate")) for number in doubled}
    return tuple((everyone | held).values()), tuple(held.values())


def _once_each(ids: dict[int, str]) -> dict[int, str]:
    """The ids by row, each once, even where the export itself has an id that looks like one made here."""
    taken: set[str] = set()
    once = {}
    for number, id in ids.items():
        while id in taken:
            id += "-again"
        taken.add(id)
        once[number] = id
    return once


def id_faults(file: str, heading: str | None, doubled: Sequence[Applicant]) -> list[Fault]:
    """A fault for each row whose id stands more than once."""
    return [
        Fault(
            file=file,
            row=each.row,
            column=heading,
            code="id-duplicate",
            found=each.id.removesuffix(f"-row-{each.row}"),
            expected="an id that stands once; the row is held",
            do="Take one of the rows out of the export, or correct the id.",
        )
        for each in doubled
    ]
