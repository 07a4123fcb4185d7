"""A new vacancy folder from an export: what was found in it, what it suggests, and what is still to be filled in."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.preflight import Preflight, look_over_export
from flows.roster.applicant import Outcome
from flows.roster.faults import Fault, InputRefused
from flows.roster.statuses import StatusWord
from flows.settings import Settings


@dataclass(frozen=True, slots=True)
class NewVacancy:
    """What was made."""

    folder: Path
    made: tuple[str, ...]  # files, relative to the inputs folder
    found: Preflight


def make_vacancy(export: Path, settings: Settings, *, name: str = "", language: str = "da") -> NewVacancy:
    """The folder of a new vacancy under inputs, with a copy of the export. Raises InputRefused; never overwrites."""
    found = look_over_export(export, settings)
    folder = settings.inputs / folder_name(name or export.stem)
    if folder.exists():
        raise InputRefused(
            [
                Fault(
                    file=str(folder),
                    code="folder-exists",
                    found="a folder of that name",
                    expected="a new vacancy",
                    do="Give another name with --name, or work on in that folder.",
                )
            ]
        )
    text = _vacancy_toml(export, folder.name, found, settings.templates, language)
    folder.mkdir(parents=True, mode=0o700)
    shutil.copyfile(export, folder / export.name)
    (folder / "vacancy.toml").write_text(text, "utf-8")
    made = [f"{folder.name}/{export.name}", f"{folder.name}/vacancy.toml"]
    firm = settings.inputs / "organisation.toml"
    if not firm.exists():
        shutil.copyfile(settings.templates / "inputs" / "organisation.toml", firm)
        made.append("organisation.toml")
    return NewVacancy(folder, tuple(made), found)


def folder_name(stem: str) -> str:
    """A folder name from a file name: small letters, digits and hyphens, æøå kept."""
    return re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", stem).casefold()).strip("-_")[:60] or "vacancy"


def _vacancy_toml(export: Path, folder: str, found: Preflight, templates: Path, language: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(templates / "inputs"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"vacancy.{language}.toml").render(folder=folder, **_facts(export, found))


def _facts(export: Path, found: Preflight) -> dict[str, Any]:
    roster = found.roster
    doubts = {fault.column: str(fault.found) for fault in found.faults if fault.code == "column-ambiguous"}
    several = next((str(fault.found) for fault in found.faults if fault.code == "project-several"), "")
    statuses = {word.value: word for word in roster.statuses if word.value.strip() and not _settled_by_column(word)}
    return {
        "export": _quoted(export.name),
        "rows": roster.export.rows,
        "projects": [(_quoted(name), count) for name, count in re.findall(r"(.+?) \((\d+) rows\)(?:, )?", several)],
        "columns": [
            (field, _quoted(heading), _one_line(doubts.get(heading, "known")))
            for field, heading in roster.columns.mapped.items()
            if len(roster.columns.places(field)) == 1
        ],
        "together": [
            (field, ", ".join(_one_line(roster.columns.headings[at]) for at in roster.columns.places(field)))
            for field in roster.columns.mapped
            if len(roster.columns.places(field)) > 1
        ],
        "unused": [_one_line(heading) for heading in roster.columns.unused],
        "sensitive": [_one_line(heading) for heading in roster.columns.sensitive],
        "statuses": [(_quoted(word.value), word.rows, _suggested(word)) for word in statuses.values()],
        "blank": sum(not each.status_words and each.stage.outcome is Outcome.UNKNOWN for each in roster.applicants),
    }


def _settled_by_column(word: StatusWord) -> bool:
    """True for a known word that tells how far alone: its column ("rejected after") tells how it ended, nobody need say."""
    return word.source == "known" and word.outcome is None and not word.held


def _suggested(word: StatusWord) -> str:
    """The meaning a word suggests, as vacancy.toml writes it; blank where a person must say."""
    if word.source == "unknown" or word.held or word.outcome in (None, Outcome.UNKNOWN):
        return ""
    return _quoted(f"{word.reached.value}/{word.outcome.value}" if word.reached else str(word.outcome))


def _quoted(text: str) -> str:
    """The text as TOML writes it; JSON's form is one TOML reads, DEL apart."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())
