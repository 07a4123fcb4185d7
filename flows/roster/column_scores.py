"""Several columns that may fill one field: what stands in them decides, and where it does not, a person does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.roster.folding import folded
from flows.roster.spreadsheet import Grid

_CLEARLY = 0.75  # of the 3.5 that can be had: less is a question
_NAMES = frozenset({"name", "given_name", "middle_name", "family_name"})
_MAILBOXES = frozenset({"email", "email_2"})
_ENOUGH_ROWS = 3  # below, one value in every row may be chance
# Words of a heading that say it is about the applicant, in the languages of columns.toml.
_APPLICANT = re.compile(r"ans[øo]ger|kandidat|applicant|candidate|s[øo]ker|s[öo]kande|bewerber|person", re.IGNORECASE)


def best_columns(grid: Grid, place: int, field: str, places: Sequence[int], *, light: bool) -> tuple[int, tuple[int, ...]]:
    """The column for the field, and further ones that may as well be: none where one is clearly better.

    `place` is the header's position in `grid.rows`; `places` the candidates, at least one, the best known heading first.
    Of a light field, on which nothing hangs, the first filled one is taken.
    """
    values = {position: _values(grid, place, position) for position in places}
    filled = [position for position in places if any(values[position])] or list(places[:1])
    different = list({_alike(values[position], field): position for position in reversed(filled)}.values())[::-1]
    if light or len(different) == 1:
        return different[0], ()
    if field in _MAILBOXES:
        own = [position for position in different if not _of_the_house(values[position])] or different
        return own[0], tuple(own[1:])
    if field not in _NAMES:
        return different[0], tuple(different[1:])
    scores = {position: _score(grid.rows[place].cells[position], values[position]) for position in different}
    ranked = sorted(different, key=lambda position: -scores[position])
    near = [position for position in ranked[1:] if scores[ranked[0]] - scores[position] < _CLEARLY]
    return ranked[0], tuple(near)


def _values(grid: Grid, place: int, position: int) -> tuple[str, ...]:
    return tuple(row.cells[position].strip() if position < len(row.cells) else "" for row in grid.rows[place + 1 :])


def _alike(values: tuple[str, ...], field: str) -> tuple[str, ...]:
    """What is compared to find columns that say the same; names whatever the order of their words."""
    return tuple(" ".join(sorted(map(folded, text.split()))) for text in values) if field in _NAMES else values


def _score(heading: str, values: Sequence[str]) -> float:
    """How much a column looks like the applicants' names: filled in, words, not one person all over, said to be the applicant's."""
    texts = [text for text in values if text]
    if not texts:
        return 0.0
    words = sum(any(letter.isalpha() for letter in text) and not re.search(r"[@\d]", text) for text in texts) / len(texts)
    return len(texts) / len(values) + words + len(set(texts)) / len(texts) + 0.5 * bool(_APPLICANT.search(heading))


def _of_the_house(values: Sequence[str]) -> bool:
    """True for a mailbox that stands in every row: the recruiter's or the firm's, not the applicants'."""
    texts = [text.casefold() for text in values if text]
    return len(texts) >= _ENOUGH_ROWS and len(set(texts)) == 1
