"""What [run] says, in which file, and what stands above it; and the ledger moved to another place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.closing import Closing
from flows.dossier import open_ledger
from flows.ledger.events import NewEvent, What
from flows.ledger.store import Ledger
from flows.roster.faults import InputRefused, SvarError
from flows.roster.vacancy_reader import load_vacancy
from flows.settings import Engine, Settings
from tests.conftest import TODAY


def settings_of(vacancy: Path, **told: object) -> Settings:
    return Closing.of(vacancy, Settings(inputs=vacancy.parent, outputs=vacancy.parent.parent / "outputs", today=TODAY, **told)).settings  # type: ignore[arg-type]


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_run_of_the_firm_chooses_the_engine(vacancy: Path) -> None:
    add(vacancy.parent / "organisation.toml", '\n[run]\nengine = "dask"\nscheduler = "tls://scheduler:8786"\n')
    assert (settings_of(vacancy).engine, settings_of(vacancy).dask) == (Engine.DASK, "tls://scheduler:8786")


def test_the_vacancys_own_word_stands_above_the_firms(vacancy: Path) -> None:
    add(vacancy.parent / "organisation.toml", '\n[run]\nengine = "dask"\nworkers = 3\n')
    add(vacancy / "vacancy.toml", '\n[run]\nengine = "processes"\n')
    assert (settings_of(vacancy).engine, settings_of(vacancy).worker_count) == (Engine.PROCESSES, 3)


def test_a_variable_stands_above_both_files(vacancy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(vacancy / "vacancy.toml", '\n[run]\nengine = "dask"\nworkers = 3\n')
    monkeypatch.setenv("SVAR_ENGINE", "processes")
    assert (settings_of(vacancy).engine, settings_of(vacancy).workers) == (Engine.PROCESSES, 3)


def test_an_engine_nobody_knows_is_a_fault(vacancy: Path) -> None:
    add(vacancy / "vacancy.toml", '\n[run]\nengine = "spark"\n')
    with pytest.raises(InputRefused) as caught:
        load_vacancy(vacancy)
    fault = caught.value.faults[0]
    assert (fault.column, fault.found, fault.expected) == ("run.engine", "'spark'", "one of 'processes' or 'dask'")


def test_a_misspelt_key_of_run_names_the_nearest(vacancy: Path) -> None:
    add(vacancy.parent / "organisation.toml", '\n[run]\nsheduler = "tcp://a:1"\n')
    with pytest.raises(InputRefused) as caught:
        load_vacancy(vacancy)
    assert caught.value.faults[0].expected == "`scheduler`, perhaps"


def filled(url: str) -> Ledger:
    """A ledger with two people and three events."""
    ledger = Ledger.open(url)
    keys = ledger.keys("ledig", {"1": ("Åse Prøvesen", "aase@example.com"), "2": ("Bo Dam", "bo@example.com")})
    at = "2026-11-23T09:00:00+01:00"
    ledger.append("ledig", [NewEvent(What.APPROVED, keys[id], at, {"by": "MS"}) for id in ("1", "2")])
    ledger.append("ledig", [NewEvent(What.DRAFTED, keys["1"], at, {"kind": "not_invited"})])
    return ledger


def copied(place: Path, target: str) -> None:
    with filled(f"sqlite:///{place / 'old.sqlite'}") as old, Ledger.open(target) as new:
        assert old.copy_to(new) == 3
        assert (new.events("ledig"), new.people("ledig")) == (old.events("ledig"), old.people("ledig"))
        assert new.broken_link("ledig") is None
        with pytest.raises(SvarError, match=r"holds events already.*Nothing was copied"):
            old.copy_to(new)
        assert len(new.events("ledig")) == 3


def test_a_copied_ledger_holds_the_same_chain(tmp_path: Path) -> None:
    copied(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite'}")


def test_the_command_copies_the_ledger_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from flows.cli import app

    filled(f"sqlite:///{tmp_path / 'old.sqlite'}").close()
    monkeypatch.setenv("SVAR_LEDGER", str(tmp_path / "old.sqlite"))
    monkeypatch.setenv("SVAR_OUTPUTS", str(tmp_path))
    done = CliRunner().invoke(app, ["ledger", "copy", str(tmp_path / "new.sqlite")])
    assert done.exit_code == 0, done.output
    with open_ledger(Settings(ledger=str(tmp_path / "new.sqlite"))) as ledger:
        assert len(ledger.events("ledig")) == 3


@pytest.mark.postgresql
def test_a_ledger_moves_to_postgresql_and_back(tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    url = os.environ["SVAR_TEST_POSTGRESQL"]
    with create_engine(url).begin() as connection:
        connection.execute(text("drop table if exists svar_meta, svar_people, svar_events"))
    copied(tmp_path, url)
    with Ledger.open(url) as shared, Ledger.open(f"sqlite:///{tmp_path / 'back.sqlite'}") as back:
        assert shared.copy_to(back) == 3
        assert back.events("ledig") == shared.events("ledig")


def test_a_flow_called_from_python_waits_for_its_server() -> None:
    from prefect.settings import get_current_settings

    assert get_current_settings().server.ephemeral.startup_timeout_seconds == 120


@pytest.mark.parametrize(("asked", "papers", "workers"), [(0, 0, 1), (0, 22, 1), (0, 150, 1), (0, 151, 2), (0, 9000, 2), (3, 22, 3)])
def test_few_papers_get_few_workers(monkeypatch: pytest.MonkeyPatch, asked: int, papers: int, workers: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    assert Settings(workers=asked).staffed(papers).worker_count == workers
