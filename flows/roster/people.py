"""Who is one person: rows of the same vacancy compared; what looks like one person is held, never merged by a guess."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations, pairwise
from typing import TypeVar

from flows.roster.applicant import Applicant

Item = TypeVar("Item")

_NEARLY_SAME = 0.9  # a slip of the pen in a name of ten letters
_LARGE_GROUP = 30


def same_name(name: str) -> str:
    """The name for comparing: NFC and NFD, å and aa, case and blanks make no difference."""
    text = unicodedata.normalize("NFC", name).casefold().replace("å", "aa").replace("ø", "oe").replace("æ", "ae")
    if not text.isascii():
        text = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", text).strip()


def same_address(address: str) -> str:
    """The mailbox for comparing: case and a +tag make no difference."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def doubled(applicants: Iterable[Applicant], *, different: Iterable[Iterable[str]] = ()) -> tuple[tuple[str, ...], ...]:
    """Groups of ids that look like one person: one mailbox and names that do not speak against it, or one name and one telephone.

    A mailbox shared by people of different names (a family) is not one person; a name alone never is.
    `different` are ids that a person has said are not one.
    """
    everyone = sorted(applicants, key=lambda each: each.row)
    apart = {frozenset(pair) for group in different for pair in combinations(group, 2)}
    root = {each.id: each.id for each in everyone}
    for group in _sharing(everyone):
        for one, other in _pairs(group):
            if frozenset((one.id, other.id)) not in apart and _akin(one.name.full, other.name.full):
                root[_root(root, other.id)] = _root(root, one.id)
    groups: dict[str, list[str]] = defaultdict(list)
    for each in everyone:
        groups[_root(root, each.id)].append(each.id)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _sharing(everyone: Iterable[Applicant]) -> list[list[Applicant]]:
    """Those who share a mailbox, and those who share a name and a telephone."""
    by_key: dict[tuple[str, str], list[Applicant]] = defaultdict(list)
    for each in everyone:
        name = same_name(each.name.full)
        for address in {same_address(address) for address in each.emails}:
            by_key["", address].append(each)
            by_key[name, address].append(each)
        for phone in set(each.phones):
            by_key[name, phone].append(each)
    return [group for group in by_key.values() if len(group) > 1]


def _akin(one: str, other: str) -> bool:
    """True when two names on one mailbox may be one person's: words of one in the other, one given name, or nearly one spelling."""
    words, more = sorted((same_name(one).split(), same_name(other).split()), key=len)
    if not words:
        return False
    return set(words) <= set(more) or words[0] == more[0] or SequenceMatcher(None, "".join(words), "".join(more)).ratio() >= _NEARLY_SAME


def _root(root: Mapping[str, str], id: str) -> str:
    while root[id] != id:
        id = root[id]
    return id


def _pairs(group: Sequence[Item]) -> Iterable[tuple[Item, Item]]:
    """All pairs of a group; of a very large one (an agency's mailbox) the neighbours."""
    return combinations(group, 2) if len(group) <= _LARGE_GROUP else pairwise(group)
