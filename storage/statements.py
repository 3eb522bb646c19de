"""What the statements of every table need: lists of one size, inserts that yield, numbers for new rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

T = TypeVar("T")

NEXT_ON_POSTGRES = text("SELECT nextval(pg_get_serial_sequence('transcript', 'id')) FROM generate_series(1, :count)")
LAST_ON_SQLITE = text("SELECT seq FROM sqlite_sequence WHERE name = 'transcript'")


def padded(values: Sequence[T]) -> list[T]:
    """The values, the last one repeated up to a power of two, so that a list of any length is one of few statements."""
    length = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (length - len(values)))]


def yielding(table: Table, *unique: str) -> dict[str, Insert]:
    """An insert for each database by its name; a row whose unique columns are taken already falls away."""
    return {
        "sqlite": sqlite_insert(table).on_conflict_do_nothing(index_elements=unique),
        "postgresql": postgres_insert(table).on_conflict_do_nothing(index_elements=unique),
    }


def insert_yielding(connection: Connection, inserts: Mapping[str, Insert], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert the rows that do not fall away; True if it is certain that none did."""
    insert = inserts[connection.dialect.name]
    # SQLite counts them; the driver of PostgreSQL says -1.
    return connection.execute(insert, rows, execution_options={"preserve_rowcount": True}).rowcount == len(rows)


def next_rows(connection: Connection, count: int) -> list[int]:
    """So many numbers for new rows of the transcript, rising; a row must know its number before it is sealed."""
    if connection.dialect.name == "postgresql":
        return sorted(connection.scalars(NEXT_ON_POSTGRES, {"count": count}))
    # The one writer holds SQLite from BEGIN IMMEDIATE on, so nobody else can take these.
    last = connection.scalar(LAST_ON_SQLITE) or 0
    return list(range(last + 1, last + 1 + count))
