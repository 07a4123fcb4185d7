"""Bad input: one clear message for each fault, all at once, nothing written."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT, SAMPLE, svar


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE.parent, tmp_path / "inputs")
    return tmp_path


def folder(place: Path) -> Path:
    return place / "inputs" / SAMPLE.name


def write_export(place: Path, *rows: list[str]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder(place) / "applicants.xlsx")


def reword(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def missing(place: Path) -> None:
    (folder(place) / "applicants.xlsx").unlink()


def empty(place: Path) -> None:
    (folder(place) / "applicants.xlsx").write_bytes(b"")


def zero_rows(place: Path) -> None:
    write_export(place, ["Fornavn", "Efternavn", "Status"])


def no_header(place: Path) -> None:
    write_export(place, ["Åse", "Prøvesen", "nej"], ["Bo", "Fiktiv", "nej"])


def no_name(place: Path) -> None:
    write_export(place, ["E-mail", "Status"], ["a@example.com", "Afvist"])


def unreadable(place: Path) -> None:
    (folder(place) / "applicants.xlsx").write_bytes(b"PK\x03\x04 but no workbook")


def encrypted(place: Path) -> None:
    (folder(place) / "applicants.xlsx").write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    )


def typing_error(place: Path) -> None:
    reword(folder(place) / "vacancy.toml", "deadline =", "deadlin =")


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (missing, {"file-missing"}),
        (empty, {"file-empty"}),
        (zero_rows, {"rows-zero"}),
        (no_header, {"header-missing"}),
        (no_name, {"name-column-missing"}),
        (unreadable, {"unreadable"}),
        (encrypted, {"encrypted"}),
        (typing_error, {"key-unknown", "key-missing", "status-unknown", "not-live"}),
    ],
)
def test_input_nobody_can_work_on_is_refused_with_its_fault(place: Path, spoil: Callable[[Path], None], codes: set[str]) -> None:
    spoil(place)
    done = svar("close", SAMPLE.name, "--json", where=place)
    assert done.returncode == 2, done.stderr
    assert {fault["code"] for fault in json.loads(done.stdout)["faults"]} == codes
    assert not (place / "outputs").exists()
    assert "Traceback" not in done.stderr


def test_a_typing_error_is_answered_with_the_nearest_key(place: Path) -> None:
    typing_error(place)
    done = svar("check", SAMPLE.name, where=place)
    assert "`deadline`, perhaps" in done.stderr


def test_all_faults_of_both_files_come_at_once(place: Path) -> None:
    reword(folder(place) / "vacancy.toml", 'title = "Projektleder, fjernvarme"', "")
    reword(place / "inputs" / "organisation.toml", 'colour = "#0b5d4e"', 'colour = "green"')
    done = svar("check", SAMPLE.name, "--json", where=place)
    assert {(fault["file"], fault["column"]) for fault in json.loads(done.stdout)["faults"]} == {
        ("vacancy.toml", "title"),
        ("organisation.toml", "colour"),
        ("applicants.xlsx", "Ansøgningsstatus"),
    }


def test_a_wrong_heading_does_not_hide_broken_rows(place: Path) -> None:
    write_export(place, ["Navn", "Mailadresse", "Status"], ["Anne Ås", "a@", "Afvist"], [None, "b@ex.dk", "Afvist"])
    with (folder(place) / "vacancy.toml").open("a", encoding="utf-8") as file:
        file.write('\n[columns]\nemail = "Mailadres"\n')
    done = svar("check", SAMPLE.name, "--json", where=place)
    told = {(fault["row"], fault["code"]) for fault in json.loads(done.stdout)["faults"]}
    assert {(None, "column-missing"), (2, "email-invalid"), (3, "name-blank")} <= told
    assert done.returncode == 2


def test_a_missing_export_does_not_hide_a_broken_template(place: Path) -> None:
    (folder(place) / "applicants.xlsx").write_bytes(b"")
    reword(folder(place) / "vacancy.toml", "deadline =", "deadlin =")
    done = svar("check", SAMPLE.name, "--json", where=place)
    assert {"file-empty", "key-unknown", "key-missing"} == {fault["code"] for fault in json.loads(done.stdout)["faults"]}


def test_rows_that_need_a_person_are_held_and_the_rest_go_on(place: Path) -> None:
    head = ["Kandidat-ID", "Fornavn", "Efternavn", "E-mail", "Status", "Dato for første samtale"]
    rows = [
        ["1", "Åse", "Prøvesen", "aase@example.com", "Afvist", ""],
        ["2", "", "", "nobody@example.com", "Afvist", ""],
        ["3", "Bo", "Fiktiv", "bo(at)example.com", "Afvist", ""],
        ["4", "Ida", "Påhit", "ida@example.com", "Måske", ""],
        ["5", "Ida", "Påhit", "ida@example.com", "Afvist", ""],
    ]
    write_export(place, head, *rows)
    done = svar("check", str(folder(place) / "applicants.xlsx"), "--json", where=place)
    told = json.loads(done.stdout)
    due = {each["row"]: (each["answer_due"], each["route"]) for each in told["applicants"]}
    assert due == {2: ("letter", "mail"), 3: ("held", "none"), 4: ("letter", "none"), 5: ("held", "none"), 6: ("held", "none")}
    assert {"name-blank", "email-invalid", "status-unknown", "duplicate-person"} <= {fault["code"] for fault in told["faults"]}


def template_with(place: Path, old: str, new: str) -> Path:
    templates = place / "templates"
    shutil.copytree(ROOT / "templates", templates)
    letter = templates / "letters" / "da" / "not_invited.docx"
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(letter, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return templates


@pytest.mark.parametrize(
    ("old", "new", "code"), [("{{ title }}", "{{ titel }}", "field-unknown"), ("{{ title }}", "{{ title", "template-tag")]
)
def test_a_broken_template_is_refused_before_anything_is_written(place: Path, old: str, new: str, code: str) -> None:
    templates = template_with(place, old, new)
    done = svar("close", SAMPLE.name, "--json", where=place, SVAR_TEMPLATES=str(templates))
    assert done.returncode == 2, done.stderr
    assert [fault["code"] for fault in json.loads(done.stdout)["faults"]] == [code]
    assert not (place / "outputs" / SAMPLE.name).exists()
