"""Run as a script in a child process: reads one order, prints the grid of its file as JSON. Imports nothing of Svar.

usage: python -I sheet_reader.py [--ready] <<< '{"file": "...", "sheet": "", "megabytes": 1500, "seconds": 60, "own": false}'
With --ready what reads workbooks is loaded before the order comes.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import json
import os
import runpy
import sys
import zipfile
from pathlib import Path
from typing import Any

_DELIMITERS = ";,\t|"
_END = "svar: end of text"  # put after the last record: a quotation mark left open swallows it
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


class Refused(Exception):
    """Code and what was found."""

    def __init__(self, code: str, found: str) -> None:
        self.code, self.found = code, found
        super().__init__(code)


def main(file: str, sheet: str, megabytes: int, seconds: int, own: bool) -> None:
    """`file` holds the bytes of the path. Prints one JSON object: sheet, rows, encoding, delimiter, other_sheets, warnings; or refused: [code, found]."""
    _limit(megabytes, seconds)
    path = Path(os.fsdecode(file.encode("latin-1")))
    try:
        told = _text(path) if path.suffix.casefold() in {".csv", ".tsv", ".txt"} else _workbook(path, sheet, own)
    except Refused as refused:
        told = {"refused": [refused.code, refused.found]}
    except MemoryError:
        told = {"refused": ["unreadable", f"needs more than {megabytes} MB of memory"]}
    except BaseException as error:  # noqa: BLE001  # whatever a broken file provokes is a refusal, with its kind; calamine's panics are no Exception
        told = {"refused": ["unreadable", f"a broken or unusual file ({type(error).__name__})"]}
    sys.stdout.write(json.dumps(told))  # in one piece: writing each part by itself takes ten times as long


def _limit(megabytes: int, seconds: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limits on Windows; the wall clock still holds
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _workbook(path: Path, wanted: str, own: bool) -> dict[str, Any]:
    _refuse_foreign(path)
    try:
        opened = _opened_alone(path) if own else _opened(path)
    except Exception:  # raised on, unless it is a password
        _refuse_password(path)
        raise
    with opened as book:
        hidden = {sheet.name for sheet in book.sheets_metadata if _word(sheet.visible) != "Visible"}
        there = [sheet.name for sheet in book.sheets_metadata if _word(sheet.typ) == "WorkSheet"]  # others hold charts
        if wanted and wanted not in there:
            raise Refused("sheet-missing", ", ".join(there))
        names = [wanted] if wanted else there
        sheets = {name: _rows(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names}
    filled = {name: rows for name, rows in sheets.items() if rows}
    told: dict[str, Any] = {"sheet": "", "rows": [], "encoding": None, "delimiter": None, "other_sheets": [], "warnings": []}
    if not filled:
        return told
    # What the person can see comes before what is hidden, then what holds most.
    best = max(filled, key=lambda name: (name not in hidden, sum(bool(cell.strip()) for _, cells in filled[name] for cell in cells)))
    others = [name for name in filled if name != best]
    warnings = _warnings(path, best, hidden, others)
    if unread := [found for code, found in warnings if code == "cells-unread"]:
        raise Refused("unreadable", unread[0])
    return told | {"sheet": best, "rows": filled[best], "other_sheets": others, "warnings": warnings}


def _word(value: object) -> str:
    """The name of one of calamine's values: `SheetTypeEnum.WorkSheet` is `WorkSheet`."""
    return str(value).rpartition(".")[2]


def _opened(path: Path) -> contextlib.AbstractContextManager[Any]:
    import pandas

    opened = pandas.ExcelFile(path, engine="calamine")
    return contextlib.closing(opened.book)


def _opened_alone(path: Path) -> contextlib.AbstractContextManager[Any]:
    """The same by calamine alone, which takes a tenth of the time to load."""
    import python_calamine

    return contextlib.closing(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes())))


def _refuse_password(path: Path) -> None:
    """Raises Refused for an xls with a password: calamine knows one only when it opens the file itself, which pandas does not let it."""
    import python_calamine

    try:
        python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError as error:
        raise Refused("encrypted", "a workbook with a password") from error
    except python_calamine.CalamineError:
        return


def _warnings(path: Path, sheet: str, hidden: set[str], others: list[str]) -> list[list[str]]:
    """Code and what was found, for everything a person may not see on the screen."""
    look = runpy.run_path(str(Path(__file__).with_name("hidden_things.py")))["hidden_things"]
    warnings = [["sheet-hidden", name] for name in (sheet, *others) if name in hidden]
    with contextlib.suppress(Exception):  # the rows are read; a look that fails at what hides them is no reason to refuse
        warnings += [list(found) for found in look(path, sheet)]
    return warnings


