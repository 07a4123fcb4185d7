"""Who is one person: rows of the same vacancy compared; what looks like one person is held, never merged by a guess."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from typing import TypeVar

from flows.roster.applicant import Applicant

Item = TypeVar("Item")


def same_name(name: str) -> str:
    """The name for comparing: NFC and NFD, å and aa, case and blanks make no difference."""
    text = unicodedata.normalize("NFC", name).casefold().replace("å", "aa").replace("ø", "oe").replace("æ", "ae")
    stripped = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", stripped).strip()


def same_address(address: str) -> str:
    """The mailbox for comparing: case and a +tag make no difference."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def doubled(applicants: Iterable[Applicant], *, different: Iterable[Iterable[str]] = ()) -> tuple[tuple[str, ...], ...]:
    """Groups of ids that look like one person: one mailbox and names that do not speak against it, or one name and one telephone.

    A mailbox shared by people of different names (a family) is not one person; a name alone never is.
    `different` are ids that a person has said are not one.
    """
    apart = {frozenset(pair) for group in different for pair in _pairs(tuple(group))}
    by_key: dict[tuple[str, str], list[Applicant]] = defaultdict(list)
    for each in applicants:
        name = same_name(each.name.full)
        for address in {same_address(address) for address in each.emails}:
            by_key[("mail", f"{name} {address}")].append(each)
            by_key[("mailbox", address)].append(each)
        for phone in set(each.phones):
            by_key[("phone", f"{name} {phone}")].append(each)
    links: dict[str, str] = {}
    for (kind, _), group in by_key.items():
        for one, other in _pairs(tuple(group)):
            if frozenset((one.id, other.id)) in apart or (kind == "mailbox" and not _akin(one, other)):
                continue
            links[_root(links, one.id)] = _root(links, other.id)
    groups: dict[str, list[str]] = defaultdict(list)
    for each in by_key_order(by_key):
        if each in links or each in links.values():
            groups[_root(links, each)].append(each)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def by_key_order(by_key: Mapping[tuple[str, str], list[Applicant]]) -> list[str]:
    """All ids, in the order of the rows."""
    seen = {each.id: each.row for group in by_key.values() for each in group}
    return sorted(seen, key=lambda id: seen[id])


def _akin(one: Applicant, other: Applicant) -> bool:
    """True when two names on one mailbox may be one person's: all words of the shorter stand in the longer."""
    names = sorted((set(same_name(one.name.full).split()), set(same_name(other.name.full).split())), key=len)
    return bool(names[0]) and names[0] <= names[1]


def _root(links: Mapping[str, str], id: str) -> str:
    while id in links and links[id] != id:
        id = links[id]
    return id


def _pairs(group: tuple[Item, ...]) -> list[tuple[Item, Item]]:
    """All pairs of a group; of a very large one the neighbours, which link it as well."""
    return list(combinations(group, 2)) if len(group) <= 30 else list(pairwise(group))
