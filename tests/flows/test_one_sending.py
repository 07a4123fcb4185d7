"""One sending at a time, and what a broken one leaves behind: nobody twice, nobody forgotten, and words on what to do."""

from __future__ import annotations

import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox as MailboxHandler

from flows.documents import shelf
from flows.dossier import open_ledger, read_dossier
from flows.handing import Handing
from flows.ledger import tables
from flows.ledger.events import NewEvent, What
from flows.recording import record_answered, record_retry
from flows.roster.faults import CommandRefused, SvarError
from flows.sending import Sending
from flows.settings import Settings
from tests.conftest import closed_vacancy

AT = "2026-11-24T09:00:00+01:00"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A real mail server on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(MailboxHandler(str(tmp_path / "Maildir")), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


def told(settings: Settings) -> list[str]:
    with open_ledger(settings) as ledger:
        return [event.what.value for event in ledger.events("ledig")]


def begin(settings: Settings, id: str, name: str = "x") -> None:
    """A hand-over that a run began and did not end."""
    with open_ledger(settings) as ledger:
        key = ledger.keys("ledig", {id: (name, "applicant0@example.com")})[id]
        ledger.append("ledig", [NewEvent(What.HANDING_OVER, key, AT, {"kind": "not_invited"})])


@contextmanager
def no_room_after(more: int, file: Path) -> Iterator[None]:
    """Files may grow only a little larger than one of them is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_looking_at_what_would_go_makes_no_ledger(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    sending = Sending.of(folder, settings)
    assert sending.report_object()["ready"]
    assert sending.broken_link is None
    assert not list(settings.outputs.glob("ledger*"))


def test_a_live_sending_is_no_doubt_to_the_next(tmp_path: Path, server: str) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server)
    first, second = Sending.of(folder, settings), Sending.of(folder, settings)
    first.approve(9)
    begin(settings, "10000")  # as in the middle of its first letter
    with pytest.raises(CommandRefused, match=r"another sending of this vacancy is running.*Wait until"):
        second.approve(9)
    assert told(settings) == ["approved"] * 9 + ["handing_over"]
    for meanwhile in (
        lambda: record_retry(folder, ["10000"], by="MS", settings=settings),
        lambda: record_answered(folder, ["10001"], What.SENT_BY_HAND, on=date(2026, 11, 20), by="MS", settings=settings),
    ):
        with pytest.raises(CommandRefused, match="another sending"):
            meanwhile()
    first.hand_over()
    second.approve(0)
    assert told(settings).count("accepted_by_server") == 9


def test_a_sending_refused_for_its_number_lets_the_next_begin(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    refused, next_one = Sending.of(folder, settings), Sending.of(folder, settings)
    with pytest.raises(CommandRefused, match="--confirm 8"):
        refused.approve(8)
    next_one.approve(9)
    next_one.hand_over()
    assert len(next_one.done) == 9


def test_a_crash_between_approval_and_handing_over_changes_nothing(tmp_path: Path, server: str) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server)
    crashed = Sending.of(folder, settings)
    crashed.approve(9)
    del crashed
    again = Sending.of(folder, settings)
    again.approve(9)
    again.hand_over()
    assert {each.what for each in again.done} == {What.ACCEPTED_BY_SERVER}


def test_somebody_begun_who_left_the_export_is_settled(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    begin(settings, "99999")
    sending = Sending.of(folder, settings)
    sending.approve(8)  # whoever has the same address now may have been answered under that id
    assert [(each.id, each.what) for each in sending.settled] == [("99999", What.UNCERTAIN)]


def test_a_new_ledger_does_not_hide_that_the_old_is_lost(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    sending = Sending.of(folder, settings)
    sending.approve(9)
    sending.hand_over()
    for file in settings.outputs.glob("ledger.sqlite*"):
        file.unlink()
    for _ in range(2):
        with pytest.raises(SvarError, match="nobody is answered twice"):
            record_answered(folder, ["10000"], What.SENT_BY_HAND, on=date(2026, 11, 20), by="MS", settings=settings)
    with pytest.raises(SvarError, match="nobody is answered twice"):
        Sending.of(folder, settings)


def test_nothing_is_sent_from_a_closing_that_was_broken_off(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    out = settings.outputs / "ledig"
    shelf.note_made(out, shelf.read_manifest(out).made[0])
    with pytest.raises(SvarError, match=r"`svar close` was broken off\. Run it again"):
        Sending.of(folder, settings).approve(9)
    assert told(settings) == []


def test_a_closing_beside_a_sending_keeps_the_mark(tmp_path: Path) -> None:
    _, settings = closed_vacancy(tmp_path)
    out = settings.outputs / "ledig"
    before = shelf.read_manifest(out)
    shelf.mark_handed_over(out)
    shelf.write_manifest(out, before, {})
    assert shelf.read_manifest(out).handed_over


def test_a_print_the_ledger_does_not_know_is_set_aside(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    out = settings.outputs / "ledig"
    (out / "print").mkdir()
    (out / "print" / "2026-11-24 090000.pdf").write_bytes(b"%PDF of a run that was broken off")
    with open_ledger(settings) as ledger:
        dossier = read_dossier(folder, settings, ledger)
        moments = iter(datetime(2026, 11, 24, 10, minute).astimezone() for minute in range(60))
        handing = Handing(dossier, ledger, clock=lambda: next(moments))
        handing.print(dossier.outbox().ready[:2])
        handing.print(dossier.outbox().ready[2:3])
    assert [file.name for file in (out / "set-aside").iterdir()] == ["2026-11-24 090000.pdf"]
    assert len(list((out / "print").iterdir())) == 2
    assert told(settings) == ["drafted"] * 3


def test_a_ledger_without_room_stops_with_what_to_do(tmp_path: Path, server: str) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server)
    sending = Sending.of(folder, settings)
    sending.approve(9)
    with (
        no_room_after(60_000, settings.outputs / "ledger.sqlite-wal"),
        pytest.raises(SvarError, match=r"cannot be written: .* run the same command again\. .*Of 9 letters [1-8] were dealt with before"),
    ):
        sending.hand_over()
    begun, done = told(settings).count("handing_over"), told(settings).count("accepted_by_server")
    assert 0 < done <= begun <= done + 1
    assert len(list((tmp_path / "Maildir" / "new").iterdir())) == begun
    again = Sending.of(folder, settings)
    again.approve(9 - begun)
    again.hand_over()
    assert len(list((tmp_path / "Maildir" / "new").iterdir())) == 9


def test_a_ledger_held_by_another_program_stops_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, settings = closed_vacancy(tmp_path)
    sending = Sending.of(folder, settings)
    sending.approve(9)
    monkeypatch.setattr(tables, "_BUSY_MILLISECONDS", 50)
    held = sqlite3.connect(settings.outputs / "ledger.sqlite", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    with pytest.raises(SvarError, match=r"ledger.sqlite cannot be opened: database is locked\. Close the program that holds it"):
        Sending.of(folder, settings)
    held.close()
    sending.hand_over()
    assert len(sending.done) == 9
