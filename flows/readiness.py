"""Which vacancies may be closed without a person looking first. Reads, and writes nothing."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path

from flows.auditing import all_vacancies
from flows.documents.shelf import MANIFEST
from flows.dossier import ERASED, ERASING, today_now
from flows.preflight import look_over_vacancy
from flows.roster.faults import InputRefused, Severity
from flows.roster.vacancy import Vacancy
from flows.roster.vacancy_reader import load_vacancy
from flows.settings import Settings

_SETTLED_SECONDS = 60  # a file younger than this may still be on its way into the folder


class Readiness(StrEnum):
    """How far a vacancy's folder is from being closed; only `READY` is closed by itself."""

    READY = "ready"
    CLOSED_BEFORE = "closed before"
    BEFORE_DEADLINE = "before the deadline"
    ARRIVING = "files changed within the last minute"
    NOT_COUNTED = "received is not given in vacancy.toml"
    COUNT_DIFFERS = "the export's rows are not the number received"
    FAULTY = "svar check shows errors"


def readiness(folder: Path, settings: Settings, now_seconds: float) -> Readiness:
    """Where the vacancy in a folder stands; cheap questions first, the export is read last. `now_seconds` since the epoch."""
    out = settings.output_folder(folder)
    if any((out / name).exists() for name in (MANIFEST, ERASED, ERASING)):
        return Readiness.CLOSED_BEFORE
    try:
        vacancy = load_vacancy(folder)
    except InputRefused:
        return Readiness.FAULTY
    if today_now(settings).date() <= vacancy.file.deadline:
        return Readiness.BEFORE_DEADLINE
    if vacancy.file.received is None:
        return Readiness.NOT_COUNTED
    if any(now_seconds - path.stat().st_mtime < _SETTLED_SECONDS for path in folder.iterdir() if path.is_file()):
        return Readiness.ARRIVING
    return _of_export(vacancy, settings)


def _of_export(vacancy: Vacancy, settings: Settings) -> Readiness:
    try:
        found = look_over_vacancy(vacancy.folder, settings)
    except InputRefused:
        return Readiness.FAULTY
    if found.roster.export.rows != vacancy.file.received:
        return Readiness.COUNT_DIFFERS
    faulty = any(fault.severity is Severity.ERROR for fault in found.faults)
    return Readiness.FAULTY if faulty else Readiness.READY


def all_readiness(settings: Settings) -> dict[str, Readiness]:
    """Name of every vacancy under inputs -> where it stands."""
    return {folder.name: readiness(folder, settings, time.time()) for folder in all_vacancies(settings)}