def _refuse_foreign(path: Path) -> None:
    head = path.read_bytes()[:8]
    if head == _OLE and b"E\0n\0c\0r\0y\0p\0t\0e\0d" in path.read_bytes():
        raise Refused("encrypted", "a workbook with a password")
    if head[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise Refused("encrypted", "an encrypted file")
            if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise Refused("encrypted", "a document with a password")
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > 2**28 and unpacked > 200 * path.stat().st_size:
                raise Refused("unreadable", f"a file of {path.stat().st_size // 2**10} kB that unpacks to {unpacked // 2**20} MB")
    elif head != _OLE and not head.startswith(b"\x09"):
        raise Refused("unreadable", f"{_markup(path.read_bytes()) or 'a file that is no workbook'}, whatever its ending says")


def _markup(content: bytes) -> str:
    """What a file is that recruiting systems give another ending: a web page or an XML spreadsheet; empty for others."""
    start = content[:2000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return "an XML spreadsheet of Excel 2003"
    return "a web page" if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")) else ""


def _rows(grid: list[list[Any]]) -> list[list[Any]]:
    rows = []
    for number, cells in enumerate(grid, start=1):
        texts = [_seen(cell) for cell in cells]
        if any(text.strip() for text in texts):
            rows.append([number, texts])
    return rows


def _seen(cell: Any) -> str:
    """The cell as the person sees it."""
    if isinstance(cell, str):
        return cell.replace("\0", "")
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, datetime.time):
        return cell.isoformat(timespec="minutes" if not cell.second else "seconds")
    return str(cell)


def _text(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    if content[:4] == b"PK\x03\x04" or content[:8] == _OLE or content[:4] == b"%PDF":
        raise Refused("unreadable", "a file that is no csv, whatever its ending says")
    if markup := _markup(content):
        raise Refused("unreadable", f"{markup}, whatever its ending says")
    text, encoding = _decoded(content)
    if "\0" in text:
        raise Refused("unreadable", "bytes that are not text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = ""
    first, _, rest = text.partition("\n")
    if first.strip('"').casefold().startswith("sep=") and len(first.strip('"')) == 5:
        delimiter, text = first.strip('"')[4], rest  # spreadsheet programs do not show this line, so it is not counted
    delimiter = delimiter or _delimiter(text)
    csv.field_size_limit(2**24)
    records = list(csv.reader(io.StringIO(f"{text}\n{_END}"), delimiter=delimiter))
    if records.pop() != [_END]:
        raise Refused("quote-unclosed", f"a quotation mark in row {len(records) + 1} that is never closed")
    rows = [[number, cells] for number, cells in enumerate(records, start=1) if any(cell.strip() for cell in cells)]
    warnings = [["file-cut", f"row {len(records)} breaks off"]] if _breaks_off(text, records) else []
    if not encoding.startswith("utf") and not any(letter in text for letter in _TELLING.get(encoding, "")):
        warnings.append(["encoding-guessed", f"letters that look like {encoding}, and nothing that proves it"])
    return {"sheet": "", "rows": rows, "encoding": encoding, "delimiter": delimiter, "other_sheets": [], "warnings": warnings}


def _breaks_off(text: str, records: list[list[str]]) -> bool:
    """True where the last line has no end, and fewer cells than all others: an export that was not written to its end."""
    widths = {len(cells) for cells in records[:-1] if cells}
    return not text.endswith("\n") and len(records) > 2 and len(widths) == 1 and len(records[-1]) < max(widths)


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding), encoding
    sample = content[:4000]
    if sample.count(b"\0") > len(sample) / 4:
        encoding = "utf-16-le" if sample[1::2].count(b"\0") > sample[::2].count(b"\0") else "utf-16-be"
        return content.decode(encoding), encoding
    with contextlib.suppress(UnicodeDecodeError):
        return content.decode("utf-8"), "utf-8"
    return _one_byte(content)


# Letters that tell the encodings of Windows, old Macs and DOS apart: bytes that hardly mean anything else in the two others.
_TELLING = {"cp1252": "æøåÆØÅ", "mac_roman": "æøåÆØ", "cp850": "øå"}
_NORDIC = frozenset("æøåÆØÅäöÄÖéüß")


def _one_byte(content: bytes) -> tuple[str, str]:
    """The encoding with most telling letters; without any, Windows unless an old Mac's gives fewer letters that are not Nordic.

    Bytes that are no text in Windows either are told apart by charset-normalizer.
    """
    texts = {}
    for encoding in _TELLING:
        with contextlib.suppress(UnicodeDecodeError):
            texts[encoding] = content.decode(encoding)
    telling = {encoding: sum(map(text.count, _TELLING[encoding])) for encoding, text in texts.items()}
    best = max(telling, key=lambda encoding: telling[encoding])
    if telling[best]:
        return texts[best], best
    if "cp1252" in texts:
        odd = {
            encoding: sum(ord(letter) > 127 and letter not in _NORDIC for letter in texts[encoding]) for encoding in ("cp1252", "mac_roman")
        }
        best = min(odd, key=lambda encoding: odd[encoding])
        return texts[best], best
    from charset_normalizer import from_bytes

    guess = from_bytes(content).best()
    if guess is None:
        raise Refused("unreadable", "bytes in no known encoding")
    return str(guess), guess.encoding


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first records into the most, and equally many, cells."""
    scores = {}
    for candidate in _DELIMITERS:
        try:
            records = [cells for _, cells in zip(range(20), csv.reader(io.StringIO(text), delimiter=candidate), strict=False) if cells]
        except csv.Error:
            continue
        widths = [len(cells) for cells in records]
        whole = not any(cell.count('"') % 2 for cells in records for cell in cells)  # a wrong delimiter cuts quoted texts in two
        common = max(set(widths), key=widths.count, default=1)
        scores[candidate] = (common > 1, widths.count(common) / max(len(widths), 1), common, whole)
    return max(scores, key=lambda candidate: scores[candidate]) if scores and any(score[0] for score in scores.values()) else ";"


if __name__ == "__main__":
    if "--ready" in sys.argv[1:]:
        import pandas  # noqa: F401  # what takes longest; none of it is asked of a file
    if order := sys.stdin.readline():  # none: whoever wanted to read has changed its mind
        main(**json.loads(order))
