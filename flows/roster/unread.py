"""Columns nobody has named that speak of an interview or of another end: the rows are held, the column is asked about.

The letter meant for the unread pile must not reach somebody who sat at the table, only because their system
calls the column something unheard of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from flows.roster.applicant import Applicant, Outcome, Reached, Stage
from flows.roster.columns import ColumnMap, interview_words
from flows.roster.dates import read_date
from flows.roster.faults import Fault
from flows.roster.folding import folded
from flows.roster.statuses import Meaning, furthest

CODE = "signal-unread"
_TICKED = frozenset({"ja", "yes", "x", "true", "sand", "1", "afholdt", "held", "done"})
_OWN_NO = (Outcome.WITHDREW, Outcome.DECLINED_OFFER)


def hold_unread(
    file: str, columns: ColumnMap, applicants: Sequence[Applicant], *, cells: Mapping[int, tuple[str, ...]],
    meaning: Callable[[str], Meaning], ignored: Iterable[str] = (),
) -> tuple[tuple[Applicant, ...], tuple[Fault, ...]]:  # fmt: skip
    """The applicants, those held whom an unused column contradicts, and one fault for each such column.

    `cells` is by row; `ignored` are headings a person has said mean nothing.
    """
    left_alone = {folded(heading) for heading in ignored}
    held: set[int] = set()
    faults = []
    for at in columns.unused_places:
        if folded(columns.headings[at]) in left_alone:
            continue
        rows = [each for each in applicants if _contradicts(columns.headings[at], _cell(cells[each.row], at), each.stage, meaning)]
        if rows:
            held |= {each.row for each in rows}
            faults.append(_fault(file, columns.headings[at], rows, _cell(cells[rows[0].row], at)))
    return tuple(replace(each, held=(*each.held, CODE)) if each.row in held else each for each in applicants), tuple(faults)


def _contradicts(heading: str, text: str, stage: Stage, meaning: Callable[[str], Meaning]) -> bool:
    """True where the cell says more than the row's stage does, of somebody who is to be rejected."""
    if stage.outcome is not Outcome.REJECTED or not text:
        return False
    said = meaning(text)
    if said.outcome in _OWN_NO or (said.reached is not None and furthest((said.reached, stage.reached)) is not stage.reached):
        return True
    interviewed = _speaks_of_interview(heading) and (read_date(text) is not None or folded(text) in _TICKED)
    return interviewed and stage.reached in (Reached.APPLICATION, Reached.PHONE_SCREEN)


@cache
def _speaks_of_interview(heading: str) -> bool:
    return any(word in interview_words() for word in re.findall(r"[^\W\d_]+", heading.casefold()))


def _fault(file: str, heading: str, rows: Sequence[Applicant], found: str) -> Fault:
    number = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    quoted = heading.replace("\\", "\\\\").replace('"', '\\"')
    return Fault(
        file=file,
        row=rows[0].row,
        column=heading,
        code=CODE,
        found=found[:80],
        expected=f"a column that is known, since it speaks of an interview, an offer or the applicant's own no; {number} held",
        do=f'Say in vacancy.toml what it is: [columns] stage_before = "{quoted}" (or interview_1_date, status ...); or ignore = ["{quoted}"].',
    )


def _cell(cells: tuple[str, ...], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""
