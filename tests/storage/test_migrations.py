"""Migrations: they lead to exactly the tables that the program describes."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from storage.migrate import is_current, migrate, over
from storage.tables import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


def differences(connection: Connection) -> list[object]:
    """What the tables in the database and those of the program do not have in common."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def described(connection: Connection) -> list[str]:
    """How SQLite describes its tables and indexes, whatever the order and the spaces."""
    rows = connection.scalars(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"))
    return sorted(" ".join(sorted(row.replace(",", " ").replace("(", " ").replace(")", " ").split())) for row in rows)


def test_the_steps_lead_to_the_tables_of_the_program(empty_url: str) -> None:
    assert not is_current(empty_url)
    migrate(empty_url)
    assert is_current(empty_url)
    assert over(empty_url, differences) == []


def test_steps_that_were_made_are_not_made_again(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    assert is_current(empty_url)


def test_partial_indexes_and_numbering_are_those_of_the_program(tmp_path: Path) -> None:
    stepped, direct = (f"sqlite:///{tmp_path / name}.db" for name in ("stepped", "direct"))
    migrate(stepped)
    over(direct, metadata.create_all)
    assert over(stepped, described) == over(direct, described)


async def test_processes_that_start_at_once_make_the_steps_once(empty_postgres_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_postgres_url) for _ in range(3)))
    assert await asyncio.to_thread(is_current, empty_postgres_url)


def test_a_database_of_a_later_release_is_not_current(sqlite_url: str) -> None:
    def later(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))

    over(sqlite_url, later)
    assert not is_current(sqlite_url)
