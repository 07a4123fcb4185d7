"""The ledger: append only, one writer at a time, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from flows.ledger.events import NewEvent, What
from flows.ledger.place import ledger_url
from flows.ledger.store import AlreadyWritten, Ledger
from flows.roster.faults import CommandRefused, SvarError
from tests.conftest import ROOT

AT = "2026-11-24T09:00:00+01:00"
SERVERS = [pytest.param("sqlite", id="sqlite"), pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return os.environ["SVAR_TEST_POSTGRESQL"] if request.param == "postgresql" else ledger_url("", tmp_path)


@pytest.fixture
def vacancy(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}-{os.getpid()}"  # of its own in a shared ledger


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger.open(url) as opened:
        yield opened


def approved(person: str = "k1", **details: object) -> NewEvent:
    return NewEvent(What.APPROVED, person, AT, {"sha256": {"eml": "ab"}, **details})


def test_events_come_back_in_their_order_with_the_chain_whole(ledger: Ledger, vacancy: str) -> None:
    ledger.append(vacancy, [approved("k1"), approved("k2")])
    ledger.append(vacancy, [NewEvent(What.HANDING_OVER, "k1", AT, {"attempt": 0})])
    assert [(event.number, event.what.value, event.person) for event in ledger.events(vacancy)] == [
        (1, "approved", "k1"), (2, "approved", "k2"), (3, "handing_over", "k1"),
    ]  # fmt: skip
    assert ledger.broken_link(vacancy) is None


def test_the_same_hand_over_begins_once(ledger: Ledger, vacancy: str) -> None:
    begun = NewEvent(What.HANDING_OVER, "k1", AT, once=f"{vacancy}/k1/0")
    ledger.append(vacancy, [begun])
    with pytest.raises(AlreadyWritten):
        ledger.append(vacancy, [approved("k2"), begun])
    assert len(ledger.events(vacancy)) == 1  # together or not at all


def test_writers_at_the_same_moment_all_get_their_place(url: str, vacancy: str) -> None:
    def write(number: int) -> None:
        with Ledger.open(url) as mine:
            for turn in range(5):
                mine.append(vacancy, [approved(f"k{number}", turn=turn)])

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with Ledger.open(url) as ledger:
        assert [event.number for event in ledger.events(vacancy)] == list(range(1, 21))
        assert ledger.broken_link(vacancy) is None


def test_a_new_ledger_waits_for_another_that_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(file, check_same_thread=False, isolation_level=None)) as other:
        other.execute("CREATE TABLE begun (it)")
        other.execute("BEGIN IMMEDIATE")  # as one that changes the journal; SQLite itself does not wait for it
        free = threading.Timer(0.3, other.execute, ["COMMIT"])
        free.start()
        try:
            with Ledger.open(ledger_url("", tmp_path)) as ledger:
                ledger.append("v", [approved("k1")])
                assert len(ledger.events("v")) == 1
        finally:
            free.join()


@pytest.mark.postgresql
def test_a_new_ledger_on_a_server_is_made_by_one_at_a_time() -> None:
    server = make_url(os.environ["SVAR_TEST_POSTGRESQL"])
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as line:
        for name in (f"svar_new_{uuid.uuid4().hex}" for _ in range(4)):
            line.execute(text(f"CREATE DATABASE {name}"))
            try:
                opened = open_at_once(server.set(database=name).render_as_string(hide_password=False), 4)
            finally:
                line.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            assert opened == [0, 0, 0, 0]
    admin.dispose()


def open_at_once(url: str, number: int) -> list[int]:
    """How many events each of some writers found in the ledger that all opened at the same moment."""
    start = threading.Barrier(number)

    def one(_: int) -> int:
        start.wait()
        with Ledger.open(url) as ledger:
            return len(ledger.events("v"))

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_a_person_keeps_the_key_and_a_corrected_address(ledger: Ledger, vacancy: str) -> None:
    first = ledger.keys(vacancy, {"4711": ("Åse Prøvesen", "aase@example.com"), "4712": ("Ole Bo", "ole@example.com")})
    again = ledger.keys(vacancy, {"4711": ("Åse Prøvesen", "aase.p@example.com")})
    assert again == {"4711": first["4711"]}
    assert ledger.people(vacancy) == {key: id for id, key in first.items()}


def test_erased_people_leave_the_chain_whole(ledger: Ledger, vacancy: str) -> None:
    keys = ledger.keys(vacancy, {"4711": ("Åse Prøvesen", "aase@example.com")})
    ledger.append(vacancy, [approved(keys["4711"])])
    assert ledger.erase_people(vacancy, list(keys.values())) == 1
    assert (ledger.people(vacancy), ledger.broken_link(vacancy)) == ({}, None)


def test_a_changed_event_breaks_the_chain_at_its_place(tmp_path: Path) -> None:
    with Ledger.open(ledger_url("", tmp_path)) as ledger:
        ledger.append("v", [approved("k1"), approved("k2"), approved("k3")])
    with sqlite3.connect(tmp_path / "ledger.sqlite") as raw:
        raw.execute("update svar_events set person = 'k9' where number = 2")
    with Ledger.open(ledger_url("", tmp_path)) as ledger:
        assert ledger.broken_link("v") == 2


def test_the_ledger_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Ledger.open(ledger_url("", tmp_path)) as ledger, ledger.turn("v"):
        pass
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("ledger.sqlite*")} == {0o600}


def test_a_ledger_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with Ledger.open(ledger_url("", tmp_path)):
        pass
    with sqlite3.connect(tmp_path / "ledger.sqlite") as raw:
        raw.execute("update svar_meta set schema = 99")
    with pytest.raises(SvarError, match="later version of Svar"):
        Ledger.open(ledger_url("", tmp_path))


def test_a_ledger_that_cannot_be_opened_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database, whatever its name says" * 50)
    with pytest.raises(SvarError, match="Nothing is handed over without it"):
        Ledger.open(ledger_url("", tmp_path))


def test_one_sending_of_a_vacancy_at_a_time(url: str, vacancy: str) -> None:
    with Ledger.open(url) as one, Ledger.open(url) as other:
        with one.turn(vacancy):
            with pytest.raises(CommandRefused, match="another sending of this vacancy is running"), other.turn(vacancy):
                pass
            with other.turn(f"{vacancy}-other"):
                one.refuse_lost_turn()
        with other.turn(vacancy):
            pass


def test_the_turn_of_a_killed_process_is_free_again(url: str, vacancy: str) -> None:
    code = f"import time; from flows.ledger.store import Ledger\nwith Ledger.open({url!r}).turn({vacancy!r}): print('mine', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as run, Ledger.open(url) as ledger:
        assert run.stdout is not None
        assert run.stdout.readline() == b"mine\n"
        with pytest.raises(CommandRefused), ledger.turn(vacancy):
            pass
        run.kill()
        run.wait()
        time.sleep(0.5)  # PostgreSQL sees the line end a moment later
        with ledger.turn(vacancy):
            pass


@pytest.mark.postgresql
def test_a_turn_whose_line_broke_stops_the_sending(vacancy: str) -> None:
    from sqlalchemy import create_engine, text

    url = os.environ["SVAR_TEST_POSTGRESQL"]
    with Ledger.open(url) as ledger, pytest.raises(SvarError, match=r"cannot be reached.*run the same command again"), ledger.turn(vacancy):
        with create_engine(url).connect() as admin:
            admin.execute(text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()"))
        ledger.refuse_lost_turn()


def test_a_database_that_fails_is_told_in_words(tmp_path: Path) -> None:
    with Ledger.open(ledger_url("", tmp_path)) as ledger:
        with sqlite3.connect(tmp_path / "ledger.sqlite") as raw:
            raw.execute("drop table svar_people")
        for act in (lambda: ledger.keys("v", {"1": ("Åse", "a@example.com")}), lambda: ledger.people("v")):
            with pytest.raises(
                SvarError, match=r"cannot be (read|written): no such table: svar_people\. Mend that, then run the same command"
            ):
                act()


def test_an_answer_given_lately_in_another_vacancy_is_found(ledger: Ledger, vacancy: str) -> None:
    other = f"{vacancy}-other"
    keys = ledger.keys(other, {"1": ("Åse Prøvesen", f"{vacancy}@example.com")})
    ledger.append(other, [NewEvent(What.POSTED, keys["1"], AT, {"kind": "not_invited"})])
    found = ledger.answered_elsewhere_lately(vacancy, [f"{vacancy}@EXAMPLE.com".lower()], "2026-11-01")
    assert list(found.values()) == [other]
    assert ledger.answered_elsewhere_lately(vacancy, [f"{vacancy}@example.com"], "2026-12-01") == {}


@pytest.mark.parametrize("address", ["nonsense://somewhere", "no address at all"])
def test_an_address_of_no_database_is_refused_plainly(address: str) -> None:
    with pytest.raises(CommandRefused, match=r"SVAR_LEDGER: found .*, expected an address such as sqlite:"):
        Ledger.open(address)
