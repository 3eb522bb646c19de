"""What the statements of every table need: lists of one size, inserts that yield, numbers for new rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

T = TypeVar("T")

NEXT_ON_POSTGRES = text("SELECT nextval(pg_get_serial_sequence('transcript', 'id')) FROM generate_series(1, :count)")
LAST_ON_SQLITE = text("SELECT seq FROM sqlite_sequence WHERE name = 'transcript'")


def padded(values: Sequence[T]) -> list[T]:
    """The values, the last one repeated up to a power of two, so that a list of any length is one of few statements."""
    length = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (length - len(values)))]


def insert_yielding(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *unique: str) -> None:
    """Insert the rows; those whose unique columns are taken already fall away."""
    if not rows:
        return
    insert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(insert(table).on_conflict_do_nothing(index_elements=unique), rows)


def next_rows(connection: Connection, count: int) -> list[int]:
    """So many numbers for new rows of the transcript, rising; a row must know its number before it is sealed."""
    if connection.dialect.name == "postgresql":
        return sorted(connection.scalars(NEXT_ON_POSTGRES, {"count": count}))
    # The one writer holds SQLite from BEGIN IMMEDIATE on, so nobody else can take these.
    last = connection.scalar(LAST_ON_SQLITE) or 0
    return list(range(last + 1, last + 1 + count))
