"""Any table of text, written as csv, xlsx or ods and read back, is the same."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from flows.roster.spreadsheet import Grid, ReadLimits, read_grid

# Letters, digits, signs and line breaks; control characters cannot stand in a workbook.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="\ufeff") | st.just("\n"), max_size=15
)
CELL = TEXT.filter(lambda text: text == text.strip()) | st.sampled_from(
    ["NA", "None", "007", "1E5", "=1+1", "2026-01-02", "true", '"', ";", "æøå"]
)
TABLE = st.integers(2, 4).flatmap(lambda width: st.lists(st.tuples(*[CELL] * width), min_size=2, max_size=6))
Table = list[tuple[str, ...]]


def seen(grid: Grid) -> Table:
    return [tuple(row.cells) for row in grid.rows]


def filled(rows: Table) -> Table:
    return [row for row in rows if any(cell.strip() for cell in row)]


def as_csv(rows: Table, encoding: str, delimiter: str) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    path = Path(tempfile.mkdtemp()) / "tabel.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_xlsx(rows: Table) -> Path:
    book = Workbook()
    assert book.active is not None
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            if text:
                book.active.cell(number, place).value = text
                book.active.cell(number, place).data_type = "s"
    path = Path(tempfile.mkdtemp()) / "tabel.xlsx"
    book.save(path)
    return path


def as_ods(rows: Table) -> Path:
    def cell(text: str) -> str:
        lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>' if text else "<table:table-cell/>"

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = f'<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="Ark1">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    path = Path(tempfile.mkdtemp()) / "tabel.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ";"), ("utf-8-sig", ","), ("utf-16", "\t")])
@given(rows=TABLE)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_table_in_a_csv_comes_back_as_it_was(encoding: str, delimiter: str, rows: Table) -> None:
    if filled(rows) and rows[0][0]:
        assert seen(read_grid(as_csv(rows, encoding, delimiter), ReadLimits())) == filled(rows)


@given(rows=TABLE)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_table_in_a_workbook_comes_back_as_it_was(rows: Table) -> None:
    if all(any(row) for row in rows):
        wide = max(place for row in rows for place, text in enumerate(row, start=1) if text)
        assert seen(read_grid(as_xlsx(rows), ReadLimits())) == [row[:wide] for row in rows]


def test_the_texts_pandas_would_harm_are_unharmed_in_an_ods() -> None:
    rows = [("Navn", "Id"), ("NA", "007"), ("None", "1E5"), ("Åse\nHolm", "=1+1")]
    assert seen(read_grid(as_ods(rows), ReadLimits())) == rows
