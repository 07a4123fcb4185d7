"""The main job, run as a person runs it, on the sample vacancy."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from flows.closing import Closing, going_on_with
from flows.engine import start_engine, stop_engine
from flows.progress import progress_shown
from flows.roster.faults import SvarError, TurnTaken
from flows.roster.roster import read_export
from flows.roster.spreadsheet import ReadLimits
from flows.settings import Settings
from flows.watcher import tell
from tests.conftest import ROOT, SAMPLE, free_port, svar


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own with the sample vacancy, closed once."""
    folder = tmp_path_factory.mktemp("closing")
    shutil.copytree(SAMPLE.parent, folder / "inputs")
    return folder


@pytest.fixture(scope="module")
def first(place: Path) -> subprocess.CompletedProcess[str]:
    return svar("close", SAMPLE.name, "--json", where=place)


@pytest.fixture(scope="module")
def told(first: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert first.returncode == 1, first.stderr
    answer: dict[str, object] = json.loads(first.stdout)
    return answer


def out(place: Path) -> Path:
    return place / "outputs" / SAMPLE.name


def test_the_counts_sum_to_the_rows_of_the_export(told: dict[str, dict[str, int]]) -> None:
    counts = told["counts"]
    assert counts["applicants"] == 61 == sum(counts[key] for key in ("letter", "call_and_letter", "nothing", "held"))
    assert (counts["letter"], counts["call_and_letter"], counts["held"]) == (48, 6, 3)


def test_everyone_owed_an_answer_has_papers_on_disk(told: dict[str, list[dict[str, str]]], place: Path) -> None:
    kinds = [each["kind"] for each in told["documents"]]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "not_invited": 46,
        "after_phone_screen": 2,
        "after_interview": 6,
        "feedback_note": 6,
    }
    assert all((out(place) / each[form]).is_file() for each in told["documents"] for form in ("docx", "pdf"))
    assert all((out(place) / each["eml"]).is_file() for each in told["documents"] if each["eml"])


def test_the_held_are_open_each_with_a_reason(told: dict[str, list[dict[str, str]]]) -> None:
    assert {each["reason"] for each in told["open"]} == {"in_process", "not-live", "unknown"}
    assert told["closed"] is False


def test_the_report_names_the_open_before_the_rest(told: object, place: Path) -> None:
    report = (out(place) / "report.html").read_text()
    assert "61 rækker i udtrækket = 4 afsluttet + 54 klar til svar + 3, hvor et menneske skal handle først" in report
    assert report.index("Jakob Ulrik") < report.index("Anne Sofie Holm")


def test_no_name_address_or_number_is_left_with_prefect(told: object, first: subprocess.CompletedProcess[str], place: Path) -> None:
    roster = read_export(SAMPLE / "applicants.xlsx", ReadLimits())
    people = [text for each in roster.applicants for text in (each.name.full, *each.emails, *each.phones) if len(text) > 5]
    kept = b"\n".join(path.read_bytes() for path in (place / "outputs" / ".prefect").rglob("*") if path.is_file())
    assert b"close vacancy" in kept
    assert [text for text in people if text.encode() in kept] == []


def test_the_command_says_nothing_of_prefect(told: object, first: subprocess.CompletedProcess[str]) -> None:
    assert not re.search(r"prefect|Traceback|Flow run|Task run", first.stderr, re.IGNORECASE)


def test_a_second_run_leaves_every_paper_as_it_was(told: object, place: Path) -> None:
    papers = [path for folder in ("letters", "notes", "mail") for path in (out(place) / folder).iterdir()]
    before = {path: path.stat().st_mtime_ns for path in papers}
    again = svar("close", SAMPLE.name, "--json", where=place)
    assert again.returncode == 1
    assert json.loads(again.stdout) == told
    assert {path: path.stat().st_mtime_ns for path in papers} == before


def test_a_run_with_nothing_to_make_starts_no_server(told: object, place: Path) -> None:
    report = (out(place) / "report.html").stat().st_mtime_ns
    assert svar("close", SAMPLE.name, where=place, PREFECT_SERVER_DATABASE_CONNECTION_URL="sqlite:////nowhere/at.all").returncode == 1
    assert (out(place) / "report.html").stat().st_mtime_ns > report


@pytest.mark.crash
def test_killed_in_the_middle_the_next_run_goes_on(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE.parent, tmp_path / "inputs")
    environment = {
        "SVAR_INPUTS": str(tmp_path / "inputs"),
        "SVAR_OUTPUTS": str(tmp_path / "outputs"),
        "SVAR_CHUNK": "5",
        "PATH": "/usr/bin:/bin",
    }
    running = subprocess.Popen([sys.executable, "-m", "flows", "close", SAMPLE.name], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    letters = out(tmp_path) / "letters"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(letters.glob("*.pdf"))) < 8:
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert len(list(letters.glob("*.pdf"))) >= 8
    done = svar("close", SAMPLE.name, "--json", where=tmp_path)
    told = json.loads(done.stdout)
    assert told["counts"]["papers"] == 60
    assert not list(out(tmp_path).rglob(".writing-*"))
    assert not (out(tmp_path) / "set-aside").exists()


