"""However a command ends, its exit code says how, and with --json one object says it too."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from flows import cli
from flows.shown import loudness


def ended(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["svar", *words])
    monkeypatch.setattr(loudness, "told", False)
    with pytest.raises(SystemExit) as left:
        cli.main()
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


@pytest.mark.parametrize("words", [["audit"], ["send", "x", "--confirm", "many"], ["close", "x", "--nope"], ["check"]])
def test_a_command_written_wrongly_is_told_as_json(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ended([*words, "--json"], monkeypatch, capsys)
    told = json.loads(out)
    assert (code, told["refused"], told["faults"]) == (2, True, [])
    assert told["message"] in " ".join(err.split())


def test_a_setting_that_does_not_hold_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SVAR_WORKERS", "many")
    code, out, err = ended(["check", "x"], monkeypatch, capsys)
    assert (code, out) == (2, "")
    assert err.startswith("SVAR_WORKERS: Input should be a valid integer")


def test_an_output_folder_nobody_can_make_is_a_failure(
    vacancy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (vacancy.parent / "a-file").touch()
    monkeypatch.setenv("SVAR_OUTPUTS", str(vacancy.parent / "a-file"))
    code, out, _ = ended(["audit", str(vacancy), "--json"], monkeypatch, capsys)
    assert (code, json.loads(out)["failed"]) == (3, True)
    assert json.loads(out)["message"].startswith("Stopped: Not a directory in ")


def test_a_fault_of_the_program_says_where_without_values(
    vacancy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("flows.shown.todo_list", lambda faults: 1 / 0)
    code, _, err = ended(["check", str(vacancy)], monkeypatch, capsys)
    assert code == 3
    assert "Stopped by a fault of the program (ZeroDivisionError in shown.py, line " in " ".join(err.split())
