"""A paper as a *kind* (compiled once) with *fields* (set per person), and what came of making it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any


class Shelf(StrEnum):
    """The folder of the templates and of the finished papers."""

    LETTERS = "letters"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Kind:
    """One template: where it lies, its name and language."""

    shelf: Shelf
    name: str  # not_invited, after_interview_2, feedback_note ...
    language: str  # da, en


@dataclass(frozen=True, slots=True)
class Order:
    """One paper to make: a kind, the person's fields, and what must be found when it is read back."""

    id: str  # applicant id
    row: int
    kind: Kind
    fields: Mapping[str, Any]  # what the template may use; plain strings, numbers, booleans, lists, mappings
    stem: str  # file name without ending, unique in the vacancy
    mail_to: str = ""  # empty: no mail is made
    inputs: str = ""  # digest of everything the paper depends on


@dataclass(frozen=True, slots=True)
class Made:
    """A paper that was made and read back without a fault; paths relative to the vacancy's output folder."""

    id: str
    kind: str
    language: str
    docx: str
    pdf: str
    eml: str | None
    sha256: Mapping[str, str]  # docx, pdf, eml
    inputs: str
    edited: str | None = None  # ISO time of the hand edit the paper follows


@dataclass(frozen=True, slots=True)
class Failed:
    """A paper that was not made, or did not hold when read back; an open case."""

    id: str
    row: int
    kind: str
    reasons: tuple[str, ...]  # codes with place, no names or addresses


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What every paper of a vacancy shares; picklable, handed to each worker process once."""

    templates: Path
    out: Path
    organisation: dict[str, Any]  # name, address, cvr, phone, web, colour, public
    logo: Path | None
    contact: tuple[str, ...]  # name, telephone, mail: must stand in every letter
    names: tuple[str, ...]  # everybody in the vacancy
    sender: str
    reply_to: str
    attach_pdf: bool
    vacancy: str  # the folder's name
    title: str  # the job
    waived: tuple[tuple[str, str], ...]  # code of a rule of tone that may be broken, and by whose papers; no id: everybody's
    now: datetime


def template_path(templates: Path, kind: Kind) -> Path:
    """Where the Word file of a kind lies."""
    return templates / kind.shelf.value / kind.language / f"{kind.name}.docx"


def rules_of(must_say: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """What a kind must say; a variant (after_interview_2) what its general letter must, unless it has a section of its own."""
    general: dict[str, Any] = must_say.get(re.sub(r"_(\d|offer)$", "", kind.name), {})
    named: dict[str, Any] = must_say.get(kind.name, general)
    return named
