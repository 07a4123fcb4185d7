"""One person, one answer: rows a person has said are one are made one, and rows that look like it are held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flows.roster.applicant import Applicant, Outcome, Stage
from flows.roster.faults import Fault, Severity
from flows.roster.people import doubled
from flows.roster.statuses import furthest

# What decides when several rows are one person: whoever got the job or is still in process is never rejected.
_WEIGHT = (Outcome.HIRED, Outcome.IN_PROCESS, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A row that is the same application as another; `id` is the row's own, as it would stand alone."""

    row: int
    id: str
    into: str  # id of the row that stands
    why: str = "same-person"  # same-person: vacancy.toml says so; history: an earlier status of the same application


def merge_same(applicants: Sequence[Applicant], same: Iterable[Sequence[str]]) -> tuple[tuple[Applicant, ...], tuple[MergedRow, ...]]:
    """The applicants with each group of ids made one person, and the rows that went into another.

    The one who came furthest stands, with what the others add: addresses, rows, and how it ended.
    """
    standing = {each.id: each for each in applicants}
    merged = []
    for group in same:
        rows = [standing[id] for id in dict.fromkeys(group) if id in standing]
        if len(rows) < 2:
            continue
        one = _as_one(rows)
        for each in rows:
            del standing[each.id]
            if each.id != one.id:
                merged.append(MergedRow(each.row, each.id, one.id))
        standing[one.id] = one
    into = {each.id: each.into for each in merged}
    final = tuple(MergedRow(each.row, each.id, _last(into, each.into)) for each in merged)
    return tuple(sorted(standing.values(), key=lambda each: each.row)), final


def _last(into: Mapping[str, str], id: str) -> str:
    while id in into:
        id = into[id]
    return id


def _as_one(rows: Sequence[Applicant]) -> Applicant:
    steps = [each.stage.reached for each in rows]
    first = next(each for each in rows if each.stage.reached is furthest(steps))
    ends = {each.stage.outcome for each in rows}
    held = tuple(dict.fromkeys(code for each in rows for code in each.held))
    outcome = next((end for end in _WEIGHT if end in ends), Outcome.UNKNOWN if len(ends) > 1 else first.stage.outcome)
    if outcome is Outcome.UNKNOWN and len(ends) > 1 and Outcome.UNKNOWN not in ends:
        held = (*held, "status-conflict")
    others = [each for each in rows if each is not first]
    return replace(
        first, stage=Stage(first.stage.reached, outcome), held=held,
        emails=tuple({mail.casefold(): mail for each in (*others[::-1], first) for mail in each.emails[::-1]}.values())[::-1],
        phones=tuple(dict.fromkeys(phone for each in (first, *others) for phone in each.phones)),
        address=next((each.address for each in (first, *others) if each.address), ()),
        interviewed_on=max((each.interviewed_on for each in rows if each.interviewed_on), default=None),
        merged_rows=tuple(sorted({row for each in rows for row in each.merged_rows} | {each.row for each in others})),
    )  # fmt: skip


def hold_doubled(
    file: str,
    applicants: Sequence[Applicant],
    *,
    cells: Mapping[int, tuple[str, ...]],
    projects: Mapping[int, str],
    different: Iterable[Sequence[str]],
) -> tuple[tuple[Applicant, ...], tuple[Fault, ...]]:
    """The applicants, those held who look like one person within a project, and a fault for each such group.

    `cells` and `projects` are by row; rows alike in every cell are held whatever they say.
    """
    alike: dict[tuple[str, ...], list[Applicant]] = defaultdict(list)
    within: dict[str, list[Applicant]] = defaultdict(list)
    for each in applicants:
        alike[cells[each.row]].append(each)
        within[projects[each.row]].append(each)
    apart = [set(group) for group in different]
    groups = [
        ids for rows in alike.values() if len(ids := tuple(each.id for each in rows)) > 1 and not any(set(ids) <= group for group in apart)
    ]
    groups += [group for rows in within.values() for group in doubled(rows, different=different)]
    held = {id for group in groups for id in group}
    numbers = {each.id: each.row for each in applicants}
    distinct = [group for group in dict.fromkeys(groups) if not any(set(group) < set(other) for other in groups)]
    faults = tuple(_fault(file, group, [numbers[id] for id in group]) for group in distinct)
    return tuple(replace(each, held=(*each.held, "duplicate-person")) if each.id in held else each for each in applicants), faults


def _fault(file: str, group: Sequence[str], rows: Sequence[int]) -> Fault:
    ids = "[" + ", ".join(f'"{id}"' for id in group) + "]"
    return Fault(
        file=file,
        row=rows[0],
        code="duplicate-person",
        found=f"rows {', '.join(map(str, rows))} look like one person",
        expected="one row for each person; these are held",
        do=f"Say in vacancy.toml: [people] same = [{ids}] or different = [{ids}].",
    )


def unknown_ids(applicants: Iterable[str], told: Mapping[str, Iterable[str]]) -> tuple[Fault, ...]:
    """A fault for each id that vacancy.toml speaks of and the export does not have; `told` is key -> ids."""
    known = set(applicants)
    return tuple(
        Fault(
            file="vacancy.toml",
            column=key,
            severity=Severity.WARNING,
            code="id-unknown",
            found=id,
            expected="the id of an applicant of this export",
            do="Correct the id, or take the line out.",
        )
        for key, ids in told.items()
        for id in dict.fromkeys(ids)
        if id not in known
    )
