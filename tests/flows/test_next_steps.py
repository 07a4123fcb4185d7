"""`svar` alone: one line for each vacancy, from the manifest and the ledger."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

from flows.next_steps import NextStep, next_steps
from flows.settings import Settings
from tests.conftest import SAMPLE, TODAY, closed_vacancy, svar


def step(settings: Settings, today: date = TODAY) -> NextStep:
    return next_steps(settings, today)[0]


def test_a_vacancy_still_open_for_applications_has_nothing_to_do(vacancy: Path, settings: Settings) -> None:
    assert step(settings, date(2026, 10, 30)) == NextStep(SAMPLE.name, "open for applications until 2026-10-30", None, "")


def test_after_the_deadline_it_is_checked_and_closed(vacancy: Path, settings: Settings) -> None:
    assert step(settings).command == f"svar check {SAMPLE.name}, then svar close {SAMPLE.name}"


def test_a_fault_in_the_vacancys_file_comes_first(vacancy: Path, settings: Settings) -> None:
    (vacancy / "vacancy.toml").write_text('titel = "Projektleder"\n', "utf-8")
    assert (step(settings).open, step(settings).command) == (None, f"svar check {SAMPLE.name}")


def test_people_to_call_come_before_letters(tmp_path: Path) -> None:
    _, settings = closed_vacancy(tmp_path, 10)
    assert step(settings) == NextStep("ledig", "1 to call, 9 letters ready", 10, "svar calls ledig")


def test_letters_that_are_ready_are_sent_next(tmp_path: Path) -> None:
    _, settings = closed_vacancy(tmp_path, 4)
    assert step(settings) == NextStep("ledig", "4 letters ready", 4, "svar send ledig")


def test_an_export_that_changed_is_closed_again(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 4)
    (folder / "applicants.xlsx").write_bytes(b"another export")
    assert step(settings).command == "svar close ledig"


def test_drafts_wait_for_a_persons_word_and_then_for_the_proof(tmp_path: Path) -> None:
    closed_vacancy(tmp_path, 4)
    here = {"where": tmp_path, "SVAR_WORKERS": "1"}
    svar("send", "ledig", "--confirm", "4", **here)  # type: ignore[arg-type]
    settings = Settings(inputs=tmp_path / "inputs", outputs=tmp_path / "outputs")
    assert step(settings) == NextStep("ledig", "4 drafts nobody has confirmed", 4, "svar answered ledig --by-hand all --by INITIALS")
    svar("answered", "ledig", "--by-hand", "all", "--by", "MS", **here)  # type: ignore[arg-type]
    assert step(settings) == NextStep("ledig", "everyone is answered", 0, "svar audit ledig")
    svar("audit", "ledig", **here)  # type: ignore[arg-type]
    assert step(settings) == NextStep("ledig", "everyone is answered, and it is proved", 0, "")


def test_the_command_alone_is_quick_and_says_how_to_go_on(vacancy: Path, tmp_path: Path) -> None:
    started = time.perf_counter()
    done = svar(where=tmp_path)
    assert time.perf_counter() - started < 10  # under 2 s on a machine with nothing else to do
    assert done.returncode == 0
    assert f"{SAMPLE.name}: not closed yet." in done.stderr
    assert done.stdout == ""


def test_without_a_vacancy_it_says_how_to_begin(tmp_path: Path) -> None:
    assert "svar init EXPORT" in svar(where=tmp_path).stderr


def test_quiet_shows_only_what_stopped_the_command(vacancy: Path, tmp_path: Path) -> None:
    assert svar("--quiet", "check", SAMPLE.name, where=tmp_path).stderr == ""
    refused = svar("-q", "check", "nowhere", where=tmp_path)
    assert refused.returncode == 2
    assert "Refused" in refused.stderr


def test_no_color_takes_the_colours_away(vacancy: Path, tmp_path: Path) -> None:
    coloured = svar("check", SAMPLE.name, where=tmp_path, FORCE_COLOR="1", TERM="xterm-256color")
    plain = svar("check", SAMPLE.name, where=tmp_path, FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1")
    assert re.search("\x1b\\[3\\dm", coloured.stderr)
    assert not re.search("\x1b\\[(?:[\\d;]*;)?3\\dm", plain.stderr)
