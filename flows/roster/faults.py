"""Faults in people's data (values) and the errors of the program (exceptions).

A fault never stops the other rows; it is collected, counted and shown with all the others.
The exceptions form one tree:

    SvarError                 something stopped the run; the message says what to do next (exit 3)
    ├─ CommandRefused         what was asked for cannot be done, and nothing was written (exit 2)
    └─ InputRefused           the input cannot be worked on; carries every fault found (exit 2)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a fault weighs."""

    ERROR = "error"  # the row (or the file) cannot get its answer before somebody acts
    WARNING = "warning"  # the answer is made; a person should look


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in people's data, with its place.

    `row` is the number a person sees in the spreadsheet, None for a fault of the whole file.
    `found` is None wherever the value itself may be personal and is not needed to find the place.
    """

    file: str
    code: str
    expected: str
    row: int | None = None
    column: str | None = None
    severity: Severity = Severity.ERROR
    found: str | None = None
    do: str = ""  # what the person does about it, imperative

    @property
    def place(self) -> str:
        """File, row and column as a person reads them: `applicants.xlsx row 14, column "E-mail"`."""
        place = self.file
        if self.row is not None:
            place += f" row {self.row}"
        if self.column is not None:
            place += f', column "{self.column}"'
        return place

    def __str__(self) -> str:
        found = f"found {self.found!r}, " if self.found is not None else ""
        do = f" {self.do}" if self.do else ""
        return f"{self.place}: {found}expected {self.expected}.{do}"


class SvarError(Exception):
    """The run stopped; the message says where, what was found, what was expected and what to do."""


class CommandRefused(SvarError):
    """What was asked for cannot be done, and nothing was written; the message says why and what to do."""


class TurnTaken(CommandRefused):
    """Somebody else is at the same work now; this command did nothing."""


class LedgerLost(SvarError):
    """The ledger is gone or cannot be read; `code` and `place` are how the audit names it."""

    def __init__(self, words: str, code: str, place: str) -> None:
        super().__init__(words)
        self.code, self.place = code, place


class InputRefused(SvarError):
    """The input cannot be worked on and nothing was written; `faults` holds all that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.place}: {fault.code}" for fault in self.faults))
