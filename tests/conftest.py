"""What the tests share: the sample vacancy, people made up on the spot, papers made without a command."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from benchmarks.invented_vacancy import make_vacancy
from flows.closing import Closing
from flows.documents.paper import Made
from flows.documents.workshop import Workshop
from flows.roster.applicant import Applicant, Name, Outcome, Reached, Stage
from flows.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "inputs" / "projektleder-fjernvarme"
TODAY = date(2026, 11, 23)


@pytest.fixture
def vacancy(tmp_path: Path) -> Path:
    """A copy of the sample vacancy, to be spoiled by one test."""
    shutil.copytree(SAMPLE.parent, tmp_path / "inputs")
    return tmp_path / "inputs" / SAMPLE.name


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(inputs=tmp_path / "inputs", outputs=tmp_path / "outputs", today=TODAY, workers=1)


def person(
    name: str = "Åse Prøvesen", reached: Reached = Reached.APPLICATION, outcome: Outcome = Outcome.REJECTED, **more: object
) -> Applicant:
    """An applicant; the first word of the name is the given name."""
    given, _, family = name.partition(" ")
    return Applicant(row=2, id="4711", name=Name(name, given, family), stage=Stage(reached, outcome), **more)  # type: ignore[arg-type]


def close_without_prefect(vacancy: Path, settings: Settings, choose: Callable[[str], bool] = lambda kind: True, most: int = 3) -> Closing:
    """A closing whose papers are made in this process: at most `most` of each kind chosen."""
    closing = Closing.of(vacancy, settings)
    closing.plan()
    assert closing._papers is not None
    shop = Workshop(closing._papers.work)
    made: dict[str, int] = {}
    for order in closing._due:
        earlier = closing._earlier.by_paper().get((order.id, order.kind.name))
        if choose(order.kind.name) and made.get(order.kind.name, 0) < most:
            made[order.kind.name] = made.get(order.kind.name, 0) + 1
            result = shop.make(order, earlier)
            (closing._good if isinstance(result, Made) else closing._failed).append(result)  # type: ignore[arg-type]
    return closing


def free_port() -> int:
    """A port nobody listens on: the same tests may run twice on one machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def svar(*words: str, where: Path, timeout: int = 240, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it, in a folder of its own."""
    told = {"SVAR_INPUTS": str(where / "inputs"), "SVAR_OUTPUTS": str(where / "outputs"), "SVAR_TODAY": TODAY.isoformat()} | environment
    command = [sys.executable, "-m", "flows", *words]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "SVAR_"))}
    return subprocess.run(command, cwd=ROOT, env=kept | told, capture_output=True, text=True, timeout=timeout, check=False)


def closed_vacancy(place: Path, applicants: int = 10, **mail: str) -> tuple[Path, Settings]:
    """An invented vacancy, closed: every paper made and checked, in this process. `mail` goes into [mail] of organisation.toml."""
    folder = make_vacancy(place / "inputs" / "ledig", applicants, SAMPLE)
    firm = folder.parent / "organisation.toml"
    text = firm.read_text("utf-8").replace("<hr@nordvest.example>", "<hr@sender.test>").replace("[retention]", "[retention]", 1)
    for key, value in mail.items():
        text = re.sub(rf"(?m)^{key} = .*\n", "", text).replace("[mail]\n", f'[mail]\n{key} = "{value}"\n')
    firm.write_text(text, "utf-8")
    settings = Settings(inputs=folder.parent, outputs=place / "outputs", workers=1)
    close_again(folder, settings)
    return folder, settings


def close_again(folder: Path, settings: Settings) -> Closing:
    """The vacancy closed once more: whatever changed is made anew."""
    closing = close_without_prefect(folder, settings, most=10_000)
    closing.write_account()
    return closing
