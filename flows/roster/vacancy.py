"""The two files HR writes: `vacancy.toml` and `organisation.toml`, checked as a whole."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from flows.roster.columns import field_names
from flows.roster.faults import Fault, InputRefused
from flows.roster.statuses import meaning_of

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Language = Literal["da", "en"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(_Section):
    """The person to turn to (G16)."""

    name: Text
    title: str = ""
    phone: Text
    email: Text


class ChosenProfile(_Section):
    """What weighed for the person chosen, in general words (G7)."""

    experience: str = ""
    competences: tuple[Text, ...] = ()


class People(_Section):
    """Rows that are, or are not, one person; by applicant id."""

    same: tuple[tuple[Text, ...], ...] = ()
    different: tuple[tuple[Text, ...], ...] = ()


class LeftOut(_Section):
    """Why somebody is left out, and whose decision it was."""

    reason: Text
    by: Text


class VacancyFile(_Section):
    """`vacancy.toml`."""

    title: Text
    reference: str = ""
    language: Language = "da"
    deadline: date
    decided: date | None = None
    received: int | None = Field(default=None, ge=0)
    export: Text
    sheet: str = ""
    interviews: str = ""
    project: str = ""
    contact: Contact
    chosen: dict[Language, ChosenProfile] = Field(default_factory=dict)
    columns: dict[str, str] = Field(default_factory=dict)
    statuses: dict[str, str] = Field(default_factory=dict)
    people: People = People()
    leave_out: dict[str, LeftOut] = Field(default_factory=dict)


class Mail(_Section):
    """How written answers travel."""

    sender: str = Field(default="", alias="from")
    reply_to: str = ""
    route: Literal["drafts", "smtp"] = "drafts"
    server: str = ""
    journal: str = ""
    attach_pdf: bool = True


class Targets(_Section):
    """How quickly people are answered (G6, G8)."""

    letter_working_days: int = Field(default=10, ge=0)
    call_working_days: int = Field(default=2, ge=0)
    ceiling_days: int = Field(default=45, ge=0)


class Retention(_Section):
    """How long papers and proof are kept, in months."""

    papers_months: int = Field(default=6, ge=0)
    proof_months: int = Field(default=36, ge=0)


class Answers(_Section):
    """The firm's own choices of what is owed."""

    call_after_phone_screen: bool = False
    confirm_withdrawal: bool = False
    full_name_in_greeting: bool = False


class Organisation(_Section):
    """`organisation.toml`."""

    name: Text
    address: tuple[Text, ...] = Field(min_length=1)
    cvr: str = ""
    phone: str = ""
    web: str = ""
    logo: str = ""
    colour: str = Field(default="#1f2937", pattern=r"^#[0-9a-fA-F]{6}$")
    public: bool = False
    mail: Mail = Mail()
    targets: Targets = Targets()
    retention: Retention = Retention()
    answers: Answers = Answers()


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One job posting that has closed: its folder and what HR wrote about it."""

    folder: Path
    file: VacancyFile
    organisation: Organisation
    organisation_folder: Path  # where the logo is looked for

    @property
    def name(self) -> str:
        """The folder's name, which is also the output folder's."""
        return self.folder.resolve().name

    @property
    def export_path(self) -> Path:
        return self.folder / self.file.export

    @property
    def interviews_path(self) -> Path | None:
        return self.folder / self.file.interviews if self.file.interviews else None


def load_vacancy(folder: Path) -> Vacancy:
    """The vacancy in `folder`, with the organisation it belongs to. Raises InputRefused with all faults of both files."""
    faults: list[Fault] = []
    beside, above = folder / "organisation.toml", folder.resolve().parent / "organisation.toml"
    firm_path = beside if beside.is_file() or not above.is_file() else above
    file = _parsed(folder / "vacancy.toml", VacancyFile, faults)
    firm = _parsed(firm_path, Organisation, faults)
    if file is not None:
        faults += _word_faults(file)
        for key, name in (("export", file.export), ("interviews", file.interviews)):
            if name and not (folder / name).is_file():
                faults.append(Fault(file="vacancy.toml", column=key, code="file-missing", found=name, expected="a file in the vacancy's folder", do="Put it there, or correct the name."))
    if firm is not None and firm.logo and not (firm_path.parent / firm.logo).is_file():
        faults.append(Fault(file="organisation.toml", column="logo", code="file-missing", found=firm.logo, expected="a picture beside organisation.toml", do="Put it there, or leave `logo` out."))
    if file is None or firm is None or faults:
        raise InputRefused(faults)
    return Vacancy(folder, file, firm, firm_path.parent)


Section = TypeVar("Section", bound=_Section)


def _parsed(path: Path, model: type[Section], faults: list[Fault]) -> Section | None:
    """The file as a model; None, with its faults added, where it does not hold."""
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        faults.append(Fault(file=path.name, code="file-missing", found="no such file", expected=f"{path.name} in the vacancy's folder" + (" or beside it" if model is Organisation else ""), do="Make it with `svar init`, or copy one from another vacancy."))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(file=path.name, code="toml-syntax", found=str(error), expected="TOML: key = value, texts in quotation marks", do="Correct that line."))
    else:
        try:
            return model.model_validate(content)
        except ValidationError as error:
            faults += [_fault(path.name, model, each) for each in error.errors()]
    return None


def _fault(file: str, model: type[BaseModel], error: Any) -> Fault:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), _known_keys(model, error["loc"][:-1]), n=1, cutoff=0.5)
        return Fault(file=file, column=place, code="key-unknown", found=place, expected=f"`{near[0]}`, perhaps" if near else "a key that is known", do="Correct its name, or take it out.")
    if error["type"] == "missing":
        return Fault(file=file, column=place, code="key-missing", found="nothing", expected=f"`{place} = ...`", do="Add it.")
    return Fault(file=file, column=place, code="value-invalid", found=repr(error["input"])[:120], expected=error["msg"][0].lower() + error["msg"][1:], do="Correct it.")


def _known_keys(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    for part in place:
        field = next((each for name, each in model.model_fields.items() if part in (name, each.alias)), None)
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return list(ChosenProfile.model_fields) if place[0] == "chosen" else list(LeftOut.model_fields) if place[0] == "leave_out" else []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _word_faults(file: VacancyFile) -> list[Fault]:
    """The faults of [statuses] and [columns]: what they name must exist."""
    faults = []
    for word, code in file.statuses.items():
        if meaning_of(code) is None:
            faults.append(Fault(file="vacancy.toml", column=f"statuses.{word}", code="status-meaning", found=code, expected="an outcome (rejected, withdrew, declined_offer, hired, in_process, answered_elsewhere), a stage (phone_screen, interview_1 ...) or stage/outcome", do="Correct it."))
    for field in file.columns:
        if field not in field_names():
            near = difflib.get_close_matches(field, field_names(), n=1, cutoff=0.5)
            faults.append(Fault(file="vacancy.toml", column=f"columns.{field}", code="key-unknown", found=field, expected=f"`{near[0]}`, perhaps" if near else f"one of {', '.join(field_names())}", do="Correct its name."))
    return faults
