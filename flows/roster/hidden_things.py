"""What a sheet does not show on the screen, or its reader passes over: hidden rows, a filter, formulas and cells without a value.

Run by sheet_reader.py in the child process. Imports nothing of Svar.
"""

from __future__ import annotations

import html
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*\shidden="(?:1|true)"')
_ODS_ROW = re.compile(rb'<table:table-row\b(?=[^>]*table:visibility="(?:collapse|filter)")(?:[^>]*rows-repeated="(\d+)")?')
_FILTER = re.compile(rb"<(?:\w+:)?filterColumn\b|<table:filter\b")
_BLANK_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*>[^<]*</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)")
_ERROR = re.compile(rb'<(?:\w+:)?c\b[^>]*\st="e"|<table:table-cell\b[^>]*calcext:value-type="error"')


def hidden_things(path: Path, sheet: str) -> list[tuple[str, str]]:
    """Code and what was found, for everything of the sheet a person may not see; `cells-unread` where cells could not be read."""
    counts = _counts(path, sheet)
    found = [
        ("cells-unread", f"{counts['unread']} cells in a form that cannot be read"),
        ("rows-hidden", f"{counts['rows']} hidden rows"),
        ("filter-active", "a filter that is on"),
        ("formulas-blank", f"{counts['formulas']} formulas without a value"),
        ("cells-error", f"{counts['errors']} cells with an error such as #N/A"),
    ]
    keys = ("unread", "rows", "filter", "formulas", "errors")
    return [each for each, key in zip(found, keys, strict=True) if counts[key]]


def _counts(path: Path, sheet: str) -> Counter[str]:
    if not zipfile.is_zipfile(path):
        return _in_xls(path.read_bytes(), sheet)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "content.xml" in names:
            return _in_xml(_ods_sheet(archive.read("content.xml"), sheet))
        if "xl/workbook.bin" in names:
            return _in_xlsb(archive, sheet)
        return _in_xml(_xlsx_sheet(archive, sheet))


def _in_xml(xml: bytes) -> Counter[str]:
    rows = len(_ROW.findall(xml)) + sum(int(more or 1) for more in _ODS_ROW.findall(xml))
    return Counter(rows=rows, filter=len(_FILTER.findall(xml)), formulas=len(_BLANK_FORMULA.findall(xml)), errors=len(_ERROR.findall(xml)))


def _ods_sheet(content: bytes, sheet: str) -> bytes:
    start = content.find(b'table:name="' + html.escape(sheet).encode() + b'"')
    return content[start : content.find(b"</table:table>", start)] + b"".join(re.findall(rb"<table:filter\b.*?>", content))


def _xlsx_sheet(archive: zipfile.ZipFile, sheet: str) -> bytes:
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        if html.unescape(_attribute(tag, "name")) == sheet:
            return _part(archive, "xl/_rels/workbook.xml.rels", _attribute(tag, r"\w+:id"))
    return b""


def _part(archive: zipfile.ZipFile, links: str, wanted: str) -> bytes:
    """The part of the workbook that a link leads to."""
    tags = re.findall(r"<Relationship\s[^>]*>", archive.read(links).decode("utf-8", "replace"))
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in tags}
    return archive.read("xl/" + targets[wanted].removeprefix("/xl/").removeprefix("xl/"))


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\s{name}=[\"']([^\"']*)[\"']", tag)
    return found[1] if found else ""


# xlsb: numbers of records from the published description of the format, [MS-XLSB].
_XLSB_ROW, _XLSB_SHEET, _XLSB_FILTER = 0, 156, 163
_XLSB_ERRORS = frozenset({3, 11})
_XLSB_SHORT = range(13, 20)  # cells without a column number, which calamine passes over; 12 is a blank one


