"""The ledger's tables, and how a database is made ready for them."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    func,
    insert,
    select,
)

from flows.roster.faults import SvarError

SCHEMA = 1
_BUSY_MILLISECONDS = 30_000
_AGAIN_SECONDS = 0.02
_MAKING = 0x53766172  # "Svar": the key of PostgreSQL's advisory lock while tables are made
_ROWS_AT_ONCE = 1000

_tables = MetaData()
_meta = Table("svar_meta", _tables, Column("schema", Integer, nullable=False))
people = Table(
    "svar_people", _tables,
    Column("key", String(32), primary_key=True),
    Column("vacancy", String(200), nullable=False),
    Column("applicant", String(500), nullable=False),  # the export's id
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),  # e-mail
    UniqueConstraint("vacancy", "applicant"),
)  # fmt: skip
events = Table(
    "svar_events", _tables,
    Column("vacancy", String(200), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("what", String(40), nullable=False),
    Column("person", String(32), nullable=False),
    Column("at", String(40), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("once", String(300), unique=True),
)  # fmt: skip


def engine_of(url: str) -> Engine:
    """The way to the database at an SQLAlchemy address; an SQLite file is set so that what is committed stays."""
    engine = create_engine(url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000} if url.startswith("sqlite") else {})
    if engine.dialect.name == "sqlite":
        _harden_sqlite(engine)
    return engine


def migrate(connection: Connection) -> None:
    """Brings the tables to today's schema, in a transaction that commits; refuses a ledger of a later version."""
    if connection.dialect.name == "postgresql":  # the tables of a new ledger are made by one at a time
        connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
    _tables.create_all(connection)
    found = connection.execute(select(_meta.c.schema)).scalar()
    if found is None:
        connection.execute(insert(_meta).values(schema=SCHEMA))
    elif found > SCHEMA:
        raise SvarError(f"The ledger was written by a later version of Svar (schema {found}, this one knows {SCHEMA}). Update Svar.")


def copy_all(source: Connection, target: Connection) -> int:
    """The number of events copied, with the people they are about, byte for byte. Raises SvarError where the target holds events."""
    if target.execute(select(events.c.number).limit(1)).first() is not None:
        raise SvarError("The new ledger holds events already: found events, expected an empty one. Nothing was copied.")
    copied = 0
    for table in (people, events):
        rows = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table)).mappings()
        for some in rows.partitions():
            target.execute(insert(table), [dict(row) for row in some])
            copied += len(some) if table is events else 0
    return copied


def _harden_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        cursor = connection.cursor()
        for line in (f"busy_timeout={_BUSY_MILLISECONDS}", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {line}")
        _write_ahead(cursor)
        cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Changes the journal to WAL; waits itself, for SQLite does not when two open a new ledger at the same moment."""
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_SECONDS)
        else:
            return
