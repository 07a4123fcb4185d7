"""A closing that makes every letter anew, with a worker or the whole command killed in the middle; pytest -m crash."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows.documents import shelf
from tests.conftest import ROOT, TODAY, closed_vacancy

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("whole", [False, True], ids=["a worker", "the command"])
def test_a_kill_while_letters_are_made_anew_leaves_no_edit_behind(tmp_path: Path, whole: bool) -> None:
    folder, settings = closed_vacancy(tmp_path, 60)
    file = folder / "vacancy.toml"
    file.write_text(file.read_text("utf-8").replace("Mette Sørensen", "Mette Holm Sørensen"), "utf-8")
    out = settings.output_folder(folder)
    before = shelf.read_manifest(out).by_paper()
    command = closing(tmp_path)
    journal = out / "manifest.part.jsonl"
    while not journal.exists() and command.poll() is None:
        time.sleep(0.01)
    time.sleep(0.2)
    assert command.poll() is None
    if whole:
        command.kill()
    else:
        workers(command)[0].kill()
    if command.wait(timeout=200) not in (0, 1):
        assert closing(tmp_path).wait(timeout=200) in (0, 1)
    made = shelf.read_manifest(out).by_paper()
    assert made.keys() == before.keys()
    assert [paper for paper, each in made.items() if each.edited or not shelf.as_made(each, out)] == []
    assert [paper for paper, each in made.items() if each.inputs == before[paper].inputs] == []
    assert not (out / "set-aside").exists()


def closing(place: Path) -> subprocess.Popen[bytes]:
    told = {"SVAR_INPUTS": str(place / "inputs"), "SVAR_OUTPUTS": str(place / "outputs"), "SVAR_TODAY": TODAY.isoformat()}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "SVAR_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "flows", "close", "ledig"],
        cwd=ROOT,
        env=kept | told | {"SVAR_CHUNK": "12", "SVAR_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def workers(command: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes that draw."""
    family = psutil.Process(command.pid).children(recursive=True)
    told = [(each, " ".join(each.cmdline())) for each in family]
    return [each for each, line in told if "loky" in line and "tracker" not in line]
