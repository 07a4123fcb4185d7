from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flows.roster.faults import InputRefused
from flows.roster.spreadsheet import Grid, ReadLimits, read_grid


def read(path: Path) -> Grid:
    return read_grid(path, ReadLimits())


def xls(path: Path, sheets: dict[str, Sequence[tuple[int, bytes]]]) -> Path:
    """A workbook of Excel 97 with the given records in its sheets, in the smallest compound file that holds it."""

    def joined(records: Sequence[tuple[int, bytes]]) -> bytes:
        return b"".join(struct.pack("<HH", number, len(content)) + content for number, content in records)

    bodies = [joined([(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)), *records, (0x0A, b"")]) for records in sheets.values()]
    start = joined([(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))])
    place = len(start) + sum(4 + 8 + 2 * len(name) for name in sheets) + 4
    for name, body in zip(sheets, bodies, strict=True):
        start += joined([(0x85, struct.pack("<IHBB", place, 0, len(name), 1) + name.encode("utf-16-le"))])
        place += len(body)
    stream = start + joined([(0x0A, b"")]) + b"".join(bodies)
    stream = stream.ljust(4096, b"\0")
    assert len(stream) == 4096
    table = [*range(1, 8), 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFD, *[0xFFFFFFFF] * 118]  # sectors 0-7 the stream, 8 the folder, 9 this table

    def entry(name: str, kind: int, child: int, first: int, length: int) -> bytes:
        wide = (name + "\0").encode("utf-16-le") if name else b""
        links = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return wide.ljust(64, b"\0") + struct.pack("<H", len(wide)) + links + bytes(36) + struct.pack("<IQ", first, length)

    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 8, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<109I", 9, *[0xFFFFFFFF] * 108)
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 0, len(stream))
    path.write_bytes(head + stream + folder.ljust(512, b"\0") + struct.pack("<128I", *table))
    return path


def label(row: int, column: int, text: str) -> tuple[int, bytes]:
    return 0x204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")


def row_of_xls(row: int, *, hidden: bool) -> tuple[int, bytes]:
    return 0x208, struct.pack("<HHHHHHHH", row, 0, 1, 255, 0, 0, 0x20 if hidden else 0, 0)


def xlsb(path: Path, sheets: dict[str, Sequence[tuple[int, bytes]]]) -> Path:
    """A binary workbook with the given records in its sheets."""

    def varied(number: int) -> bytes:
        low, high = number & 0x7F, number >> 7
        return bytes([low | 0x80]) + varied(high) if high else bytes([low])

    def part(*records: tuple[int, bytes]) -> bytes:
        return b"".join(varied(number) + varied(len(content)) + content for number, content in records)

    links = "".join(
        f'<Relationship Id="rId{number}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/sheet{number}.bin"/>'
        for number, _ in enumerate(sheets, 1)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>',
        )
        bundles = [(156, struct.pack("<II", 0, number) + wide(f"rId{number}") + wide(name)) for number, name in enumerate(sheets, 1)]
        archive.writestr("xl/workbook.bin", part((131, b""), (143, b""), *bundles, (144, b""), (132, b"")))
        for number, records in enumerate(sheets.values(), 1):
            edges = struct.pack("<IIII", 0, 50, 0, 5)
            archive.writestr(
                f"xl/worksheets/sheet{number}.bin", part((129, b""), (148, edges), (145, b""), *records, (146, b""), (130, b""))
            )
    return path


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def text_of_xlsb(column: int, text: str) -> tuple[int, bytes]:
    return 6, struct.pack("<II", column, 0) + wide(text)


def row_of_xlsb(row: int, *, hidden: bool = False) -> tuple[int, bytes]:
    return 0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0x10 if hidden else 0, 0, 0)


def test_a_hidden_row_of_an_xls_is_read_and_told(tmp_path: Path) -> None:
    rows = [row_of_xls(0, hidden=False), row_of_xls(1, hidden=True), label(0, 0, "Navn"), label(1, 0, "Åse")]
    grid = read(xls(tmp_path / "a.xls", {"Ansøgere": rows}))
    assert [row.cells for row in grid.rows] == [("Navn",), ("Åse",)]
    assert grid.warnings == (("rows-hidden", "1 hidden rows"),)


def test_a_filter_of_an_xls_is_told(tmp_path: Path) -> None:
    grid = read(xls(tmp_path / "a.xls", {"A": [label(0, 0, "Navn"), (0x9B, b"")]}))
    assert grid.warnings == (("filter-active", "a filter that is on"),)


def test_an_error_in_an_xls_is_told(tmp_path: Path) -> None:
    error = 0x205, struct.pack("<HHHBB", 1, 0, 0, 0x2A, 1)
    grid = read(xls(tmp_path / "a.xls", {"A": [label(0, 0, "Navn"), error]}))
    assert grid.warnings == (("cells-error", "1 cells with an error such as #N/A"),)


def test_a_hidden_row_of_another_xls_sheet_is_not_told(tmp_path: Path) -> None:
    other = [row_of_xls(0, hidden=True), label(0, 0, "x")]
    assert read(xls(tmp_path / "a.xls", {"A": [label(0, 0, "Navn"), label(0, 1, "By")], "B": other})).warnings == ()


def test_a_hidden_row_of_an_xlsb_is_read_and_told(tmp_path: Path) -> None:
    rows = [row_of_xlsb(0), text_of_xlsb(0, "Navn"), row_of_xlsb(1, hidden=True), text_of_xlsb(0, "Åse")]
    grid = read(xlsb(tmp_path / "a.xlsb", {"Ansøgere": rows}))
    assert [row.cells for row in grid.rows] == [("Navn",), ("Åse",)]
    assert grid.warnings == (("rows-hidden", "1 hidden rows"),)


def test_a_filter_of_an_xlsb_is_told(tmp_path: Path) -> None:
    rows = [row_of_xlsb(0), text_of_xlsb(0, "Navn"), (163, struct.pack("<IH", 0, 0))]
    assert read(xlsb(tmp_path / "a.xlsb", {"A": rows})).warnings == (("filter-active", "a filter that is on"),)


@pytest.mark.parametrize("sheet", ["A", "B"])
def test_an_xlsb_with_cells_nobody_reads_is_refused(tmp_path: Path, sheet: str) -> None:
    # Cells without a column number (number 17: a text): calamine leaves them out without a word.
    sheets: dict[str, Sequence[tuple[int, bytes]]] = {"A": [row_of_xlsb(0), text_of_xlsb(0, "Navn")], "B": [row_of_xlsb(0)]}
    sheets[sheet] = [*sheets[sheet], (17, struct.pack("<I", 0) + wide("Åse"))]
    with pytest.raises(InputRefused) as refused:
        read(xlsb(tmp_path / "a.xlsb", sheets))
    assert [(fault.code, fault.found) for fault in refused.value.faults] == [("unreadable", "1 cells in a form that cannot be read")]


def test_an_error_in_an_xlsx_is_told(tmp_path: Path, workbook: Callable[[Sequence[Sequence[Any]]], Path]) -> None:
    path = workbook([["Navn", "E-mail"], ["Åse", "#N/A"]])
    grid = read(path)
    assert grid.rows[1].cells == ("Åse", "")
    assert grid.warnings == (("cells-error", "1 cells with an error such as #N/A"),)


def test_a_hidden_row_is_told_whatever_the_ending_says(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Navn"])
    book.worksheets[0].row_dimensions[1].hidden = True
    book.save(tmp_path / "a.xlsx")
    assert read((tmp_path / "a.xlsx").rename(tmp_path / "a.xls")).warnings == (("rows-hidden", "1 hidden rows"),)
