"""The two files HR writes: `vacancy.toml` and `organisation.toml`, checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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


class Waiver(_Section):
    """A person's word that a finding of the tone check may stand."""

    code: Text
    by: Text
    reason: Text
    id: str = ""  # one applicant's texts; empty: everybody's, the profile's and the templates'


class Join(_Section):
    """A second export with more about the same people."""

    export: Text
    on: tuple[Text, ...] = Field(min_length=1)  # headings that stand in both files
    sheet: str = ""


class Run(_Section):
    """Where the papers are made. What is not written here is as SVAR_* says."""

    engine: Literal["processes", "dask"] = "processes"
    scheduler: str = ""  # of the Dask cluster; empty: a cluster on this machine for one run
    workers: int = Field(default=0, ge=0, le=64)  # 0: one per processor


class VacancyFile(_Section):
    """`vacancy.toml`."""

    title: Text
    titles: dict[Language, Text] = Field(default_factory=dict)  # the job's name in letters of another language
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
    run: Run = Run()
    chosen: dict[Language, ChosenProfile] = Field(default_factory=dict)
    columns: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[Text, ...] = ()  # headings that mean nothing, although they seem to
    statuses: dict[str, str] = Field(default_factory=dict)
    people: People = People()
    join: Join | None = None
    leave_out: dict[str, LeftOut] = Field(default_factory=dict)
    waive: tuple[Waiver, ...] = ()
    finalists: tuple[Text, ...] = ()  # ids of the last few the choice was between
    reserve: tuple[Text, ...] = ()  # ids of those who are still candidates if the first says no

    def title_in(self, language: str) -> str:
        """The job's name as a letter in this language says it."""
        return next((title for known, title in self.titles.items() if known == language), self.title)


class Mail(_Section):
    """How written answers travel."""

    sender: str = Field(default="", alias="from")
    reply_to: str = ""
    route: Literal["drafts", "smtp"] = "drafts"
    server: str = ""
    journal: str = ""
    per_minute: int = Field(default=0, ge=0)  # letters; 0: as fast as the server takes them
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
    run: Run = Run()


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
    def join_path(self) -> Path | None:
        return self.folder / self.file.join.export if self.file.join else None

    @property
    def interviews_path(self) -> Path | None:
        return self.folder / self.file.interviews if self.file.interviews else None
