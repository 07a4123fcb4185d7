"""The typed applicant: a row of the export is parsed into one of these once, or becomes a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Reached(StrEnum):
    """How far an applicant came, in order."""

    APPLICATION = "application"
    PHONE_SCREEN = "phone_screen"
    INTERVIEW_1 = "interview_1"
    INTERVIEW_2 = "interview_2"
    INTERVIEW_3 = "interview_3"
    OFFER = "offer"


class Outcome(StrEnum):
    """How it ended for an applicant."""

    REJECTED = "rejected"
    WITHDREW = "withdrew"
    DECLINED_OFFER = "declined_offer"
    HIRED = "hired"
    IN_PROCESS = "in_process"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Stage:
    """The pair that decides what is owed. Two dimensions, never one."""

    reached: Reached
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the export gives it, NFC, outer and doubled blanks and control characters removed.

    `full` is never empty. `given` and `family` are empty where the export does not tell them apart
    (a single name, or a form that cannot be split without guessing).
    """

    full: str
    given: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    """One person's application to one vacancy."""

    row: int  # the row number a person sees in the spreadsheet
    id: str  # the export's own id, else a key that survives sorting and re-exporting; unique in a roster
    name: Name
    stage: Stage
    emails: tuple[str, ...] = ()  # usable addresses, the first is the one to write to
    phones: tuple[str, ...] = ()  # international form where it could be read: +45 20 30 40 50
    address: tuple[str, ...] = ()  # postal address, one line each, without the name
    language: str = ""  # "da" or "en"; empty: the vacancy's language
    applied_on: date | None = None
    interviewed_on: date | None = None  # the last interview
    status_words: tuple[str, ...] = ()  # what the export said, for the report
    held: tuple[str, ...] = ()  # codes of the faults that a person must settle before an answer is made
    telling: tuple[str, ...] = ()  # employer, school ...: what would give this person away if they were hired
    merged_rows: tuple[int, ...] = ()  # further rows of the same person, merged by vacancy.toml
