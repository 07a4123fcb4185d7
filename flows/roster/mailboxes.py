"""Mailboxes that are not the applicant's: one that stands for several people, and the firm's own. Their rows are held.

An answer to the recruiter or the agency answers nobody, and the book would say that everyone has been told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr

from flows.roster.applicant import Applicant
from flows.roster.faults import Fault
from flows.roster.people import same_address, same_name

_MORE_THAN_A_COUPLE = 3  # names on one mailbox: two are a family, three a question
_LISTED = 12  # ids in a line to copy; above, the line is told in words


@dataclass(frozen=True, slots=True)
class FirmMailboxes:
    """The firm's own addresses, as they are compared."""

    addresses: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *told: str) -> FirmMailboxes:
        """From what vacancy.toml and organisation.toml say: `HR <hr@firm>` or the bare address; blank ones are left out."""
        return cls(frozenset(same_address(address) for text in told if "@" in (address := parseaddr(text)[1])))


def hold_mailboxes(
    file: str, heading: str | None, applicants: Sequence[Applicant], *, firm: FirmMailboxes, different: Iterable[Sequence[str]]
) -> tuple[tuple[Applicant, ...], tuple[Fault, ...]]:
    """The applicants, those held who would be written to at somebody else's mailbox, and a fault for each such mailbox.

    `different` are ids a person has said are not one: people who are all in one such line may share a mailbox.
    """
    settled = [set(group) for group in different]
    sharing: dict[str, list[Applicant]] = defaultdict(list)
    for each in applicants:
        for address in each.emails[:1]:
            sharing[same_address(address)].append(each)
    codes: dict[int, str] = {}
    faults = []
    for address, people in sharing.items():
        ids = {each.id for each in people}
        if any(ids <= group for group in settled):
            continue
        code = "mailbox-of-firm" if address in firm.addresses else "mailbox-shared" if _are_many(people) else ""
        if code:
            codes |= {each.row: code for each in people}
            faults.append(_fault(file, heading, people, code))
    return _held(applicants, codes), tuple(faults)


def _are_many(people: Sequence[Applicant]) -> bool:
    return len(people) >= _MORE_THAN_A_COUPLE and len({same_name(each.name.full) for each in people}) >= _MORE_THAN_A_COUPLE


def _held(applicants: Sequence[Applicant], codes: Mapping[int, str]) -> tuple[Applicant, ...]:
    return tuple(replace(each, held=(*each.held, codes[each.row])) if each.row in codes else each for each in applicants)


def _fault(file: str, heading: str | None, people: Sequence[Applicant], code: str) -> Fault:
    rows = ", ".join(str(each.row) for each in people[:_LISTED]) + (", ..." if len(people) > _LISTED else "")
    ids = ", ".join(f'"{each.id}"' for each in people) if len(people) <= _LISTED else "their ids"
    found = f"one mailbox in {len(people)} rows: {rows}" if code == "mailbox-shared" else f"the firm's own mailbox: rows {rows}"
    return Fault(
        file=file,
        row=people[0].row,
        column=heading,
        code=code,
        found=found,
        expected="the applicant's own address; these are held",
        do=f'Name the right column in vacancy.toml: [columns] email = "..." ("" for none, then they are reached by post or telephone). '
        f"Is it theirs all the same: [people] different = [[{ids}]].",
    )
