"""The export as a grid of text, read in a child process with limits. The only home of pandas and calamine.

A workbook of a kilobyte can end its reader's process or ask for gigabytes, so reading never happens
in the process that decides. The child prints one JSON object; anything else is a refusal.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.roster.faults import Fault, InputRefused

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
TEXTS = frozenset({".csv", ".tsv", ".txt"})
# Libraries below pandas set memory aside for a thread of every processor; a machine with many would break the limit by that alone.
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What the reader of one file may use."""

    megabytes: int = 1500  # memory
    seconds: int = 60
    file_megabytes: int = 200


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row with the number a person sees in the spreadsheet."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as text, the way the person sees it; rows that are blank throughout are left out."""

    file: str
    sheet: str
    rows: tuple[GridRow, ...]
    encoding: str | None = None
    delimiter: str | None = None
    other_sheets: tuple[str, ...] = ()  # further sheets with something in them
    warnings: tuple[tuple[str, str], ...] = ()  # code and what was found: hidden sheets, hidden rows, a filter that is on


def read_grid(path: Path, limits: ReadLimits, *, sheet: str = "", own: bool = False) -> Grid:
    """The sheet named, else the one that holds most. Raises InputRefused when nothing can be read, always with the reason.

    `own`: a workbook Svar made and people filled in, small enough to be read sooner than pandas is loaded.
    """
    if not path.is_file():
        raise _refused(path, "file-missing", "no such file", "the export named in vacancy.toml", "Put the file there, or correct its name.")
    size = path.stat().st_size
    if size == 0:
        raise _refused(path, "file-empty", "0 bytes", "an export with rows", "Export it again.")
    if size > limits.file_megabytes * 2**20:
        raise _refused(path, "file-too-large", f"{size // 2**20} MB", f"at most {limits.file_megabytes} MB", "Export this vacancy alone.")
    if path.suffix.casefold() not in WORKBOOKS | TEXTS:
        raise _refused(path, "file-type", path.suffix or "no ending", "xlsx, xls, xlsb, ods or csv", "Export it in one of these forms.")
    told = _told_by_child(path, limits, sheet, own)
    if "refused" in told:
        code, found = told["refused"]
        expected, do = _REFUSALS.get(code, _REFUSALS["unreadable"])
        raise _refused(path, code, found, expected, do)
    rows = tuple(GridRow(number, tuple(cells)) for number, cells in told["rows"])
    if not rows:
        raise _refused(path, "rows-zero", "no rows", "a header row and applicants", "Check the file, or save it as .xlsx again.")
    warnings = tuple((code, found) for code, found in told["warnings"])
    return Grid(path.name, told["sheet"], rows, told["encoding"], told["delimiter"], tuple(told["other_sheets"]), warnings)


_REFUSALS = {
    "encrypted": ("a workbook without a password", "Open it in Excel, remove the password and save it."),
    "unreadable": ("a workbook or csv that can be opened", "Open it in Excel and save it as .xlsx, or export it again."),
    "quote-unclosed": ("quotation marks in pairs", "Correct that row, or export as .xlsx."),
    "sheet-missing": ("a sheet of that name", "Correct `sheet` in vacancy.toml."),
}


def _refused(path: Path, code: str, found: str, expected: str, do: str) -> InputRefused:
    return InputRefused([Fault(file=path.name, code=code, found=found, expected=expected, do=do)])


def ready_reader() -> None:
    """A child process loads what reading a workbook takes; the next one is its. For a command that will read, while its own program is loaded."""
    with contextlib.suppress(OSError):  # without it everything goes as well, only later
        _ready.append(_started("--ready"))


def begin_reading(path: Path, limits: ReadLimits, *, own: bool = False) -> None:
    """A child process begins to read; `read_grid` waits for it. For a caller that has other things to do meanwhile."""
    if path.is_file() and path.suffix.casefold() in WORKBOOKS | TEXTS and 0 < path.stat().st_size <= limits.file_megabytes * 2**20:
        _begun[path] = _child(path, limits, "", own)


_ready: list[subprocess.Popen[bytes]] = []
_begun: dict[Path, subprocess.Popen[bytes]] = {}


@atexit.register
def _stop_reading() -> None:
    """Nobody waits any more for what was begun and not asked for."""
    for child in (*_ready, *_begun.values()):
        child.kill()


def _started(*flags: str) -> subprocess.Popen[bytes]:
    reader = str(Path(__file__).with_name("sheet_reader.py"))
    command = [sys.executable, "-I", reader, *flags]
    one_thread = dict.fromkeys(_THREADS, "1")
    return subprocess.Popen(command, env=os.environ | one_thread, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _child(path: Path, limits: ReadLimits, sheet: str, own: bool) -> subprocess.Popen[bytes]:
    if path.suffix.casefold() in TEXTS:
        while _ready:  # pandas is not needed: nothing is to wait for it, or give it a processor
            _ready.pop().kill()
    child = _ready.pop() if _ready and not own else _started()
    if child.poll() is not None:  # it ended while it waited: no fault of the file
        child = _started()
    assert child.stdin is not None
    named = os.fsencode(path).decode("latin-1")  # its very bytes, whatever either side takes them for
    order = {"file": named, "sheet": sheet, "megabytes": limits.megabytes, "seconds": limits.seconds, "own": own}
    with contextlib.suppress(OSError):  # one that has died says nothing, and that is told where it is waited for
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.flush()
    return child


def _told_by_child(path: Path, limits: ReadLimits, sheet: str, own: bool) -> dict[str, Any]:
    child = (_begun.pop(path, None) if not sheet else None) or _child(path, limits, sheet, own)
    try:
        with child:
            try:
                said, _ = child.communicate(timeout=limits.seconds + 5)
            finally:
                child.kill()  # one that has ended is left as it is
        told: dict[str, Any] = json.loads(said)
    except subprocess.TimeoutExpired:
        return {"refused": ["unreadable", f"more than {limits.seconds} s of reading"]}
    except ValueError:
        return {"refused": ["unreadable", f"the reader gave up (exit {child.returncode})"]}
    return told
