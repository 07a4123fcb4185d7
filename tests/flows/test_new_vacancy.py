"""A vacancy's beginning: the folder from an export, the interviewers' sheet, the to-do list."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from openpyxl import load_workbook

from flows.interviews import prepare_sheet
from flows.new_vacancy import folder_name, make_vacancy
from flows.preflight import look_over_export, look_over_vacancy
from flows.roster.faults import Fault, InputRefused, Severity
from flows.settings import Settings
from flows.todo import todo_list
from tests.conftest import SAMPLE


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "Ansøgere, maj.csv"
    path.write_text('Id;Navn;E-mail;Køn;Status\n1;Åse Holm;aase@example.com;K;Afvist\n2;Ole Bo;ole@example.com;M;"Hvad ""så"""\n', "utf-8")
    return path


def test_the_new_folder_reads_as_the_bare_export_does(export: Path, settings: Settings) -> None:
    made = make_vacancy(export, settings)
    assert made.made == ("ansøgere-maj/Ansøgere, maj.csv", "ansøgere-maj/vacancy.toml", "organisation.toml")
    told = tomllib.loads((made.folder / "vacancy.toml").read_text("utf-8"))
    assert told["columns"] == {"applicant_id": "Id", "name": "Navn", "email": "E-mail", "status": "Status"}
    assert told["statuses"] == {"Afvist": "rejected"}
    text = (made.folder / "vacancy.toml").read_text("utf-8")
    assert '# "Hvad \\"så\\"" = "?"   # 1 række: sig, hvad det betyder' in text
    assert "# følsom, bruges aldrig: Køn" in text


def test_nobody_is_asked_for_a_word_its_column_settles(settings: Settings, tmp_path: Path) -> None:
    export = tmp_path / "a.csv"
    export.write_text("Name,Email,Status,Rejected After\nAnn Lee,a@ex.com,REJECTED,INTERVIEW\nBo Kim,b@ex.com,REJECTED,Runde Q\n", "utf-8")
    text = (make_vacancy(export, settings).folder / "vacancy.toml").read_text("utf-8")
    assert "INTERVIEW" not in text
    assert '# "Runde Q" = "?"' in text


def test_what_is_still_missing_is_told_by_check(export: Path, settings: Settings) -> None:
    made = make_vacancy(export, settings)
    with pytest.raises(InputRefused) as refused:
        look_over_vacancy(made.folder, settings)
    places = {(fault.file, fault.column) for fault in refused.value.faults}
    assert {("vacancy.toml", "deadline"), ("vacancy.toml", "contact.name"), ("organisation.toml", "name")} <= places


def test_a_folder_that_is_there_is_never_written_over(export: Path, settings: Settings) -> None:
    made = make_vacancy(export, settings)
    (made.folder / "vacancy.toml").write_text("mine")
    with pytest.raises(InputRefused, match="folder-exists"):
        make_vacancy(export, settings)
    assert (made.folder / "vacancy.toml").read_text() == "mine"


def test_settled_in_every_system_reads_the_same(settings: Settings, tmp_path: Path) -> None:
    """What init writes down as settled must not change what anybody is owed."""
    bare = look_over_export(SAMPLE / "applicants.xlsx", settings)
    made = make_vacancy(SAMPLE / "applicants.xlsx", settings, name="ny")
    shutil.copytree(SAMPLE.parent, tmp_path / "andre", dirs_exist_ok=True)
    shutil.copy(tmp_path / "andre" / "organisation.toml", settings.inputs)
    shutil.copy(tmp_path / "andre" / "logo.svg", settings.inputs)
    text = (made.folder / "vacancy.toml").read_text("utf-8").replace("# deadline", "deadline").replace('title = ""  ', 'title = "T"', 1)
    text = text.replace('name = ""', 'name = "M"').replace('phone = ""', 'phone = "1"').replace('email = ""', 'email = "m@example.com"')
    (made.folder / "vacancy.toml").write_text(text, "utf-8")
    found = look_over_vacancy(made.folder, settings)
    assert found.counts == bare.counts
    assert {id: answer.due for id, answer in found.due.items()} == {id: answer.due for id, answer in bare.due.items()}


def test_a_folder_name_keeps_danish_letters() -> None:
    assert folder_name("Udtræk: Ansøgere (maj) 2026") == "udtræk-ansøgere-maj-2026"


