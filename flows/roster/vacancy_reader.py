"""Reads the two files HR writes, all their faults at once."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from flows.roster.applicant import Outcome, Reached
from flows.roster.columns import field_names
from flows.roster.faults import Fault, InputRefused
from flows.roster.statuses import meaning_of
from flows.roster.vacancy import ChosenProfile, Join, LeftOut, Organisation, Vacancy, VacancyFile, Waiver


def load_vacancy(folder: Path, *, sheet_to_make: bool = False) -> Vacancy:
    """The vacancy in `folder`, with the organisation it belongs to. Raises InputRefused with all faults of both files.

    `sheet_to_make`: the workbook for the interviewers may be named before it is there.
    """
    faults: list[Fault] = []
    beside, above = folder / "organisation.toml", folder.resolve().parent / "organisation.toml"
    firm_path = beside if beside.is_file() or not above.is_file() else above
    told, firm_told = _read_toml(folder / "vacancy.toml", faults), _read_toml(firm_path, faults)
    file = _checked(told, "vacancy.toml", VacancyFile, faults)
    firm = _checked(firm_told, "organisation.toml", Organisation, faults)
    # Looked at as they were written, so that a fault elsewhere in the file does not hide these.
    faults += [*_word_faults(told or {}), *_absent_files(folder, told or {}, {"export": "vacancy.toml"})]
    faults += _absent_sheet(folder, told or {}, to_make=sheet_to_make)
    join = section if isinstance(section := (told or {}).get("join"), dict) else {}
    faults += _absent_files(folder, join, {"export": "vacancy.toml"}, "join.")
    faults += _absent_files(firm_path.parent, firm_told or {}, {"logo": "organisation.toml"})
    if file is None or firm is None or faults:
        raise InputRefused(faults)
    return Vacancy(folder, file, firm, firm_path.parent)


def legible_part(folder: Path) -> VacancyFile | None:
    """What can be read of a vacancy.toml that has faults, for finding those of its export; None where that is not told.

    Every key that does not hold is left out, so that a slip in one place does not hide what is wrong in another.
    """
    told = _read_toml(folder / "vacancy.toml", []) or {}
    fields = VacancyFile.model_fields.items()
    held = {key: told[key] for key, field in fields if key in told and _holds(field.rebuild_annotation(), told[key])}
    if "export" not in held:
        return None
    held["columns"] = {name: heading for name, heading in held.get("columns", {}).items() if name in field_names()}
    whole = TypeAdapter(VacancyFile).validate_python({**_STAND_INS, **held})
    if whole.join and not (folder / whole.join.export).is_file():
        whole = whole.model_copy(update={"join": None})
    return whole


# For keys an export can be read without.
_STAND_INS: Mapping[str, Any] = {"title": "-", "deadline": date.max, "contact": {"name": "-", "phone": "-", "email": "-"}}


def _holds(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def _absent_files(folder: Path, told: Mapping[str, Any], keys: Mapping[str, str], section: str = "") -> list[Fault]:
    """The faults of files that are named and not there; `keys` is key -> the file that names it."""
    return [
        Fault(
            file=file,
            column=f"{section}{key}",
            code="file-missing",
            found=name,
            expected=f"a file in the folder of {file}",
            do="Put it there, or correct the name.",
        )
        for key, file in keys.items()
        if isinstance(name := told.get(key), str) and name.strip() and not (folder / name).is_file()
    ]


def _absent_sheet(folder: Path, told: Mapping[str, Any], *, to_make: bool) -> list[Fault]:
    """The fault of an interviewers' sheet that is named and not there; none for a workbook that is about to be made."""
    name = told.get("interviews")
    if to_make and isinstance(name, str) and Path(name).suffix.casefold() == ".xlsx" and (folder / name).parent.is_dir():
        return []
    do = f"Make it with `svar interviews {folder.resolve().name}`, or correct the name."
    return [replace(fault, do=do) for fault in _absent_files(folder, told, {"interviews": "vacancy.toml"})]


