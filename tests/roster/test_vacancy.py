from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from flows.roster.faults import Fault, InputRefused
from flows.roster.vacancy_reader import load_vacancy

GOOD = """
title = "Projektleder"
deadline = 2026-10-30
export = "a.csv"
[contact]
name = "Mette Sørensen"
phone = "+45 97 00 00 01"
email = "mette@nordvest.example"
"""
FIRM = 'name = "Nordvest Energi A/S"\naddress = ["Havnegade 4"]\n'


def folder(place: Path, vacancy: str, firm: str = FIRM) -> Path:
    (place / "a.csv").write_text("Navn\nBo\n")
    (place / "vacancy.toml").write_text(vacancy, "utf-8")
    (place / "organisation.toml").write_text(firm, "utf-8")
    return place


def faults(place: Path) -> list[Fault]:
    with pytest.raises(InputRefused) as refused:
        load_vacancy(place)
    return list(refused.value.faults)


def test_a_vacancy_is_read_with_its_organisation(tmp_path: Path) -> None:
    vacancy = load_vacancy(folder(tmp_path, GOOD))
    assert (vacancy.file.title, vacancy.organisation.name) == ("Projektleder", "Nordvest Energi A/S")
    assert pickle.loads(pickle.dumps(vacancy)) == vacancy


def test_the_organisation_is_looked_for_one_folder_up(tmp_path: Path) -> None:
    (tmp_path / "77").mkdir()
    folder(tmp_path / "77", GOOD)
    (tmp_path / "77" / "organisation.toml").rename(tmp_path / "organisation.toml")
    assert load_vacancy(tmp_path / "77").organisation_folder == tmp_path


def test_the_contracts_own_example_holds(tmp_path: Path) -> None:
    more = (
        'received = 143\nproject = "77"\n'
        + GOOD
        + '[chosen.da]\nexperience = "x"\ncompetences = ["a", "b"]\n[columns]\nemail = "Mailadresse"\n'
    )
    more += '[statuses]\n"Overført" = "in_process"\n"Til 2. samtale" = "interview_1/rejected"\n[people]\nsame = [["4711", "4713"]]\n'
    vacancy = load_vacancy(folder(tmp_path, more + '[leave_out]\n"4719" = { reason = "test application", by = "MS" }\n'))
    assert vacancy.file.leave_out["4719"].by == "MS"


def test_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    told = faults(
        folder(tmp_path, GOOD.replace("title", "titel").replace("a.csv", "b.csv") + '[statuses]\n"X" = "afvist"\n', 'nme = "x"\n')
    )
    assert {(fault.file, fault.column, fault.code) for fault in told} == {
        ("vacancy.toml", "title", "key-missing"), ("vacancy.toml", "titel", "key-unknown"), ("vacancy.toml", "export", "file-missing"),
        ("vacancy.toml", "statuses.X", "status-meaning"), ("organisation.toml", "name", "key-missing"),
        ("organisation.toml", "nme", "key-unknown"), ("organisation.toml", "address", "key-missing"),
    }  # fmt: skip


def test_an_unknown_key_gets_its_nearest(tmp_path: Path) -> None:
    (fault,) = faults(folder(tmp_path, "languge = 'da'\n" + GOOD))
    assert (
        str(fault) == "vacancy.toml, column \"languge\": found 'languge', expected `language`, perhaps. Correct its name, or take it out."
    )


def test_an_unknown_key_of_a_section_gets_the_sections_keys(tmp_path: Path) -> None:
    (fault,) = faults(folder(tmp_path, GOOD + 'mobile = "1"\n'))
    assert (fault.column, fault.expected) == ("contact.mobile", "one of name, title, phone, email")


def test_a_missing_key_comes_with_its_line(tmp_path: Path) -> None:
    (fault,) = faults(folder(tmp_path, GOOD.replace('phone = "+45 97 00 00 01"', "")))
    assert (fault.code, fault.expected) == ("key-missing", "`[contact] phone = ...`")


def test_a_syntax_fault_names_its_line(tmp_path: Path) -> None:
    (fault,) = faults(folder(tmp_path, 'title = "x\n'))
    assert (fault.code, fault.row) == ("toml-syntax", 1)


def test_a_date_that_is_none_says_how_one_is_written(tmp_path: Path) -> None:
    (fault,) = faults(folder(tmp_path, GOOD.replace("2026-10-30", '"30. oktober"')))
    assert (fault.column, fault.expected) == ("deadline", "a date: 2026-10-30")


def test_a_column_field_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(folder(tmp_path, GOOD + '[columns]\nemial = "Mail"\n'))
    assert (fault.column, fault.expected) == ("columns.emial", "`email`, perhaps")


def test_a_folder_without_a_vacancy_says_so(tmp_path: Path) -> None:
    assert [(fault.file, fault.code) for fault in faults(tmp_path)] == [
        ("vacancy.toml", "file-missing"),
        ("organisation.toml", "file-missing"),
    ]
