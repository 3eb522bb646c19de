"""Processes: which of those that share the database live, by its own time, and which of them has which duty.

On SQLite there is only one, which holds the lock of the home, and it lives until the next one starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean

from storage.keys import Keyring
from storage.statements import insert_yielding, yielding
from storage.tables import Time, duties, processes

# A process that has not told so long that it lives is dead, and what it held is free.
LIFE_SECONDS = 15

# A life that ends later than this was told before the database's clock was set back, and nobody knows when.
LONGEST_LIFE_SECONDS = LIFE_SECONDS + 5

# The dead are forgotten after so long; nobody asks for them.
FORGOTTEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Process:
    """A process under the id of its present life; its role is `all`, `web` or `worker`."""

    id: str
    role: str


@dataclass(frozen=True, slots=True)
class Duty:
    """What only one process at a time may do, and the id of the process that wants it or has it."""

    name: str
    process: str


class from_now(FunctionElement[Any]):  # noqa: N801 - it reads like a function of the database
    """The time of the database so many seconds from the beginning of the statement."""

    type = Time()
    inherit_cache = True


@compiles(from_now, "postgresql")
def _from_now_on_postgres(element: from_now, compiler: Any, **more: Any) -> str:
    seconds = compiler.process(element.clauses, **more)
    return f"(statement_timestamp() + CAST({seconds} AS INTEGER) * interval '1 second')"


@compiles(from_now, "sqlite")
def _from_now_on_sqlite(element: from_now, compiler: Any, **more: Any) -> str:
    seconds = compiler.process(element.clauses, **more)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


class lives(FunctionElement[bool]):  # noqa: N801 - it reads like a function of the database
    """Whether the row of `processes` is that of a living process."""

    type = Boolean()
    inherit_cache = True


@compiles(lives, "postgresql")
def _lives_on_postgres(_element: lives, _compiler: Any, **_more: Any) -> str:
    latest = f"statement_timestamp() + interval '{LONGEST_LIFE_SECONDS} seconds'"
    return f"(processes.alive_until > statement_timestamp() AND processes.alive_until <= {latest})"


@compiles(lives, "sqlite")
def _lives_on_sqlite(_element: lives, _compiler: Any, **_more: Any) -> str:
    return "(1 = 1)"


def is_free(holder: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether what this column says somebody holds may be taken by the process of the parameter `wanted_by`."""
    living = exists().where(processes.c.id == holder, lives())
    return or_(holder.is_(None), holder == bindparam("wanted_by"), ~living)


BEGIN = insert(processes).values(
    id=bindparam("new_id"), role=bindparam("new_role"), started_at=from_now(0), alive_until=from_now(LIFE_SECONDS)
)
LIVE_ON = update(processes).where(processes.c.id == bindparam("mine"), lives())
LIVE_ON = LIVE_ON.values(alive_until=from_now(LIFE_SECONDS))
LIVING = select(processes.c.id, processes.c.role).where(lives()).order_by(processes.c.id)
EVERYBODY, EVERY_DUTY = delete(processes), delete(duties)
ABANDONED = delete(duties).where(~exists().where(processes.c.id == duties.c.held_by))
LONG_DEAD = delete(processes).where(processes.c.alive_until < from_now(-FORGOTTEN_SECONDS))
END = delete(processes).where(processes.c.id == bindparam("mine"))
END_FAMILY = delete(processes).where(processes.c.id.startswith(bindparam("family")))
LAY_DOWN_ALL = delete(duties).where(duties.c.held_by == bindparam("mine"))
LAY_DOWN = delete(duties).where(duties.c.name == bindparam("which"), duties.c.held_by == bindparam("mine"))
HELD = select(duties.c.name).where(duties.c.name == bindparam("which"), duties.c.held_by == bindparam("mine"))
NAME = yielding(duties, "name")
TAKE_UP = update(duties).where(duties.c.name == bindparam("which"), is_free(duties.c.held_by))
TAKE_UP = TAKE_UP.values(held_by=bindparam("mine"))


def begin(connection: Connection, _keys: Keyring, newborn: Sequence[Process]) -> list[tuple[Process, ...]]:
    """Let each process live from now on; who lives then. On SQLite whoever was there before is dead."""
    if connection.dialect.name == "sqlite":
        connection.execute(EVERYBODY)
        connection.execute(EVERY_DUTY)
    else:
        connection.execute(LONG_DEAD)
        connection.execute(ABANDONED)
    for each in newborn:
        connection.execute(BEGIN, {"new_id": each.id, "new_role": each.role})
    return [living(connection)] * len(newborn)


def live_on(connection: Connection, _keys: Keyring, ids: Sequence[str]) -> list[tuple[Process, ...]]:
    """Let each process live on from now; who lives then, which is nobody's answer to one that was dead already."""
    alive = [connection.execute(LIVE_ON, {"mine": each}).rowcount == 1 for each in ids]
    everybody = living(connection)
    return [everybody if lived else () for lived in alive]


def living(connection: Connection) -> tuple[Process, ...]:
    """The processes that live."""
    return tuple(Process(row.id, row.role) for row in connection.execute(LIVING))


def end(connection: Connection, _keys: Keyring, ids: Sequence[str]) -> list[None]:
    """End these lives: all that they held is free at once."""
    for each in ids:
        connection.execute(LAY_DOWN_ALL, {"mine": each})
        connection.execute(END, {"mine": each})
    return [None] * len(ids)


def end_family(connection: Connection, _keys: Keyring, families: Sequence[str]) -> list[None]:
    """End every life whose id begins with one of these names, of a process that is certainly dead."""
    for each in families:
        connection.execute(END_FAMILY, {"family": each})
    return [None] * len(families)


def take_up(connection: Connection, _keys: Keyring, wanted: Sequence[Duty]) -> list[bool]:
    """Whether each duty is with the process that wants it: it is unless another has it that lives."""
    return [take_up_one(connection, each) for each in wanted]


def take_up_one(connection: Connection, wanted: Duty) -> bool:
    """Whether this duty is with the process that wants it now."""
    these = {"which": wanted.name, "mine": wanted.process}
    if connection.scalar(HELD, these) is None:
        if insert_yielding(connection, NAME, [{"name": wanted.name, "held_by": wanted.process}]):
            return True
        connection.execute(TAKE_UP, these | {"wanted_by": wanted.process})
    return connection.scalar(HELD, these) is not None


def lay_down(connection: Connection, _keys: Keyring, done: Sequence[Duty]) -> list[None]:
    """Let others have these duties, as far as they are with the processes that lay them down."""
    for each in done:
        connection.execute(LAY_DOWN, {"which": each.name, "mine": each.process})
    return [None] * len(done)
