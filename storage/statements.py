"""What the statements of every table need: a short way to SQLite's driver, lists of one size, numbers for new rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Executable, Table, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

T = TypeVar("T")

NEXT_ON_POSTGRES = text("SELECT nextval(pg_get_serial_sequence('transcript', 'id')) FROM generate_series(1, :count)")
LAST_ON_SQLITE = "SELECT seq FROM sqlite_sequence WHERE name = 'transcript'"

# SQLite's driver takes a row by the names of its columns, and a list by the places of its values.
BY_NAME = sqlite_dialect(paramstyle="named")
BY_PLACE = sqlite_dialect(paramstyle="qmark")


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as SQLite reads it, its own values, and the forms of those that SQLite does not keep as they are."""

    text: str
    constants: Mapping[str, Any]
    forms: tuple[tuple[str, Callable[[Any], Any]], ...]

    def stored(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row as SQLite keeps it."""
        return {**self.constants, **row, **{name: form(row[name]) for name, form in self.forms}}


class Swift:
    """A statement that every step needs: on SQLite the driver runs it itself, without SQLAlchemy's work for each row.

    On PostgreSQL, where the way to the server takes longer than that work, it runs as any other statement.
    """

    def __init__(self, statement: Executable, *, sqlite: Executable | None = None) -> None:
        self._statement = statement
        self._on_sqlite = cast(ClauseElement, statement if sqlite is None else sqlite)
        # The text for rows of these columns, and for a list of this length.
        self._for_columns: dict[tuple[str, ...], Written] = {}
        self._for_length: dict[int, str] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it once for every row, all of the same columns; how many rows changed, -1 if nobody counted them."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, rows, execution_options={"preserve_rowcount": True}).rowcount
        columns = tuple(rows[0])
        written = self._for_columns.get(columns) or self._write(columns)
        return int(drive(connection, written.text, [written.stored(row) for row in rows], often=True).rowcount)

    def find(self, connection: Connection, name: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """What it finds for a list of values, its only parameter, of this name; it must ask for no times."""
        listed = padded(values)
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, {name: listed}).all()
        statement = self._for_length.get(len(listed)) or self._write_list(name, listed)
        return cast(Sequence[Sequence[Any]], drive(connection, statement, listed).fetchall())

    def _write(self, columns: tuple[str, ...]) -> Written:
        compiled = cast(SQLCompiler, self._on_sqlite.compile(dialect=BY_NAME, column_keys=list(columns)))
        constants = {name: value for name, value in compiled.params.items() if name not in columns}
        kinds = {name: compiled.binds[name].type.dialect_impl(BY_NAME) for name in compiled.params if name in columns}
        forms = ((name, kind.bind_processor(BY_NAME)) for name, kind in kinds.items())
        written = Written(str(compiled), constants, tuple((name, form) for name, form in forms if form is not None))
        return self._for_columns.setdefault(columns, written)

    def _write_list(self, name: str, listed: Sequence[Any]) -> str:
        filled = self._on_sqlite.params({name: listed})
        compiled = filled.compile(dialect=BY_PLACE, compile_kwargs={"render_postcompile": True})
        return self._for_length.setdefault(len(listed), str(compiled))


def yielding(table: Table, *unique: str) -> Swift:
    """An insert; a row whose unique columns are taken already falls away."""
    return Swift(
        postgres_insert(table).on_conflict_do_nothing(index_elements=unique),
        sqlite=sqlite_insert(table).on_conflict_do_nothing(index_elements=unique),
    )


def insert_yielding(connection: Connection, insert: Swift, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert the rows that do not fall away; True if it is certain that none did."""
    # SQLite counts them; the driver of PostgreSQL says -1.
    return insert.run(connection, rows) == len(rows)


def drive(connection: Connection, statement: str, values: Sequence[Any] = (), *, often: bool = False) -> Any:
    """The driver's own answer; what goes wrong is a DBAPIError as everywhere else."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        return driver.executemany(statement, values) if often else driver.execute(statement, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True) from error


def padded(values: Sequence[T]) -> list[T]:
    """The values, the last one repeated up to a power of two, so that a list of any length is one of few statements."""
    length = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (length - len(values)))]


def next_rows(connection: Connection, count: int) -> list[int]:
    """So many numbers for new rows of the transcript, rising; a row must know its number before it is sealed."""
    if connection.dialect.name == "postgresql":
        return sorted(connection.scalars(NEXT_ON_POSTGRES, {"count": count}))
    # The one writer holds SQLite from BEGIN IMMEDIATE on, so nobody else can take these.
    last = drive(connection, LAST_ON_SQLITE).fetchone()
    first = last[0] + 1 if last else 1
    return list(range(first, first + count))
