"""Workbooks for people to fill in or to read: typed cells, drop-downs, a help line, no formula ever. The only home of both libraries.

XlsxWriter writes new ones, as Microsoft's Open XML SDK wants them; openpyxl adds rows to one that people have filled in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet as FilledSheet

Value = str | int | float | date | None
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_767  # characters a cell holds
_SPARE_ROWS = 200  # rows under the last one that the drop-downs cover
_DAY, _MINUTE = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"


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


class _Styles:
    """How the cells of a workbook look."""

    def __init__(self, book: Workbook) -> None:
        wrapped = {"text_wrap": True, "valign": "top"}
        self.heading: Format = book.add_format(wrapped | {"bold": True, "bg_color": "#E5E7EB"})
        self.help: Format = book.add_format(wrapped | {"italic": True, "font_color": "#4B5563"})
        self.text: Format = book.add_format(wrapped)
        self.day: Format = book.add_format({"num_format": _DAY})
        self.minute: Format = book.add_format({"num_format": _MINUTE})


def workbook_bytes(*sheets: Sheet) -> bytes:
    """The .xlsx with these sheets. Text is text whatever it begins with; numbers and dates keep their type."""
    packed = io.BytesIO()
    with Workbook(packed, {"in_memory": True}) as book:  # no temporary file: there are people in here
        styles = _Styles(book)
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.title[:31]), sheet, styles)
    return packed.getvalue()


def _fill(sheet: Worksheet, told: Sheet, styles: _Styles) -> None:
    _write_words(sheet, 0, [column.heading for column in told.columns], styles.heading)
    helped = any(column.help for column in told.columns)
    if helped:
        _write_words(sheet, 1, [column.help for column in told.columns], styles.help)
    first = 2 if helped else 1
    for number, row in enumerate(told.rows, start=first):
        for place, value in enumerate(row):
            _write(sheet, (number, place), value, styles)
    for place, column in enumerate(told.columns):
        sheet.set_column(place, place, column.width)
        if column.choices:
            offered = {"validate": "list", "source": list(column.choices)}
            sheet.data_validation(first, place, first + len(told.rows) + _SPARE_ROWS, place, offered)
    sheet.freeze_panes(first, told.frozen_columns)
    if told.filters:
        sheet.autofilter(0, 0, max(first + len(told.rows) - 1, 0), len(told.columns) - 1)


def _write_words(sheet: Worksheet, row: int, words: Sequence[str], style: Format) -> None:
    for place, word in enumerate(words):
        sheet.write_string(row, place, _clean(word), style)


def _write(sheet: Worksheet, at: tuple[int, int], value: Value, styles: _Styles) -> None:
    match value:
        case None:
            pass
        case str():
            sheet.write_string(*at, _clean(value), styles.text)
        case datetime():  # without a time zone: a cell holds none
            sheet.write_datetime(*at, value, styles.minute)
        case date():
            sheet.write_datetime(*at, value, styles.day)
        case _:
            sheet.write_number(*at, value)


def _clean(text: str) -> str:
    """The text without the characters that break the file, no longer than a cell."""
    return _NOT_IN_XML.sub("", text)[:_LONGEST]


def with_more_rows(path: Path, rows: Sequence[Sequence[Value]]) -> bytes:
    """The first sheet of an existing workbook with rows added under its last; everything else as it was."""
    from openpyxl import load_workbook  # takes as long to load as all else of a closing's workbooks to write

    book = load_workbook(path)
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, start=_last_row(sheet) + 1):
        for place, value in enumerate(row, start=1):
            _add(sheet, (number, place), value)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _last_row(sheet: FilledSheet) -> int:
    filled = [
        number for number, row in enumerate(sheet.iter_rows(values_only=True), start=1) if any(cell not in (None, "") for cell in row)
    ]
    return filled[-1] if filled else 0


def _add(sheet: FilledSheet, at: tuple[int, int], value: Value) -> None:
    from openpyxl.cell.cell import Cell
    from openpyxl.styles import Alignment

    cell = sheet.cell(*at)
    assert isinstance(cell, Cell)  # nothing is merged under the last row
    if isinstance(value, str):
        cell.value, cell.data_type = _clean(value), "s"  # never a formula
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif value is not None:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = _MINUTE if isinstance(value, datetime) else _DAY
