"""The house: one way in, one home for each library, sizes, and what may not stand in any file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from flows.answers.facts import letter_fields, note_fields, vacancy_facts
from flows.cli import app
from flows.preflight import look_over_vacancy
from flows.roster.vacancy import Organisation, VacancyFile
from flows.settings import Settings
from tests.conftest import ROOT, TODAY

MODULES = sorted((ROOT / "flows").rglob("*.py"))
TRACKED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")[:-1]
HOMES = {
    "pandas": ("roster/sheet_reader.py",),
    "docxtpl": ("documents/word.py",),
    "weasyprint": (
        "documents/master.py",
        "documents/pdf.py",
        "documents/places.py",
    ),  # what it promises in pdf, its inner names in the others
    "mammoth": ("documents/page.py",),
    "pypdfium2": ("documents/print_run.py", "documents/read_back.py"),  # one puts pages together, one reads them
    "holidays": ("audit/timeliness.py",),
    "loky": ("workers.py",),
    "sqlalchemy": ("ledger/store.py", "ledger/tables.py"),
    "prefect_dask": ("dask_cluster.py",),
    "openpyxl": ("documents/workbook.py",),
    "xlsxwriter": ("documents/workbook.py",),
    "flufl": ("delivery/bounces.py",),
}


def imports_of(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize(
    "command", [["lint-imports"], ["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=lambda words: " ".join(words)
)
def test_the_checkers_have_nothing_to_say(command: list[str]) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("library", HOMES)
def test_each_outside_library_has_its_home(library: str) -> None:
    users = [str(module.relative_to(ROOT / "flows")) for module in MODULES if library in imports_of(module)]
    assert tuple(users) == HOMES[library]


def test_prefect_lives_on_the_top_floor_alone() -> None:
    assert {module.parent.name for module in MODULES if "prefect" in imports_of(module)} == {"flows"}


def test_no_module_is_called_after_an_activity_or_the_standard_library() -> None:
    names = {module.stem for module in MODULES}
    assert not names & {"utils", "helpers", "common", "manager", "process", "handle", "data"}
    assert not (names - {"__init__"}) & set(sys.stdlib_module_names)


def test_modules_and_functions_keep_their_sizes() -> None:
    long_modules = [module.name for module in MODULES if len(module.read_text().splitlines()) > 300]
    long_functions = [
        f"{module.name}:{node.name}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None and node.end_lineno - node.lineno >= 45
    ]
    assert (long_modules, long_functions) == ([], [])


def test_no_tracked_file_names_a_registry_or_a_machines_path() -> None:
    hosts = re.compile("py" + r"pi\.org|pythonhost" + r"ed|registry\.np" + r"mjs|deb\.deb" + r"ian|/wo" + r"rk/|/ro" + "ot/")
    texts = {name: (ROOT / name).read_bytes().decode("utf-8", "ignore") for name in TRACKED if (ROOT / name).is_file()}
    assert [name for name, text in texts.items() if hosts.search(text)] == []


def test_the_readme_tells_the_steps_as_the_folders_are_called() -> None:
    readme = (ROOT / "README.md").read_text()
    places = [readme.index(f"`{step}`") for step in ("roster", "answers", "documents", "delivery", "ledger", "audit")]
    assert places == sorted(places)


def test_every_field_of_the_templates_is_documented(vacancy: Path, settings: Settings) -> None:
    found = look_over_vacancy(vacancy, settings)
    assert found.vacancy is not None
    facts = vacancy_facts(found.vacancy, applicants=1, today=TODAY, hired=True)
    applicant = found.roster.applicants[0]
    fields = letter_fields(applicant, facts, None) | note_fields(applicant, facts, None)
    documented = (ROOT / "templates" / "README.md").read_text()
    assert [name for name in fields if not re.search(rf"`{name}\b", documented)] == []


def keys_of(model: type[BaseModel]) -> set[str]:
    keys = set()
    for name, field in model.model_fields.items():
        inner = [each for each in (field.annotation, *get_args(field.annotation)) if isinstance(each, type) and issubclass(each, BaseModel)]
        keys |= {field.alias or name} | (keys_of(inner[0]) if inner else set())
    return keys


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    variables = {f"SVAR_{name.upper()}" for name in Settings.model_fields}
    keys = keys_of(VacancyFile) | keys_of(Organisation) | variables
    assert [key for key in sorted(keys) if not re.search(rf"[`\[.]{key}[`\].]", documented)] == []


def test_every_command_is_told_in_the_readme_or_the_guide() -> None:
    told = (ROOT / "README.md").read_text() + (ROOT / "docs" / "brugervejledning.md").read_text()
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in names if f"svar {name}" not in told] == []


def test_a_worker_process_loads_neither_prefect_nor_pandas() -> None:
    told = "import sys, flows.documents.workshop; print(sorted({'prefect', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
