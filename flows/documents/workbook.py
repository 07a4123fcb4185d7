"""Workbooks for people to fill in or to read: typed cells, drop-downs, a help line, no formula ever. The only home of openpyxl."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | date | None
_LONGEST = 32_767  # characters a cell holds
_SPARE_ROWS = 200  # rows under the last one that the drop-downs cover


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: its heading, width in characters, help line and the choices of its drop-down."""

    heading: str
    width: int = 16
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write."""

    title: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    frozen_columns: int = 0  # columns that stay in sight
    filters: bool = False


def workbook_bytes(*sheets: Sheet) -> bytes:
    """The .xlsx with these sheets. Text is text whatever it begins with; numbers and dates keep their type."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title[:31]), sheet)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def with_more_rows(path: Path, rows: Sequence[Sequence[Value]]) -> bytes:
    """The first sheet of an existing workbook with rows added under its last; everything else as it was."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, start=_last_row(sheet) + 1):
        _write_row(sheet, number, row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _last_row(sheet: Worksheet) -> int:
    filled = [
        number for number, row in enumerate(sheet.iter_rows(values_only=True), start=1) if any(cell not in (None, "") for cell in row)
    ]
    return filled[-1] if filled else 0


def _fill(sheet: Worksheet, told: Sheet) -> None:
    _write_row(sheet, 1, [column.heading for column in told.columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E5E7EB")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    helped = any(column.help for column in told.columns)
    if helped:
        _write_row(sheet, 2, [column.help for column in told.columns])
        for cell in sheet[2]:
            cell.font = Font(italic=True, color="4B5563")
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    first = 3 if helped else 2
    for number, row in enumerate(told.rows, start=first):
        _write_row(sheet, number, row)
    for place, column in enumerate(told.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
        if column.choices:
            _offer(sheet, column.choices, get_column_letter(place), first, first + len(told.rows) + _SPARE_ROWS)
    sheet.freeze_panes = f"{get_column_letter(told.frozen_columns + 1)}{first}"
    if told.filters:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(told.columns))}{max(first + len(told.rows) - 1, 1)}"


def _offer(sheet: Worksheet, choices: tuple[str, ...], letter: str, first: int, last: int) -> None:
    listed = DataValidation(type="list", formula1='"' + ",".join(choices) + '"', allow_blank=True, showErrorMessage=True)
    sheet.add_data_validation(listed)
    listed.add(f"{letter}{first}:{letter}{last}")


def _write_row(sheet: Worksheet, number: int, values: Sequence[Value]) -> None:
    for place, value in enumerate(values, start=1):
        cell = sheet.cell(number, place)
        assert isinstance(cell, Cell)  # nothing is merged here
        if isinstance(value, str):
            _write_text(cell, value)
        elif value is not None:
            cell.value = value
            if isinstance(value, datetime):  # without a time zone: a cell holds none
                cell.number_format = "yyyy-mm-dd hh:mm"
            elif isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"


def _write_text(cell: Cell, text: str) -> None:
    """The text as text: never a formula, never a character that breaks the file."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST]
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
