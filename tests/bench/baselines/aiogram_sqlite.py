"""The form with aiogram 3 and a store in SQLite that is durable at every change, answered with `send_message`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiosqlite
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from tests.bench.baselines.aiogram_form import serve
from tests.bench.baselines.door import place

TABLE = "CREATE TABLE IF NOT EXISTS states (chat INTEGER PRIMARY KEY, state TEXT, answers TEXT NOT NULL DEFAULT '{}')"
SET_STATE = "INSERT INTO states (chat, state) VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET state = excluded.state"
SET_DATA = (
    "INSERT INTO states (chat, answers) VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET answers = excluded.answers"
)


class SqliteStorage(BaseStorage):
    """States and answers in one table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None

    async def _open(self) -> aiosqlite.Connection:
        async with self._opening:
            if self._connection is None:
                self._connection = await aiosqlite.connect(self._path, isolation_level=None)
                for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE):
                    await self._connection.execute(statement)
        return self._connection

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Keep the state of a chat."""
        named = state.state if isinstance(state, State) else state
        await (await self._open()).execute(SET_STATE, (key.chat_id, named))

    async def get_state(self, key: StorageKey) -> str | None:
        """The state of a chat."""
        row = await self._one("SELECT state FROM states WHERE chat = ?", key)
        return row[0] if row else None

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Keep the answers of a chat."""
        await (await self._open()).execute(SET_DATA, (key.chat_id, json.dumps(data)))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """The answers of a chat."""
        row = await self._one("SELECT answers FROM states WHERE chat = ?", key)
        return json.loads(row[0]) if row else {}

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            await self._connection.close()

    async def _one(self, statement: str, key: StorageKey) -> Any:
        async with (await self._open()).execute(statement, (key.chat_id,)) as cursor:
            return await cursor.fetchone()


if __name__ == "__main__":
    where = place()
    serve(where, SqliteStorage(where.home / "states.db"))
