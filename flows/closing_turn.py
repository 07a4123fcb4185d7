"""Whose turn it is to make or take away a vacancy's papers: a closing and an erasing never meet."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from flows.documents.shelf import private_folder
from flows.ledger.turn import file_turn, locks_hold, turn_number
from flows.roster.faults import SvarError, TurnTaken

_LOCKABLE = (
    "Expected a folder you may write in, on a disk of this machine or a network drive that knows locks, so that a second closing "
    "at the same time is noticed. Mend that, or set SVAR_OUTPUTS, then run the same command again."
)


@contextlib.contextmanager
def closing_turn(outputs: Path, vacancy: str) -> Iterator[None]:
    """While inside, no other run makes or erases this vacancy's papers. Raises TurnTaken when one does."""
    private_folder(outputs)
    with contextlib.ExitStack() as held:
        try:
            mine = held.enter_context(file_turn(outputs / f".closing-{turn_number(vacancy):016x}"))
            can_lock = mine or locks_hold(outputs)
        except (sqlite3.Error, OSError) as error:
            raise SvarError(f"{outputs} cannot be locked: {error}. {_LOCKABLE}") from error
        if not can_lock:
            raise SvarError(f"{outputs} cannot be locked: its file system knows no locks. {_LOCKABLE}")
        if not mine:
            raise TurnTaken(
                f"{vacancy}: another closing or erasing of this vacancy is running. This one changed nothing. Wait until that one has ended."
            )
        yield
