"""The limit: one thread that writes all that waits in one transaction, straight through sqlite3 at `synchronous=FULL`.

The reply rides back on the answer to the webhook.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.bench.baselines.door import Place, is_telegram, open_door, place, reply_in_body
from tests.bench.baselines.form import after

TABLES = """
CREATE TABLE IF NOT EXISTS seen (update_id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS conversations (chat INTEGER PRIMARY KEY, answers TEXT NOT NULL);
"""
TAKE = "INSERT INTO seen VALUES (?) ON CONFLICT DO NOTHING"
LOOK = "SELECT answers FROM conversations WHERE chat = ?"
KEEP = "INSERT INTO conversations VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET answers = excluded.answers"


@dataclass(frozen=True, slots=True)
class Ticket:
    """An update that waits, and whoever waits for the next question."""

    update: int
    chat: int
    text: str
    answer: asyncio.Future[str | None]


class Writer:
    """The one thread that writes."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(TABLES)
        self._waiting: deque[Ticket] = deque()
        self._runner: asyncio.Task[None] | None = None

    async def step(self, update: int, chat: int, text: str) -> str | None:
        """The next question, after COMMIT; None for an update that came before."""
        loop = asyncio.get_running_loop()
        ticket = Ticket(update, chat, text, loop.create_future())
        self._waiting.append(ticket)
        if self._runner is None:
            self._runner = loop.create_task(self._run())
        return await ticket.answer

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = list(self._waiting)
            self._waiting.clear()
            for ticket, said in zip(batch, await loop.run_in_executor(self._thread, self._write, batch), strict=True):
                ticket.answer.set_result(said)
        self._runner = None

    def _write(self, batch: list[Ticket]) -> list[str | None]:
        self._connection.execute("BEGIN IMMEDIATE")
        said = [self._take(ticket) for ticket in batch]
        self._connection.execute("COMMIT")
        return said

    def _take(self, ticket: Ticket) -> str | None:
        execute = self._connection.execute
        if not execute(TAKE, (ticket.update,)).rowcount:
            return None
        row = execute(LOOK, (ticket.chat,)).fetchone()
        answers = [] if row is None or ticket.text == "/start" else [*json.loads(row[0]), ticket.text]
        execute(KEEP, (ticket.chat, json.dumps(answers)))
        return after(len(answers))


def read(raw: bytes) -> tuple[int, int, str]:
    """Update, chat and text."""
    update = json.loads(raw)
    message = update["message"]
    return update["update_id"], message["chat"]["id"], message["text"]


def main(where: Place) -> None:
    """Serve the form."""
    writer = Writer(where.home / "grouped.db")

    async def receive(request: web.Request) -> web.Response:
        if not is_telegram(request):
            return web.Response(status=403)
        update, chat, text = read(await request.read())
        said = await writer.step(update, chat, text)
        return reply_in_body(chat, said) if said else web.Response()

    open_door(where, receive)


if __name__ == "__main__":
    main(place())
