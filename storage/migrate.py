"""Brings the tables of a database to where this release wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.engines import postgres_engine, read_url, sqlite_engine

T = TypeVar("T")

STEPS = Path(__file__).parent / "migrations"

# Any number that nothing else in the database locks: of several processes that start at once, one makes the steps.
MIGRATION_LOCK = 0x6B68616962616F


def migrate(url: str) -> None:
    """Make all steps that are missing, or none of them; waits for the database and runs no event loop of yours."""
    over(url, upgrade)


def is_current(url: str) -> bool:
    """Whether no step is missing; a database with steps of a later release is not current either."""
    return over(url, at_head)


def upgrade(connection: Connection) -> None:
    """Make all steps that are missing over this connection."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
    config = config_of_steps()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def at_head(connection: Connection) -> bool:
    """Whether the tables over this connection have every step and no other."""
    heads = ScriptDirectory.from_config(config_of_steps()).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def config_of_steps() -> Config:
    """Where the steps are; no file tells it, so that an installed package finds its own."""
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    return config


def over(url: str, work: Callable[[Connection], T]) -> T:
    """What the work gives over a writing connection in one transaction."""
    read = read_url(url)
    if read.get_backend_name() == "postgresql":
        return asyncio.run(over_postgres(url, work))
    engine = sqlite_engine(read, reading=False)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def over_postgres(url: str, work: Callable[[Connection], T]) -> T:
    """What the work gives over a writing connection to PostgreSQL in one transaction."""
    engine = postgres_engine(read_url(url), reading=False)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
