"""The memory: one writer that carries all that waits in one transaction, and readers that never hold it up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engines import postgres_engine, read_url, sqlite_engine, sqlite_pages_engine
from storage.faults import MemoryBroken, MemoryLost, raise_fault
from storage.grouping import Group, Operation, Ticket, perform
from storage.keys import Keyring

I = TypeVar("I")  # noqa: E741 - what goes in
O = TypeVar("O")  # noqa: E741 - what comes out
P = ParamSpec("P")

# A function that reads what it is asked for.
Reading = Callable[Concatenate[Connection, Keyring, P], O]


class Database(Protocol):
    """What the memory needs of a database: carry a group in one transaction, look for a group, read, close."""

    async def carry(self, tickets: Sequence[Ticket]) -> list[Any]: ...

    async def look(self, tickets: Sequence[Ticket]) -> list[Any]: ...

    async def read(self, reading: Callable[[Connection], O]) -> O: ...

    async def close(self) -> None: ...


class Memory:
    """What the program remembers; `broken` is set when the disk failed under a commit and the process must stop."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self.broken = False
        self._database = database
        self._keys = keys
        self._writing = Group(self._carry)
        self._looking = Group(database.look)
        self._reads: set[asyncio.Task[Any]] = set()
        self._closed = False

    @classmethod
    def open(cls, url: str, keys: Keyring, *, echo: bool = False) -> Memory:
        """The memory at this URL, whose tables are there already; it connects when it is first asked."""
        read = read_url(url)
        kind = Sqlite if read.get_backend_name() == "sqlite" else Postgres
        return cls(kind(read, keys, echo=echo), keys)

    async def write(self, operation: Operation[I, O], item: I, *, patient: bool = False) -> O:
        """The result of a writing operation, after COMMIT; a MemoryFault if nothing may be acknowledged.

        One that is `patient` waits a moment for others to share the commit with.
        """
        return await self._writing.ask(operation, item, patient=patient)

    async def look(self, operation: Operation[I, O], item: I) -> O:
        """The result of a reading operation, which shares its statements with all others that look now."""
        return await self._looking.ask(operation, item)

    async def read(self, function: Reading[P, O], *args: P.args, **kwargs: P.kwargs) -> O:
        """The result of a reading function, beside the writer and beside those who look; MemoryLost when closed."""
        if self._closed:
            raise MemoryLost("the memory is closed")
        reading = self._database.read(lambda connection: function(connection, self._keys, *args, **kwargs))
        task = asyncio.ensure_future(reading)
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        # Who stops waiting leaves the read to its end: its thread would come back to a loop that is gone.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Finish what waits and what is being read, then close every connection; what is asked later is refused."""
        self._closed = True
        await self._writing.close()
        await self._looking.close()
        if self._reads:
            await asyncio.wait(self._reads)
        await self._database.close()

    async def _carry(self, tickets: Sequence[Ticket]) -> list[Any]:
        if self.broken:
            raise MemoryBroken("the disk failed under an earlier commit")
        try:
            return await self._database.carry(tickets)
        except MemoryBroken:
            self.broken = True
            raise


class Sqlite:
    """SQLite: one thread writes, one looks for those who need a turn at once; pages are read through aiosqlite.

    The two threads speak to the driver themselves: aiosqlite hops between threads at every statement, which would
    cost a turn more than the statements do.
    """

    def __init__(self, url: URL, keys: Keyring, *, echo: bool) -> None:
        self._keys = keys
        self._writer = sqlite_engine(url, reading=False, echo=echo)
        self._looker = sqlite_engine(url, reading=True, echo=echo)
        self._reader = sqlite_pages_engine(url, echo=echo)
        self._write_thread = ThreadPoolExecutor(1, "memory-write")
        self._look_thread = ThreadPoolExecutor(1, "memory-look")

    async def carry(self, tickets: Sequence[Ticket]) -> list[Any]:
        """All results of the tickets, after COMMIT."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_thread, carry_in_thread, self._writer, self._keys, tickets)

    async def look(self, tickets: Sequence[Ticket]) -> list[Any]:
        """All results of the tickets, from one moment of the database."""

        def reading(connection: Connection) -> list[Any]:
            return perform(connection, self._keys, tickets)

        return await asyncio.get_running_loop().run_in_executor(
            self._look_thread, read_in_thread, self._looker, reading
        )

    async def read(self, reading: Callable[[Connection], O]) -> O:
        """What the function reads, from one moment of the database."""
        return await read_over(self._reader, reading)

    async def close(self) -> None:
        """Wait for the threads, then close the file."""
        for thread in (self._look_thread, self._write_thread):
            await asyncio.to_thread(thread.shutdown)
        # The writer closes last: it may write, so it folds the write-ahead log into the file.
        await self._reader.dispose()
        self._looker.dispose()
        self._writer.dispose()


def carry_in_thread(engine: Engine, keys: Keyring, tickets: Sequence[Ticket]) -> list[Any]:
    """All results of the tickets, after COMMIT."""
    reached_commit = False
    try:
        with engine.begin() as connection:
            results = perform(connection, keys, tickets)
            reached_commit = True
        return results
    except DBAPIError as error:
        raise_fault(error, at_commit=reached_commit)


def read_in_thread(engine: Engine, reading: Callable[[Connection], O]) -> O:
    """What the function reads, from one moment of the database."""
    try:
        with engine.connect() as connection:
            return reading(connection)
    except DBAPIError as error:
        raise_fault(error)


class Postgres:
    """PostgreSQL: the same functions over an asynchronous driver; several processes may share one database."""

    def __init__(self, url: URL, keys: Keyring, *, echo: bool) -> None:
        self._keys = keys
        self._writer = postgres_engine(url, reading=False, echo=echo)
        self._reader = postgres_engine(url, reading=True, echo=echo)

    async def carry(self, tickets: Sequence[Ticket]) -> list[Any]:
        """All results of the tickets, after COMMIT."""
        try:
            async with self._writer.begin() as connection:
                return await connection.run_sync(perform, self._keys, tickets)
        except DBAPIError as error:
            raise_fault(error)
        except OSError as error:
            raise MemoryLost("the database does not answer") from error

    async def look(self, tickets: Sequence[Ticket]) -> list[Any]:
        """All results of the tickets."""
        return await read_over(self._reader, lambda connection: perform(connection, self._keys, tickets))

    async def read(self, reading: Callable[[Connection], O]) -> O:
        """What the function reads."""
        return await read_over(self._reader, reading)

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()
        await self._writer.dispose()


async def read_over(engine: AsyncEngine, reading: Callable[[Connection], O]) -> O:
    """What the function reads, over an asynchronous engine."""
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(reading)
    except DBAPIError as error:
        raise_fault(error)
    except OSError as error:
        raise MemoryLost("the database does not answer") from error
