"""For each vacancy, what to do next: told from the manifest and the ledger alone, so that it is quick. No export is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.documents.shelf import MANIFEST, file_digest
from flows.dossier import ERASED, ERASING, ledger_there
from flows.ledger.events import History, histories
from flows.roster.faults import InputRefused
from flows.roster.vacancy import VacancyFile
from flows.roster.vacancy_reader import load_vacancy
from flows.settings import Settings

_EVENTS = "audit-pack/events.jsonl"
_NOBODY = History()


@dataclass(frozen=True, slots=True)
class NextStep:
    """One vacancy: where it stands, how many have no answer yet, and the command that comes next."""

    vacancy: str
    stands: str
    open: int | None  # None where that is not known before a closing
    command: str  # empty: nothing to do


def next_steps(settings: Settings, today: date) -> tuple[NextStep, ...]:
    """Every vacancy under inputs, in the order of the folders."""
    events = _events(settings)
    return tuple(_step(path.parent, settings, today, events) for path in sorted(settings.inputs.glob("*/vacancy.toml")))


def _events(settings: Settings) -> Mapping[str, tuple[dict[str, History], int]]:
    """Vacancy -> histories by applicant id, and the number of events; empty where there is no ledger yet."""
    with ledger_there(settings) as ledger:
        if ledger is None:
            return {}
        told = {}
        for name in ledger.vacancies():
            people, events = ledger.people(name), ledger.events(name)
            told[name] = ({people[key]: each for key, each in histories(events).items() if key in people}, len(events))
        return told


def _step(folder: Path, settings: Settings, today: date, events: Mapping[str, tuple[dict[str, History], int]]) -> NextStep:
    name, out = folder.name, settings.output_folder(folder)
    if (out / ERASING).exists():
        return NextStep(name, "an erasing was broken off", None, f"svar erase {name}")
    if (out / ERASED).exists():
        return NextStep(name, "papers erased; the proof is kept", 0, "")
    try:
        vacancy = load_vacancy(folder)
    except InputRefused as refused:
        return NextStep(name, f"{len(refused.faults)} faults in vacancy.toml or organisation.toml", None, f"svar check {name}")
    manifest = _manifest(out)
    if manifest is None:
        return _before_closing(name, vacancy.file, today)
    if file_digest(vacancy.export_path) != manifest.get("export_sha256"):
        return NextStep(name, "the export changed since the papers were made", None, f"svar close {name}")
    told, number = events.get(name, ({}, 0))
    return _after_closing(name, manifest, told, audited=number > 0 and _lines(out / _EVENTS) == number)


def _before_closing(name: str, file: VacancyFile, today: date) -> NextStep:
    if today <= file.deadline:
        return NextStep(name, f"open for applications until {file.deadline.isoformat()}", None, "")
    return NextStep(name, "not closed yet", None, f"svar check {name}, then svar close {name}")


def _after_closing(name: str, manifest: Mapping[str, Any], told: Mapping[str, History], *, audited: bool) -> NextStep:
    """The most pressing thing first: doubts, calls, letters, drafts nobody has confirmed, people held, the proof."""
    letters = {each["id"]: str(each["kind"]) for each in manifest["documents"] if each["docx"].startswith("letters/")}
    notes = {each["id"] for each in manifest["documents"] if each["docx"].startswith("notes/")}
    missing = [id for id, kind in letters.items() if not told.get(id, _NOBODY).answered_with(kind)]
    doubts = [id for id in missing if told.get(id, _NOBODY).doubt or told.get(id, _NOBODY).under_way]
    calls = [id for id in notes if not _called(told.get(id, _NOBODY))]
    drafts = [id for id in missing if told.get(id, _NOBODY).drafted]
    ready = set(missing) - {*doubts, *drafts, *calls}
    held = {each["id"] for each in manifest.get("open", ())}
    steps = (
        (len(doubts), "handed over in doubt", f"svar send {name}"),
        (len(calls), "to call", f"svar calls {name}"),
        (len(ready - held), "letters ready", f"svar send {name}"),
        (len(drafts), "drafts nobody has confirmed", f"svar answered {name} --by-hand all --by INITIALS"),
        (len(held), "held: a person must decide", f"svar check {name}"),
    )
    stands = ", ".join(f"{number} {what}" for number, what, _ in steps if number)
    command = next((command for number, _, command in steps if number), "" if audited else f"svar audit {name}")
    settled = "everyone is answered" + (", and it is proved" if audited else "")
    return NextStep(name, stands or settled, len({*missing, *calls, *held}), command)


def _called(history: History) -> bool:
    return history.reached_by_call is not None or history.tried_on_two_days


def _manifest(out: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content


def _lines(path: Path) -> int:
    try:
        return len(path.read_text("utf-8").splitlines())
    except OSError:
        return 0
