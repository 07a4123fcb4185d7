"""Whose turn it is to work on a vacancy: one run at a time, so that a live run is never taken for a dead one.

The turn is a lock the operating system holds for a process: however that process ends, the turn is free again, and
there is no stale lock to take away. The lock is SQLite's own on a file without content: the same on every system, and
as good as the ledger itself.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def file_turn(file: Path) -> Iterator[bool]:
    """True: while inside, the turn is this process's alone. False: another has it. `file` is made. Raises sqlite3.Error when no lock can be had."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)) as lock:
        os.chmod(file, 0o600)
        yield _taken(lock)


def locks_hold(folder: Path) -> bool:
    """True when the folder's file system knows locks. Where it does not, every turn seems to be another's."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".lock-") as probe, file_turn(Path(probe) / "probe") as mine:
        return mine


def turn_file(ledger: Path, vacancy: str) -> Path:
    """Whose lock is the turn to send a vacancy's answers: a file beside the ledger."""
    return Path(f"{ledger.resolve()}-sending-{turn_number(vacancy):016x}")


def _taken(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def turn_number(vacancy: str) -> int:
    """A vacancy's number of 63 bits: the file's name, and the key of PostgreSQL's advisory lock."""
    return int.from_bytes(hashlib.sha256(vacancy.encode()).digest()[:8], "big") >> 1
