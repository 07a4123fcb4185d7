"""Exports written for one test, in the forms recruiting systems give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flows.roster.roster import Roster, read_export, read_roster
from flows.roster.spreadsheet import ReadLimits
from flows.roster.vacancy_reader import load_vacancy

VACANCY = """
title = "Projektleder"
deadline = 2026-10-30
export = "applicants.csv"
[contact]
name = "Mette Sørensen"
phone = "+45 97 00 00 01"
email = "mette@nordvest.example"
"""


@pytest.fixture
def csv_roster(tmp_path: Path) -> Callable[[str], Roster]:
    """Reads a bare csv export with the given text."""

    def read(text: str) -> Roster:
        path = tmp_path / "applicants.csv"
        path.write_text(text, "utf-8")
        return read_export(path, ReadLimits())

    return read


@pytest.fixture
def vacancy_roster(tmp_path: Path) -> Callable[..., Roster]:
    """Reads a csv export with a vacancy.toml; `more` is added to it, `top` goes before its sections."""

    def read(text: str, more: str = "", *, top: str = "") -> Roster:
        (tmp_path / "applicants.csv").write_text(text, "utf-8")
        (tmp_path / "vacancy.toml").write_text(f"{top}\n{VACANCY}\n{more}", "utf-8")
        (tmp_path / "organisation.toml").write_text('name = "Nordvest Energi A/S"\naddress = ["Havnegade 4", "7600 Struer"]\n', "utf-8")
        return read_roster(load_vacancy(tmp_path), ReadLimits())

    return read


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[[Sequence[Sequence[Any]]], Path]:
    """Writes an xlsx with the given rows."""

    def write(rows: Sequence[Sequence[Any]]) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(list(row))
        path = tmp_path / "applicants.xlsx"
        book.save(path)
        return path

    return write
