"""Every knob, with its unit and default; read once from SVAR_* variables, handed down."""

from __future__ import annotations

import math
import os
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.roster.spreadsheet import ReadLimits

if TYPE_CHECKING:
    from flows.roster.vacancy import Vacancy

_PAPERS_A_WORKER = 150  # fewer are made sooner by one worker fewer
ROOT = Path(__file__).resolve().parent.parent


class Engine(StrEnum):
    """Where papers are made."""

    PROCESSES = "processes"
    DASK = "dask"


class Settings(BaseSettings):
    """Places are folders; sizes and times carry their unit in the name."""

    model_config = SettingsConfigDict(env_prefix="SVAR_", frozen=True)

    inputs: Path = Path("inputs")
    outputs: Path = Path("outputs")
    ledger: str = ""  # empty: ledger.sqlite in the outputs folder
    templates: Path = ROOT / "templates"
    workers: int = Field(default=0, ge=0, le=64)  # processes that draw; 0: one per processor
    engine: Engine = Engine.PROCESSES  # processes of this machine, or a Dask cluster with a shared output folder
    dask: str = ""  # the Dask scheduler, tcp://host:8786 or tls://host:8786; empty: a cluster on this machine for one run
    chunk: int = Field(default=0, ge=0, le=1000)  # papers per Prefect task; 0: a dozen tasks a worker, of 10 to 200 papers
    read_megabytes: int = Field(default=1500, ge=256)  # memory the export's reader may use
    read_seconds: int = Field(default=60, ge=1)  # time it may take
    notify: str = ""  # Prefect blocks that are told of failed and overdue runs, with commas between: slack-webhook/hr,mail-notice/hr
    today: date | None = None  # the day the letters carry; empty: today (for rehearsals)

    @property
    def read_limits(self) -> ReadLimits:
        """How much memory and time the reading of one file may take."""
        return ReadLimits(megabytes=self.read_megabytes, seconds=self.read_seconds)

    @property
    def notify_blocks(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.notify.split(",") if name.strip())

    def as_run_by(self, vacancy: Vacancy) -> Settings:
        """These settings with what [run] says: vacancy.toml above organisation.toml, and what SVAR_* says above both."""
        told = vacancy.organisation.run.model_dump(exclude_unset=True) | vacancy.file.run.model_dump(exclude_unset=True)
        named = {"dask" if key == "scheduler" else key: Engine(value) if key == "engine" else value for key, value in told.items()}
        return self.model_copy(update={key: value for key, value in named.items() if key not in self.model_fields_set})

    def staffed(self, papers: int) -> Settings:
        """These settings with fewer workers where there are few papers and nobody said how many: each takes seconds to load its tools."""
        if self.workers or self.engine is Engine.DASK:
            return self
        return self.model_copy(update={"workers": min(self.worker_count, math.ceil(papers / _PAPERS_A_WORKER) or 1)})

    @property
    def worker_count(self) -> int:
        return self.workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else self.workers or os.cpu_count() or 1

    def vacancy_folder(self, named: str) -> Path:
        """The folder a person named: a path with a vacancy.toml, else a folder under inputs."""
        as_path = Path(named)
        return as_path if (as_path / "vacancy.toml").is_file() or not (self.inputs / named).is_dir() else self.inputs / named

    def output_folder(self, vacancy: Path) -> Path:
        return self.outputs / vacancy.resolve().name