def test_the_sheet_has_a_row_for_everybody_who_was_interviewed(vacancy: Path, settings: Settings) -> None:
    (vacancy / "interviews.xlsx").unlink()
    text = (vacancy / "vacancy.toml").read_text("utf-8")
    (vacancy / "vacancy.toml").write_text(text.replace('interviews = "interviews.xlsx"\n', ""), "utf-8")
    prepared = prepare_sheet(vacancy, settings)
    assert (prepared.added, prepared.there, prepared.to_name) == (6, 0, True)
    sheet = load_workbook(prepared.path).worksheets[0]
    assert [cell.value for cell in sheet[1]][:4] == ["Ansøger-id", "Navn", "Samtale ført af", "Dato for samtale"]
    assert {rule.formula1 for rule in sheet.data_validations.dataValidation} == {
        '"Meget tæt på,Tæt på,Et stykke fra,Langt fra"',
        '"Ja,Nej"',
    }


def test_a_sheet_somebody_wrote_in_is_only_added_to(vacancy: Path, settings: Settings) -> None:
    book = load_workbook(vacancy / "interviews.xlsx")
    book.worksheets[0].delete_rows(7)
    book.worksheets[0]["Q2"] = "Skrevet i hånden"
    book.save(vacancy / "interviews.xlsx")
    prepared = prepare_sheet(vacancy, settings)
    assert (prepared.added, prepared.there) == (1, 5)
    sheet = load_workbook(vacancy / "interviews.xlsx").worksheets[0]
    assert sheet["Q2"].value == "Skrevet i hånden"
    assert len({row[0] for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]}) == 6


def test_the_sheet_named_beforehand_is_made_where_named(vacancy: Path, settings: Settings) -> None:
    (vacancy / "interviews.xlsx").unlink()
    prepared = prepare_sheet(vacancy, settings)
    assert (prepared.path, prepared.added, prepared.to_name) == (vacancy / "interviews.xlsx", 6, False)
    assert look_over_vacancy(vacancy, settings).counts["call_and_letter"] == 6


def test_a_sheet_that_is_not_there_yet_names_its_command(vacancy: Path, settings: Settings) -> None:
    (vacancy / "interviews.xlsx").unlink()
    with pytest.raises(InputRefused) as refused:
        look_over_vacancy(vacancy, settings)
    missing = [fault for fault in refused.value.faults if fault.code == "file-missing"]
    assert [(fault.column, fault.found) for fault in missing] == [("interviews", "interviews.xlsx")]
    assert "`svar interviews projektleder-fjernvarme`" in missing[0].do


def test_only_a_workbook_is_made_for_the_interviewers(vacancy: Path, settings: Settings) -> None:
    (vacancy / "interviews.xlsx").unlink()
    text = (vacancy / "vacancy.toml").read_text("utf-8")
    (vacancy / "vacancy.toml").write_text(text.replace("interviews.xlsx", "samtaler.csv"), "utf-8")
    with pytest.raises(InputRefused) as refused:
        prepare_sheet(vacancy, settings)
    assert [fault.found for fault in refused.value.faults if fault.code == "file-missing"] == ["samtaler.csv"]


def test_a_name_that_looks_like_a_formula_stays_text(vacancy: Path, settings: Settings) -> None:
    book = load_workbook(vacancy / "applicants.xlsx")
    sheet = book.worksheets[0]
    at = [cell.value for cell in sheet[1]].index("Fornavn") + 1
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, at).value = "=cmd|' /C calc'!A1 x"
        sheet.cell(row, at).data_type = "s"
    book.save(vacancy / "applicants.xlsx")
    (vacancy / "interviews.xlsx").unlink()
    (vacancy / "vacancy.toml").write_text(
        (vacancy / "vacancy.toml").read_text("utf-8").replace('interviews = "interviews.xlsx"\n', ""), "utf-8"
    )
    prepared = prepare_sheet(vacancy, settings)
    assert {cell.data_type for cell in load_workbook(prepared.path).worksheets[0]["B"][2:]} == {"s"}


def test_the_to_do_list_counts_in_plain_words() -> None:
    mail = [Fault(file="a.csv", code="email-invalid", expected="x", row=row, severity=Severity.WARNING) for row in (2, 3)]
    word = Fault(file="a.csv", code="status-unknown", expected="x")
    assert [task.words for task in todo_list([*mail, word])] == ["say what 1 status word means", "fix 2 e-mail addresses"]