@pytest.fixture
def engine_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stops here does not stop the tests after it."""
    monkeypatch.setattr("flows.engine._broken_off", threading.Event())


@pytest.mark.usefixtures("engine_of_its_own")
def test_papers_begun_before_the_flow_are_made_once(vacancy: Path, settings: Settings) -> None:
    closing = Closing.of(vacancy, settings.model_copy(update={"workers": 2, "chunk": 5}))
    start_engine(closing.settings)
    try:
        with closing.making_ahead():
            good = sum(closing.make_chunk(number) for number in range(1, closing.plan() + 1))
    finally:
        stop_engine(closing.settings)
    noted = [
        (each["id"], each["kind"]) for each in map(json.loads, filter(None, (closing.out / "manifest.part.jsonl").read_text().splitlines()))
    ]
    assert good == len(closing.made) == len(noted) == len(set(noted)) == 60


@pytest.mark.usefixtures("engine_of_its_own")
def test_a_command_that_ends_before_the_flow_leaves_no_chunk_under_way(vacancy: Path, settings: Settings) -> None:
    closing = Closing.of(vacancy, settings.model_copy(update={"workers": 1, "chunk": 5}))
    start_engine(closing.settings)
    with closing.making_ahead():
        pass
    stop_engine(closing.settings)
    lying = sorted(closing.out.rglob("*.*"))
    with pytest.raises(SvarError, match="broken off"):
        closing.make_chunk(closing.plan())
    assert sorted(closing.out.rglob("*.*")) == lying and len(closing.made) < 60


def test_the_flow_goes_on_with_what_the_command_began(vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(vacancy.parent.parent)
    named = vacancy.relative_to(vacancy.parent.parent)  # as the command names it where nobody set SVAR_INPUTS
    closing = Closing.of(named, settings)
    with going_on_with(closing):
        assert Closing.begun(named, settings) is closing
    assert Closing.begun(named, settings) is not closing


def test_two_closings_of_a_vacancy_take_turns(vacancy: Path, settings: Settings) -> None:
    first, second = Closing.of(vacancy, settings), Closing.of(vacancy, settings)
    with first.alone():
        with first.alone(), pytest.raises(TurnTaken, match="another closing or erasing of this vacancy is running"), second.alone():
            pass
        with pytest.raises(TurnTaken), second.alone():  # still, after the flow inside the command has ended
            pass
    with second.alone():
        pass
    assert sorted(path.name[:9] for path in settings.outputs.iterdir()) == [".closing-"]
    assert not settings.output_folder(vacancy).exists()


def test_a_server_that_does_not_answer_is_told_before_anything_is_made(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE.parent, tmp_path / "inputs")
    url = f"http://somebody:secret@127.0.0.1:{free_port()}/api"
    done = svar("close", SAMPLE.name, where=tmp_path, PREFECT_API_URL=url)
    assert done.returncode == 3
    assert "PREFECT_API_URL: found http://127.0.0.1:" in done.stderr and "Nothing was written." in done.stderr
    assert "secret" not in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_a_share_the_server_does_not_take_stops_no_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fails(*_: object, **__: object) -> None:
        asked.append(1)
        raise ConnectionError("the server hiccups")

    monkeypatch.setattr("flows.progress.create_progress_artifact", fails)
    with progress_shown("progress"):
        tell(40, 60)
    assert asked


def test_workers_end_with_the_command_that_was_killed() -> None:
    program = "import sys, time; from flows import workers; workers.start_workers(2); print('began', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None and command.stdout.readline() == "began\n"
        crew = [each for each in psutil.Process(command.pid).children(recursive=True) if "LokyProcess" in " ".join(each.cmdline())]
        command.kill()
    assert len(crew) == 2
    _, alive = psutil.wait_procs(crew, timeout=20)  # the time a worker takes to load before it looks for the first time
    assert not alive


def test_outputs_that_cannot_be_locked_are_told_as_that(vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    closing = Closing.of(vacancy, settings)
    monkeypatch.setattr("flows.ledger.turn._taken", lambda lock: False)  # as a drive without locks has it
    with pytest.raises(SvarError, match="its file system knows no locks"), closing.alone():
        pass
    monkeypatch.undo()
    (lock,) = settings.outputs.glob(".closing-*")
    lock.unlink()
    lock.mkdir()
    with pytest.raises(SvarError, match="cannot be locked: unable to open database file"), closing.alone():
        pass