def _read_toml(path: Path, faults: list[Fault]) -> dict[str, Any] | None:
    """What the file says; None, with its fault added, where it is no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError:
        where = "the vacancy's folder" + (" or in the folder above" if path.name == "organisation.toml" else "")
        faults.append(
            Fault(
                file=path.name,
                code="file-missing",
                found="no such file",
                expected=f"{path.name} in {where}",
                do="Make it with `svar init`, or copy one from another vacancy.",
            )
        )
    except UnicodeDecodeError:
        faults.append(
            Fault(file=path.name, code="toml-encoding", found="letters that are not UTF-8", expected="UTF-8", do="Save the file as UTF-8.")
        )
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        faults.append(
            Fault(
                file=path.name,
                row=int(line[1]) if line else None,
                code="toml-syntax",
                found=str(error),
                expected="key = value, with texts in quotation marks, each key once",
                do="Correct that line.",
            )
        )
    return None


Section = TypeVar("Section", bound=BaseModel)


def _checked(told: dict[str, Any] | None, file: str, model: type[Section], faults: list[Fault]) -> Section | None:
    """The file as a model; None, with its faults added, where it does not hold."""
    try:
        return None if told is None else model.model_validate(told)
    except ValidationError as error:
        faults += [_fault(file, model, each) for each in error.errors()]
    return None


# What pydantic calls a fault -> what a person is told was expected.
_EXPECTED = {
    "string_type": "a text in quotation marks",
    "string_too_short": "a text that is not blank",
    "int_type": "a whole number without quotation marks",
    "int_parsing": "a whole number without quotation marks",
    "int_from_float": "a whole number",
    "greater_than_equal": "a number that is not negative",
    "bool_type": "true or false, without quotation marks",
    "bool_parsing": "true or false, without quotation marks",
    "tuple_type": 'a list: ["...", "..."]',
    "too_short": 'a list with something in it: ["..."]',
    "dict_type": "a section of its own",
    "model_type": "a section of its own",
    "date_type": "a date: 2026-10-30",
    "date_parsing": "a date: 2026-10-30",
    "date_from_datetime_parsing": "a date: 2026-10-30",
    "date_from_datetime_inexact": "a date without a time: 2026-10-30",
    "string_pattern_mismatch": 'a colour: "#0b5d4e"',
}


def _fault(file: str, model: type[BaseModel], error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        expected = _nearest(str(error["loc"][-1]), _known_keys(model, error["loc"][:-1]))
        return Fault(file=file, column=place, code="key-unknown", found=place, expected=expected, do="Correct its name, or take it out.")
    if error["type"] == "missing":
        return Fault(file=file, column=place, code="key-missing", found="nothing", expected=f"`{_line(place)}`", do="Add it.")
    said = error["msg"]
    if error["type"] == "literal_error":
        said = f"one of {error['ctx']['expected']}"
    return Fault(
        file=file, column=place, code="value-invalid", found=repr(error["input"])[:120], do="Correct it.",
        expected=_EXPECTED.get(error["type"], said[0].lower() + said[1:]),
    )  # fmt: skip


def _nearest(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"`{near[0]}`, perhaps" if near else f"one of {', '.join(known)}"


def _line(place: str) -> str:
    """The line to add, with its section: `[contact] phone = ...`."""
    section, dot, key = place.rpartition(".")
    return f"[{section}] {key} = ..." if dot else f"{key} = ..."


def _known_keys(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    if place and place[0] in ("chosen", "leave_out"):
        model = ChosenProfile if place[0] == "chosen" else LeftOut
    if place and place[0] in ("join", "waive"):
        return list((Join if place[0] == "join" else Waiver).model_fields)
    for part in place if place and model not in (ChosenProfile, LeftOut) else ():
        field = next((each for name, each in model.model_fields.items() if part in (name, each.alias)), None)
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _word_faults(told: Mapping[str, Any]) -> list[Fault]:
    """The faults of [statuses] and [columns]: what they name must exist."""
    outcomes = ", ".join(each.value for each in Outcome if each is not Outcome.UNKNOWN)
    expected = f"an outcome ({outcomes}), a step ({', '.join(each.value for each in Reached)}) or step/outcome"
    statuses, columns = (section if isinstance(section := told.get(key), dict) else {} for key in ("statuses", "columns"))
    return [
        *(
            Fault(file="vacancy.toml", column=f"statuses.{word}", code="status-meaning", found=code, expected=expected, do="Correct it.")
            for word, code in statuses.items()
            if isinstance(code, str) and meaning_of(code) is None
        ),
        *(
            Fault(
                file="vacancy.toml",
                column=f"columns.{name}",
                code="key-unknown",
                found=name,
                expected=_nearest(name, field_names()),
                do="Correct its name.",
            )
            for name in columns
            if name not in field_names()
        ),
    ]
