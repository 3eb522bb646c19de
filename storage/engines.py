"""Engines: how SQLite and PostgreSQL are opened, so that what is acknowledged is kept."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

# Another process (the command line, a backup) may hold SQLite for a moment; longer than this is a fault.
BUSY_SECONDS = 5

# The same patience on PostgreSQL, in its own words.
LOCK_TIMEOUT = f"{BUSY_SECONDS}s"

# A server that does not answer is lost after this many seconds, so that the platform repeats in time.
CONNECT_SECONDS = 5
COMMAND_SECONDS = 30

# Groups of different sizes are different statements; all of them stay prepared.
STATEMENTS_KEPT = 500

# The write-ahead log is folded into the file after so many pages of 4 kB: seldom enough that a page which changes at
# every turn is written to the file once for many turns, and often enough that opening after a crash takes no time.
LOG_PAGES = 4_000

# Pages that each connection keeps at hand; the default of 2 MB does not hold the indexes of a million declarations.
CACHE_KILOBYTES = 32 * 1024

# What every connection is told, then what one that reads or one that writes is told besides.
PRAGMAS = ("foreign_keys=ON", "trusted_schema=OFF", f"cache_size=-{CACHE_KILOBYTES}")
READING_PRAGMAS = (*PRAGMAS, "query_only=ON")
WRITING_PRAGMAS = (*PRAGMAS, "journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={LOG_PAGES}")

# Reading connections of PostgreSQL; reading threads of SQLite.
READERS = 4


class WrongAddress(ValueError):
    """The URL names no database that this program can use."""


def read_url(url: str) -> URL:
    """The URL of a database with its driver; WrongAddress unless it is an SQLite file or PostgreSQL."""
    try:
        read = make_url(url)
    except ArgumentError:
        raise WrongAddress("it cannot be read as the URL of a database") from None
    match read.get_backend_name():
        case "sqlite":
            if not read.database or read.database == ":memory:":
                raise WrongAddress("SQLite needs a file: sqlite:////folder/khaibao.db")
            return read.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return read.set(drivername="postgresql+asyncpg")
    raise WrongAddress(f"{read.get_backend_name()} is neither sqlite nor postgresql")


def sqlite_engine(url: URL, *, reading: bool, echo: bool = False) -> Engine:
    """SQLite through its own driver, for threads of our own: durable at every commit, one transaction at a time."""
    engine = create_engine(
        url,
        echo=echo,
        pool_size=READERS if reading else 1,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS, "cached_statements": STATEMENTS_KEPT},
    )

    _prepare(engine, reading=reading)
    return engine


def sqlite_pages_engine(url: URL, *, echo: bool = False) -> AsyncEngine:
    """SQLite through aiosqlite, for whoever reads now and then and must not hold up the turns."""
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), echo=echo, pool_size=READERS - 1)
    _prepare(engine.sync_engine, reading=True)
    return engine


def _prepare(engine: Engine, *, reading: bool) -> None:
    """Set up every new connection of the engine, and how its transactions begin."""

    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        # The driver would begin transactions late and lose updates; the event below begins them instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in READING_PRAGMAS if reading else WRITING_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)


def postgres_engine(url: URL, *, reading: bool, echo: bool = False) -> AsyncEngine:
    """PostgreSQL; a reading engine can change nothing and opens no transactions."""
    settings = {"application_name": "khaibao", "lock_timeout": LOCK_TIMEOUT}
    if reading:
        settings["default_transaction_read_only"] = "on"
    return create_async_engine(
        url,
        echo=echo,
        isolation_level="AUTOCOMMIT" if reading else "READ COMMITTED",
        pool_size=READERS if reading else 1,
        max_overflow=0,
        connect_args={
            "server_settings": settings,
            "timeout": CONNECT_SECONDS,
            "command_timeout": COMMAND_SECONDS,
            "prepared_statement_cache_size": STATEMENTS_KEPT,
        },
    )
