"""Notices: what one process tells the others over PostgreSQL, so that they need not wait for their next look.

A notice may be lost and may come twice: it only wakes, and whoever is woken looks into the tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engines import postgres_engine, read_url

CHANNEL = "khaibao"

# A connection that says nothing for so long is asked whether it is still there.
ASK_SECONDS = 10.0
# A connection that was lost is opened again after so many seconds.
REST_SECONDS = 1.0
# Notices that nobody could be told while the connection was lost; the tables tell the rest.
MOST_UNTOLD = 1_000

TELL = "SELECT pg_notify($1, told) FROM unnest($2::text[]) AS told"

TELL_ONE = text("SELECT pg_notify(:channel, :told)")

Hear = Callable[[str, str, str], None]

log = structlog.get_logger()


class Notices(Protocol):
    """Tells the others, and hears what they tell: a kind, and what else it takes to understand it."""

    def tell(self, kind: str, about: str, whom: str = "") -> None:
        """Tell the others soon; never waits and never fails."""

    async def run(self, hear: Hear) -> None:
        """Tell and hear until cancelled."""

    async def close(self) -> None:
        """Let go of the connection."""


class Silence:
    """Notices where nobody else is, or nothing can be told: everybody looks into the tables in time."""

    def tell(self, kind: str, about: str, whom: str = "") -> None:
        """Nobody hears it."""

    async def run(self, hear: Hear) -> None:
        """Hear nothing."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """There is nothing to let go of."""


class PostgresNotices:
    """Notices over a connection of their own, so that no turn's COMMIT ever waits for one."""

    def __init__(self, url: str) -> None:
        self._engine: AsyncEngine = postgres_engine(read_url(url), reading=True)
        self._untold: list[str] = []
        self._wake = asyncio.Event()
        self._hear: Hear = lambda _kind, _about, _whom: None

    def tell(self, kind: str, about: str, whom: str = "") -> None:
        """Tell the others soon; never waits and never fails."""
        if len(self._untold) < MOST_UNTOLD:
            self._untold.append(f"{kind} {about} {whom}".rstrip())
            self._wake.set()

    async def run(self, hear: Hear) -> None:
        """Tell and hear until cancelled; a lost connection is opened again."""
        # asyncpg says with its own errors, and with its driver's through SQLAlchemy, that a connection is no more.
        from asyncpg import InterfaceError, PostgresError

        self._hear = hear
        while True:
            try:
                await self._listen()
            except (DBAPIError, InterfaceError, PostgresError, OSError) as error:
                log.warning("notices_interrupted", error=type(error).__name__)
            await asyncio.sleep(REST_SECONDS)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._engine.dispose()

    async def _listen(self) -> None:
        async with self._engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            raw.add_termination_listener(self._interrupted)
            await raw.add_listener(CHANNEL, self._heard)
            try:
                while not raw.is_closed():
                    await self._tell_all(raw)
            finally:
                # It must not go back among the connections that are used again, for it goes on listening.
                await connection.invalidate()

    async def _tell_all(self, raw: Any) -> None:
        """Wait for something to tell, and tell it; with nothing to tell, ask whether anybody is there."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            await raw.execute("SELECT 1")
            return
        self._wake.clear()
        told, self._untold = list(dict.fromkeys(self._untold)), []
        if told:
            await raw.execute(TELL, CHANNEL, told)

    def _interrupted(self, _connection: Any) -> None:
        self._wake.set()

    def _heard(self, connection: Any, pid: int, _channel: str, payload: str) -> None:
        if pid == connection.get_server_pid():
            return
        kind, _, rest = payload.partition(" ")
        about, _, whom = rest.partition(" ")
        self._hear(kind, about, whom)


def open_notices(url: str) -> Notices:
    """The notices of the database at this URL; SQLite has one process, and nobody to tell."""
    return PostgresNotices(url) if read_url(url).get_backend_name() == "postgresql" else Silence()


async def tell_once(url: str, kind: str, about: str) -> None:
    """Tell everybody who serves from this database one thing, if it can be told at all."""
    if read_url(url).get_backend_name() != "postgresql":
        return
    engine = postgres_engine(read_url(url), reading=True)
    try:
        async with engine.connect() as connection:
            await connection.execute(TELL_ONE, {"channel": CHANNEL, "told": f"{kind} {about}"})
    except (DBAPIError, OSError) as error:
        log.warning("notice_not_told", error=type(error).__name__)
    finally:
        await engine.dispose()
