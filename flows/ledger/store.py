"""The ledger on disk: append only, in SQLite or PostgreSQL.

An event is committed before the act it announces and completed after. Unique keys decide races:
(vacancy, number) lets one writer at a time append to a chain, `once` lets a hand-over begin once.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from flows.ledger.events import ANSWERS, FIRST, Event, NewEvent, What, broken_link, chained
from flows.ledger.tables import copy_all, engine_of, migrate
from flows.ledger.tables import events as _events
from flows.ledger.tables import people as _people
from flows.ledger.turn import file_turn, turn_file, turn_number
from flows.roster.faults import CommandRefused, LedgerLost, SvarError, TurnTaken

_TRIES = 20  # writers that met at the same place of a chain
_REMEDIES = {"locked": "Close the program that holds it", "full": "Make room on the disk", "no space": "Make room on the disk"}


class AlreadyWritten(SvarError):
    """Somebody else has begun the same thing: the ledger lets it happen once."""


class Ledger:
    """The ledger of an outputs folder, or a shared one. Use as a context manager."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine, self.place = engine, place
        self._line: Connection | None = None  # holds the turn in a server's ledger

    @classmethod
    def open(cls, url: str) -> Ledger:
        """The ledger at an SQLAlchemy address, made if it is not there. Raises SvarError when it cannot be had."""
        try:
            engine = engine_of(url)
        except (ArgumentError, ImportError) as error:
            expected = "an address such as sqlite:////srv/ledger.sqlite or postgresql+psycopg://host/svar, with its driver installed"
            raise CommandRefused(f"SVAR_LEDGER: found {type(error).__name__}, expected {expected}. Nothing was written.") from error
        ledger = cls(engine, engine.url.render_as_string(hide_password=True))
        try:
            with ledger._transaction() as connection:
                migrate(connection)
        except SQLAlchemyError as error:
            raise SvarError(
                f"The ledger {ledger.place} cannot be opened: {_said_and_mend(error)} Nothing is handed over without it."
            ) from error
        if engine.dialect.name == "sqlite" and engine.url.database:
            os.chmod(engine.url.database, 0o600)
        return ledger

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, vacancy: str, new: Sequence[NewEvent]) -> tuple[Event, ...]:
        """The events, written together or not at all. Raises AlreadyWritten when a `once` of them stands already."""
        for _ in range(_TRIES):
            try:
                with self._writing() as connection:
                    return _append(connection, vacancy, new)
            except IntegrityError as error:
                if self._stands(new):
                    raise AlreadyWritten("another run has begun the same hand-over; look at `svar audit`") from error
        raise SvarError(f"The ledger {self.place} is being written to without a pause. Run the same command again.")

    @contextmanager
    def turn(self, vacancy: str) -> Iterator[None]:
        """While inside, nobody else sends this vacancy's answers. Raises TurnTaken when somebody does."""
        with ExitStack() as held:
            with self._told("locked"):
                mine = held.enter_context(self._turn(vacancy))
            if not mine:
                raise TurnTaken(
                    f"{vacancy}: another sending of this vacancy is running. Nothing was handed over or written down by this one. "
                    f"Wait until that one has ended, then look at `svar send {vacancy}`."
                )
            yield

    def _turn(self, vacancy: str) -> AbstractContextManager[bool]:
        if not self._sqlite:
            return self._server_turn(vacancy)
        file = self._engine.url.database
        return file_turn(turn_file(Path(file), vacancy)) if file else nullcontext(True)  # nobody else knows of a ledger in memory

    @contextmanager
    def _server_turn(self, vacancy: str) -> Iterator[bool]:
        """An advisory lock on a connection of its own; the server frees it when the connection ends (needs one that is not pooled per statement)."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
            line.detach()
            for setting in ("tcp_keepalives_idle = 60", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 6"):
                line.execute(text(f"SET {setting}"))  # a computer that vanished loses its turn in two minutes
            self._line = line
            try:
                mine = bool(line.execute(select(func.pg_try_advisory_lock(turn_number(vacancy)))).scalar())
                yield mine
            finally:
                self._line = None
                with suppress(SQLAlchemyError):
                    line.execute(select(func.pg_advisory_unlock_all()))

    def refuse_lost_turn(self) -> None:
        """Raises SvarError when the line that holds the turn is broken: another sending may have begun."""
        if self._line is not None:
            with self._told("reached"):
                self._line.execute(select(1))

    def events(self, vacancy: str) -> tuple[Event, ...]:
        """The vacancy's events in their order."""
        with self._reading() as connection:
            rows = connection.execute(select(_events).where(_events.c.vacancy == vacancy).order_by(_events.c.number)).mappings()
            return tuple(_event(row) for row in rows)

    def vacancies(self) -> tuple[str, ...]:
        """Every vacancy with an event."""
        with self._reading() as connection:
            return tuple(connection.execute(select(_events.c.vacancy).distinct().order_by(_events.c.vacancy)).scalars())

    def broken_link(self, vacancy: str) -> int | None:
        """The number of the first event that does not follow from the one before; None where the chain holds."""
        return broken_link(self.events(vacancy))

    def keys(self, vacancy: str, people: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        """Applicant id -> key, for everybody in `people` (id -> name and e-mail); new ones are given a key, changed ones updated."""
        for _ in range(_TRIES):
            with suppress(IntegrityError):  # another run has just given somebody a key
                return self._given_keys(vacancy, people)
        raise SvarError(f"The ledger {self.place} is being written to without a pause. Run the same command again.")

    def _given_keys(self, vacancy: str, people: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        with self._writing() as connection:
            known = {row.applicant: row for row in connection.execute(select(_people).where(_people.c.vacancy == vacancy))}
            keys = {id: known[id].key if id in known else secrets.token_hex(16) for id in people}
            for id, (name, address) in people.items():
                if id not in known:
                    connection.execute(insert(_people).values(key=keys[id], vacancy=vacancy, applicant=id, name=name, address=address))
                elif (known[id].name, known[id].address) != (name, address):
                    connection.execute(update(_people).where(_people.c.key == keys[id]).values(name=name, address=address))
        return keys

    def people(self, vacancy: str) -> dict[str, str]:
        """Key -> applicant id of everybody who has not been erased."""
        with self._reading() as connection:
            rows = connection.execute(select(_people.c.key, _people.c.applicant).where(_people.c.vacancy == vacancy))
            return {row.key: row.applicant for row in rows}

    def addressed(self, vacancy: str) -> dict[str, tuple[str, str]]:
        """Applicant id -> name and e-mail, as they stood when something last happened."""
        with self._reading() as connection:
            rows = connection.execute(select(_people.c.applicant, _people.c.name, _people.c.address).where(_people.c.vacancy == vacancy))
            return {row.applicant: (row.name, row.address) for row in rows}

    def about(self, query: str) -> tuple[Mapping[str, str], ...]:
        """Everybody whose name, e-mail or id is `query`, whole, in every vacancy (right of access)."""
        with self._reading() as connection:
            rows = connection.execute(select(_people)).mappings()
            wanted = query.casefold().strip()
            return tuple(dict(row) for row in rows if wanted in {str(row[part]).casefold() for part in ("name", "address", "applicant")})

    def answered_elsewhere_lately(self, vacancy: str, addresses: Sequence[str], since: str) -> dict[str, str]:
        """E-mail -> another vacancy in which something was handed over to it since a moment (ISO)."""
        wanted = {address.casefold() for address in addresses}
        with self._reading() as connection:
            rows = connection.execute(
                select(_people.c.address, _people.c.vacancy)
                .join(_events, _events.c.person == _people.c.key)
                .where(_people.c.vacancy != vacancy, _events.c.at >= since)
                .where(_events.c.what.in_([each.value for each in ANSWERS]))
            )
            return {row.address: row.vacancy for row in rows if row.address.casefold() in wanted}

    def forget(self, vacancy: str) -> int:
        """How many events of a vacancy were taken out for good, when even the proof may be kept no longer."""
        with self._writing() as connection:
            connection.execute(delete(_people).where(_people.c.vacancy == vacancy))
            gone = connection.execute(delete(_events).where(_events.c.vacancy == vacancy)).rowcount
        self._compact()
        return gone

    def copy_to(self, empty: Ledger) -> int:
        """The number of events copied. Raises SvarError where the other ledger holds some."""
        with self._reading() as source, empty._writing() as target:
            return copy_all(source, target)

    def erase_people(self, vacancy: str, keys: Sequence[str]) -> int:
        """How many people were taken out; their events stay, and say nothing of whom they were about."""
        with self._writing() as connection:
            gone = connection.execute(delete(_people).where(_people.c.vacancy == vacancy, _people.c.key.in_(keys))).rowcount
        self._compact()
        return gone

    def _compact(self) -> None:
        """What was erased leaves SQLite's free pages and its write-ahead log too, and the dead rows of PostgreSQL's table."""
        lines = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)") if self._sqlite else (f"VACUUM FULL {_people.name}",)
        with self._told("written"), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for line in lines:
                connection.exec_driver_sql(line)

    @property
    def _sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """What the database says, as an error that says what to do; a unique key that stands already is told as it is."""
        try:
            yield
        except IntegrityError:
            raise
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise SvarError(f"The ledger {self.place} cannot be {done}: {_said_and_mend(error)}") from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._told("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._told("written"), self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Written whole when the body ends, not at all when it fails."""
        with self._engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # one writer from the first look on
            yield connection
            connection.commit()

    def _stands(self, new: Sequence[NewEvent]) -> bool:
        once = [each.once for each in new if each.once]
        with self._reading() as connection:
            return bool(once) and connection.execute(select(_events.c.number).where(_events.c.once.in_(once))).first() is not None


def _append(connection: Connection, vacancy: str, new: Sequence[NewEvent]) -> tuple[Event, ...]:
    last = connection.execute(
        select(_events.c.number, _events.c.digest).where(_events.c.vacancy == vacancy).order_by(_events.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number, last.digest) if last else (0, FIRST)
    written = []
    for each in new:
        number += 1
        one = chained(vacancy, number, each, previous)
        previous = one.digest
        connection.execute(
            insert(_events).values(
                vacancy=vacancy, number=number, what=one.what.value, person=one.person, at=one.at, previous=one.previous, digest=one.digest,
                details=json.dumps(one.details, ensure_ascii=False, sort_keys=True), once=each.once,
            )
        )  # fmt: skip
        written.append(one)
    return tuple(written)


def _event(row: Any) -> Event:
    told = (row["person"], row["at"])
    try:
        what, details = What(row["what"]), json.loads(row["details"])
    except ValueError as error:
        words = f"Event {row['number']} of {row['vacancy']} in the ledger cannot be read: somebody changed it outside Svar. Put the ledger back from a backup."
        raise LedgerLost(words, "chain-broken", f"event {row['number']}") from error
    return Event(row["vacancy"], row["number"], what, *told, details, row["previous"], row["digest"])


def _said_and_mend(error: BaseException) -> str:
    """The database's own words, and what a person does about them."""
    said = str(getattr(error, "orig", None) or error).splitlines()[0]
    mend = next((words for sign, words in _REMEDIES.items() if sign in said.lower()), "Mend that")
    return f"{said}. {mend}, then run the same command again."