def _in_xlsb(archive: zipfile.ZipFile, sheet: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for kind, book in _xlsb_records(archive.read("xl/workbook.bin")):
        if kind != _XLSB_SHEET:
            continue
        link, name = _wide_texts(book[8:], number=2)
        for number, content in _xlsb_records(_part(archive, "xl/_rels/workbook.bin.rels", link)) if link else ():
            counts["unread"] += number in _XLSB_SHORT  # of any sheet: the one with the applicants might seem empty
            if name == sheet:
                counts["rows"] += number == _XLSB_ROW and bool(content[11] & 0x10)
                counts["filter"] += number == _XLSB_FILTER
                counts["errors"] += number in _XLSB_ERRORS
    return counts


def _xlsb_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each record; number and length are written seven bits a byte."""
    at = 0

    def number(most: int) -> int:
        nonlocal at
        value = 0
        for place in range(most):
            byte = content[at]
            at += 1
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                break
        return value

    while at < len(content):
        kind, length = number(2), number(4)
        yield kind, content[at : at + length]
        at += length


def _wide_texts(content: bytes, *, number: int) -> list[str]:
    texts = []
    for _ in range(number):
        end = 4 + 2 * int.from_bytes(content[:4], "little")
        texts.append(content[4:end].decode("utf-16-le"))
        content = content[end:]
    return texts


# xls: numbers of records from [MS-XLS]; the file is a file system of its own, described in [MS-CFB].
_XLS_SHEET, _XLS_ROW, _XLS_FILTER, _XLS_ERROR = 0x85, 0x208, 0x9B, 0x205
_XLS_FORMULAS = frozenset({0x06, 0x206, 0x406})
_XLS_START, _XLS_END, _XLS_VERSION_8 = frozenset({0x809, 0x409, 0x209, 0x09}), 0x0A, 0x0600


def _in_xls(content: bytes, sheet: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    stream = _workbook_stream(content) if content.startswith(_OLE) else content
    depth, inside, wide = 0, False, True
    starts = []
    for at, number, record in _xls_records(stream):
        if number in _XLS_START:
            if not at:
                wide = int.from_bytes(record[:2], "little") == _XLS_VERSION_8
            inside = inside or at in starts
            depth += 1
        elif number == _XLS_END:
            depth -= 1
            inside = inside and depth > 0
        elif number == _XLS_SHEET and _xls_name(record[6:], wide) == sheet:
            starts.append(int.from_bytes(record[:4], "little"))
        elif inside:
            counts["rows"] += number == _XLS_ROW and bool(record[12] & 0x20)
            counts["filter"] += number == _XLS_FILTER
            counts["errors"] += number == _XLS_ERROR and record[7] == 1
            counts["errors"] += number in _XLS_FORMULAS and record[12:14] == b"\xff\xff" and record[6] == 2
    return counts


def _xls_name(text: bytes, wide: bool) -> str:
    if not wide:
        return text[1 : 1 + text[0]].decode("cp1252", "replace")
    return text[2 : 2 + 2 * text[0]].decode("utf-16-le") if text[1] & 1 else text[2 : 2 + text[0]].decode("latin-1")


def _xls_records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, number and content of each record."""
    at = 0
    while at + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, at)
        yield at, number, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _workbook_stream(content: bytes) -> bytes:
    """The stream with the workbook; empty for one so small that it lies among the short streams."""
    size = 1 << int.from_bytes(content[30:32], "little")

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    places = list(struct.unpack_from("<109I", content, 76))
    further = int.from_bytes(content[68:72], "little")
    while further < 0xFFFFFFFC and len(places) * size < 4 * len(content) + 4 * size:
        *more, further = struct.unpack(f"<{size // 4}I", sector(further))
        places += more
    table = [each for place in places if place < 0xFFFFFFFC for each in struct.unpack(f"<{size // 4}I", sector(place))]

    def chain(number: int) -> bytes:
        parts: list[bytes] = []
        while number < len(table) and len(parts) <= len(table):
            parts.append(sector(number))
            number = table[number]
        return b"".join(parts)

    folder = chain(int.from_bytes(content[48:52], "little"))
    for at in range(0, len(folder), 128):
        name = folder[at : at + max(folder[at + 64] - 2, 0)].decode("utf-16-le", "replace")
        length = int.from_bytes(folder[at + 120 : at + 124], "little")
        if name.casefold() in {"workbook", "book"} and length >= 4096:
            return chain(int.from_bytes(folder[at + 116 : at + 120], "little"))[:length]
    return b""
