"""A paper as a *kind* (compiled once) with *fields* (set per person), and what came of making it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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
